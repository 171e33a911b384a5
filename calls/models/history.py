"""What of the history is closed to a person: every row about what the person may not know of."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from calls.models.application import Application
from calls.models.conflict import ConflictDeclaration, closed_to
from calls.models.letter import Letter, Offer
from calls.models.pairing import Pairing, PairingConsent, PairRule
from calls.models.review import DiscussionNote, EligibilityCheck, Review, ReviewAssignment
from calls.models.selection import Decision, ListEntry

#: Model → the ways from its rows to the applications that they are about.
PATHS: dict[type[models.Model], tuple[str, ...]] = {
    Application: ("pk",),
    ConflictDeclaration: ("application",),
    ReviewAssignment: ("application",),
    Review: ("assignment__application",),
    DiscussionNote: ("application",),
    EligibilityCheck: ("application",),
    ListEntry: ("application",),
    Decision: ("application",),
    Letter: ("application",),
    Offer: ("application",),
    PairRule: ("german", "european"),
    Pairing: ("german", "european"),
    PairingConsent: ("application", "pairing__german", "pairing__european"),
}


def hidden_subjects(user: Any) -> dict[type[models.Model], models.QuerySet[Any]]:
    """Return for each model the records whose history a person may not read.

    That is all about an application that a conflict of interest closes to the person, and whether
    and when others filed their reviews where the person still has to file one.
    """
    hidden: dict[type[models.Model], models.QuerySet[Any]] = {}
    for model, paths in PATHS.items():
        closed = Q()
        for path in paths:
            closed |= Q(closed_to(user, path))
        if model is Review:
            mine = ReviewAssignment.objects.filter(
                application=OuterRef("assignment__application"), reviewer=user
            )
            closed |= Q(Exists(mine.unfiled())) & ~Q(assignment__reviewer=user)
        hidden[model] = model._default_manager.filter(closed)
    return hidden
