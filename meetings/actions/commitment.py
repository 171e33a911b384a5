"""What makes, keeps, moves and drops commitments, and takes a slip back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Notification
from accounts.models import RoleAssignment
from accounts.permissions import Permission, reach_of, require
from core.actions import Transitions, change_status, note_change
from core.models import StatusChange, save_new
from meetings.enums import (
    COMMITMENT_TRANSITIONS,
    CommitmentState,
    MeetingScope,
    MeetingStatus,
)
from meetings.models import Commitment, Meeting
from municipalities.models import Topic
from tandems.actions.notices import tell_people
from tandems.locks import lock_tandem
from tandems.models import Tandem, TandemMember

#: More than this from one meeting nobody keeps.
MOST_OF_ONE_MEETING = 5
#: So long before its day somebody is reminded of a commitment.
WARNING = dt.timedelta(days=7)


@transaction.atomic
def make_commitment(
    *,
    member: TandemMember,
    text: str,
    due_on: dt.date,
    language: str = "",
    meeting: Meeting | None = None,
    person: Any = None,
    topic: Topic | None = None,
    by: Any,
) -> Commitment:
    """Note that a member of a partnership commits itself; nobody commits another city.

    ``language`` (``WorkingLanguage``) is that of the text; empty where nobody knows it. ``meeting``
    may be one of the partnership, one that it holds with others, or one of the network. ``person``
    sees to it and holds a role in the city today; ``topic`` is one of the partnership.

    Raises :class:`PermissionDenied` for who does not speak for the municipality and
    :class:`ValidationError` for a day that has passed, a foreign or cancelled meeting, person or
    topic, a sixth commitment of one meeting, or what is recorded already (code ``known``).
    """
    # In this order everywhere: the partnership, then what hangs on it.
    tandem = lock_tandem(member.tandem_id)
    if meeting is not None:
        # Locked, so that two people who note the fifth at once do not make six.
        meeting = Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
    # Meanwhile the city may have left. Of a double click only the first one makes a commitment.
    rows = TandemMember.objects.select_for_update(of=("self",), no_key=True)
    member = rows.select_related("municipality").get(pk=member.pk)
    member.tandem = tandem
    require(by, Permission.CONTRIBUTE, member)
    if due_on < timezone.localdate():
        raise ValidationError({"due_on": _("Choose today or a later date.")})
    same = Commitment.objects.open().filter(
        tandem=member.tandem_id, municipality=member.municipality_id, text=text, due_on=due_on
    )
    if same.exists():
        raise ValidationError(_("This commitment has been recorded already."), code="known")
    _check_parts(member, meeting, person, topic)
    commitment = Commitment(
        tandem=tandem,
        municipality=member.municipality,
        meeting=meeting,
        text=text,
        language=language,
        due_on=due_on,
        person=person,
        topic=topic,
        reminded_before=_known_day(due_on),
        made_by=by,
    )
    save_new(commitment)
    note_change(commitment, old="", new=CommitmentState.OPEN, by=by)
    _tell(commitment, "commitment_made", by)
    return commitment


def _check_parts(
    member: TandemMember, meeting: Meeting | None, person: Any, topic: Topic | None
) -> None:
    """Refuse, each at its field, what does not belong to the partnership or to the city."""
    if meeting is not None:
        if not _meets(meeting, member.tandem):
            raise ValidationError({"meeting": _("Choose a meeting of this partnership.")})
        if meeting.status == MeetingStatus.CANCELLED:
            raise ValidationError({"meeting": _("This meeting is cancelled.")})
        if meeting.commitments.count() >= MOST_OF_ONE_MEETING:
            raise ValidationError(
                {"meeting": _("A meeting takes up to five commitments; more are seldom kept.")}
            )
    if person is not None:
        _check_person(person, member.municipality_id)
    if topic is not None and not member.tandem.topics.filter(topic=topic).exists():
        raise ValidationError({"topic": _("Choose a field of action of this partnership.")})


def _meets(meeting: Meeting, tandem: Tandem) -> bool:
    """Tell whether a partnership takes part in a meeting."""
    if meeting.scope == MeetingScope.PROGRAMME:
        return tandem.is_public
    if meeting.tandem_id == tandem.pk:
        return True
    is_joint = meeting.scope == MeetingScope.SEVERAL
    return is_joint and meeting.partnerships.filter(pk=tandem.pk).exists()


def _check_person(person: Any, municipality: int) -> None:
    """Refuse somebody who holds no role in the municipality today."""
    held = RoleAssignment.objects.held_on(timezone.localdate())
    if not held.filter(user=person, user__is_active=True, municipality=municipality).exists():
        raise ValidationError(
            {"person": _("Choose somebody from the municipality that makes the commitment.")}
        )


def _known_day(due_on: dt.date) -> dt.date | None:
    """Return the day if it is so close that who names it needs no reminder before."""
    return due_on if due_on - timezone.localdate() <= WARNING else None


@transaction.atomic
def name_person(*, commitment: Commitment, person: Any, by: Any) -> Commitment:
    """Note who sees to a commitment from now on; ``None``: nobody in particular.

    Raises :class:`PermissionDenied` for who does not speak for its municipality, and
    :class:`ValidationError` for one that is settled and for somebody of another municipality.
    """
    tandem = lock_tandem(commitment.tandem_id)
    locked = Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    locked.tandem = tandem
    require(by, Permission.CONTRIBUTE, locked)
    if not locked.is_open:
        raise ValidationError(_("This commitment is already settled."))
    if person is not None:
        _check_person(person, locked.municipality_id)
    locked.person = person
    locked.save()
    return locked


def keep_commitment(*, commitment: Commitment, note: str = "", by: Any) -> Commitment:
    """Note that the municipality did what it had promised."""
    return _settle(commitment, CommitmentState.KEPT, note, by)


def drop_commitment(*, commitment: Commitment, note: str, by: Any) -> Commitment:
    """Note that the municipality will not do it, and why."""
    return _settle(commitment, CommitmentState.DROPPED, note, by)


@transaction.atomic
def move_commitment(*, commitment: Commitment, due_on: dt.date, note: str, by: Any) -> Commitment:
    """Give a commitment a later day, and say why; the earlier day stays in its history.

    The very same said twice by one person, as with a double click, is done once. Raises
    :class:`PermissionDenied` for who does not speak for its municipality, which must still be a
    member, and :class:`ValidationError` for one that is settled, a day that is not later, and a
    missing reason.
    """
    locked = lock_commitment(commitment=commitment, by=by)
    if not locked.is_open:
        raise ValidationError(_("This commitment is already settled."))
    if _is_moved(locked, due_on, note, by):
        return locked
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
    locked.reminded_before = _known_day(due_on)
    locked.save()
    _tell(locked, "commitment_moved", by)
    return locked


def _is_moved(commitment: Commitment, due_on: dt.date, note: str, by: Any) -> bool:
    """Tell whether this person has just said the very same."""
    last = StatusChange.objects.of(commitment).first()
    return last is not None and (
        (last.field, last.new, last.note) == ("due_on", due_on.isoformat(), note)
        and last.changed_by == by
    )


@transaction.atomic
def reopen_commitment(*, commitment: Commitment, note: str, by: Any) -> Commitment:
    """Take back that a commitment was kept or dropped, and say why: that was a slip.

    Raises :class:`PermissionDenied` for who does not speak for its municipality, and
    :class:`ValidationError` for one that is open (code ``open``), without a reason, and for the
    municipality after ``take_back_until`` (code ``late``); the team still may.
    """
    locked = lock_commitment(commitment=commitment, by=by)
    if locked.is_open:
        raise ValidationError(_("This commitment is open."), code="open")
    if not may_take_back(commitment=locked, by=by):
        raise ValidationError(
            _("It is too late for your municipality to take this back. The project team can."),
            code="late",
        )
    if not note:
        raise ValidationError({"note": _("Say why you take it back.")})
    reopened = record_fate(commitment=locked, state=CommitmentState.OPEN, note=note, by=by)
    _tell(reopened, "commitment_reopened", by)
    return reopened


def may_take_back(*, commitment: Commitment, by: Any) -> bool:
    """Tell whether it is still time to take back what was said: for the team always."""
    if reach_of(by, Permission.LEAD_MEETINGS) is None:
        return True
    last = commitment.take_back_until
    return last is not None and timezone.localdate() <= last


@transaction.atomic
def _settle(commitment: Commitment, state: str, note: str, by: Any) -> Commitment:
    settled = record_fate(
        commitment=lock_commitment(commitment=commitment, by=by), state=state, note=note, by=by
    )
    _tell(settled, f"commitment_{state}", by)
    return settled


def record_fate(
    *,
    commitment: Commitment,
    state: str,
    note: str,
    at: dt.datetime | None = None,
    transitions: Transitions = COMMITMENT_TRANSITIONS,
    by: Any,
) -> Commitment:
    """Write what became of a commitment, at a moment (nothing: now); the one way there.

    For actions that have locked the partnership and asked who may say it. Raises what
    :func:`core.actions.change_status` raises.
    """
    is_open = state == CommitmentState.OPEN
    return change_status(
        commitment,
        field="state",
        new=state,
        transitions=transitions,
        note=note,
        changes={
            "settled_at": None if is_open else at or timezone.now(),
            "reason": "" if is_open else note,
        },
        by=by,
    )


def lock_commitment(*, commitment: Commitment, by: Any) -> Commitment:
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
