from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from django.core.exceptions import ValidationError

from core.models import StatusChange
from meetings.actions import change_meeting_status
from meetings.enums import MeetingStatus
from meetings.models import Meeting
from tests.factories import MeetingFactory, UserFactory
from tests.races import act_at_once

MOMENT = dt.datetime(2024, 3, 31, 0, 59, 59, tzinfo=dt.UTC)

ALLOWED = [
    ("planned", "announced"),
    ("planned", "held"),
    ("planned", "cancelled"),
    ("announced", "planned"),
    ("announced", "held"),
    ("announced", "unconfirmed"),
    ("announced", "cancelled"),
    ("unconfirmed", "held"),
    ("unconfirmed", "cancelled"),
    ("held", "planned"),
    ("held", "announced"),
    ("held", "unconfirmed"),
    ("cancelled", "planned"),
    ("cancelled", "announced"),
]
REFUSED = [step for step in product(MeetingStatus.values, repeat=2) if step not in ALLOWED]


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_meeting_takes_a_step_raises_its_revision_and_writes_it_down_once(old, new, time_machine):
    person, meeting = UserFactory(), MeetingFactory(status=old, sequence=4)
    time_machine.move_to(MOMENT, tick=False)

    changed = change_meeting_status(meeting=meeting, status=new, note="Streik", by=person)

    for found in (changed, Meeting.objects.get()):
        assert (found.status, found.sequence, found.changed_at) == (new, 5, MOMENT)
    change = StatusChange.objects.get()
    assert (change.subject, change.field, change.old, change.new) == (meeting, "status", old, new)
    assert (change.changed_by, change.changed_at, change.note) == (person, MOMENT, "Streik")


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), REFUSED)
def test_meeting_refuses_every_other_step_and_writes_nothing(old, new):
    meeting = MeetingFactory(status=old, sequence=4)

    with pytest.raises(ValidationError) as refusal:
        change_meeting_status(meeting=meeting, status=new, by=UserFactory())

    assert refusal.value.code == "transition"
    found = Meeting.objects.get()
    assert (found.status, found.sequence, found.changed_at) == (old, 4, meeting.changed_at)
    assert list(StatusChange.objects.all()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("old", ["announced", "held", "cancelled"])
def test_meeting_that_is_in_preparation_again_is_public_no_more(old):
    meeting = MeetingFactory(status=old, is_public=True)

    change_meeting_status(meeting=meeting, status="planned", by=UserFactory())

    assert not Meeting.objects.get().is_public


@pytest.mark.django_db
def test_every_step_raises_the_revision_by_one():
    meeting = MeetingFactory(status="planned", sequence=0)

    for status in ("announced", "cancelled", "announced", "held"):
        # The object at hand grows old; the revision is counted in the database.
        change_meeting_status(meeting=meeting, status=status, by=None)

    assert Meeting.objects.get().sequence == 4


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_change_a_meeting_at_once_one_is_told_and_the_revision_is_raised_once():
    meeting = MeetingFactory(status="announced", sequence=0)
    one, two = UserFactory(), UserFactory()

    first, second = act_at_once(
        lambda: change_meeting_status(meeting=meeting, status="held", by=one),
        lambda: change_meeting_status(meeting=meeting, status="cancelled", by=two),
    )

    assert first == meeting
    assert isinstance(second, ValidationError)
    assert second.code == "transition"
    found = Meeting.objects.get()
    assert (found.status, found.sequence) == ("held", 1)
    assert list(StatusChange.objects.values_list("old", "new", "changed_by")) == [
        ("announced", "held", one.pk)
    ]
