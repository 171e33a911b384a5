"""Fit of two cities: each part, their sum, and the fast way to all sums."""

from __future__ import annotations

import random
from dataclasses import astuple, replace

import pytest

from calls.matching import (
    SCALE,
    City,
    CityType,
    Weights,
    are_twinned,
    city_type,
    fit_of,
    rank_pairs,
)

WEIGHTS = Weights()
TOPICS = "abcdef"


def city(key=1, country="DE", **more):
    return City(key, f"City {key}", country, **more)


def pair(german=None, european=None):
    return city(1, "DE", **(german or {})), city(2, "BE", **(european or {}))


def levels(chance):
    return {topic: chance.randint(1, 3) for topic in chance.sample(TOPICS, chance.randint(0, 4))}


def random_city(chance, key, country, **more):
    """Return a city with much, little or nothing known."""
    figures = {
        "population": chance.choice((None, chance.randint(1, 4_000_000), 6_000, 30_000)),
        "gives": levels(chance),
        "seeks": levels(chance),
        "languages": frozenset(chance.sample(("de", "en", "fr", "nl"), chance.randint(0, 3))),
        "hours": chance.choice((None, 0, 8, 12, 12, 40)),
    }
    known = chance.random()
    return City(
        key,
        f"City {key}",
        country,
        **{name: value for name, value in figures.items() if chance.random() < known * 2},
        **more,
    )


def random_weights(chance):
    cuts = sorted(chance.randint(0, 100) for _ in range(5))
    return Weights(*(high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)))


def total_of(found, weights):
    """Return the total as the definition says it, from the parts."""
    shares = (getattr(found, name) for name in Weights.__slots__)
    weighted = sum(a * b for a, b in zip(astuple(weights), shares, strict=True))
    return weighted // 100 + (weighted % 100 >= 50)


def fit(german=None, european=None, weights=WEIGHTS):
    return fit_of(*pair(german, european), weights)


# --- Data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [{"offer": 49}, {"offer": 60, "type": -5}])
def test_weights_that_are_no_parts_of_a_hundred_are_refused(weights):
    with pytest.raises(ValueError, match="sum to 100"):
        Weights(**weights)


@pytest.mark.parametrize(
    "wrong",
    [
        {"gives": {"energy": 0}},
        {"seeks": {"energy": 4}},
        {"population": 0},
        {"hours": -1},
    ],
)
def test_city_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"Levels|Inhabitants|Hours"):
        city(**wrong)


@pytest.mark.parametrize(
    ("population", "expected"),
    [
        (None, None),
        (1, CityType.RURAL_MUNICIPALITY),
        (4_999, CityType.RURAL_MUNICIPALITY),
        (5_000, CityType.SMALL_TOWN),
        (19_999, CityType.SMALL_TOWN),
        (20_000, CityType.MEDIUM_SIZED_TOWN),
        (99_999, CityType.MEDIUM_SIZED_TOWN),
        (100_000, CityType.LARGE_CITY),
    ],
)
def test_type_of_a_city_begins_at_its_bound(population, expected):
    assert city_type(population) is expected


def test_one_side_that_names_a_twinning_is_enough():
    named = city(1, twinned_with=frozenset({2}))

    assert are_twinned(named, city(2))
    assert are_twinned(city(2), named)
    assert not are_twinned(named, city(3))


# --- Parts of the fit -----------------------------------------------------------------------------


def test_offer_is_level_times_level_over_the_need_of_the_seeker():
    found = fit({"seeks": {"a": 3, "b": 1}}, {"gives": {"a": 2, "c": 3}})

    assert found.german_met == SCALE * 6 // 12
    assert found.european_met == 0
    assert found.offer == 5_000 // 4


def test_mutual_pair_is_worth_more_than_a_one_sided_one_with_the_same_in_all():
    one_sided = fit({"seeks": {"a": 3}}, {"gives": {"a": 3}})
    halves = fit(
        {"seeks": {"a": 3, "b": 3}, "gives": {"c": 3}},
        {"gives": {"a": 3}, "seeks": {"c": 3, "d": 3}},
    )
    mutual = fit({"seeks": {"a": 3}, "gives": {"b": 3}}, {"gives": {"a": 3}, "seeks": {"b": 3}})

    assert (one_sided.offer, halves.offer, mutual.offer) == (2_500, 5_000, SCALE)


def test_challenge_is_the_share_of_what_both_seek_by_level():
    found = fit({"seeks": {"a": 3, "b": 1}}, {"seeks": {"a": 2, "c": 2}})

    assert found.challenge == SCALE * 2 // (3 + 1 + 2)
    assert fit({"seeks": {"a": 2}}, {"seeks": {"a": 2}}).challenge == SCALE
    assert fit().challenge == 0


@pytest.mark.parametrize(
    ("german", "european", "share"),
    [("de en", "nl fr", 0), ("de en", "en nl", 9_000), ("de en fr", "en fr", SCALE), ("", "", 0)],
)
def test_one_language_in_common_is_nearly_all(german, european, share):
    sides = ({"languages": frozenset(names.split())} for names in (german, european))

    assert fit(*sides).language == share


@pytest.mark.parametrize(
    ("german", "european", "share"),
    [(10, 10, SCALE), (5, 20, 2_500), (None, 20, 5_000), (0, 20, 0), (0, 0, 0)],
)
def test_capacity_is_the_fewer_by_the_more_hours(german, european, share):
    assert fit({"hours": german}, {"hours": european}).capacity == share


@pytest.mark.parametrize(
    ("german", "european", "share"),
    [
        (50_000, 50_000, SCALE),
        (50_000, 500_000, 0),
        (1, 20_000_000, 0),
        (10_000, 20_000, 6_990),  # 1 - log10 2 = 0.69897; both logarithms are rounded down
        (None, 20_000, 5_000),
    ],
)
def test_size_falls_with_the_logarithm_of_the_factor(german, european, share):
    assert fit({"population": german}, {"population": european}).size == share
    assert fit({"population": european}, {"population": german}).size == share


@pytest.mark.parametrize(
    ("german", "european", "share"),
    [(6_000, 19_000, SCALE), (19_000, 20_000, 5_000), (19_000, 100_000, 0), (None, 1, 5_000)],
)
def test_type_is_half_one_class_apart(german, european, share):
    assert fit({"population": german}, {"population": european}).type == share


def test_perfect_pair_has_the_whole_and_an_unknown_one_the_neutral_parts():
    same = {"population": 30_000, "languages": frozenset({"en", "fr"}), "hours": 12}
    german = {**same, "seeks": {"a": 1, "b": 2}, "gives": {"a": 3, "b": 3}}

    assert fit(german, german).total == SCALE
    assert fit().total == (10 + 10 + 5) * 50


# --- The whole ------------------------------------------------------------------------------------


def test_total_is_the_weighted_sum_rounded_half_up():
    chance = random.Random(1)
    for _ in range(300):
        weights = random_weights(chance)
        found = fit_of(random_city(chance, 1, "DE"), random_city(chance, 2, "BE"), weights)

        assert found.total == total_of(found, weights)
        assert 0 <= found.total <= SCALE


def test_fit_does_not_depend_on_which_side_is_german():
    chance = random.Random(2)
    for _ in range(300):
        one, other = random_city(chance, 1, "DE"), random_city(chance, 2, "BE")
        there, back = fit_of(one, other, WEIGHTS), fit_of(other, one, WEIGHTS)

        assert there == replace(back, german_met=back.european_met, european_met=back.german_met)


def test_better_offer_never_lowers_the_fit():
    chance = random.Random(3)
    for _ in range(500):
        german, european = random_city(chance, 1, "DE"), random_city(chance, 2, "BE")
        topic = chance.choice(TOPICS)
        better = {**european.gives, topic: min(3, european.gives.get(topic, 0) + 1)}

        before = fit_of(german, european, WEIGHTS)
        after = fit_of(german, replace(european, gives=better), WEIGHTS)

        assert after.total >= before.total
        if topic in german.seeks and better != european.gives:
            assert after.german_met > before.german_met


def test_another_language_and_closer_figures_never_lower_the_fit():
    chance = random.Random(4)
    for _ in range(500):
        german, european = random_city(chance, 1, "DE"), random_city(chance, 2, "BE")
        closer = replace(
            european,
            languages=european.languages | german.languages,
            hours=european.hours if german.hours is None else german.hours or european.hours,
            population=german.population or european.population,
        )
        if german.hours is None or german.population is None:
            continue  # a neutral half may be more than a known distance

        assert fit_of(german, closer, WEIGHTS).total >= fit_of(german, european, WEIGHTS).total


def test_ranking_has_the_same_fits_in_the_same_order():
    chance = random.Random(5)
    for _ in range(30):
        weights = random_weights(chance)
        germans = [random_city(chance, key, "DE") for key in chance.sample(range(50), 9)]
        europeans = [random_city(chance, key, "BE") for key in chance.sample(range(50, 99), 8)]

        ranking = rank_pairs(germans, europeans, weights)

        fits = {
            (one.key, other.key): fit_of(one, other, weights).total
            for one in germans
            for other in europeans
        }
        places = [entry & (1 << 40) - 1 for entry in ranking.order]
        keys = [
            (ranking.germans[place >> 20].key, ranking.europeans[place & (1 << 20) - 1].key)
            for place in places
        ]
        assert [SCALE - (entry >> 40) for entry in ranking.order] == [fits[key] for key in keys]
        assert keys == sorted(fits, key=lambda key: (-fits[key], key))
