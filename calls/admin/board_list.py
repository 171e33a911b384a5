"""Calls with a selection; the trial lists of one call, side by side with their effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.selection_frame import call_for, frame
from calls.effect import UNNAMED, Candidate, Entry, PoolCount, counts_of
from calls.enums import ListOutcome
from calls.forms.selection import ListForm
from calls.models import Call, Procedure, SelectionList, SelectionSession
from calls.queries.candidates import entries_of
from calls.queries.trial import ListEffect, ViewedSelection, effects_of, selection_for
from core.forms import add_errors
from core.pages import list_page

PER_PAGE = 50
#: So many lists fit beside each other.
MOST_BESIDE = 4
#: Differing applications that are shown; more than that is no comparison.
MOST_DIFFERENCES = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One list of the call with how it uses the places, and whether it is compared now."""

    trial: SelectionList
    pools: tuple[PoolCount, ...]
    is_beside: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """An application on which the compared lists differ, in their order."""

    one: Candidate
    entries: list[tuple[str, Entry]]


def index(request: HttpRequest) -> HttpResponse:
    """List the calls whose applications are, or were, in review, with lists and session."""
    require(request.user, Permission.PREPARE_SELECTION)
    newest = SelectionSession.objects.filter(call=OuterRef("call")).order_by("-number")
    rows = (
        Procedure.objects.select_related("call")
        .annotate(
            lists=Count("call__selection_lists", distinct=True),
            session=Subquery(newest.values("state")[:1]),
        )
        .order_by("-pk")
    )
    context = {
        **admin.site.each_context(request),
        "title": _("Selection"),
        "list": list_page(request, rows, per_page=PER_PAGE, personal=True),
        "states": dict(SelectionSession._meta.get_field("state").flatchoices),
    }
    return render(request, "admin/calls/board_index.html", context)


def lists(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the lists of a call, some side by side, and where they differ."""
    call = call_for(request, slug)
    rows = lists_of(call)
    return overview(request, call, rows, ListForm(lists=names_in(rows)))


def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a list: empty, filled by the standing, or as a copy."""
    call = call_for(request, slug)
    rows = lists_of(call)
    form = ListForm(request.POST, lists=names_in(rows))
    if form.is_valid():
        try:
            made = make(call, form.cleaned_data, request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The list is there."))
            return redirect("admin:calls_selectionlist_board", slug, made.pk)
    return overview(request, call, rows, form, status=422)


def make(call: Call, values: Mapping[str, Any], by: Any) -> SelectionList:
    """Make the list that the form asks for."""
    wanted = {"call": call, "name": values["name"], "idea": values["idea"], "by": by}
    if values["start"] == "rank":
        return actions.propose_list(**wanted)
    copied = values["start"] == "copy"
    source = (
        SelectionList.objects.filter(call=call, pk=values["source"]).first() if copied else None
    )
    return actions.create_list(**wanted, source=source)


def lists_of(call: Call) -> list[SelectionList]:
    """Return the lists of a call, the newest first."""
    rows = SelectionList.objects.filter(call=call).select_related("made_by")
    return list(rows.order_by("-pk"))


def names_in(rows: Iterable[SelectionList]) -> list[tuple[int, str]]:
    """Return key and name of lists, to choose one."""
    return [(row.pk, row.name) for row in rows]


def overview(
    request: HttpRequest, call: Call, rows: Any, form: ListForm, *, status: int = 200
) -> HttpResponse:
    """Answer with the lists of a call."""
    page = list_page(request, rows, per_page=PER_PAGE, personal=True)
    beside = beside_of(request, page.rows)
    selection = selection_for(call, request.user)
    entries = entries_of([trial.pk for trial in page.rows], selection.candidates)
    compared = {trial.pk: entries[trial.pk] for trial in beside}
    effects = effects_of(selection, compared)
    differences = differences_of(selection, beside, compared)
    context = frame(
        request,
        call,
        "lists",
        _("Trial lists"),
        form=form,
        list=page,
        lines=[
            Line(
                trial,
                counts_of(selection.candidates.values(), entries[trial.pk], selection.places),
                trial.pk in compared,
            )
            for trial in page.rows
        ],
        beside=[(trial, effects[trial.pk]) for trial in beside],
        figures=figures_of([effects[trial.pk] for trial in beside]),
        differences=differences[:MOST_DIFFERENCES],
        more=max(0, len(differences) - MOST_DIFFERENCES),
        most=MOST_BESIDE,
        closed=selection.closed,
    )
    return render(request, "admin/calls/board_lists.html", context, status=status)


def beside_of(request: HttpRequest, rows: Any) -> list[SelectionList]:
    """Return the lists that the address asks for, in the order of the page; else the newest."""
    asked = set(request.GET.getlist("list"))
    chosen = [trial for trial in rows if str(trial.pk) in asked] or list(rows)
    return chosen[:MOST_BESIDE]


def figures_of(effects: list[ListEffect]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each figure's name with its value and what explains it, for each compared list."""
    figures: list[tuple[str, list[tuple[str, str]]]] = []
    for number in range(2) if effects else ():
        label = str(effects[0].effect.pools[number].pool.label)
        counts = [row.effect.pools[number] for row in effects]
        figures.append((label[:1].upper() + label[1:], [pool_words(count) for count in counts]))
    made = [row.effect for row in effects]
    figures += [
        (_("Countries"), [(str(len(row.countries)), listed(row.countries)) for row in made]),
        (_("Size classes"), [(str(len(row.sizes)), listed(row.sizes)) for row in made]),
        (_("Fields of action given"), [(str(len(row.gives)), "") for row in made]),
        (_("Fields of action sought"), [(str(len(row.seeks)), "") for row in made]),
        (
            _("Sought, but given by nobody"),
            [(str(len(row.unmet)), ", ".join(row.unmet)) for row in made],
        ),
        (_("Newcomers"), [(str(row.newcomers), "") for row in made]),
        (_("Possible pairs"), [pair_words(row) for row in effects]),
    ]
    return figures


def pool_words(count: PoolCount) -> tuple[str, str]:
    """Return how a pool uses its places, and what is left."""
    values = {"chosen": count.chosen, "places": "–" if count.places is None else count.places}
    more = _("reserve list: %(reserve)s, not selected: %(left)s")
    under = more % {"reserve": count.reserve, "left": count.left}
    if count.missing:
        over = _("more than there are places")
        under = f"{over}; {under}"
    return _("%(chosen)s of %(places)s places") % values, under


def pair_words(row: ListEffect) -> tuple[str, str]:
    """Return how many pairs go together, and how well."""
    values = {"number": row.pairs.number, "wanted": row.pairs.wanted}
    fit = _("sum of their fits: %(fit)s") % {"fit": floatformat(row.pairs.fit, 2)}
    return _("%(number)s of %(wanted)s") % values, fit


def listed(rows: tuple[tuple[str, int], ...]) -> str:
    """Return names with their numbers."""
    return ", ".join(f"{name} ({number})" if number > 1 else name for name, number in rows)


def differences_of(
    selection: ViewedSelection, beside: list[SelectionList], compared: dict[int, dict[int, Entry]]
) -> list[Difference]:
    """Return the applications on which the compared lists differ."""
    labels = dict(ListOutcome.choices)
    found = []
    for pk, one in selection.candidates.items():
        row = [compared[trial.pk].get(pk, UNNAMED) for trial in beside]
        if len({(entry.outcome, entry.rank) for entry in row}) > 1:
            found.append(Difference(one, [(str(labels[entry.outcome]), entry) for entry in row]))
    return found
