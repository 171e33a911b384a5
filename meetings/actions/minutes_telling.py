"""What tells the cities what happened to minutes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from accounts.enums import Notification
from meetings.asked import cities_asked
from meetings.enums import MeetingScope
from meetings.models import Minutes
from meetings.telling import names_of, tell_of_meeting
from municipalities.models import Municipality
from tandems.actions.notices import tell_people
from tandems.enums import TandemStatus
from tandems.models import Tandem, TandemMember

#: Single voices among the many cities of a network meeting are on the page, not in the mail.
OF_FEW = frozenset({"minutes_commented", "minutes_agreed_by"})


def tell_of_minutes(
    minutes: Minutes,
    event: str,
    *,
    path: str = "",
    facts: Mapping[str, str] | None = None,
    city: Municipality | None = None,
    team: bool = False,
    by: Any,
) -> int:
    """Tell the cities what happened to minutes; return how many people were told.

    Of a meeting of the whole network the partnerships of the cities that are asked are told, those
    not that are in preparation: their cities do not read it.
    """
    meeting = minutes.meeting
    page = path or reverse("meeting:minutes", args=[meeting.pk])
    if meeting.scope != MeetingScope.PROGRAMME:
        return tell_of_meeting(meeting, event, path=page, facts=facts, city=city, team=team, by=by)
    if event in OF_FEW:
        return 0
    asked = TandemMember.objects.acting().filter(municipality__in=cities_asked(meeting))
    tandems = Tandem.objects.filter(pk__in=asked.values("tandem"))
    tandems = tandems.exclude(status=TandemStatus.PLANNED)
    return sum(
        tell_people(
            tandem=tandem,
            kind=Notification.TANDEM_MEETINGS,
            event=event,
            path=page,
            facts={**names_of(meeting), **(facts or {})},
            team=team,
            by=by,
        )
        for tandem in tandems.order_by("number")
    )
