"""What a call is and asks."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallKind(models.TextChoices):
    """What a call asks for."""

    EXPRESSION_OF_INTEREST = "expression_of_interest", _("expression of interest")
    APPLICATION = "application", _("application")


class CallState(models.TextChoices):
    """Where a call stands."""

    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")
    IN_REVIEW = "in_review", _("in review")
    DECIDED = "decided", _("decided")
    ARCHIVED = "archived", _("archived")


#: State → states that may follow.
TRANSITIONS: dict[str, frozenset[str]] = {
    CallState.DRAFT: frozenset({CallState.OPEN}),
    CallState.OPEN: frozenset({CallState.CLOSED}),
    CallState.CLOSED: frozenset({CallState.IN_REVIEW}),
    CallState.IN_REVIEW: frozenset({CallState.DECIDED}),
    CallState.DECIDED: frozenset({CallState.ARCHIVED}),
    CallState.ARCHIVED: frozenset(),
}


class CallSection(models.TextChoices):
    """Under which heading a fact of a call stands."""

    ELIGIBILITY = "eligibility", _("Who could take part")
    CHANNEL = "channel", _("How to apply")
    TOPICS = "topics", _("Topics offered")
    FORM = "form", _("What the form asked")
    COMMITMENT = "commitment", _("What municipalities committed to")
    BENEFIT = "benefit", _("What was offered")
    TRAVEL = "travel", _("Travel costs")
    CRITERION = "criterion", _("Selection criteria")
    MATCHING = "matching", _("How partners were matched")
    TWINNING = "twinning", _("Existing town twinnings")
    APPLICANTS = "applicants", _("Number of applications")


class LanguageLevel(models.TextChoices):
    """Levels of the Common European Framework of Reference for Languages."""

    A2 = "A2", _("A2: simple conversations")
    B1 = "B1", _("B1: follows a meeting on familiar matters")
    B2 = "B2", _("B2: takes part in technical discussions")
    C1 = "C1", _("C1: speaks fluently and in detail")


class QuestionKind(models.TextChoices):
    """What kind of answer a question takes."""

    SHORT = "short", _("short text")
    LONG = "long", _("long text")
    CHOICE = "choice", _("choice")
    NUMBER = "number", _("number")
    FILE = "file", _("file")


class QuestionReader(models.TextChoices):
    """Who reads an answer besides the applicants."""

    REVIEWERS = "reviewers", _("reviewers and project team")
    TEAM = "team", _("project team only")
