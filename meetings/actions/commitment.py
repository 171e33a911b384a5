"""What makes, keeps, moves and drops commitments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from core.actions import change_status, note_change
from core.models import save_new
from meetings.enums import COMMITMENT_TRANSITIONS, CommitmentState
from meetings.models import Commitment, Meeting
from tandems.models import TandemMember

#: More than this from one meeting nobody keeps.
MOST_OF_ONE_MEETING = 5


@transaction.atomic
def make_commitment(
    *,
    member: TandemMember,
    text: str,
    due_on: dt.date,
    meeting: Meeting | None = None,
    by: Any,
) -> Commitment:
    """Note that a member of a partnership commits itself; nobody commits another city.

    Raises :class:`PermissionDenied` for who does not speak for the municipality and
    :class:`ValidationError` for a day that has passed, a foreign meeting, or a sixth commitment of
    one meeting.
    """
    require(by, Permission.CONTRIBUTE, member)
    if due_on < timezone.localdate():
        raise ValidationError({"due_on": _("Choose today or a later date.")})
    if meeting is not None:
        if meeting.tandem_id != member.tandem_id:
            raise ValidationError({"meeting": _("Choose a meeting of this partnership.")})
        # Locked, so that two people who note the fifth at once do not make six.
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        if meeting.commitments.count() >= MOST_OF_ONE_MEETING:
            raise ValidationError(
                {"meeting": _("A meeting takes up to five commitments; more are seldom kept.")}
            )
    commitment = Commitment(
        tandem=member.tandem,
        municipality=member.municipality,
        meeting=meeting,
        text=text,
        due_on=due_on,
        made_by=by,
    )
    save_new(commitment)
    note_change(commitment, old="", new=CommitmentState.OPEN, by=by)
    return commitment


def keep_commitment(*, commitment: Commitment, note: str = "", by: Any) -> Commitment:
    """Note that the municipality did what it had promised."""
    return _settle(commitment, CommitmentState.KEPT, note, by)


def drop_commitment(*, commitment: Commitment, note: str, by: Any) -> Commitment:
    """Note that the municipality will not do it, and why."""
    return _settle(commitment, CommitmentState.DROPPED, note, by)


@transaction.atomic
def move_commitment(*, commitment: Commitment, due_on: dt.date, note: str, by: Any) -> Commitment:
    """Give a commitment a later day, and say why; the earlier day stays in its history."""
    require(by, Permission.LEAD_MEETINGS, commitment)
    locked = Commitment.objects.select_for_update().get(pk=commitment.pk)
    if not locked.is_open:
        raise ValidationError(_("This commitment is already settled."))
    if due_on <= max(locked.due_on, timezone.localdate()):
        raise ValidationError({"due_on": _("Choose a date after today and after the current one.")})
    if not note:
        raise ValidationError({"note": _("Say why it needs more time.")})
    note_change(
        locked,
        field="due_on",
        old=locked.due_on.isoformat(),
        new=due_on.isoformat(),
        note=note,
        by=by,
    )
    locked.due_on = due_on
    locked.save()
    return locked


def _settle(commitment: Commitment, state: str, note: str, by: Any) -> Commitment:
    require(by, Permission.LEAD_MEETINGS, commitment)
    return change_status(
        commitment,
        field="state",
        new=state,
        transitions=COMMITMENT_TRANSITIONS,
        note=note,
        changes={"settled_at": timezone.now(), "reason": note},
        by=by,
    )
