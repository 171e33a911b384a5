"""What a session freezes: the ranking with the recommendation, everything with the decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from calls.content import mark_of
from calls.effect import UNNAMED, Candidate, Entry
from calls.enums import DECIDED_AS
from calls.models import Call, EligibilityCheck, SelectionList, SelectionSession
from calls.standing import Standing

Values = dict[str, Any]
#: Raised when what a record holds changes, so that old ones stay readable.
VERSION = 1


def attendance_mark(session: SelectionSession) -> str:
    """Return a mark of who is noted as present; a page tells by it what it was opened with."""
    rows = session.participants.prefetch_related("cases_aside")
    return mark_of(
        [
            [
                row.name,
                row.organisation,
                sorted(case.application_id for case in row.cases_aside.all()),
            ]
            for row in rows
        ]
    )


def frozen_ranking(candidates: Mapping[int, Candidate], standing: Standing) -> list[Values]:
    """Return where each sent application stands, in that order; without a review it comes last.

    Means are on the scale from 0 to 5, rounded to four decimals.
    """
    reviewed = [pk for pk in standing.rows if pk in candidates]
    waiting = [pk for pk, one in candidates.items() if one.is_sent and pk not in standing.rows]
    return [_place(candidates[pk], standing) for pk in (*reviewed, *waiting)]


def _place(one: Candidate, standing: Standing) -> Values:
    place = standing.rows.get(one.pk)
    values: Values = {
        **_named(one),
        "country": one.country,
        "pool": str(one.pool),
        "rank": place.rank if place else None,
        "reviews": place.reviews if place else 0,
        "is_disputed": place.is_disputed if place else False,
    }
    for name in ("mean", "corrected", "spread", "lowest", "highest"):
        values[name] = round(getattr(place, name), 4) if place else None
    return values


def _named(one: Candidate) -> Values:
    return {"application": one.pk, "reference": one.reference, "name": one.name}


@dataclass(frozen=True, slots=True)
class Decided:
    """What is decided: the list, what it makes of applications, and the reason for each.

    ``aside`` are the applications (primary keys) about which a conflict of interest keeps whoever
    decides from having a say: they follow the recommendation.
    """

    selection_list: SelectionList
    entries: Mapping[int, Entry]
    reasons: Mapping[int, str]
    note: str
    moment: dt.datetime
    by: Any
    aside: Collection[int]


def frozen_record(
    session: SelectionSession,
    decided: Decided,
    candidates: Mapping[int, Candidate],
    recommended: Mapping[int, Entry],
) -> Values:
    """Return the whole record as plain data that needs no other row to be understood.

    Labels of our own are not in it: they belong to the reader's language.
    """
    call, by_list = session.call, session.recommended_list
    return {
        "version": VERSION,
        "call": _call(call),
        "session": {
            "number": session.number,
            "held_on": session.held_on.isoformat(),
            "place": session.place,
            "corrects": session.corrects.number if session.corrects else None,
            "correction_reason": session.correction_reason,
        },
        "participants": list(_participants(session)),
        "recommendation": {
            "list": by_list.name if by_list else "",
            "idea": by_list.idea if by_list else "",
            "text": session.recommendation,
            "by": str(session.recommended_by or ""),
            "at": session.recommended_at.isoformat() if session.recommended_at else "",
        },
        "ranking": session.ranking,
        "decision": {
            "list": decided.selection_list.name,
            "idea": decided.selection_list.idea,
            "note": decided.note,
            "by": str(decided.by),
            "at": decided.moment.isoformat(),
            "aside": [_named(candidates[pk]) for pk in sorted(decided.aside)],
        },
        "decisions": list(_decisions(decided, candidates, recommended)),
    }


def _call(call: Call) -> Values:
    names = {
        row.pk: {code: str(getattr(row, f"name_{code}") or "") for code in ("de", "en")}
        for row in call.criteria.all()
    }
    return {
        "slug": call.slug,
        "title": {code: str(getattr(call, f"title_{code}") or "") for code in ("de", "en")},
        "closes_at": call.closes_at.isoformat() if call.closes_at else "",
        "time_zone": call.time_zone,
        "partnerships": call.partnerships,
        "places": {"german": call.places_german, "european": call.places_european},
        "criteria": [{"name": names[row.pk], "weight": row.weight} for row in call.criteria.all()],
        "disputed_from": str(call.procedure.disputed_from),
    }


def _participants(session: SelectionSession) -> Iterable[Values]:
    for row in session.participants.prefetch_related("cases_aside__application"):
        aside = [case.application for case in row.cases_aside.all()]
        yield {
            "name": row.name,
            "organisation": row.organisation,
            "aside": [
                {"application": one.pk, "reference": one.reference, "name": one.place_name}
                for one in aside
            ],
        }


def _decisions(
    decided: Decided, candidates: Mapping[int, Candidate], recommended: Mapping[int, Entry]
) -> Iterable[Values]:
    checks = EligibilityCheck.objects.filter(application__in=decided.reasons).in_bulk(
        field_name="application_id"
    )
    for pk, reason in decided.reasons.items():
        one, check = candidates[pk], checks.get(pk)
        entry, before = decided.entries.get(pk, UNNAMED), recommended.get(pk, UNNAMED)
        yield {
            **_named(one),
            "country": one.country,
            "pool": str(one.pool),
            "population": one.population,
            "outcome": str(DECIDED_AS[entry.outcome]),
            "rank": entry.rank,
            "reason": reason,
            "recommended": str(DECIDED_AS[before.outcome]),
            "recommended_rank": before.rank,
            "recommended_reason": before.reason,
            "is_eligible": check.is_eligible if check else None,
            "eligibility": check.reason if check else "",
        }
