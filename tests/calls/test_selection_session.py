"""The session: opened, attended, recommended, decided by BBSR alone, corrected; what is frozen."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from accounts.enums import UserRole
from calls import actions
from calls.content import checksum
from calls.enums import CallState, ConflictKind, SessionState
from calls.models import (
    Application,
    Call,
    Decision,
    EligibilityCheck,
    ListEntry,
    SelectionList,
    SelectionSession,
)
from calls.record import attendance_mark
from core.models import StatusChange
from tests.calls.board import (
    entries,
    make_checked_call,
    make_decided,
    make_list,
    make_recommended,
    make_session,
    reasons,
)
from tests.factories import make_user
from tests.selection import assign_free, declare, filed, make_organisation, make_reviewer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
CANNOT_PREPARE = [role for role in UserRole if role not in {"coordinator", "bbsr"}]
CANNOT_DECIDE = [role for role in UserRole if role != "bbsr"]


@pytest.fixture
def english():
    """Ask in English, whatever the German says."""
    with translation.override("en"):
        yield


def place(name):
    return Application.objects.get(place_name=name)


def decide(session, by=None, trial=None, **more):
    """Decide as the page would, with a reason for every application."""
    return actions.decide(
        session=session,
        selection_list=trial or session.recommended_list,
        by=by or make_user("bbsr"),
        **{"reasons": reasons(session.call)} | more,
    )


# --- Opening --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_first_session_of_a_call_has_number_one(role):
    session = make_session(make_checked_call(), make_user(role), place=" Bonn ")

    assert (session.number, session.state, session.place) == (1, SessionState.OPEN, "Bonn")
    assert session.held_on == dt.date(2027, 3, 4)


@pytest.mark.parametrize("role", CANNOT_PREPARE)
def test_others_hold_no_session(role):
    with pytest.raises(PermissionDenied):
        make_session(make_checked_call(), make_user(role))


@pytest.mark.parametrize("state", [state for state in CallState if state != "in_review"])
def test_session_of_a_call_that_is_not_in_review_is_refused(state):
    call = make_checked_call()
    Call.objects.filter(pk=call.pk).update(state=state)

    with pytest.raises(ValidationError, match="while a call is in review"):
        make_session(call)


def test_only_one_session_of_a_call_runs():
    call = make_checked_call()
    make_session(call)

    with pytest.raises(ValidationError, match="not decided yet"):
        make_session(call)


# --- Attendance -----------------------------------------------------------------------------------


def attend(session, *people, by=None, **more):
    return actions.note_attendance(
        session=session, participants=people, by=by or make_user("coordinator"), **more
    )


def aside(session):
    """Return who stood aside for what, by names."""
    return {
        row.name: sorted(case.application.place_name for case in row.cases_aside.all())
        for row in session.participants.all()
    }


def test_people_with_and_without_an_account_are_noted_with_the_cases_named_by_hand():
    call = make_checked_call()
    session = make_session(call)

    attend(
        session,
        actions.Present("Anke Ruland", "difu", make_reviewer()),
        actions.Present("Gerda Gast", aside=frozenset({place("City 1").pk})),
    )

    assert aside(session) == {"Anke Ruland": [], "Gerda Gast": ["City 1"]}


def test_declared_conflicts_are_noted_by_themselves_for_person_and_organisation():
    call = make_checked_call()
    session, person = make_session(call), make_reviewer("difu")
    declare(place("City 1"), person, ConflictKind.PERSONAL)
    declare(place("City 2"), make_reviewer("adelphi"), ConflictKind.INSTITUTIONAL)
    declare(place("Stadt 1"), person)

    attend(
        session,
        actions.Present("Anke Ruland", "difu", person),
        actions.Present("Jan Pohl", "adelphi", make_reviewer("adelphi")),
        actions.Present("Ohne Konto", "adelphi"),
    )

    assert aside(session) == {
        "Anke Ruland": ["City 1"],
        "Jan Pohl": ["City 2"],
        "Ohne Konto": ["City 2"],
    }


def test_list_of_those_present_is_replaced_as_a_whole_until_the_decision():
    session = make_recommended(make_checked_call())
    attend(session, actions.Present("A"), actions.Present("B"))

    attend(session, actions.Present("B"))

    assert aside(session) == {"B": []}
    decide(session)
    with pytest.raises(ValidationError, match="its record stays as it is"):
        attend(session, actions.Present("C"))
    assert aside(session) == {"B": []}


def test_second_of_two_people_who_note_attendance_is_told():
    session = make_session(make_checked_call())
    opened = attendance_mark(session)
    attend(session, actions.Present("A"), opened_with=opened)

    with pytest.raises(ValidationError, match="Somebody else") as refusal:
        attend(session, actions.Present("B"), opened_with=opened)

    assert refusal.value.code == "changed"
    assert aside(session) == {"A": []}


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([actions.Present("")], "cannot be blank"),
        ([actions.Present("A"), actions.Present("A")], "on the list already"),
        ([actions.Present("A", aside=frozenset({0}))], "no such application"),
    ],
)
def test_wrong_attendance_is_refused_and_the_old_one_stays(people, words):
    session = make_session(make_checked_call())
    attend(session, actions.Present("Anke Ruland"))

    with pytest.raises(ValidationError, match=words):
        attend(session, *people)

    assert aside(session) == {"Anke Ruland": []}


# --- Recommending ---------------------------------------------------------------------------------


def test_recommendation_freezes_list_and_ranking_and_changes_nothing_else():
    call = make_checked_call()
    reviewer, other = make_reviewer(), make_reviewer("adelphi")
    filed(place("Stadt 2"), reviewer, 5), filed(place("Stadt 2"), other, 4)
    filed(place("City 1"), reviewer, 2)

    session = make_recommended(call)

    call.refresh_from_db()
    assert (session.state, call.state) == (SessionState.RECOMMENDED, CallState.IN_REVIEW)
    assert SelectionList.objects.get().frozen_at == session.recommended_at
    first, second, *rest = session.ranking
    assert (first["name"], first["rank"], first["mean"], first["reviews"]) == ("Stadt 2", 1, 4.5, 2)
    assert (first["lowest"], first["highest"], first["pool"]) == (4, 5, "german")
    assert (first["reference"], first["country"]) == (place("Stadt 2").reference, "DE")
    assert (second["name"], second["rank"]) == ("City 1", 2)
    assert {(row["rank"], row["mean"]) for row in rest} == {(None, None)}


def test_frozen_ranking_counts_every_review_that_counts_whoever_recommends():
    """Also one that is hidden from who recommends, because the own review is not filed yet."""
    call = make_checked_call()
    by = make_reviewer("difu", role="coordinator")
    filed(place("Stadt 1"), make_reviewer("adelphi"), 4)
    assign_free(place("Stadt 1"), by)

    session = actions.recommend(
        session=make_session(call, by), selection_list=make_list(call), text="Gut.", by=by
    )

    assert session.ranking[0]["mean"] == 4


def test_ranking_stays_as_it_was_when_a_review_follows():
    call = make_checked_call()
    session = make_recommended(call)

    filed(place("Stadt 1"), make_reviewer(), 5)

    session.refresh_from_db()
    assert {row["mean"] for row in session.ranking} == {None}


@pytest.mark.parametrize("role", CANNOT_PREPARE)
def test_others_recommend_nothing(role):
    call = make_checked_call()
    session, trial = make_session(call), make_list(call)

    with pytest.raises(PermissionDenied):
        actions.recommend(session=session, selection_list=trial, text="Gut.", by=make_user(role))


def recommend(call, **outcomes):
    by = make_user("coordinator")
    return actions.recommend(
        session=make_session(call, by),
        selection_list=make_list(call, **outcomes),
        text="Gut.",
        by=by,
    )


def test_list_that_does_not_fit_is_refused_and_nothing_is_frozen():
    call = make_checked_call()

    with pytest.raises(ValidationError, match="only 1 place"):
        recommend(call, Stadt_1="chosen", Stadt_2="chosen")

    assert SelectionList.objects.get().frozen_at is None
    assert SelectionSession.objects.get().state == SessionState.OPEN


@pytest.mark.parametrize("name", ["Stadt 1", "City 2"])
def test_unchecked_application_is_neither_recommended_nor_put_on_reserve(name):
    call = make_checked_call()
    EligibilityCheck.objects.filter(application__place_name=name).delete()

    with pytest.raises(ValidationError, match=f"not checked yet: {name}"):
        recommend(call)


def test_list_of_another_call_is_not_recommended():
    other = make_list(make_checked_call())
    call = make_checked_call()

    with pytest.raises(ValidationError, match="another call"):
        actions.recommend(
            session=make_session(call), selection_list=other, text="Gut.", by=make_user("bbsr")
        )


def test_recommendation_needs_words():
    call = make_checked_call()

    with pytest.raises(ValidationError, match="Write the recommendation"):
        actions.recommend(
            session=make_session(call),
            selection_list=make_list(call),
            text="  ",
            by=make_user("bbsr"),
        )


@pytest.mark.parametrize("name", ["Stadt 1", "City 2"])
@pytest.mark.parametrize("kind", [ConflictKind.PERSONAL, ConflictKind.INSTITUTIONAL])
def test_who_is_tied_to_somebody_on_the_list_does_not_recommend_it(name, kind):
    call = make_checked_call()
    by = make_reviewer("difu", role="coordinator")
    declare(place(name), by if kind == ConflictKind.PERSONAL else make_reviewer("difu"), kind)

    with pytest.raises(ValidationError, match="Somebody without a conflict") as refusal:
        actions.recommend(
            session=make_session(call), selection_list=make_list(call), text="Gut.", by=by
        )

    assert refusal.value.code == "closed"


def test_refusal_for_a_conflict_tells_nothing_about_how_the_list_fits():
    call = make_checked_call()
    by = make_reviewer("difu", role="coordinator")
    declare(place("Stadt 1"), by, ConflictKind.PERSONAL)
    trial = make_list(call, Stadt_1="chosen", Stadt_2="chosen")

    with pytest.raises(ValidationError) as refusal:
        actions.recommend(session=make_session(call), selection_list=trial, text="Gut.", by=by)

    assert "place" not in " ".join(refusal.value.messages)


def test_session_is_recommended_once():
    session = make_recommended(make_checked_call())

    with pytest.raises(ValidationError, match="has its recommendation"):
        actions.recommend(
            session=session,
            selection_list=session.recommended_list,
            text="Nochmals.",
            by=make_user("coordinator"),
        )


def test_recommendation_is_taken_back_with_its_reason_and_the_list_stays_frozen():
    session, by = make_recommended(make_checked_call()), make_user("coordinator")

    taken = actions.take_back_recommendation(session=session, note="Eine fehlt.", by=by)

    assert (taken.state, taken.recommended_list, taken.ranking) == (SessionState.OPEN, None, [])
    assert taken.recommendation == "Die Mischung trägt."
    assert SelectionList.objects.get().frozen_at is not None
    row = StatusChange.objects.of(taken).filter(new="open", old="recommended").get()
    assert (row.note, row.changed_by) == ("Eine fehlt.", by)


def test_frozen_list_can_be_recommended_again():
    session, by = make_recommended(make_checked_call()), make_user("coordinator")
    trial = session.recommended_list
    taken = actions.take_back_recommendation(session=session, note="Eine fehlt.", by=by)
    frozen_at = SelectionList.objects.get().frozen_at

    again = actions.recommend(session=taken, selection_list=trial, text="Doch.", by=by)

    assert again.state == SessionState.RECOMMENDED
    assert SelectionList.objects.get().frozen_at == frozen_at


def test_nothing_is_taken_back_without_reason_right_or_recommendation():
    call = make_checked_call()
    session, by = make_recommended(call), make_user("coordinator")

    with pytest.raises(ValidationError, match="Say why"):
        actions.take_back_recommendation(session=session, note=" ", by=by)
    with pytest.raises(PermissionDenied):
        actions.take_back_recommendation(session=session, note="Nein.", by=make_user("reviewer"))
    actions.take_back_recommendation(session=session, note="Ja.", by=by)
    with pytest.raises(ValidationError, match="not possible"):
        actions.take_back_recommendation(session=session, note="Ja.", by=by)


# --- Deciding -------------------------------------------------------------------------------------


def test_bbsr_decides_about_every_application_and_the_call_is_decided():
    call, by = make_checked_call(), make_user("bbsr")

    session = make_decided(call, by)

    call.refresh_from_db()
    decided = {
        row.application.place_name: (row.outcome, row.rank, row.reason)
        for row in session.decisions.select_related("application")
    }
    assert decided == {
        "Stadt 1": ("accepted", None, "Weil Stadt 1 passt."),
        "Stadt 2": ("refused", None, "Weil Stadt 2 passt."),
        "City 1": ("accepted", None, "Weil City 1 passt."),
        "City 2": ("reserve", 1, "Weil City 2 passt."),
    }
    assert (session.state, session.decided_by) == (SessionState.DECIDED, by)
    assert call.state == CallState.DECIDED
    assert SelectionSession.objects.current(call) == session


def test_record_is_frozen_and_its_checksum_can_be_computed_again():
    session = make_decided(make_checked_call())

    session.refresh_from_db()
    record = session.document
    assert checksum(record) == session.sha256
    assert record["recommendation"]["text"] == "Die Mischung trägt."
    assert {row["name"]: row["outcome"] for row in record["decisions"]}["City 2"] == "reserve"
    assert record["call"]["places"] == {"german": 1, "european": 1}


@pytest.mark.parametrize("role", CANNOT_DECIDE)
def test_nobody_else_decides(role):
    session = make_recommended(make_checked_call())

    with pytest.raises(PermissionDenied):
        decide(session, make_user(role))

    assert not Decision.objects.exists()


def test_session_without_recommendation_is_not_decided():
    call = make_checked_call()

    with pytest.raises(ValidationError, match="has not recommended"):
        decide(make_session(call), trial=make_list(call))


def test_session_is_decided_once():
    session = make_decided(make_checked_call())
    sha256 = session.sha256

    with pytest.raises(ValidationError, match="A correction is a new session"):
        decide(session, note="Anders.")

    session.refresh_from_db()
    assert session.sha256 == sha256
    assert Decision.objects.count() == 4


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_every_application_needs_its_reason(reason):
    call = make_checked_call()
    session, given = make_recommended(call), reasons(call)
    given[place("Stadt 2").pk] = reason
    del given[place("City 2").pk]

    with pytest.raises(ValidationError, match=r"Reasons are missing for City 2, Stadt 2\."):
        decide(session, reasons=given)

    assert not Decision.objects.exists()


def test_bbsr_may_decide_another_list_and_says_why():
    call = make_checked_call()
    session = make_recommended(call)
    other = make_list(call, "Anders", Stadt_2="chosen", City_1="chosen")

    with pytest.raises(ValidationError, match="Say why another list"):
        decide(session, trial=other)
    decided = decide(session, trial=other, note="Stadt 2 ist kleiner.")

    rows = {row["name"]: row for row in decided.document["decisions"]}
    assert (rows["Stadt 1"]["recommended"], rows["Stadt 1"]["outcome"]) == ("accepted", "refused")
    other.refresh_from_db()
    assert other.frozen_at == decided.decided_at


def test_decided_list_must_fit_too():
    call = make_checked_call()
    session = make_recommended(call)
    other = make_list(call, "Zu viele", Stadt_1="chosen", Stadt_2="chosen")

    with pytest.raises(ValidationError, match="only 1 place"):
        decide(session, trial=other, note="Mehr.")


def test_who_was_chosen_and_withdraws_before_the_decision_stops_it():
    session = make_recommended(make_checked_call())
    Application.objects.filter(place_name="Stadt 1").update(state="withdrawn")

    with pytest.raises(ValidationError, match="No longer sent: Stadt 1"):
        decide(session)


@pytest.mark.parametrize("name", ["Stadt 1", "City 2"])
@pytest.mark.parametrize("kind", [ConflictKind.PERSONAL, ConflictKind.INSTITUTIONAL])
def test_bbsr_person_tied_to_somebody_on_the_list_leaves_the_decision_to_another(name, kind):
    session = make_recommended(make_checked_call())
    tied = make_reviewer("bbsr", role="bbsr")
    declare(place(name), tied if kind == ConflictKind.PERSONAL else make_reviewer("bbsr"), kind)

    with pytest.raises(ValidationError, match="Somebody without a conflict") as refusal:
        decide(session, tied)

    assert refusal.value.code == "closed"
    assert decide(session, make_user("bbsr")).state == SessionState.DECIDED


def test_bbsr_person_does_not_drop_a_recommended_case_by_another_list():
    call = make_checked_call()
    session = make_recommended(call)
    tied = make_reviewer("bbsr", role="bbsr")
    declare(place("Stadt 1"), tied, ConflictKind.PERSONAL)
    other = make_list(call, "Ohne", Stadt_2="chosen", City_1="chosen")

    with pytest.raises(ValidationError, match="that the project team recommends"):
        decide(session, tied, trial=other, note="Stadt 2 ist kleiner.")


@pytest.mark.parametrize("reason", ["", "Zu wenig Zeit."])
def test_bbsr_person_stands_aside_for_a_case_that_both_leave_out(reason):
    call = make_checked_call()
    trial, left = make_list(call), place("Stadt 2")
    if reason:
        ListEntry.objects.create(
            selection_list=trial, application=left, outcome="left", reason=reason
        )
    session = make_recommended(call, trial)
    tied = make_reviewer("bbsr", role="bbsr")
    declare(left, tied, ConflictKind.TWINNING)

    decided = decide(session, tied, reasons=reasons(call) | {left.pk: "Von der Befangenen."})

    row = Decision.objects.get(application=left)
    assert row.reason == (
        reason
        or "Not selected: the places go to other applications. There is no review that counts."
    )
    assert [case["name"] for case in decided.document["decision"]["aside"]] == ["Stadt 2"]


# --- Correcting -----------------------------------------------------------------------------------


def test_correction_is_a_new_decision_with_its_reason_and_leaves_the_old_one_alone():
    call = make_checked_call()
    first = make_decided(call)
    before = Decision.objects.filter(session=first).values_list("outcome", "reason")
    before, sha256 = list(before), first.sha256
    by = make_user("bbsr")
    call.refresh_from_db()

    second = make_session(call, by, corrects=first, correction_reason="Ein Rechenfehler.")
    second = actions.recommend(
        session=second,
        selection_list=make_list(call, "Neu", Stadt_2="chosen", City_1="chosen"),
        text="Berichtigt.",
        by=by,
    )
    decided = decide(second, by)

    first.refresh_from_db(), call.refresh_from_db()
    assert (first.state, first.sha256) == (SessionState.DECIDED, sha256)
    assert list(first.decisions.values_list("outcome", "reason")) == before
    assert (decided.number, decided.corrects) == (2, first)
    assert decided.document["session"]["correction_reason"] == "Ein Rechenfehler."
    assert SelectionSession.objects.current(call) == decided
    assert call.state == CallState.DECIDED


def test_correction_without_reason_or_of_what_does_not_hold_is_refused():
    call = make_checked_call()
    first = make_decided(call)
    call.refresh_from_db()

    with pytest.raises(ValidationError, match="corrects the decision that holds"):
        make_session(call)
    with pytest.raises(ValidationError, match="Say why"):
        make_session(call, corrects=first)

    assert SelectionSession.objects.count() == 1


def test_undecided_call_has_nothing_to_correct():
    foreign = make_decided(make_checked_call())

    with pytest.raises(ValidationError, match="no decision of this call"):
        make_session(make_checked_call(), corrects=foreign, correction_reason="Fehler.")


def test_frozen_list_of_a_decision_refuses_changes():
    session = make_decided(make_checked_call())

    with pytest.raises(ValidationError, match="stays as it is"):
        actions.set_entries(
            selection_list=session.decided_list,
            entries=entries(Stadt_1="left"),
            opened_at=timezone.now(),
            by=make_user("bbsr"),
        )


def test_each_step_leaves_a_row_of_history():
    session = make_decided(make_checked_call())

    rows = StatusChange.objects.of(session).filter(field="state").order_by("pk")
    assert [row.new for row in rows] == ["open", "recommended", "decided"]
    assert [(row.old, row.new) for row in StatusChange.objects.of(session.call)][:1] == [
        ("in_review", "decided")
    ]


def test_organisation_that_nobody_knows_is_only_a_name():
    make_organisation("difu")
    session = make_session(make_checked_call())

    attend(session, actions.Present("Gerda Gast", "Deutscher Städtetag"))

    assert aside(session) == {"Gerda Gast": []}
