"""Public pages and calendar files of the meetings."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext as _

from core.pages import Choice, Filters, ListPage, list_page, public_page
from core.queries import remembered
from core.text import json_ld
from meetings import ical
from meetings.enums import MeetingFormat, MeetingKind, MeetingScope, MeetingStatus
from meetings.models import Meeting, MeetingQuerySet
from meetings.queries import COMING, coming_meetings

PER_PAGE = 20
#: What the filters offer; Django puts such a list together anew each time it is named.
KINDS, FORMATS = MeetingKind.choices, MeetingFormat.choices
#: The first status is never public.
STATUSES = MeetingStatus.choices[1:]
CALENDAR_TYPE = "text/calendar; charset=utf-8"


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """List coming meetings, then past ones by year; filters: year, kind, format, status."""
    filters = Filters(request)
    years = years_of(remembered("meetings years", bounds_of_meetings))
    year = filters.choose("year", _("Year"), [(str(year), str(year)) for year in years])
    kind = filters.choose("kind", _("Kind"), labels(KINDS))
    shape = filters.choose("format", _("Format"), labels(FORMATS))
    status = filters.choose("status", _("Status"), labels(STATUSES))
    rows = Meeting.objects.visible_to(None).for_lists()
    for name, value in (("kind", kind), ("format", shape), ("status", status)):
        if value:
            rows = rows.filter(**{name: value})
    today = timezone.localdate()
    past = rows.in_year(int(year)).order_by("-sorted_on", "-pk") if year else rows.past_on(today)
    page = list_page(request, past, per_page=PER_PAGE, filters=filters)
    context = {
        "coming": [] if year or page.number > 1 else coming(rows, today, filters),
        "list": page,
        "by_year": [(year, page.rows)] if year and page.rows else by_year(page),
        "filters": filters,
        "years": [Choice(str(entry), str(entry), str(entry) == year) for entry in years],
        "year": year,
    }
    return render(request, "meetings/index.html", context)


def coming(rows: MeetingQuerySet, today: dt.date, filters: Filters) -> list[Meeting]:
    """Return the coming ones among ``rows``; most visitors filter nothing."""
    return list(rows.coming_on(today)[:COMING]) if filters.query else coming_meetings(today)


def bounds_of_meetings() -> dict[str, dt.date | None]:
    """Return the first and the last day of all public meetings."""
    return Meeting.objects.visible_to(None).aggregate(Min("earliest"), Max("latest"))


def labels(choices: Any) -> list[tuple[str, str]]:
    """Return choices with their labels in the reader's language."""
    return [(value, str(label)) for value, label in choices]


def years_of(bounds: dict[str, dt.date | None]) -> list[int]:
    """Return the years between the first and the last day, the last one first."""
    first, last = bounds["earliest__min"], bounds["latest__max"]
    return list(range(last.year, first.year - 1, -1)) if first and last else []


def by_year(page: ListPage) -> list[tuple[str, list[Meeting]]]:
    """Return the rows of a page by year; undated meetings stand under an empty year."""
    groups = groupby(page.rows, key=lambda meeting: meeting.latest.year if meeting.latest else "")
    return [(str(year), list(meetings)) for year, meetings in groups]


@public_page
def detail(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Show a meeting; an old or wrong slug leads to the right address."""
    meetings = Meeting.objects.visible_to(None).select_related("tandem", "host")
    meeting = get_object_or_404(meetings, pk=pk)
    if slug != meeting.slug:
        return redirect(meeting, permanent=True)
    context = {
        "meeting": meeting,
        "participants": meeting.participants.by_name(),
        "topics": meeting.topics.all().by_name(),
        "agenda": meeting.agenda.all(),
        "json_ld": event_data(meeting),
    }
    return render(request, "meetings/detail.html", context)


def event_data(meeting: Meeting) -> str:
    """Return the meeting in the words of schema.org; without a day there is nothing to say."""
    start = meeting.starts_at or (meeting.span.iso if len(meeting.span.iso) == 10 else None)
    if start is None:
        return ""
    cancelled = meeting.status == MeetingStatus.CANCELLED
    modes = {
        MeetingFormat.VIRTUAL: "Online",
        MeetingFormat.ON_SITE: "Offline",
        MeetingFormat.HYBRID: "Mixed",
    }
    mode = modes.get(MeetingFormat(meeting.format)) if meeting.format else None
    end = meeting.ends_at or (None if meeting.starts_at else meeting.latest)
    url = f"{settings.PUBLIC_URL}{meeting.get_absolute_url()}"
    organiser = {
        "@type": "Organization",
        "name": _("#connectedinEurope"),
        "url": settings.PUBLIC_URL,
    }
    location: dict[str, Any] = {}
    if meeting.format in {MeetingFormat.VIRTUAL, MeetingFormat.HYBRID}:
        location = {"@type": "VirtualLocation", "url": url}
    if meeting.place:
        location = {"@type": "Place", "name": meeting.place, "address": meeting.place}
    return json_ld(
        "Event",
        name=meeting.title,
        description=meeting.description,
        url=url,
        startDate=start if isinstance(start, str) else start.isoformat(),
        endDate=end.isoformat() if end else None,
        eventStatus="https://schema.org/" + ("EventCancelled" if cancelled else "EventScheduled"),
        eventAttendanceMode=f"https://schema.org/{mode}EventAttendanceMode" if mode else None,
        location=location,
        organizer=organiser if meeting.scope != MeetingScope.RELATED else None,
    )


@public_page
def calendar(request: HttpRequest) -> HttpResponse:
    """Return all meetings whose day is documented as a calendar to subscribe to."""
    version = remembered("calendar version", ical.feed_version)
    body = ical.calendar_file(get_language() or "de", version)
    return HttpResponse(body, content_type=CALENDAR_TYPE)


@public_page
def calendar_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Return one meeting as a calendar file; without a documented day there is none."""
    meetings = Meeting.objects.visible_to(None).dated_to_the_day().with_tandem()
    meeting = get_object_or_404(meetings, pk=pk)
    response = HttpResponse(ical.entry_file(meeting), content_type=CALENDAR_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{meeting.slug}.ics"'
    return response
