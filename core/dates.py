"""Dates that are known to the day, the month, the year or only as bounds."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from django.db import models
from django.utils.dates import MONTHS
from django.utils.translation import get_language, gettext, gettext_lazy as _


class DatePrecision(models.TextChoices):
    """How exactly a date is documented."""

    DAY = "day", _("to the day")
    MONTH = "month", _("to the month")
    YEAR = "year", _("to the year")
    YEAR_END = "year_end", _("end of the year")
    RANGE = "range", _("between two days")
    PERIOD = "period", _("a period of months")
    UNKNOWN = "unknown", _("not documented")


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Bounds of a date with their precision; prints as people write it.

    With ``DAY`` and ``PERIOD`` the bounds are the beginning and end of the event itself; with all
    other precisions they enclose a day that is not documented exactly.
    """

    earliest: dt.date | None
    latest: dt.date | None
    precision: str

    def __bool__(self) -> bool:
        """Tell whether anything is documented."""
        return self.earliest is not None or self.latest is not None

    def __str__(self) -> str:
        """Return the span in words of the active language."""
        return span_words(self, get_language())

    @property
    def end(self) -> str:
        """Return the last month of the span in words; empty where there is none."""
        return month(self.latest) if self.latest else ""

    @property
    def iso(self) -> str:
        """Return the machine-readable form for ``<time datetime>``; empty where there is none."""
        if self.earliest is None:
            return ""
        if self.precision == DatePrecision.DAY:
            return self.earliest.isoformat()
        if self.precision == DatePrecision.MONTH:
            return self.earliest.isoformat()[:7]
        if self.precision in {DatePrecision.YEAR, DatePrecision.YEAR_END}:
            return str(self.earliest.year)
        return ""


@lru_cache(maxsize=2_000)
def span_words(span: DateSpan, _language: str | None) -> str:
    """Return a span in words of the active language, which must be ``_language``."""
    first, last = span.earliest or span.latest, span.latest or span.earliest
    if first is None or last is None or span.precision == DatePrecision.UNKNOWN:
        return gettext("date not documented")
    if span.precision == DatePrecision.DAY:
        return day_range(first, last)
    if span.precision == DatePrecision.MONTH:
        return month(first)
    if span.precision == DatePrecision.PERIOD:
        months = dict.fromkeys((month(first), month(last)))
        return " – ".join(months)
    if span.precision == DatePrecision.YEAR:
        return str(first.year)
    if span.precision == DatePrecision.YEAR_END:
        return gettext("end of %(year)s") % {"year": last.year}
    return gettext("between %(first)s and %(last)s") % {
        "first": day_and_month(first) if first.year == last.year else day(first),
        "last": day(last),
    }


def month(value: dt.date) -> str:
    """Return the month of a day: ``Oktober 2022``."""
    return f"{MONTHS[value.month]} {value.year}"


def day_and_month(value: dt.date) -> str:
    """Return a day without its year: ``17. Mai``, ``17 May``."""
    dot = "." if get_language() == "de" else ""
    return f"{value.day}{dot} {MONTHS[value.month]}"


def day(value: dt.date) -> str:
    """Return a day as people write it: ``17. Mai 2022``, ``17 May 2022``."""
    return f"{day_and_month(value)} {value.year}"


def day_range(first: dt.date, last: dt.date) -> str:
    """Return one or several days: ``7.–8. September 2023``, ``30 April – 2 May 2024``."""
    if first == last:
        return day(first)
    dot = "." if get_language() == "de" else ""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}{dot}–{day(last)}"
    if first.year == last.year:
        return f"{day_and_month(first)} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def months_after(value: dt.date, months: int) -> dt.date:
    """Return the same day so many months later, or the last one of a shorter month."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(value.day, last))


def month_span(year: int, month: int) -> DateSpan:
    """Return the span of a whole month."""
    last = calendar.monthrange(year, month)[1]
    return DateSpan(dt.date(year, month, 1), dt.date(year, month, last), DatePrecision.MONTH)


def year_span(year: int) -> DateSpan:
    """Return the span of a whole year."""
    return DateSpan(dt.date(year, 1, 1), dt.date(year, 12, 31), DatePrecision.YEAR)


NO_DATE = DateSpan(None, None, DatePrecision.UNKNOWN)
