"""Why a pair is not in a set of pairs."""

from __future__ import annotations

import random
from dataclasses import replace

from calls.matching import (
    SCALE,
    City,
    Pair,
    PairSet,
    Rules,
    Weights,
    WhyNotKind,
    best_sets,
    best_sets_of,
    fit_of,
    rank_pairs,
    why_not,
)
from tests.calls.test_matching import WEIGHTS
from tests.calls.test_matching_search import all_sets, candidates

#: Fits are made of hours alone, which can be read off: fewer / more.
BY_HOURS = Weights(0, 0, 0, 100, 0, 0)
NEED, OFFER = {"a": 3}, {"a": 3}


def german(key, hours, **more):
    return City(key, "", "DE", hours=hours, seeks=NEED, **more)


def european(key, hours, country, **more):
    return City(key, "", country, hours=hours, gives=OFFER, **more)


ONE, TWO, THREE = german(1, 100), german(2, 50), german(3, 20)
AT, BE, FR = european(11, 100, "AT"), european(12, 45, "BE"), european(13, 10, "FR")
GERMANS, EUROPEANS = [ONE, TWO, THREE], [AT, BE, FR]


def set_of(*cities):
    return PairSet(tuple(Pair(a, b, fit_of(a, b, BY_HOURS)) for a, b in cities))


CHOSEN = set_of((ONE, AT), (TWO, BE))


def asked(one, other, rules=None, chosen=CHOSEN, **more):
    return why_not(one, other, chosen, BY_HOURS, rules or Rules(2), **more)


def test_example_is_the_best_set():
    assert best_sets(GERMANS, EUROPEANS, BY_HOURS, Rules(2)).sets[0] == CHOSEN
    assert CHOSEN.total == SCALE + 9_000


def test_chosen_pair_has_no_reason_against_it():
    assert asked(ONE, AT) is None


def test_pair_was_forbidden():
    found = asked(ONE, BE, Rules(2, forbidden=frozenset({(1, 12)})))

    assert (found.kind, found.instead) == (WhyNotKind.FORBIDDEN, ())


def test_city_is_fixed_in_another_pair():
    found = asked(TWO, AT, Rules(2, fixed=frozenset({(1, 11)})))

    assert found.kind is WhyNotKind.FIXED_ELSEWHERE
    assert [one.keys for one in found.instead] == [(1, 11)]
    assert found.difference == 5_000


def test_twinned_cities_are_excluded_only_if_the_rules_say_so():
    twin = replace(THREE, twinned_with=frozenset({13}))

    assert asked(twin, FR, Rules(2, twinning_allowed=False)).kind is WhyNotKind.TWINNED
    assert asked(twin, FR).kind is WhyNotKind.NOT_CHOSEN


def test_country_is_full_unless_the_own_pair_makes_room():
    other = european(14, 40, "BE")
    rules = Rules(2, per_country=1)

    full = asked(ONE, other, rules)
    own = asked(TWO, other, rules)

    assert (full.kind, [one.keys for one in full.instead]) == (WhyNotKind.COUNTRY_FULL, [(2, 12)])
    assert full.difference == 9_000 - 4_000
    assert own.kind is WhyNotKind.FITS_LESS
    assert asked(ONE, other, Rules(2, per_country=2)).kind is WhyNotKind.FITS_LESS


def test_country_of_several_places_is_compared_by_its_weakest_pair():
    full = set_of((ONE, AT), (TWO, BE), (THREE, european(16, 16, "BE")))

    found = asked(german(4, 30), european(14, 9, "BE"), Rules(3, per_country=2), full)

    assert [one.fit.total for one in found.instead] == [9_000, 8_000]
    assert found.difference == 8_000 - 3_000


def test_nothing_is_met_in_either_direction():
    mute = City(15, "", "FR", hours=100)

    assert asked(ONE, mute).kind is WhyNotKind.NOTHING_MET


def test_pair_fits_less_than_the_pairs_its_cities_are_in():
    both, alone = asked(ONE, BE), asked(TWO, FR)

    assert (both.kind, both.fit.total, both.difference) == (WhyNotKind.FITS_LESS, 4_500, 5_500)
    assert [one.keys for one in both.instead] == [(1, 11), (2, 12)]
    assert (alone.kind, alone.difference) == (WhyNotKind.FITS_LESS, 7_000)
    assert [one.keys for one in alone.instead] == [(2, 12)]


def test_pairs_of_its_cities_stand_by_their_fit():
    found = asked(ONE, AT, chosen=set_of((ONE, FR), (TWO, AT)))

    assert [one.keys for one in found.instead] == [(2, 11), (1, 13)]


def test_pair_that_fits_the_same_has_no_better_claim():
    alike = european(17, 100, "FR"), european(18, 45, "FR"), german(5, 50)

    assert asked(ONE, alike[0]).kind is WhyNotKind.FITS_LESS
    assert asked(alike[2], alike[1]).kind is WhyNotKind.NOT_CHOSEN


def test_pair_that_fits_better_than_each_of_two_costs_both():
    one, two = german(1, 80), german(2, 60)
    other, third = european(11, 64, "AT"), european(12, 48, "BE")
    chosen = set_of((one, other), (two, third))  # 0.8 each; two and other fit by 0.9375

    found = asked(two, other, chosen=chosen)

    assert found.kind is WhyNotKind.COSTS_PAIRS
    assert (found.fit.total, found.difference) == (9_375, 16_000 - 9_375)


def test_neither_city_is_chosen_as_the_weakest_pair_fits_better():
    found = asked(THREE, FR)

    assert (found.kind, found.difference) == (WhyNotKind.NOT_CHOSEN, 4_000)
    assert [one.keys for one in found.instead] == [(2, 12)]


def test_weakest_pair_that_is_fixed_is_not_compared_with():
    found = asked(THREE, FR, Rules(2, fixed=frozenset({(2, 12)})))
    closed = asked(THREE, FR, Rules(2, fixed=frozenset({(1, 11), (2, 12)})))

    assert [one.keys for one in found.instead] == [(1, 11)]
    assert closed.kind is WhyNotKind.PLACES_FIXED


def test_nothing_speaks_against_a_pair_that_the_set_would_gain_by():
    weaker = set_of((ONE, BE), (THREE, FR))

    better = asked(ONE, AT, chosen=weaker)
    free = asked(TWO, AT, Rules(3), weaker)
    unchosen = asked(TWO, AT, chosen=weaker)

    assert (better.kind, better.difference) == (WhyNotKind.SET_GAINS, 4_500 - SCALE)
    assert (free.kind, free.instead) == (WhyNotKind.SET_GAINS, ())
    assert (unchosen.kind, unchosen.difference) == (WhyNotKind.SET_GAINS, 4_500 - 5_000)
    assert [one.keys for one in unchosen.instead] == [(1, 12)]


def test_loss_is_what_the_best_set_with_the_pair_lacks():
    chance = random.Random(23)
    seen = set()
    for _ in range(60):
        germans, europeans = candidates(chance, 4, 4, kinds=6)
        rules = Rules(2, chance.choice((None, 1)))
        ranking = rank_pairs(germans, europeans, WEIGHTS)
        found = best_sets_of(ranking, rules, sets=40).sets
        if not found:
            continue
        chosen = chance.choice(found)
        everything = all_sets(germans, europeans, WEIGHTS, rules)
        for one in germans:
            for other in europeans:
                reason = why_not(one, other, chosen, WEIGHTS, rules, ranking=ranking)
                if (one.key, other.key) in chosen.keys:
                    assert reason is None
                    continue
                best = max(total for total, keys in everything if (one.key, other.key) in keys)
                assert reason.loss == chosen.total - best
                if reason.kind is WhyNotKind.SET_GAINS:
                    assert reason.loss <= 0
                elif reason.kind not in {WhyNotKind.COUNTRY_FULL, WhyNotKind.NOTHING_MET}:
                    assert reason.loss >= 0
                seen.add(reason.kind)
    assert {WhyNotKind.FITS_LESS, WhyNotKind.NOT_CHOSEN, WhyNotKind.COUNTRY_FULL} <= seen
    assert WhyNotKind.SET_GAINS in seen


def test_nothing_speaks_against_no_pair_of_a_best_set():
    """In the best set, every pair that is missing has a reason, with or without the loss."""
    chance = random.Random(24)
    for _ in range(100):
        germans, europeans = candidates(chance, 5, 5)
        rules = Rules(3, chance.choice((None, 1, 2)))
        for best in best_sets(germans, europeans, WEIGHTS, rules, sets=1).sets:
            found = [
                why_not(one, other, best, WEIGHTS, rules) for one in germans for other in europeans
            ]
            assert WhyNotKind.SET_GAINS not in {reason.kind for reason in found if reason}
            assert found.count(None) == 3


def test_loss_is_unknown_where_the_rules_leave_no_set_with_the_pair():
    ranking = rank_pairs(GERMANS, [AT, BE], BY_HOURS)
    fixed = Rules(2, fixed=frozenset({(1, 11), (2, 12)}))
    forbidden = Rules(2, forbidden=frozenset({(1, 12), (2, 12), (3, 12), (1, 11)}))

    assert asked(THREE, FR, fixed, ranking=rank_pairs(GERMANS, EUROPEANS, BY_HOURS)).loss is None
    assert asked(THREE, AT, forbidden, ranking=ranking).loss is None
