"""The way to an identity provider, back from it, and the end of a session that it reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from requests import RequestException

from accounts import actions
from accounts.oidc.provider import StrictAdapter, subject_of

#: Where the session keeps the language in which the person set out; the way back has none.
LANGUAGE_KEY = "oidc_language"
#: The event that a logout token reports (OpenID Connect Back-Channel Logout 1.0, section 2.4).
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def adapter_of(request: HttpRequest, provider_id: str) -> StrictAdapter:
    """Return the adapter of a configured provider, or answer 404."""
    adapter = StrictAdapter(request, provider_id)
    try:
        adapter.get_provider()
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return adapter


def answer(request: HttpRequest, adapter: StrictAdapter, view: Callable[..., Any]) -> HttpResponse:
    """Return what the view answers; a provider that is down or talks nonsense gets a page."""
    response: HttpResponse
    try:
        response = view(request)
    except (RequestException, OAuth2Error, ValueError, KeyError) as error:
        response = render_authentication_error(request, adapter.get_provider(), exception=error)
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Say that the way leads to another site, and lead there once the person agrees."""
    adapter = adapter_of(request, provider_id)
    request.session[LANGUAGE_KEY] = get_language()
    response = answer(request, adapter, OAuth2LoginView.adapter_view(adapter))
    # Chromium applies form-action to where the answer of a form leads.
    origins = adapter.get_provider().app.settings["form_origins"]
    response._csp_update = {"form-action": origins}  # type: ignore[attr-defined]
    return response


@login_not_required
@never_cache
@require_safe
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Receive who the provider says the person is, and go on in the language of the way there."""
    adapter = adapter_of(request, provider_id)
    language = request.session.pop(LANGUAGE_KEY, None) or get_language()
    with translation.override(language):
        response = answer(request, adapter, OAuth2CallbackView.adapter_view(adapter))
    response.headers["Content-Language"] = language
    return response


@login_not_required
@csrf_exempt
@never_cache
@require_POST
def backchannel_logout(request: HttpRequest, provider_id: str) -> HttpResponse:
    """End every session of a person whose session the provider has ended; the token proves it."""
    adapter = adapter_of(request, provider_id)
    issuer = adapter.get_provider().app.settings["issuer"]
    try:
        claims = adapter.verified_claims(
            request.POST.get("logout_token", ""),
            options={"require": ["iat", "exp", "sub", "iss", "aud", "jti", "events"]},
        )
        if LOGOUT_EVENT not in claims["events"] or "nonce" in claims:
            raise OAuth2Error("This is no logout token.")
    except (OAuth2Error, RequestException, ValueError, KeyError, TypeError):
        return HttpResponse(status=400)
    uid = subject_of(issuer, claims["sub"])
    actions.end_sessions_of_identity(provider=provider_id, uid=uid)
    return HttpResponse(status=200)
