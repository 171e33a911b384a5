"""The invented applications on their way to six partnerships, through the actions of the pages.

Reviewers and what they find are invented too; each step is taken by who may take it, so that the
whole procedure can be looked at in every role.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User
from calls import actions
from calls.enums import CallState
from calls.models import Call
from core.outbox import silence
from tandems.models import Tandem
from vernetzt.loading.demo_selection.deciding import answer_letters, decide
from vernetzt.loading.demo_selection.desk import Desk
from vernetzt.loading.demo_selection.pairing import agree_on_pairs, form_all
from vernetzt.loading.demo_selection.reviewing import check_all, make_readers, review_all


def carry_to_partnerships(
    call: Call, data: dict[str, Any], *, coordinator: User, bbsr: User
) -> list[Tandem]:
    """Carry a call whose deadline has passed to its partnerships, all or nothing; return these."""
    with silence(), translation.override("de"), transaction.atomic():
        for state in (CallState.CLOSED, CallState.IN_REVIEW):
            actions.change_call_state(call=call, state=state, by=coordinator)
        call.refresh_from_db()
        readers = dict(make_readers(data))
        organisations = {person.roles[0].organisation for person in readers.values()}
        actions.change_procedure(
            procedure=call.procedure,
            changes={
                "readers": data["readers"],
                "organisations": organisations,
                "review_until": timezone.now() + dt.timedelta(days=21),
            },
            by=coordinator,
        )
        desk = Desk(call, data, coordinator, bbsr, readers)
        check_all(desk)
        review_all(desk)
        session = decide(desk)
        answer_letters(desk, session)
        agree_on_pairs(desk)
        return form_all(desk)
