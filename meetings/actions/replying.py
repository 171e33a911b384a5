"""What invited people answer, by the link in their mail or signed in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import save_new
from core.text import clean_text
from meetings.access import access_of_meeting
from meetings.actions.inviting import candidates_of, invite_by_mail, note_told
from meetings.enums import Reply
from meetings.invitation import is_open_for_answers, mark_of_date, reachable
from meetings.locks import lock_meeting
from meetings.models import Attendance, Meeting


@transaction.atomic
def answer_invitation(
    *, attendance: Attendance, reply: str, note: str = "", mark: str = "", by: Any
) -> Attendance:
    """Note what an invited person answers; the same again changes nothing.

    ``by`` is the person, or nobody: the link of the mail proves who answers. ``mark`` is that of
    the date which was answered for (:func:`meetings.invitation.mark_of_date`), where it is known.
    Who answers before the invitations are sent gets the own one now, with its part for the
    calendar.

    Raises :class:`ValidationError` once the meeting has begun, was cancelled or (code ``moved``)
    has another date, and (code ``gone``) where the invitation was removed or the person has no
    access any more.
    """
    locked = lock_meeting(attendance.meeting)
    rows = locked.attendances.select_related("user", "municipality")
    row = rows.select_for_update(of=("self",), no_key=True).filter(pk=attendance.pk).first()
    if row is None or not reachable(locked, [row]):
        raise ValidationError(_("This invitation is no longer valid."), code="gone")
    _answer(row, locked, reply, note, mark, by)
    return row


@transaction.atomic
def reply_to_meeting(
    *, meeting: Meeting, reply: str, note: str = "", mark: str = "", by: Any
) -> Attendance:
    """Note what somebody answers who takes part in a meeting, invited or not.

    Raises :class:`PermissionDenied` for who has no access, or has left, and
    :class:`ValidationError` once the meeting has begun, was moved or cancelled.
    """
    locked = lock_meeting(meeting)
    access = access_of_meeting(by, locked)
    if access is None or not (access.acts or access.is_guest):
        raise PermissionDenied
    rows = locked.attendances.select_related("user", "municipality")
    row = rows.select_for_update(of=("self",), no_key=True).filter(user=by).first()
    if row is None:
        cities = {one.user.pk: one.municipality for one in candidates_of(meeting=locked, by=by)}
        row = Attendance(meeting=locked, user=by, municipality=cities.get(by.pk), added_by=by)
        _refuse_late(locked)
        save_new(row)
    _answer(row, locked, reply, note, mark, by)
    return row


def _answer(row: Attendance, meeting: Meeting, reply: str, note: str, mark: str, by: Any) -> None:
    _refuse_late(meeting)
    if mark and mark != mark_of_date(meeting):
        told = _(
            "The meeting was moved at this moment. Check the date, then send your answer again."
        )
        raise ValidationError(told, code="moved")
    if reply not in {Reply.YES, Reply.MAYBE, Reply.NO}:
        raise ValidationError({"reply": _("Choose whether the person is coming.")})
    note = " ".join(clean_text(note).split())
    if (row.reply, row.reply_note) != (reply, note):
        row.reply, row.reply_note, row.replied_at = reply, note, timezone.now()
        row.full_clean(exclude={"meeting", "user", "municipality", "added_by"})
        row.save()
    if row.told_sequence is None:
        if reply == Reply.NO:
            note_told(attendance=row, meeting=meeting, by=by)
        else:
            invite_by_mail(attendance=row, meeting=meeting, by=by)


def _refuse_late(meeting: Meeting) -> None:
    if not is_open_for_answers(meeting):
        told = _("Answers are taken until a meeting begins, once its date is fixed.")
        raise ValidationError(told, code="closed")
