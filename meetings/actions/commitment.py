"""What makes, keeps, moves and drops commitments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Notification
from accounts.permissions import Permission, reach_of, require
from core.actions import change_status, note_change
from core.models import save_new
from meetings.enums import COMMITMENT_TRANSITIONS, CommitmentState
from meetings.models import Commitment, Meeting
from tandems.actions.notices import tell_people
from tandems.locks import lock_tandem
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
    :class:`ValidationError` for a day that has passed, a foreign meeting, a sixth commitment of one
    meeting, or what is recorded already (code ``known``).
    """
    # In this order everywhere: the partnership, then what hangs on it.
    tandem = lock_tandem(member.tandem_id)
    if meeting is not None:
        # Locked, so that two people who note the fifth at once do not make six.
        Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
    # Meanwhile the city may have left. Of a double click only the first one makes a commitment.
    rows = TandemMember.objects.select_for_update(of=("self",), no_key=True)
    member = rows.select_related("municipality").get(pk=member.pk)
    member.tandem = tandem
    require(by, Permission.CONTRIBUTE, member)
    if due_on < timezone.localdate():
        raise ValidationError({"due_on": _("Choose today or a later date.")})
    if meeting is not None:
        if meeting.tandem_id != member.tandem_id:
            raise ValidationError({"meeting": _("Choose a meeting of this partnership.")})
        if meeting.commitments.count() >= MOST_OF_ONE_MEETING:
            raise ValidationError(
                {"meeting": _("A meeting takes up to five commitments; more are seldom kept.")}
            )
    same = Commitment.objects.open().filter(
        tandem=member.tandem_id, municipality=member.municipality_id, text=text, due_on=due_on
    )
    if same.exists():
        raise ValidationError(_("This commitment has been recorded already."), code="known")
    commitment = Commitment(
        tandem=tandem,
        municipality=member.municipality,
        meeting=meeting,
        text=text,
        due_on=due_on,
        made_by=by,
    )
    save_new(commitment)
    note_change(commitment, old="", new=CommitmentState.OPEN, by=by)
    _tell(commitment, "commitment_made", by)
    return commitment


def keep_commitment(*, commitment: Commitment, note: str = "", by: Any) -> Commitment:
    """Note that the municipality did what it had promised."""
    return _settle(commitment, CommitmentState.KEPT, note, by)


def drop_commitment(*, commitment: Commitment, note: str, by: Any) -> Commitment:
    """Note that the municipality will not do it, and why."""
    return _settle(commitment, CommitmentState.DROPPED, note, by)


@transaction.atomic
def move_commitment(*, commitment: Commitment, due_on: dt.date, note: str, by: Any) -> Commitment:
    """Give a commitment a later day, and say why; the earlier day stays in its history.

    Raises :class:`PermissionDenied` for who does not speak for its municipality, which must still
    be a member, and :class:`ValidationError` for one that is settled, a day that is not later, and
    a missing reason.
    """
    locked = _locked(commitment, by)
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
    _tell(locked, "commitment_moved", by)
    return locked


@transaction.atomic
def _settle(commitment: Commitment, state: str, note: str, by: Any) -> Commitment:
    settled = change_status(
        _locked(commitment, by),
        field="state",
        new=state,
        transitions=COMMITMENT_TRANSITIONS,
        note=note,
        changes={"settled_at": timezone.now(), "reason": note},
        by=by,
    )
    _tell(settled, f"commitment_{state}", by)
    return settled


def _locked(commitment: Commitment, by: Any) -> Commitment:
    """Return the commitment as it stands now, locked after its partnership, for who decides on it.

    Asked after locking: while this waited, the city may have left.
    """
    tandem = lock_tandem(commitment.tandem_id)
    locked = Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    locked.tandem = tandem
    _require_say(locked, by)
    return locked


def _require_say(commitment: Commitment, by: Any) -> None:
    """Raise :class:`PermissionDenied` unless ``by`` says what becomes of the commitment.

    That is the team, and its municipality as long as it is a member of the partnership.
    """
    require(by, Permission.LEAD_MEETINGS, commitment)
    if reach_of(by, Permission.LEAD_MEETINGS) is None:
        return
    members = commitment.tandem.members.acting().filter(municipality=commitment.municipality_id)
    if not members.exists():
        raise PermissionDenied


def _tell(commitment: Commitment, event: str, by: Any) -> None:
    """Tell the partnership what a city promised, or what became of it."""
    tell_people(
        tandem=commitment.tandem,
        kind=Notification.TANDEM_COMMITMENTS,
        event=event,
        path=commitment.get_absolute_url(),
        facts={"text": commitment.text},
        city=commitment.municipality,
        by=by,
    )
