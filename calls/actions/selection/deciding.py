"""The decision: by BBSR alone, about the whole set, with each reason, for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts.permissions import Permission, require
from calls.actions.selection.fitting import fitting_entries, freeze
from calls.content import checksum
from calls.effect import UNNAMED, Candidate, Entry, names_of
from calls.enums import (
    DECIDED_AS,
    SESSION_TRANSITIONS,
    TRANSITIONS,
    CallState,
    ListOutcome,
    SessionState,
)
from calls.models import (
    Application,
    Call,
    Decision,
    EligibilityCheck,
    SelectionList,
    SelectionSession,
    closed_to,
)
from calls.queries.candidates import all_candidates, neutral_standing
from calls.reasons import draft_reason
from calls.record import frozen_record
from calls.record.freezing import Decided
from core.actions import change_status
from core.text import clean_text


@transaction.atomic
def decide(
    *,
    session: SelectionSession,
    selection_list: SelectionList,
    reasons: Mapping[int, str],
    note: str = "",
    by: Any,
) -> SelectionSession:
    """Decide about every sent application, by a list that fits the places, with each reason.

    Only who holds the right to decide does; preparing is another right. The recommended list is
    decided, or another one, and then ``note`` says why. The list, the rows and the record are
    frozen; a call in review becomes a decided one. Of two people at once, one decides.

    Whoever has a conflict of interest about an application that is chosen or on reserve, here or
    by the recommendation, does not decide: another person of BBSR does. About one that both leave
    out, the person stands aside: it follows the recommendation, with the reason of the list (or a
    draft from the reviews) in place of one given here, and the record says so.

    Raises:
        ValidationError: The session waits for its recommendation or is decided, the list does not
            fit, a conflict of interest stands against it (code ``closed``), or a reason is missing.
    """
    require(by, Permission.DECIDE_SELECTION)
    call = Call.objects.select_for_update().get(pk=session.call_id)
    locked = SelectionSession.objects.select_for_update().get(pk=session.pk)
    _refuse_wrong_state(locked)
    entries = fitting_entries(call=call, selection_list=selection_list, by=by)
    recommended = _recommended(locked)
    words, is_other = clean_text(note), selection_list.pk != locked.recommended_list_id
    if is_other and not words:
        words = _("Say why another list is decided than the one that the team recommends.")
        raise ValidationError({"note": words})
    candidates = all_candidates(call, selection_list.pk)
    aside = _aside(candidates, recommended, by)
    given = {pk: clean_text(str(reasons.get(pk, ""))) for pk in candidates if pk not in aside}
    _refuse_missing(given, candidates)
    given |= _reasons_aside(call, aside, entries, recommended)
    moment = timezone.now()
    decided = Decided(selection_list, entries, given, words, moment, by, aside)
    document = frozen_record(locked, decided, candidates, recommended)
    freeze(selection_list=selection_list, moment=moment, by=by)
    changed = change_status(
        locked,
        field="state",
        new=SessionState.DECIDED,
        transitions=SESSION_TRANSITIONS,
        changes={
            "decided_list": selection_list,
            "decision_note": words,
            "decided_by": by,
            "decided_at": moment,
            "document": document,
            "sha256": checksum(document),
        },
        by=by,
    )
    Decision.objects.bulk_create(
        Decision(
            session=changed,
            application_id=pk,
            outcome=DECIDED_AS[entries.get(pk, UNNAMED).outcome],
            rank=entries.get(pk, UNNAMED).rank,
            reason=reason,
        )
        for pk, reason in given.items()
    )
    if call.state == CallState.IN_REVIEW:
        change_status(call, field="state", new=CallState.DECIDED, transitions=TRANSITIONS, by=by)
    return changed


def _refuse_wrong_state(session: SelectionSession) -> None:
    """Raise unless the session waits for its decision."""
    if session.state == SessionState.OPEN:
        raise ValidationError(_("The project team has not recommended a list yet."))
    if session.state == SessionState.DECIDED:
        raise ValidationError(
            _("This session is decided. A correction is a new session with its reason.")
        )


def _recommended(session: SelectionSession) -> dict[int, Entry]:
    """Return what the recommended list makes of applications."""
    rows = session.recommended_list.entries.all() if session.recommended_list else ()
    return {row.application_id: Entry(row.outcome, row.rank, row.reason) for row in rows}


def _aside(
    candidates: Mapping[int, Candidate], recommended: Mapping[int, Entry], by: Any
) -> set[int]:
    """Return the applications that are closed to ``by``; raises when one of them is recommended.

    Leaving out what was recommended would be a decision about it, too.
    """
    closed = Application.objects.filter(closed_to(by), pk__in=candidates)
    aside = set(closed.values_list("pk", flat=True))
    if any(recommended.get(pk, UNNAMED).outcome != ListOutcome.LEFT for pk in aside):
        raise ValidationError(
            _(
                "You have a conflict of interest with an application that the project team"
                " recommends. Somebody else at BBSR, without a conflict, has to decide."
            ),
            code="closed",
        )
    return aside


def _refuse_missing(given: Mapping[int, str], candidates: Mapping[int, Candidate]) -> None:
    """Raise where an application has no reason."""
    if silent := [candidates[pk].name for pk, reason in given.items() if not reason]:
        words = ngettext(
            "The reason is missing for %(names)s.",
            "Reasons are missing for %(names)s.",
            len(silent),
        )
        raise ValidationError({"reasons": words % {"names": names_of(silent)}})


def _reasons_aside(
    call: Call, aside: set[int], entries: Mapping[int, Entry], recommended: Mapping[int, Entry]
) -> dict[int, str]:
    """Return the reasons for what whoever decides has no say about."""
    if not aside:
        return {}
    standing = neutral_standing(call)
    checks = EligibilityCheck.objects.filter(application__in=aside, is_eligible=False)
    unmet = dict(checks.values_list("application", "reason"))
    return {
        pk: entries.get(pk, UNNAMED).reason
        or recommended.get(pk, UNNAMED).reason
        or draft_reason(
            outcome=ListOutcome.LEFT, place=standing.rows.get(pk), unmet=unmet.get(pk, "")
        )
        for pk in aside
    }
