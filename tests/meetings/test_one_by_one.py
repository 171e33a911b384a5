"""Jobs that go through many rows: one that fails is logged and holds up no other."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection
from django.utils import timezone
from post_office.models import Email

from core.models import StatusChange
from meetings.actions.attendance import forget_outside_guests
from meetings.actions.consultation_outcome import forget_consultations
from meetings.actions.due import ask_check_ins, record_silence, remind_of_commitments
from meetings.actions.minutes_overnight import (
    count_agreed_minutes,
    remind_of_minutes,
    tell_of_overdue_minutes,
)
from meetings.actions.reminding import choose_reminders, send_meeting_reminders
from meetings.models import Attendance, CheckIn, Commitment, Consultation, Minutes
from tandems.models import Tandem, TandemMember
from tests.cycle import (
    AttendanceFactory,
    CheckInFactory,
    ConsultationFactory,
    ContributionFactory,
    make_cycle,
    plan_for,
)
from tests.factories import AgendaItemFactory, CommitmentFactory
from tests.faults import kept_log
from tests.meetings.inviting_cases import invited, mailed_to
from tests.meetings.minutes_cases import DAY, agree, held, sent

pytestmark = pytest.mark.django_db
#: No mail server takes this domain: whoever writes to it fails.
BROKEN = "x@" + "ä" * 70 + ".example"


def breaks(person):
    """Let every mail to a person fail."""
    person.email = BROKEN
    person.save()


@contextmanager
def refused_writing(row):
    """Let the database refuse to change or delete one row."""

    def refuse(execute, sql, params, many, context):
        is_change = sql.startswith(("UPDATE", "DELETE")) and f'"{row._meta.db_table}"' in sql
        if is_change and params and params[-1] == row.pk:
            raise DatabaseError("refused")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


@contextmanager
def refused_history(row):
    """Let the database refuse to write the history of one row."""
    kind = ContentType.objects.get_for_model(row).pk

    def refuse(execute, sql, params, many, context):
        is_note = sql.startswith(f'INSERT INTO "{StatusChange._meta.db_table}"')
        if is_note and list(params[:2]) == [kind, row.pk]:
            raise DatabaseError("refused")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def run(job):
    """Return what a job returns, and the lines that it logged."""
    with kept_log("vernetzt.meetings") as lines:
        done = job()
    return done, [(entry["message"], entry["error"], entry["row"]) for entry in lines.entries]


def test_commitment_that_cannot_be_reminded_of():
    cycle = make_cycle()
    due = timezone.localdate() + DAY
    first, second = (
        CommitmentFactory(tandem=cycle.tandem, municipality=city, due_on=due)
        for city in (cycle.hamm, cycle.arezzo)
    )
    breaks(cycle.people["deputy"])

    done, logged = run(remind_of_commitments)

    assert done == 2
    told = "A commitment could not be reminded of."
    assert logged == [(told, "IDNAError", [first.pk, cycle.tandem.pk])]
    assert Commitment.objects.get(reminded_before=due) == second
    # Nothing was half done: the contact gets one mail once the other one can be reached.
    assert cycle.people["contact"].email not in mailed_to()


def test_city_that_cannot_be_asked():
    cycle = make_cycle()
    ended = timezone.localdate() - 190 * DAY
    Tandem.objects.filter(pk=cycle.tandem.pk).update(status="completed", ended_on=ended)
    breaks(cycle.people["contact"])

    done, logged = run(ask_check_ins)

    assert done == 1
    assert [line[0] for line in logged] == ["A city could not be asked what is left."]
    assert CheckIn.objects.get().municipality == cycle.arezzo


def test_city_that_cannot_be_reminded_to_answer():
    cycle = make_cycle()
    on = timezone.localdate() - 190 * DAY
    Tandem.objects.filter(pk=cycle.tandem.pk).update(status="completed", ended_on=on)
    cycle.tandem.refresh_from_db()
    asked = {"asked_at": timezone.now() - 20 * DAY, "answer_by": timezone.localdate() + 9 * DAY}
    for city in (cycle.hamm, cycle.arezzo):
        CheckInFactory(tandem=cycle.tandem, municipality=city, **asked)
    breaks(cycle.people["contact"])

    _done, logged = run(ask_check_ins)

    assert [line[0] for line in logged] == ["A city could not be reminded to answer."]
    assert CheckIn.objects.get(reminded_at__isnull=False).municipality == cycle.arezzo


def test_silence_that_cannot_be_recorded():
    cycle = make_cycle()
    on = timezone.localdate() - 190 * DAY
    Tandem.objects.filter(pk=cycle.tandem.pk).update(status="completed", ended_on=on)
    cycle.tandem.refresh_from_db()
    first, second = (
        CheckInFactory(tandem=cycle.tandem, municipality=city, answer_by=timezone.localdate() - DAY)
        for city in (cycle.hamm, cycle.arezzo)
    )

    with refused_writing(first):
        done, logged = run(record_silence)

    assert done == 1
    told = "The silence of a city could not be recorded."
    assert logged == [(told, "DatabaseError", [first.pk, cycle.tandem.pk])]
    assert CheckIn.objects.get(silent_at__isnull=False) == second


def test_meeting_that_cannot_be_reminded_of():
    cycle = invited()
    choose_reminders(meeting=cycle.meeting, hours=[24], by=cycle.person("contact"))
    later = plan_for(
        cycle.tandem,
        starts_at=cycle.meeting.starts_at + dt.timedelta(hours=1),
        ends_at=cycle.meeting.ends_at + dt.timedelta(hours=1),
        invited_at=timezone.now(),
    )
    choose_reminders(meeting=later, hours=[24], by=cycle.person("contact"))
    AttendanceFactory(
        meeting=later, user=None, name="Ada", email="ada@example.org", told_sequence=0
    )
    breaks(cycle.people["partner"])

    with time_machine.travel(cycle.meeting.starts_at - dt.timedelta(hours=22), tick=False):
        done, logged = run(send_meeting_reminders)

    assert (done, mailed_to()) == (1, ["ada@example.org"])
    assert [line[:2] for line in logged] == [("A meeting could not be reminded of.", "IDNAError")]
    assert cycle.meeting.reminders.get().sent_at is None


def two_minutes(agrees):
    """Return two minutes that are out for agreement."""
    cycle = held()
    both = [sent(cycle)]
    cycle.meeting = plan_for(
        cycle.tandem,
        status="held",
        earliest=cycle.meeting.earliest,
        latest=cycle.meeting.latest,
    )
    AgendaItemFactory(meeting=cycle.meeting)
    both.append(sent(cycle))
    for minutes in both if agrees else ():
        agree(cycle, minutes)
    return cycle, *both


def test_minutes_that_cannot_be_counted_as_agreed():
    cycle, first, second = two_minutes(agrees=True)
    TandemMember.objects.filter(municipality=cycle.arezzo).update(left_on=timezone.localdate())

    with (
        time_machine.travel(timezone.now() + DAY, tick=False),
        refused_writing(first),
    ):
        done, logged = run(count_agreed_minutes)

    assert done == 1
    told = "Minutes could not be counted as agreed."
    assert logged == [(told, "DatabaseError", [first.pk, first.meeting_id])]
    assert Minutes.objects.get(state="agreed") == second


def test_minutes_that_cannot_be_reminded_of():
    _cycle, first, second = two_minutes(agrees=False)
    Email.objects.all().delete()

    with time_machine.travel(timezone.now() + 14 * DAY, tick=False), refused_writing(first):
        done, logged = run(remind_of_minutes)

    assert (done, Email.objects.count()) == (4, 4)
    told = "Cities could not be reminded of minutes."
    assert logged == [(told, "DatabaseError", [first.pk])]
    assert Minutes.objects.get(reminded_at__isnull=False) == second


def test_overdue_minutes_of_which_nobody_can_be_told():
    _cycle, first, second = two_minutes(agrees=False)
    Email.objects.all().delete()

    with time_machine.travel(timezone.now() + 15 * DAY, tick=False), refused_history(first):
        done, logged = run(tell_of_overdue_minutes)

    assert (done, Email.objects.count()) == (6, 6)
    told = "Nobody could be told of overdue minutes."
    assert logged == [(told, "DatabaseError", [first.pk, first.meeting_id])]
    assert StatusChange.objects.get(new="passed").object_id == second.pk


def test_consultation_that_cannot_be_forgotten():
    cycle = make_cycle(kind="consultation")
    first = ConsultationFactory(meeting=cycle.meeting)
    second = ConsultationFactory(meeting=plan_for(cycle.tandem, kind="consultation"))
    for row in (first, second):
        ContributionFactory(consultation=row)
    Consultation.objects.update(changed_at=timezone.now() - 400 * DAY)

    with refused_writing(first):
        done, logged = run(forget_consultations)

    assert done == 1
    assert logged == [("A consultation could not be forgotten.", "DatabaseError", [first.pk])]
    assert (first.contributions.count(), second.contributions.count()) == (1, 0)


def test_guest_who_cannot_be_forgotten():
    cycle = make_cycle()
    first, second = (
        AttendanceFactory(meeting=cycle.meeting, user=None, name="A", email=f"{name}@example.org")
        for name in "ab"
    )

    late = dt.datetime.combine(cycle.meeting.latest, dt.time(), dt.UTC) + 400 * DAY
    with time_machine.travel(late, tick=False), refused_writing(first):
        done, logged = run(forget_outside_guests)

    assert done == 1
    assert logged == [("A guest could not be forgotten.", "DatabaseError", [first.pk])]
    assert Attendance.objects.get() == first
    assert not Attendance.objects.filter(pk=second.pk).exists()
