"""What the database refuses about consultations, whoever asks."""

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
from tests.cycle import (
    ConsultationFactory,
    ConsultationMemberFactory,
    ConsultationPhaseFactory,
    ContributionFactory,
)

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)


def person_twice() -> Arranged:
    first = ConsultationMemberFactory()
    second = ConsultationMemberFactory(consultation=first.consultation)
    same = {"user": first.user}
    elsewhere = ConsultationFactory()
    return Arranged(second, same, {**same, "consultation": elsewhere})


def role_twice() -> Arranged:
    first = ConsultationMemberFactory(role="facilitator")
    second = ConsultationMemberFactory(consultation=first.consultation)
    return Arranged(second, {"role": "facilitator"}, {"role": "scribe"})


def phase_twice() -> Arranged:
    first = ConsultationPhaseFactory(phase=1)
    second = ConsultationPhaseFactory(consultation=first.consultation, phase=2)
    return Arranged(second, {"phase": 1}, {"phase": 3})


CASES = [
    Case(
        "consultation_state_is_known",
        "Choose the state of the consultation.",
        alone(ConsultationFactory, refused={"state": "asleep"}, allowed={"state": "stopped"}),
    ),
    Case(
        "consultation_that_goes_on_has_a_phase",
        "A consultation that goes on has a phase.",
        alone(
            ConsultationFactory,
            refused={"state": "running", "phase": 7},
            allowed={"state": "running", "phase": 6},
        ),
    ),
    Case(
        "consultation_is_closed_at_a_moment",
        "A closed consultation needs the moment.",
        alone(
            ConsultationFactory,
            refused={"state": "closed"},
            allowed={"state": "closed", "closed_at": NOW},
        ),
    ),
    Case(
        "consultation_is_released_after_it_closed",
        "A sentence is released when the consultation is over.",
        alone(
            ConsultationFactory,
            refused={"state": "stopped", "released_at": NOW},
            allowed={"state": "closed", "closed_at": NOW, "released_at": NOW},
        ),
    ),
    Case(
        "consultation_member_has_one_role",
        "A person has one role in a consultation.",
        person_twice,
    ),
    Case(
        "consultation_role_is_given_once",
        "This role is taken; only advisers are several.",
        role_twice,
    ),
    Case(
        "consultation_role_is_known",
        "Choose a role.",
        alone(ConsultationMemberFactory, refused={"role": "judge"}, allowed={"role": "scribe"}),
    ),
    Case("consultation_phase_comes_once", "This phase is planned already.", phase_twice),
    Case(
        "consultation_phase_is_known",
        "Choose one of the six phases.",
        alone(ConsultationPhaseFactory, refused={"phase": 7}, allowed={"phase": 6}),
    ),
    Case(
        "consultation_phase_takes_a_month_at_most",
        "A phase takes between one minute and 30 days.",
        alone(ConsultationPhaseFactory, refused={"minutes": 43_201}, allowed={"minutes": 43_200}),
    ),
    Case(
        "contribution_has_a_known_phase_and_kind",
        "This cannot be written here.",
        alone(ContributionFactory, refused={"kind": "song"}, allowed={"kind": "note"}),
    ),
    Case(
        "contribution_has_a_text",
        "Write something first.",
        alone(ContributionFactory, refused={"text": ""}, allowed={"text": "–"}),
    ),
]
ALL = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@ALL
@pytest.mark.django_db
def test_database_refuses(case):
    assert_database_refuses(case)


@ALL
@pytest.mark.django_db
def test_people_are_told(case):
    assert_people_are_told(case)
