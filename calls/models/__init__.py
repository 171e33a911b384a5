"""Calls for participation: texts and moments, terms, documented facts."""

from __future__ import annotations

from calls.models.call import (
    Call as Call,
    CallQuerySet as CallQuerySet,
    any_call_is_open as any_call_is_open,
)
from calls.models.facts import CallFact as CallFact, CallMilestone as CallMilestone
from calls.models.terms import (
    STEPS as STEPS,
    Answer as Answer,
    Criterion as Criterion,
    Question as Question,
)
