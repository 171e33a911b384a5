"""Reminders of a meeting: who leads it chooses them, a job sends each once for each date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.dates import DatePrecision
from meetings.access import require_lead
from meetings.actions.one_by_one import do_one_by_one
from meetings.enums import MeetingStatus
from meetings.invitation import FIRST_HOUR, begins_at, reachable, zone_of
from meetings.locks import lock_meeting
from meetings.mails import inviting as mails
from meetings.models import Meeting, MeetingReminder

#: Hours before a meeting → how the reminder is called.
REMINDERS = {
    7 * 24: _("one week before"),
    3 * 24: _("three days before"),
    24: _("the day before, at the same time"),
    2: _("two hours before"),
}
#: A reminder that comes later than this, after the server was away for example, is not sent; one
#: that is close to the meeting is worth sending for half of its time.
LATEST = dt.timedelta(hours=12)
#: Meetings of which nobody is reminded.
SILENT = (MeetingStatus.CANCELLED, MeetingStatus.HELD)


@transaction.atomic
def choose_reminders(*, meeting: Meeting, hours: Iterable[int], by: Any) -> int:
    """Set the reminders of a meeting (keys of :data:`REMINDERS`); return how many there are.

    Raises :class:`PermissionDenied` for who does not lead the meeting and :class:`ValidationError`
    for a reminder that is not offered and for a meeting that was cancelled or held.
    """
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    if locked.status in SILENT:
        raise ValidationError(_("This meeting is over."), code="over")
    wanted = set(hours)
    if not wanted <= set(REMINDERS):
        raise ValidationError({"hours": _("Choose from the reminders that are offered.")})
    locked.reminders.exclude(hours_before__in=wanted).delete()
    known = set(locked.reminders.values_list("hours_before", flat=True))
    MeetingReminder.objects.bulk_create(
        MeetingReminder(meeting=locked, hours_before=value) for value in sorted(wanted - known)
    )
    return len(wanted)


def send_meeting_reminders(*, by: Any = None) -> int:
    """Send the reminders that are due; return how many mails were written. May run every minute.

    One that fails does not hold up the others.
    """
    now = timezone.now()
    days = (now.date() - dt.timedelta(days=2), now.date() + dt.timedelta(days=62))
    rows = MeetingReminder.objects.filter(
        meeting__precision=DatePrecision.DAY, meeting__earliest__range=days
    )
    due = {
        row.pk: row
        for row in rows.exclude(meeting__status__in=SILENT).select_related("meeting")
        if _is_due(row, row.meeting, now)
    }
    return do_one_by_one(
        rows=[(key,) for key in due],
        act=lambda key: _send(due[key], now),
        told="A meeting could not be reminded of.",
        by=by,
    )


def _send(reminder: MeetingReminder, now: dt.datetime) -> int:
    """Send one reminder to whoever was invited and has not said no, unless another job did."""
    meeting = lock_meeting(reminder.meeting)
    rows = meeting.reminders.select_for_update(no_key=True)
    row = rows.filter(pk=reminder.pk).first()
    if row is None or not _is_due(row, meeting, now):
        return 0
    row.sent_at = now
    row.save()
    invited = meeting.attendances.coming().with_people().filter(told_sequence__isnull=False)
    people = reachable(meeting, invited)
    for attendance in people:
        mails.meeting_reminded(attendance, meeting)
    return len(people)


def _moment_before(begin: dt.datetime, before: dt.timedelta, clock: dt.tzinfo) -> dt.datetime:
    """Return when to remind: whole days before at the same time on the clock of the place.

    In the nights in which clocks change, a day is not 24 hours.
    """
    rest = before - dt.timedelta(days=before.days)
    same_time = begin.astimezone(clock) - dt.timedelta(days=before.days)
    return same_time.astimezone(dt.UTC) - rest


def _is_due(reminder: MeetingReminder, meeting: Meeting, now: dt.datetime) -> bool:
    """Tell whether a reminder is to be sent now.

    One that was sent before its moment was sent for an earlier date. One whose moment lay before
    the invitation says nothing new.
    """
    begin = begins_at(meeting, FIRST_HOUR)
    if begin is None or meeting.status in SILENT:
        return False
    before = dt.timedelta(hours=reminder.hours_before)
    moment = _moment_before(begin, before, zone_of(meeting))
    if meeting.invited_at is None or meeting.invited_at > moment:
        return False
    was_sent = reminder.sent_at is not None and reminder.sent_at >= moment
    return not was_sent and moment <= now < moment + min(before / 2, LATEST)
