"""The best sets of pairs, held against trying all of them, and the rules they obey."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace

import pytest

from calls.matching import (
    City,
    Rules,
    RulesError,
    Weights,
    best_sets,
    best_sets_of,
    check_rules,
    fit_of,
    rank_pairs,
)
from calls.matching.flow import Edge, best_choice
from calls.matching.pruning import promising
from tests.calls.test_matching import WEIGHTS, random_city

COUNTRIES = ("AT", "BE", "FR", "NL")


def obeys(rules, countries, twinned, keys):
    """Say it again, plainly: may these pairs be a set?"""
    full = Counter(countries[european] for _, european in keys)
    return (
        rules.fixed <= set(keys)
        and not rules.forbidden & set(keys)
        and (rules.per_country is None or max(full.values()) <= rules.per_country)
        and (rules.twinning_allowed or not twinned & set(keys))
    )


def all_sets(germans, europeans, weights, rules):
    """Return (sum, keys) of every set there is, the best first."""
    fits = {
        (one.key, other.key): fit_of(one, other, weights).total
        for one in germans
        for other in europeans
    }
    countries = {city.key: city.country for city in europeans}
    twinned = {
        (one.key, other.key)
        for one in germans
        for other in europeans
        if other.key in one.twinned_with or one.key in other.twinned_with
    }
    left, right = sorted(one.key for one in germans), [other.key for other in europeans]
    found = [
        (sum(fits[key] for key in keys), keys)
        for chosen in itertools.combinations(left, rules.pairs)
        for partners in itertools.permutations(right, rules.pairs)
        if obeys(rules, countries, twinned, keys := tuple(zip(chosen, partners, strict=True)))
    ]
    return sorted(found, key=lambda one: (-one[0], one[1]))


def candidates(chance, left, right, *, kinds=99, known=True):
    """Return cities of which at most ``kinds`` differ from each other, so that fits are equal."""
    keys = chance.sample(range(100), left + right)
    patterns = [random_city(chance, 0, "") for _ in range(kinds)]
    if not known:
        patterns = [City(0, "", "")]

    def made(key, country, others):
        twinned = frozenset(other for other in others if chance.random() < 0.15)
        return replace(chance.choice(patterns), key=key, country=country, twinned_with=twinned)

    germans = [made(key, "DE", keys[left:]) for key in keys[:left]]
    countries = COUNTRIES[: chance.randint(1, 4)]
    return germans, [made(key, chance.choice(countries), keys[:left]) for key in keys[left:]]


def random_rules(chance, germans, europeans):
    """Return rules that do not contradict each other."""
    while True:
        keys = [(one.key, other.key) for one in germans for other in europeans]
        rules = Rules(
            chance.randint(1, 4),
            chance.choice((None, 1, 1, 2)),
            frozenset(chance.sample(keys, min(len(keys), chance.choice((0, 0, 0, 1, 2))))),
            frozenset(chance.sample(keys, min(len(keys), chance.choice((0, 0, 2, 5))))),
            chance.random() < 0.5,
        )
        try:
            check_rules(rules, germans, europeans)
        except RulesError:
            continue
        return rules


def plain(result):
    return [(one.total, one.keys) for one in result.sets]


@pytest.mark.parametrize("kinds", [99, 3, 1])
@pytest.mark.parametrize("seed", range(6))
def test_sets_are_the_best_of_all(seed, kinds):
    """30 instances each, 540 in all: all cities different, of three kinds, all alike."""
    chance = random.Random(f"{seed} {kinds}")
    for _ in range(30):
        germans, europeans = candidates(
            chance, chance.randint(1, 5), chance.randint(1, 5), kinds=kinds
        )
        rules = random_rules(chance, germans, europeans)
        number = chance.choice((1, 2, 3, 3, 8, 2_000))

        result = best_sets(germans, europeans, WEIGHTS, rules, sets=number)

        assert result.is_proven
        assert plain(result) == all_sets(germans, europeans, WEIGHTS, rules)[:number]


@pytest.mark.parametrize("seed", range(4))
def test_sets_of_few_out_of_many_are_the_best_of_all(seed):
    """So many candidates that most are never looked at: that these were rightly left out."""
    chance = random.Random(seed)
    for pairs, left, right in ((1, 20, 20), (2, 11, 11), (2, 4, 25), (3, 7, 7)):
        for per_country, kinds in ((None, 99), (1, 99), (1, 3), (2, 2)):
            germans, europeans = candidates(chance, left, right, kinds=kinds)
            rules = Rules(pairs, per_country)

            result = best_sets(germans, europeans, WEIGHTS, rules, sets=4)

            assert plain(result) == all_sets(germans, europeans, WEIGHTS, rules)[:4]


def test_leaving_out_leaves_little_and_loses_nothing():
    chance = random.Random(8)
    for _ in range(20):
        edges = sorted(
            (
                Edge(german << 20 | european, german, european, COUNTRIES[european % 4], fit)
                for german in range(40)
                for european in range(40)
                for fit in [chance.randint(0, 30)]
            ),
            key=lambda edge: (-edge.fit, edge.code),
        )
        places = dict.fromkeys(COUNTRIES, 2)

        kept = promising(edges, 5, places, 1)

        assert len(kept) < 200
        assert best_choice(kept, places, 5) == best_choice(edges, places, 5)


def test_many_good_cities_of_full_countries_do_not_hide_the_last_one():
    """One pair per country: the third one is poor, but there is no set without it."""
    germans = [City(key, "", "DE", hours=10) for key in range(10)]
    good = [City(10 + key, "", COUNTRIES[key % 2], hours=10) for key in range(20)]
    poor = City(99, "", "FR", hours=1)

    result = best_sets(germans, [*good, poor], WEIGHTS, Rules(3, per_country=1), sets=1)

    assert [found.keys for found in result.sets] == [((0, 10), (1, 11), (2, 99))]


def test_order_of_the_candidates_changes_nothing():
    chance = random.Random(9)
    for _ in range(40):
        germans, europeans = candidates(chance, 8, 8, kinds=2)
        rules = random_rules(chance, germans, europeans)
        first = best_sets(germans, europeans, WEIGHTS, rules)
        chance.shuffle(germans)
        chance.shuffle(europeans)

        assert best_sets(germans, europeans, WEIGHTS, rules) == first


def test_equal_sums_follow_the_keys():
    germans, europeans = candidates(random.Random(10), 3, 3, known=False)
    low, mid, _ = sorted(city.key for city in germans)
    one, two, three = sorted(city.key for city in europeans)

    result = best_sets(germans, europeans, WEIGHTS, Rules(2))

    assert [found.keys for found in result.sets] == [
        ((low, one), (mid, two)),
        ((low, one), (mid, three)),
        ((low, one), (max(city.key for city in germans), two)),
    ]


def test_pairs_carry_their_cities_and_fits():
    germans, europeans = candidates(random.Random(11), 5, 5)

    (best,) = best_sets(germans, europeans, WEIGHTS, Rules(3), sets=1).sets

    assert best.total == sum(pair.fit.total for pair in best.pairs)
    for pair in best.pairs:
        assert pair.german in germans
        assert pair.european in europeans
        assert pair.fit == fit_of(pair.german, pair.european, WEIGHTS)


# --- Limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, 1, 2, 5])
def test_search_that_is_cut_short_says_so_and_shows_what_it_has(limit):
    germans, europeans = candidates(random.Random(12), 6, 6)
    rules = Rules(3)
    proven = best_sets(germans, europeans, WEIGHTS, rules, sets=3)

    result = best_sets(germans, europeans, WEIGHTS, rules, sets=3, node_limit=limit)

    assert proven.nodes > 5
    assert not result.is_proven
    assert result.nodes == limit
    assert 1 <= len(result.sets) <= 3
    assert len({found.keys for found in result.sets}) == len(result.sets)
    assert (result.sets[0] == proven.sets[0]) or limit == 0
    assert all(len(found.pairs) == 3 for found in result.sets)


def test_search_with_just_enough_nodes_is_proven():
    germans, europeans = candidates(random.Random(12), 6, 6)
    proven = best_sets(germans, europeans, WEIGHTS, Rules(3), sets=3)

    again = best_sets(germans, europeans, WEIGHTS, Rules(3), sets=3, node_limit=proven.nodes)

    assert again == proven
    assert best_sets(germans, europeans, WEIGHTS, Rules(3), sets=1, node_limit=1).is_proven


def test_set_without_search_obeys_the_rules_and_may_be_missed():
    chance = random.Random(13)
    missed = 0
    for _ in range(100):
        germans, europeans = candidates(chance, 4, 4)
        rules = random_rules(chance, germans, europeans)
        everything = {keys for _, keys in all_sets(germans, europeans, WEIGHTS, rules)}

        result = best_sets(germans, europeans, WEIGHTS, rules, node_limit=0)

        assert not result.is_proven
        assert {found.keys for found in result.sets} <= everything
        missed += bool(everything) and not result.sets
    assert missed < 20


@pytest.mark.parametrize(
    ("germans", "europeans", "rules"),
    [
        ((), (), Rules(1)),
        ((1, 2), ("AT",), Rules(2)),
        ((1, 2), ("AT", "AT"), Rules(2, per_country=1)),
        ((1,), ("AT",), Rules(1, forbidden=frozenset({(1, 100)}))),
        # Each could have a partner, but both only the same one.
        ((1, 2), ("AT", "BE"), Rules(2, forbidden=frozenset({(1, 101), (2, 101)}))),
    ],
)
def test_no_set_is_a_proven_answer_too(germans, europeans, rules):
    left = [City(key, "", "DE") for key in germans]
    right = [City(100 + key, "", country) for key, country in enumerate(europeans)]

    result = best_sets(left, right, WEIGHTS, rules)

    assert result.sets == ()
    assert result.is_proven


def test_all_pairs_fixed_leave_one_set():
    germans, europeans = candidates(random.Random(14), 4, 4)
    fixed = frozenset({(germans[0].key, europeans[1].key), (germans[2].key, europeans[0].key)})

    result = best_sets(germans, europeans, WEIGHTS, Rules(2, fixed=fixed))

    assert [found.keys for found in result.sets] == [tuple(sorted(fixed))]
    assert result.is_proven


def test_forbidding_a_city_that_is_no_candidate_does_no_harm():
    germans, europeans = candidates(random.Random(15), 4, 4)
    forbidden = frozenset({(germans[0].key, 999), (998, europeans[0].key)})

    result = best_sets(germans, europeans, WEIGHTS, Rules(2, forbidden=forbidden))

    assert result == best_sets(germans, europeans, WEIGHTS, Rules(2))


def test_many_equal_cities_take_no_time():
    """Ties hurt solvers: here all 40,000 pairs are equal, and no clock is needed to see it."""
    germans = [City(key, "", "DE") for key in range(200)]
    europeans = [City(200 + key, "", COUNTRIES[key % 4]) for key in range(200)]
    rules = Rules(6, per_country=2)

    result = best_sets_of(rank_pairs(germans, europeans, WEIGHTS), rules, sets=10)

    assert result.is_proven
    assert result.nodes <= 1 + 9 * rules.pairs
    assert result.sets[0].keys == (
        (0, 200), (1, 201), (2, 202), (3, 203), (4, 204), (5, 205),
    )  # fmt: skip


def test_weights_change_what_is_best():
    german = City(1, "", "DE", seeks={"a": 3}, hours=10)
    giver = City(2, "", "BE", gives={"a": 3}, hours=1)
    alike = City(3, "", "FR", hours=10)

    def partner(weights):
        return best_sets([german], [giver, alike], weights, Rules(1)).sets[0].keys[0][1]

    assert partner(Weights(90, 0, 0, 10, 0, 0)) == giver.key
    assert partner(Weights(10, 0, 0, 90, 0, 0)) == alike.key
