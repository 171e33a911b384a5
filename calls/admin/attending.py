"""Who was present at a session, and for which case somebody stood aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import RoleAssignment, User
from accounts.permissions import Permission
from calls import actions
from calls.admin.selection_frame import call_for, frame
from calls.admin.session_page import running
from calls.enums import ConflictKind
from calls.forms.selection import read_present
from calls.models import Application, Call, ConflictDeclaration, SelectionSession
from calls.record import attendance_mark

#: Empty rows for people without an account.
SPARE = 3
#: Rights of the roles whose holders are offered.
OFFERED = (Permission.SCORE, Permission.PREPARE_SELECTION)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the page: somebody of the team, or somebody named by hand.

    ``declared`` are names of applications with a conflict of interest, which are always noted;
    ``cases`` are the reference numbers of more.
    """

    name: str
    organisation: str
    person: int | None
    is_present: bool
    declared: list[str]
    cases: str


def attendance(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and write who was present at the running session."""
    call = call_for(request, slug)
    session = running(call)
    if session is None:
        messages.error(request, _("There is no running session."))
        return redirect("admin:calls_selectionlist_session", slug)
    if request.method != "POST":
        return page(request, call, session, rows_of(call, session))
    typed = read_present(request.POST, rows=int_of(request.POST.get("rows", "")))
    known = dict(Application.objects.filter(call=call).values_list("reference", "pk"))
    refusals, participants = [], []
    for row in typed:
        named = [word.strip() for word in row.cases.replace(";", ",").split(",") if word.strip()]
        if unknown := [word for word in named if word not in known]:
            words = _("%(name)s: there is no application with the reference number %(numbers)s.")
            refusals.append(words % {"name": row.name, "numbers": ", ".join(unknown)})
        elif row.is_present:
            aside = frozenset(known[word] for word in named)
            participants.append((row, aside))
    if not refusals:
        refusals = write(request, session, participants)
        if not refusals:
            messages.success(request, _("Who was present is noted."))
            return redirect("admin:calls_selectionlist_session", slug)
    declared = declared_by(call)
    shown = [
        Row(
            row.name,
            row.organisation,
            row.person,
            row.is_present,
            declared.of(row.person, row.organisation),
            row.cases,
        )
        for row in typed
    ]
    return page(request, call, session, shown, refusals, status=422)


def int_of(text: str) -> int:
    """Return a number that a form carries; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def write(request: HttpRequest, session: SelectionSession, rows: Iterable[Any]) -> list[str]:
    """Write who was present; return in words what was refused."""
    rows = list(rows)
    people = User.objects.in_bulk([row.person for row, _aside in rows if row.person])
    try:
        actions.note_attendance(
            session=session,
            participants=[
                actions.Present(row.name, row.organisation, people.get(row.person), aside)
                for row, aside in rows
            ],
            opened_with=request.POST.get("opened_with", ""),
            by=request.user,
        )
    except ValidationError as error:
        return list(error.messages)
    return []


@dataclass(frozen=True, slots=True)
class Declared:
    """Names of applications by the people and organisations that have a conflict of interest."""

    people: dict[int, list[str]]
    organisations: dict[str, list[str]]

    def of(self, person: int | None, organisation: str) -> list[str]:
        """Return those that are closed to a person of an organisation, by name."""
        found = {*self.people.get(person or 0, ()), *self.organisations.get(organisation, ())}
        return sorted(found)


def declared_by(call: Call) -> Declared:
    """Return what was declared about the applications to a call."""
    rows = ConflictDeclaration.objects.closing().filter(application__call=call)
    people: dict[int, list[str]] = {}
    organisations: dict[str, list[str]] = {}
    for person, organisation, kind, name in rows.values_list(
        "person", "organisation__short_name", "kind", "application__place_name"
    ):
        if person:
            people.setdefault(person, []).append(name)
        if kind == ConflictKind.INSTITUTIONAL:
            organisations.setdefault(organisation, []).append(name)
    return Declared(people, organisations)


def rows_of(call: Call, session: SelectionSession) -> list[Row]:
    """Return who is noted, then who could be: holders of a role of the team today."""
    declared = declared_by(call)
    rows, seen = [], set()
    for row in session.participants.prefetch_related("cases_aside__application"):
        seen.add(row.person_id)
        named = declared.of(row.person_id, row.organisation)
        by_hand = [
            case.application.reference
            for case in row.cases_aside.all()
            if case.application.place_name not in named
        ]
        rows.append(Row(row.name, row.organisation, row.person_id, True, named, ", ".join(by_hand)))
    team = RoleAssignment.objects.held_on(timezone.localdate())
    wanted = team.giving(OFFERED[0]) | team.giving(OFFERED[1])
    for held in wanted.select_related("user", "organisation").order_by("user__name", "pk"):
        if held.user_id in seen or not held.user.is_active:
            continue
        seen.add(held.user_id)
        organisation = held.organisation.short_name if held.organisation else ""
        named = declared.of(held.user_id, organisation)
        rows.append(Row(str(held.user), organisation, held.user_id, False, named, ""))
    return rows


def page(
    request: HttpRequest,
    call: Call,
    session: SelectionSession,
    rows: list[Row],
    refusals: list[str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Answer with the page of attendance."""
    spare = [Row("", "", None, True, [], "") for _number in range(SPARE)]
    context = frame(
        request,
        call,
        "session",
        _("Who was present"),
        session=session,
        rows=[*rows, *spare],
        refusals=refusals or [],
        opened_with=attendance_mark(session),
    )
    return render(request, "admin/calls/session_attendance.html", context, status=status)
