"""The part of an invitation for calendars, as it arrives at a real mail server and in khal."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.utils import translation
from icalendar import Calendar
from post_office.models import Email

from core.outbox import put_calendar_beside_text
from meetings.actions.inviting import invite_guest, send_invitations, tell_invited
from meetings.itip import REQUEST, calendar_part
from tests.cycle import AttendanceFactory, make_cycle, plan_for
from tests.meetings.inviting_cases import change
from tests.smtp_sink import Sink

DAY = dt.timedelta(days=1)
HARD = {
    "title_de": "Sensoren {{ 1 }} {% now 'Y' %}; Żółw, ελληνικά",
    "title_en": 'Sensors {{ 1 }} "quoted", with; signs, über 100 Zeichen ' + "lang und länger " * 5,
    "description_en": "First line\nsecond\x07 line\u202e \\ end\u2028third",
    "place": "Rathaus, Saal „Łódź“",
    "remote_link": "https://meet.example/{room}",
}
KHAL = """\
[calendars]
[[portal]]
path = {folder}/events
type = calendar
[locale]
local_timezone = Europe/Rome
default_timezone = Europe/Rome
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[default]
default_calendar = portal
[sqlite]
path = {folder}/khal.db
"""


@pytest.fixture
def sink(settings):
    """A mail server that works, and settings that lead to it."""
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "Portal <portal@example.org>"
        settings.POST_OFFICE = {
            **settings.POST_OFFICE,
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
        }
        yield server


def invited_guest(**meeting):
    """Return a meeting to which Ada, from outside, was invited, in English, on Rome's clock."""
    cycle = make_cycle(**meeting)
    by = cycle.person("contact")
    invite_guest(
        meeting=cycle.meeting,
        name="Ada Rossi",
        email="ada@example.org",
        language="en",
        time_zone="Europe/Rome",
        by=by,
    )
    send_invitations(meeting=cycle.meeting, by=by)
    cycle.meeting.refresh_from_db()
    return cycle.meeting


def received(sink):
    """Run the jobs once, as a timer does; return the message that arrived last."""
    call_command("run_jobs", "--once")
    return sink.deliveries[-1].message


def calendar_among(message):
    """Return the alternative for calendars and the calendar in it."""
    (part,) = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    return part, Calendar.from_ical(part.get_payload(decode=True))


@pytest.mark.django_db
def test_invitation_arrives_as_text_page_calendar_and_file(sink):
    meeting = invited_guest(**HARD)

    message = received(sink)

    assert message.get_content_type() == "multipart/mixed"
    letter, file = message.iter_parts()
    assert [part.get_content_type() for part in letter.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    part, calendar = calendar_among(message)
    assert (part.get_param("method"), part.get_param("charset")) == ("REQUEST", "utf-8")
    assert part.get_content_disposition() is None
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert Calendar.from_ical(file.get_payload(decode=True)) == calendar
    raw = file.get_payload(decode=True)
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "REQUEST"
    assert event["UID"] == f"{meeting.uid}@vernetztineuropa"
    assert event["SUMMARY"] == HARD["title_en"].strip()
    assert event["LOCATION"] == HARD["place"]
    assert event["ORGANIZER"] == "mailto:portal@example.org"
    assert event["ORGANIZER"].params["CN"] == "Hamm and Arezzo"
    guest = event["ATTENDEE"]
    assert guest == "mailto:ada@example.org"
    assert {name: guest.params[name] for name in ("CN", "PARTSTAT", "ROLE", "RSVP")} == {
        "CN": "Ada Rossi",
        "PARTSTAT": "NEEDS-ACTION",
        "ROLE": "REQ-PARTICIPANT",
        # Nobody would read what the program sends.
        "RSVP": "FALSE",
    }
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (meeting.starts_at, meeting.ends_at)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)
    told = str(event["DESCRIPTION"])
    assert told.startswith("First line\nsecond line \\ end\nthird")
    assert HARD["remote_link"] in told
    assert "/en/meetings/answer/" in told
    assert "\x07" not in told
    assert HARD["title_en"].strip() in " ".join(message.get_body(("plain",)).get_content().split())


@pytest.mark.django_db
def test_same_invitation_gives_the_same_bytes_and_a_change_another_stamp():
    row = AttendanceFactory(meeting=plan_for(None))

    first, again = (calendar_part(row, row.meeting, method=REQUEST) for _ in range(2))

    assert first == again
    row.meeting.changed_at += DAY
    assert calendar_part(row, row.meeting, method=REQUEST) != first


@pytest.mark.django_db
def test_whole_days_end_with_the_day_after_and_names_keep_their_quotes_in():
    first = dt.date(2098, 5, 1)
    meeting = plan_for(None, starts_at=None, ends_at=None, earliest=first, latest=first + DAY)
    row = AttendanceFactory(meeting=meeting)
    row.user.name = 'Ada "Bee";\r\nX:Rossi'

    (event,) = Calendar.from_ical(calendar_part(row, meeting, method=REQUEST)).walk("VEVENT")

    assert (event["DTSTART"].dt, event["DTEND"].dt) == (first, first + 2 * DAY)
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["ATTENDEE"].params["CN"] == "Ada 'Bee'; X:Rossi"


@pytest.mark.django_db
def test_mail_without_a_calendar_is_sent_as_it_was(sink):
    plain = EmailMessage("Hi", "Text", to=["ada@example.org"])
    plain.attach("a.pdf", b"%PDF-1.7", "application/pdf")
    plain.send()

    put_calendar_beside_text(plain)
    message = received(sink)

    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "application/pdf",
    ]


@pytest.mark.django_db
def test_khal_takes_in_the_invitation_its_change_and_its_end(sink, tmp_path):
    meeting = invited_guest(
        title_en="Sensors",
        earliest=dt.date(2036, 7, 1),
        latest=dt.date(2036, 7, 1),
        starts_at=dt.datetime(2036, 7, 1, 8, tzinfo=dt.UTC),
        ends_at=dt.datetime(2036, 7, 1, 10, tzinfo=dt.UTC),
    )
    (tmp_path / "events").mkdir()
    (tmp_path / "config").write_text(KHAL.format(folder=tmp_path))
    shown = [take_in(tmp_path, received(sink))]
    with translation.override("de"):
        meeting = change(
            meeting,
            earliest=dt.date(2036, 7, 2),
            latest=dt.date(2036, 7, 2),
            starts_at=dt.datetime(2036, 7, 2, 8, tzinfo=dt.UTC),
            ends_at=dt.datetime(2036, 7, 2, 10, tzinfo=dt.UTC),
            sequence=1,
        )
        tell_invited(meeting=meeting, by=None)
    shown.append(take_in(tmp_path, received(sink)))
    tell_invited(meeting=change(meeting, status="cancelled", sequence=2), by=None)
    shown.append(take_in(tmp_path, received(sink)))

    assert shown == [
        ["2036-07-01 10:00 Sensors CONFIRMED"],
        ["2036-07-02 10:00 Sensors CONFIRMED"],
        ["2036-07-02 10:00 Sensors CANCELLED"],
    ]
    assert Email.objects.filter(to=["ada@example.org"]).count() <= 3


def take_in(folder: Path, message) -> list[str]:
    """Import the file of a mail into khal; return what the calendar then shows."""
    (folder / "invite.ics").write_bytes(list(message.iter_attachments())[-1].get_content())

    def run(*arguments: str) -> str:
        answer = subprocess.run(
            [Path(sys.executable).with_name("khal"), "--config", folder / "config", *arguments],
            check=True,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"},
        )
        return answer.stdout

    run("import", "--batch", "--include-calendar", "portal", str(folder / "invite.ics"))
    form = "{start-date} {start-time} {title} {status}"
    listed = run("list", "--day-format", "", "--format", form, "2036-06-30", "2036-07-04")
    return [" ".join(line.split()) for line in listed.splitlines() if line.strip()]
