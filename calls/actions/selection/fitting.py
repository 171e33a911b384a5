"""What keeps a list from being recommended or decided, and how it is frozen when it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from calls.effect import Entry, obstacles_of, places_of
from calls.enums import ListOutcome
from calls.models import Application, Call, SelectionList, closed_to
from calls.queries.candidates import all_candidates, entries_of
from core.actions import note_change


def fitting_entries(*, call: Call, selection_list: SelectionList, by: Any) -> dict[int, Entry]:
    """Lock a list and return what it makes of applications (primary keys).

    Raises :class:`ValidationError` with one message for each thing that keeps it from fitting (see
    :func:`calls.effect.obstacles_of`), with the code ``closed`` when a conflict of interest closes
    an application on it to ``by``, and for a list of another call.
    """
    locked = SelectionList.objects.select_for_update().get(pk=selection_list.pk)
    if locked.call_id != call.pk:
        raise ValidationError(_("The list belongs to another call."))
    candidates = all_candidates(call, locked.pk)
    entries = entries_of([locked.pk], candidates)[locked.pk]
    named = [pk for pk, entry in entries.items() if entry.outcome != ListOutcome.LEFT]
    if Application.objects.filter(closed_to(by), pk__in=named).exists():
        raise ValidationError(
            _(
                "You have a conflict of interest with an application that is chosen or on the"
                " reserve list. Somebody without a conflict has to do this."
            ),
            code="closed",
        )
    places = places_of(call.places_german, call.places_european)
    if obstacles := obstacles_of(candidates.values(), entries, places):
        raise ValidationError(obstacles)
    return entries


def freeze(*, selection_list: SelectionList, moment: dt.datetime, by: Any) -> None:
    """Let a list stay as it is from now on; one that is frozen stays so from its first moment."""
    rows = SelectionList.objects.filter(pk=selection_list.pk, frozen_at=None)
    if rows.update(frozen_at=moment):
        note_change(selection_list, field="list", old="", new="frozen", by=by)
