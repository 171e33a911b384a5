"""The mails about people and roles."""

from __future__ import annotations

from accounts.models import Invitation, RoleAssignment
from core.outbox import write_mail


def invitation_received(invitation: Invitation) -> None:
    """Tell the invited person who invites to what, with the link and its last day."""
    context = {"invitation": invitation, "inviter": invitation.invited_by}
    write_mail(
        "mail/invitation_received",
        to=invitation.email,
        language=invitation.language,
        context=context,
    )


def role_ended(assignment: RoleAssignment) -> None:
    """Tell a person that a role has ended."""
    write_mail(
        "mail/role_ended",
        to=assignment.user.email,
        language=assignment.user.language,
        context={"assignment": assignment},
    )


def role_taken_over(assignment: RoleAssignment, predecessor: RoleAssignment, note: str) -> None:
    """Tell the successor what was handed over and what nobody had written down."""
    context = {"assignment": assignment, "predecessor": predecessor, "note": note}
    write_mail(
        "mail/role_taken_over",
        to=assignment.user.email,
        language=assignment.user.language,
        context=context,
    )
