"""Rules for sets of pairs: those that cannot hold are refused and named."""

from __future__ import annotations

import pytest

from calls.matching import City, Rules, RulesError, RulesProblem, best_sets
from tests.calls.test_matching import WEIGHTS

FOUR = [City(1, "", "DE"), City(2, "", "DE", twinned_with=frozenset({12}))]
OTHERS = [City(11, "", "BE"), City(12, "", "BE"), City(13, "", "FR")]


@pytest.mark.parametrize(
    ("rules", "problem", "keys"),
    [
        (Rules(0), RulesProblem.TOO_FEW_PAIRS, ()),
        (Rules(1, per_country=0), RulesProblem.TOO_FEW_PER_COUNTRY, ()),
        (Rules(2, fixed=frozenset({(1, 99)})), RulesProblem.UNKNOWN_CITY, (99,)),
        (Rules(2, fixed=frozenset({(11, 1)})), RulesProblem.UNKNOWN_CITY, (1, 11)),
        (Rules(2, fixed=frozenset({(1, 11), (1, 12)})), RulesProblem.CITY_FIXED_TWICE, (1,)),
        (Rules(2, fixed=frozenset({(1, 11), (2, 11)})), RulesProblem.CITY_FIXED_TWICE, (11,)),
        (
            Rules(2, fixed=frozenset({(1, 11)}), forbidden=frozenset({(1, 11)})),
            RulesProblem.FIXED_AND_FORBIDDEN,
            (1, 11),
        ),
        (Rules(1, fixed=frozenset({(1, 11), (2, 13)})), RulesProblem.MORE_FIXED_THAN_PAIRS, ()),
        (
            Rules(2, per_country=1, fixed=frozenset({(1, 11), (2, 12)})),
            RulesProblem.COUNTRY_OVERFULL,
            (11, 12),
        ),
        (
            Rules(2, fixed=frozenset({(2, 12)}), twinning_allowed=False),
            RulesProblem.FIXED_TWINNED,
            (2, 12),
        ),
    ],
)
def test_rules_that_contradict_each_other_are_named(rules, problem, keys):
    with pytest.raises(RulesError) as caught:
        best_sets(FOUR, OTHERS, WEIGHTS, rules)

    assert (caught.value.problem, caught.value.keys) == (problem, keys)
    assert problem.value in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_city_on_both_sides_is_refused():
    with pytest.raises(RulesError) as caught:
        best_sets(FOUR, [*OTHERS, City(2, "", "NL")], WEIGHTS, Rules(1))

    assert (caught.value.problem, caught.value.keys) == (RulesProblem.CITY_TWICE, (2,))


def test_no_set_wanted_is_refused():
    with pytest.raises(ValueError, match="At least one set"):
        best_sets(FOUR, OTHERS, WEIGHTS, Rules(1), sets=0)
