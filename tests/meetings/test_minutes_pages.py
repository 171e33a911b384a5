"""The pages of minutes: where they stand, who opens them, what each reads."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from meetings.actions.agreeing import comment_on_minutes
from meetings.actions.correcting import correct_minutes
from meetings.models import Minutes, MinutesEntry
from tandems.models import TandemMember
from tests.cycle import MinutesCommentFactory, MinutesEntryFactory, MinutesFactory
from tests.meetings.minutes_cases import (
    DAY,
    agree,
    agreed,
    begun,
    entered,
    held,
    page,
    returned,
    sent,
    write,
)
from tests.reading import read
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db

WRITERS = ("contact", "colleague", "partner colleague", "coordinator")
LEADERS = ("contact", "deputy", "partner", "coordinator", "bbsr")
STRANGERS = ("neighbour", "reviewer", "observer", "nobody")


def leave(cycle, city, day):
    TandemMember.objects.filter(municipality=city).update(left_on=day)


@pytest.mark.parametrize("who", ["contact", "colleague", "partner", "coordinator", "bbsr"])
def test_who_takes_part_reads_and_begins(who):
    cycle = held()
    client = entered(cycle, who)

    assert "Begin the minutes" in read(client.get(page(cycle))).main.text
    answer = client.post(page(cycle, "minutes-begin"))

    assert (answer.status_code, answer.url) == (302, page(cycle))
    assert read(client.get(page(cycle))).main.fact("Status") == "Draft"


@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_find_nothing(who):
    cycle = held()
    minutes = begun(cycle)
    client = entered(cycle, who)

    for url in every_page(cycle, minutes):
        assert client.get(url).status_code == 404
        assert client.post(url).status_code in {404, 405}


def test_guests_of_the_meeting_read_no_minutes():
    cycle = held()
    minutes = begun(cycle)
    place = cycle.person("neighbour").roles[0].municipality
    MeetingGuestFactory(meeting=cycle.meeting, municipality=place)
    client = entered(cycle, "neighbour")

    for url in every_page(cycle, minutes):
        assert client.get(url).status_code == 403
        assert client.post(url).status_code in {403, 405}
    assert not Minutes.objects.exclude(pk=minutes.pk).exists()


def test_visitors_are_asked_to_sign_in():
    cycle = held()
    minutes = begun(cycle)

    for url in every_page(cycle, minutes):
        answer = cycle.client("visitor").get(url)
        assert (answer.status_code, "/login/" in answer.url) == (302, True)


def every_page(cycle, minutes):
    names = ("begin", "entry-add", "public", "send", "agree", "comment", "return", "release")
    later = ("extend", "correct", "give-up")
    entry = minutes.entries.first().pk
    return [
        page(cycle),
        page(cycle, "minutes-version", 1),
        page(cycle, "minutes-entry", entry),
        page(cycle, "minutes-entry-remove", entry),
        *(page(cycle, f"minutes-{name}") for name in (*names, *later)),
    ]


@pytest.mark.parametrize(
    "name", ["send", "return", "extend", "release", "correct", "give-up", "agree"]
)
def test_colleagues_write_but_do_not_lead(name):
    cycle = held()
    begun(cycle)
    client = entered(cycle, "colleague")

    assert client.get(page(cycle, f"minutes-{name}")).status_code == 403
    assert client.post(page(cycle, f"minutes-{name}")).status_code == 403


def test_pages_take_no_other_method():
    cycle = held()
    minutes = begun(cycle)
    client = entered(cycle, "contact")

    for url in every_page(cycle, minutes):
        assert client.delete(url).status_code == 405


def test_entry_of_another_meeting_and_unknown_version_are_not_there():
    cycle, other = held(), MinutesEntryFactory()
    begun(cycle)
    client = entered(cycle, "contact")

    for url in (page(cycle, "minutes-entry", other.pk), page(cycle, "minutes-version", 7)):
        assert client.get(url).status_code == 404
    assert client.post(page(cycle, "minutes-entry-remove", other.pk)).status_code == 302
    assert MinutesEntry.objects.filter(pk=other.pk).exists()


def test_before_the_meeting_nobody_begins():
    cycle = held(
        earliest=timezone.localdate() + DAY, latest=timezone.localdate() + DAY, status="planned"
    )
    client = entered(cycle, "contact")

    shown = read(client.get(page(cycle))).main
    client.post(page(cycle, "minutes-begin"))

    assert "from the first day of the meeting on" in shown.text
    assert shown.all("button", type="submit") == [] or "Begin the minutes" not in shown.text
    assert "can be begun from the first day" in read(client.get(page(cycle))).main.text
    assert not Minutes.objects.exists()


def test_first_day_is_that_of_the_place():
    """At half past eleven in the evening in Berlin the next day has come in Sofia."""
    cycle = held(earliest=dt.date(2026, 5, 2), latest=dt.date(2026, 5, 2), time_zone="Europe/Sofia")

    with time_machine.travel(dt.datetime(2026, 5, 1, 21, 30, tzinfo=dt.UTC), tick=False):
        answer = entered(cycle, "contact").get(page(cycle))

    assert "Begin the minutes" in read(answer).main.text


def test_cancelled_meeting_has_no_minutes():
    cycle = held(status="cancelled")
    client = entered(cycle, "contact")

    client.post(page(cycle, "minutes-begin"))

    shown = read(client.get(page(cycle))).main
    assert "was cancelled, so there are no minutes" in shown.text
    assert not Minutes.objects.exists()


def test_second_one_who_begins_lands_on_the_first():
    cycle = held()
    first, second = entered(cycle, "contact"), entered(cycle, "partner colleague")

    first.post(page(cycle, "minutes-begin"))
    answer = second.post(page(cycle, "minutes-begin"), follow=True)

    assert "have been begun already" in read(answer).main.text
    assert Minutes.objects.get().begun_by == cycle.people["contact"]


def test_page_says_whose_word_is_missing_and_that_the_day_has_passed():
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    client = entered(cycle, "partner")

    shown = read(client.get(page(cycle))).main
    assert shown.fact("Still to agree") == "Arezzo"
    assert shown.fact("Agreed by").startswith("Hamm")
    assert "overdue" not in shown.fact("Status")
    Minutes.objects.update(agree_by=timezone.localdate() - DAY)

    assert "overdue" in read(client.get(page(cycle))).main.fact("Status")


def test_agreed_minutes_are_read_and_printed():
    cycle = held()
    agreed(cycle)
    client = entered(cycle, "colleague")

    for url in (page(cycle), page(cycle, "minutes-version", 1)):
        shown = read(client.get(url))
        assert shown.main.fact("Status") == "Agreed"
        assert "We look after them together." in shown.main.text
        assert (
            shown.main.all("a", href=page(cycle, "minutes-entry", MinutesEntry.objects.first().pk))
            == []
        )
    paper = read(client.get(page(cycle, "minutes-version", 1))).main
    assert {"written"} <= {name for part in paper.all("section") for name in part.classes}


def test_correction_shows_both_versions():
    cycle = held()
    agreed(cycle)
    new = correct_minutes(meeting=cycle.meeting, note="The date", by=cycle.person("partner"))
    client = entered(cycle, "contact")

    shown = read(client.get(page(cycle))).main
    assert shown.fact("What is corrected") == "The date"
    assert "These minutes count until" in shown.section("Earlier versions").text
    assert shown.section("Earlier versions").hrefs() == [page(cycle, "minutes-version", 1)]
    agreed(cycle, new)

    old = read(client.get(page(cycle, "minutes-version", 1))).main
    assert "A correction has replaced these minutes" in old.text


def test_city_that_left_reads_what_was_begun_by_then_and_nothing_written_later():
    cycle = held()
    minutes = begun(cycle, text="Written in time.")
    sent(cycle, minutes)
    comment_on_minutes(
        minutes=minutes, municipality=cycle.hamm, text="In time", by=cycle.person("contact")
    )
    returned(cycle, minutes)
    leave(cycle, cycle.arezzo, timezone.localdate())

    with time_machine.travel(timezone.now() + 2 * DAY, tick=False):
        write(cycle, minutes, place=1, text="Written too late.")
        sent(cycle, minutes)
        comment_on_minutes(
            minutes=minutes, municipality=cycle.hamm, text="Too late", by=cycle.person("contact")
        )
        client = entered(cycle, "partner")
        shown = read(client.get(page(cycle))).main
        answers = [client.post(url).status_code for url in every_page(cycle, minutes)[2:]]

    for words in ("Written in time.", "In time", "after the last day of your city"):
        assert words in shown.text
    for words in ("Written too late.", "Too late", str(cycle.people["contact"])):
        assert words not in shown.text
    assert set(answers) == {403}


def test_city_that_left_before_reads_no_minutes():
    cycle = held()
    leave(cycle, cycle.arezzo, cycle.meeting.latest)
    begun(cycle)
    client = entered(cycle, "partner")

    shown = read(client.get(page(cycle))).main

    assert "No minutes had been begun" in shown.text
    assert client.get(page(cycle, "minutes-version", 1)).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_same_for_one_and_for_three(number, django_assert_num_queries):
    cycle = held()
    minutes = MinutesFactory(
        meeting=cycle.meeting,
        state="in_agreement",
        agree_by=timezone.localdate(),
        sent_at=timezone.now(),
    )
    for _ in range(number):
        entry = MinutesEntryFactory(minutes=minutes, changed_by=cycle.people["contact"])
        MinutesCommentFactory(
            minutes=minutes,
            entry=entry,
            municipality=cycle.hamm,
            written_by=cycle.people["contact"],
        )
    client = entered(cycle, "contact")
    client.get(page(cycle))

    with django_assert_num_queries(12):
        client.get(page(cycle))


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_whole_in_both_languages(language):
    cycle = held(is_public=True)
    minutes = begun(cycle)
    client = entered(cycle, "contact")
    drafts = ("minutes", "minutes-entry-add", "minutes-public", "minutes-send")
    asked = ("minutes", "minutes-comment", "minutes-return", "minutes-extend", "minutes-agree")

    def whole(urls):
        for url in urls:
            shown = read(client.get(url.replace("/en/", f"/{language}/", 1)))
            assert (shown.faults, shown.language) == ([], language)

    whole(
        [
            *(page(cycle, name) for name in drafts),
            page(cycle, "minutes-entry", minutes.entries.first().pk),
        ]
    )
    sent(cycle, minutes)
    whole(page(cycle, name) for name in asked)
    agree(cycle, minutes)
    agree(cycle, minutes, "partner")
    whole(page(cycle, name) for name in ("minutes", "minutes-correct", "minutes-release"))
    whole([page(cycle, "minutes-version", 1)])
    correct_minutes(meeting=cycle.meeting, note="x", by=cycle.person("contact"))
    whole([page(cycle), page(cycle, "minutes-give-up")])
