"""The proposal of who reads what: computed from what is stored now, looked at, applied in part."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from calls import actions
from calls.admin.assigning import gap_choices, gap_key, gap_words, is_key, language_name, tell
from calls.admin.procedure_frame import Entry, entries_of, frame, procedure_for
from calls.assigning import Proposal, propose
from calls.enums import CallState
from calls.queries import (
    Assigned,
    AssignedCase,
    Reviewer,
    assignment_for,
    closed_applications,
    loads,
)

#: Additions on one page: a form holds less than a thousand fields.
MOST_AT_ONCE = 900


@dataclass(frozen=True, slots=True)
class Addition:
    """Somebody new for one application."""

    value: str
    reviewer: Reviewer
    knows_language: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One application with those who read it now, who is proposed, and what is missing then."""

    entry: Entry
    case: AssignedCase
    language: str
    additions: list[Addition]
    gaps: list[str]


def proposal(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who should read what in addition; assign those who were left ticked."""
    procedure = procedure_for(request, slug)
    call = procedure.call
    if request.method == "POST":
        pairs = pairs_in(request.POST.getlist("pair"))
        if not pairs:
            messages.error(request, _("Nothing was ticked, so nothing was assigned."))
            return redirect("admin:calls_procedure_proposal", slug)
        tell(request, actions.apply_proposal(call=call, pairs=pairs, by=request.user))
        return redirect("admin:calls_procedure_assignment", slug)
    assigned = assignment_for(call, request.user)
    found = propose(
        [case.case() for case in assigned.cases.values()],
        assigned.readers(),
        per_case=assigned.per_case,
        organisations=frozenset(assigned.required),
    )
    rows, later = rows_of(assigned, found)
    context = frame(
        request,
        procedure,
        "assignment",
        _("Proposal for the assignment"),
        rows=rows,
        shown=sum(len(row.additions) for row in rows),
        later=later,
        gaps=gap_counts(assigned, found),
        loads=[(row, found.loads[row.key]) for row in loads(assigned)[0]],
        is_running=call.state == CallState.IN_REVIEW,
        closed=closed_applications(call, request.user),
    )
    return render(request, "admin/calls/procedure_proposal.html", context)


def pairs_in(values: list[str]) -> list[tuple[int, int]]:
    """Return the pairs of application and reviewer that a form sent; anything else is left out."""
    found = []
    for value in values:
        application, _dash, reviewer = value.partition("-")
        if is_key(application) and is_key(reviewer):
            found.append((int(application), int(reviewer)))
    return found


def rows_of(assigned: Assigned, found: Proposal) -> tuple[list[Row], int]:
    """Return applications with additions or gaps, by name, and how many additions come later."""
    new: dict[int, list[int]] = {}
    for pk, reviewer in found.added:
        new.setdefault(pk, []).append(reviewer)
    gaps: dict[int, list[str]] = {}
    for gap in found.gaps:
        gaps.setdefault(gap.case, []).append(gap_words(gap, assigned))
    rows: list[Row] = []
    shown = 0
    for pk, entry in entries_of({*new, *gaps}).items():
        people = new.get(pk, [])
        if shown + len(people) > MOST_AT_ONCE:
            break
        shown += len(people)
        case = assigned.cases[pk]
        additions = [addition(case, assigned.reviewers[key]) for key in people]
        language = language_name(case.language)
        rows.append(Row(entry, case, language, additions, gaps.get(pk, [])))
    return rows, len(found.added) - shown


def addition(case: AssignedCase, reviewer: Reviewer) -> Addition:
    """Return somebody new for an application."""
    knows = not case.language or case.language in reviewer.languages
    return Addition(f"{case.pk}-{reviewer.key}", reviewer, knows)


def gap_counts(assigned: Assigned, found: Proposal) -> list[tuple[str, int]]:
    """Return in words every kind of gap that would stay, with the number of applications."""
    counts = Counter(gap_key(gap) for gap in found.gaps)
    return [(words, counts[key]) for key, words in gap_choices(assigned) if counts[key]]
