"""Times of meetings on several clocks: written as people read them, read as people write them.

All of it is computed from the IANA zones, so that the nights on which clocks change come out
right.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from core.dates import day, day_range


@dataclass(frozen=True, slots=True)
class LocalTime:
    """When something takes place on the clock of one or several places.

    ``zones`` (IANA) show the same time of day; ``is_reader`` tells whether the reader's is among
    them.
    """

    start: dt.datetime
    end: dt.datetime | None
    zones: tuple[str, ...]
    is_reader: bool

    def __str__(self) -> str:
        """Return day and time: ``17. Mai 2022, 10:00–12:00 Uhr``."""
        return span_of(self.start, self.end)

    @property
    def hours(self) -> str:
        """Return the time of day alone, where it begins and ends on one day; else all of it."""
        if self.end is not None and self.end.date() != self.start.date():
            return str(self)
        return hours_of(self.start, self.end)

    @property
    def places(self) -> str:
        """Return the names of the zones as people know them: ``Berlin``, ``Sofia``."""
        return ", ".join(city_of(zone) for zone in self.zones)


def span_of(start: dt.datetime, end: dt.datetime | None) -> str:
    """Return when something takes place, on the clock of the two moments."""
    if end is None or end.date() == start.date():
        return _("%(day)s, %(hours)s") % {
            "day": day(start.date()),
            "hours": hours_of(start, end),
        }
    return _("%(start)s to %(end)s") % {"start": span_of(start, None), "end": span_of(end, None)}


def hours_of(start: dt.datetime, end: dt.datetime | None) -> str:
    """Return the time of day: ``10:00–12:00 Uhr``, in English ``10:00–12:00``."""
    hours = f"{start:%H:%M}" if end is None else f"{start:%H:%M}–{end:%H:%M}"
    # Translated, because German names the unit: ``10:00 Uhr``.
    return _("%(hours)s") % {"hours": hours}


#: Cities of zones (IANA) that have another name in German; all others read the same.
CITIES = {
    "Europe/Athens": gettext_lazy("Athens"),
    "Europe/Rome": gettext_lazy("Rome"),
    "Europe/Lisbon": gettext_lazy("Lisbon"),
    "Europe/Bucharest": gettext_lazy("Bucharest"),
    "Europe/Warsaw": gettext_lazy("Warsaw"),
    "Europe/Vienna": gettext_lazy("Vienna"),
    "Europe/Brussels": gettext_lazy("Brussels"),
    "Europe/Copenhagen": gettext_lazy("Copenhagen"),
    "Europe/Prague": gettext_lazy("Prague"),
    "Europe/Zurich": gettext_lazy("Zurich"),
    "Europe/Belgrade": gettext_lazy("Belgrade"),
    "Europe/Luxembourg": gettext_lazy("Luxembourg"),
    "Europe/Kyiv": gettext_lazy("Kyiv"),
}


def city_of(zone: str) -> str:
    """Return the name that a zone (IANA) is known by: of ``Europe/Athens`` ``Athen``."""
    return str(CITIES.get(zone) or zone.rpartition("/")[2].replace("_", " "))


def local_times(
    start: dt.datetime,
    end: dt.datetime | None,
    zones: Iterable[str],
    *,
    reader: str = "",
) -> list[LocalTime]:
    """Return when something takes place on each clock; clocks that agree are told once.

    ``zones``: that of the place first, then those of the cities; the ``reader``'s comes before all.
    """
    found: dict[tuple[dt.timedelta | None, dt.timedelta | None], LocalTime] = {}
    for zone in dict.fromkeys([zone for zone in (reader, *zones) if zone]):
        clock = zoneinfo.ZoneInfo(zone)
        here, there = start.astimezone(clock), end and end.astimezone(clock)
        key = (here.utcoffset(), there.utcoffset() if there else None)
        known = found.get(key)
        found[key] = LocalTime(
            here,
            there,
            (*known.zones, zone) if known else (zone,),
            is_reader=zone == reader or bool(known and known.is_reader),
        )
    return list(found.values())


def today_in(zone: str) -> dt.date:
    """Return the day that it is in a zone (IANA); where none is known, on our own clock."""
    return timezone.localdate(timezone=zoneinfo.ZoneInfo(zone) if zone else None)


def days_of(first: dt.date, last: dt.date) -> str:
    """Return one or several whole days as people write them."""
    return day_range(first, last)


#: What is said of a time that a clock skips, or shows twice.
SKIPPED = gettext_lazy(
    "This time does not exist on %(day)s in %(zone)s: the clocks are put forward. Choose another."
)


def moment_in(date: dt.date, time: dt.time, zone: str) -> dt.datetime:
    """Return the moment of a day and time on the clock of a zone (IANA).

    A time that comes twice, on the night when clocks are put back, is the first of the two. Raises
    :class:`ValidationError` for one that does not exist, on the night when they are put forward.
    """
    clock = zoneinfo.ZoneInfo(zone)
    local = dt.datetime.combine(date, time, tzinfo=clock)
    moment = local.astimezone(dt.UTC)
    if moment.astimezone(clock).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValidationError(
            SKIPPED, code="skipped", params={"day": day(date), "zone": city_of(zone)}
        )
    return moment
