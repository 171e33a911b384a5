"""What must never be stored about a date poll."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter

import pytest

from tests.constraints import (
    Arranged,
    Case,
    alone,
    assert_database_refuses,
    assert_people_are_told,
)
from tests.cycle import PollOptionFactory, PollReplyFactory

STARTS = dt.datetime(2098, 5, 17, 8, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def proposed_twice() -> Arranged:
    first = PollOptionFactory()
    row = PollOptionFactory(poll=first.poll)
    same = {"starts_at": first.starts_at, "ends_at": first.ends_at}
    return Arranged(row, same, {**same, "ends_at": first.ends_at + SECOND})


def answered_twice() -> Arranged:
    first = PollReplyFactory()
    other = PollOptionFactory(poll=first.option.poll)
    row = PollReplyFactory(option=other)
    same = {"attendance": first.attendance}
    return Arranged(row, {**same, "option": first.option}, same)


CASES = [
    Case("poll_option_is_proposed_once", "This date is proposed already.", proposed_twice),
    Case(
        "poll_option_ends_after_it_starts",
        "The date ends before it starts.",
        alone(
            PollOptionFactory,
            starts_at=STARTS,
            refused={"ends_at": STARTS},
            allowed={"ends_at": STARTS + SECOND},
        ),
    ),
    Case("poll_reply_is_given_once", "This person has answered already.", answered_twice),
    Case(
        "poll_reply_choice_is_known",
        "Choose whether the date suits.",
        alone(PollReplyFactory, refused={"choice": "perhaps"}, allowed={"choice": "if_need_be"}),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_database_refuses_what_a_constraint_forbids(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_people_read_why_a_constraint_refuses(case):
    assert_people_are_told(case)
