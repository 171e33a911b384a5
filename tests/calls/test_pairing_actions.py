"""Pairs are fixed, proposed, agreed to, refused and taken back, each by who may and once."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from post_office.models import Email

from calls import actions
from calls.enums import ConflictKind, OfferState, PairingState, PairRuleKind
from calls.models import Offer, Pairing, PairingConsent, PairRule, Procedure
from core.models import StatusChange
from tests.calls.pairing_cases import (
    agree,
    city,
    confirm,
    coordinator,
    make_confirmed,
    propose,
    refresh,
    send_anew,
    writer,
)
from tests.factories import make_user
from tests.selection import declare, make_call_in_review, make_reviewer

pytestmark = pytest.mark.django_db


def answer(pairing, name, *, agrees=True, reason="", by=None):
    application = city(pairing.call, name)
    return actions.answer_pairing(
        pairing=pairing,
        application=application,
        agrees=agrees,
        reason=reason,
        by=by or writer(application),
    )


def keys(call, *names):
    found = [city(call, name).pk for name in names]
    return list(zip(found[::2], found[1::2], strict=True))


def history(pairing):
    rows = StatusChange.objects.of(pairing).order_by("pk")
    return list(rows.values_list("field", "old", "new"))


def recipients():
    return sorted(address for mail in Email.objects.all() for address in mail.to)


# Proposing


def test_proposed_pair_holds_card_fit_and_the_end_of_the_last_day_on_the_calls_clock():
    call = make_confirmed(time_zone="Pacific/Auckland")
    Procedure.objects.update(consent_days=10)

    pairing = propose(call)

    local = pairing.due_at.astimezone(zoneinfo.ZoneInfo("Pacific/Auckland"))
    today = timezone.now().astimezone(zoneinfo.ZoneInfo("Pacific/Auckland")).date()
    assert (local.date(), local.time()) == (today + dt.timedelta(days=10), dt.time(23, 59, 59))
    assert pairing.state == PairingState.PROPOSED
    assert pairing.fit == pairing.card["fit"]["total"] > 0
    assert len(pairing.card["reasons"]) >= 3
    assert len(pairing.card["differences"]) >= 1
    assert history(pairing) == [("state", "", "proposed")]


def test_proposed_pair_is_told_to_who_writes_either_application_in_their_language():
    call = make_confirmed()
    german, european = city(call, "Stadt 1"), city(call, "City 1")
    type(german.begun_by).objects.filter(pk=european.begun_by_id).update(language="en")
    Email.objects.all().delete()

    propose(call)

    first, second = (Email.objects.get(to=row.begun_by.email) for row in (german, european))
    assert Email.objects.count() == 2
    assert "City 1" in first.subject
    assert f"/de/calls/{call.slug}/apply/{german.key}/partner/" in first.message
    assert second.subject == "Proposed partner for City 1: Stadt 1"
    assert f"/en/calls/{call.slug}/apply/{european.key}/partner/" in second.message


def test_only_confirmed_cities_are_proposed():
    call = make_call_in_review(1, 1)
    confirm(city(call, "Stadt 1"))
    confirm(city(call, "City 1"), OfferState.DECLINED)

    with pytest.raises(ValidationError, match="City 1"):
        propose(call)

    assert not Pairing.objects.exists()
    assert not Email.objects.filter(subject__contains="City 1").exists()


def test_city_that_is_held_is_not_proposed_again_until_it_is_free():
    call = make_confirmed(1, 2)
    first = propose(call)

    with pytest.raises(ValidationError, match="Stadt 1"):
        propose(call, european="City 2")
    actions.drop_pairing(
        pairing=first, note="Die Stadt hat sich anders entschieden.", by=coordinator()
    )

    assert propose(call, european="City 2").state == PairingState.PROPOSED


def test_several_pairs_are_proposed_all_or_none():
    call = make_confirmed(2, 2)
    Offer.objects.filter(application=city(call, "City 2")).update(state=OfferState.DECLINED)

    with pytest.raises(ValidationError):
        actions.propose_pairs(
            call=call, pairs=keys(call, "Stadt 1", "City 1", "Stadt 2", "City 2"), by=coordinator()
        )

    assert not Pairing.objects.exists()


@pytest.mark.parametrize(
    "names",
    [("City 1", "Stadt 1"), ("Stadt 1", "Stadt 2"), ("Stadt 1", "City 1", "Stadt 2", "City 1"), ()],
    ids=["wrong way round", "two German ones", "a city twice", "none"],
)
def test_what_is_no_pair_is_refused(names):
    call = make_confirmed(2, 1)

    with pytest.raises(ValidationError):
        actions.propose_pairs(call=call, pairs=keys(call, *names), by=coordinator())


def test_city_of_another_call_is_refused():
    call, other = make_confirmed(), make_confirmed()

    with pytest.raises(ValidationError):
        actions.propose_pairs(
            call=call,
            pairs=[(city(call, "Stadt 1").pk, city(other, "City 1").pk)],
            by=coordinator(),
        )


def test_excluded_pair_is_not_proposed():
    call = make_confirmed()
    rule(call, PairRuleKind.FORBIDDEN)

    with pytest.raises(ValidationError, match="Stadt 1 – City 1"):
        propose(call)


def test_no_more_pairs_than_allowed_are_proposed_with_one_country():
    call = make_confirmed(2, 2)
    Procedure.objects.update(per_country=1)
    propose(call)

    with pytest.raises(ValidationError, match="Frankreich"):
        propose(call, "Stadt 2", "City 2")


def test_twinned_cities_are_not_proposed_where_that_is_excluded_unless_somebody_fixed_them():
    call = make_confirmed()
    send_anew(city(call, "Stadt 1"), twinnings="Seit 1990 mit CITY 1.")
    Procedure.objects.update(twinning_allowed=False)

    with pytest.raises(ValidationError):
        propose(call)
    rule(call, PairRuleKind.FIXED)

    assert propose(call).state == PairingState.PROPOSED


@pytest.mark.parametrize("role", ["contact", "reviewer", "observer"])
def test_who_does_not_prepare_the_selection_proposes_nothing(role):
    call = make_confirmed()

    with pytest.raises(PermissionDenied):
        propose(call, by=make_user(role))


@pytest.mark.parametrize("name", ["Stadt 1", "City 1"])
def test_conflict_of_interest_about_either_city_forbids_proposing_and_taking_back(name):
    call, person = make_confirmed(), coordinator()
    pairing = propose(call)
    declare(city(call, name), person, ConflictKind.INSTITUTIONAL)
    colleague = make_reviewer("adelphi", "coordinator")

    for by in (person, colleague):
        with pytest.raises(PermissionDenied):
            actions.drop_pairing(pairing=pairing, note="Nein.", by=by)
        with pytest.raises(PermissionDenied):
            rule(call, PairRuleKind.FIXED, by=by)


# Rules


def rule(call, kind, reason="Der Beirat wünscht es.", by=None, european="City 1"):
    return actions.set_pair_rule(
        call=call,
        german=city(call, "Stadt 1"),
        european=city(call, european),
        kind=kind,
        reason=reason,
        by=by or coordinator(),
    )


def test_rule_is_kept_with_reason_and_person_and_leaves_a_trace_when_removed():
    call, by = make_confirmed(), coordinator()

    made = rule(call, PairRuleKind.FIXED, by=by)
    assert (made.reason, made.made_by) == ("Der Beirat wünscht es.", by)
    actions.remove_pair_rule(rule=made, by=by)
    actions.remove_pair_rule(rule=made, by=by)

    assert not PairRule.objects.exists()
    rows = StatusChange.objects.filter(object_id=made.pk, field="kind").order_by("pk")
    assert list(rows.values_list("old", "new")) == [("", "fixed"), ("fixed", "removed")]


def test_pair_has_one_rule_and_every_rule_a_reason():
    call = make_confirmed()
    rule(call, PairRuleKind.FIXED)

    with pytest.raises(ValidationError, match=r"schon eine Regel|There is a rule"):
        rule(call, PairRuleKind.FORBIDDEN)
    with pytest.raises(ValidationError):
        rule(make_confirmed(), PairRuleKind.FIXED, reason="  ")


# Answers


def test_pair_is_agreed_when_both_have_agreed_and_both_are_told():
    pairing = propose(make_confirmed())
    Email.objects.all().delete()

    assert answer(pairing, "Stadt 1").state == PairingState.PROPOSED
    assert not Email.objects.exists()
    assert answer(pairing, "City 1").state == PairingState.AGREED

    both = [writer(row).email for row in (pairing.german, pairing.european)]
    assert recipients() == sorted(both)
    assert history(pairing)[1:] == [
        ("german", "", "agrees"),
        ("european", "", "agrees"),
        ("state", "proposed", "agreed"),
    ]


def test_city_answers_once():
    pairing = propose(make_confirmed())
    answer(pairing, "Stadt 1")

    for agrees in (True, False):
        with pytest.raises(ValidationError):
            answer(pairing, "Stadt 1", agrees=agrees, reason="Doch nicht.")

    assert PairingConsent.objects.count() == 1


def test_asking_for_another_partner_needs_a_reason():
    pairing = propose(make_confirmed())

    with pytest.raises(ValidationError) as refused:
        answer(pairing, "City 1", agrees=False, reason=" \n ")

    assert list(refused.value.message_dict) == ["reason"]
    assert refresh(pairing).state == PairingState.PROPOSED


def test_asking_for_another_partner_frees_both_and_tells_the_team_why_but_not_the_partner():
    call = make_confirmed(1, 2)
    by = coordinator()
    pairing = propose(call, by=by)
    answer(pairing, "Stadt 1")
    closed = make_reviewer("difu", "coordinator")
    declare(pairing.german, closed, ConflictKind.PERSONAL)
    Email.objects.all().delete()

    refused = answer(pairing, "City 1", agrees=False, reason="Uns fehlt die LECKSTELLE.")

    assert refused.state == PairingState.REFUSED
    told = {mail.to[0]: mail.message for mail in Email.objects.all()}
    assert set(told) == {by.email, writer(pairing.german).email}
    assert "LECKSTELLE" in told[by.email]
    assert "LECKSTELLE" not in told[writer(pairing.german).email]
    assert propose(call, european="City 2").state == PairingState.PROPOSED


def test_nobody_answers_for_another_city():
    call = make_confirmed(2, 1)
    pairing = propose(call)
    german = city(call, "Stadt 1")

    for by in (writer(city(call, "City 1")), writer(city(call, "Stadt 2")), coordinator()):
        with pytest.raises(PermissionDenied):
            actions.answer_pairing(pairing=pairing, application=german, agrees=True, by=by)
    with pytest.raises(ValidationError):
        answer(pairing, "Stadt 2")

    assert not PairingConsent.objects.exists()


def test_answer_counts_until_the_last_second_and_silence_changes_nothing(monkeypatch):
    pairing = propose(make_confirmed())
    second = dt.timedelta(seconds=1)

    monkeypatch.setattr(timezone, "now", lambda: pairing.due_at - second)
    answer(pairing, "Stadt 1")
    assert not refresh(pairing).is_overdue
    monkeypatch.setattr(timezone, "now", lambda: pairing.due_at)
    with pytest.raises(ValidationError):
        answer(pairing, "City 1")

    assert refresh(pairing).is_overdue
    assert refresh(pairing).state == PairingState.PROPOSED


def test_city_that_gave_its_place_back_does_not_agree():
    pairing = propose(make_confirmed())
    Offer.objects.filter(application=pairing.german).update(state=OfferState.DECLINED)

    with pytest.raises(ValidationError, match="Stadt 1"):
        answer(pairing, "Stadt 1")


# Withdrawing


def test_withdrawn_consent_makes_an_agreed_pair_proposed_again_and_can_be_given_anew():
    call, by = make_confirmed(), coordinator()
    pairing = agree(propose(call, by=by))
    Email.objects.all().delete()

    withdrawn = withdraw(pairing, "City 1")

    assert withdrawn.state == PairingState.PROPOSED
    assert recipients() == sorted([by.email, writer(pairing.german).email])
    assert answer(pairing, "City 1").state == PairingState.AGREED


def test_only_the_own_agreement_is_withdrawn():
    pairing = propose(make_confirmed())
    answer(pairing, "Stadt 1")

    with pytest.raises(ValidationError):
        withdraw(pairing, "City 1")
    with pytest.raises(PermissionDenied):
        withdraw(pairing, "Stadt 1", by=writer(pairing.european))

    assert PairingConsent.objects.count() == 1


@pytest.mark.parametrize("state", [PairingState.FORMED, PairingState.DROPPED])
def test_nothing_is_withdrawn_answered_or_dropped_when_it_is_over(state):
    pairing = agree(propose(make_confirmed()))
    Pairing.objects.update(state=state)

    with pytest.raises(ValidationError):
        withdraw(pairing, "City 1")
    with pytest.raises(ValidationError):
        answer(pairing, "City 1")
    with pytest.raises(ValidationError):
        actions.drop_pairing(pairing=pairing, note="Zu spät.", by=coordinator())

    assert refresh(pairing).state == state
    assert PairingConsent.objects.count() == 2


def withdraw(pairing, name, by=None):
    application = city(pairing.call, name)
    return actions.withdraw_consent(
        pairing=pairing, application=application, by=by or writer(application)
    )


# Taking back


def test_proposal_is_taken_back_with_a_reason_for_the_record_that_no_city_reads():
    pairing = propose(make_confirmed())
    Email.objects.all().delete()

    with pytest.raises(ValidationError):
        actions.drop_pairing(pairing=pairing, note=" ", by=coordinator())
    dropped = actions.drop_pairing(pairing=pairing, note="Keine Antwort.", by=coordinator())

    assert dropped.state == PairingState.DROPPED
    row = StatusChange.objects.of(pairing).first()
    assert (row.new, row.note) == ("dropped", "Keine Antwort.")
    assert Email.objects.count() == 2
    assert not Email.objects.filter(message__contains="Keine Antwort").exists()
