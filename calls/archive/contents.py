"""What an archive of a procedure holds, for whoever takes it.

It holds all that counts: what was sent, never what stands in a form; filed reviews, never drafts.
What a conflict of interest closes to the reader is left out and named; the same holds for
applications that the reader still has to review, so that nobody reads others' reviews before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from calls.archive.packing import Package
from calls.archive.rows import (
    Histories,
    columns,
    folder_of,
    histories_of,
    history_of,
    rows_of,
)
from calls.archive.sessions import add_selection
from calls.enums import ReviewState
from calls.models import Application, Call, Review, ReviewAssignment, closed_to
from calls.workbook import procedure_workbook

#: Raised when what an archive holds changes, so that old ones stay readable.
FORMAT = 1
#: How many applications are read at once.
AT_ONCE = 25
LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An application that an archive leaves out, by name alone.

    ``why`` is ``conflict`` or ``own review``.
    """

    application: int
    reference: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who takes an archive, and what is left out of it for this person."""

    person: Any
    left_out: tuple[LeftOut, ...]

    @property
    def closed(self) -> frozenset[int]:
        """Return the applications (primary keys) that are left out."""
        return frozenset(row.application for row in self.left_out)


def reader_of(call: Call, person: Any) -> Reader:
    """Return what an archive of this call leaves out for a person."""
    mine = ReviewAssignment.objects.filter(application=OuterRef("pk"), reviewer=person)
    rows = Application.objects.sent().filter(call=call).order_by("pk")
    found = rows.annotate(has_conflict=closed_to(person), is_unread=Exists(mine.unfiled()))
    named = found.values_list("pk", "reference", "place_name", "has_conflict", "is_unread")
    return Reader(
        person,
        tuple(
            LeftOut(pk, reference, name, "conflict" if has_conflict else "own review")
            for pk, reference, name, has_conflict, is_unread in named
            if has_conflict or is_unread
        ),
    )


def write_archive(call: Call, reader: Reader, target: IO[bytes], made_at: dt.datetime) -> int:
    """Write the archive into ``target``; return how many files it holds, without the manifest.

    Whether the person may take it must have been asked before. The order of the files depends on
    nothing but their primary keys.
    """
    package = Package(target, made_at)
    package.add_json("call/call.json", _call(call))
    if hasattr(call, "procedure"):
        package.add_json("call/procedure.json", _procedure(call))
    for application in _applications(call, reader):
        _add_application(package, application, reader.closed)
    # An overview of the whole is no overview of a part: ranks and numbers would tell of the rest.
    if hasattr(call, "procedure") and not reader.left_out:
        package.add_stream("selection/procedure.xlsx", procedure_workbook(call, reader.person))
    add_selection(package, call, reader.closed)
    files = len(package.files)
    package.close(
        {
            "format": FORMAT,
            "portal": settings.PUBLIC_URL,
            "call": call.slug,
            "made_at": made_at,
            "made_by": str(reader.person),
            "left_out": [
                {"reference": row.reference, "name": row.name, "why": row.why}
                for row in reader.left_out
            ],
        }
    )
    return files


def _call(call: Call) -> dict[str, Any]:
    """Return the call with its terms, in both languages."""
    return {
        **columns(call),
        "topics": list(call.topics.order_by("key").values_list("key", flat=True)),
        "criteria": rows_of(call.criteria.all(), "call"),
        "questions": rows_of(call.questions.all(), "call"),
        "consents": rows_of(call.consents.all(), "call"),
        "answers": rows_of(call.answers.all(), "call"),
        "milestones": rows_of(call.milestones.all(), "call"),
        "history": history_of(call),
    }


def _procedure(call: Call) -> dict[str, Any]:
    procedure = call.procedure
    return {
        **columns(procedure, "call"),
        "organisations": [str(row) for row in procedure.organisations.order_by("pk")],
        "history": history_of(procedure),
    }


def _applications(call: Call, reader: Reader) -> Iterator[Application]:
    """Yield what the archive holds, some at a time."""
    filed = Review.objects.filter(state=ReviewState.FILED).prefetch_related("scores__criterion")
    rows: QuerySet[Application] = (
        Application.objects.sent()
        .filter(call=call)
        .exclude(pk__in=reader.closed)
        .select_related("municipality", "eligibility__checked_by")
        .prefetch_related(
            "submissions__sent_by",
            "attachments",
            "conflicts__person",
            "conflicts__organisation",
            "assignments__reviewer",
            "assignments__organisation",
            "assignments__assigned_by",
            Prefetch("assignments__review", queryset=filed),
            "notes__author",
            "decisions__session",
            "letters__session",
            "letters__edited_by",
            "letters__released_by",
            "offers__answered_by",
            "offers__letter",
        )
        .order_by("pk")
    )
    yield from rows.iterator(chunk_size=AT_ONCE)


def _add_application(package: Package, application: Application, closed: Collection[int]) -> None:
    """Add all that counts of one application."""
    folder = f"applications/{folder_of(application)}"
    reviews = [row.review for row in application.assignments.all() if hasattr(row, "review")]
    histories = histories_of(
        *(application, getattr(application, "eligibility", None), *application.conflicts.all()),
        *(*application.assignments.all(), *reviews),
        *(*application.letters.all(), *application.offers.all()),
    )
    package.add_json(f"{folder}/application.json", _application(application, histories))
    for submission in application.submissions.all():
        package.add_json(
            f"{folder}/version-{submission.number}.json",
            columns(submission, "application", "receipt_at"),
        )
        if submission.receipt:
            package.add_stored(f"{folder}/version-{submission.number}.pdf", submission.receipt)
    _add_files(package, folder, application)
    for name, rows in _parts(application, histories, closed):
        if rows:
            package.add_json(f"{folder}/{name}.json", rows)


def _application(application: Application, histories: Histories) -> dict[str, Any]:
    """Return what identifies an application; its texts stand in the versions that were sent."""
    return {
        "reference": application.reference,
        "name": application.place_name,
        "country": application.place_country,
        "register": application.municipality.slug if application.municipality else "",
        "state": application.state,
        "begun_at": application.begun_at,
        "submitted_at": application.submitted_at,
        "history": histories[Application, application.pk],
    }


def _add_files(package: Package, folder: str, application: Application) -> None:
    """Add the files that were sent; what people called them stands in the list beside them."""
    sent: dict[str, list[int]] = {}
    for submission in application.submissions.all():
        for row in submission.document.get("files", []):
            sent.setdefault(row["key"], []).append(submission.number)
    listed = []
    held = [row for row in application.attachments.all() if str(row.key) in sent]
    for number, attachment in enumerate(held, start=1):
        path = f"{folder}/files/{number}.{attachment.kind}"
        package.add_stored(path, attachment.file)
        listed.append(
            {
                "path": path,
                "name": attachment.name,
                "size": attachment.size,
                "sha256": attachment.sha256,
                "question": attachment.question_id,
                "versions": sent[str(attachment.key)],
            }
        )
    if listed:
        package.add_json(f"{folder}/files.json", listed)


def _parts(
    application: Application, histories: Histories, closed: Collection[int]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the lists of what was done with an application.

    Where the archive leaves others out, ranks are, too: gaps would tell them.
    """
    check = getattr(application, "eligibility", None)
    hidden = ("rank",) if closed else ()
    yield "eligibility", rows_of([check] if check else [], "application", histories=histories)
    yield "conflicts", rows_of(application.conflicts.all(), "application", histories=histories)
    yield "reviews", [_reading(row, histories) for row in application.assignments.all()]
    yield "notes", rows_of(application.notes.all(), "application")
    yield "decisions", rows_of(application.decisions.all(), "application", *hidden)
    yield "letters", rows_of(application.letters.all(), "application", histories=histories)
    yield "offers", rows_of(application.offers.all(), "application", histories=histories)


def _reading(assignment: ReviewAssignment, histories: Histories) -> dict[str, Any]:
    """Return who read an application and, once it was filed, the review."""
    review: Review | None = getattr(assignment, "review", None)
    found = {
        **columns(assignment, "application"),
        "history": histories[ReviewAssignment, assignment.pk],
        "review": None,
    }
    if review is None:
        return found
    versions = {row.pk: row.number for row in assignment.application.submissions.all()}
    found["review"] = {
        **columns(review, "assignment", "submission"),
        "version": versions.get(review.submission_id or 0),
        "scores": [
            {
                "criterion": {code: getattr(row.criterion, f"name_{code}") for code in LANGUAGES},
                "points": row.step,
                "justification": row.justification,
            }
            for row in review.scores.all()
        ],
        "history": histories[Review, review.pk],
    }
    return found
