"""Rows of tables as plain data: every column, so that one that comes later is archived too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from calls.models import Application, SelectionSession
from core.models import StatusChange

Values = dict[str, Any]
#: What has happened to a row, by its model and primary key.
Histories = defaultdict[tuple[type[models.Model], int], list[Values]]
_REFERENCE = re.compile(r"[0-9a-z]+(-[0-9a-z]+)*", re.ASCII)


def folder_of(application: Application) -> str:
    """Return the name of the folder of an application: its reference where that is one.

    References are ours; should one be anything else, its number stands in.
    """
    reference = application.reference.lower()
    return reference if _REFERENCE.fullmatch(reference) else f"number-{application.pk}"


def columns(row: models.Model, *without: str) -> Values:
    """Return the columns of a row, people and other rows by name; files are left out.

    Of a column that is kept per language, each language is there.
    """
    names = {field.name for field in row._meta.concrete_fields}
    return {
        field.name: _value(row, field)
        for field in row._meta.concrete_fields
        if field.name not in without
        and not isinstance(field, models.FileField)
        and f"{field.name}_de" not in names
    }


def _value(row: models.Model, field: Any) -> Any:
    if not field.is_relation:
        return getattr(row, field.attname)
    found = getattr(row, field.name)
    if isinstance(found, Application):
        return found.reference
    if isinstance(found, SelectionSession):
        return found.number
    return "" if found is None else str(found)


def rows_of(
    rows: Iterable[models.Model], *without: str, histories: Histories | None = None
) -> list[Values]:
    """Return the columns of rows, with what has happened to each where that is given."""
    return [
        {
            **columns(row, *without),
            **({} if histories is None else {"history": histories[type(row), row.pk]}),
        }
        for row in rows
    ]


def histories_of(*rows: models.Model | None) -> Histories:
    """Return what has happened to each row, the oldest first; in one question for all of them."""
    kinds: dict[type[models.Model], list[int]] = defaultdict(list)
    for row in rows:
        if row is not None:
            kinds[type(row)].append(row.pk)
    types = {ContentType.objects.get_for_model(kind).pk: kind for kind in kinds}
    about = Q(pk__in=[])
    for key, kind in types.items():
        about |= Q(content_type=key, object_id__in=kinds[kind])
    found: Histories = defaultdict(list)
    changes = StatusChange.objects.filter(about).select_related("changed_by")
    for change in changes.order_by("changed_at", "pk"):
        found[types[change.content_type_id], change.object_id].append(
            {
                "field": change.field,
                "old": change.old,
                "new": change.new,
                "note": change.note,
                "by": str(change.changed_by or ""),
                "at": change.changed_at,
            }
        )
    return found


def history_of(row: models.Model) -> list[Values]:
    """Return what has happened to a row, the oldest first."""
    return histories_of(row)[type(row), row.pk]
