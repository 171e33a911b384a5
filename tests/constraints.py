"""Cases for database constraints: a valid row, what may just be stored, and what may not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import translation

Fields = dict[str, Any]
FIRST, SECOND = dt.date(2022, 5, 17), dt.date(2022, 5, 18)


@dataclass(frozen=True)
class Arranged:
    """A stored row, the change that its constraint refuses and the closest one that it allows."""

    row: models.Model
    refused: Fields
    allowed: Fields


@dataclass(frozen=True)
class Case:
    """One way to break the constraint ``name``, which people read as ``message``."""

    name: str
    message: str
    arrange: Callable[[], Arranged]


def alone(factory: Any, *, refused: Fields, allowed: Fields, **fields: Any) -> Any:
    """Arrange one row of ``factory`` with ``fields``."""
    return lambda: Arranged(factory(**fields), refused, allowed)


def beside(factory: Any, owner: str) -> Any:
    """Arrange two rows of one owner; the position of the first is free with another owner only."""

    def arrange() -> Arranged:
        first = factory()
        second = factory(**{owner: getattr(first, owner)})
        elsewhere = getattr(factory(), owner)
        taken = {"position": first.position}
        return Arranged(second, taken, {**taken, owner: elsewhere})

    return arrange


def dated(prefix: str, factory: Any, **fields: Any) -> list[Case]:
    """Return the cases that every dated model shares."""
    bounds = {"earliest": FIRST, "latest": SECOND, "precision": "range"}
    return [
        Case(
            f"{prefix}_latest_day_is_not_before_earliest",
            "The latest day lies before the earliest day.",
            alone(
                factory,
                refused={"earliest": SECOND, "latest": FIRST},
                allowed={"earliest": FIRST, "latest": FIRST},
                **{**fields, **bounds},
            ),
        ),
        *(
            Case(
                f"{prefix}_known_date_has_both_bounds",
                "A documented date needs its earliest and latest day.",
                alone(
                    factory,
                    refused={missing: None},
                    allowed={missing: None, "precision": "unknown"},
                    **{**fields, **bounds},
                ),
            )
            for missing in ("earliest", "latest")
        ),
        Case(
            f"{prefix}_precision_is_known",
            "Choose how exactly the date is known.",
            alone(
                factory,
                refused={"precision": "decade"},
                allowed={"precision": "period"},
                **{**fields, **bounds},
            ),
        ),
    ]


def store(row: models.Model, changes: Fields) -> None:
    """Write past forms, ``full_clean`` and the languages: only the database can refuse."""
    assert models.QuerySet(type(row)).filter(pk=row.pk).update(**changes) == 1


def assert_database_refuses(case: Case) -> None:
    """The database stores what is just allowed and names the constraint that refuses the rest."""
    arranged = case.arrange()
    store(arranged.row, arranged.allowed)
    arranged = case.arrange()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        store(arranged.row, arranged.refused)
    assert case.name in broken_constraints(refusal.value, type(arranged.row))


def assert_people_are_told(case: Case) -> None:
    """Validation is content with what is just allowed and says exactly one sentence to the rest."""
    arranged = case.arrange()
    change(arranged.row, arranged.allowed).validate_constraints()
    arranged = case.arrange()
    with pytest.raises(ValidationError) as refusal, translation.override("en"):
        change(arranged.row, arranged.refused).validate_constraints()
    with translation.override("en"):
        messages = refusal.value.messages
        assert messages == [case.message], messages


def change(row: models.Model, changes: Fields) -> models.Model:
    """Return the row with the changes, as a form would hand it over."""
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def broken_constraints(error: IntegrityError, model: type[models.Model]) -> list[str]:
    """Return the names of the constraints that the database may complain about, else its words.

    SQLite names the columns alone: two unique constraints on the same ones look alike there.
    """
    if connection.vendor == "postgresql":
        return [str(error.__cause__.diag.constraint_name)]
    table = model._meta.db_table
    found = []
    for constraint in model._meta.constraints:
        fields = [model._meta.get_field(name) for name in getattr(constraint, "fields", ())]
        columns = ", ".join(f"{table}.{field.column}" for field in fields)
        if str(error) in {
            f"CHECK constraint failed: {constraint.name}",
            f"UNIQUE constraint failed: index '{constraint.name}'",
            f"UNIQUE constraint failed: {columns}",
        }:
            found.append(constraint.name)
    return found or [str(error)]


def refusals(validate: Callable[[Any], None], value: Any) -> list[str]:
    """Return what a validator says against a value; nothing where it accepts it."""
    try:
        validate(value)
    except ValidationError as refusal:
        return refusal.messages
    return []
