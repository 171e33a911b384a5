"""What must never be stored about invitations, numbers and reminders."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.constraints import Arranged, Case, alone, assert_database_refuses, assert_people_are_told
from tests.cycle import AttendanceFactory, CityAttendanceFactory, MeetingReminderFactory

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)


def person_twice() -> Arranged:
    first = AttendanceFactory()
    second = AttendanceFactory(meeting=first.meeting)
    same = {"user": first.user}
    return Arranged(second, same, {**same, "meeting": AttendanceFactory().meeting})


def address_twice() -> Arranged:
    first = AttendanceFactory(user=None, email="ada@example.org")
    second = AttendanceFactory(meeting=first.meeting, user=None, email="ben@example.org")
    same = {"email": first.email}
    return Arranged(second, same, {**same, "meeting": AttendanceFactory().meeting})


def city_twice() -> Arranged:
    first = CityAttendanceFactory()
    second = CityAttendanceFactory(meeting=first.meeting)
    same = {"municipality": first.municipality}
    return Arranged(second, same, {**same, "meeting": CityAttendanceFactory().meeting})


def reminder_twice() -> Arranged:
    first = MeetingReminderFactory(hours_before=24)
    second = MeetingReminderFactory(meeting=first.meeting, hours_before=2)
    same = {"hours_before": 24}
    return Arranged(
        second, same, {**same, "meeting": MeetingReminderFactory(hours_before=72).meeting}
    )


CASES = [
    Case("attendance_of_a_person_is_one", "This person is invited already.", person_twice),
    Case("attendance_of_an_address_is_one", "This address is invited already.", address_twice),
    Case(
        "attendance_has_a_person_or_an_address",
        "Give the e-mail address of the guest.",
        alone(
            AttendanceFactory,
            refused={"user": None, "email": ""},
            allowed={"user": None, "email": "ada@example.org"},
        ),
    ),
    Case(
        "attendance_reply_is_known",
        "Choose whether the person is coming.",
        alone(
            AttendanceFactory,
            refused={"reply": "often"},
            allowed={"reply": "maybe"},
            reply="yes",
            replied_at=NOW,
        ),
    ),
    Case(
        "attendance_is_answered_at_a_moment",
        "An answer needs the moment.",
        alone(
            AttendanceFactory,
            refused={"reply": "yes"},
            allowed={"reply": "yes", "replied_at": NOW},
        ),
    ),
    Case(
        "city_attendance_is_counted_once",
        "The people of this city are counted already.",
        city_twice,
    ),
    Case("meeting_reminder_is_sent_once", "This reminder is chosen already.", reminder_twice),
    Case(
        "meeting_reminder_comes_before_the_meeting",
        "A reminder comes between an hour and 60 days before.",
        alone(
            MeetingReminderFactory,
            refused={"hours_before": 1441},
            allowed={"hours_before": 1440},
        ),
    ),
    Case(
        "meeting_reminder_comes_before_the_meeting",
        "A reminder comes between an hour and 60 days before.",
        alone(MeetingReminderFactory, refused={"hours_before": 0}, allowed={"hours_before": 1}),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_database_refuses(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_people_are_told(case):
    assert_people_are_told(case)
