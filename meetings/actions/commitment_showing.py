"""What visitors read of a commitment."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from core.actions import note_change
from meetings.actions.commitment import lock_commitment
from meetings.models import Commitment


@transaction.atomic
def show_commitment(*, commitment: Commitment, is_public: bool, by: Any) -> Commitment:
    """Let visitors read a commitment with its fate and reasons, or no longer; never its person.

    What stands so already stays, without a word. Raises :class:`PermissionDenied` for who does not
    speak for its municipality.
    """
    locked = lock_commitment(commitment=commitment, by=by)
    if locked.is_public == is_public:
        return locked
    old, new = ("internal", "public") if is_public else ("public", "internal")
    locked.is_public = is_public
    locked.save()
    note_change(locked, field="is_public", old=old, new=new, by=by)
    return locked
