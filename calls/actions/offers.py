"""What a municipality answers to the place that it was offered, and who comes next.

The server's clock decides. An offer is locked before it is answered or lapses, so that of an answer
in the last second and the job that ends it the second one meets what the first one left. Where a
place becomes free, the session is locked before the offer: two places that become free at once go
to two municipalities.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from calls import letters, mails
from calls.actions.letters import draft_offer
from calls.actions.places import let_go_of_partner
from calls.enums import OFFER_TRANSITIONS, OfferState
from calls.models import Call, Letter, Offer, SelectionSession
from calls.queries.letters import zone_of
from calls.queries.places import free_places, next_on_reserve, waits_for_release
from core.actions import change_status, note_change
from core.models import StatusChange

logger = logging.getLogger("vernetzt.offers")
#: The field under which the reminder stands in the history of an offer.
FIELD = "reminder"
#: So long before its date an offer is reminded of, but never before half of its time is over.
BEFORE = dt.timedelta(days=3)


@transaction.atomic
def answer_offer(*, offer: Offer, confirms: bool, note: str = "", by: Any) -> Offer:
    """Take a municipality's answer to the place that it was offered; the same answer twice is one.

    A confirmed place may still be given up, with the reason, until a partner relies on it. Whoever
    declines makes room: the letter to the next on the reserve list is drafted, and the team is
    told. Raises :class:`PermissionDenied` for who may not write the application, and
    :class:`ValidationError` after the date (code ``late``), without a reason where one is needed,
    and while a partner relies on the place (code ``paired``).
    """
    require(by, Permission.APPLY, offer.application)
    call = Call.objects.get(pk=offer.application.call_id)
    session = None if confirms else _locked_current(call)
    locked = _locked(offer.pk)
    wanted = OfferState.CONFIRMED if confirms else OfferState.DECLINED
    if locked.state == wanted:
        return locked
    if _is_late(locked):
        raise ValidationError(_late_words(locked, call), code="late")
    if locked.state == OfferState.CONFIRMED:
        if not note.strip():
            raise ValidationError({"note": _("Say why the place is given up.")})
        let_go_of_partner(application=locked.application, by=by)
    changed = _moved(locked, wanted, note=note.strip(), by=by)
    if session is not None:
        _pass_on(changed, session)
    return changed


def lapse_offers(*, by: Any = None) -> int:
    """End every offer whose time is over, and draft the letter to the next; return how many.

    Each is a transaction of its own: one that fails is tried again by the next run and does not
    hold up the others.
    """
    lapsed = 0
    for pk in list(Offer.objects.over_at(timezone.now()).values_list("pk", flat=True)):
        try:
            lapsed += _lapse(pk, by)
        except Exception as error:
            data = {"offer": pk, "error": type(error).__name__}
            logger.exception("An offer could not be ended.", extra={"data": data})
    return lapsed


def remind_of_offers(*, by: Any = None) -> int:
    """Remind once of every place that has to be confirmed soon; return how many were reminded of.

    Three days before the date, or when half of the time is over where that is later.
    """
    now, reminded = timezone.now(), 0
    rows = Offer.objects.open().filter(due_at__gt=now, due_at__lte=now + BEFORE)
    told = StatusChange.objects.filter(
        content_type__app_label="calls",
        content_type__model="offer",
        object_id=OuterRef("pk"),
        field=FIELD,
    )
    for pk in list(rows.exclude(Exists(told)).values_list("pk", flat=True)):
        try:
            reminded += _remind(pk, now, by)
        except Exception as error:
            data = {"offer": pk, "error": type(error).__name__}
            logger.exception("An offer could not be reminded of.", extra={"data": data})
    return reminded


@transaction.atomic
def propose_next_offer(*, call: Call, pool: str, by: Any) -> Letter:
    """Draft the letter that offers a free place to the next on the reserve list of a pool.

    Happens by itself when somebody declines; this is for places that stayed free. Raises
    :class:`ValidationError` where no place is free, nobody is left, or the letters about the
    decision itself still have to go out.
    """
    require(by, Permission.PREPARE_SELECTION)
    session = _locked_current(call)
    if session is None:
        raise ValidationError(_("Nothing has been decided about this call yet."))
    if waits_for_release(session):
        raise ValidationError(_("First the letters about the decision itself have to go out."))
    if free_places(session, pool) == 0:
        raise ValidationError(_("No place of this pool is free."))
    letter = _propose(session, pool)
    if letter is None:
        raise ValidationError(_("Nobody is left on the reserve list of this pool."))
    return letter


def _locked(pk: int) -> Offer:
    rows = Offer.objects.select_for_update(of=("self",)).select_related("application", "letter")
    return rows.get(pk=pk)


def _locked_current(call: Call) -> SelectionSession | None:
    """Return the session whose decision holds, locked."""
    session = SelectionSession.objects.current(call)
    while session is not None:
        rows = SelectionSession.objects.select_for_update(of=("self",)).select_related("call")
        locked = rows.get(pk=session.pk)
        session = SelectionSession.objects.current(call)
        if session is not None and session.pk == locked.pk:
            return locked
        # It was corrected while we waited: the newer one holds.
    return None


def _is_late(offer: Offer) -> bool:
    """Tell whether the time to answer is over, whether or not the offer was ended already."""
    over = offer.state == OfferState.OPEN and timezone.now() >= offer.due_at
    return over or offer.state == OfferState.LAPSED


def _late_words(offer: Offer, call: Call) -> str:
    zone = zone_of(call)
    words = _(
        "The place had to be confirmed by %(moment)s. This time is over; please write to the "
        "project team."
    )
    return str(words % {"moment": letters.due_words(offer.due_at.astimezone(zone), str(zone))})


def _moved(offer: Offer, state: str, *, note: str = "", by: Any) -> Offer:
    changed = change_status(
        offer,
        field="state",
        new=state,
        transitions=OFFER_TRANSITIONS,
        note=note,
        changes={"answered_by": by, "answered_at": timezone.now(), "note": note},
        by=by,
    )
    changed.application, changed.letter = offer.application, offer.letter
    return changed


@transaction.atomic
def _lapse(pk: int, by: Any) -> bool:
    """End one offer; tell whether it was still open and its time over."""
    offer = Offer.objects.select_related("application__call").get(pk=pk)
    session = _locked_current(offer.application.call)
    locked = _locked(pk)
    if locked.state != OfferState.OPEN or timezone.now() < locked.due_at:
        return False
    _pass_on(_moved(locked, OfferState.LAPSED, by=by), session)
    return True


def _pass_on(offer: Offer, session: SelectionSession | None) -> None:
    """Draft the letter to the next on the reserve list where it can go out, and tell the team."""
    pool, letter, obstacle = offer.application.pool, None, "empty"
    if session is not None and waits_for_release(session):
        obstacle = "waits"
    elif session is not None and free_places(session, pool) == 0:
        obstacle = "full"
    elif session is not None:
        letter = _propose(session, pool)
    mails.place_declined(offer, letter.application if letter else None, obstacle)


def _propose(session: SelectionSession, pool: str) -> Letter | None:
    decision = next_on_reserve(session, pool)
    if decision is None:
        return None
    return draft_offer(session=session, decision=decision)


@transaction.atomic
def _remind(pk: int, now: dt.datetime, by: Any) -> bool:
    """Remind of one offer; tell whether its time has come and nobody was quicker."""
    locked = _locked(pk)
    released_at = locked.letter.released_at or now
    half = released_at + (locked.due_at - released_at) / 2
    told = StatusChange.objects.of(locked).filter(field=FIELD)
    if locked.state != OfferState.OPEN or now < half or told.exists():
        return False
    mails.place_waits(locked)
    note_change(locked, field=FIELD, old="", new="sent", by=by)
    return True
