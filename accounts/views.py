"""Pages about people: roles, invitations, handover, own data."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions
from accounts.data import data_of
from accounts.enums import CITY_ROLES, Notification, UserRole
from accounts.forms import HandoverForm, InvitationForm, ProfileForm, add_errors
from accounts.mailboxes import mailbox_of
from accounts.mails import muted_by
from accounts.models import Invitation, RoleAssignment, User
from accounts.models.invitations import SESSION_KEY
from accounts.permissions import Permission, may_give, require
from accounts.sessions import SEEN, in_background, seconds_left
from core.pages import Filters, list_page

PER_PAGE, SHOWN_INVITATIONS = 25, 50
#: What is longer is no name.
LONGEST_QUESTION = 80
form_page = require_http_methods(["GET", "HEAD", "POST"])
ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponse])


def fresh_sign_in(view: ViewT) -> ViewT:
    """Ask for the password or a second factor again where it was given some time ago."""
    return cast("ViewT", reauthentication_required(view))


def person(request: HttpRequest) -> User:
    """Return who is signed in; visitors were sent to sign in before."""
    return cast("User", request.user)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List who holds which role: everybody, or the people of the own municipalities."""
    user = person(request)
    if not user.has_perm(Permission.READ_PEOPLE) and not user.role_names & CITY_ROLES:
        raise PermissionDenied
    filters = Filters(request)
    roles = [(role.value, str(role.label)) for role in UserRole]
    role = filters.choose("role", _("Role"), roles)
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\x00", " ").strip()
    filters.keep("q", question)
    rows = RoleAssignment.objects.visible_to(user).not_over_on(timezone.localdate()).with_people()
    if role:
        rows = rows.filter(role=role)
    if question:
        rows = rows.found_by(question)
    page = list_page(request, rows, per_page=PER_PAGE, filters=filters, personal=True)
    invitations = Invitation.objects.visible_to(user).open().order_by("expires_at", "pk")
    invitations = invitations.select_related("municipality", "organisation", "invited_by")
    context = {
        "list": page,
        "filters": filters,
        "question": question,
        "assignments": [(row, may_give(user, row)) for row in page.rows],
        "invitations": [(row, may_give(user, row)) for row in invitations[:SHOWN_INVITATIONS]],
        "more_invitations": max(invitations.count() - SHOWN_INVITATIONS, 0),
        "may_invite": may_invite(user),
        "may_hand_over": user.has_perm(Permission.HAND_OVER),
    }
    return render(request, "accounts/people.html", context)


def may_invite(user: User) -> bool:
    """Tell whether ``user`` may invite anybody anywhere."""
    return user.has_perm(Permission.INVITE_COLLEAGUES) or user.has_perm(Permission.MANAGE_PEOPLE)


@form_page
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a person to a role."""
    user = person(request)
    if not may_invite(user):
        raise PermissionDenied
    form = InvitationForm(request.POST or None, user=user, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            invitation = actions.invite(**form.cleaned_data, by=user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            told = _("The invitation to %(email)s is on its way.") % {"email": invitation.email}
            messages.success(request, told)
            return redirect("accounts:people")
    return render(request, "accounts/invite.html", {"form": form})


@form_page
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether to withdraw an invitation, and do it."""
    rows = Invitation.objects.visible_to(request.user)
    invitation = get_object_or_404(rows, pk=pk)
    if not may_give(request.user, invitation):
        raise PermissionDenied
    if request.method == "POST":
        return done(
            request,
            lambda: actions.withdraw_invitation(invitation=invitation, by=request.user),
            _("The invitation is withdrawn. Its link no longer works."),
        )
    return render(request, "accounts/withdraw.html", {"invitation": invitation})


@form_page
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether to end a role, and do it."""
    rows = RoleAssignment.objects.visible_to(request.user).with_people()
    assignment = get_object_or_404(rows, pk=pk)
    if not may_give(request.user, assignment):
        raise PermissionDenied
    if request.method == "POST":
        return done(
            request,
            lambda: actions.end_role(assignment=assignment, by=request.user),
            _("The role has ended. The person has been told by mail."),
        )
    return render(request, "accounts/end_role.html", {"assignment": assignment})


def done(request: HttpRequest, act: Any, told: str) -> HttpResponse:
    """Act, say what happened or why it did not, and go back to the list of people."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, told)
    return redirect("accounts:people")


@form_page
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a contact leaves behind, and let the deputy take over in one step."""
    today = timezone.localdate()
    rows = RoleAssignment.objects.visible_to(request.user).held_on(today).with_people()
    assignment = get_object_or_404(rows.filter(role=UserRole.CONTACT), pk=pk)
    require(request.user, Permission.HAND_OVER, assignment)
    colleagues = rows.filter(municipality=assignment.municipality).exclude(pk=assignment.pk)
    deputies = colleagues.filter(role=UserRole.DEPUTY)
    form = HandoverForm(request.POST or None, deputies=deputies)
    if request.method == "POST" and form.is_valid():
        try:
            taken = actions.hand_over(assignment=assignment, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            told = _("%(name)s is the contact person now.") % {"name": taken.user}
            messages.success(request, told)
            return redirect("dashboard")
    context = {
        "assignment": assignment,
        "colleagues": colleagues,
        "has_deputy": deputies.exists(),
        "form": form,
        "meetings": coming_meetings_of(assignment, request.user, today),
        "drafts": drafts_of(assignment),
    }
    return render(request, "accounts/hand_over.html", context)


def coming_meetings_of(assignment: RoleAssignment, user: Any, today: Any) -> Any:
    """Return the coming meetings of the municipality; they live above and hang on it."""
    municipality: Any = assignment.municipality
    return municipality.meetings.visible_to(user).for_lists().coming_on(today)[:20]


def drafts_of(assignment: RoleAssignment) -> list[Any]:
    """Return the profiles of the municipality's partnerships that are not public yet."""
    municipality: Any = assignment.municipality
    memberships = municipality.memberships.acting().select_related("tandem")
    return [
        draft
        for membership in memberships
        for draft in membership.tandem.profile_versions.unfinished()
    ]


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
        messages.success(request, _("Welcome. Your role counts from now on."))
    return redirect("dashboard")


@form_page
def profile(request: HttpRequest) -> HttpResponse:
    """Change own name, language and time zone."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(user=person(request), **form.cleaned_data, by=request.user)
        messages.success(request, _("Your details are saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


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
        messages.success(request, _("Your account is erased. Thank you for your work."))
        return redirect("start")
    return render(request, "accounts/erase.html")
