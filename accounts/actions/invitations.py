"""What invites people and lets them take on their role."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mails
from accounts.actions.roles import give_role
from accounts.enums import Notification, UserRole
from accounts.mailboxes import mailbox_of, normalise_address
from accounts.models import Invitation, Organisation, RoleAssignment, User
from accounts.permissions import Permission, may_give, require
from core.actions import note_change
from core.models import save_new
from municipalities.models import Municipality

#: Invitations within an hour to one mailbox, and by one person.
MOST_TO_ONE_MAILBOX = 5
MOST_BY_ONE = 60


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
        email=normalise_address(email),
        role=role,
        municipality=municipality,
        organisation=organisation,
        language=language,
        invited_by=by,
        expires_at=timezone.now() + dt.timedelta(days=settings.INVITATION_DAYS),
    )
    if not may_give(by, invitation):
        require(by, Permission.MANAGE_PEOPLE)
    invitation.clean()
    # One after the other, so that the count below is true.
    User.objects.select_for_update().get(pk=by.pk)
    _refuse_flood(invitation.email, by)
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
    save_new(invitation)
    note_change(invitation, old="", new="open", by=by)
    mails.invitation_received(invitation)
    return invitation


def _refuse_flood(address: str, by: Any) -> None:
    """Raise :class:`ValidationError` when this mailbox or this person had enough for an hour."""
    lately = Invitation.objects.filter(invited_at__gt=timezone.now() - dt.timedelta(hours=1))
    if (
        lately.to_mailbox(address).count() >= MOST_TO_ONE_MAILBOX
        or lately.filter(invited_by=by).count() >= MOST_BY_ONE
    ):
        raise ValidationError(
            _("Too many invitations within an hour. Please wait a while and try again.")
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
    inviter = locked.invited_by
    if inviter is not None and not (inviter.is_active and may_give(inviter, locked)):
        raise ValidationError(_("Whoever invited you may no longer do so. Ask for a new one."))
    if mailbox_of(locked.email) != mailbox_of(by.email):
        raise ValidationError(
            _("This invitation is for another e-mail address. Sign in with the invited one.")
        )
    locked.accepted_at = timezone.now()
    locked.save()
    note_change(locked, old="open", new="accepted", by=by)
    if inviter is not None and inviter.wants(Notification.INVITATION_ACCEPTED):
        mails.invitation_accepted(locked, by)
    return give_role(
        user=by,
        role=locked.role,
        municipality=locked.municipality,
        organisation=locked.organisation,
        by=locked.invited_by or by,
    )


@transaction.atomic
def end_unused_invitations(*, by: Any = None) -> int:
    """Delete invitations that ran out or were withdrawn long ago; return how many.

    They hold addresses of people who never came. That they were sent stays in the history.
    """
    before = timezone.now() - dt.timedelta(days=settings.MAIL_RETENTION_DAYS)
    unused = Invitation.objects.filter(accepted_at=None)
    old = unused.filter(models.Q(expires_at__lt=before) | models.Q(withdrawn_at__lt=before))
    return old.delete()[0]
