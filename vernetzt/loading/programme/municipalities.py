"""Municipalities with their figures and strengths."""

from __future__ import annotations

from core.dates import NO_DATE
from municipalities.enums import Country
from municipalities.models import (
    AreaFigure,
    Municipality,
    PopulationFigure,
    Strength,
    known_time_zones,
)
from vernetzt.loading.programme.plan import Plan, span_values
from vernetzt.loading.records import Record
from vernetzt.loading.writer import Link


def plan_municipality(plan: Plan, key: str, record: Record) -> None:
    """Plan a municipality with its figures and strengths."""
    point = record.part("coordinates", required=True) or Record({}, key)
    nuts = record.part("nuts3") or Record({}, key)
    zone = record.text("timezone")
    if zone and zone not in known_time_zones():
        record.refuse("timezone", f"{zone!r} is not an IANA time zone.")
    plan.add(
        Municipality,
        record,
        {"slug": key},
        {
            **record.words("name", longest=120),
            "local_name": record.text("name_local", longest=120),
            "country": record.choice("country", Country.values),
            **record.words("region", required=False, longest=120),
            **record.words("district", required=False, longest=120),
            "nuts3_code": nuts.text("code", required=False),
            "nuts3_name": nuts.text("name", required=False, longest=120),
            "latitude": point.degrees("lat", 90),
            "longitude": point.degrees("lon", 180),
            **point.words("point_note", "point", required=False, longest=250),
            "degree_of_urbanisation": record.number("degurba"),
            "time_zone": zone,
            "languages": record.strings("languages"),
            "website": record.url("website"),
            **{
                f"contact_offices_{code}": "\n".join(record.strings(f"contact_offices_{code}"))
                for code in ("de", "en")
            },
            "contact_sources": record.urls("contact_sources"),
            **record.words("description"),
        },
        key=key,
    )
    place = Link(Municipality, key)
    figures = [figure for figure in [record.part("population")] if figure]
    figures += [figure for _position, figure in record.parts("population_other")]
    # A figure without a number is a remark, not a figure.
    for position, figure in enumerate(f for f in figures if f.data.get("value") is not None):
        precision = figure.text("date_precision", required=False)
        span = NO_DATE if precision == "unknown" else figure.partial_date("date")
        plan.add(
            PopulationFigure,
            figure,
            {"municipality": place, "position": position},
            {
                "value": figure.number("value", required=True, least=1),
                **figure.note("note", longest=300),
                **span_values(span),
            },
        )
    plan_areas(plan, place, record)
    for position, strength in record.parts("strengths"):
        plan.add(
            Strength,
            strength,
            {"municipality": place, "position": position},
            strength.words("text", "", longest=400),
        )


def plan_areas(plan: Plan, place: Link, record: Record) -> None:
    """Plan the documented sizes of a municipality."""
    main = record.decimal("area_km2")
    if main is not None:
        plan.add(
            AreaFigure,
            record,
            {"municipality": place, "position": 0},
            {
                "square_kilometres": main,
                **record.note("note", "area_note", longest=300),
                "sources": record.urls("area_sources"),
            },
            sourced=False,
        )
    for position, other in record.parts("area_other"):
        plan.add(
            AreaFigure,
            other,
            {"municipality": place, "position": position + 1},
            {
                "square_kilometres": other.decimal("value"),
                **other.note("note", longest=300),
            },
        )
