"""Staff show a second factor in every session, whichever door they came through."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from accounts.enums import CITY_ROLES, UserRole
from tests.factories import make_user, sign_in
from tests.reading import read

pytestmark = pytest.mark.django_db
DASHBOARD = "/de/dashboard/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "drei-blaue-Boote-im-Nebel"
STAFF = [role for role in UserRole if role not in CITY_ROLES]


def code():
    return format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))


def staff_member(role="bbsr"):
    user = make_user(role)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("path", [DASHBOARD, "/de/accounts/people/", "/de/accounts/email/"])
def test_staff_without_a_second_factor_are_led_to_enrolment(role, path):
    client = Client()
    sign_in(client, make_user(role), second_factor=False)

    answer = client.get(path, follow=True)

    assert answer.redirect_chain[-1][0] == "/de/accounts/2fa/"
    assert "Ihre Rolle verlangt einen zweiten Faktor" in read(answer).main.text


@pytest.mark.parametrize("role", STAFF)
def test_session_that_was_made_without_the_factor_is_asked_for_it(role):
    user, client = make_user(role), Client()
    TOTP.activate(user, SECRET)
    sign_in(client, user, second_factor=False)

    answer = client.get(f"{DASHBOARD}?a=1")

    assert answer.status_code == 302
    assert answer.headers["Location"] == (
        "/de/accounts/2fa/reauthenticate/?next=%2Fde%2Fdashboard%2F%3Fa%3D1"
    )
    shown = client.post(answer.headers["Location"], {"code": code()})
    assert shown.headers["Location"] == f"{DASHBOARD}?a=1"
    assert client.get(DASHBOARD).status_code == 200


def test_nothing_is_changed_before_the_factor_is_shown():
    client = Client()
    sign_in(client, make_user("bbsr"), second_factor=False)

    answer = client.post("/de/accounts/people/invite/", {"email": "a@example.org"})

    assert answer.headers["Location"] == "/de/accounts/2fa/"


def test_staff_sign_in_with_password_and_code():
    user, client = staff_member(), Client()
    TOTP.activate(user, SECRET)

    first = client.post(
        "/de/accounts/login/", {"login": user.email, "password": PASSWORD}, follow=True
    )
    assert first.redirect_chain[-1][0] == "/de/accounts/2fa/authenticate/"
    assert client.get(DASHBOARD).status_code == 302
    client.post("/de/accounts/2fa/authenticate/", {"code": code()})

    assert client.get(DASHBOARD).status_code == 200


def test_a_code_opens_one_session_only():
    user = staff_member()
    TOTP.activate(user, SECRET)
    used = code()
    clients = [Client(), Client()]
    for client in clients:
        client.post("/de/accounts/login/", {"login": user.email, "password": PASSWORD})
        client.post("/de/accounts/2fa/authenticate/", {"code": used})

    assert [client.get(DASHBOARD).status_code for client in clients] == [200, 302]


@pytest.mark.parametrize("role", sorted(CITY_ROLES))
def test_city_officers_are_invited_to_a_second_factor_and_not_forced(role):
    client = Client()
    sign_in(client, make_user(role))

    answer = client.get(DASHBOARD)

    assert answer.status_code == 200
    assert "Zweiten Faktor einrichten" in read(answer).main.text


def test_secret_lies_encrypted_in_the_database():
    TOTP.activate(make_user(), SECRET)

    stored = Authenticator.objects.get().data["secret"]

    assert SECRET not in stored
    assert TOTP(Authenticator.objects.get()).validate_code(code())


def test_secret_is_read_after_the_key_has_changed(settings):
    TOTP.activate(make_user(), SECRET)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" * 5

    assert TOTP(Authenticator.objects.get()).validate_code(code())
