"""How the applications to a call came in, counted from plain rows: by day, and in all.

Nothing here asks a database; whoever calls it decides which rows may be counted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from calls.enums import ApplicationState, Pool, Side

#: A bar with the gap after it, and the height of the highest one, in units of the drawing.
STEP, GAP, HEIGHT = 10, 2, 100
#: States that mean: something was sent that counts.
SENT = frozenset({ApplicationState.SUBMITTED, ApplicationState.REOPENED})


@dataclass(frozen=True, slots=True)
class Series:
    """How often something happened on each of some days, and how often until then in all."""

    per_day: tuple[int, ...]

    @property
    def in_all(self) -> tuple[int, ...]:
        """Return the sums up to each day."""
        return tuple(accumulate(self.per_day))

    @property
    def total(self) -> int:
        """Return how often it happened."""
        return sum(self.per_day)

    @property
    def most(self) -> int:
        """Return the most on one day."""
        return max(self.per_day, default=0)


@dataclass(frozen=True, slots=True)
class Day:
    """One day on which something happened: how much of each kind, and how much until then."""

    on: dt.date
    per_day: tuple[int, ...]
    in_all: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the ground up, in whole units; text, so that no language puts points into it."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Bars side by side and the box around them, as ``viewBox`` takes it."""

    box: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """How many applications of one kind were sent, and how many were not (yet)."""

    key: str
    sent: int
    unsent: int


@dataclass(frozen=True, slots=True)
class TopicShare:
    """How many municipalities give on a topic, and how many seek on it."""

    key: str
    gives: int
    seeks: int


def days_between(
    moments: Iterable[dt.datetime], zone: dt.tzinfo, first: dt.date | None, last: dt.date | None
) -> list[dt.date]:
    """Return every day from ``first`` to ``last``, widened to hold all moments on the zone's clock.

    Without moments and without both bounds there is no day.
    """
    known = {moment.astimezone(zone).date() for moment in moments}
    known |= {day for day in (first, last) if day is not None}
    if not known:
        return []
    start, end = min(known), max(known)
    return [start + dt.timedelta(days=number) for number in range((end - start).days + 1)]


def series_of(moments: Iterable[dt.datetime], zone: dt.tzinfo, days: Sequence[dt.date]) -> Series:
    """Return how many moments fall on each day, on the clock of the zone."""
    counted = Counter(moment.astimezone(zone).date() for moment in moments)
    return Series(tuple(counted[day] for day in days))


def eventful_days(days: Sequence[dt.date], series: Sequence[Series]) -> list[Day]:
    """Return the days on which anything happened."""
    sums = [one.in_all for one in series]
    rows = [
        Day(
            day,
            tuple(one.per_day[number] for one in series),
            tuple(one[number] for one in sums),
        )
        for number, day in enumerate(days)
    ]
    return [row for row in rows if any(row.per_day)]


def drawing_of(values: Sequence[int]) -> Drawing:
    """Return bars for values from 0; the highest fills the box, and what is not 0 can be seen."""
    most = max(values, default=0)
    bars = []
    for number, value in enumerate(values):
        if value:
            height = max(1, HEIGHT * value // most)
            x, y, width = number * STEP, HEIGHT - height, STEP - GAP
            bars.append(Bar(str(x), str(y), str(width), str(height)))
    return Drawing(f"0 0 {max(1, len(values)) * STEP} {HEIGHT}", tuple(bars))


def by_state(states: Iterable[str]) -> list[tuple[ApplicationState, int]]:
    """Return every state with how many applications are in it."""
    counted = Counter(states)
    return [(state, counted[state]) for state in ApplicationState]


def by_country(rows: Iterable[tuple[str, str]], names: Mapping[str, str]) -> list[Share]:
    """Return the countries of (country, state) rows, the most sent first, then by their names.

    Withdrawn applications do not count.
    """
    sent, unsent = _split(rows)
    keys = sorted({*sent, *unsent}, key=lambda key: (-sent[key], -unsent[key], names[key]))
    return [Share(key, sent[key], unsent[key]) for key in keys]


def by_pool(rows: Iterable[tuple[str, str]]) -> list[Share]:
    """Return both pools of (pool, state) rows; withdrawn applications do not count."""
    sent, unsent = _split(rows)
    return [Share(pool, sent[pool], unsent[pool]) for pool in Pool]


def _split(rows: Iterable[tuple[str, str]]) -> tuple[Counter[str], Counter[str]]:
    """Return what was sent and what was not, each counted by its key."""
    sent: Counter[str] = Counter()
    unsent: Counter[str] = Counter()
    for key, state in rows:
        if state in SENT:
            sent[key] += 1
        elif state != ApplicationState.WITHDRAWN:
            unsent[key] += 1
    return sent, unsent


def by_topic(keys: Iterable[str], rows: Iterable[tuple[str, str, int]]) -> list[TopicShare]:
    """Return the topics in the order of their keys; rows are (key, side, number)."""
    counted: Counter[tuple[str, str]] = Counter()
    for key, side, number in rows:
        counted[key, side] += number
    return [TopicShare(key, counted[key, Side.GIVES], counted[key, Side.SEEKS]) for key in keys]
