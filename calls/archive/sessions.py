"""Lists, sessions with their records, and pairs, as the archive holds them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from calls.archive.packing import Package
from calls.archive.rows import columns, history_of, rows_of
from calls.enums import SessionState
from calls.models import (
    Call,
    ListEntry,
    Pairing,
    PairRule,
    SelectionList,
    SelectionSession,
)
from calls.pdf import render_pdf
from calls.record import readable, record_document
from calls.workbook import record_sheets, workbook_of

Values = dict[str, Any]


def add_selection(package: Package, call: Call, closed: Collection[int]) -> None:
    """Add the lists, the sessions and the pairs of a call, without applications in ``closed``."""
    lists = SelectionList.objects.filter(call=call).select_related("made_by").order_by("pk")
    for number, row in enumerate(lists, start=1):
        package.add_json(f"selection/list-{number}.json", _list(row, closed))
    sessions = SelectionSession.objects.filter(call=call).order_by("number")
    for session in sessions.select_related(
        "recommended_list", "recommended_by", "decided_list", "decided_by", "corrects"
    ):
        _add_session(package, session, closed)
    if rules := _rules(call, closed):
        package.add_json("pairs/rules.json", rules)
    if pairings := _pairings(call, closed):
        package.add_json("pairs/pairings.json", pairings)


def _list(row: SelectionList, closed: Collection[int]) -> Values:
    """Return a list; where something is left out of it, ranks are, too: gaps would tell them."""
    entries = ListEntry.objects.filter(selection_list=row).select_related("application")
    shown = [entry for entry in entries.order_by("pk") if entry.application_id not in closed]
    hidden = ("rank",) if closed else ()
    return {
        **columns(row, "call"),
        "entries": rows_of(shown, "selection_list", *hidden),
        "history": history_of(row),
    }


def _add_session(package: Package, session: SelectionSession, closed: Collection[int]) -> None:
    """Add a session; one that was decided with its record as data, PDF and workbook."""
    folder = f"selection/session-{session.number}"
    package.add_json(f"{folder}/session.json", _session(session, closed))
    if session.state != SessionState.DECIDED or not session.document:
        return
    record = readable(session.document, closed)
    package.add_json(f"{folder}/record.json", record)
    package.add_bytes(f"{folder}/record.pdf", render_pdf(record_document(record, session.sha256)))
    sheets = record_sheets(record, session.sha256, session.call.on_its_clock)
    package.add_stream(f"{folder}/record.xlsx", workbook_of(sheets))


def _session(session: SelectionSession, closed: Collection[int]) -> Values:
    """Return what is noted of a session beside its record, which holds ranking and decisions."""
    people = session.participants.select_related("person")
    return {
        **columns(session, "call", "ranking", "document"),
        "participants": [
            {
                **columns(row, "session", "person"),
                "stood_aside": [
                    case.application.reference
                    for case in row.cases_aside.select_related("application").order_by("pk")
                    if case.application_id not in closed
                ],
            }
            for row in people.order_by("pk")
        ],
        "history": history_of(session),
    }


def _open(closed: Collection[int]) -> Q:
    """Return the condition that neither city of a pair is closed."""
    return ~Q(german__in=closed) & ~Q(european__in=closed)


def _rules(call: Call, closed: Collection[int]) -> list[Values]:
    rows = PairRule.objects.filter(_open(closed), call=call)
    return rows_of(rows.select_related("german", "european", "made_by").order_by("pk"), "call")


def _pairings(call: Call, closed: Collection[int]) -> list[Values]:
    rows = Pairing.objects.filter(_open(closed), call=call)
    return [
        {
            **columns(row, "call"),
            "consents": rows_of(
                row.consents.select_related("application", "given_by").order_by("pk"), "pairing"
            ),
            "history": history_of(row),
        }
        for row in rows.select_related("german", "european", "proposed_by").order_by("pk")
    ]
