"""Meetings as iCalendar (RFC 5545, RFC 7986)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vUri

from core.dates import DatePrecision
from core.text import clean_text
from meetings.enums import MeetingStatus
from meetings.models import Meeting

#: A meeting in preparation, and one that nothing confirms, is not certain (RFC 5545 3.8.1.11).
STATUSES = {
    MeetingStatus.PLANNED: "TENTATIVE",
    MeetingStatus.ANNOUNCED: "CONFIRMED",
    MeetingStatus.UNCONFIRMED: "TENTATIVE",
    MeetingStatus.HELD: "CONFIRMED",
    MeetingStatus.CANCELLED: "CANCELLED",
}
END = b"END:VCALENDAR\r\n"


def entry_file(meeting: Meeting, *, inside: bool = False, linked: bool = True) -> bytes:
    """Return a calendar file with one meeting, written as :func:`event_of` does.

    Raises :class:`ValueError` for a meeting whose day is not documented.
    """
    return calendar_of([meeting], inside=inside, linked=linked)


def calendar_of(
    meetings: Iterable[Meeting], *, name: str = "", inside: bool = False, linked: bool = True
) -> bytes:
    """Return the calendar of these meetings in the active language, as it is today."""
    today = timezone.localdate()
    events = [
        event_of(meeting, inside=inside, linked=linked, is_past=has_passed(meeting, today))
        for meeting in meetings
    ]
    return b"".join([head_of(name), *(bytes(event.to_ical()) for event in events), END])


def head_of(name: str = "") -> bytes:
    """Return what a calendar begins with: its name, and how often to ask for it."""
    calendar = Calendar()
    calendar.add("prodid", "-//vernetztinEuropa//portal//DE")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = plain(name) or _("#connectedinEurope: meetings")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", dt.timedelta(hours=12), {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    return bytes(calendar.to_ical()).removesuffix(END)


def uid_of(meeting: Meeting) -> str:
    """Return the name of a meeting in every calendar, the same for as long as there is one."""
    return f"{meeting.uid}@vernetztineuropa"


def has_passed(meeting: Meeting, today: dt.date) -> bool:
    """Tell whether a meeting is over of which nothing but the announcement is known."""
    is_over = meeting.latest is not None and meeting.latest < today
    return is_over and meeting.status == MeetingStatus.ANNOUNCED


def event_of(
    meeting: Meeting, *, inside: bool = False, linked: bool = True, is_past: bool = False
) -> Event:
    """Return the event of a meeting: UTC where the time is known, else whole days.

    ``inside``: for those who read it from within, with how to get there and, where ``linked``, how
    to dial in. ``is_past``: see :func:`has_passed`; it is told, and the stamp is the moment of the
    last change, so that an unchanged meeting gives the same bytes.
    Raises :class:`ValueError` for a meeting whose day is not documented.
    """
    if meeting.precision != DatePrecision.DAY or not meeting.earliest or not meeting.latest:
        raise ValueError("Only a meeting whose day is documented can stand in a calendar.")
    linked = inside and linked
    event = Event()
    event.add("uid", uid_of(meeting))
    changed = meeting.changed_at.astimezone(dt.UTC).replace(microsecond=0)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", meeting.sequence)
    if meeting.starts_at:
        event.add("dtstart", meeting.starts_at.astimezone(dt.UTC))
        if meeting.ends_at:
            event.add("dtend", meeting.ends_at.astimezone(dt.UTC))
    else:
        event.add("dtstart", meeting.earliest)
        # DTEND is the first day after the event (RFC 5545 3.6.1).
        event.add("dtend", meeting.latest + dt.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    event.add("summary", plain(summary_of(meeting, inside)))
    in_doubt = not inside and (is_past or meeting.status == MeetingStatus.UNCONFIRMED)
    lines = description_of(meeting, inside=inside, linked=linked, in_doubt=in_doubt)
    event.add("description", plain(lines))
    if location := plain(location_of(meeting, linked)):
        event.add("location", location)
    if linked and meeting.remote_link:
        event.add("conference", vUri(link_of(meeting)), {"VALUE": "URI"})
    # Who was invited got it as certain; both entries have one identity and must agree.
    was_invited = inside and meeting.invited_at is not None
    is_certain = was_invited and meeting.status == MeetingStatus.PLANNED
    status = "CONFIRMED" if is_certain else STATUSES[MeetingStatus(meeting.status)]
    event.add("status", "TENTATIVE" if in_doubt else status)
    event.add("url", page_of(meeting, inside))
    event.add("categories", [str(meeting.get_kind_display())])
    return event


def summary_of(meeting: Meeting, inside: bool) -> str:
    """Return the title; to who takes part it says what some programs do not show: cancelled."""
    if inside and meeting.status == MeetingStatus.CANCELLED:
        return _("Cancelled: %(title)s") % {"title": meeting.title}
    return str(meeting.title)


def description_of(meeting: Meeting, *, inside: bool, linked: bool, in_doubt: bool) -> str:
    """Return the description, with the partnership and the page.

    ``in_doubt``: whether it took place; the day is over, or it was never certain.
    """
    lines = [meeting.tandem.name] if meeting.tandem else []
    if in_doubt:
        lines.append(_("Announced; that it took place is not documented."))
    lines.append(meeting.description)
    if inside and meeting.access_notes:
        lines.append(_("Getting there: %(notes)s") % {"notes": meeting.access_notes})
    if linked and meeting.remote_link:
        lines.append(_("Taking part remotely: %(link)s") % {"link": link_of(meeting)})
    if linked:
        lines.append(meeting.remote_note)
    lines.append(page_of(meeting, inside))
    return "\n".join(line for line in lines if line)


def location_of(meeting: Meeting, linked: bool) -> str:
    """Return place and address; where people only meet remotely, the link for who takes part."""
    if meeting.place and meeting.place in meeting.address:
        return meeting.address
    location = ", ".join(part for part in (meeting.place, meeting.address) if part)
    return location or (link_of(meeting) if linked else "")


def link_of(meeting: Meeting) -> str:
    """Return the link for taking part remotely, without any space that could break a line."""
    return "".join(meeting.remote_link.split())


def plain(text: str) -> str:
    """Return a text in which a line ends in one way only: some programs break at Unicode's too."""
    return clean_text(text.replace("\u2028", "\n").replace("\u2029", "\n"))


def page_of(meeting: Meeting, inside: bool) -> str:
    """Return the address of the page: the internal one for who takes part, else the public one."""
    return f"{settings.PUBLIC_URL}{meeting.internal_url if inside else meeting.get_absolute_url()}"
