"""The mails about people and roles."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy as _

from accounts.models import Invitation, RoleAssignment, User
from core.outbox import write_mail

#: What allauth reports about an account → the sentence for its owner.
CHANGES = {
    "account/email/password_changed": _("Your password was changed."),
    "account/email/password_reset": _("Your password was reset through a link in an e-mail."),
    "account/email/password_set": _("A password was set for your account."),
    "account/email/email_confirm": _("Your e-mail address was confirmed."),
    "account/email/email_deleted": _("An e-mail address was removed from your account."),
    "mfa/email/totp_activated": _("An authenticator app was set up for your account."),
    "mfa/email/totp_deactivated": _("The authenticator app was removed from your account."),
    "mfa/email/webauthn_added": _("A passkey or security key was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey or security key was removed from your account."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were created for your account."),
    "socialaccount/email/account_connected": _("A work account was connected to your account."),
    "socialaccount/email/account_disconnected": _(
        "A work account was disconnected from your account."
    ),
}
#: Other mails that allauth asks for → our template.
TEMPLATES = {
    "account/email/email_confirmation": "mail/address_confirmation",
    "account/email/email_confirmation_signup": "mail/address_confirmation",
    "account/email/password_reset_key": "mail/password_reset",
    "account/email/account_already_exists": "mail/account_exists",
    "account/email/unknown_account": "mail/account_unknown",
    "account/email/email_changed": "mail/address_changed",
}


MUTE_SALT = "accounts.mute"


def mute_link(user: User, notification: str) -> str:
    """Return the address, without host, that ends mails of this kind without signing in."""
    return reverse("accounts:mute", args=[signing.dumps([user.pk, notification], salt=MUTE_SALT)])


def muted_by(token: str) -> tuple[User, str] | None:
    """Return whom and which mails a link names; nothing for a link that we did not make."""
    try:
        key, notification = signing.loads(token, salt=MUTE_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=key, is_active=True).first()
    return (user, notification) if user else None


def about_account(kind: str, *, to: str, person: User | None, context: dict[str, Any]) -> None:
    """Write a mail that allauth asks for, in the person's language.

    Addresses in it lead to ``PUBLIC_URL`` and never to the host of the request, which a stranger
    may have sent (CVE-2021-30185 in Indico was such a reset link).
    """
    language = person.language if person else get_language() or "de"
    links = {
        name: f"{settings.PUBLIC_URL}/{language}/{urlsplit(value).path.split('/', 2)[2]}"
        for name, value in context.items()
        if name.endswith("_url")
    }
    context = {**context, **links, "contact": settings.OPERATOR["security_email"]}
    if kind in CHANGES:
        write_mail(
            "mail/account_changed",
            to=to,
            language=language,
            context={**context, "what": CHANGES[kind], "person": person},
        )
    else:
        write_mail(TEMPLATES[kind], to=to, language=language, context=context)


def invitation_received(invitation: Invitation) -> None:
    """Tell the invited person who invites to what, with the link and its last day."""
    context = {"invitation": invitation, "inviter": invitation.invited_by}
    write_mail(
        "mail/invitation_received",
        to=invitation.email,
        language=invitation.language,
        context=context,
    )


def invitation_accepted(invitation: Invitation, person: User) -> None:
    """Tell who invited that the person has come."""
    inviter: User = invitation.invited_by  # type: ignore[assignment]
    write_mail(
        "mail/invitation_accepted",
        to=inviter.email,
        language=inviter.language,
        context={"invitation": invitation, "person": person},
    )


def erasure_announced(user: User, days: int) -> None:
    """Tell a person that the account, not used for long, will be erased, and how to keep it."""
    write_mail(
        "mail/erasure_announced", to=user.email, language=user.language, context={"days": days}
    )


def role_ended(assignment: RoleAssignment) -> None:
    """Tell a person that a role has ended."""
    write_mail(
        "mail/role_ended",
        to=assignment.user.email,
        language=assignment.user.language,
        context={"assignment": assignment},
    )


def role_handed_over(assignment: RoleAssignment, taken: RoleAssignment) -> None:
    """Tell the contact until now who has taken over; the deputy may have done it alone."""
    write_mail(
        "mail/role_handed_over",
        to=assignment.user.email,
        language=assignment.user.language,
        context={"assignment": assignment, "taken": taken},
    )


def role_taken_over(assignment: RoleAssignment, predecessor: RoleAssignment, note: str) -> None:
    """Tell the successor what was handed over and what nobody had written down."""
    context = {"assignment": assignment, "predecessor": predecessor, "note": note}
    write_mail(
        "mail/role_taken_over",
        to=assignment.user.email,
        language=assignment.user.language,
        context=context,
    )
