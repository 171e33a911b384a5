"""An application in Chromium: axe on every page, saving by itself, and all of it without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import served_portal
from tests.browser.test_accessibility import LANGUAGES, report
from tests.browser.test_account_pages import PASSWORD, Visitor

pytestmark = pytest.mark.browser

MAKE = f"""
from allauth.account.models import EmailAddress
from django.utils import translation
from accounts.models import User
from calls import actions
from tests.applications import make_draft, make_open_call, make_submitted
from tests.factories import ConsentFactory
call = make_open_call(slug="call")
ConsentFactory(call=call, is_required=False)
for email in ("de", "en", "script", "plain", "conflict"):
    user = User.objects.create_user(email + "@example.org", {PASSWORD!r}, name="Anke Ruland")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if email in ("de", "en"):
        for number in (1, 2):
            application = make_submitted(call, user, "Wörkheim " + email)
            actions.reopen_application(application=application, by=user)
            if number == 1:
                actions.submit_application(application=application, by=user)
                actions.withdraw_application(application=application, by=user)
    else:
        make_draft(call, user, "Werkheim " + email)
"""
STEPS = ("municipality", "people", "topics", "challenge", "cooperation", "questions", "consents")


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """Serve a portal with an open call and applications in several states."""
    with served_portal(tmp_path_factory, OPERATOR_EMAIL="portal@example.org") as portal:
        portal.manage("shell", "--verbosity=0", "--command", MAKE)
        yield portal


@pytest.fixture
def officer(portal, new_page):
    """Return a function that signs an officer in and opens the own application."""

    def signed_in(name, language="de", **options):
        person = Visitor(new_page(**options), f"{portal.url}/{language}/accounts/")
        person.go("login/")
        person.page.fill("[name=login]", f"{name}@example.org")
        person.submit(password=PASSWORD)
        person.start = f"{portal.url}/{language}/calls/call/"
        person.go("apply/")
        person.page.locator("main .entry h3 a").last.click()
        person.page.wait_for_load_state()
        person.start = person.page.url
        return person

    return signed_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_an_application_have_no_finding(officer, language):
    person = officer(language, language)
    pages = (
        *("", "send/", "files/", "colleagues/", "withdraw/", "print/", "versions/1/"),
        *(f"{step}/" for step in STEPS),
        *("../", "../../form/"),
    )

    for path in pages:
        person.go(path)
        person.look()
    person.go("people/")
    person.page.fill("[name=contact_email]", "keine Adresse")
    person.look_at_error()

    assert not person.faults, report(person.faults)


def test_two_officers_see_both_texts_and_nothing_is_amiss(officer):
    first, second = officer("conflict"), officer("conflict")
    for person in (first, second):
        person.go("challenge/")
    first.page.locator("[name=challenge]").fill("Hitze in der Innenstadt")
    first.page.get_by_role("button", name="Speichern", exact=True).click()
    first.page.wait_for_load_state()

    second.page.locator("[name=challenge]").fill("Starkregen in den Tälern")
    second.page.get_by_role("button", name="Speichern", exact=True).click()
    expect(second.page.locator(".conflict__text")).to_have_text(
        ["Starkregen in den Tälern", "Hitze in der Innenstadt"]
    )
    # The browser reports the status of the answer, 409, as if something were missing.
    second.faults = [fault for fault in second.faults if "409" not in fault[1]]
    second.look("with a conflict")
    button = second.page.get_by_role("button", name="Den anderen Text verwenden")
    assert button.bounding_box()["width"] > 200
    button.click()

    expect(second.page.locator("[name=challenge]")).to_have_value("Hitze in der Innenstadt")
    assert not second.faults, report(second.faults)


def test_script_saves_what_is_typed_and_tells_what_is_still_missing(officer):
    person = officer("script")
    page = person.page
    person.go("challenge/")
    before = page.locator("[data-gaps-number]").inner_text()

    page.locator("[name=challenge]").press_sequentially("Hitze in der Innenstadt")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-saved]")).to_contain_text("Gespeichert um")

    assert before == "3 offen"
    expect(page.locator("[data-gaps-number]")).to_have_text("2 offen")
    expect(page.locator("[data-count]").first).to_have_text("23 / 2.000")
    person.go("challenge/")
    assert page.locator("[name=challenge]").input_value() == "Hitze in der Innenstadt"
    assert not person.faults, report(person.faults)


def test_application_is_written_by_the_keyboard_and_without_script(officer):
    person = officer("plain", java_script_enabled=False)
    page = person.page
    page.goto(f"{person.start}challenge/")

    page.locator("[name=challenge]").fill("Hitze")
    page.get_by_role("button", name="Personen").click()
    assert page.url.endswith("/people/")
    page.locator("[name=contact_name]").fill("Anke Ruland")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/topics/$"))
    page.goto(f"{person.start}challenge/")
    assert page.locator("[name=challenge]").input_value() == "Hitze"
