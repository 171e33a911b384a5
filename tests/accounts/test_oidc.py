"""Staff sign in through their organisation's identity provider, a real one on this machine."""

from __future__ import annotations

import logging

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client
from post_office.models import Email

from accounts.models import Organisation, RoleAssignment, User
from tests.factories import InvitationFactory, OrganisationFactory, RoleAssignmentFactory, make_user
from tests.identity_provider.provider import IdentityProvider
from tests.reading import read
from vernetzt.environment import Environment

pytestmark = pytest.mark.django_db
LOGIN, DASHBOARD = "/de/accounts/login/", "/de/dashboard/"
DOOR, CALLBACK = "/de/accounts/oidc/bbsr/login/", "http://localhost:8000/oidc/bbsr/callback/"
CLIENT = {
    "client_id": "portal",
    "client_secret": "a-secret-of-the-tests-only",
    "redirect_uris": [CALLBACK],
    "token_endpoint_auth_method": "client_secret_post",
}


@pytest.fixture(scope="module")
def identity_provider():
    with IdentityProvider([CLIENT]) as provider:
        yield provider


@pytest.fixture(autouse=True)
def bbsr(identity_provider, settings):
    """Configure the provider as an operator does, and give it a staff member."""
    cache.clear()
    identity_provider.behave()
    variables = {
        "OIDC_PROVIDERS": "bbsr",
        "OIDC_BBSR_LABEL": "BBR-Anmeldung",
        "OIDC_BBSR_ISSUER": identity_provider.url,
        "OIDC_BBSR_CLIENT_ID": CLIENT["client_id"],
        "OIDC_BBSR_CLIENT_SECRET": CLIENT["client_secret"],
        "OIDC_BBSR_ORGANISATIONS": "bbsr",
    }
    configure(settings, variables)
    return variables


def configure(settings, variables):
    environment = Environment(variables)
    apps = environment.identity_providers("OIDC_PROVIDERS")
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
    assert environment.faults == []


def staff_member(login="anna", provider=None, **claims):
    """Return somebody with BBSR's role here and an account of that name at the provider."""
    organisation = Organisation.objects.filter(slug="bbsr").first() or OrganisationFactory(
        slug="bbsr", kind="contracting_authority"
    )
    user = make_user()
    RoleAssignmentFactory(user=user, role="bbsr", organisation=organisation)
    known = {"sub": f"sub-{login}", "email": user.email, "email_verified": True, "groups": None}
    provider.set_account(login, **{**known, **claims})
    return user


def go_through(client, provider, login="anna", target=""):
    """Walk from the portal's page to the provider and back; return the portal's answer."""
    away = client.post(DOOR, {"next": target} if target else {})
    assert away.status_code == 302, away.content.decode()
    back = provider.authorize(away.headers["Location"], login)
    assert back.startswith(CALLBACK)
    return client.get(back, follow=True)


def signed_in(client):
    return "_auth_user_id" in client.session


def test_sign_in_page_names_the_provider_and_the_way_there_says_that_it_leaves_the_portal(
    identity_provider,
):
    page = read(Client().get(LOGIN))
    door = Client().get(DOOR)

    links = [link["href"] for link in page.main.all("a")]
    assert any(link.startswith(DOOR) for link in links)
    assert "Sie verlassen jetzt dieses Portal" in read(door).main.text
    policy = door.headers["Content-Security-Policy"]
    assert f"form-action 'self' {identity_provider.url};" in f"{policy};"
    assert identity_provider.url not in Client().get(LOGIN).headers["Content-Security-Policy"]


def test_staff_member_signs_in_and_the_role_comes_from_our_table(identity_provider):
    user, client = staff_member(provider=identity_provider, groups=["contact", "admin"]), Client()

    answer = go_through(client, identity_provider)

    assert int(client.session["_auth_user_id"]) == user.pk
    # The provider's word is no second factor: staff show one here too.
    assert answer.redirect_chain[-1][0] == "/de/accounts/2fa/"
    assert [row.role for row in User.objects.get(pk=user.pk).roles] == ["bbsr"]
    identity = SocialAccount.objects.get()
    assert (identity.user, identity.provider, identity.extra_data) == (user, "bbsr", {})
    assert "sub-anna" not in identity.uid
    assert Email.objects.latest("pk").to == [user.email]


def test_second_sign_in_knows_the_identity_even_under_another_address(identity_provider):
    user = staff_member(provider=identity_provider)
    go_through(Client(), identity_provider)
    identity_provider.set_account("anna", email="changed@bbr.example")
    client = Client()

    go_through(client, identity_provider)

    assert int(client.session["_auth_user_id"]) == user.pk
    assert SocialAccount.objects.count() == 1
    assert User.objects.get(pk=user.pk).email == user.email


def test_second_factor_is_asked_after_the_provider(identity_provider):
    user = staff_member(provider=identity_provider)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    client = Client()

    answer = go_through(client, identity_provider)

    assert answer.redirect_chain[-1][0].startswith("/de/accounts/2fa/authenticate/")
    assert not signed_in(client)


def test_nobody_is_led_to_another_site_afterwards(identity_provider):
    staff_member(provider=identity_provider)

    answer = go_through(Client(), identity_provider, target="https://evil.example/")

    assert [way for way, _status in answer.redirect_chain if not way.startswith("/de/")] == []


@pytest.mark.parametrize(
    ("claims", "prepare"),
    [
        pytest.param({"email_verified": False}, None, id="unverified address"),
        pytest.param({"email": "outsider@bbr.example"}, None, id="outsider"),
        pytest.param({"email": None}, None, id="no address"),
        pytest.param({}, "role over", id="role over"),
        pytest.param({}, "other organisation", id="role of another organisation"),
        pytest.param({"sub": "another"}, "known", id="same address under another subject"),
    ],
)
def test_everybody_else_is_refused_with_words(identity_provider, claims, prepare, caplog):
    user = staff_member(provider=identity_provider)
    if prepare == "known":
        go_through(Client(), identity_provider)
        identity_provider.set_account("anna", sub=None)
    if prepare == "role over":
        RoleAssignment.objects.update(since="2022-01-01", until="2022-12-31")
    if prepare == "other organisation":
        Organisation.objects.update(slug="difu")
    people, identities = User.objects.count(), SocialAccount.objects.count()
    identity_provider.set_account("anna", **claims)
    client = Client()

    with caplog.at_level(logging.WARNING, logger="vernetzt.oidc"):
        answer = go_through(client, identity_provider)

    assert answer.status_code == 403
    assert read(answer).heading == "Für Sie ist noch kein Zugang eingerichtet"
    assert "Bitten Sie das BBSR um eine Einladung" in read(answer).main.text
    assert not signed_in(client)
    assert (User.objects.count(), SocialAccount.objects.count()) == (people, identities)
    assert user.email not in caplog.text


def test_group_that_the_operator_demands_is_asked_at_every_sign_in(
    identity_provider, settings, bbsr
):
    configure(settings, {**bbsr, "OIDC_BBSR_GROUP": "vernetzt"})
    staff_member(provider=identity_provider, groups=["vernetzt", "other"])
    first, second = Client(), Client()

    go_through(first, identity_provider)
    identity_provider.set_account("anna", groups=["other"])
    refused = go_through(second, identity_provider)

    assert signed_in(first)
    assert (refused.status_code, signed_in(second)) == (403, False)


def test_invited_person_gets_an_account_through_the_provider_and_then_takes_on_the_role(
    identity_provider,
):
    organisation = OrganisationFactory(slug="bbsr", kind="contracting_authority")
    InvitationFactory(email="neu@bbr.example", role="bbsr", organisation=organisation)
    identity_provider.set_account(
        "neu", sub="n", email="Neu@BBR.example", email_verified=True, name="Neu \u202eBeim BBSR"
    )
    client = Client()

    arrived = go_through(client, identity_provider, "neu")

    person = User.objects.get(email="neu@bbr.example")
    assert (person.name, person.has_usable_password(), person.roles) == ("Neu Beim BBSR", False, [])
    assert EmailAddress.objects.get(user=person).verified
    assert "Rolle annehmen" in read(arrived).main.text


def test_deactivated_person_is_out(identity_provider):
    user = staff_member(provider=identity_provider)
    go_through(Client(), identity_provider)
    User.objects.filter(pk=user.pk).update(is_active=False)
    client = Client()

    go_through(client, identity_provider)

    assert not signed_in(client)


@pytest.mark.parametrize(
    "kind",
    [
        "wrong_nonce",
        "wrong_signature",
        "wrong_issuer",
        "wrong_audience",
        "other_subject",
        "expired",
    ],
)
def test_answer_that_is_not_what_it_should_be_lets_nobody_in(identity_provider, kind):
    staff_member(provider=identity_provider)
    identity_provider.misbehave(kind)
    client = Client()

    answer = go_through(client, identity_provider)

    assert answer.status_code == 401
    assert read(answer).heading == "Die Anmeldung ist fehlgeschlagen"
    assert not signed_in(client)
    assert not SocialAccount.objects.exists()


def test_answer_is_of_use_once_and_in_its_own_browser_only(identity_provider):
    staff_member(provider=identity_provider)
    client = Client()
    back = identity_provider.authorize(client.post(DOOR).headers["Location"], "anna")

    stolen = Client().get(back)
    first = client.get(back)
    again = Client().get(back)

    assert (stolen.status_code, first.status_code, again.status_code) == (401, 302, 401)


def test_request_carries_state_nonce_and_proof_key_and_takes_nothing_from_the_address():
    away = Client().post(f"{DOOR}?auth_params=prompt%3Dnone&scope=admin").headers["Location"]

    sent = {part.partition("=")[0] for part in away.partition("?")[2].split("&")}
    assert {"state", "nonce", "code_challenge", "code_challenge_method"} <= sent
    assert "prompt" not in away
    assert "admin" not in away


def test_opening_the_way_out_changes_nothing_and_needs_a_token():
    client = Client(enforce_csrf_checks=True)

    assert client.get(DOOR).status_code == 200
    assert client.post(DOOR).status_code == 403


def test_person_who_cancels_is_told_so(identity_provider):
    client = Client(headers={"Accept-Language": "en"})

    answer = go_through(client, identity_provider, None)

    assert read(answer).heading == "Sie haben die Anmeldung abgebrochen"


def test_provider_that_is_down_gets_a_page_and_passwords_still_work(identity_provider):
    user = staff_member(provider=identity_provider)
    user.set_password("drei-blaue-Boote-im-Nebel")
    user.save()
    client = Client()
    away = client.post(DOOR).headers["Location"]
    back = identity_provider.authorize(away, "anna")
    identity_provider.stop()
    try:
        door, late = Client().get(DOOR), client.get(back)
        pressed = Client().post(DOOR)
        by_password = Client().post(
            LOGIN, {"login": user.email, "password": "drei-blaue-Boote-im-Nebel"}
        )
    finally:
        identity_provider.start()

    assert door.status_code == 200
    assert [answer.status_code for answer in (late, pressed)] == [401, 401]
    assert "zurzeit nicht erreichbar" in read(pressed).main.text
    assert by_password.status_code == 302


def logged_in_twice(provider):
    staff_member(provider=provider)
    clients = [Client(), Client()]
    for client in clients:
        go_through(client, provider)
        assert signed_in(client)
    return clients


LOGOUT = "/oidc/bbsr/logout/"


def test_provider_that_ends_a_session_ends_all_of_the_person_here(identity_provider):
    clients = logged_in_twice(identity_provider)
    stranger = Client()
    stranger.force_login(make_user("contact"), backend="accounts.backends.SignInBackend")

    answer = Client(enforce_csrf_checks=True).post(
        LOGOUT, {"logout_token": identity_provider.logout_token("anna")}
    )

    assert answer.status_code == 200
    assert [client.get(DASHBOARD).status_code for client in clients] == [302, 302]
    assert "/login/" in clients[0].get(DASHBOARD).headers["Location"]
    assert stranger.get(DASHBOARD).status_code == 200
    assert UserSession.objects.count() == 0


@pytest.mark.parametrize(
    "overrides",
    [
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"events": None},
        {"exp": 1},
        {"nonce": "n"},
        {"sub": None},
    ],
    ids=str,
)
def test_forged_end_of_a_session_ends_nothing(identity_provider, overrides):
    clients = logged_in_twice(identity_provider)

    token = identity_provider.logout_token("anna", **overrides)
    answers = [Client().post(LOGOUT, {"logout_token": text}) for text in (token, "", "a.b.c")]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert all(signed_in(client) for client in clients)


def test_end_of_a_session_with_a_foreign_signature_ends_nothing(identity_provider):
    clients = logged_in_twice(identity_provider)
    identity_provider.misbehave("wrong_signature")

    answer = Client().post(LOGOUT, {"logout_token": identity_provider.logout_token("anna")})

    assert answer.status_code == 400
    assert all(signed_in(client) for client in clients)


def test_person_disconnects_an_account_at_work(identity_provider):
    staff_member(provider=identity_provider)
    client = Client()
    go_through(client, identity_provider)
    RoleAssignment.objects.all().delete()  # else a second factor would be asked first
    User.objects.update(password=make_password("drei-blaue-Boote-im-Nebel"))
    client = Client()
    client.post(LOGIN, {"login": User.objects.get().email, "password": "drei-blaue-Boote-im-Nebel"})

    page = read(client.get("/de/accounts/connections/"))
    client.post("/de/accounts/reauthenticate/", {"password": "drei-blaue-Boote-im-Nebel"})
    client.post("/de/accounts/connections/", {"account": SocialAccount.objects.get().pk})

    assert "BBR-Anmeldung" in page.main.text
    assert not SocialAccount.objects.exists()
    assert Email.objects.latest("pk").to == [User.objects.get().email]


def test_several_providers_stand_side_by_side(settings, bbsr):
    more = {name.replace("BBSR", "DIFU"): value for name, value in bbsr.items() if "BBSR" in name}
    configure(settings, {**bbsr, **more, "OIDC_PROVIDERS": "bbsr,difu", "OIDC_DIFU_LABEL": "difu"})

    links = [link["href"] for link in read(Client().get(LOGIN)).main.all("a")]

    assert {DOOR, DOOR.replace("bbsr", "difu")} <= {link.partition("?")[0] for link in links}
