"""Review, selection, letters and matching in Chromium: axe on the pages of every role."""

from __future__ import annotations

import json

import pytest

from tests.browser.conftest import HOST, served_portal
from tests.browser.test_accessibility import LANGUAGES, report
from tests.browser.test_account_pages import Visitor

pytestmark = pytest.mark.browser

MAKE = """
import json
from accounts.models import User
from calls import actions
from calls.models import Application, SelectionList
from tests.applications import client_of, editor_of
from tests.calls.pairing_cases import confirm
from tests.factories import make_user
from tests.selection import *
people = {
    "reviewer": make_reviewer("difu"),
    "coordinator": make_reviewer("adelphi", role="coordinator"),
    "bbsr": make_user("bbsr"),
}
other = make_reviewer("steinbeis")
call = make_call_in_review(2, 2, slug="review")
first, second, third, fourth = applications_of(call)
for application, points in ((first, 5), (second, 2), (third, 4)):
    actions.check_eligibility(
        application=application, is_eligible=True, reason="", by=people["coordinator"]
    )
    filed(application, other, points)
filed(first, people["reviewer"], 1)
assign_free(second, people["reviewer"])
assign(third, people["reviewer"])
declare(fourth, people["reviewer"], "personal")
actions.write_note(application=first, text="Bitte besprechen.", by=people["reviewer"])
trial = actions.propose_list(call=call, name="Nach Punkten", by=people["coordinator"])
actions.create_list(call=call, name="Kopie", source=trial, by=people["coordinator"])
session = actions.open_session(
    call=call, held_on=call.closes_at.date(), by=people["coordinator"]
)
actions.recommend(
    session=session, selection_list=trial, text="Passt.", by=people["coordinator"]
)
told = make_call_in_review(2, 2, slug="told")
german, left, european, waiting = applications_of(told)
for application in (german, left, european, waiting):
    filed(application, other, 3)
outcomes = {german: "accepted", european: "accepted", left: "refused", waiting: ("reserve", 1)}
decision = decided(told, outcomes)
actions.draft_letters(session=decision, by=people["coordinator"])
actions.release_letters(session=decision, by=people["bbsr"])
people["officer"] = editor_of(german)
for application in (german, european):
    actions.answer_offer(
        offer=application.offers.get(), confirms=True, by=editor_of(application)
    )
(pairing,) = actions.propose_pairs(
    call=told, pairs=[(german.pk, european.pk)], by=people["coordinator"]
)
drafted = make_call_in_review(1, 0, slug="drafted")
letters = decided(drafted, {applications_of(drafted)[0]: "accepted"})
actions.draft_letters(session=letters, by=people["coordinator"])
print("MADE", json.dumps({
    "cookies": {
        name: {key: morsel.value for key, morsel in client_of(person).cookies.items()}
        for name, person in people.items()
    },
    "keys": [str(row.key) for row in (first, second, third)],
    "trial": SelectionList.objects.get(name="Kopie").pk,
    "letter": letters.letters.get().pk,
    "german": str(german.key), "calls": [call.pk, told.pk], "pairing": pairing.pk,
}))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve a portal with a call in review, one that is told, and one whose letters wait."""
    with served_portal(tmp_path_factory, OPERATOR_EMAIL="portal@example.org") as portal:
        printed = portal.manage("shell", "--verbosity=0", "--command", MAKE)
        line = next(line for line in printed.splitlines() if line.startswith("MADE "))
        yield portal, json.loads(line.removeprefix("MADE "))


@pytest.fixture
def made(served):
    """Return the keys of what was made, and how people are signed in."""
    return served[1]


@pytest.fixture
def person(served, made, new_page):
    """Return a function that gives the browser of somebody who has signed in."""

    def signed_in(name, language, start):
        visitor = Visitor(new_page(locale=language), f"{served[0].url}{start}")
        visitor.page.context.add_cookies(
            [
                {"name": key, "value": value, "url": f"https://{HOST}/", "secure": True}
                for key, value in made["cookies"][name].items()
            ]
        )
        return visitor

    return signed_in


#: What axe cannot measure and says so: what is scrolled out of sight in the columns of the desk
#: (the page of the application shows the same text and colours), and an answer of one digit.
UNMEASURED = ("partially obscured", "partially overlaps", "too short to determine")
#: A table of data scrolls sideways in a region of its own (WCAG 1.4.10), the page itself never
#: does; words for screen readers alone are cut off by intent.
BESIDE = ("is cut off by .scroll", "is cut off by .unseen", " px")


def faults_of(visitor):
    known = (*UNMEASURED, *BESIDE)
    return [fault for fault in visitor.faults if not any(words in fault[1] for words in known)]


def look_at(visitor, paths):
    """Return what is wrong with the pages, in words; nothing where nothing is."""
    for path in paths:
        visitor.go(path)
        visitor.look()
        assert not visitor.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        ), f"{path} scrolls sideways at 320 pixels"
    return report(faults_of(visitor)) if faults_of(visitor) else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_review_desk_has_no_finding(person, made, language):
    filed, drafted, undeclared = made["keys"]
    visitor = person("reviewer", language, "/admin/calls/review/")

    assert (
        look_at(visitor, ("", f"{filed}/", f"{drafted}/", f"{undeclared}/", f"{drafted}/conflict/"))
        == ""
    )
    visitor.go(f"{drafted}/")
    visitor.page.locator("button[name=file]").click()
    visitor.page.wait_for_load_state()
    assert visitor.page.locator("a[href^='#id_step']").count()
    visitor.faults = [fault for fault in visitor.faults if "422" not in fault[1]]
    visitor.look("with errors")

    assert not faults_of(visitor), report(faults_of(visitor))


@pytest.mark.parametrize("language", LANGUAGES)
def test_procedure_and_selection_have_no_finding(person, made, language):
    visitor = person("coordinator", language, "/admin/calls/")

    pages = (
        *("procedure/", "procedure/review/", "procedure/review/assignment/"),
        *("procedure/review/assignment/proposal/", "procedure/review/standing/"),
        *("procedure/review/eligibility/", f"procedure/review/eligibility/{made['keys'][0]}/"),
        *("selectionlist/", "selectionlist/review/", f"selectionlist/review/{made['trial']}/"),
        *("selectionlist/review/session/", "selectionlist/review/session/attendance/"),
        f"application/{made['keys'][0]}/",
    )
    assert look_at(visitor, pages) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_and_matching_have_no_finding(person, made, language):
    visitor = person("bbsr", language, "/admin/calls/")

    pages = (
        *("letter/", "letter/told/", "letter/told/offers/", "letter/drafted/release/"),
        *(f"letter/drafted/{made['letter']}/", "selectionlist/review/session/decide/"),
        *("pairing/", "pairing/told/", f"pairing/told/city/{made['german']}/"),
        *(f"call/{made['calls'][1]}/archive/", "../tandems/tandem/"),
    )
    assert look_at(visitor, pages) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_result_and_partner_have_no_finding(person, made, language):
    start = f"/{language}/calls/told/apply/{made['german']}/"
    visitor = person("officer", language, start)

    assert look_at(visitor, ("", "result/", "partner/", "../../")) == ""
