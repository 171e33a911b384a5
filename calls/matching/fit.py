"""How well two cities fit, in whole numbers: six parts, each a share, and their weighted sum.

A share is a whole number of ten-thousandths (0 to :data:`SCALE`). Nothing here is a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from decimal import Context, Decimal

from calls.matching.cities import HIGHEST_LEVEL, City, CityType, city_type

#: The whole; a share or a total of this value is perfect.
SCALE = 10_000
#: What stands for a figure that a city did not give: neither good nor bad.
NEUTRAL = SCALE // 2
#: No language, one, or more in common: one is enough to work, a second eases it.
LANGUAGE_SHARES = (0, 9_000, SCALE)
#: Digits for logarithms; far more than a share can show.
DIGITS = Context(prec=30)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts, in whole per cent.

    Raises:
        ValueError: A weight is below 0, or they do not sum to 100.
    """

    offer: int = 50
    challenge: int = 15
    language: int = 10
    capacity: int = 10
    size: int = 10
    type: int = 5

    def __post_init__(self) -> None:
        weights: tuple[int, ...] = astuple(self)
        if min(weights) < 0 or sum(weights) != 100:
            raise ValueError(f"Weights are 0 or more and sum to 100: {weights}.")


@dataclass(frozen=True, slots=True)
class Fit:
    """The fit of a pair and its parts, in ten-thousandths.

    ``german_met`` and ``european_met`` are the shares of each city's need that the other's offer
    meets; ``offer`` is made of both.
    """

    total: int
    offer: int
    challenge: int
    language: int
    capacity: int
    size: int
    type: int
    german_met: int
    european_met: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A city made ready for comparing it with many others.

    Attributes:
        seeks: Nine bits per topic; the lowest ``3 * level`` are set.
        gives: Nine bits per topic; of every three, the lowest ``level`` are set. So the bits that
            are set in the one's ``seeks`` and the other's ``gives`` number the sum of
            level × level over all topics, and one machine step counts them.
        need: 3 × the sum of the levels of what it seeks: what a perfect offer would meet.
        met_shares: Share of the need for every sum of level × level from 0 to ``need``.
        magnitude: Ten-thousandths of the decimal logarithm of the inhabitants, rounded down.
    """

    seeks: int
    gives: int
    need: int
    met_shares: Sequence[int]
    magnitude: int | None
    type: CityType | None
    hours: int | None
    languages: frozenset[str]


def numbered_topics(cities: Iterable[City]) -> dict[str, int]:
    """Return a number from 0 for every topic that any of the cities names."""
    topics = {topic for city in cities for levels in (city.gives, city.seeks) for topic in levels}
    return {topic: number for number, topic in enumerate(sorted(topics))}


def measured(city: City, topics: Mapping[str, int]) -> Measured:
    """Return the city ready for comparing; ``topics`` as :func:`numbered_topics` gives it."""
    seeks = sum(((1 << 3 * level) - 1) << 9 * topics[key] for key, level in city.seeks.items())
    gives = sum(
        0b001_001_001 * ((1 << level) - 1) << 9 * topics[key] for key, level in city.gives.items()
    )
    need = HIGHEST_LEVEL * sum(city.seeks.values())
    return Measured(
        seeks,
        gives,
        need,
        [SCALE * number // need for number in range(need + 1)] if need else [0],
        magnitude_of(city.population),
        city_type(city.population),
        city.hours,
        city.languages,
    )


def magnitude_of(population: int | None) -> int | None:
    """Return ten-thousandths of the decimal logarithm, rounded down, or nothing if unknown.

    :mod:`decimal` rounds logarithms correctly everywhere; those of :mod:`math` may differ in the
    last digit from machine to machine.
    """
    if population is None:
        return None
    return int(DIGITS.multiply(Decimal(population).log10(DIGITS), Decimal(SCALE)))


def offer_share(german_met: int, european_met: int) -> int:
    """Return how well offers meet needs in both directions.

    Half the mean of both directions and half the weaker one: ``(x + y + 2 min(x, y)) / 4``. A pair
    in which one city's need is wholly met and the other's not at all is worth a quarter, one in
    which half of each need is met a half. Partnerships keep going when both gain (Bontenbal,
    Public Administration and Development 33, 2013), yet a one-sided pair is not worthless. Rises
    with either direction.
    """
    return (german_met + european_met + 2 * min(german_met, european_met)) // 4


def challenge_share(one: Measured, other: Measured) -> int:
    """Return the share of challenges that both have: sum of lower levels / sum of higher levels.

    The weighted Jaccard index (Ružička) of what both seek; 0 if neither seeks anything.
    """
    shared = (one.seeks & other.seeks).bit_count()
    return SCALE * shared // (one.need + other.need - shared) if shared else 0


def language_share(one: frozenset[str], other: frozenset[str]) -> int:
    """Return what the languages in common are worth: none 0, one 0.9, more 1."""
    return LANGUAGE_SHARES[min(len(one & other), 2)]


def capacity_share(one: int | None, other: int | None) -> int:
    """Return fewer / more hours a month; a half if unknown, 0 if neither has an hour."""
    if one is None or other is None:
        return NEUTRAL
    return SCALE * min(one, other) // max(one, other, 1)


def size_share(one: int | None, other: int | None) -> int:
    """Return ``1 - |log10(a / b)|`` from two magnitudes: 1 if equal, 0 from a factor of 10 on.

    A half if one is unknown.
    """
    if one is None or other is None:
        return NEUTRAL
    return max(0, SCALE - abs(one - other))


def type_share(one: CityType | None, other: CityType | None) -> int:
    """Return 1 for the same class, a half for one class apart or if unknown, else 0."""
    if one is None or other is None:
        return NEUTRAL
    return max(0, SCALE - NEUTRAL * abs(one - other))


def fit_of(german: City, european: City, weights: Weights) -> Fit:
    """Return how well the two cities fit.

    Total = the sum of weight × share over the six parts, rounded half up to ten-thousandths.
    """
    topics = numbered_topics((german, european))
    one, other = measured(german, topics), measured(european, topics)
    german_met = one.met_shares[(one.seeks & other.gives).bit_count()]
    european_met = other.met_shares[(other.seeks & one.gives).bit_count()]
    shares = (
        offer_share(german_met, european_met),
        challenge_share(one, other),
        language_share(one.languages, other.languages),
        capacity_share(one.hours, other.hours),
        size_share(one.magnitude, other.magnitude),
        type_share(one.type, other.type),
    )
    weighted = sum(weight * share for weight, share in zip(astuple(weights), shares, strict=True))
    return Fit((weighted + 50) // 100, *shares, german_met, european_met)
