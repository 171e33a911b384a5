"""Signing in, staying and coming back, as far as only a browser can show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.conftest import Portal, free_port, served_portal
from tests.browser.test_accessibility import (
    AXE,
    LOST_TEXT,
    RUN_AXE,
    SCHEMES,
    SMALL_TARGETS,
    WIDTHS,
    report,
)
from tests.browser.test_account_pages import SUBMIT, one_time_code
from tests.identity_provider.provider import IdentityProvider

pytestmark = pytest.mark.browser

LOGIN, LOGOUT = "/de/accounts/login/", "/de/accounts/logout/"
DASHBOARD, PROFILE = "/de/dashboard/", "/de/accounts/profile/"
SECOND_FACTOR = "/de/accounts/2fa/"
CLIENT = {
    "client_id": "portal",
    "client_secret": "a-secret-of-the-tests-only",
    "token_endpoint_auth_method": "client_secret_post",
}
KNOWN_AT_WORK = {
    "anna": {"email": "bbsr@demo.example", "email_verified": True},
    "stranger": {"email": "stranger@bbr.example", "email_verified": True},
}
AGE_SESSIONS = """
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
for row in UserSession.objects.filter(user__email={email!r}):
    session = SessionStore(row.session_key)
    session[{key!r}] -= {minutes} * 60
    session.save()
"""
# A code of the last five seconds could be too late when it arrives.
NEXT_CODE_IF_THIS_ONE_ENDS = """new Promise((done) => {
  const left = 30_000 - Date.now() % 30_000;
  setTimeout(done, left < 5_000 ? left : 0);
})"""
# The script asks first when five minutes of the hour are left.
UNTIL_THE_SCRIPT_ASKS, UNTIL_IT_ASKS_AGAIN = "55:01", "01:01"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """Serve the programme with demo accounts, which BBSR's staff may also enter from work."""
    port = free_port()
    # A passkey belongs to a name; an address of numbers cannot have one.
    url = f"http://localhost:{port}"
    client = {**CLIENT, "redirect_uris": [f"{url}/oidc/bbsr/callback/"]}
    with (
        IdentityProvider([client], KNOWN_AT_WORK) as provider,
        served_portal(
            tmp_path_factory,
            PORT=str(port),
            PUBLIC_URL=url,
            OIDC_PROVIDERS="bbsr",
            OIDC_BBSR_LABEL="BBR-Anmeldung",
            OIDC_BBSR_ISSUER=provider.url,
            OIDC_BBSR_CLIENT_ID=CLIENT["client_id"],
            OIDC_BBSR_CLIENT_SECRET=CLIENT["client_secret"],
            OIDC_BBSR_ORGANISATIONS="bbsr",
        ) as portal,
    ):
        portal.manage("load_programme", "data/programme.json")
        yield portal


@dataclass(frozen=True)
class Account:
    """What somebody needs to sign in; city officers have no secret for codes."""

    email: str
    password: str
    secret: str = ""


@pytest.fixture(scope="module")
def accounts(portal) -> dict[str, Account]:
    """Return the accounts of the demo by the part before the @."""
    printed = [line.split() for line in portal.manage("demo_accounts").splitlines()]
    return {words[0].partition("@")[0]: Account(*words) for words in printed}


class Person:
    """Somebody at a browser; notes what the browser complains about."""

    def __init__(self, page: Page, portal: Portal, account: Account) -> None:
        self.page = page
        self.portal = portal
        self.account = account
        self.complaints: list[str] = []
        page.on("console", lambda message: self.hear(message.type, message.text))
        page.on("pageerror", lambda error: self.hear("error", str(error)))

    def hear(self, kind: str, text: str) -> None:
        """Note a fault: a refused script or request among others."""
        if kind == "error":
            self.complaints.append(text)

    @property
    def main(self) -> Locator:
        """What the page says."""
        return self.page.locator("main")

    @property
    def heading(self) -> Locator:
        """What the page is about."""
        return self.page.get_by_role("heading", level=1)

    @property
    def dialogue(self) -> Locator:
        """The warning before the session ends."""
        return self.page.get_by_role("dialog", name="Ihre Sitzung")

    def press(self, name: str) -> None:
        """Press the button with this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def enter_password(self) -> None:
        """Fill in the sign-in page that is open."""
        self.page.get_by_label("E-Mail-Adresse").fill(self.account.email)
        self.page.get_by_label("Passwort", exact=True).fill(self.account.password)
        self.press("Anmelden")

    def enter_code(self, code: str = "") -> None:
        """Fill in the page that asks for a code; by default with what the app shows."""
        expect(self.heading).to_have_text("Zweiter Faktor")
        if not code:
            self.page.evaluate(NEXT_CODE_IF_THIS_ONE_ENDS)
            code = one_time_code(self.account.secret)
        self.page.get_by_label("Code").fill(code)
        self.press("Anmelden")

    def sign_in(self) -> None:
        """Sign in with everything that the account has."""
        self.page.goto(LOGIN)
        self.enter_password()
        if self.account.secret:
            self.enter_code()
        expect(self.heading).to_have_text("Mein Bereich")

    def sign_out(self) -> None:
        """Sign out and stay at the sign-in page."""
        self.page.goto(LOGOUT)
        self.page.click(SUBMIT)
        expect(self.main).to_contain_text("Sie sind abgemeldet.")

    def go_where_password_is_asked_again(self, path: str) -> None:
        """Open a page that concerns the safety of the account."""
        self.page.goto(path)
        self.page.get_by_label("Passwort", exact=True).fill(self.account.password)
        self.press("Bestätigen")

    def add_passkey(self, *, alone: bool = True) -> None:
        """Store a passkey that opens the account ``alone`` or beside the password."""
        self.go_where_password_is_asked_again(f"{SECOND_FACTOR}webauthn/add/")
        self.page.get_by_label("Mit diesem Schlüssel allein anmelden").set_checked(alone)
        self.press("Passkey hinzufügen")
        expect(self.main).to_contain_text("Der Passkey ist hinzugefügt.")

    def type_name(self, name: str) -> Locator:
        """Fill in the field of the profile, and return it; nothing is sent."""
        self.page.goto(PROFILE)
        field = self.page.get_by_label("Name")
        field.fill(name)
        return field

    def age_session(self, key: str, minutes: int) -> None:
        """Let time pass on the server since the last click or since the beginning."""
        code = AGE_SESSIONS.format(email=self.account.email, key=key, minutes=minutes)
        self.portal.manage("shell", "--verbosity=0", "--command", code)

    def let_script_ask(self, passed: str) -> None:
        """Let time pass in the page until its script asks how long the session has left."""
        with self.page.expect_response("**/accounts/session/"):
            self.page.clock.fast_forward(passed)

    def wait_for_warning(self, key: str, minutes: int) -> None:
        """Do nothing for so long that the dialogue opens."""
        self.age_session(key, minutes)
        self.let_script_ask(UNTIL_THE_SCRIPT_ASKS)
        expect(self.dialogue).to_be_visible()

    def seconds_left(self) -> dict[str, int]:
        """Return what the server says, which does not count as a click."""
        return self.page.evaluate("fetch('/de/accounts/session/').then((told) => told.json())")


@pytest.fixture
def person(new_page, portal, accounts) -> Callable[..., Person]:
    """Return a function that gives the owner of a demo account with a fresh browser."""

    def come(name: str, **options: bool) -> Person:
        return Person(new_page(base_url=portal.url, **options), portal, accounts[name])

    return come


@pytest.fixture
def person_with_clock(person) -> Callable[[str], Person]:
    """Return a function that gives a person who has signed in and whose page's clock we wind."""

    def come(name: str) -> Person:
        somebody = person(name)
        somebody.page.clock.install()
        somebody.sign_in()
        return somebody

    return come


def authenticator(page: Page, *, verifies: bool = True) -> CDPSession:
    """Put a device that keeps passkeys into the browser; ``verifies`` is the right finger."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devices


@pytest.mark.parametrize("name", ["contact.krefeld", "reviewer.adelphi"])
def test_passkey_alone_signs_in_and_is_both_factors(person, name):
    somebody = person(name)
    authenticator(somebody.page)
    somebody.sign_in()
    somebody.add_passkey()
    somebody.sign_out()

    somebody.press("Mit einem Passkey anmelden")

    expect(somebody.heading).to_have_text("Mein Bereich")
    expect(somebody.page).to_have_url(f"{somebody.portal.url}{DASHBOARD}")
    assert somebody.complaints == []


def test_security_key_is_asked_after_the_password(person):
    officer = person("contact.sofia")
    authenticator(officer.page)
    officer.sign_in()
    officer.add_passkey(alone=False)
    officer.sign_out()

    officer.enter_password()
    expect(officer.heading).to_have_text("Zweiter Faktor")
    officer.press("Passkey oder Sicherheitsschlüssel verwenden")

    expect(officer.heading).to_have_text("Mein Bereich")
    assert officer.complaints == []


def test_passkey_confirms_who_somebody_is(person):
    officer = person("deputy.sofia")
    authenticator(officer.page)
    officer.sign_in()
    officer.add_passkey()

    officer.page.goto(f"{SECOND_FACTOR}webauthn/reauthenticate/?next={SECOND_FACTOR}")
    officer.press("Verwenden Sie einen Sicherheitsschlüssel")

    expect(officer.page).to_have_url(f"{officer.portal.url}{SECOND_FACTOR}")
    assert officer.complaints == []


def test_person_whose_passkey_does_not_work_is_told_so(person):
    officer = person("contact.hamm")
    authenticator(officer.page, verifies=False)
    officer.page.goto(LOGIN)
    spoken = officer.main.locator("[role=alert], [role=status], [aria-live]")
    told = spoken.filter(has_text="Passkey", visible=True)
    expect(told).to_have_count(0)

    officer.press("Mit einem Passkey anmelden")

    expect(told).to_be_visible()
    # The password is still a way in.
    officer.enter_password()
    expect(officer.heading).to_have_text("Mein Bereich")


def test_staff_sign_in_with_code_and_with_each_recovery_code_once(person):
    reviewer = person("reviewer.difu")
    reviewer.sign_in()
    reviewer.go_where_password_is_asked_again(f"{SECOND_FACTOR}recovery-codes/generate/")
    reviewer.press("Codes erzeugen")
    reviewer.page.goto(f"{SECOND_FACTOR}recovery-codes/")
    expect(reviewer.page.locator(".codes li")).to_have_count(10)
    code = reviewer.page.locator(".codes li").first.inner_text()

    reviewer.sign_out()
    reviewer.enter_password()
    reviewer.enter_code(code)
    expect(reviewer.heading).to_have_text("Mein Bereich")
    reviewer.sign_out()
    reviewer.enter_password()
    reviewer.enter_code(code)

    expect(reviewer.page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    reviewer.page.goto(DASHBOARD)
    expect(reviewer.heading).to_have_text("Zweiter Faktor")
    assert reviewer.complaints == []


def go_to_work(somebody: Person, login: str) -> None:
    """Walk from the sign-in page to the organisation's provider and sign in there."""
    somebody.page.goto(LOGIN)
    somebody.page.get_by_role("link", name="BBR-Anmeldung").click()
    somebody.press("Weiter zu BBR-Anmeldung")
    somebody.page.get_by_label("Login").fill(login)
    somebody.press("Sign in")


def test_staff_come_from_their_account_at_work(person):
    bbsr = person("bbsr")

    go_to_work(bbsr, "anna")
    bbsr.enter_code()

    expect(bbsr.heading).to_have_text("Mein Bereich")
    expect(bbsr.main).to_contain_text("BBSR")
    assert bbsr.complaints == []


def test_stranger_from_work_reads_why_there_is_no_way_in(person):
    stranger = person("bbsr")

    go_to_work(stranger, "stranger")

    expect(stranger.heading).to_have_text("Für Sie ist noch kein Zugang eingerichtet")
    expect(stranger.main).to_contain_text("Bitten Sie das BBSR um eine Einladung")
    # The browser notes that the page is a refusal, and nothing else.
    assert [text for text in stranger.complaints if "status of 403" not in text] == []
    stranger.page.goto(DASHBOARD)
    expect(stranger.heading).to_have_text("Anmelden")


def test_warning_before_the_end_is_a_dialogue_without_finding(person_with_clock):
    officer = person_with_clock("contact.arezzo")
    officer.type_name("Ana Ionescu")
    officer.wait_for_warning("seen_at", 56)
    page, faults = officer.page, []

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(AXE)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            faults += [(width, f"{fault} | {scheme}") for fault in page.evaluate(RUN_AXE)]
    page.set_viewport_size({"width": 320, "height": 640})
    for question in (LOST_TEXT, SMALL_TARGETS):
        faults += [(320, fault) for fault in page.evaluate(question)]

    assert not faults, report(faults)
    expect(officer.dialogue).to_contain_text("in 4 Min. abgemeldet")
    expect(officer.dialogue.get_by_role("button")).to_have_text(["Angemeldet bleiben"])
    assert officer.dialogue.evaluate("(dialogue) => dialogue.matches(':modal')")
    assert officer.dialogue.evaluate("(dialogue) => dialogue.contains(document.activeElement)")
    assert officer.complaints == []


def test_person_stays_signed_in_by_one_press(person_with_clock):
    officer = person_with_clock("deputy.arezzo")
    field = officer.type_name("Ana Ionescu")
    officer.wait_for_warning("seen_at", 56)
    before = officer.seconds_left()

    officer.press("Angemeldet bleiben")

    expect(officer.dialogue).to_be_hidden()
    assert before["idle"] <= 240
    assert officer.seconds_left()["idle"] > 3_500
    expect(field).to_have_value("Ana Ionescu")


def test_escape_leads_back_to_the_field_and_changes_nothing(person_with_clock):
    officer = person_with_clock("colleague.arezzo")
    field = officer.type_name("Ana Ionescu")
    officer.wait_for_warning("seen_at", 56)

    officer.page.keyboard.press("Escape")

    expect(officer.dialogue).to_be_hidden()
    expect(field).to_be_focused()
    expect(field).to_have_value("Ana Ionescu")
    assert officer.seconds_left()["idle"] <= 240


def test_end_that_nobody_can_put_off_is_announced_once(person_with_clock):
    officer = person_with_clock("colleague.sofia")
    officer.type_name("Ana Ionescu")
    officer.wait_for_warning("began_at", 12 * 60 - 4)
    expect(officer.dialogue).to_contain_text("in 4 Min.")
    expect(officer.dialogue.get_by_role("button")).to_have_text(["Schließen"])

    officer.press("Schließen")

    expect(officer.dialogue).to_be_hidden()
    # The second question shows that the answer to the first is dealt with.
    officer.let_script_ask(UNTIL_IT_ASKS_AGAIN)
    officer.let_script_ask(UNTIL_IT_ASKS_AGAIN)
    expect(officer.dialogue).to_be_hidden()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_form_that_comes_too_late_is_there_again_after_signing_in(person, script):
    officer = person("colleague.hamm", java_script_enabled=script)
    officer.sign_in()
    field = officer.type_name("Ana Ionescu")
    officer.age_session("seen_at", 61)

    officer.press("Speichern")
    expect(officer.main).to_contain_text("weil Ihre Sitzung abgelaufen war")
    officer.enter_password()

    expect(officer.main).to_contain_text("Ihre Eingaben sind noch da.")
    expect(field).to_have_value("Ana Ionescu")


def test_form_is_still_there_for_who_comes_back_with_a_passkey(person):
    coordinator = person("coordinator.adelphi")
    authenticator(coordinator.page)
    coordinator.sign_in()
    coordinator.add_passkey()
    field = coordinator.type_name("Ana Ionescu")
    coordinator.age_session("seen_at", 61)

    coordinator.press("Speichern")
    coordinator.press("Mit einem Passkey anmelden")

    expect(coordinator.main).to_contain_text("Ihre Eingaben sind noch da.")
    expect(field).to_have_value("Ana Ionescu")


def test_form_is_kept_although_the_script_has_noticed_the_end_before(person_with_clock):
    officer = person_with_clock("colleague.krefeld")
    field = officer.type_name("Ana Ionescu")
    officer.age_session("seen_at", 61)
    officer.let_script_ask(UNTIL_THE_SCRIPT_ASKS)
    expect(officer.dialogue).to_contain_text("Sie sind abgemeldet")

    officer.press("Schließen")
    officer.press("Speichern")
    officer.enter_password()

    expect(field).to_have_value("Ana Ionescu")


def test_form_is_kept_although_another_tab_has_noticed_the_end_before(person):
    officer = person("deputy.krefeld")
    officer.sign_in()
    field = officer.type_name("Ana Ionescu")
    officer.age_session("seen_at", 61)
    officer.page.context.new_page().goto(DASHBOARD)

    officer.press("Speichern")
    officer.enter_password()

    expect(field).to_have_value("Ana Ionescu")


def test_form_of_an_old_tab_is_not_lost_after_signing_in_in_another(person):
    officer = person("deputy.hamm")
    officer.sign_in()
    field = officer.type_name("Ana Ionescu")
    officer.age_session("seen_at", 61)
    other = Person(officer.page.context.new_page(), officer.portal, officer.account)
    other.sign_in()

    officer.press("Speichern")

    expect(officer.main).to_contain_text("Ihre Eingaben sind noch da.")
    expect(field).to_have_value("Ana Ionescu")


def test_password_is_enough_where_no_script_runs(person):
    officer = person("contact.hamm", java_script_enabled=False)

    officer.page.goto(LOGIN)
    expect(officer.main).to_contain_text("Passkeys brauchen JavaScript.", use_inner_text=True)
    officer.sign_in()

    expect(officer.page.locator("dialog")).to_have_count(1)
    expect(officer.page.locator("dialog")).to_be_hidden()
