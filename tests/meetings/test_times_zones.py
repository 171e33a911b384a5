"""Both nights of 2026 on which clocks change, on the clocks of six cities, as literal tables.

Clocks change everywhere at 01:00 UTC: on 29 March in Berlin from 02:00 to 03:00, on 25 October from
03:00 back to 02:00; in Lisbon and London an hour earlier on the wall, in Sofia, Athens and
Bucharest an hour later.
"""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.test import RequestFactory
from icalendar import Calendar

from meetings.ical import entry_file
from meetings.times import local_times, moment_in
from tests.factories import MeetingFactory
from tests.reading import Document

BERLIN, LISBON, LONDON = "Europe/Berlin", "Europe/Lisbon", "Europe/London"
EAST = ("Europe/Sofia", "Europe/Athens", "Europe/Bucharest")
WEST = (LISBON, LONDON)
ZONES = (BERLIN, *EAST, *WEST)

#: A meeting in Berlin: its times there, in UTC, and as told in Berlin, in the east, in the west.
MEETINGS = [
    # March: the evening before, over midnight.
    (
        ("2026-03-28T23:30", "2026-03-29T00:30"),
        ("20260328T223000Z", "20260328T233000Z"),
        "28. März 2026, 23:30 Uhr bis 29. März 2026, 00:30 Uhr",
        "29. März 2026, 00:30–01:30 Uhr",
        "28. März 2026, 22:30–23:30 Uhr",
    ),
    # March: over the change itself, two hours on the wall are one.
    (
        ("2026-03-29T01:30", "2026-03-29T03:30"),
        ("20260329T003000Z", "20260329T013000Z"),
        "29. März 2026, 01:30–03:30 Uhr",
        "29. März 2026, 02:30–04:30 Uhr",
        "29. März 2026, 00:30–02:30 Uhr",
    ),
    # March: the mornings before and after.
    (
        ("2026-03-28T10:00", "2026-03-28T12:00"),
        ("20260328T090000Z", "20260328T110000Z"),
        "28. März 2026, 10:00–12:00 Uhr",
        "28. März 2026, 11:00–13:00 Uhr",
        "28. März 2026, 09:00–11:00 Uhr",
    ),
    (
        ("2026-03-29T10:00", "2026-03-29T12:00"),
        ("20260329T080000Z", "20260329T100000Z"),
        "29. März 2026, 10:00–12:00 Uhr",
        "29. März 2026, 11:00–13:00 Uhr",
        "29. März 2026, 09:00–11:00 Uhr",
    ),
    # October: the evening before, over midnight.
    (
        ("2026-10-24T23:30", "2026-10-25T00:30"),
        ("20261024T213000Z", "20261024T223000Z"),
        "24. Oktober 2026, 23:30 Uhr bis 25. Oktober 2026, 00:30 Uhr",
        "25. Oktober 2026, 00:30–01:30 Uhr",
        "24. Oktober 2026, 22:30–23:30 Uhr",
    ),
    # October: over the change itself, two hours on the wall are three.
    (
        ("2026-10-25T01:30", "2026-10-25T03:30"),
        ("20261024T233000Z", "20261025T023000Z"),
        "25. Oktober 2026, 01:30–03:30 Uhr",
        "25. Oktober 2026, 02:30–04:30 Uhr",
        "25. Oktober 2026, 00:30–02:30 Uhr",
    ),
    # October: the mornings before and after.
    (
        ("2026-10-24T10:00", "2026-10-24T12:00"),
        ("20261024T080000Z", "20261024T100000Z"),
        "24. Oktober 2026, 10:00–12:00 Uhr",
        "24. Oktober 2026, 11:00–13:00 Uhr",
        "24. Oktober 2026, 09:00–11:00 Uhr",
    ),
    (
        ("2026-10-25T10:00", "2026-10-25T12:00"),
        ("20261025T090000Z", "20261025T110000Z"),
        "25. Oktober 2026, 10:00–12:00 Uhr",
        "25. Oktober 2026, 11:00–13:00 Uhr",
        "25. Oktober 2026, 09:00–11:00 Uhr",
    ),
]
every_meeting = pytest.mark.parametrize(("local", "in_utc", "berlin", "east", "west"), MEETINGS)

#: Zones, day and time on the wall → the moment in UTC; nothing: the clocks skip that time.
MOMENTS = [
    (WEST, "2026-03-29T00:30", "2026-03-29T00:30Z"),
    (WEST, "2026-03-29T01:00", None),
    (WEST, "2026-03-29T01:30", None),
    (WEST, "2026-03-29T02:00", "2026-03-29T01:00Z"),
    (WEST, "2026-03-29T03:30", "2026-03-29T02:30Z"),
    ((BERLIN,), "2026-03-29T00:30", "2026-03-28T23:30Z"),
    ((BERLIN,), "2026-03-29T01:30", "2026-03-29T00:30Z"),
    ((BERLIN,), "2026-03-29T02:00", None),
    ((BERLIN,), "2026-03-29T02:30", None),
    ((BERLIN,), "2026-03-29T02:59", None),
    ((BERLIN,), "2026-03-29T03:00", "2026-03-29T01:00Z"),
    ((BERLIN,), "2026-03-29T03:30", "2026-03-29T01:30Z"),
    (EAST, "2026-03-29T01:30", "2026-03-28T23:30Z"),
    (EAST, "2026-03-29T02:30", "2026-03-29T00:30Z"),
    (EAST, "2026-03-29T03:30", None),
    (EAST, "2026-03-29T04:00", "2026-03-29T01:00Z"),
    (EAST, "2026-03-29T04:30", "2026-03-29T01:30Z"),
    # In October, a time that comes twice is the first of the two.
    (WEST, "2026-10-25T00:30", "2026-10-24T23:30Z"),
    (WEST, "2026-10-25T01:00", "2026-10-25T00:00Z"),
    (WEST, "2026-10-25T01:30", "2026-10-25T00:30Z"),
    (WEST, "2026-10-25T02:00", "2026-10-25T02:00Z"),
    ((BERLIN,), "2026-10-25T01:30", "2026-10-24T23:30Z"),
    ((BERLIN,), "2026-10-25T02:00", "2026-10-25T00:00Z"),
    ((BERLIN,), "2026-10-25T02:30", "2026-10-25T00:30Z"),
    ((BERLIN,), "2026-10-25T03:00", "2026-10-25T02:00Z"),
    ((BERLIN,), "2026-10-25T03:30", "2026-10-25T02:30Z"),
    (EAST, "2026-10-25T02:30", "2026-10-24T23:30Z"),
    (EAST, "2026-10-25T03:30", "2026-10-25T00:30Z"),
    (EAST, "2026-10-25T04:30", "2026-10-25T02:30Z"),
    # The days around are as always.
    (WEST, "2026-03-28T01:30", "2026-03-28T01:30Z"),
    ((BERLIN,), "2026-03-28T02:30", "2026-03-28T01:30Z"),
    (EAST, "2026-03-30T03:30", "2026-03-30T00:30Z"),
    (WEST, "2026-10-24T01:30", "2026-10-24T00:30Z"),
    ((BERLIN,), "2026-10-26T02:30", "2026-10-26T01:30Z"),
]

#: First and last day of whole days over a night → words, then the days of the calendar.
WHOLE_DAYS = [
    ("2026-03-28", "2026-03-28", "28. März 2026", ("20260328", "20260329")),
    ("2026-03-29", "2026-03-29", "29. März 2026", ("20260329", "20260330")),
    ("2026-03-28", "2026-03-30", "28.–30. März 2026", ("20260328", "20260331")),
    ("2026-10-24", "2026-10-24", "24. Oktober 2026", ("20261024", "20261025")),
    ("2026-10-25", "2026-10-25", "25. Oktober 2026", ("20261025", "20261026")),
    ("2026-10-24", "2026-10-26", "24.–26. Oktober 2026", ("20261024", "20261027")),
]


def at(text, zone):
    """Return the moment of a local time as a form reads it."""
    local = dt.datetime.fromisoformat(text)
    return moment_in(local.date(), local.time(), zone)


def meeting_on(first, last, **fields):
    """Return a meeting as it comes from the database, without asking one."""
    days = {
        "earliest": dt.date.fromisoformat(first[:10]),
        "latest": dt.date.fromisoformat(last[:10]),
    }
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return MeetingFactory.build(pk=7, uid=uuid.uuid4(), changed_at=now, **days, **fields)


def timed(local):
    """Return a meeting in Berlin at local times."""
    start, end = local
    times = {"starts_at": at(start, BERLIN), "ends_at": at(end, BERLIN), "time_zone": BERLIN}
    return meeting_on(start, end, **times)


def lines_of(meeting):
    return entry_file(meeting).decode().split("\r\n")


def shown(meeting, zone=""):
    """Return the times that the tag shows to a visitor, or to who is signed in, in a zone."""
    request = RequestFactory().get("/")
    if zone:
        request.COOKIES["session"] = "x" * 32
        request.user = type("Reader", (), {"is_authenticated": True, "time_zone": zone})()
    template = Template("{% load meeting_tags %}{% meeting_when meeting zones %}")
    page = Document(
        template.render(Context({"request": request, "meeting": meeting, "zones": ZONES}))
    )
    return [(time["datetime"], time.text) for time in page.root.all("time")]


@every_meeting
def test_times_are_told_on_each_clock_and_agreeing_ones_once(local, in_utc, berlin, east, west):
    start, end = (at(text, BERLIN) for text in local)

    told = local_times(start, end, ZONES)

    assert [(str(clock), clock.zones) for clock in told] == [
        (berlin, (BERLIN,)),
        (east, EAST),
        (west, WEST),
    ]


@every_meeting
@pytest.mark.parametrize("zone", ZONES)
def test_reader_s_own_clock_comes_first(zone, local, in_utc, berlin, east, west):
    meeting = timed(local)

    times = shown(meeting, zone)

    own = {BERLIN: berlin, **dict.fromkeys(EAST, east), **dict.fromkeys(WEST, west)}[zone]
    assert times[0][1] == own
    moments = {dt.datetime.fromisoformat(stamp) for stamp, _words in times}
    assert (len(times), moments) == (3, {meeting.starts_at})


@every_meeting
def test_visitors_read_the_clock_of_the_place_first(local, in_utc, berlin, east, west):
    assert shown(timed(local))[0][1] == berlin


@every_meeting
def test_calendars_get_the_moments(local, in_utc, berlin, east, west):
    meeting = timed(local)

    [event] = Calendar.from_ical(entry_file(meeting)).walk("VEVENT")

    assert {f"DTSTART:{in_utc[0]}", f"DTEND:{in_utc[1]}"} <= set(lines_of(meeting))
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (
        meeting.starts_at,
        meeting.ends_at,
    )


IN_GERMAN = {
    "Europe/Athens": "Athen",
    "Europe/Bucharest": "Bukarest",
    "Europe/Lisbon": "Lissabon",
}


@pytest.mark.parametrize(
    ("zone", "local", "moment"),
    [(zone, local, moment) for zones, local, moment in MOMENTS for zone in zones],
)
def test_time_on_the_wall_is_one_moment_or_none(zone, local, moment):
    if moment is None:
        with pytest.raises(ValidationError) as refusal:
            at(local, zone)
        assert refusal.value.code == "skipped"
        [told] = refusal.value.messages
        assert "29. März 2026" in told
        assert f"in {IN_GERMAN.get(zone, zone.partition('/')[2])} nicht" in told
    else:
        assert at(local, zone) == dt.datetime.fromisoformat(moment)


@pytest.mark.parametrize(("first", "last", "words", "days"), WHOLE_DAYS)
@pytest.mark.parametrize("zone", ["", *ZONES])
def test_whole_days_are_the_same_everywhere(zone, first, last, words, days):
    meeting = meeting_on(first, last)

    assert shown(meeting, zone) == [(first, words)]
    assert {f"DTSTART;VALUE=DATE:{days[0]}", f"DTEND;VALUE=DATE:{days[1]}"} <= set(
        lines_of(meeting)
    )


def test_second_of_the_doubled_hours_is_told_apart_by_calendars():
    first, second = (
        dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC),
    )
    meeting = meeting_on(
        "2026-10-25", "2026-10-25", starts_at=first, ends_at=second, time_zone=BERLIN
    )

    assert {"DTSTART:20261025T003000Z", "DTEND:20261025T013000Z"} <= set(lines_of(meeting))
    assert shown(meeting)[0] == ("2026-10-25T02:30+02:00", "25. Oktober 2026, 02:30–02:30 Uhr")
