"""The one way to change a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from core.models import StatusChange, labels_of

Transitions = Mapping[str, frozenset[str]]
ModelT = TypeVar("ModelT", bound=models.Model)


@transaction.atomic
def change_status(
    subject: ModelT,
    *,
    field: str = "status",
    new: str,
    transitions: Transitions,
    note: str = "",
    changes: Mapping[str, Any] | None = None,
    by: Any,
) -> ModelT:
    """Move ``subject`` to the state ``new``, save ``changes`` with it and log it.

    The row is locked first, so that of two people who act at once the second one meets the state
    that the first one left. Returns the fresh object. Raises :class:`ValidationError` when
    ``transitions`` (old state → allowed new states) does not allow the step, or when the new state
    breaks a constraint.
    """
    manager = type(subject)._default_manager
    locked = manager.select_for_update().get(pk=subject.pk)
    old = getattr(locked, field)
    if new not in transitions.get(old, frozenset()):
        raise ValidationError(
            _("This step is not possible: the current state is “%(old)s”."),
            code="transition",
            # Still in no language: whoever shows the message decides.
            params={"old": labels_of(locked._meta.get_field(field)).get(old, old)},
        )
    setattr(locked, field, new)
    for name, value in (changes or {}).items():
        setattr(locked, name, value)
    locked.validate_constraints()
    locked.save()
    note_change(locked, field=field, old=old, new=new, note=note, by=by)
    return locked


def note_change(
    subject: models.Model, *, field: str = "state", old: str, new: str, note: str = "", by: Any
) -> None:
    """Write one row of history: what changed, from what to what, why and by whom."""
    StatusChange.objects.create(
        content_type=ContentType.objects.get_for_model(type(subject)),
        object_id=subject.pk,
        field=field,
        old=old,
        new=new,
        note=note,
        changed_by=by,
    )
