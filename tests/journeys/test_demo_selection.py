"""Sixty invented applications from the open call to six partnerships, by the actions of the pages.

The command of the demo does it once; what people would miss is then asked of what it left.
"""

from __future__ import annotations

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from post_office.models import Email

from accounts.enums import UserRole
from calls.content import checksum
from calls.enums import ConflictKind, LetterState, OfferState, Outcome, PairingState, ReviewState
from calls.models import (
    Application,
    Call,
    ConflictDeclaration,
    Decision,
    Letter,
    Offer,
    Pairing,
    Review,
    SelectionSession,
)
from core.models import StatusChange
from municipalities.models import Municipality
from tandems.enums import TandemStatus
from tandems.models import Tandem
from tests.factories import TopicFactory, make_user
from tests.selection import make_organisation

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = [str(DATA / f"demo_{name}.json") for name in ("call", "applications", "procedure")]
ORGANISATIONS = {"difu", "adelphi", "steinbeis"}
TOPICS = (
    *("urban-digital-twins", "lorawan-sensors", "data-spaces", "open-data"),
    *("citizen-participation", "climate-monitoring", "energy-monitoring", "circular-economy"),
    *("mobility", "hydrogen-energy", "e-government", "artificial-intelligence", "smart-lighting"),
    *("hackathons", "eu-funding", "governance", "cybersecurity"),
)


@pytest.mark.django_db
def test_sixty_applications_become_six_partnerships(settings):
    settings.DEMO = True
    for key in TOPICS:
        TopicFactory(key=key)
    for name in ORGANISATIONS:
        make_organisation(name)
    make_user(UserRole.COORDINATOR), make_user(UserRole.BBSR)
    output = StringIO()

    call_command("carry_demo_call", *FILES, stdout=output)

    assert output.getvalue().splitlines()[-1] == "Demo: 60 applications, 6 partnerships."
    call = Call.objects.get()
    sent = Application.objects.sent().filter(call=call)
    assert (Application.objects.count(), sent.count()) == (60, 55)
    everybody_was_read_by_each_organisation(sent)
    nobody_read_against_a_conflict()
    decision_is_whole(call, sent)
    places_were_answered(call)
    partnerships_are_formed(call)
    # The people are invented; nobody has their mailboxes.
    assert Email.objects.count() == 0

    again = StringIO()
    call_command("carry_demo_call", *FILES, stdout=again)
    assert again.getvalue().strip() == "The decided demo call is there already."
    assert Call.objects.count() == 1


def everybody_was_read_by_each_organisation(sent):
    reviews = Review.objects.counting()
    assert set(reviews.values_list("state", flat=True)) == {ReviewState.FILED}
    for application in sent:
        read_by = reviews.filter(assignment__application=application)
        found = Counter(read_by.values_list("assignment__organisation__slug", flat=True))
        closed = application.conflicts.filter(kind=ConflictKind.INSTITUTIONAL)
        barred = set(closed.values_list("organisation__slug", flat=True))
        assert (sum(found.values()), set(found)) == (3, ORGANISATIONS - barred), application


def nobody_read_against_a_conflict():
    conflicts = ConflictDeclaration.objects.closing()
    assert sorted(conflicts.values_list("kind", flat=True)) == [
        *("institutional", "personal", "twinning"),
    ]
    for conflict in conflicts:
        reviews = Review.objects.filter(assignment__application=conflict.application)
        assert not reviews.filter(assignment__reviewer=conflict.person).exists()
        if conflict.kind == ConflictKind.INSTITUTIONAL:
            assert not reviews.filter(assignment__organisation=conflict.organisation).exists()


def decision_is_whole(call, sent):
    session = SelectionSession.objects.get()
    assert session.sha256 == checksum(session.document)
    assert session.recommended_by != session.decided_by
    outcomes = Counter(Decision.objects.values_list("outcome", flat=True))
    assert outcomes == {"accepted": 12, "reserve": 6, "refused": sent.count() - 18}
    chosen = Decision.objects.filter(outcome=Outcome.ACCEPTED).select_related("application")
    assert Counter(row.application.pool for row in chosen) == {"german": 6, "european": 6}
    assert not Decision.objects.exclude(reason__contains="Punkten.").exists()
    # Nobody is told twice the same, and only who moved up got a second letter.
    letters = Letter.objects.all()
    assert set(letters.values_list("state", flat=True)) == {LetterState.RELEASED}
    assert letters.count() == sent.count() + 1


def places_were_answered(call):
    states = Counter(Offer.objects.values_list("state", flat=True))
    assert states == {OfferState.CONFIRMED: 12, OfferState.DECLINED: 1}
    declined = Offer.objects.get(state=OfferState.DECLINED).application
    moved_up = Decision.objects.get(application__offers__isnull=False, outcome=Outcome.RESERVE)
    assert (moved_up.rank, moved_up.application.pool) == (1, declined.pool)


def partnerships_are_formed(call):
    states = Counter(Pairing.objects.values_list("state", flat=True))
    assert states == {PairingState.FORMED: 6, PairingState.REFUSED: 1, PairingState.DROPPED: 1}
    refused = Pairing.objects.get(state=PairingState.REFUSED)
    assert refused.consents.get().reason
    tandems = Tandem.objects.filter(call=call)
    assert tandems.count() == 6
    for tandem in tandems:
        german, european = tandem.members.order_by("position")
        assert german.municipality.country == "DE" != european.municipality.country
        assert tandem.status == TandemStatus.PLANNED
        assert tandem.kick_off_proposed_on is not None
        assert tandem.topics.exists()
        assert StatusChange.objects.of(tandem).exists()
    assert Municipality.objects.count() == 12
