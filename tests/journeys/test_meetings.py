"""A meeting from its plan to what is left of it months later, told by pages and mails alone."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

import pytest
import time_machine

from tests.journeys.meeting_steps import (
    LINK,
    OTHER,
    ROOM,
    TITLES,
    TUESDAY,
    Person,
    Story,
    ask_and_prepare,
    calendar_at,
    find_a_date,
    person,
    plan_without_a_date,
    write_the_agenda,
)
from tests.walking import Walker

pytestmark = pytest.mark.django_db
#: What is promised at the meeting, by turns → by when.
DUE = {
    "Hamm schickt den Schaltplan.": "2026-04-10",
    "Arezzo druckt die Anleitung.": "2026-04-15",
    "Hamm fragt die Stadtwerke.": "2026-04-20",
    "Arezzo rechnet die Kosten aus.": "2026-11-30",
    "Hamm lädt die Feuerwehr ein.": "2026-12-01",
}
#: What a visitor reads of that after two of the days, and when the partnership is long over.
FATES = {
    "de": "5 Zusagen: 1 eingehalten, 4 offen (davon 1 ohne Rückmeldung).",
    "en": "Of 5 commitments 1 was kept, 4 are open (1 without an answer).",
}
LEFT = {
    "de": "5 Zusagen: 2 eingehalten, 1 fallen gelassen, 2 offen (davon 2 ohne Rückmeldung).",
    "en": "Of 5 commitments 2 were kept, 1 was dropped, 2 are open (2 without an answer).",
}
FROZEN = "These minutes are no longer a draft. What you typed has not been saved yet."
CAME = (("Arezzo IT", 4), ("Hamm DE", 1))


@pytest.fixture(params=["de", "en"])
def story(request):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield Story(clock, request.param)


def test_meeting_ends_in_commitments(story):
    plan_without_a_date(story)
    find_a_date(story)
    ask_and_prepare(story)
    write_the_agenda(story)
    invite(story)
    move_the_time(story)
    announce(story)
    subscribe(story)
    meet(story)
    write_the_minutes(story)
    agree_to_the_minutes(story)
    release_the_public_part(story)
    commit(story)
    plan_the_next_meeting(story)
    settle(story)
    write_the_log(story)
    end_and_ask(story)


def invite(story):
    """Invite everybody and a guest from outside, who answers by the link alone."""
    hamm = story.hamm
    hamm.enter(f"{story.page}invitations/")
    hamm.go("Choose reminders")
    hamm.do("Save", hours=["24"])
    hamm.go("Add people")
    hamm.told("Everybody who acts for one of the municipalities is on the list already.")
    guest = {"name": "Nefeli Nikolaou", "email": "nefeli@example.gr", "time_zone": "Europe/Athens"}
    hamm.do("Add the guest", **guest, language=OTHER[story.language])
    assert story.post.arrive() == {}
    hamm.do("Send the invitations")
    letters = story.post.arrive()
    people = [one.user.email for one in (hamm, story.helper, story.arezzo)]
    assert sorted(letters) == sorted([*people, "nefeli@example.gr"])
    (letter,) = letters["nefeli@example.gr"]
    for text in (TITLES[f"title_{OTHER[story.language]}"], "11:00–13:00", LINK):
        assert text in letter.text
    assert letter.method == "REQUEST"
    assert letter.event["DTSTART"].dt == dt.datetime(2026, 3, 18, 9, tzinfo=dt.UTC)
    assert "nefeli@example.gr" in str(letter.event["ATTENDEE"])
    story.first = letter

    story.guest = Person(OTHER[story.language])
    story.guest.open(letter.link("/answer/"))
    story.guest.do("Send the answer", reply="yes", note="Zug 9:40")
    story.guest.told("Your answer:")
    story.arezzo.enter(f"{story.page}reply/")
    story.arezzo.do("Send the answer", reply="yes")
    hamm.enter(f"{story.page}invitations/")
    row = hamm.entry("Nefeli Nikolaou").text
    assert hamm.say("is coming") in row
    assert "Zug 9:40" in row
    hamm.misses(hamm.say("Send the invitations"))


def move_the_time(story):
    """Move the meeting to the afternoon: only that is mailed, and everybody is asked again."""
    hamm = story.hamm
    hamm.enter(story.page)
    hamm.go("Change the plan")
    hamm.do("Save", start_time="14:00", end_time="16:00")
    letters = story.post.arrive()
    (letter,) = letters["nefeli@example.gr"]
    assert len(letters) == 4
    assert letter.method == "REQUEST"
    assert letter.event["UID"] == story.first.event["UID"]
    assert letter.event["SEQUENCE"] > story.first.event["SEQUENCE"]
    guest = story.guest
    for text in ("11:00–13:00", "15:00–17:00", guest.say("Date and time")):
        assert text in letter.text
    for text in (LINK, guest.say("Format"), guest.say("Place")):
        assert text not in letter.text
    guest.open(letter.link("/answer/"))
    guest.misses(guest.say("Your answer:"))
    guest.do("Send the answer", reply="yes")
    hamm.enter(f"{story.page}edit/")
    hamm.do("Save", description_de="Wir vergleichen den Betrieb.")
    assert story.post.arrive() == {}


def announce(story):
    """Announce it: a visitor reads plan and agenda, but no link, question or name."""
    hamm, visitor = story.hamm, story.visitor
    hamm.enter(story.page)
    hamm.go("Announce it publicly")
    hamm.do("Announce the meeting")
    hamm.told("The meeting is announced and now public.")
    hamm.go("Public page")
    story.public = hamm.url
    visit(story)
    visitor.sees(story.title, "14:00–16:00", "Hamm", "Arezzo")
    visitor.sees("Betrieb der Sensoren" if story.language == "de" else "Running the sensors")
    visitor.misses(LINK, "Wer pflegt", "Nefeli", "Goldammer", "Usignolo")


def visit(story):
    """Open the public page as a visitor does once the kept copy is old."""
    story.clock.shift(120)
    story.visitor.open(story.public)
    assert not story.visitor.client.cookies


def subscribe(story):
    """Subscribe to the own calendar: the link is in it, and a replaced address is worthless."""
    hamm = story.hamm
    hamm.enter("meetings/internal/")
    hamm.go("My calendar")
    hamm.do("Create my address")
    old = hamm.main.one("code", class_="secret").text
    events = calendar_at(old)
    assert list(events) == [story.title]
    assert LINK in str(events[story.title]["DESCRIPTION"])
    hamm.do("Replace the address")
    story.feed = hamm.main.one("code", class_="secret").text
    assert Walker().client.get(urlsplit(old).path).status_code == 404
    assert calendar_at(story.feed) == events


def meet(story):
    """Be reminded once; on the day, note that it took place, and who was there."""
    story.until(dt.datetime(2026, 3, 17, 13, 5, tzinfo=dt.UTC))
    letters = story.post.arrive()
    for address in (story.hamm.user.email, story.arezzo.user.email):
        assert story.hamm.say("Reminder") in " ".join(one.subject for one in letters[address])
    (letter,) = letters["nefeli@example.gr"]
    assert story.guest.say("Reminder") in letter.subject
    assert "15:00–17:00" in letter.text
    story.until(dt.datetime(2026, 3, 17, 13, 10, tzinfo=dt.UTC))
    assert story.post.arrive() == {}

    story.until(dt.datetime(2026, 3, 18, 15, 30, tzinfo=dt.UTC))
    hamm = story.hamm
    hamm.enter(story.page)
    hamm.go("Note that it took place")
    hamm.do("Note that the meeting took place")
    hamm.told("Noted: the meeting took place. Now write the minutes and the commitments.")
    hamm.go("Invitations", "Record who was there")
    came = {hamm.field(name): "on" for name in ("Greta Goldammer", "Ilaria Usignolo")}
    hamm.do("Save", **came, **{f"city-{story.cities['arezzo'].pk}": 4})
    visit(story)
    story.visitor.sees(*(f"{name} {story.visitor.count(number)}" for name, number in CAME))


def write_the_minutes(story):
    """Write the minutes together; where two write the same, both texts are shown."""
    hamm, helper, arezzo = story.hamm, story.helper, story.arezzo
    hamm.enter(f"{story.page}minutes/")
    hamm.do("Begin the minutes")
    written = [link["href"] for link in hamm.main.all("a") if "/entries/" in link["href"]]
    _add, *entries = written
    assert len(entries) == 4
    for who in (hamm, helper):
        who.open(entries[0])
    arezzo.open(entries[2])
    arezzo.do("Save", text="Every reading costs a cent.")
    helper.do("Save", text="Die Stadtwerke pflegen.")
    hamm.do("Save", text="Der Bauhof pflegt.", status=409)
    conflict = hamm.main.one("section", class_="conflict").text
    assert "Die Stadtwerke pflegen." in conflict
    assert "Der Bauhof pflegt." in conflict
    assert "Kurt Kiebitz" in conflict
    hamm.do("Save", text="Stadtwerke und Bauhof pflegen.")
    hamm.sees("Stadtwerke und Bauhof pflegen.", "Every reading costs a cent.")
    hamm.go("Public part")
    texts = {"de": "Ein **Cent** je Messung.", "en": "A **cent** for each reading."}
    hamm.do("Save", **{f"public_text_{code}": text for code, text in texts.items()})
    story.entry = entries[0]


def agree_to_the_minutes(story):
    """Send the minutes out, comment, return, send again, agree: after that nothing changes."""
    send(story)
    story.until(dt.datetime(2026, 3, 19, 6, 30, tzinfo=dt.UTC))
    hamm, helper, arezzo = story.hamm, story.helper, story.arezzo
    minutes = f"{story.page}minutes/"
    arezzo.open(story.post.arrive()[arezzo.user.email][-1].link("/minutes/"))
    arezzo.go("Comment on the minutes")
    arezzo.do("Send the comment", text="Bitte die Summe nennen.")
    hamm.enter(minutes)
    hamm.sees("Bitte die Summe nennen.")
    hamm.go("Turn them back into a draft")
    hamm.do("Back to the draft", note="Wir nennen die Summe.")
    hamm.open(story.entry)
    hamm.do("Save", text="Stadtwerke und Bauhof pflegen für 900 Euro.")
    helper.open(story.entry)
    send(story)
    for who in (hamm, arezzo):
        who.enter(minutes)
        who.go("Read and agree")
        who.sees("für 900 Euro", "Every reading costs a cent.")
        who.do("Agree to the minutes")
    arezzo.told("Thank you. All cities have agreed: the minutes count now.")
    helper.do("Save", text="Doch nicht.")
    helper.sees("Doch nicht.", helper.say(FROZEN))
    helper.enter(minutes)
    helper.sees("für 900 Euro")
    helper.misses("Doch nicht.")


def send(story):
    """Send the minutes out for agreement."""
    story.hamm.enter(f"{story.page}minutes/")
    story.hamm.go("Send out for agreement")
    story.hamm.do("Send out for agreement")
    story.hamm.told("The minutes are out for agreement. The cities have been told.")


def release_the_public_part(story):
    """Release what everybody may read, and nothing else becomes public."""
    visit(story)
    story.visitor.misses("Cent", "cent")
    story.hamm.enter(f"{story.page}minutes/")
    story.hamm.go("Release the public part")
    story.hamm.do("Release the public part")
    visit(story)
    part = "Ein Cent je Messung." if story.language == "de" else "A cent for each reading."
    story.visitor.sees(part)
    story.visitor.misses("900 Euro", "Summe", "Goldammer", "Usignolo", "Kiebitz", "Nefeli", LINK)


def commit(story):
    """Record five commitments; the sixth is refused, and its text stays in sight."""
    page = f"{story.page}commitments/"
    story.arezzo.enter(page)
    for number, (name, day) in enumerate(DUE.items()):
        who = story.hamm if number % 2 == 0 else story.arezzo
        who.enter(page)
        if number == 4:
            story.arezzo.enter(page)
        who.do("Record the commitment", text=name, due_on=day)
        who.told("The commitment has been recorded.")
    story.arezzo.do("Record the commitment", text="Noch eine.", due_on="2026-12-24")
    story.arezzo.told("A meeting takes up to five commitments; more are seldom kept.")
    assert "Noch eine." in "".join(story.arezzo.main.one("textarea").children)
    story.arezzo.enter(page)
    assert not story.arezzo.main.all("textarea")
    story.arezzo.misses("Noch eine.")


def plan_the_next_meeting(story):
    """Let Arezzo plan the next meeting: what is open stands on its agenda by itself."""
    arezzo = story.arezzo
    arezzo.enter(ROOM)
    arezzo.go("Meetings", "Plan a meeting")
    when = {"when": "times", "first_day": "2026-05-20", "start_time": "10:00", "end_time": "16:00"}
    where = {"format": "on_site", "place": "Palazzo Cavallo", "time_zone": "Europe/Rome"}
    arezzo.do("Plan the meeting", kind="return_visit", title_en="Visit", **when, **where)
    arezzo.go("Agenda")
    arezzo.told("What became of our commitments")
    arezzo.sees(*DUE)
    events = calendar_at(story.feed)
    assert sorted(events) == sorted([story.title, "Visit"])
    assert events["Visit"]["LOCATION"] == "Palazzo Cavallo"
    assert LINK not in str(events[story.title])
    story.next_page = arezzo.url.split("/", 2)[2]


def settle(story):
    """Let one be kept, one be moved; one is overdue, and a visitor reads that in words."""
    story.until(dt.datetime(2026, 4, 21, 8, tzinfo=dt.UTC))
    kept, moved, overdue, *_later = DUE
    hamm, arezzo = story.hamm, story.arezzo
    letters = story.post.arrive()
    assert overdue in " ".join(one.text for one in letters[hamm.user.email])
    hamm.enter(f"{ROOM}commitments/")
    hamm.click(kept)
    hamm.do("Save", step="kept", note="Per Post.")
    arezzo.enter(f"{ROOM}commitments/")
    arezzo.click(moved)
    arezzo.do("Save", step="moved", due_on="2026-06-30")
    arezzo.told("Give the reason in a sentence.")
    arezzo.do("Save", step="moved", due_on="2026-06-30", note="Der Drucker.")
    arezzo.enter(f"{ROOM}commitments/")
    unanswered = arezzo.main.section(arezzo.say("Without an answer"))
    assert unanswered.texts("h3") == [overdue]
    assert kept in arezzo.main.section(arezzo.say("Settled")).text
    arezzo.enter(story.next_page)
    arezzo.sees(moved, overdue)
    arezzo.misses(kept)
    visit(story)
    story.visitor.sees(FATES[story.language])
    story.visitor.misses(*DUE, "Per Post.", "Der Drucker.", "Goldammer", "Usignolo", LINK)


def write_the_log(story):
    """Write two entries of the learning log: one for everybody, one for the own city alone."""
    hamm = story.hamm
    for text, visibility in (("Ein Cent genügt.", "public"), ("Wir sind zu langsam.", "city")):
        hamm.enter(ROOM)
        hamm.go("Learning log", "Write an entry")
        hamm.do("Save the entry", learned=text, visibility=visibility, happened_on="2026-03-18")
        hamm.sees(text)
    story.arezzo.enter(f"{ROOM}log/")
    story.arezzo.sees("Ein Cent genügt.")
    story.arezzo.misses("Wir sind zu langsam.")
    story.clock.shift(120)
    story.visitor.enter("tandems/hamm-arezzo/")
    story.visitor.sees("Ein Cent genügt.", FATES[story.language])
    story.visitor.misses("Wir sind zu langsam.", *DUE, "Goldammer", LINK)


def end_and_ask(story):
    """End the partnership: half a year later Hamm answers by a link, and Arezzo is silent."""
    story.until(dt.datetime(2026, 6, 1, 8, tzinfo=dt.UTC))
    team = person(story.language, "coordinator", None, "Petra Pirol")
    team.enter(f"{ROOM}membership/end/")
    team.do("End the partnership", outcome="completed", ended_on="2026-05-31")
    team.told("The partnership has ended.")
    story.post.arrive()

    story.until(dt.datetime(2026, 11, 30, 11, tzinfo=dt.UTC))
    letters = story.post.arrive()
    asked = {to: [one for one in them if "/check-in/" in one.text] for to, them in letters.items()}
    assert sorted(to for to, them in asked.items() if them) == sorted(
        one.user.email for one in (story.hamm, story.arezzo)
    )
    (letter,) = asked[story.hamm.user.email]
    citizen = Person(story.language)
    citizen.open(letter.link("/check-in/"))
    citizen.sees("Hamm", "Greta Goldammer")
    citizen.sees(*(name for name in DUE if name.startswith("Hamm")))
    citizen.misses("Arezzo druckt")
    fates = [name for name in citizen.radios() if name.startswith("fate_")]
    said = dict(zip(fates, ("kept", "kept", "dropped"), strict=True))
    citizen.do("Send my answer", cooperation="on", **said)
    citizen.told("Give the reason in a sentence.")
    why = fates[2].replace("fate", "note")
    citizen.do("Send my answer", cooperation="on", **said, **{why: "Kein Geld."})
    citizen.told("Correct my answer")

    story.until(dt.datetime(2027, 1, 2, 11, tzinfo=dt.UTC))
    story.post.arrive()
    for who in (story.hamm, story.arezzo):
        who.enter(f"{ROOM}commitments/")
        answered, silent = (who.entry(f"{name}, 6 ") for name in ("Hamm", "Arezzo"))
        assert who.say("We still work together.") in answered.text
        assert "Kein Geld." in answered.text
        assert who.say("no answer") in silent.text
    story.clock.shift(120)
    story.visitor.enter("tandems/hamm-arezzo/")
    story.visitor.sees(LEFT[story.language])
    story.visitor.misses("Kein Geld.", *DUE, "Goldammer", "Usignolo")
