"""What looks after minutes that are out for agreement when nobody else does."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.enums import Notification
from accounts.models import RoleAssignment, User
from accounts.permissions import Permission
from core.actions import note_change
from meetings.access import lead_of
from meetings.actions.agreeing import agree_if_nobody_is_missing
from meetings.actions.one_by_one import do_one_by_one
from meetings.asked import (
    DAY_TO_AGREE,
    PASSED,
    cities_missing,
    overdue_untold,
    silent_minutes,
)
from meetings.enums import MinutesState
from meetings.mails.minutes import agreement_missing, agreement_overdue
from meetings.models import Meeting, Minutes

#: So many days before the day to agree the silent cities are reminded.
DAYS_BEFORE = 2


def count_agreed_minutes(*, by: Any = None) -> int:
    """Let minutes count for which nobody's word is missing since a last day has passed.

    Whoever records a leaving may name a day that lies ahead; nobody is there when it is over.
    Returns of how many. One that fails does not hold up the others.
    """
    rows = Minutes.objects.filter(state=MinutesState.IN_AGREEMENT, agreements__isnull=False)

    def act(key: int, meeting: int) -> int:
        return agree_if_nobody_is_missing(key=key, meeting=meeting, by=by)

    keys = sorted(set(rows.values_list("pk", "meeting")))
    return do_one_by_one(rows=keys, act=act, told="Minutes could not be counted as agreed.", by=by)


def remind_of_minutes(*, by: Any = None) -> int:
    """Remind the cities that have not agreed, once for each sending out; return how many mails.

    Two days before the day to agree, at the latest on it. May run every minute. Each is a
    transaction of its own: one that fails is tried again by the next run and does not hold up the
    others.
    """
    day = timezone.localdate() + dt.timedelta(days=DAYS_BEFORE)
    rows = silent_minutes(day).values_list("pk")
    return do_one_by_one(
        rows=rows, act=_remind, told="Cities could not be reminded of minutes.", by=by
    )


def _remind(pk: int) -> int:
    """Write one mail to contact and deputy of each silent city; return how many."""
    rows = Minutes.objects.select_for_update(of=("self",), no_key=True)
    minutes = rows.select_related("meeting__tandem").get(pk=pk)
    today = timezone.localdate()
    if minutes.state != MinutesState.IN_AGREEMENT or minutes.reminded_at or not minutes.agree_by:
        return 0
    if minutes.sent_at and timezone.localdate(minutes.sent_at) == today < minutes.agree_by:
        # Who was asked today is not reminded today.
        return 0
    missing = {city.pk: city for city in cities_missing(minutes)}
    roles = RoleAssignment.objects.held_on(today).giving(Permission.LEAD_MEETINGS)
    roles = roles.filter(municipality__in=missing, user__is_active=True)
    found: dict[User, set[int | None]] = {}
    for role in roles.select_related("user").order_by("user"):
        found.setdefault(role.user, set()).add(role.municipality_id)
    if not found:
        # Somebody may take over the office.
        return 0
    for person, keys in found.items():
        agreement_missing(minutes, person, [city for key, city in missing.items() if key in keys])
    minutes.reminded_at = timezone.now()
    minutes.save(update_fields=["reminded_at"])
    return len(found)


def tell_of_overdue_minutes(*, by: Any = None) -> int:
    """Tell who can do something about it that the day to agree has passed; return how many mails.

    Once for each day: when it is extended and passes again, they are told again. Silence counts as
    silence, never as agreement. May run every minute. One that fails does not hold up the others.
    """
    rows = overdue_untold(timezone.localdate()).values_list("pk", "meeting")
    return do_one_by_one(
        rows=rows,
        act=_tell_of_silence,
        told="Nobody could be told of overdue minutes.",
        by=by,
    )


def _tell_of_silence(key: int, meeting: int) -> int:
    """Name the silent cities to who leads the meeting and to the team; return how many mails."""
    today = timezone.localdate()
    Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting)
    rows = overdue_untold(today).select_for_update(of=("self",), no_key=True)
    minutes = rows.select_related("meeting__tandem").filter(pk=key).first()
    if minutes is None:
        return 0
    silent = cities_missing(minutes)
    people = _leading(minutes.meeting, today)
    if not silent or not people:
        # Nobody is missing any more, or nobody is there yet who could do something.
        return 0
    wanting = [person for person in people if person.wants(Notification.TANDEM_MEETINGS)]
    for person in wanting:
        agreement_overdue(minutes, person, silent)
    old = str(minutes.agree_by)
    note_change(minutes, field=DAY_TO_AGREE, old=old, new=PASSED, by=None)
    return len(wanting)


def _leading(meeting: Meeting, today: dt.date) -> list[User]:
    """Return who leads a meeting today: contact and deputy of its cities, and the team."""
    roles = RoleAssignment.objects.held_on(today).giving(Permission.LEAD_MEETINGS)
    cities = lead_of(meeting).acting_municipalities
    roles = roles.filter(Q(municipality__in=cities) | Q(municipality__isnull=True))
    return list(User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("pk"))
