"""Whose agreement to minutes is there and whose is missing; who reads which version of them."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.permissions import Permission, reach_of
from meetings.access import MeetingAccess
from meetings.enums import MeetingScope, MeetingStatus, MinutesState
from meetings.models import Meeting, Minutes, MinutesAgreement
from meetings.times import today_in
from municipalities.models import Municipality
from tandems.enums import MemberRole
from tandems.models import TandemMember


def cities_asked(meeting: Meeting) -> list[Municipality]:
    """Return the cities whose word agreed minutes need, as of today, by name.

    These are the members of the partnerships that met, as long as they act; who joined after the
    meeting was not there. Of a meeting of the whole network the cities that are named as having
    taken part, all acting ones where none of those is named.
    """
    acting = Municipality.objects.filter(pk__in=meeting.acting_municipalities)
    if meeting.scope == MeetingScope.PROGRAMME:
        named = meeting.participants.values("pk")
        return list(acting.filter(pk__in=named).by_name()) or list(acting.by_name())
    if meeting.latest is None:
        return list(acting.by_name())
    there = _members_of(meeting).filter(
        Q(joined_earliest__isnull=True) | Q(joined_earliest__lte=meeting.latest)
    )
    return list(acting.filter(pk__in=there.values("municipality")).by_name())


def _members_of(meeting: Meeting) -> QuerySet[TandemMember]:
    """Return the memberships in the partnerships that meet, those that are over too."""
    rows = TandemMember.objects.filter(role=MemberRole.MEMBER)
    if meeting.scope == MeetingScope.SEVERAL:
        return rows.filter(tandem__joint_meetings=meeting)
    return rows.filter(tandem=meeting.tandem_id)


def agreements_to(minutes: Minutes) -> list[MinutesAgreement]:
    """Return the words that were given, the first one first."""
    rows = minutes.agreements.select_related("municipality", "given_by")
    return list(rows.order_by("given_at", "pk"))


def cities_missing(minutes: Minutes) -> list[Municipality]:
    """Return the cities that are asked and have not agreed; one that has left is not asked."""
    given = set(minutes.agreements.values_list("municipality", flat=True))
    return [city for city in cities_asked(minutes.meeting) if city.pk not in given]


def is_overdue(minutes: Minutes) -> bool:
    """Tell whether the day has passed by which the cities should have agreed."""
    waits = minutes.state == MinutesState.IN_AGREEMENT and minutes.agree_by is not None
    return waits and minutes.agree_by < timezone.localdate()  # type: ignore[operator]


def seal_of(minutes: Minutes) -> str:
    """Return what tells one sending out of minutes from the next, when they may have changed."""
    return f"{minutes.pk}:{minutes.sent_at.isoformat()}" if minutes.sent_at else ""


def may_be_begun(meeting: Meeting) -> bool:
    """Tell whether the first day of a meeting has come; of a cancelled one there are no minutes."""
    if meeting.status == MeetingStatus.CANCELLED:
        return False
    if meeting.earliest is None:
        return meeting.status == MeetingStatus.HELD
    return meeting.earliest <= today_in(meeting.time_zone)


def last_day_of(access: MeetingAccess) -> dt.date | None:
    """Return up to which day somebody reads a meeting; ``None``: without end."""
    if access.acts or access.is_guest:
        return None
    reach = reach_of(access.user, Permission.READ_WORKSPACE) or set()
    rows = _members_of(access.meeting).filter(municipality__in=reach, left_on__isnull=False)
    return rows.order_by("-left_on").values_list("left_on", flat=True).first()


def versions_for(access: MeetingAccess) -> QuerySet[Minutes]:
    """Return the versions that somebody reads, the newest first.

    Guests read none. A city that has left reads those that were begun by its last day.
    """
    rows = access.meeting.minutes.order_by("-number")
    if access.acts:
        return rows
    until = None if access.is_guest else last_day_of(access)
    if until is None:
        return rows.none()
    return rows.filter(begun_at__date__lte=until)


def silent_minutes(today: dt.date) -> QuerySet[Minutes]:
    """Return the minutes whose day to agree has come and of which nobody was reminded yet."""
    rows = Minutes.objects.filter(state=MinutesState.IN_AGREEMENT, reminded_at__isnull=True)
    return rows.filter(agree_by__lte=today).order_by(F("agree_by"), "pk")


def is_written(minutes: Minutes) -> bool:
    """Tell whether somebody has written into one of the entries.

    The list of commitments is there from the beginning; as long as nobody has added a word to it,
    it says nothing.
    """
    somebodys = Q(changed_by__isnull=False) | Q(agenda_item__isnull=False)
    written = minutes.entries.exclude(text="").filter(somebodys | Q(question__isnull=False))
    return written.exists()
