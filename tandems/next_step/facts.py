"""How a partnership stands on a day: all that its next step depends on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from tandems.enums import TandemStatus
from tandems.models.profile import FRESH

#: So long after a meeting its minutes are looked for; later ones belong to another meeting.
MINUTES_WITHIN = dt.timedelta(days=60)
#: In these states a partnership works; in all others nothing is missing.
WORKING = (TandemStatus.PLANNED, TandemStatus.ACTIVE)


@dataclass(frozen=True, slots=True)
class City:
    """A city that acts for the partnership, and whether somebody holds its offices."""

    pk: int
    name: str
    has_contact: bool = True
    has_deputy: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """How a partnership stands on a day.

    ``unfinished``: the state of the profile's version on its way, empty without one. ``word_of``:
    cities whose word on it is missing. ``held``: key of the last meeting that took place,
    ``held_on``: its first day.
    """

    today: dt.date
    status: str = TandemStatus.ACTIVE
    cities: tuple[City, ...] = ()
    kick_off_on: dt.date | None = None
    coming_on: dt.date | None = None
    held: int | None = None
    held_on: dt.date | None = None
    has_minutes: bool = False
    has_followed_up: bool = False
    unfinished: str = ""
    is_returned: bool = False
    word_of: tuple[int, ...] = ()
    is_released: bool = False
    as_of: dt.date | None = None
    open: int = 0
    kept: int = 0
    overdue_of: tuple[int, ...] = ()
    topics: int = 0

    @property
    def works(self) -> bool:
        """Tell whether anything can be missing: the partnership is ahead or going on."""
        return self.status in WORKING

    @property
    def is_old(self) -> bool:
        """Tell whether the public profile says how things stood too long ago."""
        return self.as_of is not None and self.today - self.as_of > FRESH


def freshness_of(facts: Facts) -> str:
    """Return how fresh the public profile is, in words."""
    if not facts.is_released:
        return gettext("not public yet")
    if facts.as_of is None:
        return gettext("public, without a date")
    days = (facts.today - facts.as_of).days
    if days < 1:
        return gettext("as of today")
    words = ngettext("as of %(number)s day ago", "as of %(number)s days ago", days)
    return words % {"number": days}
