"""What must never be stored about an entry of the learning log."""

from __future__ import annotations

from operator import attrgetter

import pytest

from tests.constraints import Case, alone, assert_database_refuses, assert_people_are_told
from tests.cycle import LearningEntryFactory

CASES = [
    Case(
        "learning_entry_kind_is_known",
        "Choose the kind of contact.",
        alone(LearningEntryFactory, refused={"kind": "party"}, allowed={"kind": "other"}),
    ),
    Case(
        "learning_entry_visibility_is_known",
        "Choose who may read the entry.",
        alone(
            LearningEntryFactory,
            refused={"visibility": "nobody"},
            allowed={"visibility": "public"},
        ),
    ),
    Case(
        "learning_entry_says_what_was_learned",
        "Write what you learned.",
        alone(LearningEntryFactory, refused={"learned": ""}, allowed={"learned": "a"}),
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
