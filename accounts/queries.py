"""What the pages about people read."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.enums import CITY_ROLES
from accounts.models import DirectoryEntry, RoleAssignment
from accounts.models.directory import DirectoryEntryQuerySet
from accounts.models.roles import RoleAssignmentQuerySet
from accounts.permissions import Permission
from core.text import normalise_for_search
from municipalities.models import Municipality

MOST_WORDS = 8


def offices_shown_to(user: Any) -> RoleAssignmentQuerySet:
    """Return the city roles of today whose municipality ``user`` may know to take part.

    A municipality whose partnership is not public yet is known to itself and to the team: its name
    would tell the selection before it is released.
    """
    held = RoleAssignment.objects.held_on(timezone.localdate()).filter(role__in=CITY_ROLES)
    if user.has_perm(Permission.READ_PEOPLE):
        return held
    known = Municipality.objects.visible_to(user).values("pk")
    own = [role.municipality_id for role in user.roles if role.municipality_id]
    return held.filter(Q(municipality__in=known) | Q(municipality__in=own))


def directory_for(user: Any) -> DirectoryEntryQuerySet:
    """Return what ``user`` may read of the directory, by municipality and name.

    Each entry comes with the topics and, as ``user.offices``, the roles for municipalities.
    """
    offices = offices_shown_to(user)
    first = offices.filter(user=OuterRef("user")).order_by("municipality__slug", "pk")
    rows = DirectoryEntry.objects.visible_to(user).filter(Exists(first.order_by()))
    return (
        rows.annotate(place=Subquery(first.values("municipality__slug")[:1]))
        .select_related("user")
        .prefetch_related(
            "topics",
            Prefetch(
                "user__role_assignments",
                queryset=offices.with_places().order_by("municipality__slug", "pk"),
                to_attr="offices",
            ),
        )
        .order_by("place", "user__name", "pk")
    )


def places_in_directory(user: Any) -> list[Municipality]:
    """Return the municipalities that somebody in the directory acts for, by name."""
    entries = DirectoryEntry.objects.visible_to(user).values("user")
    offices = offices_shown_to(user).filter(user__in=entries)
    rows = Municipality.objects.filter(pk__in=offices.values("municipality"))
    return list(rows.for_lists().by_name())


def speaking(rows: DirectoryEntryQuerySet, language: str) -> DirectoryEntryQuerySet:
    """Return those who work in a language (ISO 639-1); both databases read the list as text."""
    text = Cast("languages", models.TextField())
    return rows.alias(spoken=text).filter(spoken__contains=f'"{language}"')


def acting_for(rows: DirectoryEntryQuerySet, user: Any, **place: str) -> DirectoryEntryQuerySet:
    """Return those who act for a municipality with these properties."""
    named = {f"municipality__{name}": value for name, value in place.items()}
    return rows.filter(Exists(offices_shown_to(user).filter(user=OuterRef("user"), **named)))


def found_by(rows: DirectoryEntryQuerySet, user: Any, question: str) -> DirectoryEntryQuerySet:
    """Return those with every word in the name, the office, the work or the municipality."""
    for word in question.split()[:MOST_WORDS]:
        plain = normalise_for_search(word)
        places = offices_shown_to(user).filter(
            user=OuterRef("user"), municipality__search_text__contains=plain
        )
        told = Q(search_text__contains=plain) | Q(user__name__icontains=word)
        rows = rows.filter(told | Exists(places))
    return rows
