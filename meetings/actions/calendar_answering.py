"""Answers that calendar programs mail: a job reads them, and notes them like those by link."""

from __future__ import annotations

from email.message import EmailMessage
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from core.inbox import Mailbox, read_mails
from core.outbox import on_the_wire
from meetings.actions.replying import answer_invitation
from meetings.calendar_answers import CalendarAnswer, answer_in
from meetings.ical import uid_of
from meetings.invitation import reachable
from meetings.links import attendance_by_address
from meetings.locks import lock_meeting
from meetings.mails import inviting as mails
from meetings.models import Attendance


def read_calendar_answers(*, by: Any = None) -> int:
    """Read the mailbox to which calendar programs send answers; return how many mails were taken.

    May run every minute, and beside another one. What is no answer to an invitation of ours stays
    in the mailbox, flagged. Raises :class:`OSError` where the mailbox cannot be reached.
    """
    if not settings.ANSWER_MAILBOX:
        return 0
    return read_mails(Mailbox(**settings.ANSWER_MAILBOX), partial(_take, by=by))


def _take(message: EmailMessage, *, by: Any) -> bool:
    answer = answer_in(message)
    return answer is not None and take_calendar_answer(answer=answer, by=by)


@transaction.atomic
def take_calendar_answer(*, answer: CalendarAnswer, by: Any) -> bool:
    """Note what somebody pressed in a calendar program; tell whether it answers one of our mails.

    The address that the mail went to proves who answers (:func:`answer_address`). An answer that
    cannot count is not lost in silence: the invited person is told why, with the link to answer by.
    So it is for one about a date that the meeting no longer has, one that comes too late, and one
    from another address, to which the invitation may have been forwarded. An answer that was mailed
    before the one that is noted changes nothing.
    """
    found = attendance_by_address(answer.recipients)
    if found is None or answer.uid != uid_of(found.meeting):
        return False
    meeting = lock_meeting(found.meeting)
    rows = meeting.attendances.select_related("user", "municipality")
    row = rows.select_for_update(of=("self",), no_key=True).filter(pk=found.pk).first()
    if row is None or not reachable(meeting, [row]):
        # Told already, by the mail that took the meeting out of the calendar.
        return True
    if row.replied_at and answer.sent_at and answer.sent_at < row.replied_at:
        return True
    if not _is_address_of(row, answer.sender):
        mails.reply_not_counted(row, meeting, why="sender", sender=answer.sender)
    elif answer.sequence < (row.asked_sequence or 0):
        mails.reply_not_counted(row, meeting, why="moved")
    else:
        # The answer alone leaves what was said beside the same one before.
        note = answer.note or (row.reply_note if row.reply == answer.reply else "")
        try:
            answer_invitation(attendance=row, reply=answer.reply, note=note, by=row.user)
        except ValidationError:
            mails.reply_not_counted(row, meeting, why="late")
    return True


def _is_address_of(row: Attendance, sender: str) -> bool:
    try:
        return on_the_wire(sender).lower() == on_the_wire(row.address).lower()
    except UnicodeError:
        # A domain that cannot be one.
        return False
