"""Public pages and calendar files of the meetings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Exists, Max, Min, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core.pages import Choice, Filters, ListPage, list_page, public_page
from core.queries import remembered
from core.text import json_ld
from meetings.enums import MeetingFormat, MeetingKind, MeetingScope, MeetingStatus
from meetings.fates import fates_of
from meetings.models import (
    CityAttendance,
    Commitment,
    Consultation,
    Meeting,
    MeetingQuerySet,
    Minutes,
)
from meetings.queries import coming_meetings
from meetings.times import LocalTime, local_times
from meetings.views.choosing import chosen_meetings
from meetings.views.coming import coming_page
from meetings.views.outcomes import with_outcomes
from municipalities.models import Municipality
from tandems.enums import TandemStatus
from tandems.models import Tandem

PER_PAGE = 20


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """List coming meetings, then past ones by year; filters: year and those of ``choosing``."""
    filters = Filters(request)
    years = years_of(remembered("meetings years", bounds_of_meetings))
    year = filters.choose("year", _("Year"), [(str(year), str(year)) for year in years])
    rows = chosen_meetings(request, filters).for_lists()
    today = timezone.localdate()
    past = rows.in_year(int(year)).order_by("-sorted_on", "-pk") if year else rows.past_on(today)
    page = list_page(request, past, per_page=PER_PAGE, filters=filters)
    with_outcomes(page.rows)
    is_first = not year and page.number == 1
    ahead = coming(request, rows, today, filters) if is_first else None
    shown = ahead.rows if ahead else []
    context = {
        "coming": shown,
        "coming_pages": ahead,
        "list": page,
        "by_year": [(year, page.rows)] if year and page.rows else by_year(page),
        "filters": filters,
        "years": [Choice(str(entry), str(entry), str(entry) == year) for entry in years],
        "year": year,
        "month": month_of(shown, int(year) if year else 0, today),
    }
    return render(request, "meetings/index.html", context)


def month_of(shown: Sequence[Meeting], year: int, today: dt.date) -> dt.date:
    """Return a day of the month that the calendar opens with: of the next meeting, else today's.

    Where a year is chosen, that is its first month.
    """
    if year:
        return dt.date(year, 1, 1)
    return next((row.earliest for row in shown if row.earliest), today)


def coming(
    request: HttpRequest, rows: MeetingQuerySet, today: dt.date, filters: Filters
) -> ListPage:
    """Return a page of the coming ones among ``rows``; most visitors filter nothing."""
    found = None if filters.query or "coming" in request.GET else coming_meetings(today)
    return coming_page(request, rows.coming_on(today), found=found, filters=filters)


def bounds_of_meetings() -> dict[str, dt.date | None]:
    """Return the first and the last day of all public meetings."""
    return Meeting.objects.visible_to(None).aggregate(Min("earliest"), Max("latest"))


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
    """Show a meeting; an old or wrong slug leads to the right address.

    What came of it is asked only where there is something: most meetings of the past have no more
    than a date and a place.
    """
    meetings = Meeting.objects.visible_to(None).select_related("tandem", "host")
    meeting: Any = get_object_or_404(meetings.annotate(**what_there_is()), pk=pk)
    if slug != meeting.slug:
        return redirect(meeting, permanent=True)
    participants: list[Any] = list(meeting.participants.by_name())
    if meeting.has_numbers:
        numbers = numbers_of(meeting)
        for place in participants:
            place.people = numbers.get(place.pk)
            place.is_awaited = place.pk not in numbers
    # Before it has taken place nothing has come of it yet, whatever is noted down already.
    has_outcome = meeting.has_commitments and meeting.status == MeetingStatus.HELD
    context = {
        "meeting": meeting,
        "participants": participants,
        # What some cities have not told yet is no total.
        "is_counted_in_part": any(getattr(place, "is_awaited", False) for place in participants),
        "partnerships": joined_in(meeting),
        "times": times_of(meeting, participants),
        "topics": meeting.topics.all().by_name(),
        "agenda": meeting.agenda.all(),
        "minutes": meeting.minutes.released().first() if meeting.has_minutes else None,
        **(told_of(meeting.commitments.with_public_words()) if has_outcome else {}),
        "consultation": released_by(meeting),
        "json_ld": event_data(meeting),
    }
    return render(request, "meetings/detail.html", context)


def told_of(commitments: Iterable[Commitment]) -> dict[str, Any]:
    """Return what became of commitments, and the words of those that are public."""
    rows = list(commitments)
    return {
        "fates": fates_of(rows),
        "promises": [row for row in rows if row.is_public],
        "today": timezone.localdate(),
    }


def what_there_is() -> dict[str, Exists]:
    """Return the questions whether something hangs on a meeting, for its own query."""
    of_meeting = {"meeting": OuterRef("pk")}
    return {
        "has_numbers": Exists(CityAttendance.objects.filter(**of_meeting)),
        "has_minutes": Exists(Minutes.objects.released().filter(**of_meeting)),
        "has_commitments": Exists(Commitment.objects.filter(**of_meeting)),
    }


def joined_in(meeting: Meeting) -> list[Tandem]:
    """Return the public partnerships of a meeting of several, in their order."""
    if meeting.scope != MeetingScope.SEVERAL:
        return []
    return list(meeting.partnerships.exclude(status=TandemStatus.PLANNED).in_order())


def numbers_of(meeting: Meeting) -> dict[int, int]:
    """Return how many people came from each municipality (by key); names are internal."""
    return dict(meeting.city_attendances.values_list("municipality_id", "people"))


def times_of(meeting: Meeting, participants: list[Municipality]) -> list[LocalTime]:
    """Return the times on the clock of the place, and on those of the cities where they differ."""
    if meeting.starts_at is None:
        return []
    zones = [meeting.time_zone, *(place.time_zone for place in participants)]
    return local_times(meeting.starts_at, meeting.ends_at, zones)


def released_by(meeting: Meeting) -> Consultation | None:
    """Return the consultation of which the case giver has released a sentence."""
    if meeting.kind != MeetingKind.CONSULTATION:
        return None
    return Consultation.objects.filter(meeting=meeting, released_at__isnull=False).first()


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
