"""Until when an application may be written: the one clock is the server's.

A form that was opened before the deadline may still be sent within the call's minutes of grace.
The form carries a signed stamp that says when it was opened, so that nobody can set it back.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.enums import CallState
from calls.models import Call
from core.dates import day

SALT = "calls.opened"


def stamp(application: Any, user: Any, opened_at: dt.datetime) -> str:
    """Return the stamp of a form that was opened at this moment."""
    value = [application.pk, user.pk, opened_at.timestamp()]
    return signing.dumps(value, salt=SALT)


def opened_at(text: str, application: Any, user: Any) -> dt.datetime | None:
    """Return when a form was opened; nothing where the stamp is not ours or is another form's."""
    try:
        application_key, user_key, seconds = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if (application_key, user_key) != (application.pk, user.pk):
        return None
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)


def ends_at(call: Call, opened: dt.datetime | None) -> dt.datetime | None:
    """Return the moment from which a form that was opened then is refused."""
    if call.closes_at is None:
        return None
    in_time = opened is not None and opened < call.closes_at
    return call.closes_at + dt.timedelta(minutes=call.grace_minutes if in_time else 0)


def refuse_late(call: Call, opened: dt.datetime | None = None) -> None:
    """Raise :class:`ValidationError` (code ``deadline``) unless the call takes what is sent now."""
    now = timezone.now()
    end = ends_at(call, opened)
    if call.state == CallState.OPEN and end is not None:
        if call.opens_at is not None and now < call.opens_at:
            raise ValidationError(_("The call has not opened yet."), code="deadline")
        if now < end:
            return
    local = call.local_closes_at
    if local is None:
        raise ValidationError(_("The call does not take applications now."), code="deadline")
    raise ValidationError(
        _(
            "The deadline was on %(day)s at %(time)s (%(zone)s). Nothing can be changed any more; "
            "what you typed is shown here so that you can copy it."
        )
        % {"day": day(local.date()), "time": f"{local:%H:%M}", "zone": call.time_zone},
        code="deadline",
    )
