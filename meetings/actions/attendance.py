"""Who was at a meeting, and when names are forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from calls.content import merge
from core.actions import note_change
from meetings.access import MeetingAccess, access_of_meeting
from meetings.actions.one_by_one import do_one_by_one
from meetings.enums import MeetingScope, MeetingStatus
from meetings.invitation import has_begun
from meetings.locks import lock_meeting
from meetings.models import Attendance, CalendarFeed, CityAttendance, Meeting
from municipalities.models import Municipality

#: So long after a meeting, guests from outside are forgotten.
KEPT = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a list: the meeting, and the stored values of fields in conflict by name."""

    meeting: Meeting
    conflicts: dict[str, Any]


def may_record(*, access: MeetingAccess, by: Any) -> bool:
    """Tell whether the person says who was there: of meetings of the network only the team does."""
    is_shared = access.meeting.scope != MeetingScope.PROGRAMME
    return access.leads or (access.contributes and is_shared)


def recorded_cities(*, access: MeetingAccess, by: Any) -> set[int] | None:
    """Return for which cities (keys) the person says who was there; ``None``: for all, and guests.

    Who leads the meeting does for all, others for their own.
    """
    if access.leads:
        return None
    return {city.pk for city in access.cities if access.speaks_for(city.pk, Permission.CONTRIBUTE)}


def counted_cities(*, meeting: Meeting, by: Any) -> list[Municipality]:
    """Return the cities whose people are counted, by name.

    These are those that meet, guests, those of invited people, and those counted before.
    """
    keys = (
        meeting.acting_municipalities
        | set(meeting.guests.values_list("municipality", flat=True))
        | set(meeting.attendances.values_list("municipality", flat=True))
        | set(meeting.city_attendances.values_list("municipality", flat=True))
    )
    return list(Municipality.objects.filter(pk__in=keys - {None}).by_name())


def attendance_values(*, meeting: Meeting, by: Any) -> dict[str, Any]:
    """Return what is stored: ``person-<key>`` was there, ``city-<key>`` so many people.

    A number is ``None`` where exactly the people named are counted.
    """
    rows = list(meeting.attendances.values_list("pk", "municipality", "has_attended"))
    counted = dict(meeting.city_attendances.values_list("municipality", "people"))
    values: dict[str, Any] = {f"person-{key}": bool(was) for key, _city, was in rows}
    for city in counted_cities(meeting=meeting, by=by):
        named = sum(1 for _key, place, was in rows if was and place == city.pk)
        number = counted.get(city.pk)
        values[f"city-{city.pk}"] = None if number in {None, named} else number
    return values


@transaction.atomic
def record_attendance(
    *, meeting: Meeting, values: Mapping[str, Any], opened: Mapping[str, str], by: Any
) -> Recorded:
    """Note who was there (see :func:`attendance_values`), and how many people of each city.

    What is said for a city that the person does not speak for is left out.
    ``opened`` holds the marks of what the form was opened with: what somebody else has changed
    meanwhile to something else is in conflict; then nothing is written. Raises
    :class:`PermissionDenied` for who may not, and :class:`ValidationError` for a meeting that has
    not begun or was cancelled and for a number below that of the people named.
    """
    locked = lock_meeting(meeting)
    access = access_of_meeting(by, locked)
    if access is None or not may_record(access=access, by=by):
        raise PermissionDenied
    if locked.status == MeetingStatus.CANCELLED or not has_begun(locked):
        raise ValidationError(_("Who was there is recorded once the meeting has begun."))
    stored = attendance_values(meeting=locked, by=by)
    own = recorded_cities(access=access, by=by)
    theirs = [row for row in locked.attendances.all() if own is None or row.municipality_id in own]
    names = {f"person-{row.pk}" for row in theirs}
    names |= {name for name in stored if own is None or name in {f"city-{key}" for key in own}}
    typed = {name: values[name] for name in stored if name in values and name in names}
    write, conflicts = merge(stored, typed, opened)
    if conflicts:
        return Recorded(locked, conflicts)
    if write or any(row.has_attended is None for row in theirs):
        _write(locked, theirs, {**stored, **write}, by)
    return Recorded(locked, {})


def _write(meeting: Meeting, theirs: list[Attendance], values: Mapping[str, Any], by: Any) -> None:
    """Write down whether ``theirs`` came, and count anew."""
    for row in theirs:
        row.has_attended = values[f"person-{row.pk}"]
    Attendance.objects.bulk_update(theirs, ["has_attended"])
    rows = list(meeting.attendances.all())
    there = [row for row in rows if row.has_attended]
    total = sum(1 for row in there if row.municipality_id is None)
    errors = {}
    for city in counted_cities(meeting=meeting, by=by):
        named = sum(1 for row in there if row.municipality_id == city.pk)
        typed = values.get(f"city-{city.pk}")
        number = named if typed is None else typed
        if number < named:
            told = _("People ticked: %(number)s. Enter at least that number.")
            errors[f"city-{city.pk}"] = ValidationError(told, params={"number": named})
        total += number
        _count(meeting, city, number)
    if errors:
        raise ValidationError(errors)
    meeting.participant_count = total or None
    meeting.save(update_fields=["participant_count", "changed_at"])
    note_change(meeting, field="attendance", old="", new="recorded", note=str(total), by=by)


def _count(meeting: Meeting, city: Municipality, number: int) -> None:
    """Note how many people of a city came; of a city from which nobody came there is no row."""
    rows = CityAttendance.objects.filter(meeting=meeting, municipality=city)
    if not number:
        rows.delete()
    elif not rows.update(people=number):
        CityAttendance.objects.create(meeting=meeting, municipality=city, people=number)


def forget_outside_guests(*, by: Any = None) -> int:
    """Delete names and addresses of guests from outside a year after the meeting; return how many.

    How many people came stays. Of a meeting that never got a day, the day of the invitation counts.
    One that fails does not hold up the others.
    """
    now = timezone.now()
    before = now - KEPT
    over = Q(meeting__latest__lt=before.date())
    undated = Q(meeting__latest=None, added_at__lt=before)
    rows = Attendance.objects.filter(over | undated, user=None)

    def act(key: int) -> int:
        return rows.filter(pk=key).delete()[1].get(Attendance._meta.label, 0)

    keys = rows.values_list("pk")
    return do_one_by_one(rows=keys, act=act, told="A guest could not be forgotten.", by=by)


@transaction.atomic
def forget_attendances(*, user: Any, by: Any) -> int:
    """Delete the invitations, answers and calendar of a person; how many people came stays."""
    CalendarFeed.objects.filter(user=user).delete()
    rows = Attendance.objects.filter(user=user)
    return rows.delete()[1].get(Attendance._meta.label, 0)
