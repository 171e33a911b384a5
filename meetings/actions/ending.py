"""What becomes of the coming meetings of a partnership that ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _, override

from meetings.actions.check_in import follow_the_end
from meetings.actions.leaving import CANCELLED, GOES_ON
from meetings.actions.poll import call_off_meeting
from meetings.models import Meeting
from meetings.queries import mark_of, meetings_alone
from tandems.actions.ending import end_partnership
from tandems.actions.events import Words, lock_partnership
from tandems.models import Tandem
from tandems.pairs import note_of
from tandems.reasons import LANGUAGES

#: Why the meetings are cancelled.
REASON = _("The partnership has ended.")
#: What is said where a meeting was planned or changed while the form stood open.
CHANGED = _("Meanwhile the coming meetings have changed. Look at them again and decide.")


@transaction.atomic
def end_with_meetings(
    *,
    tandem: Tandem,
    status: str,
    ended_on: dt.date,
    reasons: Words | None = None,
    is_public: bool = False,
    fate: str = "",
    shown: Collection[str] = (),
    by: Any,
) -> list[Meeting]:
    """End a partnership and cancel its coming meetings, or let them take place; return the former.

    ``shown``: the marks (:func:`meetings.queries.mark_of`) of the meetings about which ``fate`` was
    decided.

    Raises what :func:`tandems.actions.ending.end_partnership` raises, and :class:`ValidationError`
    without a decision, and for a meeting that was planned or has changed since it was made.
    """
    locked = lock_partnership(tandem=tandem, by=by)
    coming = list(meetings_alone(tandem=locked, by=by))
    if coming and fate not in {GOES_ON, CANCELLED}:
        raise ValidationError({"meetings": _("Decide about the coming meetings.")})
    if not {mark_of(row) for row in coming} <= set(shown):
        raise ValidationError({"meetings": CHANGED})
    before = locked.ended_on
    ended = end_partnership(
        tandem=locked,
        status=status,
        ended_on=ended_on,
        reasons=reasons,
        is_public=is_public,
        by=by,
    )
    if before is not None and before != ended_on:
        follow_the_end(tandem=ended, old=before, by=by)
    if fate != CANCELLED:
        return []
    return [call_off_meeting(meeting=row, note=_reason(), by=by) for row in coming]


def _reason() -> str:
    """Return the reason in all languages: it stands in the history, and people read it in mails."""
    said = {}
    for code in LANGUAGES:
        with override(code):
            said[code] = str(REASON)
    return note_of(said)
