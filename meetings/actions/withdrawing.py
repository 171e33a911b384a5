"""Invitations that are taken back, and those of people who have lost access."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actions import note_change
from meetings.access import require_lead
from meetings.actions.inviting import raise_revision
from meetings.actions.one_by_one import do_one_by_one
from meetings.enums import COMING, MeetingStatus
from meetings.invitation import has_begun, is_over, reachable
from meetings.locks import lock_meeting
from meetings.mails import inviting as mails
from meetings.models import Attendance, Meeting


@transaction.atomic
def remove_invitation(*, attendance: Attendance, by: Any) -> Meeting:
    """Take an invitation back; who was told of a meeting to come is told of that too.

    The calendar revision grows, so that calendars take the meeting out. Raises
    :class:`PermissionDenied` for who does not lead the meeting and :class:`ValidationError` where
    the invitation is gone already.
    """
    locked = lock_meeting(attendance.meeting)
    require_lead(by, locked)
    row = locked.attendances.select_related("user", "municipality").filter(pk=attendance.pk).first()
    if row is None:
        raise ValidationError(_("This invitation was removed already."), code="over")
    knows = row.told_sequence is not None and locked.status != MeetingStatus.CANCELLED
    if knows and not is_over(locked) and reachable(locked, [row]):
        _uninvite(row, locked, by)
    note_change(locked, field="invitation", old="invited", new="removed", by=by)
    row.delete()
    return locked


def withdraw_lost_invitations(*, by: Any = None) -> int:
    """Take back the invitations of people who have no access any more; return how many.

    Whatever ended it — a role, a city's membership, guest access, a partnership that no longer
    meets — the meeting is to leave their calendar too. May run every minute. Closed accounts get
    nothing.
    """
    told = Attendance.objects.filter(told_sequence__isnull=False, user__is_active=True)
    coming = Meeting.objects.filter(attendances__in=told, status__in=COMING)
    coming = coming.filter(latest__gte=timezone.localdate() - dt.timedelta(days=1)).distinct()
    return do_one_by_one(
        rows=[(key,) for key in coming.order_by("pk").values_list("pk", flat=True)],
        act=partial(_withdraw, by=by),
        told="The invitations to a meeting could not be looked through.",
        by=by,
    )


def _withdraw(key: int, *, by: Any) -> int:
    meeting = Meeting.objects.get(pk=key)
    if len(reachable(meeting, rows := _told_people(meeting))) == len(rows):
        # The rule, for which nothing is locked.
        return 0
    locked = lock_meeting(meeting)
    if locked.status not in COMING or has_begun(locked):
        return 0
    rows = _told_people(locked)
    known = {row.pk for row in reachable(locked, rows)}
    lost = [row for row in rows if row.pk not in known]
    for row in lost:
        _uninvite(row, locked, by, has_no_access=True)
        row.delete()
    if lost:
        note = str(len(lost))
        note_change(locked, field="invitation", old="", new="lost access", note=note, by=by)
    return len(lost)


def _told_people(meeting: Meeting) -> list[Attendance]:
    rows = meeting.attendances.with_people()
    return list(rows.filter(told_sequence__isnull=False, user__is_active=True))


def _uninvite(row: Attendance, meeting: Meeting, by: Any, *, has_no_access: bool = False) -> None:
    """Take the meeting out of a person's calendar."""
    raise_revision(meeting=meeting, by=by)
    mails.meeting_uninvited(row, meeting, has_no_access=has_no_access)
    # Whoever is invited again gets more than what was cancelled, or calendars do not believe it.
    raise_revision(meeting=meeting, by=by)
