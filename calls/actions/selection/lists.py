"""Trial lists: made, copied, filled and changed until they are recommended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts.permissions import Permission, require
from calls.effect import UNNAMED, Entry, filled_by_rank, names_of, places_of
from calls.enums import CallState, ListOutcome
from calls.models import Application, Call, ListEntry, Review, SelectionList, closed_to
from calls.queries.candidates import candidates_of, standing_by
from core.actions import note_change
from core.models import save_new
from core.text import clean_text
from municipalities.enums import Country

#: Longest reason that an entry keeps, in characters.
LONGEST_REASON = 2_000


@transaction.atomic
def create_list(
    *,
    call: Call,
    name: str,
    idea: str = "",
    source: SelectionList | None = None,
    by: Any,
) -> SelectionList:
    """Make a trial list, empty or as a copy of ``source``, which may be frozen.

    A copy takes over what the source makes of every application, also of those that are closed to
    ``by``. Raises :class:`ValidationError` without a name, for a name that the call has already,
    and for a call that is not in review or decided.
    """
    require(by, Permission.PREPARE_SELECTION)
    if call.state not in {CallState.IN_REVIEW, CallState.DECIDED}:
        raise ValidationError(_("Lists are made while a call is in review, or to correct it."))
    if source is not None and source.call_id != call.pk:
        raise ValidationError(_("The list belongs to another call."))
    fresh = SelectionList(call=call, name=clean_text(name), idea=clean_text(idea), made_by=by)
    save_new(fresh)
    if source is not None:
        ListEntry.objects.bulk_create(
            ListEntry(
                selection_list=fresh,
                application_id=row.application_id,
                outcome=row.outcome,
                rank=row.rank,
                reason=row.reason,
            )
            for row in source.entries.all()
        )
    note_change(fresh, field="list", old="", new="copied" if source else "made", by=by)
    return fresh


@transaction.atomic
def propose_list(*, call: Call, name: str, idea: str = "", by: Any) -> SelectionList:
    """Make a trial list that fills the places of each pool by the standing, as ``by`` sees it."""
    fresh = create_list(call=call, name=name, idea=idea, by=by)
    rows = Application.objects.sent().visible_to(by).filter(call=call)
    candidates = candidates_of(call, rows)
    entries = filled_by_rank(
        candidates.values(),
        list(standing_by(call, Review.objects.visible_to(by), candidates).rows),
        places_of(call.places_german, call.places_european),
    )
    ListEntry.objects.bulk_create(
        ListEntry(selection_list=fresh, application_id=pk, outcome=entry.outcome, rank=entry.rank)
        for pk, entry in entries.items()
    )
    return fresh


@transaction.atomic
def set_entries(
    *,
    selection_list: SelectionList,
    entries: Mapping[int, tuple[str, int | None, str]],
    opened_at: dt.datetime,
    close_gaps: bool = False,
    by: Any,
) -> SelectionList:
    """Write what a list makes of some applications: primary key → (outcome, rank, reason).

    Applications that are not named stay as they are, and so do those that a conflict of interest
    closes to ``by``. Without a rank, a place on the reserve list is its last one; ``close_gaps``
    counts each reserve list anew from 1, its order kept. Returns the list with the moment of its
    last change, which the next call gives as ``opened_at``.

    Raises :class:`ValidationError` for a frozen list; with the code ``changed`` when somebody
    changed the list after ``opened_at`` (saving the same twice is no change); for an outcome or
    rank that there is not; and for applications that are not sent to this call.
    """
    require(by, Permission.PREPARE_SELECTION)
    locked = SelectionList.objects.select_for_update().get(pk=selection_list.pk)
    if locked.frozen_at is not None:
        raise ValidationError(_("This list was recommended and stays as it is. Copy it instead."))
    wanted = _wanted(locked, entries, by)
    # What is closed to the person is not looked at: the ranks that result tell nothing about it.
    open_rows = locked.entries.all().open_to(by)
    rows: dict[int, ListEntry] = {row.application_id: row for row in open_rows}
    countries = _countries([*wanted, *rows])
    wanted = _ranked(rows, wanted, countries)
    if close_gaps:
        wanted = _without_gaps(rows, wanted, countries)
    changed = {
        pk: entry
        for pk, entry in wanted.items()
        if entry != (_entry(rows[pk]) if pk in rows else UNNAMED)
    }
    if not changed:
        return locked
    if locked.changed_at != opened_at:
        words = _("Somebody else has changed this list meanwhile. Nothing of yours was saved yet.")
        raise ValidationError(words, code="changed")
    _write(locked, rows, changed)
    locked.changed_at = timezone.now()
    locked.save(update_fields=["changed_at"])
    # How many, not which ones: the history is read by people to whom some are closed.
    note_change(locked, field="entries", old="", new=str(len(changed)), by=by)
    return locked


def _entry(row: ListEntry) -> Entry:
    return Entry(row.outcome, row.rank, row.reason)


def _wanted(
    selection_list: SelectionList, entries: Mapping[int, tuple[str, int | None, str]], by: Any
) -> dict[int, Entry]:
    """Return what is to stand on the list of the applications that are open to ``by``."""
    of_call = Application.objects.filter(call=selection_list.call_id, pk__in=entries)
    is_closed = ExpressionWrapper(Q(closed_to(by)), output_field=BooleanField())
    rows: dict[int, Any] = of_call.annotate(is_closed=is_closed).in_bulk()
    if len(rows) < len(entries):
        raise ValidationError(_("The list holds applications that do not belong to this call."))
    wanted = {
        pk: Entry(outcome, rank, clean_text(reason))
        for pk, (outcome, rank, reason) in entries.items()
        if not rows[pk].is_closed
    }
    for pk, entry in wanted.items():
        _refuse_unknown(rows[pk].place_name, entry)
    if gone := [
        rows[pk].place_name
        for pk, entry in wanted.items()
        if entry.outcome != ListOutcome.LEFT and not rows[pk].is_sent
    ]:
        words = ngettext(
            "Not sent, or withdrawn: %(names)s. It cannot be chosen.",
            "Not sent, or withdrawn: %(names)s. They cannot be chosen.",
            len(gone),
        )
        raise ValidationError(words % {"names": names_of(gone)})
    return wanted


def _countries(keys: list[int]) -> dict[int, bool]:
    """Return of applications (primary keys) whether they compete for the German places."""
    rows = Application.objects.filter(pk__in=keys).values_list("pk", "place_country")
    return {pk: country == Country.DE for pk, country in rows}


def _ranked(
    rows: Mapping[int, ListEntry], wanted: Mapping[int, Entry], is_german: Mapping[int, bool]
) -> dict[int, Entry]:
    """Return the entries with a rank for each place on the reserve list.

    Who stands there keeps the rank; who is new comes last in the own pool.
    """
    last = {True: 0, False: 0}
    given = [(pk, row.rank) for pk, row in rows.items()]
    for pk, rank in (*given, *((pk, entry.rank) for pk, entry in wanted.items())):
        last[is_german[pk]] = max(last[is_german[pk]], rank or 0)
    found = {}
    for pk, entry in wanted.items():
        rank = entry.rank
        if entry.outcome == ListOutcome.RESERVE and rank is None:
            rank = rows[pk].rank if pk in rows else None
            if rank is None:
                last[is_german[pk]] += 1
                rank = last[is_german[pk]]
        found[pk] = entry._replace(rank=rank)
    return found


def _without_gaps(
    rows: Mapping[int, ListEntry], wanted: Mapping[int, Entry], is_german: Mapping[int, bool]
) -> dict[int, Entry]:
    """Return the entries with each reserve list counted anew; equal ranks by age of the entry."""
    whole = {pk: _entry(row) for pk, row in rows.items()} | dict(wanted)
    found = dict(wanted)
    for pool in (True, False):
        reserve = [
            pk
            for pk, entry in whole.items()
            if entry.outcome == ListOutcome.RESERVE and is_german[pk] == pool
        ]
        reserve.sort(key=lambda pk: whole[pk].rank or 0)
        for rank, pk in enumerate(reserve, start=1):
            found[pk] = whole[pk]._replace(rank=rank)
    return found


def _refuse_unknown(name: str, entry: Entry) -> None:
    """Refuse an outcome or a rank that there is not."""
    if entry.outcome not in ListOutcome.values:
        raise ValidationError(_("%(name)s: choose whether it is chosen.") % {"name": name})
    if entry.rank is not None and (entry.outcome != ListOutcome.RESERVE or entry.rank < 1):
        words = _("%(name)s: a rank counts from 1 and stands on the reserve list alone.")
        raise ValidationError(words % {"name": name})
    if len(entry.reason) > LONGEST_REASON:
        words = _("%(name)s: the reason is longer than %(most)s characters.")
        raise ValidationError(words % {"name": name, "most": LONGEST_REASON})


def _write(
    selection_list: SelectionList, rows: Mapping[int, ListEntry], changed: Mapping[int, Entry]
) -> None:
    """Write entries; one that says nothing is no row."""
    silent = [rows[pk].pk for pk, entry in changed.items() if pk in rows and entry == UNNAMED]
    ListEntry.objects.filter(pk__in=silent).delete()
    new: list[ListEntry] = []
    for pk, entry in changed.items():
        row = rows.get(pk) or ListEntry(selection_list=selection_list, application_id=pk)
        row.outcome, row.rank, row.reason = entry
        if row.pk is None:
            new.append(row)
    ListEntry.objects.bulk_create(row for row in new if _entry(row) != UNNAMED)
    kept = [rows[pk] for pk in changed if pk in rows and rows[pk].pk not in silent]
    ListEntry.objects.bulk_update(kept, ["outcome", "rank", "reason"])
