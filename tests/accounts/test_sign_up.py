"""Who may create an account: the invited, and officers while a call is open."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from accounts.models import User
from tests.factories import CallFactory, InvitationFactory, make_user
from tests.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
SIGN_UP = "/de/accounts/signup/"
PASSWORD = "drei-blaue-Boote-im-Nebel"
ACCOUNT = {"email": "amt@pirna.example", "password1": PASSWORD}
SIGN_IN = {"login": ACCOUNT["email"], "password": PASSWORD}
DAY = dt.timedelta(days=1)


def call(**fields):
    now = timezone.now()
    moments = {"opens_at": now - DAY, "closes_at": now + DAY, "time_zone": "Europe/Berlin"}
    return CallFactory(state="open", **{**moments, **fields})


def link_to(address):
    mail = Email.objects.filter(to=address).latest("pk")
    return re.search(r"http://localhost:8000(/\S+)", mail.message)[1]


def test_officer_signs_up_while_a_call_is_open_confirms_and_has_no_role():
    call()
    officer = Client()

    assert "Zurzeit läuft ein Teilnahmeaufruf" in read(officer.get("/de/accounts/login/")).main.text
    assert "die sich bewerben möchten" in read(officer.get(SIGN_UP)).main.text
    waiting = officer.post(SIGN_UP, ACCOUNT, follow=True)
    assert waiting.redirect_chain[-1][0] == "/de/accounts/confirm-email/"
    before = officer.get("/de/dashboard/")
    link = link_to(ACCOUNT["email"])
    officer.get(link)
    officer.post(link)
    after = officer.post("/de/accounts/login/", SIGN_IN, follow=True)

    assert before.status_code == 302
    assert "noch keine Rolle" in read(after).main.text
    assert User.objects.get().roles == []
    assert officer.get("/de/accounts/people/").status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "closed"},
        {"opens_at": timezone.now() + DAY / 2},
        {"closes_at": timezone.now() - DAY / 2},
    ],
    ids=["closed", "not open yet", "over"],
)
def test_without_an_open_call_nobody_signs_up(fields):
    made = {"state": "open", **fields}
    now = timezone.now()
    moments = {"opens_at": now - DAY, "closes_at": now + DAY, "time_zone": "Europe/Berlin"}
    CallFactory(**{**moments, **made})

    page = read(Client().get(SIGN_UP))
    Client().post(SIGN_UP, ACCOUNT)

    assert page.heading == "Konten werden auf Einladung vergeben"
    assert not User.objects.exists()


def test_page_says_the_same_whether_the_mailbox_has_an_account_or_not():
    call()
    known = make_user()

    answers = [
        Client().post(SIGN_UP, {"email": address, "password1": PASSWORD})
        for address in (
            known.email,
            known.email.upper(),
            known.email.replace("@", "+neu@"),
            "free@pirna.example",
        )
    ]

    assert {answer.headers["Location"] for answer in answers} == {"/de/accounts/confirm-email/"}
    assert User.objects.count() == 2
    told = Email.objects.filter(to=known.email).latest("pk")
    assert told.subject == "Sie haben schon ein Konto"


@pytest.mark.parametrize("email", ["a@krefеld.example", "x" * 10_000, "", "a\u202e@b.example"])
def test_address_that_deceives_gets_no_account(email):
    call()

    answer = Client().post(SIGN_UP, {**ACCOUNT, "email": email})

    assert answer.status_code == 200
    assert "kern-error" in answer.content.decode()
    assert not User.objects.exists()


def test_double_click_makes_one_account():
    call()
    client = Client()

    for _ in range(2):
        client.post(SIGN_UP, ACCOUNT)

    assert User.objects.count() == 1


def test_extra_fields_change_nothing():
    call()
    extra = {"is_superuser": "on", "is_active": "", "role": "bbsr", "name": "Chef"}

    Client().post(SIGN_UP, {**ACCOUNT, **extra})

    user = User.objects.get()
    assert (user.is_superuser, user.is_active, user.name, user.roles) == (False, True, "", [])


def test_invited_person_with_an_account_under_another_spelling_signs_in_and_accepts():
    person = make_user()
    person.set_password(PASSWORD)
    person.save()
    invitation = InvitationFactory(email=person.email.replace("@", "+stadt@"))
    client = Client()

    led = client.post(invitation.link, follow=True)
    assert "Sie haben schon ein Konto" in read(led).main.text
    client.post("/de/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert "Rolle annehmen" in read(client.get("/de/dashboard/")).main.text
    client.post(invitation.link)

    assert [row.role for row in User.objects.get().roles] == ["colleague"]
