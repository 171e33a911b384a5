from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from calls import actions
from calls.actions import change_call_state
from calls.enums import CallState
from calls.models import Call
from calls.readiness import gaps_of
from core.models import StatusChange
from tests.factories import (
    AnswerFactory,
    CallFactory,
    CriterionFactory,
    QuestionFactory,
    UserFactory,
    make_ready_call,
    make_user,
)
from tests.races import act_at_once

MOMENT = dt.datetime(2022, 3, 1, 9, 30, tzinfo=dt.UTC)
MOMENTS = {
    "opens_at": dt.datetime(2021, 12, 1, 8, tzinfo=dt.UTC),
    "closes_at": dt.datetime(2022, 2, 25, 22, 59, tzinfo=dt.UTC),
    "time_zone": "Europe/Berlin",
}

#: The way of a call; nothing leads back. The step between the last two is BBSR's decision.
ALLOWED = [
    ("draft", "open"),
    ("open", "closed"),
    ("closed", "in_review"),
    ("decided", "archived"),
]
DECIDING = ("in_review", "decided")
REFUSED = [step for step in product(CallState.values, repeat=2) if step not in [*ALLOWED, DECIDING]]


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_call_takes_a_step_and_writes_it_down_once(old, new, time_machine):
    # A call is opened before its deadline.
    moment = MOMENTS["opens_at"] if new == "open" else MOMENT
    time_machine.move_to(moment, tick=False)
    person, call = UserFactory(), make_ready_call(state=old, **MOMENTS)

    changed = change_call_state(call=call, state=new, note="Beschluss vom 1. März", by=person)

    assert changed.state == Call.objects.get().state == new
    change = StatusChange.objects.get()
    assert (change.subject, change.field, change.old, change.new) == (call, "state", old, new)
    assert (change.changed_by, change.changed_at, change.note) == (
        person,
        moment,
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
def test_call_is_not_decided_by_hand():
    call = CallFactory(state="in_review", **MOMENTS)

    with pytest.raises(ValidationError, match="BBSR"):
        change_call_state(call=call, state="decided", by=UserFactory())

    assert Call.objects.get().state == "in_review"
    assert list(StatusChange.objects.all()) == []


@pytest.mark.django_db
def test_review_begins_with_all_organisations_that_review():
    reviewer = make_user("reviewer")
    ended = make_user("reviewer")
    ended.role_assignments.update(since=dt.date(2020, 1, 1), until=dt.date(2020, 2, 1))
    call = CallFactory(state="closed", **MOMENTS)

    change_call_state(call=call, state="in_review", by=UserFactory())

    organisations = call.procedure.organisations.all()
    assert list(organisations) == [reviewer.role_assignments.get().organisation]


NEEDED = {
    "opens_at": "Give the moments of opening and deadline.",
    "closes_at": "Give the moments of opening and deadline.",
    "places_european": "Give the places in both pools.",
    "hours_a_month": "Give the working hours a month.",
    "months": "Give the length of the partnership in months.",
    "trips": "Give the number of trips; 0 is a number too.",
    "language_level": "Choose the level of English that is needed.",
    "description": "Say what the call is about.",
    "contact": "Say who answers questions.",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("missing", "words"), NEEDED.items(), ids=NEEDED)
def test_call_opens_with_all_that_applicants_must_know_and_says_what_is_missing(missing, words):
    call = make_ready_call()
    for name in (missing, f"{missing}_de", f"{missing}_en"):
        if hasattr(call, name):
            setattr(call, name, "" if isinstance(getattr(call, name), str) else None)
    call.save()

    with translation.override("en"), pytest.raises(ValidationError) as refusal:
        change_call_state(call=call, state="open", by=UserFactory())

    with translation.override("en"):
        assert refusal.value.messages == [words]
    assert Call.objects.get().state == "draft"
    assert list(StatusChange.objects.all()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("weights", [[], [60], [60, 41], [99]])
def test_weights_of_the_criteria_add_up_to_a_hundred(weights):
    call = make_ready_call()
    call.criteria.all().delete()
    for weight in weights:
        CriterionFactory(call=call, weight=weight, explained=True)

    with pytest.raises(ValidationError) as refusal:
        change_call_state(call=call, state="open", by=UserFactory())

    assert len(refusal.value.messages) == 1


@pytest.mark.django_db
def test_each_step_of_a_criterion_is_explained_before_the_call_opens():
    call = make_ready_call()
    call.criteria.update(step_3_de="", step_3_en="")

    with translation.override("en"):
        assert [str(gap) for gap in gaps_of(call)] == [
            "Say for each criterion what each step means."
        ]


@pytest.mark.django_db
def test_deadline_that_has_passed_opens_no_call(time_machine):
    call = make_ready_call()
    time_machine.move_to(call.closes_at, tick=False)

    with translation.override("en"):
        assert [str(gap) for gap in gaps_of(call)] == ["The deadline has passed. Give a later one."]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["contact", "reviewer", "observer", None])
@pytest.mark.parametrize("act", ["create", "change", "extend", "copy"])
def test_only_the_team_and_bbsr_make_calls(role, act):
    call, by = make_ready_call(), make_user(role)

    with pytest.raises(PermissionDenied):
        do(act, call, by)


def do(act, call, by):
    if act == "create":
        return actions.create_call(call=CallFactory.build(slug="new"), by=by)
    if act == "change":
        return actions.change_call(call=call, changes={"trips": 3}, by=by)
    if act == "copy":
        return actions.copy_call(call=call, slug="copy", by=by)
    later = call.closes_at + dt.timedelta(days=1)
    return actions.extend_deadline(call=call, closes_at=later, note="x", by=by)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["open", "closed", "in_review", "decided"])
def test_after_the_opening_only_words_that_explain_change(state):
    call, team = make_ready_call(state=state), make_user("coordinator")

    changed = actions.change_call(
        call=call, changes={"description_de": "Genauer.", "contact_en": "Office"}, by=team
    )
    for promise in ({"trips": 3}, {"places_german": 5}, {"closes_at": call.closes_at}):
        with pytest.raises(ValidationError):
            actions.change_call(call=call, changes=promise, by=team)

    assert changed.description_de == "Genauer."
    assert Call.objects.get().trips == 2


@pytest.mark.django_db
def test_archived_call_stays_as_it_is():
    call = make_ready_call(state="archived")

    with pytest.raises(ValidationError):
        actions.change_call(call=call, changes={"title_de": "x"}, by=make_user("bbsr"))


@pytest.mark.django_db
def test_deadline_moves_to_later_only_with_a_reason_and_both_are_kept():
    call, team = make_ready_call(state="open"), make_user("coordinator")
    later = call.closes_at + dt.timedelta(days=7)

    for closes_at, note in (
        (call.closes_at, "x"),
        (call.closes_at - dt.timedelta(1), "x"),
        (later, ""),
    ):
        with pytest.raises(ValidationError):
            actions.extend_deadline(call=call, closes_at=closes_at, note=note, by=team)
    extended = actions.extend_deadline(
        call=call, closes_at=later, note="Stromausfall in drei Ländern", by=team
    )

    assert extended.closes_at == Call.objects.get().closes_at == later
    change = StatusChange.objects.get()
    assert (change.field, change.note) == ("closes_at", "Stromausfall in drei Ländern")
    assert dt.datetime.fromisoformat(change.new) == later.replace(second=0, microsecond=0)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "closed", "archived"])
def test_only_an_open_call_is_extended(state):
    call = make_ready_call(state=state)

    with pytest.raises(ValidationError):
        do("extend", call, make_user("bbsr"))


@pytest.mark.django_db
def test_copy_is_a_draft_with_the_terms_and_without_the_moments():
    call = make_ready_call(state="archived", sources=["https://source.example/call"])
    QuestionFactory(call=call)
    AnswerFactory(call=call)

    copy = actions.copy_call(call=call, slug="next", by=make_user("coordinator"))

    copy.refresh_from_db()
    assert (copy.state, copy.slug, copy.opens_at, copy.closes_at) == ("draft", "next", None, None)
    assert (copy.description_en, copy.trips, copy.sources) == (call.description_en, 2, [])
    assert list(copy.topics.all()) == list(call.topics.all())
    for name in ("criteria", "questions", "answers"):
        rows = [list(getattr(one, name).all()) for one in (call, copy)]
        assert [str(row) for row in rows[0]] == [str(row) for row in rows[1]]
        assert {row.pk for row in rows[0]} & {row.pk for row in rows[1]} == set()
    assert Call.objects.count() == 2


@pytest.mark.django_db
def test_address_of_another_call_is_refused_for_a_copy():
    call = make_ready_call(state="archived")

    with pytest.raises(ValidationError):
        actions.copy_call(call=call, slug=call.slug, by=make_user("coordinator"))


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
