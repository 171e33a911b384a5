"""What ends a date poll, and who is told of a date by its mail."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actions import note_change
from core.dates import DatePrecision
from meetings.invitation import reachable
from meetings.mails import poll as mails
from meetings.models import Attendance, DatePoll, Meeting
from meetings.polling import DATABLE


def end_poll(*, poll: DatePoll, step: str, by: Any) -> None:
    """Close a locked poll, and write down how it ended; whoever calls this tells people."""
    poll.closed_at = timezone.now()
    poll.save(update_fields=["closed_at"])
    note_change(poll.meeting, field="poll", old="opened", new=step, by=by)


@transaction.atomic
def settle_poll(*, meeting: Meeting, by: Any) -> DatePoll | None:
    """End the open poll of a locked meeting that has got its day; return it, if there was one.

    The date may come from the poll or out of the plan: nobody is to answer, or to be reminded, once
    it is known. Invited people have been told by then, the others who were asked are told here.
    """
    if meeting.status not in DATABLE or meeting.precision != DatePrecision.DAY:
        return None
    rows = DatePoll.objects.select_for_update(no_key=True)
    poll = rows.filter(meeting=meeting, closed_at=None).first()
    if poll is None:
        return None
    poll.meeting = meeting
    end_poll(poll=poll, step="fixed", by=by)
    mails.poll_fixed(poll, meeting, not_told_yet(meeting=meeting, by=by))
    return poll


def not_told_yet(*, meeting: Meeting, by: Any) -> list[Attendance]:
    """Return whom no invitation has told of the meeting yet, by city and name; not who acts.

    Whoever has one is told of every change by a mail of its own.
    """
    rows = Attendance.objects.filter(meeting=meeting, told_sequence=None).with_people()
    return [row for row in reachable(meeting, rows) if row.user != by]
