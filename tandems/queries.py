"""What the pages of the partnerships ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from core.queries import Several, hanging, prepared
from municipalities.models import Topic
from tandems.enums import ProfileState
from tandems.models import (
    ProfileEntry,
    ProfileVersion,
    Tandem,
    TandemChange,
    TandemMember,
    TandemTopic,
    prepared_members,
)

#: Partnerships on a page of the list: full rows of two, three and four.
PER_PAGE = 12
A_PAGE = Several(PER_PAGE)
#: What names a field of action.
NAMES = ("name_de", "name_en")
#: The page shows the latest meetings and news; all others are in their lists.
SHOWN_MEETINGS, SHOWN_ARTICLES = 50, 10


@dataclass(frozen=True, slots=True)
class Card:
    """A partnership with what its card in a list shows."""

    tandem: Tandem
    members: list[TandemMember]
    topics: list[Topic]


@prepared
def public_partnership(slug: Any) -> QuerySet[Tandem]:
    """Return the partnership with this slug that visitors may see, with its call."""
    return Tandem.objects.visible_to(None).with_call().filter(slug=slug)


@prepared
def members_of(tandem: Any) -> QuerySet[TandemMember]:
    """Return the members in the order of the pair, with their municipalities."""
    return prepared_members().filter(tandem=tandem)


@prepared
def topics_of(tandem: Any) -> QuerySet[TandemTopic]:
    """Return the topics with the cities that give and seek."""
    return TandemTopic.objects.with_places().filter(tandem=tandem)


@prepared
def changes_of(tandem: Any) -> QuerySet[TandemChange]:
    """Return what changed in the partnership."""
    return TandemChange.objects.filter(tandem=tandem)


@prepared
def released_profile(tandem: Any) -> QuerySet[ProfileVersion]:
    """Return the released profile, if there is one."""
    return ProfileVersion.objects.filter(tandem=tandem, state=ProfileState.RELEASED)


@prepared
def entries_of(tandem: Any) -> QuerySet[ProfileEntry]:
    """Return the challenges, goals and results of the released profile, and it along with them."""
    entries = ProfileEntry.objects.filter(
        profile__tandem=tandem, profile__state=ProfileState.RELEASED
    )
    return entries.select_related("profile")


@prepared
def meetings_of(tandem: Any) -> QuerySet[Any]:
    """Return the latest meetings that visitors may see."""
    rows: QuerySet[Any] = hanging(Tandem, "meetings").visible_to(None).filter(tandem=tandem)
    return rows.order_by("-sorted_on", "-pk")[:SHOWN_MEETINGS]


@prepared
def articles_of(tandem: Any, today: Any) -> QuerySet[Any]:
    """Return the latest news that is published on ``today``."""
    rows: QuerySet[Any] = hanging(Tandem, "articles").visible_on(today).filter(tandem=tandem)
    return rows[:SHOWN_ARTICLES]


@prepared
def members_of_several(tandems: Any = A_PAGE) -> QuerySet[TandemMember]:
    """Return the members of a page of partnerships, with their municipalities."""
    return prepared_members().filter(tandem__pk__in=tandems)


@prepared
def topics_of_several(tandems: Any = A_PAGE) -> QuerySet[Any]:
    """Return the fields of action of a page of partnerships, once for each of them."""
    return (
        Topic.objects.filter(tandem_topics__tandem__pk__in=tandems)
        .annotate(tandem=F("tandem_topics__tandem"), place=F("tandem_topics__position"))
        .only("key", *NAMES)
        .order_by("place")
    )


def cards_of(tandems: Sequence[Tandem]) -> list[Card]:
    """Return a page of partnerships as cards."""
    keys = [tandem.pk for tandem in tandems]
    members: dict[int, list[TandemMember]] = {key: [] for key in keys}
    for member in members_of_several(keys):
        members[member.tandem_id].append(member)
    topics: dict[int, dict[int, Topic]] = {key: {} for key in keys}
    for topic in topics_of_several(keys):
        topics[topic.tandem].setdefault(topic.pk, topic)
    return [
        Card(tandem, members[tandem.pk], list(topics[tandem.pk].values())) for tandem in tandems
    ]
