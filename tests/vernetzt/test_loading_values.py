"""Readers of dates and numbers: the value, or a fault that names its place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from core.dates import NO_DATE, DateSpan
from vernetzt.loading.records import Record

LAST_OF_2022 = dt.date(2022, 12, 31)


def record(**data: Any) -> Record:
    """Return a record with the label of a city."""
    return Record(data, "place “hamm”")


def told(record: Record) -> list[str]:
    """Return the faults as people read them."""
    return [str(fault) for fault in record.faults]


def test_date_is_read():
    reader = record(left="2023-12-31", joined=None)

    assert reader.date("left") == dt.date(2023, 12, 31)
    assert reader.date("joined") is None
    assert told(reader) == []


@pytest.mark.parametrize(
    "value", ["2023-02-30", "31.12.2023", "2023", "20231231", "2023-W52-7", "2023-12-31T10:00"]
)
def test_date_of_another_form_is_a_fault(value):
    reader = record(left=value)

    assert reader.date("left") is None
    assert told(reader) == [f"place “hamm”, left: {value!r} is not a date of the form 2022-05-17."]


def test_date_that_is_required_is_demanded():
    reader = record(left=None)

    assert (reader.date("left", required=True), told(reader)) == (
        None,
        ["place “hamm”, left: is missing."],
    )


@pytest.mark.parametrize(
    ("value", "first", "last", "precision"),
    [
        ("2022-02-25", dt.date(2022, 2, 25), dt.date(2022, 2, 25), "day"),
        ("2022-02", dt.date(2022, 2, 1), dt.date(2022, 2, 28), "month"),
        ("2024-02", dt.date(2024, 2, 1), dt.date(2024, 2, 29), "month"),
        ("2022", dt.date(2022, 1, 1), LAST_OF_2022, "year"),
        ("2022-07/2022-12", dt.date(2022, 7, 1), LAST_OF_2022, "period"),
    ],
)
def test_partial_date_keeps_its_precision(value, first, last, precision):
    reader = record(date=value)

    assert reader.partial_date("date") == DateSpan(first, last, precision)
    assert told(reader) == []


@pytest.mark.parametrize("value", ["2022-13", "2022-02-30", "0000", "Mai 2022", "2022-1", "22-05"])
def test_partial_date_of_another_form_is_a_fault(value):
    reader = record(date=value)

    assert reader.partial_date("date") == NO_DATE
    assert told(reader) == [
        f"place “hamm”, date: {value!r} is not a date such as 2022, 2022-05 or 2022-05-17."
    ]


def test_partial_date_that_is_absent_is_unknown():
    reader = record()

    assert (reader.partial_date("date"), told(reader)) == (NO_DATE, [])


@pytest.mark.parametrize(
    ("first", "last", "precision"),
    [("2022-05-17", "2022-05-17", "day"), ("2022-05-17", "2022-05-18", "range")],
)
def test_bounds_that_meet_are_a_day_and_others_a_range(first, last, precision):
    reader = record(a=first, b=last)

    assert reader.bounds("a", "b") == DateSpan(
        dt.date.fromisoformat(first), dt.date.fromisoformat(last), precision
    )


def test_bounds_take_the_precision_that_the_file_names():
    reader = record(a="2022-05-01", b="2022-05-31", p="month")

    assert reader.bounds("a", "b", "p").precision == "month"


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        ({}, []),
        ({"a": "2022-05-17"}, ["place, b: is missing beside the other bound."]),
        ({"b": "2022-05-17"}, ["place, a: is missing beside the other bound."]),
        (
            {"a": "2022-05-17", "b": "2022-05-16"},
            ["place, b: 2022-05-16 lies before 2022-05-17."],
        ),
    ],
    ids=["neither", "no end", "no start", "reversed"],
)
def test_bounds_without_sense_are_no_date(data, faults):
    reader = Record(data, "place")

    assert (reader.bounds("a", "b"), told(reader)) == (NO_DATE, faults)


@pytest.mark.parametrize("value", [0, 1, 234_587])
def test_whole_number_is_read(value):
    reader = record(people=value)

    assert (reader.number("people"), told(reader)) == (value, [])


@pytest.mark.parametrize("value", [-1, 1.5, "12", True, []])
def test_whole_number_of_another_kind_is_a_fault(value):
    reader = record(people=value)

    assert reader.number("people") is None
    assert told(reader) == [f"place “hamm”, people: {value!r} is not a whole number from 0 up."]


def test_whole_number_that_is_absent_is_a_fault_only_where_required():
    reader = record()

    assert (reader.number("people"), told(reader)) == (None, [])
    assert reader.number("people", required=True) is None
    assert told(reader) == ["place “hamm”, people: is missing."]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(137.77, Decimal("137.77")), (1342, Decimal("1342.00")), (None, None)],
)
def test_decimal_has_two_places(value, expected):
    reader = record(area=value)

    assert (reader.decimal("area"), told(reader)) == (expected, [])


@pytest.mark.parametrize("value", ["viel", "12,5", True, [1], float("inf"), float("nan")])
def test_decimal_that_is_no_number_is_a_fault(value):
    reader = record(area=value)

    assert reader.decimal("area") is None
    assert told(reader) == [f"place “hamm”, area: {value!r} is not a number."]


@pytest.mark.parametrize("value", [-90, 0, 51.3333, 90.0])
def test_angle_is_read(value):
    reader = record(lat=value)

    assert (reader.degrees("lat", 90), told(reader)) == (float(value), [])


@pytest.mark.parametrize("value", [90.01, -91, "51.3", None, True, float("inf"), float("nan")])
def test_angle_beyond_its_limit_is_a_fault(value):
    reader = record(lat=value)

    assert reader.degrees("lat", 90) == 0.0
    assert told(reader) == [
        f"place “hamm”, lat: {value!r} is not an angle between -90 and 90 degrees."
    ]
