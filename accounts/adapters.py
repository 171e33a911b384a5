"""How the portal differs from what allauth does by itself."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.actions import accept_invitation
from accounts.backends import SignInBackend
from accounts.models import Invitation


class AccountAdapter(DefaultAccountAdapter):
    """Opens sign-up to invited people only, whose address the link has already confirmed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell whether this browser came by the link of an invitation that still counts."""
        return Invitation.objects.of_session(request.session) is not None

    def pre_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse | None:
        """Turn away accounts that may not sign in; allauth itself asks for nothing but activity."""
        if not SignInBackend().user_can_authenticate(user):
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **details)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Save the new person under the invited address and give the role of the invitation."""
        invitation = Invitation.objects.of_session(request.session)
        if invitation is not None:
            form.cleaned_data["email"] = invitation.email
            user.language = request.LANGUAGE_CODE
        saved = super().save_user(request, user, form, commit)
        if invitation is not None and commit:
            try:
                accept_invitation(invitation=invitation, by=saved)
            except ValidationError as error:
                # Somebody else was faster; the account stays, and the person reads why.
                messages.error(request, " ".join(error.messages))
        return saved


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
