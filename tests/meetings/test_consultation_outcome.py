"""How a consultation ends: closed or stopped, a first step, a public sentence, and forgotten."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from meetings.actions.consultation_outcome import (
    forget_consultations,
    forget_in_consultations,
    withdraw_sentence,
)
from meetings.enums import Phase
from meetings.models import Commitment, Contribution, Meeting
from tandems.models import TandemNotice
from tests.cycle import ContributionFactory
from tests.meetings.consultation_cases import SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2028, 2, 29, 9, 0, tzinfo=dt.UTC)


def due():
    return timezone.localdate() + dt.timedelta(days=30)


def closing(**fields):
    return {"valuable": SECRETS[3], "first_step": SECRETS[4], "due_on": "", **fields}


def sentence(step="release", **fields):
    return {"sentence_de": "Erst fragen.", "sentence_en": "Ask first.", "step": step, **fields}


def test_case_giver_closes_and_the_first_step_becomes_a_commitment():
    case = make_case()
    case.move_to(Phase.CLOSE)

    answer = case.post("case_giver", "close", **closing(due_on=due().isoformat()))

    assert (answer.status_code, answer.url) == (302, case.url())
    row = case.now()
    assert (row.state, row.valuable, row.first_step) == ("closed", SECRETS[3], SECRETS[4])
    assert row.closed_at is not None
    promise = Commitment.objects.get()
    assert (promise.text, promise.due_on, promise.municipality) == (
        SECRETS[4],
        due(),
        case.cycle.hamm,
    )
    assert (promise.meeting, promise.tandem, row.commitment) == (
        case.meeting,
        case.cycle.tandem,
        promise,
    )


def test_without_a_day_there_is_no_commitment():
    case = make_case()
    case.move_to(Phase.CLOSE)

    case.post("case_giver", "close", **closing())

    assert case.now().state == "closed"
    assert not Commitment.objects.exists()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"valuable": ""}, "valuable"),
        ({"first_step": "", "due_on": "2099-01-01"}, "first_step"),
        ({"first_step": "x" * 301}, "first_step"),
        ({"due_on": "2001-01-01"}, "due_on"),
        ({"due_on": "tomorrow"}, "due_on"),
    ],
)
def test_what_is_missing_is_told_at_the_field_and_nothing_closes(fields, wrong):
    case = make_case()
    case.move_to(Phase.CLOSE)

    answer = case.post("case_giver", "close", **closing(**fields))

    assert list(answer.context["form"].errors) == [wrong]
    assert (case.now().state, Commitment.objects.count()) == ("running", 0)


def test_double_click_closes_once():
    case = make_case()
    case.move_to(Phase.CLOSE)
    client = case.client("case_giver")
    data = closing(due_on=due().isoformat())

    answers = [client.post(case.url("close"), data, follow=True) for _ in range(2)]

    assert Commitment.objects.count() == 1
    assert "has been closed already" in read(answers[1]).main.text


@pytest.mark.parametrize("phase", Phase.values[:-1])
def test_it_is_not_closed_before_the_last_phase(phase):
    case = make_case()
    case.move_to(phase)

    case.post("case_giver", "close", **closing())

    assert case.now().state == "running"


@pytest.mark.parametrize("who", ["facilitator", "contact"])
def test_it_is_stopped_with_a_reason_that_only_members_read(who):
    case = make_case()
    case.move_to(Phase.ADVICE)
    client = case.client(who)

    for _ in range(2):
        answer = client.post(case.url("stop"), {"reason": "Der Strom fiel aus"})

    assert answer.status_code == 302
    assert case.now().state == "stopped"
    assert [(row.kind, row.text) for row in Contribution.objects.all()] == [
        ("note", "Der Strom fiel aus")
    ]
    assert "Der Strom fiel aus" in case.client("adviser").get(case.url()).content.decode()
    data = {"phase": 5, "kind": "advice", "text": "Zu spät"}
    case.client("adviser").post(case.url("write"), data)
    assert Contribution.objects.count() == 1


def test_stopping_needs_a_reason_and_a_consultation_that_is_not_over():
    case = make_case()
    answer = case.post("contact", "stop", reason="")
    assert list(answer.context["form"].errors) == ["reason"]
    case.close()

    assert case.post("contact", "stop", reason="Zu spät").status_code == 403
    assert case.now().state == "closed"


def test_case_giver_sees_what_visitors_will_see_before_releasing_it():
    case = make_case()
    case.close()
    client = case.client("case_giver")
    assert "Release this sentence" not in client.get(case.url("release")).content.decode()

    preview = read(client.post(case.url("release"), sentence("preview"))).main

    assert "Erst fragen. Ask first." in preview.section("What visitors will see").text
    assert case.now().released_at is None
    client.post(case.url("release"), sentence())
    row = case.now()
    assert row.released_at is not None
    assert (row.released_sentence_de, row.released_sentence_en) == ("Erst fragen.", "Ask first.")


def test_release_of_a_public_meeting_is_told_and_stands_on_its_page():
    case = make_case(meeting={"status": "held", "is_public": True})
    case.close()

    for _ in range(2):
        case.post("case_giver", "release", **sentence())

    told = TandemNotice.objects.filter(event="consultation_released")
    assert {row.user for row in told} == {
        case.cycle.people[name]
        for name in ("contact", "deputy", "partner", "partner deputy", "partner colleague")
    }
    assert not [row for row in told if SECRETS[0] in str(row.facts)]
    page = case.client("visitor").get(f"/en{case.meeting.get_absolute_url()[3:]}")
    assert "Ask first." in page.content.decode()
    assert not [text for text in SECRETS if text in page.content.decode()]


def test_release_of_an_internal_meeting_tells_nobody_that_something_is_public():
    case = make_case()
    case.close()

    case.post("case_giver", "release", **sentence())

    assert case.now().released_at is not None
    assert not TandemNotice.objects.exists()


def test_sentence_is_withdrawn_and_gone():
    case = make_case(meeting={"status": "held", "is_public": True})
    case.close()
    client = case.client("case_giver")
    client.post(case.url("release"), sentence())

    answers = [client.post(case.url("release"), {"step": "withdraw"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    row = case.now()
    assert (row.released_at, row.released_sentence_de, row.released_sentence_en) == (None, "", "")
    page = case.client("visitor").get(f"/en{case.meeting.get_absolute_url()[3:]}")
    assert "Ask first." not in page.content.decode()


@pytest.mark.parametrize("who", ["facilitator", "adviser", "contact", "coordinator", "bbsr"])
def test_nobody_else_releases_or_withdraws(who):
    case = make_case()
    case.close()
    client = case.client(who)

    assert client.post(case.url("release"), sentence()).status_code == 403
    assert client.post(case.url("release"), {"step": "withdraw"}).status_code == 403
    assert case.now().released_at is None


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_nothing_is_released_unless_it_was_closed(state):
    case = make_case()
    case.close(state=state)

    case.post("case_giver", "release", **sentence())

    assert case.now().released_at is None


def test_case_giver_whose_city_has_left_takes_the_sentence_back():
    case = make_case(meeting={"status": "held", "earliest": None, "precision": "unknown"} | PAST)
    case.close(released_at=timezone.now(), released_sentence_de="Erst fragen.")
    place = case.cycle.tandem.members.get(municipality=case.cycle.hamm)
    type(place).objects.filter(pk=place.pk).update(left_on=dt.date(2024, 6, 1))
    client = case.client("case_giver")
    assert case.url("release") in read(client.get(case.url())).main.hrefs()

    assert client.post(case.url("release"), sentence()).status_code == 403
    withdraw_sentence(meeting=case.meeting, by=case.of("case_giver"))

    assert case.now().released_at is None


PAST = {
    "earliest": dt.date(2024, 5, 1),
    "latest": dt.date(2024, 5, 1),
    "precision": "day",
    "starts_at": None,
    "ends_at": None,
}


@pytest.mark.parametrize("state", ["closed", "stopped"])
def test_a_year_later_what_was_said_is_deleted_and_the_rest_stays(state):
    case = make_case()
    case.move_to(Phase.CLOSE)
    released = {"released_at": NOW} if state == "closed" else {}
    case.close(state=state, closed_at=NOW - dt.timedelta(days=367), **released)
    ContributionFactory(consultation=case.consultation, text=SECRETS[1])

    with time_machine.travel(NOW - dt.timedelta(days=2), tick=False):
        assert forget_consultations() == 0
    with time_machine.travel(NOW, tick=False):
        assert [forget_consultations(), forget_consultations()] == [1, 0]

    row = case.now()
    assert (row.key_question, row.valuable, row.contributions.count()) == ("", "", 0)
    assert (row.first_step, row.state) == (SECRETS[4], state)
    assert bool(row.released_at) is (state == "closed")
    assert row.phases.filter(started_at__isnull=False).count() == 6
    text = read(case.client("adviser").get(case.url())).main.section("What was said").text
    assert "a year has passed since the end" in text


def test_what_nobody_closed_is_forgotten_a_year_after_its_last_change():
    case = make_case()
    case.move_to(Phase.ADVICE, changed_at=NOW - dt.timedelta(days=400), key_question="Wer?")
    ContributionFactory(consultation=case.consultation)

    with time_machine.travel(NOW, tick=False):
        assert forget_consultations() == 1

    assert (case.now().key_question, Contribution.objects.count()) == ("", 0)


def test_erased_person_has_no_name_any_more_and_its_part_waits_for_another():
    case = make_case()
    case.move_to(Phase.ADVICE)
    adviser = case.of("adviser")
    case.post("adviser", "write", phase=5, kind="advice", text="Fragen Sie die Stadtwerke.")

    forget_in_consultations(user=adviser, by=adviser)
    type(adviser).objects.filter(pk=adviser.pk).update(name="", is_active=False)

    page = read(case.client("scribe").get(case.url())).main
    said = page.section("What was said").text
    assert "Fragen Sie die Stadtwerke." in said
    assert "a former member" in said
    assert adviser.name not in page.text
    assert case.consultation.members.filter(user=adviser, role="adviser").exists()
    case.close()
    forget_in_consultations(user=adviser, by=adviser)
    assert not case.consultation.members.filter(user=adviser).exists()


def test_meeting_of_several_partnerships_makes_the_commitment_in_one_of_them():
    case = make_case()
    Meeting.objects.filter(pk=case.meeting.pk).update(scope="several", tandem=None)
    case.meeting.partnerships.add(case.cycle.tandem)
    case.move_to(Phase.CLOSE)

    case.post("case_giver", "close", **closing(due_on=due().isoformat()))

    promise = Commitment.objects.get()
    assert (promise.tandem, promise.meeting) == (case.cycle.tandem, case.meeting)
