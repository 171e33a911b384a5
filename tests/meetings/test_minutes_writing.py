"""Minutes are written together: what they begin with, and that nobody's words get lost."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from calls.content import marks_of
from meetings.actions.minutes import (
    add_entry,
    begin_minutes,
    remove_entry,
    save_entry,
    save_public_part,
)
from meetings.models import AgendaItem, Minutes, MinutesEntry
from tests.cycle import GuidingQuestionFactory
from tests.factories import CommitmentFactory, MeetingFactory
from tests.meetings.minutes_cases import (
    DAY,
    agreed,
    begun,
    entered,
    held,
    history,
    marks_in,
    page,
    sent,
    write,
)
from tests.reading import read

pytestmark = pytest.mark.django_db
NO_PUBLIC = marks_of({"public_text_de": "", "public_text_en": ""})


def headings(minutes):
    return list(minutes.entries.values_list("heading", flat=True))


def typed(entry, **fields):
    """Return what a browser sends that has just opened an entry."""
    stored = {"heading": entry.heading, "text": entry.text}
    return {**stored, "marks": json.dumps(marks_in(entry)), "go": "all", **fields}


def test_minutes_begin_with_items_questions_and_commitments():
    cycle = held()
    first, second = AgendaItem.objects.order_by("position")
    placed = GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.hamm)
    loose = GuidingQuestionFactory(
        meeting=cycle.meeting, municipality=cycle.arezzo, text_en="Who pays?", text_de="Wer zahlt?"
    )
    AgendaItem.objects.filter(pk=first.pk).update(question=placed)
    CommitmentFactory(
        tandem=cycle.tandem,
        municipality=cycle.arezzo,
        text="We send the guide",
        due_on=dt.date(2098, 5, 3),
        made_at=timezone.now() - 9 * DAY,
    )

    minutes = begun(cycle, text="")

    assert headings(minutes) == [
        "Welcome",
        "Who looks after the sensors?",
        "Sensors",
        "Who pays?",
        "What became of our commitments",
    ]
    entries = list(minutes.entries.all())
    assert [row.agenda_item for row in entries] == [first, first, second, None, None]
    assert [row.question for row in entries] == [None, placed, None, loose, None]
    assert entries[-1].text == "- Arezzo: We send the guide (by 3 May 2098)"
    assert history(minutes) == [("state", "", "draft")]


def test_headings_are_in_the_language_of_who_begins_and_stay_copies():
    cycle = held()

    with translation.override("de"):
        minutes = begin_minutes(meeting=cycle.meeting, by=cycle.person("partner"))
    AgendaItem.objects.all().delete()

    assert headings(minutes) == ["Welcome (de)", "Sensors (de)"]


def test_without_open_commitments_there_is_no_entry_about_them():
    cycle = held()
    now = timezone.now()
    CommitmentFactory(tandem=cycle.tandem, state="kept", settled_at=now, made_at=now - 9 * DAY)
    CommitmentFactory(tandem=cycle.tandem, meeting=cycle.meeting)

    assert headings(begun(cycle, text="")) == ["Welcome", "Sensors"]


def test_undated_meeting_has_minutes_once_it_is_held():
    cycle = held(
        earliest=None, latest=None, precision="unknown", starts_at=None, ends_at=None, status="held"
    )

    assert begun(cycle).is_open
    for status, code in (("planned", "early"), ("cancelled", "cancelled")):
        other = MeetingFactory(
            tandem=cycle.tandem,
            scope="tandem",
            status=status,
            earliest=None,
            latest=None,
            precision="unknown",
        )
        with pytest.raises(ValidationError) as refusal:
            begin_minutes(meeting=other, by=cycle.person("contact"))
        assert refusal.value.code == code


@pytest.mark.parametrize("who", ["neighbour", "reviewer", "observer", "nobody"])
def test_who_does_not_take_part_writes_nothing(who):
    cycle = held()
    minutes = begun(cycle)
    by, entry = cycle.person(who), minutes.entries.first()

    for act in (
        lambda: begin_minutes(meeting=cycle.meeting, by=by),
        lambda: add_entry(minutes=minutes, heading="x", text="", by=by),
        lambda: save_entry(entry=entry, values={"text": "x"}, opened_with={}, by=by),
        lambda: remove_entry(entry=entry, by=by),
        lambda: save_public_part(minutes=minutes, values={}, opened_with={}, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.parametrize("who", ["colleague", "partner colleague", "coordinator"])
def test_everybody_who_takes_part_writes(who):
    cycle = held()
    entry = begun(cycle, text="").entries.first()
    client = entered(cycle, who)

    answer = client.post(page(cycle, "minutes-entry", entry.pk), typed(entry, text="- **Bold**"))

    assert (answer.status_code, answer.url) == (302, page(cycle))
    entry.refresh_from_db()
    assert (entry.text, entry.changed_by) == ("- **Bold**", cycle.people[who])
    assert read(client.get(page(cycle))).main.texts("strong") == ["Bold"]


def test_two_people_in_one_entry_lose_nothing():
    cycle = held()
    entry = begun(cycle, text="").entries.first()
    url = page(cycle, "minutes-entry", entry.pk)
    mine, theirs = entered(cycle, "contact"), entered(cycle, "partner")
    opened = typed(entry)

    theirs.post(url, {**opened, "text": "Theirs"})
    answer = mine.post(url, {**opened, "text": "Mine"})

    shown = read(answer).main
    assert answer.status_code == 409
    assert shown.texts("div", class_="conflict__text") == ["Mine", "Theirs"]
    assert MinutesEntry.objects.get(pk=entry.pk).text == "Theirs"
    form = next(one for one in shown.all("form") if one.values().get("marks"))
    again = {name: values[0] for name, values in form.values().items()}
    assert again["text"] == "Mine"
    other = read(mine.post(url, {**again, "use": "text"})).main
    assert other.one("textarea", name="text").text == "Theirs"
    assert MinutesEntry.objects.get(pk=entry.pk).text == "Theirs"
    assert mine.post(url, {**again, "text": "Mine and theirs"}).status_code == 302
    assert MinutesEntry.objects.get(pk=entry.pk).text == "Mine and theirs"


def test_people_in_different_entries_and_fields_never_stand_against_each_other():
    cycle = held()
    first, second = begun(cycle, text="").entries.all()
    opened = marks_in(first)
    contact, partner = cycle.person("contact"), cycle.person("partner")

    results = [
        save_entry(entry=first, values={"text": "One"}, opened_with=opened, by=contact),
        save_entry(entry=second, values={"text": "Two"}, opened_with=marks_in(second), by=partner),
        save_entry(entry=first, values={"heading": "New"}, opened_with=opened, by=partner),
    ]

    assert [(saved.changed, dict(saved.conflicts)) for saved in results] == [(True, {})] * 3
    first.refresh_from_db()
    assert (first.heading, first.text) == ("New", "One")


def test_text_is_saved_in_the_background():
    cycle = held()
    entry = begun(cycle, text="").entries.first()
    client, url = entered(cycle, "contact"), page(cycle, "minutes-entry", entry.pk)
    opened = typed(entry)

    answer = client.post(url, {**opened, "text": "One"}, headers={"accept": "application/json"})
    data = answer.json()
    late = client.post(url, {**opened, "text": "Two"}, headers={"accept": "application/json"})

    assert (data["saved"], late.status_code, late.json()["saved"]) == (True, 409, False)
    fresh = {**opened, "marks": data["marks"], "text": "Two"}
    assert client.post(url, fresh, headers={"accept": "application/json"}).json()["saved"]
    assert MinutesEntry.objects.get(pk=entry.pk).text == "Two"
    sent(cycle, Minutes.objects.get())
    closed = client.post(url, fresh, headers={"accept": "application/json"})
    assert "no longer a draft" in closed.json()["message"]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"heading": ""}, "heading"),
        ({"heading": "x" * 301}, "heading"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "![](https://example.org/a.png)"}, "text"),
    ],
)
def test_wrong_entry_is_told_at_the_field_and_kept(fields, name):
    cycle = held()
    entry = begun(cycle, text="").entries.first()

    answer = entered(cycle, "contact").post(
        page(cycle, "minutes-entry", entry.pk), typed(entry, **fields)
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, [name])
    assert answer.context["form"][name].value() == fields[name]
    assert MinutesEntry.objects.get(pk=entry.pk).text == ""


def test_preview_saves_nothing():
    cycle = held()
    entry = begun(cycle, text="").entries.first()
    client = entered(cycle, "contact")

    one = client.post(
        page(cycle, "minutes-entry", entry.pk), typed(entry, text="**Bold**", go="preview")
    )
    public = {"public_text_en": "**Free**", "marks": json.dumps(NO_PUBLIC), "go": "preview"}
    other = client.post(page(cycle, "minutes-public"), public)

    assert read(one).main.section("Preview (not saved)").texts("strong") == ["Bold"]
    assert read(other).main.section("Preview (not saved)").texts("strong") == ["Free"]
    assert MinutesEntry.objects.get(pk=entry.pk).text == ""
    assert Minutes.objects.get().public_text_en in {"", None}


def test_save_leads_on_to_the_next_entry():
    cycle = held()
    first, second = begun(cycle, text="").entries.all()
    client = entered(cycle, "contact")

    for entry, after in (
        (first, page(cycle, "minutes-entry", second.pk)),
        (second, page(cycle)),
    ):
        url = page(cycle, "minutes-entry", entry.pk)
        assert client.post(url, typed(entry, text="x", go="next")).url == after


def test_entry_is_added_once_and_removed_while_it_is_empty():
    cycle = held()
    minutes = begun(cycle)
    client = entered(cycle, "partner colleague")
    data = {"heading": "Other business", "text": ""}

    answers = [client.post(page(cycle, "minutes-entry-add"), data) for _ in range(2)]

    assert [answer.url for answer in answers] == [page(cycle)] * 2
    assert headings(minutes) == ["Welcome", "Sensors", "Other business"]
    added, written = minutes.entries.last(), minutes.entries.first()
    for entry in (written, added, added):
        client.post(page(cycle, "minutes-entry-remove", entry.pk))
    assert headings(minutes) == ["Welcome", "Sensors"]
    shown = read(client.get(page(cycle))).main.text
    assert "Only an entry without a text can be removed" in shown


def test_text_of_an_entry_that_somebody_removed_can_be_added_anew():
    cycle = held()
    minutes = begun(cycle)
    entry = minutes.entries.last()
    client, url = entered(cycle, "contact"), page(cycle, "minutes-entry", entry.pk)
    data = typed(entry, text="Written for an hour")
    remove_entry(entry=entry, by=cycle.person("partner"))

    shown = read(client.post(url, data)).main

    assert shown.one("textarea", name="text").text == "Written for an hour"
    form = next(one for one in shown.all("form") if "text" in one.values())
    assert form["action"] == page(cycle, "minutes-entry-add")
    assert client.get(url).status_code == 404


def test_public_part_is_written_in_both_languages():
    cycle = held()
    begun(cycle)
    client, url = entered(cycle, "colleague"), page(cycle, "minutes-public")
    data = {"public_text_de": "Auf Deutsch", "public_text_en": "In English"}

    answer = client.post(url, {**data, "marks": json.dumps(NO_PUBLIC)})
    other = client.post(url, {**data, "public_text_de": "Anders", "marks": json.dumps(NO_PUBLIC)})
    long = client.post(url, {"public_text_de": "x" * 4_001, "marks": json.dumps(NO_PUBLIC)})

    assert (answer.status_code, other.status_code) == (302, 409)
    assert list(long.context["form"].errors) == ["public_text_de"]
    minutes = Minutes.objects.get()
    assert (minutes.public_text_de, minutes.public_text_en) == ("Auf Deutsch", "In English")
    shown = read(client.get(url)).main
    assert shown.languages_of("Auf Deutsch") >= {"de"}
    assert "Please name no people" in shown.text


def test_minutes_hold_a_hundred_entries_and_say_so():
    cycle = held()
    minutes = begun(cycle)
    rows = [MinutesEntry(minutes=minutes, heading="More", position=9) for _ in range(98)]
    MinutesEntry.objects.bulk_create(rows)
    client, url = entered(cycle, "colleague"), page(cycle, "minutes-entry-add")
    data = {"heading": "One more", "text": "Read on", "marks": "{}", "go": "all"}

    answer = client.post(url, data)

    assert minutes.entries.count() == 100
    assert "Minutes hold up to 100 entries." in read(answer).main.text
    assert "Read on" in read(answer).main.one("textarea", name="text").text


@pytest.mark.parametrize("stands", [sent, agreed])
def test_no_way_of_writing_changes_what_is_sent_out_or_agreed(stands):
    cycle = held()
    draft = begun(cycle)
    save_public_part(
        minutes=draft,
        values={"public_text_de": "Auf Deutsch", "public_text_en": ""},
        opened_with=NO_PUBLIC,
        by=cycle.person("contact"),
    )
    minutes = stands(cycle, draft)
    before = frozen(minutes)
    entry = minutes.entries.last()
    client = entered(cycle, "coordinator")

    for name, args, data in (
        ("minutes-begin", [], {}),
        ("minutes-entry", [entry.pk], typed(entry, text="Changed")),
        ("minutes-entry-add", [], {"heading": "New", "text": "New"}),
        ("minutes-entry-remove", [entry.pk], {}),
        ("minutes-public", [], {"public_text_de": "x", "marks": json.dumps(NO_PUBLIC)}),
        ("minutes-send", [], {"agree_by": "2098-01-01"}),
    ):
        client.post(page(cycle, name, *args), data)
        assert frozen(minutes) == before, name

    refused = client.post(page(cycle, "minutes-entry", entry.pk), typed(entry, text="Changed"))
    assert "no longer a draft" in read(refused).main.text
    assert refused.context["form"]["text"].value() == "Changed"


def frozen(minutes):
    """Return everything that must stay as it is."""
    row = Minutes.objects.get(pk=minutes.pk)
    entries = row.entries.values_list("pk", "heading", "text", "position", "changed_at")
    texts = (row.public_text_de, row.public_text_en)
    return (Minutes.objects.count(), texts, row.state, row.agree_by, list(entries))


def test_unwritten_entry_is_read_by_nobody_as_a_text():
    cycle = held()
    minutes = begun(cycle, text="")

    write(cycle, minutes, place=1, who="partner", text="Written")

    shown = read(entered(cycle, "contact").get(page(cycle))).main
    assert shown.text.count("Nothing is written here yet.") == 1
    assert str(cycle.people["partner"]) in shown.text
