"""What gives, ends and hands over roles."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mails
from accounts.enums import UserRole
from accounts.models import Organisation, RoleAssignment, User
from accounts.permissions import Permission, may_give, require
from core.actions import note_change
from core.models import save_new
from municipalities.models import Municipality


def give_role(
    *,
    user: User,
    role: str,
    municipality: Municipality | None = None,
    organisation: Organisation | None = None,
    since: dt.date | None = None,
    by: Any,
) -> RoleAssignment:
    """Give a role from a day on; raises :class:`ValidationError` where a constraint forbids it."""
    assignment = RoleAssignment(
        user=user,
        role=role,
        municipality=municipality,
        organisation=organisation,
        since=since or timezone.localdate(),
    )
    save_new(assignment)
    note_change(assignment, old="", new="held", by=by)
    return assignment


@transaction.atomic
def end_role(*, assignment: RoleAssignment, note: str = "", by: Any) -> RoleAssignment:
    """End a role with yesterday as its last day, so that it counts no more from this moment.

    A role that was only given today leaves no day on which it counted; its row goes, the note that
    it was given and ended stays.
    """
    locked = RoleAssignment.objects.select_for_update().filter(pk=assignment.pk).first()
    today = timezone.localdate()
    if locked is None or (locked.until is not None and locked.until < today):
        raise ValidationError(_("This role has already ended."))
    if not may_give(by, locked):
        require(by, Permission.MANAGE_PEOPLE)
    note_change(locked, old="held", new="ended", note=note, by=by)
    mails.role_ended(locked)
    if locked.since >= today:
        locked.delete()
        return locked
    locked.until = today - dt.timedelta(days=1)
    locked.save()
    return locked


@transaction.atomic
def hand_over(
    *, assignment: RoleAssignment, successor: RoleAssignment, note: str, by: Any
) -> RoleAssignment:
    """Let the deputy take over a contact's role in one step; return the new assignment.

    The contact's and the deputy's old roles end, what they wrote stays theirs. Raises
    :class:`ValidationError` unless ``successor`` is a current deputy of the same municipality.
    """
    require(by, Permission.HAND_OVER, assignment)
    today = timezone.localdate()
    keys = [assignment.pk, successor.pk]
    rows = {
        row.pk: row
        for row in RoleAssignment.objects.select_for_update().held_on(today).filter(pk__in=keys)
    }
    old, deputy = rows.get(assignment.pk), rows.get(successor.pk)
    if old is None or old.role != UserRole.CONTACT:
        raise ValidationError(_("This role has already ended."))
    if (
        deputy is None
        or deputy.role != UserRole.DEPUTY
        or deputy.municipality_id != old.municipality_id
    ):
        raise ValidationError(_("Choose the current deputy of this municipality."))
    for row, change in ((old, "handed over"), (deputy, "moved up")):
        note_change(row, old="held", new=change, note=note, by=by)
        if row.since >= today:
            row.delete()
        else:
            row.until = today - dt.timedelta(days=1)
            row.save()
    taken = give_role(user=deputy.user, role=UserRole.CONTACT, municipality=old.municipality, by=by)
    mails.role_taken_over(taken, old, note)
    mails.role_handed_over(old, taken)
    return taken
