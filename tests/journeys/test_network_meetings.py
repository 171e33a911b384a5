"""Meetings that are called off, and those at which more than one partnership meets."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from tests.journeys.meeting_steps import Person, Post, calendar_at, city, partnership, person

pytestmark = pytest.mark.django_db
#: A Tuesday, noon in Hamm.
TUESDAY = dt.datetime(2026, 3, 3, 11, tzinfo=dt.UTC)
ROOM = "tandems/hamm-arezzo/workspace/"
LINK = "https://meet.example.org/all"
NAMES = ("Greta Goldammer", "Ilaria Usignolo", "Vera Vink", "Stojan Kos", "Petra Pirol")
REASON = "Das Rathaus steht unter Wasser."


class Story:
    """Two partnerships with their contacts, a city of a third one, and the project team."""

    def __init__(self, clock, language):
        self.clock, self.language, self.post = clock, language, Post()
        places = (
            ("Hamm", "DE", ["de"], "Europe/Berlin"),
            ("Arezzo", "IT", ["it"], "Europe/Rome"),
            ("Krefeld", "DE", ["de"], "Europe/Berlin"),
            ("Venlo", "NL", ["nl"], "Europe/Amsterdam"),
            ("Siegen", "DE", ["de"], "Europe/Berlin"),
            ("Burgas", "BG", ["bg"], "Europe/Sofia"),
        )
        hamm, arezzo, krefeld, venlo, siegen, burgas = (city(*place) for place in places)
        for pair in ((hamm, arezzo), (krefeld, venlo), (siegen, burgas)):
            partnership(*pair)
        self.venlo_city = venlo
        self.hamm = person(language, "contact", hamm, "Greta Goldammer")
        self.arezzo = person(language, "contact", arezzo, "Ilaria Usignolo", "Europe/Rome")
        self.venlo = person(language, "contact", venlo, "Vera Vink", "Europe/Amsterdam")
        self.burgas = person(language, "contact", burgas, "Stojan Kos", "Europe/Sofia")
        self.team = person(language, "coordinator", None, "Petra Pirol")
        self.visitor = Person(language)


@pytest.fixture(params=["de", "en"])
def story(request):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield Story(clock, request.param)


def path_of(walker):
    """Return the path of the page without its language."""
    return walker.url.split("/", 2)[2]


def by_address(*people):
    return sorted(one.user.email for one in people)


def test_meeting_is_called_off_and_takes_place_after_all(story):
    hamm, arezzo, venlo, visitor = story.hamm, story.arezzo, story.venlo, story.visitor
    page, title = plan_a_visit(story)
    letters = invite_a_guest_city(story, page)
    (first,) = letters[venlo.user.email]
    venlo.open(first.link("/answer/"))
    venlo.do("Send the answer", reply="yes")
    arezzo.enter("meetings/internal/")
    arezzo.go("My calendar")
    arezzo.do("Create my address")
    feed = arezzo.main.one("code", class_="secret").text
    assert calendar_at(feed)[title]["STATUS"] == "CONFIRMED"
    hamm.enter(page)
    hamm.go("Announce it publicly")
    hamm.do("Announce the meeting")
    hamm.go("Public page")
    public = hamm.url
    story.post.arrive()

    hamm.enter(page)
    hamm.go("Cancel it")
    hamm.do("Cancel the meeting")
    hamm.told("Reason")
    hamm.do("Cancel the meeting", note=REASON)
    hamm.told("The meeting is cancelled.")
    letters = story.post.arrive()
    assert sorted(letters) == by_address(hamm, arezzo, venlo)
    (called_off,) = letters[venlo.user.email]
    assert called_off.method == "CANCEL"
    assert called_off.event["STATUS"] == "CANCELLED"
    assert called_off.event["UID"] == first.event["UID"]
    assert called_off.event["SEQUENCE"] > first.event["SEQUENCE"]
    assert REASON in called_off.text
    cancelled = arezzo.say("Cancelled: %(title)s", title=title)
    assert calendar_at(feed)[cancelled]["STATUS"] == "CANCELLED"
    venlo.open(first.link("/answer/"))
    venlo.told("This meeting was cancelled. There is nothing to answer any more.")
    assert not venlo.main.all("input", name="reply")
    story.clock.shift(120)
    visitor.open(public)
    visitor.sees(title, visitor.say("cancelled").capitalize())
    visitor.misses(REASON)
    assert calendar_at(f"/{story.language}/meetings/calendar.ics")[title]["STATUS"] == "CANCELLED"

    hamm.enter(page)
    hamm.sees(REASON)
    hamm.go("It takes place after all")
    hamm.told("It was announced before, and is announced again.")
    hamm.do("The meeting takes place after all")
    letters = story.post.arrive()
    (again,) = letters[venlo.user.email]
    assert (again.method, again.event["STATUS"]) == ("REQUEST", "CONFIRMED")
    assert again.event["SEQUENCE"] > called_off.event["SEQUENCE"]
    assert venlo.say("Takes place after all") in again.subject
    assert (
        venlo.say("Because of that your earlier answer no longer counts. Please answer again:")
        in again.text
    )
    assert calendar_at(feed)[title]["STATUS"] == "CONFIRMED"


def plan_a_visit(story):
    """Let Hamm plan a visit at a fixed time; return its page and its title."""
    hamm = story.hamm
    hamm.enter(ROOM)
    hamm.go("Meetings", "Plan a meeting")
    when = {"when": "times", "first_day": "2026-03-24", "start_time": "10:00", "end_time": "12:00"}
    where = {"format": "on_site", "place": "Rathaus Hamm"}
    titles = {"title_de": "Besuch am Fluss", "title_en": "Visit to the river"}
    hamm.do("Plan the meeting", kind="site_visit", **titles, **when, **where)
    return path_of(hamm), titles[f"title_{story.language}"]


def invite_a_guest_city(story, page):
    """Let Venlo in, which reads the plan alone, and invite everybody; return the mails."""
    hamm, venlo = story.hamm, story.venlo
    venlo.enter(page, status=404)
    hamm.enter(page)
    hamm.go("Guests of the meeting")
    hamm.do("Add as a guest", municipality=story.venlo_city.pk)
    venlo.enter(page)
    venlo.sees("Rathaus Hamm")
    venlo.enter(f"{page}agenda/")
    for name in ("minutes", "commitments", "invitations"):
        venlo.enter(f"{page}{name}/", status=403)
    venlo.enter(ROOM, status=404)
    hamm.enter(f"{page}invitations/")
    hamm.go("Add people")
    hamm.do("Add the people ticked")
    hamm.do("Send the invitations")
    letters = story.post.arrive()
    assert sorted(letters) == by_address(hamm, story.arezzo, venlo)
    return letters


def test_team_brings_partnerships_together_and_a_third_one_stays_outside(story):
    team, hamm, venlo, burgas = story.team, story.hamm, story.venlo, story.burgas
    page = plan_as_team(story, "chosen", kind="web_seminar")
    burgas.enter(page, status=404)
    for who in (hamm, venlo):
        who.enter(page)
        who.sees("Wasser", LINK)
        who.enter(f"{page}edit/", status=403)
        who.enter(f"{page}questions/")
        who.go("Ask questions")
        who.do("Save the questions", text_de_1=f"Frage aus {who.user.roles[0].municipality}")
    team.enter(f"{page}questions/")
    team.sees("Frage aus Hamm", "Frage aus Venlo")
    assert sorted(invite_as_team(story, page)) == by_address(hamm, story.arezzo, venlo)

    until(story, dt.datetime(2026, 4, 14, 14, tzinfo=dt.UTC))
    hamm, venlo = story.hamm, story.venlo
    for who, text in ((hamm, "Hamm misst den Pegel."), (venlo, "Venlo schickt Pläne.")):
        who.enter(f"{page}commitments/")
        who.do("Record the commitment", text=text, due_on="2026-05-01")
        who.sees(text)
    venlo.misses("Hamm misst den Pegel.")
    venlo.sees(venlo.say("%(total)s of %(most)s commitments", total=2, most=5))
    story.burgas.enter(f"{page}commitments/", status=404)


def test_whole_network_meets_and_each_city_answers_for_itself(story):
    team, venlo, burgas, visitor = story.team, story.venlo, story.burgas, story.visitor
    page = plan_as_team(story, "network", kind="programme_meeting")
    letters = invite_as_team(story, page)
    assert sorted(letters) == by_address(story.hamm, story.arezzo, venlo, burgas)
    (letter,) = letters[burgas.user.email]
    assert "15:00–17:00" in letter.text
    someone = Person(story.language)
    someone.open(letter.link("/answer/"))
    someone.do("Send the answer", reply="maybe", note="Je nach Zug")
    venlo.enter("meetings/internal/")
    venlo.click("Wasser")
    venlo.go("Answer the invitation")
    venlo.do("Send the answer", reply="no")
    team.enter(f"{page}invitations/")
    for name, told in (("Stojan Kos", "may come"), ("Vera Vink", "is not coming")):
        assert team.say(told) in team.entry(name).text
    assert "Je nach Zug" in team.entry("Stojan Kos").text
    venlo.enter(f"{page}cancel/", status=403)

    visitor.enter("meetings/")
    visitor.misses("Wasser")
    team.enter(page)
    team.go("Announce it publicly")
    team.do("Announce the meeting")
    story.clock.shift(120)
    visitor.enter("meetings/")
    visitor.click("Wasser")
    visitor.misses(LINK, *NAMES)


def plan_as_team(story, reach, **fields):
    """Let the team plan a meeting at 14 to 16 in Berlin; return its page."""
    team = story.team
    team.enter("meetings/internal/")
    team.go("Plan a meeting")
    when = {"when": "times", "first_day": "2026-04-14", "start_time": "14:00", "end_time": "16:00"}
    titles = {"title_de": "Wasser", "title_en": "Wasser"}
    fields |= {"format": "virtual", "remote_link": LINK, **titles, **when}
    if reach == "chosen":
        names = ("Hamm", "Krefeld")
        fields["partnerships"] = [
            box["value"]
            for box in team.main.all("input", name="partnerships")
            if any(name in team.label_of(box) for name in names)
        ]
        assert len(fields["partnerships"]) == 2
    team.do("Plan the meeting", reach=reach, **fields)
    team.sees("Wasser")
    return path_of(team)


def invite_as_team(story, page):
    """Let the team invite everybody that it is offered; return the mails."""
    story.post.arrive()
    team = story.team
    team.enter(f"{page}invitations/")
    team.go("Add people")
    team.do("Add the people ticked")
    team.do("Send the invitations")
    return story.post.arrive()


def until(story, moment):
    """Let time pass; everybody signs in anew."""
    story.clock.move_to(moment)
    for name in ("hamm", "arezzo", "venlo", "burgas", "team"):
        before = getattr(story, name)
        setattr(story, name, Person(before.language, before.user))
