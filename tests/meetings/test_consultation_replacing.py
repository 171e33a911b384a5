"""Somebody drops out of a consultation: who lets whom take the part, and thereby read it all."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import RoleAssignment
from meetings.actions.consultation_parts import replace_member
from meetings.enums import Phase
from meetings.models import Meeting
from tests.cycle import ContributionFactory
from tests.meetings.consultation_cases import SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db


def going_on():
    """Return a consultation in which something was said; who leads through it leads no meeting."""
    case = make_case()
    RoleAssignment.objects.filter(user=case.of("facilitator")).update(role="colleague")
    ContributionFactory(consultation=case.consultation, phase=2, text=SECRETS[1])
    case.move_to(Phase.ACCOUNT)
    return case


def part(case, role):
    return case.consultation.members.filter(role=role).order_by("pk").first()


def replace(case, by, role, user):
    data = {"member": part(case, role).pk, "user": case.of(user).pk}
    return case.client(by).post(case.url("prepare"), data)


@pytest.mark.parametrize("role", ["scribe", "adviser"])
def test_facilitator_lets_somebody_new_in_who_then_reads_it_all(role):
    case = going_on()
    old = part(case, role).user

    answer = replace(case, "facilitator", role, "deputy")

    assert answer.status_code == 302
    assert case.consultation.members.filter(role=role, user=case.of("deputy")).exists()
    assert SECRETS[1] in case.client("deputy").get(case.url()).content.decode()
    assert not case.consultation.members.filter(user=old).exists()


@pytest.mark.parametrize("who", ["contact", "coordinator", "bbsr"])
@pytest.mark.parametrize("role", ["scribe", "adviser", "case_giver"])
def test_who_leads_the_meeting_takes_no_part_itself(who, role):
    case = going_on()

    answer = replace(case, who, role, who)

    assert list(answer.context["form"].errors) == ["member", "user"]
    with pytest.raises((PermissionDenied, ValidationError)):
        replace_member(member=part(case, role), user=case.of(who), by=case.of(who))
    assert SECRETS[1] not in case.client(who).get(case.url()).content.decode()


@pytest.mark.parametrize("user", ["contact", "deputy", "case_giver"])
def test_facilitator_is_followed_by_an_adviser_or_the_scribe_alone(user):
    case = going_on()

    answer = replace(case, "contact", "facilitator", user)

    assert list(answer.context["form"].errors) == ["user"]
    with pytest.raises(ValidationError) as refusal:
        replace_member(member=part(case, "facilitator"), user=case.of(user), by=case.of("contact"))
    assert set(refusal.value.error_dict) == {"user"}


def test_who_leads_sees_whom_to_choose_and_nobody_else():
    case = going_on()

    form = read(case.client("coordinator").get(case.url("prepare"))).main.one("form", class_="form")

    members, users = (
        {option["value"] for option in form.one("select", name=name).all("option")} - {""}
        for name in ("member", "user")
    )
    assert members == {str(part(case, "facilitator").pk)}
    assert users == {str(case.of(who).pk) for who in ("scribe", "adviser", "guest")}


def test_nobody_replaces_the_case_giver():
    case = make_case()
    case.move_to(Phase.ACCOUNT)
    row = part(case, "case_giver")

    # This facilitator leads the meeting too.
    page = read(case.client("facilitator").get(case.url("prepare"))).main
    assert "if that person drops out, stop the consultation" in page.text
    with pytest.raises(ValidationError) as refusal:
        replace_member(member=row, user=case.of("contact"), by=case.of("facilitator"))

    assert set(refusal.value.error_dict) == {"member"}
    assert part(case, "case_giver") == row


@pytest.mark.parametrize(
    ("role", "user"), [("adviser", "adviser"), ("scribe", "case_giver"), ("scribe", "facilitator")]
)
def test_own_part_is_kept(role, user):
    case = going_on()
    row = part(case, role)

    answer = replace(case, "facilitator", role, user)

    assert list(answer.context["form"].errors) == ["user"]
    assert part(case, role) == row


@pytest.mark.parametrize("who", ["case_giver", "scribe", "adviser", "guest", "neighbour"])
def test_others_replace_nobody(who):
    case = going_on()
    RoleAssignment.objects.filter(user=case.of("scribe")).update(role="colleague")

    assert case.client(who).get(case.url("prepare")).status_code == (
        404 if who == "neighbour" else 403
    )
    with pytest.raises(PermissionDenied):
        replace_member(member=part(case, "adviser"), user=case.of("deputy"), by=case.of(who))


def test_in_a_cancelled_meeting_nobody_is_replaced():
    case = going_on()
    Meeting.objects.filter(pk=case.meeting.pk).update(status="cancelled")

    replace(case, "facilitator", "adviser", "deputy")

    assert not case.consultation.members.filter(user=case.of("deputy")).exists()
    page = read(case.client("facilitator").get(case.url())).main
    assert case.url("prepare") not in page.hrefs()


@pytest.mark.parametrize(
    ("who", "shown"),
    [("facilitator", True), ("contact", True), ("coordinator", True), ("adviser", False)],
)
def test_room_leads_whoever_may_replace_somebody_to_the_page(who, shown):
    case = going_on()

    text = read(case.client(who).get(case.url())).main.text

    assert ("Replace somebody who drops out" in text) == shown
