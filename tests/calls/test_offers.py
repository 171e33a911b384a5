"""Offered places: answered in time by who may, lapsed without an answer, passed on by rank."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from post_office.models import Email

from calls import actions
from calls.enums import OfferState, Outcome, PairingState
from calls.models import Application, Call, Letter, Offer, Pairing
from core.models import StatusChange
from tests.applications import editor_of
from tests.factories import MunicipalityFactory, make_user
from tests.selection import applications_of, decided, declare, make_call_in_review

pytestmark = pytest.mark.django_db


def released(reserve=2, **fields):
    """Return released letters: one place in each pool, the other German cities on the reserve list.

    The ranks run against the order in which the applications were sent.
    """
    call = make_call_in_review(1 + reserve, 1, **fields)
    rows = applications_of(call)
    outcomes = {rows[0]: "accepted", rows[-1]: "accepted"}
    for rank, row in enumerate(reversed(rows[1 : 1 + reserve]), start=1):
        outcomes[row] = ("reserve", rank)
    session = decided(call, outcomes)
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    actions.release_letters(session=session, by=bbsr)
    Email.objects.all().delete()
    return session, rows


def offer_to(application):
    return Offer.objects.filter(application=application).latest("pk")


def answer(application, confirms, note="", by=None):
    return actions.answer_offer(
        offer=offer_to(application), confirms=confirms, note=note, by=by or editor_of(application)
    )


def proposed():
    """Return who waits for the release of an offer."""
    rows = Letter.objects.drafts().filter(outcome=Outcome.ACCEPTED).order_by("pk")
    return [row.application for row in rows]


def release_again(session):
    return actions.release_letters(session=session, by=make_user("bbsr"))


def recipients():
    return sorted(address for mail in Email.objects.all() for address in mail.to)


def test_place_is_confirmed_with_who_and_when(time_machine):
    _session, rows = released()
    moment = timezone.now() + dt.timedelta(days=2)
    time_machine.move_to(moment, tick=False)

    answer(rows[0], confirms=True)

    offer = offer_to(rows[0])
    assert (offer.state, offer.answered_by) == (OfferState.CONFIRMED, editor_of(rows[0]))
    assert offer.answered_at == moment
    changes = StatusChange.objects.of(offer).values_list("old", "new")
    assert list(changes) == [("open", "confirmed")]
    assert proposed() == []


def test_second_click_changes_nothing():
    _session, rows = released()
    answer(rows[0], confirms=True)
    before = offer_to(rows[0]).answered_at

    answer(rows[0], confirms=True, by=None)

    assert offer_to(rows[0]).answered_at == before
    assert StatusChange.objects.of(offer_to(rows[0])).count() == 1


@pytest.mark.parametrize("role", ["coordinator", "bbsr", "reviewer", "contact", None])
def test_only_who_writes_the_application_answers(role):
    _session, rows = released()

    with pytest.raises(PermissionDenied):
        answer(rows[0], confirms=True, by=make_user(role))

    assert offer_to(rows[0]).state == OfferState.OPEN


@pytest.mark.parametrize(("role", "may"), [("contact", 1), ("deputy", 1), ("colleague", 0)])
def test_officers_of_the_municipality_answer(role, may):
    _session, rows = released()
    place = MunicipalityFactory()
    Application.objects.filter(pk=rows[0].pk).update(municipality=place)

    with nullcontext() if may else pytest.raises(PermissionDenied):
        answer(rows[0], confirms=True, by=make_user(role, place))

    assert (offer_to(rows[0]).state == OfferState.CONFIRMED) == bool(may)


def test_decline_drafts_the_offer_to_the_first_on_the_reserve_list():
    session, rows = released()
    coordinator = make_user("coordinator")

    answer(rows[0], confirms=False, note="Kein Personal.")

    offer = offer_to(rows[0])
    assert (offer.state, offer.note) == (OfferState.DECLINED, "Kein Personal.")
    assert proposed() == [rows[2]], "rank 1 was sent last"
    letter = Letter.objects.drafts().get()
    assert letter.session == session
    assert letter.language == "de"
    assert not letter.released_at
    assert not Offer.objects.filter(application=rows[2]).exists(), "BBSR releases it first"
    told = set(recipients())
    assert coordinator.email in told
    assert editor_of(rows[2]).email not in told, "the city knows nothing yet"


def test_next_offer_goes_out_when_bbsr_releases_it():
    session, rows = released()
    answer(rows[0], confirms=False)
    Email.objects.all().delete()

    assert release_again(session) == 1

    offer = offer_to(rows[2])
    assert offer.state == OfferState.OPEN
    assert offer.due_at > timezone.now() + dt.timedelta(days=13)
    assert recipients() == [editor_of(rows[2]).email]
    assert "[Frist]" not in offer.letter.body
    assert Letter.objects.released().filter(application=rows[2]).count() == 2


def test_mail_tells_coordinators_and_bbsr_who_is_next_and_nobody_in_conflict():
    _session, rows = released()
    Email.objects.all().delete()
    team = [make_user("coordinator"), make_user("bbsr")]
    english = make_user("coordinator")
    english.language = "en"
    english.save()
    in_conflict, with_the_next = make_user("coordinator"), make_user("bbsr")
    declare(rows[0], in_conflict, "personal")
    declare(rows[2], with_the_next, "other")
    make_user("reviewer"), make_user("observer")
    former = make_user("coordinator")
    former.is_active = False
    former.save()
    bbsr = Letter.objects.first().released_by

    answer(rows[0], confirms=False, note="Kein Personal.")

    expected = [*team, english, with_the_next, bbsr]
    assert recipients() == sorted(person.email for person in expected)
    mails = {mail.to[0]: mail for mail in Email.objects.all()}
    words = mails[english.email].message
    assert "Stadt 1 has declined its place" in words
    assert "Kein Personal." in words
    assert "Next on the reserve list is Stadt 3." in words
    assert f"/admin/calls/letter/{rows[0].call.slug}/offers/" in words
    assert "Stadt 3" not in mails[with_the_next.email].message


def test_two_places_that_become_free_go_to_two_cities_by_rank():
    call = make_call_in_review(4, 0)
    rows = applications_of(call)
    accepted = dict.fromkeys(rows[:2], "accepted")
    session = decided(call, {**accepted, rows[2]: ("reserve", 2), rows[3]: ("reserve", 1)})
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    actions.release_letters(session=session, by=bbsr)

    answer(rows[0], confirms=False)
    answer(rows[1], confirms=False)

    assert proposed() == [rows[3], rows[2]]


def test_reserve_list_of_the_other_pool_is_left_alone_and_its_end_is_told():
    _session, rows = released(reserve=1)

    answer(rows[-1], confirms=False)

    assert proposed() == []
    message = Email.objects.first().message
    assert rows[1].place_name not in message


def test_withdrawn_and_declined_cities_are_skipped():
    session, rows = released(reserve=3)
    Application.objects.filter(pk=rows[3].pk).update(state="withdrawn")
    answer(rows[0], confirms=False)
    assert proposed() == [rows[2]]
    release_again(session)

    answer(rows[2], confirms=False)

    assert proposed() == [rows[1]]


@pytest.mark.parametrize("confirms", [True, False])
def test_answer_after_the_date_is_refused_with_the_date(time_machine, confirms):
    _session, rows = released()
    due_at = offer_to(rows[0]).due_at
    time_machine.move_to(due_at, tick=False)

    with pytest.raises(ValidationError) as refused:
        answer(rows[0], confirms=confirms)

    assert refused.value.code == "late"
    assert offer_to(rows[0]).state == OfferState.OPEN
    assert str(due_at.astimezone(dt.UTC).year) in refused.value.messages[0]
    assert "Europe/Berlin" in refused.value.messages[0]


def test_answer_in_the_last_second_counts(time_machine):
    _session, rows = released()
    time_machine.move_to(offer_to(rows[0]).due_at - dt.timedelta(seconds=1), tick=False)

    answer(rows[0], confirms=True)

    assert actions.lapse_offers() == 0
    assert offer_to(rows[0]).state == OfferState.CONFIRMED


def test_silence_lapses_once_and_the_next_is_proposed(time_machine):
    _session, rows = released()
    time_machine.move_to(offer_to(rows[0]).due_at, tick=False)

    lapsed = actions.lapse_offers()

    assert lapsed == 2
    offer = offer_to(rows[0])
    assert (offer.state, offer.answered_by) == (OfferState.LAPSED, None)
    assert proposed() == [rows[2]]
    number = Email.objects.count()
    assert actions.lapse_offers() == 0
    assert Email.objects.count() == number
    with pytest.raises(ValidationError) as refused:
        answer(rows[0], confirms=True)
    assert refused.value.code == "late"


def test_job_lapses_nothing_before_the_date(time_machine):
    _session, rows = released()
    time_machine.move_to(offer_to(rows[0]).due_at - dt.timedelta(seconds=1), tick=False)

    assert actions.lapse_offers() == 0


def test_confirmed_place_is_given_up_with_a_reason_only():
    _session, rows = released()
    answer(rows[0], confirms=True)

    with pytest.raises(ValidationError) as refused:
        answer(rows[0], confirms=False, note="  ")
    assert "note" in refused.value.message_dict

    answer(rows[0], confirms=False, note="Der Rat hat anders entschieden.")
    assert offer_to(rows[0]).state == OfferState.DECLINED
    assert proposed() == [rows[2]]


def test_declined_place_stays_declined():
    _session, rows = released()
    answer(rows[0], confirms=False)

    with pytest.raises(ValidationError):
        answer(rows[0], confirms=True)

    assert offer_to(rows[0]).state == OfferState.DECLINED


def paired(rows, state):
    return Pairing.objects.create(
        call=rows[0].call, german=rows[0], european=rows[-1], state=state, fit=1,
        due_at=timezone.now() + dt.timedelta(days=9), card={},
    )  # fmt: skip


@pytest.mark.parametrize("state", [PairingState.AGREED, PairingState.FORMED])
def test_place_on_which_a_partner_relies_cannot_be_given_up(state):
    _session, rows = released()
    answer(rows[0], confirms=True)
    paired(rows, state)

    with pytest.raises(ValidationError) as refused:
        answer(rows[0], confirms=False, note="Doch nicht.")

    assert refused.value.code == "paired"
    assert offer_to(rows[0]).state == OfferState.CONFIRMED
    assert proposed() == []


def test_giving_up_takes_the_proposed_pair_back_and_tells_the_partner():
    _session, rows = released()
    answer(rows[0], confirms=True)
    pairing = paired(rows, PairingState.PROPOSED)

    answer(rows[0], confirms=False, note="Doch nicht.")

    pairing.refresh_from_db()
    assert pairing.state == PairingState.DROPPED
    assert editor_of(rows[-1]).email in recipients()
    assert editor_of(rows[0]).email not in recipients()


def test_reminder_goes_out_once_three_days_before(time_machine):
    _session, rows = released()
    due_at = offer_to(rows[0]).due_at
    time_machine.move_to(due_at - dt.timedelta(days=3, seconds=1), tick=False)
    assert actions.remind_of_offers() == 0
    answer(rows[-1], confirms=True)

    time_machine.move_to(due_at - dt.timedelta(days=3), tick=False)

    assert actions.remind_of_offers() == 1
    assert actions.remind_of_offers() == 0
    mail = Email.objects.get()
    assert mail.to == [editor_of(rows[0]).email]
    assert "Europe/Berlin" in mail.message
    assert f"/apply/{rows[0].key}/result/" in mail.message


def test_short_time_is_reminded_of_when_half_of_it_is_over(time_machine):
    _session, rows = released()
    offer = offer_to(rows[0])
    begun = offer.letter.released_at
    Offer.objects.update(due_at=begun + dt.timedelta(days=2))

    time_machine.move_to(begun + dt.timedelta(hours=23), tick=False)
    assert actions.remind_of_offers() == 0
    time_machine.move_to(begun + dt.timedelta(hours=24), tick=False)
    assert actions.remind_of_offers() == 2


def test_nobody_is_reminded_after_the_date(time_machine):
    _session, rows = released()
    time_machine.move_to(offer_to(rows[0]).due_at, tick=False)

    assert actions.remind_of_offers() == 0


def test_nobody_moves_up_before_the_corrected_letters_are_out():
    session, rows = released()
    outcomes = {rows[0]: "accepted", rows[3]: "accepted", rows[1]: "refused"}
    corrected = decided(session.call, {**outcomes, rows[2]: ("reserve", 1)})
    team = make_user("coordinator")

    answer(rows[0], confirms=False)
    assert proposed() == []
    with pytest.raises(ValidationError):
        actions.propose_next_offer(call=session.call, pool="german", by=team)

    actions.draft_letters(session=corrected, by=team)
    assert "[Frist]" in Letter.objects.get(session=corrected, application=rows[0]).body


def test_free_place_is_offered_by_hand_and_never_one_too_many():
    session, rows = released(places_german=2)
    team = make_user("coordinator")

    letter = actions.propose_next_offer(call=session.call, pool="german", by=team)

    assert letter.application == rows[2]
    with pytest.raises(ValidationError):
        actions.propose_next_offer(call=session.call, pool="german", by=team)
    with pytest.raises(PermissionDenied):
        actions.propose_next_offer(call=session.call, pool="german", by=make_user("reviewer"))


def test_nobody_is_left_is_said():
    session, _rows = released(reserve=0)

    with pytest.raises(ValidationError):
        actions.propose_next_offer(call=session.call, pool="german", by=make_user("bbsr"))


def test_call_without_numbers_of_places_passes_on_all_the_same():
    session, rows = released()
    Call.objects.filter(pk=session.call_id).update(places_german=None)

    answer(rows[0], confirms=False)

    assert proposed() == [rows[2]]


def test_one_offer_that_fails_holds_up_no_other(time_machine, caplog):
    session, rows = released()
    time_machine.move_to(offer_to(rows[0]).due_at, tick=False)
    # The mail to the team cannot be written: it has an address that no mail server takes.
    broken = make_user("coordinator")
    broken.email = "x@" + "ä" * 70 + ".example"
    broken.save()

    assert actions.lapse_offers() == 0
    assert "could not be ended" in caplog.text
    assert proposed() == []

    broken.email = "x@example.org"
    broken.save()
    assert actions.lapse_offers() == 2
    assert session.letters.drafts().count() == 1
