"""Meetings of the real facts: what is known to the day, to the month or not at all."""

from __future__ import annotations

import datetime as dt
import uuid
import zoneinfo

import pytest
from django.db.models import F

from meetings.models import Meeting

pytestmark = pytest.mark.usefixtures("loaded")

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def test_meeting_known_to_the_month_keeps_its_month(db):
    monthly = Meeting.objects.filter(precision="month")

    assert sorted(monthly.values_list("reference", "earliest", "latest")) == [
        ("arnsberg-alba-iulia-1-2023", dt.date(2023, 3, 1), dt.date(2023, 3, 31)),
        ("arnsberg-alba-iulia-3-2024", dt.date(2024, 11, 1), dt.date(2024, 11, 30)),
        ("geestland-vvv-1-2022", dt.date(2022, 10, 1), dt.date(2022, 10, 31)),
        ("grenzlandkonferenz-2024", dt.date(2024, 9, 1), dt.date(2024, 9, 30)),
    ]


def test_meeting_of_several_days_has_first_and_last(db):
    longer = Meeting.objects.filter(precision="day").exclude(earliest=F("latest"))

    assert sorted(longer.values_list("reference", "earliest", "latest")) == [
        ("berlin-2023", dt.date(2023, 10, 23), dt.date(2023, 10, 24)),
        ("hamm-arezzo-2-2023", dt.date(2023, 9, 7), dt.date(2023, 9, 8)),
        ("make-a-thon-2024", dt.date(2024, 4, 26), dt.date(2024, 4, 28)),
    ]


def test_meeting_without_a_documented_date_has_none(db):
    undated = Meeting.objects.filter(precision="unknown")

    assert sorted(undated.values_list("reference", "earliest", "latest")) == [
        ("global-mixer", None, None),
        ("governance-workshop", None, None),
    ]


def test_meeting_that_nothing_confirms_is_only_announced(db):
    announced = {
        meeting.reference for meeting in Meeting.objects.all() if meeting.is_only_announced
    }

    assert announced == {
        "krefeld-sofia-first-2022",
        "make-a-thon-2024",
        "arnsberg-ideas-2024",
        "arnsberg-workshop-2024",
    }
    unconfirmed = Meeting.objects.filter(status="unconfirmed")
    assert list(unconfirmed.values_list("reference", flat=True)) == ["krefeld-sofia-first-2022"]
    assert Meeting.objects.filter(status="held").count() == 21


def test_meeting_has_a_time_only_where_one_is_documented(db):
    timed = Meeting.objects.exclude(starts_at=None)

    assert sorted(timed.values_list("reference", "starts_at", "ends_at", "time_zone")) == [
        (
            "arnsberg-workshop-2024",
            dt.datetime(2024, 10, 22, 18, 30, tzinfo=BERLIN),
            None,
            "Europe/Berlin",
        ),
        (
            "freiburg-2024",
            dt.datetime(2024, 10, 23, 9, 30, tzinfo=BERLIN),
            dt.datetime(2024, 10, 23, 18, 0, tzinfo=BERLIN),
            "Europe/Berlin",
        ),
        (
            "krefeld-business-2022",
            dt.datetime(2022, 9, 22, 16, 0, tzinfo=BERLIN),
            dt.datetime(2022, 9, 22, 17, 30, tzinfo=BERLIN),
            "Europe/Berlin",
        ),
    ]
    untimed = Meeting.objects.filter(starts_at=None)
    assert set(untimed.values_list("ends_at", "time_zone")) == {(None, "")}


def test_meeting_lists_cities_and_topics(db, facts):
    for record in facts["meetings"]:
        meeting = Meeting.objects.get(reference=record["id"])
        cities = meeting.participants.values_list("slug", flat=True)
        topics = meeting.topics.values_list("key", flat=True)

        assert (set(cities), set(topics)) == (set(record["municipalities"]), set(record["themes"]))


def test_meeting_counts_people_only_where_documented(db):
    counted = Meeting.objects.exclude(participant_count=None)

    assert dict(counted.values_list("reference", "participant_count")) == {
        "kick-off-2022": 26,
        "governance-workshop": 50,
        "freiburg-2024": 70,
    }


def test_meeting_has_the_same_calendar_identity_everywhere(db):
    meeting = Meeting.objects.get(reference="kick-off-2022")

    assert meeting.uid == uuid.UUID("787d7f95-6578-51c8-85a9-a582f1018741")
