"""The selection board: one trial list, its applications by standing, and its effect on the set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from calls import actions
from calls.admin.board_rows import pools_of
from calls.admin.selection_frame import frame, list_for
from calls.effect import Candidate
from calls.enums import Pool
from calls.forms.selection import TypedEntries, read_entries
from calls.models import SelectionList
from calls.queries.candidates import entries_of
from calls.queries.trial import effects_of, selection_for
from core.pages import Filters, list_page

PER_PAGE = 50


def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a trial list and save what was chosen on this page of it."""
    trial = list_for(request, slug, pk)
    if request.method != "POST":
        return board(request, trial)
    typed = read_entries(request.POST)
    if typed.errors:
        return board(request, trial, typed, status=422)
    try:
        actions.set_entries(
            selection_list=trial,
            entries=typed.entries,
            opened_at=typed.opened_at,
            close_gaps="close_gaps" in request.POST,
            by=request.user,
        )
    except ValidationError as error:
        return board(request, list_for(request, slug, pk), typed, error, status=409)
    messages.success(request, _("The list is saved."))
    return redirect(request.get_full_path())


def board(
    request: HttpRequest,
    trial: SelectionList,
    typed: TypedEntries | None = None,
    refusal: ValidationError | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Answer with the board, and with what was typed in its fields where it was not saved."""
    selection = selection_for(trial.call, request.user, trial.pk)
    entries = entries_of([trial.pk], selection.candidates)[trial.pk]
    filters = Filters(request)
    pool = filters.choose("pool", _("Pool"), Pool.choices)
    rows: Any = in_pools(selection.candidates.values(), pool)
    page = list_page(request, rows, per_page=PER_PAGE, filters=filters, personal=True)
    is_changed = refusal is not None and getattr(refusal, "code", "") == "changed"
    selection = selection.naming_topics([one.pk for one in page.rows])
    context = frame(
        request,
        trial.call,
        "lists",
        trial.name,
        trial=trial,
        is_frozen=trial.frozen_at is not None,
        opened_at=trial.changed_at.isoformat(),
        pool=pool,
        ways=[("", _("both")), *Pool.choices],
        list=page,
        pools=pools_of(
            [selection.candidates[one.pk] for one in page.rows],
            selection.standing.rows,
            entries,
            typed,
            is_frozen=trial.frozen_at is not None,
            is_changed=is_changed,
        ),
        effect=effects_of(selection, {trial.pk: entries})[trial.pk],
        closed=selection.closed,
        refusals=refusal.messages if refusal else [],
        is_changed=is_changed,
        mistakes=[
            (pk, selection.candidates[pk].name, words)
            for pk, words in (typed.errors if typed else {}).items()
            if pk in selection.candidates
        ],
    )
    return render(request, "admin/calls/board_detail.html", context, status=status)


def in_pools(candidates: Iterable[Candidate], pool: str) -> list[Candidate]:
    """Return the candidates of one pool, or of both, one after the other, in their order."""
    found: dict[str, list[Candidate]] = {name: [] for name in Pool}
    for one in candidates:
        found[one.pool].append(one)
    return found[pool] if pool else [one for rows in found.values() for one in rows]
