"""The second factor that everybody who works for the programme must have shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

GetResponse = Callable[[HttpRequest], HttpResponseBase]

#: Where people without a second factor get one, or leave.
ALWAYS_OPEN = ("account_logout", "account_reauthenticate", "account_change_password")


class SecondFactorMiddleware:
    """Turns staff away from everything but enrolment until this session has shown a second factor.

    It asks the session and not the way in, so that no other door leads around it: the admin's own
    form, a session made by a command, a step that was left half-way.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the question is asked once its view is known."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Answer with the way to a second factor where one is missing."""
        if not getattr(view, "login_required", True) or not needs_second_factor(request):
            return None
        name = request.resolver_match.url_name or "" if request.resolver_match else ""
        if name in ALWAYS_OPEN or name.startswith("mfa_"):
            return None
        user: Any = request.user
        if not is_mfa_enabled(user):
            messages.info(request, _("Your role needs a second factor. Set one up to go on."))
            return redirect("mfa_index")
        target = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return redirect(f"{reverse('mfa_reauthenticate')}?{target}")


def needs_second_factor(request: HttpRequest) -> bool:
    """Tell whether the signed-in person still has to show a second factor in this session."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_staff:
        return False
    records = get_authentication_records(request, user)
    return not any(record.get("method") == "mfa" for record in records)
