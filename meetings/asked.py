"""Whose agreement to minutes is there and whose is missing; who reads which version of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from accounts.permissions import Permission, reach_of
from core.models import StatusChange
from meetings.access import MeetingAccess
from meetings.enums import MeetingScope, MeetingStatus, MinutesState
from meetings.models import Meeting, Minutes, MinutesAgreement
from meetings.times import today_in
from municipalities.models import Municipality
from tandems.enums import MemberRole, TandemStatus
from tandems.models import TandemMember

#: What the history of minutes says of the day to agree, and of one that has passed in silence.
DAY_TO_AGREE, PASSED = "agree_by", "passed"


def cities_asked(meeting: Meeting) -> list[Municipality]:
    """Return the cities whose word agreed minutes need, as of today, by name (:func:`asked_of`)."""
    return asked_of([meeting])[meeting.pk]


def asked_of(meetings: Iterable[Meeting]) -> dict[int, list[Municipality]]:
    """Return by meeting (primary key) the cities that are asked, as often for many as for one.

    These are the members of the partnerships that met, as long as they act; who joined after the
    meeting was not there. Of a meeting of the whole network the cities that are named as having
    taken part, all acting ones where none of those is named.
    """
    rows = list(meetings)
    joint = _pairs(Meeting.partnerships, rows, MeetingScope.SEVERAL, "tandem")
    named = _pairs(Meeting.participants, rows, MeetingScope.PROGRAMME, "municipality")
    met = {row.pk: joint.get(row.pk, {row.tandem_id or 0}) for row in rows}
    wanted = Q(tandem__in={key for keys in met.values() for key in keys})
    if named:
        wanted |= ~Q(tandem__status=TandemStatus.PLANNED)
    members = TandemMember.objects.filter(wanted, role=MemberRole.MEMBER)
    members = members.select_related("municipality", "tandem")
    found = list(
        members.order_by(f"municipality__name_{get_language() or 'de'}", "municipality_id")
    )
    return {
        row.pk: _network(found, named[row.pk]) if row.pk in named else _met(row, found, met[row.pk])
        for row in rows
    }


def _pairs(field: Any, meetings: list[Meeting], scope: str, name: str) -> dict[int, set[int]]:
    """Return what meetings of one scope name in a list of theirs: by meeting the keys."""
    found: dict[int, set[int]] = {row.pk: set() for row in meetings if row.scope == scope}
    if found:
        rows = field.through._default_manager.filter(meeting__in=found)
        for meeting, key in rows.values_list("meeting", name):
            found[meeting].add(key)
    return found


def _network(members: list[TandemMember], named: set[int]) -> list[Municipality]:
    """Return who is asked of a meeting of the network; who is in preparation does not read it."""
    public = [row for row in members if row.tandem.is_public]
    acting = _acting(public)
    return [city for key, city in acting.items() if key in named] or list(acting.values())


def _met(meeting: Meeting, members: list[TandemMember], met: set[int]) -> list[Municipality]:
    """Return who is asked of a meeting of one partnership or several."""
    own = [row for row in members if row.tandem_id in met]
    there = {row.municipality_id for row in own if _was_there(row, meeting.latest)}
    return [city for key, city in _acting(own).items() if key in there]


def _acting(members: list[TandemMember]) -> dict[int, Municipality]:
    """Return the cities that act today, by their keys."""
    today = timezone.localdate()
    return {row.municipality_id: row.municipality for row in members if not row.has_left(today)}


def _was_there(member: TandemMember, day: dt.date | None) -> bool:
    """Tell whether a city had joined by the day of a meeting, as far as both are known."""
    joined = member.joined_earliest
    return day is None or joined is None or joined <= day


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
    return missing_by_minutes([minutes])[minutes.pk]


def missing_by_minutes(minutes: Iterable[Minutes]) -> dict[int, list[Municipality]]:
    """Return by minutes (primary key) whose word is missing, as often for many as for one."""
    rows = list(minutes)
    given = MinutesAgreement.objects.filter(minutes__in=rows)
    words = set(given.values_list("minutes", "municipality"))
    asked = asked_of({row.meeting_id: row.meeting for row in rows}.values())
    return {
        row.pk: [city for city in asked[row.meeting_id] if (row.pk, city.pk) not in words]
        for row in rows
    }


def is_overdue(minutes: Minutes) -> bool:
    """Tell whether the day has passed by which the cities should have agreed."""
    waits = minutes.state == MinutesState.IN_AGREEMENT and minutes.agree_by is not None
    return waits and minutes.agree_by < timezone.localdate()  # type: ignore[operator]


def seal_of(minutes: Minutes) -> str:
    """Return what tells one sending out of minutes from the next, when they may have changed."""
    return f"{minutes.pk}:{minutes.sent_at.isoformat()}" if minutes.sent_at else ""


def is_seal_of(seen: str, minutes: Minutes) -> bool:
    """Tell whether a seal is one of these minutes, whichever sending out it was."""
    return seen.partition(":")[0] == str(minutes.pk)


def text_seal_of(minutes: Minutes) -> str:
    """Return what tells one text of a draft from the next, whoever has changed it."""
    entries = minutes.entries.aggregate(number=Count("pk"), last=Max("changed_at"))
    moments = [moment.isoformat() for moment in (minutes.changed_at, entries["last"]) if moment]
    return ":".join([str(minutes.pk), str(entries["number"]), *moments])


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


def overdue_minutes(today: dt.date) -> QuerySet[Minutes]:
    """Return the minutes whose day to agree has passed, the longest ago first."""
    rows = Minutes.objects.filter(state=MinutesState.IN_AGREEMENT, agree_by__lt=today)
    return rows.order_by("agree_by", "pk")


def overdue_untold(today: dt.date) -> QuerySet[Minutes]:
    """Return those of which nobody was told yet that this very day to agree has passed."""
    told = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(Minutes),
        object_id=OuterRef("pk"),
        field=DAY_TO_AGREE,
        new=PASSED,
        # A day is extended to a later one that is still to come: what was told before is over.
        changed_at__date__gt=OuterRef("agree_by"),
    )
    return overdue_minutes(today).filter(~Exists(told))


def is_written(minutes: Minutes) -> bool:
    """Tell whether somebody has written into one of the entries.

    The list of commitments is there from the beginning; as long as nobody has added a word to it,
    it says nothing.
    """
    somebodys = Q(changed_by__isnull=False) | Q(agenda_item__isnull=False)
    written = minutes.entries.exclude(text="").filter(somebodys | Q(question__isnull=False))
    return written.exists()
