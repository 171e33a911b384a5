"""People from the invitation to the last day, through HTTP and the mails alone."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from accounts.models import RoleAssignment, User
from tests.factories import MunicipalityFactory, RoleAssignmentFactory, make_user, sign_in
from tests.reading import read

pytestmark = pytest.mark.django_db
PASSWORD = "drei-blaue-Boote-im-Nebel"
INVITE, DASHBOARD = "/de/accounts/people/invite/", "/de/dashboard/"


def signed_in(user):
    client = Client()
    sign_in(client, user)
    return client


def link_in_the_last_mail():
    return re.search(r"http://localhost:8000(/\S+)", Email.objects.latest("pk").message)[1]


def invited(role="contact", email="neu@hamm.example"):
    """Let BBSR invite somebody; return the place and the link in the mail."""
    place = MunicipalityFactory(name_de="Hamm")
    data = {"email": email, "role": role, "municipality": place.pk, "language": "de"}
    answer = signed_in(make_user("bbsr")).post(INVITE, data, follow=True)
    assert "ist unterwegs" in read(answer).main.text
    return place, link_in_the_last_mail()


def test_officer_comes_by_invitation_and_takes_on_the_role():
    place, link = invited()
    officer = Client()

    opened = read(officer.get(link))
    assert opened.heading == "Sie sind eingeladen"
    assert "Ansprechperson, Hamm" in opened.main.text
    form = officer.post(link, follow=True)
    assert form.redirect_chain[-1][0] == "/de/accounts/signup/"
    account = {"email": "neu@hamm.example", "password1": PASSWORD}
    arrived = officer.post("/de/accounts/signup/", account, follow=True)
    assert arrived.redirect_chain[-1][0] == DASHBOARD
    assert officer.get(link).status_code == 410
    person = User.objects.get(email="neu@hamm.example")
    assert [(row.role, row.municipality) for row in person.roles] == [("contact", place)]
    assert "Vertretung für Hamm benennen" in read(arrived).main.text


def test_officer_with_an_account_takes_on_a_further_role():
    officer = make_user("colleague")
    place, link = invited(email=officer.email)

    welcomed = signed_in(officer).post(link, follow=True)

    assert "Willkommen" in read(welcomed).main.text
    roles = {(row.role, row.municipality) for row in User.objects.get(pk=officer.pk).roles}
    assert ("contact", place) in roles
    assert len(roles) == 2


def test_role_that_was_given_in_the_meantime_leaves_the_account_and_a_word():
    place, link = invited()
    officer = Client()
    officer.post(link)
    RoleAssignmentFactory(role="contact", municipality=place)

    account = {"email": "neu@hamm.example", "password1": PASSWORD}
    arrived = officer.post("/de/accounts/signup/", account, follow=True)

    assert "schon eine Ansprechperson" in read(arrived).main.text
    assert User.objects.get(email="neu@hamm.example").roles == []


def test_opening_the_link_uses_nothing_up():
    _place, link = invited()

    statuses = [Client().get(link).status_code for _ in range(3)]
    statuses.append(Client().head(link).status_code)

    assert statuses == [200, 200, 200, 200]
    assert Client().post(link).status_code == 302


def test_link_counts_once_and_for_its_address():
    _place, link = invited(email=(officer := make_user()).email)
    stranger = signed_in(make_user())

    refused = stranger.post(link, follow=True)
    accepted = signed_in(officer).post(link)
    again = signed_in(officer).post(link)

    assert "andere E-Mail-Adresse" in read(refused).main.text
    assert (accepted.status_code, again.status_code) == (302, 410)
    assert RoleAssignment.objects.filter(role="contact").count() == 1


@pytest.mark.parametrize("token", ["abc", "MQ:1abc:x", "MQ", "../../etc"])
def test_forged_link_is_told_in_words(token):
    answer = Client().get(f"/de/accounts/invitation/{token}/")

    assert answer.status_code in {404, 410}
    assert read(answer).heading


def test_without_invitation_nobody_signs_up():
    page = Client().get("/de/accounts/signup/")
    Client().post("/de/accounts/signup/", {"email": "x@example.org", "password1": PASSWORD})

    assert "password1" not in page.content.decode()
    assert not User.objects.filter(email="x@example.org").exists()


def test_signing_up_under_another_address_than_the_invited_one_is_not_possible():
    _place, link = invited()
    officer = Client()
    officer.post(link)

    officer.post("/de/accounts/signup/", {"email": "other@example.org", "password1": PASSWORD})

    assert not User.objects.filter(email="other@example.org").exists()


def test_contact_hands_over_and_the_deputy_goes_on():
    contact = make_user("contact")
    own = contact.roles[0]
    deputy = make_user("deputy", own.municipality)
    client = signed_in(contact)
    url = f"/de/accounts/roles/{own.pk}/hand-over/"

    page = read(client.get(url))
    assert deputy.name in page.main.text
    note = {"successor": deputy.roles[0].pk, "note": "Schlüssel beim Pförtner"}
    answer = client.post(url, note, follow=True)

    assert f"{deputy.name} ist jetzt Ansprechperson" in read(answer).main.text
    assert client.get("/de/accounts/people/").status_code == 403
    to_deputy, to_contact = Email.objects.order_by("pk")
    assert "Schlüssel beim Pförtner" in to_deputy.message
    assert (to_contact.to, to_contact.subject) == ([contact.email], f"Übergeben: {own.place}")
    held = User.objects.get(pk=deputy.pk).roles
    assert [row.role for row in held] == ["contact"]


def test_handover_without_a_deputy_says_what_to_do():
    contact = make_user("contact")

    page = read(signed_in(contact).get(f"/de/accounts/roles/{contact.roles[0].pk}/hand-over/"))

    assert "Es gibt keine Vertretung" in page.main.text


def test_role_that_ends_in_mid_session_counts_no_more_with_the_next_click():
    contact = make_user("contact")
    client = signed_in(contact)
    assert client.get(INVITE).status_code == 200

    RoleAssignment.objects.update(until=timezone.localdate() - dt.timedelta(days=1))

    assert client.get(INVITE).status_code == 403
    assert "noch keine Rolle" in read(client.get(DASHBOARD)).main.text


def test_deactivated_person_is_out_with_the_next_click():
    contact = make_user("contact")
    client = signed_in(contact)

    User.objects.update(is_active=False)

    assert client.get(DASHBOARD).status_code == 302


def test_team_sees_which_cities_have_no_contact_and_no_deputy():
    from tests.factories import make_pair

    pair = make_pair()
    RoleAssignmentFactory(role="contact", municipality=pair.members.first().municipality)

    page = read(signed_in(make_user("coordinator")).get(DASHBOARD)).main.text

    assert "Kommunen ohne Ansprechperson: 1" in page
    assert "Kommunen ohne Vertretung: 2" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_people_are_listed_with_as_many_queries_for_one_as_for_three(
    rows, django_assert_max_num_queries
):
    client = signed_in(make_user("bbsr"))
    for _ in range(rows):
        RoleAssignmentFactory()

    with django_assert_max_num_queries(8):
        assert client.get("/de/accounts/people/").status_code == 200
