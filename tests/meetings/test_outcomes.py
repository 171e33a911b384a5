"""What visitors read of what came of a meeting, and of a partnership's exchange."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.enums import (
    CommitmentState,
    ConsultationState,
    LogVisibility,
    MeetingKind,
    MeetingScope,
    MinutesState,
)
from tandems.models import Tandem
from tests.cycle import (
    CheckInFactory,
    CityAttendanceFactory,
    ConsultationFactory,
    LearningEntryFactory,
    MinutesFactory,
    make_cycle,
)
from tests.factories import CommitmentFactory, MeetingFactory, TandemFactory, make_pair
from tests.reading import read

pytestmark = pytest.mark.django_db
INDEX = "/de/meetings/"
NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)


def make_held(**values):
    tandem = make_pair()
    return MeetingFactory(tandem=tandem, scope=MeetingScope.TANDEM, **values)


def ended(cycle, on):
    Tandem.objects.filter(pk=cycle.tandem.pk).update(ended_on=on)
    cycle.tandem.refresh_from_db()


def promise(meeting, state=CommitmentState.OPEN, **values):
    settled = None if state == CommitmentState.OPEN else timezone.now()
    return CommitmentFactory(
        meeting=meeting,
        tandem=meeting.tandem,
        state=state,
        settled_at=settled,
        reason="Kein Geld" if state == CommitmentState.DROPPED else "",
        **values,
    )


def release(meeting, **values):
    return MinutesFactory(
        meeting=meeting,
        **{
            "state": MinutesState.AGREED,
            "agreed_at": NOW,
            "released_at": NOW,
            "public_text_de": "Wir **vereinbaren** eine Karte.",
            "public_text_en": "We agree on a map.",
            **values,
        },
    )


@pytest.mark.parametrize(
    ("language", "heading", "text"),
    [
        ("de", "Was daraus geworden ist", "Wir vereinbaren eine Karte."),
        ("en", "What came of it", "We agree on a map."),
    ],
)
def test_page_of_a_meeting_shows_its_public_minutes(client, language, heading, text):
    meeting = make_held()
    release(meeting)

    page = client.get(f"/{language}/meetings/{meeting.pk}/{meeting.slug}/")

    assert text in read(page).main.section(heading).text


@pytest.mark.parametrize(
    "values",
    [
        {"released_at": None},
        {"state": MinutesState.DRAFT, "agreed_at": None, "released_at": None},
        {"state": MinutesState.REPLACED},
    ],
    ids=["not released", "draft", "replaced"],
)
def test_page_of_a_meeting_hides_minutes_that_are_not_released(client, values):
    meeting = make_held()
    release(meeting, **values)

    main = read(client.get(meeting.get_absolute_url())).main

    assert "Karte" not in main.text
    assert "Was daraus geworden ist" not in main.texts("h2")


def test_page_of_a_meeting_tells_what_became_of_its_commitments_but_not_their_texts(client):
    meeting = make_held()
    promise(meeting, CommitmentState.KEPT, text="Geheim eins")
    promise(meeting, CommitmentState.DROPPED, text="Geheim zwei")
    promise(meeting, text="Geheim drei")

    section = read(client.get(meeting.get_absolute_url())).main.section("Was daraus geworden ist")

    assert "3 Zusagen: 1 eingehalten, 1 fallen gelassen, 1 offen." in section.text
    assert "Geheim" not in section.text
    assert "Kein Geld" not in section.text


def test_page_of_a_meeting_counts_the_people_of_each_city(client):
    meeting = make_held()
    city = meeting.tandem.members.first().municipality
    meeting.participants.add(city)
    CityAttendanceFactory(meeting=meeting, municipality=city, people=3)

    main = read(client.get(meeting.get_absolute_url())).main

    assert main.section("Teilnehmende Kommunen").texts("li") == [f"{city.name_de} DE 3 Personen"]


def test_page_of_a_meeting_calls_no_part_of_the_people_a_total(client):
    meeting = make_held(participant_count=3)
    told, silent = (member.municipality for member in meeting.tandem.members.all())
    meeting.participants.add(told, silent)
    CityAttendanceFactory(meeting=meeting, municipality=told, people=3)

    main = read(client.get(meeting.get_absolute_url())).main

    assert sorted(main.section("Teilnehmende Kommunen").texts("li")) == sorted(
        [
            f"{told.name_de} DE 3 Personen",
            f"{silent.name_de} {silent.country} Zahl noch nicht erfasst",
        ]
    )
    assert "3 (noch nicht von allen Kommunen erfasst)" in main.text


def test_page_of_a_consultation_shows_the_released_sentence_alone(client):
    meeting = make_held(kind=MeetingKind.CONSULTATION)
    ConsultationFactory(
        meeting=meeting,
        title="Geheim",
        state=ConsultationState.CLOSED,
        closed_at=NOW,
        released_at=NOW,
        key_question="Geheim",
        released_sentence_de="Ein Betreiber gehört von Anfang an dazu.",
    )

    main = read(client.get(meeting.get_absolute_url())).main

    assert "Ein Betreiber gehört von Anfang an dazu." in main.text
    assert "Geheim" not in main.text


def test_page_of_a_meeting_of_several_names_its_partnerships(client):
    meeting = MeetingFactory(scope=MeetingScope.SEVERAL)
    meeting.partnerships.add(TandemFactory(name_de="Hamm und Arezzo"))

    fact = read(client.get(meeting.get_absolute_url())).main.fact("Partnerschaften")

    assert fact == "Hamm und Arezzo"


def test_page_of_a_meeting_tells_two_clocks_where_they_differ(client):
    meeting = make_held(
        starts_at=dt.datetime(2022, 5, 17, 22, 30, tzinfo=dt.UTC),
        ends_at=dt.datetime(2022, 5, 17, 23, 30, tzinfo=dt.UTC),
        time_zone="Europe/Lisbon",
    )
    sofia = meeting.tandem.members.first().municipality
    sofia.time_zone = "Europe/Sofia"
    sofia.save()
    meeting.participants.add(sofia)

    main = read(client.get(meeting.get_absolute_url())).main

    (row,) = [row for row in main.all("dt") if row.text == "Uhrzeit"]
    assert [entry.text for entry in row.parent.all("dd")] == [
        "17. Mai 2022, 23:30 Uhr bis 18. Mai 2022, 00:30 Uhr (Lissabon)",
        "01:30–02:30 Uhr (Sofia)",
    ]


def test_list_says_what_came_of_each_meeting(client):
    meeting = make_held(title_de="Besuch")
    release(meeting)
    promise(meeting, CommitmentState.KEPT)
    make_held(title_de="Ohne")

    main = read(client.get(INDEX)).main

    entries = {row.texts("h3")[0]: row.text for row in main.all("li", class_="entry")}
    assert "Öffentliches Protokoll" in entries["Besuch"]
    assert "1 Zusage" in entries["Besuch"]
    assert "Protokoll" not in entries["Ohne"]


def test_page_of_a_partnership_tells_the_fate_of_its_commitments_and_what_was_learned(client):
    cycle = make_cycle()
    CommitmentFactory(tandem=cycle.tandem, municipality=cycle.hamm, text="Geheim")
    entry = {"tandem": cycle.tandem, "municipality": cycle.hamm}
    LearningEntryFactory(
        visibility=LogVisibility.PUBLIC,
        learned="Ein Betreiber fehlt.",
        written_by=cycle.people["contact"],
        **entry,
    )
    LearningEntryFactory(visibility=LogVisibility.NETWORK, learned="Geheim", **entry)

    main = read(client.get(reverse("tandems:detail", args=["hamm-arezzo"]))).main

    section = main.section("Was aus dem Austausch geworden ist")
    assert "1 Zusage" in section.text
    assert "Ein Betreiber fehlt." in section.text
    assert "Geheim" not in main.text
    assert str(cycle.people["contact"]) not in main.text


def test_page_of_a_partnership_tells_what_cities_allowed_and_who_did_not_answer(client):
    cycle = make_cycle()
    ended(cycle, NOW.date())
    answered = {"answered_at": NOW, "cooperation": "on", "tandem": cycle.tandem}
    CheckInFactory(municipality=cycle.hamm, may_publish=True, note="Wir bleiben dran.", **answered)
    CheckInFactory(municipality=cycle.hamm, months=12, note="Geheim", **answered)
    CheckInFactory(tandem=cycle.tandem, municipality=cycle.arezzo, silent_at=NOW, note="Geheim")

    main = read(client.get(reverse("tandems:detail", args=["hamm-arezzo"]))).main

    section = main.section("Was aus dem Austausch geworden ist")
    assert [row.text for row in section.all("li")] == [
        "nach 6 Monaten Hamm: Wir arbeiten weiter zusammen. Wir bleiben dran.",
        "nach 6 Monaten Arezzo: keine Rückmeldung",
    ]
    assert "Geheim" not in main.text


@pytest.mark.parametrize("since", ["goes on", "ended again"])
def test_page_of_a_partnership_tells_nothing_of_an_earlier_end(client, since):
    cycle = make_cycle()
    ended(cycle, NOW.date())
    CheckInFactory(tandem=cycle.tandem, municipality=cycle.arezzo, silent_at=NOW)
    ended(cycle, None if since == "goes on" else NOW.date() + dt.timedelta(days=30))

    main = read(client.get(reverse("tandems:detail", args=["hamm-arezzo"]))).main

    assert "keine Rückmeldung" not in main.text


@pytest.mark.parametrize(
    ("status", "is_told"), [("held", True), ("announced", False), ("cancelled", False)]
)
def test_page_of_a_meeting_tells_what_became_of_commitments_once_it_has_taken_place(
    client, status, is_told
):
    meeting = make_held(status=status)
    promise(meeting)

    main = read(client.get(meeting.get_absolute_url())).main

    assert ("1 Zusage" in main.text) is is_told
    assert ("Was daraus geworden ist" in main.texts("h2")) is is_told
