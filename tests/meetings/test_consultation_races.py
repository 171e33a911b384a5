"""Two people in the consultation room at once: one waits, and meets what the other one did."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from meetings.actions.consultation import next_phase, write_contribution
from meetings.actions.consultation_advisers import add_adviser, remove_adviser
from meetings.actions.consultation_parts import replace_member
from meetings.enums import Phase
from meetings.models import Consultation, ConsultationMember, Contribution
from tests.meetings.consultation_cases import make_case
from tests.races import act_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def moving(case, phase, who="facilitator"):
    by = case.of(who)
    return lambda: next_phase(meeting=case.meeting, phase=phase, by=by)


def writing(case, phase, text="Fragen Sie die Stadtwerke."):
    by = case.of("adviser")
    return lambda: write_contribution(
        meeting=case.meeting, phase=phase, kind="advice", text=text, by=by
    )


@pytest.mark.parametrize("moves_first", [True, False])
def test_advice_comes_before_the_phase_ends_or_not_at_all(moves_first):
    case = make_case()
    case.move_to(Phase.ADVICE)
    acts = (moving(case, 5), writing(case, 5))

    results = act_at_once(*(acts if moves_first else acts[::-1]))

    moved, written = results if moves_first else results[::-1]
    assert isinstance(moved, Consultation)
    assert case.now().phase == Phase.CLOSE
    if moves_first:
        assert (type(written), written.code) == (ValidationError, "moved")
    assert Contribution.objects.count() == (0 if moves_first else 1)


def test_two_clicks_at_once_move_one_phase():
    case = make_case()
    case.move_to(Phase.ACCOUNT)

    first, second = act_at_once(moving(case, 2), moving(case, 2))

    assert (type(first), type(second), second.code) == (Consultation, ValidationError, "known")
    assert case.now().phase == Phase.KEY_QUESTION


def test_two_clicks_at_once_add_one_contribution():
    case = make_case()
    case.move_to(Phase.ADVICE)

    first, second = act_at_once(writing(case, 5), writing(case, 5))

    assert (type(first), type(second), second.code) == (Consultation, ValidationError, "known")
    assert Contribution.objects.count() == 1


def test_two_replace_the_same_facilitator():
    case = make_case()
    case.move_to(Phase.ACCOUNT)
    member = case.consultation.members.get(role="facilitator")

    def giving(who, user):
        by, taker = case.of(who), case.of(user)
        return lambda: replace_member(member=member, user=taker, by=by)

    first, second = act_at_once(giving("contact", "scribe"), giving("coordinator", "adviser"))

    assert (type(first), type(second), second.code) == (
        ConsultationMember,
        ValidationError,
        "known",
    )
    assert case.consultation.members.get(role="facilitator").user == case.of("scribe")


def test_two_add_the_same_adviser_at_once():
    case = make_case()
    case.move_to(Phase.ACCOUNT)
    user = case.of("deputy").pk

    def adding(who):
        by = case.of(who)
        return lambda: add_adviser(meeting=case.meeting, user=user, by=by)

    first, second = act_at_once(adding("facilitator"), adding("facilitator"))

    assert (type(first), type(second), second.code) == (
        ConsultationMember,
        ValidationError,
        "known",
    )


@pytest.mark.parametrize("writes_first", [True, False])
def test_adviser_writes_before_being_taken_off_or_not_at_all(writes_first):
    case = make_case()
    case.move_to(Phase.ADVICE)
    adviser, leads = case.of("adviser"), case.of("facilitator")

    def removing():
        return remove_adviser(meeting=case.meeting, user=adviser.pk, by=leads)

    acts = (writing(case, 5), removing)
    results = act_at_once(*(acts if writes_first else acts[::-1]))

    written, removed = results if writes_first else results[::-1]
    stays = case.consultation.members.filter(user=adviser).exists()
    assert stays == writes_first == Contribution.objects.exists()
    assert isinstance(removed, ValidationError) == writes_first
    assert isinstance(written, PermissionDenied) != writes_first


def test_nobody_joins_while_the_advice_ends():
    case = make_case()
    case.move_to(Phase.ADVICE)
    user, leads = case.of("deputy").pk, case.of("facilitator")

    _moved, added = act_at_once(
        moving(case, 5), lambda: add_adviser(meeting=case.meeting, user=user, by=leads)
    )

    assert (type(added), added.code) == (ValidationError, "late")
    assert not case.consultation.members.filter(user=user).exists()
