"""Organisations and the parts they play over time."""

from __future__ import annotations

import datetime as dt
import re

from accounts.enums import OrganisationKind, ProgrammeRoleKind
from accounts.models import Organisation, ProgrammeRole
from core.dates import NO_DATE, DatePrecision, DateSpan, month_span
from vernetzt.loading.programme.plan import Plan
from vernetzt.loading.records import Record
from vernetzt.loading.writer import Link

ORGANISATION_KINDS = {
    "funder": OrganisationKind.MINISTRY,
    "contracting_authority": OrganisationKind.CONTRACTING_AUTHORITY,
    "lead_partner": OrganisationKind.PROJECT_TEAM,
    "project_partner": OrganisationKind.PROJECT_TEAM,
    "coordinator": OrganisationKind.COORDINATOR,
    "communication_channel": OrganisationKind.NETWORK,
    "multiplier": OrganisationKind.NETWORK,
}


def plan_organisation(plan: Plan, key: str, record: Record, position: int) -> None:
    """Plan an organisation, its standing role and the dated roles that the phases document."""
    kind = record.choice("kind", ORGANISATION_KINDS)
    names = record.words("name")
    plan.add(
        Organisation,
        record,
        {"slug": key},
        {
            "position": position,
            "short_name": record.text("short_name", required=False, longest=60)
            or names["name_de"][:60],
            **names,
            "kind": kind,
            **record.words("contribution", "role"),
            **record.note("note"),
            "seat": record.text("seat", required=False, longest=80),
            "website": record.url("website"),
        },
        key=key,
    )
    # The file has one word for both: what an organisation is, and the part it plays.
    role = record.text("kind") if kind else ""
    since = until = NO_DATE
    if role == ProgrammeRoleKind.COORDINATOR and key in plan.coordinators:
        # The last coordinator stays to the programme's end.
        since, until = plan.coordinators[key], plan.end
    plan_role(plan, record, key, role, since, until, record.urls())
    accompanied = [
        (phase.bounds("date_earliest", "date_latest"), phase.urls())
        for _position, phase in plan.programme.parts("phases")
        if key in phase.strings("lead") and role != ProgrammeRoleKind.COORDINATOR
    ]
    if accompanied:
        first, last = accompanied[0][0], accompanied[-1][0]
        sources = list(dict.fromkeys(url for _span, urls in accompanied for url in urls))
        start = programme_month(plan, "start", first.earliest)
        end = DateSpan(last.latest, last.latest, DatePrecision.DAY)
        plan_role(plan, record, key, ProgrammeRoleKind.ACCOMPANIES, start, end, sources)


def coordinators(plan: Plan) -> dict[str, DateSpan]:
    """Return the coordinators that the programme names, with the month from which they are it."""
    found: dict[str, DateSpan] = {}
    for name in plan.programme.data:
        match = re.fullmatch(r"coordinator_from_(\d{4})_(\d{2})", name)
        if not match:
            continue
        year, month = int(match[1]), int(match[2])
        if year < 1 or not 1 <= month <= 12:
            plan.programme.refuse(name, "names no month.")
        elif key := plan.programme.reference(name, plan.organisations):
            found[key] = month_span(year, month)
    return found


def programme_month(plan: Plan, name: str, day: dt.date | None) -> DateSpan:
    """Return ``day``, to the month where the programme's own start is known to the month."""
    if day is None:
        return NO_DATE
    part = plan.programme.part(name)
    if part and part.text("value", required=False) == day.isoformat()[:7]:
        return month_span(day.year, day.month)
    return DateSpan(day, day, DatePrecision.DAY)


def plan_role(
    plan: Plan,
    record: Record,
    key: str,
    kind: str,
    since: DateSpan,
    until: DateSpan,
    sources: list[str],
) -> None:
    """Plan a dated role of an organisation."""
    plan.add(
        ProgrammeRole,
        record,
        {"organisation": Link(Organisation, key), "kind": kind},
        {
            "since": since.earliest,
            "since_precision": since.precision,
            "until": until.latest,
            "until_precision": until.precision,
            "sources": sources,
        },
        sourced=False,
    )
