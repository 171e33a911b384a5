"""The first step is a commitment of the meeting that it comes from, whoever meets there."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from meetings.enums import Phase
from meetings.models import Commitment, Meeting
from tests.factories import CommitmentFactory, TandemFactory, TandemMemberFactory
from tests.meetings.consultation_cases import SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def meeting_elsewhere(scope):
    """Return a case in its last phase, in a meeting that another partnership leads, or the team."""
    day = timezone.localdate() - DAY
    times = {"earliest": day, "latest": day, "starts_at": None, "ends_at": None}
    case = make_case(meeting={"status": "held", "is_public": True, **times})
    leading = None
    if scope == "several":
        leading = TandemFactory(status="active")
        TandemMemberFactory(tandem=leading)
        case.meeting.partnerships.set([leading, case.cycle.tandem])
    Meeting.objects.filter(pk=case.meeting.pk).update(scope=scope, tandem=leading)
    case.meeting.refresh_from_db()
    case.move_to(Phase.CLOSE)
    return case


def closing(**fields):
    day = timezone.localdate() + 30 * DAY
    words = {"valuable": SECRETS[3], "first_step": SECRETS[4], "due_on": day.isoformat()}
    return {**words, **fields}


@pytest.mark.parametrize("scope", ["several", "programme"])
def test_first_step_belongs_to_the_joint_meeting_and_stands_among_its_fates(scope):
    case = meeting_elsewhere(scope)

    assert case.post("case_giver", "close", **closing()).status_code == 302

    promise = Commitment.objects.get()
    assert (promise.meeting, promise.tandem, promise.municipality) == (
        case.meeting,
        case.cycle.tandem,
        case.cycle.hamm,
    )
    assert case.now().commitment == promise
    inside = case.client("contact").get(f"/en/meetings/{case.meeting.pk}/internal/commitments/")
    assert SECRETS[4] in inside.content.decode()
    public = case.client("visitor").get(f"/en{case.meeting.get_absolute_url()[3:]}")
    assert "Of 1 commitment" in read(public).main.text


@pytest.mark.parametrize("scope", ["tandem", "several", "programme"])
def test_sixth_commitment_is_refused_at_its_day_and_what_was_typed_stays(scope):
    if scope == "tandem":
        case = make_case()
        case.move_to(Phase.CLOSE)
    else:
        case = meeting_elsewhere(scope)
    for number in range(5):
        CommitmentFactory(
            meeting=case.meeting,
            tandem=case.cycle.tandem,
            municipality=case.cycle.arezzo,
            text=f"Zusage {number}",
        )

    answer = case.post("case_giver", "close", **closing())

    assert list(answer.context["form"].errors) == ["due_on"]
    assert "Five commitments come from this meeting already" in read(answer).main.text
    assert SECRETS[3] in answer.content.decode()
    assert (case.now().state, Commitment.objects.count()) == ("running", 5)
    assert case.post("case_giver", "close", **closing(due_on="")).status_code == 302
    assert (case.now().state, Commitment.objects.count()) == ("closed", 5)


def test_step_that_is_promised_already_does_not_look_as_if_it_had_been_closed():
    case = make_case()
    case.move_to(Phase.CLOSE)
    due_on = timezone.localdate() + 30 * DAY
    CommitmentFactory(
        tandem=case.cycle.tandem, municipality=case.cycle.hamm, text=SECRETS[4], due_on=due_on
    )

    answer = case.post("case_giver", "close", **closing())

    assert list(answer.context["form"].errors) == ["first_step"]
    assert SECRETS[3] in answer.content.decode()
    assert case.now().state == "running"
