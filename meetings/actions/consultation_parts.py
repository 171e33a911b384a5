"""What prepares a peer consultation: its case, its times, and who has which part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from calls.content import merge
from core.actions import note_change
from core.models import save_new
from meetings.access import access_of_meeting, lead_of
from meetings.actions.consultation import lock_consultation, refuse_cancelled
from meetings.consultation_content import Preparation, stored_in
from meetings.enums import (
    ConsultationRole as Role,
    ConsultationState as State,
    MeetingKind,
    MeetingStatus,
    Phase,
)
from meetings.locks import lock_meeting
from meetings.mails import consultation as mails
from meetings.models import Consultation, ConsultationMember, ConsultationPhase, Meeting
from meetings.phases import candidates_for, fault_of, is_open_to_new, place_of, takes_part


@dataclass(frozen=True, slots=True)
class SavedPreparation:
    """What became of it: the consultation, and the stored values of what is in conflict by name."""

    consultation: Consultation
    conflicts: dict[str, Any]


@transaction.atomic
def prepare_consultation(
    *, meeting: Meeting, content: Preparation, opened: Mapping[str, str], by: Any
) -> SavedPreparation:
    """Prepare the consultation of a meeting, or change that before it begins.

    ``opened`` holds the marks of what the form opened with. What somebody else has changed
    meanwhile to something else is in conflict: then nothing is written, and the caller shows both.

    Who leads the meeting does, and who contributes for the city of the case; others:
    :class:`PermissionDenied`. Raises :class:`ValidationError` where it has begun, the meeting is
    cancelled or of another kind, and for people who cannot have the part that they are given.
    Whoever is given a part is told by mail.
    """
    locked = lock_meeting(meeting)
    rows = Consultation.objects.select_for_update(no_key=True)
    stored = rows.filter(meeting=locked).first()
    row = stored or Consultation(meeting=locked, prepared_by=by)
    for city in {content.case_city.pk, row.case_city_id or content.case_city.pk}:
        _require_say(locked, city, by)
    if locked.kind != MeetingKind.CONSULTATION or locked.status == MeetingStatus.CANCELLED:
        raise ValidationError(_("This meeting holds no consultation."), code="none")
    if row.state != State.PREPARED:
        raise ValidationError(_("The consultation has begun already."), code="begun")
    write = content.plain
    if stored is not None:
        write, conflicts = merge(stored_in(stored), write, opened)
        if conflicts or not write:
            return SavedPreparation(stored, conflicts)
    row.meeting = locked
    row.title = write.get("title", row.title)
    row.language = write.get("language", row.language)
    if "times" in write:
        row.mode = content.mode
    candidates = candidates_for(locked)
    if "parts" in write:
        _require_parts(locked, content, candidates)
        row.case_city = content.case_city
    _save(row, by)
    if "times" in write:
        _plan_phases(row, content.minutes)
    if "parts" in write:
        mails.part_given(row, locked, _give_parts(row, content.parts, candidates), by)
    return SavedPreparation(row, {})


def replaceable_roles(*, consultation: Consultation, by: Any) -> frozenset[str]:
    """Return the roles of those whom a person may replace; none for most people.

    Who lets somebody in lets that person read everything. So the facilitator alone replaces
    advisers and the scribe; who leads the meeting replaces the facilitator alone, by one of them.
    Advisers who join beside the others have a rule of their own, see
    :func:`meetings.actions.consultation_advisers.may_seat`.
    """
    access = access_of_meeting(by, consultation.meeting)
    roles = {Role.FACILITATOR} if access is not None and access.leads else set()
    own = consultation.members.filter(user=by).first()
    if takes_part(access, own) and own is not None and own.role == Role.FACILITATOR:
        roles |= {Role.SCRIBE, Role.ADVISER}
    return frozenset(roles)


@transaction.atomic
def replace_member(*, member: ConsultationMember, user: Any, by: Any) -> ConsultationMember:
    """Give the part of somebody who drops out of a running consultation to another person.

    Who may, see :func:`replaceable_roles`; that it was done is noted. A scribe or adviser may move
    to the part, as long as somebody still advises; once the advice has ended, nobody else does.
    Nobody replaces the case giver: it is the case of that person. Raises
    :class:`PermissionDenied` and :class:`ValidationError` (``known``: done already).
    """
    meeting = Meeting.objects.select_related(None).get(consultation=member.consultation_id)
    locked = lock_consultation(meeting=meeting, by=by)
    roles = replaceable_roles(consultation=locked, by=by)
    if not roles:
        raise PermissionDenied
    if locked.state != State.RUNNING:
        raise ValidationError(_("The consultation is not running."), code="over")
    refuse_cancelled(consultation=locked, by=by)
    old = locked.members.filter(pk=member.pk).first()
    if old is None:
        raise ValidationError(_("This person has been replaced already."), code="known")
    if old.role == Role.CASE_GIVER:
        told = _("Nobody can replace the case giver. Stop the consultation instead.")
        raise ValidationError({"member": told})
    if old.role not in roles:
        raise PermissionDenied
    candidate = candidates_for(locked.meeting).get(user.pk)
    if candidate is None:
        raise ValidationError({"user": _("Choose people who take part in this meeting.")})
    present = locked.members.filter(user=user).first()
    if present is None and not is_open_to_new(locked):
        told = _("The phase in which you advise has ended; nobody joins any more.")
        raise ValidationError({"user": told})
    if old.role == Role.FACILITATOR and present is None:
        raise ValidationError({"user": _("Choose an adviser or the scribe.")})
    if present is not None:
        _require_movable(locked, present, old)
        present.delete()
    old.delete()
    fresh = ConsultationMember(
        consultation=locked,
        user=candidate.user,
        municipality=place_of(candidate, old.role, locked.case_city),
        role=old.role,
    )
    save_new(fresh)
    # Without a name: this history is read by more people than the consultation.
    note_change(locked, field="part", old=old.role, new="replaced", by=by)
    locked.save()
    mails.part_given(locked, locked.meeting, [fresh], by)
    return fresh


def _require_say(meeting: Meeting, city: int, by: Any) -> None:
    """Raise :class:`PermissionDenied` unless ``by`` leads the meeting or contributes for a city."""
    access = access_of_meeting(by, meeting)
    if access is None or not access.acts:
        raise PermissionDenied
    leads = by.has_perm(Permission.LEAD_MEETINGS, lead_of(meeting))
    if not leads and not access.speaks_for(city, Permission.CONTRIBUTE):
        raise PermissionDenied


def _require_parts(meeting: Meeting, content: Preparation, candidates: dict[int, Any]) -> None:
    """Raise :class:`ValidationError` for a city or people who cannot have the part given."""
    if content.case_city.pk not in meeting.acting_municipalities:
        raise ValidationError({"case_city": _("Choose a city that takes part in this meeting.")})
    if fault := fault_of(content.parts, candidates, content.case_city.pk):
        field, told = fault
        raise ValidationError({field: told} if field else told)


def _save(row: Consultation, by: Any) -> None:
    """Save the row; a new one begins a history."""
    if row.pk is None:
        save_new(row)
        note_change(row, old="", new=State.PREPARED, by=by)
        return
    # Whoever prepared it first may have gone since; that is no fault of the form.
    row.full_clean(exclude=["prepared_by"])
    row.save()


def _require_movable(
    locked: Consultation, present: ConsultationMember, old: ConsultationMember
) -> None:
    """Refuse to move somebody whose own part nobody would have then."""
    if present.pk == old.pk:
        raise ValidationError({"user": _("This person has the part already.")})
    if present.role in {Role.CASE_GIVER, Role.FACILITATOR}:
        raise ValidationError(
            {"user": _("The case giver and the facilitator keep their parts; choose another.")}
        )
    advisers = locked.members.filter(role=Role.ADVISER).exclude(pk__in=[present.pk, old.pk])
    if old.role != Role.ADVISER and present.role == Role.ADVISER and not advisers.exists():
        raise ValidationError({"user": _("Then nobody would advise; choose another person.")})


def _plan_phases(row: Consultation, minutes: tuple[int, ...]) -> None:
    for phase, planned in zip(Phase.values, minutes, strict=True):
        ConsultationPhase.objects.update_or_create(
            consultation=row, phase=phase, defaults={"minutes": planned}
        )


def _give_parts(
    row: Consultation, parts: dict[int, str], candidates: dict[int, Any]
) -> list[ConsultationMember]:
    """Give everybody the part; return who has a new one."""
    kept = {member.user_id: member for member in row.members.all()}
    fresh = []
    for user, member in kept.items():
        candidate = candidates.get(user)
        role = parts.get(user)
        place = candidate and role and place_of(candidate, role, row.case_city)
        if member.role != role or member.municipality != (place or None):
            member.delete()
    stay = set(row.members.values_list("user", flat=True))
    for user, role in parts.items():
        if user in stay:
            continue
        candidate = candidates[user]
        member = ConsultationMember(
            consultation=row,
            user=candidate.user,
            municipality=place_of(candidate, role, row.case_city),
            role=role,
        )
        save_new(member)
        if user not in kept or kept[user].role != role:
            fresh.append(member)
    return fresh
