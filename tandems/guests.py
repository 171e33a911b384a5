"""Guests: which topics and meetings they were let into, and which municipalities may come.

A guest reads the one topic or meeting that it was let into. That a municipality is docked on to a
partnership (a :class:`~tandems.models.TandemMember` with the role of a guest) opens nothing.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.permissions import Permission, reach_of
from core.queries import hanging
from municipalities.models import Municipality
from tandems.models import Tandem, TandemTopic, TopicGuest


def guests_for(tandem: Tandem) -> QuerySet[Municipality]:
    """Return the municipalities that may come as guests, by name: all that are no member now.

    One whose only partnership is not public yet is not among them: its name would tell the
    selection before it is released.
    """
    members = tandem.members.acting().values("municipality")
    return Municipality.objects.visible_to().exclude(pk__in=members).for_lists().by_name()


def topics_open_to(user: Any) -> QuerySet[TandemTopic]:
    """Return the topics that ``user`` reads today because its municipality is a guest there.

    The project team needs no invitation; for it there are none.
    """
    reach = reach_of(user, Permission.READ_WORKSPACE)
    if not reach:
        return TandemTopic.objects.none()
    guests = TopicGuest.objects.current_on(timezone.localdate())
    mine = guests.filter(topic=OuterRef("pk"), municipality__in=reach)
    rows = TandemTopic.objects.filter(Exists(mine)).select_related("tandem", "topic")
    return rows.order_by("tandem__number", "tandem_id", "position")


def meetings_open_to(user: Any) -> QuerySet[Any]:
    """Return the meetings that ``user`` reads because its municipality was let into them."""
    rows: QuerySet[Any] = hanging(Tandem, "meetings").all()
    reach = reach_of(user, Permission.READ_WORKSPACE)
    if not reach:
        return rows.none()
    guests = hanging(rows.model, "guests").filter(meeting=OuterRef("pk"), municipality__in=reach)
    return rows.filter(Exists(guests)).select_related("tandem").order_by("-sorted_on", "-pk")
