"""The part of an invitation for calendars: iTIP by mail (RFC 5546, RFC 6047).

One event with one attendee, the recipient, so that nobody reads in it who else is invited.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from core.dates import DatePrecision
from core.text import clean_text
from meetings.enums import MeetingStatus, Reply
from meetings.ical import uid_of
from meetings.invitation import Facts, facts_of, one_line
from meetings.links import answer_address
from meetings.models import Attendance, Meeting

#: Methods of iTIP: an invitation or its change, and its end.
REQUEST, CANCEL = "REQUEST", "CANCEL"
#: Reply → how calendars name it (RFC 5545 3.2.12).
PARTICIPATION = {
    Reply.NONE: "NEEDS-ACTION",
    Reply.YES: "ACCEPTED",
    Reply.MAYBE: "TENTATIVE",
    Reply.NO: "DECLINED",
}


def method_of(meeting: Meeting) -> str:
    """Return what calendars are asked to do: a meeting that lost its day is taken out."""
    is_on = meeting.status != MeetingStatus.CANCELLED and meeting.precision == DatePrecision.DAY
    return REQUEST if is_on else CANCEL


def calendar_part(
    attendance: Attendance,
    meeting: Meeting,
    *,
    method: str,
    page: str = "",
    answer: str = "",
    before: Facts | None = None,
) -> bytes:
    """Return the message for the calendar of one invited person, in the active language.

    ``page`` and ``answer`` are whole addresses. The stamp is the moment of the last change, so
    that the same invitation gives the same bytes. ``before`` holds the day of a meeting that has
    none any more.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//vernetztinEuropa//portal//DE")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    event = Event()
    event.add("uid", uid_of(meeting))
    event.add("dtstamp", meeting.changed_at.astimezone(dt.UTC).replace(microsecond=0))
    event.add("sequence", meeting.sequence)
    _add_times(event, facts_of(meeting), before or {})
    event.add("summary", one_line(meeting.title))
    event.add("status", _status(meeting, method))
    event.add("organizer", _organizer(attendance, meeting))
    event.add("attendee", _attendee(attendance))
    if place := one_line(", ".join(part for part in (meeting.place, meeting.address) if part)):
        event.add("location", place)
    if method == REQUEST:
        event.add("description", _description(meeting, page, answer))
        if page:
            event.add("url", page)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _add_times(event: Event, now: Facts, before: Facts) -> None:
    """Write the times: UTC where the time of day is known, else whole days."""
    facts = now if now["first"] else before
    if facts.get("starts_at"):
        event.add("dtstart", dt.datetime.fromisoformat(facts["starts_at"]))
        if facts.get("ends_at"):
            event.add("dtend", dt.datetime.fromisoformat(facts["ends_at"]))
    elif facts.get("first"):
        event.add("dtstart", dt.date.fromisoformat(facts["first"]))
        # DTEND is the first day after the event (RFC 5545 3.6.1).
        event.add("dtend", dt.date.fromisoformat(facts["last"]) + dt.timedelta(days=1))
        event.add("transp", "TRANSPARENT")


def _status(meeting: Meeting, method: str) -> str:
    if method == CANCEL:
        return "CANCELLED"
    return "TENTATIVE" if meeting.status == MeetingStatus.UNCONFIRMED else "CONFIRMED"


def _organizer(attendance: Attendance, meeting: Meeting) -> vCalAddress:
    """Return where the calendar program sends the answer, and who invites."""
    address = answer_address(attendance) or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    organizer = vCalAddress(f"mailto:{address}")
    name = meeting.tandem.name if meeting.tandem else _("#connectedinEurope")
    organizer.params["CN"] = vText(_parameter(name))
    return organizer


def _attendee(attendance: Attendance) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{attendance.address}")
    attendee.params["CUTYPE"] = vText("INDIVIDUAL")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText(PARTICIPATION[Reply(attendance.reply)])
    attendee.params["RSVP"] = vText("TRUE" if settings.ANSWER_ADDRESS else "FALSE")
    attendee.params["CN"] = vText(_parameter(str(attendance)))
    return attendee


def _parameter(name: str) -> str:
    """Return a name that may stand between the quotes of a parameter (RFC 5545 3.2)."""
    return one_line(name).replace('"', "'")


def _description(meeting: Meeting, page: str, answer: str) -> str:
    lines = [clean_text(meeting.description or "")]
    if meeting.remote_link:
        lines.append(_("Take part remotely: %(link)s") % {"link": meeting.remote_link})
    lines.append(one_line(meeting.remote_note))
    if answer:
        told = _("Please answer here, not with the buttons of your calendar: %(link)s")
        if settings.ANSWER_ADDRESS:
            told = _("Answer with the buttons of your calendar, or here: %(link)s")
        lines.append(told % {"link": answer})
    if page:
        lines.append(_("All about the meeting: %(link)s") % {"link": page})
    text = "\n\n".join(line for line in lines if line)
    # Some calendars read these two as the end of a line.
    return text.replace("\u2028", "\n").replace("\u2029", "\n")
