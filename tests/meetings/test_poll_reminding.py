"""Reminders of a date poll: once, three days before its end, to who was asked and is silent."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from meetings.actions.poll import answer_poll, close_poll, fix_date
from meetings.actions.poll_reminding import remind_of_polls
from meetings.models import Attendance, Meeting
from meetings.polling import poll_of
from tandems.models import TandemMember
from tests.cycle import AttendanceFactory, PollReplyFactory, make_cycle
from tests.factories import make_user
from tests.faults import kept_log
from tests.meetings.inviting_cases import OFFICERS, mail_to, mailed_to
from tests.meetings.poll_cases import DAY, at, of, proposed
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
#: Poll of the tests: opened on 2 March, answered by 9 March at the same time.
END, DUE = NOW + 7 * DAY, NOW + 4 * DAY


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(NOW, tick=False):
        yield


def asked(*options, **fields):
    """Return a partnership whose people were asked; the mails are gone."""
    cycle = make_cycle()
    proposed(cycle, *options, **{"answer_by": END, **fields})
    Email.objects.all().delete()
    return cycle


def run(moment):
    """Run the job at a moment, twice; return how many mails each wrote."""
    with time_machine.travel(moment, tick=False):
        return [remind_of_polls() for _ in range(2)]


def addresses(cycle, *names):
    return sorted(cycle.people[name].email for name in names)


def without(*names):
    return [name for name in OFFICERS if name not in names]


def answer(cycle, who):
    option = poll_of(cycle.meeting).options.first()
    choices = {option.pk: "no"}
    answer_poll(meeting=cycle.meeting, choices=choices, by=cycle.person(who))


def test_job_is_run_with_the_others():
    assert "meetings.actions.poll_reminding.remind_of_polls" in settings.JOBS


def test_silent_people_are_reminded_once_three_days_before_the_end():
    cycle = asked()
    answer(cycle, "deputy")

    assert run(DUE - MINUTE) == [0, 0]
    assert run(DUE) == [5, 0]

    assert mailed_to() == addresses(cycle, *without("deputy"))
    rows = Attendance.objects.filter(meeting=cycle.meeting).exclude(user=cycle.people["deputy"])
    assert set(rows.values_list("dates_reminded_at", flat=True)) == {DUE}
    assert of(cycle, "deputy").dates_reminded_at is None
    assert run(END - MINUTE) == run(END) == run(END + DAY) == [0, 0]


def test_reminder_says_the_same_dates_on_the_clock_of_the_reader_and_leads_to_the_answer():
    cycle = asked(note="Bitte mit Ihrer Kämmerei abstimmen.")
    person = cycle.people["partner"]
    person.language, person.time_zone = "en", "Europe/Sofia"
    person.save()

    run(DUE)

    mail = mail_to(person.email)
    meeting = Meeting.objects.get(pk=cycle.meeting.pk)
    assert meeting.title_en in mail.subject
    assert "2 March 2026" in mail.message
    assert "9 March 2026" in mail.message
    assert "14:00" in mail.message
    assert "(Sofia)" in mail.message
    assert "Bitte mit Ihrer Kämmerei abstimmen." in mail.message
    # 08:00 UTC.
    assert mail.message.count("10:00–12:00") == 3
    (path,) = re.findall(rf"{settings.PUBLIC_URL}(/en/meetings/answer/\S+/dates/)", mail.message)
    page = read(Client().get(path))
    assert page.main.one("table", class_="poll")
    assert f"{settings.PUBLIC_URL}/de/" in mail_to(cycle.people["contact"].email).message


def test_dates_that_have_passed_meanwhile_are_not_named():
    cycle = asked(at(3), at(10))
    person = cycle.people["contact"]

    run(DUE)

    mail = mail_to(person.email)
    assert "12. März 2026" in mail.message
    assert "5. März 2026" not in mail.message


def test_who_was_asked_less_than_three_days_before_the_end_is_not_asked_twice():
    cycle = asked(answer_by=NOW + 3 * DAY - MINUTE)

    assert run(NOW) == run(NOW + DAY) == [0, 0]
    assert asked_at(cycle) == {NOW}


def asked_at(cycle):
    rows = Attendance.objects.filter(meeting=cycle.meeting)
    return set(rows.values_list("dates_asked_at", flat=True))


def test_who_was_never_asked_is_not_reminded():
    cycle = asked()
    AttendanceFactory(meeting=cycle.meeting, user=make_user("colleague", cycle.hamm))

    assert run(DUE) == [6, 0]
    assert mailed_to() == addresses(cycle, *OFFICERS)


def test_guest_from_outside_is_reminded_in_the_language_noted():
    cycle = make_cycle()
    guest = {"name": "Ada", "email": "ada@example.org", "language": "en"}
    AttendanceFactory(meeting=cycle.meeting, user=None, **guest)
    proposed(cycle, answer_by=END)
    Email.objects.all().delete()

    assert run(DUE) == [7, 0]
    assert "Hello Ada," in mail_to("ada@example.org").message


@pytest.mark.parametrize("how", ["role", "account", "city"])
def test_who_has_lost_its_part_is_not_reminded(how):
    cycle = asked()
    person = cycle.people["partner"]
    if how == "role":
        person.role_assignments.update(until=timezone.localdate())
    elif how == "account":
        person.is_active = False
        person.save()
    else:
        rows = TandemMember.objects.filter(municipality=cycle.arezzo)
        rows.update(left_on=timezone.localdate())

    run(DUE)

    gone = ["partner"] if how != "city" else [name for name in OFFICERS if "partner" in name]
    assert mailed_to() == addresses(cycle, *without(*gone))
    assert of(cycle, "partner").dates_reminded_at is None


@pytest.mark.parametrize("end", ["closed", "fixed", "cancelled", "held"])
def test_nobody_is_reminded_of_what_is_over(end):
    cycle = asked()
    by = cycle.person("contact")
    if end == "closed":
        close_poll(meeting=cycle.meeting, by=by)
    elif end == "fixed":
        option = poll_of(cycle.meeting).options.first()
        fix_date(option=option, time_zone="Europe/Berlin", by=by)
    else:
        Meeting.objects.filter(pk=cycle.meeting.pk).update(status=end)
    Email.objects.all().delete()

    assert run(DUE) == [0, 0]
    assert not Email.objects.exists()


def test_changed_poll_reminds_who_was_not_reminded_before_its_new_end():
    cycle = asked()
    assert run(DUE) == [6, 0]
    with time_machine.travel(DUE + MINUTE, tick=False):
        proposed(cycle, at(20), answer_by=END + 7 * DAY)
        newcomer = make_user("colleague", cycle.hamm)
        proposed(cycle, at(21), answer_by=END + 7 * DAY)
    Email.objects.all().delete()

    assert run(END + 4 * DAY) == [1, 0]
    assert mailed_to() == [newcomer.email]


def test_poll_that_is_opened_again_is_a_new_question():
    cycle = asked()
    assert run(DUE) == [6, 0]
    by = cycle.person("contact")
    with time_machine.travel(END, tick=False):
        close_poll(meeting=cycle.meeting, by=by)
        cycle.people["partner"].role_assignments.update(until=timezone.localdate() - DAY)
        proposed(cycle, at(30), answer_by=END + 10 * DAY)
        # Back in office later, but not asked in this poll.
        cycle.people["partner"].role_assignments.update(until=None)
    Email.objects.all().delete()

    assert run(END + 7 * DAY) == [5, 0]
    assert mailed_to() == addresses(cycle, *without("partner"))


def test_answer_to_dates_that_were_taken_back_is_none():
    cycle = asked(at(10), at(11))
    answer(cycle, "colleague")
    with time_machine.travel(NOW + DAY, tick=False):
        proposed(cycle, at(20), answer_by=END)
    Email.objects.all().delete()

    assert run(DUE) == [6, 0]


def test_person_who_cannot_be_reached_holds_up_nobody():
    cycle = asked()
    person = cycle.people["contact"]
    # No mail server takes this domain: whoever writes to it fails.
    person.email = "x@" + "ä" * 70 + ".example"
    person.save()

    with kept_log("vernetzt.meetings") as lines:
        assert run(DUE) == [5, 0]

    told = "A person could not be reminded of a date poll."
    assert [(line["message"], line["error"]) for line in lines.entries] == [(told, "IDNAError")] * 2
    assert of(cycle, "contact").dates_reminded_at is None
    assert len(mailed_to()) == 5


@pytest.mark.parametrize(("people", "queries"), [(0, 1), (1, 1)])
def test_poll_that_is_not_due_costs_one_query(people, queries, django_assert_num_queries):
    cycle = asked()
    for _ in range(people):
        PollReplyFactory(option=poll_of(cycle.meeting).options.first())

    with django_assert_num_queries(queries):
        remind_of_polls()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_remind_once():
    cycle = asked()

    with time_machine.travel(DUE, tick=False):
        done = act_at_once(remind_of_polls, remind_of_polls)

    assert done == [6, 0]
    assert mailed_to() == addresses(cycle, *OFFICERS)


@pytest.mark.django_db(transaction=True)
def test_poll_that_is_closed_meanwhile_reminds_nobody():
    cycle = asked()
    by = cycle.person("contact")

    with time_machine.travel(DUE, tick=False):
        _closed, done = act_at_once(
            lambda: close_poll(meeting=cycle.meeting, by=by), remind_of_polls
        )

    # Whoever closes it need not be told; all others are, and of nothing else.
    assert done == 0
    assert mailed_to() == addresses(cycle, *without("contact"))


@pytest.mark.django_db(transaction=True)
def test_who_answers_meanwhile_is_not_reminded():
    cycle = asked()

    with time_machine.travel(DUE, tick=False):
        act_at_once(lambda: answer(cycle, "partner"), remind_of_polls)

    assert mailed_to() == addresses(cycle, *without("partner"))
