"""What a meeting still lacks before it is prepared, before it is announced or anybody is invited.

A meeting without guiding questions is not prepared: each city that acts in it says what it wants to
know. Then it needs a day, and a place or a link.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from core.dates import DatePrecision
from meetings.enums import MeetingFormat

QUESTIONS, DATE, FORMAT, PLACE, LINK = "questions", "date", "format", "place", "link"


class Plan(Protocol):
    """What is asked about a meeting."""

    precision: str
    format: str
    place: str
    remote_link: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing: what, and (of guiding questions) the key of the city."""

    what: str
    city: int | None = None


def gaps_of(plan: Plan, cities: Iterable[int], asked: Iterable[int]) -> list[Gap]:
    """Return what is missing until the meeting is prepared, in the order in which it is done.

    ``cities`` act in the meeting, ``asked`` have guiding questions (both: keys). A meeting in which
    no city acts lacks the questions of all.
    """
    done, waited = set(asked), list(cities)
    gaps = [Gap(QUESTIONS, city) for city in waited if city not in done]
    if not waited:
        gaps.append(Gap(QUESTIONS))
    return [*gaps, *(Gap(what) for what in lacks(plan)), *_link(plan)]


def lacks(plan: Plan) -> list[str]:
    """Return what the announcement and the invitations of a meeting need: a day, a place."""
    missing = [] if plan.precision == DatePrecision.DAY else [DATE]
    return missing + _place(plan)


def lacks_place(plan: Plan) -> bool:
    """Tell whether people are to come to a place that is not named: nobody is invited there."""
    return bool(_place(plan))


def _place(plan: Plan) -> list[str]:
    if not plan.format:
        return [FORMAT]
    return [PLACE] if plan.format != MeetingFormat.VIRTUAL and not plan.place else []


def _link(plan: Plan) -> list[Gap]:
    needed = plan.format in {MeetingFormat.VIRTUAL, MeetingFormat.HYBRID}
    return [Gap(LINK)] if needed and not plan.remote_link else []
