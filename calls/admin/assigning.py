"""Who reads what: the applications to a call with their reviewers, what is missing, by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.application_list import LONGEST_QUESTION, found_by
from calls.admin.procedure_frame import Entry, entries_of, frame, procedure_for
from calls.assigning import Gap, GapKind
from calls.enums import CallState, WorkingLanguage
from calls.models import Application, Procedure, ReviewAssignment
from calls.queries import (
    Assigned,
    AssignedCase,
    Load,
    Reviewer,
    assignment_for,
    closed_applications,
    loads,
)
from core.pages import Filters, list_page

PER_PAGE = 50
#: Before the name of the field that holds the reviewer chosen for an application.
FIELD = "reader-"


@dataclass(frozen=True, slots=True)
class Row:
    """One application as the page shows it; ``options``: who could be added, best first."""

    entry: Entry
    case: AssignedCase
    language: str
    gaps: list[str]
    options: list[tuple[int, str]]


def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List the applications with those who read them; what lacks somebody comes first."""
    procedure = procedure_for(request, slug)
    call = procedure.call
    assigned = assignment_for(call, request.user)
    people, whole = loads(assigned)
    filters = Filters(request)
    page = list_page(
        request,
        chosen_cases(request, procedure, assigned, filters),
        per_page=PER_PAGE,
        filters=filters,
        personal=True,
    )
    is_running = call.state == CallState.IN_REVIEW
    context = frame(
        request,
        procedure,
        "assignment",
        _("Assignment of reviewers"),
        filters=filters,
        list=page,
        question=request.GET.get("q", ""),
        rows=rows_of(page.rows, assigned, people, is_running=is_running),
        query=request.GET.urlencode(),
        gaps=gap_counts(assigned),
        total=len(assigned.cases),
        people=people,
        organisations=whole,
        languages={row.key: names_of(row.languages) for row in people},
        is_blind=any(case.is_blind for case in assigned.cases.values()),
        is_running=is_running,
        closed=closed_applications(call, request.user),
    )
    return render(request, "admin/calls/procedure_assignment.html", context)


def chosen_cases(
    request: HttpRequest, procedure: Procedure, assigned: Assigned, filters: Filters
) -> list[int]:
    """Return the applications (primary keys) that the address asks for, those with gaps first."""
    gap = filters.choose("gap", _("Missing"), gap_choices(assigned))
    people = [(str(row.key), row.name) for row in assigned.reviewers.values()]
    reader = filters.choose("reviewer", _("Reviewer"), people)
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\x00", " ").strip()
    filters.keep("q", question)
    rows = Application.objects.filter(pk__in=assigned.cases).order_by("place_name", "pk")
    found = list((found_by(rows, question) if question else rows).values_list("pk", flat=True))
    cases = [assigned.cases[pk] for pk in found]
    if gap:
        cases = [case for case in cases if gap in {gap_key(one) for one in case.gaps}]
    if reader:
        cases = [case for case in cases if int(reader) in case.reads]
    return [case.pk for case in sorted(cases, key=lambda case: not case.gaps)]


def gap_key(gap: Gap) -> str:
    """Return what names a kind of gap in the address: with the organisation, if one is missing."""
    return f"{gap.kind}-{gap.organisation}" if gap.organisation else str(gap.kind)


def gap_choices(assigned: Assigned) -> list[tuple[str, str]]:
    """Return the kinds of gaps as they are named in the address and in words."""
    missing = [
        (f"{GapKind.ORGANISATION_MISSING}-{pk}", _("nobody of %(name)s") % {"name": name})
        for pk, name in assigned.required.items()
    ]
    return [
        (str(GapKind.TOO_FEW), _("too few reviewers")),
        *missing,
        (str(GapKind.LANGUAGE_MISSING), _("nobody who reads the language")),
    ]


def gap_counts(assigned: Assigned) -> list[tuple[str, str, int]]:
    """Return key, words and number of applications of every kind of gap that there is."""
    counts = Counter(gap_key(gap) for case in assigned.cases.values() for gap in case.gaps)
    return [(key, words, counts[key]) for key, words in gap_choices(assigned) if counts[key]]


def gap_words(gap: Gap, assigned: Assigned) -> str:
    """Return a gap of one application as a sentence."""
    if gap.kind == GapKind.TOO_FEW:
        words = ngettext(
            "%(number)s reviewer is missing", "%(number)s reviewers are missing", gap.missing
        )
        return words % {"number": gap.missing}
    if gap.kind == GapKind.ORGANISATION_MISSING:
        return _("Nobody of %(name)s reads it") % {"name": assigned.required[gap.organisation]}
    language = language_name(assigned.cases[gap.case].language)
    return _("Nobody reads the language: %(language)s") % {"language": language}


def gaps_in_words(gaps: Iterable[Gap], assigned: Assigned, *, is_read: bool) -> list[str]:
    """Return the gaps of one application; where nobody reads it, that says all."""
    return [gap_words(gap, assigned) for gap in gaps] if is_read else [_("Nobody reads it yet")]


def language_name(code: str) -> str:
    """Return the name of a language; a code that no list knows stays as it is."""
    return str(WorkingLanguage(code).label) if code in WorkingLanguage.values else code


def names_of(codes: Iterable[str]) -> str:
    """Return the names of languages in one line."""
    return ", ".join(language_name(code) for code in codes)


def rows_of(
    pks: Iterable[int], assigned: Assigned, people: list[Load], *, is_running: bool
) -> list[Row]:
    """Return applications (primary keys) as rows of the list."""
    pks = list(pks)
    entries = entries_of(pks)
    reads = {row.key: row.reads for row in people}
    return [
        Row(
            entries[pk],
            case := assigned.cases[pk],
            language_name(case.language),
            gaps_in_words(case.gaps, assigned, is_read=any(one.counts for one in case.readings)),
            options_for(case, assigned, reads) if is_running else [],
        )
        for pk in pks
    ]


def options_for(
    case: AssignedCase, assigned: Assigned, reads: dict[int, int]
) -> list[tuple[int, str]]:
    """Return who could be added: those who close a gap and read little come first."""
    missing = {gap.organisation for gap in case.gaps}

    def order(row: Reviewer) -> tuple[bool, bool, int]:
        return row.organisation not in missing, not knows(row), reads[row.key]

    def knows(row: Reviewer) -> bool:
        return not case.language or case.language in row.languages

    def words(row: Reviewer) -> str:
        text = _("%(name)s, %(organisation)s, reads %(number)s") % {
            "name": row.name,
            "organisation": row.organisation_name,
            "number": reads[row.key],
        }
        lacks = _("does not read the language")
        return text if knows(row) else f"{text} ({lacks})"

    found = sorted(assigned.eligible_for(case.pk), key=order)
    return [(row.key, words(row)) for row in found]


def back_to(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead back to the list as it was filtered."""
    address = reverse("admin:calls_procedure_assignment", args=[slug])
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Assign the reviewers that were chosen by hand."""
    procedure = procedure_for(request, slug)
    pairs = [
        (int(name.removeprefix(FIELD)), int(value))
        for name, value in request.POST.dict().items()
        if isinstance(value, str)
        and name.startswith(FIELD)
        and is_key(name.removeprefix(FIELD))
        and is_key(value)
    ]
    if not pairs:
        messages.error(request, _("Choose a reviewer for at least one application first."))
        return back_to(request, slug)
    outcome = actions.assign_reviewers(call=procedure.call, pairs=pairs, by=request.user)
    tell(request, outcome)
    return back_to(request, slug)


def is_key(text: str) -> bool:
    """Tell whether a text is a primary key that every database takes."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def tell(request: HttpRequest, outcome: actions.Assignments) -> None:
    """Say what became of pairs."""
    if number := len(outcome.assigned):
        words = ngettext("%(number)s review assigned.", "%(number)s reviews assigned.", number)
        people = len({row.reviewer_id for row in outcome.assigned})
        mails = ngettext(
            "%(number)s mail is on its way.", "%(number)s mails are on their way.", people
        )
        messages.success(request, f"{words % {'number': number}} {mails % {'number': people}}")
    if number := len(outcome.known):
        words = ngettext(
            "%(number)s was assigned already.", "%(number)s were assigned already.", number
        )
        messages.info(request, words % {"number": number})
    for place, name, hindrance in outcome.refused:
        words = _("Not assigned: %(name)s. %(reason)s")
        subject = f"{place}, {name}" if place else name
        messages.warning(request, words % {"name": subject, "reason": hindrance.label})


def unassign(request: HttpRequest, slug: str) -> HttpResponse:
    """Take an application from a reviewer who has not begun."""
    procedure = procedure_for(request, slug)
    pk = request.POST.get("assignment", "")
    visible = Application.objects.visible_to(request.user).filter(call=procedure.call)
    rows = ReviewAssignment.objects.filter(application__in=visible.values("pk"))
    assignment = rows.select_related("application").filter(pk=pk if is_key(pk) else 0).first()
    if assignment is None:
        messages.info(request, _("This person does not read the application any more."))
        return back_to(request, slug)
    require(request.user, Permission.PREPARE_SELECTION, assignment.application)
    try:
        actions.unassign_reviewer(assignment=assignment, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The assignment was withdrawn."))
    return back_to(request, slug)


def remind(request: HttpRequest, slug: str) -> HttpResponse:
    """Remind those whose reviews are open, each once within 24 hours."""
    procedure = procedure_for(request, slug)
    try:
        outcome = actions.remind_reviewers(call=procedure.call, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back_to(request, slug)
    if outcome.reminded:
        names = ", ".join(str(person) for person in outcome.reminded)
        messages.success(request, _("Reminded: %(names)s.") % {"names": names})
    if outcome.left_out:
        names = ", ".join(str(person) for person in outcome.left_out)
        words = _("Not reminded: %(names)s. %(reason)s")
        reason = _("Was reminded within the last 24 hours.")
        messages.warning(request, words % {"names": names, "reason": reason})
    if not outcome.reminded and not outcome.left_out:
        messages.info(request, _("No review is open."))
    return back_to(request, slug)
