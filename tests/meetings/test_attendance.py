"""Who was at a meeting, how many people of each city, and when names are forgotten."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.actions import erase_person
from calls.content import marks_of
from meetings.actions.attendance import (
    attendance_values,
    forget_attendances,
    forget_outside_guests,
    record_attendance,
)
from meetings.actions.inviting import invite_everybody
from meetings.models import Attendance, CityAttendance
from tests.cycle import AttendanceFactory, make_cycle, plan_for
from tests.meetings.inviting_cases import row_of, url
from tests.reading import read

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def held():
    """Return a meeting of yesterday, with everybody on its list, and a guest from outside."""
    past = timezone.localdate() - DAY
    cycle = make_cycle(starts_at=None, ends_at=None, earliest=past, latest=past, status="announced")
    invite_everybody(meeting=cycle.meeting, by=cycle.person("contact"))
    AttendanceFactory(meeting=cycle.meeting, user=None, name="Ada", email="ada@example.org")
    return cycle


def form_of(cycle, who="contact"):
    page = read(cycle.client(who).get(url("attendance", cycle.meeting.pk)))
    return page.main.one("form", class_="form").values()


def numbers(cycle):
    rows = CityAttendance.objects.filter(meeting=cycle.meeting)
    return {str(row.municipality): row.people for row in rows}


@pytest.mark.parametrize("who", ["contact", "coordinator"])
def test_names_are_ticked_and_numbers_counted(who):
    cycle = held()
    page = url("attendance", cycle.meeting.pk)
    data = form_of(cycle, who)
    data |= {f"person-{row_of(cycle, name).pk}": "on" for name in ("contact", "deputy", "partner")}
    data |= {f"person-{Attendance.objects.get(user=None).pk}": "on"}
    data |= {f"city-{cycle.arezzo.pk}": "5"}

    answer = cycle.client(who).post(page, data)

    assert (answer.status_code, answer.url) == (302, url("invitations", cycle.meeting.pk))
    assert numbers(cycle) == {"Hamm": 2, "Arezzo": 5}
    cycle.meeting.refresh_from_db()
    assert cycle.meeting.participant_count == 8
    there = Attendance.objects.filter(has_attended=True)
    assert sorted(str(row) for row in there) == sorted(
        ["Ada", *[str(cycle.people[name]) for name in ("contact", "deputy", "partner")]]
    )
    assert Attendance.objects.filter(has_attended=None).count() == 0
    again = form_of(cycle, who)
    assert again[f"city-{cycle.hamm.pk}"] == [""]
    assert again[f"city-{cycle.arezzo.pk}"] == ["5"]


def test_colleague_records_for_the_own_city_alone_and_reads_the_rest():
    cycle = held()
    page = url("attendance", cycle.meeting.pk)
    client = cycle.client("colleague")
    mine, theirs = row_of(cycle, "colleague"), row_of(cycle, "partner")
    data = form_of(cycle, "colleague")
    assert f"city-{cycle.arezzo.pk}" not in data
    data |= {f"person-{mine.pk}": "on", f"person-{theirs.pk}": "on"}
    data |= {f"city-{cycle.hamm.pk}": "4", f"city-{cycle.arezzo.pk}": "500"}

    assert client.post(page, data).status_code == 302

    assert numbers(cycle) == {"Hamm": 4}
    recorded = Attendance.objects.exclude(has_attended=None)
    assert {row.municipality for row in recorded} == {cycle.hamm}
    assert f"{theirs}: not recorded yet" in read(client.get(page)).main.section("The others").text
    data = form_of(cycle, "partner")
    cycle.client("partner").post(page, {**data, f"person-{theirs.pk}": "on"})
    client.post(page, {**form_of(cycle, "colleague"), f"city-{cycle.hamm.pk}": "3"})
    assert numbers(cycle) == {"Hamm": 3, "Arezzo": 1}
    assert f"{theirs}: was there" in read(client.get(page)).main.section("The others").text
    cycle.meeting.refresh_from_db()
    assert cycle.meeting.participant_count == 4


def test_action_writes_nothing_of_a_city_for_which_nobody_speaks():
    cycle = held()
    theirs, ada = row_of(cycle, "partner"), Attendance.objects.get(user=None)
    stored = attendance_values(meeting=cycle.meeting, by=None)
    values = {f"city-{cycle.arezzo.pk}": 500, f"person-{theirs.pk}": True, f"person-{ada.pk}": True}

    record_attendance(
        meeting=cycle.meeting,
        values=values,
        opened=marks_of(stored),
        by=cycle.person("colleague"),
    )

    assert numbers(cycle) == {}
    for row in (theirs, ada):
        row.refresh_from_db()
        assert row.has_attended is None


def test_before_anything_is_recorded_who_said_yes_is_ticked():
    cycle = held()
    row = row_of(cycle, "partner")
    row.reply, row.replied_at = "yes", timezone.now()
    row.save()

    data = form_of(cycle)
    assert [name for name in data if name.startswith("person-")] == [f"person-{row.pk}"]
    cycle.client("contact").post(url("attendance", cycle.meeting.pk), data)

    assert numbers(cycle) == {"Arezzo": 1}


def test_nobody_left_means_no_number():
    cycle = held()
    page = url("attendance", cycle.meeting.pk)
    row = row_of(cycle, "partner")
    client = cycle.client("contact")
    client.post(page, {**form_of(cycle), f"person-{row.pk}": "on"})
    data = form_of(cycle)
    del data[f"person-{row.pk}"]

    client.post(page, data)

    assert numbers(cycle) == {}
    cycle.meeting.refresh_from_db()
    assert cycle.meeting.participant_count is None


@pytest.mark.parametrize("number", ["-1", "x", "1", "10000"])
def test_wrong_number_is_told_at_the_field_and_nothing_is_stored(number):
    cycle = held()
    data = form_of(cycle)
    data |= {f"person-{row_of(cycle, name).pk}": "on" for name in ("contact", "deputy")}
    field = f"city-{cycle.hamm.pk}"

    response = cycle.client("contact").post(
        url("attendance", cycle.meeting.pk), {**data, field: number}
    )

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert numbers(cycle) == {}
    assert not Attendance.objects.filter(has_attended=True).exists()


def test_two_people_who_record_are_told_of_each_other():
    cycle = held()
    page = url("attendance", cycle.meeting.pk)
    field = f"city-{cycle.hamm.pk}"
    mine, theirs = form_of(cycle), form_of(cycle, "partner")
    cycle.client("partner").post(page, {**theirs, field: "7"})

    response = cycle.client("contact").post(page, {**mine, field: "4"})

    assert response.status_code == 409
    text = read(response).main.text
    assert "Your entry 4 Saved meanwhile 7" in text
    assert numbers(cycle) == {"Hamm": 7}
    shown = read(response).main.one("form", class_="form").values()
    assert shown[field] == ["4"]
    cycle.client("contact").post(page, shown)
    assert numbers(cycle) == {"Hamm": 4}


def test_changes_of_different_fields_both_count():
    cycle = held()
    page = url("attendance", cycle.meeting.pk)
    mine, theirs = form_of(cycle), form_of(cycle, "partner")

    cycle.client("partner").post(page, {**theirs, f"city-{cycle.arezzo.pk}": "3"})
    cycle.client("contact").post(page, {**mine, f"city-{cycle.hamm.pk}": "4"})

    assert numbers(cycle) == {"Hamm": 4, "Arezzo": 3}


@pytest.mark.parametrize("marks", ["", "[]", "{", json.dumps({"city-1": 1})])
def test_broken_marks_are_no_error(marks):
    cycle = held()

    response = cycle.client("contact").post(
        url("attendance", cycle.meeting.pk), {"marks": marks, f"city-{cycle.hamm.pk}": "4"}
    )

    assert response.status_code in {302, 409}


def test_meeting_to_come_takes_no_list():
    cycle = make_cycle()
    page = url("attendance", cycle.meeting.pk)
    client = cycle.client("contact")

    assert "once the meeting has begun" in read(client.get(page)).main.text
    response = client.post(page, {f"city-{cycle.hamm.pk}": "4"})

    assert response.status_code == 200
    assert numbers(cycle) == {}
    with time_machine.travel(cycle.meeting.starts_at, tick=False):
        record_attendance(
            meeting=cycle.meeting,
            values={f"city-{cycle.hamm.pk}": 4},
            opened=dict.fromkeys([f"city-{cycle.hamm.pk}"], "e3b0"),
            by=cycle.person("contact"),
        )


@pytest.mark.parametrize(
    ("who", "status", "recorded"),
    [
        ("contact", 200, 7),
        ("deputy", 200, 7),
        ("colleague", 200, 3),
        ("partner colleague", 200, 3),
        ("coordinator", 200, 7),
        ("bbsr", 200, 7),
        ("neighbour", 404, 0),
        ("reviewer", 404, 0),
        ("observer", 404, 0),
        ("nobody", 404, 0),
        ("visitor", 302, 0),
    ],
)
def test_who_records(who, status, recorded):
    cycle = held()
    client = cycle.client(who)
    page = url("attendance", cycle.meeting.pk)

    assert client.get(page).status_code == status
    assert client.delete(page).status_code in {405, 302}
    assert client.post(page, {}).status_code in {status, 302}
    assert Attendance.objects.exclude(has_attended=None).count() == recorded


def test_of_a_meeting_of_the_network_only_the_team_records():
    cycle = held()
    past = timezone.localdate() - DAY
    meeting = plan_for(None, starts_at=None, ends_at=None, earliest=past, latest=past)
    values = {f"city-{cycle.hamm.pk}": 4}
    opened = {}

    for who in ("contact", "colleague"):
        with pytest.raises(PermissionDenied):
            record_attendance(meeting=meeting, values=values, opened=opened, by=cycle.person(who))
    stored = attendance_values(meeting=meeting, by=None)
    assert stored[f"city-{cycle.hamm.pk}"] is None


def test_cancelled_meeting_takes_no_list():
    cycle = held()
    cycle.meeting.status = "cancelled"
    cycle.meeting.save()

    with pytest.raises(ValidationError):
        record_attendance(meeting=cycle.meeting, values={}, opened={}, by=cycle.person("contact"))


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_same_for_one_and_for_three(number, django_assert_num_queries):
    cycle = held()
    for _ in range(number):
        AttendanceFactory(meeting=cycle.meeting, municipality=cycle.hamm)
    client = cycle.client("contact")
    client.get(url("attendance", cycle.meeting.pk))

    with django_assert_num_queries(18):
        client.get(url("attendance", cycle.meeting.pk))


@pytest.mark.parametrize("language", ["de", "en"])
def test_page_is_whole_in_both_languages(language):
    cycle = held()
    page = url("attendance", cycle.meeting.pk).replace("/en/", f"/{language}/", 1)

    document = read(cycle.client("contact").get(page))

    assert (document.faults, document.language) == ([], language)


def test_outside_guests_are_forgotten_a_year_after_the_meeting_and_numbers_stay():
    cycle = held()
    cycle.client("contact").post(
        url("attendance", cycle.meeting.pk),
        {**form_of(cycle), f"person-{Attendance.objects.get(user=None).pk}": "on"},
    )
    undated = make_undated()
    last = timezone.now() + 364 * DAY

    with time_machine.travel(last - DAY, tick=False):
        assert forget_outside_guests() == 0
    with time_machine.travel(last + 2 * DAY, tick=False):
        assert forget_outside_guests() == 2
        assert forget_outside_guests() == 0

    assert list(Attendance.objects.filter(user=None)) == []
    assert Attendance.objects.filter(meeting=cycle.meeting).count() == 6
    cycle.meeting.refresh_from_db()
    assert cycle.meeting.participant_count == 1
    assert undated.attendances.count() == 0


def make_undated():
    """Return a meeting that never got a day, with a guest who was invited to it today."""
    fields = {"precision": "unknown", "earliest": None, "latest": None}
    meeting = plan_for(None, starts_at=None, ends_at=None, **fields)
    AttendanceFactory(meeting=meeting, user=None, name="Ben", email="ben@example.org")
    return meeting


def test_erased_person_is_on_no_list(settings):
    settings.FORGET_PEOPLE = [
        *settings.FORGET_PEOPLE,
        "meetings.actions.attendance.forget_attendances",
    ]
    cycle = held()
    gone = cycle.people["partner"]

    erase_person(user=gone, by=None)

    assert not Attendance.objects.filter(user=gone).exists()
    assert Attendance.objects.filter(meeting=cycle.meeting).count() == 6
    assert forget_attendances(user=gone, by=None) == 0
