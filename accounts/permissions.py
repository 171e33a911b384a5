"""Who may do what: the one table of rights (see ``docs/permissions.md``, made from it)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.enums import CITY_ROLES, UserRole


class Permission(StrEnum):
    """What somebody may do; the values are Django's permission strings."""

    APPLY = "calls.apply"
    READ_APPLICATIONS = "calls.read_applications"
    SCORE = "calls.score"
    PREPARE_SELECTION = "calls.prepare_selection"
    DECIDE_SELECTION = "calls.decide_selection"
    VIEW_CALL = "calls.view_call"
    ADD_CALL = "calls.add_call"
    CHANGE_CALL = "calls.change_call"
    READ_WORKSPACE = "tandems.read_workspace"
    DRAFT_PROFILE = "tandems.draft_profile"
    SUBMIT_PROFILE = "tandems.submit_profile"
    RELEASE_PROFILE = "tandems.release_profile"
    CONTRIBUTE = "meetings.contribute"
    LEAD_MEETINGS = "meetings.lead"
    CHANGE_MEMBERSHIP = "tandems.change_membership"
    READ_DIRECTORY = "accounts.read_directory"
    READ_REPORTS = "vernetzt.read_reports"
    INVITE_COLLEAGUES = "accounts.invite_colleagues"
    HAND_OVER = "accounts.hand_over"
    READ_PEOPLE = "accounts.view_roleassignment"
    READ_INVITATIONS = "accounts.view_invitation"
    READ_ACCOUNTS = "accounts.view_user"
    READ_HISTORY = "core.view_statuschange"
    READ_MAILS = "post_office.view_email"
    READ_MAIL_LOG = "post_office.view_log"
    MANAGE_CITY_ROLES = "accounts.manage_city_roles"
    MANAGE_PEOPLE = "accounts.manage_people"
    OPEN_ADMIN = "accounts.open_admin"


class Scope(StrEnum):
    """On what a right holds."""

    #: What belongs to a municipality for which the role is held.
    OWN = "own"
    #: What was assigned to the person and carries no conflict of interest.
    ASSIGNED = "assigned"
    ALL = "all"


P, S, R = Permission, Scope, UserRole

_CONTACT = {
    P.APPLY: S.OWN,
    P.READ_WORKSPACE: S.OWN,
    P.DRAFT_PROFILE: S.OWN,
    P.SUBMIT_PROFILE: S.OWN,
    P.CONTRIBUTE: S.OWN,
    P.LEAD_MEETINGS: S.OWN,
    P.INVITE_COLLEAGUES: S.OWN,
    P.HAND_OVER: S.OWN,
    P.READ_DIRECTORY: S.ALL,
}
_TEAM = {
    P.OPEN_ADMIN: S.ALL,
    P.READ_APPLICATIONS: S.ALL,
    P.PREPARE_SELECTION: S.ALL,
    P.VIEW_CALL: S.ALL,
    P.ADD_CALL: S.ALL,
    P.CHANGE_CALL: S.ALL,
    P.READ_WORKSPACE: S.ALL,
    P.DRAFT_PROFILE: S.ALL,
    P.SUBMIT_PROFILE: S.ALL,
    P.RELEASE_PROFILE: S.ALL,
    P.CONTRIBUTE: S.ALL,
    P.LEAD_MEETINGS: S.ALL,
    P.CHANGE_MEMBERSHIP: S.ALL,
    P.READ_DIRECTORY: S.ALL,
    P.READ_REPORTS: S.ALL,
    P.INVITE_COLLEAGUES: S.ALL,
    P.HAND_OVER: S.ALL,
    P.READ_PEOPLE: S.ALL,
    P.READ_INVITATIONS: S.ALL,
    P.READ_HISTORY: S.ALL,
    P.READ_MAILS: S.ALL,
    P.READ_MAIL_LOG: S.ALL,
    P.MANAGE_CITY_ROLES: S.ALL,
}

#: Role → right → on what it holds. A role that is not held today gives nothing.
GRANTS: dict[str, dict[Permission, Scope]] = {
    R.CONTACT: _CONTACT,
    R.DEPUTY: _CONTACT,
    R.COLLEAGUE: {
        P.READ_WORKSPACE: S.OWN,
        P.DRAFT_PROFILE: S.OWN,
        P.CONTRIBUTE: S.OWN,
        P.READ_DIRECTORY: S.ALL,
    },
    R.REVIEWER: {P.OPEN_ADMIN: S.ALL, P.READ_APPLICATIONS: S.ASSIGNED, P.SCORE: S.ASSIGNED},
    R.COORDINATOR: _TEAM,
    R.BBSR: {**_TEAM, P.DECIDE_SELECTION: S.ALL, P.MANAGE_PEOPLE: S.ALL, P.READ_ACCOUNTS: S.ALL},
    R.OBSERVER: {P.OPEN_ADMIN: S.ALL, P.READ_REPORTS: S.ALL},
}

#: Rights that a thing gives to the people whom it names itself, without any role: an officer of a
#: municipality that is not in the register yet writes its application.
NAMED = frozenset({P.APPLY})

#: Rights that end where a conflict of interest begins: on what says so by ``is_closed_to``.
IMPARTIAL = frozenset(
    {P.READ_APPLICATIONS, P.SCORE, P.PREPARE_SELECTION, P.DECIDE_SELECTION},
)


def require(user: Any, permission: Permission, subject: Any = None) -> None:
    """Raise :class:`PermissionDenied` unless ``user`` may do this on ``subject``."""
    if not user.has_perm(permission, subject):
        raise PermissionDenied


def reach_of(user: Any, permission: Permission) -> set[int] | None:
    """Return for which municipalities (primary keys) ``user`` holds a right, ``None``: for all.

    What the right covers in a list is asked with this, what it covers on one thing with
    ``user.has_perm``; both read the same table.
    """
    own = set()
    for assignment in getattr(user, "roles", ()) if user is not None and user.is_active else ():
        scope = GRANTS[assignment.role].get(permission)
        if scope == Scope.ALL:
            return None
        if scope == Scope.OWN:
            own.add(assignment.municipality_id)
    return own


def may_give(user: Any, subject: Any) -> bool:
    """Tell whether ``user`` may give or end this role there.

    BBSR gives every role, the project team city roles, a contact or deputy the roles of deputy and
    colleague in the own municipality.
    """
    if user.has_perm(Permission.MANAGE_PEOPLE):
        return True
    if subject.role not in CITY_ROLES:
        return False
    if user.has_perm(Permission.MANAGE_CITY_ROLES):
        return True
    helps = subject.role in {UserRole.DEPUTY, UserRole.COLLEAGUE}
    return helps and user.has_perm(Permission.INVITE_COLLEAGUES, subject)


def table() -> str:
    """Return the rights as the Markdown of ``docs/permissions.md``."""
    roles = [str(role) for role in UserRole]
    lines = [
        "# Who may do what",
        "",
        "Made from `accounts/permissions.py` by `manage.py permissions`; do not edit by hand.",
        "`own`: what belongs to the own municipality · `assigned`: what was assigned to the person",
        "and carries no conflict of interest · `all`: everything · `–`: nothing.",
        "",
        "| right | " + " | ".join(roles) + " |",
        "|---|" + "---|" * len(roles),
    ]
    for permission in Permission:
        scopes = [GRANTS[role].get(permission, "–") for role in roles]
        lines.append(f"| `{permission}` | " + " | ".join(scopes) + " |")
    return "\n".join(lines) + "\n"
