"""The order in which rows are locked: partnership, meeting, then what hangs on the meeting."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from meetings.models import Meeting, Minutes
from tandems.locks import lock_tandem
from tandems.models import Tandem


def lock_plans(tandem: Tandem | None) -> Tandem | None:
    """Let nobody else plan a meeting of a partnership, or (``None``) of none, at the same time.

    Until the end of the transaction others wait, and then see what was planned. Returns the
    partnership as it stands now. What belongs to none, as the meetings of the network do, has no
    such row; there the one row that stands for all meetings is locked, which is always there.
    """
    if tandem is not None:
        return lock_tandem(tandem.pk)
    kind = ContentType.objects.get_for_model(Meeting)
    # Not its key: rows of the history name it, and are not to wait.
    ContentType.objects.select_for_update(no_key=True).get(pk=kind.pk)
    return None


def lock_meeting(meeting: Meeting) -> Meeting:
    """Return the meeting as it is stored now, locked after its partnership.

    Whose right it is to change it, the caller asks.
    """
    tandem = lock_tandem(meeting.tandem_id) if meeting.tandem_id else None
    locked = Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting.pk)
    if tandem is not None:
        locked.tandem = tandem
    return locked


def lock_minutes(minutes: Minutes) -> Minutes:
    """Return minutes as they stand now, locked with their meeting.

    Raises :class:`ValidationError` where they are gone, as a correction is that was given up.
    """
    meeting = lock_meeting(minutes.meeting)
    locked = Minutes.objects.select_for_update(no_key=True).filter(pk=minutes.pk).first()
    if locked is None:
        raise ValidationError(_("This correction was given up meanwhile."), code="gone")
    locked.meeting = meeting
    return locked


def lock_draft(minutes: Minutes, by: Any) -> Minutes:
    """Return minutes that are still written, locked, for who may write them.

    Raises :class:`PermissionDenied`, or :class:`ValidationError` for what is no draft any more.
    """
    locked = lock_minutes(minutes)
    require(by, Permission.CONTRIBUTE, locked.meeting)
    if not locked.is_open:
        raise ValidationError(
            _("These minutes are no longer a draft. What you typed has not been saved yet."),
            code="state",
        )
    return locked
