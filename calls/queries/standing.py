"""The standing of a call for one viewer: built in this place alone, out of what may be seen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, FloatField, OuterRef
from django.db.models.functions import Cast

from calls.models import Application, Call, Review, ReviewAssignment, closed_to
from calls.standing import Judgement, Place, Standing, Strictness, standing_of


class Named(NamedTuple):
    """An application of which a page says no more than its name."""

    pk: int
    key: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class ViewedStanding:
    """What one person may know of where the applications to a call stand.

    ``applications``: primary keys of the sent ones that are shown with their values, whether or
    not somebody filed a review. ``waiting``: the viewer still has to file an own review of them.
    ``closed``: a conflict of interest closes them to the viewer. Of the last two nothing but the
    name is known here, and nothing of them went into a place, a strictness or a corrected value.
    """

    standing: Standing
    applications: frozenset[int]
    waiting: tuple[Named, ...] = ()
    closed: tuple[Named, ...] = ()

    @property
    def rows(self) -> dict[int, Place]:
        """Return the places by application, in their order."""
        return self.standing.rows

    @property
    def reviewers(self) -> dict[int, Strictness]:
        """Return how strict each person (primary key) is; below 0 those whose account is gone."""
        return self.standing.reviewers

    @property
    def organisations(self) -> dict[int, Strictness]:
        """Return how strict each organisation (primary key) is."""
        return self.standing.organisations


def standing_for(call: Call, user: Any) -> ViewedStanding:
    """Return the standing of the sent applications to a call as ``user`` may see it.

    It asks four questions, whatever the number of applications. ``call`` comes with its procedure,
    or that is a fifth.
    """
    sent = Application.objects.sent().filter(call=call)
    own = ReviewAssignment.objects.filter(application=OuterRef("pk"), reviewer=user).unfiled()
    visible = sent.visible_to(user).order_by("place_name", "pk").annotate(waits=Exists(own))
    shown, waiting = set(), []
    for pk, key, name, waits in visible.values_list("pk", "key", "place_name", "waits"):
        if waits:
            waiting.append(Named(pk, key, name))
        else:
            shown.add(pk)
    disputed_from = float(call.procedure.disputed_from)
    return ViewedStanding(
        standing_of(_judgements(call, user, shown), disputed_from=disputed_from),
        frozenset(shown),
        tuple(waiting),
        closed_applications(call, user),
    )


def closed_applications(call: Call, user: Any) -> tuple[Named, ...]:
    """Return the sent applications to a call that a conflict of interest closes to a person."""
    rows = Application.objects.sent().filter(closed_to(user), call=call)
    found = rows.order_by("place_name", "pk").values_list("pk", "key", "place_name")
    return tuple(Named(*row) for row in found)


def _judgements(call: Call, user: Any, shown: set[int]) -> list[Judgement]:
    """Return the filed reviews of the applications that are shown, as far as they count."""
    reviews = Review.objects.visible_to(user).counting()
    rows = reviews.filter(assignment__application__call=call).values_list(
        "assignment__application",
        "assignment__reviewer",
        "assignment__organisation",
        # A decimal costs four times the time, and the scale has two digits.
        Cast("total", FloatField()),
        "assignment",
    )
    return [
        # Whose account is gone stays a person of their own.
        Judgement(application, -assignment if reviewer is None else reviewer, organisation, total)
        for application, reviewer, organisation, total, assignment in rows
        if application in shown
    ]
