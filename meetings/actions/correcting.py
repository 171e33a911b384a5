"""Corrections of agreed minutes: they are begun, and given up where that was a mistake."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from core.actions import note_change
from meetings.access import require_lead
from meetings.actions.minutes import PUBLIC_PART, keep_row
from meetings.actions.minutes_telling import tell_of_minutes
from meetings.asked import text_seal_of
from meetings.enums import MinutesState
from meetings.locks import lock_meeting, lock_minutes
from meetings.models import Meeting, Minutes, MinutesEntry

#: What the history of a correction ends with; there is no such version any more.
GIVEN_UP = "given up"


@transaction.atomic
def correct_minutes(*, meeting: Meeting, note: str, by: Any) -> Minutes:
    """Begin a correction of agreed minutes; ``note`` says what is corrected.

    It is a new version with copies of all entries. The agreed one counts until the cities have
    agreed to the new one. A version that is on its way already is returned instead.

    Raises :class:`PermissionDenied` for who does not lead the meeting, and
    :class:`ValidationError` where no minutes have been agreed.
    """
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    if (unfinished := locked.minutes.unfinished().first()) is not None:
        return unfinished
    agreed = locked.minutes.agreed().first()
    if agreed is None:
        raise ValidationError(_("No minutes of this meeting have been agreed."), code="state")
    new = Minutes(
        meeting=locked,
        number=(locked.minutes.aggregate(last=Max("number"))["last"] or 0) + 1,
        correction_note=note,
        begun_by=by,
        **{name: getattr(agreed, name) for name in PUBLIC_PART},
    )
    keep_row(row=new, by=by)
    note_change(new, field="state", old="", new=MinutesState.DRAFT, note=note, by=by)
    copied = ("position", "agenda_item_id", "question_id", "heading", "text", "changed_by_id")
    for entry in agreed.entries.all():
        copy = MinutesEntry(minutes=new, **{name: getattr(entry, name) for name in copied})
        keep_row(row=copy, by=by)
        # Who wrote it, and when, goes with the text.
        MinutesEntry.objects.filter(pk=copy.pk).update(changed_at=entry.changed_at)
    tell_of_minutes(new, "minutes_corrected", by=by)
    return new


@transaction.atomic
def give_up_correction(*, minutes: Minutes, seen: str, by: Any) -> Minutes:
    """Delete a correction that is still a draft; return the agreed minutes, which go on counting.

    ``seen`` tells which text the person has read (:func:`meetings.asked.text_seal_of`): what
    somebody else wrote meanwhile is not thrown away unread.

    Raises :class:`PermissionDenied` for who does not lead the meeting, and
    :class:`ValidationError` for what is no draft, corrects nothing, or has changed meanwhile.
    """
    meeting = lock_meeting(minutes.meeting)
    require_lead(by, meeting)
    agreed = meeting.minutes.agreed().first()
    if agreed is None or agreed.pk == minutes.pk:
        raise ValidationError(_("Only a correction can be given up."), code="state")
    if not meeting.minutes.filter(pk=minutes.pk).exists():
        # A second press, or somebody else was faster.
        return agreed
    locked = lock_minutes(minutes)
    if not locked.is_open:
        raise ValidationError(
            _("Only a draft can be given up. Turn the correction back into a draft first."),
            code="state",
        )
    if seen != text_seal_of(locked):
        raise ValidationError(
            _("Somebody has changed the correction after you opened this page. Please read it."),
            code="changed",
        )
    told = {"note": locked.correction_note, "by": by}
    note_change(locked, field="state", old=MinutesState.DRAFT, new=GIVEN_UP, **told)
    # The version is gone; what stays tells of it too.
    note_change(agreed, field="correction", old=str(locked.number), new=GIVEN_UP, **told)
    locked.delete()
    agreed.meeting = meeting
    tell_of_minutes(agreed, "minutes_given_up", by=by)
    return agreed
