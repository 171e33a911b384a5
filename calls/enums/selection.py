"""How places are given and pairs are formed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ListOutcome(models.TextChoices):
    """What a selection list makes of an application; one that is not on it is left."""

    CHOSEN = "chosen", _("chosen")
    RESERVE = "reserve", _("reserve list")
    LEFT = "left", _("not selected")


class SessionState(models.TextChoices):
    """Where a session of the selection stands."""

    OPEN = "open", _("being prepared")
    RECOMMENDED = "recommended", _("recommended by the project team")
    DECIDED = "decided", _("decided by BBSR")


#: State of a session → states that may follow. A decided one never changes.
SESSION_TRANSITIONS: dict[str, frozenset[str]] = {
    SessionState.OPEN: frozenset({SessionState.RECOMMENDED}),
    SessionState.RECOMMENDED: frozenset({SessionState.OPEN, SessionState.DECIDED}),
    SessionState.DECIDED: frozenset(),
}


class Outcome(models.TextChoices):
    """What was decided about an application."""

    ACCEPTED = "accepted", _("accepted")
    RESERVE = "reserve", _("reserve list")
    REFUSED = "refused", _("not selected")


#: What a list says → what is decided by it.
DECIDED_AS: dict[str, Outcome] = {
    ListOutcome.CHOSEN: Outcome.ACCEPTED,
    ListOutcome.RESERVE: Outcome.RESERVE,
    ListOutcome.LEFT: Outcome.REFUSED,
}


class LetterState(models.TextChoices):
    """Where a letter stands; it never returns from the outside."""

    DRAFT = "draft", _("draft")
    RELEASED = "released", _("released")


LETTER_TRANSITIONS: dict[str, frozenset[str]] = {
    LetterState.DRAFT: frozenset({LetterState.RELEASED}),
    LetterState.RELEASED: frozenset(),
}


class OfferState(models.TextChoices):
    """What a municipality makes of the place that it was offered."""

    OPEN = "open", _("answer awaited")
    CONFIRMED = "confirmed", _("confirmed")
    DECLINED = "declined", _("declined")
    LAPSED = "lapsed", _("lapsed without an answer")


#: State of an offer → states that may follow.
OFFER_TRANSITIONS: dict[str, frozenset[str]] = {
    OfferState.OPEN: frozenset({OfferState.CONFIRMED, OfferState.DECLINED, OfferState.LAPSED}),
    OfferState.CONFIRMED: frozenset({OfferState.DECLINED}),
    OfferState.DECLINED: frozenset(),
    OfferState.LAPSED: frozenset(),
}


class PairRuleKind(models.TextChoices):
    """What people lay down about a pair before anything is computed."""

    FIXED = "fixed", _("fixed")
    FORBIDDEN = "forbidden", _("excluded")


class PairingState(models.TextChoices):
    """Where a proposed pair stands."""

    PROPOSED = "proposed", _("consent of both awaited")
    AGREED = "agreed", _("agreed by both")
    REFUSED = "refused", _("another partner was asked for")
    #: Taken back by the team, or its date has passed.
    DROPPED = "dropped", _("taken back")
    FORMED = "formed", _("partnership formed")


#: State of a pairing → states that may follow.
PAIRING_TRANSITIONS: dict[str, frozenset[str]] = {
    PairingState.PROPOSED: frozenset(
        {PairingState.AGREED, PairingState.REFUSED, PairingState.DROPPED}
    ),
    PairingState.AGREED: frozenset(
        {PairingState.PROPOSED, PairingState.REFUSED, PairingState.DROPPED, PairingState.FORMED}
    ),
    PairingState.REFUSED: frozenset(),
    PairingState.DROPPED: frozenset(),
    PairingState.FORMED: frozenset(),
}


class ConsentAnswer(models.TextChoices):
    """What a municipality says to the partner that is proposed."""

    AGREES = "agrees", _("agrees")
    ASKS_FOR_ANOTHER = "another", _("asks for another partner")
