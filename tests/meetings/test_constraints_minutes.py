"""What must never be stored about minutes."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter

import pytest

from meetings.enums import MINUTES_TRANSITIONS, MinutesState
from tests.constraints import Arranged, Case, alone, assert_database_refuses, assert_people_are_told
from tests.cycle import MinutesAgreementFactory, MinutesFactory

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
AGREED = {"state": "agreed", "agreed_at": NOW}


def beside_another(first, second, refused, allowed):
    """Arrange two versions of one meeting."""

    def arrange() -> Arranged:
        one = MinutesFactory(number=1, **first)
        two = MinutesFactory(meeting=one.meeting, number=2, **second)
        return Arranged(two, refused, allowed)

    return arrange


def agreed_twice() -> Arranged:
    first = MinutesAgreementFactory()
    second = MinutesAgreementFactory(minutes=first.minutes)
    same = {"municipality": first.municipality}
    return Arranged(second, same, {**same, "minutes": MinutesFactory()})


CASES = [
    Case(
        "minutes_have_their_own_number",
        "There is a version with this number already.",
        beside_another(AGREED, {}, {"number": 1}, {"number": 3}),
    ),
    Case(
        "minutes_are_unfinished_once",
        "Somebody else has begun the minutes already.",
        beside_another({}, AGREED, {"state": "draft"}, {"state": "replaced"}),
    ),
    Case(
        "minutes_count_once",
        "Other minutes of this meeting count already.",
        beside_another(AGREED, {}, AGREED, {"state": "replaced", "agreed_at": NOW}),
    ),
    Case(
        "minutes_state_is_known",
        "Choose the state of the minutes.",
        alone(
            MinutesFactory,
            refused={"state": "lost", "agreed_at": NOW},
            allowed={"state": "replaced", "agreed_at": NOW},
        ),
    ),
    Case(
        "minutes_are_agreed_at_a_moment",
        "Agreed minutes need the moment.",
        alone(MinutesFactory, refused={"state": "agreed"}, allowed=AGREED),
    ),
    Case(
        "minutes_are_released_after_the_agreement",
        "The public part is released after the agreement.",
        alone(MinutesFactory, refused={"released_at": NOW}, allowed={"released_at": NOW, **AGREED}),
    ),
    Case(
        "minutes_out_for_agreement_have_a_day",
        "Say by when the cities should agree.",
        alone(
            MinutesFactory,
            refused={"state": "in_agreement"},
            allowed={"state": "in_agreement", "agree_by": NOW.date()},
        ),
    ),
    Case("minutes_agreement_is_given_once", "This city has agreed already.", agreed_twice),
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_database_refuses(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_people_read_why(case):
    assert_people_are_told(case)


def test_what_was_agreed_is_only_ever_replaced():
    assert {state: set(after) for state, after in MINUTES_TRANSITIONS.items()} == {
        MinutesState.DRAFT: {"in_agreement"},
        MinutesState.IN_AGREEMENT: {"draft", "agreed"},
        MinutesState.AGREED: {"replaced"},
        MinutesState.REPLACED: set(),
    }
