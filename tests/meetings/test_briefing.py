"""The briefing: one sheet in two languages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from meetings.models import Meeting
from tests.cycle import GuidingQuestionFactory, make_cycle
from tests.factories import AgendaItemFactory, CommitmentFactory, MunicipalityFactory, make_user
from tests.reading import read
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db


def url(cycle):
    with translation.override("en"):
        return reverse("meeting:briefing", args=[cycle.meeting.pk])


def full_cycle():
    cycle = make_cycle(
        title_de="Sensoren im Park",
        title_en="Sensors in the park",
        place="Rathaus",
        address="Theodor-Heuss-Platz 16",
        access_notes_de="Eingang im Hof",
        access_notes_en="",
        remote_link="https://meet.example/abc",
        format="hybrid",
    )
    GuidingQuestionFactory(
        meeting=cycle.meeting, municipality=cycle.arezzo, text_de="", decision_en="Who pays"
    )
    AgendaItemFactory(meeting=cycle.meeting, position=0, minutes=30, lead=cycle.hamm)
    late = timezone.localdate() - dt.timedelta(days=3)
    CommitmentFactory(tandem=cycle.tandem, text="We send the guide.", due_on=late)
    return cycle


def sides(cycle, who="contact"):
    response = cycle.client(who).get(url(cycle))
    assert response.status_code == 200
    page = read(response)
    assert page.faults == []
    return page.main.all("section", class_="briefing__side")


def test_german_stands_first_and_english_beside_it_each_in_its_language():
    german, english = sides(full_cycle())

    assert (german["lang"], english["lang"]) == ("de", "en")
    assert german.one("h2").text == "Sensoren im Park"
    assert english.one("h2").text == "Sensors in the park"
    assert "Begrüßung" in german.text
    assert "Welcome" in english.text
    assert "Uhr" in german.text
    assert "overdue" in english.text
    assert "überfällig" in german.text


def test_what_there_is_in_one_language_alone_is_marked_in_the_other():
    german, english = sides(full_cycle())
    question = "Who looks after the sensors?"

    assert german.languages_of(question) == {"en"}
    assert english.languages_of(question) == {"en"}
    assert german.languages_of("Who pays") == {"en"}
    assert english.languages_of("Eingang im Hof") == {"de"}
    (row,) = [item for item in german.all("li") if question in item.text]
    (same,) = [item for item in english.all("li") if question in item.text]
    # Question and decision each say so in German; in English nothing has to be said.
    words = ("in English only", "nur auf Englisch")
    assert sum(row.text.count(word) for word in words) == 2
    assert sum(same.text.count(word) for word in words) == 0


def test_sheet_holds_all_that_people_need():
    cycle = full_cycle()
    _german, english = sides(cycle)

    start = cycle.meeting.local_start
    for words in (
        f"{start:%H:%M}",
        "Berlin, Rome",
        "Rathaus, Theodor-Heuss-Platz 16",
        "https://meet.example/abc",
        "Arezzo, Hamm",
        "What became of our commitments",
        "We send the guide.",
    ):
        assert words in english.text


def test_each_citys_clock_is_told_where_they_differ():
    cycle = full_cycle()
    cycle.arezzo.time_zone = "Europe/Athens"
    cycle.arezzo.save()

    _german, english = sides(cycle)

    assert "(Berlin)" in english.text
    assert "(Athens)" in english.text


def test_guest_reads_the_sheet_without_the_commitments():
    cycle = full_cycle()
    place = MunicipalityFactory()
    MeetingGuestFactory(meeting=cycle.meeting, municipality=place)
    cycle.people["guest"] = make_user("contact", place)

    _german, english = sides(cycle, "guest")

    assert "https://meet.example/abc" in english.text
    assert "We send the guide." not in english.text


def test_empty_sheet_says_what_is_missing():
    cycle = make_cycle(starts_at=None, ends_at=None)
    Meeting.objects.filter(pk=cycle.meeting.pk).update(format="")

    _german, english = sides(cycle)

    assert "No city has asked a question yet." in english.text
    assert "Nothing is planned yet." in english.text
    assert str(cycle.meeting.earliest.year) in english.text


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("colleague", 200),
        ("partner", 200),
        ("coordinator", 200),
        ("neighbour", 404),
        ("reviewer", 404),
        ("observer", 404),
        ("nobody", 404),
        ("visitor", 302),
    ],
)
def test_who_reads_the_sheet(who, status):
    cycle = make_cycle()

    assert cycle.client(who).get(url(cycle)).status_code == status


def test_sheet_is_only_read():
    cycle = make_cycle()

    assert cycle.client("contact").post(url(cycle)).status_code == 405
