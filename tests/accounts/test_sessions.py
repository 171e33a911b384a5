"""Sessions end at their limits, and nothing that was typed is lost with them."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation
from tests.factories import MunicipalityFactory, make_user
from tests.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
DASHBOARD, PROFILE = "/de/dashboard/", "/de/accounts/profile/"
INVITE, LOGIN = "/de/accounts/people/invite/", "/de/accounts/login/"
PASSWORD = "drei-blaue-Boote-im-Nebel"
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def officer(role="contact", municipality=None):
    user = make_user(role, municipality)
    user.set_password(PASSWORD)
    user.save()
    return user


def enter(client, user, target=""):
    data = {"login": user.email, "password": PASSWORD, "next": target}
    return client.post(LOGIN, data, follow=True)


def signed_in(user):
    client = Client()
    enter(client, user)
    assert client.get(DASHBOARD).status_code == 200
    return client


def test_session_lasts_as_long_as_somebody_clicks_within_the_hour(clock):
    client = signed_in(officer())

    statuses = []
    for _ in range(5):
        clock.shift(59 * MINUTE)
        statuses.append(client.get(DASHBOARD).status_code)
    clock.shift(61 * MINUTE)
    statuses.append(client.get(DASHBOARD).status_code)

    assert statuses == [200] * 5 + [302]


def test_session_ends_after_twelve_hours_whatever_happens(clock):
    client = signed_in(officer())

    for _ in range(23):
        clock.shift(31 * MINUTE)
        assert client.get(DASHBOARD).status_code == 200
    clock.shift(31 * MINUTE)

    assert client.get(DASHBOARD).status_code == 302


def test_person_is_told_why_and_the_old_session_is_of_no_use(clock):
    client = signed_in(officer())
    stolen = client.cookies["session"].value
    clock.shift(61 * MINUTE)

    answer = client.get(DASHBOARD, follow=True)
    thief = Client()
    thief.cookies["session"] = stolen

    assert "weil Ihre Sitzung abgelaufen war" in read(answer).main.text
    assert thief.get(DASHBOARD).status_code == 302


def test_script_that_asks_what_is_left_keeps_no_session_alive(clock):
    client = signed_in(officer())
    clock.shift(50 * MINUTE)

    left = client.get("/de/accounts/session/").json()
    clock.shift(11 * MINUTE)

    assert left == {"idle": 600, "whole": 11 * 3_600 + 600}
    assert client.get(DASHBOARD).status_code == 302


def test_person_who_stays_keeps_the_session_alive(clock):
    client = signed_in(officer())
    clock.shift(59 * MINUTE)

    left = client.post("/de/accounts/session/stay/").json()
    clock.shift(59 * MINUTE)

    assert left["idle"] == 3_600
    assert client.get(DASHBOARD).status_code == 200


def test_form_that_comes_too_late_is_there_again_after_signing_in(clock):
    place = MunicipalityFactory()
    user = officer("contact", place)
    client = signed_in(user)
    clock.shift(61 * MINUTE)
    typed = {"email": "neu@hamm.example", "role": "colleague", "municipality": place.pk}

    late = client.post(f"{INVITE}?from=mail", {**typed, "language": "en"})
    assert late.status_code == 302
    assert not Invitation.objects.exists()
    page = read(enter(client, user, f"{INVITE}?from=mail"))

    assert "Ihre Eingaben sind noch da" in page.main.text
    fields = {
        field["name"]: field for field in page.main.all("input") if "name" in field.attributes
    }
    assert fields["email"]["value"] == "neu@hamm.example"
    chosen = {box["value"] for box in page.main.all("option") if "selected" in box.attributes}
    assert {"colleague", "en"} <= chosen
    assert not Invitation.objects.exists()
    assert client.get(INVITE).content.decode().count("neu@hamm.example") == 0


def test_form_is_shown_to_nobody_but_the_one_who_typed_it(clock):
    first, second = officer("contact"), officer("contact")
    client = signed_in(first)
    clock.shift(61 * MINUTE)
    client.post(PROFILE, {"name": "Geheimer Name", "language": "de", "time_zone": "Europe/Berlin"})

    page = enter(client, second, PROFILE)
    enter(client, first)

    assert "Geheimer Name" not in page.content.decode()
    assert "Geheimer Name" not in client.get(PROFILE).content.decode()


def test_passwords_and_codes_are_never_kept(clock):
    client = signed_in(officer())
    clock.shift(61 * MINUTE)
    secret = {"oldpassword": PASSWORD, "password1": "neu-und-geheim-12", "code": "123456"}

    client.post("/de/accounts/password/change/", secret)

    assert "kept_form" not in client.session


def test_form_with_the_token_of_another_tab_is_shown_again_instead_of_lost():
    user = officer()
    client = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
    client.force_login(user, backend="accounts.backends.SignInBackend")
    typed = {"name": "Ana Ionescu", "language": "en", "time_zone": "Europe/Sofia"}

    page = read(client.post(PROFILE, {**typed, "csrfmiddlewaretoken": "old"}, follow=True))

    assert "Ihre Eingaben sind noch da" in page.main.text
    assert any(field.attributes.get("value") == "Ana Ionescu" for field in page.main.all("input"))
    user.refresh_from_db()
    assert user.name != "Ana Ionescu"


def test_form_of_another_site_is_refused_and_not_kept():
    client = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "cross-site"})
    client.force_login(officer(), backend="accounts.backends.SignInBackend")

    answer = client.post(PROFILE, {"name": "Evil", "language": "en", "time_zone": "Europe/Sofia"})

    assert answer.status_code == 403
    assert "kept_form" not in client.session


def test_list_of_sessions_tells_when_each_was_last_used(clock):
    client = signed_in(officer())
    clock.shift(30 * MINUTE)

    client.get(DASHBOARD)

    assert UserSession.objects.get().last_seen_at == timezone.now()


def test_visitor_with_an_old_cookie_reads_public_pages():
    client = Client()
    client.cookies["session"] = "gone"

    assert client.get("/de/tandems/").status_code == 200
