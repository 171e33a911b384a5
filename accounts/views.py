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
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions
from accounts.data import data_of
from accounts.enums import CITY_ROLES, UserRole
from accounts.forms import HandoverForm, InvitationForm, ProfileForm, add_errors
from accounts.models import Invitation, RoleAssignment, User
from accounts.models.invitations import SESSION_KEY
from accounts.permissions import Permission, may_give, require
from accounts.sessions import SEEN, in_background, seconds_left

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
    today = timezone.localdate()
    rows = RoleAssignment.objects.visible_to(user).not_over_on(today).with_people()
    invitations = Invitation.objects.visible_to(user).open().order_by("expires_at", "pk")
    context = {
        "assignments": [(row, may_give(user, row)) for row in rows[:500]],
        "invitations": [
            (row, may_give(user, row))
            for row in invitations.select_related("municipality", "organisation", "invited_by")[
                :200
            ]
        ],
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
        "meetings": coming_meetings_of(assignment, today),
    }
    return render(request, "accounts/hand_over.html", context)


def coming_meetings_of(assignment: RoleAssignment, today: Any) -> Any:
    """Return the coming meetings of the municipality; they live above and hang on it."""
    municipality: Any = assignment.municipality
    return municipality.meetings.visible_to(None).for_lists().coming_on(today)[:20]


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
        mine = request.user.is_authenticated and request.user.email.lower() == found.email
        context = {"invitation": found, "mine": mine}
        return render(request, "accounts/invitation.html", context)
    request.session[SESSION_KEY] = found.pk
    if not request.user.is_authenticated:
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
