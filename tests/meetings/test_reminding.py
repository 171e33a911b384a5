"""Reminders: who chooses them, when they are sent, and to whom."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from post_office.models import Email

from meetings.actions.inviting import invite_everybody, tell_invited
from meetings.actions.reminding import choose_reminders, send_meeting_reminders
from meetings.actions.replying import answer_invitation
from meetings.models import MeetingReminder
from tests.cycle import make_cycle
from tests.factories import make_user
from tests.meetings.inviting_cases import (
    OFFICERS,
    addresses,
    change,
    invited,
    mail_to,
    mailed_to,
    row_of,
    url,
)
from tests.reading import read

pytestmark = pytest.mark.django_db
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def reminded(*hours, **meeting):
    """Return a partnership that was invited, with reminders so many hours before."""
    cycle = invited(**meeting)
    choose_reminders(meeting=cycle.meeting, hours=hours, by=cycle.person("contact"))
    return cycle


def run(moment):
    """Run the job at a moment, twice; return how many mails each wrote."""
    with time_machine.travel(moment, tick=False):
        return [send_meeting_reminders() for _ in range(2)]


def test_officer_chooses_reminders_and_changes_the_choice():
    cycle = make_cycle()
    client = cycle.client("contact")
    page = url("reminders", cycle.meeting.pk)

    client.post(page, {"hours": ["24", "2"]})
    answer = client.post(page, {"hours": ["24", "168"]})

    assert (answer.status_code, answer.url) == (302, url("invitations", cycle.meeting.pk))
    assert [row.hours_before for row in cycle.meeting.reminders.all()] == [168, 24]
    ticked = read(client.get(page)).main.one("form", class_="form").values()["hours"]
    assert sorted(ticked) == ["168", "24"]
    client.post(page, {})
    assert not MeetingReminder.objects.exists()


@pytest.mark.parametrize("hours", ["5", "x", "-1"])
def test_other_hours_are_refused_at_the_field(hours):
    cycle = make_cycle()

    response = cycle.client("contact").post(url("reminders", cycle.meeting.pk), {"hours": [hours]})

    assert list(response.context["form"].errors) == ["hours"]
    with pytest.raises(ValidationError):
        choose_reminders(meeting=cycle.meeting, hours=[5], by=cycle.person("contact"))


@pytest.mark.parametrize("who", ["colleague", "neighbour", "nobody"])
def test_who_does_not_lead_chooses_nothing(who):
    cycle = make_cycle()

    with pytest.raises(PermissionDenied):
        choose_reminders(meeting=cycle.meeting, hours=[24], by=cycle.person(who))


def test_reminder_is_sent_once_in_time_to_who_has_not_said_no():
    cycle = reminded(24)
    start = cycle.meeting.starts_at
    answer_invitation(attendance=row_of(cycle, "deputy"), reply="no", by=None)
    answer_invitation(attendance=row_of(cycle, "partner"), reply="yes", by=None)
    gone = cycle.people["partner deputy"]
    gone.role_assignments.update(until=timezone.localdate())
    make_user("colleague", cycle.hamm)
    invite_everybody(meeting=cycle.meeting, by=cycle.person("contact"))

    assert run(start - DAY - HOUR) == [0, 0]
    assert run(start - DAY) == [4, 0]
    assert mailed_to() == addresses(
        *[cycle.people[name] for name in OFFICERS if name not in {"deputy", "partner deputy"}]
    )
    assert run(start - HOUR) == [0, 0]


def test_reminder_speaks_the_language_and_clock_of_the_reader():
    cycle = reminded(2, remote_link="https://meet.example/1", title_en="Sensors")
    person = cycle.people["partner"]
    person.language, person.time_zone = "en", "Europe/Sofia"
    person.save()

    run(cycle.meeting.starts_at - 2 * HOUR)

    mail = mail_to(person.email)
    assert mail.subject.startswith("Reminder: Sensors")
    assert "(Sofia)" in mail.message
    assert "https://meet.example/1" in mail.message
    assert not mail.attachments.exists()


def test_reminder_whose_time_has_long_passed_is_not_sent():
    cycle = reminded(168, 2)
    start = cycle.meeting.starts_at

    assert run(start - 7 * DAY + 13 * HOUR) == [0, 0]
    assert run(start - HOUR + dt.timedelta(minutes=1)) == [0, 0]
    assert run(start) == [0, 0]


def test_reminder_before_the_invitation_says_nothing_new():
    start = timezone.now().replace(microsecond=0) + 6 * DAY + 20 * HOUR
    cycle = reminded(
        168, starts_at=start, ends_at=start + HOUR, earliest=start.date(), latest=start.date()
    )

    assert run(timezone.now()) == [0, 0]
    assert not cycle.meeting.reminders.get().sent_at


def test_moved_meeting_is_reminded_of_again():
    cycle = reminded(24)
    start = cycle.meeting.starts_at
    assert run(start - DAY) == [6, 0]
    later = cycle.meeting.earliest + DAY
    meeting = change(
        cycle.meeting,
        starts_at=start + DAY,
        ends_at=start + DAY + HOUR,
        earliest=later,
        latest=later,
    )
    with time_machine.travel(start - HOUR, tick=False):
        tell_invited(meeting=meeting, by=None)

    assert run(start) == [6, 0]


@pytest.mark.parametrize(
    ("zone", "start", "hours", "due"),
    [
        # The night in which an hour is missing, and the one that has an hour more.
        ("Europe/Berlin", "2035-03-25T10:00", 24, "2035-03-24T10:00"),
        ("Europe/Berlin", "2035-03-25T10:00", 72, "2035-03-22T10:00"),
        ("Europe/Sofia", "2035-03-26T10:00", 168, "2035-03-19T10:00"),
        ("Europe/Lisbon", "2035-10-28T09:30", 24, "2035-10-27T09:30"),
        ("Europe/Athens", "2035-10-29T18:00", 72, "2035-10-26T18:00"),
        ("Europe/Bucharest", "2035-11-02T18:00", 168, "2035-10-26T18:00"),
        # Two hours are two hours, whatever the clock says: from 01:30 to 04:30 in that night.
        ("Europe/Berlin", "2035-03-25T04:30", 2, "2035-03-25T01:30"),
        ("Europe/London", "2035-07-05T10:00", 24, "2035-07-04T10:00"),
    ],
)
def test_days_before_are_counted_on_the_clock_of_the_place(zone, start, hours, due):
    clock = ZoneInfo(zone)
    begin, moment = (
        dt.datetime.fromisoformat(text).replace(tzinfo=clock).astimezone(dt.UTC)
        for text in (start, due)
    )
    day = begin.astimezone(clock).date()
    cycle = reminded(
        hours, starts_at=begin, ends_at=begin + HOUR, earliest=day, latest=day, time_zone=zone
    )

    assert run(moment - dt.timedelta(minutes=1)) == [0, 0]
    assert run(moment) == [6, 0]
    assert cycle.meeting.reminders.get().sent_at == moment


def test_whole_days_begin_at_eight_on_the_clock_of_the_place():
    first = dt.date(2036, 7, 1)
    cycle = reminded(
        24,
        starts_at=None,
        ends_at=None,
        earliest=first,
        latest=first + DAY,
        time_zone="Europe/Sofia",
    )
    moment = dt.datetime(2036, 6, 30, 5, tzinfo=dt.UTC)

    assert run(moment - dt.timedelta(minutes=1)) == [0, 0]
    assert run(moment) == [6, 0]
    assert cycle.meeting.reminders.get().sent_at == moment


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "cancelled"},
        {"status": "held"},
        {"precision": "month", "starts_at": None, "ends_at": None},
        {"invited_at": None},
    ],
)
def test_nobody_is_reminded_of_what_does_not_take_place(fields):
    cycle = reminded(24)
    start = cycle.meeting.starts_at
    change(cycle.meeting, **fields)

    assert run(start - DAY) == [0, 0]
    assert not Email.objects.exists()


def test_meeting_that_is_over_takes_no_reminders():
    cycle = make_cycle()
    change(cycle.meeting, status="cancelled")

    with pytest.raises(ValidationError):
        choose_reminders(meeting=cycle.meeting, hours=[24], by=cycle.person("contact"))
