"""Closed lists of the tandems app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TandemKind(models.TextChoices):
    """How many learn together, and on what footing."""

    TANDEM = "tandem", _("tandem")
    TRIDEM = "tridem", _("tridem")
    GUEST_EXCHANGE = "guest_exchange", _("guest exchange")


class TandemStatus(models.TextChoices):
    """Where a partnership stands."""

    PLANNED = "planned", _("planned")
    ACTIVE = "active", _("active")
    COMPLETED = "completed", _("completed")
    CONTINUES = "continues", _("completed, cooperation goes on")
    ENDED_EARLY = "ended_early", _("ended early")
    UNDOCUMENTED = "undocumented", _("outcome not documented")


#: Status → statuses that may follow.
TRANSITIONS: dict[str, frozenset[str]] = {
    TandemStatus.PLANNED: frozenset({TandemStatus.ACTIVE}),
    TandemStatus.ACTIVE: frozenset(
        {
            TandemStatus.COMPLETED,
            TandemStatus.CONTINUES,
            TandemStatus.ENDED_EARLY,
            TandemStatus.UNDOCUMENTED,
        }
    ),
    TandemStatus.COMPLETED: frozenset({TandemStatus.CONTINUES}),
    TandemStatus.CONTINUES: frozenset({TandemStatus.COMPLETED}),
    TandemStatus.ENDED_EARLY: frozenset({TandemStatus.ACTIVE}),
    TandemStatus.UNDOCUMENTED: frozenset(
        {TandemStatus.COMPLETED, TandemStatus.CONTINUES, TandemStatus.ENDED_EARLY}
    ),
}


class MemberRole(models.TextChoices):
    """Full member, or guest with limited rights in a topic or meeting."""

    MEMBER = "member", _("member")
    GUEST = "guest", _("guest")


class ProfileState(models.TextChoices):
    """Where a version of the profile stands on its way to the public page."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    CONFIRMED = "confirmed", _("confirmed")
    RELEASED = "released", _("released")
    SUPERSEDED = "superseded", _("superseded")
    SET_ASIDE = "set_aside", _("set aside")


#: State of a profile version → states that may follow.
PROFILE_TRANSITIONS: dict[str, frozenset[str]] = {
    # A city without a partner submits what needs nobody else's word.
    ProfileState.DRAFT: frozenset(
        {ProfileState.SUBMITTED, ProfileState.CONFIRMED, ProfileState.SET_ASIDE}
    ),
    ProfileState.SUBMITTED: frozenset({ProfileState.DRAFT, ProfileState.CONFIRMED}),
    ProfileState.CONFIRMED: frozenset({ProfileState.DRAFT, ProfileState.RELEASED}),
    ProfileState.RELEASED: frozenset({ProfileState.SUPERSEDED}),
    ProfileState.SUPERSEDED: frozenset(),
    ProfileState.SET_ASIDE: frozenset(),
}
#: States of the one version that is on its way to the public page.
UNFINISHED = (ProfileState.DRAFT, ProfileState.SUBMITTED, ProfileState.CONFIRMED)


class ProfileSection(models.TextChoices):
    """Under which heading an entry of the profile stands."""

    SUMMARY = "summary", _("In short")
    CHALLENGE = "challenge", _("Challenges")
    GOAL = "goal", _("Goals")
    ACTIVITY = "activity", _("What we do")
    OFFER = "offer", _("What each city gives and seeks")
    RESULT = "result", _("Results")
    FAILURE = "failure", _("What did not work")


class TextState(models.TextChoices):
    """What a text in one language is: written first, translated, or translated and checked."""

    ORIGINAL = "original", _("original")
    TRANSLATED = "translated", _("translated by a person")
    CHECKED = "checked", _("translated and checked")


class Visibility(models.TextChoices):
    """Who may read a document; each value includes those above it."""

    TEAM = "team", _("project team and BBSR")
    PARTNERSHIP = "partnership", _("this partnership")
    NETWORK = "network", _("all municipalities of the network")
    PUBLIC = "public", _("public")


class DocumentKind(models.TextChoices):
    """What a document is."""

    MINUTES = "minutes", _("minutes")
    PRESENTATION = "presentation", _("slides")
    REPORT = "report", _("report")
    CONCEPT = "concept", _("concept")
    AGREEMENT = "agreement", _("agreement")
    OTHER = "other", _("other document")


class Licence(models.TextChoices):
    """Under which terms others may use a picture."""

    CC_BY = "CC-BY-4.0", _("CC BY 4.0")
    CC_BY_SA = "CC-BY-SA-4.0", _("CC BY-SA 4.0")
    CC0 = "CC0-1.0", _("CC0 1.0 (no rights reserved)")
    DL_BY = "dl-de/by-2-0", _("Data licence Germany – attribution – 2.0")
    PERMISSION = "permission", _("used here with the permission of the rights holder")


class ResultKind(models.TextChoices):
    """What kind of result came out."""

    LESSON = "lesson", _("lesson learned")
    TRANSFERABLE_SOLUTION = "transferable_solution", _("transferable solution")
    TRANSLATION = "translation", _("translation")
    RECOMMENDATION = "recommendation", _("recommendation")
    REPORT = "report", _("report")
    EXPERIENCE = "experience", _("experience")
    TEST = "test", _("test")
    EVENT_FORMAT = "event_format", _("event format")
    EVENT = "event", _("event")
    CONCEPT = "concept", _("concept")
    DOCUMENT = "document", _("document")
    PARTICIPATION = "participation", _("public participation")
    PROJECT = "project", _("project")


class Evidence(models.TextChoices):
    """How well a result is documented."""

    DOCUMENTED = "documented", _("documented")
    EXISTS = "exists", _("exists; content not documented here")
    PLANNED = "planned", _("planned, completion not documented")
    NOT_DOCUMENTED = "not_documented", _("outcome not documented")


class LearningStage(models.TextChoices):
    """How far learning on a topic has come, as documented."""

    INTEREST = "interest", _("interest")
    PRESENTED = "presented", _("presented")
    LEARNING = "learning", _("learning")
    PLANNED_TRIAL = "planned_trial", _("trial planned")
    PLANNED_ADOPTION = "planned_adoption", _("adoption planned")
    LEARNED_VIA_GUEST = "learned_via_guest", _("learned via a guest")
    MUTUAL = "mutual", _("mutual exchange")
    JOINT_EVENT = "joint_event", _("joint event")
    UNDOCUMENTED = "undocumented", _("not documented")
