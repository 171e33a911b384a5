from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from core.actions import change_status
from core.models import StatusChange
from tandems.models import Tandem
from tests.factories import TandemFactory, UserFactory
from tests.races import act_at_once

TABLE = {"planned": frozenset({"active"}), "active": frozenset({"completed", "ended_early"})}


@pytest.mark.django_db
def test_change_status_logs_who_when_old_new_and_note(time_machine):
    moment = dt.datetime(2023, 12, 31, 22, 30, tzinfo=dt.UTC)
    time_machine.move_to(moment, tick=False)
    person, tandem = UserFactory(), TandemFactory(status="active")

    changed = change_status(
        tandem, new="ended_early", transitions=TABLE, note="Sofia geht.", by=person
    )

    change = StatusChange.objects.get()
    assert (change.subject, change.field, change.old, change.new) == (
        tandem,
        "status",
        "active",
        "ended_early",
    )
    assert (change.note, change.changed_by, change.changed_at) == ("Sofia geht.", person, moment)
    assert changed.status == Tandem.objects.get().status == "ended_early"


@pytest.mark.django_db
def test_change_status_may_come_from_no_person():
    change_status(TandemFactory(status="active"), new="completed", transitions=TABLE, by=None)

    assert list(StatusChange.objects.values_list("changed_by", "note")) == [(None, "")]


@pytest.mark.django_db
def test_change_status_saves_what_changes_along():
    tandem = TandemFactory(status="active", number=7)

    change_status(tandem, new="completed", transitions=TABLE, changes={"number": 9}, by=None)

    assert list(Tandem.objects.values_list("status", "number")) == [("completed", 9)]


@pytest.mark.django_db
def test_change_status_saves_nothing_else_of_the_object_at_hand():
    tandem = TandemFactory(status="active", number=7)
    tandem.number = 99

    change_status(tandem, new="completed", transitions=TABLE, by=None)

    assert list(Tandem.objects.values_list("status", "number")) == [("completed", 7)]


@pytest.mark.django_db
def test_change_status_asks_the_database_for_the_old_state():
    tandem = TandemFactory(status="planned")
    Tandem.objects.update(status="active")

    changed = change_status(tandem, new="completed", transitions=TABLE, by=None)

    assert changed.status == "completed"
    assert StatusChange.objects.get().old == "active"


@pytest.mark.django_db
@pytest.mark.parametrize("new", ["active", "planned", "continues", "no such state", ""])
def test_change_status_refuses_what_the_table_does_not_hold(new):
    tandem = TandemFactory(status="active", number=7)

    with translation.override("en"):
        with pytest.raises(ValidationError) as refusal:
            change_status(tandem, new=new, transitions=TABLE, changes={"number": 9}, by=None)

        assert refusal.value.messages == [
            "This step is not possible: the current state is “active”."
        ]
    assert refusal.value.code == "transition"
    assert list(Tandem.objects.values_list("status", "number")) == [("active", 7)]
    assert list(StatusChange.objects.all()) == []


@pytest.mark.django_db
def test_change_status_refuses_every_step_from_a_state_without_a_row():
    tandem = TandemFactory(status="continues")

    with pytest.raises(ValidationError):
        change_status(tandem, new="completed", transitions=TABLE, by=None)

    assert Tandem.objects.get().status == "continues"


@pytest.mark.django_db
def test_change_status_keeps_the_old_state_when_it_cannot_be_logged():
    tandem = TandemFactory(status="active")

    with pytest.raises(ValueError, match="unsaved"):
        change_status(tandem, new="completed", transitions=TABLE, by=UserFactory.build())

    assert Tandem.objects.get().status == "active"


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_the_second_meets_the_state_the_first_left():
    tandem = TandemFactory(status="active")
    one, two = UserFactory(), UserFactory()

    first, second = act_at_once(
        lambda: change_status(tandem, new="completed", transitions=TABLE, by=one),
        lambda: change_status(tandem, new="ended_early", transitions=TABLE, by=two),
    )

    assert first == tandem
    assert isinstance(second, ValidationError)
    assert second.code == "transition"
    assert Tandem.objects.get().status == "completed"
    assert list(StatusChange.objects.values_list("old", "new", "changed_by")) == [
        ("active", "completed", one.pk)
    ]
