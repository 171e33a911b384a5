"""What keeps places and offers in step: none too many, none beside the decision, the next in turn.

Everything here runs while the row of the session is locked.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls import mails
from calls.enums import (
    OFFER_TRANSITIONS,
    PAIRING_TRANSITIONS,
    OfferState,
    Outcome,
    PairingState,
    Pool,
)
from calls.models import Application, Offer, Pairing, SelectionSession
from calls.queries.letters import letters_to_release
from calls.queries.places import of_pool, places_held, places_of, replaced_offers
from core.actions import change_status


def end_replaced_offers(*, session: SelectionSession, by: Any) -> None:
    """End the places that a corrected decision takes back, before its letters go out.

    Raises :class:`ValidationError` while such a municipality has agreed to a partner.
    """
    rows = replaced_offers(session).select_related("application")
    for offer in rows.select_for_update(of=("self",)).order_by("pk"):
        let_go_of_partner(application=offer.application, by=by)
        note = _("The corrected decision of session %(number)s gives this place to somebody else.")
        is_open = offer.state == OfferState.OPEN
        change_status(
            offer,
            field="state",
            new=OfferState.LAPSED if is_open else OfferState.DECLINED,
            transitions=OFFER_TRANSITIONS,
            note=str(note % {"number": session.number}),
            changes={"answered_at": timezone.now()},
            by=by,
        )


def refuse_too_many_places(*, session: SelectionSession, by: Any = None) -> None:
    """Raise :class:`ValidationError` where the release would give more places than a pool has."""
    living = Offer.objects.living().filter(application=OuterRef("application"))
    new = letters_to_release(session).filter(outcome=Outcome.ACCEPTED).exclude(Exists(living))
    for pool in Pool:
        places = places_of(session.call, pool)
        if places is None:
            continue
        given = places_held(session.call, pool) + of_pool(new, pool, "application__").count()
        if given > places:
            raise ValidationError(
                _(
                    "%(pool)s: with these letters %(given)s places would be given, but the call "
                    "has %(places)s."
                )
                % {"pool": pool.label, "given": given, "places": places}
            )


def let_go_of_partner(*, application: Application, by: Any) -> None:
    """Take back the proposed pair of a municipality that gives its place up.

    Raises :class:`ValidationError` where both have agreed or the partnership was formed: then
    people decide first what becomes of the partner. The pair is locked, so that of giving up and
    agreeing at once the second one meets what the first one left.
    """
    both = Q(german=application) | Q(european=application)
    rows = Pairing.objects.select_for_update(of=("self",)).holding().filter(both)
    for pairing in rows.select_related("call", "german", "european"):
        if pairing.state != PairingState.PROPOSED:
            raise ValidationError(
                _(
                    "%(place)s has a partner who relies on it. Please write to the project team "
                    "first."
                )
                % {"place": application.place_name},
                code="paired",
            )
        dropped = change_status(
            pairing,
            field="state",
            new=PairingState.DROPPED,
            transitions=PAIRING_TRANSITIONS,
            note=str(_("The place was given up.")),
            by=by,
        )
        dropped.call, dropped.german, dropped.european = (
            pairing.call,
            pairing.german,
            pairing.european,
        )
        mails.proposal_over(dropped, without=application)
