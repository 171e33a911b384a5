"""What the views about accounts share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.models import User

form_page = require_http_methods(["GET", "HEAD", "POST"])
ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponse])


def fresh_sign_in(view: ViewT) -> ViewT:
    """Ask for the password or a second factor again where it was given some time ago."""
    return cast("ViewT", reauthentication_required(view))


def person(request: HttpRequest) -> User:
    """Return who is signed in; visitors were sent to sign in before."""
    return cast("User", request.user)


def done(request: HttpRequest, act: Any, told: str) -> HttpResponse:
    """Act, say what happened or why it did not, and go back to the list of people."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, told)
    return redirect("accounts:people")
