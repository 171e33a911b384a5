"""What others filed about an application, and the discussion: after the own review is filed."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.application_page import application_for, is_of_team
from calls.enums import ReviewState
from calls.forms import NoteForm, ReasonForm
from calls.models import Application, DiscussionNote, Review, reads_reviews
from core.forms import add_errors


def others_of(request: HttpRequest, application: Application, own: int = 0) -> dict[str, Any]:
    """Return what others filed about an application, and the notes, as far as the person may.

    ``own`` is the review (primary key) that the page shows by itself.
    """
    filed = (
        Review.objects.visible_to(request.user)
        .filter(assignment__application=application, state=ReviewState.FILED)
        .exclude(pk=own)
        .select_related("assignment__reviewer", "assignment__organisation")
        .prefetch_related("scores__criterion")
        .order_by("filed_at", "pk")
    )
    rows = list(filed)
    counting = set(
        Review.objects.filter(assignment__application=application)
        .counting()
        .values_list("pk", flat=True)
    )
    may_reopen = request.user.has_perm(Permission.PREPARE_SELECTION, application)
    notes = DiscussionNote.objects.visible_to(request.user).filter(application=application)
    return {
        "others": [
            {
                "review": row,
                "counts": row.pk in counting,
                "may_reopen": may_reopen and row.assignment.reviewer_id != request.user.pk,
            }
            for row in rows
        ],
        "notes": notes.select_related("author"),
        "note_form": NoteForm(),
    }


def reviews(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show all filed reviews of an application and the discussion, to who may read them."""
    return reviews_page(request, readable_application(request, key))


def readable_application(request: HttpRequest, key: uuid.UUID) -> Application:
    """Return an application whose filed reviews the person may read: else it is refused."""
    application = application_for(request, key)
    if not reads_reviews(request.user, application):
        raise PermissionDenied
    return application


def reviews_page(request: HttpRequest, application: Application, **context: Any) -> HttpResponse:
    """Render the page of all filed reviews."""
    about = {
        **admin.site.each_context(request),
        "title": _("Reviews of %(place)s") % {"place": application.place_name},
        "application": application,
        "call": application.call,
        "is_filed": False,
        **others_of(request, application),
    }
    return render(request, "admin/calls/review_reviews.html", {**about, **context})


def note(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Add a note to the discussion."""
    application = readable_application(request, key)
    form = NoteForm(request.POST)
    if form.is_valid():
        actions.write_note(application=application, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your note stands in the discussion."))
        page = "reviews" if is_of_team(request.user) else "detail"
        return redirect(reverse(f"admin:calls_review_{page}", args=[key]) + "#discussion")
    return reviews_page(request, application, note_form=form)


def reopen(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Give a filed review back to its author, with the reason."""
    application = readable_application(request, key)
    require(request.user, Permission.PREPARE_SELECTION, application)
    filed = Review.objects.visible_to(request.user).filter(state=ReviewState.FILED)
    rows = filed.select_related("assignment__reviewer")
    review = get_object_or_404(rows, assignment__application=application, pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reopen_review(review=review, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The review is open again; its author is told."))
            return redirect("admin:calls_application_detail", key=key)
    context = {
        **admin.site.each_context(request),
        "title": _("Reopen a review"),
        "application": application,
        "call": application.call,
        "form": form,
        "lead": _("The review by %(person)s becomes a draft again.")
        % {"person": review.assignment.reviewer or _("somebody whose account is gone")},
        "explained": _(
            "It does not count until it is filed again. The reason goes to the reviewer by e-mail"
            " and stays in the history."
        ),
        "submit": _("Reopen the review"),
    }
    return render(request, "admin/calls/review_reason.html", context)
