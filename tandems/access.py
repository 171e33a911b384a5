"""Who reads a partnership's internal area, and until when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.permissions import Permission, reach_of
from tandems.enums import MemberRole
from tandems.models import Tandem, TandemMember


@dataclass(frozen=True, slots=True)
class Access:
    """How somebody reads an internal area.

    ``until`` is the last day of a city that has left: it reads what was there by then (``None``:
    everything). ``members`` are the current memberships for which the person acts; the team acts
    for none of its own and has ``is_team``.
    """

    tandem: Tandem
    user: Any
    until: dt.date | None
    members: tuple[TandemMember, ...]
    is_team: bool

    @property
    def acts(self) -> bool:
        """Tell whether the person may change anything here at all."""
        return self.is_team or bool(self.members)

    def may(self, permission: Permission, subject: Any = None) -> bool:
        """Tell whether the person holds a right on the partnership, or on something of it."""
        return bool(self.user.has_perm(permission, self.tandem if subject is None else subject))

    def reads(self, moment: dt.datetime | dt.date | None) -> bool:
        """Tell whether what happened at a moment may be read; undated: only by who still acts."""
        if self.until is None:
            return True
        if moment is None:
            return False
        day = timezone.localdate(moment) if isinstance(moment, dt.datetime) else moment
        return day <= self.until


def access_of(user: Any, tandem: Tandem) -> Access | None:
    """Return how ``user`` reads the internal area; ``None`` for guests, neighbours, strangers."""
    reach = reach_of(user, Permission.READ_WORKSPACE)
    if reach is None:
        return Access(tandem, user, None, (), is_team=True)
    rows = tandem.members.filter(municipality__in=reach, role=MemberRole.MEMBER)
    own = list(rows.select_related("municipality").order_by("position", "pk"))
    if not own:
        return None
    today = timezone.localdate()
    current = tuple(row for row in own if not row.has_left(today))
    until = None if current else max(row.left_on for row in own if row.left_on)
    return Access(tandem, user, until, current, is_team=False)
