"""Answers from calendar programs are noted like those by link, or the person learns why not."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage

import pytest
from django.core.management import call_command
from django.utils import timezone
from icalendar import Calendar
from post_office.models import Email

from core.dates import DatePrecision
from meetings.actions.calendar_answering import take_calendar_answer
from meetings.actions.inviting import (
    invite_guest,
    send_invitations,
    tell_invited,
)
from meetings.actions.replying import answer_invitation
from meetings.actions.withdrawing import remove_invitation
from meetings.calendar_answers import CalendarAnswer
from meetings.enums import MeetingStatus, Reply
from meetings.ical import uid_of
from meetings.links import answer_address, attendance_by_address
from meetings.models import Attendance
from tests.imap_server import imap_server
from tests.meetings.inviting_cases import calendar_in, change, invited, mail_to, row_of
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _address(settings):
    settings.ANSWER_ADDRESS = "Answers@portal.example"


def english_row(cycle, name="partner"):
    """Return the invitation of somebody who reads English."""
    row = row_of(cycle, name)
    row.user.language = "en"
    row.user.save()
    return row


def answer_of(row, **changes):
    """Return what a calendar program sends for an invited person who presses "accept"."""
    row.refresh_from_db()
    said = {
        "recipients": (answer_address(row).lower(),),
        "uid": uid_of(row.meeting),
        "sender": row.address,
        "reply": Reply.YES,
        "note": "",
        "sequence": row.told_sequence or 0,
        "sent_at": timezone.now(),
    }
    return CalendarAnswer(**(said | changes))


def take(row, **changes):
    """Take such an answer; return whether it was one, what is noted then, and the mails."""
    Email.objects.all().delete()
    is_taken = take_calendar_answer(answer=answer_of(row, **changes), by=None)
    found = Attendance.objects.filter(pk=row.pk).first()
    noted = (found.reply, found.reply_note) if found else None
    return is_taken, noted, Email.objects.count()


def test_answer_is_noted_with_its_comment():
    row = row_of(invited(), "partner")

    assert take(row, note="by train") == (True, (Reply.YES, "by train"), 0)
    assert take(row, reply=Reply.NO) == (True, (Reply.NO, ""), 0)


def test_same_answer_without_a_comment_leaves_the_earlier_one():
    row = row_of(invited(), "partner")
    take(row, note="by train")

    assert take(row) == (True, (Reply.YES, "by train"), 0)


def test_whoever_guesses_an_address_answers_for_nobody():
    cycle = invited()
    row, other = row_of(cycle, "partner"), row_of(cycle, "deputy")
    mine = answer_address(row)
    forged = mine.replace(f"+{row.pk}-", f"+{other.pk}-")

    for recipient in (forged, mine.replace("+", "+0"), "answers@portal.example", mine[1:]):
        assert take(other, recipients=(recipient,)) == (False, (Reply.NONE, ""), 0)
    assert attendance_by_address([mine.upper()]) == row


def test_address_holds_when_the_key_is_changed(settings):
    row = row_of(invited(), "partner")
    address, old = answer_address(row), settings.SECRET_KEY
    settings.SECRET_KEY = "another key " * 5

    assert attendance_by_address([address]) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert attendance_by_address([address]) == row


def test_answer_about_another_meeting_is_none_of_ours():
    row = row_of(invited(), "partner")

    assert take(row, uid="other@vernetztineuropa") == (False, (Reply.NONE, ""), 0)


def test_answer_from_another_address_is_asked_for_at_the_invited_one():
    row = row_of(invited(), "partner")

    assert take(row, sender="bo@example.org") == (True, (Reply.NONE, ""), 1)
    mail = mail_to(row.address)
    assert "bo@example.org" in mail.message
    assert "/meetings/answer/" in mail.message


def test_address_counts_in_any_spelling():
    cycle = invited()
    by = cycle.person("contact")
    row = invite_guest(
        meeting=cycle.meeting,
        name="Bo",
        email="bo@straße.example",
        language="de",
        time_zone="Europe/Berlin",
        by=by,
    )

    assert take(row, sender="BO@xn--strae-oqa.example")[1] == (Reply.YES, "")


def test_answer_about_an_earlier_date_does_not_count_and_the_person_reads_why():
    cycle = invited()
    row = english_row(cycle)
    old = answer_of(row)
    meeting = cycle.meeting
    change(
        meeting,
        earliest=meeting.earliest + DAY,
        latest=meeting.latest + DAY,
        starts_at=meeting.starts_at + DAY,
        ends_at=meeting.ends_at + DAY,
        sequence=meeting.sequence + 1,
    )
    tell_invited(meeting=meeting, by=None)

    assert take(row, sequence=old.sequence) == (True, (Reply.NONE, ""), 1)
    assert "earlier date" in mail_to(row.address).message
    assert take(row) == (True, (Reply.YES, ""), 0)


def test_answer_from_before_a_change_that_moved_nothing_counts():
    cycle = invited()
    row = row_of(cycle, "partner")
    old = answer_of(row)
    change(cycle.meeting, place="Another hall", sequence=cycle.meeting.sequence + 1)
    tell_invited(meeting=cycle.meeting, by=None)

    assert take(row, sequence=old.sequence) == (True, (Reply.YES, ""), 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": MeetingStatus.CANCELLED},
        {"status": MeetingStatus.HELD},
        {"precision": DatePrecision.MONTH, "starts_at": None, "ends_at": None},
    ],
    ids=["cancelled", "held", "undated"],
)
def test_answer_that_comes_too_late_is_answered(changes):
    cycle = invited()
    row = english_row(cycle)
    change(cycle.meeting, **changes)

    assert take(row) == (True, (Reply.NONE, ""), 1)
    assert "until a meeting begins" in mail_to(row.address).message


def test_answer_mailed_before_the_one_that_is_noted_changes_nothing():
    row = row_of(invited(), "partner")
    answer_invitation(attendance=row, reply=Reply.NO, note="ill", by=row.user)

    early = timezone.now() - dt.timedelta(minutes=5)

    assert take(row, sent_at=early) == (True, (Reply.NO, "ill"), 0)
    assert take(row, sent_at=None) == (True, (Reply.YES, ""), 0)


def test_address_of_a_removed_invitation_or_a_closed_account_names_nobody():
    cycle = invited()
    removed, closed = row_of(cycle, "partner"), row_of(cycle, "deputy")
    answer, other = answer_of(removed), answer_of(closed)
    remove_invitation(attendance=removed, by=cycle.person("contact"))
    closed.user.is_active = False
    closed.user.save()
    Email.objects.all().delete()

    assert take_calendar_answer(answer=answer, by=None) is False
    assert take_calendar_answer(answer=other, by=None) is False
    assert Email.objects.count() == 0


def test_without_an_address_nobody_is_asked_to_answer_by_calendar(settings):
    settings.ANSWER_ADDRESS = ""
    row = row_of(invited(), "partner")

    assert answer_address(row) == ""
    assert attendance_by_address(["+1-0@"]) is None
    call_command("run_jobs", "--once")


def test_button_in_a_calendar_program_reaches_the_portal(settings):
    """The whole way: our mail by SMTP, the program's answer in a mailbox, read by the job."""
    cycle = invited()
    invite_guest(
        meeting=cycle.meeting,
        name="Ada",
        email="ada@example.org",
        language="en",
        time_zone="Europe/Rome",
        by=cycle.person("contact"),
    )
    send_invitations(meeting=cycle.meeting, by=cycle.person("contact"))
    row = Attendance.objects.get(email="ada@example.org")
    with Sink() as sink, imap_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.POST_OFFICE = {
            **settings.POST_OFFICE,
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
        }
        settings.ANSWER_MAILBOX = server.settings()
        call_command("run_jobs", "--once")
        (invitation,) = [one for one in sink.deliveries if one.recipients == ["ada@example.org"]]
        server.deliver(pressed(invitation.message, "TENTATIVE"))
        server.deliver(b"Subject: Lunch?\r\nTo: answers@portal.example\r\n\r\nAt one?\r\n")

        call_command("run_jobs", "--once")

        row.refresh_from_db()
        assert row.reply == Reply.MAYBE
        assert server.left() == [("Lunch?", True)]
    assert "buttons of your calendar" in invitation.message.get_body(("plain",)).get_content()


def pressed(invitation, partstat):
    """Return what a calendar program mails: the event as it was, one attendee, the answer."""
    (part,) = [one for one in invitation.walk() if one.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    calendar["METHOD"] = "REPLY"
    event["ATTENDEE"].params["PARTSTAT"] = partstat
    message = EmailMessage()
    message["Subject"], message["From"] = "Tentative: Sensors", "ada@example.org"
    message["To"] = str(event["ORGANIZER"]).removeprefix("mailto:")
    message.set_content(calendar.to_ical().decode(), subtype="calendar", params={"method": "REPLY"})
    return message


def test_calendar_names_the_address_that_answers_go_to():
    cycle = invited()
    cycle.meeting.refresh_from_db()
    row = row_of(cycle, "partner")
    change(cycle.meeting, place="Another hall", sequence=cycle.meeting.sequence + 1)
    tell_invited(meeting=cycle.meeting, by=None)

    (event,) = calendar_in(mail_to(row.address)).walk("VEVENT")

    assert event["ORGANIZER"] == f"mailto:{answer_address(row)}"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
