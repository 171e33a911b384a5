from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from core.dates import (
    NO_DATE,
    DatePrecision,
    DateSpan,
    day,
    day_range,
    month,
    month_span,
    year_span,
)

DAY, MONTH, YEAR, YEAR_END, RANGE, PERIOD, UNKNOWN = DatePrecision


def span(first: str | None, last: str | None, precision: str) -> DateSpan:
    return DateSpan(
        dt.date.fromisoformat(first) if first else None,
        dt.date.fromisoformat(last) if last else None,
        precision,
    )


@pytest.mark.parametrize(
    ("documented", "german", "english"),
    [
        (span("2022-05-17", "2022-05-17", DAY), "17. Mai 2022", "17 May 2022"),
        (span("2022-05-17", None, DAY), "17. Mai 2022", "17 May 2022"),
        (span(None, "2022-05-17", DAY), "17. Mai 2022", "17 May 2022"),
        (span("2023-09-07", "2023-09-08", DAY), "7.–8. September 2023", "7–8 September 2023"),
        (
            span("2024-04-30", "2024-05-02", DAY),
            "30. April – 2. Mai 2024",
            "30 April – 2 May 2024",
        ),
        (
            span("2023-12-30", "2024-01-02", DAY),
            "30. Dezember 2023 – 2. Januar 2024",
            "30 December 2023 – 2 January 2024",
        ),
        (
            span("2023-05-01", "2024-05-01", DAY),
            "1. Mai 2023 – 1. Mai 2024",
            "1 May 2023 – 1 May 2024",
        ),
        (span("2022-10-01", "2022-10-31", MONTH), "Oktober 2022", "October 2022"),
        (
            span("2022-10-01", "2023-03-31", PERIOD),
            "Oktober 2022 – März 2023",
            "October 2022 – March 2023",
        ),
        (span("2019-01-01", "2019-12-31", YEAR), "2019", "2019"),
    ],
)
def test_span_prints_as_people_write_it(documented, german, english):
    assert str(documented) == german
    with translation.override("en"):
        assert str(documented) == english


@pytest.mark.parametrize(
    ("documented", "german", "english"),
    [
        (span("2023-12-01", "2023-12-31", YEAR_END), "Ende 2023", "end of 2023"),
        (
            span("2022-03-01", "2022-05-31", RANGE),
            "zwischen dem 1. März und dem 31. Mai 2022",
            "between 1 March and 31 May 2022",
        ),
        (
            span("2022-12-01", "2023-01-31", RANGE),
            "zwischen dem 1. Dezember 2022 und dem 31. Januar 2023",
            "between 1 December 2022 and 31 January 2023",
        ),
        (
            span("2022-03-01", "2022-05-31", UNKNOWN),
            "Datum nicht belegt",
            "date not documented",
        ),
        (span(None, None, UNKNOWN), "Datum nicht belegt", "date not documented"),
        (span(None, None, DAY), "Datum nicht belegt", "date not documented"),
        (NO_DATE, "Datum nicht belegt", "date not documented"),
    ],
)
def test_span_says_in_words_what_is_not_known_exactly(documented, german, english):
    assert str(documented) == german
    with translation.override("en"):
        assert str(documented) == english


def test_period_within_one_month_names_the_month_once():
    assert str(span("2022-10-01", "2022-10-31", PERIOD)) == "Oktober 2022"


@pytest.mark.parametrize(
    ("documented", "iso"),
    [
        (span("2022-05-17", "2022-05-17", DAY), "2022-05-17"),
        (span("2023-09-07", "2023-09-08", DAY), "2023-09-07"),
        (span("2022-10-01", "2022-10-31", MONTH), "2022-10"),
        (span("2019-01-01", "2019-12-31", YEAR), "2019"),
        (span("2023-12-01", "2023-12-31", YEAR_END), "2023"),
        (span("2022-03-01", "2022-05-31", RANGE), ""),
        (span("2022-10-01", "2023-03-31", PERIOD), ""),
        (span("2022-03-01", "2022-05-31", UNKNOWN), ""),
        (NO_DATE, ""),
    ],
)
def test_span_has_a_machine_readable_form_where_html_knows_one(documented, iso):
    assert documented.iso == iso


@pytest.mark.parametrize(
    ("documented", "known"),
    [
        (span("2022-05-17", "2022-05-17", DAY), True),
        (span("2022-05-17", None, UNKNOWN), True),
        (span(None, "2022-05-17", UNKNOWN), True),
        (NO_DATE, False),
    ],
)
def test_span_is_true_where_anything_is_documented(documented, known):
    assert bool(documented) is known


def test_one_day_and_one_month_follow_the_language():
    value = dt.date(2024, 3, 1)

    assert (day(value), month(value)) == ("1. März 2024", "März 2024")
    with translation.override("en"):
        assert (day(value), month(value)) == ("1 March 2024", "March 2024")


def test_range_of_one_day_is_a_day():
    assert day_range(dt.date(2024, 3, 1), dt.date(2024, 3, 1)) == "1. März 2024"


@pytest.mark.parametrize(("year", "last"), [(2023, 28), (2024, 29)])
def test_month_span_knows_leap_years(year, last):
    assert month_span(year, 2) == DateSpan(dt.date(year, 2, 1), dt.date(year, 2, last), MONTH)


def test_year_span_reaches_from_new_year_to_its_eve():
    assert year_span(2021) == DateSpan(dt.date(2021, 1, 1), dt.date(2021, 12, 31), YEAR)
