"""Closed lists of the accounts app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    """What an organisation is to the programme."""

    MINISTRY = "ministry", _("ministry")
    CONTRACTING_AUTHORITY = "contracting_authority", _("contracting authority")
    PROJECT_TEAM = "project_team", _("project team")
    COORDINATOR = "coordinator", _("coordinator")
    NETWORK = "network", _("platform or network")


class ProgrammeRoleKind(models.TextChoices):
    """The part that an organisation plays in the programme for some time."""

    FUNDER = "funder", _("funding")
    CONTRACTING_AUTHORITY = "contracting_authority", _("commissioning and guidance")
    LEAD_PARTNER = "lead_partner", _("lead of the project team")
    PROJECT_PARTNER = "project_partner", _("part of the project team")
    ACCOMPANIES = "accompanies", _("support of the tandems")
    COORDINATOR = "coordinator", _("coordination of the programme")
    COMMUNICATION_CHANNEL = "communication_channel", _("news of the programme")
    MULTIPLIER = "multiplier", _("multiplier")


class UserRole(models.TextChoices):
    """What a person may be, for a municipality or for an organisation of the programme."""

    CONTACT = "contact", _("contact person")
    DEPUTY = "deputy", _("deputy")
    COLLEAGUE = "colleague", _("colleague")
    REVIEWER = "reviewer", _("reviewer")
    COORDINATOR = "coordinator", _("coordinator")
    BBSR = "bbsr", _("BBSR")
    OBSERVER = "observer", _("observer")


#: Roles held for a municipality; all others are held for an organisation.
CITY_ROLES = frozenset({UserRole.CONTACT, UserRole.DEPUTY, UserRole.COLLEAGUE})
#: Roles that open the administration and need a second factor.
STAFF_ROLES = frozenset({UserRole.REVIEWER, UserRole.COORDINATOR, UserRole.BBSR, UserRole.OBSERVER})
#: Role → kinds of organisation that may give it.
ORGANISATIONS_OF = {
    UserRole.REVIEWER: {OrganisationKind.PROJECT_TEAM, OrganisationKind.COORDINATOR},
    UserRole.COORDINATOR: {OrganisationKind.PROJECT_TEAM, OrganisationKind.COORDINATOR},
    UserRole.BBSR: {OrganisationKind.CONTRACTING_AUTHORITY},
    UserRole.OBSERVER: {OrganisationKind.MINISTRY},
}


#: Official languages in Europe (ISO 639-1), in which municipalities write.
READING_LANGUAGES = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "hy", "is"),
    *("it", "ka", "lt", "lv", "mk", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sq", "sr"),
    *("sv", "tr", "uk"),
)


class Notification(models.TextChoices):
    """Mails that a person may do without; what concerns the account itself is always sent."""

    INVITATION_ACCEPTED = "invitation_accepted", _("When somebody accepts my invitation")
    WEEKLY_SUMMARY = (
        "weekly_summary",
        _("Weekly summary on Mondays: tasks, dates, changes"),
    )
    TANDEM_PROFILE = (
        "tandem_profile",
        _("The profile of my partnership: confirmations, comments, release"),
    )
    TANDEM_MEMBERSHIP = (
        "tandem_membership",
        _("Cities that join, leave or are guests; the end of the partnership"),
    )
    TANDEM_TOPICS = "tandem_topics", _("Topics and their guests")
    TANDEM_DOCUMENTS = "tandem_documents", _("New documents and new versions")
    TANDEM_MEETINGS = (
        "tandem_meetings",
        _("Meetings: plans, questions, minutes; the learning log"),
    )
    TANDEM_COMMITMENTS = "tandem_commitments", _("Commitments: made, kept, moved, dropped")


class Pace(models.TextChoices):
    """How soon a person is told by mail."""

    NOW = "now", _("at once")
    DAILY = "daily", _("once a day")
    WEEKLY = "weekly", _("once a week")
    NEVER = "never", _("not at all")


#: Kind of notice about partnerships → how soon it is told where a person has chosen nothing.
PACES: dict[str, Pace] = {
    Notification.TANDEM_PROFILE: Pace.NOW,
    Notification.TANDEM_MEMBERSHIP: Pace.NOW,
    Notification.TANDEM_TOPICS: Pace.DAILY,
    Notification.TANDEM_DOCUMENTS: Pace.DAILY,
    Notification.TANDEM_MEETINGS: Pace.DAILY,
    Notification.TANDEM_COMMITMENTS: Pace.DAILY,
}
