"""What moves a peer consultation on, and who writes in it: all of it decided under one lock."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from core.actions import change_status
from core.models import save_new
from meetings.access import access_of_meeting, lead_of
from meetings.enums import (
    CONSULTATION_TRANSITIONS,
    ConsultationMethod,
    ConsultationMode,
    ConsultationRole as Role,
    ConsultationState as State,
    ContributionKind as Kind,
    MeetingStatus,
    Phase,
)
from meetings.locks import lock_meeting
from meetings.mails import consultation as mails
from meetings.models import Consultation, ConsultationMember, Contribution, Meeting
from meetings.phases import candidates_for, kinds_for, missing_in, takes_part

#: As long as the column; a contribution may be longer.
LONGEST_QUESTION = 300
#: More than these nobody reads in one consultation; and no script fills the page with more.
MOST_CONTRIBUTIONS = 500


def lock_consultation(*, meeting: Meeting, by: Any) -> Consultation:
    """Return the consultation of a meeting as it stands now, locked after the meeting."""
    locked = lock_meeting(meeting)
    rows = Consultation.objects.select_for_update(no_key=True)
    consultation = rows.get(meeting=locked)
    consultation.meeting = locked
    return consultation


def require_part(
    *, consultation: Consultation, roles: tuple[str, ...] = (), by: Any
) -> ConsultationMember:
    """Return the part of a person who still belongs to those who meet.

    With ``roles`` only these; raises :class:`PermissionDenied` for everybody else.
    """
    member = consultation.members.filter(user=by).select_related("municipality").first()
    access = access_of_meeting(by, consultation.meeting)
    if member is None or not takes_part(access, member) or (roles and member.role not in roles):
        raise PermissionDenied
    return member


def refuse_cancelled(*, consultation: Consultation, by: Any) -> None:
    """Raise :class:`ValidationError` where the meeting was cancelled: it can only be stopped."""
    if consultation.meeting.status == MeetingStatus.CANCELLED:
        raise ValidationError(_("This meeting was cancelled."), code="cancelled")


@transaction.atomic
def begin_consultation(*, meeting: Meeting, by: Any) -> Consultation:
    """Begin the first phase; the facilitator does.

    Raises :class:`PermissionDenied` for everybody else and :class:`ValidationError` where it has
    begun already (code ``known``), is over, was cancelled, or nobody gives a case or advises.
    """
    locked = lock_consultation(meeting=meeting, by=by)
    require_part(consultation=locked, roles=(Role.FACILITATOR,), by=by)
    if locked.state == State.RUNNING:
        raise ValidationError(_("The consultation has begun already."), code="known")
    refuse_cancelled(consultation=locked, by=by)
    # Whoever has left or moved since does not count: nobody would give the case, or advise.
    able = candidates_for(locked.meeting)
    members = [row for row in locked.members.all() if row.user_id in able]
    present = {row.role for row in members if able[row.user_id].keeps(row)}
    if not {Role.CASE_GIVER, Role.ADVISER} <= present:
        raise ValidationError(
            _("Somebody has left: choose the case giver and the advisers anew before you begin.")
        )
    begun = change_status(
        locked,
        field="state",
        new=State.RUNNING,
        transitions=CONSULTATION_TRANSITIONS,
        changes={"phase": Phase.ROLES},
        by=by,
    )
    _begin_phase(begun, locked.meeting, timezone.now(), by)
    return begun


@transaction.atomic
def next_phase(*, meeting: Meeting, phase: int, by: Any) -> Consultation:
    """End a phase and begin the next one; ``phase`` is the one whose button was pressed.

    So a double click moves one phase only (code ``known``). Raises :class:`PermissionDenied` for
    everybody but the facilitator and :class:`ValidationError` while something is missing, and where
    the meeting was cancelled.
    """
    locked = lock_consultation(meeting=meeting, by=by)
    require_part(consultation=locked, roles=(Role.FACILITATOR,), by=by)
    _require_running(locked, by)
    if locked.phase != phase:
        raise ValidationError(_("The next phase has begun already."), code="known")
    if missing := missing_in(locked):
        raise ValidationError(missing, code="missing")
    now = timezone.now()
    locked.phases.filter(phase=phase).update(ended_at=now)
    locked.phase = phase + 1
    locked.save()
    _begin_phase(locked, locked.meeting, now, by)
    return locked


@transaction.atomic
def write_contribution(
    *, meeting: Meeting, phase: int, kind: str, text: str, method: str = "", by: Any
) -> Consultation:
    """Add what somebody says; ``phase`` is the one in which its form was opened.

    What the case giver writes as key question counts as such, the last one of several; of the
    facilitator's ``method`` the same. Raises :class:`PermissionDenied` for who may not write this
    in that phase at all, and :class:`ValidationError` where the next phase has begun meanwhile
    (code ``moved``), it is over (``over``), the meeting was cancelled, it stands there already
    (``known``), or so much is said that nobody reads more (``full``).
    """
    locked = lock_consultation(meeting=meeting, by=by)
    member = require_part(consultation=locked, by=by)
    if kind not in kinds_for(phase, member.role):
        raise PermissionDenied
    _require_running(locked, by)
    if locked.phase != phase:
        raise ValidationError(
            _("Another phase has begun meanwhile; what you wrote was not added."), code="moved"
        )
    if kind == Kind.METHOD and member.role == Role.FACILITATOR:
        return _set_method(locked, method)
    if kind == Kind.KEY_QUESTION and len(text) > LONGEST_QUESTION:
        told = _("A key question has up to %(number)s characters.")
        raise ValidationError({"text": ValidationError(told, params={"number": LONGEST_QUESTION})})
    is_set = kind == Kind.KEY_QUESTION and member.role == Role.CASE_GIVER
    mine = locked.contributions.filter(written_by=by, phase=phase, kind=kind, text=text)
    if locked.key_question == text if is_set else mine.exists():
        raise ValidationError(_("This has been written already."), code="known")
    # Without a key question it could not go on.
    if not (is_set and not locked.key_question):
        _require_room(locked)
    save_new(
        Contribution(
            consultation=locked,
            phase=phase,
            kind=kind,
            text=text,
            municipality=member.municipality,
            written_by=by,
        )
    )
    if is_set:
        locked.key_question = text
    # Also without a key question: the moment of the last change tells browsers that there is news.
    locked.save()
    return locked


@transaction.atomic
def stop_consultation(*, meeting: Meeting, reason: str, by: Any) -> Consultation:
    """End a consultation before its time; from then on nobody writes.

    The facilitator does, or who leads the meeting; others: :class:`PermissionDenied`. The reason
    stays with what was said, for those alone who have a part: it may tell of the case.
    """
    locked = lock_consultation(meeting=meeting, by=by)
    _require_lead(locked, by)
    if locked.state == State.STOPPED:
        raise ValidationError(_("The consultation has been stopped already."), code="known")
    now = timezone.now()
    stopped = change_status(
        locked,
        field="state",
        new=State.STOPPED,
        transitions=CONSULTATION_TRANSITIONS,
        changes={"closed_at": now},
        by=by,
    )
    stopped.phases.filter(phase=stopped.phase or 0, ended_at__isnull=True).update(ended_at=now)
    phase = stopped.phase or Phase.ROLES
    save_new(
        Contribution(consultation=stopped, phase=phase, kind=Kind.NOTE, text=reason, written_by=by)
    )
    return stopped


@transaction.atomic
def take_up_consultation(*, meeting: Meeting, by: Any) -> Consultation:
    """Let a consultation that was stopped before its first phase be prepared again.

    A meeting holds one consultation: without this way back it could never hold any. Who may stop
    it may take it up, others: :class:`PermissionDenied`. Raises :class:`ValidationError` where it
    is prepared already (code ``known``), had begun, or the meeting was cancelled.
    """
    locked = lock_consultation(meeting=meeting, by=by)
    _require_lead(locked, by)
    if locked.state == State.PREPARED:
        raise ValidationError(_("The consultation is being prepared already."), code="known")
    if locked.phase is not None:
        raise ValidationError(_("The consultation had begun and cannot be taken up again."))
    refuse_cancelled(consultation=locked, by=by)
    return change_status(
        locked,
        field="state",
        new=State.PREPARED,
        transitions=CONSULTATION_TRANSITIONS,
        changes={"closed_at": None},
        by=by,
    )


def _require_lead(locked: Consultation, by: Any) -> None:
    """Raise :class:`PermissionDenied` unless ``by`` leads the meeting or through the case."""
    if not by.has_perm(Permission.LEAD_MEETINGS, lead_of(locked.meeting)):
        require_part(consultation=locked, roles=(Role.FACILITATOR,), by=by)


def _set_method(locked: Consultation, method: str) -> Consultation:
    """Note how advice is gathered."""
    if method not in ConsultationMethod.values:
        raise ValidationError({"method": _("Choose a method.")})
    if locked.method == method:
        raise ValidationError(_("This method is set already."), code="known")
    locked.method = method
    locked.save()
    return locked


def _begin_phase(locked: Consultation, meeting: Meeting, now: dt.datetime, by: Any) -> None:
    """Start the clock of the phase; in writing everybody is told who writes until when."""
    locked.phases.filter(phase=locked.phase or 0).update(started_at=now)
    if locked.mode == ConsultationMode.WRITTEN:
        mails.phase_began(locked, meeting, by)


def _require_running(locked: Consultation, by: Any) -> None:
    if locked.state != State.RUNNING:
        raise ValidationError(_("The consultation is not running: nobody can write."), code="over")
    refuse_cancelled(consultation=locked, by=by)


def _require_room(locked: Consultation) -> None:
    if locked.contributions.count() >= MOST_CONTRIBUTIONS:
        raise ValidationError(
            _("There are %(number)s contributions already; no more can be added."),
            code="full",
            params={"number": MOST_CONTRIBUTIONS},
        )
