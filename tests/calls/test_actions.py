from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from calls.actions import change_call_state
from calls.enums import CallState
from calls.models import Call
from core.models import StatusChange
from tests.factories import CallFactory, UserFactory
from tests.races import act_at_once

MOMENT = dt.datetime(2022, 3, 1, 9, 30, tzinfo=dt.UTC)
MOMENTS = {
    "opens_at": dt.datetime(2021, 12, 1, 8, tzinfo=dt.UTC),
    "closes_at": dt.datetime(2022, 2, 25, 22, 59, tzinfo=dt.UTC),
    "time_zone": "Europe/Berlin",
}

#: The way of a call; nothing leads back.
ALLOWED = [
    ("draft", "open"),
    ("open", "closed"),
    ("closed", "in_review"),
    ("in_review", "decided"),
    ("decided", "archived"),
]
REFUSED = [step for step in product(CallState.values, repeat=2) if step not in ALLOWED]


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_call_takes_a_step_and_writes_it_down_once(old, new, time_machine):
    time_machine.move_to(MOMENT, tick=False)
    person, call = UserFactory(), CallFactory(state=old, **MOMENTS)

    changed = change_call_state(call=call, state=new, note="Beschluss vom 1. März", by=person)

    assert changed.state == Call.objects.get().state == new
    change = StatusChange.objects.get()
    assert (change.subject, change.field, change.old, change.new) == (call, "state", old, new)
    assert (change.changed_by, change.changed_at, change.note) == (
        person,
        MOMENT,
        "Beschluss vom 1. März",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), REFUSED)
def test_call_refuses_every_other_step_and_writes_nothing(old, new):
    call = CallFactory(state=old, **MOMENTS)

    with pytest.raises(ValidationError) as refusal:
        change_call_state(call=call, state=new, by=UserFactory())

    assert refusal.value.code == "transition"
    assert Call.objects.get().state == old
    assert list(StatusChange.objects.all()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["opens_at", "closes_at"])
def test_call_without_its_moments_cannot_open_and_says_why(missing):
    call = CallFactory(state="draft", **{**MOMENTS, missing: None})

    with translation.override("en"):
        with pytest.raises(ValidationError) as refusal:
            change_call_state(call=call, state="open", by=UserFactory())

        assert refusal.value.messages == ["An open call needs the moments of opening and closing."]
    assert Call.objects.get().state == "draft"
    assert list(StatusChange.objects.all()) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_close_a_call_at_once_one_is_told_that_it_is_closed():
    call = CallFactory(state="open", **MOMENTS)
    one, two = UserFactory(), UserFactory()

    first, second = act_at_once(
        lambda: change_call_state(call=call, state="closed", by=one),
        lambda: change_call_state(call=call, state="closed", by=two),
    )

    assert first == call
    assert isinstance(second, ValidationError)
    assert second.code == "transition"
    assert list(StatusChange.objects.values_list("old", "new", "changed_by")) == [
        ("open", "closed", one.pk)
    ]
