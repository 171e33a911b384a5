"""Pages about people and their roles."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import actions
from accounts.data import count_sessions
from accounts.enums import CITY_ROLES, UserRole
from accounts.forms import AccessForm, HandoverForm, InvitationForm
from accounts.models import Invitation, RoleAssignment, User
from accounts.permissions import Permission, may_give, require
from accounts.views.asking import done, form_page, person
from core.forms import add_errors
from core.pages import Filters, list_page

PER_PAGE, SHOWN_INVITATIONS = 25, 50
#: What is longer is no name.
LONGEST_QUESTION = 80


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
        "may_manage": user.has_perm(Permission.MANAGE_PEOPLE),
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
        "commitments": open_commitments_of(assignment),
    }
    return render(request, "accounts/hand_over.html", context)


def coming_meetings_of(assignment: RoleAssignment, user: Any, today: Any) -> Any:
    """Return the coming meetings of the municipality; they live above and hang on it."""
    municipality: Any = assignment.municipality
    return municipality.meetings.visible_to(user).for_lists().coming_on(today)[:20]


def open_commitments_of(assignment: RoleAssignment) -> Any:
    """Return what the municipality has promised and not yet settled, the most urgent first."""
    municipality: Any = assignment.municipality
    return municipality.commitments.open().with_places()[:50]


def drafts_of(assignment: RoleAssignment) -> list[Any]:
    """Return the profiles of the municipality's partnerships that are not public yet."""
    municipality: Any = assignment.municipality
    memberships = municipality.memberships.acting().select_related("tandem")
    return [
        draft
        for membership in memberships
        for draft in membership.tandem.profile_versions.unfinished()
    ]


@form_page
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person with all roles, and let BBSR end sessions or close the way in."""
    require(request.user, Permission.MANAGE_PEOPLE)
    found = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        form = AccessForm(request.POST)
        if form.is_valid():
            act = {
                "end_sessions": actions.end_sessions,
                "block": actions.block_person,
                "unblock": actions.unblock_person,
            }[form.cleaned_data["step"]]
            try:
                act(user=found, by=person(request))
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, _("Done. The change takes effect at once."))
        return redirect("accounts:person", pk=pk)
    context = {
        "found": found,
        "assignments": found.role_assignments.with_places(),
        "sessions": count_sessions(found),
        "is_me": found == request.user,
    }
    return render(request, "accounts/person.html", context)
