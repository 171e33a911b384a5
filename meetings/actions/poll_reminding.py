"""Reminders of date polls: a job asks once more who was asked and has said nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from meetings.actions.one_by_one import do_one_by_one
from meetings.invitation import reachable
from meetings.locks import lock_meeting
from meetings.mails import poll as mails
from meetings.models import Attendance, DatePoll, Meeting, PollReply
from meetings.models.attendance import AttendanceQuerySet
from meetings.polling import DATABLE

#: So long before the end of a poll its silent people are reminded.
BEFORE = dt.timedelta(days=3)


def remind_of_polls(*, by: Any = None) -> int:
    """Remind people of date polls that end in three days; return how many mails were written.

    May run every minute: each person is reminded once of each poll. Each is a transaction of its
    own: one that fails is tried again by the next run and does not hold up the others.
    """
    rows = _silent(timezone.now()).select_related("meeting").order_by("pk")
    found = {row.pk: row.meeting for row in rows}
    return do_one_by_one(
        rows=[(key,) for key in found],
        act=lambda key: _remind(key, found[key]),
        told="A person could not be reminded of a date poll.",
        by=by,
    )


def _silent(now: dt.datetime) -> AttendanceQuerySet:
    """Return who was asked in a poll that ends soon, has said nothing and was not reminded of it.

    Who was asked when it was about to end knows of it without a reminder. Who was reminded before
    the poll was opened again was reminded of another one.
    """
    opened_at, answer_by = F("meeting__poll__opened_at"), F("meeting__poll__answer_by")
    ends_soon = Q(meeting__poll__answer_by__gt=now, meeting__poll__answer_by__lte=now + BEFORE)
    is_open = Q(meeting__poll__closed_at__isnull=True, meeting__status__in=DATABLE)
    was_asked = Q(dates_asked_at__gte=opened_at, dates_asked_at__lte=answer_by - BEFORE)
    unreminded = Q(dates_reminded_at__isnull=True) | Q(dates_reminded_at__lt=opened_at)
    answered = PollReply.objects.filter(attendance=OuterRef("pk"))
    rows = Attendance.objects.filter(ends_soon, is_open, was_asked, unreminded)
    return rows.exclude(Exists(answered))


def _remind(key: int, meeting: Meeting) -> int:
    """Remind one person, unless the poll was closed, or the person answered or left meanwhile."""
    now = timezone.now()
    locked = lock_meeting(meeting)
    poll = DatePoll.objects.select_for_update(no_key=True).filter(meeting=locked).first()
    rows = _silent(now).select_related("user", "municipality")
    person = rows.select_for_update(of=("self",), no_key=True).filter(pk=key).first()
    if poll is None or person is None or not reachable(locked, [person]):
        # Who lost its part may take an office again before the poll ends.
        return 0
    poll.meeting = locked
    person.dates_reminded_at = now
    person.save(update_fields=["dates_reminded_at"])
    mails.poll_reminded(poll, person)
    return 1
