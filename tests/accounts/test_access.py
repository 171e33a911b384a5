"""Who may end sessions and block accounts: oneself for the own sessions, BBSR for everybody."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from accounts import actions
from accounts.templatetags.account_tags import device
from core.models import StatusChange
from tests.factories import make_user, sign_in
from tests.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
DASHBOARD, SESSIONS = "/de/dashboard/", "/de/accounts/sessions/"
PASSWORD = "drei-blaue-Boote-im-Nebel"


def officer():
    user = make_user("contact")
    user.set_password(PASSWORD)
    user.save()
    return user


def entered(user, agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"):
    client = Client(headers={"User-Agent": agent})
    client.post("/de/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def bbsr():
    client = Client()
    sign_in(client, make_user("bbsr"))
    return client


def test_person_ends_one_of_the_own_sessions():
    user = officer()
    here, there = entered(user), entered(user, "Mozilla/5.0 (iPhone) Version/19 Safari/605")
    page = read(here.get(SESSIONS)).main.text
    entry = UserSession.objects.order_by("pk").last()

    here.post(f"{SESSIONS}{entry.pk}/end/")

    assert "Firefox unter Linux" in page
    assert "Safari unter iPhone" in page
    assert "nach 60 Minuten ohne Klick, spätestens nach 12 Stunden" in page
    assert (here.get(DASHBOARD).status_code, there.get(DASHBOARD).status_code) == (200, 302)


def test_session_of_somebody_else_is_not_there():
    mine, other = entered(officer()), entered(officer())
    entry = UserSession.objects.order_by("pk").last()

    assert mine.post(f"{SESSIONS}{entry.pk}/end/").status_code == 404
    assert other.get(DASHBOARD).status_code == 200


def test_bbsr_ends_all_sessions_of_a_person():
    user = officer()
    clients = [entered(user), entered(user)]
    desk = bbsr()

    page = read(desk.get(f"/de/accounts/people/{user.pk}/")).main.text
    desk.post(f"/de/accounts/people/{user.pk}/", {"step": "end_sessions"})

    assert "Sitzungen 2" in page
    assert [client.get(DASHBOARD).status_code for client in clients] == [302, 302]
    assert entered(user).get(DASHBOARD).status_code == 200


def test_blocked_person_is_out_with_the_next_click_and_may_be_admitted_again():
    user = officer()
    client, desk = entered(user), bbsr()

    desk.post(f"/de/accounts/people/{user.pk}/", {"step": "block"})
    statuses = [client.get(DASHBOARD).status_code, entered(user).get(DASHBOARD).status_code]
    desk.post(f"/de/accounts/people/{user.pk}/", {"step": "unblock"})
    statuses.append(entered(user).get(DASHBOARD).status_code)

    assert statuses == [302, 302, 200]
    notes = StatusChange.objects.filter(content_type__model="user").order_by("pk")
    assert [(note.old, note.new, note.changed_by.role_names) for note in notes] == [
        ("admitted", "blocked", {"bbsr"}),
        ("blocked", "admitted", {"bbsr"}),
    ]


def test_nobody_blocks_the_own_account_twice_the_same_or_an_erased_one():
    user, boss = officer(), make_user("bbsr")
    erased = actions.erase_person(user=officer(), by=boss)
    actions.block_person(user=user, by=boss)

    for target in (user, boss):
        with pytest.raises(ValidationError):
            actions.block_person(user=target, by=boss)
    with pytest.raises(ValidationError):
        actions.unblock_person(user=erased, by=boss)


@pytest.mark.parametrize("role", ["coordinator", "contact", "reviewer", "observer", None])
@pytest.mark.parametrize(
    "act", [actions.block_person, actions.unblock_person, actions.end_sessions]
)
def test_nobody_but_bbsr_may(role, act):
    with pytest.raises(PermissionDenied):
        act(user=officer(), by=make_user(role))


@pytest.mark.parametrize("step", ["", "erase", "block\x00"])
def test_unknown_step_does_nothing(step):
    user = officer()

    assert bbsr().post(f"/de/accounts/people/{user.pk}/", {"step": step}).status_code == 302
    user.refresh_from_db()
    assert user.is_active


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0",
            "Edge unter Windows",
        ),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/150 Mobile Safari/537", "Chrome unter Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Version/19 Safari/605", "Safari unter macOS"),
        ("curl/8.5", "Unbekanntes Gerät"),
        ("", "Unbekanntes Gerät"),
    ],
)
def test_device_is_named_in_words(agent, words):
    assert device(agent) == words
