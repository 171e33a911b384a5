"""One table of all addresses and who may open them: what is not in it does not exist."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.enums import UserRole
from calls import actions
from tests.applications import attach, make_open_call, make_submitted
from tests.calls.pairing_cases import propose_to
from tests.factories import (
    CommitmentFactory,
    InvitationFactory,
    MunicipalityFactory,
    RoleAssignmentFactory,
    TandemMemberFactory,
    make_user,
    sign_in,
)
from tests.meetings.address_cases import TABLE as MEETINGS, records_of as meeting_records
from tests.tandems.address_cases import (
    TABLE as WORKSPACE,
    public_files_of,
    records_of as workspace_records,
)
from tests.world import make_world

LOGIN = "login"
#: What is asked about each address behind the login: a visitor, somebody without a role, each role.
PEOPLE = ("visitor", "nobody", *UserRole)
#: Where an answer leads.
WAYS = {
    "/de/accounts/login/": LOGIN,
    "/de/dashboard/": "home",
    "/de/accounts/2fa/reauthenticate/": "again",
    "/de/accounts/password/set/": "set",
}
#: Address → answers in the order of PEOPLE; «own» records belong to the municipality of the
#: city roles, «foreign» ones to another.
BEHIND_LOGIN = """
dashboard                        login  200  200  200  200  200  200  200  200
accounts:people                  login  403  200  200  200  403  200  200  403
accounts:invite                  login  403  200  200  403  403  200  200  403
accounts:person                  login  403  403  403  403  403  403  200  403
accounts:end-session             login  405  405  405  405  405  405  405  405
accounts:withdraw                login  404  200  200  403  404  200  200  404
accounts:withdraw(foreign)       login  404  404  404  404  404  200  200  404
accounts:end-role                login  404  200  200  403  404  200  200  404
accounts:end-role(foreign)       login  404  404  404  404  404  200  200  404
accounts:hand-over               login  404  200  200  403  404  200  200  404
accounts:hand-over(foreign)      login  404  404  404  404  404  200  200  404
accounts:profile                 login  200  200  200  200  200  200  200  200
accounts:notices                 login  200  200  200  200  200  200  200  200
accounts:directory               login  403  200  200  200  403  200  200  403
accounts:directory-entry         login  403  200  200  200  403  403  403  403
accounts:directory-withdraw      login  200  200  200  200  200  200  200  200
accounts:session                 login  200  200  200  200  200  200  200  200
accounts:stay                    login  405  405  405  405  405  405  405  405
accounts:own-data                login  200  200  200  200  200  200  200  200
accounts:download                login  200  200  200  200  again again again again
accounts:erase                   login  200  200  200  200  again again again again
account_logout                   login  200  200  200  200  200  200  200  200
account_reauthenticate           login  403  403  403  403  again again again again
account_email                    login  200  200  200  200  200  200  200  200
account_change_password          login  set  set  set  set  set  set  set  set
account_set_password             login  200  200  200  200  200  200  200  200
account_confirm_login_code       login  home home home home home home home home
mfa_index                        login  200  200  200  200  200  200  200  200
mfa_authenticate                 login  home home home home home home home home
mfa_reauthenticate               login  403  403  403  403  200  200  200  200
mfa_activate_totp                login  200  200  200  200  again again again again
mfa_deactivate_totp              login  404  404  404  404  again again again again
mfa_view_recovery_codes          login  404  404  404  404  404  404  404  404
mfa_generate_recovery_codes      login  200  200  200  200  again again again again
mfa_download_recovery_codes      login  404  404  404  404  404  404  404  404
mfa_list_webauthn                login  200  200  200  200  200  200  200  200
mfa_add_webauthn                 login  200  200  200  200  again again again again
mfa_reauthenticate_webauthn      login  403  403  403  403  again again again again
mfa_remove_webauthn              login  404  404  404  404  again again again again
mfa_edit_webauthn                login  404  404  404  404  again again again again
mfa_login_webauthn               login  home home home home home home home home
workspace:commitments            login  404  200  200  200  404  200  200  404
workspace:commitments(foreign)   login  404  404  404  404  404  200  200  404
workspace:commitment             login  404  200  200  200  404  200  200  404
workspace:commitment(foreign)    login  404  404  404  404  404  200  200  404
calls:apply                      login  200  200  200  200  200  200  200  200
calls:ask                        login  back back back back back back back back
calls:application                login  404  200  200  404  404  404  404  404
calls:application(foreign)       login  404  404  404  404  404  404  404  404
calls:step                       login  404  200  200  404  404  404  404  404
calls:step(foreign)              login  404  404  404  404  404  404  404  404
calls:send                       login  404  200  200  404  404  404  404  404
calls:send(foreign)              login  404  404  404  404  404  404  404  404
calls:print                      login  404  200  200  404  404  404  404  404
calls:print(foreign)             login  404  404  404  404  404  404  404  404
calls:version                    login  404  200  200  404  404  404  404  404
calls:version(foreign)           login  404  404  404  404  404  404  404  404
calls:receipt                    login  404  200  200  404  404  404  404  404
calls:receipt(foreign)           login  404  404  404  404  404  404  404  404
calls:reopen                     login  405  405  405  405  405  405  405  405
calls:begin-again                login  405  405  405  405  405  405  405  405
calls:bring-in                   login  405  405  405  405  405  405  405  405
calls:withdraw                   login  404  200  200  404  404  404  404  404
calls:withdraw(foreign)          login  404  404  404  404  404  404  404  404
calls:result                     login  404  200  200  404  404  404  404  404
calls:result(foreign)            login  404  404  404  404  404  404  404  404
calls:partner                    login  404  200  200  404  404  404  404  404
calls:partner(foreign)           login  404  404  404  404  404  404  404  404
calls:partner-withdraw           login  405  405  405  405  405  405  405  405
calls:files                      login  404  200  200  404  404  404  404  404
calls:files(foreign)             login  404  404  404  404  404  404  404  404
calls:file                       login  404  200  200  404  404  404  404  404
calls:file(foreign)              login  404  404  404  404  404  404  404  404
calls:remove-file                login  405  405  405  405  405  405  405  405
calls:colleagues                 login  404  200  200  404  404  404  404  404
calls:colleagues(foreign)        login  404  404  404  404  404  404  404  404
calls:remove-colleague           login  405  405  405  405  405  405  405  405
calls:join                       login  410  410  410  410  410  410  410  410
usersessions_list                login  200  200  200  200  200  200  200  200
socialaccount_login_error        login  401  401  401  401  401  401  401  401
socialaccount_connections        login  200  200  200  200  200  200  200  200
"""
TABLE = {
    line.split()[0]: line.split()[1:]
    for line in (BEHIND_LOGIN + WORKSPACE + MEETINGS).split("\n")
    if line
}
#: Addresses of libraries whose views are open and decide for themselves.
DECIDES_ITSELF = {
    "account_logout",
    "mfa_login_webauthn",
    "account_confirm_login_code",
    "mfa_authenticate",
}

#: Name of the address → what an anonymous visitor gets: a status, or the way to the login.
ADDRESSES = {
    "choose-language": 302,
    "healthz": 200,
    "readyz": 200,
    "robots": 200,
    "security-txt": 200,
    "sitemap": 200,
    "sitemap-part": 200,
    "start": 200,
    "programme": 200,
    "tandems:index": 200,
    "tandems:detail": 200,
    "tandems:picture": 200,
    "tandems:document": 200,
    "municipalities:index": 200,
    "municipalities:detail": 200,
    "meetings:index": 200,
    "meetings:detail": 200,
    "meetings:calendar": 200,
    "meetings:calendar-entry": 200,
    "meetings:month": 200,
    "meetings:answer": 410,
    "meetings:answer-poll": 410,
    "meetings:check-in": 410,
    "tandem-calendar": 200,
    "personal-calendar": 404,
    "calls:index": 200,
    "calls:detail": 200,
    "calls:form": 200,
    "editorial:index": 200,
    "editorial:article": 200,
    "editorial:feed": 200,
    "editorial:imprint": 200,
    "editorial:privacy": 200,
    "editorial:accessibility": 200,
    "editorial:easy-language": 200,
    "accounts:invitation": 410,
    "accounts:mute": 410,
    "accounts:stop-digests": 410,
    "account_login": 200,
    "account_signup": 200,
    "account_inactive": 200,
    "account_email_verification_sent": 200,
    "account_confirm_email": 200,
    "account_reset_password": 200,
    "account_reset_password_done": 200,
    "account_reset_password_from_key": 200,
    "account_reset_password_from_key_done": 200,
    "openid_connect_login": 404,
    "openid_connect_callback": 404,
    "openid_connect_logout": 405,
    "socialaccount_login_cancelled": 200,
    "socialaccount_signup": 302,
}
#: Addresses of mails, which end in a key.
KEYS = {"account_confirm_email": ["key"], "account_reset_password_from_key": ["1", "key"]}


def patterns(resolver, namespace=""):
    """Yield each pattern below with its full name."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", entry
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, inner)


#: All but the administration, whose pages tests/vernetzt/test_admin.py goes through.
PATTERNS = [entry for entry in patterns(get_resolver()) if not entry[0].startswith("admin:")]
FOUND = dict(PATTERNS)


def arguments(world):
    """Return the arguments of the addresses that need some."""
    picture, document = public_files_of(world.tandem)
    return {
        "tandems:picture": [world.tandem.slug, picture.key, "small"],
        "tandems:document": [world.tandem.slug, document.key],
        "sitemap-part": [1],
        "tandems:detail": [world.tandem.slug],
        "municipalities:detail": [world.home.slug],
        "meetings:detail": [world.meeting.pk, world.meeting.slug],
        "meetings:calendar-entry": [world.meeting.pk],
        "meetings:month": [2022, 5],
        "meetings:answer": ["abc"],
        "meetings:answer-poll": ["abc"],
        "meetings:check-in": ["abc"],
        "tandem-calendar": [world.tandem.slug],
        "personal-calendar": ["abc"],
        "calls:detail": [world.call.slug],
        "calls:form": [make_open_call().slug],
        "editorial:article": [world.article.slug],
        "accounts:invitation": ["abc"],
        "accounts:mute": ["abc"],
        "accounts:stop-digests": ["abc"],
        **{f"openid_connect_{name}": ["unknown"] for name in ("login", "callback", "logout")},
        **KEYS,
    }


def test_every_address_is_in_the_table():
    behind = {name.partition("(")[0] for name in TABLE}

    assert sorted(FOUND) == sorted({*ADDRESSES, *behind})
    assert set(ADDRESSES) & behind == set()
    assert len(FOUND) == len(PATTERNS), "two addresses share a name"


@pytest.mark.django_db
def test_every_address_answers_a_visitor_as_the_table_says():
    needed, client = arguments(make_world()), Client(raise_request_exception=False)

    answered = {}
    for name in ADDRESSES:
        response = client.get(reverse(name, args=needed.get(name, [])))
        if response.streaming:
            b"".join(response.streaming_content)
        answered[name] = response.status_code

    assert answered == ADDRESSES


@pytest.mark.django_db
@pytest.mark.parametrize("column", range(len(PEOPLE)), ids=PEOPLE)
def test_every_address_behind_the_login_answers_each_role_as_the_table_says(column):
    who, home = PEOPLE[column], MunicipalityFactory()
    client = Client(raise_request_exception=False)
    if who != "visitor":
        sign_in(client, make_user(None if who == "nobody" else who, home))
    records = {}
    for note, place in (("", home), ("(foreign)", MunicipalityFactory())):
        tandem = TandemMemberFactory(municipality=place).tandem
        commitment = CommitmentFactory(tandem=tandem, municipality=place)
        contacts = place.roleassignments.filter(role="contact")
        contact = contacts.first() or RoleAssignmentFactory(role="contact", municipality=place)
        helper = RoleAssignmentFactory(municipality=place)
        records |= {
            **workspace_records(tandem, place, note),
            **meeting_records(tandem, place, note),
            f"workspace:commitments{note}": [tandem.slug],
            f"workspace:commitment{note}": [tandem.slug, commitment.pk],
            f"accounts:withdraw{note}": InvitationFactory(municipality=place).pk,
            f"accounts:end-role{note}": helper.pk,
            f"accounts:hand-over{note}": contact.pk,
            **application_records(note, place),
            "accounts:person": contact.user_id,
            "accounts:end-session": 1,
            "mfa_remove_webauthn": 1,
            "mfa_edit_webauthn": 1,
        }

    answered = {}
    for name in TABLE:
        needed = records.get(name, [])
        arguments = needed if isinstance(needed, list) else [needed]
        response = client.get(reverse(name.partition("(")[0], args=arguments))
        if response.streaming:
            # Read to its end, the file is closed; closing the answer would close the database too.
            b"".join(response.streaming_content)
        way = response.headers.get("Location", "").partition("?")[0]
        way = re.sub(
            r"^/de/(calls/[\w-]+/apply|tandems/[\w-]+/workspace/(profile|meetings/\d+/guests.*)"
            r"|meetings/\d+/internal(/.*)?)/$",
            "back",
            way,
        )
        answered[name] = WAYS.get(way, way) if way else str(response.status_code)

    assert answered == {name: answers[column] for name, answers in TABLE.items()}


def application_records(note, place):
    """Return the arguments for the pages of an application that was sent and taken up again."""
    person = make_user("deputy", place)
    application = make_submitted(municipality=place, by=person)
    actions.write_receipts()
    actions.reopen_application(application=application, by=person)
    file = attach(application)
    invited = application.editors.create(email=f"invited-{place.pk}@example.org")
    key = [application.call.slug, application.key]
    propose_to(application)
    pages = ("application", "send", "print", "result", "partner", "withdraw", "files", "colleagues")
    return {
        **{f"calls:{name}{note}": key for name in pages},
        **{f"calls:{name}": key for name in ("reopen", "begin-again", "bring-in")},
        "calls:partner-withdraw": key,
        f"calls:step{note}": [*key, "people"],
        f"calls:version{note}": [*key, 1],
        f"calls:receipt{note}": [*key, 1],
        f"calls:file{note}": [*key, file.key],
        "calls:remove-file": [*key, file.key],
        "calls:remove-colleague": [*key, invited.pk],
        "calls:apply": [application.call.slug],
        "calls:ask": [application.call.slug, application.pk],
        "calls:join": ["abc"],
    }


def test_every_view_is_marked_open_or_demands_a_login():
    """What nobody marked is refused by the login middleware, whatever the view does."""
    opened = {name for name, entry in FOUND.items() if not demands_login(entry)}

    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE
    assert opened - DECIDES_ITSELF == set(ADDRESSES)


def demands_login(entry):
    return getattr(entry.callback, "login_required", True)


def test_every_address_of_a_list_or_page_ends_with_a_slash_and_every_file_does_not():
    """One address for one thing: a page is never reachable with and without the slash."""
    routes = {name: str(entry.pattern) for name, entry in FOUND.items()}

    wrong = [
        name
        for name, route in routes.items()
        if route and name not in KEYS and route.endswith("/") == ("." in route.rsplit("/", 1)[-1])
    ]
    assert wrong == []
