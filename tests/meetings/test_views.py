"""The pages and the calendar files of the meetings."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine
from django.urls import reverse
from icalendar import Calendar

from core.dates import DatePrecision
from meetings import streaming
from meetings.enums import MeetingFormat, MeetingKind, MeetingScope, MeetingStatus
from municipalities.enums import Country
from tandems.enums import TandemStatus
from tests.factories import (
    AgendaItemFactory,
    MeetingFactory,
    MunicipalityFactory,
    TandemFactory,
    TopicFactory,
    make_pair,
)
from tests.reading import read

pytestmark = pytest.mark.django_db

INDEX = "/de/meetings/"
TODAY = dt.datetime(2024, 3, 15, 12, tzinfo=dt.UTC)
NO_DATE = {"earliest": None, "latest": None, "precision": DatePrecision.UNKNOWN}
OCTOBER = {
    "earliest": dt.date(2022, 10, 1),
    "latest": dt.date(2022, 10, 31),
    "precision": DatePrecision.MONTH,
}


def on(year, month, day):
    """Return the date of a meeting of one day."""
    return {"earliest": dt.date(year, month, day), "latest": dt.date(year, month, day)}


@pytest.fixture(autouse=True)
def _no_kept_calendar():
    """The file of another test must not be met: its rows may bear the same numbers and times."""
    streaming.KEPT.clear()


def titles(client, query=""):
    return read(client.get(f"{INDEX}{query}")).main.texts("h3")


def events(response):
    return Calendar.from_ical(response.content).walk("VEVENT")


# --- the list -------------------------------------------------------------------------------------


@time_machine.travel(TODAY, tick=False)
def test_index_shows_coming_meetings_first_and_past_ones_by_year(client):
    for title, day in (("Vorbei", (2022, 5, 17)), ("Lange vorbei", (2021, 1, 2))):
        MeetingFactory(title_de=title, **on(*day))
    for title, day in (("Bald", (2024, 3, 16)), ("Später", (2025, 1, 1)), ("Heute", (2024, 3, 15))):
        MeetingFactory(title_de=title, status=MeetingStatus.ANNOUNCED, **on(*day))

    main = read(client.get(INDEX)).main

    assert main.texts("h2") == ["Kommende Treffen", "2022", "2021"]
    assert main.texts("h3") == ["Heute", "Bald", "Später", "Vorbei", "Lange vorbei"]
    assert main.section("2021").texts("h3") == ["Lange vorbei"]


@time_machine.travel(dt.datetime(2024, 3, 15, 23, 30, tzinfo=dt.UTC), tick=False)
def test_index_ends_the_day_at_midnight_in_berlin(client):
    """It is the 16th in Berlin, when it is still the 15th in UTC."""
    MeetingFactory(title_de="Gestern", **on(2024, 3, 15))
    MeetingFactory(title_de="Heute", **on(2024, 3, 16))

    main = read(client.get(INDEX)).main

    assert main.section("Kommende Treffen").texts("h3") == ["Heute"]
    assert main.section("2024").texts("h3") == ["Gestern"]


@time_machine.travel(TODAY, tick=False)
def test_index_says_what_is_known_of_each_meeting(client):
    tandem = make_pair(name_de="Hamm – Arezzo")
    MeetingFactory(
        title_de="Besuch",
        kind=MeetingKind.SITE_VISIT,
        tandem=tandem,
        scope=MeetingScope.TANDEM,
        place="Arezzo",
        earliest=dt.date(2022, 9, 7),
        latest=dt.date(2022, 9, 8),
    )

    (entry,) = read(client.get(INDEX)).main.all("li", class_="entry")

    assert entry.one("time").text == "7.–8. September 2022"
    assert entry.one("time")["datetime"] == "2022-09-07"
    assert entry.one("span", class_="status").text == "Stattgefunden"
    assert entry.one("p", class_="muted").text == "Fachbesuch · Arezzo · Hamm – Arezzo"


@time_machine.travel(TODAY, tick=False)
def test_index_writes_a_date_known_only_by_month_in_words(client):
    MeetingFactory(**OCTOBER)

    (entry,) = read(client.get(INDEX)).main.all("li", class_="entry")

    assert entry.one("time").text == "Oktober 2022"
    assert entry.one("time")["datetime"] == "2022-10"


@time_machine.travel(TODAY, tick=False)
def test_index_puts_undated_meetings_at_the_end_under_their_own_heading(client):
    MeetingFactory(title_de="Ohne Datum", **NO_DATE)
    MeetingFactory(title_de="Mit Datum")

    main = read(client.get(INDEX)).main

    assert main.texts("h2") == ["Kommende Treffen", "2022", "Datum nicht belegt"]
    assert (
        main.section("Datum nicht belegt")
        .one("p", class_="entry__when")
        .text.startswith("Datum nicht belegt")
    )
    assert main.section("Datum nicht belegt").all("time") == []


@pytest.mark.parametrize(
    ("status", "day", "notes"),
    [
        (MeetingStatus.ANNOUNCED, dt.date(2024, 3, 14), 1),
        (MeetingStatus.UNCONFIRMED, dt.date(2024, 3, 14), 1),
        (MeetingStatus.ANNOUNCED, dt.date(2024, 3, 15), 0),
        (MeetingStatus.HELD, dt.date(2024, 3, 14), 0),
        (MeetingStatus.CANCELLED, dt.date(2024, 3, 14), 0),
    ],
)
@time_machine.travel(TODAY, tick=False)
def test_a_past_announcement_without_trace_says_so(client, status, day, notes):
    meeting = MeetingFactory(status=status, earliest=day, latest=day)

    listed = read(client.get(INDEX)).main.all("p", class_="untraced")
    detail = read(client.get(meeting.get_absolute_url())).main.all("p", class_="note--warn")

    assert len(listed) == notes
    assert [note.text.split(".")[0] for note in detail] == [
        "Nur die Ankündigung dieses Treffens ist bekannt"
    ] * notes


def test_index_speaks_english_too(client):
    MeetingFactory(title_en="Kick-off")

    page = read(client.get("/en/meetings/"))

    assert page.language == "en"
    assert page.main.one("h3").text == "Kick-off"
    assert page.main.one("time").text == "17 May 2022"


def test_index_without_meetings_says_what_will_be_here(client):
    main = read(client.get(INDEX)).main

    assert [note.text.split(".")[0] for note in main.all("p", class_="note")] == [
        "Zurzeit ist kein Treffen angekündigt",
        "Bisher hat kein Treffen stattgefunden",
    ]


def test_index_hides_internal_meetings_and_those_of_a_planned_partnership(client):
    MeetingFactory(status=MeetingStatus.PLANNED, title_de="GEHEIM", **on(1999, 1, 1))
    planned = TandemFactory(status=TandemStatus.PLANNED, name_de="GEHEIM")
    MeetingFactory(tandem=planned, title_de="GEHEIM", **on(1998, 1, 1))
    MeetingFactory()

    page = read(client.get(INDEX))

    assert "GEHEIM" not in page.html
    assert page.main.one("select", name="year").texts("option") == ["Alle", "2022"]


@time_machine.travel(TODAY, tick=False)
def test_index_filters_by_year_kind_format_and_status(client):
    MeetingFactory(title_de="A", format=MeetingFormat.VIRTUAL, **on(2022, 5, 17))
    MeetingFactory(title_de="B", kind=MeetingKind.HACKATHON, **on(2023, 5, 17))
    MeetingFactory(title_de="C", status=MeetingStatus.CANCELLED, **on(2022, 6, 1))

    assert titles(client, "?year=2022") == ["C", "A"]
    assert titles(client, "?kind=hackathon") == ["B"]
    assert titles(client, "?format=virtual") == ["A"]
    assert titles(client, "?status=cancelled&year=2022") == ["C"]
    assert titles(client, "?status=cancelled&year=2023") == []


@time_machine.travel(TODAY, tick=False)
def test_index_of_a_year_holds_what_began_before_or_ended_after_it(client):
    MeetingFactory(
        title_de="Über Neujahr", earliest=dt.date(2022, 12, 30), latest=dt.date(2023, 1, 2)
    )

    assert titles(client, "?year=2022") == ["Über Neujahr"]
    assert titles(client, "?year=2023") == ["Über Neujahr"]


@time_machine.travel(TODAY, tick=False)
def test_index_of_a_year_holds_its_coming_meetings_too(client):
    MeetingFactory(title_de="Vorbei", **on(2024, 1, 1))
    MeetingFactory(title_de="Kommt", **on(2024, 12, 1))

    assert titles(client, "?year=2024") == ["Kommt", "Vorbei"]


def test_index_offers_every_status_but_internal(client):
    options = read(client.get(INDEX)).root.one("select", name="status").all("option")

    assert [option["value"] for option in options] == [
        "", "announced", "unconfirmed", "held", "cancelled",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query", ["status=planned", "year=1999", "kind=party", "format=telepathic"]
)
def test_index_leaves_an_unknown_filter_out_and_says_so(client, query):
    MeetingFactory(title_de="Auftakt")

    main = read(client.get(f"{INDEX}?{query}")).main

    assert main.texts("h3") == ["Auftakt"]
    assert len(main.all("p", class_="note--warn")) == 1


@time_machine.travel(TODAY, tick=False)
def test_index_is_cut_into_pages_and_shows_coming_meetings_on_the_first(client):
    MeetingFactory.create_batch(21)
    MeetingFactory(title_de="Kommt", **on(2024, 12, 1))

    first = read(client.get(f"{INDEX}?status=held")).main
    second = read(client.get(f"{INDEX}?status=held&page=2")).main

    assert first.texts("h3")[0] == "Kommt"
    assert len(first.texts("h3")) == 21
    assert first.one("a", rel="next")["href"] == "?status=held&page=2"
    assert len(second.texts("h3")) == 1
    assert "Kommt" not in second.text


@pytest.mark.parametrize("rows", [1, 3])
@time_machine.travel(TODAY, tick=False)
def test_index_asks_the_database_eight_times(client, rows, django_assert_num_queries):
    for _ in range(rows):
        MeetingFactory(tandem=make_pair(), scope=MeetingScope.TANDEM)
        MeetingFactory(tandem=make_pair(), scope=MeetingScope.TANDEM, **on(2024, 12, 1))

    with django_assert_num_queries(8):
        client.get(INDEX)


# --- one meeting ----------------------------------------------------------------------------------


def test_detail_shows_time_place_people_and_sources(client):
    host = MunicipalityFactory(name_de="Hamm")
    tandem = make_pair(name_de="Hamm – Arezzo")
    meeting = MeetingFactory(
        title_de="Fachbesuch in Hamm",
        kind=MeetingKind.SITE_VISIT,
        format=MeetingFormat.ON_SITE,
        description_de="Es ging um Wasserstoff.",
        place="Rathaus Hamm",
        country=Country.DE,
        host=host,
        tandem=tandem,
        participant_count=1200,
        sources=["https://a.example/"],
    )
    arezzo = MunicipalityFactory(name_de="Arezzo", country=Country.IT)
    meeting.participants.set([host, arezzo])
    meeting.topics.add(TopicFactory(name_de="Wasserstoff"))
    AgendaItemFactory(meeting=meeting, text_de="Begrüßung", position=0)
    AgendaItemFactory(meeting=meeting, text_de="Rundgang", position=1)

    page = read(client.get(meeting.get_absolute_url()))

    assert page.heading == "Fachbesuch in Hamm"
    assert page.main.one("p", class_="eyebrow").text == "Fachbesuch · Vor Ort"
    assert page.main.one("p", class_="when").text == "17. Mai 2022"
    assert page.main.section("Worum es ging").text == (
        "Worum es ging Es ging um Wasserstoff. Quelle: a.example Wasserstoff"
    )
    assert page.main.section("Tagesordnung").texts("li") == ["Begrüßung", "Rundgang"]
    assert page.main.section("Teilnehmende Kommunen").texts("li") == ["Arezzo IT", "Hamm DE"]
    assert page.main.fact("Ort") == "Rathaus Hamm, Deutschland"
    assert page.main.fact("Gastgebende Kommune") == "Hamm"
    assert page.main.fact("Partnerschaft") == "Hamm – Arezzo"
    assert page.main.fact("Teilnehmende") == "1.200"


def test_detail_shows_the_time_on_the_clock_of_the_place(client):
    meeting = MeetingFactory(
        starts_at=dt.datetime(2022, 5, 17, 12, tzinfo=dt.UTC),
        ends_at=dt.datetime(2022, 5, 17, 13, 30, tzinfo=dt.UTC),
        time_zone="Europe/Sofia",
    )

    main = read(client.get(meeting.get_absolute_url())).main

    assert main.fact("Uhrzeit") == "15:00–16:30 Uhr (Sofia)"


def test_detail_without_facts_says_for_each_that_nothing_is_documented(client):
    meeting = MeetingFactory(**NO_DATE)

    main = read(client.get(meeting.get_absolute_url())).main

    assert main.one("p", class_="when").text == "Datum nicht belegt"
    assert main.section("Worum es ging").text == "Worum es ging nicht belegt"
    assert main.section("Teilnehmende Kommunen").text == "Teilnehmende Kommunen nicht belegt"
    assert main.fact("Ort") == "nicht belegt"
    assert main.fact("Teilnehmende") == "nicht belegt"
    assert main.texts("dt") == ["Ort", "Teilnehmende"]
    assert "None" not in main.text


def test_detail_of_a_virtual_meeting_is_online(client):
    meeting = MeetingFactory(format=MeetingFormat.VIRTUAL)

    assert read(client.get(meeting.get_absolute_url())).main.fact("Ort") == "online"


@pytest.mark.parametrize(("values", "links"), [({}, 1), (OCTOBER, 0), (NO_DATE, 0)])
def test_detail_offers_a_calendar_file_only_where_the_day_is_documented(client, values, links):
    meeting = MeetingFactory(**values)

    main = read(client.get(meeting.get_absolute_url())).main

    assert [link["href"] for link in main.all("a", type="text/calendar")] == [
        f"/de/meetings/{meeting.pk}/meeting.ics"
    ] * links


def test_detail_speaks_english_too(client):
    meeting = MeetingFactory(title_en="Kick-off", status=MeetingStatus.CANCELLED)

    page = read(client.get(f"/en/meetings/{meeting.pk}/{meeting.slug}/"))

    assert page.language == "en"
    assert page.heading == "Kick-off"
    assert page.main.one("p", class_="when").text == "17 May 2022"
    assert page.main.one("span", class_="status").text == "Cancelled"


def test_detail_marks_what_is_not_in_the_reader_s_language(client):
    meeting = MeetingFactory(
        title_en="Only English",
        title_de="",
        description_en="About smart things",
        description_de="",
        participant_note_en="around fifty",
        participant_note_de="",
    )
    AgendaItemFactory(meeting=meeting, text_en="Opening words", text_de="")

    page = read(client.get(meeting.get_absolute_url()))

    assert page.language == "de"
    for words in ("Only English", "About smart things", "around fifty", "Opening words"):
        assert page.body.languages_of(words) == {"en"}


def test_detail_with_a_wrong_slug_leads_to_the_right_address_in_one_step(client):
    meeting = MeetingFactory(slug="right")

    response = client.get(f"/en/meetings/{meeting.pk}/wrong/")

    assert response.status_code == 301
    assert response.headers["Location"] == f"/en/meetings/{meeting.pk}/right/"
    assert client.get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize("slug", ["hidden", "wrong"])
def test_detail_of_an_internal_meeting_is_like_one_that_does_not_exist(client, slug):
    """Not even a redirect may tell that the number is taken."""
    meeting = MeetingFactory(status=MeetingStatus.PLANNED, slug="hidden")

    response = client.get(f"/de/meetings/{meeting.pk}/{slug}/")

    assert response.status_code == 404
    assert read(response).heading == "Diese Seite gibt es nicht"


def test_detail_of_a_planned_partnership_s_meeting_is_hidden(client):
    meeting = MeetingFactory(tandem=TandemFactory(status=TandemStatus.PLANNED))

    assert client.get(meeting.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30, "9" * 5000, "-1", "abc", "%D9%A3"])
def test_detail_of_a_number_that_is_none_is_a_404(client, number):
    assert client.get(f"/de/meetings/{number}/kick-off/").status_code == 404
    assert client.get(f"/de/meetings/{number}/meeting.ics").status_code == 404


def event_data(client, meeting):
    scripts = read(client.get(meeting.get_absolute_url())).root.all("script")
    return [json.loads("".join(script.all_pieces())) for script in scripts]


def test_detail_tells_machines_when_and_where_it_is(client):
    meeting = MeetingFactory(
        title_de="Auftakt",
        format=MeetingFormat.ON_SITE,
        place="Berlin",
        status=MeetingStatus.CANCELLED,
        starts_at=dt.datetime(2022, 5, 17, 12, tzinfo=dt.UTC),
        time_zone="Europe/Berlin",
    )

    (data,) = event_data(client, meeting)

    assert data["@type"] == "Event"
    assert data["name"] == "Auftakt"
    assert dt.datetime.fromisoformat(data["startDate"]) == meeting.starts_at
    assert data["location"] == {"@type": "Place", "name": "Berlin", "address": "Berlin"}
    assert data["eventStatus"] == "https://schema.org/EventCancelled"
    assert data["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"


@pytest.mark.parametrize("values", [OCTOBER, NO_DATE])
def test_detail_tells_machines_nothing_where_the_day_is_not_documented(client, values):
    assert event_data(client, MeetingFactory(**values)) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_asks_the_database_four_times(client, rows, django_assert_num_queries):
    meeting = MeetingFactory(tandem=make_pair(), host=MunicipalityFactory())
    for _ in range(rows):
        meeting.participants.add(MunicipalityFactory())
        meeting.topics.add(TopicFactory())
        AgendaItemFactory(meeting=meeting)

    with django_assert_num_queries(4):
        client.get(meeting.get_absolute_url())


# --- the calendar ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "name", "title"),
    [
        ("de", "#vernetztinEuropa: Treffen", "Auftakt"),
        ("en", "#connectedinEurope: meetings", "Kick-off"),
    ],
)
def test_calendar_speaks_the_language_of_its_address(client, language, name, title):
    MeetingFactory(title_de="Auftakt", title_en="Kick-off")

    response = client.get(f"/{language}/meetings/calendar.ics")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Language"] == language
    calendar = Calendar.from_ical(response.content)
    assert [calendar["name"], calendar["x-wr-calname"]] == [name, name]
    assert [event["summary"] for event in events(response)] == [title]


def test_calendar_holds_only_public_meetings_whose_day_is_documented(client):
    MeetingFactory(title_de="Auftakt")
    MeetingFactory(title_de="Nur Monat", **OCTOBER)
    MeetingFactory(title_de="Ohne Datum", **NO_DATE)
    MeetingFactory(title_de="GEHEIM", status=MeetingStatus.PLANNED)
    MeetingFactory(title_de="GEHEIM", tandem=TandemFactory(status=TandemStatus.PLANNED))
    MeetingFactory(title_de="Abgesagt", status=MeetingStatus.CANCELLED, **on(2022, 6, 1))

    response = client.get(f"{INDEX}calendar.ics")

    assert [(str(e["summary"]), str(e["status"])) for e in events(response)] == [
        ("Abgesagt", "CANCELLED"),
        ("Auftakt", "CONFIRMED"),
    ]


def test_calendar_without_meetings_is_still_a_calendar(client):
    response = client.get(f"{INDEX}calendar.ics")

    assert response.status_code == 200
    assert events(response) == []


@pytest.mark.parametrize("path", ["calendar.ics", "{pk}/meeting.ics"])
def test_calendar_gives_the_same_bytes_and_etag_at_another_time(client, path):
    """A stamp of the moment of asking would mean that no subscriber ever gets a 304."""
    with time_machine.travel(TODAY, tick=False):
        meeting = MeetingFactory()
    path = INDEX + path.format(pk=meeting.pk)

    first = client.get(path)
    streaming.KEPT.clear()
    with time_machine.travel(TODAY + dt.timedelta(days=3), tick=False):
        second = client.get(path)

    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]


@time_machine.travel(TODAY, tick=False)
def test_calendar_follows_a_change_of_a_meeting(client):
    meeting = MeetingFactory(title_de="Alt")
    before = client.get(f"{INDEX}calendar.ics")

    with time_machine.travel(TODAY + dt.timedelta(minutes=1), tick=False):
        meeting.title_de = "Neu"
        meeting.save()
        after = client.get(f"{INDEX}calendar.ics")

    assert [e["summary"] for e in events(before)] == ["Alt"]
    assert [e["summary"] for e in events(after)] == ["Neu"]
    assert before.headers["ETag"] != after.headers["ETag"]


@time_machine.travel(TODAY, tick=False)
def test_calendar_follows_a_meeting_that_goes_and_another_that_comes(client):
    """The number of rows and the newest change alone stay the same here."""
    gone = MeetingFactory(title_de="Weg")
    MeetingFactory(title_de="Bleibt")
    client.get(f"{INDEX}calendar.ics")

    gone.delete()
    MeetingFactory(title_de="Neu")
    after = client.get(f"{INDEX}calendar.ics")

    assert sorted(str(e["summary"]) for e in events(after)) == ["Bleibt", "Neu"]


@time_machine.travel(TODAY, tick=False)
def test_calendar_follows_a_partnership_that_gets_another_name(client):
    tandem = make_pair(name_de="Alter Name")
    MeetingFactory(tandem=tandem)
    before = client.get(f"{INDEX}calendar.ics")

    with time_machine.travel(TODAY + dt.timedelta(minutes=1), tick=False):
        tandem.name_de = "Neuer Name"
        tandem.save()
        after = client.get(f"{INDEX}calendar.ics")

    assert [e["description"].split("\n")[0] for e in events(before)] == ["Alter Name"]
    assert [e["description"].split("\n")[0] for e in events(after)] == ["Neuer Name"]


@pytest.mark.parametrize("rows", [1, 3])
def test_calendar_asks_the_database_three_times_and_then_once(
    client, rows, django_assert_num_queries
):
    for _ in range(rows):
        MeetingFactory(tandem=make_pair())

    # Its state, what stands in it, and the meetings that are to be written.
    with django_assert_num_queries(3):
        client.get(f"{INDEX}calendar.ics")
    with django_assert_num_queries(1):
        client.get(f"{INDEX}calendar.ics")


def test_calendar_entry_is_a_file_with_one_meeting(client):
    meeting = MeetingFactory(title_de="Auftakt", slug="kick-off")
    MeetingFactory()

    response = client.get(f"{INDEX}{meeting.pk}/meeting.ics")

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="kick-off.ics"'
    (event,) = events(response)
    assert event["uid"] == f"{meeting.uid}@vernetztineuropa"
    assert event["url"] == f"http://localhost:8000{meeting.get_absolute_url()}"


def test_calendar_entry_speaks_english_too(client):
    meeting = MeetingFactory(title_en="Kick-off")

    response = client.get(f"/en/meetings/{meeting.pk}/meeting.ics")

    (event,) = events(response)
    assert event["summary"] == "Kick-off"
    assert event["url"].startswith("http://localhost:8000/en/")


@pytest.mark.parametrize(
    "values",
    [OCTOBER, NO_DATE, {"status": MeetingStatus.PLANNED}],
    ids=["month only", "undated", "internal"],
)
def test_calendar_entry_that_may_not_be_is_a_styled_404(client, values):
    meeting = MeetingFactory(**values)

    response = client.get(f"{INDEX}{meeting.pk}/meeting.ics")

    assert response.status_code == 404
    assert read(response).heading == "Diese Seite gibt es nicht"


@pytest.mark.parametrize("rows", [1, 3])
def test_calendar_entry_asks_the_database_once(client, rows, django_assert_num_queries):
    meetings = [MeetingFactory(tandem=make_pair()) for _ in range(rows)]

    with django_assert_num_queries(1):
        client.get(reverse("meetings:calendar-entry", args=[meetings[0].pk]))


def data_of(client, meeting):
    page = read(client.get(meeting.get_absolute_url()))
    script = page.root.one("script", type="application/ld+json")
    return json.loads("".join(script.all_pieces()))


def test_data_for_machines_name_no_place_that_nobody_documented(client):
    found = data_of(client, MeetingFactory(format="on_site", place=""))

    assert "location" not in found
    assert found["eventAttendanceMode"].endswith("/OfflineEventAttendanceMode")


def test_data_for_machines_name_the_network_as_organiser_of_its_own_meetings_only(client):
    own = data_of(client, MeetingFactory(scope="programme"))
    related = data_of(client, MeetingFactory(scope="related"))

    assert own["organizer"]["name"] == "#vernetztinEuropa"
    assert "organizer" not in related


def test_announced_meeting_is_told_as_planned(client):
    meeting = MeetingFactory(status=MeetingStatus.ANNOUNCED, description_de="Ideen sammeln")

    page = read(client.get(meeting.get_absolute_url()))

    assert page.main.texts("h2") == ["Worum es gehen soll", "Vorgesehene Kommunen"]
