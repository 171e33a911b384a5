"""People, their pages and the mails that reach them, for the journeys about meetings."""

from __future__ import annotations

import datetime as dt
import email.policy
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core import mail
from django.utils import translation
from django.utils.translation import gettext, ngettext
from icalendar import Calendar, Event

from accounts.models import User
from core.management.commands.run_jobs import run_all
from municipalities.models import Municipality
from tests.cycle import MunicipalityFactory, TandemFactory, TandemMemberFactory
from tests.factories import make_user
from tests.reading import Document, Element
from tests.walking import Walker

#: A Tuesday, noon in Hamm and in Arezzo.
TUESDAY = dt.datetime(2026, 3, 3, 11, tzinfo=dt.UTC)
#: The next morning, when the daily mails are written.
WEDNESDAY = dt.datetime(2026, 3, 4, 6, 30, tzinfo=dt.UTC)
LINK = "https://meet.example.org/hamm-arezzo"
TITLES = {"title_de": "Sensoren am Fluss", "title_en": "Sensors by the river"}
ROOM = "tandems/hamm-arezzo/workspace/"
OTHER = {"de": "en", "en": "de"}


def words(language: str, text: str, **values: Any) -> str:
    """Return a sentence of the portal in a language; of German it must be in the catalogue."""
    with translation.override(language):
        found = gettext(text)
    assert language == "en" or found != text or " " not in text, f"no German for {text!r}"
    return found % values if values else found


def counted(language: str, one: str, many: str, name: str, number: int) -> str:
    """Return a sentence with a number in it."""
    with translation.override(language):
        return ngettext(one, many, number) % {name: number}


class Person(Walker):
    """Somebody who reads the portal in one language; links and buttons are named in English."""

    def __init__(self, language: str, user: User | None = None) -> None:
        super().__init__(user)
        self.language, self.user = language, user

    def say(self, text: str, **values: Any) -> str:
        return words(self.language, text, **values)

    def enter(self, path: str, status: int = 200) -> Document:
        """Open a page by its path without the language."""
        return self.open(f"/{self.language}/{path}", status)

    def go(self, *names: str) -> Document:
        """Follow one link after another; what is named exactly so comes first."""
        for name in names:
            self.click(self.say(name))
        return self.page

    def click(self, text: str, within: Element | None = None) -> Document:
        """Follow a link of the page, or of a part of it, by its text as it stands there."""
        menu = self.main.all("nav", class_="account-menu")
        apart = [one for nav in menu for one in nav.all("a")]
        links = [one for one in (within or self.main).all("a") if one not in apart]
        found = [one for one in links if one.text == text] or [
            one for one in links if one.text.startswith(text)
        ]
        assert found, f"no link “{text}” on {self.url}: {[one.text for one in links]}"
        return self.open(urljoin(self.url, found[0]["href"]))

    def do(self, button: str, /, *, status: int = 200, **fields: Any) -> Document:
        """Fill in and press a button, named in English."""
        return self.press(self.say(button), status=status, **fields)

    @property
    def main(self) -> Element:
        return self.page.main

    def sees(self, *texts: str) -> None:
        """Fail unless these words stand on the page."""
        for text in texts:
            assert text in self.main.text, f"{text!r} is not on {self.url}:\n{self.main.text}"

    def count(self, number: int) -> str:
        """Return how many people came, as a public page says it."""
        return counted(self.language, "%(number)s person", "%(number)s people", "number", number)

    def told(self, text: str, **values: Any) -> None:
        """Fail unless the page says this sentence of the portal."""
        self.sees(self.say(text, **values))

    def misses(self, *texts: str) -> None:
        """Fail if any of these words stands anywhere in the page."""
        for text in texts:
            assert text not in self.page.html, f"{text!r} is on {self.url}"

    def entry(self, text: str) -> Element:
        """Return the only entry of a list in which these words stand."""
        (found,) = [one for one in self.main.all("li", class_="entry") if text in one.text]
        return found

    def radios(self) -> list[str]:
        """Return the names of what is chosen on the page by radio buttons, in their order."""
        return list(dict.fromkeys(one["name"] for one in self.main.all("input", type="radio")))

    def label_of(self, box: Element) -> str:
        """Return what stands beside a box."""
        return self.main.one("label", **{"for": box["id"]}).text

    def field(self, label: str) -> str:
        """Return the name of the only field whose label begins so."""
        labels = [one for one in self.main.all("label") if one.text.startswith(label)]
        (found,) = labels
        by_id = {one.attributes.get("id"): one for one in self.main.all()}
        return by_id[found["for"]]["name"]


@dataclass(frozen=True)
class Letter:
    """A mail as it arrived: subject, text, and the calendar in it."""

    to: str
    subject: str
    text: str
    calendar: Calendar | None

    @property
    def links(self) -> list[str]:
        """Return the paths of its links, in their order."""
        own = re.findall(rf"{re.escape(settings.PUBLIC_URL)}(/\S+)", self.text)
        return [urlsplit(link).path for link in own]

    def link(self, part: str) -> str:
        """Return the only link in whose path this part stands."""
        (found,) = dict.fromkeys(link for link in self.links if part in link)
        return found

    @property
    def event(self) -> Event:
        """Return the only event of its calendar."""
        assert self.calendar is not None, self.subject
        (event,) = self.calendar.walk("VEVENT")
        return event

    @property
    def method(self) -> str:
        assert self.calendar is not None, self.subject
        return str(self.calendar["method"])


class Post:
    """The mailboxes of everybody: the jobs of the night send, and what arrives is read here."""

    def __init__(self) -> None:
        self.read = 0

    def arrive(self) -> dict[str, list[Letter]]:
        """Let the jobs run, twice as their process does; return what is new, by address."""
        assert run_all() == []
        assert run_all() == []
        new, self.read = mail.outbox[self.read :], len(mail.outbox)
        found: dict[str, list[Letter]] = {}
        for one in new:
            (address,) = one.to
            found.setdefault(address, []).append(letter_of(one, address))
        return found


def letter_of(message: Any, address: str) -> Letter:
    """Return a sent mail as a mail program reads it."""
    whole = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    parts = [part for part in whole.walk() if part.get_content_type() == "text/calendar"]
    calendar = None
    if parts:
        content = parts[0].get_payload(decode=True)
        calendar = Calendar.from_ical(content)
        assert parts[0].get_param("method") == str(calendar["method"])
    body = whole.get_body(("plain",))
    assert body is not None
    return Letter(address, str(whole["subject"]).strip(), body.get_content(), calendar)


def calendar_at(path: str) -> dict[str, Event]:
    """Return the events of a calendar as a calendar program fetches them, by their titles."""
    answer = Walker().client.get(urlsplit(path).path)
    assert answer.status_code == 200
    calendar = Calendar.from_ical(answer.getvalue())
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def city(name: str, country: str, languages: list[str], zone: str) -> Municipality:
    """Return a municipality that has the same name in both languages."""
    return MunicipalityFactory(
        name_de=name,
        name_en=name,
        slug=name.lower(),
        country=country,
        languages=languages,
        time_zone=zone,
    )


def partnership(*cities: Municipality, **fields: Any) -> Any:
    """Return a partnership at work whose members are these cities."""
    names = [place.name_en for place in cities]
    slug = "-".join(place.slug for place in cities)
    tandem = TandemFactory(
        slug=slug,
        name_de=" und ".join(names),
        name_en=" and ".join(names),
        **{"status": "active", **fields},
    )
    for position, place in enumerate(cities):
        TandemMemberFactory(tandem=tandem, municipality=place, position=position)
    return tandem


def person(
    language: str, role: str, place: Municipality | None, name: str, zone: str = "Europe/Berlin"
) -> Person:
    """Return somebody with an office, signed in, who reads mails and pages in the language."""
    user = make_user(role, place)
    User.objects.filter(pk=user.pk).update(name=name, language=language, time_zone=zone)
    return Person(language, User.objects.get(pk=user.pk))


class Story:
    """Hamm and Arezzo with their contacts, the project team, and a clock."""

    def __init__(self, clock, language):
        self.clock, self.language, self.post = clock, language, Post()
        hamm = city("Hamm", "DE", ["de"], "Europe/Berlin")
        arezzo = city("Arezzo", "IT", ["it"], "Europe/Rome")
        self.tandem = partnership(hamm, arezzo)
        self.cities = {"hamm": hamm, "arezzo": arezzo}
        self.hamm = person(language, "contact", hamm, "Greta Goldammer")
        self.helper = person(language, "colleague", hamm, "Kurt Kiebitz")
        self.arezzo = person(language, "contact", arezzo, "Ilaria Usignolo", "Europe/Rome")
        self.visitor = Person(language)
        self.title = TITLES[f"title_{language}"]

    def until(self, moment):
        """Let time pass; everybody signs in anew."""
        self.clock.move_to(moment)
        for name in ("hamm", "helper", "arezzo"):
            before = getattr(self, name)
            setattr(self, name, Person(before.language, before.user))


def plan_without_a_date(story):
    """Plan a working meeting from the partnership's area; a title is asked for, a date is not."""
    hamm = story.hamm
    hamm.enter(ROOM)
    hamm.go("Meetings", "Plan a meeting")
    hamm.do("Plan the meeting", kind="working_meeting", when="open", format="virtual")
    hamm.told("Give the title in at least one language.")
    hamm.do("Plan the meeting", **TITLES)
    story.page = hamm.url.split("/", 2)[2]
    assert hamm.page.heading == story.title
    hamm.told("The date is not fixed yet.")
    hamm.told("Not prepared yet")
    stranger = Person(story.language)
    stranger.enter(story.page)
    assert "login" in stranger.url


def find_a_date(story):
    """Propose three dates; Arezzo answers by the link in its mail, Hamm signed in."""
    hamm, arezzo = story.hamm, story.arezzo
    hamm.go("Date", "Propose dates")
    dates = {}
    for number, day in enumerate((17, 18, 24)):
        dates |= {f"day-{number}": f"2026-03-{day}"}
        dates |= {f"start-{number}": "10:00", f"end-{number}": "12:00"}
    hamm.do("Ask everybody", **dates, note="12 + 3")
    letters = story.post.arrive()
    everybody = (hamm, story.helper, arezzo)
    assert sorted(letters) == sorted(one.user.email for one in everybody)
    (letter,) = letters[arezzo.user.email]
    assert "12 + 3" in letter.text
    assert letter.text.count("10:00–12:00") == 3

    guest = Person(story.language)
    guest.open(letter.link("/dates/"))
    guest.told("You answer as %(name)s.", name="Ilaria Usignolo")
    guest.do("Send my answer")
    guest.told("Choose for at least one date whether it suits you.")
    first, second, third = guest.radios()
    guest.do("Send my answer", **{first: "no", second: "yes", third: "if_need_be"})
    guest.told("Your answer is saved. You can change it as long as the poll is open.")
    guest.misses("Greta Goldammer", "Kurt Kiebitz")
    guest.enter(story.page)
    assert "login" in guest.url

    hamm.enter(f"{story.page}date/")
    hamm.do("Send my answer", **{first: "yes", second: "yes", third: "no"})
    best = hamm.entry(hamm.say("fits best so far"))
    assert "18" in best.text
    assert "Greta Goldammer (Hamm), Ilaria Usignolo (Arezzo)" in best.text
    hamm.sees(f"{hamm.say('No answer yet:')} Kurt Kiebitz (Hamm)")
    hamm.click(hamm.say("Choose this date"), best)
    hamm.do("Fix this date")
    hamm.told("The date is fixed. Everybody concerned is told.")
    assert "10:00–12:00" in hamm.main.one("p", class_="when").text
    at_once = set(story.post.arrive())
    assert {story.helper.user.email, arezzo.user.email} <= at_once
    assert hamm.user.email not in at_once
    story.until(WEDNESDAY)
    letters = story.post.arrive()
    assert sorted(letters) == sorted(one.user.email for one in (story.helper, arezzo))
    day = "18. März 2026" if story.language == "de" else "18 March 2026"
    dated = hamm.say("The meeting “%(meeting)s” has a date: %(day)s.", meeting=story.title, day=day)
    assert dated in letters[arezzo.user.email][0].text
    guest.open(letter.link("/dates/"))
    guest.told("The date poll is closed: answers are no longer taken.")


def ask_and_prepare(story):
    """Ask questions: the meeting is prepared once both have, and the link is known."""
    hamm, arezzo = story.hamm, story.arezzo
    hamm.enter(story.page)
    wanted = {
        place: hamm.say("Guiding questions from %(city)s", city=place)
        for place in ("Hamm", "Arezzo")
    }
    assert wanted["Arezzo"] not in hamm.main.texts("a")
    hamm.click(wanted["Hamm"])
    hamm.do("Save the questions", text_de_1="Wer pflegt die Sensoren?", decision_de_1="Stelle")
    hamm.enter(story.page)
    hamm.told("Not prepared yet")
    hamm.misses(wanted["Hamm"])

    arezzo.enter(story.page)
    arezzo.click(wanted["Arezzo"])
    arezzo.do("Save the questions", text_en_1="What does a reading cost?")
    hamm.enter(story.page)
    hamm.told("Not prepared yet")
    hamm.go("The link for taking part remotely")
    hamm.do("Save", remote_link="meet.example.org/hamm-arezzo")
    hamm.told("Prepared")
    hamm.told("The guiding questions are asked, and date and place are settled.")


def write_the_agenda(story):
    """Let both write the agenda; it adds up, and the briefing shows both languages."""
    hamm, arezzo = story.hamm, story.arezzo
    hamm.go("Agenda")
    for who, minutes, text in (
        (hamm, 90, {"text_de": "Betrieb der Sensoren", "text_en": "Running the sensors"}),
        (arezzo, 45, {"text_en": "Costs"}),
    ):
        who.enter(f"{story.page}agenda/")
        who.go("Add an item")
        questions = who.main.one("select", id="id_question").all("option")
        place = "Hamm" if who is hamm else "Arezzo"
        (key,) = [one["value"] for one in questions if one.text.startswith(f"{place}:")]
        who.do("Add the item", minutes=minutes, question=key, **text)
    over = "%(planned)s of %(available)s minutes are planned"
    arezzo.told(over, planned=135, available=120)
    assert arezzo.main.all("span", class_="status--time-over")
    arezzo.click(arezzo.say("Change"))
    arezzo.do("Save", minutes=75)
    arezzo.told(over, planned=120, available=120)
    assert not arezzo.main.all("span", class_="status--time-over")
    arezzo.sees("10:00–11:15", "11:15–12:00")

    arezzo.go("Briefing to print")
    german, english = arezzo.main.all("section", class_="briefing__side")
    assert (german["lang"], english["lang"]) == ("de", "en")
    for side, title, item in (
        (german, "Sensoren am Fluss", "Betrieb der Sensoren"),
        (english, "Sensors by the river", "Running the sensors"),
    ):
        for text in (title, item, LINK, "Wer pflegt die Sensoren?", "What does a reading cost?"):
            assert text in side.text
        assert "10:00" in side.text
