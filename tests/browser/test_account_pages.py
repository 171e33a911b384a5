"""axe-core, zoom and the content security policy on every page around the own account."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import served_portal
from tests.browser.test_accessibility import (
    AXE,
    LANGUAGES,
    LOST_TEXT,
    RUN_AXE,
    SCHEMES,
    SMALL_TARGETS,
    WIDTHS,
    report,
)

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#: An identity provider that nothing answers for.
PROVIDER = {
    "OIDC_PROVIDERS": "bbsr",
    "OIDC_BBSR_ISSUER": "http://127.0.0.1:9",
    "OIDC_BBSR_CLIENT_ID": "portal",
    "OIDC_BBSR_CLIENT_SECRET": "secret",
    "OIDC_BBSR_ORGANISATIONS": "bbsr",
    "OIDC_BBSR_LABEL": "BBSR",
}
PEOPLE = tuple(f"{language}@example.org" for language in LANGUAGES)
MAKE_PEOPLE = f"""
import datetime as dt
from accounts.actions import give_role, invite
from accounts.models import Organisation, User
from calls.models import Call
from django.utils import timezone
from meetings.actions import keep_commitment, make_commitment
from tandems.models import Tandem, TandemMember
from allauth.mfa.totp.internal.auth import TOTP
from municipalities.models import Municipality
from allauth.account.models import EmailAddress
for email in {PEOPLE!r}:
    # One person tries second factors, the other, untouched by that, the pages about people.
    for address in (email, "contact-" + email):
        user = User.objects.create_user(address, {PASSWORD!r})
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    place = Municipality.objects.create(
        slug=email[:2], name_de="Hamm", name_en="Hamm", local_name="Hamm", country="DE",
        time_zone="Europe/Berlin", languages=["de"], latitude=51.7, longitude=7.8,
    )
    helper = User.objects.create_user("deputy-" + email, name="Ana Popescu-Krüger")
    give_role(user=user, role="contact", municipality=place, by=user)
    give_role(user=helper, role="deputy", municipality=place, by=user)
    invite(
        email="colleague@example.org", role="colleague", municipality=place, language="de", by=user
    )
    tandem = Tandem.objects.create(
        slug="tandem-" + place.slug, number=len(place.slug) + place.pk, kind="tandem",
        status="active", name_de="Hamm – Arezzo", name_en="Hamm – Arezzo",
    )
    member = TandemMember.objects.create(tandem=tandem, municipality=place)
    day = timezone.localdate() + dt.timedelta(days=3)
    for text in ("Wir schicken den Leitfaden.", "Wir laden zur Besichtigung ein."):
        made = make_commitment(member=member, text=text, due_on=day, by=user)
    keep_commitment(commitment=made, note="im Mai", by=user)
    office = Organisation.objects.create(
        slug="bbsr-" + place.slug, short_name="BBSR", name_de="BBSR", kind="contracting_authority"
    )
    # A code counts once, so each test that signs in has somebody of its own.
    for desk in ("staff-", "desk-"):
        staff = User.objects.create_user(desk + email, {PASSWORD!r}, name="Nora Albrecht")
        EmailAddress.objects.create(user=staff, email=staff.email, verified=True, primary=True)
        TOTP.activate(staff, {SECRET!r})
        give_role(user=staff, role="bbsr", organisation=office, by=staff)
now = timezone.now()
Call.objects.create(
    slug="call", title_de="Aufruf", title_en="Call", kind="application", state="open",
    opens_at=now, closes_at=now + dt.timedelta(days=1), time_zone="Europe/Berlin",
)
"""
SUBMIT = "main form.form button.kern-btn--primary"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """Serve a portal without the programme, in which two people have an account."""
    with served_portal(tmp_path_factory, OPERATOR_EMAIL="portal@example.org", **PROVIDER) as portal:
        portal.manage("shell", "--verbosity=0", "--command", MAKE_PEOPLE)
        yield portal


class Visitor:
    """A person in a browser who looks at page after page and writes down what is wrong with it."""

    def __init__(self, page: Page, start: str) -> None:
        """Begin without a session; ``start`` is the address before ``login/``."""
        self.page = page
        self.start = start
        self.faults: list[tuple[str, str]] = []
        self.here = ""
        page.on("console", lambda message: self.hear(message.type, message.text))
        page.on("pageerror", lambda error: self.hear("error", str(error)))
        page.on("request", lambda request: self.watch(request.url))

    def hear(self, kind: str, text: str) -> None:
        """Note what the browser complains about: a refused style or script among others."""
        if kind in {"error", "warning"}:
            self.faults.append((self.here, f"console: {text}"))

    def watch(self, address: str) -> None:
        """Note every request to a foreign host."""
        if not address.startswith(("data:", f"http://{urlsplit(self.start).netloc}/")):
            self.faults.append((self.here, f"foreign: {address}"))

    def go(self, path: str) -> None:
        """Open a page; give the password again where the portal asks for it."""
        self.here = path
        response = self.page.goto(self.start + path)
        assert response
        assert response.status == 200, f"{path}: answered {response.status}"
        if "reauthenticate" in self.page.url:
            self.page.fill("[name=password]", PASSWORD)
            self.submit()
        self.page.evaluate("document.fonts.ready.then(() => true)")

    def submit(self, **fields: str) -> None:
        """Fill in the form of the page and send it."""
        for name, value in fields.items():
            self.page.fill(f"[name={name}]", value)
        self.page.click(SUBMIT)
        self.page.wait_for_load_state()

    def look(self, state: str = "") -> None:
        """Ask axe at each width and in each scheme, and whether a narrow window loses text."""
        where = f"{self.here} {state}".strip()
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.evaluate(AXE)
            for scheme in SCHEMES:
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self.faults += [
                    (f"{where} {width}", f"{fault} | {scheme}")
                    for fault in self.page.evaluate(RUN_AXE)
                ]
        self.page.set_viewport_size({"width": 320, "height": 640})
        for question in (LOST_TEXT, SMALL_TARGETS):
            self.faults += [(where, fault) for fault in self.page.evaluate(question)]

    def look_at_error(self) -> None:
        """Send the form as it is; the errors stand at the top, linked, and at their fields."""
        self.submit()
        summary = self.page.locator("[role=alert] a[href^='#']")
        assert summary.count(), f"{self.here}: no error is listed"
        for link in summary.all():
            field = self.page.locator(f"[id='{(link.get_attribute('href') or '')[1:]}']")
            assert field.get_attribute("aria-invalid") == "true"
            # Of a choice, the group is described and not each button.
            described = field.evaluate(
                "it => (it.getAttribute('aria-describedby') ||"
                " it.closest('fieldset')?.getAttribute('aria-describedby') || '')"
            ).split()
            assert described
            assert all(self.page.locator(f"[id='{name}']").count() == 1 for name in described)
        summary.first.click()
        assert self.page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
        self.look("with errors")


def one_time_code(secret: str) -> str:
    """Return what an authenticator app would show now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


@pytest.fixture
def visitor(portal, new_page) -> Callable[[str], Visitor]:
    """Return a function that gives a visitor of the pages in one language."""
    return lambda language: Visitor(new_page(), f"{portal.url}/{language}/accounts/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_before_the_sign_in_have_no_finding(visitor, language):
    person = visitor(language)

    for path in (
        "login/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/1-none/",
        "signup/",
        "confirm-email/",
        "confirm-email/none/",
        "inactive/",
        "oidc/bbsr/login/",
        "connections/login/cancelled/",
    ):
        person.go(path)
        person.look()
    for path in ("login/", "password/reset/", "signup/"):
        person.go(path)
        person.look_at_error()
    person.go("oidc/bbsr/login/")
    person.submit()
    person.look("while the provider is down")
    # Chromium notes the status of that page.
    person.faults = [fault for fault in person.faults if "status of 401" not in fault[1]]

    assert not person.faults, report(person.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_own_account_have_no_finding(visitor, portal, language):
    person = visitor(language)
    person.go("login/")
    person.submit(login=f"{language}@example.org", password=PASSWORD)
    assert urlsplit(person.page.url).path == f"/{language}/dashboard/"

    person.here = "reauthenticate/"
    person.page.goto(f"{person.start}2fa/totp/activate/")
    if "reauthenticate" in person.page.url:
        person.look()
        person.look_at_error()
    for path in ("email/", "password/change/", "2fa/totp/activate/"):
        person.go(path)
        person.look()
        person.look_at_error()
    for path in (
        "2fa/",
        "2fa/webauthn/",
        "2fa/webauthn/add/",
        "2fa/recovery-codes/generate/",
        "sessions/",
        "connections/",
        "logout/",
    ):
        person.go(path)
        person.look()

    person.go("2fa/totp/activate/")
    person.submit(code=one_time_code(person.page.inner_text(".secret").strip()))
    person.here = "2fa/recovery-codes/"
    assert person.page.locator(".codes li").count() == 10, portal.log.faults()
    person.look()
    for path in ("2fa/", "2fa/totp/deactivate/", "2fa/recovery-codes/generate/"):
        person.go(path)
        person.look("with an app")

    person.go("logout/")
    person.submit()
    person.go("login/")
    person.submit(login=f"{language}@example.org", password=PASSWORD)
    person.here = "2fa/authenticate/"
    assert person.page.url.endswith(person.here)
    person.look()
    person.look_at_error()

    assert not person.faults, report(person.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_about_people_have_no_finding(visitor, language):
    person = visitor(language)
    person.go("login/")
    person.submit(login=f"contact-{language}@example.org", password=PASSWORD)
    person.go("people/")
    links = {
        kind: person.page.locator(f"main a[href*='/{kind}/']").first.get_attribute("href") or ""
        for kind in ("hand-over", "end", "withdraw")
    }
    beyond = f"/{language}/accounts/"

    for path in (
        "../dashboard/",
        "people/",
        "people/invite/",
        "profile/",
        "own-data/",
        "own-data/erase/",
        *(link.removeprefix(beyond) for link in links.values()),
    ):
        person.go(path)
        person.look()
    for path in ("people/invite/", f"../tandems/tandem-{language}/workspace/commitments/"):
        person.go(path)
        person.look()
        person.look_at_error()
    person.go("../dashboard/")
    link = person.page.locator("main a[href*='/commitments/']").first.get_attribute("href") or ""
    person.go(link.replace(f"/{language}/", "../"))
    person.look()
    person.look_at_error()

    assert not person.faults, report(person.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_for_the_programme_have_no_finding(visitor, language):
    person = visitor(language)
    person.go("login/")
    person.submit(login=f"staff-{language}@example.org", password=PASSWORD)
    person.submit(code=one_time_code(SECRET))
    assert urlsplit(person.page.url).path == f"/{language}/dashboard/"

    for path in ("../dashboard/", "people/", "people/?q=nobody", "people/?role=deputy"):
        person.go(path)
        person.look()
    person.go("people/")
    link = person.page.locator("main h3 a").first.get_attribute("href") or ""
    person.go(link.removeprefix(f"/{language}/accounts/"))
    person.look()

    assert not person.faults, report(person.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_administration_has_no_finding(visitor, language):
    person = visitor(language)
    person.page.set_extra_http_headers({"Accept-Language": language})
    person.go("login/")
    person.submit(login=f"desk-{language}@example.org", password=PASSWORD)
    person.submit(code=one_time_code(SECRET))
    assert urlsplit(person.page.url).path == f"/{language}/dashboard/"
    person.start = person.start.replace(f"/{language}/accounts/", "/admin/")

    for path in (
        "",
        "calls/call/",
        "calls/call/add/",
        "calls/call/1/change/",
        "calls/call/1/state/",
        "calls/call/1/deadline/",
        "calls/call/1/copy/",
        "calls/application/",
        "calls/application/numbers/",
        "accounts/user/",
        "accounts/invitation/",
        "core/statuschange/",
        "post_office/email/",
    ):
        person.go(path)
        loaded = list(person.faults)
        person.look()
        # axe reads Django's own stylesheets again, which the policy lets it do in part only; long
        # tables scroll within their frame.
        person.faults = loaded + [
            fault
            for fault in person.faults[len(loaded) :]
            if not re.search(r"^console:|cut off by \.results|runs from", fault[1])
        ]

    assert not person.faults, report(person.faults)
