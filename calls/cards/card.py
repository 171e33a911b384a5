"""The card of a pair: what was computed, as plain data to keep, and its words to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy

from calls.cards.cities import DescribedCity
from calls.cards.sentences import Statement, difference_words, language_names, reason_words
from calls.matching import SCALE, Weights, differences_of, fit_of, reasons_of
from municipalities.enums import Country

#: Plain data of a card; keys as :func:`card_of` writes them.
Card = dict[str, Any]
#: Part of the fit → its name.
PARTS = {
    "offer": gettext_lazy("need met by offer, in both directions"),
    "challenge": gettext_lazy("shared challenge"),
    "language": gettext_lazy("working language"),
    "capacity": gettext_lazy("working hours"),
    "size": gettext_lazy("number of inhabitants"),
    "type": gettext_lazy("type of municipality"),
}


@dataclass(frozen=True, slots=True)
class CityWords:
    """A city of a card as people read it."""

    key: int
    name: str
    country: str
    country_name: str
    population: int | None
    hours: int | None
    languages: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the fit: its weight, how much of it is reached, and what that contributes.

    ``share`` is in per cent of the part, ``points`` in per cent of a perfect fit.
    """

    label: str
    weight: int
    share: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class CardWords:
    """A card in words of one language; ``total`` is the fit in per cent."""

    german: CityWords
    european: CityWords
    reasons: tuple[Statement, ...]
    differences: tuple[Statement, ...]
    parts: tuple[Part, ...]
    total: Decimal


def card_of(german: DescribedCity, european: DescribedCity, weights: Weights) -> Card:
    """Return the card of a pair as plain data: codes and values, no words but names.

    It needs no other row to be understood later; shares are in ten-thousandths.
    """
    reasons = [_plain(row) for row in reasons_of(german, european, weights)]
    differences = [_plain(row) for row in differences_of(german, european, weights)]
    names = {**german.topic_names, **european.topic_names}
    named = {row["topic"] for row in (*reasons, *differences) if row["topic"]}
    return {
        "german": _plain_city(german),
        "european": _plain_city(european),
        "topics": {key: dict(names[key]) for key in sorted(named)},
        "weights": asdict(weights),
        "fit": asdict(fit_of(german, european, weights)),
        "reasons": reasons,
        "differences": differences,
    }


def _plain(fact: Any) -> dict[str, Any]:
    """Return a reason or difference as plain data."""
    values = asdict(fact)
    return {**values, "kind": str(fact.kind), "languages": list(fact.languages)} | {
        name: int(values[name]) for name in ("german", "european")
    }


def _plain_city(city: DescribedCity) -> dict[str, Any]:
    return {
        "key": city.key,
        "name": city.name,
        "country": city.country,
        "population": city.population,
        "hours": city.hours,
        "languages": sorted(city.languages),
    }


def words_of(card: Card) -> CardWords:
    """Return a card in the active language."""
    return CardWords(
        german=_city_words(card["german"]),
        european=_city_words(card["european"]),
        reasons=tuple(reason_words(card, row) for row in card["reasons"]),
        differences=tuple(difference_words(card, row) for row in card["differences"]),
        parts=tuple(_parts(card)),
        total=in_per_cent(card["fit"]["total"]),
    )


def _city_words(city: dict[str, Any]) -> CityWords:
    return CityWords(
        key=city["key"],
        name=city["name"],
        country=city["country"],
        country_name=str(Country(city["country"]).label),
        population=city["population"],
        hours=city["hours"],
        languages=language_names(city["languages"]),
    )


def _parts(card: Card) -> Iterable[Part]:
    for part in fields(Weights):
        weight, share = card["weights"][part.name], card["fit"][part.name]
        yield Part(
            str(PARTS[part.name]), weight, in_per_cent(share), in_per_cent(weight * share / 100)
        )


def in_per_cent(share: float) -> Decimal:
    """Return ten-thousandths as per cent with one decimal."""
    return round(Decimal(share) * 100 / SCALE, 1)
