"""Meetings in Chromium: axe on every page, the keyboard, no script, news in the room, paper."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOST, served_portal
from tests.browser.test_accessibility import (
    AXE,
    LANGUAGES,
    LOST_TEXT,
    RUN_AXE,
    SMALL_TARGETS,
    report,
)
from tests.browser.test_workspace import CONFLICT, TOO_WIDE, WITHOUT_UNSEEN, Reader

pytestmark = pytest.mark.browser

MAKE = """
import json
from tests.browser.meetings_world import make
print("MADE", json.dumps(make()))
"""
#: Each page is looked at in one of these ways in German, every second also in English, there in the
#: opposite way: no page twice in the same.
WAYS = (
    *((1280, "light"), (375, "dark"), (320, "light")),
    *((1280, "dark"), (375, "light"), (320, "dark")),
)
WORKSPACE = "tandems/hamm-arezzo/workspace/"
#: What Chromium says of an answer for a link that is worth nothing.
GONE = "status of 410"
#: From the focus on, to the next field or button of this kind.
FOCUSED = "document.activeElement.matches('{}')"


class Participant(Reader):
    """A person who looks at a page once, at one of three widths and in one scheme."""

    def look(self, state=""):
        self.turn += 1
        where = f"{self.here} {state}".strip()
        turn = self.turn % len(WAYS)
        width, scheme = WAYS[-1 - turn if self.is_opposite else turn]
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        self.page.evaluate(AXE)
        for question in (TOO_WIDE, RUN_AXE):
            found = self.page.evaluate(question)
            self.faults += [(f"{where} {width}", f"{fault} | {scheme}") for fault in found]
        self.page.set_viewport_size({"width": 320, "height": 640})
        self.page.evaluate(WITHOUT_UNSEEN)
        for question in (LOST_TEXT, SMALL_TARGETS):
            self.faults += [(where, fault) for fault in self.page.evaluate(question)]

    def tab_to(self, selector):
        """Press the tabulator until something has the focus; fail where that never comes."""
        for _stop in range(100):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(FOCUSED.format(selector)):
                return
        pytest.fail(f"{self.here}: the keyboard does not reach {selector}")

    def look_at_gone(self, path):
        """Look at the answer for a link that is worth nothing."""
        self.here = path
        response = self.page.goto(self.start + path)
        assert response.status == 410
        self.look()
        self.forget(GONE)

    def forget(self, words):
        """Leave out what Chromium says of an answer that is meant."""
        self.faults = [fault for fault in self.faults if words not in fault[1]]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve a portal with meetings of every kind."""
    files = tmp_path_factory.mktemp("files")
    with served_portal(
        tmp_path_factory, OPERATOR_EMAIL="portal@example.org", FILES_ROOT=str(files)
    ) as portal:
        printed = portal.manage("shell", "--verbosity=0", "--command", MAKE)
        line = next(line for line in printed.splitlines() if line.startswith("MADE "))
        yield portal, json.loads(line.removeprefix("MADE "))


@pytest.fixture
def made(served):
    """Return the keys of what was made, and how people are signed in."""
    return served[1]


@pytest.fixture
def person(served, made, new_page):
    """Return a function that gives the browser of somebody who has signed in; empty: a visitor."""

    def signed_in(name="", language="de", **options):
        page = new_page(locale=language, **options)
        found = Participant(page, f"{served[0].url}/{language}/", language)
        page.context.add_cookies(
            [
                {"name": key, "value": value, "url": f"https://{HOST}/", "secure": True}
                for key, value in (made["cookies"][name] if name else {}).items()
            ]
        )
        return found

    return signed_in


@pytest.fixture
def inside(made):
    """Return a function that gives the addresses of internal pages of a meeting."""

    def addresses(name, *pages):
        return [f"meetings/{made['meetings'][name]}/internal/{page}" for page in pages]

    return addresses


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_plan_have_no_finding(person, inside, made, language):
    reader = person("contact", language)

    hamm = f"questions/{made['cities']['hamm']}/"
    reader.look_at(
        *inside("dated", "", "edit/", "announce/", "cancel/", "held/", "questions/", hamm),
        *inside("bare", "questions/", "announce/", "agenda/", "briefing/"),
        *inside("dated", "agenda/", "agenda/add/", f"agenda/{made['item']}/"),
        *inside("dated", f"agenda/{made['item']}/remove/", "briefing/"),
        *inside("undated", ""),
        *inside("dated", "announce/withdraw/"),
        *inside("cancelled", "", "cancel/take-back/"),
        *inside("unwritten", "held/take-back/"),
        *(f"{WORKSPACE}meetings/", f"{WORKSPACE}meetings/plan/", "meetings/internal/"),
    )
    reader.look_at_errors_of(
        f"{WORKSPACE}meetings/plan/", *inside("dated", "agenda/add/", "cancel/")
    )

    assert not reader.faults, report(reader.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_dates_and_invitations_have_no_finding(person, inside, made, language):
    reader = person("contact", language)

    fixing, removing = f"date/fix/{made['option']}/", f"invitations/{made['invited']}/remove/"
    reader.look_at(
        *inside("undated", "date/", "date/propose/", fixing, "date/close/"),
        *inside("dated", "date/", "invitations/", "invitations/add/", removing),
        *inside("dated", "reminders/", "reply/"),
        *inside("bare", "date/", "invitations/", "invitations/add/"),
        *inside("unwritten", "attendance/"),
        "meetings/feeds/",
    )
    reader.look_at_errors_of(
        *inside("undated", "date/"), *inside("dated", "invitations/add/", "date/propose/")
    )

    assert not reader.faults, report(reader.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_minutes_have_no_finding(person, inside, made, language):
    leader, partner = person("contact", language), person("partner", language)

    entry = f"minutes/entries/{made['entry']}/"
    leader.look_at(
        *inside("unwritten", "minutes/"),
        *inside("draft", "minutes/", entry, "minutes/entries/add/", "minutes/public/"),
        *inside("draft", "minutes/send/"),
        *inside("agreed", "minutes/", "minutes/release/", "minutes/correct/"),
        *inside("released", "minutes/", "minutes/1/"),
        *inside("asked", "minutes/return/", "minutes/extend/"),
    )
    leader.look_at_errors_of(
        *inside("draft", "minutes/entries/add/"),
        *inside("agreed", "minutes/correct/"),
    )
    partner.look_at(*inside("asked", "minutes/", "minutes/agree/", "minutes/comment/"))
    partner.look_at_errors_of(*inside("asked", "minutes/comment/"))

    faults = leader.faults + partner.faults
    assert not faults, report(faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_commitments_and_learning_have_no_finding(person, inside, made, language):
    reader = person("contact", language)

    first, kept = (f"{WORKSPACE}commitments/{made['promises'][name]}/" for name in ("open", "kept"))
    log = f"{WORKSPACE}log/{made['log']}/"
    reader.look_at(
        *inside("released", "commitments/"),
        *inside("unwritten", "commitments/"),
        *(f"{WORKSPACE}commitments/", first, f"{first}person/", kept, f"{kept}reopen/"),
        f"tandems/{made['ended']}/workspace/commitments/",
        *(f"{WORKSPACE}log/", f"{WORKSPACE}log/add/"),
        *(f"{WORKSPACE}log/network/", log, f"{log}edit/", f"{log}remove/"),
    )
    reader.look_at_errors_of(*inside("unwritten", "commitments/"), f"{WORKSPACE}log/add/", first)

    assert not reader.faults, report(reader.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_rooms_of_consultations_have_no_finding(person, inside, language):
    room = "consultation/"
    giver, facilitator = person("colleague", language), person("partner", language)
    adviser, outsider = person("partner colleague", language), person("contact", language)
    giver.look_at(
        *inside("telling", room),
        *inside("asking", room),
        *inside("advising", room),
        *inside("closing", room, f"{room}close/"),
        *inside("closed", room, f"{room}release/"),
    )
    giver.look_at_errors_of(*inside("telling", room), *inside("closing", f"{room}close/"))
    facilitator.look_at(*inside("choosing", room, f"{room}stop/"), *inside("prepared", room))
    facilitator.look_at_errors_of(*inside("choosing", room))
    adviser.look_at(*inside("advising", room))
    outsider.look_at(*inside("closed", f"{room}withdraw/"))
    outsider.look_at(*inside("advising", room), *inside("unprepared", room, f"{room}prepare/"))
    outsider.look_at_errors_of(*inside("unprepared", f"{room}prepare/"))

    faults = [fault for who in (giver, facilitator, adviser, outsider) for fault in who.faults]
    assert not faults, report(faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_visitors_links_guests_and_the_team_have_no_finding(
    person, inside, made, language
):
    visitor, guest = person("", language), person("guest", language)
    team, partner = person("coordinator", language), person("partner", language)

    visitor.look_at(
        *("meetings/", f"meetings/month/{made['month']}/", made["public"], made["announced"]),
        *(made["links"]["reply"], made["links"]["poll"], made["check_in"], "tandems/hamm-arezzo/"),
    )
    visitor.look_at_errors_of(made["links"]["poll"], made["check_in"])
    for path in ("meetings/answer/x/", "meetings/answer/x/dates/", "meetings/check-in/x/"):
        visitor.look_at_gone(path)
    guest.look_at(*inside("undated", "", "questions/", "date/"))
    team.look_at(*inside("network", "", "invitations/", "guests/"), "meetings/plan/")
    partner.look_at("meetings/feeds/")

    faults = [fault for who in (visitor, guest, team, partner) for fault in who.faults]
    assert not faults, report(faults)


@pytest.mark.parametrize(
    ("names", "path", "field", "who"),
    [
        ("dated", "edit/", "place", ("contact", "partner")),
        ("draft", "minutes/entries/{entry}/", "text", ("contact", "partner")),
        ("dated", "agenda/{item}/", "text_de", ("contact", "colleague")),
    ],
    ids=["plan", "minutes", "agenda"],
)
def test_two_people_who_write_at_once_see_both_texts(person, inside, made, names, path, field, who):
    first, second = person(who[0]), person(who[1])
    for reader in (first, second):
        reader.go(inside(names, path.format(**made))[0])
    kept, typed = "Sitzungssaal der Bücherei", "Großer Saal am Markt"

    for reader, text in ((first, kept), (second, typed)):
        reader.page.locator(f"[name={field}]").fill(text)
        with reader.page.expect_response(lambda answer: answer.request.method == "POST"):
            reader.page.locator("main form.form button[type=submit]").first.click()
        reader.page.wait_for_load_state()

    expect(second.page.locator(".conflict")).to_contain_text(kept)
    expect(second.page.locator(f"[name={field}]")).to_have_value(typed)
    second.look("with a conflict")
    second.forget(CONFLICT)
    assert not second.faults, report(second.faults)


def test_dates_are_answered_with_the_keyboard_alone(person, made):
    reader = person()
    page = reader.page
    reader.go(made["links"]["poll deputy"])

    reader.tab_to("[type=radio]")
    page.keyboard.press("Space")
    for _date in range(2):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
    reader.tab_to("main form button")
    page.keyboard.press("Enter")

    expect(page.locator("main [role=status]")).to_be_visible()
    chosen = [radio.get_attribute("value") for radio in page.locator("input:checked").all()]
    assert chosen == ["yes", "no", "no"]
    assert not reader.faults, report(reader.faults)


def test_contribution_is_written_with_the_keyboard_alone(person, inside):
    reader = person("partner colleague")
    page = reader.page
    reader.go(inside("speaking", "consultation/")[0])

    reader.tab_to("textarea")
    page.keyboard.type("Wer hat den Vertrag?")
    reader.tab_to("main form.form button")
    page.keyboard.press("Enter")

    expect(page.locator(".written__text", has_text="Wer hat den Vertrag?")).to_be_visible()
    expect(page.locator("textarea")).to_have_value("")
    assert not reader.faults, report(reader.faults)


def test_invited_people_answer_without_script(person, made):
    reader = person(java_script_enabled=False)
    page, start = reader.page, reader.start

    page.goto(start + made["links"]["poll partner deputy"])
    for row, choice in zip(
        page.locator("tbody tr").all(), ("yes", "if_need_be", "no"), strict=True
    ):
        row.locator(f"[value={choice}]").check()
    page.locator("main form button").click()
    expect(page.locator("main [role=status]")).to_be_visible()
    expect(page.locator("input:checked")).to_have_count(3)

    page.goto(start + made["links"]["reply"])
    page.locator("[name=note]").fill("Ich komme mit dem Nachtzug.")
    page.locator("[name=reply][value=maybe]").check()
    page.locator("main form button").click()
    expect(page.locator("main .lead")).to_contain_text("Ich komme mit dem Nachtzug.")


def test_minutes_and_contributions_are_written_without_script(person, inside, made):
    writer = person("contact", java_script_enabled=False)
    adviser = person("partner colleague", java_script_enabled=False)

    page = writer.page
    page.goto(writer.start + inside("draft", f"minutes/entries/{made['blank']}/")[0])
    page.locator("[name=text]").fill("Die **Stadtwerke** pflegen sie.")
    page.locator("button[value=preview]").click()
    expect(page.locator("section strong")).to_have_text("Stadtwerke")
    page.locator("button[value=all]").click()
    expect(page.locator("main strong", has_text="Stadtwerke")).to_be_visible()

    page = adviser.page
    page.goto(adviser.start + inside("speaking", "consultation/")[0])
    page.locator("textarea").fill("Seit wann hängen sie?")
    page.locator("main form.form button").click()
    expect(page.locator(".written__text", has_text="Seit wann hängen sie?")).to_be_visible()
    page.locator("[data-consultation-refresh] a").first.click()
    expect(page).to_have_url(re.compile("/consultation/$"))


def test_script_tells_of_news_and_leaves_what_is_half_typed(person, inside):
    adviser, scribe = person("partner colleague"), person("partner deputy")
    page, room = adviser.page, inside("listening", "consultation/")[0]
    page.clock.install()
    adviser.go(room)
    page.locator("textarea").fill("Ich würde zuerst")
    news = page.locator("[data-consultation-news]")
    expect(news).to_be_hidden()

    scribe.go(room)
    scribe.page.locator("textarea").fill("Es geht um zwölf Sensoren.")
    scribe.page.locator("main form.form button").click()
    expect(scribe.page.locator(".written__text", has_text="zwölf Sensoren.")).to_be_visible()
    with page.expect_response(re.compile("/consultation/state/$")):
        page.clock.run_for(6_000)

    expect(news).to_be_visible()
    expect(page.locator("[role=status]").filter(has=news)).to_have_count(1)
    expect(page.locator("textarea")).to_have_value("Ich würde zuerst")
    adviser.look("with news")
    page.locator("[data-consultation-show]").click()

    expect(page.locator(".written__text", has_text="zwölf Sensoren.")).to_be_visible()
    expect(news).to_be_hidden()
    expect(page.locator("#said")).to_be_focused()
    expect(page.locator("textarea")).to_have_value("Ich würde zuerst")
    assert not adviser.faults + scribe.faults, report(adviser.faults + scribe.faults)


def test_briefing_is_one_sheet_of_paper(person, inside, tmp_path):
    reader = person("contact")
    reader.go(inside("dated", "briefing/")[0])
    sheet = tmp_path / "briefing.pdf"

    reader.page.pdf(path=str(sheet), prefer_css_page_size=True)

    facts = subprocess.run(
        ["pdfinfo", str(sheet)], check=True, capture_output=True, text=True
    ).stdout
    assert re.search(r"^Pages: +1$", facts, re.MULTILINE), facts
    assert re.search(r"^Page size: .*A4", facts, re.MULTILINE), facts
    words = subprocess.run(
        ["pdftotext", "-layout", str(sheet), "-"], check=True, capture_output=True, text=True
    ).stdout
    for told in ("nur auf Englisch", "in German only", "Zusagen und nächste Schritte", "Kenncode"):
        assert told in words
