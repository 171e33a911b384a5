"""Writes planned rows in one transaction and touches only what differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils import translation

from vernetzt.loading.faults import Fault, FileRefusedError

#: A model whose rows belong to the row that one of its foreign keys names; without a name, all
#: its rows belong to the file.
Owned = tuple[type[models.Model], str]


@dataclass(frozen=True, slots=True)
class Link:
    """A row of the plan, named by model and id, that another row refers to."""

    model: type[models.Model]
    key: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row to stand in the database.

    ``lookup`` finds it again on the next run; values may be :class:`Link`. ``many`` holds the
    wanted rows of many-to-many fields, ``first_values`` what is set only when the row is new.

    ``state`` names the field that holds a state and the action (row, new state) that moves a row
    which is there already: nobody else writes a state. ``revision`` names a number that grows with
    every change.
    """

    model: type[models.Model]
    label: str
    lookup: Mapping[str, Any]
    values: Mapping[str, Any]
    key: str = ""
    many: Mapping[str, Sequence[Link | models.Model]] = field(default_factory=dict)
    first_values: Mapping[str, Any] = field(default_factory=dict)
    state: tuple[str, Callable[[Any, str], models.Model]] | None = None
    revision: str = ""
    #: What hangs on it belongs to the file; without that it is only named here.
    is_owner: bool = True


@dataclass
class Report:
    """How many rows a run created, changed, removed and left alone."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return (
            f"{self.created} created, {self.changed} changed, {self.removed} removed, "
            f"{self.unchanged} unchanged"
        )


class Writer:
    """Brings the database to the state of a plan."""

    def __init__(self, *, only_missing: bool = False) -> None:
        """Start with nothing written; ``only_missing`` leaves rows alone that are there already."""
        self.only_missing = only_missing
        self.rows: dict[Link, models.Model] = {}
        self.report = Report()

    # The base column of a translated field repeats the active language: German, always.
    @translation.override("de")
    def write(self, plan: Sequence[Row], owned: Sequence[Owned] = ()) -> Report:
        """Write the plan in one transaction and return what was done.

        Rows of the ``owned`` models that hang on a row of the plan and are not in the plan
        themselves are removed. Raises :class:`FileRefusedError` when a row breaks a rule of its
        model; nothing is written then.
        """
        with transaction.atomic():
            kept: dict[type[models.Model], set[Any]] = defaultdict(set)
            owners: dict[type[models.Model], set[Any]] = defaultdict(set)
            for row in plan:
                instance = self.write_row(row)
                kept[row.model].add(instance.pk)
                if row.key:
                    self.rows[Link(row.model, row.key)] = instance
                    if row.is_owner:
                        owners[row.model].add(instance.pk)
            for model, name in owned:
                surplus = model._default_manager.all()
                if name:
                    owner: Any = model._meta.get_field(name).related_model
                    surplus = surplus.filter(**{f"{name}__in": owners[owner]})
                self.report.removed += surplus.exclude(pk__in=kept[model]).delete()[0]
        return self.report

    def resolve(self, value: Any) -> Any:
        """Return the row behind a link, or the value itself."""
        return self.rows[value] if isinstance(value, Link) else value

    def write_row(self, row: Row) -> models.Model:
        """Create or change one row where it differs."""
        lookup = {name: self.resolve(value) for name, value in row.lookup.items()}
        values = {name: self.resolve(value) for name, value in row.values.items()}
        many = {name: {self.resolve(link).pk for link in links} for name, links in row.many.items()}
        instance = row.model._default_manager.filter(**lookup).first()
        if instance is None:
            instance = row.model(**lookup, **row.first_values)
            self.assign(row, instance, values)
            self.report.created += 1
        elif not self.only_missing and self.differs(instance, values, many):
            instance = self.change(row, instance, values)
            self.report.changed += 1
        else:
            self.report.unchanged += 1
            return instance
        for name, wanted in many.items():
            getattr(instance, name).set(wanted)
        return instance

    def change(self, row: Row, instance: models.Model, values: Mapping[str, Any]) -> models.Model:
        """Change a row that is there already; return it as it is stored now.

        Also where only a relation differs, so that the moment of the change is kept.
        """
        moved = False
        if row.state is not None:
            name, action = row.state
            moved = getattr(instance, name) != values[name]
            if moved:
                try:
                    instance = action(instance, values[name])
                except ValidationError as error:
                    raise FileRefusedError([Fault(row.label, name, in_english(error))]) from error
        if row.revision and not moved:
            setattr(instance, row.revision, getattr(instance, row.revision) + 1)
        self.assign(row, instance, values)
        return instance

    def differs(
        self, instance: models.Model, values: Mapping[str, Any], many: Mapping[str, set[Any]]
    ) -> bool:
        """Tell whether a stored row is not yet as it is wanted."""
        return any(getattr(instance, name) != value for name, value in values.items()) or any(
            set(getattr(instance, name).values_list("pk", flat=True)) != wanted
            for name, wanted in many.items()
        )

    def assign(self, row: Row, instance: models.Model, values: Mapping[str, Any]) -> None:
        """Set the values, let the model judge them and save."""
        for name, value in values.items():
            setattr(instance, name, value)
        try:
            instance.full_clean()
        except ValidationError as error:
            # The words of a constraint are put together only here: English, like all faults.
            with translation.override("en"):
                faults = [
                    Fault(
                        row.label, "record" if name == NON_FIELD_ERRORS else name, " ".join(words)
                    )
                    for name, words in error.message_dict.items()
                ]
            raise FileRefusedError(faults) from error
        instance.save()


def in_english(error: ValidationError) -> str:
    """Return the words of an error: faults of a file are told in English, whoever found them."""
    with translation.override("en"):
        return " ".join(error.messages)
