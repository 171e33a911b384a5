from __future__ import annotations

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from icalendar import Calendar, Event

from meetings.enums import MeetingStatus
from meetings.ical import STATUSES, calendar_of, entry_file
from meetings.models import Meeting
from meetings.streaming import feed_version, kept_feed, public_parts
from tests.factories import MeetingFactory, TandemFactory

UID = uuid.UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
CHANGED = dt.datetime(2022, 6, 1, 12, 30, 15, 123456, tzinfo=dt.UTC)
BERLIN = "Europe/Berlin"
#: A day that is still to come when the meeting was changed.
AHEAD = dt.date(2022, 6, 20)
#: The page, with which every description ends.
PAGE = "http://localhost:8000/de/meetings/7/meeting/"


def make_meeting(**fields) -> Meeting:
    """Return a meeting as it comes from the database, without asking one."""
    return MeetingFactory.build(
        **{"pk": 7, "uid": UID, "changed_at": CHANGED, "slug": "meeting", **fields}
    )


def timed(start: str, end: str | None, zone: str = BERLIN, **fields) -> Meeting:
    """Return a meeting at times on the clock of its place."""
    clock = ZoneInfo(zone)
    starts_at = dt.datetime.fromisoformat(start).replace(tzinfo=clock)
    return make_meeting(
        starts_at=starts_at,
        ends_at=end and dt.datetime.fromisoformat(end).replace(tzinfo=clock),
        time_zone=zone,
        earliest=starts_at.date(),
        latest=starts_at.date(),
        **fields,
    )


def lines(meeting: Meeting) -> list[str]:
    """Return the unfolded content lines of the event."""
    text = entry_file(meeting).decode().replace("\r\n ", "")
    return text.partition("BEGIN:VEVENT\r\n")[2].partition("\r\nEND:VEVENT\r\n")[0].split("\r\n")


def line(meeting: Meeting, name: str) -> str | None:
    """Return the one content line that begins with a name, or nothing."""
    found = [entry for entry in lines(meeting) if entry.startswith((f"{name}:", f"{name};"))]
    assert len(found) < 2
    return found[0] if found else None


def read(meeting: Meeting) -> Event:
    """Return the event as another program reads it."""
    [event] = Calendar.from_ical(entry_file(meeting)).walk("VEVENT")
    return event


@pytest.mark.parametrize(
    ("start", "end", "zone", "in_utc"),
    [
        ("2022-05-17T10:00", "2022-05-17T12:30", BERLIN, ("20220517T080000Z", "20220517T103000Z")),
        ("2022-12-17T10:00", "2022-12-17T12:30", BERLIN, ("20221217T090000Z", "20221217T113000Z")),
        # Clocks go from 02:00 to 03:00: two hours on the wall are one.
        ("2024-03-31T01:30", "2024-03-31T03:30", BERLIN, ("20240331T003000Z", "20240331T013000Z")),
        # Clocks go from 03:00 back to 02:00: one hour on the wall is two.
        ("2024-10-27T01:30", "2024-10-27T03:30", BERLIN, ("20241026T233000Z", "20241027T023000Z")),
        # Over the change of the night, with a day in between.
        ("2024-03-30T09:00", "2024-03-31T09:00", BERLIN, ("20240330T080000Z", "20240331T070000Z")),
        # Midnight belongs to the day that begins, and lies on the day before in UTC.
        ("2024-05-01T00:00", "2024-05-02T00:00", BERLIN, ("20240430T220000Z", "20240501T220000Z")),
        (
            *("2024-01-01T00:00", "2024-01-01T01:00", "Europe/Athens"),
            ("20231231T220000Z", "20231231T230000Z"),
        ),
        (
            *("2024-06-01T10:00", "2024-06-01T11:00", "Atlantic/Reykjavik"),
            ("20240601T100000Z", "20240601T110000Z"),
        ),
    ],
)
def test_times_are_given_in_utc(start, end, zone, in_utc):
    meeting = timed(start, end, zone)

    assert (line(meeting, "DTSTART"), line(meeting, "DTEND")) == (
        f"DTSTART:{in_utc[0]}",
        f"DTEND:{in_utc[1]}",
    )
    event = read(meeting)
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (
        meeting.starts_at,
        meeting.ends_at,
    )
    assert line(meeting, "TRANSP") is None


def test_both_hours_of_the_night_in_october_stay_apart():
    first = dt.datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo(BERLIN), fold=0)
    meeting = make_meeting(
        starts_at=first,
        ends_at=first.replace(fold=1),
        time_zone=BERLIN,
        earliest=first.date(),
        latest=first.date(),
    )

    assert (line(meeting, "DTSTART"), line(meeting, "DTEND")) == (
        "DTSTART:20241027T003000Z",
        "DTEND:20241027T013000Z",
    )


def test_open_end_is_left_open():
    meeting = timed("2022-05-17T10:00", None)

    assert (line(meeting, "DTSTART"), line(meeting, "DTEND"), line(meeting, "DURATION")) == (
        "DTSTART:20220517T080000Z",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("first", "last", "start", "end"),
    [
        ("2022-05-17", "2022-05-17", "20220517", "20220518"),
        ("2023-09-07", "2023-09-08", "20230907", "20230909"),
        ("2024-02-28", "2024-02-29", "20240228", "20240301"),
        ("2023-12-30", "2023-12-31", "20231230", "20240101"),
        ("2024-03-31", "2024-03-31", "20240331", "20240401"),
    ],
)
def test_whole_days_end_on_the_first_day_after(first, last, start, end):
    meeting = make_meeting(
        earliest=dt.date.fromisoformat(first), latest=dt.date.fromisoformat(last)
    )

    assert (line(meeting, "DTSTART"), line(meeting, "DTEND"), line(meeting, "TRANSP")) == (
        f"DTSTART;VALUE=DATE:{start}",
        f"DTEND;VALUE=DATE:{end}",
        "TRANSP:TRANSPARENT",
    )


@pytest.mark.parametrize(
    "vague",
    [
        {
            "precision": "month",
            "earliest": dt.date(2022, 10, 1),
            "latest": dt.date(2022, 10, 31),
        },
        {"precision": "period"},
        {"precision": "range"},
        {"precision": "year"},
        {"precision": "year_end"},
        {"precision": "unknown"},
        {"precision": "unknown", "earliest": None, "latest": None},
    ],
)
def test_meeting_without_a_documented_day_stands_in_no_calendar(vague):
    with pytest.raises(ValueError, match="whose day is documented"):
        entry_file(make_meeting(**vague))


def test_signs_with_a_meaning_are_escaped():
    text = 'Digital, offen; "klug" \\ neu: A\\nB'
    meeting = make_meeting(
        title_de=text,
        place="Hamm, Rathaus; Saal 1",
        description_de=f"{text}\n\nEND:VEVENT\r\n{text}",
    )

    escaped = r'Digital\, offen\; "klug" \\ neu: A\\nB'
    assert line(meeting, "SUMMARY") == f"SUMMARY:{escaped}"
    assert line(meeting, "LOCATION") == r"LOCATION:Hamm\, Rathaus\; Saal 1"
    told = rf"DESCRIPTION:{escaped}\n\nEND:VEVENT\n{escaped}\n{PAGE}"
    assert line(meeting, "DESCRIPTION") == told
    event = read(meeting)
    assert (str(event["summary"]), str(event["description"])) == (
        text,
        f"{text}\n\nEND:VEVENT\n{text}\n{PAGE}",
    )


@pytest.mark.parametrize(
    "sign", ["\r", "\n", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]
)
def test_no_sign_in_a_text_begins_a_line_of_its_own(sign):
    meeting = make_meeting(
        title_de=f"Auftakt{sign}ATTENDEE:mailto:x@example.org", place=f"Hamm{sign}URL:https://x"
    )

    text = entry_file(meeting).decode()

    # str.splitlines() breaks at every sign that any program could take for the end of a line.
    assert [row for row in text.splitlines() if row.startswith(("ATTENDEE", "URL:https://x"))] == []


def test_direction_override_cannot_disguise_a_title():
    meeting = make_meeting(title_de="Einladung \u202egnp.exe")

    assert line(meeting, "SUMMARY") == "SUMMARY:Einladung gnp.exe"


@pytest.mark.parametrize(
    "text",
    [
        "Βάρη-Βούλα-Βουλιαγμένη " * 12,
        "x" + "Βάρη-Βούλα-Βουλιαγμένη" * 12,
        "👩‍💻 Łódź " * 30,
        "a" * 300,
        "a" * 66,
        "a" * 67,
        "a" * 68,
    ],
)
def test_lines_are_folded_at_75_octets_between_letters(text):
    meeting = make_meeting(title_de=text, description_de=text)

    body = entry_file(meeting)

    rows = body.split(b"\r\n")
    assert max(len(row) for row in rows) <= 75
    assert "".join(row.decode() for row in rows) == body.decode().replace("\r\n", "")
    assert body.replace(b"\r\n", b"").count(b"\n") == 0
    assert str(read(meeting)["summary"]) == text.strip()
    assert str(read(meeting)["description"]) == f"{text}\n{PAGE}"


def test_unchanged_meeting_gives_the_same_bytes_at_any_time(time_machine):
    time_machine.move_to(dt.datetime(2024, 3, 1, tzinfo=dt.UTC), tick=False)
    first = entry_file(make_meeting(title_de="Auftakt"))
    time_machine.move_to(dt.datetime(2025, 8, 1, tzinfo=dt.UTC), tick=False)

    assert entry_file(make_meeting(title_de="Auftakt")) == first


def test_identity_and_stamp_are_those_of_the_meeting():
    meeting = make_meeting(sequence=3)

    assert [line(meeting, name) for name in ("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE")] == [
        f"UID:{UID}@vernetztineuropa",
        "DTSTAMP:20220601T123015Z",
        "LAST-MODIFIED:20220601T123015Z",
        "SEQUENCE:3",
    ]


def test_identity_stays_when_everything_else_changes():
    before = make_meeting()
    after = make_meeting(
        pk=8, title_de="Anders", slug="anders", changed_at=CHANGED + dt.timedelta(1), sequence=1
    )

    assert line(before, "UID") == line(after, "UID")


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("planned", "TENTATIVE"),
        ("announced", "CONFIRMED"),
        ("unconfirmed", "TENTATIVE"),
        ("held", "CONFIRMED"),
        ("cancelled", "CANCELLED"),
    ],
)
def test_status_of_the_meeting_has_a_word_in_the_calendar(status, word, time_machine):
    time_machine.move_to(CHANGED, tick=False)
    meeting = make_meeting(status=status, earliest=AHEAD, latest=AHEAD)

    assert line(meeting, "STATUS") == f"STATUS:{word}"


def test_every_status_has_a_word():
    assert set(STATUSES) == set(MeetingStatus)


@pytest.mark.parametrize(
    ("status", "description"),
    [
        ("held", "Hamm – Arezzo\nWith a visit."),
        ("announced", "Hamm – Arezzo\nWith a visit."),
        (
            "unconfirmed",
            "Hamm – Arezzo\nAnnounced; that it took place is not documented.\nWith a visit.",
        ),
        ("cancelled", "Hamm – Arezzo\nWith a visit."),
    ],
)
def test_description_names_the_partnership_and_what_is_not_documented(
    status, description, time_machine
):
    time_machine.move_to(CHANGED, tick=False)
    tandem = TandemFactory.build(name_de="Hamm – Arezzo", name_en="Hamm – Arezzo")
    meeting = make_meeting(
        status=status,
        scope="tandem",
        tandem=tandem,
        description_en="With a visit.",
        earliest=AHEAD,
        latest=AHEAD,
    )

    page = PAGE.replace("/de/", "/en/")
    with translation.override("en"):
        assert str(read(meeting)["description"]) == f"{description}\n{page}"


def test_announced_meeting_is_certain_until_its_day_is_over_on_the_clock_of_the_portal(
    time_machine,
):
    meeting = make_meeting(status="announced", earliest=AHEAD, latest=AHEAD)
    midnight = dt.datetime.combine(AHEAD + dt.timedelta(days=1), dt.time(), ZoneInfo(BERLIN))
    told = []
    for moment in (midnight - dt.timedelta(seconds=1), midnight):
        time_machine.move_to(moment, tick=False)
        with translation.override("en"):
            lines = (
                line(meeting, "STATUS"),
                line(meeting, "DESCRIPTION"),
                line(meeting, "DTSTAMP"),
            )
        told.append((lines[0], "not documented" in lines[1], lines[2]))

    stamp = "DTSTAMP:20220601T123015Z"
    assert told == [("STATUS:CONFIRMED", False, stamp), ("STATUS:TENTATIVE", True, stamp)]
    # Who takes part was invited to it, and reads nothing of the kind.
    inside = entry_file(meeting, inside=True).decode()
    assert ("STATUS:CONFIRMED" in inside, "dokumentiert" in inside) == (True, False)


def test_event_speaks_the_readers_language():
    meeting = make_meeting(title_de="Auftakt", title_en="Kick-off", kind="kick_off", slug="auftakt")

    german = [line(meeting, name) for name in ("SUMMARY", "CATEGORIES", "URL")]
    with translation.override("en"):
        english = [line(meeting, name) for name in ("SUMMARY", "CATEGORIES", "URL")]

    assert german == [
        "SUMMARY:Auftakt",
        "CATEGORIES:Auftaktveranstaltung",
        "URL:http://localhost:8000/de/meetings/7/auftakt/",
    ]
    assert english == [
        "SUMMARY:Kick-off",
        "CATEGORIES:kick-off",
        "URL:http://localhost:8000/en/meetings/7/auftakt/",
    ]


def test_address_begins_with_the_public_one_of_the_installation(settings):
    settings.PUBLIC_URL = "https://portal.example"

    assert line(make_meeting(), "URL").startswith("URL:https://portal.example/de/")


@pytest.mark.parametrize(
    ("language", "name"),
    [("de", "#vernetztinEuropa: Treffen"), ("en", "#connectedinEurope: meetings")],
)
def test_calendar_says_what_it_is_and_how_often_to_ask(language, name):
    with translation.override(language):
        first, *facts, last, end = calendar_of([]).decode().split("\r\n")

    assert (first, last, end) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    assert sorted(facts) == [
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{name}",
        "PRODID:-//vernetztinEuropa//portal//DE",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "VERSION:2.0",
        "X-PUBLISHED-TTL:PT12H",
        f"X-WR-CALNAME:{name}",
    ]


def test_calendar_holds_its_meetings_in_their_order():
    calendar = Calendar.from_ical(
        calendar_of(
            [make_meeting(title_de="Zwei"), make_meeting(title_de="Eins", uid=uuid.uuid4())]
        )
    )

    assert [str(event["summary"]) for event in calendar.walk("VEVENT")] == ["Zwei", "Eins"]
    assert calendar.errors == []


@pytest.mark.django_db
def test_feed_holds_public_meetings_with_a_day_and_asks_once(django_assert_num_queries):
    MeetingFactory(title_de="Held", scope="tandem", tandem=TandemFactory())
    MeetingFactory(title_de="Internal", status="planned")
    MeetingFactory(title_de="Planned", scope="tandem", tandem=TandemFactory(status="planned"))
    MeetingFactory(title_de="Vague", precision="month")

    # What stands in it, and the meetings that are to be written.
    with django_assert_num_queries(2):
        body = b"".join(public_parts("de"))

    assert [str(event["summary"]) for event in Calendar.from_ical(body).walk("VEVENT")] == ["Held"]


@pytest.mark.django_db
def test_feed_is_not_built_again_while_nothing_changes(django_assert_num_queries):
    MeetingFactory()
    first = b"".join(public_parts("de"))
    version = feed_version()

    with django_assert_num_queries(0):
        kept = kept_feed("de", version)
        assert kept is not None
        assert b"".join(kept.parts()) == first


def retitle(meeting: Meeting) -> None:
    meeting.title_de = "Anders"
    meeting.save()


def rename_partnership(meeting: Meeting) -> None:
    meeting.tandem.name_de = "Anders"
    meeting.tandem.save()


def hide_partnership(meeting: Meeting) -> None:
    meeting.tandem.status = "planned"
    meeting.tandem.save()


def swap(meeting: Meeting) -> None:
    """Replace the meeting by an internal one that was there before."""
    internal = Meeting.objects.get(status="planned")
    Meeting.objects.filter(pk=internal.pk).update(status="held", is_public=True)
    Meeting.objects.filter(pk=meeting.pk).update(status="planned", is_public=False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        retitle,
        rename_partnership,
        hide_partnership,
        swap,
        Meeting.delete,
        lambda _: MeetingFactory(),
    ],
)
def test_every_change_of_the_feed_is_a_new_version(change, time_machine):
    time_machine.move_to(CHANGED, tick=False)
    meeting = MeetingFactory(scope="tandem", tandem=TandemFactory())
    MeetingFactory(status="planned")
    before = feed_version()
    time_machine.shift(1)

    change(meeting)

    assert feed_version() != before


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "changes"), [("announced", True), ("held", False)])
def test_day_after_an_announced_meeting_is_a_new_version_and_its_event_says_so(
    status, changes, time_machine
):
    time_machine.move_to(CHANGED, tick=False)
    MeetingFactory(status=status, is_public=True, earliest=AHEAD, latest=AHEAD)
    midnight = dt.datetime.combine(AHEAD + dt.timedelta(days=1), dt.time(), ZoneInfo(BERLIN))
    versions, feeds = [], []
    for moment in (midnight - dt.timedelta(seconds=1), midnight, midnight + dt.timedelta(days=9)):
        time_machine.move_to(moment, tick=False)
        versions.append(feed_version())
        feeds.append(b"".join(public_parts("en")))

    assert (versions[0] != versions[1], feeds[0] != feeds[1]) == (changes, changes)
    assert (versions[1], feeds[1]) == (versions[2], feeds[2])
    assert b"STATUS:CONFIRMED" in feeds[0]
    assert [b"not documented" in feed for feed in feeds] == [False, changes, changes]


@pytest.mark.django_db
def test_change_of_what_is_not_in_the_feed_is_no_new_version(time_machine):
    time_machine.move_to(CHANGED, tick=False)
    MeetingFactory()
    internal = MeetingFactory(status="planned")
    before = feed_version()
    time_machine.shift(1)

    retitle(internal)

    assert feed_version() == before
