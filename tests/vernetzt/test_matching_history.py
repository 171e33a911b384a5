"""The twelve cities of 2022 with their documented topics: matching runs and explains itself.

Nothing is tuned to find the historic pairs: how many of them come out is what it is. The register
holds no levels, so every documented role counts as much as the lowest one.
"""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.utils import translation

from calls.cards import DescribedCity, card_of, why_not_words, words_of
from calls.matching import Rules, Weights, best_sets, fit_of, why_not
from municipalities.enums import Country, Role
from municipalities.models import PopulationFigure, Topic, TopicRole
from tandems.models import TandemMember

pytestmark = pytest.mark.usefixtures("loaded")
WEIGHTS = Weights()
PAIRS = 6


@pytest.fixture
def historic(db):
    """Return the six pairs of the call, each as German and other European city."""
    rows = TandemMember.objects.filter(tandem__kind="tandem", role="member").order_by(
        "tandem", "position"
    )
    rows = rows.select_related("municipality")
    cities = {row.municipality_id: described(row.municipality) for row in rows}
    pairs = defaultdict(list)
    for row in rows:
        pairs[row.tandem_id].append(cities[row.municipality_id])
    return [
        tuple(sorted(pair, key=lambda city: city.country != Country.DE)) for pair in pairs.values()
    ]


def described(place):
    """Return a municipality of the register as a city; what is not documented stays unknown."""
    levels = {Role.GIVES: {}, Role.SEEKS: {}}
    for key, role in TopicRole.objects.filter(municipality=place).values_list("topic__key", "role"):
        for side in (Role.GIVES, Role.SEEKS) if role == Role.MUTUAL else (role,):
            levels[side][key] = 1
    figure = PopulationFigure.objects.filter(municipality=place).order_by("position").first()
    return DescribedCity(
        key=place.pk,
        name=place.name_de,
        country=place.country,
        population=figure.value if figure else None,
        gives=levels[Role.GIVES],
        seeks=levels[Role.SEEKS],
        topic_names={
            row.key: {"de": row.name_de, "en": row.name_en} for row in Topic.objects.all()
        },
    )


def found(historic):
    germans, europeans = zip(*historic, strict=True)
    return best_sets(germans, europeans, WEIGHTS, Rules(pairs=PAIRS), sets=3)


def test_the_twelve_cities_are_six_german_and_six_other_european_ones(historic):
    assert len(historic) == PAIRS
    assert all(german.country == "DE" != european.country for german, european in historic)
    # Of others it is not documented what they gave or sought.
    assert sum(bool(city.gives or city.seeks) for pair in historic for city in pair) == 8


def test_best_set_of_the_twelve_cities_is_proven_and_no_worse_than_the_historic_one(historic):
    result = found(historic)

    assert result.is_proven
    assert len(result.sets) == 3
    assert result.sets[0].total >= sum(fit_of(*pair, WEIGHTS).total for pair in historic)


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_pair_found_and_every_historic_pair_explains_itself(historic, language):
    cities = {city.key: city for pair in historic for city in pair}
    pairs = [
        *historic,
        *(tuple(map(cities.get, pair.keys)) for pair in found(historic).sets[0].pairs),
    ]

    for german, european in pairs:
        with translation.override(language):
            words = words_of(card_of(german, european, WEIGHTS))
        assert len(words.reasons) >= 3, (german.name, european.name)
        assert len(words.differences) >= 1, (german.name, european.name)
        assert all("%" not in row.text for row in (*words.reasons, *words.differences))


def test_every_historic_pair_that_is_not_found_says_why_not(historic):
    best = found(historic).sets[0]
    rules = Rules(pairs=PAIRS)

    for german, european in historic:
        why = why_not(german, european, best, WEIGHTS, rules)
        assert (why is None) == ((german.key, european.key) in best.keys)
        if why is not None:
            assert why_not_words(why).endswith(".")
