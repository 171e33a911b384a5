"""How soon a person is told by mail, when that is due, and the link that ends digests."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django.core import signing
from django.urls import reverse

from accounts.enums import PACES, Notification, Pace
from accounts.models import User
from accounts.permissions import Permission, reach_of

#: On which day of the week (Monday is 0) and from which hour on, on the clock of the person.
WEEKDAY, HOUR = 0, 7
STOP_SALT = "accounts.stop_digests"


def looks_after_all(user: Any) -> bool:
    """Tell whether the person looks after all partnerships: the project team and BBSR do."""
    return user.is_active and reach_of(user, Permission.READ_WORKSPACE) is None


def pace_of(user: Any, kind: str, *, is_team: bool = False, is_urgent: bool = False) -> str:
    """Return how soon the person wants to be told of this kind (see ``enums.Pace``).

    Who has chosen nothing gets the default of the kind. The team, which is told of all
    partnerships, then hears of it once a week, and at once only of what waits for the team alone
    (``is_urgent``).
    """
    if not user.wants(kind):
        return Pace.NEVER
    chosen: str = user.paces.get(kind, "")
    if chosen in Pace.values:
        return chosen
    return Pace.NOW if is_team and is_urgent else default_pace(kind, is_team=is_team)


def default_pace(kind: str, *, is_team: bool) -> Pace:
    """Return how soon somebody is told of this kind who has chosen nothing."""
    return Pace.WEEKLY if is_team else PACES[Notification(kind)]


def digested_kinds(user: Any) -> list[str]:
    """Return the kinds of notices that reach the person in a digest."""
    team = looks_after_all(user)
    paces = {kind: pace_of(user, kind, is_team=team) for kind in PACES}
    return [kind for kind, pace in paces.items() if pace in {Pace.DAILY, Pace.WEEKLY}]


def due_at(moment: dt.datetime, pace: str, zone: str) -> dt.datetime | None:
    """Return when a mail about what happened at a moment is due; ``None``: never.

    Once a day is the next morning, once a week the next Monday morning, in the zone (IANA) of the
    person.
    """
    if pace == Pace.NEVER:
        return None
    if pace == Pace.NOW:
        return moment
    clock = zoneinfo.ZoneInfo(zone)
    day = moment.astimezone(clock).date()
    days = 1 if pace == Pace.DAILY else 7 - (day.weekday() - WEEKDAY) % 7
    return dt.datetime.combine(day + dt.timedelta(days=days), dt.time(HOUR), tzinfo=clock)


def stop_link(user: User) -> str:
    """Return the address, without host, that ends the person's digests without signing in."""
    return reverse("accounts:stop-digests", args=[signing.dumps(user.pk, salt=STOP_SALT)])


def stopped_by(token: str) -> User | None:
    """Return whose digests a link ends; nothing for a link that we did not make."""
    try:
        key = signing.loads(token, salt=STOP_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return User.objects.filter(pk=key, is_active=True).first()
