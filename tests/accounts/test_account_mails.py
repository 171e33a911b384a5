"""Mails about an account: our words, the person's language, the right address, no flood."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from post_office.models import Email

from accounts.mails import CHANGES, TEMPLATES
from tests.factories import UserFactory, make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
PASSWORD, OTHER = "drei-blaue-Boote-im-Nebel", "vier-rote-Kutschen-am-Tor"
RESET = "/en/accounts/password/reset/"


def person(**fields):
    user = UserFactory(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_in(user):
    client = Client()
    client.post("/de/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def confirm_password(client):
    client.post("/de/accounts/reauthenticate/", {"password": PASSWORD})


def sent_to(address):
    return list(Email.objects.filter(to=address).order_by("pk"))


def link_in(mail):
    return re.search(r"http://localhost:8000(/\S+)", mail.message)[1]


def test_every_mail_of_allauth_that_can_be_sent_has_our_words():
    """Codes by mail and unconfirmed extra addresses are switched off."""
    from pathlib import Path

    import allauth

    root = Path(allauth.__file__).parent / "templates"
    there = {
        str(path.relative_to(root)).removesuffix("_subject.txt")
        for app in ("account", "mfa", "socialaccount")
        for path in (root / app / "email").glob("*_subject.txt")
    }
    off = {"login_code", "password_reset_code"}

    assert {name for name in there if name.rpartition("/")[2] not in off} == {*CHANGES, *TEMPLATES}


def test_reset_speaks_the_language_of_the_person_and_leads_to_the_portal():
    user = person(language="de")

    Client().post(RESET, {"email": user.email}, headers={"Host": "localhost"})
    (mail,) = sent_to(user.email)

    assert mail.subject == "Neues Passwort wählen"
    assert link_in(mail).startswith("/de/accounts/password/reset/key/")
    assert "Der Link gilt eine Stunde lang und nur einmal" in mail.message
    assert link_in(mail) in mail.html_message


def test_reset_sets_the_password_once_tells_at_once_and_lets_the_person_in_again():
    user = person()
    for _ in range(6):  # somebody else locks the account
        Client().post("/de/accounts/login/", {"login": user.email, "password": "falsch"})
    Client().post(RESET, {"email": user.email})
    link = link_in(sent_to(user.email)[0])

    client = Client()
    form = client.get(link, follow=True)
    path = form.redirect_chain[-1][0]
    client.post(path, {"password1": OTHER, "password2": OTHER})
    again = Client().get(link, follow=True)
    entered = Client().post("/de/accounts/login/", {"login": user.email, "password": OTHER})

    user.refresh_from_db()
    assert user.check_password(OTHER)
    assert sent_to(user.email)[-1].subject == "Änderung an Ihrem Konto"
    assert "über einen Link aus einer E-Mail" in sent_to(user.email)[-1].message
    assert 'name="password1"' not in again.content.decode()
    assert entered.headers["Location"] == "/de/dashboard/"


def test_stranger_gets_a_mail_too_so_that_the_page_can_say_the_same():
    Client().post("/de/accounts/password/reset/", {"email": "nobody@example.org"})

    (mail,) = sent_to("nobody@example.org")
    assert mail.subject == "Zu dieser Adresse gibt es kein Konto"


@pytest.mark.parametrize("known", [True, False])
def test_no_address_gets_more_than_five_reset_mails_in_an_hour(known):
    address = person().email if known else "nobody@example.org"

    answers = [
        Client().post(RESET, {"email": spelling}).status_code
        for spelling in [address, address.upper()] * 5
    ]

    assert len(sent_to(address)) == 5
    assert answers == [302] * 5 + [429] * 5


def test_change_of_address_is_confirmed_at_the_new_and_told_to_the_old_one():
    user = person(email="old@example.org")
    client = signed_in(user)
    confirm_password(client)
    client.post("/de/accounts/email/", {"email": "New@example.org", "action_add": ""})
    (asked,) = sent_to("new@example.org")

    client.get(link_in(asked))
    user.refresh_from_db()
    assert user.email == "old@example.org"
    client.post(link_in(asked))

    user.refresh_from_db()
    assert user.email == "new@example.org"
    told = sent_to("old@example.org")[-1]
    assert told.subject == "Ihre E-Mail-Adresse wurde geändert"
    assert "von old@example.org in new@example.org" in told.message


def test_change_to_an_address_of_somebody_else_looks_like_any_other_and_takes_nothing():
    other = person(email="anna@example.org")
    client = signed_in(person(email="me@example.org"))
    confirm_password(client)

    answers = [
        client.post("/de/accounts/email/", {"email": address, "action_add": ""}, follow=True)
        for address in ("anna@example.org", "free@example.org")
    ]

    texts = [re.sub(r"[\w.]+@example\.org", "", answer.content.decode()) for answer in answers]
    texts = [re.sub(r'value="[^"]{64}"|[0-9a-f]{16}', "", text) for text in texts]
    assert texts[0] == texts[1]
    assert EmailAddress.objects.get(email="anna@example.org").user == other


def test_change_to_another_spelling_of_a_foreign_mailbox_ends_at_its_confirmation():
    person(email="anna@example.org")
    me = person(email="me@example.org")
    client = signed_in(me)
    confirm_password(client)
    client.post("/de/accounts/email/", {"email": "anna+1@example.org", "action_add": ""})
    (asked,) = sent_to("anna+1@example.org")

    answer = client.post(link_in(asked), follow=True)

    me.refresh_from_db()
    assert me.email == "me@example.org"
    assert "gehört zu einem anderen Konto" in answer.content.decode()


@pytest.mark.parametrize("address", ["a@krefеld.example", "a" * 10_000, "a@@b.de"])
@pytest.mark.parametrize(
    ("path", "field"),
    [("/de/accounts/email/", "email"), ("/de/accounts/people/invite/", "email"), (RESET, "email")],
)
def test_address_that_deceives_is_refused_with_words(address, path, field):
    client = Client()
    sign_in(client, make_user("bbsr"))

    answer = client.post(path, {field: address, "action_add": "", "role": "bbsr"})

    assert answer.status_code == 200
    assert "kern-error" in answer.content.decode()
    assert not Email.objects.exists()


def test_mail_needs_the_password_again_before_the_address_changes():
    client = signed_in(person())

    answer = client.post("/de/accounts/email/", {"email": "x@example.org", "action_add": ""})

    assert answer.headers["Location"].startswith("/de/accounts/reauthenticate/")
    assert not sent_to("x@example.org")


def test_new_second_factor_is_told_of(django_capture_on_commit_callbacks):
    user = person()
    client = signed_in(user)
    confirm_password(client)

    from allauth.mfa.totp.internal.auth import (
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    client.get("/de/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/de/accounts/2fa/totp/activate/", {"code": code})

    assert any("Authenticator-App eingerichtet" in mail.message for mail in sent_to(user.email))
