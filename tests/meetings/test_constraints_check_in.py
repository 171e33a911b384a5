"""What the database refuses about check-ins."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.constraints import (
    Arranged,
    Case,
    alone,
    assert_database_refuses,
    assert_people_are_told,
)
from tests.cycle import CheckInAnswerFactory, CheckInFactory

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
END = dt.date(2025, 11, 30)
ANSWERED = {"answered_at": NOW, "cooperation": "on"}


def asked_twice() -> Arranged:
    first = CheckInFactory(ended_on=END)
    second = CheckInFactory(
        tandem=first.tandem, municipality=first.municipality, ended_on=END, months=12
    )
    later = {"months": 6, "ended_on": END + dt.timedelta(days=400)}
    return Arranged(second, {"months": 6}, later)


def answered_twice() -> Arranged:
    first = CheckInAnswerFactory()
    second = CheckInAnswerFactory(check_in=first.check_in)
    same = {"commitment": first.commitment}
    return Arranged(second, same, {**same, "check_in": CheckInFactory()})


CASES = [
    Case("check_in_is_asked_once_about_an_end", "This city was asked already.", asked_twice),
    Case(
        "check_in_is_silent_only_after_it_was_asked",
        "Nobody was asked, so nobody kept silent.",
        alone(
            CheckInFactory,
            refused={"asked_at": None, "silent_at": NOW},
            allowed={"asked_at": NOW, "silent_at": NOW},
        ),
    ),
    Case(
        "check_in_is_after_6_12_or_24_months",
        "A city is asked after 6, 12 and 24 months.",
        alone(CheckInFactory, refused={"months": 18}, allowed={"months": 24}),
    ),
    Case(
        "check_in_is_answered_or_silent",
        "An answer and silence exclude each other.",
        alone(CheckInFactory, refused={"silent_at": NOW}, allowed={"silent_at": None}, **ANSWERED),
    ),
    Case(
        "check_in_answer_says_how_cities_cooperate",
        "Say how you work together today.",
        alone(
            CheckInFactory, refused={"answered_at": NOW, "cooperation": ""}, allowed=dict(ANSWERED)
        ),
    ),
    Case("check_in_answer_is_given_once", "This commitment is answered already.", answered_twice),
    Case(
        "check_in_answer_is_known",
        "Say what became of the commitment.",
        alone(CheckInAnswerFactory, refused={"fate": "lost"}, allowed={"fate": "going_on"}),
    ),
]
ALL = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.mark.django_db
@ALL
def test_database_refuses_what_must_never_be_stored(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@ALL
def test_people_are_told_why(case):
    assert_people_are_told(case)
