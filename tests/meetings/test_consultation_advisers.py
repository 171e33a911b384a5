"""An adviser joins a consultation that goes on, or drops out: who may, when, and who reads."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from post_office.models import Email

from accounts.models import RoleAssignment
from core.models import StatusChange
from meetings.actions.consultation_advisers import add_adviser, remove_adviser
from meetings.actions.consultation_parts import replace_member
from meetings.enums import Phase
from meetings.models import Contribution, Meeting
from tests.cycle import ContributionFactory
from tests.meetings.consultation_cases import SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

#: Who opens the two pages of a consultation that goes on.
PAGES = {
    "facilitator": 200,
    "contact": 403,
    "deputy": 403,
    "coordinator": 403,
    "bbsr": 403,
    "case_giver": 403,
    "adviser": 403,
    "guest": 403,
    "other guest": 403,
    "neighbour": 404,
    "observer": 404,
    "visitor": 302,
}


def going_on(phase=Phase.ACCOUNT):
    """Return a consultation in which something was said; nobody with a part leads its meeting."""
    case = make_case()
    people = [case.of("facilitator"), case.of("scribe")]
    RoleAssignment.objects.filter(user__in=people).update(role="colleague")
    ContributionFactory(
        consultation=case.consultation, phase=2, text=SECRETS[1], written_by=case.of("case_giver")
    )
    case.move_to(phase)
    return case


def add(case, by, who):
    return case.post(by, "add", user=case.of(who).pk)


def remove(case, by, who):
    return case.post(by, "remove", user=case.of(who).pk)


def advisers(case):
    return {row.user for row in case.consultation.members.filter(role="adviser")}


def offered(case, by, name):
    form = read(case.client(by).get(case.url(name))).main.one("form", class_="form")
    return {row["value"] for row in form.one("select", name="user").all("option")} - {""}


@pytest.mark.parametrize("name", ["add", "remove"])
@pytest.mark.parametrize(("who", "status"), PAGES.items())
def test_who_opens_the_pages(who, status, name):
    case = going_on()
    if who == "visitor":
        assert case.client(who).get(case.url(name)).status_code == status
        return

    assert case.client(who).get(case.url(name)).status_code == status
    key = case.of("deputy" if who != "deputy" else "contact").pk
    answer = case.post(who, name, user=key if name == "add" else case.of("guest").pk)
    assert answer.status_code == (302 if status == 200 else status)


def test_new_adviser_reads_all_that_was_said_and_is_told():
    case = going_on()
    newcomer = case.of("deputy")
    newcomer.language = "en"
    newcomer.save()
    assert SECRETS[1] not in case.client("deputy").get(case.url()).content.decode()

    answer = add(case, "facilitator", "deputy")

    assert answer.status_code == 302
    row = case.consultation.members.get(user=newcomer)
    assert (row.role, row.municipality) == ("adviser", case.cycle.hamm)
    (mail,) = Email.objects.all()
    assert mail.to == [newcomer.email]
    assert "Your role: adviser." in mail.message
    assert SECRETS[0] not in mail.subject + mail.message
    assert SECRETS[1] in case.client("deputy").get(case.url()).content.decode()


def test_form_says_that_the_new_adviser_reads_everything():
    case = going_on()

    page = read(case.client("facilitator").get(case.url("add"))).main

    assert "Whoever joins reads everything that has been said so far" in page.text


def test_room_shows_the_new_adviser_at_once_and_tells_browsers_that_are_open():
    case = going_on()
    reader = case.client("scribe")
    before = reader.get(case.url("state")).json()["newest"]

    add(case, "facilitator", "deputy")

    page = read(reader.get(case.url())).main
    assert case.of("deputy").name in page.section("Who has which part").text
    assert page.one("div", **{"data-consultation-part": "parts"}).text.count("Adviser") == 3
    assert reader.get(case.url("state")).json()["newest"] != before
    assert "Adviser: somebody has joined" in page.section("History").text
    noted = StatusChange.objects.of(case.consultation).values_list("field", "old", "new", "note")
    assert list(noted) == [("part", "adviser", "added", "")]


@pytest.mark.parametrize(
    ("phase", "kind", "status"),
    [(2, "question", 302), (3, "key_question", 403), (4, "method", 302), (5, "advice", 302)],
)
def test_new_adviser_writes_what_advisers_write_in_that_phase(phase, kind, status):
    case = going_on(phase)
    data = {"phase": phase, "kind": kind, "text": "Neu dabei"}
    assert case.post("deputy", "write", **data).status_code == 403

    add(case, "facilitator", "deputy")

    assert case.post("deputy", "write", **data).status_code == status
    assert Contribution.objects.filter(text="Neu dabei").exists() == (status == 302)


def test_only_people_of_cities_that_take_part_are_offered_and_taken():
    case = going_on()
    without_part = {str(case.of(who).pk) for who in ("contact", "deputy", "other guest")}

    assert offered(case, "facilitator", "add") == without_part
    for who in ("coordinator", "bbsr", "neighbour", "reviewer", "nobody"):
        answer = add(case, "facilitator", who)
        assert list(answer.context["form"].errors) == ["user"]
        with pytest.raises(ValidationError) as refusal:
            add_adviser(meeting=case.meeting, user=case.of(who).pk, by=case.of("facilitator"))
        assert set(refusal.value.error_dict) == {"user"}
    assert advisers(case) == {case.of("adviser"), case.of("guest")}


def test_where_everybody_has_a_part_already_the_facilitator_reads_what_to_do():
    case = going_on()
    for key in offered(case, "facilitator", "add"):
        case.post("facilitator", "add", user=key)

    answer = case.client("facilitator").get(case.url("add"), follow=True)

    assert answer.redirect_chain == [(case.url(), 302)]
    assert "can let in another municipality as a guest first" in read(answer).main.text


@pytest.mark.parametrize("who", ["contact", "coordinator"])
def test_who_leads_the_meeting_lets_nobody_into_what_it_does_not_read(who):
    case = going_on()

    for user in ("deputy", who):
        assert add(case, who, user).status_code == 403
        with pytest.raises(PermissionDenied):
            add_adviser(meeting=case.meeting, user=case.of(user).pk, by=case.of(who))
    assert "Add an adviser" not in read(case.client(who).get(case.url())).main.text
    assert SECRETS[1] not in case.client(who).get(case.url()).content.decode()


def test_somebody_with_another_part_does_not_advise_as_well():
    case = going_on()

    for who in ("case_giver", "scribe", "facilitator"):
        assert add(case, "facilitator", who).status_code == 200
        with pytest.raises(ValidationError) as refusal:
            add_adviser(meeting=case.meeting, user=case.of(who).pk, by=case.of("facilitator"))
        assert set(refusal.value.error_dict) == {"user"}


def test_button_pressed_twice_adds_one_and_tells_once():
    case = going_on()
    client = case.client("facilitator")

    for _ in range(2):
        answer = client.post(case.url("add"), {"user": case.of("deputy").pk}, follow=True)

    assert "This person is an adviser already." in read(answer).main.text
    assert case.consultation.members.filter(user=case.of("deputy")).count() == 1
    assert Email.objects.count() == 1


@pytest.mark.parametrize("phase", [1, 2, 3, 4, 5, 6])
def test_nobody_joins_once_the_advice_has_ended(phase):
    case = going_on(phase)

    add(case, "facilitator", "deputy")

    assert (case.of("deputy") in advisers(case)) == (phase < Phase.CLOSE)
    links = read(case.client("facilitator").get(case.url())).main.hrefs()
    assert (case.url("add") in links) == (phase < Phase.CLOSE)
    if phase == Phase.CLOSE:
        answer = case.client("facilitator").post(case.url("add"), {}, follow=True)
        assert "nobody joins any more" in read(answer).main.text
        with pytest.raises(ValidationError) as refusal:
            add_adviser(meeting=case.meeting, user=case.of("deputy").pk, by=case.of("facilitator"))
        assert refusal.value.code == "late"


@pytest.mark.parametrize("role", ["scribe", "adviser"])
def test_nor_does_anybody_join_then_by_taking_a_part(role):
    case = going_on(Phase.CLOSE)
    member = case.consultation.members.filter(role=role).first()

    data = {"member": member.pk, "user": case.of("deputy").pk}
    answer = case.client("facilitator").post(case.url("prepare"), data)

    assert list(answer.context["form"].errors) == ["user"]
    with pytest.raises(ValidationError):
        replace_member(member=member, user=case.of("deputy"), by=case.of("facilitator"))
    assert not case.consultation.members.filter(user=case.of("deputy")).exists()


def test_missing_facilitator_is_replaced_in_the_last_phase_too():
    case = going_on(Phase.CLOSE)
    member = case.consultation.members.get(role="facilitator")

    data = {"member": member.pk, "user": case.of("scribe").pk}
    answer = case.client("contact").post(case.url("prepare"), data)

    assert answer.status_code == 302
    assert case.consultation.members.get(role="facilitator").user == case.of("scribe")


@pytest.mark.parametrize("state", ["prepared", "closed", "stopped", "cancelled"])
def test_advisers_change_only_while_it_goes_on(state):
    case = going_on()
    if state == "cancelled":
        Meeting.objects.filter(pk=case.meeting.pk).update(status="cancelled")
    elif state == "prepared":
        type(case.consultation).objects.update(state="prepared", phase=None)
    else:
        case.close(state=state)
    before = advisers(case)

    add(case, "facilitator", "deputy")
    remove(case, "facilitator", "guest")

    assert advisers(case) == before
    links = read(case.client("facilitator").get(case.url())).main.hrefs()
    assert not {case.url("add"), case.url("remove")} & set(links)
    for act, who in ((add_adviser, "deputy"), (remove_adviser, "guest")):
        with pytest.raises(ValidationError):
            act(meeting=case.meeting, user=case.of(who).pk, by=case.of("facilitator"))


def test_adviser_who_has_written_nothing_is_taken_off_and_reads_no_further():
    case = going_on()
    assert SECRETS[1] in case.client("guest").get(case.url()).content.decode()

    answer = remove(case, "facilitator", "guest")

    assert answer.status_code == 302
    assert advisers(case) == {case.of("adviser")}
    assert case.client("guest").get(case.url()).status_code == 403
    noted = StatusChange.objects.of(case.consultation).values_list("field", "old", "new", "note")
    assert list(noted) == [("part", "adviser", "removed", "")]
    history = read(case.client("scribe").get(case.url())).main.section("History").text
    assert "Adviser: somebody has dropped out" in history


def test_adviser_who_has_written_stays_named():
    case = going_on()
    case.post("guest", "write", phase=2, kind="question", text="Wie alt sind die Sensoren?")

    answer = remove(case, "facilitator", "guest")

    told = "This person has written something and stays named as an adviser."
    assert told in read(answer).main.text
    assert case.of("guest") in advisers(case)


def test_somebody_must_still_advise():
    case = going_on()
    remove(case, "facilitator", "guest")

    answer = remove(case, "facilitator", "adviser")

    assert list(answer.context["form"].errors) == ["user"]
    assert advisers(case) == {case.of("adviser")}


def test_other_parts_are_not_taken_off():
    case = going_on()

    shown = {str(case.of(who).pk) for who in ("adviser", "guest")}
    assert offered(case, "facilitator", "remove") == shown
    for who in ("case_giver", "scribe", "facilitator"):
        assert remove(case, "facilitator", who).status_code == 200
        with pytest.raises(ValidationError):
            remove_adviser(meeting=case.meeting, user=case.of(who).pk, by=case.of("facilitator"))
    assert case.consultation.members.count() == 5


def test_button_pressed_twice_takes_one_off():
    case = going_on()
    client = case.client("facilitator")

    for _ in range(2):
        answer = client.post(case.url("remove"), {"user": case.of("guest").pk}, follow=True)

    assert "This person is no longer an adviser." in read(answer).main.text
    assert advisers(case) == {case.of("adviser")}


@pytest.mark.parametrize("who", ["case_giver", "scribe", "adviser", "guest", "neighbour"])
def test_others_add_and_take_off_nobody(who):
    case = going_on()

    for act, user in ((add_adviser, "deputy"), (remove_adviser, "guest")):
        with pytest.raises(PermissionDenied):
            act(meeting=case.meeting, user=case.of(user).pk, by=case.of(who))
    assert advisers(case) == {case.of("adviser"), case.of("guest")}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", ["add", "remove"])
def test_pages_are_whole_in_both_languages(name, language):
    case = going_on()

    page = read(case.client("facilitator", language).get(case.url(name, language)))

    assert (page.faults, page.language) == ([], language)
