"""Cities as matching knows them, made from what was sent last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from calls.enums import Side, Step
from calls.matching import City
from calls.matching.cities import HIGHEST_LEVEL
from calls.models import Application, Submission
from core.text import normalise_for_search
from municipalities.models import Municipality

#: Names of fewer letters are found in too many texts.
SHORTEST_NAME = 3
#: Under which names the register knows a municipality.
NAMES = ("name_de", "name_en", "local_name")
WORD = re.compile(r"[^\W_]+")
#: What is read of a version that was sent.
PARTS = (f"document__{Step.MUNICIPALITY}", f"document__{Step.COOPERATION}", "document__topics")


@dataclass(frozen=True, slots=True)
class DescribedCity(City):
    """A city with what people read about it; matching reads none of this.

    Attributes:
        topic_names: Topic → language → name, of every topic that the city names.
    """

    topic_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def city_of(application: Application) -> DescribedCity:
    """Return one application as a city; without a look at twinnings, which takes two."""
    return cities_of([application])[0]


def cities_of(applications: Iterable[Application]) -> list[DescribedCity]:
    """Return applications as cities in the same order, from what each sent last.

    The key of a city is the primary key of its application. Country and pool are those of the
    application itself, as everywhere else.

    Whether a town twinning exists is a hint and no fact: it is so if the words of one city about
    its twinnings hold the name of the other, as whole words, whatever marks and case. Inflected
    names are missed, and a partner of the same name is found wrongly; a rule for the pair sets it
    right. Takes two queries, however many there are.

    Raises:
        ValueError: One of them was never sent.
    """
    rows = list(applications)
    sent = _last_sent([row.pk for row in rows])
    if missing := [row.pk for row in rows if row.pk not in sent]:
        raise ValueError(f"Never sent: {missing}.")
    found = [_city(row, *sent[row.pk]) for row in rows]
    texts = {row.pk: _words(sent[row.pk][1].get("twinnings") or "") for row in rows}
    return _with_twinnings(rows, found, texts)


def _last_sent(keys: list[int]) -> dict[int, tuple[dict[str, Any], dict[str, Any], list[Any]]]:
    """Return place, cooperation and topics of the last version of each application."""
    rows = Submission.objects.filter(application__in=keys).order_by("number")
    # Later versions replace earlier ones.
    return {
        key: (place, cooperation, topics)
        for key, place, cooperation, topics in rows.values_list("application", *PARTS)
    }


def _city(
    application: Application, place: dict[str, Any], cooperation: dict[str, Any], topics: list[Any]
) -> DescribedCity:
    """Return what one application sent as a city that knows no twinning yet."""
    levels: dict[str, dict[str, int]] = {Side.GIVES: {}, Side.SEEKS: {}}
    for row in topics:
        if row["level"] in range(1, HIGHEST_LEVEL + 1):
            levels[row["side"]][row["topic"]] = row["level"]
    named = levels[Side.GIVES].keys() | levels[Side.SEEKS].keys()
    return DescribedCity(
        key=application.pk,
        name=place["place_name"],
        country=application.place_country,
        population=place["place_population"] or None,
        gives=levels[Side.GIVES],
        seeks=levels[Side.SEEKS],
        languages=frozenset(cooperation["working_languages"]),
        hours=cooperation["hours_a_month"],
        topic_names={row["topic"]: row["name"] for row in topics if row["topic"] in named},
    )


def _with_twinnings(
    rows: list[Application], cities: list[DescribedCity], texts: Mapping[int, str]
) -> list[DescribedCity]:
    """Return the cities with the partners whose names stand in their words about twinnings."""
    register = {row.municipality_id for row in rows if row.municipality_id}
    places = Municipality.objects.filter(pk__in=register).only(*NAMES)
    names_in_register = {row.pk: [getattr(row, name) or "" for name in NAMES] for row in places}
    names = {
        row.pk: {
            _words(name)
            for name in (city.name, *names_in_register.get(row.municipality_id or 0, ()))
        }
        for row, city in zip(rows, cities, strict=True)
    }
    return [
        replace(
            city,
            twinned_with=frozenset(
                other.key
                for other in cities
                if other.country != city.country and _is_named(names[other.key], texts[city.key])
            ),
        )
        if texts[city.key].strip()
        else city
        for city in cities
    ]


def _words(text: str) -> str:
    """Return the bare words of a text with a space around each."""
    return f" {' '.join(WORD.findall(normalise_for_search(text)))} "


def _is_named(names: set[str], text: str) -> bool:
    """Tell whether one of the names stands in the text; both as bare words."""
    return any(len(name.strip()) >= SHORTEST_NAME and name in text for name in names)
