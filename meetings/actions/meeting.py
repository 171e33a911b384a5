"""The only writers of a meeting's status."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core.actions import change_status
from meetings.access import require_lead
from meetings.actions.inviting import tell_invited
from meetings.enums import TRANSITIONS, MeetingStatus
from meetings.locks import lock_meeting
from meetings.models import Meeting
from meetings.preparation import DATE, FORMAT, PLACE, lacks
from meetings.queries import has_page
from meetings.telling import tell_of_meeting
from meetings.times import today_in

#: What the announcement lacks → what to do about it.
MISSING = {
    DATE: _("Fix the date to the day first."),
    FORMAT: _("Say first whether the meeting is on site, virtual or hybrid."),
    PLACE: _("Name the place first, so that people know where to go."),
}


@transaction.atomic
def change_meeting_status(*, meeting: Meeting, status: str, note: str = "", by: Any) -> Meeting:
    """Move the meeting to ``status`` and raise its calendar revision, so that calendars follow.

    An announced meeting is public from then on; an internal one that is held or cancelled stays
    internal. Invited people are told that it is cancelled, or takes place after all.
    RFC 5545 3.8.7.4: SEQUENCE grows with each change that subscribers must notice.
    Raises :class:`django.core.exceptions.ValidationError` for a step that
    :data:`meetings.enums.TRANSITIONS` does not hold.
    """
    changes: dict[str, Any] = {"sequence": F("sequence") + 1}
    if status == MeetingStatus.ANNOUNCED:
        changes["is_public"] = True
    changed = change_status(
        meeting, new=status, transitions=TRANSITIONS, note=note, changes=changes, by=by
    )
    changed.refresh_from_db()
    if changed.invited_at:
        tell_invited(meeting=changed, by=by)
    return changed


@transaction.atomic
def announce_meeting(*, meeting: Meeting, by: Any) -> Meeting:
    """Make a meeting public, also one that was cancelled and takes place after all.

    Raises :class:`PermissionDenied` for who does not lead it and :class:`ValidationError` without
    a day and, where people are to come, a place, and for one that is announced (code ``already``).
    """
    locked = _awaited(meeting, MeetingStatus.ANNOUNCED, by)
    if missing := lacks(locked):
        raise ValidationError([MISSING[what] for what in missing])
    return _stand(locked, MeetingStatus.ANNOUNCED, "", by)


@transaction.atomic
def hold_meeting(*, meeting: Meeting, by: Any) -> Meeting:
    """Note that a meeting has taken place; one that was never announced stays internal.

    Raises :class:`PermissionDenied` for who does not lead it and :class:`ValidationError` before
    its first day on the clock of the place, without a date, and for one that is held (code
    ``already``).
    """
    locked = _awaited(meeting, MeetingStatus.HELD, by)
    if locked.earliest is None:
        raise ValidationError(_("Enter first when it took place."), code="undated")
    if locked.earliest > today_in(locked.time_zone):
        raise ValidationError(
            _("This is possible from the first day of the meeting."), code="early"
        )
    return _stand(locked, MeetingStatus.HELD, "", by)


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, note: str, by: Any) -> Meeting:
    """Note that a meeting does not take place, and why; who was invited reads the reason.

    Raises :class:`PermissionDenied` for who does not lead it and :class:`ValidationError` without
    a reason, for one that was held, and for one that is cancelled (code ``already``).
    """
    locked = _awaited(meeting, MeetingStatus.CANCELLED, by)
    if not note:
        raise ValidationError({"note": _("Give the reason in a sentence.")})
    return _stand(locked, MeetingStatus.CANCELLED, note, by)


def _awaited(meeting: Meeting, status: str, by: Any) -> Meeting:
    """Return the locked meeting for who leads it, unless it has the status already."""
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    if locked.status == status:
        raise ValidationError(_("Somebody else has done this already."), code="already")
    return locked


def _stand(meeting: Meeting, status: str, note: str, by: Any) -> Meeting:
    """Change the status and tell the partnerships that meet."""
    changed = change_meeting_status(meeting=meeting, status=status, note=note, by=by)
    waits = status == MeetingStatus.ANNOUNCED and not has_page(changed)
    tell_of_meeting(changed, "meeting_waits" if waits else f"meeting_{status}", by=by)
    return changed
