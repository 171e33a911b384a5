"""Standing after review: totals, places, disputes, strictness, and what it does to the values."""

from __future__ import annotations

import random
import statistics
from decimal import Decimal
from itertools import product

import pytest

from calls.standing import HALF_BELIEVED, Judgement, standing_of, total_of

SEEDS = range(60)


def some_judgements(seed, *, applications=12, reviewers=7, most=4):
    """Return judgements in which every application has from 1 to ``most`` reviews."""
    chance = random.Random(seed)
    return [
        Judgement(application, reviewer, reviewer % 3, round(chance.uniform(0, 5), 2))
        for application in range(applications)
        for reviewer in chance.sample(range(reviewers), chance.randint(1, most))
    ]


# Totals


@pytest.mark.parametrize(
    ("scores", "total"),
    [
        ([(100, 4)], "4.00"),
        ([(40, 5), (30, 3), (30, 4)], "4.10"),
        ([(50, 0), (50, 5)], "2.50"),
        ([(100, 0)], "0.00"),
        ([(100, 5)], "5.00"),
        ([(1, 5), (2, 4)], "4.33"),  # 13 / 3
        ([(2, 5), (1, 4)], "4.67"),  # 14 / 3
        ([(1, 1), (199, 0)], "0.01"),  # 0.005: a half goes up
        ([(1, 3), (199, 0)], "0.02"),  # 0.015, which a float holds as less
        ([(3, 5), (197, 1)], "1.06"),
        ([(100, 3), (0, 5)], "3.00"),
    ],
)
def test_total_is_the_weighted_mean_with_two_decimals(scores, total):
    assert str(total_of(scores)) == total
    assert total_of(reversed(scores)) == Decimal(total)


@pytest.mark.parametrize(
    "scores", [[], [(0, 3)], [(100, 6)], [(100, -1)], [(50, 3), (50, 99)], [(110, 3), (-10, 3)]]
)
def test_total_of_nothing_or_off_the_scale_is_refused(scores):
    with pytest.raises(ValueError, match=r"weight|step"):
        total_of(scores)


def test_totals_of_all_steps_are_within_half_a_hundredth_and_on_the_scale():
    for steps in product(range(6), repeat=3):
        scores = list(zip((33, 33, 34), steps, strict=True))

        exact = Decimal(sum(weight * step for weight, step in scores)) / 100

        assert total_of(scores) == exact  # with weights that sum to 100, nothing is rounded
        assert 0 <= total_of([(7, steps[0]), (6, steps[1])]) <= 5


# Places


def test_no_review_gives_an_empty_standing():
    standing = standing_of([])

    assert (standing.rows, standing.reviewers, standing.organisations) == ({}, {}, {})


def test_one_review_stands_as_it_is():
    standing = standing_of([Judgement(7, 1, 10, 3.25)])

    place = standing.rows[7]
    assert (place.application, place.reviews, place.rank) == (7, 1, 1)
    assert place.mean == place.lowest == place.highest == place.corrected == 3.25
    assert place.spread == 0
    assert not place.is_disputed
    for strictness in standing.reviewers[1], standing.organisations[10]:
        assert (strictness.reviews, strictness.compared, strictness.mean) == (1, 0, 3.25)
        assert (strictness.deviation, strictness.correction) == (0, 0)


def test_place_computed_by_hand():
    place = standing_of([Judgement(1, 1, 1, 2), Judgement(1, 2, 2, 3), Judgement(1, 3, 3, 5)]).rows[
        1
    ]

    assert (place.reviews, place.lowest, place.highest) == (3, 2, 5)
    assert place.mean == pytest.approx(10 / 3)
    assert place.spread == pytest.approx((7 / 3) ** 0.5)  # (16 + 1 + 25) / 9, over 2
    assert place.is_disputed


def test_strictness_computed_by_hand():
    # On 1, the reviewers 1 and 2 are 2 apart; on 2, they are 1 apart; 3 reads with nobody.
    standing = standing_of(
        [
            Judgement(1, 1, 10, 4),
            Judgement(1, 2, 20, 2),
            Judgement(2, 1, 10, 3),
            Judgement(2, 2, 20, 2),
            Judgement(3, 1, 10, 5),
            Judgement(4, 3, 20, 1),
        ]
    )

    mild, strict, alone = (standing.reviewers[key] for key in (1, 2, 3))
    assert (mild.reviews, mild.compared, mild.mean, mild.deviation) == (3, 2, 4, 1.5)
    assert (strict.reviews, strict.compared, strict.mean, strict.deviation) == (2, 2, 2, -1.5)
    assert mild.correction == pytest.approx(1.5 * 2 / 6)
    assert strict.correction == pytest.approx(-0.5)
    assert (alone.compared, alone.deviation, alone.correction) == (0, 0, 0)
    assert standing.rows[1].corrected == pytest.approx(3)  # both read it: the two cancel out
    assert standing.rows[3].corrected == pytest.approx(4.5)  # only the mild one read it
    assert standing.rows[4].corrected == 1


def test_organisation_is_compared_with_others_only():
    # Two of organisation 10 (mean 2) and one of organisation 20 read application 1.
    standing = standing_of(
        [
            Judgement(1, 1, 10, 1),
            Judgement(1, 2, 10, 3),
            Judgement(1, 3, 20, 4),
            Judgement(2, 1, 10, 5),
            Judgement(2, 2, 10, 0),
        ]
    )

    ours, theirs = standing.organisations[10], standing.organisations[20]
    assert (ours.reviews, ours.compared, ours.mean, ours.deviation) == (4, 1, 2.25, -2)
    assert (theirs.reviews, theirs.compared, theirs.deviation) == (1, 1, 2)
    assert theirs.correction == pytest.approx(2 / 5)
    assert standing.reviewers[1].deviation == pytest.approx(((1 - 3.5) + (5 - 0)) / 2)


def test_organisation_corrects_nothing():
    judgements = some_judgements(1)

    one = standing_of(judgements)
    other = standing_of([judgement._replace(organisation=5) for judgement in judgements])

    assert (one.rows, one.reviewers) == (other.rows, other.reviewers)
    assert one.organisations != other.organisations


@pytest.mark.parametrize(
    ("totals", "border", "is_disputed"),
    [
        ((2.6, 4.1), 1.5, True),  # 4.1 - 2.6 is below 1.5 in binary fractions
        ((2.6, 4.09), 1.5, False),
        ((3.3, 3.4), 0.1, True),
        ((3, 3.28), 0.29, False),  # 0.29 * 100 is below 29
        ((1, 1, 1), 1.5, False),
        ((4,), 0, False),  # one alone disputes with nobody
        ((4, 4), 0, True),
    ],
)
def test_application_is_disputed_from_the_border_on(totals, border, is_disputed):
    judgements = [Judgement(1, reviewer, 1, total) for reviewer, total in enumerate(totals)]

    assert standing_of(judgements, disputed_from=border).rows[1].is_disputed is is_disputed


def test_equal_means_share_a_rank():
    totals = {1: (3.1, 3.3), 2: (3.2, 3.2), 3: (4, 4), 4: (1, 1), 5: (1.1, 3.2, 5.0)}
    judgements = [
        Judgement(key, reviewer, 1, total)
        for key, given in totals.items()
        for reviewer, total in enumerate(given)
    ]

    rows = standing_of(judgements).rows

    assert [(key, row.rank) for key, row in sorted(rows.items())] == [
        (1, 2),
        (2, 2),
        (3, 1),
        (4, 5),
        (5, 4),
    ]
    assert [row.rank for row in rows.values()] == [1, 2, 2, 4, 5]


def test_order_among_equal_means_is_by_corrected_value_then_key():
    # 5 and 4 were read by one strict and one mild person alone; 9 and 8 by nobody who compares.
    judgements = [
        Judgement(1, 1, 1, 1),
        Judgement(1, 2, 1, 5),
        Judgement(5, 1, 1, 3),
        Judgement(4, 2, 1, 3),
        Judgement(9, 3, 1, 3),
        Judgement(8, 4, 1, 3),
    ]

    rows = standing_of(judgements).rows

    assert list(rows) == [5, 1, 8, 9, 4]
    assert {row.rank for row in rows.values()} == {1}


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_are_sorted_and_agree_with_the_statistics_module(seed):
    judgements = some_judgements(seed)

    rows = standing_of(judgements).rows

    order = [(-row.mean, -round(row.corrected, 9), row.application) for row in rows.values()]
    assert order == sorted(order)
    for key, row in rows.items():
        totals = [judgement.total for judgement in judgements if judgement.application == key]
        assert row.mean == pytest.approx(statistics.mean(totals))
        spread = statistics.stdev(totals) if len(totals) > 1 else 0
        assert row.spread == pytest.approx(spread, abs=1e-9)
        assert (row.lowest, row.highest) == (min(totals), max(totals))
        assert row.rank == 1 + sum(other.mean > row.mean for other in rows.values())
        assert 0 <= row.corrected <= 5


# Strictness


@pytest.mark.parametrize("seed", SEEDS)
def test_strictness_follows_the_formula_word_by_word(seed):
    judgements = some_judgements(seed)

    standing = standing_of(judgements)

    for reviewer, strictness in standing.reviewers.items():
        own = [judgement for judgement in judgements if judgement.reviewer == reviewer]
        differences = []
        for judgement in own:
            others = [
                other.total
                for other in judgements
                if other.application == judgement.application and other.reviewer != reviewer
            ]
            if others:
                differences.append(judgement.total - statistics.mean(others))
        deviation = statistics.mean(differences) if differences else 0
        share = len(differences) / (len(differences) + HALF_BELIEVED)
        assert (strictness.reviews, strictness.compared) == (len(own), len(differences))
        assert strictness.mean == pytest.approx(statistics.mean(one.total for one in own))
        assert strictness.deviation == pytest.approx(deviation, abs=1e-9)
        assert strictness.correction == pytest.approx(deviation * share, abs=1e-9)
    for key, row in standing.rows.items():
        values = [
            one.total - standing.reviewers[one.reviewer].correction
            for one in judgements
            if one.application == key
        ]
        assert row.corrected == pytest.approx(min(5, max(0, statistics.mean(values))))


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_input_changes_no_digit(seed):
    judgements = some_judgements(seed)
    shuffled = random.Random(seed).sample(judgements, len(judgements))

    one, other = standing_of(judgements), standing_of(iter(shuffled))

    assert one == other
    for name in "rows", "reviewers", "organisations":
        assert list(getattr(one, name)) == list(getattr(other, name))


def panel_of_pairs(seed, constant, *, biased=0):
    """Return true values and judgements by pairs: all tell the truth but for one constant."""
    chance = random.Random(seed)
    truth = {key: round(chance.uniform(1.5, 3.5), 2) for key in range(60)}
    judgements = [
        Judgement(key, reviewer, 1, round(value + (constant if reviewer == biased else 0), 2))
        for key, value in truth.items()
        for reviewer in chance.sample(range(10), 2)
    ]
    return truth, judgements


@pytest.mark.parametrize("constant", [-1.25, -0.5, 0.75, 1.5])
@pytest.mark.parametrize("seed", range(10))
def test_constant_addition_is_the_deviation_and_is_lowered_to_the_truth(seed, constant):
    truth, judgements = panel_of_pairs(seed, constant)

    standing = standing_of(judgements)

    strictness = standing.reviewers[0]
    share = strictness.compared / (strictness.compared + 4)
    assert strictness.deviation == pytest.approx(constant)
    assert strictness.correction == pytest.approx(constant * share)
    touched = [one.application for one in judgements if one.reviewer == 0]
    raw = sum(abs(standing.rows[key].mean - truth[key]) for key in touched)
    corrected = sum(abs(standing.rows[key].corrected - truth[key]) for key in touched)
    assert corrected < raw * 0.6
    everything = [(row.mean, row.corrected, truth[key]) for key, row in standing.rows.items()]
    assert sum((late - true) ** 2 for _, late, true in everything) < sum(
        (early - true) ** 2 for early, _, true in everything
    )


@pytest.mark.parametrize("seed", range(10))
def test_agreement_corrects_nothing(seed):
    truth, judgements = panel_of_pairs(seed, 0)

    standing = standing_of(judgements)

    assert all(one.correction == 0 for one in standing.reviewers.values())
    assert {key: row.corrected for key, row in standing.rows.items()} == truth


@pytest.mark.parametrize("seed", SEEDS)
def test_single_reviewer_per_application_is_never_corrected(seed):
    standing = standing_of(some_judgements(seed, most=1))

    assert all(one.compared == one.correction == 0 for one in standing.reviewers.values())
    assert all(row.corrected == row.mean for row in standing.rows.values())


def test_same_people_on_everything_correct_nothing_in_sum():
    chance = random.Random(3)
    judgements = [
        Judgement(key, reviewer, 1, round(chance.uniform(1.5, 3) + reviewer / 4, 2))
        for key in range(20)
        for reviewer in range(4)
    ]

    standing = standing_of(judgements)

    assert standing.reviewers[3].deviation > 0.4
    assert sum(one.correction for one in standing.reviewers.values()) == pytest.approx(0)
    assert all(row.corrected == pytest.approx(row.mean) for row in standing.rows.values())


def test_corrected_value_stays_on_the_scale():
    # The strict one gives 0 where others give 5, and has one application for himself; so the mild.
    judgements = [
        Judgement(key, reviewer, 1, 5.0 * reviewer) for key in range(9) for reviewer in (0, 1)
    ]
    judgements += [Judgement(20, 0, 1, 5), Judgement(21, 1, 1, 0)]

    rows = standing_of(judgements).rows

    assert (rows[20].corrected, rows[21].corrected) == (5, 0)


# Input that cannot be


@pytest.mark.parametrize("total", [-0.01, 5.01, float("nan"), 99])
def test_total_off_the_scale_is_refused(total):
    with pytest.raises(ValueError, match="total"):
        standing_of([Judgement(1, 1, 1, total)])


def test_second_review_of_one_person_is_refused():
    with pytest.raises(ValueError, match="two reviews of application 4"):
        standing_of([Judgement(4, 1, 1, 3), Judgement(4, 1, 2, 4)])


def test_plain_rows_and_decimals_of_a_database_will_do():
    rows = [(1, 1, 1, Decimal("2.60")), (1, 2, 2, Decimal("4.10"))]

    place = standing_of(Judgement(*row) for row in rows).rows[1]

    assert (place.mean, place.is_disputed) == (3.35, True)
    assert standing_of(rows).rows[1] == place
