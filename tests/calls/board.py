"""A selection as the tests need it: eligible applications, a list that fits, a session."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from calls import actions
from calls.models import (
    Application,
    Call,
    EligibilityCheck,
    ListEntry,
    SelectionList,
    SelectionSession,
)
from tests.factories import make_user
from tests.selection import applications_of, make_call_in_review

ADDRESS = "/admin/calls/selectionlist/"


def check(applications: Iterable[Application], *, is_eligible: bool = True) -> None:
    """Note that applications meet the formal conditions, or that they do not."""
    EligibilityCheck.objects.bulk_create(
        EligibilityCheck(
            application=row,
            is_eligible=is_eligible,
            reason="" if is_eligible else "Die Vollmacht fehlt.",
        )
        for row in applications
    )


def make_call(german: int = 2, european: int = 2, **fields: Any) -> Call:
    """Return a call in review like :func:`make_call_in_review`; only the first one was written."""
    call = make_call_in_review(1, 0, **{"places_german": 1, "places_european": 1} | fields)
    (first,) = applications_of(call)
    sent, topics = first.submissions.get(), list(first.topics.all())
    names = [f"Stadt {number + 2}" for number in range(german - 1)]
    names += [f"City {number + 1}" for number in range(european)]
    for number, name in enumerate(names):
        row = Application.objects.get(pk=first.pk)
        row.pk, row.key, row.place_name = None, uuid.uuid4(), name
        row.place_country = "DE" if name.startswith("Stadt") else "FR"
        row.place_key = f"{row.place_country}:{name.lower()}"
        row.reference = f"{first.reference}-{number}"
        row.save()
        document = {**sent.document, "municipality": {**sent.document["municipality"]}}
        document["municipality"]["place_name"] = name
        row.submissions.create(
            number=1,
            document=document,
            sha256=sent.sha256,
            sent_by=sent.sent_by,
            sent_at=sent.sent_at,
            receipt_at=sent.sent_at,
        )
        for topic in topics:
            row.topics.create(topic=topic.topic, side=topic.side, level=topic.level)
    return call


def make_checked_call(german: int = 2, european: int = 2, **fields: Any) -> Call:
    """Return a call in review of which every application meets the formal conditions."""
    call = make_call(german, european, **fields)
    check(applications_of(call))
    return call


def entries(**outcomes: str) -> dict[int, tuple[str, int | None, str]]:
    """Return entries by the names of municipalities: ``Stadt_1="chosen", City_2="reserve 1"``."""
    found: dict[int, tuple[str, int | None, str]] = {}
    for name, words in outcomes.items():
        outcome, _space, rank = words.partition(" ")
        pk = Application.objects.get(place_name=name.replace("_", " ")).pk
        found[pk] = (outcome, int(rank) if rank else None, "")
    return found


def make_list(call: Call, name: str = "Nach Rang", **outcomes: str) -> SelectionList:
    """Return a trial list as it stands in the database; by default one that fits."""
    outcomes = outcomes or {"Stadt_1": "chosen", "City_1": "chosen", "City_2": "reserve 1"}
    trial = SelectionList.objects.create(call=call, name=name)
    ListEntry.objects.bulk_create(
        ListEntry(selection_list=trial, application_id=pk, outcome=outcome, rank=rank)
        for pk, (outcome, rank, _reason) in entries(**outcomes).items()
    )
    return trial


def make_session(call: Call, by: User | None = None, **fields: Any) -> SelectionSession:
    """Return a session that was just opened."""
    return actions.open_session(
        call=call, held_on=dt.date(2027, 3, 4), by=by or make_user("coordinator"), **fields
    )


def make_recommended(call: Call, trial: SelectionList | None = None) -> SelectionSession:
    """Return a session whose list was recommended."""
    by = make_user("coordinator")
    return actions.recommend(
        session=make_session(call, by),
        selection_list=trial or make_list(call),
        text="Die Mischung trägt.",
        by=by,
    )


def reasons(call: Call) -> dict[int, str]:
    """Return a reason for every application."""
    return {row.pk: f"Weil {row.place_name} passt." for row in applications_of(call)}


def make_decided(call: Call, by: User | None = None) -> SelectionSession:
    """Return a session that BBSR has decided as recommended."""
    session = make_recommended(call)
    assert session.recommended_list is not None
    return actions.decide(
        session=session,
        selection_list=session.recommended_list,
        reasons=reasons(call),
        by=by or make_user("bbsr"),
    )
