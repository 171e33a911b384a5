"""Meetings as iCalendar (RFC 5545, RFC 7986)."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Sum
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from core.dates import DatePrecision
from core.text import clean_text
from meetings.enums import MeetingStatus
from meetings.models import Meeting

#: A meeting that was only announced is not certain (RFC 5545 3.8.1.11).
STATUSES = {
    MeetingStatus.ANNOUNCED: "TENTATIVE",
    MeetingStatus.UNCONFIRMED: "TENTATIVE",
    MeetingStatus.HELD: "CONFIRMED",
    MeetingStatus.CANCELLED: "CANCELLED",
}


@lru_cache(maxsize=8)
def calendar_file(language: str, version: tuple[Any, ...]) -> bytes:
    """Return the public feed in the active language.

    ``version`` (see :func:`feed_version`) and ``language`` only tell one state of the data from
    the next: while nothing changed, the file is not built again.
    """
    return calendar_of(Meeting.objects.with_tandem().in_feed())


def feed_version() -> tuple[Any, ...]:
    """Return what changes with every change of the feed, from the rows that stand in it."""
    found = Meeting.objects.in_feed().aggregate(
        Count("pk"), Sum("pk"), Max("changed_at"), Max("tandem__changed_at")
    )
    # The minute bounds what a change that was stored out of order could hide.
    return (*found.values(), int(time.time() // 60))


def entry_file(meeting: Meeting) -> bytes:
    """Return a calendar file with one meeting.

    Raises :class:`ValueError` for a meeting whose day is not documented.
    """
    return calendar_of([meeting])


def calendar_of(meetings: Iterable[Meeting]) -> bytes:
    """Return the calendar of these meetings."""
    calendar = Calendar()
    calendar.add("prodid", "-//vernetztinEuropa//portal//DE")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = _("#connectedinEurope: meetings")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", dt.timedelta(hours=12), {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    for meeting in meetings:
        calendar.add_component(event_of(meeting))
    return bytes(calendar.to_ical())


def event_of(meeting: Meeting) -> Event:
    """Return the event of a meeting: UTC where the time is known, else whole days.

    The stamp is the moment of the last change, so that an unchanged meeting gives the same bytes.
    Raises :class:`ValueError` for a meeting whose day is not documented.
    """
    if meeting.precision != DatePrecision.DAY or not meeting.earliest or not meeting.latest:
        raise ValueError("Only a meeting whose day is documented can stand in a calendar.")
    event = Event()
    event.add("uid", f"{meeting.uid}@vernetztineuropa")
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
    event.add("summary", clean_text(meeting.title))
    event.add("description", clean_text(description_of(meeting)))
    if meeting.place:
        event.add("location", clean_text(meeting.place))
    event.add("status", STATUSES[MeetingStatus(meeting.status)])
    event.add("url", f"{settings.PUBLIC_URL}{meeting.get_absolute_url()}")
    event.add("categories", [str(meeting.get_kind_display())])
    return event


def description_of(meeting: Meeting) -> str:
    """Return the description, with the partnership and a word on what is only announced."""
    lines = [meeting.tandem.name] if meeting.tandem else []
    if meeting.is_only_announced:
        lines.append(_("Announced; that it took place is not documented."))
    lines.append(meeting.description)
    return "\n".join(line for line in lines if line)
