"""The call with what is documented of it."""

from __future__ import annotations

from calls.enums import CallKind, CallSection, CallState
from calls.models import Call, CallFact, CallMilestone
from vernetzt.loading.programme.plan import Plan, span_values
from vernetzt.loading.records import Record
from vernetzt.loading.writer import Link


def plan_call(plan: Plan, record: Record) -> None:
    """Plan the call with what is documented of it."""
    record.label = "call"
    plan.call_key = record.text("id")
    record.label = f"call “{plan.call_key}”"
    opening = record.part("opening") or Record({}, record.label, record.faults)
    deadline = record.part("deadline") or Record({}, record.label, record.faults)
    places = record.part("places") or Record({}, record.label, record.faults)
    opens = opening.bounds("date_earliest", "date_latest", "date_precision")
    closes = deadline.date("date")
    if opens.earliest and closes and closes < opens.earliest:
        deadline.refuse("date", f"{closes} lies before the opening.")
    plan.add(
        Call,
        record,
        {"slug": plan.call_key},
        {
            **record.words("title", longest=200),
            **record.words("summary", "description"),
            "kind": record.choice("kind", CallKind.values),
            "opens_earliest": opens.earliest,
            "opens_latest": opens.latest,
            "opens_precision": opens.precision,
            "opens_sources": opening.urls(),
            "closes_on": closes,
            "closes_sources": deadline.urls(),
            "partnerships": places.number("partnerships"),
            "places_german": places.number("of_which_german"),
            "places_european": places.number("of_which_other_european"),
            "places_sources": places.urls(),
        },
        key=plan.call_key,
        first_values={"state": CallState.ARCHIVED},
    )
    position = 0
    for name, section in (
        ("eligible", CallSection.ELIGIBILITY),
        ("channel", CallSection.CHANNEL),
        ("themes_offered", CallSection.TOPICS),
        ("form_fields_documented", CallSection.FORM),
        ("commitments_documented", CallSection.COMMITMENT),
        ("benefits", CallSection.BENEFIT),
        ("travel_budget", CallSection.TRAVEL),
        ("selection_criteria_documented", CallSection.CRITERION),
        ("matchmaking", CallSection.MATCHING),
        ("existing_twin_towns_allowed", CallSection.TWINNING),
        ("applicants_note", CallSection.APPLICANTS),
    ):
        for fact in facts_of(record, name):
            source = "note" if "note_de" in fact.data else ""
            plan.add(
                CallFact,
                fact,
                {"call": Link(Call, plan.call_key), "position": position},
                {"section": section, **fact.words("text", source)},
            )
            position += 1
    for position, step in record.parts("timetable"):
        plan.add(
            CallMilestone,
            step,
            {"call": Link(Call, plan.call_key), "position": position},
            {**step.words("text", "", longest=300), **span_values(step.partial_date("date"))},
        )


def facts_of(record: Record, name: str) -> list[Record]:
    """Return the statements under ``name``: none, one object or a list of objects."""
    if isinstance(record.data.get(name), list):
        return [fact for _position, fact in record.parts(name)]
    part = record.part(name)
    return [part] if part else []
