"""A partnership as it is always shown: the cities side by side, never two unrelated words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from core.dates import NO_DATE, DateSpan
from municipalities.enums import Country
from municipalities.models import Municipality
from tandems.models import TandemMember


@dataclass(frozen=True, slots=True)
class Side:
    """One city of a pair; ``left`` is falsy while it is a member."""

    municipality: Municipality
    is_guest: bool
    left: DateSpan
    partner: bool

    @property
    def name(self) -> str:
        """Return the name in the reader's language."""
        return self.municipality.name

    @property
    def country(self) -> str:
        """Return the country code."""
        return self.municipality.country

    @property
    def country_name(self) -> str:
        """Return the country's name in the reader's language."""
        return str(Country(self.municipality.country).label)

    @property
    def local_name(self) -> str:
        """Return the local name where it differs, without what stands in brackets behind it."""
        place = self.municipality
        return place.local_name.partition(" (")[0] if place.has_other_local_name else ""

    @property
    def local_language(self) -> str:
        """Return the language of the local name."""
        return self.municipality.local_language

    @property
    def url(self) -> str:
        """Return the address of the municipality's page."""
        return self.municipality.get_absolute_url()


def sides_of(members: Iterable[TandemMember], today: dt.date) -> list[Side]:
    """Return the sides of a pair in its order; every city but the first German one is a partner."""
    ordered = list(members)
    home = next((m for m in ordered if m.municipality.country == Country.DE), None)
    return [
        Side(
            municipality=member.municipality,
            is_guest=member.is_guest,
            left=member.left if member.has_left(today) else NO_DATE,
            partner=member is not home,
        )
        for member in ordered
    ]


def standing(members: Iterable[TandemMember]) -> list[TandemMember]:
    """Return one membership for each municipality: the current one, else the last.

    A city may leave and come back; it is still one city.
    """
    last: dict[int, TandemMember] = {}
    for member in members:
        known = last.get(member.municipality_id)
        if known is None or (
            known.left_on and (not member.left_on or member.left_on > known.left_on)
        ):
            last[member.municipality_id] = member
    return list(last.values())


def pair_of(members: Iterable[TandemMember]) -> list[Side]:
    """Return the sides of a partnership: full members, or all where it is an exchange.

    The members should have been fetched with their municipalities, in the order of the pair.
    """
    stand = standing(members)
    full = [member for member in stand if not member.is_guest]
    return sides_of(full if len(full) > 1 else stand, timezone.localdate())


def name_of(members: Iterable[TandemMember], code: str) -> str:
    """Return the name of a partnership that is made of its cities, in the language ``code``."""
    names = (getattr(row.municipality, f"name_{code}") or row.municipality.name for row in members)
    return " – ".join(names)[:200]


def note_of(said: Mapping[str, str]) -> str:
    """Return a reason in all its languages, as the history keeps one that is not public."""
    return " · ".join(dict.fromkeys(text for text in said.values() if text))
