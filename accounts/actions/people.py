"""What changes accounts: own details, erasure, sessions, the accounts of the demo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts import mails
from accounts.actions.roles import give_role
from accounts.mailboxes import mailbox_expression, mailbox_of
from accounts.models import Invitation, Organisation, RoleAssignment, User
from accounts.permissions import Permission, require
from core.actions import note_change
from core.outbox import forget_address
from municipalities.models import Municipality


@transaction.atomic
def change_profile(
    *,
    user: User,
    name: str,
    language: str,
    time_zone: str,
    reads: Iterable[str] | None = None,
    by: Any,
) -> User:
    """Save a person's own details.

    ``reads``: the languages (ISO 639-1) in which the person reads applications; ``None`` leaves
    them as they are.
    """
    user.name, user.language, user.time_zone = name, language, time_zone
    if reads is not None:
        user.reads = sorted(set(reads))
    user.full_clean(exclude={"password"})
    user.save(update_fields=["name", "language", "time_zone", "reads"])
    return user


def mute(*, user: User, notification: str, by: Any) -> None:
    """Send a person no more mails of this kind."""
    user.muted = sorted({*user.muted, notification})
    user.save(update_fields=["muted"])


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
    Invitation.objects.to_mailbox(locked.email).delete()
    EmailAddress.objects.filter(user=locked).delete()
    Authenticator.objects.filter(user=locked).delete()
    SocialAccount.objects.filter(user=locked).delete()
    _end_sessions(UserSession.objects.filter(user=locked))
    for path in settings.FORGET_PEOPLE:
        import_string(path)(user=locked, by=by)
    forget_address(locked.email)
    locked.email, locked.name, locked.muted = f"erased-{locked.pk}@invalid", "", []
    locked.reads, locked.paces, locked.digest_sent_at = [], {}, None
    locked.is_active = False
    locked.set_unusable_password()
    locked.save()
    return locked


def note_summary(*, user: User, at: dt.datetime, by: Any = None) -> None:
    """Note that the weekly summary was dealt with."""
    user.summary_sent_at = at
    user.save(update_fields=["summary_sent_at"])


#: Days between the announcement that an account will be erased, and its erasure.
NOTICE_DAYS = 30


def delete_unconfirmed_accounts(*, by: Any = None) -> int:
    """Delete accounts whose address nobody confirmed in time; return how many.

    They may have been made by somebody else; nobody has ever signed in with them.
    """
    before = timezone.now() - dt.timedelta(days=settings.UNCONFIRMED_DAYS)
    confirmed = EmailAddress.objects.filter(verified=True).values("user")
    rows = User.objects.filter(
        date_joined__lt=before, last_login=None, role_assignments=None, is_superuser=False
    ).exclude(pk__in=confirmed)
    return rows.delete()[1].get(User._meta.label, 0)


@transaction.atomic
def clear_unproven(*, mailbox: str, by: Any = None) -> None:
    """Delete what strangers have put in under a mailbox whose owner is there now, by a link in it.

    That is an account that nobody confirmed or used, and addresses waiting to be confirmed.
    """
    owner = User.objects.of_mailbox(mailbox)
    waiting = EmailAddress.objects.alias(mailbox=mailbox_expression()).filter(
        mailbox=mailbox_of(mailbox), verified=False
    )
    waiting.delete()
    proven = EmailAddress.objects.filter(user=owner, verified=True).exists()
    # An operator's account, made at the command line, has neither address nor sign-in at first.
    if owner is None or owner.is_superuser or proven:
        return
    if owner.last_login is None and not owner.role_assignments.exists():
        owner.delete()


def erase_unused_accounts(*, by: Any = None) -> int:
    """Erase accounts without a role that nobody used for long; return how many.

    A month before, a mail says so; signing in once is enough to keep the account.
    """
    now = timezone.now()
    before = now - dt.timedelta(days=settings.UNUSED_ACCOUNT_DAYS - NOTICE_DAYS)
    held = RoleAssignment.objects.not_over_on(timezone.localdate()).values("user")
    used_at = Coalesce("last_login", "date_joined")
    unused = User.objects.alias(used_at=used_at).filter(
        is_active=True, is_superuser=False, used_at__lt=before
    )
    erased = 0
    for user in unused.exclude(pk__in=held):
        announced = user.erasure_announced_at
        if announced is None or (user.last_login and user.last_login > announced):
            # Both or neither: nobody is erased who was not told.
            with transaction.atomic():
                user.erasure_announced_at = now
                user.save(update_fields=["erasure_announced_at"])
                mails.erasure_announced(user, NOTICE_DAYS)
        elif announced < now - dt.timedelta(days=NOTICE_DAYS):
            erase_person(user=user, by=by)
            erased += 1
    return erased


def note_session_use(*, session_key: str | None, by: Any) -> None:
    """Note when a session was last used, for the list of own sessions."""
    rows = UserSession.objects.filter(session_key=session_key, user=by)
    rows.update(last_seen_at=timezone.now())


@transaction.atomic
def end_session(*, entry: UserSession, by: Any) -> None:
    """End one session."""
    entry.end()


@transaction.atomic
def end_sessions(*, user: User, by: Any) -> int:
    """End every session of a person, when a device was lost for example; return how many."""
    require(by, Permission.MANAGE_PEOPLE)
    ended = _end_sessions(UserSession.objects.filter(user=user))
    note_change(user, old="signed in", new="signed out", by=by)
    return ended


@transaction.atomic
def block_person(*, user: User, by: Any) -> User:
    """Let a person sign in no more; roles and history stay. Nobody blocks the own account."""
    return _set_access(user, by, allowed=False)


@transaction.atomic
def unblock_person(*, user: User, by: Any) -> User:
    """Let a blocked person sign in again."""
    return _set_access(user, by, allowed=True)


def _set_access(user: User, by: Any, *, allowed: bool) -> User:
    require(by, Permission.MANAGE_PEOPLE)
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.pk == by.pk:
        raise ValidationError(_("You cannot block your own account."))
    if locked.is_active == allowed or locked.email.endswith("@invalid"):
        raise ValidationError(
            _("This is no longer possible: the account has been changed in the meantime.")
        )
    locked.is_active = allowed
    locked.save(update_fields=["is_active"])
    _end_sessions(UserSession.objects.filter(user=locked))
    states = ("blocked", "admitted") if allowed else ("admitted", "blocked")
    note_change(locked, old=states[0], new=states[1], by=by)
    return locked


@transaction.atomic
def end_sessions_of_identity(*, provider: str, uid: str, by: Any = None) -> int:
    """End every session of the person with this identity at a provider; return how many."""
    sessions = UserSession.objects.filter(
        user__in=SocialAccount.objects.filter(provider=provider, uid=uid).values("user")
    )
    return _end_sessions(sessions)


def _end_sessions(sessions: Iterable[UserSession]) -> int:
    """End these sessions; return how many."""
    ended = 0
    for session in sessions:
        session.end()
        ended += 1
    return ended


@transaction.atomic
def prepare_demo_account(
    *,
    email: str,
    name: str,
    password: str,
    totp_secret: str = "",
    role: str = "",
    language: str = "de",
    municipality: Municipality | None = None,
    organisation: Organisation | None = None,
    renew: bool = False,
    by: Any,
) -> User:
    """Make an account of the demo, with its role if it has one and, given a secret, second factor.

    With ``renew`` the keys of an account that is there are set again.
    """
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name, language=language)
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
    if (
        role
        and not held.filter(
            user=user, role=role, municipality=municipality, organisation=organisation
        ).exists()
    ):
        give_role(
            user=user,
            role=role,
            municipality=municipality,
            organisation=organisation,
            by=by or user,
        )
    return user
