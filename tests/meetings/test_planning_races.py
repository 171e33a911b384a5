"""Two people plan, change and cancel at once: one waits for the other, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from meetings.actions.meeting import announce_meeting, cancel_meeting
from meetings.actions.plan_content import PlanContent
from meetings.actions.planning import change_plan, plan_meeting
from meetings.models import Meeting
from tests.cycle import make_cycle
from tests.factories import MeetingFactory, make_pair, make_user
from tests.races import act_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_button_pressed_twice_at_once_plans_one_meeting():
    cycle = make_cycle()
    content = replace(PlanContent.of(cycle.meeting), title_en="Trees")
    by = cycle.person("contact")

    first, second = act_at_once(
        lambda: plan_meeting(tandem=cycle.tandem, content=content, by=by),
        lambda: plan_meeting(tandem=cycle.tandem, content=content, by=by),
    )

    assert first == second
    assert Meeting.objects.count() == 2


@pytest.mark.parametrize(
    ("reach", "second_person"), [("network", "coordinator"), ("several", "bbsr")]
)
def test_meeting_of_no_single_partnership_is_planned_once(reach, second_person):
    cycle = make_cycle()
    joined = (cycle.tandem.pk, make_pair().pk) if reach == "several" else ()
    content = replace(
        PlanContent.of(cycle.meeting), title_en="All of us", partnerships=joined, participants=()
    )

    def planning(who):
        by = cycle.person(who)
        return lambda: plan_meeting(tandem=None, content=content, by=by)

    first, second = act_at_once(planning("coordinator"), planning(second_person))

    assert first == second
    assert Meeting.objects.filter(tandem=None).count() == 1


def test_meeting_of_the_network_is_planned_once_before_there_is_any_partnership():
    by = make_user("coordinator")
    content = PlanContent.of(MeetingFactory(kind="programme_meeting", scope="programme"))

    first, second = act_at_once(
        lambda: plan_meeting(tandem=None, content=content, by=by),
        lambda: plan_meeting(tandem=None, content=content, by=by),
    )

    assert first == second
    assert Meeting.objects.filter(status="planned").count() == 1


def test_of_two_editors_at_once_the_second_meets_the_text_of_the_first():
    cycle = make_cycle(place="")
    content = PlanContent.of(cycle.meeting)
    one, two = cycle.person("contact"), cycle.person("partner")

    def change(place, by):
        return change_plan(
            meeting=cycle.meeting,
            content=replace(content, place=place),
            opened=content.marks,
            by=by,
        )

    first, second = act_at_once(lambda: change("Rathaus", one), lambda: change("Palazzo", two))

    assert (first.conflicts, second.conflicts) == ({}, {"place": "Rathaus"})
    found = Meeting.objects.get(pk=cycle.meeting.pk)
    assert (found.place, found.sequence) == ("Rathaus", 1)


def test_meeting_is_cancelled_once():
    cycle = make_cycle()
    one, two = cycle.person("contact"), cycle.person("partner")

    first, second = act_at_once(
        lambda: cancel_meeting(meeting=cycle.meeting, note="Streik", by=one),
        lambda: cancel_meeting(meeting=cycle.meeting, note="Sturm", by=two),
    )

    assert first.status == "cancelled"
    assert isinstance(second, ValidationError)
    assert second.code == "already"


def test_plan_changes_while_the_meeting_is_announced():
    cycle = make_cycle(format="on_site", place="Rathaus")
    content = PlanContent.of(cycle.meeting)
    one, two = cycle.person("contact"), cycle.person("partner")

    first, second = act_at_once(
        lambda: announce_meeting(meeting=cycle.meeting, by=one),
        lambda: change_plan(
            meeting=cycle.meeting,
            content=replace(content, place=""),
            opened=content.marks,
            by=two,
        ),
    )

    assert first.status == "announced"
    assert isinstance(second, ValidationError)
    assert Meeting.objects.get(pk=cycle.meeting.pk).place == "Rathaus"
