"""The timetable as it is computed: times of day, sums, several days, the night of a change."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from types import SimpleNamespace

import pytest
from django.utils import translation

from meetings.timetable import Balance, carried_minutes, timetable_of, why_closed

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DAY = dt.date(2026, 5, 12)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def local(day, hour, minute=0):
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=BERLIN)


def meeting(start=(10, 0), end=(12, 0), days=1, first=DAY, precision="day"):
    last = first + dt.timedelta(days=days - 1)
    return SimpleNamespace(
        earliest=first,
        latest=last,
        precision=precision,
        local_start=local(first, *start) if start else None,
        local_end=local(last, *end) if end else None,
        status="planned",
    )


def items(*minutes, day=1, question=None):
    return [
        SimpleNamespace(position=number, day=day, minutes=value, question_id=question)
        for number, value in enumerate(minutes)
    ]


def hours(day):
    return [slot.hours for slot in day.slots]


def test_each_item_begins_where_the_one_before_it_ends():
    (day,) = timetable_of(meeting(), items(15, 45, 60)).days

    assert [text[:11] for text in hours(day)] == ["10:00–10:15", "10:15–11:00", "11:00–12:00"]
    assert (day.balance, day.told, day.left) == (Balance.FITS, "adds up", 0)


@pytest.mark.parametrize(
    ("minutes", "balance", "told"),
    [
        ((119,), "free", "1 minute free"),
        ((100,), "free", "20 minutes free"),
        ((121,), "over", "1 minute too long"),
        ((60, 90), "over", "30 minutes too long"),
        ((60, None), "open", "1 item has no time yet"),
        ((None, None), "open", "2 items have no time yet"),
        # What is too long already does not get shorter by an item without a time.
        ((150, None), "over", "30 minutes too long"),
    ],
)
def test_sum_is_told_in_words(minutes, balance, told):
    (day,) = timetable_of(meeting(), items(*minutes)).days

    assert (day.balance, day.told) == (balance, told)


def test_behind_an_item_without_a_length_no_time_is_claimed():
    (day,) = timetable_of(meeting(), items(15, None, 20)).days

    assert [text[:5] for text in hours(day)] == ["10:00", "10:15", ""]


def test_meeting_without_an_end_or_a_start_says_what_is_not_known():
    (open_end,) = timetable_of(meeting(end=None), items(30)).days
    (no_time,) = timetable_of(meeting(start=None, end=None), items(30)).days
    (no_day,) = timetable_of(meeting(None, None, days=20, precision="month"), items(30)).days

    for day in (open_end, no_time, no_day):
        assert day.balance == Balance.UNKNOWN
        assert day.told == "how long this day is, is not known yet"
    assert hours(open_end)[0].startswith("10:00–10:30")
    assert hours(no_time) == hours(no_day) == [""]


def test_each_of_several_days_begins_at_the_same_time_and_has_its_own_sum():
    rows = [*items(120), *items(60, day=2)]

    first, second, third = timetable_of(meeting(days=3), rows).days

    assert (first.told, second.told, third.told) == (
        "adds up",
        "60 minutes free",
        "120 minutes free",
    )
    assert hours(second)[0].startswith("10:00–11:00")
    assert [day.date for day in (first, second, third)] == [
        DAY + dt.timedelta(days=number) for number in range(3)
    ]


def test_from_noon_to_noon_nothing_is_claimed_about_the_days():
    rows = [*items(60), *items(60, day=2)]

    first, second = timetable_of(meeting((14, 0), (12, 0), days=2), rows).days

    assert hours(first)[0].startswith("14:00–15:00")
    assert hours(second) == [""]
    assert (first.balance, second.balance) == (Balance.UNKNOWN, Balance.UNKNOWN)


def test_evening_that_ends_after_midnight_is_one_day():
    (day,) = timetable_of(meeting((22, 0), (1, 0), days=2), items(90, 90)).days

    assert day.balance == Balance.FITS
    assert "23:30" in hours(day)[1]


def test_item_on_a_day_that_the_meeting_has_no_more_is_told():
    first, third = timetable_of(meeting(), [*items(120), *items(30, day=3)]).days

    assert (first.number, third.number) == (1, 3)
    assert (third.balance, third.told) == (Balance.BEYOND, "the meeting has no such day")


def test_night_on_which_clocks_are_put_forward_is_an_hour_shorter():
    night = dt.date(2026, 3, 29)

    (day,) = timetable_of(meeting((1, 0), (4, 0), first=night), items(60, 60)).days

    assert hours(day)[0].startswith("01:00–03:00")
    assert day.told == "adds up"


def test_days_on_both_sides_of_a_change_begin_at_the_same_time_of_day():
    before = dt.date(2026, 10, 24)
    rows = [*items(60), *items(60, day=2)]

    _first, second = timetable_of(meeting(days=2, first=before), rows).days

    assert hours(second)[0].startswith("10:00–11:00")
    assert second.available == 120


def test_open_commitments_come_first_and_take_their_time():
    (day,) = timetable_of(meeting(), items(60), carried=2).days

    assert [slot.item is None for slot in day.slots] == [True, False]
    assert [text[:11] for text in hours(day)] == ["10:00–10:10", "10:10–11:10"]
    assert day.planned == 70
    # It cannot be moved above the block.
    assert day.slots[1].is_first


@pytest.mark.parametrize(("count", "minutes"), [(1, 5), (2, 10), (3, 10), (5, 15), (40, 30)])
def test_commitments_take_steps_of_five_minutes_and_half_an_hour_at_most(count, minutes):
    assert carried_minutes(count) == minutes


def test_time_for_a_question_is_summed_over_the_items():
    rows = [*items(20, 25, question=7), *items(None, question=8), *items(10)]

    timetable = timetable_of(meeting(), rows)

    assert timetable.minutes_for(7) == 45
    assert timetable.minutes_for(8) == 0
    assert timetable.minutes_for(9) is None


@pytest.mark.parametrize("status", ["planned", "announced", "unconfirmed"])
def test_plan_stays_open_until_the_meeting_is_over(status):
    assert why_closed(SimpleNamespace(status=status)) == ""


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_plan_of_a_meeting_that_is_over_is_closed_with_a_reason(status):
    assert "stay as they were" in why_closed(SimpleNamespace(status=status))
