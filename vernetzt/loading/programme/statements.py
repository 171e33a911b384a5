"""Statements about the programme and publications about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.dates import NO_DATE, DatePrecision, DateSpan
from editorial.enums import ProgrammeSection, ResourceKind
from editorial.models import ProgrammeEntry, Resource
from vernetzt.loading.programme.plan import Plan, span_values
from vernetzt.loading.records import Record


def plan_programme(plan: Plan) -> None:
    """Plan the statements about the programme."""
    record = plan.programme
    names = record.part("names", required=True)
    term = DateSpan(
        record_month(record, "start").earliest,
        record_month(record, "end").latest,
        DatePrecision.PERIOD,
    )
    plan_entry(
        plan,
        ProgrammeSection.SUMMARY,
        0,
        record,
        {
            **(names.words("title", "") if names else {}),
            **record.words("text", "description"),
            **span_values(term),
        },
    )
    for name, section in (
        ("aims", ProgrammeSection.AIM),
        ("activities", ProgrammeSection.ACTIVITY),
        ("methods", ProgrammeSection.METHOD),
        ("overall_findings", ProgrammeSection.FINDING),
    ):
        for position, part in record.parts(name):
            plan_entry(plan, section, position, part, part.words("text", ""))
    for position, part in record.parts("phases"):
        part.references("lead", plan.organisations)
        span = part.bounds("date_earliest", "date_latest")
        period = DateSpan(span.earliest, span.latest, DatePrecision.PERIOD) if span else span
        plan_entry(
            plan,
            ProgrammeSection.PHASE,
            position,
            part,
            {**part.words("text", ""), **asdict(period)},
        )
    for position, part in record.parts("networks_and_initiatives_named"):
        name = part.text("name", longest=250)
        values = {"title_de": name, "title_en": name, **part.note("text", "context")}
        plan_entry(plan, ProgrammeSection.NETWORK, position, part, values)
    for position, part in enumerate(plan.disagreements.values()):
        plan_entry(plan, ProgrammeSection.DISAGREEMENT, position, part, part.words("text", ""))


def plan_entry(
    plan: Plan, section: str, position: int, record: Record, values: dict[str, Any]
) -> None:
    """Plan one statement about the programme."""
    plan.add(ProgrammeEntry, record, {"section": section, "position": position}, values)


def plan_resource(plan: Plan, key: str, record: Record, position: int) -> None:
    """Plan a publication about the programme."""
    plan.add(
        Resource,
        record,
        {"reference": key},
        {
            "position": position,
            "kind": record.choice("kind", ResourceKind.values),
            **record.words("title", longest=250),
            **record.words("description"),
            "url": record.url("url"),
            "languages": record.strings("languages"),
            **span_values(record.partial_date("date")),
        },
    )


def record_month(record: Record, name: str) -> DateSpan:
    """Return the month in ``record[name]["value"]``."""
    part = record.part(name)
    return part.partial_date("value") if part else NO_DATE
