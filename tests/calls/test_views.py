"""The pages of the calls for participation."""

from __future__ import annotations

import datetime as dt

import pytest

from calls.enums import CallSection, CallState
from core.dates import DatePrecision
from tandems.enums import TandemStatus
from tests.factories import (
    AnswerFactory,
    CallFactFactory,
    CallFactory,
    CallMilestoneFactory,
    TandemTopicFactory,
    make_pair,
    make_ready_call,
)
from tests.reading import read

pytestmark = pytest.mark.django_db

INDEX = "/de/calls/"


def test_index_shows_each_call_with_state_deadline_and_places(client):
    call = CallFactory(
        title_de="Aufruf 2022",
        summary_de="Sechs Partnerschaften",
        places_german=6,
        places_european=6,
    )

    page = read(client.get(INDEX))

    assert page.heading == "Teilnahmeaufrufe"
    (card,) = page.main.all("li", class_="card")
    assert card.text == (
        "Aufruf 2022 Geschlossen, archiviert Sechs Partnerschaften"
        " Frist: 25. Februar 2022 · 12 Plätze"
    )
    assert card.hrefs() == [call.get_absolute_url()]


def test_index_speaks_english_too(client):
    CallFactory(title_en="Call 2022")

    page = read(client.get("/en/calls/"))

    assert page.language == "en"
    assert page.main.one("li", class_="card").text == (
        "Call 2022 Archived Deadline: 25 February 2022"
    )


def test_index_lists_the_latest_call_first_and_an_undated_one_before_it(client):
    for title, day in (("A", dt.date(2022, 2, 25)), ("B", None), ("C", dt.date(2025, 1, 31))):
        CallFactory(title_de=title, closes_on=day)

    page = read(client.get(INDEX))

    assert page.main.texts("h2") == ["B", "C", "A"]
    assert page.main.texts("p", class_="card__foot")[0] == "Frist nicht belegt"


def test_index_says_nothing_about_places_where_one_pool_is_not_documented(client):
    CallFactory(places_german=6)

    page = read(client.get(INDEX))

    assert page.main.one("p", class_="card__foot").text == "Frist: 25. Februar 2022"


def test_index_without_calls_says_what_will_be_here(client):
    page = read(client.get(INDEX))

    assert page.main.one("p", class_="note").text == (
        "Bisher ist kein Aufruf veröffentlicht. Der nächste steht hier mit Bedingungen, Plätzen"
        " und Frist."
    )


def test_index_hides_drafts(client):
    CallFactory(state=CallState.DRAFT, title_de="GEHEIM", slug="geheim")

    response = client.get(INDEX)

    assert "geheim" not in response.content.decode().lower()


@pytest.mark.parametrize("rows", [1, 3])
def test_index_asks_the_database_once(client, rows, django_assert_num_queries):
    CallFactory.create_batch(rows)

    with django_assert_num_queries(1):
        client.get(INDEX)


def test_detail_shows_conditions_under_their_headings_with_sources(client):
    call = CallFactory(title_de="Aufruf 2022", sources=["https://call.example/"])
    for number, (section, text) in enumerate(
        [
            (CallSection.ELIGIBILITY, "Kommunen in Europa"),
            (CallSection.ELIGIBILITY, "auch kleine"),
            (CallSection.BENEFIT, "Begleitung"),
        ]
    ):
        CallFactFactory(
            call=call, section=section, text_de=text, sources=[f"https://{number}.example/"]
        )

    page = read(client.get(call.get_absolute_url()))

    conditions = page.main.section("Bedingungen")
    assert page.heading == "Aufruf 2022"
    assert conditions.fact("Wer teilnehmen konnte") == (
        "Kommunen in Europa Quelle: 0.example auch kleine Quelle: 1.example"
    )
    assert conditions.fact("Was geboten wurde") == "Begleitung Quelle: 2.example"
    assert "https://call.example/" in page.main.hrefs()


def test_detail_says_for_each_heading_that_nothing_is_documented(client):
    call = CallFactory(closes_on=None)

    page = read(client.get(call.get_absolute_url()))

    assert page.main.section("Bedingungen").texts("dd") == ["nicht belegt"] * len(CallSection)
    assert page.main.section("Frist und Plätze").texts("dd") == ["nicht belegt"] * 3
    assert page.main.section("Zeitplan").texts(class_="undocumented") == ["nicht belegt"]
    assert "None" not in page.main.text


def test_detail_shows_deadline_places_and_timetable(client):
    call = CallFactory(
        opens_earliest=dt.date(2021, 12, 1),
        opens_latest=dt.date(2021, 12, 31),
        opens_precision=DatePrecision.MONTH,
        opens_sources=["https://opens.example/"],
        closes_sources=["https://closes.example/"],
        partnerships=6,
        places_german=6,
        places_european=5,
        places_sources=["https://places.example/"],
    )
    CallMilestoneFactory(
        call=call,
        text_de="Auftakt",
        earliest=dt.date(2022, 5, 17),
        latest=dt.date(2022, 5, 17),
        precision=DatePrecision.DAY,
        sources=["https://step.example/"],
    )

    main = read(client.get(call.get_absolute_url())).main

    facts = main.section("Frist und Plätze")
    assert facts.fact("Beginn") == "Dezember 2021 Quelle: opens.example"
    assert facts.fact("Frist") == "25. Februar 2022 Quelle: closes.example"
    assert facts.fact("Plätze") == (
        "6 Partnerschaften 6 Plätze für deutsche Kommunen"
        " 5 Plätze für weitere europäische Kommunen Quelle: places.example"
    )
    assert main.section("Zeitplan").texts("li") == ["17. Mai 2022 Auftakt Quelle: step.example"]


def test_detail_shows_the_moment_of_the_deadline_on_the_clock_of_its_zone(client):
    """Sofia closes at midnight, when the server in Berlin still has an hour to go."""
    call = CallFactory(
        time_zone="Europe/Sofia",
        opens_at=dt.datetime(2022, 1, 1, 10, tzinfo=dt.UTC),
        closes_at=dt.datetime(2022, 2, 25, 21, 59, tzinfo=dt.UTC),
        state=CallState.CLOSED,
    )

    facts = read(client.get(call.get_absolute_url())).main.section("Frist und Plätze")

    assert facts.fact("Frist") == "25. Februar 2022, 23:59 (Europe/Sofia)"


def test_detail_shows_the_pairs_that_came_out_of_it(client):
    call = CallFactory()
    pair = make_pair(call=call)
    make_pair(call=call, status=TandemStatus.PLANNED, name_de="GEHEIM", slug="geheim")
    make_pair()

    response = client.get(call.get_absolute_url())

    (entry,) = read(response).main.one("ul", class_="pairs").all("li")
    members = pair.members.order_by("position")
    assert entry.texts(class_="pair__name") == [member.municipality.name for member in members]
    assert entry.hrefs() == [pair.get_absolute_url()]
    assert "geheim" not in response.content.decode().lower()


def test_detail_before_the_selection_says_what_will_be_here(client):
    call = CallFactory(state=CallState.IN_REVIEW)

    main = read(client.get(call.get_absolute_url())).main

    assert main.section("Daraus entstandene Partnerschaften").one("p", class_="note").text == (
        "Noch ist nichts entschieden. Nach der Auswahl stehen hier die ausgewählten"
        " Partnerschaften."
    )


def test_detail_marks_what_is_not_in_the_reader_s_language(client):
    call = CallFactory(title_en="", title_de="Nur deutsch", summary_de="Kurz gesagt", summary_en="")
    CallFactFactory(call=call, text_de="Bedingung hier", text_en="")

    page = read(client.get(f"/en/calls/{call.slug}/"))

    for words in ("Kurz gesagt", "Bedingung hier", "Nur deutsch"):
        assert page.body.languages_of(words) == {"de"}


@pytest.mark.parametrize("state", [CallState.DRAFT, None])
def test_detail_of_a_draft_is_like_one_that_does_not_exist(client, state):
    if state:
        CallFactory(slug="a-call", state=state)

    response = client.get("/de/calls/a-call/")

    assert response.status_code == 404
    assert read(response).heading == "Diese Seite gibt es nicht"


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_asks_the_database_five_times(client, rows, django_assert_num_queries):
    call = CallFactory()
    for _ in range(rows):
        CallFactFactory(call=call)
        CallMilestoneFactory(call=call)
        TandemTopicFactory(tandem=make_pair(call=call))

    with django_assert_num_queries(5):
        client.get(call.get_absolute_url())


def test_open_call_tells_deadline_price_criteria_and_what_comes_after(client, time_machine):
    time_machine.move_to(dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), tick=False)
    call = make_ready_call(
        state="open",
        opens_at=dt.datetime(2026, 2, 1, 8, tzinfo=dt.UTC),
        closes_at=dt.datetime(2026, 3, 29, 21, 59, tzinfo=dt.UTC),
        afterwards_de="Im Mai wird **entschieden**.",
        documents_needed_de="Ratsbeschluss",
    )
    AnswerFactory(call=call)

    page = read(client.get(call.get_absolute_url())).main.text

    # Summer time has begun that morning: 21:59 UTC is one minute to midnight in Berlin.
    assert "bis zur Frist am 29. März 2026, 23:59 (Europe/Berlin)" in page
    assert "4 Wochen" in page
    assert "12 Stunden im Monat, 24 Monate lang" in page
    assert "2 Reisen" in page
    assert "B1: versteht" in page
    assert "Ratsbeschluss" in page
    assert "Übertragbarkeit (100 %)" in page
    assert "5 Punkte Stufe 5" in page
    assert "Im Mai wird entschieden." in page
    assert "Dürfen Landkreise mitmachen? Ja." in page
    assert "Das Programmbüro." in page
    assert "nicht dokumentiert" not in page.partition("Frist und Plätze")[0]


@pytest.mark.parametrize("moment", ["opens_at", "closes_at"])
def test_time_left_is_told_between_opening_and_deadline_only(client, time_machine, moment):
    call = make_ready_call(state="open")
    second = dt.timedelta(seconds=1)
    told = {}
    for name, at in (("before", -second), ("at", second * 0)):
        time_machine.move_to(getattr(call, moment) + at, tick=False)
        told[name] = "bis zur Frist" in read(client.get(call.get_absolute_url())).main.text

    assert told == {"before": moment == "closes_at", "at": moment == "opens_at"}


def test_reader_estimates_the_cost_without_script(client):
    call = make_ready_call(state="open")

    page = read(client.get(call.get_absolute_url(), {"hour": "60", "trip": "900"})).main.text

    assert "288 Stunden ergeben 17.280 €, die Reisen 1.800 €, zusammen 19.080 €" in page


@pytest.mark.parametrize("query", [{"hour": "viel"}, {"hour": "60"}, {"hour": "1", "trip": "-5"}])
def test_wrong_costs_are_told_and_stay_in_their_fields(client, query):
    call = make_ready_call(state="open")

    page = read(client.get(call.get_absolute_url(), query))

    assert "Geben Sie beide Kosten in ganzen Euro an" in page.main.text
    assert page.main.one("input", name="hour")["value"] == query["hour"]


def test_draft_is_hidden_from_visitors(client):
    assert client.get(make_ready_call().get_absolute_url()).status_code == 404
