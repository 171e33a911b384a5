"""Two people, or two windows of one, who act on reviews at once (PostgreSQL: real threads)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from post_office.models import Email

from calls import actions
from calls.content import marks_of
from calls.models import (
    Application,
    ConflictDeclaration,
    DiscussionNote,
    Letter,
    Offer,
    Pairing,
    PairingConsent,
    Review,
    ReviewAssignment,
    values_of_review,
)
from core.models import StatusChange
from tandems.actions import form_partnership
from tandems.models import Tandem
from tests.applications import editor_of
from tests.calls.board import (
    entries,
    make_checked_call,
    make_list,
    make_recommended,
    make_session,
    reasons,
)
from tests.calls.pairing_cases import agree, city, coordinator, make_confirmed, propose, writer
from tests.factories import make_user
from tests.races import act_at_once
from tests.selection import (
    applications_of,
    assign,
    assign_free,
    decided,
    filed,
    make_call_in_review,
    make_reviewer,
)

pytestmark = pytest.mark.django_db(transaction=True)


def ready(application, reviewer):
    """Return an assignment whose draft can be filed."""
    assignment = assign_free(application, reviewer)
    criteria = list(application.call.criteria.all())
    values = {f"step-{row.pk}": 3 for row in criteria}
    values |= {f"justification-{row.pk}": "Gut." for row in criteria}
    actions.save_review(
        assignment=assignment,
        values=values,
        opened_with=marks_of(values_of_review(None, criteria)),
        by=reviewer,
    )
    return ReviewAssignment.objects.get(pk=assignment.pk)


def test_two_reviewers_who_file_at_once_both_file():
    application = applications_of(make_call_in_review(1, 0))[0]
    one, two = make_reviewer("difu"), make_reviewer("adelphi")
    assignments = [ready(application, person) for person in (one, two)]

    outcomes = act_at_once(
        lambda: actions.file_review(assignment=assignments[0], by=one),
        lambda: actions.file_review(assignment=assignments[1], by=two),
    )

    assert [review.assignment.reviewer for review in outcomes] == [one, two]
    assert Review.objects.counting().count() == 2
    assert StatusChange.objects.filter(new="filed").count() == 2


def test_review_filed_twice_at_once_is_filed_once():
    reviewer = make_reviewer()
    assignment = ready(applications_of(make_call_in_review(1, 0))[0], reviewer)

    first, second = act_at_once(
        lambda: actions.file_review(assignment=assignment, by=reviewer),
        lambda: actions.file_review(assignment=assignment, by=reviewer),
    )

    assert first == second == Review.objects.get()
    assert StatusChange.objects.filter(new="filed").count() == 1


def test_first_save_in_two_windows_at_once_keeps_both_texts():
    application, reviewer = applications_of(make_call_in_review(1, 0))[0], make_reviewer()
    assignment = assign_free(application, reviewer)

    def save(text):
        return lambda: actions.save_review(
            assignment=assignment,
            values={"comment": text},
            opened_with=marks_of({"comment": ""}),
            by=reviewer,
        )

    first, second = act_at_once(save("Erstes Fenster."), save("Zweites Fenster."))

    assert (first.conflicts, second.conflicts) == ({}, {"comment": "Erstes Fenster."})
    assert Review.objects.get().comment == "Erstes Fenster."


def test_review_is_reopened_once_with_one_mail():
    application = applications_of(make_call_in_review(1, 0))[0]
    review = filed(application, make_reviewer())
    kai, ole = (make_reviewer("adelphi", role="coordinator") for _number in range(2))

    _first, second = act_at_once(
        lambda: actions.reopen_review(review=review, note="Bitte.", by=kai),
        lambda: actions.reopen_review(review=review, note="Bitte.", by=ole),
    )

    assert isinstance(second, ValidationError)
    assert StatusChange.objects.filter(old="filed").count() == 1
    assert Email.objects.filter(to=review.assignment.reviewer.email).count() == 1


def test_conflict_stated_twice_at_once_is_stated_once():
    application, reviewer = applications_of(make_call_in_review(1, 0))[0], make_reviewer()
    assign(application, reviewer)
    kai = make_reviewer("adelphi", role="coordinator")

    def state():
        return actions.declare_conflict(
            application=application, kind="other", sentence="Ehefrau.", by=reviewer
        )

    first, second = act_at_once(state, state)

    assert first == second == ConflictDeclaration.objects.get()
    assert StatusChange.objects.filter(field="conflict").count() == 1
    assert Email.objects.filter(to=kai.email).count() == 1


def test_note_sent_twice_at_once_stands_once():
    application = applications_of(make_call_in_review(1, 0))[0]
    kai = make_reviewer("adelphi", role="coordinator")

    def note():
        about = Application.objects.get(pk=application.pk)
        return actions.write_note(application=about, text="Mutig.", by=kai)

    first, second = act_at_once(note, note)

    assert first == second == DiscussionNote.objects.get()


def drafted(places=2, reserve=2):
    """Return a decision with drafted letters: places, and a reserve list of the same pool."""
    call = make_call_in_review(places + reserve, 0)
    rows = applications_of(call)
    ranked = {row: ("reserve", rank) for rank, row in enumerate(rows[places:], start=1)}
    session = decided(call, dict.fromkeys(rows[:places], "accepted") | ranked)
    actions.draft_letters(session=session, by=make_user("coordinator"))
    return session, rows


def offered(places=2, reserve=2):
    """Return the same after the release, with the offers."""
    session, rows = drafted(places, reserve)
    actions.release_letters(session=session, by=make_user("bbsr"))
    Email.objects.all().delete()
    return session, rows, list(Offer.objects.select_related("application").order_by("pk"))


def test_letters_that_two_release_at_once_go_out_once():
    session, rows = drafted()
    Email.objects.all().delete()
    people = [make_user("bbsr"), make_user("bbsr")]

    outcomes = act_at_once(
        *(
            lambda person=person: actions.release_letters(session=session, by=person)
            for person in people
        )
    )

    assert outcomes == [4, 0]
    assert {row.released_by for row in Letter.objects.all()} == {people[0]}
    assert sorted(mail.to[0] for mail in Email.objects.all()) == sorted(
        editor_of(row).email for row in rows
    )
    assert Offer.objects.count() == 2
    assert StatusChange.objects.filter(content_type__model="letter").count() == 4


def test_letter_that_is_edited_while_all_are_released_stays_as_released():
    session, rows = drafted()
    letter = Letter.objects.get(application=rows[2])
    opened = marks_of({"subject": letter.subject, "body": letter.body})
    team, bbsr = make_user("coordinator"), make_user("bbsr")

    def edit():
        return actions.edit_letter(
            letter=letter, subject=letter.subject, body="Anders.", opened_with=opened, by=team
        )

    released, refused = act_at_once(lambda: actions.release_letters(session=session, by=bbsr), edit)

    assert released == 4
    assert isinstance(refused, ValidationError)
    assert Letter.objects.get(pk=letter.pk).body == letter.body


def test_edit_that_came_first_stands_in_the_released_letter():
    session, rows = drafted()
    letter = Letter.objects.get(application=rows[2])
    opened = marks_of({"subject": letter.subject, "body": letter.body})
    team, bbsr = make_user("coordinator"), make_user("bbsr")

    act_at_once(
        lambda: actions.edit_letter(
            letter=letter, subject=letter.subject, body="Anders.", opened_with=opened, by=team
        ),
        lambda: actions.release_letters(session=session, by=bbsr),
    )

    assert Letter.objects.released().get(application=rows[2]).body == "Anders."


def test_answer_in_the_last_second_wins_over_the_job_that_ends_the_offer(time_machine):
    _session, rows, (offer, _other) = offered()
    person = editor_of(rows[0])
    Offer.objects.exclude(pk=offer.pk).update(due_at=offer.due_at + timedelta(days=9))
    time_machine.move_to(offer.due_at - timedelta(seconds=1), tick=False)

    def confirm():
        answered = actions.answer_offer(offer=offer, confirms=True, by=person)
        time_machine.move_to(offer.due_at, tick=False)
        return answered.state

    outcomes = act_at_once(confirm, actions.lapse_offers)

    assert outcomes == ["confirmed", 0]
    assert Offer.objects.get(pk=offer.pk).state == "confirmed"
    assert not Letter.objects.drafts().exists()


def test_job_that_ended_the_offer_wins_over_the_answer_after_it(time_machine):
    _session, rows, (offer, _other) = offered()
    person = editor_of(rows[0])
    Offer.objects.exclude(pk=offer.pk).update(due_at=offer.due_at + timedelta(days=9))
    time_machine.move_to(offer.due_at, tick=False)

    lapsed, refused = act_at_once(
        actions.lapse_offers,
        lambda: actions.answer_offer(offer=offer, confirms=True, by=person),
    )

    assert lapsed == 1
    assert refused.code == "late"
    assert Offer.objects.get(pk=offer.pk).state == "lapsed"
    assert Letter.objects.drafts().get().application == rows[2]


def test_two_places_that_become_free_at_once_go_to_two_cities():
    _session, rows, offers = offered()

    act_at_once(
        *(
            lambda offer=offer: actions.answer_offer(
                offer=offer, confirms=False, by=editor_of(offer.application)
            )
            for offer in offers
        )
    )

    assert [row.state for row in Offer.objects.order_by("pk")] == ["declined", "declined"]
    assert {row.application for row in Letter.objects.drafts()} == set(rows[2:])


def test_offer_that_two_jobs_end_at_once_is_passed_on_once(time_machine):
    _session, rows, (offer,) = offered(places=1)
    make_user("coordinator")
    time_machine.move_to(offer.due_at, tick=False)

    outcomes = act_at_once(actions.lapse_offers, actions.lapse_offers)

    assert outcomes == [1, 0]
    assert Letter.objects.drafts().get().application == rows[1]
    told = [mail.to[0] for mail in Email.objects.all()]
    assert len(told) == len(set(told))


def test_place_that_one_confirms_while_another_declines_is_declined():
    _session, rows, (offer,) = offered(places=1)
    person = editor_of(rows[0])

    confirmed, declined = act_at_once(
        lambda: actions.answer_offer(offer=offer, confirms=True, by=person),
        lambda: actions.answer_offer(offer=offer, confirms=False, note="Nein.", by=person),
    )

    assert (confirmed.state, declined.state) == ("confirmed", "declined")
    assert StatusChange.objects.of(offer).count() == 2


# Pairs


def answer(pairing, application, agrees=True):
    """Return what a city does when it answers."""
    return lambda: actions.answer_pairing(
        pairing=pairing,
        application=application,
        agrees=agrees,
        reason="" if agrees else "Zu weit weg.",
        by=writer(application),
    )


def form(pairing, by):
    """Return what the team does when it forms the partnership of two described cities."""
    places = {
        application.pk: {
            "slug": f"ort-{application.pk}",
            "name_de": application.place_name,
            "name_en": application.place_name,
            "latitude": 50.0,
            "longitude": 8.0,
            "time_zone": "Europe/Berlin",
            "language": "de",
        }
        for application in (pairing.german, pairing.european)
    }
    day = timezone.localdate() + timedelta(days=30)
    return lambda: form_partnership(pairing=pairing, places=places, kick_off_on=day, by=by)


def test_both_cities_agree_at_once_and_the_pair_is_agreed_once():
    pairing = propose(make_confirmed())

    act_at_once(answer(pairing, pairing.german), answer(pairing, pairing.european))

    assert Pairing.objects.get().state == "agreed"
    assert PairingConsent.objects.count() == 2
    assert StatusChange.objects.of(pairing).filter(new="agreed").count() == 1


def test_two_officers_of_one_city_answer_at_once_and_the_second_is_told():
    pairing = propose(make_confirmed())

    results = act_at_once(
        answer(pairing, pairing.german), answer(pairing, pairing.german, agrees=False)
    )

    assert isinstance(results[1], ValidationError)
    assert PairingConsent.objects.get().answer == "agrees"
    assert Pairing.objects.get().state == "proposed"


@pytest.mark.parametrize("order", [1, -1], ids=["withdrawn first", "agreed first"])
def test_consent_is_withdrawn_while_the_partner_agrees(order):
    pairing = propose(make_confirmed())
    agree(pairing, pairing.german)
    acts = [
        lambda: actions.withdraw_consent(
            pairing=pairing, application=pairing.german, by=writer(pairing.german)
        ),
        answer(pairing, pairing.european),
    ][::order]

    results = act_at_once(*acts)

    # Nobody is refused, and in the end one city alone agrees: the pair is not agreed.
    assert not any(isinstance(result, Exception) for result in results)
    assert PairingConsent.objects.get().application == pairing.european
    assert Pairing.objects.get().state == "proposed"


def test_consent_is_withdrawn_while_the_partnership_is_formed_too_late():
    pairing = agree(propose(make_confirmed()))

    results = act_at_once(
        form(pairing, coordinator()),
        lambda: actions.withdraw_consent(
            pairing=pairing, application=pairing.german, by=writer(pairing.german)
        ),
    )

    assert isinstance(results[1], ValidationError)
    assert Pairing.objects.get().state == "formed"
    assert PairingConsent.objects.count() == 2


def test_partnership_is_formed_while_a_consent_was_withdrawn_and_is_not_made():
    pairing = agree(propose(make_confirmed()))

    results = act_at_once(
        lambda: actions.withdraw_consent(
            pairing=pairing, application=pairing.german, by=writer(pairing.german)
        ),
        form(pairing, coordinator()),
    )

    assert isinstance(results[1], ValidationError)
    assert not Tandem.objects.exists()


def test_partnership_is_formed_by_two_people_once():
    pairing = agree(propose(make_confirmed()))

    results = act_at_once(form(pairing, coordinator()), form(pairing, coordinator()))

    assert isinstance(results[1], ValidationError)
    assert Tandem.objects.count() == 1


def test_two_partnerships_of_one_call_get_two_numbers():
    call, by = make_confirmed(2, 2), coordinator()
    first, second = propose(call), propose(call, "Stadt 2", "City 2")
    agree(first)
    agree(second)

    act_at_once(form(first, by), form(second, coordinator()))

    assert sorted(Tandem.objects.values_list("number", flat=True)) == [1, 2]


def test_city_is_proposed_to_two_partners_at_once_and_gets_one():
    call = make_confirmed(1, 2)
    people = coordinator(), coordinator()

    results = act_at_once(
        lambda: propose(call, by=people[0]), lambda: propose(call, european="City 2", by=people[1])
    )

    assert isinstance(results[1], ValidationError)
    assert Pairing.objects.get().european == city(call, "City 1")


def test_two_people_of_bbsr_who_decide_at_once_decide_once():
    call = make_checked_call()
    session = make_recommended(call)
    other = make_list(call, "Anders", Stadt_2="chosen", City_1="chosen")
    given, people = reasons(call), [make_user("bbsr"), make_user("bbsr")]
    lists = [session.recommended_list, other]

    results = act_at_once(
        *(
            lambda by=by, chosen=chosen: actions.decide(
                session=session, selection_list=chosen, reasons=given, note="So.", by=by
            )
            for by, chosen in zip(people, lists, strict=True)
        )
    )

    session.refresh_from_db()
    assert isinstance(results[1], ValidationError)
    assert (session.decided_by, session.decided_list) == (people[0], lists[0])
    assert session.decisions.count() == 4
    assert StatusChange.objects.filter(new="decided").count() == 2  # the session and its call


def test_list_that_is_changed_while_it_is_recommended_stays_as_it_was_recommended():
    call = make_checked_call()
    trial, by = make_list(call), make_user("coordinator")
    session, changed = make_session(call, by), entries(City_1="left")

    results = act_at_once(
        lambda: actions.recommend(session=session, selection_list=trial, text="Gut.", by=by),
        lambda: actions.set_entries(
            selection_list=trial, entries=changed, opened_at=trial.changed_at, by=by
        ),
    )

    assert isinstance(results[1], ValidationError)
    assert trial.entries.get(application__place_name="City 1").outcome == "chosen"


def test_two_people_who_change_a_list_at_once_overwrite_nothing():
    trial = make_list(make_checked_call())
    wishes = entries(Stadt_1="left"), entries(Stadt_1="reserve 1")
    people = [make_user("coordinator"), make_user("bbsr")]

    results = act_at_once(
        *(
            lambda wish=wish, by=by: actions.set_entries(
                selection_list=trial, entries=wish, opened_at=trial.changed_at, by=by
            )
            for wish, by in zip(wishes, people, strict=True)
        )
    )

    assert isinstance(results[1], ValidationError)
    assert not trial.entries.filter(application__place_name="Stadt 1").exists()


def test_session_that_two_open_at_once_is_opened_once():
    call, people = make_checked_call(), [make_user("coordinator"), make_user("bbsr")]

    results = act_at_once(*(lambda by=by: make_session(call, by) for by in people))

    assert isinstance(results[1], ValidationError)
    assert call.selection_sessions.count() == 1
