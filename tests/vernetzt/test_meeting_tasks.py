"""What waits around meetings: whose turn it is in a consultation, invitations, date polls."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone, translation

from meetings.enums import Phase
from meetings.models import Attendance, Consultation, Meeting
from tests.cycle import (
    AttendanceFactory,
    ConsultationFactory,
    ConsultationMemberFactory,
    ConsultationPhaseFactory,
    ContributionFactory,
    DatePollFactory,
    PollOptionFactory,
    PollReplyFactory,
    make_cycle,
    plan_for,
)
from tests.meetings.consultation_cases import SECRETS, make_case
from tests.reading import read
from vernetzt.meeting_tasks import meeting_tasks, turn_rows

pytestmark = pytest.mark.django_db

ROLES = ("case_giver", "facilitator", "scribe", "adviser", "guest")
#: Phase → who is told that it is the own turn.
TURNS = {
    Phase.ROLES: set(ROLES),
    Phase.ACCOUNT: set(ROLES),
    Phase.KEY_QUESTION: {"case_giver", "facilitator", "scribe"},
    Phase.METHOD: set(ROLES),
    Phase.ADVICE: {"facilitator", "scribe", "adviser", "guest"},
    Phase.CLOSE: {"case_giver"},
}
SOON = timezone.localdate() + dt.timedelta(days=10)


def tasks(user):
    """Return title and address of what waits for a person, in English."""
    with translation.override("en"):
        return [(title, url) for title, _reason, url, _action in meeting_tasks(user)]


def titles(user):
    return [title for title, _url in tasks(user)]


def turns(user):
    return [title for title in titles(user) if "turn" in title or "next phase" in title]


def write(case, who, phase):
    ContributionFactory(consultation=case.consultation, phase=phase, written_by=case.of(who))


@pytest.mark.parametrize("phase", Phase)
def test_those_who_may_write_now_are_told_and_nobody_else(phase):
    case = make_case(mode="written")
    case.move_to(phase)

    people = (*ROLES, "contact", "coordinator", "bbsr", "other guest", "neighbour")
    told = {who for who in people if turns(case.of(who))}

    assert told == TURNS[phase]
    who = next(iter(told))
    with translation.override("en"):
        assert tasks(case.of(who))[0] == (f"It is your turn: {phase.label}", case.url())


@pytest.mark.parametrize("phase", [1, 2, 3, 5])
def test_who_has_written_in_the_phase_is_told_no_more(phase):
    case = make_case(mode="written")
    case.move_to(phase)
    for who in TURNS[phase]:
        write(case, who, phase)

    assert [turns(case.of(who)) for who in ROLES] == [[]] * len(ROLES)


def test_what_was_written_before_or_elsewhere_does_not_count():
    case = make_case(mode="written")
    other = ConsultationFactory(case_city=case.cycle.hamm)
    write(case, "adviser", Phase.METHOD)
    write(case, "guest", Phase.ADVICE)
    ContributionFactory(consultation=other, phase=Phase.ADVICE, written_by=case.of("adviser"))
    case.move_to(Phase.ADVICE)

    assert turns(case.of("adviser")) == ["It is your turn: Advice"]
    assert turns(case.of("guest")) == []


def test_facilitator_is_waited_for_until_the_method_is_set():
    case = make_case(mode="written")
    case.move_to(Phase.METHOD)
    write(case, "facilitator", Phase.METHOD)

    assert turns(case.of("facilitator")) == ["It is your turn: Method"]
    case.move_to(Phase.METHOD, method="ideas")
    assert turns(case.of("facilitator")) == []


@pytest.mark.parametrize("has_written", [True, False])
@pytest.mark.parametrize("phase", Phase)
def test_facilitator_opens_the_next_phase_when_the_time_is_over(phase, has_written):
    case = make_case()
    case.move_to(phase, method="ideas", key_question="Wer betreibt sie?")
    if has_written:
        write(case, "facilitator", phase)
        write(case, "scribe", phase)
    past = timezone.now() - dt.timedelta(minutes=11)
    case.consultation.phases.filter(phase=phase).update(started_at=past)

    found = turns(case.of("facilitator"))

    is_last = phase == Phase.CLOSE
    with translation.override("en"):
        opens = f"Open the next phase: the time for “{phase.label}” is over"
    assert found == ([] if is_last else [opens])
    assert not [title for title in turns(case.of("scribe")) if "next phase" in title]


def test_facilitator_reads_what_is_missing_before_the_next_phase():
    case = make_case(mode="written")
    case.move_to(Phase.KEY_QUESTION)
    past = timezone.now() - dt.timedelta(days=6)
    case.consultation.phases.filter(phase=3).update(started_at=past)

    with translation.override("en"):
        ((_title, reason, url, action),) = meeting_tasks(case.of("facilitator"))

    assert reason.startswith("Advice · was planned until")
    assert reason.endswith("The key question is missing: the case giver sets it in this phase.")
    assert (url, action) == (case.url(), "To the consultation")


@pytest.mark.parametrize("state", ["prepared", "closed", "stopped", "cancelled", "left"])
def test_nobody_is_waited_for_where_nobody_can_write(state):
    case = make_case(mode="written")
    case.move_to(Phase.ADVICE)
    if state == "cancelled":
        Meeting.objects.update(status="cancelled")
    elif state == "left":
        case.of("adviser").role_assignments.all().delete()
    elif state == "prepared":
        Consultation.objects.update(state="prepared", phase=None)
    else:
        case.close(state=state, phase=Phase.ADVICE)

    assert turns(case.of("adviser")) == []
    assert turns(case.of("guest")) == (["It is your turn: Advice"] if state == "left" else [])


def test_city_that_has_left_is_not_waited_for():
    case = make_case(mode="written")
    case.move_to(Phase.ADVICE)
    day = timezone.localdate()
    Meeting.objects.filter(pk=case.meeting.pk).update(
        earliest=day - dt.timedelta(days=2), latest=day - dt.timedelta(days=2)
    )
    left_on = day - dt.timedelta(days=1)
    case.cycle.tandem.members.filter(municipality=case.cycle.arezzo).update(left_on=left_on)

    assert turns(case.of("adviser")) == []


def test_project_team_with_a_part_is_waited_for():
    case = make_case(mode="written")
    ConsultationMemberFactory(consultation=case.consultation, user=case.of("coordinator"))
    case.move_to(Phase.ADVICE)

    assert turns(case.of("coordinator")) == ["It is your turn: Advice"]


def test_dashboard_leads_to_the_room_and_tells_nothing_of_the_case():
    case = make_case(mode="written")
    case.move_to(Phase.ADVICE)

    answer = case.client("adviser").get("/en/dashboard/")

    waits = read(answer).main.section("What waits for you")
    assert "It is your turn: Advice" in waits.text
    assert "Advice · ends at" in waits.text
    assert case.url() in waits.hrefs()
    assert SECRETS[0] not in answer.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_turns_ask_one_query_for_one_and_for_three(rows, django_assert_num_queries):
    cycle = make_cycle()
    user = cycle.person("contact")
    for _number in range(rows):
        meeting = plan_for(cycle.tandem, kind="consultation")
        row = ConsultationFactory(
            meeting=meeting, case_city=cycle.hamm, state="running", phase=Phase.ADVICE
        )
        ConsultationMemberFactory(consultation=row, user=user, municipality=cycle.hamm)
        ConsultationPhaseFactory(
            consultation=row, phase=Phase.ADVICE, started_at=timezone.now(), minutes=10
        )
    meeting_tasks(user)

    with django_assert_num_queries(1):
        found = turn_rows(user)

    assert len(found) == rows


# --- answers that are waited for ------------------------------------------------------------------


def invited(**fields):
    """Return an invitation of the partner to a meeting soon to come, which is not answered."""
    cycle = make_cycle(earliest=SOON, latest=SOON, starts_at=None, ends_at=None, time_zone="")
    values = {"user": cycle.people["partner"], "municipality": cycle.arezzo, "told_sequence": 0}
    return cycle, AttendanceFactory(meeting=cycle.meeting, **{**values, **fields})


def asks_for_an_answer(cycle):
    return [title for title in titles(cycle.person("partner")) if title.startswith("Say whether")]


def test_invitation_waits_until_it_is_answered():
    cycle, row = invited()
    assert len(asks_for_an_answer(cycle)) == 1

    Attendance.objects.filter(pk=row.pk).update(reply="maybe", replied_at=timezone.now())

    assert asks_for_an_answer(cycle) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "cancelled"},
        {"status": "held"},
        {"latest": timezone.localdate() - dt.timedelta(days=1)},
    ],
)
def test_invitation_to_what_is_over_does_not_wait(fields):
    cycle, _row = invited()
    changes = {"earliest": fields["latest"], **fields} if "latest" in fields else fields
    Meeting.objects.filter(pk=cycle.meeting.pk).update(**changes)

    assert asks_for_an_answer(cycle) == []


def test_invitation_that_was_not_sent_does_not_wait():
    cycle, _row = invited(told_sequence=None)

    assert asks_for_an_answer(cycle) == []


@pytest.mark.parametrize("change", ["", "answered", "closed", "fixed", "other person"])
def test_open_date_poll_waits_until_it_is_answered(change):
    cycle, row = invited(told_sequence=None)
    poll = DatePollFactory(meeting=cycle.meeting)
    option = PollOptionFactory(poll=poll)
    if change == "answered":
        PollReplyFactory(option=option, attendance=row)
    elif change == "closed":
        type(poll).objects.update(closed_at=timezone.now())
    elif change == "fixed":
        Meeting.objects.filter(pk=cycle.meeting.pk).update(status="announced")

    who = "contact" if change == "other person" else "partner"
    found = [title for title in titles(cycle.person(who)) if title.startswith("Say which dates")]

    assert len(found) == (0 if change else 1)
