"""The timetable of a meeting: when each item of its agenda begins and ends, and what is left over.

Computed from what is at hand, without asking the database: all times are on the clock of the place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _, ngettext

from core.dates import DatePrecision
from meetings.enums import MeetingStatus
from meetings.times import hours_of

MINUTE = dt.timedelta(minutes=1)
#: Who begins in the evening and ends after midnight meets once; longer than this are two days.
LONGEST_SITTING = dt.timedelta(hours=12)
#: As many days as an item can be on.
MOST_DAYS = 30
#: Asking what became of a commitment takes minutes: in steps of five, so that times stay readable.
MINUTES_EACH, STEP, MOST_CARRIED = 3, 5, 30

#: Status in which nothing is planned any more → why.
CLOSED: dict[str, Any] = {
    MeetingStatus.HELD: _(
        "The meeting has taken place: questions and agenda stay as they were. What came out of it "
        "belongs in the minutes."
    ),
    MeetingStatus.CANCELLED: _("The meeting is cancelled: questions and agenda stay as they were."),
}


class Balance(StrEnum):
    """How the items of a day go with the time that there is."""

    FITS = "fits"
    FREE = "free"
    OVER = "over"
    #: An item does not say how long it takes.
    OPEN = "open"
    #: Nobody knows how long the day is.
    UNKNOWN = "unknown"
    #: The meeting has fewer days.
    BEYOND = "beyond"


@dataclass(frozen=True, slots=True)
class Window:
    """When a meeting takes place, on the clock of its place; ``None``: not known."""

    first: dt.date | None
    start: dt.datetime | None
    end: dt.datetime | None
    days: int

    @property
    def has_same_hours(self) -> bool:
        """Tell whether each of several days can be said to last from the start to the end.

        From noon to noon of the next day, no day lasts that long.
        """
        return self.end is None or self.start is None or self.end.time() > self.start.time()

    def date(self, day: int) -> dt.date | None:
        """Return the date of a day; the first day is 1."""
        if self.first is None or day > self.days:
            return None
        return self.first + dt.timedelta(days=day - 1)

    def opening(self, day: int) -> dt.datetime | None:
        """Return when a day begins: on further days at the same time of day as on the first."""
        date = self.date(day)
        if self.start is None or date is None or (day > 1 and not self.has_same_hours):
            return None
        return self.start if day == 1 else moment_on(date, self.start)

    def length(self, day: int) -> int | None:
        """Return how many minutes a day has."""
        opening, date = self.opening(day), self.date(day)
        if opening is None or date is None or self.end is None:
            return None
        if self.days == 1:
            return minutes_between(opening, self.end)
        return minutes_between(opening, moment_on(date, self.end)) if self.has_same_hours else None


@dataclass(frozen=True, slots=True)
class Slot:
    """An item with its time; ``item`` is ``None`` for the block about open commitments.

    ``is_first``: no other item of the day stands before it.
    """

    item: Any
    minutes: int | None
    start: dt.datetime | None
    end: dt.datetime | None
    is_first: bool = False

    @property
    def hours(self) -> str:
        """Return the time of day, or nothing where it is not known."""
        return hours_of(self.start, self.end) if self.start else ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the meeting with its items, and how they go with the time that there is."""

    number: int
    date: dt.date | None
    slots: tuple[Slot, ...]
    planned: int
    available: int | None
    undecided: int
    is_beyond: bool

    @property
    def left(self) -> int:
        """Return how many minutes are left; below zero, how many are too many."""
        return (self.available or 0) - self.planned

    @property
    def balance(self) -> Balance:
        """Return how the items go with the time."""
        if self.is_beyond:
            return Balance.BEYOND
        if self.available is not None and self.left < 0:
            return Balance.OVER
        if self.undecided:
            return Balance.OPEN
        if self.available is None:
            return Balance.UNKNOWN
        return Balance.FREE if self.left else Balance.FITS

    @property
    def told(self) -> str:
        """Return that in words."""
        over, left = -self.left, self.left
        if self.balance == Balance.OVER:
            return ngettext("%(count)s minute too long", "%(count)s minutes too long", over) % {
                "count": over
            }
        if self.balance == Balance.FREE:
            return ngettext("%(count)s minute free", "%(count)s minutes free", left) % {
                "count": left
            }
        if self.balance == Balance.OPEN:
            return ngettext(
                "%(count)s item has no time yet",
                "%(count)s items have no time yet",
                self.undecided,
            ) % {"count": self.undecided}
        return str(WORDS[self.balance])


#: What is said of a balance without a number.
WORDS: dict[str, Any] = {
    Balance.FITS: _("adds up"),
    Balance.UNKNOWN: _("how long this day is, is not known yet"),
    Balance.BEYOND: _("the meeting has no such day"),
}


@dataclass(frozen=True, slots=True)
class Timetable:
    """The days of a meeting."""

    days: tuple[Day, ...]

    @property
    def is_several(self) -> bool:
        """Tell whether the days have to be told apart."""
        return len(self.days) > 1

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no item at all."""
        return not any(day.slots for day in self.days)

    def minutes_for(self, question: int) -> int | None:
        """Return how long a guiding question is talked about; ``None``: no item is about it.

        An item that does not say how long it takes counts nothing.
        """
        found = [
            slot.minutes or 0
            for day in self.days
            for slot in day.slots
            if slot.item is not None and slot.item.question_id == question
        ]
        return sum(found) if found else None


def timetable_of(meeting: Any, items: Iterable[Any], *, carried: int = 0) -> Timetable:
    """Return the timetable; ``carried`` open commitments are asked about before everything else.

    ``items`` have ``position``, ``day``, ``minutes`` and ``question_id``.
    """
    window = window_of(meeting)
    rows = sorted(items, key=lambda item: (item.day, item.position))
    last = max([window.days, *(item.day for item in rows)])
    return Timetable(
        tuple(
            day_of(window, number, [row for row in rows if row.day == number], carried)
            for number in range(1, last + 1)
            if number <= window.days or any(row.day == number for row in rows)
        )
    )


def day_of(window: Window, number: int, items: list[Any], carried: int) -> Day:
    """Return one day; after an item that does not say how long it takes, no time is known."""
    timed: list[tuple[Any, int | None]] = [(item, item.minutes) for item in items]
    if number == 1 and carried:
        timed.insert(0, (None, carried_minutes(carried)))
    now, slots = window.opening(number), []
    for item, minutes in timed:
        end = later(now, minutes) if now and minutes else None
        is_first = item is not None and item is items[0]
        slots.append(Slot(item, minutes, now, end, is_first))
        now = end
    return Day(
        number=number,
        date=window.date(number),
        slots=tuple(slots),
        planned=sum(minutes or 0 for _item, minutes in timed),
        available=window.length(number),
        undecided=sum(minutes is None for _item, minutes in timed),
        is_beyond=number > window.days,
    )


def window_of(meeting: Any) -> Window:
    """Return when a meeting takes place; one whose day is not known has one day."""
    start, end = meeting.local_start, meeting.local_end
    if meeting.precision != DatePrecision.DAY or meeting.earliest is None:
        return Window(None, None, None, 1)
    days = min((meeting.latest - meeting.earliest).days + 1, MOST_DAYS)
    if start and end and days == 2 and minutes_between(start, end) * MINUTE <= LONGEST_SITTING:
        days = 1
    return Window(meeting.earliest, start, end, days)


def carried_minutes(count: int) -> int:
    """Return how long it takes to ask what became of ``count`` commitments."""
    steps = -(-count * MINUTES_EACH // STEP)
    return min(steps * STEP, MOST_CARRIED)


def minutes_between(start: dt.datetime, end: dt.datetime) -> int:
    """Return the minutes that pass; on one clock, the night of a change would be forgotten."""
    return (end.astimezone(dt.UTC) - start.astimezone(dt.UTC)) // MINUTE


def later(start: dt.datetime, minutes: int) -> dt.datetime:
    """Return the moment so many minutes after ``start``, on its clock."""
    return (start.astimezone(dt.UTC) + minutes * MINUTE).astimezone(start.tzinfo)


def moment_on(date: dt.date, clock: dt.datetime) -> dt.datetime:
    """Return the moment of another date at the same time of day; a skipped hour is put forward."""
    moment = dt.datetime.combine(date, clock.time(), tzinfo=clock.tzinfo)
    return moment.astimezone(dt.UTC).astimezone(clock.tzinfo)


def why_closed(meeting: Any) -> str:
    """Return why questions and agenda can no longer be changed; nothing while they can."""
    return str(CLOSED.get(meeting.status, ""))
