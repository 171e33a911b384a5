"""The standing of a call for one viewer: built in this place alone, out of what may be seen."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, FloatField, OuterRef
from django.db.models.functions import Cast

from calls.models import Application, Call, ConflictDeclaration, Review, ReviewAssignment
from calls.numbers import SENT
from calls.standing import Judged, Place, Standing, Strictness, standing_of


class DriverFloat(FloatField):  # type: ignore[type-arg]  # of any values, as stubs have it
    """A number as the driver of the database gives it, which is a float already.

    A decimal costs four times the time, and the scale has two digits. Django would convert every
    float once more, and copy each row for it: for 1,800 reviews a third of the question.
    """

    def get_internal_type(self) -> str:
        """Return a name for which there is no converter."""
        return "DriverFloat"

    def db_type(self, connection: Any) -> str | None:
        """Return the type of any float."""
        return FloatField().db_type(connection)


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
        standing_of(
            judgements_of(call, Review.objects.visible_to(user), shown),
            disputed_from=disputed_from,
        ),
        frozenset(shown),
        tuple(waiting),
        closed_applications(call, user),
    )


def closed_applications(call: Call, user: Any) -> tuple[Named, ...]:
    """Return the sent applications to a call that a conflict of interest closes to a person."""
    declared = ConflictDeclaration.objects.closing_to(user)
    rows = declared.filter(application__call=call, application__state__in=SENT)
    found = (
        rows.order_by("application__place_name", "application__pk")
        .values_list("application__pk", "application__key", "application__place_name")
        .distinct()
    )
    return tuple(Named(*row) for row in found)


def judgements_of(call: Call, reviews: Any, applications: Collection[int]) -> list[Judged]:
    """Return those of ``reviews`` that count as judgements of some applications; one question.

    ``reviews`` is a queryset of what the reader may see; only ``applications`` are looked at.
    """
    rows = (
        reviews.counting()
        .filter(assignment__application__call=call)
        .values_list(
            *("assignment__application", "assignment__reviewer", "assignment__organisation"),
            Cast("total", DriverFloat()),
            "assignment",
        )
    )
    return [
        # Whose account is gone stays a person of their own.
        (application, -assignment if reviewer is None else reviewer, organisation, total)
        for application, reviewer, organisation, total, assignment in rows
        if application in applications
    ]
