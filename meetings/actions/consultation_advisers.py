"""What lets an adviser into a peer consultation that goes on, and takes one off who drops out."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actions import note_change
from core.models import save_new
from meetings.access import access_of_meeting
from meetings.actions.consultation import lock_consultation, refuse_cancelled
from meetings.enums import ConsultationRole as Role, ConsultationState as State
from meetings.mails import consultation as mails
from meetings.models import Consultation, ConsultationMember, Meeting
from meetings.phases import candidates_for, is_open_to_new, place_of, takes_part


def may_seat(*, consultation: Consultation, by: Any) -> bool:
    """Tell whether a person adds advisers and takes them off: the facilitator does, nobody else.

    Who lets somebody in lets that person read everything, so it is for somebody who reads it too.
    """
    access = access_of_meeting(by, consultation.meeting)
    own = consultation.members.filter(user=by, role=Role.FACILITATOR).first()
    return takes_part(access, own)


@transaction.atomic
def add_adviser(*, meeting: Meeting, user: int, by: Any) -> ConsultationMember:
    """Let somebody of a city that takes part advise too, and tell the person by mail.

    Whoever joins reads all that was said. So nobody joins once the advice has ended, and nobody who
    comes from no city. Who may, see :func:`may_seat`; that it was done is noted. Raises
    :class:`PermissionDenied` and :class:`ValidationError` (``known``: the person advises already).
    """
    locked = _lock_running(meeting, by)
    if not is_open_to_new(locked):
        raise ValidationError(
            _("The phase in which you advise has ended; nobody joins any more."), code="late"
        )
    candidate = candidates_for(locked.meeting).get(user)
    if candidate is None or not candidate.cities:
        raise ValidationError({"user": _("Choose somebody from a municipality that takes part.")})
    present = locked.members.filter(user=user).first()
    if present is not None and present.role == Role.ADVISER:
        raise ValidationError(_("This person is an adviser already."), code="known")
    if present is not None:
        raise ValidationError({"user": _("This person has another role; choose somebody else.")})
    fresh = ConsultationMember(
        consultation=locked,
        user=candidate.user,
        municipality=place_of(candidate, Role.ADVISER, locked.case_city),
        role=Role.ADVISER,
    )
    save_new(fresh)
    _note(locked, "added", by)
    mails.part_given(locked, locked.meeting, [fresh], by)
    return fresh


@transaction.atomic
def remove_adviser(*, meeting: Meeting, user: int, by: Any) -> Consultation:
    """Take off an adviser who drops out and has written nothing; who has, stays named.

    From then on the person reads no further. Who may, see :func:`may_seat`; that it was done is
    noted. Raises :class:`PermissionDenied` and :class:`ValidationError`, also where nobody would
    advise then (``known``: the person does not advise any more).
    """
    locked = _lock_running(meeting, by)
    advisers = locked.members.filter(role=Role.ADVISER)
    row = advisers.filter(user=user).first()
    if row is None:
        raise ValidationError(_("This person is no longer an adviser."), code="known")
    if locked.contributions.filter(written_by=user).exists():
        told = _("This person has written something and stays named as an adviser.")
        raise ValidationError({"user": told})
    if not advisers.exclude(pk=row.pk).exists():
        raise ValidationError({"user": _("Then nobody would advise. Add somebody else first.")})
    row.delete()
    _note(locked, "removed", by)
    return locked


def _lock_running(meeting: Meeting, by: Any) -> Consultation:
    """Return the consultation, locked, for who may change its advisers while it goes on."""
    locked = lock_consultation(meeting=meeting, by=by)
    if not may_seat(consultation=locked, by=by):
        raise PermissionDenied
    if locked.state != State.RUNNING:
        raise ValidationError(_("The consultation is not running."), code="over")
    refuse_cancelled(consultation=locked, by=by)
    return locked


def _note(locked: Consultation, what: str, by: Any) -> None:
    """Write it down without a name: this history is read by more people than the consultation."""
    note_change(locked, field="part", old=Role.ADVISER, new=what, by=by)
    # The moment of the last change tells browsers that there is news.
    locked.save()
