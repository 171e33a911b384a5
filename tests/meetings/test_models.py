from __future__ import annotations

import datetime as dt
from operator import attrgetter

import pytest
from django.core.exceptions import ValidationError

from meetings.enums import MeetingStatus
from meetings.models import LONGEST_FEED, AgendaItem, Meeting
from tests.constraints import (
    Arranged,
    Case,
    alone,
    assert_database_refuses,
    assert_people_are_told,
    beside,
    dated,
)
from tests.factories import (
    AgendaItemFactory,
    CommitmentFactory,
    MeetingFactory,
    TandemFactory,
    make_pair,
)
from tests.workspace import MeetingGuestFactory

STARTS = dt.datetime(2022, 5, 17, 8, tzinfo=dt.UTC)
TIMED = {
    "starts_at": STARTS,
    "ends_at": STARTS + dt.timedelta(hours=2),
    "time_zone": "Europe/Berlin",
}
TODAY = dt.date(2024, 5, 15)


def of_a_partnership() -> Meeting:
    return MeetingFactory(scope="tandem", tandem=TandemFactory())


NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)


def guest_twice() -> Arranged:
    first = MeetingGuestFactory()
    second = MeetingGuestFactory(meeting=first.meeting)
    same = {"municipality": first.municipality}
    return Arranged(second, same, {**same, "meeting": MeetingGuestFactory().meeting})


CASES = [
    Case(
        "meeting_guest_is_let_in_once",
        "This municipality is a guest of the meeting already.",
        guest_twice,
    ),
    Case(
        "commitment_language_is_known",
        "Choose the language of the commitment.",
        alone(CommitmentFactory, refused={"language": "xx"}, allowed={"language": ""}),
    ),
    Case(
        "commitment_state_is_known",
        "Choose the state of the commitment.",
        alone(
            CommitmentFactory,
            refused={"state": "lost", "settled_at": NOW},
            allowed={"state": "kept", "settled_at": NOW},
        ),
    ),
    Case(
        "commitment_is_settled_at_a_moment",
        "A settled commitment needs the moment.",
        alone(
            CommitmentFactory,
            refused={"settled_at": NOW},
            allowed={"state": "kept", "settled_at": NOW},
        ),
    ),
    Case(
        "commitment_is_dropped_with_a_reason",
        "Say why the commitment is dropped.",
        alone(
            CommitmentFactory,
            refused={"state": "dropped", "settled_at": NOW},
            allowed={"state": "dropped", "settled_at": NOW, "reason": "kein Geld"},
        ),
    ),
    Case(
        "commitment_has_a_text",
        "Say what the municipality commits itself to.",
        alone(CommitmentFactory, refused={"text": ""}, allowed={"text": "a"}),
    ),
    Case(
        "meeting_kind_is_known",
        "Choose the kind of meeting.",
        alone(MeetingFactory, refused={"kind": "party"}, allowed={"kind": "workshop"}),
    ),
    Case(
        "meeting_scope_is_known",
        "Choose who the meeting belongs to.",
        alone(of_a_partnership, refused={"scope": "nobody"}, allowed={"scope": "related"}),
    ),
    *dated("meeting", MeetingFactory),
    Case(
        "meeting_of_a_partnership_names_it",
        "Name the partnership that meets.",
        alone(
            of_a_partnership,
            refused={"tandem": None},
            allowed={"tandem": None, "scope": "related"},
        ),
    ),
    *(
        Case(
            "meeting_ends_after_it_starts",
            "The meeting ends before it starts.",
            alone(
                MeetingFactory,
                **TIMED,
                refused={"ends_at": refused},
                allowed={"ends_at": STARTS + dt.timedelta(seconds=1)},
            ),
        )
        for refused in (STARTS, STARTS - dt.timedelta(hours=1))
    ),
    Case(
        "meeting_with_an_end_has_a_start",
        "Give the start as well as the end.",
        alone(
            MeetingFactory,
            **TIMED,
            refused={"starts_at": None},
            allowed={"starts_at": None, "ends_at": None},
        ),
    ),
    *(
        Case(
            "meeting_with_a_time_has_day_and_zone",
            "A time of day needs the day and the time zone.",
            alone(
                MeetingFactory,
                **TIMED,
                refused=lacking,
                allowed={**lacking, "starts_at": None, "ends_at": None},
            ),
        )
        for lacking in ({"time_zone": ""}, {"precision": "month"})
    ),
    Case(
        "meeting_status_is_known",
        "Choose the status of the meeting.",
        alone(MeetingFactory, refused={"status": "maybe"}, allowed={"status": "cancelled"}),
    ),
    Case(
        "meeting_format_is_known",
        "Choose the format of the meeting.",
        alone(
            MeetingFactory, format="virtual", refused={"format": "phone"}, allowed={"format": ""}
        ),
    ),
    Case(
        "agenda_item_has_its_own_position",
        "This position is taken by another item.",
        beside(AgendaItemFactory, "meeting"),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_database_refuses_what_a_constraint_forbids(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_people_read_why_a_constraint_refuses(case):
    assert_people_are_told(case)


def enter(slug: str, first: str | None, last: str | None, precision: str = "day") -> Meeting:
    return MeetingFactory(
        slug=slug,
        earliest=first and dt.date.fromisoformat(first),
        latest=last and dt.date.fromisoformat(last),
        precision=precision,
    )


def slugs(meetings) -> list[str]:
    return list(meetings.values_list("slug", flat=True))


@pytest.fixture
def meetings(db):
    for entry in [
        ("undated", None, None, "unknown"),
        ("yesterday", "2024-05-14", "2024-05-14"),
        ("today", "2024-05-15", "2024-05-15"),
        ("tomorrow", "2024-05-16", "2024-05-16"),
        ("since-monday", "2024-05-13", "2024-05-17"),
        ("this-month", "2024-05-01", "2024-05-31", "month"),
        ("last-month", "2024-04-01", "2024-04-30", "month"),
        ("this-year", "2024-01-01", "2024-12-31", "year"),
        ("last-year", "2023-01-01", "2023-12-31", "year"),
        ("new-years-eve", "2023-12-31", "2024-01-01"),
        ("winter", "2023-10-01", "2024-03-31", "period"),
        ("undated-too", None, None, "unknown"),
    ]:
        enter(*entry)


def test_coming_are_all_that_may_not_be_over_the_next_one_first(meetings):
    assert slugs(Meeting.objects.coming_on(TODAY)) == [
        "this-year",
        "this-month",
        "since-monday",
        "today",
        "tomorrow",
    ]


def test_past_are_all_others_the_last_one_first_and_undated_ones_at_the_end(meetings):
    assert slugs(Meeting.objects.past_on(TODAY)) == [
        "yesterday",
        "last-month",
        "winter",
        "new-years-eve",
        "last-year",
        "undated-too",
        "undated",
    ]


@pytest.mark.parametrize("today", [dt.date(2023, 12, 31), TODAY, dt.date(2024, 6, 1)])
def test_every_meeting_is_either_coming_or_past(meetings, today):
    coming, past = Meeting.objects.coming_on(today), Meeting.objects.past_on(today)

    assert sorted(slugs(coming) + slugs(past)) == sorted(slugs(Meeting.objects.all()))


@pytest.mark.parametrize(
    ("year", "found"),
    [
        (2022, set()),
        (2023, {"last-year", "new-years-eve", "winter"}),
        (
            2024,
            {
                *("yesterday", "today", "tomorrow", "since-monday", "this-month", "last-month"),
                *("this-year", "new-years-eve", "winter"),
            },
        ),
        (2025, set()),
    ],
)
def test_in_year_finds_what_can_have_taken_place_in_it(meetings, year, found):
    assert set(slugs(Meeting.objects.in_year(year))) == found


@pytest.mark.django_db
def test_in_year_finds_what_spans_the_whole_year():
    enter("long", "2021-06-01", "2023-02-01", "range")

    assert slugs(Meeting.objects.in_year(2022)) == ["long"]


@pytest.mark.django_db
def test_visitors_see_no_internal_meeting_and_none_of_a_planned_partnership():
    for status in MeetingStatus:
        MeetingFactory(slug=status, status=status)
    MeetingFactory(slug="of-planned", scope="tandem", tandem=TandemFactory(status="planned"))
    MeetingFactory(slug="of-active", scope="tandem", tandem=TandemFactory(status="active"))

    assert set(slugs(Meeting.objects.visible_to(None))) == {
        "announced",
        "unconfirmed",
        "held",
        "cancelled",
        "of-active",
    }


def test_calendar_holds_what_is_dated_to_the_day(meetings):
    MeetingFactory(slug="internal", status="planned")

    assert slugs(Meeting.objects.in_feed()) == [
        "since-monday",
        "tomorrow",
        "today",
        "yesterday",
        "new-years-eve",
    ]


@pytest.mark.django_db
def test_calendar_drops_the_oldest_when_there_are_too_many():
    first = dt.date(2020, 1, 1)
    Meeting.objects.bulk_create(
        MeetingFactory.build(earliest=day, latest=day)
        for day in (first + dt.timedelta(days=number) for number in range(LONGEST_FEED + 1))
    )

    kept = [meeting.earliest for meeting in Meeting.objects.in_feed()]

    assert len(kept) == LONGEST_FEED
    assert kept[-1] == first + dt.timedelta(days=1)


@pytest.mark.django_db
def test_partnership_comes_along(django_assert_num_queries):
    MeetingFactory(scope="tandem", tandem=make_pair(name_de="Hamm – Arezzo"))
    MeetingFactory()

    with django_assert_num_queries(1):
        names = [
            meeting.tandem and meeting.tandem.name
            for meeting in Meeting.objects.with_tandem().order_by("pk")
        ]

    assert names == ["Hamm – Arezzo", None]


@pytest.mark.parametrize(
    ("status", "announced"),
    [
        ("planned", False),
        ("announced", True),
        ("unconfirmed", True),
        ("held", False),
        ("cancelled", False),
    ],
)
def test_meeting_is_only_announced_until_something_documents_it(status, announced):
    assert Meeting(status=status).is_only_announced is announced


def test_meeting_tells_the_time_on_the_clock_of_its_place():
    meeting = Meeting(
        starts_at=dt.datetime(2024, 3, 31, 0, 30, tzinfo=dt.UTC),
        ends_at=dt.datetime(2024, 3, 31, 1, 30, tzinfo=dt.UTC),
        time_zone="Europe/Athens",
    )

    # Clocks in Athens went from 03:00 to 04:00 in between.
    assert (meeting.local_start.isoformat(), meeting.local_end.isoformat()) == (
        "2024-03-31T02:30:00+02:00",
        "2024-03-31T04:30:00+03:00",
    )


def test_meeting_without_a_time_has_none_on_any_clock():
    assert (Meeting().local_start, Meeting().local_end) == (None, None)


@pytest.mark.django_db
def test_agenda_comes_in_its_order():
    meeting = MeetingFactory()
    items = [AgendaItemFactory(meeting=meeting, position=position) for position in (3, 1, 2)]

    assert list(AgendaItem.objects.all()) == [items[1], items[2], items[0]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "party"), ("scope", "secret"), ("time_zone", "CET+1"), ("country", "EL")],
)
def test_meeting_refuses_a_wrong_value_at_its_field(field, value):
    meeting = MeetingFactory.build(**{field: value})

    with pytest.raises(ValidationError) as refusal:
        meeting.full_clean()

    assert set(refusal.value.error_dict) - {"__all__"} == {field}
