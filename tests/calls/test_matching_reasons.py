"""Why a pair fits, what tells its cities apart, and why it is not in a set."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from calls.matching import (
    SCALE,
    City,
    CityType,
    Difference,
    DifferenceKind,
    Reason,
    ReasonKind,
    differences_of,
    fit_of,
    reasons_of,
)
from tests.calls.test_matching import WEIGHTS, pair, random_city, random_weights

FULL = (
    {
        "population": 30_000,
        "seeks": {"energy": 3, "water": 1},
        "gives": {"data": 2, "parks": 1},
        "languages": frozenset({"de", "en"}),
        "hours": 12,
    },
    {
        "population": 200_000,
        "seeks": {"data": 2, "water": 2, "noise": 3},
        "gives": {"energy": 2, "parks": 2},
        "languages": frozenset({"en", "nl"}),
        "hours": 10,
    },
)


def reasons(german=None, european=None):
    return reasons_of(*pair(german, european), WEIGHTS)


def differences(german=None, european=None):
    return differences_of(*pair(german, european), WEIGHTS)


def kinds(facts):
    return [fact.kind for fact in facts]


# --- Reasons --------------------------------------------------------------------------------------


def test_reasons_name_what_is_met_in_both_directions_and_what_is_shared():
    found = reasons(*FULL)

    assert [replace(reason, value=0) for reason in found] == [
        Reason(ReasonKind.OFFER, "energy", giver=2, seeker=1, german=3, european=2),
        Reason(ReasonKind.LANGUAGE, languages=("en",)),
        Reason(ReasonKind.HOURS, german=12, european=10),
        Reason(ReasonKind.OFFER, "data", giver=1, seeker=2, german=2, european=2),
        Reason(ReasonKind.CHALLENGE, "water", german=1, european=2),
    ]


def test_reasons_stand_by_what_they_contribute_and_never_sum_to_more_than_the_fit():
    chance = random.Random(20)
    for _ in range(400):
        weights = random_weights(chance)
        german, european = random_city(chance, 1, "DE"), random_city(chance, 2, "BE")

        values = [reason.value for reason in reasons_of(german, european, weights)]

        assert values == sorted(values, reverse=True)
        assert min(values) >= 0
        assert sum(values) <= fit_of(german, european, weights).total * 100 + 50


def test_topics_share_all_that_offers_and_challenges_earn():
    found = reasons(*FULL)
    fit = fit_of(*pair(*FULL), WEIGHTS)

    offers = sum(one.value for one in found if one.kind is ReasonKind.OFFER)
    challenges = sum(one.value for one in found if one.kind is ReasonKind.CHALLENGE)

    assert offers == pytest.approx(WEIGHTS.offer * fit.offer, abs=5)
    assert challenges == WEIGHTS.challenge * fit.challenge


def test_similar_cities_are_told_so():
    found = reasons({"population": 30_000, "hours": 12}, {"population": 60_000, "hours": 8})

    assert set(kinds(found)) == {ReasonKind.HOURS, ReasonKind.SIZE, ReasonKind.TYPE}
    assert (found[0].german, found[0].european) != (0, 0)
    by_kind = {reason.kind: reason for reason in found}
    assert by_kind[ReasonKind.SIZE].european == 60_000
    assert by_kind[ReasonKind.TYPE].german == CityType.MEDIUM_SIZED_TOWN


def test_pair_without_anything_in_common_gets_facts():
    found = reasons({"population": 3_000, "hours": 5}, {"population": 900_000, "hours": 40})

    assert kinds(found) == [
        ReasonKind.OTHER_TYPE,
        ReasonKind.HOURS_TOGETHER,
        ReasonKind.NEW_CONTACT,
    ]
    assert (found[0].german, found[0].european) == (0, 3)
    assert found[1].german + found[1].european == 45


def test_pair_of_which_nothing_is_known_gets_three_facts():
    assert kinds(reasons()) == [ReasonKind.NEW_CONTACT, ReasonKind.TOPICS, ReasonKind.COUNTRIES]
    assert kinds(reasons({"twinned_with": frozenset({2})}))[0] is ReasonKind.TWINNING


def test_experience_on_both_sides_comes_before_other_facts():
    found = reasons({"gives": {"a": 2}}, {"gives": {"a": 3, "b": 1}})

    assert found == (
        Reason(ReasonKind.BOTH_GIVE, "a", german=2, european=3),
        Reason(ReasonKind.FURTHER_OFFER, "b", giver=2, european=1),
        Reason(ReasonKind.NEW_CONTACT),
    )


def test_further_offer_is_one_that_was_not_asked_for():
    found = reasons({"seeks": {"a": 2}}, {"gives": {"a": 1, "b": 1}})

    assert [(one.kind, one.topic) for one in found] == [
        (ReasonKind.OFFER, "a"),
        (ReasonKind.FURTHER_OFFER, "b"),
        (ReasonKind.NEW_CONTACT, ""),
    ]


def test_every_pair_has_three_reasons_and_a_difference():
    chance = random.Random(21)
    for _ in range(1_000):
        german, european = random_city(chance, 1, "DE"), random_city(chance, 2, "BE")

        found, apart = (of(german, european, WEIGHTS) for of in (reasons_of, differences_of))

        assert len(found) >= 3
        assert len(set(found)) == len(found)
        assert len(apart) >= 1
        assert len(set(apart)) == len(apart)


# --- Differences ----------------------------------------------------------------------------------


def test_differences_are_named_the_most_serious_first():
    found = differences(*FULL)

    assert found[0] == Difference(
        DifferenceKind.NEED_NOT_MET,
        "noise",
        city=2,
        european=3,
        loss=found[0].loss,
    )
    assert kinds(found[1:]).count(DifferenceKind.NEED_NOT_MET) == 2
    assert Difference(DifferenceKind.SIZE, german=30_000, european=200_000, loss=82_390) in found
    assert Difference(DifferenceKind.TYPE, german=2, european=3, loss=25_000) in found
    assert Difference(DifferenceKind.LANGUAGES_OF_ONE, city=1, languages=("de",)) in found
    assert found[-1].kind is DifferenceKind.COUNTRY


def test_what_hinders_all_work_comes_first():
    found = differences(
        {"languages": frozenset({"de"}), "seeks": {"a": 1}}, {"languages": frozenset({"nl"})}
    )

    assert kinds(found)[:2] == [DifferenceKind.NO_COMMON_LANGUAGE, DifferenceKind.NOTHING_MET]


def test_one_sided_pair_is_told_who_learns():
    found = differences({"seeks": {"a": 3}}, {"gives": {"a": 3}})

    one_sided = next(one for one in found if one.kind is DifferenceKind.ONE_SIDED)
    assert one_sided.city == 1
    assert one_sided.loss == WEIGHTS.offer * (SCALE - 2_500)


def test_loss_of_an_unmet_need_is_what_meeting_it_would_gain():
    chance = random.Random(22)
    seen = 0
    for _ in range(300):
        german, european = random_city(chance, 1, "DE"), random_city(chance, 2, "BE")
        before = fit_of(german, european, WEIGHTS).total
        for one in differences_of(german, european, WEIGHTS):
            if one.kind is DifferenceKind.NEED_NOT_MET and one.city == german.key:
                met = replace(european, gives={**european.gives, one.topic: 3})
                gained = fit_of(german, met, WEIGHTS).total - before
                assert gained * 100 == pytest.approx(one.loss, abs=200)
                seen += 1
    assert seen > 100


def test_unknown_figures_are_named_and_cost_the_other_half():
    found = differences({"hours": 8, "population": 500, "languages": frozenset({"de"})})

    of_other = {one.kind: one.loss for one in found if one.city == 2}
    assert of_other == {
        DifferenceKind.UNKNOWN_HOURS: 50_000,
        DifferenceKind.UNKNOWN_SIZE: 75_000,
        DifferenceKind.UNKNOWN_LANGUAGES: 100_000,
    }


def test_hours_far_apart_are_named():
    found = differences({"hours": 40}, {"hours": 10})

    assert Difference(DifferenceKind.HOURS, german=40, european=10, loss=75_000) in found
    assert DifferenceKind.HOURS in kinds(differences({"hours": 0}, {"hours": 1}))
    assert DifferenceKind.HOURS not in kinds(differences({"hours": 0}, {"hours": 0}))


def test_same_city_twice_differs_in_nothing_that_was_stated():
    one = City(1, "", "BE", 500, {"a": 3}, {"a": 3}, frozenset({"en"}), 8)

    assert kinds(differences_of(one, replace(one, key=2), WEIGHTS)) == [DifferenceKind.NONE_STATED]
