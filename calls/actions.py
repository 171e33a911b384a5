"""The only writers of a call's state."""

from __future__ import annotations

from typing import Any

from calls.enums import TRANSITIONS
from calls.models import Call
from core.actions import change_status


def change_call_state(*, call: Call, state: str, note: str = "", by: Any) -> Call:
    """Move the call to ``state``; see :data:`calls.enums.TRANSITIONS` for what may follow what.

    Raises :class:`django.core.exceptions.ValidationError` for a step that the table does not hold.
    """
    return change_status(call, field="state", new=state, transitions=TRANSITIONS, note=note, by=by)
