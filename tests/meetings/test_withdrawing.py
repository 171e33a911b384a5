"""Whoever has no access to a meeting any more loses it from the calendar too."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from post_office.models import Email

from accounts.models import RoleAssignment
from meetings.actions.guests import end_meeting_guest, let_into_meeting
from meetings.actions.inviting import invite_everybody, send_invitations
from meetings.actions.meeting import cancel_meeting
from meetings.actions.withdrawing import remove_invitation, withdraw_lost_invitations
from meetings.enums import MeetingStatus
from meetings.models import Attendance
from tests.cycle import AttendanceFactory, make_cycle, plan_for
from tests.factories import MunicipalityFactory, make_user
from tests.meetings.inviting_cases import (
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
#: Everybody of Arezzo.
PARTNERS = ("partner", "partner deputy", "partner colleague")


def method_of(mail):
    """Return what a mail asks of the calendar, and the revision it names."""
    calendar = calendar_in(mail)
    return str(calendar["METHOD"]), int(calendar.walk("VEVENT")[0]["SEQUENCE"])


def test_guest_whose_access_ended_is_told_and_loses_the_entry():
    cycle = make_cycle()
    by = cycle.person("contact")
    place = MunicipalityFactory()
    officer = make_user("contact", place)
    officer.language = "en"
    officer.save()
    guest = let_into_meeting(meeting=cycle.meeting, municipality=place, by=by)
    invite_everybody(meeting=cycle.meeting, by=by)
    send_invitations(meeting=cycle.meeting, by=by)
    assert withdraw_lost_invitations() == 0
    end_meeting_guest(guest=guest, by=by)
    Email.objects.all().delete()

    assert withdraw_lost_invitations() == 1

    assert mailed_to() == [officer.email]
    mail = mail_to(officer.email)
    assert "you no longer have access" in mail.message
    assert method_of(mail)[0] == "CANCEL"
    assert not cycle.meeting.attendances.filter(user=officer).exists()
    assert withdraw_lost_invitations() == 0


def test_city_that_left_loses_the_entry_of_a_meeting_that_goes_on():
    cycle = invited()
    cycle.tandem.members.filter(municipality=cycle.arezzo).update(
        left_on=timezone.localdate() - DAY
    )

    assert withdraw_lost_invitations() == 3

    assert mailed_to() == addresses(*(cycle.people[name] for name in PARTNERS))


def test_person_whose_role_ended_loses_the_entry_and_a_closed_account_gets_nothing():
    cycle = invited()
    ended, closed = row_of(cycle, "deputy").user, row_of(cycle, "colleague").user
    RoleAssignment.objects.filter(user__in=[ended, closed]).update(until=timezone.localdate() - DAY)
    closed.is_active = False
    closed.save()

    assert withdraw_lost_invitations() == 1
    assert mailed_to() == [ended.email]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": MeetingStatus.HELD},
        {"status": MeetingStatus.CANCELLED},
        {
            "earliest": dt.date(2024, 5, 1),
            "latest": dt.date(2024, 5, 1),
            "starts_at": dt.datetime(2024, 5, 1, 8, tzinfo=dt.UTC),
            "ends_at": dt.datetime(2024, 5, 1, 9, tzinfo=dt.UTC),
        },
    ],
    ids=["held", "cancelled", "past"],
)
def test_meeting_that_no_longer_comes_keeps_who_was_invited(changes):
    cycle = invited()
    cycle.tandem.members.filter(municipality=cycle.arezzo).update(
        left_on=timezone.localdate() - DAY
    )
    change(cycle.meeting, **changes)

    assert (withdraw_lost_invitations(), mailed_to()) == (0, [])


def test_who_was_never_told_is_not_told_that_it_is_over():
    cycle = make_cycle()
    invite_everybody(meeting=cycle.meeting, by=cycle.person("contact"))
    cycle.tandem.members.filter(municipality=cycle.arezzo).update(
        left_on=timezone.localdate() - DAY
    )

    assert (withdraw_lost_invitations(), mailed_to()) == (0, [])
    assert Attendance.objects.filter(meeting=cycle.meeting).count() == 6


def test_cancellation_reaches_who_lost_access_a_moment_before_without_its_reason():
    cycle = invited()
    for person in cycle.people.values():
        person.language = "en"
        person.save()
    cycle.tandem.members.filter(municipality=cycle.arezzo).update(
        left_on=timezone.localdate() - DAY
    )

    cancel_meeting(meeting=cycle.meeting, note="Ada is ill", by=cycle.person("contact"))

    lost, kept = mail_to(cycle.people["partner"].email), mail_to(cycle.people["deputy"].email)
    assert [method_of(mail)[0] for mail in (lost, kept)] == ["CANCEL", "CANCEL"]
    assert ["Ada is ill" in mail.message for mail in (lost, kept)] == [False, True]
    assert ["All about the meeting" in mail.message for mail in (lost, kept)] == [False, True]
    assert withdraw_lost_invitations() == 0


def test_who_is_invited_again_gets_more_than_was_cancelled():
    cycle = invited()
    by = cycle.person("contact")
    partner = cycle.people["partner"]
    remove_invitation(attendance=row_of(cycle, "partner"), by=by)
    ended = method_of(mail_to(partner.email))

    invite_everybody(meeting=cycle.meeting, by=by)
    send_invitations(meeting=cycle.meeting, by=by)

    begun = method_of(mail_to(partner.email))
    assert (ended[0], begun[0]) == ("CANCEL", "REQUEST")
    assert begun[1] > ended[1]


def test_looking_through_asks_little_of_each_meeting(django_assert_num_queries):
    first = invited().meeting
    other = plan_for(first.tandem)
    AttendanceFactory(meeting=other, user=make_user("coordinator"), told_sequence=0)

    with django_assert_num_queries(15):
        withdraw_lost_invitations()
