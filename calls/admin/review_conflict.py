"""Stating a conflict of interest, before the text opens or later, and lifting a mistake."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.application_page import application_for, is_of_team
from calls.enums import ConflictKind
from calls.forms import ConflictForm, ReasonForm
from calls.models import Application, ConflictDeclaration, ReviewAssignment
from core.forms import add_errors


def application_to_state_about(request: HttpRequest, key: uuid.UUID) -> Application:
    """Return an application about which the person has something to state; of it no text is shown.

    That is what is assigned to a reviewer, and for the project team everything that was sent; what
    a conflict has closed already does not exist.
    """
    require(request.user, Permission.READ_APPLICATIONS)
    rows = Application.objects.sent()
    if is_of_team(request.user):
        rows = rows.visible_to(request.user)
    else:
        own = ReviewAssignment.objects.of(request.user)
        rows = rows.filter(pk__in=own.values("application"))
    application: Application = get_object_or_404(
        rows.select_related("call", "municipality"), key=key
    )
    return application


def declare(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask whether something stands between the person and the municipality, and keep it."""
    application = application_to_state_about(request, key)
    user: Any = request.user
    stated = ConflictDeclaration.objects.filter(application=application, person=user).first()
    form = ConflictForm(request.POST or None)
    if stated is not None:
        # Noticed later: what is stated now is a conflict.
        form.fields["kind"].choices = [  # type: ignore[attr-defined]
            choice for choice in ConflictKind.choices if choice[0] != ConflictKind.NONE
        ]
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.declare_conflict(
                application=application, by=request.user, **form.cleaned_data
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return after_stating(request, application, made)
    context = {
        **admin.site.each_context(request),
        "title": _("Conflict of interest"),
        "application": application,
        "call": application.call,
        "form": form,
        "stated": stated,
        "is_reviewer": is_assigned(request.user, application),
    }
    return render(request, "admin/calls/review_conflict.html", context)


def is_assigned(user: Any, application: Application) -> bool:
    """Tell whether the person reviews the application, and not only belongs to the team."""
    mine = ReviewAssignment.objects.of(user).filter(application=application)
    return user.has_perm(Permission.SCORE) and mine.exists()


def after_stating(
    request: HttpRequest, application: Application, made: ConflictDeclaration
) -> HttpResponse:
    """Go on to the text, or away from it."""
    reviews = is_assigned(request.user, application)
    if made.kind == ConflictKind.NONE:
        page = "review" if reviews else "application"
        return redirect(f"admin:calls_{page}_detail", key=application.key)
    told = _(
        "Noted. The application is closed to you now; the coordinators are told. If this was a"
        " mistake, ask them to lift it."
    )
    messages.success(request, told)
    scores = request.user.has_perm(Permission.SCORE)
    return redirect("admin:calls_review_changelist" if scores else "admin:index")


def lift(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Take back a conflict that was stated by mistake, with the reason."""
    application = application_for(request, key)
    require(request.user, Permission.PREPARE_SELECTION, application)
    rows = application.conflicts.closing().select_related("person", "organisation")
    declaration = get_object_or_404(rows, pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.lift_conflict(declaration=declaration, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The conflict of interest is lifted."))
            return redirect("admin:calls_application_detail", key=key)
    context = {
        **admin.site.each_context(request),
        "title": _("Lift a conflict of interest"),
        "application": application,
        "call": application.call,
        "form": form,
        "lead": _("%(person)s (%(organisation)s) stated: %(kind)s. “%(sentence)s”")
        % {
            "person": declaration.person or _("somebody whose account is gone"),
            "organisation": declaration.organisation,
            "kind": declaration.get_kind_display(),
            "sentence": declaration.sentence,
        },
        "explained": _(
            "The application opens again for everybody to whom only this conflict had closed it."
        ),
        "submit": _("Lift the conflict"),
    }
    return render(request, "admin/calls/review_reason.html", context)
