from __future__ import annotations

import datetime as dt
from operator import attrgetter

import pytest
from django.core.exceptions import ValidationError

from calls.enums import CallState
from calls.models import Call
from tests.calls.application_cases import APPLICATION_CASES
from tests.calls.selection_cases import SELECTION_CASES
from tests.constraints import (
    Case,
    alone,
    assert_database_refuses,
    assert_people_are_told,
    beside,
    dated,
)
from tests.factories import (
    AnswerFactory,
    CallFactFactory,
    CallFactory,
    CallMilestoneFactory,
    ConsentFactory,
    CriterionFactory,
    QuestionFactory,
)

OPENS = dt.datetime(2021, 12, 1, 8, tzinfo=dt.UTC)
CLOSES = dt.datetime(2022, 2, 25, 22, 59, tzinfo=dt.UTC)
MOMENTS = {"opens_at": OPENS, "closes_at": CLOSES, "time_zone": "Europe/Berlin"}

CASES = [
    Case(
        "call_language_level_is_known",
        "Choose a level of the European framework.",
        alone(CallFactory, refused={"language_level": "D1"}, allowed={"language_level": "C1"}),
    ),
    *(
        Case(
            f"{name}_has_its_own_position",
            "This position is taken. Give another number.",
            beside(factory, "call"),
        )
        for name, factory in (
            ("criterion", CriterionFactory),
            ("question", QuestionFactory),
            ("answer", AnswerFactory),
            ("consent", ConsentFactory),
        )
    ),
    *APPLICATION_CASES,
    *SELECTION_CASES,
    Case(
        "criterion_weighs_something",
        "The weight lies between 1 and 100 per cent.",
        alone(CriterionFactory, refused={"weight": 0}, allowed={"weight": 1}),
    ),
    Case(
        "question_kind_is_known",
        "Choose the kind of answer.",
        alone(QuestionFactory, refused={"kind": "video"}, allowed={"kind": "short"}),
    ),
    Case(
        "question_reader_is_known",
        "Choose who reads the answer.",
        alone(QuestionFactory, refused={"reader": "all"}, allowed={"reader": "team"}),
    ),
    Case(
        "question_of_choice_offers_some",
        "Give the choices, one in each line.",
        alone(
            QuestionFactory,
            refused={"kind": "choice", "choices": "", "choices_de": "", "choices_en": ""},
            allowed={"kind": "choice", "choices": "ja", "choices_de": "ja"},
        ),
    ),
    Case(
        "question_of_long_text_has_a_limit",
        "A long text needs a limit of characters.",
        alone(QuestionFactory, refused={"limit": None}, allowed={"kind": "short", "limit": None}),
    ),
    Case(
        "call_kind_is_known",
        "Choose the kind of call.",
        alone(CallFactory, refused={"kind": "tender"}, allowed={"kind": "application"}),
    ),
    Case(
        "call_opening_precision_is_known",
        "Choose how exactly the date is known.",
        alone(
            CallFactory, refused={"opens_precision": "hour"}, allowed={"opens_precision": "month"}
        ),
    ),
    *(
        Case(
            "call_closes_after_it_opens",
            "The deadline lies before the opening.",
            alone(
                CallFactory,
                **MOMENTS,
                refused={"closes_at": refused},
                allowed={"closes_at": OPENS + dt.timedelta(seconds=1)},
            ),
        )
        for refused in (OPENS, OPENS - dt.timedelta(seconds=1))
    ),
    *(
        Case(
            "call_moments_have_a_zone",
            "Choose a time zone; every time of day is shown with it.",
            alone(
                CallFactory,
                **{**MOMENTS, other: None},
                refused={"time_zone": ""},
                allowed={"time_zone": "", "opens_at": None, "closes_at": None},
            ),
        )
        for other in ("opens_at", "closes_at")
    ),
    *(
        Case(
            "call_is_open_only_between_two_moments",
            "An open call needs the moments of opening and closing.",
            alone(
                CallFactory,
                **MOMENTS,
                state=CallState.OPEN,
                refused={missing: None},
                allowed={missing: None, "state": state},
            ),
        )
        for missing, state in [("opens_at", "draft"), ("closes_at", "archived")]
    ),
    Case(
        "call_state_is_known",
        "Choose the state of the call.",
        alone(CallFactory, refused={"state": "paused"}, allowed={"state": "in_review"}),
    ),
    Case(
        "call_fact_has_its_own_position",
        "This position is taken by another fact.",
        beside(CallFactFactory, "call"),
    ),
    Case(
        "call_fact_section_is_known",
        "Choose the section.",
        alone(CallFactFactory, refused={"section": "rumour"}, allowed={"section": "travel"}),
    ),
    *dated("callmilestone", CallMilestoneFactory),
    Case(
        "call_milestone_has_its_own_position",
        "This position is taken by another milestone.",
        beside(CallMilestoneFactory, "call"),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_database_refuses_what_a_constraint_forbids(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_people_read_why_a_constraint_refuses(case):
    assert_people_are_told(case)


@pytest.mark.django_db
def test_visitors_see_every_call_but_drafts():
    for state in CallState:
        CallFactory(slug=state, state=state, **MOMENTS)

    assert set(Call.objects.visible_to(None).values_list("slug", flat=True)) == {
        "open",
        "closed",
        "in_review",
        "decided",
        "archived",
    }


@pytest.mark.django_db
def test_newest_first_goes_by_deadline_and_starts_with_calls_without_one():
    old = CallFactory(closes_on=dt.date(2022, 2, 25))
    new, newer = (CallFactory(closes_on=dt.date(2025, 2, 25)) for _call in range(2))
    undated = CallFactory(closes_on=None)

    assert list(Call.objects.newest_first()) == [undated, newer, new, old]


@pytest.mark.parametrize(
    ("german", "european", "places"),
    [(6, 6, 12), (0, 6, 6), (0, 0, 0), (None, 6, None), (6, None, None), (None, None, None)],
)
def test_places_are_both_pools_or_not_documented(german, european, places):
    assert Call(places_german=german, places_european=european).places == places


def test_opening_and_deadline_are_dates_as_documented():
    call = Call(
        opens_earliest=dt.date(2021, 12, 1),
        opens_latest=dt.date(2021, 12, 31),
        opens_precision="month",
        closes_on=dt.date(2022, 2, 25),
    )

    assert (str(call.opens), str(call.closes)) == ("Dezember 2021", "25. Februar 2022")


def test_undocumented_deadline_is_no_date():
    assert (bool(Call().opens), bool(Call().closes)) == (False, False)


@pytest.mark.django_db
def test_facts_and_milestones_come_in_their_order():
    call = CallFactory()
    facts = [CallFactFactory(call=call, position=position) for position in (3, 1, 2)]
    steps = [CallMilestoneFactory(call=call, position=position) for position in (3, 1, 2)]

    assert list(call.facts.all()) == [facts[1], facts[2], facts[0]]
    assert list(call.milestones.all()) == [steps[1], steps[2], steps[0]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "MEZ"), ("kind", "lottery"), ("places_german", -1), ("sources", [""])],
)
def test_call_refuses_a_wrong_value_at_its_field(field, value):
    call = CallFactory.build(**{field: value})

    with pytest.raises(ValidationError) as refusal:
        call.full_clean()

    assert set(refusal.value.error_dict) - {"__all__"} == {field}


@pytest.mark.parametrize(
    ("state", "closes_at", "shown"),
    [
        ("open", "2026-03-31T21:59:59+00:00", "geschlossen"),
        ("open", "2026-03-31T22:00:01+00:00", "offen"),
        ("open", None, "offen"),
        ("decided", "2026-03-01T12:00:00+00:00", "entschieden"),
    ],
)
def test_open_call_is_shown_as_closed_from_its_deadline_on(time_machine, state, closes_at, shown):
    time_machine.move_to("2026-03-31T22:00:00+00:00", tick=False)
    moment = dt.datetime.fromisoformat(closes_at) if closes_at else None

    assert Call(state=state, closes_at=moment).shown_state == shown


@pytest.mark.django_db
def test_newest_call_counts_by_its_moment_where_there_is_one():
    moment = dt.datetime(2020, 6, 1, 12, tzinfo=dt.UTC)
    exact = CallFactory(time_zone="Europe/Berlin", closes_at=moment, closes_on=None)
    later = CallFactory(closes_on=dt.date(2026, 1, 1))
    unknown = CallFactory(closes_on=None)

    assert list(Call.objects.newest_first()) == [unknown, later, exact]
