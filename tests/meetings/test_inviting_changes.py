"""Invited people are told what changed, and only that."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone, translation
from post_office.models import Email

from core.dates import DatePrecision
from meetings.actions import change_meeting_status
from meetings.actions.inviting import invite_guest, tell_invited
from meetings.actions.planning import set_date
from meetings.actions.replying import answer_invitation, reply_to_meeting
from meetings.enums import MeetingStatus, Reply
from meetings.invitation import changes_of, facts_of, is_told_anew
from tests.cycle import make_cycle
from tests.meetings.inviting_cases import (
    OFFICERS,
    addresses,
    calendar_in,
    change,
    invited,
    mail_to,
    mailed_to,
    row_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def english(cycle, name="partner", zone="Europe/Rome"):
    """Let a person read English mails on a clock; return its address."""
    person = cycle.people[name]
    person.language, person.time_zone = "en", zone
    person.save()
    return person.email


def tell(meeting):
    with translation.override("de"):
        return tell_invited(meeting=meeting, by=None)


def event_in(mail):
    (event,) = calendar_in(mail).walk("VEVENT")
    return event


def test_nothing_changed_means_no_mail():
    cycle = invited()

    assert tell(change(cycle.meeting, sequence=4)) == 0
    assert not Email.objects.exists()


def test_changed_place_is_named_with_the_old_one_and_answers_stay():
    cycle = invited(place="Rathaus")
    address = english(cycle)
    answer_invitation(attendance=row_of(cycle, "partner"), reply="yes", by=None)

    told = tell(change(cycle.meeting, place="Bibliothek", sequence=1))

    assert told == 6
    assert mailed_to() == addresses(*[cycle.people[name] for name in OFFICERS])
    mail = mail_to(address)
    assert "Place\nbefore: Rathaus\nnow: Bibliothek" in mail.message
    assert "Date and time" not in mail.message
    assert "Your answer stays as it is." in mail.message
    event = event_in(mail)
    assert (event["SEQUENCE"], event["LOCATION"]) == (1, "Bibliothek")
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert row_of(cycle, "partner").reply == Reply.YES
    assert tell(cycle.meeting) == 0


def test_calendar_revision_grows_even_if_the_caller_forgot():
    cycle = invited()

    tell(change(cycle.meeting, place="Bibliothek"))

    cycle.meeting.refresh_from_db()
    assert cycle.meeting.sequence == 1
    assert {event_in(mail)["SEQUENCE"] for mail in Email.objects.all()} == {1}


def test_moved_date_is_told_on_the_reader_s_clock_and_asks_again():
    cycle = invited(
        earliest=dt.date(2098, 7, 1),
        latest=dt.date(2098, 7, 1),
        starts_at=dt.datetime(2098, 7, 1, 8, tzinfo=dt.UTC),
        ends_at=dt.datetime(2098, 7, 1, 10, tzinfo=dt.UTC),
    )
    address = english(cycle, zone="Europe/Sofia")
    for name, reply in (("partner", "yes"), ("deputy", "no")):
        answer_invitation(attendance=row_of(cycle, name), reply=reply, note="gern", by=None)
    moved = {"starts_at": dt.datetime(2098, 7, 2, 8, tzinfo=dt.UTC), "sequence": 1}
    moved |= {"ends_at": dt.datetime(2098, 7, 2, 10, tzinfo=dt.UTC)}

    tell(change(cycle.meeting, earliest=dt.date(2098, 7, 2), latest=dt.date(2098, 7, 2), **moved))

    mail = mail_to(address)
    assert "before: 1 July 2098, 11:00–13:00 (Sofia); 1 July 2098, 10:00–12:00" in mail.message
    assert "now: 2 July 2098, 11:00–13:00 (Sofia); 2 July 2098, 10:00–12:00" in mail.message
    assert "your earlier answer no longer counts" in mail.message
    # A subject line is short: the reader's clock alone.
    assert mail.subject.endswith(", 2 July 2098, 11:00–13:00 (Sofia)")
    assert event_in(mail)["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    for name in ("partner", "deputy"):
        row = row_of(cycle, name)
        assert (row.reply, row.reply_note, row.replied_at) == (Reply.NONE, "", None)
    other = mail_to(cycle.people["contact"].email)
    assert "no longer counts" not in other.message


def test_cancelled_meeting_takes_itself_out_of_calendars_and_says_why():
    cycle = invited()
    guest = invite_guest(
        meeting=cycle.meeting,
        name="Ada",
        email="ada@example.org",
        language="en",
        time_zone="Europe/Rome",
        by=cycle.person("contact"),
    )
    address = english(cycle)

    meeting = change_meeting_status(
        meeting=cycle.meeting, status=MeetingStatus.CANCELLED, note="Strike", by=None
    )

    assert mailed_to() == addresses(*[cycle.people[name] for name in OFFICERS])
    mail = mail_to(address)
    assert (calendar_in(mail)["METHOD"], event_in(mail)["STATUS"]) == ("CANCEL", "CANCELLED")
    assert event_in(mail)["SEQUENCE"] == 1
    assert "Reason: Strike" in mail.message
    assert tell(meeting) == 0
    # Who was never invited is not told that nothing takes place.
    assert guest.email not in mailed_to()


def test_meeting_that_takes_place_after_all_asks_again():
    cycle = invited()
    address = english(cycle)
    answer_invitation(attendance=row_of(cycle, "partner"), reply="yes", by=None)
    meeting = change_meeting_status(meeting=cycle.meeting, status="cancelled", by=None)

    change_meeting_status(meeting=meeting, status="announced", by=None)

    mail = mail_to(address)
    assert mail.subject.startswith("Takes place after all")
    assert (calendar_in(mail)["METHOD"], event_in(mail)["SEQUENCE"]) == ("REQUEST", 2)
    assert row_of(cycle, "partner").reply == Reply.NONE


def test_meeting_that_lost_its_day_leaves_the_calendar():
    cycle = invited()
    address = english(cycle)

    tell(
        change(
            cycle.meeting,
            precision=DatePrecision.MONTH,
            starts_at=None,
            ends_at=None,
            sequence=1,
        )
    )

    mail = mail_to(address)
    assert "now: not fixed yet" in mail.message
    assert calendar_in(mail)["METHOD"] == "CANCEL"
    assert event_in(mail)["DTSTART"].dt == cycle.meeting.starts_at


def test_title_in_one_language_is_news_to_its_readers_only():
    cycle = invited(title_de="Treffen", title_en="Meeting")
    address = english(cycle)

    assert tell(change(cycle.meeting, title_en="Workshop", sequence=1)) == 1
    assert mailed_to() == [address]
    assert "before: Meeting\nnow: Workshop" in mail_to(address).message


def test_nobody_is_told_of_a_meeting_that_is_over():
    cycle = invited()
    past = timezone.localdate() - 3 * DAY
    fields = {"starts_at": None, "ends_at": None, "earliest": past, "latest": past}

    assert tell(change(cycle.meeting, place="Anderswo", **fields)) == 0


def test_only_invited_people_are_told():
    cycle = invited()
    gone = cycle.people["partner"]
    gone.role_assignments.update(until=timezone.localdate() - DAY)

    assert tell(change(cycle.meeting, place="Anderswo", sequence=1)) == 5
    assert gone.email not in mailed_to()


def test_facts_name_every_change_in_words():
    cycle = invited(place="Rathaus", format="virtual", language="de")
    before = facts_of(cycle.meeting)
    meeting = change(
        cycle.meeting,
        format="on_site",
        language="en",
        address="Markt 1",
        remote_link="https://meet.example/1",
        remote_note="PIN 1",
    )

    with translation.override("en"):
        found = changes_of(before, facts_of(meeting), language="en", clock="Europe/Berlin")

    assert [(one.label, one.old, one.new) for one in found] == [
        ("Format", "virtual", "on site"),
        ("Address", "", "Markt 1"),
        ("Link for taking part remotely", "", "https://meet.example/1"),
        ("How to dial in", "", "PIN 1"),
        ("Working language", "German", "English"),
    ]
    assert is_told_anew(before, facts_of(meeting), "en")
    assert not is_told_anew({}, facts_of(meeting), "en")


def test_early_no_is_asked_for_again_when_the_meeting_moves():
    cycle = make_cycle()
    colleague = cycle.person("colleague")
    reply_to_meeting(meeting=cycle.meeting, reply="no", by=colleague)
    start = cycle.meeting.starts_at + 7 * DAY

    set_date(
        meeting=cycle.meeting,
        earliest=start.date(),
        latest=start.date(),
        starts_at=start,
        ends_at=start + dt.timedelta(hours=2),
        time_zone=cycle.meeting.time_zone,
        by=cycle.person("contact"),
    )

    assert mailed_to() == [colleague.email]
    assert cycle.meeting.attendances.get(user=colleague).reply == "none"
