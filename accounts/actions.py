"""What changes people, roles and invitations; nobody else writes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mails
from accounts.enums import ORGANISATIONS_OF, UserRole
from accounts.models import Invitation, Organisation, RoleAssignment, User
from accounts.permissions import Permission, may_give, require
from core.models import StatusChange
from municipalities.models import Municipality


def note_change(subject: models.Model, *, old: str, new: str, note: str = "", by: Any) -> None:
    """Write one row about what happened to a role or an invitation."""
    StatusChange.objects.create(
        content_type=ContentType.objects.get_for_model(type(subject)),
        object_id=subject.pk,
        field="state",
        old=old,
        new=new,
        note=note,
        changed_by=by,
    )


@transaction.atomic
def invite(
    *,
    email: str,
    role: str,
    municipality: Municipality | None = None,
    organisation: Organisation | None = None,
    language: str,
    by: Any,
) -> Invitation:
    """Invite an address to a role and write the mail.

    Raises :class:`PermissionDenied` for a role that ``by`` may not give there and
    :class:`ValidationError` for one that the place does not have or that is already given.
    """
    invitation = Invitation(
        email=email.strip().lower(),
        role=role,
        municipality=municipality,
        organisation=organisation,
        language=language,
        invited_by=by,
        expires_at=timezone.now() + dt.timedelta(days=settings.INVITATION_DAYS),
    )
    if not may_give(by, invitation):
        require(by, Permission.MANAGE_PEOPLE)
    _refuse_wrong_place(role, organisation)
    # One that ran out makes room for a new one.
    for old in Invitation.objects.filter(
        email=invitation.email,
        role=role,
        municipality=municipality,
        organisation=organisation,
        accepted_at=None,
        withdrawn_at=None,
        expires_at__lte=timezone.now(),
    ):
        withdraw_invitation(invitation=old, by=by)
    held = RoleAssignment.objects.not_over_on(timezone.localdate()).filter(
        role=role, municipality=municipality, organisation=organisation
    )
    if held.filter(user__email=invitation.email).exists():
        raise ValidationError(_("This person already holds this role there."))
    if role == UserRole.CONTACT and held.exists():
        raise ValidationError(_("This municipality already has a contact person."))
    invitation.full_clean()
    invitation.save()
    note_change(invitation, old="", new="open", by=by)
    mails.invitation_received(invitation)
    return invitation


def _refuse_wrong_place(role: str, organisation: Organisation | None) -> None:
    """Raise :class:`ValidationError` for a role that this kind of organisation does not give."""
    kinds = ORGANISATIONS_OF.get(UserRole(role)) if role in UserRole.values else None
    if kinds and organisation is not None and organisation.kind not in kinds:
        raise ValidationError(
            {"organisation": _("This organisation does not give this role. Choose another one.")}
        )


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: Any) -> Invitation:
    """End an invitation before it is accepted."""
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.accepted_at or locked.withdrawn_at:
        raise ValidationError(_("This invitation can no longer be withdrawn."))
    if not may_give(by, locked):
        require(by, Permission.MANAGE_PEOPLE)
    locked.withdrawn_at = timezone.now()
    locked.save()
    note_change(locked, old="open", new="withdrawn", by=by)
    return locked


@transaction.atomic
def accept_invitation(*, invitation: Invitation, by: Any) -> RoleAssignment:
    """Give the invited person the role, from today.

    Raises :class:`ValidationError` when the invitation no longer counts, is for another address or
    when the role was given to somebody else in the meantime.
    """
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not locked.is_open:
        raise ValidationError(_("This invitation no longer counts. Ask for a new one."))
    if locked.email.lower() != by.email.lower():
        raise ValidationError(
            _("This invitation is for another e-mail address. Sign in with the invited one.")
        )
    locked.accepted_at = timezone.now()
    locked.save()
    note_change(locked, old="open", new="accepted", by=by)
    return give_role(
        user=by,
        role=locked.role,
        municipality=locked.municipality,
        organisation=locked.organisation,
        by=locked.invited_by or by,
    )


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
    _refuse_wrong_place(role, organisation)
    assignment.full_clean()
    assignment.save()
    note_change(assignment, old="", new="held", by=by)
    return assignment


@transaction.atomic
def end_role(*, assignment: RoleAssignment, note: str = "", by: Any) -> RoleAssignment:
    """End a role with yesterday as its last day, so that it counts no more from this moment.

    A role that was only given today leaves no day on which it counted; its row goes, the note that
    it was given and ended stays.
    """
    locked = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    today = timezone.localdate()
    if locked.until is not None and locked.until < today:
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
    return taken


@transaction.atomic
def change_profile(*, user: User, name: str, language: str, time_zone: str, by: Any) -> User:
    """Save a person's own details."""
    user.name, user.language, user.time_zone = name, language, time_zone
    user.full_clean(exclude={"password"})
    user.save(update_fields=["name", "language", "time_zone"])
    return user


@transaction.atomic
def erase_person(*, user: User, by: Any) -> User:
    """Take name, address and every way in from an account; what the person did stays, nameless.

    Roles end, invitations to the address go, and the row remains so that decisions and minutes
    keep their history (GDPR Art. 17(3)).
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    today = timezone.localdate()
    for assignment in locked.role_assignments.not_over_on(today):
        note_change(assignment, old="held", new="ended", by=by)
        if assignment.since >= today:
            assignment.delete()
        else:
            assignment.until = today - dt.timedelta(days=1)
            assignment.save()
    Invitation.objects.filter(email=locked.email).delete()
    EmailAddress.objects.filter(user=locked).delete()
    Authenticator.objects.filter(user=locked).delete()
    for session in UserSession.objects.filter(user=locked):
        session.end()
    locked.email, locked.name = f"erased-{locked.pk}@invalid", ""
    locked.is_active = False
    locked.set_unusable_password()
    locked.save()
    return locked


@transaction.atomic
def prepare_demo_account(
    *,
    email: str,
    name: str,
    password: str,
    totp_secret: str,
    role: str,
    municipality: Municipality | None = None,
    organisation: Organisation | None = None,
    renew: bool = False,
    by: Any,
) -> User:
    """Make an account of the demo with its role and, given a secret, its second factor.

    With ``renew`` the keys of an account that is there are set again.
    """
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name)
    elif renew:
        user.set_password(password)
        user.save()
        Authenticator.objects.filter(user=user).delete()
    EmailAddress.objects.get_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    if totp_secret and not Authenticator.objects.filter(user=user, type="totp").exists():
        TOTP.activate(user, totp_secret)
    held = RoleAssignment.objects.held_on(timezone.localdate())
    if not held.filter(
        user=user, role=role, municipality=municipality, organisation=organisation
    ).exists():
        give_role(
            user=user,
            role=role,
            municipality=municipality,
            organisation=organisation,
            by=by or user,
        )
    return user


@transaction.atomic
def end_unused_invitations(*, by: Any = None) -> int:
    """Delete invitations that ran out or were withdrawn long ago; return how many.

    They hold addresses of people who never came. That they were sent stays in the history.
    """
    before = timezone.now() - dt.timedelta(days=settings.MAIL_RETENTION_DAYS)
    unused = Invitation.objects.filter(accepted_at=None)
    old = unused.filter(models.Q(expires_at__lt=before) | models.Q(withdrawn_at__lt=before))
    return old.delete()[0]
