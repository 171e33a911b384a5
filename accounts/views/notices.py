"""Which mails a person gets about partnerships, and how soon."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from accounts.actions.notices import choose_paces, stop_digests
from accounts.forms import NoticesForm
from accounts.paces import digested_kinds, stopped_by
from accounts.views.asking import form_page, person


@form_page
def choose(request: HttpRequest) -> HttpResponse:
    """Choose which mails come, and how soon."""
    form = NoticesForm(request.POST or None, user=person(request))
    if request.method == "POST" and form.is_valid():
        choose_paces(user=person(request), wanted=form.wanted, paces=form.paces, by=request.user)
        messages.success(request, _("Your choice is saved."))
        return redirect("accounts:notices")
    return render(request, "accounts/notices.html", {"form": form})


@login_not_required
@csrf_exempt
@form_page
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End all digests by the link in one of them.

    Opening it changes nothing, because mail scanners do; the button, or the mail program's own
    (RFC 8058), does. The link proves who asks, so there is nothing to forge.
    """
    user = stopped_by(token)
    if user is None:
        return render(request, "accounts/mute.html", {"kind": ""}, status=410)
    if request.method == "POST":
        user = stop_digests(user=user, by=user)
    context = {
        "kind": _("Digests of what is new in my partnerships"),
        "is_muted": not digested_kinds(user),
    }
    return render(request, "accounts/mute.html", context)
