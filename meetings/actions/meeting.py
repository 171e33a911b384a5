"""The only writers of a meeting's status."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from core.actions import change_status
from meetings.enums import TRANSITIONS
from meetings.models import Meeting


def change_meeting_status(*, meeting: Meeting, status: str, note: str = "", by: Any) -> Meeting:
    """Move the meeting to ``status`` and raise its calendar revision, so that calendars follow.

    RFC 5545 3.8.7.4: SEQUENCE grows with each change that subscribers must notice.
    Raises :class:`django.core.exceptions.ValidationError` for a step that
    :data:`meetings.enums.TRANSITIONS` does not hold.
    """
    changed = change_status(
        meeting,
        new=status,
        transitions=TRANSITIONS,
        note=note,
        changes={"sequence": F("sequence") + 1},
        by=by,
    )
    changed.refresh_from_db()
    return changed
