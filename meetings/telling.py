"""What tells the partnerships of a meeting that something happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import translation

from accounts.enums import Notification
from meetings.enums import MeetingScope
from meetings.models import Meeting
from municipalities.models import Municipality
from tandems.actions.notices import tell_people
from tandems.models import Tandem


def partnerships_of(meeting: Meeting) -> list[Tandem]:
    """Return the partnerships that meet; of a meeting of the whole network, none is named."""
    if meeting.scope == MeetingScope.SEVERAL:
        return list(meeting.partnerships.in_order())
    return [meeting.tandem] if meeting.tandem else []


def names_of(meeting: Meeting) -> dict[str, str]:
    """Return the title of a meeting in each language, as a fact of a notice."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[f"meeting_{code}"] = str(meeting.title)
    return found


def tell_of_meeting(
    meeting: Meeting,
    event: str,
    *,
    path: str = "",
    facts: Mapping[str, str] | None = None,
    city: Municipality | None = None,
    team: bool = False,
    by: Any,
) -> int:
    """Tell whoever acts for a partnership that meets; return how many people were told.

    ``event`` names a sentence of ``tandems.notices.EVENTS``. A person in two partnerships that meet
    is told of each.
    """
    return sum(
        tell_people(
            tandem=tandem,
            kind=Notification.TANDEM_MEETINGS,
            event=event,
            path=path or meeting.internal_url,
            facts={**names_of(meeting), **(facts or {})},
            city=city,
            team=team,
            by=by,
        )
        for tandem in partnerships_of(meeting)
    )
