"""The estimate for the note to the mayor."""

from __future__ import annotations

import pytest

from calls.price import Price, whole_number


def test_estimate_multiplies_hours_and_trips():
    estimate = Price(hours_a_month=12, months=24, trips=2).in_euros(per_hour=60, per_trip=900)

    assert (estimate.work, estimate.travel, estimate.total) == (17_280, 1_800, 19_080)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("60", 60), (" 1.200 ", 1_200), ("0", 0), ("20000", 20_000), ("1 200", 1_200)],
)
def test_number_is_read_as_people_type_it(typed, number):
    assert whole_number(typed, 20_000) == number


@pytest.mark.parametrize("typed", ["", "-1", "60,5", "abc", "20001", "١٢", "9" * 400, "\x00"])
def test_everything_else_is_no_number(typed):
    assert whole_number(typed, 20_000) is None
