"""Who reviews an application and how far they are, on its page for the project team."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.permissions import Permission, reach_of
from calls.enums import ConflictKind, ReviewState
from calls.models import (
    Application,
    ConflictDeclaration,
    Review,
    ReviewAssignment,
    reads_reviews,
)


def team_part(user: Any, application: Application) -> dict[str, Any]:
    """Return who reviews an application, how far they are and who is in conflict, for the team.

    Who still has to file an own review there reads who reviews it, and nothing of how far they are.
    """
    if reach_of(user, Permission.READ_APPLICATIONS) is not None or not application.reference:
        return {}
    reads = reads_reviews(user, application)
    rows = ReviewAssignment.objects.filter(application=application)
    stated = ConflictDeclaration.objects.filter(application=application)
    declarations = list(stated.select_related("person", "organisation").order_by("pk"))
    free = {row.person_id for row in declarations if row.kind == ConflictKind.NONE}
    closing = [row for row in declarations if row.kind != ConflictKind.NONE]
    readers = rows.select_related("reviewer", "organisation", "review").order_by("pk")
    return {
        "reads": reads,
        "readers": [
            {
                "assignment": row,
                "state": state_of(row, free, closing) if reads else "",
                "review": review_filed(row) if reads else None,
                "is_own": row.reviewer_id == user.pk,
            }
            for row in readers
        ],
        "closing": closing,
    }


def review_filed(assignment: ReviewAssignment) -> Review | None:
    """Return the filed review of an assignment that was fetched with it."""
    review = getattr(assignment, "review", None)
    return review if review is not None and review.state == ReviewState.FILED else None


def state_of(
    assignment: ReviewAssignment, free: set[int | None], closing: list[ConflictDeclaration]
) -> str:
    """Return in words how far a reviewer is."""
    for row in closing:
        whole = row.kind == ConflictKind.INSTITUTIONAL
        if row.person_id == assignment.reviewer_id or (
            whole and row.organisation_id == assignment.organisation_id
        ):
            return _("conflict of interest")
    if review_filed(assignment):
        return _("filed")
    if getattr(assignment, "review", None) is not None:
        return _("draft begun")
    return _("to be read") if assignment.reviewer_id in free else _("not stated yet")
