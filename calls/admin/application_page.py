"""The page of one application, to read: what was sent, or what is still missing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from accounts.permissions import Permission, reach_of, require
from calls.actions.reminders import FIELD
from calls.admin.application_list import size_of
from calls.admin.review_team import team_part
from calls.checklist import check
from calls.content import Values
from calls.document import sections_of
from calls.enums import ApplicationState, ConflictKind, QuestionReader, ReviewState, Step
from calls.models import (
    Application,
    ConflictDeclaration,
    Question,
    Review,
    Submission,
    hidden_subjects,
    officers_of,
)
from core.files import FileKind, download
from core.models import StatusChange

#: Field of the history, of a record where that matters → its name; others are shown as they are.
FIELDS: dict[Any, Any] = {
    "state": gettext_lazy("State"),
    ("review", "state"): gettext_lazy("Review"),
    "conflict": gettext_lazy("Conflict of interest"),
    "editors": gettext_lazy("People who write"),
    FIELD: gettext_lazy("Reminder of the deadline"),
    "retention": gettext_lazy("Retention"),
    "reviewers": gettext_lazy("Reviewers"),
    "eligibility": gettext_lazy("Formal check"),
}
#: Record and field → the words of its states.
STATES: dict[tuple[str, str], dict[str, Any]] = {
    ("application", "state"): dict(ApplicationState.choices),
    ("review", "state"): dict(ReviewState.choices),
    ("conflictdeclaration", "conflict"): {
        **dict.fromkeys(ConflictKind.values, gettext_lazy("stated")),
        ConflictKind.NONE: gettext_lazy("none stated"),
    },
}
#: What stands in the history beside states.
WORDS = {
    "invited": gettext_lazy("invited"),
    "joined": gettext_lazy("has joined"),
    "held": gettext_lazy("took part"),
    "removed": gettext_lazy("removed"),
    "asked": gettext_lazy("has asked to be let in"),
    "sent": gettext_lazy("has gone out"),
    "assigned": gettext_lazy("assigned"),
    "unassigned": gettext_lazy("taken back"),
    "eligible": gettext_lazy("conditions met"),
    "ineligible": gettext_lazy("a condition is not met"),
    "emptied": gettext_lazy("emptied of texts, people and files"),
}
#: Of the people in an application, what only the project team needs.
ADDRESSES = ("contact_email", "contact_phone", "deputy_email")


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of the history, in words."""

    at: dt.datetime
    what: str
    old: str
    new: str
    by: str
    note: str


def application_for(request: HttpRequest, key: uuid.UUID) -> Application:
    """Return an application for who may read it; to others it does not exist."""
    require(request.user, Permission.READ_APPLICATIONS)
    rows = Application.objects.visible_to(request.user).select_related("call", "municipality")
    application: Application = get_object_or_404(rows, key=key)
    return application


def is_of_team(user: Any) -> bool:
    """Tell whether the person reads every application, and so is no reviewer of some."""
    return reach_of(user, Permission.READ_APPLICATIONS) is None


def counting(application: Application) -> Submission | None:
    """Return the version that counts: the last one sent, unless it was withdrawn."""
    if not application.is_sent:
        return None
    return application.submissions.order_by("number").last()


def readable(document: Values, user: Any) -> Values:
    """Return of what was sent what this person reads.

    Reviewers read neither the answers and files that are for the project team alone, nor the
    addresses of people.
    """
    if is_of_team(user):
        return document
    hidden = questions_of_team(document)
    people = {name: value for name, value in document["people"].items() if name not in ADDRESSES}
    return {
        **document,
        "people": people,
        "questions": [row for row in document["questions"] if row["reader"] != QuestionReader.TEAM],
        "files": [row for row in document["files"] if row["question"] not in hidden],
    }


def questions_of_team(document: Values) -> set[int]:
    """Return the questions (primary keys) that ask for a file for the project team alone."""
    asked = [row["question"] for row in document["files"] if row["question"]]
    rows = Question.objects.filter(pk__in=asked, reader=QuestionReader.TEAM)
    return set(rows.values_list("pk", flat=True)) if asked else set()


def detail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show what was sent last, word for word; of a draft only how far it is.

    A draft belongs to its city: it may hold what the council has not decided and nobody has
    checked, and its writers must be able to rely on it that nobody reads along before they send.
    The same holds for what is being revised after it was sent, and for what was withdrawn.
    """
    application = application_for(request, key)
    is_team = is_of_team(request.user)
    submission = counting(application)
    document = readable(submission.document, request.user) if submission else None
    editors = application.editors.select_related("user")
    officers = officers_of(application.municipality_id).select_related("user")
    context = {
        **admin.site.each_context(request),
        "title": application.place_name,
        "application": application,
        "call": application.call,
        "size": size_of(application.place_population),
        "is_team": is_team,
        "submission": submission,
        "sections": sections_of(document) if document else (),
        "files": document["files"] if document else [],
        "missing": missing_of(application) if application.is_editable else [],
        "versions": application.submissions.select_related("sent_by").order_by("-number"),
        "editors": [
            *((name_of(row.user, is_team), row.user.email, row.since) for row in officers),
            *((name_of(row.user, is_team), row.email, row.joined_at) for row in editors),
        ],
        # It names people and holds notes among the team.
        "history": list(history_of(application, request.user)) if is_team else [],
        "team": team_part(request.user, application),
        "may_reopen": request.user.has_perm(Permission.PREPARE_SELECTION),
    }
    return render(request, "admin/calls/application_detail.html", context)


def missing_of(application: Application) -> list[tuple[Step, list[Any]]]:
    """Return the gaps of an application by the steps of its form; complete steps are left out."""
    gaps = check(application).gaps
    found = [(step, [gap.words for gap in gaps if gap.step == step]) for step in Step]
    return [(step, words) for step, words in found if words]


def name_of(person: Any, is_team: bool) -> str:
    """Return the name of a person; the address that stands in for one is for the team alone."""
    if person is None:
        return ""
    return str(person) if is_team else person.name


def history_of(application: Application, user: Any) -> Iterator[Happening]:
    """Yield what has happened to an application, its reviews and what stands against them.

    The newest comes first; what the person may not know of reviews by others is left out.
    """
    people = people_concerned(application)
    for row in happened_to(application, user):
        words: dict[str, Any] = STATES.get((row.content_type.model, row.field), WORDS)
        # Who asked to be let in stands in the history by a number.
        old, new = (value.partition(" ")[0] for value in (row.old, row.new))
        yield Happening(
            row.changed_at,
            what_changed(row, people),
            str(words.get(old, old)),
            capfirst(str(words.get(new, new))),
            str(row.changed_by or _("somebody whose account is gone")),
            row.note,
        )


def what_changed(row: StatusChange, people: dict[tuple[str, int], Any]) -> str:
    """Return the name of what changed, of a review or a statement with whose it is."""
    model = row.content_type.model
    what = str(FIELDS.get((model, row.field), FIELDS.get(row.field, row.field)))
    whose = people.get((model, row.object_id))
    return f"{what} ({whose})" if whose else what


def people_concerned(application: Application) -> dict[tuple[str, int], Any]:
    """Return whose each review and each statement about conflicts is, by model and primary key."""
    reviews = Review.objects.filter(assignment__application=application)
    stated = application.conflicts.select_related("person")
    return {
        ("review", row.pk): row.assignment.reviewer
        for row in reviews.select_related("assignment__reviewer")
    } | {("conflictdeclaration", row.pk): row.person for row in stated}


def happened_to(application: Application, user: Any) -> Any:
    """Return the rows of the history about an application, its reviews and its conflicts."""
    parts: dict[Any, Any] = {
        Application: Application.objects.filter(pk=application.pk),
        Review: Review.objects.filter(assignment__application=application),
        ConflictDeclaration: application.conflicts.all(),
    }
    hidden, about = hidden_subjects(user), Q()
    for model, kind in ContentType.objects.get_for_models(*parts).items():
        shown = parts[model].exclude(pk__in=hidden[model].values("pk"))
        about |= Q(content_type=kind, object_id__in=shown.values("pk"))
    return StatusChange.objects.filter(about).select_related("changed_by", "content_type")


def file(request: HttpRequest, key: uuid.UUID, file: uuid.UUID) -> HttpResponseBase:
    """Hand out a file of the version that counts, to who reads the application."""
    application = application_for(request, key)
    submission = counting(application)
    if submission is None:
        raise Http404
    sent = {row["key"] for row in readable(submission.document, request.user)["files"]}
    if str(file) not in sent:
        raise Http404
    attachment: Any = get_object_or_404(application.attachments, key=file)
    answer: HttpResponseBase = download(attachment.file, name=attachment.name, kind=attachment.kind)
    return answer


def receipt(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponseBase:
    """Hand out the receipt of a version to the team: it holds everything that was sent."""
    application = application_for(request, key)
    if not is_of_team(request.user) or not application.is_sent:
        raise Http404
    submission = get_object_or_404(application.submissions, number=number)
    if not submission.receipt:
        raise Http404
    name = f"{application.reference}-{number}.pdf"
    answer: HttpResponseBase = download(submission.receipt, name=name, kind=FileKind.PDF)
    return answer
