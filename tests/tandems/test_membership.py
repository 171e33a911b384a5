"""Cities leave, join and dock on; a partnership ends and goes on."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import override
from post_office.models import Email

from tandems.access import access_of
from tandems.actions.ending import end_partnership, resume_partnership
from tandems.actions.leaving import leave_partnership
from tandems.actions.membership import dock_guest, join_partnership
from tandems.models import Tandem, TandemMember, TandemNotice
from tests.factories import TandemFactory, TandemMemberFactory, make_user
from tests.races import act_at_once
from tests.tandems.membership_cases import (
    DAY,
    END_OF_2023,
    REASONS,
    history,
    krefeld_sofia,
    member,
    pair,
    place,
    team,
    today,
)

pytestmark = pytest.mark.django_db


def leave(tandem, name="Sofia", on=END_OF_2023, by=None, **fields):
    row = member(tandem, name)
    return leave_partnership(member=row, left_on=on, **fields, by=by or team())


def join(tandem, name="Venlo", country="NL", by=None, **fields):
    fields = {"joined_on": today(), **fields}
    return join_partnership(
        tandem=tandem, municipality=place(name, country), **fields, by=by or team()
    )


def dock(tandem, name="Venlo", country="NL", by=None, **fields):
    fields = {"since": today(), **fields}
    return dock_guest(tandem=tandem, municipality=place(name, country), **fields, by=by or team())


def end(tandem, status="completed", by=None, **fields):
    fields = {"ended_on": today(), **fields}
    return end_partnership(tandem=tandem, status=status, **fields, by=by or team())


def names(tandem):
    """Return who acts for a partnership."""
    return {str(row.municipality) for row in tandem.members.acting()}


# Leaving.


def test_city_leaves_at_the_end_of_a_year_with_a_public_reason():
    tandem = krefeld_sofia()

    row = leave(
        tandem, precision="year_end", reasons=REASONS, is_public=True, sources=["https://a.example"]
    )

    assert (row.left_on, row.left_precision) == (END_OF_2023, "year_end")
    assert (row.left_reason_de, row.left_reason_en) == (REASONS["de"], REASONS["en"])
    assert row.sources == ["https://a.example"]
    assert history(row) == [("membership", "member", "left", "")]
    assert names(tandem) == {"Krefeld"}
    assert Tandem.objects.get().maintained_since is not None


def test_reason_that_is_not_public_stands_in_the_history_alone():
    row = leave(krefeld_sofia(), reasons=REASONS)

    assert (row.left_reason_de, row.left_reason_en) == ("", "")
    assert history(row) == [("membership", "member", "left", " · ".join(REASONS.values()))]


def test_city_acts_on_its_last_day_and_reads_afterwards(time_machine):
    tandem = krefeld_sofia()
    officer = make_user("contact", member(tandem, "Sofia").municipality)
    leave(tandem, on=today() + 10 * DAY)

    access = access_of(officer, tandem)
    assert access is not None
    assert access.acts
    now = timezone.now()
    time_machine.move_to(now + 10 * DAY)
    assert access_of(officer, tandem).acts
    time_machine.move_to(now + 11 * DAY)
    after = access_of(officer, tandem)
    assert (after.acts, after.until) == (False, member(tandem, "Sofia").left_on)


def test_last_day_ahead_can_be_moved_and_the_move_is_written_down():
    tandem = krefeld_sofia()
    first, second = today() + 10 * DAY, today() + 20 * DAY
    leave(tandem, on=first)

    row = leave(tandem, on=second, reasons={"de": "später", "en": ""})

    assert row.left_on == second
    assert history(row)[1:] == [("left_on", first.isoformat(), second.isoformat(), "später")]


def test_saving_the_same_last_day_again_changes_nothing():
    tandem = krefeld_sofia()
    row = leave(tandem, on=today())

    again = leave(tandem, on=today())

    assert again.left_on == today()
    assert len(history(row)) == 1


def test_city_that_has_left_does_not_leave_again():
    tandem = krefeld_sofia()
    leave(tandem)

    with pytest.raises(ValidationError) as refusal:
        leave(tandem, on=today())

    assert refusal.value.code == "left"
    assert member(tandem, "Sofia").left_on == END_OF_2023


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"on": dt.date(2022, 5, 16)}, "left_on"),
        ({"on": dt.date(9999, 1, 1)}, "left_on"),
        ({"precision": "range"}, "precision"),
    ],
    ids=["before joining", "a slip", "no such precision"],
)
def test_leaving_refuses_what_cannot_be_at_its_field(fields, field):
    tandem = krefeld_sofia()

    with pytest.raises(ValidationError) as refusal:
        leave(tandem, **fields)

    assert list(refusal.value.message_dict) == [field]
    assert member(tandem, "Sofia").left_on is None


def test_city_whose_joining_is_not_documented_can_leave():
    row = TandemMemberFactory(joined_earliest=None, joined_latest=None, joined_precision="unknown")

    assert leave_partnership(member=row, left_on=today(), by=team()).left_on == today()


def test_city_can_stay_without_a_partner():
    tandem = krefeld_sofia()
    leave(tandem)

    tandem.refresh_from_db()
    assert (tandem.status, names(tandem)) == ("active", {"Krefeld"})


def test_topics_of_a_city_that_leaves_stay():
    tandem = krefeld_sofia()
    sofia = member(tandem, "Sofia").municipality
    topic = tandem.topics.create(
        focus="Beteiligung", giver=sofia, seeker=member(tandem, "Krefeld").municipality
    )
    leave(tandem)

    topic.refresh_from_db()
    assert (topic.giver, topic.ended_on) == (sofia, None)


# Joining.


def test_third_city_makes_a_tridem_which_the_history_and_the_timeline_tell():
    tandem = pair("Freiburg", "Basel", "CH")

    row = join(tandem, "Mulhouse", "FR")

    tandem.refresh_from_db()
    assert tandem.kind == "tridem"
    assert (tandem.name_de, tandem.name_en) == ("Freiburg – Basel – Mulhouse",) * 2
    assert (row.position, row.role, str(row.joined.earliest)) == (2, "member", str(today()))
    assert history(row) == [("membership", "", "member", "")]
    assert history(tandem) == [
        ("name", "Freiburg – Basel", "Freiburg – Basel – Mulhouse", ""),
        ("kind", "tandem", "tridem", ""),
    ]
    change = tandem.changes.get()
    assert change.text_en == "The tandem becomes a tridem."
    assert change.text_de
    assert (change.earliest, change.precision) == (today(), "day")


def test_city_that_takes_the_place_of_another_makes_no_tridem():
    tandem = krefeld_sofia()
    leave(tandem)

    join(tandem)

    tandem.refresh_from_db()
    assert (tandem.kind, tandem.name) == ("tandem", "Krefeld – Venlo")
    assert not tandem.changes.exists()


def test_name_that_is_no_list_of_the_cities_stays():
    tandem = krefeld_sofia()
    Tandem.objects.update(name_de="Rhein und Iskar", name_en="Krefeld – Sofia")

    join(tandem)

    tandem.refresh_from_db()
    assert (tandem.name_de, tandem.name_en) == ("Rhein und Iskar", "Krefeld – Sofia – Venlo")


def test_fourth_city_is_refused():
    tandem = pair("Freiburg", "Basel", "CH")
    join(tandem, "Mulhouse", "FR")

    with override("en"), pytest.raises(ValidationError, match="up to three"):
        join(tandem, "Colmar", "FR")


def test_city_that_left_comes_back_as_a_new_membership():
    tandem = krefeld_sofia()
    leave(tandem)

    row = join(tandem, "Sofia", "BG")

    rows = tandem.members.filter(municipality=row.municipality).order_by("pk")
    assert [one.left_on for one in rows] == [END_OF_2023, None]
    assert names(tandem) == {"Krefeld", "Sofia"}
    assert Tandem.objects.get(pk=tandem.pk).kind == "tandem"


def test_city_does_not_come_back_before_it_left():
    tandem = krefeld_sofia()
    leave(tandem)

    with pytest.raises(ValidationError) as refusal:
        join(tandem, "Sofia", "BG", joined_on=END_OF_2023 - DAY)

    assert list(refusal.value.message_dict) == ["joined_on"]


@pytest.mark.parametrize("enter", [join, dock])
def test_current_member_neither_joins_nor_docks_on_again(enter):
    tandem = krefeld_sofia()

    with pytest.raises(ValidationError) as refusal:
        enter(tandem, "Sofia", "BG")

    assert list(refusal.value.message_dict) == ["municipality"]


@pytest.mark.parametrize(("enter", "field"), [(join, "joined_on"), (dock, "since")])
def test_nobody_comes_on_a_day_ahead(enter, field):
    with pytest.raises(ValidationError) as refusal:
        enter(krefeld_sofia(), **{field: today() + DAY})

    assert list(refusal.value.message_dict) == [field]


@pytest.mark.parametrize("enter", [join, dock])
def test_nobody_comes_into_a_partnership_that_has_ended(enter):
    tandem = krefeld_sofia()
    end(tandem)

    with pytest.raises(ValidationError) as refusal:
        enter(tandem)

    assert refusal.value.code == "ended"


# Guests.


def test_guest_docks_on_for_some_time_and_acts_for_nothing():
    tandem = krefeld_sofia()

    row = dock(tandem, until=today() + 30 * DAY, sources=["https://a.example"])

    assert (row.role, row.left_on, row.left_precision) == ("guest", today() + 30 * DAY, "day")
    assert history(row) == [("membership", "", "guest", "")]
    assert names(tandem) == {"Krefeld", "Sofia"}
    assert Tandem.objects.get().kind == "tandem"
    assert access_of(make_user("contact", row.municipality), tandem) is None


def test_guest_without_a_last_day_goes_when_it_goes():
    tandem = krefeld_sofia()
    row = dock(tandem)

    gone = leave(tandem, "Venlo", on=today())

    assert gone.left_on == today()
    assert history(row) == [("membership", "", "guest", ""), ("membership", "guest", "left", "")]


@pytest.mark.parametrize("days", [-1, 800])
def test_guest_with_an_impossible_last_day_is_refused(days):
    with pytest.raises(ValidationError) as refusal:
        dock(krefeld_sofia(), until=today() + days * DAY)

    assert list(refusal.value.message_dict) == ["until"]


def test_guest_is_a_guest_once():
    tandem = krefeld_sofia()
    dock(tandem)

    with pytest.raises(ValidationError) as refusal:
        dock(tandem)

    assert list(refusal.value.message_dict) == ["municipality"]


def test_guest_that_joins_stops_being_one():
    tandem = krefeld_sofia()
    leave(tandem)
    guest = dock(tandem, since=END_OF_2023 + DAY)

    row = join(tandem)

    guest.refresh_from_db()
    assert (guest.left_on, row.role) == (today(), "member")
    assert names(tandem) == {"Krefeld", "Venlo"}


def test_guest_does_not_join_before_it_came():
    tandem = krefeld_sofia()
    dock(tandem)

    with pytest.raises(ValidationError) as refusal:
        join(tandem, joined_on=today() - DAY)

    assert list(refusal.value.message_dict) == ["joined_on"]


def test_guest_of_the_past_may_join():
    tandem = krefeld_sofia()
    guest = dock(tandem, since=END_OF_2023, until=END_OF_2023)

    join(tandem)

    guest.refresh_from_db()
    assert guest.left_on == END_OF_2023


def test_exchange_with_a_guest_becomes_a_tandem_when_the_guest_joins():
    tandem = TandemFactory(kind="guest_exchange")
    TandemMemberFactory(tandem=tandem, municipality=place("Krefeld"))
    dock(tandem)

    join(tandem)

    tandem.refresh_from_db()
    assert tandem.kind == "tandem"
    assert tandem.changes.get().text_en == "The guest exchange becomes a tandem."


def test_first_city_makes_no_tandem_of_an_exchange():
    tandem = TandemFactory(kind="guest_exchange")

    join(tandem)

    assert Tandem.objects.get().kind == "guest_exchange"


# The end.


@pytest.mark.parametrize("status", ["completed", "continues", "ended_early", "undocumented"])
def test_partnership_ends_with_day_and_public_reason(status):
    tandem = end(krefeld_sofia(), status, reasons=REASONS, is_public=True)

    assert (tandem.status, tandem.ended_on) == (status, today())
    assert (tandem.ended_reason_de, tandem.ended_reason_en) == (REASONS["de"], REASONS["en"])
    assert history(tandem) == [("status", "active", status, "")]
    assert Tandem.objects.get().maintained_since is not None


def test_reason_for_the_end_that_is_not_public_stands_in_the_history_alone():
    tandem = end(krefeld_sofia(), "ended_early", reasons={"de": "Geld", "en": ""})

    assert (tandem.ended_reason_de, tandem.ended_reason_en) == ("", "")
    assert history(tandem) == [("status", "active", "ended_early", "Geld")]


def test_how_it_ended_can_be_corrected():
    tandem = krefeld_sofia()
    end(tandem, "completed", ended_on=END_OF_2023)

    end(tandem, "continues", ended_on=END_OF_2023)

    assert Tandem.objects.get().status == "continues"


@pytest.mark.parametrize(
    ("before", "status"),
    [
        ("planned", "completed"),
        ("active", "planned"),
        ("active", "active"),
        ("ended_early", "active"),
    ],
)
def test_other_steps_are_no_ends(before, status):
    tandem = pair("Krefeld", "Sofia", "BG", status=before)

    with pytest.raises(ValidationError) as refusal:
        end(tandem, status)

    assert refusal.value.code == "ended"
    assert Tandem.objects.get().status == before


def test_partnership_does_not_end_ahead():
    with pytest.raises(ValidationError) as refusal:
        end(krefeld_sofia(), ended_on=today() + DAY)

    assert list(refusal.value.message_dict) == ["ended_on"]


def test_partnership_that_ended_early_goes_on_and_the_timeline_keeps_both():
    tandem = krefeld_sofia()
    end(tandem, "ended_early", ended_on=END_OF_2023, reasons=REASONS, is_public=True)

    resumed = resume_partnership(tandem=tandem, note="Sofia ist zurück", by=team())

    assert (resumed.status, resumed.ended_on, resumed.ended_reason_de) == ("active", None, "")
    field, old, new, note = history(tandem)[-1]
    assert (field, old, new) == ("status", "ended_early", "active")
    assert note.startswith("Sofia ist zurück; ")
    assert [(row.text_en, row.earliest) for row in tandem.changes.all()] == [
        ("The partnership ends early.", END_OF_2023),
        ("The partnership goes on.", today()),
    ]


def test_end_without_a_day_leaves_only_the_new_beginning_on_the_timeline():
    tandem = pair("Krefeld", "Sofia", "BG", status="ended_early")

    resume_partnership(tandem=tandem, by=team())

    assert [row.text_en for row in tandem.changes.all()] == ["The partnership goes on."]


def test_partnership_that_is_active_cannot_be_resumed():
    with pytest.raises(ValidationError):
        resume_partnership(tandem=krefeld_sofia(), by=team())


# Who may.


@pytest.mark.parametrize("role", ["contact", "deputy", "colleague", "reviewer", "observer", None])
@pytest.mark.parametrize("act", ["leave", "join", "dock", "end", "resume"])
def test_only_the_team_changes_a_membership(role, act):
    tandem = pair("Krefeld", "Sofia", "BG", status="ended_early" if act == "resume" else "active")
    by = make_user(role, place("Krefeld"))
    acts = {
        "leave": lambda: leave(tandem, by=by),
        "join": lambda: join(tandem, by=by),
        "dock": lambda: dock(tandem, by=by),
        "end": lambda: end(tandem, by=by),
        "resume": lambda: resume_partnership(tandem=tandem, by=by),
    }

    with pytest.raises(PermissionDenied):
        acts[act]()

    assert TandemMember.objects.filter(left_on__isnull=True).count() == 2


def test_bbsr_may_too():
    assert join(krefeld_sofia(), by=make_user("bbsr")).pk


# Who is told.


def told(person):
    """Return what waits for a person or was written, as event and city."""
    rows = TandemNotice.objects.filter(user=person).order_by("pk")
    return [(row.event, row.facts.get("city_en"), row.facts.get("day")) for row in rows]


def test_every_event_is_told_to_the_team_and_not_to_who_made_it():
    tandem, by, colleague = krefeld_sofia(), team(), team()

    leave(tandem, by=by)
    join(tandem, by=by)
    dock(tandem, "Utrecht", "NL", by=by)
    leave(tandem, "Utrecht", on=today(), by=by)
    end(tandem, by=by)

    assert told(colleague) == [
        ("member_left", "Sofia", END_OF_2023.isoformat()),
        ("member_joined", "Venlo", None),
        ("guest_docked", "Utrecht", None),
        ("guest_left", "Utrecht", today().isoformat()),
        ("partnership_ended", None, None),
    ]
    assert told(by) == []


def test_city_that_left_before_today_is_told_that_it_did():
    tandem, by = krefeld_sofia(), team()
    officer = make_user("contact", member(tandem, "Sofia").municipality)

    leave(tandem, by=by)

    (mail,) = [mail for mail in Email.objects.all() if mail.to == [officer.email]]
    assert "31. Dezember 2023" in mail.message


# Two at once.


@pytest.mark.django_db(transaction=True)
def test_of_two_who_let_the_third_city_join_at_once_one_is_told():
    tandem, one, two = pair("Freiburg", "Basel", "CH"), team(), team()
    mulhouse, colmar = place("Mulhouse", "FR"), place("Colmar", "FR")

    results = act_at_once(
        lambda: join_partnership(tandem=tandem, municipality=mulhouse, joined_on=today(), by=one),
        lambda: join_partnership(tandem=tandem, municipality=colmar, joined_on=today(), by=two),
    )

    assert isinstance(results[0], TandemMember)
    assert isinstance(results[1], ValidationError)
    assert tandem.members.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_end_a_partnership_at_once_end_it_once():
    tandem, one, two = krefeld_sofia(), team(), team()

    results = act_at_once(
        lambda: end(tandem, "ended_early", by=one), lambda: end(tandem, "completed", by=two)
    )

    assert isinstance(results[1], ValidationError)
    assert Tandem.objects.get().status == "ended_early"
    assert len(history(tandem)) == 1
