"""What a provider tells about a person, and how little of it is kept."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from jwt import PyJWKClient, PyJWTError, decode

#: Signatures with a key pair; a shared secret could be known to others.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
#: Where the session keeps the nonce of a provider's pending request.
NONCE_KEY = "oidc_nonce"


def subject_of(issuer: str, subject: str) -> str:
    """Return the key of an identity: who says so and whom they mean, never address or name."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


class StrictAdapter(OpenIDConnectOAuth2Adapter):
    """Talks to a provider and believes what is signed, fresh and consistent only."""

    def get_provider(self) -> Any:
        """Return the provider with its settings."""
        return super().get_provider()  # type: ignore[no-untyped-call]

    def verified_claims(self, token: str, **options: Any) -> dict[str, Any]:
        """Return the claims of a token of this provider that is meant for the portal.

        Raises :class:`OAuth2Error` for a wrong signature, issuer, audience or time.
        """
        app = self.get_provider().app
        try:
            key = PyJWKClient(self.openid_config["jwks_uri"], timeout=5).get_signing_key_from_jwt(
                token
            )
            claims: dict[str, Any] = decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                issuer=app.settings["issuer"],
                audience=app.client_id,
                leeway=30,
                **options,
            )
        except (PyJWTError, KeyError, TypeError) as error:
            raise OAuth2Error("The provider's token is not valid.") from error
        return claims

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Return the one address, in no language, that is registered with the provider."""
        path = reverse("openid_connect_callback", args=[self.provider_id])
        return f"{settings.PUBLIC_URL}{path}"

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Return the sign-in that the provider's answers stand for."""
        nonce = request.session.pop(f"{NONCE_KEY}:{self.provider_id}", None)
        told = kwargs["response"].get("id_token") or ""
        claims = self.verified_claims(
            told, options={"require": ["exp", "iat", "sub", "iss", "aud"]}
        )
        if not nonce or not secrets.compare_digest(nonce, str(claims.get("nonce", ""))):
            raise OAuth2Error("The provider's token belongs to another request.")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The provider's token is meant for somebody else.")
        info = self._fetch_user_info(token.token)
        if info.get("sub") != claims["sub"]:
            raise OAuth2Error("The provider speaks of two different people.")
        login = self.get_provider().sociallogin_from_response(request, {**claims, **info})
        login.claims = {**claims, **info}
        return login


class StrictProvider(OpenIDConnectProvider):
    """An organisation's identity provider; settings are read in ``vernetzt/settings.py``."""

    oauth2_adapter_class = StrictAdapter

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """Return what the request to the provider carries besides; the address adds nothing."""
        nonce = secrets.token_urlsafe(32)
        request.session[f"{NONCE_KEY}:{self.app.provider_id}"] = nonce
        return {"nonce": nonce}

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Return the configured scopes; the address adds none."""
        return ["openid", "profile", "email"]

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Return the key of the identity."""
        return subject_of(self.app.settings["issuer"], str(data["sub"]))

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Keep nothing that the provider told: name, picture and groups are not needed here."""
        return {}


provider_classes = [StrictProvider]
