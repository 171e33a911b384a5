"""All pairs by their fit, fast: the same sums as :func:`calls.matching.fit.fit_of`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calls.matching.cities import City
from calls.matching.fit import (
    SCALE,
    Measured,
    Weights,
    capacity_share,
    language_share,
    measured,
    numbered_topics,
    size_share,
    type_share,
)

#: Bits for the place of a city on its side; a pair's code is both places, the German one first.
PLACE_BITS = 20
PLACE_MASK = (1 << PLACE_BITS) - 1
CODE_BITS = 2 * PLACE_BITS
CODE_MASK = (1 << CODE_BITS) - 1


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every pair of German and other European cities, the best fit first.

    Attributes:
        germans: Sorted by key; a place is an index into them.
        europeans: The same.
        weights: With which the fits were computed.
        order: A number per pair, ascending: what its fit lacks to :data:`SCALE`, then its code.
            Equal fits so follow the order of the keys.
    """

    germans: tuple[City, ...]
    europeans: tuple[City, ...]
    weights: Weights
    order: Sequence[int]


def rank_pairs(germans: Iterable[City], europeans: Iterable[City], weights: Weights) -> Ranking:
    """Return all pairs by their fit. 40,000 take about a tenth of a second."""
    left = tuple(sorted(germans, key=lambda city: city.key))
    right = tuple(sorted(europeans, key=lambda city: city.key))
    topics = numbered_topics((*left, *right))
    others = [measured(city, topics) for city in right]
    order: list[int] = []
    for place, city in enumerate(left):
        one = measured(city, topics)
        order += _row(one, others, weights, (SCALE << CODE_BITS) + (place << PLACE_BITS))
    order.sort()
    return Ranking(left, right, weights, order)


def _row(one: Measured, others: Sequence[Measured], weights: Weights, start: int) -> list[int]:
    """Return one German city's entries in the order, ``start`` being that of a fit of 0.

    Offer and challenge are written out: a call of a function for each of them would double the
    time. Tests hold them to :func:`calls.matching.fit.fit_of`.
    """
    seeks, gives, need, met_shares = one.seeks, one.gives, one.need, one.met_shares
    for_offer, for_challenge = weights.offer, weights.challenge
    row = []
    for place, (other, rest) in enumerate(
        zip(others, _weighted_figures(one, others, weights), strict=True)
    ):
        x = met_shares[(seeks & other.gives).bit_count()]
        y = other.met_shares[(other.seeks & gives).bit_count()]
        weighted = rest + for_offer * ((x + 3 * y if y < x else 3 * x + y) // 4)
        shared = (seeks & other.seeks).bit_count()
        if shared:
            weighted += for_challenge * (SCALE * shared // (need + other.need - shared))
        row.append(start + place - ((weighted + 50) // 100 << CODE_BITS))
    return row


def _weighted_figures(one: Measured, others: Sequence[Measured], weights: Weights) -> list[int]:
    """Return weight × share of language, capacity, size and type, summed, for each other city.

    Many cities share their languages, hours and type, so each of them is compared only once.
    """
    languages = {
        key: weights.language * language_share(one.languages, key)
        for key in {other.languages for other in others}
    }
    hours = {
        key: weights.capacity * capacity_share(one.hours, key)
        for key in {other.hours for other in others}
    }
    types = {
        key: weights.type * type_share(one.type, key) for key in {other.type for other in others}
    }
    for_size, magnitude = weights.size, one.magnitude
    return [
        languages[other.languages]
        + hours[other.hours]
        + types[other.type]
        + for_size * size_share(magnitude, other.magnitude)
        for other in others
    ]
