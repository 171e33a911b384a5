"""The rules of a procedure as plain values, so that two people who change them can be compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import models

from calls.models import WEIGHTS, Procedure

#: What a procedure lays down, in the order of its page.
RULES = (
    *("readers", "organisations", "review_until", "disputed_from"),
    *("per_country", "twinning_allowed", *WEIGHTS, "confirm_days", "consent_days"),
)


def rules_of(procedure: Procedure) -> dict[str, Any]:
    """Return every rule by its name, as :func:`plain_rule` gives it."""
    chosen = procedure.organisations.all()
    columns = {name: getattr(procedure, name) for name in RULES if name != "organisations"}
    return {name: plain_rule(value) for name, value in {**columns, "organisations": chosen}.items()}


def plain_rule(value: Any) -> Any:
    """Return a value as JSON can hold it: moments in UTC, decimals as text, records as keys."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, Decimal | float):
        return f"{value:.1f}"
    if isinstance(value, models.QuerySet | list | tuple | set):
        rows: Iterable[Any] = value
        return sorted(getattr(row, "pk", row) for row in rows)
    return value
