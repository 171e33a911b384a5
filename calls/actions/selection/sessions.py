"""The session of the selection until the recommendation: who was there, what the team proposes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from accounts.permissions import Permission, require
from calls.actions.selection.fitting import fitting_entries, freeze
from calls.enums import SESSION_TRANSITIONS, CallState, ConflictKind, SessionState
from calls.models import (
    Application,
    Call,
    ConflictDeclaration,
    SelectionList,
    SelectionSession,
    SessionParticipant,
    StoodAside,
    closed_to,
)
from calls.queries.candidates import all_candidates, neutral_standing
from calls.record import attendance_mark, frozen_ranking
from core.actions import change_status, note_change
from core.models import save_new
from core.text import clean_text


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who was present; ``aside`` are applications (primary keys) besides declared ones."""

    name: str
    organisation: str = ""
    person: Any = None
    aside: frozenset[int] = frozenset()


@transaction.atomic
def open_session(
    *,
    call: Call,
    held_on: dt.date,
    place: str = "",
    corrects: SelectionSession | None = None,
    correction_reason: str = "",
    by: Any,
) -> SelectionSession:
    """Open the next session of a call; only one runs at a time.

    Once a session was decided, the next one corrects the decision that holds, and says why.
    Raises :class:`ValidationError` when another one runs, when the call is not in review (or
    decided), and for a correction without its reason or of a decision that does not hold.
    """
    require(by, Permission.PREPARE_SELECTION)
    locked = Call.objects.select_for_update().get(pk=call.pk)
    current = SelectionSession.objects.current(locked)
    expected = CallState.IN_REVIEW if current is None else CallState.DECIDED
    if locked.state != expected:
        raise ValidationError(_("A session is held while a call is in review, or to correct it."))
    if current != corrects:
        raise ValidationError(
            _("This call is decided. A new session corrects the decision that holds.")
            if current
            else _("There is no decision of this call that could be corrected.")
        )
    if current is not None and not clean_text(correction_reason):
        raise ValidationError({"correction_reason": _("Say why the decision is corrected.")})
    numbers = SelectionSession.objects.filter(call=locked).aggregate(last=Max("number"))
    session = SelectionSession(
        call=locked,
        number=(numbers["last"] or 0) + 1,
        held_on=held_on,
        place=clean_text(place),
        corrects=corrects,
        correction_reason=clean_text(correction_reason) if corrects else "",
    )
    # Nobody has recommended or decided yet; the lock on the call lets nobody open another one.
    session.full_clean(exclude=["recommended_by", "decided_by"])
    session.save()
    note = session.correction_reason
    note_change(session, old="", new=SessionState.OPEN, note=note, by=by)
    return session


@transaction.atomic
def note_attendance(
    *,
    session: SelectionSession,
    participants: Iterable[Present],
    opened_with: str | None = None,
    by: Any,
) -> list[SessionParticipant]:
    """Write who was present, as a whole list, until the session is decided.

    Cases from which somebody stood aside are those named, and always those that the person, or the
    organisation by its short name, declared a conflict of interest about. ``opened_with`` is the
    mark of the list as the page showed it (:func:`calls.record.attendance_mark`); with it,
    :class:`ValidationError` is raised when somebody changed the list meanwhile.
    """
    require(by, Permission.PREPARE_SELECTION)
    locked = SelectionSession.objects.select_for_update().get(pk=session.pk)
    if locked.state == SessionState.DECIDED:
        raise ValidationError(_("This session is decided; its record stays as it is."))
    rows = list(participants)
    if opened_with is not None and opened_with != attendance_mark(locked):
        words = _("Somebody else has changed the list of those present meanwhile. Look at it.")
        raise ValidationError(words, code="changed")
    of_call = Application.objects.filter(call=locked.call_id)
    known = set(of_call.values_list("pk", flat=True))
    locked.participants.all().delete()
    written = []
    for row in rows:
        if not row.aside <= known:
            raise ValidationError(_("There is no such application to this call."))
        participant = SessionParticipant(
            session=locked,
            person=row.person,
            name=clean_text(row.name),
            organisation=clean_text(row.organisation),
        )
        save_new(participant)
        aside = row.aside | _declared(of_call, row)
        StoodAside.objects.bulk_create(
            StoodAside(participant=participant, application_id=pk) for pk in sorted(aside)
        )
        written.append(participant)
    note_change(locked, field="attendance", old="", new=str(len(written)), by=by)
    return written


def _declared(of_call: Any, row: Present) -> set[int]:
    """Return the applications about which the person or the organisation declared a conflict."""
    closed = Q(pk__in=[])
    if row.person is not None:
        closed |= Q(closed_to(row.person))
    organisation = Organisation.objects.filter(short_name=row.organisation).first()
    if row.organisation and organisation is not None:
        whole = ConflictDeclaration.objects.closing().filter(
            kind=ConflictKind.INSTITUTIONAL, organisation=organisation
        )
        closed |= Q(pk__in=whole.values("application"))
    return set(of_call.filter(closed).values_list("pk", flat=True))


@transaction.atomic
def recommend(
    *, session: SelectionSession, selection_list: SelectionList, text: str, by: Any
) -> SelectionSession:
    """Recommend a list to BBSR: it is frozen, and so is the ranking at this moment.

    Raises :class:`ValidationError` with one message for each thing that keeps the list from fitting
    (see :func:`calls.effect.obstacles_of`), and when an application on it is closed to ``by``:
    whoever recommends a set must be able to judge all of it.
    """
    require(by, Permission.PREPARE_SELECTION)
    call = Call.objects.select_for_update().get(pk=session.call_id)
    locked = SelectionSession.objects.select_for_update().get(pk=session.pk)
    if locked.state != SessionState.OPEN:
        raise ValidationError(_("This session has its recommendation already."))
    if not (words := clean_text(text)):
        raise ValidationError({"text": _("Write the recommendation first.")})
    fitting_entries(call=call, selection_list=selection_list, by=by)
    candidates = all_candidates(call, selection_list.pk)
    moment = timezone.now()
    freeze(selection_list=selection_list, moment=moment, by=by)
    return change_status(
        locked,
        field="state",
        new=SessionState.RECOMMENDED,
        transitions=SESSION_TRANSITIONS,
        changes={
            "recommended_list": selection_list,
            "recommendation": words,
            "recommended_by": by,
            "recommended_at": moment,
            "ranking": frozen_ranking(candidates, neutral_standing(call)),
        },
        by=by,
    )


@transaction.atomic
def take_back_recommendation(*, session: SelectionSession, note: str, by: Any) -> SelectionSession:
    """Take the recommendation back, with the reason, while BBSR has not decided.

    The list stays frozen: it is what was recommended once. Another proposal is another list, or a
    copy. The text stays as a draft for the next recommendation.
    """
    require(by, Permission.PREPARE_SELECTION)
    if not (words := clean_text(note)):
        raise ValidationError({"note": _("Say why the recommendation is taken back.")})
    return change_status(
        session,
        field="state",
        new=SessionState.OPEN,
        transitions=SESSION_TRANSITIONS,
        note=words,
        changes={
            "recommended_list": None,
            "recommended_by": None,
            "recommended_at": None,
            "ranking": [],
        },
        by=by,
    )
