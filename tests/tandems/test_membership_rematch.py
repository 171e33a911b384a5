"""A city without a partner gets a new one: from the reserve list, or from the register."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from post_office.models import Email

from accounts.models import Invitation
from calls.enums import ConflictKind, LetterState, Outcome
from calls.models import Letter
from core.models import StatusChange
from municipalities.models import Municipality, TopicRole
from tandems.actions.rematching import rematch_partnership, reserve_of
from tandems.models import Tandem, TandemNotice
from tests.calls.pairing_cases import city, confirm, coordinator, send_anew
from tests.factories import TandemMemberFactory, make_user
from tests.races import act_at_once
from tests.selection import decided, declare, make_call_in_review
from tests.tandems.membership_cases import (
    DAY,
    END_OF_2023,
    history,
    krefeld_sofia,
    left,
    member,
    pair,
    place,
    team,
    today,
)
from tests.tandems.test_forming import place as described

pytestmark = pytest.mark.django_db
AGREED = {"agreed_on": END_OF_2023, "agreement": "Schreiben beider Städte"}


def alone(**fields):
    """Return the partnership of Krefeld after Sofia has left."""
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)
    Tandem.objects.filter(pk=tandem.pk).update(**fields)
    tandem.refresh_from_db()
    return tandem


def with_reserve(*, told=True):
    """Return the partnership, of a call in which City 2 and City 3 are on the reserve list."""
    call = make_call_in_review(1, 3)
    chosen, first = city(call, "Stadt 1"), city(call, "City 1")
    chosen.municipality = place("Krefeld")
    chosen.save()
    session = decided(
        call,
        {
            chosen: Outcome.ACCEPTED,
            first: Outcome.ACCEPTED,
            city(call, "City 3"): (Outcome.RESERVE, 1),
            city(call, "City 2"): (Outcome.RESERVE, 2),
        },
    )
    for decision in session.decisions.all() if told else ():
        Letter.objects.create(
            session=session,
            application=decision.application,
            outcome=decision.outcome,
            state=LetterState.RELEASED,
            language="de",
            subject="Ihr Ergebnis",
            body="Text",
            released_at=timezone.now(),
        )
    return alone(call=call)


def rematch(tandem, partner, by=None, **fields):
    staying = fields.pop("staying", None) or member(tandem, "Krefeld")
    return rematch_partnership(
        tandem=tandem, partner=partner, staying=staying, **AGREED | fields, by=by or team()
    )


def venlo():
    return place("Venlo", "NL")


def test_new_partnership_grows_out_of_the_old_one_which_stays():
    tandem = alone(number=7)

    new = rematch(tandem, venlo(), kick_off_on=today() + DAY)

    assert (new.slug, new.name_de, new.name_en) == ("krefeld-venlo", *["Krefeld – Venlo"] * 2)
    assert (new.kind, new.status, new.previous, new.number) == ("tandem", "planned", tandem, 8)
    assert new.kick_off_proposed_on == today() + DAY
    assert [str(row) for row in new.members.order_by("position")] == [
        "Krefeld (Mitglied)",
        "Venlo (Mitglied)",
    ]
    assert history(new) == [
        ("status", "", "planned", ""),
        ("agreement", "", END_OF_2023.isoformat(), AGREED["agreement"]),
    ]
    assert history(tandem) == [("successor", "", "Krefeld – Venlo", "")]
    old = Tandem.objects.get(pk=tandem.pk)
    assert (old.status, old.members.count()) == ("active", 2)
    assert new in Tandem.objects.exclude(maintained_since=None)
    assert not Tandem.objects.visible_to(None).filter(pk=new.pk).exists()


def test_cities_of_the_old_partnership_are_not_told_who_the_new_partner_is():
    tandem = alone()
    third = TandemMemberFactory(tandem=tandem, municipality=place("Basel", "CH"), position=2)
    people = [make_user("contact", place("Krefeld")), make_user("contact", third.municipality)]

    rematch(tandem, venlo())

    mails = list(Email.objects.all())
    assert sorted(mail.to[0] for mail in mails) == sorted(person.email for person in people)
    assert not [mail for mail in mails if "Venlo" in f"{mail.subject} {mail.message}"]
    assert not TandemNotice.objects.filter(facts__has_key="city_de").exists()


def test_city_of_a_partnership_that_ended_gets_a_new_partner_too():
    assert rematch(alone(status="ended_early"), venlo()).status == "planned"


def test_city_of_the_reserve_list_enters_the_register_with_its_people_and_topics():
    tandem = with_reserve()
    partner = city(tandem.call, "City 2")
    send_anew(partner, contact_email="marie@city2.example", topics={("open-data", "seeks"): 2})
    send_anew(city(tandem.call, "Stadt 1"), topics={("open-data", "gives"): 3})

    new = rematch(tandem, partner, place=described("City 2"))

    entry = Municipality.objects.get(slug="city-2")
    assert city(tandem.call, "City 2").municipality == entry
    assert (new.slug, new.call) == ("krefeld-city-2", tandem.call)
    topic = new.topics.get()
    assert (topic.topic.key, str(topic.giver), topic.seeker) == ("open-data", "Krefeld", entry)
    assert list(TopicRole.objects.filter(municipality=entry).values_list("role", flat=True)) == [
        "seeks"
    ]
    assert Invitation.objects.filter(municipality=entry, email="marie@city2.example").exists()


def test_without_an_application_of_the_city_that_stays_there_are_no_topics_yet():
    tandem = with_reserve()
    chosen = city(tandem.call, "Stadt 1")
    chosen.municipality = None
    chosen.save()

    assert not rematch(
        tandem, city(tandem.call, "City 2"), place=described("City 2")
    ).topics.exists()


def test_conflict_about_the_city_that_stays_closes_its_application_to_the_topics():
    tandem, by = with_reserve(), coordinator()
    declare(city(tandem.call, "Stadt 1"), by, ConflictKind.PERSONAL)

    new = rematch(tandem, city(tandem.call, "City 2"), place=described("City 2"), by=by)

    assert not new.topics.exists()


def names_of(tandem, by=None):
    return [row.application.place_name for row in reserve_of(tandem=tandem, by=by or team())]


def test_reserve_list_stands_by_rank():
    assert names_of(with_reserve()) == ["City 3", "City 2"]


def test_before_the_letters_are_out_nobody_is_asked():
    assert names_of(with_reserve(told=False)) == []


def test_partnership_without_a_call_or_decision_has_no_reserve_list():
    tandem = alone()
    assert names_of(tandem) == []
    tandem.call = make_call_in_review()
    assert names_of(tandem) == []


def test_who_was_offered_a_place_or_withdrew_or_has_a_partner_is_left_out():
    tandem = with_reserve()
    confirm(city(tandem.call, "City 3"))
    assert names_of(tandem) == ["City 2"]

    rematch(tandem, city(tandem.call, "City 2"), place=described("City 2"))
    assert names_of(tandem) == []


def test_who_has_a_conflict_neither_sees_nor_takes_the_application():
    tandem, by = with_reserve(), coordinator()
    partner = city(tandem.call, "City 2")
    declare(partner, by, ConflictKind.PERSONAL)

    assert names_of(tandem, by) == ["City 3"]
    with pytest.raises(PermissionDenied):
        rematch(tandem, partner, place=described("City 2"), by=by)
    assert not Municipality.objects.filter(slug="city-2").exists()


def test_application_that_is_not_on_the_reserve_list_is_refused():
    tandem = with_reserve()

    with pytest.raises(ValidationError) as refusal:
        rematch(tandem, city(tandem.call, "City 1"), place=described("City 1"))

    assert refusal.value.code == "reserve"
    assert not Tandem.objects.exclude(pk=tandem.pk).exists()


def test_missing_facts_about_a_new_place_form_nothing():
    tandem = with_reserve()

    with pytest.raises(ValidationError):
        rematch(tandem, city(tandem.call, "City 2"))

    assert Tandem.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"agreed_on": today() + 40 * DAY}, "agreed_on"),
        ({"agreement": ""}, "agreement"),
        ({"kick_off_on": END_OF_2023}, "kick_off_on"),
    ],
    ids=["agreed ahead", "nothing agreed", "kick-off in the past"],
)
def test_what_cannot_be_is_refused_at_its_field(fields, field):
    with pytest.raises(ValidationError) as refusal:
        rematch(alone(), venlo(), **fields)

    assert list(refusal.value.message_dict) == [field]


def test_city_that_left_gets_no_new_partner_here():
    tandem = alone()

    with pytest.raises(ValidationError) as refusal:
        rematch(tandem, venlo(), staying=member(tandem, "Sofia"))

    assert list(refusal.value.message_dict) == ["staying"]


@pytest.mark.parametrize(("name", "country"), [("Hamm", "DE"), ("Krefeld", "DE")])
def test_partner_is_another_city_from_elsewhere_in_europe(name, country):
    with pytest.raises(ValidationError) as refusal:
        rematch(alone(), place(name, country))

    assert list(refusal.value.message_dict) == ["municipality"]


def test_second_new_partner_of_a_city_is_refused_while_the_first_is_there():
    tandem = alone()
    first = rematch(tandem, venlo())

    with pytest.raises(ValidationError) as refusal:
        rematch(tandem, place("Arezzo", "IT"))
    assert refusal.value.code == "rematched"

    Tandem.objects.filter(pk=first.pk).update(status="ended_early")
    assert rematch(tandem, place("Arezzo", "IT")).slug == "krefeld-arezzo"


@pytest.mark.parametrize("role", ["contact", "deputy", "colleague", "observer", "reviewer"])
def test_only_the_team_finds_a_new_partner(role):
    with pytest.raises(PermissionDenied):
        rematch(alone(), venlo(), by=make_user(role, place("Krefeld")))

    assert StatusChange.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_find_a_partner_at_once_one_is_told():
    tandem, one, two = alone(), team(), team()
    first, second = venlo(), place("Arezzo", "IT")

    results = act_at_once(
        lambda: rematch(tandem, first, by=one), lambda: rematch(tandem, second, by=two)
    )

    assert isinstance(results[0], Tandem)
    assert isinstance(results[1], ValidationError)
    assert Tandem.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_partnerships_that_begin_at_once_get_two_numbers():
    tandem, other, one, two = alone(), pair("Basel", "Freiburg", "CH"), team(), team()
    first, second, last = venlo(), place("Arezzo", "IT"), pair("Hamm", "Lviv", "UA", number=9_000)
    Tandem.objects.filter(pk=tandem.pk).update(number=3)

    results = act_at_once(
        lambda: rematch(tandem, first, by=one),
        lambda: rematch(other, second, staying=member(other, "Basel"), by=two),
    )

    assert [new.number for new in results] == [last.number + 1, last.number + 2]


def test_number_is_asked_for_behind_a_lock_that_is_the_same_for_everybody():
    tandem, partner, by = alone(), venlo(), team()

    with CaptureQueriesContext(connection) as queries:
        rematch(tandem, partner, by=by)

    asked = [query["sql"] for query in queries]
    place_of_number = next(at for at, sql in enumerate(asked) if "MAX(" in sql and "number" in sql)
    # The oldest partnership stays the oldest (SQLite says nothing of the lock itself).
    assert 'ORDER BY "tandems_tandem"."id" ASC LIMIT 1' in asked[place_of_number - 1]
