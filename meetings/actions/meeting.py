"""The only writers of a meeting's status."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actions import change_status
from core.models import StatusChange
from meetings.access import require_lead
from meetings.actions.inviting import tell_invited
from meetings.enums import COMING, TRANSITIONS, MeetingStatus
from meetings.locks import lock_meeting
from meetings.models import Commitment, Meeting, Minutes
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

    An announced meeting is public from then on, one in preparation is not; one that is held or
    cancelled stays what it was. Invited people are told that it is cancelled, or takes place after
    all.
    RFC 5545 3.8.7.4: SEQUENCE grows with each change that subscribers must notice.
    Raises :class:`django.core.exceptions.ValidationError` for a step that
    :data:`meetings.enums.TRANSITIONS` does not hold.
    """
    changes: dict[str, Any] = {"sequence": F("sequence") + 1}
    if status in {MeetingStatus.ANNOUNCED, MeetingStatus.PLANNED}:
        changes["is_public"] = status == MeetingStatus.ANNOUNCED
    changed = change_status(
        meeting, new=status, transitions=TRANSITIONS, note=note, changes=changes, by=by
    )
    changed.refresh_from_db()
    tell_invited(meeting=changed, by=by)
    return changed


@transaction.atomic
def announce_meeting(*, meeting: Meeting, by: Any) -> Meeting:
    """Make a meeting in preparation public.

    Raises :class:`PermissionDenied` for who does not lead it and :class:`ValidationError` without
    a day and, where people are to come, a place, and for one that is announced (code ``already``).
    """
    announced = (MeetingStatus.ANNOUNCED,)
    locked = _awaited(meeting, (MeetingStatus.PLANNED,), announced, by)
    if missing := lacks(locked):
        raise ValidationError([MISSING[what] for what in missing])
    return _stand(locked, MeetingStatus.ANNOUNCED, by=by)


@transaction.atomic
def withdraw_announcement(*, meeting: Meeting, by: Any) -> Meeting:
    """Make an announced meeting internal again; its public page and its place in feeds go.

    Invitations stay as they are. Raises :class:`PermissionDenied` for who does not lead it and
    :class:`ValidationError` for one whose minutes are public, for one that was held or cancelled,
    and for one that is not announced any more (code ``already``).
    """
    planned = (MeetingStatus.PLANNED,)
    locked = _awaited(meeting, (MeetingStatus.ANNOUNCED,), planned, by)
    if reasons := bars_to_withdrawing(meeting=locked, by=by):
        raise ValidationError(reasons)
    return _stand(locked, MeetingStatus.PLANNED, event="meeting_withdrawn", by=by)


def bars_to_withdrawing(*, meeting: Meeting, by: Any) -> list[Any]:
    """Return in words why an announcement can no longer be taken back."""
    released = Minutes.objects.filter(meeting=meeting, released_at__isnull=False)
    if released.exists():
        return [_("The public part of its minutes is public, so the meeting stays public.")]
    return []


@transaction.atomic
def hold_meeting(*, meeting: Meeting, by: Any) -> Meeting:
    """Note that a meeting has taken place; one that was never announced stays internal.

    Raises :class:`PermissionDenied` for who does not lead it and :class:`ValidationError` before
    it begins, without a date, and for one that is held (code ``already``).
    """
    locked = _awaited(meeting, COMING, (MeetingStatus.HELD,), by)
    if reasons := bars_to_holding(meeting=locked, by=by):
        raise ValidationError(reasons[0], code="early" if locked.earliest else "undated")
    return _stand(locked, MeetingStatus.HELD, by=by)


def bars_to_holding(*, meeting: Meeting, by: Any) -> list[Any]:
    """Return in words why a meeting cannot have taken place yet.

    One of which no time is known can from its first day on, on the clock of the place.
    """
    if meeting.earliest is None:
        return [_("Enter first when it took place.")]
    is_early = meeting.earliest > today_in(meeting.time_zone)
    if is_early or (meeting.starts_at is not None and meeting.starts_at > timezone.now()):
        return [_("This is possible once the meeting has begun.")]
    return []


@transaction.atomic
def reopen_meeting(*, meeting: Meeting, by: Any) -> Meeting:
    """Take back that a meeting has taken place; it is again what it was before.

    Raises :class:`PermissionDenied` for who does not lead it and :class:`ValidationError` once
    something has come of it (see :func:`bars_to_reopening`), for one that was cancelled, and for
    one that is not held any more (code ``already``).
    """
    locked = _awaited(meeting, (MeetingStatus.HELD,), COMING, by)
    if reasons := bars_to_reopening(meeting=locked, by=by):
        raise ValidationError(reasons)
    return _stand(locked, _status_before(locked), event="meeting_reopened", by=by)


def bars_to_reopening(*, meeting: Meeting, by: Any) -> list[Any]:
    """Return in words why it stays noted that a meeting has taken place."""
    told = []
    if not _status_before(meeting):
        told.append(_("Sources say that it took place."))
    if Minutes.objects.filter(meeting=meeting).exists():
        told.append(_("There are minutes of it."))
    if Commitment.objects.filter(meeting=meeting).exists():
        told.append(_("Commitments were made at it."))
    named = meeting.attendances.filter(has_attended__isnull=False)
    if named.exists() or meeting.city_attendances.exists():
        told.append(_("It is recorded who was there."))
    return told


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, note: str, by: Any) -> Meeting:
    """Note that a meeting does not take place, and why; who was invited reads the reason.

    Raises :class:`PermissionDenied` for who does not lead it and :class:`ValidationError` without
    a reason, for one that was held, and for one that is cancelled (code ``already``).
    """
    locked = _awaited(meeting, COMING, (MeetingStatus.CANCELLED,), by)
    if not note:
        raise ValidationError({"note": _("Give the reason in a sentence.")})
    return _stand(locked, MeetingStatus.CANCELLED, note=note, by=by)


@transaction.atomic
def revive_meeting(*, meeting: Meeting, by: Any) -> Meeting:
    """Note that a cancelled meeting takes place after all, and tell whom the invitation reached.

    One that was public is announced again; an internal one stays internal, and so does one that
    lacks what an announcement needs. Raises :class:`PermissionDenied` for who does not lead it and
    :class:`ValidationError` for one that is not cancelled any more (code ``already``).
    """
    locked = _awaited(meeting, (MeetingStatus.CANCELLED,), COMING, by)
    is_announced = locked.is_public and not lacks(locked)
    status = MeetingStatus.ANNOUNCED if is_announced else MeetingStatus.PLANNED
    return _stand(locked, status, event="meeting_revived", by=by)


def _awaited(meeting: Meeting, before: Container[str], after: Container[str], by: Any) -> Meeting:
    """Return the locked meeting for who leads it, if it has one of the statuses ``before``.

    Several steps lead to the same status: the table alone does not tell which one is possible.
    """
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    if locked.status in after:
        raise ValidationError(_("Somebody else has done this already."), code="already")
    if locked.status not in before:
        raise ValidationError(
            _("This step is not possible: the current state is “%(old)s”."),
            code="transition",
            params={"old": MeetingStatus(locked.status).label},
        )
    return locked


def _status_before(meeting: Meeting) -> str:
    """Return what a meeting was before it was held, as its history has it; else nothing."""
    rows = StatusChange.objects.of(meeting).filter(field="status", new=MeetingStatus.HELD)
    row = rows.order_by("-changed_at", "-pk").first()
    return row.old if row and row.old in COMING else ""


def _stand(meeting: Meeting, status: str, *, event: str = "", note: str = "", by: Any) -> Meeting:
    """Change the status and tell the partnerships that meet, of what ``event`` names if any."""
    changed = change_meeting_status(meeting=meeting, status=status, note=note, by=by)
    waits = status == MeetingStatus.ANNOUNCED and not has_page(changed)
    told = event or ("meeting_waits" if waits else f"meeting_{status}")
    tell_of_meeting(changed, told, by=by)
    return changed
