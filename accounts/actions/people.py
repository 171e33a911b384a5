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
from django.db import transaction
from django.utils import timezone

from accounts.actions.roles import give_role, note_change
from accounts.models import Invitation, Organisation, RoleAssignment, User
from municipalities.models import Municipality


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
    SocialAccount.objects.filter(user=locked).delete()
    _end_sessions(UserSession.objects.filter(user=locked))
    locked.email, locked.name = f"erased-{locked.pk}@invalid", ""
    locked.is_active = False
    locked.set_unusable_password()
    locked.save()
    return locked


def note_session_use(*, session_key: str | None, by: Any) -> None:
    """Note when a session was last used, for the list of own sessions."""
    rows = UserSession.objects.filter(session_key=session_key, user=by)
    rows.update(last_seen_at=timezone.now())


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
