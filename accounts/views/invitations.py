"""The link in an invitation, and the one that ends mails."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from accounts import actions
from accounts.enums import Notification
from accounts.mailboxes import mailbox_of
from accounts.mails import muted_by
from accounts.models import Invitation, User
from accounts.models.invitations import SESSION_KEY
from accounts.views.asking import form_page


@login_not_required
@form_page
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation to whoever has its link, and let the invited person accept it.

    Opening the link changes nothing: mail scanners open links too.
    """
    found = Invitation.objects.of_link(token)
    if found is None:
        return render(request, "accounts/invitation_over.html", status=410)
    if request.method != "POST":
        mine = request.user.is_authenticated and mailbox_of(request.user.email) == mailbox_of(
            found.email
        )
        context = {"invitation": found, "mine": mine}
        return render(request, "accounts/invitation.html", context)
    request.session[SESSION_KEY] = found.pk
    if not request.user.is_authenticated:
        # Nobody is kept out by what others have put in under this address.
        actions.clear_unproven(mailbox=found.email)
        if User.objects.of_mailbox(found.email):
            # Whoever holds the link reads this mailbox and may know.
            messages.info(request, _("You have an account already. Sign in to accept."))
            return redirect_to_login(found.link)
        # The link came by mail, so the address needs no second confirmation.
        get_adapter().stash_verified_email(request, found.email)
        return redirect("account_signup")
    return take_on(request, found)


def take_on(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Give the signed-in person the role of the invitation, or say why not."""
    try:
        actions.accept_invitation(invitation=found, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Welcome. Your role is active from now on."))
    return redirect("dashboard")


@login_not_required
@csrf_exempt
@form_page
def mute(request: HttpRequest, token: str) -> HttpResponse:
    """End a kind of mails by the link in one of them.

    Opening it changes nothing, because mail scanners do; the button, or the mail program's own
    (RFC 8058), does. The link proves who asks, so there is nothing to forge.
    """
    found = muted_by(token)
    if found is None:
        return render(request, "accounts/mute.html", status=410)
    user, notification = found
    if request.method == "POST":
        actions.mute(user=user, notification=notification, by=user)
    context = {
        "kind": Notification(notification).label,
        "is_muted": not user.wants(notification),
    }
    return render(request, "accounts/mute.html", context)
