"""The way in: nobody learns who has an account, nobody is let in by guessing or by a trick."""

from __future__ import annotations

import hashlib
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from post_office.models import Email

from accounts.models import User
from tests.factories import make_user, sign_in
from tests.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
LOGIN, RESET = "/de/accounts/login/", "/de/accounts/password/reset/"
PASSWORD, OTHER = "drei-blaue-Boote-im-Nebel", "vier-rote-Kutschen-am-Tor"


def person(role="contact"):
    user = make_user(role)
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in_by_form(client, user, password=PASSWORD, **query):
    data = {"login": user.email, "password": password}
    return client.post(LOGIN, data, query_params=query)


def without_changing_parts(response):
    """Return a page without its token, its request number and what was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
    return re.sub(r"[\w.+-]+@[\w.-]+", "address", text)


def test_officer_signs_in_with_a_new_session_and_out_again():
    client, user = Client(), person()
    client.get(LOGIN)
    before = client.session.session_key

    answer = sign_in_by_form(client, user)

    assert answer.headers["Location"] == "/de/dashboard/"
    assert client.session.session_key != before
    client.post("/de/accounts/logout/")
    assert client.get("/de/dashboard/").status_code == 302


def test_address_is_the_same_whatever_its_case():
    user, client = person(), Client()

    client.post(LOGIN, {"login": user.email.upper(), "password": PASSWORD})

    assert client.get("/de/dashboard/").status_code == 200


def test_wrong_password_and_unknown_address_get_the_same_answer():
    user = person()

    known = sign_in_by_form(Client(), user, "falsch")
    unknown = Client().post(LOGIN, {"login": "nobody@example.org", "password": "falsch"})

    assert known.status_code == unknown.status_code == 200
    assert without_changing_parts(known) == without_changing_parts(unknown)
    assert "leider falsch" in read(known).main.text


def test_reset_answers_known_and_unknown_addresses_alike():
    user = person()

    answers = [
        Client().post(RESET, {"email": address}, follow=True)
        for address in (user.email, "nobody@example.org")
    ]

    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert without_changing_parts(answers[0]) == without_changing_parts(answers[1])


class CountingHasher(MD5PasswordHasher):
    """Counts the work that a sign-in takes."""

    algorithm = "counting"
    worked = 0

    def encode(self, password, salt):
        type(self).worked += 1
        return super().encode(password, salt)


@pytest.mark.parametrize("known", [True, False])
def test_unknown_address_takes_as_much_work_as_a_wrong_password(known, settings):
    """The hash is what takes the time; without it the answer would come a hundred times faster."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    login = person().email if known else "nobody@example.org"
    CountingHasher.worked = 0

    Client().post(LOGIN, {"login": login, "password": "falsch"})

    assert CountingHasher.worked == 1


def test_reset_link_works_once_and_ends_all_sessions():
    user, old = person(), Client()
    sign_in_by_form(old, user)
    Client().post(RESET, {"email": user.email})
    link = re.search(r"http://[^/]+(/\S+)", Email.objects.latest("pk").message)[1]
    client = Client()
    form = client.get(link, follow=True).redirect_chain[-1][0]

    client.post(form, {"password1": OTHER, "password2": OTHER})
    again = Client().get(link, follow=True)

    assert User.objects.get().check_password(OTHER)
    assert old.get("/de/dashboard/").status_code == 302
    assert 'name="password1"' not in again.content.decode()


def test_password_change_ends_all_other_sessions_and_is_told_by_mail():
    user, here, elsewhere = person(), Client(), Client()
    for client in (here, elsewhere):
        sign_in_by_form(client, user)

    here.post(
        "/de/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER},
    )

    assert elsewhere.get("/de/dashboard/").status_code == 302
    assert Email.objects.latest("pk").to == [user.email]


@pytest.mark.parametrize(
    "password",
    [
        "kurz",
        "123456789012",
        "passwort",
        "passwordpassword",
        "Sommer2026!Berlin",
        "vernetztinEuropa2026",
        "qwertzuiop123",
    ],
)
def test_weak_password_is_refused_with_words(password):
    user, client = person(), Client()
    sign_in_by_form(client, user)

    answer = client.post(
        "/de/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": password, "password2": password},
    )

    assert User.objects.get().check_password(PASSWORD)
    told = read(answer).main.text
    assert "leicht zu erraten" in told or "zu kurz" in told


@pytest.mark.parametrize(
    "password",
    ["drei blaue Boote im Nebel", "λίμνη-βουνό-καράβι-μήλο", hashlib.sha512(b"long").hexdigest()],
)
def test_long_password_of_any_letters_is_taken(password):
    user, client = person(), Client()
    sign_in_by_form(client, user)

    client.post(
        "/de/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": password, "password2": password},
    )

    assert User.objects.get().check_password(password)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_a_foreign_address(target):
    answer = sign_in_by_form(Client(), person(), next=target)

    assert answer.headers["Location"].startswith("/de/")


def test_guessing_is_stopped_and_the_right_password_waits_too():
    user = person()
    for _ in range(10):
        sign_in_by_form(Client(), user, "falsch")

    answer = sign_in_by_form(Client(), user)

    assert answer.status_code in {200, 429}
    assert "Location" not in answer.headers


def test_sign_in_without_token_is_refused():
    client = Client(enforce_csrf_checks=True)

    assert sign_in_by_form(client, person()).status_code == 403


def test_pages_after_sign_in_stay_in_no_cache():
    client = Client()
    sign_in(client, person())

    for path in ("/de/dashboard/", "/de/accounts/people/", "/de/tandems/"):
        answer = client.get(path)
        assert "no-store" in answer.headers["Cache-Control"]


def test_demo_accounts_are_refused_where_there_is_no_demo(settings):
    user = person()
    User.objects.update(email="contact.krefeld@demo.example")
    EmailAddress.objects.update(email="contact.krefeld@demo.example")
    user.refresh_from_db()

    settings.DEMO = False
    refused = sign_in_by_form(Client(), user)
    settings.DEMO = True
    accepted = sign_in_by_form(Client(), user)

    ways = [answer.headers["Location"] for answer in (refused, accepted)]
    assert ways == ["/de/accounts/inactive/", "/de/dashboard/"]


@pytest.mark.parametrize(
    "name", ["Ελένη Παπαδοπούλου", "\u202eEvil", "x" * 10_000, "a\u0000b", "  Ana \n Maria "]
)
def test_any_name_is_saved_clean_or_refused_with_words(name):
    user, client = person(), Client()
    sign_in(client, user)

    answer = client.post(
        "/de/accounts/profile/", {"name": name, "language": "en", "time_zone": "Europe/Sofia"}
    )

    saved = User.objects.get().name
    assert answer.status_code in {200, 302}
    assert not {"\u202e", "\x00", "\n"} & set(saved)
    assert len(saved) <= 150
