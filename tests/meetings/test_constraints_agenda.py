"""What the database refuses of guiding questions and agenda items."""

from __future__ import annotations

import pytest

from tests.constraints import (
    Arranged,
    Case,
    alone,
    assert_database_refuses,
    assert_people_are_told,
    beside,
)
from tests.cycle import GuidingQuestionFactory
from tests.factories import AgendaItemFactory, MeetingFactory

pytestmark = pytest.mark.django_db


def asked_twice() -> Arranged:
    first = GuidingQuestionFactory()
    second = GuidingQuestionFactory(
        meeting=first.meeting, municipality=first.municipality, position=2
    )
    elsewhere = {"position": 1, "meeting": MeetingFactory()}
    return Arranged(second, {"position": 1}, elsewhere)


CASES = [
    Case(
        "guiding_question_has_its_own_position",
        "This city has asked this question already.",
        asked_twice,
    ),
    *(
        Case(
            "guiding_question_is_one_of_three",
            "A city asks up to three guiding questions.",
            alone(GuidingQuestionFactory, refused={"position": wrong}, allowed={"position": 3}),
        )
        for wrong in (0, 4)
    ),
    *(
        Case(
            "agenda_item_takes_a_day_at_most",
            "An item takes between one minute and a day.",
            alone(AgendaItemFactory, refused={"minutes": wrong}, allowed={"minutes": right}),
        )
        for wrong, right in ((0, None), (1441, 1440), (0, 1))
    ),
    *(
        Case(
            "agenda_item_is_on_a_day_of_the_meeting",
            "The first day of a meeting is 1.",
            alone(AgendaItemFactory, refused={"day": wrong}, allowed={"day": right}),
        )
        for wrong, right in ((0, 1), (31, 30))
    ),
    Case(
        "agenda_item_has_its_own_position",
        "This position is taken by another item.",
        beside(AgendaItemFactory, "meeting"),
    ),
]
BY_NAME = [pytest.param(case, id=case.name) for case in CASES]


@pytest.mark.parametrize("case", BY_NAME)
def test_database_refuses_what_breaks_a_constraint(case):
    assert_database_refuses(case)


@pytest.mark.parametrize("case", BY_NAME)
def test_people_are_told_what_breaks_a_constraint(case):
    assert_people_are_told(case)
