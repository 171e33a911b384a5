"""What changes which mails a person gets, and how soon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts.enums import PACES, Notification, Pace
from accounts.models import User
from accounts.paces import default_pace, digested_kinds, looks_after_all


@transaction.atomic
def choose_paces(
    *, user: User, wanted: Iterable[str], paces: Mapping[str, str] | None = None, by: Any
) -> User:
    """Save which mails a person wants, and how soon it is told what happens in partnerships.

    ``wanted``: of the kinds without a pace, those that may come. ``paces``: kind → pace of the
    others (see ``enums.PACES``); a kind that is not named stays as it is. What is the default
    anyway is not stored: the team, told weekly, still hears at once of what waits for it alone.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    team = looks_after_all(locked)
    chosen = {
        kind: pace for kind, pace in (paces or {}).items() if kind in PACES and pace in Pace.values
    }
    others = {kind: pace for kind, pace in locked.paces.items() if kind not in chosen}
    own = {kind: pace for kind, pace in chosen.items() if pace != default_pace(kind, is_team=team)}
    # A kind that was ended by a link in a mail and is chosen again comes again.
    kept = [kind for kind in locked.muted if kind in PACES and kind not in chosen]
    unwanted = [kind for kind in Notification.values if kind not in PACES and kind not in wanted]
    locked.muted = sorted({*unwanted, *kept})
    locked.paces = {**others, **own}
    locked.save(update_fields=["muted", "paces"])
    return locked


@transaction.atomic
def stop_digests(*, user: User, by: Any) -> User:
    """Send a person no more digests; what is told at once, and other mails, still come."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    digested = dict.fromkeys(digested_kinds(locked), Pace.NEVER.value)
    locked.paces = {**locked.paces, **digested}
    locked.save(update_fields=["paces"])
    return locked
