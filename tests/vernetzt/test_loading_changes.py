"""A changed file changes what it names and nothing else; what people decided here stays."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import ProgrammeRole
from calls.models import Call, CallFact
from core.models import StatusChange
from editorial.models import ProgrammeEntry
from meetings.models import Meeting
from municipalities.models import Municipality, Strength
from tandems.models import ProfileEntry, ProfileVersion, TandemMember, TandemTopic

pytestmark = pytest.mark.usefixtures("loaded")

LATER = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)


def difference(before, after):
    """Return table → rows that are gone and rows that are new."""
    found = {}
    for table, rows in after.items():
        gone = [row for row in before[table] if row not in rows]
        new = [row for row in rows if row not in before[table]]
        if gone or new:
            found[table] = (gone, new)
    return found


def at(facts, *path):
    """Return what stands in the facts at a path."""
    for step in path:
        facts = facts[step]
    return facts


@pytest.mark.parametrize(
    ("path", "name", "table"),
    [
        (("municipalities", 0, "strengths", 1), "de", "municipalities_strength"),
        (("municipalities", 0), "description_en", "municipalities_municipality"),
        (("call", "benefits", 0), "en", "calls_callfact"),
        (("tandems", 1, "results", 2), "de", "tandems_profiletext"),
        (("meetings", 10, "agenda", 1), "de", "meetings_agendaitem"),
        (("programme", "methods", 3), "en", "editorial_programmeentry"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_text_that_changes_in_the_file_changes_one_row(stored, facts, load, path, name, table):
    before = stored()
    at(facts, *path)[name] = "Etwas anderes"

    report = load(facts)

    assert report == "facts.json: 0 created, 1 changed, 0 removed, 473 unchanged"
    changed = difference(before, stored())
    assert list(changed) == [table]
    (old,), (new,) = changed[table]
    assert old[0] == new[0]
    assert "Etwas anderes" in new


def test_german_text_that_changes_renews_base_column_and_search_text(db, facts, load):
    facts["municipalities"][0]["name_de"] = "Krefeld am Rhein"

    load(facts)

    row = Municipality.objects.filter(slug="krefeld").rewrite(False)
    assert row.values_list("name", "name_de", "name_en", "search_text").get() == (
        "Krefeld am Rhein",
        "Krefeld am Rhein",
        "Krefeld",
        "krefeld am rhein krefeld krefeld krefeld",
    )


def test_meeting_that_changes_is_marked_as_changed_and_no_other(stored, facts, load):
    facts["meetings"][0]["place"] = "Bonn"

    with time_machine.travel(LATER, tick=False):
        load(facts)

    changed = Meeting.objects.filter(changed_at__gte=LATER)
    assert list(changed.values_list("reference", "place")) == [("kick-off-2022", "Bonn")]


def test_fact_that_becomes_null_becomes_empty(db, facts, load):
    facts["meetings"][0]["participants"] = None
    facts["meetings"][3]["time"] = None

    load(facts)

    assert Meeting.objects.get(reference="kick-off-2022").participant_count is None
    fair = Meeting.objects.get(reference="krefeld-business-2022")
    assert (fair.starts_at, fair.ends_at, fair.time_zone) == (None, None, "")


@pytest.mark.parametrize(
    ("path", "table"),
    [
        (("municipalities", 0, "population_other"), "municipalities_populationfigure"),
        (("municipalities", 1, "area_other"), "municipalities_areafigure"),
        (("municipalities", 0, "strengths"), "municipalities_strength"),
        (("call", "timetable"), "calls_callmilestone"),
        (("tandems", 3, "guests"), "tandems_tandemmember"),
        (("tandems", 0, "themes"), "tandems_tandemtopic"),
        (("tandems", 0, "changes"), "tandems_tandemchange"),
        (("meetings", 10, "agenda"), "meetings_agendaitem"),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_last_of_a_list_that_disappears_removes_its_row(stored, facts, load, path, table):
    before = stored()
    at(facts, *path).pop()

    report = load(facts)

    assert report == "facts.json: 0 created, 0 changed, 1 removed, 473 unchanged"
    ((changed, (gone, new)),) = difference(before, stored()).items()
    assert (changed, len(gone), new) == (table, 1, [])


def test_result_that_disappears_goes_with_its_texts(stored, facts, load):
    before = stored()
    facts["tandems"][1]["results"].pop()

    report = load(facts)

    # The entry, and its texts in two languages.
    assert report == "facts.json: 0 created, 0 changed, 3 removed, 471 unchanged"
    assert set(difference(before, stored())) == {"tandems_profileentry", "tandems_profiletext"}


def test_first_of_a_list_that_disappears_leaves_the_others_in_order(db, facts, load):
    gone, *kept = facts["municipalities"][0]["strengths"]
    facts["municipalities"][0]["strengths"] = kept

    load(facts)

    left = Strength.objects.filter(municipality__slug="krefeld").order_by("position")
    assert list(left.values_list("text_de", "text_en", "sources")) == [
        (strength["de"], strength["en"], strength["sources"]) for strength in kept
    ]
    assert gone["de"] not in left.values_list("text_de", flat=True)


def test_fact_of_the_call_that_disappears_leaves_the_others_in_order(db, facts, load):
    before = list(CallFact.objects.order_by("position").values_list("text_de", flat=True))
    gone = facts["call"]["benefits"].pop(0)["de"]

    load(facts)

    left = CallFact.objects.order_by("position").values_list("text_de", flat=True)
    assert list(left) == [text for text in before if text != gone]


@pytest.mark.parametrize(
    ("path", "section"), [(("programme", "aims"), "aim"), (("disagreements",), "disagreement")]
)
def test_statement_that_disappears_leaves_none_twice(db, facts, load, path, section):
    statements = at(facts, *path)
    del statements[0]

    load(facts)

    left = ProgrammeEntry.objects.filter(section=section).order_by("position")
    assert list(left.values_list("text_de", flat=True)) == [text["de"] for text in statements]


def test_learning_flow_that_disappears_removes_topic_and_roles(stored, facts, load):
    before = stored()
    facts["tandems"][3]["learning_flows"].clear()
    facts["tandems"][3]["themes"].clear()
    facts["tandems"][7]["learning_flows"].clear()
    facts["tandems"][7]["themes"].clear()

    load(facts)

    after = stored()
    assert not TandemTopic.objects.filter(
        tandem__slug__in=["muenchen-utrecht", "krefeld-venlo"]
    ).exists()
    assert set(difference(before, after)) == {"tandems_tandemtopic", "municipalities_topicrole"}
    assert len(before["municipalities_topicrole"]) - len(after["municipalities_topicrole"]) == 3


def test_organisation_that_changes_its_part_loses_the_old_one(db, facts, load):
    facts["organisations"][3]["kind"] = "multiplier"

    load(facts)

    roles = ProgrammeRole.objects.filter(organisation__slug="difu")
    assert sorted(roles.values_list("kind", flat=True)) == ["accompanies", "multiplier"]


def test_record_that_is_new_in_the_file_gets_its_row(stored, facts, load):
    before = stored()
    facts["resources"].append({**facts["resources"][0], "id": "new-sheet"})

    report = load(facts)

    assert report == "facts.json: 1 created, 0 changed, 0 removed, 474 unchanged"
    ((gone, new),) = difference(before, stored()).values()
    assert (gone, len(new)) == ([], 1)
    assert "new-sheet" in new[0]


def test_city_that_no_longer_meets_is_no_participant(db, facts, load):
    facts["meetings"][0]["municipalities"].remove("sofia")

    load(facts)

    meeting = Meeting.objects.get(reference="kick-off-2022")
    assert sorted(meeting.participants.values_list("slug", flat=True)) == sorted(
        facts["meetings"][0]["municipalities"]
    )


def test_city_that_no_longer_meets_is_told_as_a_change(db, facts, load):
    facts["meetings"][0]["municipalities"].remove("sofia")

    with time_machine.travel(LATER, tick=False):
        report = load(facts)

    assert report == "facts.json: 0 created, 1 changed, 0 removed, 473 unchanged"
    assert Meeting.objects.get(changed_at__gte=LATER).reference == "kick-off-2022"


def test_what_people_decided_stays(db, facts, load):
    released = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    Call.objects.update(state="decided")
    ProfileVersion.objects.update(released_at=released)
    facts["call"]["title_de"] = "Ein anderer Aufruf"

    load(facts)

    assert list(Call.objects.values_list("state", "title_de")) == [
        ("decided", "Ein anderer Aufruf")
    ]
    assert set(ProfileVersion.objects.values_list("released_at", flat=True)) == {released}


def test_draft_of_a_profile_stays(db, facts, load):
    tandem = TandemMember.objects.filter(municipality__slug="sofia").get().tandem
    draft = ProfileVersion.objects.create(tandem=tandem, number=2, state="draft")
    entry = ProfileEntry.objects.create(profile=draft, section="goal")
    entry.texts.create(language="de", text="Ein neues Ziel")

    load(facts)

    assert [text.text for text in ProfileEntry.objects.get(pk=entry.pk).texts.all()] == [
        "Ein neues Ziel"
    ]


def test_profile_that_the_cities_released_later_stays_with_the_one_it_replaced(db, facts, load):
    tandem = TandemMember.objects.filter(municipality__slug="sofia").get().tandem
    first = tandem.profile_versions.get()
    ProfileVersion.objects.filter(pk=first.pk).update(state="superseded")
    later = ProfileVersion.objects.create(
        tandem=tandem, number=2, state="released", released_at=first.released_at
    )
    facts["tandems"][0]["description_de"] = "Eine neue Beschreibung"

    load(facts)

    assert not later.entries.exists()
    assert [row.state for row in tandem.profile_versions.order_by("number")] == [
        "superseded",
        "released",
    ]


def test_partnership_that_its_cities_keep_themselves_is_left_alone(stored, facts, load):
    tandem = TandemMember.objects.filter(municipality__slug="sofia").get().tandem
    tandem.maintained_since = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    tandem.save()
    TandemTopic.objects.create(tandem=tandem, position=90, focus="Neues Thema")
    before = stored()
    facts["tandems"][0]["description_de"] = "Eine andere Beschreibung"
    facts["tandems"][0]["name_de"] = "Ein anderer Name"
    facts["tandems"][0]["themes"].clear()

    load(facts)

    assert difference(before, stored()) == {}


def test_rows_of_a_city_that_the_file_does_not_name_stay(db, facts, load):
    city = Municipality.objects.create(
        slug="ghent",
        name_de="Gent",
        name_en="Ghent",
        local_name="Gent",
        country="BE",
        latitude=51.05,
        longitude=3.72,
        time_zone="Europe/Brussels",
        languages=["nl"],
    )
    strength = Strength.objects.create(municipality=city, text_de="Karten", text_en="Maps")

    load(facts)

    assert Strength.objects.filter(pk=strength.pk).exists()


def test_file_without_a_call_leaves_the_partnerships_without_one(db, facts, load):
    facts["call"] = None

    load(facts)

    assert Call.objects.count() == 1
    assert Call.objects.get().tandems.count() == 0


def test_state_that_the_file_moves_is_logged_and_reaches_calendars(db, facts, load):
    load(facts)
    record = next(entry for entry in facts["meetings"] if entry["status"] == "announced")
    before = Meeting.objects.get(reference=record["id"])
    record["status"] = "held"

    load(facts)

    after = Meeting.objects.get(reference=record["id"])
    assert (after.status, after.sequence) == ("held", before.sequence + 1)
    (step,) = StatusChange.objects.all()
    assert (step.subject, step.old, step.new, step.changed_by) == (after, "announced", "held", None)
    assert step.note == "Loaded from the facts of the programme."


def test_state_that_may_not_follow_is_refused_and_changes_nothing(db, facts, load, refusal):
    load(facts)
    record = next(entry for entry in facts["meetings"] if entry["status"] == "held")
    record["status"] = "announced"
    record["title_en"] = "Another title"

    (fault,) = refusal(facts)

    assert fault == (
        f"meetings “{record['id']}”, status: "
        "This step is not possible: the current state is “held”."
    )
    stored = Meeting.objects.get(reference=record["id"])
    assert (stored.status, stored.title_en == "Another title") == ("held", False)


def test_changed_meeting_gets_a_new_calendar_revision(db, facts, load):
    load(facts)
    record = facts["meetings"][0]
    before = Meeting.objects.get(reference=record["id"]).sequence
    record["place"] = "Somewhere else"

    load(facts)

    assert Meeting.objects.get(reference=record["id"]).sequence == before + 1
