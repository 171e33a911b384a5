"""The internal area of a partnership in Chromium: axe on every page, writing with the keyboard."""

from __future__ import annotations

import json
import re

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
from tests.browser.test_account_pages import Visitor

pytestmark = pytest.mark.browser

MAKE = """
import json
from tests.browser.workspace_world import make
print("MADE", json.dumps(make()))
"""
#: Each page is looked at in one of these ways in German, every second also in English, there in the
#: opposite way.
WAYS = ((1280, "light"), (1280, "dark"), (375, "light"), (375, "dark"))
TOO_WIDE = """() => {
  const root = document.documentElement;
  return root.scrollWidth > root.clientWidth
    ? [`${root.scrollWidth} px wide in a window of ${root.clientWidth} px`] : [];
}"""
#: Words for screen readers alone take no place, but would run out of a narrow window.
WITHOUT_UNSEEN = """() => {
  document.querySelectorAll('.kern-sr-only, .unseen').forEach((words) => words.remove());
}"""
HOME = "tandems/hamm-arezzo/workspace/"
#: What Chromium says of an answer that shows two texts.
CONFLICT = "status of 409"


class Reader(Visitor):
    """A person who looks at a page once: at one width and in one scheme, then at 320 pixels."""

    def __init__(self, page, start, language):
        super().__init__(page, start)
        self.turn = -1
        self.is_opposite = language == LANGUAGES[1]

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

    def look_at(self, *paths):
        for path in self.chosen(paths):
            self.go(path)
            self.look()

    def look_at_errors_of(self, *paths):
        for path in self.chosen(paths):
            self.go(path)
            self.look_at_error()

    def chosen(self, paths):
        """Give the paths; in English every second one, whose turn stays that of the German page."""
        for number, path in enumerate(paths):
            if self.is_opposite and number % 2:
                self.turn += 1
            else:
                yield path

    def save(self, text):
        """Write the text of a section, press the button, and wait for the answer."""
        self.page.locator("[name=text]").fill(text)
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            self.page.locator("form#text button[name=go][value=stay]").click()
        self.page.wait_for_load_state()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve a portal with partnerships that have one of everything."""
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

    def signed_in(name, language="de", start=HOME, **options):
        page = new_page(locale=language, **options)
        where = start if start.startswith("/") else f"/{language}/{start}"
        reader = Reader(page, f"{served[0].url}{where}", language)
        page.context.add_cookies(
            [
                {"name": key, "value": value, "url": f"https://{HOST}/", "secure": True}
                for key, value in (made["cookies"][name] if name else {}).items()
            ]
        )
        return reader

    return signed_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_profile_have_no_finding(person, made, language):
    reader = person("contact", language)

    reader.look_at(
        *("", "profile/", "profile/sections/challenge/", "profile/sections/challenge/?language=it"),
        *("profile/sections/offer/", "profile/sections/result/", "profile/sections/goal/points/"),
        *(f"profile/points/{made['point']}/", f"profile/points/{made['point']}/remove/"),
        *("profile/preview/", "profile/submit/", "profile/comment/", "profile/set-aside/"),
        *("profile/changes/", "profile/versions/", "profile/versions/1/"),
        *("profile/versions/1/restore/", "profile/versions/1/?language=it"),
        *("profile/pictures/", "profile/pictures/add/", f"profile/pictures/{made['picture']}/"),
        f"profile/pictures/{made['picture']}/remove/",
    )
    reader.look_at_errors_of("profile/sections/goal/points/", "profile/pictures/add/")
    reader.go("profile/sections/challenge/?language=it")
    reader.page.locator("[name=text]").fill("![Piazza](https://elsewhere.example/piazza.png)")
    reader.look_at_error()

    assert not reader.faults, report(reader.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_on_the_way_to_the_public_have_no_finding(person, language):
    confirmer = person("confirmer", language, "tandems/asked/workspace/profile/")
    confirmer.look_at("", "sections/challenge/", "confirm/", "comment/", "return/")
    confirmer.look_at_errors_of("comment/", "return/")
    confirmer.look_at("../")
    team = person("team", language, "tandems/ready/workspace/profile/")
    team.look_at("", "release/", "../")

    faults = confirmer.faults + team.faults
    assert not faults, report(faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_work_together_have_no_finding(person, made, language):
    reader = person("contact", language)
    document, topic = f"documents/{made['document']}/", f"topics/{made['topic']}/"
    meeting = f"meetings/{made['meeting']}/guests/"

    reader.look_at(
        *("documents/", "documents/add/", document, f"{document}edit/"),
        *(f"{document}version/", f"{document}visibility/", f"{document}remove/"),
        f"documents/{made['public']}/version/",
        *("topics/", topic, "topics/add/", f"{topic}edit/", f"{topic}end/", f"{topic}guests/"),
        f"{topic}guests/{made['guest']}/end/",
        *("people/", "history/", "meetings/", meeting),
        *(f"{meeting}{made['stay']}/end/", "commitments/", f"commitments/{made['promise']}/"),
        *("../../../accounts/directory/", "../../../accounts/directory/?q=nobody"),
        *("../../../accounts/directory/entry/", "../../../accounts/directory/withdraw/"),
        *("../../../accounts/notices/", "../../../dashboard/"),
    )
    reader.look_at_errors_of(
        *("documents/add/", f"{document}version/", "topics/add/", f"{topic}guests/", meeting),
        "commitments/",
    )

    assert not reader.faults, report(reader.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_about_the_membership_have_no_finding(person, made, language):
    reader = person("team", language, f"{HOME}membership/")
    alone = f"../../../{made['alone']}/workspace/membership/"

    reader.look_at(
        *("", f"{made['member']}/leave/", "join/", "dock/", "end/", alone, f"{alone}rematch/"),
        *(f"{alone}rematch/?register=1", f"{alone}rematch/?application={made['reserve']}"),
        *(f"../documents/{key}/" for key in made["papers"]),
    )
    reader.look_at_errors_of(
        f"{made['member']}/leave/", "join/", "dock/", "end/", f"{alone}rematch/?register=1"
    )

    assert not reader.faults, report(reader.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_programme_office_have_no_finding(person, language):
    reader = person("bbsr", language, "/admin/tandems/")

    reader.look_at("tandem/overview/", "tandem/overview/?state=all", "profileversion/", "tandem/")

    assert not reader.faults, report(reader.faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_guests_newcomers_and_cities_that_left_have_no_finding(person, made, language):
    readers = [person(name, language) for name in ("guest", "left", "newcomer", "")]
    guest, left, newcomer, visitor = readers

    guest.look_at(f"topics/{made['topic']}/", "../../../dashboard/")
    left.look_at("", "profile/", "documents/", "people/", "history/")
    newcomer.start = newcomer.start.replace("hamm-arezzo", "empty")
    newcomer.look_at(
        *("", "profile/", "profile/sections/goal/", "profile/pictures/", "documents/"),
        *("topics/", "meetings/"),
    )
    visitor.look_at("../")

    faults = [fault for reader in readers for fault in reader.faults]
    assert not faults, report(faults)


def test_two_cities_see_both_texts_and_nothing_is_amiss(person):
    first, second = person("contact"), person("deputy")
    for reader in (first, second):
        reader.go("profile/sections/activity/?language=de")
    first.save("Wir pflanzen Bäume.")
    second.save("Wir zählen Bäume.")

    texts = second.page.locator(".conflict__text")
    expect(texts).to_have_text(["Wir zählen Bäume.", "Wir pflanzen Bäume."])
    second.faults = [fault for fault in second.faults if CONFLICT not in fault[1]]
    for _way in WAYS:
        second.look("with a conflict")
    second.page.locator("button[name=use]").click()

    expect(second.page.locator("[name=text]")).to_have_value("Wir pflanzen Bäume.")
    assert not first.faults + second.faults, report(first.faults + second.faults)


def test_script_saves_what_is_typed_and_shows_it_in_place(person):
    reader = person("contact")
    page = reader.page
    reader.go("profile/sections/failure/?language=de")

    page.locator("[name=text]").press_sequentially("Der **erste** Plan")
    with page.expect_response(lambda answer: answer.request.method == "POST") as waited:
        page.evaluate(
            """() => {
              Object.defineProperty(document, 'visibilityState', {value: 'hidden'});
              document.dispatchEvent(new Event('visibilitychange'));
            }"""
        )
    assert waited.value.json()["saved"]
    expect(page.locator("[data-saved]")).to_contain_text("Gespeichert um")
    expect(page.locator("[data-count]")).to_have_text("18 / 20.000")

    address = page.url
    expect(page.locator("[data-preview-place]")).to_be_hidden()
    page.locator("button[data-preview]").click()
    expect(page.locator("[data-preview-text] strong")).to_have_text("erste")
    assert page.url == address
    reader.look("with a preview")
    reader.go("profile/sections/failure/?language=de")
    assert page.locator("[name=text]").input_value() == "Der **erste** Plan"
    assert not reader.faults, report(reader.faults)


def test_section_is_written_and_looked_at_without_script(person):
    reader = person("contact", java_script_enabled=False)
    page = reader.page
    page.goto(f"{reader.start}profile/sections/goal/?language=de")

    page.locator("[name=text]").fill("Mehr **Schatten**")
    page.locator("button[data-preview]").click()
    expect(page.locator("[data-preview-text] strong")).to_have_text("Schatten")
    expect(page.locator("[name=text]")).to_have_value("Mehr **Schatten**")
    page.locator("form#text button[name=go][value=next]").click()

    expect(page).to_have_url(re.compile("/sections/activity/"))
    expect(page.locator("main [role=status]").first).to_be_visible()
    page.goto(f"{reader.start}profile/preview/")
    expect(page.locator("main strong", has_text="Schatten")).to_be_visible()


@pytest.mark.parametrize("width", [375, 320])
@pytest.mark.parametrize("language", LANGUAGES)
def test_menus_leave_the_first_screen_of_a_phone_to_the_page(person, language, width):
    reader = person("contact", language)
    page = reader.page
    page.set_viewport_size({"width": width, "height": 667})

    reader.go("")

    for menu, lines in ((".account-menu", 3), (".ways-row", 4)):
        # Close-set lines, each of them large enough for a finger, and all entries in view.
        assert page.locator(menu).bounding_box()["height"] <= lines * 28 + 12
        for entry in page.locator(f"{menu} a").all():
            box = entry.bounding_box()
            assert box["height"] >= 24
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
    heading = page.locator("h1").bounding_box()
    assert heading["y"] + heading["height"] < 667


@pytest.mark.parametrize("width", [1280, 375])
def test_links_above_a_list_stand_apart_from_its_first_line(person, width):
    reader = person("contact")
    page = reader.page
    page.set_viewport_size({"width": width, "height": 900})
    reader.go("../../../dashboard/")

    section = page.locator("section[aria-labelledby=next]")
    links, rows = (section.locator(f"> {part}").bounding_box() for part in (".row", ".list"))

    assert 12 <= rows["y"] - (links["y"] + links["height"]) <= 24


@pytest.mark.parametrize("width", [1280, 375])
def test_parts_of_the_area_are_reached_with_the_keyboard(person, width):
    reader = person("contact", width=width)
    page = reader.page
    reader.go("")
    links = page.locator(".ways-row a")
    links.first.focus()

    for link in links.all():
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport()
        page.keyboard.press("Tab")
    expect(page.locator(".ways-row [aria-current=true]")).to_have_count(1)
    links.get_by_text("Dokumente", exact=True).focus()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/workspace/documents/$"))
    expect(page.locator(".ways-row [aria-current=true]")).to_have_text("Dokumente")


def test_public_page_shows_foreign_texts_documents_and_pictures_in_their_place(person, made):
    reader = person("")
    page = reader.page
    reader.go("../")
    expect(page.locator("main [lang=it]").first).to_contain_text("Il centro storico")
    download = page.locator(f"main a[href$='/documents/{made['public']}/']")
    assert page.request.get(f"{reader.start}../documents/{made['public']}/").ok
    expect(download).to_have_text("Leitfaden")
    pictures = page.locator("main figure img")
    expect(pictures).to_have_count(2)

    for picture in pictures.all():
        assert picture.get_attribute("loading") == "lazy"
        assert picture.get_attribute("alt")
        size = [int(picture.get_attribute(side)) for side in ("width", "height")]
        box = picture.bounding_box()
        assert size[0] / size[1] == pytest.approx(box["width"] / box["height"], rel=0.02)
        picture.scroll_into_view_if_needed()
        page.wait_for_function(
            "it => it.complete && it.naturalWidth > 0", arg=picture.element_handle()
        )
    assert not reader.faults, report(reader.faults)
