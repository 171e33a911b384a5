"""What a city that has left its partnership still reads of a meeting, and what no longer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from core.actions import note_change
from core.models import StatusChange
from meetings.links import feed_link
from meetings.models import Meeting
from tests.cycle import (
    AttendanceFactory,
    CalendarFeedFactory,
    LearningEntryFactory,
    MinutesAgreementFactory,
    MinutesEntryFactory,
    MinutesFactory,
    make_cycle,
    plan_for,
)
from tests.factories import TandemFactory
from tests.reading import read
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
LINK, NOTE = "https://meet.example/secret-room", "PIN 4711"
UNTIMED = {"starts_at": None, "ends_at": None, "time_zone": ""}
UNDATED = {**UNTIMED, "earliest": None, "latest": None, "precision": "unknown"}


def past(**fields):
    """Return the partnership with a meeting ten days ago, which nobody has noted as held yet."""
    day = timezone.localdate() - 10 * DAY
    start = dt.datetime.combine(day, dt.time(8), tzinfo=dt.UTC)
    times = {"starts_at": start, "ends_at": start + dt.timedelta(hours=2)}
    return make_cycle(earliest=day, latest=day, **times, **fields)


def leave(cycle, days=5):
    """Let Arezzo have left so many days ago."""
    on = timezone.localdate() - days * DAY
    cycle.tandem.members.filter(municipality=cycle.arezzo).update(left_on=on)
    return cycle


def address(cycle, name):
    with translation.override("en"):
        return reverse(f"meeting:{name}", args=[cycle.meeting.pk])


def text_of(cycle, who, name):
    response = cycle.client(who).get(address(cycle, name))
    assert response.status_code == 200
    return shown_in(response)


def feed_of(cycle, who, **headers):
    person = cycle.people[who]
    feed = getattr(person, "calendar_feed", None) or CalendarFeedFactory(user=person)
    return Client().get(feed_link(feed), headers=headers)


def shown_in(response):
    return response.content.decode().replace("\r\n ", "")


def calendar_of(cycle, who):
    return shown_in(feed_of(cycle, who))


# --- who comes ------------------------------------------------------------------------------------


def test_city_that_left_does_not_read_who_is_invited():
    cycle = past()
    AttendanceFactory(meeting=cycle.meeting, user=cycle.people["colleague"], reply_note="Later")
    leave(cycle)

    assert cycle.client("partner").get(address(cycle, "invitations")).status_code == 403
    assert cycle.client("contact").get(address(cycle, "invitations")).status_code == 200


@pytest.mark.parametrize(("who", "is_there"), [("partner", False), ("contact", True)])
def test_menu_offers_the_invitations_to_who_may_open_them(who, is_there):
    cycle = leave(past())

    main = read(cycle.client(who).get(address(cycle, "home"))).main

    offered = main.one("nav", class_="ways-row").texts("li")
    assert ("Invitations" in offered, "Minutes" in offered) == (is_there, True)


# --- how to take part remotely --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["home", "entry", "briefing"])
def test_pages_tell_the_link_only_who_takes_part(name):
    cycle = leave(past(remote_link=LINK, remote_note=NOTE))
    place = cycle.person("neighbour").roles[0].municipality
    MeetingGuestFactory(meeting=cycle.meeting, municipality=place)

    told = {who: text_of(cycle, who, name) for who in ("contact", "neighbour", "partner")}

    assert [LINK in told[who] for who in told] == [True, True, False]
    assert [NOTE in told[who] for who in told] == [True, True, False]


@pytest.mark.parametrize("status", ["held", "cancelled"])
@pytest.mark.parametrize("name", ["home", "entry", "briefing"])
def test_pages_tell_nobody_the_link_of_a_meeting_that_is_over(name, status):
    cycle = past(remote_link=LINK, remote_note=NOTE, status=status)

    shown = text_of(cycle, "contact", name)

    assert LINK not in shown
    assert NOTE not in shown


def test_calendar_tells_the_link_only_who_takes_part_now():
    cycle = past(remote_link=LINK, remote_note=NOTE, title_de="Werkstatt")
    # It was in time for both cities, and is not over yet.
    Meeting.objects.filter(pk=cycle.meeting.pk).update(ends_at=timezone.now() + DAY)
    before = feed_of(cycle, "partner")
    leave(cycle)
    after = feed_of(cycle, "partner", **{"if-none-match": before.headers["ETag"]})

    for calendar in (shown_in(before), calendar_of(cycle, "contact")):
        assert LINK in calendar
        assert NOTE in calendar
    # Nothing of the meeting itself was changed, and the calendar is sent again all the same.
    assert after.status_code == 200
    assert "Werkstatt" in shown_in(after)
    assert LINK not in shown_in(after)
    assert NOTE not in shown_in(after)


def test_calendar_tells_the_link_of_joint_and_network_meetings_and_to_guests():
    cycle = make_cycle()
    foreign = TandemFactory(status="active")
    joint = plan_for(foreign, scope="several", remote_link=f"{LINK}-joint")
    joint.partnerships.add(foreign, cycle.tandem)
    plan_for(None, remote_link=f"{LINK}-network")
    visited = plan_for(foreign, remote_link=f"{LINK}-visit")
    MeetingGuestFactory(meeting=visited, municipality=cycle.hamm)

    told = {who: calendar_of(cycle, who) for who in ("contact", "partner", "coordinator")}

    ends = ("joint", "network", "visit")
    assert {who: [f"{LINK}-{end}" in told[who] for end in ends] for who in told} == {
        "contact": [True, True, True],
        "partner": [True, True, False],
        "coordinator": [True, True, True],
    }


@pytest.mark.parametrize("who", ["contact", "coordinator"])
@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_calendar_tells_no_link_of_a_meeting_that_was_held_or_cancelled(status, who):
    make = past if status == "held" else make_cycle
    cycle = make(remote_link=LINK, remote_note=NOTE, title_de="Werkstatt", status=status)

    calendar = calendar_of(cycle, who)

    assert "Werkstatt" in calendar
    assert LINK not in calendar
    assert NOTE not in calendar


@pytest.mark.parametrize("hours", [True, False])
def test_calendar_forgets_the_link_once_the_meeting_is_over(hours, time_machine):
    fields = {} if hours else UNTIMED
    cycle = make_cycle(remote_link=LINK, **fields)
    before = feed_of(cycle, "contact")
    tag = {"if-none-match": before.headers["ETag"]}
    assert feed_of(cycle, "contact", **tag).status_code == 304

    time_machine.move_to(timezone.now() + 22 * DAY, tick=False)
    after = feed_of(cycle, "contact", **tag)

    assert LINK in shown_in(before)
    assert after.status_code == 200
    assert LINK not in shown_in(after)


# --- what was planned, written and said afterwards ------------------------------------------------


def test_meeting_without_a_date_is_not_for_a_city_that_has_left():
    cycle = leave(past())
    later = plan_for(cycle.tandem, title_de="Planned later", title_en="Planned later", **UNDATED)

    lists = [reverse("meeting:list"), reverse("workspace:meetings", args=[cycle.tandem.slug])]
    for url in lists:
        assert "Planned later" not in cycle.client("partner").get(url).content.decode()
        assert "Planned later" in cycle.client("contact").get(url).content.decode()
    seen = {who: Meeting.objects.visible_to(cycle.person(who)) for who in ("partner", "contact")}
    assert [later in seen[who] for who in seen] == [False, True]


def test_meeting_without_a_date_is_for_a_city_whose_last_day_is_still_to_come():
    cycle = make_cycle(**UNDATED)
    leave(cycle, days=-3)

    assert cycle.client("partner").get(address(cycle, "home")).status_code == 200


def test_city_that_left_reads_no_heading_and_no_agreement_from_after_its_last_day():
    cycle = past(status="held")
    minutes = MinutesFactory(
        meeting=cycle.meeting,
        begun_at=timezone.now() - 8 * DAY,
        state="in_agreement",
        agree_by=timezone.localdate(),
        sent_at=timezone.now() - 8 * DAY,
    )
    in_time = MinutesEntryFactory(minutes=minutes, heading="Sensors", text="Said in time")
    minutes.entries.filter(pk=in_time.pk).update(changed_at=timezone.now() - 7 * DAY)
    MinutesEntryFactory(minutes=minutes, heading="How the partner gave notice", text="Secret")
    MinutesAgreementFactory(minutes=minutes, municipality=cycle.hamm)
    leave(cycle)

    shown = read(cycle.client("partner").get(address(cycle, "minutes"))).main
    inside = read(cycle.client("contact").get(address(cycle, "minutes"))).main

    for words in ("How the partner gave notice", "Agreed by", "Still to agree"):
        assert words not in shown.text
    assert shown.fact("Agree by")
    for words in ("Sensors", "Said in time", "after the last day of your city are not shown"):
        assert words in shown.text
    for words in ("How the partner gave notice", "Agreed by"):
        assert words in inside.text
    assert "are not shown" not in inside.text


def test_history_does_not_quote_the_learning_log():
    cycle = past(status="held")
    entry = LearningEntryFactory(
        tandem=cycle.tandem,
        municipality=cycle.hamm,
        learned="As it was",
        happened_on=dt.date(2026, 2, 3),
        written_at=timezone.now() - 9 * DAY,
    )
    note_change(entry, field="visibility", old="", new="partnership", by=cycle.people["contact"])
    StatusChange.objects.update(changed_at=timezone.now() - 9 * DAY)
    entry.learned = "As it is today"
    entry.save()
    leave(cycle)

    with translation.override("en"):
        url = reverse("workspace:history", args=[cycle.tandem.slug])
    for who in ("partner", "contact"):
        shown = read(cycle.client(who).get(url)).main.text
        assert "Entry of the learning log, 3 February 2026" in shown
        assert "As it" not in shown
