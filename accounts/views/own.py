"""Pages about the own account: details, sessions, data."""

from __future__ import annotations

import time

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import actions
from accounts.data import data_of
from accounts.forms import ProfileForm
from accounts.sessions import SEEN, in_background, seconds_left
from accounts.views.asking import form_page, fresh_sign_in, person


@form_page
def profile(request: HttpRequest) -> HttpResponse:
    """Change own name, language and time zone."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(user=person(request), **form.cleaned_data, by=request.user)
        messages.success(request, _("Your details are saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


@in_background
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """Tell a page's script how many seconds the session has left; this is no click."""
    idle, whole = seconds_left(request)
    return JsonResponse({"idle": idle, "whole": whole})


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Keep the session alive because the person asked for it."""
    request.session[SEEN] = int(time.time())
    idle, whole = seconds_left(request)
    return JsonResponse({"idle": idle, "whole": whole})


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the own sessions."""
    entry = get_object_or_404(UserSession, pk=pk, user=person(request))
    actions.end_session(entry=entry, by=request.user)
    messages.success(request, _("The session has ended."))
    return redirect("usersessions_list")


@require_safe
def own_data(request: HttpRequest) -> HttpResponse:
    """Show what the portal holds about the signed-in person, and how to take or erase it."""
    return render(request, "accounts/own_data.html", {"held": data_of(request.user)})


@require_safe
@fresh_sign_in
def download(request: HttpRequest) -> HttpResponse:
    """Return everything held about the signed-in person as a file."""
    response = JsonResponse(data_of(request.user), json_dumps_params={"indent": 2})
    response.headers["Content-Disposition"] = 'attachment; filename="vernetzt-own-data.json"'
    return response


@form_page
@fresh_sign_in
def erase(request: HttpRequest) -> HttpResponse:
    """Say what erasing the account means, and do it."""
    if request.method == "POST":
        actions.erase_person(user=person(request), by=request.user)
        logout(request)
        messages.success(request, _("Your account has been erased. Thank you for your work."))
        return redirect("start")
    return render(request, "accounts/erase.html")
