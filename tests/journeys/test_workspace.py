"""A partnership at work: two cities write, confirm, publish, share and part, on pages alone."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from post_office.models import Email

from accounts.models import User
from tandems.actions.notices import send_due_notices
from tests.factories import MeetingFactory, make_user
from tests.tandems.files_cases import PDF, content_of, pdf, picture_file, upload
from tests.tandems.membership_cases import member, pair, place
from tests.walking import Walker

pytestmark = pytest.mark.django_db
#: A Tuesday; the morning after is that of the daily digest, 07:30 in Krefeld and in Arezzo.
TUESDAY = dt.datetime(2026, 3, 3, 11, tzinfo=dt.UTC)
WEDNESDAY = dt.datetime(2026, 3, 4, 6, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PUBLIC = "/en/tandems/krefeld-arezzo/"
ROOM = f"{PUBLIC}workspace/"
QUEUE = "/admin/tandems/profileversion/"
PAGES = "people history profile profile/versions topics documents meetings commitments membership"
IN_SHORT = "Krefeld und Arezzo öffnen ihre Bibliotheken."
IN_ENGLISH = "Krefeld and Arezzo open their libraries."
#: Name → role and city of everybody in the story.
PEOPLE = {
    "Greta Goldammer": ("contact", "Krefeld"),
    "Kurt Kiebitz": ("colleague", "Krefeld"),
    "Ilaria Usignolo": ("contact", "Arezzo"),
    "Vera Vink": ("contact", "Venlo"),
    "Petra Pirol": ("coordinator", None),
    "Bernd Bussard": ("bbsr", None),
}


class Story:
    """The partnership of Krefeld and Arezzo with a meeting ahead, and Venlo beside it."""

    def __init__(self, clock):
        self.clock = clock
        arezzo, self.venlo = place("Arezzo", "IT"), place("Venlo", "NL")
        arezzo.languages = ["it"]
        arezzo.save()
        self.tandem = pair("Krefeld", "Arezzo", "IT")
        ahead = dict.fromkeys(("earliest", "latest"), TUESDAY.date() + 30 * DAY)
        announced = {"tandem": self.tandem, "scope": "tandem", "status": "announced"}
        MeetingFactory(title_en="Visit to Arezzo", **announced, **ahead)
        for name, (role, city) in PEOPLE.items():
            person = make_user(role, place(city) if city else None)
            User.objects.filter(pk=person.pk).update(name=name, language="en")
        self.sign_in()

    def sign_in(self):
        """Let everybody sign in, anew on another day."""
        people = [Walker(User.objects.get(name=name)) for name in PEOPLE]
        self.german, self.colleague, self.italian, self.guest, self.team, self.bbsr = people

    def public_page(self):
        """Return the public page as a visitor reads it once the kept copy is a minute old."""
        self.clock.shift(120)
        visitor = Walker()
        page = visitor.open(PUBLIC)
        assert not visitor.client.cookies
        return page


@pytest.fixture
def story():
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield Story(clock)


def go(walker, page="", status=200):
    """Open a page of the internal area, or another one by its whole path."""
    return walker.open(urljoin(ROOM, page), status=status)


def step(walker):
    """Return what the internal area names as the next step."""
    return go(walker).main.one("h2", id="next").text


def do(walker, page, button, **fields):
    """Open a page and press a button there."""
    go(walker, page)
    return walker.press(button, **fields)


def refused(walker, page, fields):
    """Send a form that the page does not show: it is forbidden."""
    assert walker.client.post(ROOM + page, fields).status_code == 403


def write(walker, section, language, text, city=""):
    """Write a text of the draft."""
    page = f"profile/sections/{section}/?language={language}&city={city}"
    return do(walker, page, "Save", text=text)


def release(walker):
    """Release what stands first in the queue of the administration."""
    go(walker, QUEUE)
    walker.follow("Read and release")
    return walker.press("Release this version")


def publish(story, language="en", text=IN_ENGLISH):
    """Put a profile of one sentence on the public page, the short way."""
    do(story.german, "profile/", "Start a draft")
    write(story.german, "summary", language, text)
    do(story.german, "profile/submit/", "Submit for confirmation")
    do(story.italian, "profile/confirm/", "Confirm this version")
    release(story.bbsr)


def add_document(walker, title, content=PDF, **fields):
    about = {"kind": "concept", "language": "de", "visibility": "partnership", **fields}
    return do(walker, "documents/add/", "Add", file=upload(content), title=title, **about)


def test_profile_goes_from_its_first_word_to_the_public_page(story):
    assert "No profile has been released yet" in story.public_page().main.text

    begin_and_write(story)
    meet_in_one_text(story)
    add_point_and_picture(story)
    send_comment_and_change(story)
    say_yes_and_release(story)

    page = story.public_page()
    assert "As of 3 March 2026, confirmed by Krefeld and Arezzo" in page.main.text
    for words in (IN_ENGLISH, "Arezzo offre un archivio", "Libraries stay open", "Ninety people"):
        assert words in page.main.text
    assert "it" in page.main.languages_of("Arezzo offre un archivio storico aperto.")
    assert "https://www.krefeld.de/libraries" in page.main.hrefs()
    for unsaid in ("name the reading room", *(name.split()[1] for name in PEOPLE)):
        assert unsaid not in page.html
    image = page.main.section("Pictures").one("img")
    assert (image["alt"], image["loading"]) == ("A reading room at night", "lazy")
    kind, content = fetch(image["src"])
    assert (kind, content[:2]) == ("image/jpeg", b"\xff\xd8")


def fetch(url):
    """Return the kind and the content of a file as a visitor gets it, without any cookie."""
    answer = Walker().client.get(url)
    assert not answer.cookies
    return answer.headers["Content-Type"], content_of(answer)


def begin_and_write(story):
    """Find the next step, start a draft, and write: each city its own, a colleague helps."""
    assert step(story.german) == "Write the profile"
    do(story.german, "profile/", "Start a draft")
    assert step(story.german) == "Submit the profile"
    page = write(story.german, "summary", "de", IN_SHORT)
    assert "German original" in page.main.one("aside").text
    write(story.german, "summary", "en", IN_ENGLISH)
    write(story.italian, "offer", "it", "Arezzo offre un archivio storico aperto.", "arezzo")

    go(story.italian, "profile/sections/offer/?city=krefeld&language=de")
    assert "Only Krefeld writes this text." in story.italian.page.main.text
    foreign = {"text": "Krefeld sucht Rat.", "city": "krefeld", "language": "de"}
    refused(story.italian, "profile/sections/offer/", foreign)

    write(story.colleague, "challenge", "en", "Libraries stay open without staff.")
    go(story.colleague, "profile/submit/", status=403)


def meet_in_one_text(story):
    """Let two write the same text at once: both see both, and nothing is lost."""
    goal = "profile/sections/goal/?language=en"
    for walker in (story.german, story.italian):
        go(walker, goal)
    story.german.press("Save", text="Eighty people a day.")
    page = story.italian.press("Save", text="Open until midnight.", status=409)
    told = page.main.one("section", class_="conflict").text
    mine, theirs = "Your text Open until midnight.", "Saved by Greta Goldammer"
    assert told.index(mine) < told.index(theirs) < told.index("Eighty people a day.")
    assert "Open until midnight." in "".join(page.main.one("textarea").children)
    story.italian.press("Save", text="Ninety people a day, until midnight.")
    assert "Ninety people" in "".join(go(story.german, goal).main.one("textarea").children)


def add_point_and_picture(story):
    """Add a result with its source, and a picture that lacks a description at first."""
    sources, point = "https://www.krefeld.de/libraries", "The keys of Arezzo work in Krefeld."
    facts = {"text_en": point, "result_kind": "transferable_solution", "sources": sources}
    page = do(story.german, "profile/sections/result/points/", "Save", **facts)
    assert point in page.main.section("Single points").text
    words = {"alt_de": "Ein Lesesaal bei Nacht", "author": "Stadt Krefeld", "licence": "CC0-1.0"}
    for described, told in (("", "This field is required"), ("A reading room at night", "CC0")):
        picture = {**words, "alt_en": described, "file": upload(picture_file(), "a.jpg")}
        page = do(story.german, "profile/pictures/add/", "Add", **picture)
        assert told in page.main.text
    assert page.main.one("img")["alt"] == "A reading room at night"
    Walker().open(page.main.one("img")["src"], status=404)


def send_comment_and_change(story):
    """Submit; what was commented and changed meanwhile is not confirmed unseen."""
    do(story.german, "profile/submit/", "Submit for confirmation")
    assert step(story.italian) == "Confirm the profile: Arezzo"
    remark, note = "Please name the reading room.", "We name the reading room."
    do(story.italian, "profile/comment/", "Send the comment", text=remark)
    go(story.italian, "profile/confirm/")
    assert remark in story.italian.page.main.section("Comments").text
    do(story.german, "profile/return/", "Back to the draft", note=note)
    assert step(story.german) == "Revise the profile"
    write(story.german, "activity", "en", "We rebuild the reading room.")
    do(story.german, "profile/submit/", "Submit for confirmation")
    page = story.italian.press("Confirm this version")
    assert "The text was changed after you opened this page" in page.main.text
    assert "We rebuild the reading room." in page.main.text


def say_yes_and_release(story):
    """Let the other city confirm; the team sees it in the queue, BBSR releases what it read."""
    assert "Krefeld" in go(story.team, QUEUE).body.section("Waiting for confirmation").text
    go(story.team, "profile/confirm/", status=403)
    story.italian.press("Confirm this version")
    go(story.italian, "profile/release/", status=403)
    assert step(story.team) == "Release the profile"
    assert "Krefeld" in go(story.bbsr, QUEUE).body.section("Confirmed by all cities").text
    story.bbsr.follow("Read and release")
    read = story.bbsr.page.main.one("dd", class_="hash").text
    story.bbsr.press("Release this version")
    facts = go(story.italian, "profile/versions/1/").main
    assert (facts.fact("Status"), facts.fact("Checksum (SHA-256)")) == ("Released", read)


def test_document_is_opened_to_the_public_on_a_page_of_its_own(story):
    add_document(story.german, "Guide to open libraries")
    assert "Guide to open libraries" not in story.public_page().main.text
    story.german.follow("Change who may read it")
    shown = story.german.page.main.section("How the public would see it").text
    assert "Guide to open libraries" in shown
    page = story.german.press("Save", visibility="public")
    assert "Confirm that everybody may read it." in page.main.text
    story.german.press("Save", visibility="public", sure="on")

    listed = story.public_page().main.section("Documents")
    (link,) = (a for a in listed.all("a") if a.text == "Guide to open libraries")
    assert fetch(link["href"]) == ("application/pdf", PDF)


def test_guest_of_a_topic_reads_that_topic_and_meets_404_everywhere_else(story):
    go(story.guest, "topics/", status=404)
    krefeld, arezzo = (member(story.tandem, name).municipality_id for name in ("Krefeld", "Arezzo"))
    topic = {"focus_de": "Offene Bibliotheken", "focus_en": "Open libraries", "stage": "learning"}
    flow = {"direction": "directed", "giver": arezzo, "seeker": krefeld}
    do(story.german, "topics/add/", "Add the topic", **topic, **flow)
    address = story.german.url
    story.german.follow("Add a guest")
    page = story.german.press("Add as a guest", municipality=story.venlo.pk)
    assert "Venlo can now see this topic as a guest." in page.main.text

    story.guest.open("/en/dashboard/")
    page = story.guest.follow("Open libraries")
    assert story.guest.url == address
    assert page.main.one("p", class_="flow").text == "Arezzo gives Krefeld seeks"
    assert not [name for name in PEOPLE if name in page.main.text]
    for name in ("", *(f"{page}/" for page in PAGES.split())):
        go(story.guest, name, status=404)
    assert "Arezzo gives" in story.public_page().main.text

    story.german.open(address)
    story.german.follow("End guest access")
    story.german.press("Save the last day")
    story.guest.open(address, status=404)


def test_draft_is_compared_set_aside_and_old_versions_are_restored(story):
    publish(story)
    do(story.german, "profile/", "Start a draft")
    write(story.german, "summary", "en", "Krefeld and Arezzo close their libraries.")
    shown = go(story.german, "profile/changes/").main
    assert (shown.texts("del"), shown.texts("ins")) == (["open"], ["close"])
    page = do(story.german, "profile/set-aside/", "Set the draft aside")
    assert page.main.texts("span", class_="status") == ["Set aside", "Released"]
    assert step(story.german) != "Submit the profile"

    restore(story.italian, 2)
    summary = go(story.italian, "profile/sections/summary/?language=en").main.one("textarea")
    assert "close their libraries" in "".join(summary.children)
    do(story.italian, "profile/submit/", "Submit for confirmation")
    do(story.german, "profile/confirm/", "Confirm this version")
    release(story.team)
    assert "close their libraries" in story.public_page().main.text

    page = restore(story.german, 1)
    assert "Version 4 draft" in page.main.fact("On its way")
    assert IN_ENGLISH in go(story.german, "profile/preview/").main.text
    assert "close their libraries" in story.public_page().main.text


def restore(walker, number):
    do(walker, f"profile/versions/{number}/restore/", "Restore as a draft")
    return go(walker, "profile/")


def test_officer_enters_the_directory_is_found_and_withdraws(story):
    directory = "/en/accounts/directory/"
    entry = {"office": "City library", "works_on": "Libraries open at night"}
    page = do(story.german, f"{directory}entry/", "Save", **entry)
    assert "Without your consent there is no entry." in page.main.text
    assert "Greta Goldammer" in story.german.press("Save", agrees="on", **entry).main.text

    for walker in (story.italian, story.guest, story.team):
        page = do(walker, directory, "Show", q="night")
        assert page.main.texts("h3") == ["Greta Goldammer"]
        assert "@" not in page.main.text
    assert "Greta" not in Walker().open(directory).html

    do(story.german, f"{directory}withdraw/", "Delete my entry now")
    assert "in the directory yet" in story.italian.open(directory).main.text


def mails_to(name):
    """Return the mails to somebody in the order in which they were written."""
    address = User.objects.get(name=name).email
    return [mail for mail in Email.objects.order_by("pk") if address in mail.to]


def test_digest_comes_in_the_morning_and_its_link_ends_it(story):
    paces = {"tandem_profile": "daily", "tandem_documents": "daily"}
    do(story.italian, "/en/accounts/notices/", "Save", **paces)
    add_document(story.german, "Guide to open libraries")
    add_document(story.german, "What the team alone reads", pdf("team"), visibility="team")
    publish(story)
    assert send_due_notices() == 0
    assert mails_to("Ilaria Usignolo") == []

    story.clock.move_to(WEDNESDAY)
    send_due_notices()
    send_due_notices()

    (mail,) = mails_to("Ilaria Usignolo")
    assert mail.subject == "New in your partnerships"
    for words in ("Guide to open libraries", "Krefeld has submitted the profile."):
        assert words in mail.message
    assert "What the team alone reads" not in mail.message
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    visitor = Walker()
    visitor.open(urlsplit(mail.headers["List-Unsubscribe"].strip("<>")).path)
    page = visitor.press("Stop these e-mails")
    assert "You will no longer receive these e-mails" in page.main.text

    story.sign_in()
    add_document(story.german, "Plan of the reading room", pdf("plan"))
    story.clock.move_to(WEDNESDAY + DAY)
    assert send_due_notices() > 0
    assert mails_to("Ilaria Usignolo") == [mail]


def test_city_leaves_reads_up_to_its_last_day_and_the_public_page_tells_it(story):
    publish(story)
    add_document(story.german, "Guide to open libraries")
    promise = {"text": "Arezzo sends a copy of its keys.", "due_on": "2026-06-30"}
    do(story.italian, "commitments/", "Record the commitment", **promise)
    story.clock.move_to(WEDNESDAY)
    story.sign_in()
    add_document(story.german, "Plan of the reading room", pdf("plan"))

    let_arezzo_go(story)

    settled = go(story.german, "commitments/").main.section("Settled").text
    assert f"{promise['text']} Arezzo · Nobody goes on with it." in settled
    assert "Visit to Arezzo" in go(story.german, "meetings/").main.section("Coming up").text
    go(story.german, "membership/", status=403)
    page = go(story.italian)
    assert "Your city left this partnership on 3 March 2026." in page.main.text
    assert page.main.section("Open commitments").texts("h3") == [promise["text"]]
    assert go(story.italian, "documents/").main.texts("h3") == ["Guide to open libraries"]
    assert "Greta Goldammer" not in go(story.italian, "people/").main.text
    for name in ("documents/add/", "topics/add/", "profile/submit/", "profile/comment/"):
        go(story.italian, name, status=403)
    for name in ("profile/start/", "commitments/"):
        refused(story.italian, name, promise)

    first, last = story.public_page().main.one("ol", class_="timeline").texts("li")
    assert first == "17 May 2022 Krefeld and Arezzo start learning from each other."
    assert last == "3 March 2026 Arezzo leaves the programme. Reason: a new mayor."
    (row,) = go(story.team, "/admin/tandems/tandem/overview/").body.one("tbody").all("tr")
    assert row.one("strong").text == "A partner is missing"
    assert "As of 1 day ago" in row.text


def let_arezzo_go(story):
    """Let the team record the last day: the commitment is dropped, the meeting goes on."""
    go(story.team, f"membership/{member(story.tandem, 'Arezzo').pk}/leave/")
    names = {one["name"] for one in story.team.page.main.all("input", type="radio")}
    fates = {name: "dropped" if "commitment" in name else "goes_on" for name in names}
    assert len(fates) == 2
    why = {"reason_de": "ein neuer Bürgermeister", "reason_en": "a new mayor", "is_public": "on"}
    last = {"left_on": "2026-03-03", "drop_note": "Nobody goes on with it."}
    story.team.press("Record the last day", **last, **why, **fates)


def test_whole_workspace_speaks_german(story):
    publish(story, "de", IN_SHORT)
    add_document(story.german, "Leitfaden")
    home = story.german.open(f"/de/{ROOM.removeprefix('/en/')}")
    menu = home.main.one("nav", class_="ways-row").all("a")[:-1]
    names = "Stand der Dinge Profil Themen Treffen Zusagen Lerntagebuch Dokumente Personen Verlauf"
    assert " ".join(link.text for link in menu) == names
    parts = "Profil Themen Treffen Offene Zusagen Neueste Dokumente Letzte Änderungen"
    assert " ".join(home.main.texts("h2")[-6:]) == parts
    for link in menu:
        page = story.german.open(link["href"])
        assert (page.language, page.heading) == ("de", link.text)
        assert not re.search(r"\b(the|of|is|are|has|with|no)\b", page.main.text)
