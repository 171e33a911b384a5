"""A partnership is formed of an agreed pair: everything at once, once, by who may."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from post_office.models import Email

from accounts.models import Invitation, RoleAssignment, User
from calls import actions as call_actions
from calls.enums import ConflictKind, OfferState, PairingState
from calls.models import Application, Offer, Pairing
from core.models import StatusChange
from municipalities.models import Municipality, PopulationFigure, Topic, TopicRole
from tandems.actions import form_partnership
from tandems.models import Tandem, TandemMember, TandemTopic
from tests.calls.desk import desk
from tests.calls.pairing_cases import (
    agree,
    city,
    coordinator,
    make_confirmed,
    propose,
    refresh,
    send_anew,
    writer,
)
from tests.factories import (
    MunicipalityFactory,
    RoleAssignmentFactory,
    TandemFactory,
    TopicRoleFactory,
    UserFactory,
    make_user,
)
from tests.reading import read
from tests.selection import declare

pytestmark = pytest.mark.django_db

PEOPLE = {
    "Stadt 1": ("anke@stadt1.example", "jan@stadt1.example"),
    "City 1": ("marie@city1.example", "paul@city1.example"),
}


def kick_off():
    return timezone.localdate() + dt.timedelta(days=30)


def place(name, **fields):
    """Return what people say of a municipality that is new in the register."""
    return {
        "slug": name.lower().replace(" ", "-"),
        "name_de": name,
        "name_en": name,
        "latitude": 48.1,
        "longitude": 2.3,
        "time_zone": "Europe/Paris",
        "language": "fr",
    } | fields


def make_agreed(**topics):
    """Return a pairing to which both have agreed; topics by city as ``tests.calls`` writes them."""
    call = make_confirmed()
    for name, (contact, deputy) in PEOPLE.items():
        send_anew(city(call, name), contact_email=contact, deputy_email=deputy)
    for name, levels in topics.items():
        send_anew(city(call, {"german": "Stadt 1", "european": "City 1"}[name]), topics=levels)
    return agree(propose(call))


def form(pairing, by=None, places=None, **fields):
    rows = Application.objects.filter(pk__in=[pairing.german_id, pairing.european_id])
    needed = {row.pk: place(row.place_name) for row in rows if row.municipality_id is None}
    return form_partnership(
        pairing=pairing,
        places=needed if places is None else places,
        **{"kick_off_on": kick_off(), **fields},
        by=by or coordinator(),
    )


def test_partnership_has_both_cities_from_today_the_next_number_and_the_proposed_kick_off():
    TandemFactory(number=11)
    pairing = make_agreed()

    tandem = form(pairing)

    assert (tandem.number, tandem.slug, tandem.status) == (12, "stadt-1-city-1", "planned")
    assert tandem.name_de == tandem.name_en == "Stadt 1 – City 1"
    assert (tandem.call, tandem.pairing_id) == (pairing.call, pairing.pk)
    assert tandem.kick_off_proposed_on == kick_off()
    rows = TandemMember.objects.filter(tandem=tandem).order_by("position")
    assert [(str(row.municipality), str(row.joined), row.role) for row in rows] == [
        (name, str(rows[0].joined), "member") for name in ("Stadt 1", "City 1")
    ]
    assert rows[0].joined_earliest == timezone.localdate()
    assert refresh(pairing).state == PairingState.FORMED
    assert list(StatusChange.objects.of(tandem).values_list("old", "new")) == [("", "planned")]


def test_described_municipality_enters_the_register_with_what_was_sent_and_what_people_gave():
    pairing = make_agreed()
    form(pairing)

    application = city(pairing.call, "City 1")
    entry = application.municipality
    assert (entry.slug, entry.country, entry.local_name) == ("city-1", "FR", "City 1")
    assert (entry.latitude, entry.longitude, entry.time_zone) == (48.1, 2.3, "Europe/Paris")
    assert (entry.region_de, entry.region_en, entry.languages) == ("Hessen", "Hessen", ["fr"])
    assert application.place_key == f"register:{entry.pk}"
    figure = PopulationFigure.objects.get(municipality=entry)
    sent = application.submissions.get()
    assert (figure.value, figure.earliest) == (20_000, sent.sent_at.date())
    assert (figure.note_de, figure.note_en) != ("", "")
    assert not Municipality.objects.visible_to(None).filter(pk=entry.pk).exists()


@pytest.mark.parametrize(
    "missing", ["slug", "name_de", "name_en", "latitude", "longitude", "time_zone", "language"]
)
def test_nothing_about_a_new_municipality_is_guessed(missing):
    pairing = make_agreed()
    places = {
        pairing.german_id: place("Stadt 1"),
        pairing.european_id: place("City 1", **{missing: None}),
    }

    with pytest.raises(ValidationError, match="City 1"):
        form(pairing, places=places)

    assert not Tandem.objects.exists()
    assert not Municipality.objects.exists()


def test_latitude_of_0_is_a_latitude():
    pairing = make_agreed()
    places = {
        pairing.german_id: place("Stadt 1"),
        pairing.european_id: place("City 1", latitude=0.0, longitude=0.0),
    }

    form(pairing, places=places)

    assert city(pairing.call, "City 1").municipality.latitude == 0


def test_municipality_that_the_register_knows_is_not_made_twice_but_can_be_chosen():
    known = MunicipalityFactory(name_de="CITY 1", name_en="X", country="FR")
    pairing = make_agreed()

    with pytest.raises(ValidationError, match="CITY 1"):
        form(pairing)
    chosen = {pairing.german_id: place("Stadt 1"), pairing.european_id: {"municipality": known}}
    form(pairing, places=chosen)

    assert city(pairing.call, "City 1").municipality == known
    assert not PopulationFigure.objects.filter(municipality=known).exists()


def test_topics_name_giver_and_seeker_where_one_meets_the_other():
    pairing = make_agreed(
        german={
            ("data", "seeks"): 3,
            ("heat", "gives"): 2,
            ("heat", "seeks"): 1,
            ("bus", "seeks"): 2,
        },
        european={
            ("data", "gives"): 2,
            ("heat", "gives"): 1,
            ("heat", "seeks"): 3,
            ("bus", "seeks"): 1,
            ("trees", "gives"): 3,
        },
    )

    tandem = form(pairing)

    rows = TandemTopic.objects.filter(tandem=tandem).order_by("position")
    assert [
        (row.topic.key, str(row.giver or ""), str(row.seeker or ""), row.stage) for row in rows
    ] == [
        ("data", "City 1", "Stadt 1", "interest"),
        ("heat", "", "", "mutual"),
        ("bus", "", "", "interest"),
    ]


def test_register_learns_roles_by_topic_and_keeps_what_it_knew():
    pairing = make_agreed(
        german={
            ("data", "seeks"): 3,
            ("heat", "gives"): 2,
            ("heat", "seeks"): 1,
            ("bus", "gives"): 1,
        },
        european={("data", "gives"): 2},
    )
    german = city(pairing.call, "Stadt 1")
    home = MunicipalityFactory(name_de="Stadt 1", name_en="Stadt 1")
    Application.objects.filter(pk=german.pk).update(municipality=home)
    TopicRoleFactory(municipality=home, topic=Topic.objects.get(key="data"), role="mutual")
    TopicRoleFactory(municipality=home, topic=Topic.objects.get(key="heat"), role="gives")

    form(pairing)

    rows = TopicRole.objects.order_by("municipality__country", "topic__key", "role")
    assert [(row.municipality.country, row.topic.key, row.role) for row in rows] == [
        ("DE", "bus", "gives"),
        ("DE", "data", "mutual"),
        ("DE", "heat", "gives"),
        ("DE", "heat", "seeks"),
        ("FR", "data", "gives"),
    ]


def test_who_gives_and_seeks_on_a_topic_that_is_new_is_mutual_there():
    pairing = make_agreed(german={("heat", "gives"): 2, ("heat", "seeks"): 1}, european={})

    form(pairing)

    assert list(TopicRole.objects.values_list("topic__key", "role")) == [("heat", "mutual")]


def test_officers_with_a_proven_account_get_their_roles_and_all_others_an_invitation():
    pairing = make_agreed()
    proven = person(PEOPLE["Stadt 1"][0])
    claimed = UserFactory(email=PEOPLE["City 1"][0])
    EmailAddress.objects.create(user=claimed, email=claimed.email, verified=False, primary=True)

    form(pairing)

    assert list(
        RoleAssignment.objects.filter(municipality__isnull=False).values_list("user", "role")
    ) == [(proven.pk, "contact")]
    invited = Invitation.objects.order_by("email").values_list("email", "role", "language")
    assert list(invited) == [
        ("jan@stadt1.example", "deputy", "de"),
        ("marie@city1.example", "contact", "en"),
        ("paul@city1.example", "deputy", "en"),
    ]


def person(email):
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def test_contact_person_whom_a_municipality_has_stays_the_only_one():
    pairing = make_agreed()
    home = MunicipalityFactory(name_de="Stadt 1")
    Application.objects.filter(pk=pairing.german_id).update(municipality=home)
    contact = RoleAssignmentFactory(municipality=home, role="contact")
    person(PEOPLE["Stadt 1"][0])

    form(pairing)

    held = RoleAssignment.objects.filter(municipality=home)
    assert list(held.values_list("user", "role")) == [(contact.user_id, "contact")]
    assert not Invitation.objects.filter(email=PEOPLE["Stadt 1"][0]).exists()
    assert Invitation.objects.filter(email=PEOPLE["Stadt 1"][1], role="deputy").exists()


def test_who_wrote_the_application_gets_no_role_by_that():
    pairing = make_agreed()
    form(pairing)

    held = RoleAssignment.objects.filter(user=writer(pairing.german))
    assert not held.exists()
    assert Application.objects.edited_by(writer(pairing.german)).exists()


def test_address_that_cannot_be_invited_does_not_hold_up_the_partnership():
    pairing = make_agreed()
    send_anew(pairing.german, deputy_email="jan@xn--stаdt.example")

    form(pairing)

    assert Invitation.objects.count() == 3


def test_both_cities_are_told_the_day_of_the_kick_off_in_their_language():
    pairing = make_agreed()
    User.objects.filter(pk=pairing.european.begun_by_id).update(language="en")
    Email.objects.all().delete()

    form(pairing)

    told = Email.objects.filter(subject__contains="Stadt 1 – City 1")
    by_address = {mail.to[0]: mail for mail in told}
    assert set(by_address) == {writer(row).email for row in (pairing.german, pairing.european)}
    english = by_address[writer(pairing.european).email]
    assert f"{kick_off().day} " in english.message
    assert "we propose" in english.message


def test_second_click_meets_the_first_and_makes_nothing():
    pairing = make_agreed()
    form(pairing)

    with pytest.raises(ValidationError) as refused:
        form(pairing)

    assert refused.value.code == "formed"
    assert Tandem.objects.count() == 1


def test_second_partnership_of_the_same_cities_gets_an_address_of_its_own():
    TandemFactory(slug="stadt-1-city-1")

    assert form(make_agreed()).slug == "stadt-1-city-1-2"


def test_partnership_needs_the_consent_of_both_and_their_places():
    pairing = make_agreed()
    call_actions.withdraw_consent(
        pairing=pairing, application=pairing.german, by=writer(pairing.german)
    )
    with pytest.raises(ValidationError):
        form(pairing)
    agree(pairing, pairing.german)
    Offer.objects.filter(application=pairing.german).update(state=OfferState.DECLINED)
    with pytest.raises(ValidationError):
        form(pairing)

    assert not Tandem.objects.exists()


@pytest.mark.parametrize("days", [0, -1])
def test_kick_off_lies_in_the_future(days):
    with pytest.raises(ValidationError) as refused:
        form(make_agreed(), kick_off_on=timezone.localdate() + dt.timedelta(days=days))

    assert list(refused.value.message_dict) == ["kick_off_on"]
    assert not Tandem.objects.exists()


@pytest.mark.parametrize("role", ["contact", "reviewer", "observer"])
def test_who_does_not_change_memberships_forms_nothing(role):
    with pytest.raises(PermissionDenied):
        form(make_agreed(), by=make_user(role))


def test_conflict_of_interest_forbids_forming_and_hides_the_page():
    pairing, by = make_agreed(), coordinator()
    declare(pairing.european, by, ConflictKind.PERSONAL)

    with pytest.raises(PermissionDenied):
        form(pairing, by=by)
    client = desk(user=by)
    assert client.get(f"/admin/tandems/tandem/form/{pairing.pk}/").status_code == 404
    assert "City 1" not in client.get("/admin/tandems/tandem/").content.decode()


# The pages


def address(pairing):
    return f"/admin/tandems/tandem/form/{pairing.pk}/"


def typed(pairing, **fields):
    """Return what somebody types into the form of two described municipalities."""
    values = {"kick_off_on": kick_off().isoformat()}
    for application in (pairing.german, pairing.european):
        for name, value in place(application.place_name).items():
            values[f"place-{application.pk}-{name}"] = value
    return values | fields


def test_page_shows_beforehand_what_will_be_made():
    pairing = make_agreed(german={("data", "seeks"): 3}, european={("data", "gives"): 3})
    person(PEOPLE["Stadt 1"][0])

    page = read(desk().get(address(pairing)))

    assert "City 1 gives, Stadt 1 seeks" in page.main.text
    assert "Anke Ruland gets the role at once" in page.main.text
    assert "Jan Pohl is invited by e-mail" in page.main.text
    assert not Tandem.objects.exists()


def test_page_forms_the_partnership_and_leads_to_the_list():
    pairing, client = make_agreed(), desk()

    answer = client.post(address(pairing), typed(pairing), follow=True)

    page = read(answer)
    assert Tandem.objects.get().pairing_id == pairing.pk
    assert "Stadt 1 – City 1 has been formed" in page.body.text
    assert "Kick-off held" in page.main.text


def test_double_click_on_the_page_says_that_it_is_formed_already():
    pairing, client = make_agreed(), desk()
    client.post(address(pairing), typed(pairing))

    page = read(client.post(address(pairing), typed(pairing), follow=True))

    assert "formed already" in page.body.text
    assert Tandem.objects.count() == 1


def test_page_keeps_what_was_typed_and_leads_to_what_is_wrong():
    pairing = make_agreed()
    prefix = f"place-{pairing.european_id}"
    wrong = {
        f"{prefix}-latitude": "",
        f"{prefix}-name_en": "Ville Une",
        "kick_off_on": "2020-01-01",
    }

    page = read(desk().post(address(pairing), typed(pairing, **wrong)))

    assert f"#id_{prefix}-latitude" in page.main.hrefs()
    assert page.main.one("input", name=f"{prefix}-name_en")["value"] == "Ville Une"
    assert not Tandem.objects.exists()


def test_planned_partnership_becomes_public_when_its_kick_off_was_held():
    tandem, client = form(make_agreed()), desk()

    assert client.get(f"/en/tandems/{tandem.slug}/").status_code == 404
    client.post(f"/admin/tandems/tandem/{tandem.pk}/begin/")
    client.post(f"/admin/tandems/tandem/{tandem.pk}/begin/")

    tandem.refresh_from_db()
    assert tandem.status == "active"
    assert client.get(f"/en/tandems/{tandem.slug}/").status_code == 200


@pytest.mark.parametrize(("role", "status"), [("bbsr", 200), ("reviewer", 403), ("observer", 403)])
def test_pages_open_for_who_changes_memberships(role, status):
    pairing, client = make_agreed(), desk(role)

    assert client.get(address(pairing)).status_code == status
    assert client.get("/admin/tandems/tandem/").status_code == status
    assert client.get("/admin/tandems/tandem/1/begin/").status_code == 405


@pytest.mark.parametrize("state", [PairingState.PROPOSED, PairingState.FORMED])
def test_page_of_a_pair_that_is_not_ready_says_so(state):
    pairing = make_agreed()
    Pairing.objects.update(state=state)

    page = read(desk().get(address(pairing)))

    assert page.main.all("form") == []


def test_list_of_pairs_and_partnerships_takes_the_same_queries_for_one_and_for_three(
    django_assert_num_queries,
):
    form(in_register(make_agreed()))
    make_agreed()
    client = desk()
    client.get("/admin/tandems/tandem/")
    with django_assert_num_queries(7):
        client.get("/admin/tandems/tandem/")
    for _number in range(2):
        form(in_register(make_agreed()))
        make_agreed()

    with django_assert_num_queries(7):
        client.get("/admin/tandems/tandem/")


def in_register(pairing):
    """Return an agreed pair whose cities have entries of their own in the register."""
    for key in (pairing.german_id, pairing.european_id):
        Application.objects.filter(pk=key).update(municipality=MunicipalityFactory())
    return pairing
