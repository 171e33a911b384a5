"""Confirmed cities and proposed pairs as the tests need them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import User
from calls import actions
from calls.cards import DescribedCity, card_of
from calls.enums import LetterState, OfferState, Outcome
from calls.matching import Weights
from calls.models import Application, Call, Letter, Offer, Pairing, SelectionSession, Submission
from municipalities.models import Topic
from tests.calls.desk import row
from tests.selection import make_call_in_review, make_reviewer


def confirm(application: Application, state: str = OfferState.CONFIRMED) -> Offer:
    """Give a city a place that it has confirmed."""
    session, _new = SelectionSession.objects.get_or_create(
        call=application.call, number=1, defaults={"held_on": timezone.localdate()}
    )
    letter = Letter.objects.create(
        session=session,
        application=application,
        outcome=Outcome.ACCEPTED,
        state=LetterState.RELEASED,
        language="de",
        subject="Zusage",
        body="Sie sind dabei.",
        released_at=timezone.now(),
    )
    now = timezone.now()
    return Offer.objects.create(
        application=application,
        letter=letter,
        state=state,
        due_at=now + dt.timedelta(days=14),
        answered_at=now,
    )


def make_confirmed(german: int = 1, european: int = 1, **fields: Any) -> Call:
    """Return a call of which all cities have confirmed their places."""
    call = make_call_in_review(german, european, **fields)
    for application in call.applications.select_related("call").order_by("pk"):
        confirm(application)
    call.procedure.per_country = None
    call.procedure.save()
    return call


def city(call: Call, name: str) -> Application:
    """Return the application of a city."""
    return Application.objects.select_related("call", "municipality").get(
        call=call, place_name=name
    )


def send_anew(application: Application, **changes: Any) -> None:
    """Change what counts as sent: ``topics`` as {(key, side): level}, columns by their names."""
    row = Submission.objects.filter(application=application).order_by("number").last()
    assert row is not None
    document = row.document
    if (topics := changes.pop("topics", None)) is not None:
        document["topics"] = [
            {
                "topic": key,
                "name": {"de": f"{key} (de)", "en": key},
                "side": side,
                "level": level,
                "sentence": "",
            }
            for (key, side), level in topics.items()
        ]
        for key, _side in topics:
            Topic.objects.get_or_create(
                key=key, defaults={"name_de": f"{key} (de)", "name_en": key}
            )
    for name, value in changes.items():
        for step in ("municipality", "people", "cooperation"):
            if name in document[step]:
                document[step][name] = value
    row.document = document
    row.save()


def propose(
    call: Call, german: str = "Stadt 1", european: str = "City 1", by: Any = None
) -> Pairing:
    """Propose one pair of a call."""
    keys = (city(call, german).pk, city(call, european).pk)
    (pairing,) = actions.propose_pairs(call=call, pairs=[keys], by=by or coordinator())
    return pairing


def propose_to(application: Application) -> Pairing:
    """Return a pairing of a German city as it stands in the database, whatever made it."""
    partner = row(application.call, f"Ville {application.pk}", place_country="FR")
    cities = (
        DescribedCity(key=one.pk, name=one.place_name, country=one.place_country)
        for one in (application, partner)
    )
    return Pairing.objects.create(
        call=application.call,
        german=application,
        european=partner,
        fit=0,
        card=card_of(*cities, Weights()),
        due_at=timezone.now() + dt.timedelta(days=14),
    )


def coordinator() -> User:
    """Return somebody who prepares the selection."""
    return make_reviewer("adelphi", "coordinator")


def writer(application: Application) -> User:
    """Return who wrote an application, as signed in anew."""
    return User.objects.get(pk=application.begun_by_id)


def agree(pairing: Pairing, *applications: Application) -> Pairing:
    """Let cities agree to the proposed partner; without any, both."""
    for application in applications or (pairing.german, pairing.european):
        pairing = actions.answer_pairing(
            pairing=pairing, application=application, agrees=True, by=writer(application)
        )
    return pairing


def refresh(pairing: Pairing) -> Pairing:
    """Return a pairing as it stands in the database."""
    return Pairing.objects.select_related("call", "german", "european").get(pk=pairing.pk)
