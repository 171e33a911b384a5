"""What changes the rules of a selection, and says which applications may take part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from calls.content import mark_of
from calls.enums import CallState, SessionState
from calls.models import Application, Call, EligibilityCheck, Procedure, SelectionSession
from calls.queries import plain_rule, rules_of
from core.actions import note_change

#: Dates for what comes after the decision; all other rules stay as the recommendation knew them.
ALWAYS_CHANGEABLE = frozenset({"confirm_days", "consent_days"})
#: The field under which checks stand in the history of an application.
ELIGIBILITY = "eligibility"


@transaction.atomic
def change_procedure(
    *,
    procedure: Procedure,
    changes: Mapping[str, Any],
    opened_with: Mapping[str, str] | None = None,
    by: Any,
) -> Procedure:
    """Change rules of a selection: names of fields → values, organisations as records or keys.

    From the recommendation on only the days for answers change. ``opened_with`` holds the marks
    (``calls.content.mark_of``) of the values that the person had before the eyes: a rule that
    somebody else has changed since is refused at its field. Each rule that changes is a row of the
    history.

    Raises :class:`PermissionDenied` for who may not prepare the selection,
    :class:`ValidationError` where a rule is fixed by now, or wrong.
    """
    require(by, Permission.PREPARE_SELECTION)
    locked = Procedure.objects.select_for_update().get(pk=procedure.pk)
    stored = rules_of(locked)
    wanted = {name: plain_rule(value) for name, value in changes.items()}
    new = {name: value for name, value in wanted.items() if value != stored[name]}
    _refuse_fixed(locked, set(new))
    opened = opened_with or {}
    marks = {name: mark_of(stored[name]) for name in new}
    if met := [name for name in new if opened.get(name, marks[name]) != marks[name]]:
        message = _("Somebody else has changed this rule meanwhile. Save again to set yours.")
        raise ValidationError(dict.fromkeys(sorted(met), message))
    for name in set(new) - {"organisations"}:
        setattr(locked, name, changes[name])
    locked.full_clean()
    locked.save()
    if "organisations" in new:
        locked.organisations.set(changes["organisations"])
    for name, value in new.items():
        note_change(locked, field=name, old=_short(stored[name]), new=_short(value), by=by)
    return locked


def _short(value: Any) -> str:
    """Return a rule as the history keeps it."""
    if value is None:
        return ""
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return text[:40]


def _refuse_fixed(procedure: Procedure, names: set[str]) -> None:
    call = Call.objects.get(pk=procedure.call_id)
    if names and call.state == CallState.ARCHIVED:
        raise ValidationError(_("An archived call stays as it is."))
    ended = SelectionSession.objects.filter(call=call).exclude(state=SessionState.OPEN)
    if (fixed := names - ALWAYS_CHANGEABLE) and ended.exists():
        message = _("The selection was recommended by this rule; it no longer changes.")
        raise ValidationError(dict.fromkeys(sorted(fixed), message))


@transaction.atomic
def check_eligibility(
    *, application: Application, is_eligible: bool, reason: str, by: Any
) -> EligibilityCheck:
    """Say whether an application meets the formal conditions of the call, and why (not).

    A later check replaces an earlier one, which stays in the history; the same once more changes
    nothing. Raises :class:`PermissionDenied` for who may not prepare the selection or has a
    conflict there, :class:`ValidationError` unless the application was sent and the call is in
    review, and without a reason (at ``reason``) where a condition is not met.
    """
    require(by, Permission.PREPARE_SELECTION, application)
    locked = Application.objects.select_for_update().get(pk=application.pk)
    if Call.objects.get(pk=locked.call_id).state != CallState.IN_REVIEW:
        raise ValidationError(_("The call is not in review."))
    if not locked.is_sent:
        raise ValidationError(_("The application was withdrawn, or was never sent."))
    if not is_eligible and not reason:
        raise ValidationError({"reason": _("Say which condition is not met.")})
    check = EligibilityCheck.objects.filter(application=locked).first()
    if check is not None and (check.is_eligible, check.reason) == (is_eligible, reason):
        return check
    old = _word(check.is_eligible) if check else ""
    check = check or EligibilityCheck(application=locked)
    check.is_eligible, check.reason = is_eligible, reason
    check.checked_by, check.checked_at = by, timezone.now()
    check.full_clean()
    check.save()
    note_change(locked, field=ELIGIBILITY, old=old, new=_word(is_eligible), note=reason, by=by)
    return check


def _word(is_eligible: bool) -> str:
    return "eligible" if is_eligible else "ineligible"
