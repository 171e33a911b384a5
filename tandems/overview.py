"""How partnerships stand, all of them at once: facts for the next step, and the last activity.

The number of queries does not depend on the number of partnerships.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, DateTimeField, Max, OuterRef, Subquery
from django.utils import timezone

from accounts.enums import UserRole
from accounts.models import RoleAssignment
from core.models import StatusChange
from core.queries import hanging
from tandems.enums import (
    UNFINISHED,
    DocumentKind,
    MemberRole,
    ProfileState,
    TandemStatus,
    Visibility,
)
from tandems.models import (
    Document,
    ProfileConfirmation,
    ProfileEntry,
    ProfileVersion,
    Tandem,
    TandemMember,
    TandemTopic,
)
from tandems.models.profile import ASKED
from tandems.next_step import MINUTES_WITHIN, City, Facts, Step, freshness_of, steps_of

#: As ``meetings.enums`` says, which lives above.
HELD, CANCELLED, KEPT, OPEN = "held", "cancelled", "kept", "open"


@dataclass(frozen=True, slots=True)
class Standing:
    """A partnership as the team's overview shows it."""

    tandem: Tandem
    facts: Facts
    steps: list[Step]
    last_activity: dt.datetime | None

    @property
    def next_step(self) -> Step | None:
        """Return the most pressing step."""
        return self.steps[0] if self.steps else None

    @property
    def more(self) -> int:
        """Return how many steps follow."""
        return max(len(self.steps) - 1, 0)

    @property
    def freshness(self) -> str:
        """Return how fresh the public profile is, in words."""
        return freshness_of(self.facts)


def standings_of(tandems: Iterable[Tandem]) -> list[Standing]:
    """Return how partnerships stand; they come with their members (``with_members``)."""
    found = list(tandems)
    facts, activity = facts_of(found), last_activity_of(found)
    return [
        Standing(row, facts[row.pk], steps_of(facts[row.pk]), activity.get(row.pk)) for row in found
    ]


def facts_of(tandems: Sequence[Tandem]) -> dict[int, Facts]:
    """Return the facts of partnerships that come with their members, by primary key."""
    today = timezone.localdate()
    acting = {row.pk: acting_in(row, today) for row in tandems}
    offices = offices_of([city for members in acting.values() for city in members], today)
    keys = [row.pk for row in tandems]
    topics = TandemTopic.objects.going_on().filter(tandem__in=keys).order_by()
    numbers = dict(topics.values_list("tandem").annotate(Count("pk")))
    parts = [
        meeting_facts(keys, today),
        profile_facts(keys, {pk: [row.municipality_id for row in acting[pk]] for pk in keys}),
    ]
    commitments = commitments_of(keys)
    found = {}
    for tandem in tandems:
        values: dict[str, Any] = {}
        for part in parts:
            values |= part.get(tandem.pk, {})
        found[tandem.pk] = Facts(
            today=today,
            status=TandemStatus(tandem.status),
            cities=tuple(city_of(member, offices) for member in acting[tandem.pk]),
            kick_off_on=tandem.kick_off_proposed_on,
            topics=numbers.get(tandem.pk, 0),
            **values,
            **commitment_facts(
                commitments[tandem.pk], values.get("held"), values.get("held_on"), today
            ),
        )
    return found


def acting_in(tandem: Tandem, today: dt.date) -> list[TandemMember]:
    """Return the current members, in the order of the pair."""
    return [
        row
        for row in tandem.members.all()
        if row.role == MemberRole.MEMBER and not row.has_left(today)
    ]


def offices_of(members: Iterable[TandemMember], today: dt.date) -> set[tuple[int, str]]:
    """Return which offices are held for the municipalities today."""
    places = {row.municipality_id for row in members}
    rows = RoleAssignment.objects.held_on(today).filter(municipality__in=places)
    held = rows.filter(role__in=[UserRole.CONTACT, UserRole.DEPUTY])
    return {(place, role) for place, role in held.values_list("municipality_id", "role") if place}


def city_of(member: TandemMember, offices: set[tuple[int, str]]) -> City:
    """Return a city that acts, with the offices held for it."""
    pk = member.municipality_id
    return City(
        pk=pk,
        name=str(member.municipality),
        has_contact=(pk, UserRole.CONTACT) in offices,
        has_deputy=(pk, UserRole.DEPUTY) in offices,
    )


def meeting_facts(keys: list[int], today: dt.date) -> dict[int, dict[str, Any]]:
    """Return the coming date, the last meeting held with its key, and whether it has minutes."""
    rows = hanging(Tandem, "meetings").filter(tandem__in=keys, earliest__isnull=False)
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    columns = ("tandem_id", "pk", "status", "earliest", "latest")
    for tandem, pk, status, earliest, latest in rows.order_by("earliest", "pk").values_list(
        *columns
    ):
        facts = found[tandem]
        if status == HELD and earliest <= today:
            facts |= {"held_on": earliest, "held": pk}
        elif status not in {HELD, CANCELLED} and latest >= today:
            facts.setdefault("coming_on", earliest)
    begun = hanging(hanging(Tandem, "meetings").model, "minutes")
    written = set(begun.filter(meeting__tandem__in=keys).values_list("meeting", flat=True))
    for facts in found.values():
        if facts.get("held") in written:
            facts["has_minutes"] = True
    # Cities may also have put a file among the documents.
    minutes = Document.objects.filter(
        tandem__in=keys,
        kind=DocumentKind.MINUTES,
        removed_at__isnull=True,
        dated_on__isnull=False,
        # What the cities cannot read are no minutes to them.
    ).exclude(visibility=Visibility.TEAM)
    for tandem, dated_on in minutes.order_by().values_list("tandem_id", "dated_on"):
        held_on = found[tandem].get("held_on")
        if held_on and held_on <= dated_on <= held_on + MINUTES_WITHIN:
            found[tandem]["has_minutes"] = True
    return found


def profile_facts(keys: list[int], acting: dict[int, list[int]]) -> dict[int, dict[str, Any]]:
    """Return where the profile stands: on its way, whose word is missing, public since when."""
    shown = [*UNFINISHED, ProfileState.RELEASED]
    rows = list(ProfileVersion.objects.filter(tandem__in=keys, state__in=shown).order_by("pk"))
    given: dict[int, set[int]] = defaultdict(set)
    words = ProfileConfirmation.objects.filter(profile__in=[row.pk for row in rows]).order_by()
    for version, place in words.values_list("profile_id", "municipality_id"):
        given[version].add(place)
    returned = returned_among([row.pk for row in rows if row.state == ProfileState.DRAFT])
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        facts = found[row.tandem_id]
        if row.state == ProfileState.RELEASED:
            facts |= {"is_released": True, "as_of": row.as_of}
            continue
        facts |= {"unfinished": row.state, "is_returned": row.pk in returned}
        if row.state in ASKED:
            places = acting[row.tandem_id]
            facts["word_of"] = tuple(place for place in places if place not in given[row.pk])
    return found


def returned_among(drafts: list[int]) -> set[int]:
    """Return which of the drafts were sent back, by their history."""
    rows = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(ProfileVersion),
        object_id__in=drafts,
        field="state",
        new=ProfileState.DRAFT,
        old__in=[ProfileState.SUBMITTED, ProfileState.CONFIRMED],
    )
    return set(rows.order_by().values_list("object_id", flat=True))


def commitments_of(keys: list[int]) -> dict[int, list[Any]]:
    """Return the commitments of partnerships: city, meeting, day, state and when made."""
    columns = ("tandem_id", "municipality_id", "meeting_id", "due_on", "state", "made_at")
    rows = hanging(Tandem, "commitments").filter(tandem__in=keys).order_by("pk")
    found: dict[int, list[Any]] = defaultdict(list)
    for tandem, *commitment in rows.values_list(*columns):
        found[tandem].append(commitment)
    return found


def commitment_facts(
    commitments: list[Any], meeting: int | None, held_on: dt.date | None, today: dt.date
) -> dict[str, Any]:
    """Return how commitments stand, and whether one followed from the last meeting."""
    late = {place for place, _m, due, state, _at in commitments if state == OPEN and due < today}
    return {
        "open": sum(state == OPEN for _place, _m, _due, state, _at in commitments),
        "kept": sum(state == KEPT for _place, _m, _due, state, _at in commitments),
        "overdue_of": tuple(sorted(late)),
        "has_followed_up": held_on is not None
        and any(
            of == meeting or timezone.localdate(at) >= held_on
            for _place, of, _due, _state, at in commitments
        ),
    }


def last_activity_of(tandems: Sequence[Tandem]) -> dict[int, dt.datetime]:
    """Return the moment of the last change in each partnership, by primary key."""
    parts = {
        "of_members": TandemMember.objects.all(),
        "of_versions": ProfileVersion.objects.all(),
        "of_topics": TandemTopic.objects.all(),
        "of_documents": Document.objects.all(),
        "of_meetings": hanging(Tandem, "meetings").all(),
        "of_commitments": hanging(Tandem, "commitments").all(),
    }
    newest: dict[str, Any] = {
        name: newest_change(rows.model, rows.filter(tandem=OuterRef(OuterRef("pk"))))
        for name, rows in parts.items()
    }
    newest["of_itself"] = newest_change(Tandem, Tandem.objects.filter(pk=OuterRef(OuterRef("pk"))))
    texts = ProfileEntry.objects.filter(profile__tandem=OuterRef("pk")).order_by()
    newest["of_texts"] = Subquery(
        texts.values("profile__tandem").annotate(at=Max("changed_at")).values("at"),
        output_field=DateTimeField(),
    )
    rows = Tandem.objects.filter(pk__in=[row.pk for row in tandems]).order_by()
    return {
        pk: max(known)
        for pk, *moments in rows.values_list("pk", *(newest[name] for name in newest))
        if (known := [moment for moment in moments if moment is not None])
    }


def newest_change(model: Any, rows: Any) -> Subquery:
    """Return the question for the newest change of ``rows`` of a model."""
    changes = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        object_id__in=rows.order_by().values("pk"),
    )
    return Subquery(changes.order_by("-changed_at").values("changed_at")[:1])
