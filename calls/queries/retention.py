"""Which applications have had their time."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from calls.enums import CallState, LetterState, Outcome, PairingState, SessionState
from calls.models import Application, Call, Decision, Letter, Offer, Pairing
from core.models import StatusChange

#: The field under which it stands in the history that an application was emptied.
RETENTION = "retention"


def due_applications(now: dt.datetime) -> models.QuerySet[Application]:
    """Return those whose texts, people and files have had their time at ``now``.

    ``APPLICATION_DAYS`` run from the release of the last letter for who was refused, and from the
    archiving of the call for all others: who stood on the reserve list, declined or was never
    decided on. What led to a partnership stays as long as that.
    """
    before = now - dt.timedelta(days=settings.APPLICATION_DAYS)
    own = OuterRef("pk")
    emptied = history_about(Application).filter(field=RETENTION, object_id=own)
    archived = history_about(Call).filter(
        field="state", new=CallState.ARCHIVED, object_id=OuterRef("call"), changed_at__lt=before
    )
    letters = Letter.objects.filter(application=own, state=LetterState.RELEASED)
    last = letters.order_by("-released_at", "-pk")
    decided = Decision.objects.filter(application=own, session__state=SessionState.DECIDED)
    formed = Pairing.objects.filter(Q(german=own) | Q(european=own), state=PairingState.FORMED)
    rows = Application.objects.sent().alias(
        last_letter=Subquery(last.values("outcome")[:1]),
        last_letter_at=Subquery(last.values("released_at")[:1]),
        decision=Subquery(decided.order_by("-session__number").values("outcome")[:1]),
    )
    refused = Q(
        last_letter=Outcome.REFUSED, last_letter_at__lt=before, decision=Outcome.REFUSED
    ) & ~Exists(Offer.objects.living().filter(application=own))
    return rows.filter(refused | Exists(archived)).exclude(Exists(emptied)).exclude(Exists(formed))


def history_about(model: type[models.Model]) -> models.QuerySet[StatusChange]:
    """Return the history of a kind of record."""
    return StatusChange.objects.filter(content_type=ContentType.objects.get_for_model(model))
