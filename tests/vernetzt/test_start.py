"""The start page."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from calls.enums import CallState
from core.dates import DatePrecision
from editorial.enums import ProgrammeSection
from meetings.enums import MeetingStatus
from municipalities.enums import Country
from tandems.enums import MemberRole, ProfileSection, ProfileState, TandemKind, TandemStatus
from tests.factories import (
    ArticleFactory,
    CallFactory,
    MeetingFactory,
    MunicipalityFactory,
    ProfileEntryFactory,
    ProfileVersionFactory,
    ProgrammeEntryFactory,
    TandemMemberFactory,
    make_pair,
)
from tests.reading import read

pytestmark = pytest.mark.django_db

TODAY = dt.datetime(2024, 3, 15, 12, tzinfo=dt.UTC)


def on(year, month, day):
    return {"earliest": dt.date(year, month, day), "latest": dt.date(year, month, day)}


def start(client, language="de"):
    response = client.get(f"/{language}/")
    assert response.status_code == 200
    return read(response)


@pytest.mark.parametrize(
    ("language", "network", "heading"),
    [
        ("de", "#vernetztinEuropa", "Kommunen lernen voneinander, über Grenzen hinweg"),
        ("en", "#connectedinEurope", "Municipalities learn from each other, across borders"),
    ],
)
def test_start_says_in_both_languages_what_the_network_is(client, language, network, heading):
    page = start(client, language)

    assert page.language == language
    assert page.title == network
    assert page.heading == heading


def test_start_shows_the_partnerships_as_pairs_in_their_order(client):
    second, first = make_pair(number=2), make_pair(number=1)

    pairs = start(client).main.one("ul", class_="pairs")

    assert pairs.hrefs() == [first.get_absolute_url(), second.get_absolute_url()]
    names = [m.municipality.name for m in first.members.order_by("position")]
    assert pairs.all("li")[0].texts(class_="pair__name") == names
    assert pairs.all("li")[0].texts("abbr") == ["DE", "IT"]


@pytest.mark.parametrize(
    ("change", "style"),
    [
        ({}, "map__arc"),
        (
            {"left_on": dt.date(2023, 12, 31), "left_precision": DatePrecision.YEAR_END},
            "map__arc map__arc--ended",
        ),
        ({"left_on": dt.date(2024, 12, 31), "left_precision": DatePrecision.DAY}, "map__arc"),
        ({"role": MemberRole.GUEST}, "map__arc map__arc--guest"),
    ],
    ids=["member", "has left", "will leave", "guest"],
)
@time_machine.travel(TODAY, tick=False)
def test_start_joins_the_cities_of_a_partnership_on_the_map(client, change, style):
    pair = make_pair()
    pair.members.filter(position=1).update(**change)

    drawing = start(client).main.one("svg", class_="map")

    assert [arc["class"] for arc in drawing.all("path")] == ["map__hit", style]
    links = [link["href"] for link in drawing.all("a")]
    assert links == [
        pair.get_absolute_url(),
        *(member.municipality.get_absolute_url() for member in pair.members.order_by("position")),
    ]
    cities = {member.municipality.name for member in pair.members.all()}
    assert set(drawing.texts("text")) == cities
    assert len(drawing.all("circle")) + len(drawing.all("rect")) == 2


def test_start_joins_three_cities_by_three_arcs(client):
    tridem = make_pair(kind=TandemKind.TRIDEM)
    TandemMemberFactory(
        tandem=tridem,
        municipality=MunicipalityFactory(country=Country.FR, latitude=47.7, longitude=7.3),
    )

    assert len(start(client).main.one("svg", class_="map").all("path", class_="map__arc")) == 3


@time_machine.travel(TODAY, tick=False)
def test_start_counts_what_came_of_it(client):
    pair = make_pair(status=TandemStatus.COMPLETED)
    profile = ProfileVersionFactory(tandem=pair)
    ProfileEntryFactory(profile=profile)
    ProfileEntryFactory(profile=profile)
    ProfileEntryFactory(profile=profile, section=ProfileSection.GOAL, result_kind="")
    draft = ProfileVersionFactory(tandem=pair, state=ProfileState.DRAFT)
    ProfileEntryFactory(profile=draft)
    MeetingFactory()
    MeetingFactory(status=MeetingStatus.ANNOUNCED)
    MeetingFactory(status=MeetingStatus.PLANNED)
    planned = make_pair(status=TandemStatus.PLANNED)
    ProfileEntryFactory(profile=ProfileVersionFactory(tandem=planned))

    figures = start(client).main.one("dl", class_="figures")

    assert dict(zip(figures.texts("dt"), figures.texts("dd"), strict=True)) == {
        "Lernpartnerschaft: 1 Tandem": "1",
        "Kommunen in 2 Ländern": "2",
        "Treffen, das nachweislich stattgefunden hat": "1",
        "von den Partnerschaften genannte Ergebnisse": "2",
    }


def test_start_shows_the_course_of_the_held_meetings_over_the_years(client):
    for year, number in ((2021, 1), (2023, 3)):
        for day in range(1, number + 1):
            MeetingFactory(**on(year, 5, day))
    MeetingFactory(**on(2022, 5, 1), status=MeetingStatus.ANNOUNCED)
    MeetingFactory(earliest=None, latest=None, precision=DatePrecision.UNKNOWN)
    MeetingFactory(
        earliest=dt.date(2022, 12, 1), latest=dt.date(2023, 1, 31), precision=DatePrecision.RANGE
    )

    trend = start(client).main.one("section", class_="trend")

    assert trend.texts("span", class_="trend__year") == ["2021", "2022", "2023"]
    assert trend.texts("span", class_="trend__number") == ["1", "0", "3"]
    assert [bar["width"] for bar in trend.all("rect")] == ["33", "0", "100"]


@time_machine.travel(TODAY, tick=False)
def test_start_shows_three_coming_and_the_three_latest_held_meetings(client):
    for number in range(1, 5):
        MeetingFactory(
            title_de=f"Kommt {number}", status=MeetingStatus.ANNOUNCED, **on(2024, 4, number)
        )
        MeetingFactory(title_de=f"War {number}", **on(2024, 1, number))
    MeetingFactory(title_de="Nur angekündigt", status=MeetingStatus.ANNOUNCED, **on(2024, 2, 1))
    MeetingFactory(title_de="GEHEIM", status=MeetingStatus.PLANNED, **on(2024, 3, 20))

    section = start(client).main.section("Treffen")

    coming, past = ["Kommt 1", "Kommt 2", "Kommt 3"], ["War 4", "War 3", "War 2"]
    assert section.texts("h3") == [*coming, "Zuletzt stattgefunden", *past]


@time_machine.travel(TODAY, tick=False)
def test_start_shows_the_newest_stories_and_the_latest_call(client):
    for day in (1, 2, 3, 4, 20):
        ArticleFactory(title_de=f"Nachricht {day}", published_on=dt.date(2024, 3, day))
    CallFactory(title_de="Alter Aufruf")
    CallFactory(
        title_de="Neuer Aufruf",
        closes_on=dt.date(2025, 1, 31),
        state=CallState.CLOSED,
        summary_de="Worum es geht",
    )
    CallFactory(title_de="GEHEIM", state=CallState.DRAFT, closes_on=dt.date(2026, 1, 1))

    main = start(client).main

    assert main.section("Aktuelles").texts("h3") == ["Nachricht 4", "Nachricht 3", "Nachricht 2"]
    call = main.section("Teilnahmeaufruf").one("div", class_="card")
    assert call.text == "Neuer Aufruf Geschlossen Worum es geht Frist: 31. Januar 2025"


def test_start_names_the_programme_with_its_term_and_source(client):
    ProgrammeEntryFactory(
        section=ProgrammeSection.SUMMARY,
        title_de="Smart Cities befähigen",
        earliest=dt.date(2021, 11, 1),
        latest=dt.date(2025, 3, 31),
        precision=DatePrecision.PERIOD,
        sources=["https://a.example/"],
    )

    note = start(client).main.one("div", class_="aside-note")

    assert note.text.startswith("Smart Cities befähigen, November 2021 – März 2025.")
    assert "https://a.example/" in note.hrefs()


def test_start_of_an_empty_portal_says_what_will_be_here(client):
    main = start(client).main

    assert main.all("svg", class_="map") == []
    assert main.section("Die Partnerschaften").texts("p")[-1] == (
        "Sobald die Auswahl entschieden ist, stehen die Partnerschaften hier."
    )
    notes = [note.text.split(".")[0] for note in main.all("p", class_="note")]
    assert notes == [
        "Zurzeit ist kein Treffen angekündigt",
        "Hier stehen künftig Meldungen aus dem Programm und seinen Partnerschaften",
        "Zurzeit ist kein Aufruf offen",
    ]
    assert main.one("dl", class_="figures").texts("dd") == ["0", "0", "0", "0"]
    assert main.all("section", class_="trend") == []


def test_start_marks_what_is_not_in_the_reader_s_language(client):
    CallFactory(title_de="Aufruf nur deutsch", title_en="", summary_de="Kurz", summary_en="")
    ArticleFactory(title_de="Nachricht nur deutsch", title_en="")
    MeetingFactory(title_de="Treffen nur deutsch", title_en="")

    page = start(client, "en")

    for words in ("Aufruf nur deutsch", "Nachricht nur deutsch", "Treffen nur deutsch"):
        assert page.body.languages_of(words) == {"de"}


@pytest.mark.parametrize("rows", [1, 3])
def test_start_asks_the_database_eight_times(client, rows, django_assert_num_queries):
    for _ in range(rows):
        pair = make_pair()
        ProfileEntryFactory(profile=ProfileVersionFactory(tandem=pair))
        MeetingFactory(tandem=pair)
        MeetingFactory(tandem=pair, **on(2999, 1, 1))
        ArticleFactory(tandem=pair)
        CallFactory()
    ProgrammeEntryFactory(section=ProgrammeSection.SUMMARY)

    with django_assert_num_queries(8):
        client.get("/de/")


def test_start_says_that_the_programme_is_over(client, time_machine):
    ProgrammeEntryFactory(
        section=ProgrammeSection.SUMMARY,
        earliest=dt.date(2021, 6, 1),
        latest=dt.date(2024, 12, 31),
        precision=DatePrecision.PERIOD,
    )

    time_machine.move_to("2024-12-31T12:00:00+00:00", tick=False)
    during = start(client).main
    time_machine.move_to("2025-01-01T12:00:00+00:00", tick=False)
    after = start(client).main

    over = "2021–2024, abgeschlossen"
    assert (over in during.text, over in after.text) == (False, True)
    assert "Das Programm endete im Dezember 2024." in after.text
    assert "Das Programm endete" not in during.text


def test_map_draws_who_has_left_and_who_is_a_guest_as_the_legend_says(client):
    tandem = make_pair()
    TandemMemberFactory(tandem=tandem, left_on=dt.date(2023, 12, 31))
    TandemMemberFactory(tandem=tandem, role=MemberRole.GUEST)

    drawn = start(client).main.one("svg", class_="map")

    assert len(drawn.all("circle", class_="map__city--left")) == 1
    assert len(drawn.all("rect")) == 1
    assert len(drawn.all("circle")) == 3
