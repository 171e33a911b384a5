"""How applications are judged."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConflictKind(models.TextChoices):
    """What ties a reviewer, or the reviewer's organisation, to a municipality."""

    NONE = "none", _("no conflict of interest")
    PERSONAL = "personal", _("personal: I have or had to do with the municipality myself")
    INSTITUTIONAL = (
        "institutional",
        _("institutional: my organisation works or worked for the municipality"),
    )
    TWINNING = "twinning", _("twinning: I am engaged in a town twinning with it")
    OTHER = "other", _("other")


class ReviewState(models.TextChoices):
    """Where a review stands."""

    DRAFT = "draft", _("draft")
    #: Locked; what counts.
    FILED = "filed", _("filed")


#: State of a review → states that may follow.
REVIEW_TRANSITIONS: dict[str, frozenset[str]] = {
    ReviewState.DRAFT: frozenset({ReviewState.FILED}),
    ReviewState.FILED: frozenset({ReviewState.DRAFT}),
}


class DeskState(models.TextChoices):
    """What a reviewer still has to do about one application."""

    DECLARE = "declare", _("conflict of interest to be stated")
    READ = "read", _("to be read")
    DRAFT = "draft", _("draft")
    #: Filed, and the municipality has sent a newer version since.
    OUTDATED = "outdated", _("filed, newer version sent")
    FILED = "filed", _("filed")
    WITHDRAWN = "withdrawn", _("withdrawn by the municipality")


#: Where something is left to do.
LEFT_AT_DESK = frozenset({DeskState.DECLARE, DeskState.READ, DeskState.DRAFT})
