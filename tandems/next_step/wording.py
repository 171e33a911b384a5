"""What is said of everything that a partnership may lack."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission

#: Words that are in no language yet, or the same in all.
Text = str | Promise


class Need(StrEnum):
    """What may be missing."""

    PARTNER = "partner"
    KICK_OFF = "kick_off"
    DATE = "date"
    MINUTES = "minutes"
    RETURNED = "returned"
    PROFILE = "profile"
    SUBMISSION = "submission"
    WORD = "word"
    RELEASE = "release"
    FRESHNESS = "freshness"
    COMMITMENT = "commitment"
    OVERDUE = "overdue"
    KEPT = "kept"
    CONTACT = "contact"
    DEPUTY = "deputy"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said of a need: what, why, who can do it; where, and with which right."""

    title: Text
    why: Text
    who: Text
    url: str
    action: Text
    right: Permission


CITY_OFFICES = _("contact person or deputy of a city")
TEAM = _("project team")
EVERYBODY = _("everybody who works for a city here")

WORDING: dict[Need, Wording] = {
    Need.PARTNER: Wording(
        _("A partner is missing"),
        _("A partnership needs two cities. The project team looks for a new partner."),
        TEAM,
        "workspace:membership",
        _("Change the membership"),
        Permission.CHANGE_MEMBERSHIP,
    ),
    Need.KICK_OFF: Wording(
        _("Record that the kick-off took place"),
        _("Until then visitors do not see the partnership."),
        TEAM,
        "admin:tandems_tandem_changelist",
        _("To the planned partnerships"),
        Permission.CHANGE_MEMBERSHIP,
    ),
    Need.DATE: Wording(
        _("Agree on the next date"),
        _("No meeting is coming up. Without a date an exchange comes to a stop."),
        CITY_OFFICES,
        "workspace:meeting-plan",
        _("Plan a meeting"),
        Permission.LEAD_MEETINGS,
    ),
    Need.MINUTES: Wording(
        _("Write the minutes of the meeting on %(day)s"),
        _("What was agreed is soon forgotten. Write them together, item by item."),
        EVERYBODY,
        "meeting:minutes",
        _("To the minutes"),
        Permission.CONTRIBUTE,
    ),
    Need.RETURNED: Wording(
        _("Revise the profile"),
        _("It was sent back for revision; the note says why. Submit it again afterwards."),
        CITY_OFFICES,
        "workspace:profile",
        _("To the profile"),
        Permission.DRAFT_PROFILE,
    ),
    Need.PROFILE: Wording(
        _("Write the profile"),
        _("The public page does not say yet what you do together."),
        EVERYBODY,
        "workspace:profile",
        _("To the profile"),
        Permission.DRAFT_PROFILE,
    ),
    Need.SUBMISSION: Wording(
        _("Submit the profile"),
        _("The draft is not public. One city submits it, the other one confirms it."),
        CITY_OFFICES,
        "workspace:profile",
        _("To the profile"),
        Permission.SUBMIT_PROFILE,
    ),
    Need.WORD: Wording(
        _("Confirm the profile: %(cities)s"),
        _("A version was submitted. It becomes public once every city has confirmed it."),
        _("contact person or deputy of %(cities)s"),
        "workspace:profile-confirm",
        _("Read and confirm"),
        Permission.SUBMIT_PROFILE,
    ),
    Need.RELEASE: Wording(
        _("Release the profile"),
        _("All cities have confirmed it. It becomes public with the release."),
        _("project team or BBSR"),
        "workspace:profile-release",
        _("Read and release"),
        Permission.RELEASE_PROFILE,
    ),
    Need.FRESHNESS: Wording(
        _("Bring the profile up to date"),
        _("It says how things stood on %(as_of)s. Visitors see a warning."),
        EVERYBODY,
        "workspace:profile",
        _("To the profile"),
        Permission.DRAFT_PROFILE,
    ),
    Need.COMMITMENT: Wording(
        _("Record a commitment from the meeting on %(day)s"),
        _("Every exchange ends in a commitment. None has been recorded since this meeting."),
        EVERYBODY,
        "workspace:commitments",
        _("Record a commitment"),
        Permission.CONTRIBUTE,
    ),
    Need.OVERDUE: Wording(
        _("Report what became of the overdue commitments: %(cities)s"),
        _("They are overdue, and nothing has been reported."),
        _("contact person or deputy of %(cities)s"),
        "workspace:commitments",
        _("See the commitments"),
        Permission.LEAD_MEETINGS,
    ),
    Need.KEPT: Wording(
        _("Keep a first commitment"),
        _("Commitments were made, and none has been reported as kept so far."),
        CITY_OFFICES,
        "workspace:commitments",
        _("See the commitments"),
        Permission.LEAD_MEETINGS,
    ),
    Need.CONTACT: Wording(
        _("Name a contact person: %(cities)s"),
        _("Nobody can speak for the city here."),
        TEAM,
        "accounts:invite",
        _("Invite a contact person"),
        Permission.MANAGE_CITY_ROLES,
    ),
    Need.DEPUTY: Wording(
        _("Name a deputy: %(cities)s"),
        _("Every municipality needs a deputy, so that nothing stops when somebody is away."),
        _("contact person of %(cities)s"),
        "accounts:invite",
        _("Invite a deputy"),
        Permission.INVITE_COLLEAGUES,
    ),
    Need.TOPIC: Wording(
        _("Name the topics"),
        _("Nobody can see yet what you work on, who gives and who seeks."),
        CITY_OFFICES,
        "workspace:topic-add",
        _("Add a topic"),
        Permission.SUBMIT_PROFILE,
    ),
}
