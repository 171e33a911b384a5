"""Trial lists: made, copied, proposed, changed by several people, frozen; what fits the places."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from accounts.enums import UserRole
from calls import actions
from calls.effect import Entry, obstacles_of, places_of
from calls.enums import CallState, ConflictKind
from calls.models import Application, Call, EligibilityCheck, SelectionList
from calls.queries.candidates import all_candidates, entries_of
from core.models import StatusChange
from tests.calls.board import check, entries, make_call, make_checked_call, make_list
from tests.factories import make_user
from tests.selection import (
    applications_of,
    declare,
    filed,
    make_reviewer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
GAPS = "the reserve list must run from 1 without gaps. Now:"
CANNOT_PREPARE = [role for role in UserRole if role not in {"coordinator", "bbsr"}]


@pytest.fixture
def english():
    """Ask in English, whatever the German says."""
    with translation.override("en"):
        yield


def stored(trial):
    """Return what stands on a list, by the names of the municipalities."""
    return {
        row.application.place_name: (row.outcome, row.rank, row.reason)
        for row in trial.entries.select_related("application")
    }


def save(trial, by=None, **outcomes):
    """Save entries as the board would right after it was opened."""
    fresh = SelectionList.objects.get(pk=trial.pk)
    return actions.set_entries(
        selection_list=fresh,
        entries=entries(**outcomes),
        opened_at=fresh.changed_at,
        by=by or make_user("coordinator"),
    )


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_team_makes_a_list(role):
    by = make_user(role)

    made = actions.create_list(call=make_call(), name=" Mutig ", idea="Kleine.", by=by)

    assert (made.name, made.idea, made.made_by, made.frozen_at) == ("Mutig", "Kleine.", by, None)


@pytest.mark.parametrize("role", CANNOT_PREPARE)
def test_others_neither_make_nor_change_lists(role):
    call = make_checked_call()
    trial, by = make_list(call), make_user(role)

    with pytest.raises(PermissionDenied):
        actions.create_list(call=call, name="Mutig", by=by)
    with pytest.raises(PermissionDenied):
        actions.propose_list(call=call, name="Mutig", by=by)
    with pytest.raises(PermissionDenied):
        save(trial, by, Stadt_1="left")


def test_copy_takes_over_every_entry_of_a_frozen_list_and_is_not_frozen():
    call = make_checked_call()
    source = make_list(call)
    SelectionList.objects.update(frozen_at=timezone.now())

    copy = actions.create_list(call=call, name="B", source=source, by=make_user("coordinator"))

    assert stored(copy) == stored(source)
    assert copy.frozen_at is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"name": ""}, "cannot be blank"), ({"name": "Nach Rang"}, "There is a list of this name")],
)
def test_list_without_a_name_of_its_own_is_refused(fields, words):
    call = make_checked_call()
    make_list(call)

    with pytest.raises(ValidationError, match=words):
        actions.create_list(call=call, by=make_user("coordinator"), **fields)


@pytest.mark.parametrize(
    "state", [state for state in CallState if state not in {"in_review", "decided"}]
)
def test_list_is_made_only_while_places_are_given(state):
    call = make_call()
    call.state = state

    with pytest.raises(ValidationError, match="while a call is in review"):
        actions.create_list(call=call, name="B", by=make_user("coordinator"))


def test_list_of_another_call_is_not_copied():
    other = make_list(make_checked_call())

    with pytest.raises(ValidationError, match="another call"):
        actions.create_list(
            call=make_call(1, 0), name="B", source=other, by=make_user("coordinator")
        )


def test_proposal_fills_the_places_of_each_pool_by_rank_and_skips_who_is_not_eligible():
    call = make_call(3, 2, places_german=1, places_european=1)
    reviewer = make_reviewer()
    for name, steps in {"Stadt 1": 5, "Stadt 2": 4, "Stadt 3": 3, "City 1": 2, "City 2": 3}.items():
        filed(Application.objects.get(place_name=name), reviewer, steps)
    check([Application.objects.get(place_name="Stadt 1")], is_eligible=False)

    made = actions.propose_list(call=call, name="Nach Rang", by=make_user("coordinator"))

    assert stored(made) == {
        "Stadt 2": ("chosen", None, ""),
        "Stadt 3": ("reserve", 1, ""),
        "City 2": ("chosen", None, ""),
        "City 1": ("reserve", 1, ""),
    }


def test_proposal_knows_nothing_of_what_is_closed_to_who_asks_for_it():
    call = make_checked_call(2, 0)
    reviewer, by = make_reviewer("adelphi"), make_reviewer("difu", role="coordinator")
    best, second = applications_of(call)
    filed(best, reviewer, 5), filed(second, reviewer, 4)
    declare(best, by, ConflictKind.PERSONAL)

    made = actions.propose_list(call=call, name="Nach Rang", by=by)

    assert stored(made) == {"Stadt 2": ("chosen", None, "")}


def test_entries_are_written_changed_and_taken_away():
    trial = make_list(make_checked_call())

    save(trial, Stadt_1="reserve 1", Stadt_2="chosen", City_2="left")

    assert stored(trial) == {
        "Stadt 1": ("reserve", 1, ""),
        "Stadt 2": ("chosen", None, ""),
        "City 1": ("chosen", None, ""),
    }


def test_reason_stays_also_for_who_is_left():
    call = make_checked_call()
    trial, pk = make_list(call), Application.objects.get(place_name="Stadt 2").pk

    actions.set_entries(
        selection_list=trial,
        entries={pk: ("left", None, " Zu wenig Zeit.\x00 ")},
        opened_at=trial.changed_at,
        by=make_user("bbsr"),
    )

    assert stored(trial)["Stadt 2"] == ("left", None, "Zu wenig Zeit.")


def test_reserve_without_a_rank_comes_last_in_its_own_pool():
    trial = make_list(make_checked_call(3, 2), Stadt_1="reserve 1", City_1="reserve 4")

    save(trial, Stadt_2="reserve", Stadt_3="reserve", Stadt_1="reserve", City_2="reserve")

    ranks = {name: rank for name, (_outcome, rank, _reason) in stored(trial).items()}
    assert ranks == {"Stadt 1": 1, "Stadt 2": 2, "Stadt 3": 3, "City 1": 4, "City 2": 5}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (("won", None, ""), "choose whether it is chosen"),
        (("chosen", 1, ""), "a rank counts from 1"),
        (("reserve", 0, ""), "a rank counts from 1"),
        (("left", None, "x" * 2_001), "longer than 2000 characters"),
    ],
)
def test_entry_that_there_is_not_is_refused_by_name(entry, words):
    trial = make_list(make_checked_call())
    pk = Application.objects.get(place_name="Stadt 2").pk

    with pytest.raises(ValidationError, match=f"Stadt 2: .*{words}"):
        actions.set_entries(
            selection_list=trial,
            entries={pk: entry},
            opened_at=trial.changed_at,
            by=make_user("coordinator"),
        )


def test_withdrawn_application_is_not_chosen_but_can_be_taken_off():
    trial = make_list(make_checked_call())
    Application.objects.filter(place_name__in=["Stadt 1", "Stadt 2"]).update(state="withdrawn")

    with pytest.raises(ValidationError, match="withdrawn: Stadt 2"):
        save(trial, Stadt_2="chosen")
    save(trial, Stadt_1="left")

    assert "Stadt 1" not in stored(trial)


def test_application_of_another_call_stands_on_no_list():
    trial = make_list(make_checked_call())
    foreign = applications_of(make_call(1, 0))[0]

    with pytest.raises(ValidationError, match="do not belong to this call"):
        actions.set_entries(
            selection_list=trial,
            entries={foreign.pk: ("chosen", None, "")},
            opened_at=trial.changed_at,
            by=make_user("coordinator"),
        )


def test_frozen_list_refuses_every_change():
    trial = make_list(make_checked_call())
    SelectionList.objects.update(frozen_at=timezone.now())

    with pytest.raises(ValidationError, match="stays as it is"):
        save(trial, Stadt_1="left")

    assert stored(trial)["Stadt 1"] == ("chosen", None, "")


def test_second_of_two_people_is_told_and_overwrites_nothing():
    trial, by = make_list(make_checked_call()), make_user("coordinator")
    opened = trial.changed_at
    save(trial, Stadt_1="left")

    with pytest.raises(ValidationError, match="Somebody else") as refusal:
        actions.set_entries(
            selection_list=trial, entries=entries(City_1="left"), opened_at=opened, by=by
        )

    assert refusal.value.code == "changed"
    assert stored(trial)["City 1"] == ("chosen", None, "")


def test_saving_the_same_twice_is_no_change():
    trial, by = make_list(make_checked_call()), make_user("coordinator")
    wanted = {
        "selection_list": trial,
        "entries": entries(Stadt_1="left", Stadt_2="reserve"),
        "opened_at": trial.changed_at,
        "by": by,
    }
    first = actions.set_entries(**wanted)

    second = actions.set_entries(**wanted)

    assert second.changed_at == first.changed_at


@pytest.mark.parametrize("kind", [ConflictKind.PERSONAL, ConflictKind.INSTITUTIONAL])
def test_entry_of_a_closed_application_stays_as_it_is(kind):
    call = make_checked_call()
    trial = make_list(call)
    closed = Application.objects.get(place_name="Stadt 1")
    by = make_reviewer("difu", role="coordinator")
    tied = by if kind == ConflictKind.PERSONAL else make_reviewer("difu")
    declare(closed, tied, kind)

    save(trial, by, Stadt_1="left", Stadt_2="chosen")

    assert stored(trial)["Stadt 1"] == ("chosen", None, "")
    assert stored(trial)["Stadt 2"] == ("chosen", None, "")


def test_history_says_how_many_entries_changed_and_never_which():
    trial = make_list(make_checked_call())

    save(trial, Stadt_1="left", City_1="left")

    row = StatusChange.objects.get(field="entries")
    assert (row.new, row.note) == ("2", "")


def obstacles(trial):
    call = Call.objects.get(pk=trial.call_id)
    candidates = all_candidates(call, trial.pk)
    found = entries_of([trial.pk], candidates)[trial.pk]
    return obstacles_of(
        candidates.values(), found, places_of(call.places_german, call.places_european)
    )


def test_list_that_fits_meets_no_obstacle():
    assert obstacles(make_list(make_checked_call())) == []


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ({"Stadt_1": "reserve 1"}, ["The list chooses nobody."]),
        (
            {"Stadt_1": "chosen", "Stadt_2": "chosen"},
            ["German municipalities: 2 chosen, but there is only 1 place."],
        ),
        (
            {"Stadt_1": "chosen", "City_1": "reserve 1", "City_2": "reserve 3"},
            [f"Other European municipalities: {GAPS} 1, 3."],
        ),
        (
            {"Stadt_1": "chosen", "City_1": "reserve 1", "City_2": "reserve 1"},
            [f"Other European municipalities: {GAPS} 1, 1."],
        ),
    ],
)
def test_list_that_does_not_fit_says_why(outcomes, words):
    assert obstacles(make_list(make_checked_call(), **outcomes)) == words


def test_each_pool_has_a_reserve_list_of_its_own():
    trial = make_list(
        make_checked_call(), Stadt_1="chosen", Stadt_2="reserve 1", City_2="reserve 1"
    )

    assert obstacles(trial) == []


def test_call_that_names_no_places_lets_nobody_be_chosen():
    call = make_checked_call()
    Call.objects.filter(pk=call.pk).update(places_german=None)

    assert obstacles(make_list(call)) == [
        "German municipalities: the call does not say how many places there are."
    ]


def test_who_is_not_sent_not_checked_or_not_eligible_is_named():
    call = make_checked_call()
    trial = make_list(call)
    Application.objects.filter(place_name="Stadt 1").update(state="withdrawn")
    EligibilityCheck.objects.filter(application__place_name="City 1").delete()
    EligibilityCheck.objects.filter(application__place_name="City 2").update(
        is_eligible=False, reason="Die Vollmacht fehlt."
    )

    assert obstacles(trial) == [
        "No longer sent: Stadt 1.",
        "The formal conditions are not checked yet: City 1.",
        "The formal conditions are not met: City 2.",
    ]


def test_entry_that_says_nothing_is_like_none():
    assert Entry("left") == Entry("left", None, "")


def test_gaps_of_both_reserve_lists_are_closed_with_their_order_kept():
    trial = make_list(
        make_checked_call(3, 2), Stadt_1="reserve 2", Stadt_2="reserve 5", City_1="reserve 4"
    )
    wanted = {
        "selection_list": trial,
        "entries": entries(Stadt_3="reserve 1"),
        "opened_at": trial.changed_at,
        "close_gaps": True,
        "by": make_user("coordinator"),
    }

    first = actions.set_entries(**wanted)

    ranks = {name: rank for name, (_outcome, rank, _reason) in stored(trial).items()}
    assert ranks == {"Stadt 3": 1, "Stadt 1": 2, "Stadt 2": 3, "City 1": 1}
    assert actions.set_entries(**wanted).changed_at == first.changed_at


def test_closing_gaps_neither_touches_nor_tells_what_is_closed():
    trial = make_list(make_checked_call(3, 1), Stadt_1="reserve 1", Stadt_2="reserve 2")
    by = make_reviewer("difu", role="coordinator")
    declare(Application.objects.get(place_name="Stadt 1"), by, ConflictKind.PERSONAL)

    actions.set_entries(
        selection_list=trial,
        entries=entries(Stadt_3="reserve"),
        opened_at=trial.changed_at,
        close_gaps=True,
        by=by,
    )

    ranks = {name: rank for name, (_outcome, rank, _reason) in stored(trial).items()}
    assert ranks == {"Stadt 1": 1, "Stadt 2": 1, "Stadt 3": 2}
