"""What a review says, as plain values, what it still lacks, and who may read what others filed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of
from calls.models.application import Application
from calls.models.review import Review, ReviewAssignment, Score
from calls.models.terms import STEPS, Criterion


def step_name(criterion: Criterion) -> str:
    """Return the name of the value that holds the points of a criterion."""
    return f"step-{criterion.pk}"


def justification_name(criterion: Criterion) -> str:
    """Return the name of the value that holds why."""
    return f"justification-{criterion.pk}"


def values_of_review(review: Review | None, criteria: Iterable[Criterion]) -> dict[str, Any]:
    """Return comment, points (0 to 5, or ``None``) and justifications; of no review empty ones."""
    rows: dict[int, Score] = {}
    if review is not None:
        rows = {row.criterion_id: row for row in review.scores.all()}
    found: dict[str, Any] = {"comment": review.comment if review is not None else ""}
    for criterion in criteria:
        row = rows.get(criterion.pk)
        found[step_name(criterion)] = row.step if row else None
        found[justification_name(criterion)] = row.justification if row else ""
    return found


def gaps_in(values: Mapping[str, Any], criteria: Iterable[Criterion]) -> dict[str, Any]:
    """Return what a review lacks before it can be filed: name of a value → sentence."""
    gaps: dict[str, Any] = {}
    for criterion in criteria:
        if values.get(step_name(criterion)) not in STEPS:
            gaps[step_name(criterion)] = _("Choose 0 to 5 points.")
        if not values.get(justification_name(criterion)):
            gaps[justification_name(criterion)] = _("Give reasons for your points.")
    return gaps


def reads_reviews(user: Any, application: Application) -> bool:
    """Tell whether somebody may read what others filed about an application, and discuss it.

    The same rule as in ``Review.objects.visible_to`` and ``DiscussionNote.objects.visible_to``: who
    reviews it has filed first, the project team reads all others, a conflict closes everything.
    """
    if application.is_closed_to(user):
        return False
    mine = ReviewAssignment.objects.filter(application=application, reviewer=user)
    if reach_of(user, Permission.READ_APPLICATIONS) is None:
        return not mine.unfiled().exists()
    if not user.has_perm(Permission.SCORE, application):
        return False
    return mine.exists() and not mine.unfiled().exists()
