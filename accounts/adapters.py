"""How the portal differs from what allauth does by itself."""

from __future__ import annotations

import base64
import hashlib
import logging
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialAccount
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import get_language, gettext as _

from accounts import mails, sessions
from accounts.actions import accept_invitation
from accounts.backends import SignInBackend
from accounts.mailboxes import mailbox_of, normalise_address
from accounts.models import Invitation, RoleAssignment, User
from accounts.models.people import validate_plain_name
from core.text import clean_text

logger = logging.getLogger("vernetzt.oidc")


class AccountAdapter(DefaultAccountAdapter):
    """Opens sign-up to invited people and, while a call is open, to officers who will apply."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell whether this browser came by an invitation that still counts, or a call is open."""
        return Invitation.objects.of_session(request.session) is not None or sign_up_is_open()

    def _get_login_attempts_cache_key(self, request: Any, **credentials: Any) -> str:
        """Count by mailbox alone: allauth adds the Host header, whose port anybody may choose."""
        return mailbox_of(str(credentials.get("email") or ""))

    def clean_email(self, email: str) -> str:
        """Return the one spelling of an address; refuse look-alikes."""
        return normalise_address(email)

    def pre_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse | None:
        """Turn away accounts that may not sign in; allauth itself asks for nothing but activity."""
        if not SignInBackend().user_can_authenticate(user):
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **details)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Begin the session, and remember when the person was here before."""
        before = user.last_login
        super().login(request, user)
        sessions.begin(request, before)

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Confirm an address, unless its mailbox belongs to another account by now."""
        owner = User.objects.of_mailbox(email_address.email)
        if owner is not None and owner.pk != email_address.user_id:
            messages.error(request, _("This address belongs to another account."))
            return False
        proven = EmailAddress.objects.filter(user=email_address.user_id, verified=True)
        if proven.exists() and request.user.pk != email_address.user_id:
            # Else a stranger could be given this address by whoever clicks the link.
            told = _("Please sign in to your account first, then open the link again.")
            messages.error(request, told)
            return False
        return super().confirm_email(request, email_address)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Save the new person; who was invited gets the invited address and role."""
        invitation = Invitation.objects.of_session(request.session)
        user.language = request.LANGUAGE_CODE
        if invitation is not None:
            form.cleaned_data["email"] = invitation.email
        saved = super().save_user(request, user, form, commit)
        if invitation is not None and commit:
            try:
                accept_invitation(invitation=invitation, by=saved)
            except ValidationError as error:
                # Somebody else was faster; the account stays, and the person reads why.
                messages.error(request, " ".join(error.messages))
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail in our words, in the recipient's language, as text and HTML."""
        if template_prefix in mails.TEMPLATES and not ratelimit.consume(
            self.request,
            app="accounts",
            action="mail",
            config={"mail": "5/h/key"},
            key=f"{mails.TEMPLATES[template_prefix]} {mailbox_of(normalise_address(email))}",
            limit_get=True,
        ):
            return
        person = context.get("user") or User.objects.of_mailbox(email)
        mails.about_account(template_prefix, to=email, person=person, context=context)


def sign_up_is_open() -> bool:
    """Tell whether officers may sign up by themselves; calls, on a higher floor, answer."""
    answer: bool = import_string(settings.OPEN_FOR_SIGN_UP)()
    return answer


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Lets an organisation's provider sign in the people whom our own table knows as its staff."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> Any:
        """Return the providers of the environment; none comes from the database."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let known staff through, connect their identity the first time, refuse everybody else."""
        options = sociallogin.provider.app.settings
        group, claims = options["group"], sociallogin.claims
        if group and group not in as_list(claims.get("groups")):
            refuse(request, sociallogin, "group")
        organisations = options["organisations"]
        if sociallogin.is_existing:
            if not RoleAssignment.objects.of_staff(sociallogin.user, organisations).exists():
                refuse(request, sociallogin, "role")
            return
        # The address names the person once, the first time, and only if the provider checked it.
        if claims.get("email_verified") is not True:
            refuse(request, sociallogin, "address")
        person = User.objects.filter(email__iexact=claims.get("email", "")).first()
        if person is None:
            invited = Invitation.objects.open().filter(
                email__iexact=claims.get("email", ""), organisation__slug__in=organisations
            )
            if not invited.exists():
                refuse(request, sociallogin, "unknown")
            return
        provider_id = sociallogin.account.provider
        if not RoleAssignment.objects.of_staff(person, organisations).exists():
            refuse(request, sociallogin, "role")
        if SocialAccount.objects.filter(user=person, provider=provider_id).exists():
            refuse(request, sociallogin, "other identity")
        sociallogin.connect(request, person)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Tell that :meth:`pre_social_login` has let through invited people only."""
        return True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """Take address, name and language of the new person."""
        user = sociallogin.user
        user.email = str(data.get("email") or "").lower()
        name = " ".join(clean_text(str(data.get("name") or "")).split())[:150]
        try:
            validate_plain_name(name)
        except ValidationError:
            name = ""
        user.name = name
        user.language = get_language() or "de"
        return user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """Note what went wrong, without anything about the person."""
        kind = type(exception).__name__ if exception else str(error)
        data = {"provider": provider.app.provider_id, "error": kind}
        logger.warning("Signing in through a provider failed.", extra={"data": data})


def as_list(value: Any) -> list[Any]:
    """Return a claim that may be one value or several as a list."""
    return value if isinstance(value, list) else [value]


def refuse(request: HttpRequest, sociallogin: Any, reason: str) -> NoReturn:
    """Answer that this person has no access; the page is the same for every reason."""
    data = {"provider": sociallogin.provider.app.provider_id, "reason": reason}
    logger.warning("A sign-in through a provider was refused.", extra={"data": data})
    context = {"provider": sociallogin.provider}
    raise ImmediateHttpResponse(render(request, "socialaccount/refused.html", context, status=403))


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted in the database."""

    def get_totp_issuer(self) -> str:
        """Return the name that an authenticator app shows."""
        return _("#connectedinEurope")

    def encrypt(self, text: str) -> str:
        """Return ``text`` encrypted with the key of this installation."""
        return keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what :meth:`encrypt` was given, also under an earlier key."""
        return keys().decrypt(encrypted_text.encode()).decode()


def keys() -> MultiFernet:
    """Return the keys made from ``SECRET_KEY`` and, for reading, its predecessors."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(f"second factor {secret}".encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
