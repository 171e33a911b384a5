"""The decision of BBSR: the whole set with each reason, then its numbers to confirm, then done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.selection_frame import call_for, frame
from calls.admin.session_page import running
from calls.effect import UNNAMED, Candidate, Entry, counts_of, obstacles_of
from calls.enums import ListOutcome, Pool, SessionState
from calls.forms.selection import read_reasons
from calls.models import (
    Call,
    EligibilityCheck,
    ListEntry,
    Review,
    SelectionList,
    SelectionSession,
    closed_to,
)
from calls.queries.candidates import criteria_means, entries_of
from calls.queries.trial import ViewedSelection, effects_of, selection_for
from calls.reasons import draft_reason
from calls.standing import Place


@dataclass(frozen=True, slots=True)
class Row:
    """One application with what is decided about it, what was recommended, and the reason."""

    one: Candidate
    place: Place | None
    entry: Entry
    recommended: Entry
    reason: str
    is_missing: bool = False

    @property
    def differs(self) -> bool:
        """Tell whether this is not what the team recommends."""
        return self.entry[:2] != self.recommended[:2]


@dataclass(frozen=True, slots=True)
class Part:
    """The applications of one pool about which the same is decided."""

    pool: Pool
    outcome: str
    label: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Typed:
    """What BBSR typed: reasons by application, the note, and what was refused."""

    reasons: Mapping[int, str] = field(default_factory=dict)
    note: str = ""
    refusals: tuple[str, ...] = ()


def decide(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the whole set to decide; after the numbers were confirmed, decide."""
    require(request.user, Permission.DECIDE_SELECTION)
    call = call_for(request, slug)
    session = running(call)
    if session is None or session.state != SessionState.RECOMMENDED:
        messages.error(request, _("There is no recommendation that waits for a decision."))
        return redirect("admin:calls_selectionlist_session", slug)
    wanted = (request.POST if request.method == "POST" else request.GET).get("list", "")
    chosen = list_of(call, session, wanted)
    if request.method != "POST":
        return page(request, call, session, chosen, Typed(note=session.decision_note))
    if request.POST.get("session") != str(session.pk):
        messages.error(request, _("This session is decided, or another one has begun. Look here."))
        return redirect("admin:calls_selectionlist_session", slug)
    typed = Typed(read_reasons(request.POST), request.POST.get("note", ""))
    if "back" in request.POST or not typed.reasons:
        return page(request, call, session, chosen, typed)
    if "confirm" not in request.POST:
        return page(request, call, session, chosen, typed, is_confirmation=True)
    try:
        actions.decide(
            session=session,
            selection_list=chosen,
            reasons=typed.reasons,
            note=typed.note,
            by=request.user,
        )
    except ValidationError as error:
        refused = Typed(typed.reasons, typed.note, tuple(error.messages))
        return page(request, call, session, chosen, refused, status=409)
    messages.success(request, _("The selection is decided. Its record is frozen."))
    return redirect("admin:calls_selectionlist_session", slug)


def list_of(call: Call, session: SelectionSession, wanted: str) -> SelectionList:
    """Return the list that is asked for, else the one that the team recommends."""
    key = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else None
    found = SelectionList.objects.filter(call=call, pk=key).first() if key else None
    recommended: Any = session.recommended_list
    return found or recommended


def page(
    request: HttpRequest,
    call: Call,
    session: SelectionSession,
    chosen: SelectionList,
    typed: Typed,
    *,
    is_confirmation: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Answer with the set; or, before anything is decided, with its numbers to confirm."""
    recommended: Any = session.recommended_list_id
    selection = selection_for(call, request.user, chosen.pk, recommended)
    lists = entries_of({chosen.pk, recommended}, selection.candidates)
    entries = lists[chosen.pk]
    rows = rows_of(request, selection, entries, lists[recommended], typed)
    against = list(typed.refusals) or against_deciding(request, selection, chosen, session, entries)
    missing = [row.one.name for row in rows if row.is_missing]
    is_other = chosen.pk != recommended
    if is_confirmation and is_other and not typed.note.strip():
        against = [
            *against,
            _("Say why another list is decided than the one that the team recommends."),
        ]
    asks = is_confirmation and not missing and not against
    context = frame(
        request,
        call,
        "session",
        _("Confirm the decision") if asks else _("Decide"),
        session=session,
        chosen=chosen,
        is_other=is_other,
        lists=SelectionList.objects.filter(call=call).order_by("-pk"),
        parts=parts_of(rows),
        counts=counts_of(selection.candidates.values(), entries, selection.places),
        effect=effects_of(selection, {chosen.pk: entries})[chosen.pk],
        differing=sum(row.differs for row in rows),
        number=len(rows),
        note=typed.note,
        refusals=against,
        missing=[row for row in rows if row.is_missing] if is_confirmation or status != 200 else [],
        closed=selection.closed,
    )
    template = "session_confirm.html" if asks else "session_decide.html"
    refused = (missing or against) and is_confirmation
    return render(request, f"admin/calls/{template}", context, status=422 if refused else status)


def against_deciding(
    request: HttpRequest,
    selection: ViewedSelection,
    chosen: SelectionList,
    session: SelectionSession,
    entries: Mapping[int, Entry],
) -> list[str]:
    """Return what keeps this person from deciding this list, before anything is written."""
    named = ListEntry.objects.exclude(outcome=ListOutcome.LEFT).filter(
        closed_to(request.user, "application"),
        selection_list__in=[chosen.pk, session.recommended_list_id],
    )
    if named.exists():
        return [
            _(
                "You have a conflict of interest with an application that is chosen or on the"
                " reserve list. Somebody else at BBSR, without a conflict, has to decide."
            )
        ]
    return obstacles_of(list(selection.candidates.values()), entries, selection.places)


def rows_of(
    request: HttpRequest,
    selection: ViewedSelection,
    entries: Mapping[int, Entry],
    recommended: Mapping[int, Entry],
    typed: Typed,
) -> list[Row]:
    """Return every sent application with its reason: as typed, as on the list, or a draft."""
    means = (
        {}
        if typed.reasons
        else criteria_means(selection.call, Review.objects.visible_to(request.user).counting())
    )
    checks = EligibilityCheck.objects.filter(is_eligible=False)
    unmet = dict(
        checks.filter(application__call=selection.call).values_list("application", "reason")
    )
    rows = []
    for pk, one in selection.candidates.items():
        if not one.is_sent:
            continue
        entry, place = entries.get(pk, UNNAMED), selection.standing.rows.get(pk)
        reason = typed.reasons.get(pk) if typed.reasons else entry.reason
        if not typed.reasons and not reason:
            reason = draft_reason(
                outcome=entry.outcome,
                rank=entry.rank,
                place=place,
                criteria=means.get(pk),
                unmet=unmet.get(pk, ""),
            )
        is_missing = not (reason or "").strip()
        rows.append(Row(one, place, entry, recommended.get(pk, UNNAMED), reason or "", is_missing))
    return rows


def parts_of(rows: list[Row]) -> list[Part]:
    """Return the rows by pool and outcome, the reserve list by rank."""
    parts = []
    for pool in Pool:
        for outcome in ListOutcome:
            found = [row for row in rows if row.one.pool == pool and row.entry.outcome == outcome]
            found.sort(key=lambda row: row.entry.rank or 0)
            if found:
                parts.append(Part(pool, str(outcome), str(outcome.label), found))
    return parts
