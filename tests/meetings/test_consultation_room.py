"""The room: who enters, what it shows, how it moves on, and the clock of the server."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from core.models import StatusChange
from meetings.enums import Phase
from meetings.models import Meeting
from tests.cycle import ContributionFactory, make_cycle
from tests.meetings.consultation_cases import SEATS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

MOMENT = dt.datetime(2026, 11, 3, 9, 0, tzinfo=dt.UTC)
#: Who opens the pages of a consultation that goes on: room, state, prepare, stop, close, release.
#: The facilitator replaces people, and who leads the meeting the facilitator; others nobody.
PAGES = {
    "facilitator": (200, 200, 200, 200, 403, 403),
    "case_giver": (200, 200, 403, 403, 302, 302),
    "scribe": (200, 200, 200, 200, 403, 403),
    "adviser": (200, 200, 403, 403, 403, 403),
    "guest": (200, 200, 403, 403, 403, 403),
    "contact": (200, 403, 200, 200, 403, 403),
    "coordinator": (200, 403, 200, 200, 403, 403),
    "bbsr": (200, 403, 200, 200, 403, 403),
    "other guest": (403,) * 6,
    "neighbour": (404,) * 6,
    "reviewer": (404,) * 6,
    "observer": (404,) * 6,
    "nobody": (404,) * 6,
    "visitor": (302,) * 6,
}


@pytest.mark.parametrize(("who", "statuses"), PAGES.items())
def test_who_opens_the_pages(who, statuses):
    case = make_case()
    case.move_to(Phase.ACCOUNT)
    client = case.client(who)

    names = ("", "state", "prepare", "stop", "close", "release")
    assert tuple(client.get(case.url(name)).status_code for name in names) == statuses


@pytest.mark.parametrize("name", ["begin", "next"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("case_giver", 403), ("contact", 403), ("other guest", 403), ("neighbour", 404)],
)
def test_only_the_facilitator_moves_on(name, who, status):
    case = make_case()
    if name == "next":
        case.move_to(Phase.ACCOUNT)

    assert case.post(who, name, phase=2).status_code == status
    assert case.now().phase == (2 if name == "next" else None)


def test_wrong_methods_and_other_kinds_of_meeting():
    case = make_case()
    client = case.client("facilitator")

    assert client.get(case.url("begin")).status_code == 405
    assert client.get(case.url("next")).status_code == 405
    assert client.post(case.url()).status_code == 405
    assert client.delete(case.url("write")).status_code == 405
    Meeting.objects.filter(pk=case.meeting.pk).update(kind="working_meeting")
    assert client.get(case.url()).status_code == 404


def test_meeting_without_a_consultation_says_who_prepares_it():
    cycle = make_cycle(kind="consultation")
    url = f"/en/meetings/{cycle.meeting.pk}/internal/consultation/"

    page = read(cycle.client("colleague").get(url)).main

    assert "Nobody has prepared the consultation yet." in page.text
    assert f"{url}prepare/" in page.hrefs()
    assert cycle.client("colleague").post(f"{url}begin/").status_code == 404


def test_room_goes_from_the_first_phase_to_the_last():
    case = make_case()
    leads = case.client("facilitator")
    leads.post(case.url("begin"))
    assert (case.now().state, case.now().phase) == ("running", 1)
    leads.post(case.url("next"), {"phase": 1})
    leads.post(case.url("next"), {"phase": 2})

    refused = leads.post(case.url("next"), {"phase": 3}, follow=True)
    assert "The key question is missing" in read(refused).main.text
    case.post("case_giver", "write", phase=3, kind="key_question", text="Wer betreibt?")
    leads.post(case.url("next"), {"phase": 3})
    refused = leads.post(case.url("next"), {"phase": 4}, follow=True)
    assert "The method is missing" in read(refused).main.text
    leads.post(case.url("write"), {"phase": 4, "kind": "method", "method": "ideas"})
    leads.post(case.url("next"), {"phase": 4})
    leads.post(case.url("next"), {"phase": 5})

    assert case.now().phase == Phase.CLOSE
    refused = leads.post(case.url("next"), {"phase": 6}, follow=True)
    assert "the case giver closes the consultation" in read(refused).main.text
    rows = case.consultation.phases.all()
    assert [row.started_at is not None for row in rows] == [True] * 6
    assert [row.ended_at is not None for row in rows] == [True] * 5 + [False]


def test_double_click_moves_one_phase_only():
    case = make_case()
    leads = case.client("facilitator")
    for _ in range(2):
        answer = leads.post(case.url("begin"), follow=True)
    assert "The consultation has begun already." in read(answer).main.text

    for _ in range(2):
        answer = leads.post(case.url("next"), {"phase": 1}, follow=True)

    assert case.now().phase == 2
    assert "The next phase has begun already." in read(answer).main.text


@pytest.mark.parametrize("fault", ["cancelled", "nobody"])
def test_it_does_not_begin_without_a_meeting_or_without_people(fault):
    case = make_case()
    if fault == "cancelled":
        Meeting.objects.filter(pk=case.meeting.pk).update(status="cancelled")
    else:
        case.of("case_giver").role_assignments.all().delete()

    answer = case.client("facilitator").post(case.url("begin"), follow=True)

    assert case.now().state == "prepared"
    told = {"cancelled": "This meeting was cancelled.", "nobody": "Somebody has left"}[fault]
    assert told in read(answer).main.text


def test_clock_is_the_servers_and_nothing_moves_by_itself():
    case = make_case()
    with time_machine.travel(MOMENT, tick=False):
        case.move_to(Phase.ACCOUNT)
        client = case.client("adviser")
        assert "Ends at 10:10" in read(client.get(case.url())).main.text
    with time_machine.travel(MOMENT + dt.timedelta(minutes=6), tick=False):
        assert "4 minutes left" in read(client.get(case.url())).main.text
        told = client.get(case.url("state")).json()
        assert (told["phase"], told["state"], told["remaining_seconds"]) == (2, "running", 240)
        assert dt.datetime.fromisoformat(told["ends_at"]) == MOMENT + dt.timedelta(minutes=10)
    with time_machine.travel(MOMENT + dt.timedelta(minutes=13), tick=False):
        assert "3 minutes over" in read(client.get(case.url())).main.text
        assert client.get(case.url("state")).json()["remaining_seconds"] == -180
        assert case.now().phase == 2


def test_state_tells_of_news_and_does_not_keep_the_session_alive():
    case = make_case()
    case.move_to(Phase.ADVICE)
    client = case.client("case_giver")
    before = client.get(case.url("state")).json()
    assert set(before) == {
        *("phase", "state", "ends_at", "remaining_seconds", "clock", "newest"),
    }
    seen = client.session["seen_at"]

    case.post("adviser", "write", phase=5, kind="advice", text="Fragen Sie")
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5), tick=False):
        after = client.get(case.url("state")).json()

    assert after["newest"] != before["newest"]
    assert client.session["seen_at"] == seen


def test_page_loads_itself_only_on_request_and_never_beside_a_form():
    case = make_case()
    case.move_to(Phase.ADVICE)
    listens, advises = case.client("case_giver"), case.client("adviser")

    def loads(client, name):
        return 'http-equiv="refresh"' in client.get(case.url(name)).content.decode()

    assert not loads(listens, "")
    assert case.url("watch") in read(listens.get(case.url())).main.hrefs()
    assert loads(listens, "watch")
    assert not loads(advises, "watch")
    case.close()
    assert not loads(listens, "watch")


def test_contributions_stand_by_phase_in_order_with_role_and_person():
    case = make_case()
    case.move_to(Phase.ADVICE)
    adviser = case.of("adviser")
    for text, phase, kind in (("Zuerst", 5, "advice"), ("Frage", 2, "question"), ("Dann", 5, "")):
        ContributionFactory(
            consultation=case.consultation,
            phase=phase,
            kind=kind or "advice",
            text=text,
            written_by=adviser,
            municipality=case.cycle.arezzo,
        )

    said = read(case.client("scribe").get(case.url())).main.section("What was said")

    assert [part.one("h3").text for part in said.all("section")] == ["The case", "Advice"]
    assert said.text.index("Frage") < said.text.index("Zuerst") < said.text.index("Dann")
    assert f"{adviser.name}, adviser · Arezzo" in said.text


def test_who_leads_gives_the_part_of_a_missing_facilitator_to_one_who_has_heard_it():
    case = make_case()
    case.move_to(Phase.ACCOUNT)
    missing = case.consultation.members.get(role="facilitator")
    data = {"member": missing.pk, "user": case.of("scribe").pk}
    client = case.client("coordinator")

    answers = [client.post(case.url("prepare"), data) for _ in range(2)]

    assert answers[0].status_code == 302
    assert case.consultation.members.get(role="facilitator").user == case.of("scribe")
    assert not case.consultation.members.filter(role="scribe").exists()
    assert case.post("scribe", "next", phase=2).status_code == 302
    assert case.now().phase == 3
    assert client.get(case.url("state")).status_code == 403
    assert case.client("facilitator").get(case.url("state")).status_code == 403
    noted = StatusChange.objects.of(case.consultation).values_list("field", "old", "new", "note")
    assert list(noted) == [("part", "facilitator", "replaced", "")]
    page = read(case.client("adviser").get(case.url())).main.section("History").text
    assert "Facilitator: somebody else has the part now" in page


def test_city_that_has_left_writes_no_more_and_reads_what_is_over():
    case = make_case()
    case.move_to(Phase.ADVICE)
    day = dt.date.today()
    Meeting.objects.filter(pk=case.meeting.pk).update(
        earliest=day - dt.timedelta(days=2), latest=day - dt.timedelta(days=2)
    )
    place = case.cycle.tandem.members.get(municipality=case.cycle.arezzo)
    type(place).objects.filter(pk=place.pk).update(left_on=day - dt.timedelta(days=1))
    client = case.client("adviser")

    data = {"phase": 5, "kind": "advice", "text": "Noch ein Rat"}
    assert client.post(case.url("write"), data).status_code == 403
    assert case.consultation.title not in client.get(case.url()).content.decode()
    case.close()
    assert case.consultation.title in client.get(case.url()).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_room_asks_the_same_for_one_and_for_three(number, django_assert_num_queries):
    case = make_case()
    case.move_to(Phase.ADVICE)
    for _ in range(number):
        ContributionFactory(
            consultation=case.consultation,
            written_by=case.of("adviser"),
            municipality=case.cycle.arezzo,
        )
    client = case.client("scribe")
    client.get(case.url())

    with django_assert_num_queries(13):
        client.get(case.url())


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("role", [*SEATS, "contact"])
def test_room_is_whole_in_every_phase(language, role):
    case = make_case()
    client = case.client(role, language)
    documents = [read(client.get(case.url("", language)))]
    for phase in Phase.values:
        case.move_to(phase)
        documents.append(read(client.get(case.url("", language))))
    case.close()
    documents.append(read(client.get(case.url("", language))))

    assert [(one.faults, one.language) for one in documents] == [([], language)] * 8
