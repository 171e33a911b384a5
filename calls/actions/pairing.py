"""What takes the answers of both cities to a proposed partner, and takes a proposal back.

The row of the pairing is locked before anything is asked of it, so that of two people who act at
once the second one meets what the first one left: an answer, a withdrawal, a partnership.

Silence has no consequence by itself: after the date a pairing stays proposed and is shown as
overdue, nobody can answer any more, and the team takes it back (:func:`drop_pairing`) when it has
asked why. A city that is on holiday is not struck out by a machine at midnight.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from calls import mails
from calls.enums import PAIRING_TRANSITIONS, ConsentAnswer, PairingState, Pool
from calls.models import Application, Pairing, PairingConsent
from core.actions import change_status, note_change
from core.models import save_new


@transaction.atomic
def answer_pairing(
    *, pairing: Pairing, application: Application, agrees: bool, reason: str = "", by: Any
) -> Pairing:
    """Take what one of the two cities says to the proposed partner, until the date.

    When both agree, the pairing is agreed; who asks for another partner, with the reason, ends it.
    Raises :class:`ValidationError` after the date, for a second answer, and without a reason where
    one is needed.
    """
    locked = _locked(pairing)
    side = _side_of(locked, application)
    require(by, Permission.APPLY, application)
    if locked.state not in {PairingState.PROPOSED, PairingState.AGREED}:
        raise ValidationError(_("This proposal is over; it can no longer be answered."))
    if locked.consents.filter(application=application).exists():
        raise ValidationError(_("This municipality has answered already."))
    if timezone.now() >= locked.due_at:
        raise ValidationError(_("The time to answer is over. Please write to the project team."))
    if agrees:
        _refuse_without_place(application)
    elif not reason.strip():
        raise ValidationError({"reason": _("Say why another partner would fit better.")})
    answer = ConsentAnswer.AGREES if agrees else ConsentAnswer.ASKS_FOR_ANOTHER
    save_new(
        PairingConsent(
            pairing=locked,
            application=application,
            answer=answer,
            reason="" if agrees else reason.strip(),
            given_by=by,
        )
    )
    note_change(locked, field=side, old="", new=answer, note="" if agrees else reason, by=by)
    if not agrees:
        return _refused(locked, application, reason, by)
    if locked.consents.filter(answer=ConsentAnswer.AGREES).count() < len(Pool):
        return locked
    agreed = _moved(locked, PairingState.AGREED, by=by)
    mails.partner_agreed(agreed)
    return agreed


def _refused(pairing: Pairing, application: Application, reason: str, by: Any) -> Pairing:
    """End a pairing because one city asked for another partner, and tell those concerned."""
    refused = _moved(pairing, PairingState.REFUSED, by=by)
    mails.another_partner_asked_for(refused, application, reason)
    mails.proposal_over(refused, without=application)
    return refused


@transaction.atomic
def withdraw_consent(*, pairing: Pairing, application: Application, by: Any) -> Pairing:
    """Take a city's agreement back, as long as the partnership is not formed.

    What both had agreed is only proposed then. Raises :class:`ValidationError` when the partnership
    was formed, also in the same moment, or when there is no agreement.
    """
    locked = _locked(pairing)
    side = _side_of(locked, application)
    require(by, Permission.APPLY, application)
    if locked.state == PairingState.FORMED:
        raise ValidationError(
            _("The partnership has been formed meanwhile. Please write to the project team.")
        )
    own = locked.consents.filter(application=application, answer=ConsentAnswer.AGREES)
    if locked.state not in {PairingState.PROPOSED, PairingState.AGREED} or not own.exists():
        raise ValidationError(_("There is no agreement that could be taken back."))
    own.delete()
    note_change(locked, field=side, old=ConsentAnswer.AGREES, new="withdrawn", by=by)
    if locked.state == PairingState.AGREED:
        locked = _moved(locked, PairingState.PROPOSED, by=by)
    mails.consent_withdrawn(locked, application)
    return locked


@transaction.atomic
def drop_pairing(*, pairing: Pairing, note: str, by: Any) -> Pairing:
    """Take a proposal back, with the reason for the team's record; both cities are told.

    Also for one that was not answered in time. Raises :class:`ValidationError` without a reason,
    and for one that is over or has become a partnership.
    """
    locked = _locked(pairing)
    for application in (locked.german, locked.european):
        require(by, Permission.PREPARE_SELECTION, application)
    if not note.strip():
        raise ValidationError({"note": _("Say why the proposal is taken back.")})
    if locked.state == PairingState.FORMED:
        raise ValidationError(_("The partnership has been formed; it cannot be taken back here."))
    dropped = _moved(locked, PairingState.DROPPED, note=note.strip(), by=by)
    mails.proposal_over(dropped)
    return dropped


def _locked(pairing: Pairing) -> Pairing:
    """Return the pairing as it stands now; nobody else changes it until the transaction ends."""
    rows = Pairing.objects.select_for_update(of=("self",))
    return rows.select_related("call", "german", "european").get(pk=pairing.pk)


def _moved(pairing: Pairing, state: str, *, note: str = "", by: Any) -> Pairing:
    """Move a locked pairing to a state."""
    moved = change_status(
        pairing, field="state", new=state, transitions=PAIRING_TRANSITIONS, note=note, by=by
    )
    moved.call, moved.german, moved.european = pairing.call, pairing.german, pairing.european
    return moved


def _side_of(pairing: Pairing, application: Application) -> str:
    """Return on which side of the pairing an application stands, for the history."""
    sides = {pairing.german_id: Pool.GERMAN, pairing.european_id: Pool.EUROPEAN}
    if application.pk not in sides:
        raise ValidationError(_("This proposal is about other municipalities."))
    return str(sides[application.pk])


def _refuse_without_place(application: Application) -> None:
    """Raise :class:`ValidationError` unless the municipality still has its place."""
    if not application.offers.confirmed().exists():
        raise ValidationError(
            _("%(place)s has no confirmed place.") % {"place": application.place_name}
        )
