"""What states conflicts of interest; they close applications to people and organisations."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import STAFF_ROLES
from accounts.models import Organisation
from accounts.permissions import Permission, reach_of, require
from calls import mails
from calls.enums import ConflictKind
from calls.models import Application, ConflictDeclaration, ReviewAssignment
from core.actions import note_change
from core.models import save_new

#: The field under which declarations stand in the history.
FIELD = "conflict"


@transaction.atomic
def declare_conflict(
    *, application: Application, kind: str, sentence: str = "", by: Any
) -> ConflictDeclaration:
    """State what stands between ``by`` and the municipality, or that nothing does.

    A conflict that is noticed later is stated the same way; a filed review then stays and no longer
    counts. The same statement again changes nothing. The coordinators whom no conflict concerns are
    told of a conflict, so that somebody else is assigned.

    Raises :class:`PermissionDenied` for who neither reviews the application nor is of the project
    team, :class:`ValidationError` without a sentence about a conflict (at ``sentence``), and for
    who has stated a conflict already: only :func:`lift_conflict` takes that back.
    """
    locked = Application.objects.select_for_update().get(pk=application.pk)
    organisation = _organisation_of(by, locked)
    before = ConflictDeclaration.objects.filter(application=locked, person=by).first()
    sentence = "" if kind == ConflictKind.NONE else sentence
    if before is not None and (before.kind, before.sentence) == (kind, sentence):
        return before
    if before is not None and before.kind != ConflictKind.NONE:
        raise ValidationError(
            _("You have stated a conflict of interest. Only a coordinator can lift it.")
        )
    if kind != ConflictKind.NONE and not sentence:
        raise ValidationError({"sentence": _("Explain the conflict of interest in one sentence.")})
    declaration = before or ConflictDeclaration(application=locked, person=by)
    old = declaration.kind
    declaration.organisation = organisation
    declaration.kind, declaration.sentence = kind, sentence
    declaration.declared_at = timezone.now()
    if before is None:
        save_new(declaration)
    else:
        declaration.full_clean()
        declaration.save()
    if old != kind:
        note_change(declaration, field=FIELD, old=old, new=kind, note=sentence, by=by)
    if kind != ConflictKind.NONE:
        mails.conflict_declared(locked)
    return declaration


def _organisation_of(person: Any, application: Application) -> Organisation:
    """Return for which organisation somebody states a conflict: that of the assignment, if any.

    Raises :class:`PermissionDenied` for who has nothing to state about the application.
    """
    assignment = (
        ReviewAssignment.objects.filter(application=application, reviewer=person)
        .select_related("organisation")
        .first()
    )
    is_of_team = reach_of(person, Permission.READ_APPLICATIONS) is None
    if assignment is not None and (is_of_team or person.has_perm(Permission.SCORE)):
        organisation: Organisation = assignment.organisation
        return organisation
    roles = [role for role in person.roles if role.role in STAFF_ROLES]
    if not is_of_team or not roles:
        raise PermissionDenied
    first: Organisation = roles[0].organisation
    return first


@transaction.atomic
def lift_conflict(*, declaration: ConflictDeclaration, note: str, by: Any) -> ConflictDeclaration:
    """Take back a conflict that was stated by mistake, with the reason, which stays in the history.

    Raises :class:`PermissionDenied` for who does not prepare the selection or has a conflict there,
    the own one included, :class:`ValidationError` without a reason (at ``note``).
    """
    Application.objects.select_for_update().get(pk=declaration.application_id)
    locked = ConflictDeclaration.objects.select_related("application").get(pk=declaration.pk)
    require(by, Permission.PREPARE_SELECTION, locked.application)
    if not note:
        raise ValidationError({"note": _("Say why the conflict of interest does not exist.")})
    old = locked.kind
    if old == ConflictKind.NONE:
        return locked
    locked.kind, locked.sentence = ConflictKind.NONE, ""
    locked.full_clean()
    locked.save()
    note_change(locked, field=FIELD, old=old, new=ConflictKind.NONE, note=note, by=by)
    return locked
