"""What tests about invitations share: addresses, mails and the calendar in them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import translation
from icalendar import Calendar
from post_office.models import Email

from meetings.actions.inviting import invite_everybody, send_invitations
from meetings.links import answer_link
from meetings.models import Attendance, Meeting
from tests.cycle import Cycle, make_cycle

#: Everybody who acts for Hamm or Arezzo.
OFFICERS = ("contact", "deputy", "colleague", "partner", "partner deputy", "partner colleague")


def url(name: str, *args: Any) -> str:
    """Return the address of a page in English."""
    with translation.override("en"):
        return reverse(f"meeting:{name}", args=args)


def link_of(attendance: Attendance) -> str:
    """Return the address by which an invited person answers, in English."""
    with translation.override("en"):
        return answer_link(attendance)


def invited(**meeting: Any) -> Cycle:
    """Return a partnership whose people were all sent the invitation; the mails are gone."""
    cycle = make_cycle(**meeting)
    by = cycle.person("contact")
    invite_everybody(meeting=cycle.meeting, by=by)
    send_invitations(meeting=cycle.meeting, by=by)
    Email.objects.all().delete()
    cycle.meeting.refresh_from_db()
    return cycle


def row_of(cycle: Cycle, name: str) -> Attendance:
    """Return the invitation of a person."""
    return Attendance.objects.get(meeting=cycle.meeting, user=cycle.people[name])


def addresses(*people: Any) -> list[str]:
    """Return the addresses of people, as they are compared."""
    return sorted(person.email for person in people)


def mailed_to() -> list[str]:
    """Return whom the mails in the outbox go to."""
    return sorted(mail.to[0] for mail in Email.objects.all())


def mail_to(address: str) -> Email:
    """Return the last mail to somebody."""
    return [mail for mail in Email.objects.order_by("pk") if mail.to == [address]][-1]


def calendar_in(mail: Email) -> Calendar:
    """Return the calendar that goes along with a mail."""
    attachment = mail.attachments.get()
    with attachment.file.open() as file:
        return Calendar.from_ical(file.read())


def change(meeting: Meeting, **fields: Any) -> Meeting:
    """Store something else about a meeting, as the page of its plan does."""
    Meeting.objects.filter(pk=meeting.pk).update(**fields)
    return Meeting.objects.get(pk=meeting.pk)
