"""A peer consultation from its preparation to the sentence that everybody may read."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from tests.journeys.meeting_steps import Person, Post, city, partnership, person

pytestmark = pytest.mark.django_db
#: A Tuesday, ten in the morning in Hamm.
TUESDAY = dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ROOM = "tandems/hamm-arezzo/workspace/"
#: What is said behind the door, by the phase in which it is said.
SAID = {
    "title": "Sensoren ohne Betreiber",
    "account": "Die Stadtwerke wollen nicht mehr.",
    "question": "Was kostet ein Sensor?",
    "answer": "Vierzig Euro im Jahr.",
    "key": "Wie finden wir einen Betreiber?",
    "method": "Ideen, denn die Zeit ist kurz.",
    "advice": "Fragen Sie die Feuerwehr.",
    "note": "Die Feuerwehr fährt ohnehin vorbei.",
    "valuable": "Niemand hat mir Vorwürfe gemacht.",
}
STEP = "Hamm spricht mit der Feuerwehr."
SENTENCES = {"de": "Wer ohnehin vorbeikommt, kann pflegen.", "en": "Who passes by can look after."}
CLOSED = (
    "This consultation is confidential. Only those who have a part in it read what it is about "
    "and what is said."
)
OPEN_DOOR = ("giver", "facilitator", "scribe", "adviser")


class Story:
    """Hamm and Arezzo with everybody who has a part, and those who have none."""

    def __init__(self, clock, language):
        self.clock, self.language, self.post = clock, language, Post()
        hamm = city("Hamm", "DE", ["de"], "Europe/Berlin")
        arezzo = city("Arezzo", "IT", ["it"], "Europe/Rome")
        venlo = city("Venlo", "NL", ["nl"], "Europe/Amsterdam")
        partnership(hamm, arezzo)
        partnership(city("Krefeld", "DE", ["de"], "Europe/Berlin"), venlo)
        self.hamm, self.arezzo = hamm, arezzo
        rome = "Europe/Rome"
        self.people = {
            "lead": person(language, "contact", hamm, "Greta Goldammer"),
            "giver": person(language, "colleague", hamm, "Kurt Kiebitz"),
            "facilitator": person(language, "contact", arezzo, "Ilaria Usignolo", rome),
            "scribe": person(language, "colleague", arezzo, "Tito Tordo", rome),
            "adviser": person(language, "deputy", arezzo, "Marta Merlo", rome),
            "team": person(language, "coordinator", None, "Petra Pirol"),
            "bbsr": person(language, "bbsr", None, "Bernd Bussard"),
            "neighbour": person(language, "contact", venlo, "Vera Vink", "Europe/Amsterdam"),
        }
        self.visitor = Person(language)

    def __getattr__(self, name):
        return self.people[name]

    def pass_minutes(self, number):
        self.clock.shift(number * MINUTE)


@pytest.fixture(params=["de", "en"])
def story(request):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield Story(clock, request.param)


def test_consultation_goes_through_its_phases_and_one_sentence_becomes_public(story):
    plan_it(story)
    prepare_it(story)
    begin_with_roles(story)
    tell_the_case(story)
    find_the_key_question(story)
    choose_the_method(story)
    advise(story)
    close_it(story)
    keep_it_among_themselves(story)
    release_a_sentence(story)


def plan_it(story):
    """Plan the meeting and announce it; nothing of the case stands anywhere yet."""
    lead = story.lead
    lead.enter(ROOM)
    lead.go("Meetings", "Plan a meeting")
    when = {"when": "times", "first_day": "2026-03-03", "start_time": "10:00", "end_time": "11:00"}
    titles = {"title_de": "Beratung im März", "title_en": "Advice in March"}
    link = {"format": "virtual", "remote_link": "https://meet.example.org/door"}
    lead.do("Plan the meeting", kind="consultation", **titles, **link, **when)
    story.page = lead.url.split("/", 2)[2]
    story.room = f"{story.page}consultation/"
    lead.go("Announce it publicly")
    lead.do("Announce the meeting")
    lead.go("Public page")
    story.public = lead.url
    story.post.arrive()


def prepare_it(story):
    """Let the case giver prepare it: everybody has one role, and the giver does not facilitate."""
    giver = story.giver
    giver.enter(story.page)
    giver.go("Consultation", "Prepare the consultation")
    keys = {name: story.people[name].user.pk for name in OPEN_DOOR}
    parts = {
        "case_giver": keys["giver"],
        "facilitator": keys["giver"],
        "scribe": keys["scribe"],
        "advisers": [keys["adviser"]],
    }
    about = {"title": SAID["title"], "case_city": story.hamm.pk, "language": "de", "mode": "live"}
    giver.do("Save", **about, **parts)
    giver.told("This person has another role; choose somebody else.")
    giver.do("Save", facilitator=keys["facilitator"])
    giver.sees(SAID["title"])
    letters = story.post.arrive()
    others = (story.facilitator, story.scribe, story.adviser)
    assert sorted(letters) == sorted(one.user.email for one in others)
    for (letter,) in letters.values():
        assert SAID["title"] not in letter.subject + letter.text
    (letter,) = letters[story.adviser.user.email]
    assert story.adviser.say("adviser") in letter.text
    story.adviser.open(letter.link("/consultation/"))
    story.adviser.sees(SAID["title"])


def begin_with_roles(story):
    """Let the facilitator alone begin; anybody with a part notes something."""
    for who in (story.giver, story.scribe, story.adviser, story.lead, story.team):
        refuse(story, who, "begin")
    facilitator = enter(story, "facilitator")
    facilitator.do("Begin with the first phase")
    facilitator.told("Phase %(number)s of 6: %(name)s", number=1, name=facilitator.say("Roles"))
    refuse(story, story.adviser, "write", phase=1, kind="advice", text=SAID["advice"])
    outside(story)


def tell_the_case(story):
    """Tell the case and ask; advice is refused, and nobody but the facilitator moves on."""
    move_on(story, 2)
    giver = enter(story, "giver")
    giver.do("Add it", kind="account", text=SAID["account"])
    adviser = enter(story, "adviser")
    adviser.sees(SAID["account"])
    adviser.do("Add it", text=SAID["question"])
    refuse(story, adviser, "write", phase=2, kind="advice", text="Rat")
    refuse(story, adviser, "write", phase=5, kind="question", text="Rat")
    giver = enter(story, "giver")
    giver.sees(SAID["question"])
    giver.do("Add it", kind="answer", text=SAID["answer"])


def find_the_key_question(story):
    """Propose and take a key question; without one there is no next phase."""
    move_on(story, 3)
    facilitator = enter(story, "facilitator")
    facilitator.do("Begin the next phase")
    missing = "The key question is missing: the case giver sets it in this phase."
    facilitator.told(missing)
    facilitator.do("Add it", kind="key_question", text=SAID["key"])
    adviser = enter(story, "adviser")
    assert not adviser.main.all("textarea")
    giver = enter(story, "giver")
    giver.do("Take this as the key question")
    assert SAID["key"] in giver.main.one("section", class_="next").text


def choose_the_method(story):
    """Propose a method and set one; a late text of the phase before is shown, not lost."""
    late = enter(story, "giver")
    move_on(story, 4)
    late.do("Add it", text="Noch eine Frage?")
    late.told("Another phase has begun meanwhile; what you wrote was not added.")
    assert "Noch eine Frage?" in late.main.one("section", class_="note--warn").text
    adviser = enter(story, "adviser")
    adviser.do("Add it", text=SAID["method"])
    facilitator = enter(story, "facilitator")
    facilitator.do("Set the method", method="ideas")
    facilitator.misses("Noch eine Frage?")


def advise(story):
    """Let the advisers speak and the scribe note; the case giver only listens."""
    move_on(story, 5)
    adviser = enter(story, "adviser")
    adviser.do("Add it", text=SAID["advice"])
    scribe = enter(story, "scribe")
    scribe.do("Add it", text=SAID["note"])
    giver = enter(story, "giver")
    giver.told("You only listen now. In the last phase you say what was valuable.")
    giver.sees(SAID["advice"])
    assert not giver.main.all("textarea")
    for kind in ("answer", "account", "advice", "note"):
        refuse(story, giver, "write", phase=5, kind=kind, text="Ja, aber.")
    story.pass_minutes(12)
    facilitator = enter(story, "facilitator")
    assert facilitator.main.all("p", class_="status--unconfirmed")
    outside(story)


def close_it(story):
    """Give the case giver the last word; the first step with a day becomes a commitment."""
    giver = enter(story, "giver")
    giver.enter(f"{story.room}close/")
    giver.told("The last phase has not begun yet.")
    move_on(story, 6)
    refuse(story, story.adviser, "write", phase=6, kind="advice", text="Noch etwas.")
    refuse(story, story.facilitator, "close", valuable="Gut.")
    giver.enter(story.room)
    giver.go("Say what was valuable, and close")
    giver.do("Close it", valuable=SAID["valuable"], due_on="2026-04-30")
    giver.told("Say what the first step is.")
    giver.do("Close it", valuable=SAID["valuable"], first_step=STEP, due_on="2026-04-30")
    giver.told("The consultation is closed. Thank you for the case.")
    for name in OPEN_DOOR:
        enter(story, name).sees(*SAID.values(), STEP)
    facilitator = story.facilitator
    facilitator.enter(f"{ROOM}commitments/")
    facilitator.click(STEP)
    assert facilitator.main.fact(facilitator.say("Municipality")) == "Hamm"
    story.lead.enter(f"{story.page}commitments/")
    story.lead.sees(STEP)


def keep_it_among_themselves(story):
    """Find nothing of it anywhere else: no page, no calendar, no mail of the next days."""
    outside(story)
    for name in ("lead", "team", "bbsr"):
        who = story.people[name]
        for path in (story.page, ROOM, f"{ROOM}history/", f"{ROOM}meetings/", "dashboard/"):
            who.enter(path)
            who.misses(*SAID.values())
    for moment in (dt.datetime(2026, 3, 4, 6, 30), dt.datetime(2026, 3, 9, 8)):
        story.clock.move_to(moment.replace(tzinfo=dt.UTC))
        for letters in story.post.arrive().values():
            told = "".join(one.subject + one.text for one in letters)
            assert not [text for text in SAID.values() if text in told]
    for name, before in story.people.items():
        story.people[name] = Person(before.language, before.user)


def release_a_sentence(story):
    """Release one sentence after seeing what visitors will see; nothing else becomes public."""
    lead, giver = story.lead, story.giver
    refuse(story, lead, "release", step="release", sentence_de="Nein.")
    refuse(story, story.facilitator, "release", step="release", sentence_de="Nein.")
    visit(story)
    story.visitor.misses(*SENTENCES.values(), *SAID.values(), STEP)
    giver = enter(story, "giver")
    giver.go("Release a sentence for the public")
    giver.do("Show what visitors will see")
    giver.told("Write the sentence in one language at least.")
    words = {f"sentence_{code}": text for code, text in SENTENCES.items()}
    giver.do("Show what visitors will see", **words)
    shown = giver.main.section(giver.say("What visitors will see"))
    assert shown.texts("blockquote") == list(SENTENCES.values())
    visit(story)
    story.visitor.misses(*SENTENCES.values())
    giver.do("Release this sentence")
    giver.told("The sentence is released. You can withdraw it at any time.")
    visit(story)
    story.visitor.sees(SENTENCES[story.language])
    story.visitor.misses(*SAID.values(), STEP, "Kiebitz", "Usignolo", "meet.example.org")
    giver.go("Change or withdraw the public sentence")
    giver.do("Withdraw the sentence")
    visit(story)
    story.visitor.misses(*SENTENCES.values())


def enter(story, name):
    """Open the room as one of those with a part."""
    who = story.people[name]
    who.enter(story.room)
    return who


def refuse(story, who, name, **fields):
    """Send a form that the room does not show to this person: it is forbidden."""
    answer = who.client.post(f"/{story.language}/{story.room}{name}/", fields)
    assert answer.status_code == 403, (name, fields, answer.status_code)


def move_on(story, phase):
    """Let the facilitator begin the next phase, five minutes later; nobody else can."""
    story.pass_minutes(5)
    for name in ("giver", "scribe", "lead"):
        who = story.people[name]
        who.enter(story.room)
        assert not [one for one in who.main.all("form") if "/next/" in one["action"]]
        refuse(story, who, "next", phase=phase - 1)
    facilitator = enter(story, "facilitator")
    facilitator.do("Begin the next phase")
    assert facilitator.main.one("li", **{"aria-current": "step"}).text.startswith(f"{phase}.")


def outside(story):
    """Fail if anybody without a part reads what is said, or the state of the room."""
    for name in ("lead", "team", "bbsr"):
        who = story.people[name]
        who.enter(story.room)
        who.told(CLOSED)
        who.misses(*SAID.values())
        who.enter(f"{story.room}watch/")
        who.misses(*SAID.values())
        who.enter(f"{story.room}state/", status=403)
    story.neighbour.enter(story.room, status=404)
    stranger = Person(story.language)
    stranger.enter(story.room)
    assert "login" in stranger.url


def visit(story):
    """Open the public page as a visitor does once the kept copy is old."""
    story.clock.shift(120)
    story.visitor.open(story.public)
