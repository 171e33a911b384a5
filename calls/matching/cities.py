"""What matching knows of a municipality that applied."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

#: Levels of an offer and of a need run from 1 to this.
HIGHEST_LEVEL = 3
#: Inhabitants from which a municipality belongs to the next type.
TYPE_BOUNDS = (5_000, 20_000, 100_000)


class CityType(IntEnum):
    """Class by inhabitants, in the steps of BBSR's “Stadt- und Gemeindetyp”."""

    RURAL_MUNICIPALITY = 0
    SMALL_TOWN = 1
    MEDIUM_SIZED_TOWN = 2
    LARGE_CITY = 3


@dataclass(frozen=True, slots=True)
class City:
    """A municipality that may be matched, as it described itself.

    Attributes:
        key: Number by which it is told apart from every other; ties are broken by it.
        name: For people; matching does not read it.
        country: ISO 3166-1 alpha-2.
        population: Inhabitants, or nothing if unknown.
        gives: Topic → level of the offer: 1 begun, 2 in operation, 3 others already learn from it.
        seeks: Topic → level of the need: 1 curious, 2 planned, 3 urgent.
        languages: Working languages, ISO 639-1.
        hours: Working hours a month, or nothing if unknown.
        twinned_with: Keys of cities with which a town twinning exists; one side is enough.

    Raises:
        ValueError: A level is not 1, 2 or 3, nobody lives there, or the hours are below 0.
    """

    key: int
    name: str
    country: str
    population: int | None = None
    gives: Mapping[str, int] = field(default_factory=dict)
    seeks: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    hours: int | None = None
    twinned_with: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        levels = {*self.gives.values(), *self.seeks.values()}
        if not levels <= set(range(1, HIGHEST_LEVEL + 1)):
            raise ValueError(f"Levels run from 1 to {HIGHEST_LEVEL}: {sorted(levels)}.")
        if self.population is not None and self.population < 1:
            raise ValueError(f"Inhabitants start at 1: {self.population}.")
        if self.hours is not None and self.hours < 0:
            raise ValueError(f"Hours start at 0: {self.hours}.")


def are_twinned(city: City, other: City) -> bool:
    """Tell whether a town twinning exists, whichever of both named it."""
    return other.key in city.twinned_with or city.key in other.twinned_with


def city_type(population: int | None) -> CityType | None:
    """Return the class of a number of inhabitants, or nothing if that is unknown.

    Source: BBSR, “Laufende Stadtbeobachtung – Raumabgrenzungen, Stadt- und Gemeindetypen”: rural
    municipality under 5,000, small town under 20,000, medium-sized town under 100,000, else large
    city. BBSR also looks at the central function of small places; that is not known here.
    """
    if population is None:
        return None
    return CityType(bisect_right(TYPE_BOUNDS, population))
