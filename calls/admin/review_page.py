"""One application at the desk of its reviewer: the text and the form side by side."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.application_page import counting, readable
from calls.admin.review_others import others_of
from calls.content import marks_of
from calls.document import sections_of
from calls.enums import CallState, ConflictKind, ReviewState
from calls.forms import ReviewForm
from calls.models import (
    ConflictDeclaration,
    Review,
    ReviewAssignment,
    gaps_in,
    values_of_review,
)
from calls.pdf import Section
from calls.views.writing import opened_with, shown
from core.forms import add_errors
from core.models import StatusChange


def assignment_for(request: HttpRequest, key: uuid.UUID) -> ReviewAssignment:
    """Return what the person is to review; to others, and after a conflict, it does not exist."""
    require(request.user, Permission.SCORE)
    rows = ReviewAssignment.objects.of(request.user).select_related(
        "application__call__procedure", "application__municipality"
    )
    assignment: ReviewAssignment = get_object_or_404(rows, application__key=key)
    return assignment


def is_free(assignment: ReviewAssignment) -> bool:
    """Tell whether the reviewer has stated that nothing stands between."""
    stated = ConflictDeclaration.objects.filter(
        application=assignment.application_id, person=assignment.reviewer_id
    )
    return stated.filter(kind=ConflictKind.NONE).exists()


def review_of(assignment: ReviewAssignment) -> Review | None:
    """Return the review with its scores, if one was begun."""
    rows = Review.objects.filter(assignment=assignment).select_related("submission")
    return rows.prefetch_related("scores__criterion").first()


def detail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the text beside the form, or beside what was filed; save what was typed."""
    assignment = assignment_for(request, key)
    if not is_free(assignment):
        return redirect("admin:calls_review_conflict", key=key)
    review = review_of(assignment)
    if review is not None and review.state == ReviewState.FILED:
        others = others_of(request, assignment.application, own=review.pk)
        return page(request, assignment, review, **unsaved(request, assignment, review), **others)
    if not takes_reviews(assignment):
        return page(request, assignment, review, **unsaved(request, assignment, review))
    return writing(request, assignment, review)


def unsaved(
    request: HttpRequest, assignment: ReviewAssignment, review: Review | None
) -> dict[str, Any]:
    """Return what a form said that comes too late: it is not saved, and must not be lost."""
    if not request.POST:
        return {}
    criteria = list(assignment.application.call.criteria.all())
    stored = values_of_review(review, criteria)
    form = ReviewForm(request.POST, criteria=criteria, stored=stored)
    form.is_valid()
    typed = form.typed()
    return {
        "unsaved": [
            (form[name].label, shown(form.fields[name], typed[name]))
            for name in form.fields
            if typed.get(name) not in {None, "", stored[name]}
        ]
    }


def takes_reviews(assignment: ReviewAssignment) -> bool:
    """Tell whether the application is reviewed now."""
    application = assignment.application
    return application.is_sent and application.call.state == CallState.IN_REVIEW


def writing(
    request: HttpRequest, assignment: ReviewAssignment, review: Review | None
) -> HttpResponse:
    """Show the form of a draft; the button decides whether it is only saved."""
    criteria = list(assignment.application.call.criteria.all())
    stored = values_of_review(review, criteria)
    other = with_other_text(request, stored)
    form = ReviewForm(other or request.POST or None, criteria=criteria, stored=stored)
    # A form that was given back after signing in again brings along what it was opened with.
    marks = opened_with(request) or marks_of(stored)
    conflicts: list[dict[str, Any]] = []
    if request.method == "POST" and other is None:
        form.is_valid()
        saved = save(request, assignment, form)
        if saved and not saved.conflicts and not form.errors:
            return after_saving(request, assignment, form)
        if saved:
            review = review_of(assignment)
            stored = values_of_review(review, criteria)
            marks |= {name: mark for name, mark in marks_of(stored).items() if name in form.typed()}
            conflicts = [
                {
                    "field": form[name],
                    "label": form[name].label,
                    "mine": shown(form.fields[name], form.cleaned_data.get(name)),
                    "theirs": shown(form.fields[name], stored[name]),
                }
                for name in saved.conflicts
            ]
    answer = page(
        request, assignment, review, form=form, marks=json.dumps(marks), conflicts=conflicts
    )
    answer.status_code = 409 if conflicts else 200
    return answer


def with_other_text(request: HttpRequest, stored: dict[str, Any]) -> Any:
    """Return what was typed with the stored value in the field whose button was pressed."""
    name = request.POST.get("use", "")
    if name not in stored:
        return None
    data = request.POST.copy()
    data[name] = "" if stored[name] is None else str(stored[name])
    return data


def save(
    request: HttpRequest, assignment: ReviewAssignment, form: ReviewForm
) -> actions.SavedReview | None:
    """Save what can be stored; what the action refuses stands above the form."""
    try:
        return actions.save_review(
            assignment=assignment,
            values=form.typed(),
            opened_with=opened_with(request),
            by=request.user,
        )
    except ValidationError as error:
        add_errors(form, error)
        return None


def after_saving(
    request: HttpRequest, assignment: ReviewAssignment, form: ReviewForm
) -> HttpResponse:
    """Go where the button leads: stay, or on to filing where nothing is missing."""
    key = assignment.application.key
    if "file" not in request.POST:
        messages.success(request, _("Draft saved. Only you can read it."))
        return redirect("admin:calls_review_detail", key=key)
    review = review_of(assignment)
    stored = values_of_review(review, form.criteria)
    gaps = gaps_in(stored, form.criteria)
    if not gaps:
        return redirect("admin:calls_review_file", key=key)
    for name, words in gaps.items():
        form.add_error(name, words)
    marks = json.dumps(marks_of(stored))
    return page(request, assignment, review, form=form, marks=marks, is_kept=True)


def file(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show what will be filed once more, then file it."""
    assignment = assignment_for(request, key)
    review = review_of(assignment) if is_free(assignment) else None
    if review is None or review.state == ReviewState.FILED:
        return redirect("admin:calls_review_detail", key=key)
    if request.method == "POST":
        try:
            actions.file_review(assignment=assignment, by=request.user)
        except ValidationError as error:
            messages.error(request, _("Not filed: %(why)s") % {"why": " ".join(error.messages)})
        else:
            messages.success(request, _("Your review is filed. Now you can read the others."))
        return redirect("admin:calls_review_detail", key=key)
    return page(request, assignment, review, template="review_file")


def page(
    request: HttpRequest,
    assignment: ReviewAssignment,
    review: Review | None,
    template: str = "review_detail",
    **context: Any,
) -> HttpResponse:
    """Show a page about one application; of its text what a reviewer reads."""
    application = assignment.application
    submission = counting(application)
    document = readable(submission.document, request.user) if submission else None
    about: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": application.place_name,
        "application": application,
        "call": application.call,
        "due": getattr(application.call, "procedure", None),
        "review": review,
        "is_filed": review is not None and review.state == ReviewState.FILED,
        "submission": submission,
        "is_newer": review is not None
        and review.submission_id is not None
        and submission is not None
        and review.submission_id != submission.pk,
        "sections": topics_first(sections_of(document)) if document else (),
        "files": document["files"] if document else [],
        "form": None,
        "unsaved": [],
        "marks": "",
        "conflicts": [],
        "is_kept": False,
        "reopened": reopening_of(review),
        "others": [],
        "notes": [],
        "note_form": None,
    }
    return render(request, f"admin/calls/{template}.html", {**about, **context})


def reopening_of(review: Review | None) -> StatusChange | None:
    """Return when, by whom and why a draft was reopened, if it was."""
    if review is None or review.state != ReviewState.DRAFT:
        return None
    return StatusChange.objects.of(review).filter(field="state", new=ReviewState.DRAFT).first()


def topics_first(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Return the sections with what the municipality gives and seeks on top: it is the heart."""
    heading = _("Gives and seeks")
    first = [section for section in sections if section.heading == heading]
    return (*first, *(section for section in sections if section.heading != heading))
