"""A consultation that was stopped before it began can be prepared again."""

from __future__ import annotations

import pytest

from core.models import StatusChange
from meetings.enums import CONSULTATION_TRANSITIONS, ConsultationState as State, Phase
from meetings.models import Meeting
from tests.meetings.consultation_cases import OUTSIDE, SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

BUTTON = "Prepare the consultation again"


def stopped(by="contact"):
    """Return a case that somebody has stopped by mistake, before its first phase."""
    case = make_case()
    assert case.post(by, "stop", reason="Falsch geklickt").status_code == 302
    return case


def history(case):
    rows = StatusChange.objects.of(case.consultation).filter(field="state")
    return [(row.old, row.new) for row in rows]


@pytest.mark.parametrize("who", ["facilitator", "contact", "deputy", "coordinator", "bbsr"])
def test_who_may_stop_it_takes_it_up_again(who):
    case = stopped()
    client = case.client(who)
    page = read(client.get(case.url())).main
    assert BUTTON in [button.text for button in page.all("button")]

    answers = [client.post(case.url("take-up"), follow=True) for _ in range(2)]

    assert "The consultation is being prepared again." in read(answers[0]).main.text
    assert "The consultation is being prepared already." in read(answers[1]).main.text
    row = case.now()
    assert (row.state, row.phase, row.closed_at) == ("prepared", None, None)
    assert history(case) == [("stopped", "prepared"), ("prepared", "stopped")]
    assert StatusChange.objects.of(case.consultation)[0].changed_by == case.of(who)


def test_it_is_prepared_and_begun_as_if_nothing_had_happened():
    case = stopped()
    case.post("contact", "take-up")

    assert case.client("contact").get(case.url("prepare")).status_code == 200
    assert case.post("facilitator", "begin").status_code == 302

    assert (case.now().state, case.now().phase) == ("running", Phase.ROLES)
    # Why it had been stopped is still for those alone who have a part.
    assert "Falsch geklickt" in case.client("adviser").get(case.url()).content.decode()
    assert "Falsch geklickt" not in case.client("contact").get(case.url()).content.decode()


def test_who_leads_reads_nothing_by_taking_it_up():
    case = stopped()

    answer = case.client("contact").post(case.url("take-up"), follow=True)

    shown = answer.content.decode()
    assert [text for text in (*SECRETS, "Falsch geklickt") if text in shown] == []


@pytest.mark.parametrize(
    ("who", "status"),
    [
        *((who, status) for who, status in OUTSIDE.items() if status != 403),
        ("other guest", 403),
        ("case_giver", 403),
        ("adviser", 403),
        ("guest", 403),
    ],
)
def test_nobody_else_takes_it_up(who, status):
    case = stopped()
    client = case.client(who)

    assert client.post(case.url("take-up")).status_code == status
    assert case.now().state == "stopped"
    if status == 403 and who != "other guest":
        assert BUTTON not in client.get(case.url()).content.decode()


@pytest.mark.parametrize("state", ["running", "stopped", "closed"])
def test_one_that_had_begun_stays_as_it_is(state):
    case = make_case()
    case.move_to(Phase.ROLES)
    if state == "stopped":
        case.post("facilitator", "stop", reason="Der Strom fiel aus")
    elif state == "closed":
        case.close()
    client = case.client("facilitator")
    assert BUTTON not in client.get(case.url()).content.decode()

    answer = client.post(case.url("take-up"), follow=True)

    assert case.now().state == state
    assert "The consultation had begun and cannot be taken up again." in read(answer).main.text


def test_in_a_cancelled_meeting_nothing_is_taken_up():
    case = stopped()
    Meeting.objects.filter(pk=case.meeting.pk).update(status="cancelled")
    client = case.client("contact")
    assert BUTTON not in client.get(case.url()).content.decode()

    answer = client.post(case.url("take-up"), follow=True)

    assert case.now().state == "stopped"
    assert "This meeting was cancelled." in read(answer).main.text


@pytest.mark.parametrize(
    ("begun", "told"),
    [(False, "it can be taken up again later"), (True, "From then on nobody writes any more")],
)
def test_page_that_stops_it_says_whether_there_is_a_way_back(begun, told):
    case = make_case()
    if begun:
        case.move_to(Phase.ADVICE)

    assert told in read(case.client("contact").get(case.url("stop"))).main.text


def test_edges_are_these():
    assert {
        State.PREPARED: {State.RUNNING, State.STOPPED},
        State.RUNNING: {State.CLOSED, State.STOPPED},
        State.CLOSED: set(),
        State.STOPPED: {State.PREPARED},
    } == CONSULTATION_TRANSITIONS


def test_wrong_method():
    case = stopped()

    assert case.client("contact").get(case.url("take-up")).status_code == 405
