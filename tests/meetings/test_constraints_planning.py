"""Constraints of the plan of a meeting."""

from __future__ import annotations

import pytest

from tests.constraints import Case, alone, assert_database_refuses, assert_people_are_told
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db

CASES = [
    Case(
        "meeting_in_preparation_is_not_public",
        "Announce the meeting before it becomes public.",
        alone(
            MeetingFactory,
            status="announced",
            refused={"status": "planned"},
            allowed={"status": "planned", "is_public": False},
        ),
    )
]


def test_database_refuses_a_public_meeting_in_preparation():
    assert_database_refuses(*CASES)


def test_people_read_why_a_meeting_in_preparation_is_not_public():
    assert_people_are_told(*CASES)
