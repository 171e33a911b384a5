"""Two people at one poll at once: one of them waits, and nothing is written twice."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from meetings.actions.poll import answer_poll, close_poll, fix_date
from meetings.models import DatePoll, Meeting, PollReply
from meetings.polling import poll_of
from tests.cycle import make_cycle
from tests.meetings.poll_cases import DAY, at, proposed
from tests.races import act_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_fix_a_date_the_second_one_is_told():
    cycle = make_cycle()
    first, second = proposed(cycle, at(10), at(11)).options.all()
    one, other = cycle.person("contact"), cycle.person("partner")

    fixed, refused = act_at_once(
        lambda: fix_date(option=first, time_zone="Europe/Berlin", by=one),
        lambda: fix_date(option=second, time_zone="Europe/Berlin", by=other),
    )

    assert fixed.starts_at == first.starts_at
    assert isinstance(refused, ValidationError)
    assert refused.code == "closed"
    assert Meeting.objects.get(pk=cycle.meeting.pk).starts_at == first.starts_at


def test_answer_counts_before_the_end_or_not_at_all():
    cycle = make_cycle()
    option = proposed(cycle).options.first()
    leader, partner = cycle.person("contact"), cycle.person("partner")

    _closed, refused = act_at_once(
        lambda: close_poll(meeting=cycle.meeting, by=leader),
        lambda: answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=partner),
    )

    assert isinstance(refused, ValidationError)
    assert not PollReply.objects.exists()


def test_answer_to_a_date_that_is_being_taken_back_is_left_out():
    cycle = make_cycle()
    option = proposed(cycle, at(10), at(11)).options.first()
    partner = cycle.person("partner")

    _poll, number = act_at_once(
        lambda: proposed(cycle, at(11)),
        lambda: answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=partner),
    )

    assert number == 0
    assert poll_of(cycle.meeting).options.count() == 1


def test_two_presses_of_the_button_ask_once():
    cycle = make_cycle()
    answer_by = timezone.now() + DAY

    first, second = act_at_once(
        lambda: proposed(cycle, at(10), answer_by=answer_by, opened=""),
        lambda: proposed(cycle, at(10), answer_by=answer_by, opened=""),
    )

    assert first == second == DatePoll.objects.get()


def test_two_presses_answer_once():
    cycle = make_cycle()
    option = proposed(cycle).options.first()
    partner = cycle.person("partner")

    def act():
        return answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=partner)

    assert act_at_once(act, act) == [1, 1]
    assert PollReply.objects.count() == 1
