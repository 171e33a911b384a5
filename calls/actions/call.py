"""The only writers of calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import UserRole
from accounts.models import RoleAssignment
from accounts.permissions import Permission, require
from calls import mails
from calls.enums import TRANSITIONS, CallState
from calls.models import Answer, Call, Consent, Criterion, Procedure, Question
from calls.readiness import gaps_of
from core.actions import change_status, note_change
from core.models import save_new

#: What may change until the end: words that explain. Everything else is a promise once a call is
#: open.
WORDS = ("title", "summary", "description", "afterwards", "contact")
#: What belongs to a call and is copied with it.
PARTS: tuple[type[models.Model], ...] = (Criterion, Question, Answer, Consent)


@transaction.atomic
def change_call_state(*, call: Call, state: str, note: str = "", by: Any) -> Call:
    """Move the call to ``state``; see :data:`calls.enums.TRANSITIONS` for what may follow what.

    Raises :class:`django.core.exceptions.ValidationError` for a step that the table does not hold,
    and for a call that is opened with something missing.
    """
    if state == CallState.OPEN and call.state == CallState.DRAFT and (gaps := gaps_of(call)):
        raise ValidationError(gaps)
    if state == CallState.CLOSED and call.state == CallState.OPEN and call.closes_at:
        # Whoever opened the form in time may still send it; a call is not closed before them.
        over = call.closes_at + dt.timedelta(minutes=call.grace_minutes)
        if timezone.now() < over:
            raise ValidationError(
                _("The deadline, with its minutes of grace, has not passed. Close the call then.")
            )
    if state == CallState.DECIDED and call.state == CallState.IN_REVIEW:
        raise ValidationError(_("A call is decided by the decision of BBSR about the selection."))
    changed = change_status(
        call, field="state", new=state, transitions=TRANSITIONS, note=note, by=by
    )
    if state == CallState.IN_REVIEW:
        _begin_procedure(changed)
    return changed


def _begin_procedure(call: Call) -> Procedure:
    """Return the rules of the selection, with all organisations that review; made when missing."""
    procedure, is_new = Procedure.objects.get_or_create(call=call)
    if is_new:
        held = RoleAssignment.objects.held_on(timezone.localdate()).filter(role=UserRole.REVIEWER)
        procedure.organisations.set(held.values_list("organisation", flat=True).distinct())
    return procedure


@transaction.atomic
def create_call(*, call: Call, by: Any) -> Call:
    """Save a new call as a draft; raises :class:`ValidationError` where something is wrong."""
    require(by, Permission.ADD_CALL)
    call.state = CallState.DRAFT
    save_new(call)
    note_change(call, old="", new=CallState.DRAFT, by=by)
    return call


@transaction.atomic
def change_call(*, call: Call, changes: Mapping[str, Any], by: Any) -> Call:
    """Save changed fields; after the opening only words that explain may change.

    ``changes`` maps names of fields, also those of one language, to values. Raises
    :class:`ValidationError` for a field that is a promise by now.
    """
    require(by, Permission.CHANGE_CALL)
    locked = Call.objects.select_for_update().get(pk=call.pk)
    if locked.state == CallState.ARCHIVED:
        raise ValidationError(_("An archived call stays as it is."))
    if locked.state != CallState.DRAFT:
        allowed = {f"{name}{suffix}" for name in WORDS for suffix in ("", "_de", "_en")}
        if promised := set(changes) - allowed:
            raise ValidationError(
                {name: _("The call is open; this can no longer change.") for name in promised}
            )
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.full_clean()
    locked.save()
    return locked


@transaction.atomic
def extend_deadline(*, call: Call, closes_at: dt.datetime, note: str, by: Any) -> Call:
    """Give an open call a later deadline, with the reason; the earlier one stays in its history."""
    require(by, Permission.CHANGE_CALL)
    locked = Call.objects.select_for_update().get(pk=call.pk)
    if locked.state != CallState.OPEN or locked.closes_at is None:
        raise ValidationError(_("Only an open call has a deadline that can be extended."))
    if closes_at <= locked.closes_at:
        raise ValidationError({"closes_at": _("A deadline is only ever moved to later.")})
    if not note:
        raise ValidationError({"note": _("Say why; everybody who applies reads it.")})
    old = locked.closes_at
    locked.closes_at = closes_at
    locked.full_clean()
    locked.save()
    note_change(
        locked,
        field="closes_at",
        old=old.isoformat(timespec="minutes"),
        new=closes_at.isoformat(timespec="minutes"),
        note=note,
        by=by,
    )
    mails.deadline_extended(locked, note)
    return locked


@transaction.atomic
def copy_call(*, call: Call, slug: str, by: Any) -> Call:
    """Return a new draft with the words, terms and price of a past call, without its moments."""
    require(by, Permission.ADD_CALL)
    fresh = Call.objects.get(pk=call.pk)
    topics = list(fresh.topics.all())
    fresh.pk, fresh.slug = None, slug
    for name in ("opens_at", "opens_earliest", "opens_latest", "closes_at", "closes_on"):
        setattr(fresh, name, None)
    fresh.opens_precision = "unknown"
    for name in ("sources", "opens_sources", "closes_sources", "places_sources"):
        setattr(fresh, name, [])
    create_call(call=fresh, by=by)
    fresh.topics.set(topics)
    for part in PARTS:
        for row in part._default_manager.filter(call=call):
            row.pk, row.call = None, fresh  # type: ignore[attr-defined]
            row.save()
    return fresh
