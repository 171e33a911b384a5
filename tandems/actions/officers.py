"""What gives contact person and deputy of a chosen application their roles."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from accounts.actions import give_role, invite
from calls.models import Submission
from municipalities.enums import Country
from municipalities.models import Municipality
from tandems.takeover import Officer, Way, officers_of


def give_roles(*, municipality: Municipality, sent: Submission, by: Any) -> None:
    """Give contact person and deputy their roles: at once to a proven account, else by invitation.

    Who cannot be invited now (an address that is none, too many invitations within the hour) does
    not hold up the partnership; the team sees who is missing, and invites again.
    """
    for officer in officers_of(sent, municipality):
        if officer.way == Way.GIVEN and officer.user is not None:
            give_role(user=officer.user, role=officer.role, municipality=municipality, by=by)
        elif officer.way == Way.INVITED:
            _try_to_invite(officer, municipality, by)


def _try_to_invite(officer: Officer, municipality: Municipality, by: Any) -> None:
    try:
        invite(
            email=officer.email,
            role=officer.role,
            municipality=municipality,
            language="de" if municipality.country == Country.DE else "en",
            by=by,
        )
    except ValidationError:
        return
