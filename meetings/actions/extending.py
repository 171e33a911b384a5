"""The day by which the cities should agree to minutes may be put off; their words stay."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actions import note_change
from core.models import StatusChange
from meetings.access import require_lead
from meetings.actions.agreeing import SENT_ANEW
from meetings.actions.minutes import keep_row
from meetings.actions.minutes_telling import tell_of_minutes
from meetings.asked import DAY_TO_AGREE, seal_of
from meetings.enums import MinutesState
from meetings.locks import lock_minutes
from meetings.models import Minutes


@transaction.atomic
def extend_agreement(*, minutes: Minutes, agree_by: dt.date, seen: str, by: Any) -> Minutes:
    """Give the cities more time to agree; every word given stays, and the silent are asked again.

    ``seen`` tells which sending out the person has read (:func:`meetings.asked.seal_of`). The same
    day from the same person twice was a double click.

    Raises :class:`PermissionDenied` for who does not lead the meeting, and
    :class:`ValidationError` for minutes that are not out for agreement or were sent out anew, and
    for a day that is not to come or no later than the current one.
    """
    locked = lock_minutes(minutes)
    require_lead(by, locked.meeting)
    current = locked.agree_by
    if locked.state != MinutesState.IN_AGREEMENT or current is None:
        raise ValidationError(
            _("These minutes are not out for agreement: there is no day to extend."), code="state"
        )
    if seen != seal_of(locked):
        raise ValidationError(SENT_ANEW, code="changed")
    if agree_by == current and _was_set_by(locked, by):
        return locked
    if agree_by <= max(current, timezone.localdate()):
        raise ValidationError(
            {"agree_by": _("Choose a day that is still to come and later than the current one.")}
        )
    # Before the new day the silent cities are reminded once more.
    locked.agree_by, locked.reminded_at = agree_by, None
    keep_row(row=locked, by=by)
    days = {"old": current.isoformat(), "new": agree_by.isoformat()}
    note_change(locked, field=DAY_TO_AGREE, **days, by=by)
    tell_of_minutes(locked, "minutes_extended", facts={"day": days["new"]}, by=by)
    return locked


def _was_set_by(minutes: Minutes, by: Any) -> bool:
    """Tell whether the person was the last one to put the day off."""
    last = StatusChange.objects.of(minutes).filter(field=DAY_TO_AGREE).first()
    return last is not None and last.changed_by_id == by.pk and last.new == str(minutes.agree_by)
