"""What is carried into a meeting: the same on its agenda, in its minutes and on its own page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.actions.minutes import begin_minutes
from meetings.queries import commitments_before
from tests.cycle import make_cycle, plan_for
from tests.factories import CommitmentFactory, TandemFactory, TandemMemberFactory
from tests.meetings.commitment_cases import DAY, joint_meeting, network_meeting, page_of, promise
from tests.reading import read

pytestmark = pytest.mark.django_db


def on(days, hour=None, **fields):
    """Return the fields of a meeting so many days from now, at an hour (UTC) or without one."""
    day = timezone.localdate() + days * DAY
    starts_at = None if hour is None else dt.datetime.combine(day, dt.time(hour), dt.UTC)
    times = {"starts_at": starts_at, "ends_at": starts_at and starts_at + dt.timedelta(hours=1)}
    return {"earliest": day, "latest": day, "precision": "day", **times, **fields}


def undated(**fields):
    none = dict.fromkeys(("earliest", "latest", "starts_at", "ends_at"))
    return {**none, "precision": "unknown", **fields}


def carried(cycle, meeting):
    """Return what the page of the commitments shows; agenda and minutes show the same."""
    main = read(cycle.client("contact").get(page_of(meeting))).main
    shown = main.section("Still open from earlier").texts("h3")
    assert sorted(shown) == sorted(row.text for row in commitments_before(meeting))
    return shown


@pytest.mark.parametrize(
    ("agreed", "asked", "is_carried"),
    [
        (on(-20), on(-2), True),
        (on(-20), on(-2, 8), True),
        (on(-2), on(-20), False),
        (on(3), on(9), True),
        (on(9), on(3), False),
        (on(-20), undated(), True),
        (on(3), undated(), True),
        # On one day the earlier hour is the first, else what was planned first.
        (on(-2, 8), on(-2, 12), True),
        (on(-2, 12), on(-2, 8), False),
        (on(-2, 8), on(-2, 8), True),
        (on(-2), on(-2, 8), True),
        (on(-2, 8), on(-2), True),
        (on(-2), on(-2), True),
        # A meeting that has no day: the commitment counts from when it was written down.
        (undated(), on(3), True),
        (undated(), on(3, 8), True),
        (undated(), on(-3), False),
        (undated(), undated(), True),
    ],
)
def test_commitment_counts_from_the_day_of_the_meeting_where_it_was_agreed(
    agreed, asked, is_carried
):
    cycle = make_cycle(**agreed)
    meeting = plan_for(cycle.tandem, **asked)

    promise(cycle, meeting=cycle.meeting, text="Zugesagt")

    assert carried(cycle, meeting) == (["Zugesagt"] if is_carried else [])
    assert carried(cycle, cycle.meeting) == []


@pytest.mark.parametrize(("days", "is_carried"), [(-1, False), (0, False), (1, True)])
def test_commitment_without_a_meeting_counts_from_when_it_was_written_down(days, is_carried):
    cycle = make_cycle(**on(days))

    promise(cycle, text="Zwischendurch")

    assert carried(cycle, cycle.meeting) == (["Zwischendurch"] if is_carried else [])


def test_of_two_meetings_on_one_day_and_at_one_hour_one_is_the_first():
    cycle = make_cycle(**on(-2, 8))
    second = plan_for(cycle.tandem, **on(-2, 8))

    promise(cycle, meeting=second, text="Vom zweiten")

    assert carried(cycle, cycle.meeting) == []


def test_agenda_minutes_and_page_say_the_same_of_a_promise_written_down_late():
    cycle = make_cycle(**on(-20), kind="kick_off", status="held")
    meeting = plan_for(cycle.tandem, **on(-2))
    promise(cycle, meeting=cycle.meeting, text="Vom Auftakt")

    agenda = cycle.client("contact").get(reverse("meeting:agenda", args=[meeting.pk]))
    minutes = begin_minutes(meeting=meeting, by=cycle.person("contact"))

    assert carried(cycle, meeting) == ["Vom Auftakt"]
    assert "Vom Auftakt" in read(agenda).main.text
    assert "Vom Auftakt" in "".join(minutes.entries.values_list("text", flat=True))


@pytest.mark.parametrize("scope", ["several", "network"])
def test_meeting_of_more_than_one_partnership_carries_those_of_all_that_meet(scope):
    cycle = make_cycle(**on(-20))
    planned = TandemMemberFactory(tandem=TandemFactory(status="planned"), position=0).tandem
    meeting = joint_meeting(cycle) if scope == "several" else network_meeting()
    promise(cycle, meeting=cycle.meeting, text="Von uns")
    CommitmentFactory(tandem=planned, text="Noch geheim")

    assert carried(cycle, meeting) == ["Von uns"]
