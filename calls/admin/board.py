"""The selection board: one trial list, its applications by standing, and its effect on the set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from calls import actions
from calls.admin.selection_frame import frame, list_for
from calls.effect import UNNAMED, Candidate, Entry
from calls.enums import ListOutcome, Pool
from calls.forms.selection import TypedEntries, read_entries
from calls.models import SelectionList
from calls.queries.candidates import entries_of
from calls.queries.trial import ViewedSelection, effects_of, selection_for
from calls.standing import Place
from core.pages import Filters, list_page

PER_PAGE = 50
CHECKED = SafeString(" checked")


@dataclass(frozen=True, slots=True)
class Row:
    """One application on the board.

    ``entry`` is what its fields show, with ``rank`` as it was typed; ``stored`` what somebody else
    saved meanwhile, where that differs; ``error`` what is wrong with what was typed.
    """

    one: Candidate
    place: Place | None
    entry: Entry
    rank: str
    stored: Entry | None = None
    error: str = ""

    @property
    def radios(self) -> SafeString:
        """Return the choice; written here, because every row of every board carries it."""
        return format_html_join(
            "",
            '<label><input type="radio" name="outcome-{}" value="{}"{}> {}</label>',
            (
                (self.one.pk, value, CHECKED if value == self.entry.outcome else "", label)
                for value, label in ListOutcome.choices
            ),
        )

    @property
    def outcome(self) -> str:
        """Return what is chosen, in words."""
        return label_of(self.entry.outcome)

    @property
    def stored_outcome(self) -> str:
        """Return what is stored meanwhile, in words."""
        return label_of(self.stored.outcome) if self.stored else ""


def label_of(outcome: str) -> str:
    """Return an outcome in words; of anything else, itself."""
    return str(dict(ListOutcome.choices).get(outcome, outcome))


@dataclass(frozen=True, slots=True)
class PoolRows:
    """The rows of one pool on this page."""

    pool: Pool
    rows: list[Row]


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
    lists = {trial.pk: entries}
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
        pools=pools_of(selection, [one.pk for one in page.rows], entries, typed),
        effect=effects_of(selection, lists)[trial.pk],
        closed=selection.closed,
        refusals=refusal.messages if refusal else [],
        is_changed=refusal is not None and getattr(refusal, "code", "") == "changed",
        mistakes=[
            (pk, selection.candidates[pk].name, words)
            for pk, words in (typed.errors if typed else {}).items()
            if pk in selection.candidates
        ],
    )
    return render(request, "admin/calls/board_detail.html", context, status=status)


def in_pools(candidates: Iterable[Candidate], pool: str) -> list[Candidate]:
    """Return the candidates of one pool, or of both, one after the other, in their order."""
    rows = list(candidates)
    wanted = [pool] if pool else list(Pool)
    return [one for name in wanted for one in rows if one.pool == name]


def pools_of(
    selection: ViewedSelection,
    shown: list[int],
    entries: dict[int, Entry],
    typed: TypedEntries | None,
) -> list[PoolRows]:
    """Return the rows of a page by pool, with what was typed in their fields."""
    given = typed or TypedEntries()
    rows = []
    for pk in shown:
        stored = entries.get(pk, UNNAMED)
        entry = given.entries.get(pk, stored)
        is_other = entry._replace(reason=entry.reason.strip()) != stored
        rows.append(
            Row(
                selection.candidates[pk],
                selection.standing.rows.get(pk),
                entry,
                given.ranks.get(pk, str(entry.rank or "")),
                stored if is_other else None,
                given.errors.get(pk, ""),
            )
        )
    found = [PoolRows(pool, [row for row in rows if row.one.pool == pool]) for pool in Pool]
    return [part for part in found if part.rows]
