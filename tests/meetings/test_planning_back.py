"""What was said of a meeting by mistake is taken back: announced, held, cancelled."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from post_office.models import Email

from core.models import StatusChange
from meetings.access import access_of_meeting
from meetings.actions.inviting import invite_everybody, invite_guest, send_invitations
from meetings.actions.meeting import (
    announce_meeting,
    cancel_meeting,
    hold_meeting,
    reopen_meeting,
    revive_meeting,
    withdraw_announcement,
)
from meetings.actions.poll import call_off_meeting
from meetings.actions.reminding import choose_reminders, send_meeting_reminders
from meetings.actions.replying import answer_invitation
from meetings.models import Meeting
from tandems.models import TandemNotice
from tests.cycle import CityAttendanceFactory, MinutesFactory, make_cycle
from tests.factories import CommitmentFactory
from tests.meetings.inviting_cases import addresses, invited, mail_to, mailed_to, row_of
from tests.meetings.poll_cases import proposed
from tests.reading import read
from tests.walking import Walker

pytestmark = pytest.mark.django_db
LINK = "https://meet.example/1"
UNTIMED = {"starts_at": None, "ends_at": None}
UNDATED = {**UNTIMED, "time_zone": "", "earliest": None, "latest": None, "precision": "unknown"}
OTHERS = ("deputy", "colleague", "partner", "partner deputy", "partner colleague")


def fresh(cycle):
    return Meeting.objects.get(pk=cycle.meeting.pk)


def standing(cycle):
    meeting = fresh(cycle)
    return meeting.status, meeting.is_public


def address(cycle, name):
    with translation.override("en"):
        return reverse(f"meeting:{name}", args=[cycle.meeting.pk])


def steps(cycle):
    rows = StatusChange.objects.of(cycle.meeting).filter(field="status").order_by("pk")
    return [(row.old, row.new, row.changed_by) for row in rows]


def told(event):
    return set(TandemNotice.objects.filter(event=event).values_list("user", flat=True))


def feed():
    with translation.override("en"):
        return Client().get(reverse("meetings:calendar"))


def entry(cycle):
    with translation.override("en"):
        return reverse("meetings:calendar-entry", args=[cycle.meeting.pk])


def held(**fields):
    """Return a meeting that has begun and is noted as held, as its officers do it."""
    start = timezone.now() - dt.timedelta(hours=1)
    values = {"earliest": start.date(), "latest": start.date(), "starts_at": start}
    cycle = make_cycle(**{**values, "ends_at": start + dt.timedelta(hours=2), **fields})
    hold_meeting(meeting=cycle.meeting, by=cycle.person("contact"))
    return cycle


# Announced


def test_announcement_is_withdrawn_and_visitors_find_nothing_any_more():
    cycle = invited()
    by = cycle.people["contact"]
    answer_invitation(attendance=row_of(cycle, "partner"), reply="yes", by=None)
    announce_meeting(meeting=cycle.meeting, by=cycle.person("contact"))
    page, uid = fresh(cycle).get_absolute_url(), str(cycle.meeting.uid)
    before = feed()
    assert uid in b"".join(before).decode()
    walker = Walker(by)
    walker.open(address(cycle, "home"))
    walker.follow("Withdraw the announcement")

    shown = walker.press("Withdraw the announcement")

    assert "The meeting is internal again." in shown.main.one(role="status").text
    assert standing(cycle) == ("planned", False)
    assert steps(cycle) == [("planned", "announced", by), ("announced", "planned", by)]
    assert told("meeting_withdrawn") == {cycle.people[name].pk for name in OTHERS}
    visitor = Client()
    assert visitor.get(page).status_code == 404
    assert visitor.get(entry(cycle)).status_code == 404
    after = Client().get(before.request["PATH_INFO"], headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert uid not in b"".join(after).decode()
    # Nothing changed for who is invited.
    assert row_of(cycle, "partner").reply == "yes"
    assert mailed_to() == []


def test_withdrawn_meeting_can_be_announced_again():
    cycle = make_cycle(status="announced", is_public=True)
    by = cycle.person("contact")
    withdraw_announcement(meeting=cycle.meeting, by=by)

    announce_meeting(meeting=cycle.meeting, by=by)

    assert standing(cycle) == ("announced", True)
    assert Client().get(fresh(cycle).get_absolute_url()).status_code == 200


def test_announcement_stays_once_the_minutes_are_public():
    cycle = make_cycle(status="announced", is_public=True)
    now = timezone.now()
    MinutesFactory(meeting=cycle.meeting, state="agreed", agreed_at=now, released_at=now)
    client = cycle.client("contact")

    page = read(client.get(address(cycle, "withdraw")))
    client.post(address(cycle, "withdraw"))

    assert "so the meeting stays public" in page.main.text
    assert "Withdraw the announcement" not in page.main.texts("button")
    assert standing(cycle) == ("announced", True)


# Held


@pytest.mark.parametrize(("old", "is_public"), [("planned", False), ("announced", True)])
def test_meeting_that_was_held_by_mistake_is_what_it_was_before(old, is_public):
    cycle = held(status=old, is_public=is_public)
    by = cycle.people["contact"]
    walker = Walker(by)
    walker.open(address(cycle, "home"))
    walker.follow("Take back that it took place")

    page = walker.press("Take back that the meeting took place")

    assert "Taken back" in page.main.one(role="status").text
    assert standing(cycle) == (old, is_public)
    assert steps(cycle) == [(old, "held", by), ("held", old, by)]
    assert told("meeting_reopened") == {cycle.people[name].pk for name in OTHERS}


def test_meeting_that_did_not_take_place_can_be_cancelled_afterwards():
    cycle = held()
    by = cycle.person("contact")

    reopen_meeting(meeting=cycle.meeting, by=by)
    cancel_meeting(meeting=cycle.meeting, note="Nobody came", by=by)

    assert standing(cycle) == ("cancelled", False)


@pytest.mark.parametrize(
    ("come", "said"),
    [
        (lambda meeting: MinutesFactory(meeting=meeting), "There are minutes of it."),
        (lambda meeting: CommitmentFactory(meeting=meeting), "Commitments were made at it."),
        (lambda meeting: CityAttendanceFactory(meeting=meeting), "recorded who was there"),
    ],
)
def test_what_has_come_of_a_meeting_stays(come, said):
    cycle = held()
    come(cycle.meeting)
    client = cycle.client("contact")

    page = read(client.get(address(cycle, "reopen")))
    with pytest.raises(ValidationError):
        reopen_meeting(meeting=cycle.meeting, by=cycle.person("contact"))

    assert said in page.main.text
    assert "Take back that the meeting took place" not in page.main.texts("button")
    assert address(cycle, "reopen") not in read(client.get(address(cycle, "home"))).main.hrefs()
    assert standing(cycle) == ("held", False)


def test_what_sources_say_was_held_stays_so():
    cycle = make_cycle(status="held", is_public=False)

    with pytest.raises(ValidationError):
        reopen_meeting(meeting=cycle.meeting, by=cycle.person("coordinator"))

    assert standing(cycle) == ("held", False)


def test_link_of_a_meeting_of_several_days_stays_until_it_is_over(time_machine):
    cycle = make_cycle(remote_link=LINK)
    meeting = cycle.meeting
    end = meeting.starts_at + dt.timedelta(days=2)
    Meeting.objects.filter(pk=meeting.pk).update(ends_at=end, latest=end.date())
    time_machine.move_to(meeting.starts_at + dt.timedelta(hours=3), tick=False)
    hold_meeting(meeting=meeting, by=cycle.person("contact"))

    for moment, is_shown in ((None, True), (end, False)):
        if moment is not None:
            time_machine.move_to(moment, tick=False)
        access = access_of_meeting(cycle.person("partner"), fresh(cycle))
        since = timezone.localdate() - dt.timedelta(days=9)
        row = next(iter(Meeting.objects.in_feed_of(cycle.person("partner"), since)))
        assert (access.shows_link, row.is_linked) == (is_shown, is_shown)
        shown = cycle.client("partner").get(address(cycle, "home")).content.decode()
        assert (LINK in shown) is is_shown


# Cancelled


def test_undated_meeting_takes_place_after_all_and_its_date_can_be_sought_again():
    cycle = make_cycle(**UNDATED)
    poll = proposed(cycle)
    by = cycle.people["contact"]
    call_off_meeting(meeting=cycle.meeting, note="By mistake", by=cycle.person("contact"))
    walker = Walker(by)
    walker.open(address(cycle, "home"))
    walker.follow("It takes place after all")

    page = walker.press("The meeting takes place after all")

    assert "takes place after all" in page.main.one(role="status").text
    assert standing(cycle) == ("planned", False)
    assert steps(cycle)[-1] == ("cancelled", "planned", by)
    assert told("meeting_revived") == {cycle.people[name].pk for name in OTHERS}
    assert cycle.client("contact").get(address(cycle, "edit")).status_code == 200
    Email.objects.all().delete()
    again = proposed(cycle)
    assert (again.pk, again.is_open) == (poll.pk, True)
    assert cycle.people["partner"].email in mailed_to()


def test_internal_meeting_stays_internal_and_the_invited_are_told(time_machine):
    """Of a confidential consultation nobody outside may learn by its coming back."""
    cycle = make_cycle()
    by = cycle.person("contact")
    invite_everybody(meeting=cycle.meeting, by=by)
    ada = {"name": "Ada", "email": "ada@example.org"}
    invite_guest(meeting=cycle.meeting, **ada, language="en", time_zone="Europe/Rome", by=by)
    send_invitations(meeting=cycle.meeting, by=by)
    choose_reminders(meeting=cycle.meeting, hours=[2], by=by)
    cancel_meeting(meeting=cycle.meeting, note="By mistake", by=by)
    Email.objects.all().delete()

    page = read(cycle.client("contact").get(address(cycle, "revive")))
    revive_meeting(meeting=cycle.meeting, by=by)

    assert "The meeting is internal, and stays so." in page.main.text
    assert standing(cycle) == ("planned", False)
    assert Client().get(fresh(cycle).get_absolute_url()).status_code == 404
    people = [cycle.people[name] for name in ("contact", *OTHERS)]
    assert mailed_to() == sorted([*addresses(*people), "ada@example.org"])
    assert "takes place after all" in mail_to("ada@example.org").message
    time_machine.move_to(cycle.meeting.starts_at - dt.timedelta(hours=2), tick=False)
    assert send_meeting_reminders() == len(people) + 1


def test_public_meeting_that_takes_place_after_all_is_public_again():
    cycle = make_cycle(status="announced", is_public=True)
    by = cycle.person("contact")
    cancel_meeting(meeting=cycle.meeting, note="By mistake", by=by)

    page = read(cycle.client("contact").get(address(cycle, "revive")))
    revive_meeting(meeting=cycle.meeting, by=by)

    assert "is announced again" in page.main.text
    assert standing(cycle) == ("announced", True)


def test_public_meeting_that_lacks_a_day_comes_back_as_an_internal_one():
    cycle = make_cycle(**UNDATED, status="cancelled", is_public=True)
    client = cycle.client("contact")

    page = read(client.get(address(cycle, "revive")))
    client.post(address(cycle, "revive"))

    assert "It is internal until you have added that" in page.main.text
    assert standing(cycle) == ("planned", False)
    assert client.get(address(cycle, "edit")).status_code == 200


def test_cancelled_meeting_is_not_published_by_announcing_it():
    cycle = make_cycle(status="cancelled", is_public=False)

    with pytest.raises(ValidationError) as refusal:
        announce_meeting(meeting=cycle.meeting, by=cycle.person("coordinator"))

    assert refusal.value.code == "transition"
    assert standing(cycle) == ("cancelled", False)


@pytest.mark.parametrize(
    ("step", "old", "new"),
    [
        ("withdraw", "announced", "planned"),
        ("revive", "cancelled", "planned"),
        ("reopen", "held", "planned"),
    ],
)
def test_second_of_two_presses_is_told_so(step, old, new):
    cycle = held() if old == "held" else make_cycle(status=old, is_public=old == "announced")
    client = cycle.client("contact")
    client.post(address(cycle, step))
    number = StatusChange.objects.count()

    answer = client.post(address(cycle, step), follow=True)

    assert read(answer).main.one(role="status").text
    assert "This step is not possible" not in read(answer).main.text
    assert (standing(cycle)[0], StatusChange.objects.count()) == (new, number)
