"""What tells two cities apart, as facts: named, not hidden, so that both know beforehand.

For practitioners in Durban, naming differences counted more than a perfect match (thesis on
city-to-city learning in eThekwini, 123dok.com, number 10639865).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from calls.matching.cities import City, city_type
from calls.matching.fit import NEUTRAL, SCALE, Fit, Weights, fit_of, offer_share
from calls.matching.reasons import are_similar_hours, are_similar_sizes


class DifferenceKind(StrEnum):
    """What a difference says; the first two come first, whatever they cost."""

    NO_COMMON_LANGUAGE = "no_common_language"  #: Both named languages, and share none.
    NOTHING_MET = "nothing_met"  #: Neither gives anything that the other seeks.
    ONE_SIDED = "one_sided"  #: Only the needs of ``city`` are met.
    NEED_NOT_MET = "need_not_met"  #: ``city`` seeks the topic, the other gives nothing on it.
    HOURS = "hours"  #: Hours a month are far apart (hours).
    SIZE = "size"  #: More than a factor of 2 in inhabitants (inhabitants).
    TYPE = "type"  #: Another class by inhabitants (CityType).
    UNKNOWN_LANGUAGES = "unknown_languages"  #: ``city`` named no working language.
    UNKNOWN_HOURS = "unknown_hours"  #: ``city`` named no hours.
    UNKNOWN_SIZE = "unknown_size"  #: The inhabitants of ``city`` are unknown.
    LANGUAGES_OF_ONE = "languages_of_one"  #: Languages that only ``city`` works in.
    COUNTRY = "country"  #: Another country: another law, another administration.
    NONE_STATED = "none_stated"  #: Same country, and everything they stated is alike.


KINDS = {kind: number for number, kind in enumerate(DifferenceKind)}
GRAVE = frozenset({DifferenceKind.NO_COMMON_LANGUAGE, DifferenceKind.NOTHING_MET})


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that tells the cities of a pair apart.

    Attributes:
        kind: What it says, and which of the others are set.
        topic: The key of the topic.
        city: The key of the city concerned.
        german: The German city's figure: hours a month, inhabitants, a
            :class:`~calls.matching.cities.CityType`; the level of its need if it is the seeker.
        european: The same of the other city.
        languages: ISO 639-1, sorted.
        loss: What the fit would gain without it, in millionths of a perfect fit; 0 for mere facts.
            Losses overlap, so their sum says nothing.
    """

    kind: DifferenceKind
    topic: str = ""
    city: int = 0
    german: int = 0
    european: int = 0
    languages: tuple[str, ...] = ()
    loss: int = 0


def differences_of(german: City, european: City, weights: Weights) -> tuple[Difference, ...]:
    """Return what tells the cities apart, at least one fact, the most serious first.

    Serious is first what hinders all work together (:data:`GRAVE`), then what costs the fit most;
    equal losses follow the order of the kinds, then of topics and cities.
    """
    fit = fit_of(german, european, weights)
    found = [
        *_topics(german, european, weights, fit),
        *_figures(german, european, weights, fit),
        *_languages(german, european, weights, fit),
    ]
    if german.country != european.country:
        found.append(Difference(DifferenceKind.COUNTRY))
    return tuple(
        sorted(
            found or [Difference(DifferenceKind.NONE_STATED)],
            key=lambda one: (
                one.kind not in GRAVE,
                KINDS[one.kind] if one.kind in GRAVE else -one.loss,
                KINDS[one.kind],
                one.topic,
                one.city,
            ),
        )
    )


def _topics(german: City, european: City, weights: Weights, fit: Fit) -> Iterator[Difference]:
    """Return what is sought and not given."""
    met, unmet = max(fit.german_met, fit.european_met), min(fit.german_met, fit.european_met)
    if not met:
        yield Difference(DifferenceKind.NOTHING_MET, loss=weights.offer * SCALE)
    elif not unmet:
        learner = german if fit.german_met else european
        loss = weights.offer * (offer_share(met, met) - fit.offer)
        yield Difference(DifferenceKind.ONE_SIDED, city=learner.key, loss=loss)
    for seeker, giver in ((german, european), (european, german)):
        for topic in sorted(seeker.seeks.keys() - giver.gives.keys()):
            level = seeker.seeks[topic]
            gain = SCALE * level // sum(seeker.seeks.values())
            gains = (gain, 0) if seeker is german else (0, gain)
            better = offer_share(fit.german_met + gains[0], fit.european_met + gains[1])
            yield Difference(
                DifferenceKind.NEED_NOT_MET,
                topic,
                seeker.key,
                *((level, 0) if seeker is german else (0, level)),
                loss=weights.offer * (better - fit.offer),
            )


def _figures(german: City, european: City, weights: Weights, fit: Fit) -> Iterator[Difference]:
    """Return what differs or is unknown in hours and inhabitants."""
    for city in (german, european):
        if city.hours is None:
            yield Difference(
                DifferenceKind.UNKNOWN_HOURS, city=city.key, loss=weights.capacity * NEUTRAL
            )
        if city.population is None:
            loss = (weights.size + weights.type) * NEUTRAL
            yield Difference(DifferenceKind.UNKNOWN_SIZE, city=city.key, loss=loss)
    hours = german.hours, european.hours
    if None not in hours and hours != (0, 0) and not are_similar_hours(*hours):
        yield Difference(
            DifferenceKind.HOURS,
            german=german.hours or 0,
            european=european.hours or 0,
            loss=weights.capacity * (SCALE - fit.capacity),
        )
    if german.population is None or european.population is None:
        return
    if not are_similar_sizes(german.population, european.population):
        yield Difference(
            DifferenceKind.SIZE,
            german=german.population,
            european=european.population,
            loss=weights.size * (SCALE - fit.size),
        )
    own, other = city_type(german.population), city_type(european.population)
    if own is not None and other is not None and own != other:
        loss = weights.type * (SCALE - fit.type)
        yield Difference(DifferenceKind.TYPE, german=own, european=other, loss=loss)


def _languages(german: City, european: City, weights: Weights, fit: Fit) -> Iterator[Difference]:
    """Return what hinders or may hinder talking with each other."""
    loss = weights.language * (SCALE - fit.language)
    if german.languages and european.languages and not german.languages & european.languages:
        yield Difference(DifferenceKind.NO_COMMON_LANGUAGE, loss=loss)
    for city, other in ((german, european), (european, german)):
        if not city.languages:
            yield Difference(DifferenceKind.UNKNOWN_LANGUAGES, city=city.key, loss=loss)
        if only := tuple(sorted(city.languages - other.languages)):
            yield Difference(DifferenceKind.LANGUAGES_OF_ONE, city=city.key, languages=only)
