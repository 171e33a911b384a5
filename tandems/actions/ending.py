"""What ends a partnership, and what lets it go on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from core.actions import change_status
from core.dates import day
from tandems.actions.events import (
    Words,
    lock_partnership,
    tell_membership,
    tell_on_timeline,
)
from tandems.actions.partnership import mark_maintained
from tandems.actions.places import LANGUAGES
from tandems.enums import TRANSITIONS, TandemStatus
from tandems.models import Tandem
from tandems.pairs import note_of
from tandems.reasons import joined, public_reason, reason_moved
from tandems.timeline import ENDINGS, endings_of


@transaction.atomic
def end_partnership(
    *,
    tandem: Tandem,
    status: str,
    ended_on: dt.date,
    reasons: Words | None = None,
    is_public: bool = False,
    by: Any,
) -> Tandem:
    """Note that a partnership is completed or ends early; all that it did stays.

    A reason that is not public stands in its history alone, and so do a day and a public reason
    that are said anew. Open commitments stay open.

    Raises :class:`ValidationError` for a day ahead and for a step that
    :data:`tandems.enums.TRANSITIONS` does not hold.
    """
    locked = lock_partnership(tandem=tandem, by=by)
    if status not in endings_of(locked):
        raise ValidationError(
            _("This partnership cannot be ended in this way now. Reload the page."), code="ended"
        )
    if ended_on > timezone.localdate():
        raise ValidationError({"ended_on": _("Choose today or an earlier day.")})
    said = reasons or {}
    public = {code: said.get(code, "") if is_public else "" for code in LANGUAGES}
    notes = ["" if is_public else note_of(said), *_moved(locked, ended_on, public)]
    changed = change_status(
        locked,
        new=status,
        transitions=TRANSITIONS,
        note=joined(notes),
        changes={
            "ended_on": ended_on,
            **{f"ended_reason_{code}": text for code, text in public.items()},
        },
        by=by,
    )
    mark_maintained(tandem=changed, by=by)
    tell_membership(tandem=changed, event="partnership_ended", facts={"status": status}, by=by)
    return changed


@transaction.atomic
def resume_partnership(*, tandem: Tandem, note: str = "", by: Any) -> Tandem:
    """Let a partnership that had ended early go on; the timeline keeps that it had ended.

    Raises :class:`ValidationError` for one that did not end early.
    """
    locked = lock_partnership(tandem=tandem, by=by)
    if locked.status != TandemStatus.ENDED_EARLY:
        raise ValidationError(
            _("Only a partnership that ended early can be resumed."), code="ended"
        )
    if locked.ended_on:
        text = ENDINGS[TandemStatus.ENDED_EARLY]
        tell_on_timeline(tandem=locked, text=text, on=locked.ended_on, by=by)
    nothing = dict.fromkeys(LANGUAGES, "")
    notes = [note, reason_moved(public_reason(locked, "ended_reason"), nothing)]
    text = _("The partnership goes on.")
    tell_on_timeline(tandem=locked, text=text, on=timezone.localdate(), by=by)
    changed = change_status(
        locked,
        new=TandemStatus.ACTIVE,
        transitions=TRANSITIONS,
        note=joined(notes),
        changes={"ended_on": None, **{f"ended_reason_{code}": "" for code in LANGUAGES}},
        by=by,
    )
    mark_maintained(tandem=changed, by=by)
    return changed


def _moved(tandem: Tandem, ended_on: dt.date, reason: Words) -> list[str]:
    """Return what is said anew about an end that is recorded already, in words."""
    if tandem.ended_on is None:
        return []
    days = {"old": day(tandem.ended_on), "new": day(ended_on)}
    moved = gettext("Day of the end: %(old)s → %(new)s") % days
    steps = [moved if tandem.ended_on != ended_on else ""]
    return [*steps, reason_moved(public_reason(tandem, "ended_reason"), reason)]
