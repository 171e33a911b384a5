"""The public meetings of a month, day by day."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR

from core.dates import DatePrecision, day_and_month, month as month_words
from core.pages import Filters, public_page
from core.queries import remembered
from meetings.models import Meeting
from meetings.views.choosing import chosen_meetings
from meetings.views.outcomes import with_outcomes
from meetings.views.public import bounds_of_meetings

#: More are hardly ever known of one month; then it says that the list has them all.
MOST = 300


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month with its meetings."""

    date: dt.date
    meetings: list[Meeting]
    is_today: bool

    @property
    def words(self) -> str:
        """Return the day as people name it: ``Dienstag, 17. Mai``."""
        return f"{WEEKDAYS[self.date.weekday()]}, {day_and_month(self.date)}"


@public_page
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """Show the meetings of a month: a grid of days where there is room, else a list of days.

    Months outside the time in which there are meetings do not exist, so that nobody, machines
    above all, pages on without end.
    """
    today = timezone.localdate()
    first = first_day(year, month)
    bounds = remembered("meetings years", bounds_of_meetings)
    earliest = min(bounds["earliest__min"] or today, today).replace(day=1)
    latest = max(bounds["latest__max"] or today, today)
    if not earliest <= first <= latest:
        raise Http404
    last = first.replace(day=calendar.monthrange(year, month)[1])
    filters = Filters(request)
    rows = chosen_meetings(request, filters).for_lists()
    known = list(rows.filter(within(first, last)).order_by("earliest", "pk")[: MOST + 1])
    found = known[:MOST]
    with_outcomes(found)
    dated = [row for row in found if row.precision == DatePrecision.DAY]
    context = {
        "filters": filters,
        "title": month_words(first),
        "first": first,
        "weekday": first.weekday() + 1,
        "weekdays": [WEEKDAYS_ABBR[number] for number in range(7)],
        "days": days_of(first, last, dated, today),
        "undated": [row for row in found if row.precision != DatePrecision.DAY],
        "has_any": bool(dated),
        "most": MOST if len(known) > MOST else 0,
        "previous": link_to(first - dt.timedelta(days=1), earliest, latest, filters),
        "next": link_to(last + dt.timedelta(days=1), earliest, latest, filters),
    }
    return render(request, "meetings/month.html", context)


def first_day(year: int, month: int) -> dt.date:
    """Return the first day of a month; raises :class:`Http404` for one that is none."""
    try:
        return dt.date(year, month, 1)
    except (ValueError, OverflowError) as error:
        raise Http404 from error


def within(first: dt.date, last: dt.date) -> Q:
    """Return which meetings belong to the month: on one of its days, or dated to it alone.

    What is known to the year only would stand in twelve months.
    """
    begins = Q(earliest__gte=first, earliest__lte=last)
    # That it takes several days follows, but names the index.
    goes_on = Q(earliest__lt=first, latest__gte=first, latest__gt=F("earliest"))
    in_month = Q(precision=DatePrecision.MONTH, earliest=first)
    return Q(begins | goes_on, precision=DatePrecision.DAY) | in_month


def days_of(first: dt.date, last: dt.date, meetings: list[Meeting], today: dt.date) -> list[Day]:
    """Return each day of the month with the meetings that take place on it."""
    found: dict[dt.date, list[Meeting]] = {
        first + dt.timedelta(days=number): [] for number in range(last.day)
    }
    for meeting in meetings:
        date, end = max(meeting.earliest or first, first), min(meeting.latest or last, last)
        while date <= end:
            found[date].append(meeting)
            date += dt.timedelta(days=1)
    return [Day(date, rows, date == today) for date, rows in found.items()]


def link_to(
    date: dt.date, earliest: dt.date, latest: dt.date, filters: Filters
) -> dict[str, Any] | None:
    """Return address and name of the month of a day, with the same filters, if it exists."""
    first = date.replace(day=1)
    if not earliest <= first <= latest:
        return None
    query = f"?{filters.query}" if filters.query else ""
    url = reverse("meetings:month", args=[first.year, first.month])
    return {"url": f"{url}{query}", "name": month_words(first)}
