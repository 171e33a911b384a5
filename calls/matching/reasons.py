"""Why two cities fit, as facts; words are made elsewhere, in every language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from calls.matching.cities import City, are_twinned, city_type
from calls.matching.fit import SCALE, Fit, Weights, fit_of

#: Every pair gets at least so many reasons.
LEAST_REASONS = 3
#: Populations up to this factor apart are similar; so are hours of which the fewer are at least
#: two thirds of the more.
SIMILAR_FACTOR = 2
FEWER_PARTS, MORE_PARTS = 3, 2


class ReasonKind(StrEnum):
    """What a reason says. The later ones earn nothing and are named where there are too few."""

    OFFER = "offer"  #: One gives what the other seeks (topic, giver, seeker, levels).
    CHALLENGE = "challenge"  #: Both seek the topic (topic, levels).
    LANGUAGE = "language"  #: Working languages in common (languages).
    HOURS = "hours"  #: Similar hours a month (hours).
    SIZE = "size"  #: Similar numbers of inhabitants (inhabitants).
    TYPE = "type"  #: The same class by inhabitants (:class:`CityType`).
    BOTH_GIVE = "both_give"  #: Both have done something on the topic (topic, levels).
    FURTHER_OFFER = "further_offer"  #: One gives more than was asked for (topic, giver, level).
    OTHER_TYPE = "other_type"  #: What one does, the other sees at another scale (CityType).
    HOURS_TOGETHER = "hours_together"  #: Hours a month; the sum is what both bring.
    TWINNING = "twinning"  #: They know each other from a town twinning.
    NEW_CONTACT = "new_contact"  #: There is no town twinning yet.
    TOPICS = "topics"  #: How many topics each named; 0 leaves the choice free.
    COUNTRIES = "countries"  #: The pair links their countries.


KINDS = {kind: number for number, kind in enumerate(ReasonKind)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact that speaks for a pair.

    Attributes:
        kind: What it says, and which of the others are set.
        topic: The key of the topic.
        giver: The key of the city that gives.
        seeker: The key of the city that seeks.
        german: The German city's figure: a level, hours a month, inhabitants, a
            :class:`~calls.matching.cities.CityType` or a number of topics.
        european: The same of the other city.
        languages: ISO 639-1, sorted.
        value: How much it contributes to the fit, in millionths of a perfect fit; a fit's total
            is in ten-thousandths. 0 for mere facts.
    """

    kind: ReasonKind
    topic: str = ""
    giver: int = 0
    seeker: int = 0
    german: int = 0
    european: int = 0
    languages: tuple[str, ...] = ()
    value: int = 0


def reasons_of(german: City, european: City, weights: Weights) -> tuple[Reason, ...]:
    """Return what speaks for the pair, at least three facts, what contributes most first.

    Topics share what their part earns in proportion to level × level (offers, relative to the
    seeker's need) or to the lower level (challenges). Equal values follow the order of the kinds,
    then of the topics.
    """
    fit = fit_of(german, european, weights)
    found = [
        *_offers(german, european, weights, fit),
        *_challenges(german, european, weights, fit),
        *_figures(german, european, weights, fit),
    ]
    for fact in _facts(german, european):
        if len(found) >= LEAST_REASONS:
            break
        found.append(fact)
    return tuple(sorted(found, key=lambda one: (-one.value, KINDS[one.kind], one.topic, one.giver)))


def _offers(german: City, european: City, weights: Weights, fit: Fit) -> Iterator[Reason]:
    """Return a reason for each topic on which one gives what the other seeks."""
    met = fit.german_met + fit.european_met
    for giver, seeker in ((european, german), (german, european)):
        need = 3 * sum(seeker.seeks.values())
        for topic in sorted(seeker.seeks.keys() & giver.gives.keys()):
            share = SCALE * seeker.seeks[topic] * giver.gives[topic] // need
            levels = {giver.key: giver.gives[topic], seeker.key: seeker.seeks[topic]}
            yield Reason(
                ReasonKind.OFFER,
                topic,
                giver.key,
                seeker.key,
                levels[german.key],
                levels[european.key],
                value=weights.offer * fit.offer * share // met,
            )


def _challenges(german: City, european: City, weights: Weights, fit: Fit) -> Iterator[Reason]:
    """Return a reason for each topic that both seek."""
    topics = sorted(german.seeks.keys() & european.seeks.keys())
    shared = {topic: min(german.seeks[topic], european.seeks[topic]) for topic in topics}
    for topic, level in shared.items():
        yield Reason(
            ReasonKind.CHALLENGE,
            topic,
            german=german.seeks[topic],
            european=european.seeks[topic],
            value=weights.challenge * fit.challenge * level // sum(shared.values()),
        )


def _figures(german: City, european: City, weights: Weights, fit: Fit) -> Iterator[Reason]:
    """Return what speaks for the pair in languages, hours and inhabitants."""
    if languages := tuple(sorted(german.languages & european.languages)):
        yield Reason(
            ReasonKind.LANGUAGE, languages=languages, value=weights.language * fit.language
        )
    if are_similar_hours(german.hours, european.hours):
        yield Reason(
            ReasonKind.HOURS,
            german=german.hours or 0,
            european=european.hours or 0,
            value=weights.capacity * fit.capacity,
        )
    if are_similar_sizes(german.population, european.population):
        yield Reason(
            ReasonKind.SIZE,
            german=german.population or 0,
            european=european.population or 0,
            value=weights.size * fit.size,
        )
    own, other = city_type(german.population), city_type(european.population)
    if own is not None and own == other:
        yield Reason(ReasonKind.TYPE, german=own, european=own, value=weights.type * fit.type)


def are_similar_hours(one: int | None, other: int | None) -> bool:
    """Tell whether both gave hours, and the fewer are at least two thirds of the more."""
    if not one or not other:
        return False
    return FEWER_PARTS * min(one, other) >= MORE_PARTS * max(one, other)


def are_similar_sizes(one: int | None, other: int | None) -> bool:
    """Tell whether both gave their inhabitants, and one has at most twice as many."""
    if not one or not other:
        return False
    return max(one, other) <= SIMILAR_FACTOR * min(one, other)


def _facts(german: City, european: City) -> Iterator[Reason]:
    """Return facts that earn nothing: what invites to learn first; the last three always hold."""
    for topic in sorted(german.gives.keys() & european.gives.keys()):
        yield Reason(
            ReasonKind.BOTH_GIVE,
            topic,
            german=german.gives[topic],
            european=european.gives[topic],
        )
    for giver, other in ((european, german), (german, european)):
        for topic in sorted(giver.gives.keys() - other.gives.keys() - other.seeks.keys()):
            level = giver.gives[topic]
            own = (level, 0) if giver is german else (0, level)
            yield Reason(ReasonKind.FURTHER_OFFER, topic, giver.key, 0, *own)
    own_type, other_type = city_type(german.population), city_type(european.population)
    if own_type is not None and other_type is not None and own_type != other_type:
        yield Reason(ReasonKind.OTHER_TYPE, german=own_type, european=other_type)
    if german.hours is not None and european.hours is not None:
        yield Reason(ReasonKind.HOURS_TOGETHER, german=german.hours, european=european.hours)
    yield Reason(ReasonKind.TWINNING if are_twinned(german, european) else ReasonKind.NEW_CONTACT)
    yield Reason(
        ReasonKind.TOPICS,
        german=len(german.gives.keys() | german.seeks.keys()),
        european=len(european.gives.keys() | european.seeks.keys()),
    )
    yield Reason(ReasonKind.COUNTRIES)
