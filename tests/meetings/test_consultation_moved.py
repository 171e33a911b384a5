"""A part is had for one place: whoever has moved since speaks for neither city any more."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from post_office.models import Email

from meetings.access import access_of_meeting
from meetings.enums import Phase
from meetings.models import Commitment, Contribution
from meetings.phases import takes_part
from meetings.turns import turns_of
from tests.cycle import ConsultationMemberFactory, ContributionFactory
from tests.factories import RoleAssignmentFactory
from tests.meetings.consultation_cases import SEATS, SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
#: Role → what it does in which phase: name of the address and what is sent.
DEEDS = {
    "case_giver": (Phase.ACCOUNT, "write", {"kind": "account", "text": "Der Fall"}),
    "facilitator": (Phase.ACCOUNT, "next", {}),
    "scribe": (Phase.ACCOUNT, "write", {"kind": "note", "text": "Eine Notiz"}),
    "adviser": (Phase.ADVICE, "write", {"kind": "advice", "text": "Ein Rat"}),
}


def move(case, role, place=None):
    """Let the role of a person end yesterday; today it begins in another city that meets."""
    person = case.of(role)
    old = person.role_assignments.get()
    cities = {case.cycle.hamm: case.cycle.arezzo, case.cycle.arezzo: case.cycle.hamm}
    old.until = timezone.localdate() - DAY
    old.save()
    RoleAssignmentFactory(
        user=person,
        role="colleague",
        municipality=place or cities[old.municipality],
        since=timezone.localdate(),
    )


def has_part(case, person, **member):
    row = case.consultation.members.get(user=person, **member)
    return takes_part(access_of_meeting(person, case.meeting), row)


def test_case_giver_who_has_moved_neither_closes_nor_releases():
    case = make_case(meeting={"status": "held", "is_public": True})
    case.move_to(Phase.CLOSE)
    move(case, "case_giver")
    client = case.client("case_giver")

    day = (timezone.localdate() + 30 * DAY).isoformat()
    closing = {"valuable": SECRETS[3], "first_step": SECRETS[4], "due_on": day}
    # Told before anything is typed, not after.
    assert client.get(case.url("close")).status_code == 403
    assert client.post(case.url("close"), closing).status_code == 403
    assert (case.now().state, Commitment.objects.count()) == ("running", 0)

    case.close()
    data = {"sentence_en": "Ask first.", "step": "release"}
    assert client.post(case.url("release"), data).status_code == 403
    assert case.now().released_at is None


@pytest.mark.parametrize("role", DEEDS)
def test_who_has_moved_does_nothing_more_in_the_room(role):
    case = make_case()
    phase, name, data = DEEDS[role]
    case.move_to(phase)
    move(case, role)

    assert case.post(role, name, phase=phase.value, **data).status_code == 403

    assert (case.now().phase, Contribution.objects.count()) == (phase, 0)


@pytest.mark.parametrize("role", SEATS)
@pytest.mark.parametrize("state", ["running", "closed"])
def test_who_has_moved_reads_no_further(role, state):
    case = make_case()
    case.move_to(Phase.ADVICE)
    ContributionFactory(consultation=case.consultation, text=SECRETS[1])
    if state == "closed":
        case.close()
    move(case, role)
    client = case.client(role)

    answer = client.get(case.url())

    assert "This consultation is confidential." in read(answer).main.text
    assert [text for text in SECRETS if text in answer.content.decode()] == []
    assert client.get(case.url("state")).status_code == 403


def test_who_is_still_there_besides_another_city_keeps_the_part():
    case = make_case()
    RoleAssignmentFactory(
        user=case.of("case_giver"), role="colleague", municipality=case.cycle.arezzo
    )
    case.move_to(Phase.ACCOUNT)

    assert case.post("case_giver", "write", phase=2, kind="account", text="Ja").status_code == 302


@pytest.mark.parametrize("role", ["case_giver", "adviser"])
def test_it_does_not_begin_with_somebody_who_has_moved(role):
    case = make_case()
    case.consultation.members.filter(user=case.of("guest")).delete()
    move(case, role)

    answer = case.client("facilitator").post(case.url("begin"), follow=True)

    assert "Somebody has left" in read(answer).main.text
    assert case.now().state == "prepared"


def test_who_has_moved_is_not_waited_for_and_not_told():
    case = make_case(mode="written")
    case.move_to(Phase.METHOD, method="ideas")
    move(case, "adviser")

    case.post("facilitator", "next", phase=4)

    assert case.now().phase == Phase.ADVICE
    told = {mail.to[0] for mail in Email.objects.all()}
    assert case.of("guest").email in told
    assert case.of("adviser").email not in told
    assert turns_of(case.of("adviser"), timezone.now()) == []
    assert len(turns_of(case.of("guest"), timezone.now())) == 1


def test_team_and_city_are_two_places():
    case = make_case()
    case.move_to(Phase.ADVICE)
    coordinator, officer = case.cycle.people["coordinator"], case.cycle.people["partner colleague"]
    ConsultationMemberFactory(consultation=case.consultation, user=coordinator)
    assert has_part(case, case.of("coordinator"))
    assert has_part(case, case.of("adviser"))

    team = coordinator.role_assignments.get()
    team.until = timezone.localdate() - DAY
    team.save()
    RoleAssignmentFactory(user=coordinator, role="colleague", municipality=case.cycle.hamm)
    officer.role_assignments.update(until=timezone.localdate() - DAY)
    RoleAssignmentFactory(user=officer, role="coordinator")

    for person in (case.of("coordinator"), case.of("adviser")):
        assert not has_part(case, person)
        assert turns_of(person, timezone.now()) == []


def test_city_that_has_left_is_not_spoken_for_by_somebody_of_two():
    case = make_case()
    case.move_to(Phase.ACCOUNT)
    RoleAssignmentFactory(
        user=case.of("case_giver"), role="colleague", municipality=case.cycle.arezzo
    )
    left_on = timezone.localdate() - DAY
    case.cycle.tandem.members.filter(municipality=case.cycle.hamm).update(left_on=left_on)

    assert not has_part(case, case.of("case_giver"))
    assert turns_of(case.of("case_giver"), timezone.now()) == []
    answer = case.post("case_giver", "write", phase=2, kind="account", text="Der Fall")
    assert answer.status_code == 403


def test_guest_keeps_its_part_as_long_as_its_city_is_one():
    case = make_case()
    case.move_to(Phase.ADVICE)
    assert has_part(case, case.of("guest"))

    place = case.of("guest").roles[0].municipality
    case.meeting.guests.filter(municipality=place).delete()
    RoleAssignmentFactory(
        user=case.cycle.people["guest"], role="colleague", municipality=case.cycle.hamm
    )

    assert not has_part(case, case.of("guest"))
