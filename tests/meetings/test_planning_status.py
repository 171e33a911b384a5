"""A meeting is announced, was held, is cancelled: who may say so, when, and who is told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from post_office.models import Email

from core.models import StatusChange
from meetings.actions.meeting import (
    announce_meeting,
    cancel_meeting,
    hold_meeting,
    reopen_meeting,
    revive_meeting,
    withdraw_announcement,
)
from meetings.invitation import facts_of
from meetings.models import Meeting
from tandems.models import TandemNotice
from tests.cycle import AttendanceFactory, make_cycle, plan_for
from tests.reading import read
from tests.walking import Walker

pytestmark = pytest.mark.django_db
UNTIMED = {"starts_at": None, "ends_at": None, "time_zone": ""}
UNDATED = {**UNTIMED, "earliest": None, "latest": None, "precision": "unknown"}
STEPS = ("announce", "held", "cancel")
#: What takes a step back → the status from which it does so.
BACK = {"withdraw": "announced", "reopen": "held", "revive": "cancelled"}


def address(meeting, step):
    with translation.override("en"):
        return reverse(f"meeting:{step}", args=[meeting.pk])


def begun(days=0):
    day = timezone.localdate() - dt.timedelta(days=days)
    return {**UNTIMED, "earliest": day, "latest": day}


def status(cycle):
    return Meeting.objects.get(pk=cycle.meeting.pk).status


def home(cycle):
    with translation.override("en"):
        return cycle.meeting.internal_url


def told():
    rows = TandemNotice.objects.order_by("pk").values_list("event", "user")
    return {event: {user for name, user in rows if name == event} for event, _user in rows}


def others(cycle):
    names = ("deputy", "colleague", "partner", "partner deputy", "partner colleague")
    return {cycle.people[name].pk for name in names}


def test_officer_announces_a_meeting_and_it_becomes_public(client):
    cycle = make_cycle()
    walker = Walker(cycle.people["contact"])
    assert client.get(cycle.meeting.get_absolute_url()).status_code == 404
    walker.open(address(cycle.meeting, "announce"))

    page = walker.press("Announce the meeting")

    assert "now public" in page.main.text
    meeting = Meeting.objects.get(pk=cycle.meeting.pk)
    assert (meeting.status, meeting.is_public, meeting.sequence) == ("announced", True, 1)
    assert client.get(cycle.meeting.get_absolute_url()).status_code == 200
    assert told() == {"meeting_announced": others(cycle)}


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        (UNDATED, "Fix the date to the day first."),
        ({"format": "on_site"}, "Name the place first"),
        ({"format": "hybrid"}, "Name the place first"),
        ({"format": ""}, "on site, virtual or hybrid"),
    ],
)
def test_what_lacks_a_day_or_a_place_is_not_announced(fields, missing):
    cycle = make_cycle(**fields)
    client = cycle.client("contact")

    page = read(client.get(address(cycle.meeting, "announce")))
    answer = client.post(address(cycle.meeting, "announce"))

    assert missing in page.main.text
    assert "Announce the meeting" not in page.main.texts("button")
    assert missing in read(answer).main.one(class_="form-errors").text
    assert status(cycle) == "planned"


def test_title_in_both_languages_is_recommended_not_demanded():
    cycle = make_cycle(title_de="")
    client = cycle.client("contact")

    page = read(client.get(address(cycle.meeting, "announce")))

    assert "one language only" in page.main.text
    assert client.post(address(cycle.meeting, "announce")).status_code == 302


def test_page_shows_which_entries_become_public_with_the_announcement(client):
    """What people wrote for the invited may hold a code that is for them alone."""
    notes = {"access_notes_de": "Türcode 4711", "access_notes_en": "Door code 4711"}
    cycle = make_cycle(format="on_site", place="Rathaus", address="Platz 1", **notes)
    officer = cycle.client("contact")

    page = read(officer.get(address(cycle.meeting, "announce"))).main
    plan = read(officer.get(address(cycle.meeting, "edit"))).main
    announce_meeting(meeting=cycle.meeting, by=cycle.person("contact"))

    assert "place and address, how to get there" in page.text
    assert {"Platz 1", "Türcode 4711", "Door code 4711"} <= set(page.texts("li"))
    assert "No door codes: after the announcement everybody can read it" in plan.text
    assert "4711" in client.get(cycle.meeting.get_absolute_url()).content.decode()


def test_meeting_of_a_partnership_that_is_not_public_waits_with_it(client):
    cycle = make_cycle()
    cycle.tandem.status = "planned"
    cycle.tandem.save()

    walker = Walker(cycle.people["contact"])
    page = walker.open(address(cycle.meeting, "announce"))
    walker.press("Announce the meeting")

    assert "together with it" in page.main.text
    assert client.get(cycle.meeting.get_absolute_url()).status_code == 404


def test_meeting_in_preparation_that_was_held_stays_internal():
    cycle = make_cycle(**begun())

    answer = cycle.client("partner").post(address(cycle.meeting, "held"))

    meeting = Meeting.objects.get(pk=cycle.meeting.pk)
    assert answer.url == f"/en/meetings/{meeting.pk}/internal/"
    assert (meeting.status, meeting.is_public) == ("held", False)
    assert set(told()) == {"meeting_held"}


@pytest.mark.parametrize("fields", [{}, UNDATED])
def test_meeting_is_not_held_before_its_first_day(fields):
    cycle = make_cycle(**fields)
    client = cycle.client("contact")

    page = read(client.get(address(cycle.meeting, "held")))

    assert "This step is not possible yet" in page.main.text
    assert client.post(address(cycle.meeting, "held")).status_code == 200
    assert status(cycle) == "planned"


def test_meeting_is_not_held_hours_before_it_begins(time_machine):
    """On its day it can still be missed: the link, the reminders and the answers are needed."""
    cycle = make_cycle(remote_link="https://meet.example/1")
    by = cycle.person("contact")
    time_machine.move_to(cycle.meeting.starts_at - dt.timedelta(minutes=1), tick=False)
    with pytest.raises(ValidationError) as refusal:
        hold_meeting(meeting=cycle.meeting, by=by)
    assert refusal.value.code == "early"
    client = cycle.client("contact")
    page = read(client.get(address(cycle.meeting, "held")))
    assert "possible once the meeting has begun" in page.main.text
    assert address(cycle.meeting, "held") not in read(client.get(home(cycle))).main.hrefs()

    time_machine.move_to(cycle.meeting.starts_at, tick=False)

    assert address(cycle.meeting, "held") in read(client.get(home(cycle))).main.hrefs()
    assert hold_meeting(meeting=cycle.meeting, by=by).status == "held"


def test_meeting_known_to_the_month_is_held_from_its_first_day_on():
    day = timezone.localdate()
    fields = {"earliest": day.replace(day=1), "latest": day + dt.timedelta(days=40)}
    cycle = make_cycle(**UNTIMED, **fields, precision="range", status="unconfirmed")

    assert hold_meeting(meeting=cycle.meeting, by=cycle.person("contact")).status == "held"


def test_first_day_is_that_of_the_place(time_machine):
    """At 23:30 in Berlin it is the next day in Sofia already."""
    day = dt.date(2027, 2, 2)
    fields = {"starts_at": None, "ends_at": None, "earliest": day, "latest": day}
    sofia = make_cycle(**fields, time_zone="Europe/Sofia")
    berlin = plan_for(sofia.tandem, **fields, time_zone="Europe/Berlin")
    time_machine.move_to(dt.datetime(2027, 2, 1, 22, 30, tzinfo=dt.UTC), tick=False)
    by = sofia.person("contact")

    assert hold_meeting(meeting=sofia.meeting, by=by).status == "held"
    with pytest.raises(ValidationError) as refusal:
        hold_meeting(meeting=berlin, by=by)
    assert refusal.value.code == "early"


def test_cancelling_asks_why_and_tells_the_invited(client):
    cycle = make_cycle(status="announced", invited_at=timezone.now())
    guest = AttendanceFactory(
        meeting=cycle.meeting,
        user=None,
        name="Guest",
        email="guest@example.org",
        told_sequence=0,
        told_facts=facts_of(cycle.meeting),
    )
    officer = cycle.client("contact")
    url = address(cycle.meeting, "cancel")

    assert list(officer.post(url, {"note": " "}).context["form"].errors) == ["note"]
    assert officer.post(url, {"note": "Streik\nder Bahn"}).status_code == 302

    meeting = Meeting.objects.get(pk=cycle.meeting.pk)
    assert (meeting.status, meeting.is_public) == ("cancelled", True)
    row = StatusChange.objects.of(meeting).get(field="status")
    assert (row.old, row.new, row.note) == ("announced", "cancelled", "Streik der Bahn")
    assert told() == {"meeting_cancelled": others(cycle)}
    mail = Email.objects.get()
    assert mail.to == [guest.email]
    assert "Streik der Bahn" in mail.message
    assert "Streik der Bahn" in read(officer.get(meeting.internal_url)).main.text


@pytest.mark.parametrize(
    ("step", "old", "data"),
    [
        ("announce", "announced", {}),
        ("held", "held", {}),
        ("cancel", "cancelled", {"note": "Streik"}),
    ],
)
def test_button_pressed_twice_is_told_already(step, old, data):
    cycle = make_cycle(**begun(), status=old)

    answer = cycle.client("contact").post(address(cycle.meeting, step), data, follow=True)

    assert "already" in read(answer).main.one(role="status").text
    assert not StatusChange.objects.of(cycle.meeting).exists()


@pytest.mark.parametrize(
    ("step", "old"),
    [
        *(("announce", old) for old in ("unconfirmed", "held", "cancelled")),
        *(("cancel", old) for old in ("held",)),
        *(("held", old) for old in ("cancelled",)),
        *(("withdraw", old) for old in ("unconfirmed", "held", "cancelled")),
        *(("reopen", old) for old in ("cancelled",)),
        *(("revive", old) for old in ("held",)),
    ],
)
def test_step_that_cannot_follow_leads_back_with_a_word(step, old):
    cycle = make_cycle(**begun(), status=old)
    client = cycle.client("contact")

    for answer in (
        client.get(address(cycle.meeting, step), follow=True),
        client.post(address(cycle.meeting, step), {"note": "Streik"}, follow=True),
    ):
        assert "This step is not possible" in read(answer).main.text
    assert status(cycle) == old


@pytest.mark.parametrize("step", [*STEPS, *BACK])
@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("deputy", 200),
        ("partner", 200),
        ("coordinator", 200),
        ("bbsr", 200),
        ("colleague", 403),
        ("neighbour", 404),
        ("reviewer", 404),
        ("observer", 404),
        ("nobody", 404),
        ("visitor", 302),
    ],
)
def test_who_opens_the_pages(step, who, code):
    old = BACK.get(step, "planned")
    cycle = make_cycle(status=old)
    client, url = cycle.client(who), address(cycle.meeting, step)

    assert client.get(url).status_code == code
    if code != 200:
        assert client.post(url, {"note": "Streik"}).status_code == code
    assert client.delete(url).status_code in {302, 405}
    assert status(cycle) == old


@pytest.mark.parametrize("who", ["colleague", "neighbour", "reviewer", "observer", "nobody"])
def test_actions_ask_for_the_right_themselves(who):
    cycle = make_cycle(**begun())
    by = cycle.person(who)

    for act in (
        lambda: announce_meeting(meeting=cycle.meeting, by=by),
        lambda: hold_meeting(meeting=cycle.meeting, by=by),
        lambda: cancel_meeting(meeting=cycle.meeting, note="Streik", by=by),
        lambda: withdraw_announcement(meeting=cycle.meeting, by=by),
        lambda: reopen_meeting(meeting=cycle.meeting, by=by),
        lambda: revive_meeting(meeting=cycle.meeting, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_cities_do_not_say_where_a_meeting_of_the_network_stands():
    cycle = make_cycle()
    meeting = plan_for(None)

    assert cycle.client("contact").get(address(meeting, "announce")).status_code == 403
    assert cycle.client("coordinator").post(address(meeting, "announce")).status_code == 302


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("step", [*STEPS, *BACK])
def test_pages_are_whole_in_both_languages(step, language):
    cycle = make_cycle(status=BACK.get(step, "planned"))
    url = address(cycle.meeting, step).replace("/en/", f"/{language}/", 1)

    page = read(cycle.client("contact").get(url))

    assert (page.faults, page.language) == ([], language)
