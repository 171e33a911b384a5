"""Date polls as rows: proposing, changing, answering, fixing, ending."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from post_office.models import Email

from core.models import StatusChange
from meetings.actions.plan_content import PlanContent, When
from meetings.actions.planning import change_plan
from meetings.actions.poll import answer_poll, close_poll, fix_date, propose_dates
from meetings.actions.replying import reply_to_meeting
from meetings.enums import MeetingStatus
from meetings.models import Attendance, DatePoll, Meeting, PollReply
from meetings.polling import MOST_OPTIONS, days_in, mark_of_poll, poll_of, tallies_of
from tandems.models import TandemNotice
from tests.cycle import AttendanceFactory, make_cycle, plan_for
from tests.factories import MunicipalityFactory, make_user
from tests.meetings.poll_cases import DAY, at, of, proposed
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db
UNTIMED = {"starts_at": None, "ends_at": None, "time_zone": ""}
UNDATED = {**UNTIMED, "earliest": None, "latest": None, "precision": "unknown"}
CITY = ("contact", "deputy", "colleague", "partner", "partner deputy", "partner colleague")


def history(cycle):
    rows = StatusChange.objects.of(cycle.meeting).filter(field="poll").order_by("pk")
    return [(row.old, row.new) for row in rows]


def recipients():
    return sorted(mail.to[0] for mail in Email.objects.all())


def addresses(cycle, *names):
    return sorted(cycle.people[name].email for name in names)


def choices(cycle):
    rows = PollReply.objects.filter(option__poll__meeting=cycle.meeting)
    return sorted(rows.values_list("option__starts_at", "choice"))


def save_date(cycle, when):
    """Save the plan with another date, as its page does."""
    meeting = Meeting.objects.get(pk=cycle.meeting.pk)
    content = PlanContent.of(meeting)
    saved = change_plan(
        meeting=meeting,
        content=replace(content, when=when),
        opened=content.marks,
        by=cycle.person("contact"),
    )
    assert saved.conflicts == {}


def test_proposal_asks_everybody_who_acts_for_the_cities():
    cycle = make_cycle()

    poll = proposed(cycle, note="Zwei Stunden")

    assert (poll.is_open, poll.opened_by, poll.options.count()) == (
        True,
        cycle.people["contact"],
        3,
    )
    invited = Attendance.objects.filter(meeting=cycle.meeting).values_list("user", flat=True)
    assert set(invited) == {cycle.people[name].pk for name in CITY}
    assert recipients() == addresses(cycle, *CITY)
    assert history(cycle) == [("", "opened")]


def test_coordinator_who_asks_is_asked_too_and_guests_are():
    cycle = make_cycle()
    stay = MeetingGuestFactory(meeting=cycle.meeting, municipality=MunicipalityFactory())
    guest = make_user("colleague", stay.municipality)

    proposed(cycle, by="coordinator")

    assert recipients() == sorted([*addresses(cycle, *CITY, "coordinator"), guest.email])


@pytest.mark.parametrize("who", ["colleague", "partner colleague", "neighbour", "nobody"])
def test_nobody_else_proposes_fixes_or_ends(who):
    cycle = make_cycle()
    with pytest.raises(PermissionDenied):
        proposed(cycle, by=who)
    poll = proposed(cycle)

    for act in (
        lambda: fix_date(
            option=poll.options.first(), time_zone="Europe/Berlin", by=cycle.person(who)
        ),
        lambda: close_poll(meeting=cycle.meeting, by=cycle.person(who)),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert DatePoll.objects.get().is_open


def test_answers_to_dates_that_stay_are_kept():
    cycle = make_cycle()
    first, second, third = at(10), at(11), at(12)
    poll = proposed(cycle, first, second)
    keys = dict(poll.options.values_list("starts_at", "pk"))
    answer_poll(
        meeting=cycle.meeting,
        choices={keys[first[0]]: "yes", keys[second[0]]: "no"},
        by=cycle.person("colleague"),
    )
    Email.objects.all().delete()

    proposed(cycle, third, first)

    assert choices(cycle) == [(first[0], "yes")]
    assert list(poll.options.values_list("starts_at", flat=True)) == [first[0], third[0]]
    assert recipients() == addresses(cycle, *CITY)
    assert history(cycle) == [("", "opened"), ("", "changed")]


def test_second_press_asks_nobody_again():
    cycle = make_cycle()
    given = {"answer_by": timezone.now() + 5 * DAY, "opened": ""}
    proposed(cycle, **given)
    sent = Email.objects.count()

    proposed(cycle, **given)

    assert (DatePoll.objects.count(), Email.objects.count()) == (1, sent)
    assert history(cycle) == [("", "opened")]


def test_what_somebody_else_proposed_meanwhile_is_not_written_over():
    cycle = make_cycle()
    opened = mark_of_poll(None)
    proposed(cycle, at(10))

    with pytest.raises(ValidationError) as refusal:
        proposed(cycle, at(11), by="partner", opened=opened)

    assert refusal.value.code == "conflict"
    assert list(poll_of(cycle.meeting).options.values_list("starts_at", flat=True)) == [at(10)[0]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"options": ()}, "__all__"),
        ({"options": tuple(at(10 + number) for number in range(MOST_OPTIONS + 1))}, "__all__"),
        ({"options": (at(-1), at(10))}, "__all__"),
        ({"answer_by": timezone.now() - DAY}, "answer_day"),
        ({"answer_by": timezone.now() + 40 * DAY}, "answer_day"),
    ],
)
def test_proposal_that_nobody_can_answer_is_refused(wrong, field):
    cycle = make_cycle()
    fields = {"options": (at(10),), "answer_by": timezone.now() + 5 * DAY, **wrong}

    with pytest.raises(ValidationError) as refusal:
        propose_dates(meeting=cycle.meeting, **fields, opened="", by=cycle.person("contact"))

    assert set(getattr(refusal.value, "error_dict", {"__all__": 1})) == {field}
    assert not DatePoll.objects.exists()
    assert not Email.objects.exists()


@pytest.mark.parametrize("status", ["held", "cancelled", "unconfirmed"])
def test_meeting_that_is_over_is_not_asked_about(status):
    cycle = make_cycle(status=status)

    with pytest.raises(ValidationError) as refusal:
        proposed(cycle)

    assert refusal.value.code == "over"


def test_answer_can_be_changed_and_counts_once():
    cycle = make_cycle()
    option = proposed(cycle).options.first()
    for choice in ("yes", "no", "no"):
        number = answer_poll(
            meeting=cycle.meeting, choices={option.pk: choice}, by=cycle.person("partner")
        )
        assert number == 1

    reply = PollReply.objects.get()
    assert (reply.choice, reply.attendance) == ("no", of(cycle, "partner"))


def test_who_came_later_is_noted_by_answering():
    cycle = make_cycle()
    option = proposed(cycle).options.first()
    new = make_user("colleague", cycle.arezzo)

    answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=new)

    row = Attendance.objects.get(user=new)
    assert (row.municipality, row.added_by) == (cycle.arezzo, new)
    assert PollReply.objects.get().attendance == row


@pytest.mark.parametrize("who", ["neighbour", "nobody", "reviewer", "observer"])
def test_strangers_answer_nothing(who):
    cycle = make_cycle()
    option = proposed(cycle).options.first()

    with pytest.raises(PermissionDenied):
        answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=cycle.person(who))

    assert not PollReply.objects.exists()


def test_dates_of_another_poll_are_left_out():
    cycle, other = make_cycle(), plan_for(None)
    proposed(cycle)
    foreign = propose_dates(
        meeting=other,
        options=[at(20)],
        answer_by=timezone.now() + DAY,
        by=cycle.person("coordinator"),
    )

    number = answer_poll(
        meeting=cycle.meeting,
        choices={foreign.options.get().pk: "yes"},
        by=cycle.person("contact"),
    )

    assert (number, PollReply.objects.count()) == (0, 0)


def test_answers_come_late_but_not_after_the_end(time_machine):
    cycle = make_cycle()
    option = proposed(cycle).options.first()
    time_machine.move_to(timezone.now() + 6 * DAY)
    answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=cycle.person("partner"))
    close_poll(meeting=cycle.meeting, by=cycle.person("contact"))

    with pytest.raises(ValidationError) as refusal:
        answer_poll(meeting=cycle.meeting, choices={option.pk: "no"}, by=cycle.person("partner"))

    assert refusal.value.code == "closed"
    assert PollReply.objects.get().choice == "yes"


def test_cancelled_meeting_takes_no_answers():
    cycle = make_cycle()
    option = proposed(cycle).options.first()
    Meeting.objects.filter(pk=cycle.meeting.pk).update(status=MeetingStatus.CANCELLED)

    with pytest.raises(ValidationError):
        answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=cycle.person("partner"))


def test_fixing_a_date_makes_it_the_date_and_closes_the_poll():
    cycle = make_cycle()
    # 22:30 to 00:00 in Berlin in the summer: midnight belongs to the day before it.
    start = dt.datetime(2098, 7, 1, 20, 30, tzinfo=dt.UTC)
    end = dt.datetime(2098, 7, 1, 22, tzinfo=dt.UTC)
    option = proposed(cycle, (start, end)).options.get()

    meeting = fix_date(option=option, time_zone="Europe/Berlin", by=cycle.person("partner"))

    assert (meeting.starts_at, meeting.ends_at, meeting.time_zone) == (start, end, "Europe/Berlin")
    assert (meeting.earliest, meeting.latest) == (dt.date(2098, 7, 1), dt.date(2098, 7, 1))
    assert not DatePoll.objects.get().is_open
    assert history(cycle) == [("", "opened"), ("opened", "fixed")]
    told = TandemNotice.objects.filter(event="meeting_dated").values_list("user", flat=True)
    assert set(told) == {cycle.people[name].pk for name in CITY if name != "partner"}


def test_everybody_who_was_asked_reads_the_fixed_date_in_a_mail_at_once():
    cycle = make_cycle()
    outside = AttendanceFactory(
        meeting=cycle.meeting, user=None, name="Ada", email="ada@example.org", language="en"
    )
    option = proposed(cycle, by="coordinator").options.first()
    Email.objects.all().delete()

    fix_date(option=option, time_zone="Europe/Berlin", by=cycle.person("contact"))

    others = [name for name in (*CITY, "coordinator") if name != "contact"]
    assert recipients() == sorted([outside.email, *(cycle.people[name].email for name in others)])
    assert "The date is fixed" in Email.objects.get(to="ada@example.org").subject


def test_who_has_the_invitation_already_takes_the_fixed_date_from_nobody():
    """Who was invited reads what changed, all others that the date is fixed; each one mail."""
    cycle = make_cycle()
    outside = AttendanceFactory(
        meeting=cycle.meeting, user=None, name="Ada", email="ada@example.org", language="en"
    )
    reply_to_meeting(meeting=cycle.meeting, reply="yes", by=cycle.person("partner"))
    option = proposed(cycle).options.first()
    Email.objects.all().delete()

    fix_date(option=option, time_zone="Europe/Berlin", by=cycle.person("contact"))

    others = [name for name in CITY if name != "contact"]
    assert recipients() == sorted([outside.email, *addresses(cycle, *others)])
    subjects = {mail.to[0]: mail.subject for mail in Email.objects.all()}
    assert "The date is fixed" not in subjects[cycle.people["partner"].email]
    assert "The date is fixed" in subjects[outside.email]


@pytest.mark.parametrize("is_timed", [True, False])
def test_day_that_is_set_in_the_plan_ends_the_poll_and_is_told_to_who_was_asked(is_timed):
    cycle = make_cycle(**UNDATED)
    outside = AttendanceFactory(
        meeting=cycle.meeting, user=None, name="Ada", email="ada@example.org", language="en"
    )
    proposed(cycle)
    Email.objects.all().delete()
    start, end = at(30)
    moments = {"starts_at": start, "ends_at": end} if is_timed else {}
    when = When.on_days(start.date(), start.date(), **moments, time_zone="Europe/Berlin")

    save_date(cycle, when)

    assert not DatePoll.objects.get().is_open
    assert history(cycle) == [("", "opened"), ("opened", "fixed")]
    others = [name for name in CITY if name != "contact"]
    assert recipients() == sorted([outside.email, *addresses(cycle, *others)])
    mail = Email.objects.get(to=outside.email)
    assert str(start.day) in mail.message
    assert ("in your time zone" in mail.message) is is_timed
    with pytest.raises(ValidationError) as refusal:
        answer_poll(meeting=cycle.meeting, attendance=outside, choices={}, by=None)
    assert refusal.value.code == "closed"


def test_plan_that_stays_without_a_day_leaves_the_poll_open():
    cycle = make_cycle(**UNDATED)
    proposed(cycle)
    Email.objects.all().delete()

    save_date(cycle, When(time_zone="Europe/Rome"))

    assert DatePoll.objects.get().is_open
    assert recipients() == []


def test_of_a_network_meeting_everybody_reads_the_fixed_date_in_a_mail():
    cycle = make_cycle()
    meeting = plan_for(None)
    cycle.meeting = meeting
    option = proposed(cycle, by="coordinator").options.first()
    Email.objects.all().delete()

    fix_date(option=option, time_zone="Europe/Berlin", by=cycle.person("coordinator"))

    assert recipients() == addresses(cycle, *CITY, "neighbour")


def test_date_that_has_passed_or_is_gone_is_not_fixed(time_machine):
    cycle = make_cycle()
    gone = proposed(cycle, at(10), at(20)).options.last()
    proposed(cycle, at(10))
    by = cycle.person("contact")
    with pytest.raises(ValidationError) as refusal:
        fix_date(option=gone, time_zone="Europe/Berlin", by=by)
    assert refusal.value.code == "gone"

    option = poll_of(cycle.meeting).options.get()
    time_machine.move_to(timezone.now() + 11 * DAY)
    with pytest.raises(ValidationError) as refusal:
        fix_date(option=option, time_zone="Europe/Berlin", by=cycle.person("contact"))
    assert refusal.value.code == "past"
    assert DatePoll.objects.get().is_open


def test_end_without_a_date_is_told_once():
    cycle = make_cycle()
    proposed(cycle)
    Email.objects.all().delete()

    close_poll(meeting=cycle.meeting, by=cycle.person("contact"))
    with pytest.raises(ValidationError) as refusal:
        close_poll(meeting=cycle.meeting, by=cycle.person("contact"))

    assert refusal.value.code == "closed"
    assert recipients() == addresses(cycle, *(name for name in CITY if name != "contact"))
    assert history(cycle) == [("", "opened"), ("opened", "closed")]


def test_closed_poll_is_opened_again_with_its_answers():
    cycle = make_cycle()
    option = proposed(cycle, at(10)).options.get()
    answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=cycle.person("partner"))
    close_poll(meeting=cycle.meeting, by=cycle.person("contact"))

    poll = proposed(cycle, at(10), at(11), by="partner")

    assert (poll.is_open, poll.opened_by) == (True, cycle.people["partner"])
    assert PollReply.objects.get().option == option
    assert history(cycle)[-1] == ("", "opened")


def test_best_date_is_one_to_which_both_cities_can_come():
    cycle = make_cycle()
    many, both, none = proposed(cycle).options.all()
    for who, given in {
        "contact": {many: "yes", both: "yes", none: "no"},
        "deputy": {many: "yes", both: "no", none: "no"},
        "colleague": {many: "yes", both: "no"},
        "partner": {many: "no", both: "if_need_be", none: "no"},
    }.items():
        keys = {option.pk: choice for option, choice in given.items()}
        answer_poll(meeting=cycle.meeting, choices=keys, by=cycle.person(who))

    rows = tallies_of(
        poll_of(cycle.meeting), reader="Europe/Berlin", zones=["Europe/Sofia"], with_names=False
    )

    assert [(row.cities, row.can, row.is_best) for row in rows] == [
        (1, 3, False),
        (2, 2, True),
        (0, 0, False),
    ]
    assert not any(names for row in rows for names in row.names.values())
    assert [clock.places for clock in rows[0].clocks] == ["Sofia"]


def test_poll_nobody_has_answered_has_no_best_date():
    cycle = make_cycle()
    poll = proposed(cycle)

    rows = tallies_of(poll, reader="Europe/Berlin", zones=[], with_names=True)

    assert [row.is_best for row in rows] == [False, False, False]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2098-07-01T08:00", "2098-07-01T10:00", ("2098-07-01", "2098-07-01")),
        ("2098-07-01T20:00", "2098-07-02T01:00", ("2098-07-01", "2098-07-02")),
        ("2098-07-01T20:00", "2098-07-01T22:00", ("2098-07-01", "2098-07-01")),
        ("2098-07-01T22:00", "2098-07-02T08:00", ("2098-07-02", "2098-07-02")),
    ],
)
def test_days_of_a_date_are_those_of_the_place(start, end, days):
    moments = tuple(dt.datetime.fromisoformat(f"{moment}+00:00") for moment in (start, end))

    assert tuple(str(day) for day in days_in(moments, "Europe/Berlin")) == days
