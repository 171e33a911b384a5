"""The tag that tells when a meeting takes place, and where lists of meetings lead."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from core.dates import DatePrecision
from meetings.models import Meeting
from tests.cycle import make_cycle, plan_for
from tests.factories import MeetingFactory, MunicipalityFactory
from tests.reading import Document

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 5, 12, 8, tzinfo=dt.UTC)
TIMES = {
    "starts_at": START,
    "ends_at": START + dt.timedelta(hours=2),
    "time_zone": "Europe/Berlin",
    "earliest": START.date(),
    "latest": START.date(),
}


def rendered(source, user=None, **context):
    """Return what a template shows to a visitor, or to who is signed in."""
    request = RequestFactory().get("/")
    if user is not None:
        request.COOKIES["session"] = "x" * 32
        request.user = user
    template = Template("{% load meeting_tags %}" + source)
    return Document(template.render(Context({"request": request, **context})))


def when(meeting, user=None, **context):
    source = (
        "{% meeting_when meeting zones %}" if "zones" in context else "{% meeting_when meeting %}"
    )
    return rendered(source, user, meeting=meeting, **context).root.text


def test_visitor_reads_the_clock_of_the_place():
    assert when(MeetingFactory.build(**TIMES)) == "12. Mai 2026, 10:00–12:00 Uhr (Berlin)"


def test_english_names_no_unit():
    with translation.override("en"):
        assert when(MeetingFactory.build(**TIMES)) == "12 May 2026, 10:00–12:00 (Berlin)"


def test_other_clocks_stand_beside_without_the_day():
    zones = ["Europe/Berlin", "Europe/Sofia", "Europe/Lisbon", "Europe/Athens"]

    assert when(MeetingFactory.build(**TIMES), zones=zones) == (
        "12. Mai 2026, 10:00–12:00 Uhr (Berlin)"
        " 11:00–13:00 Uhr (Sofia, Athen) 09:00–11:00 Uhr (Lissabon)"
    )


def test_day_is_told_where_it_is_another_one():
    late = {**TIMES, "starts_at": START.replace(hour=20), "ends_at": START.replace(hour=21)}

    assert when(MeetingFactory.build(**late), zones=["Asia/Tokyo"]) == (
        "12. Mai 2026, 22:00–23:00 Uhr (Berlin) 13. Mai 2026, 05:00–06:00 Uhr (Tokyo)"
    )


def test_who_is_signed_in_reads_the_own_clock_first():
    cycle = make_cycle(**TIMES)
    person = cycle.people["contact"]
    person.time_zone = "Europe/Sofia"

    assert when(cycle.meeting, person) == (
        "12. Mai 2026, 11:00–13:00 Uhr (Ihre Zeit: Sofia) 10:00–12:00 Uhr (Berlin)"
    )


@pytest.mark.parametrize(
    ("dates", "words", "stamps"),
    [
        (
            {"earliest": dt.date(2026, 5, 12), "latest": dt.date(2026, 5, 14)},
            "12.–14. Mai 2026",
            ["2026-05-12"],
        ),
        (
            {
                "earliest": dt.date(2026, 5, 1),
                "latest": dt.date(2026, 5, 31),
                "precision": DatePrecision.MONTH,
            },
            "Mai 2026",
            ["2026-05"],
        ),
        (
            {"earliest": None, "latest": None, "precision": DatePrecision.UNKNOWN},
            "Datum nicht belegt",
            [],
        ),
    ],
)
def test_whole_days_and_vague_dates_are_told_as_documented(dates, words, stamps):
    page = rendered("{% meeting_when meeting %}", meeting=MeetingFactory.build(**dates))

    assert page.root.text.lower() == words.lower()
    assert [time["datetime"] for time in page.root.all("time")] == stamps


def test_open_end_is_left_open():
    meeting = MeetingFactory.build(**{**TIMES, "ends_at": None})

    assert when(meeting) == "12. Mai 2026, 10:00 Uhr (Berlin)"


def test_participants_are_told_where_they_came_along_and_nothing_is_asked(
    django_assert_num_queries,
):
    stored = MeetingFactory(**TIMES)
    stored.participants.add(MunicipalityFactory(time_zone="Europe/Sofia"))
    bare = Meeting.objects.get(pk=stored.pk)
    [full] = Meeting.objects.filter(pk=stored.pk).prefetch_related("participants")

    with django_assert_num_queries(0):
        assert "Sofia" not in when(bare)
        assert "11:00–13:00 Uhr (Sofia)" in when(full)


def test_public_page_is_not_asked_who_reads_it():
    """Without the cookie, the tag never touches the user."""
    assert "Berlin" in when(MeetingFactory.build(**TIMES))


@pytest.mark.parametrize(("inside", "leads"), [(False, "public"), (True, "internal")])
def test_list_inside_leads_to_the_internal_page_of_what_is_not_public(
    inside, leads, django_assert_num_queries
):
    cycle = make_cycle(slug="intern")
    plan_for(cycle.tandem, slug="gezeigt", status="announced", is_public=True)
    rows = list(Meeting.objects.filter(tandem=cycle.tandem).for_lists().order_by("pk"))

    with django_assert_num_queries(0):
        page = rendered("{% meeting_list rows inside=inside %}", rows=rows, inside=inside)

    internal, shown = page.root.hrefs()
    assert shown == f"/de/meetings/{rows[1].pk}/gezeigt/"
    assert (
        internal
        == {
            "public": f"/de/meetings/{cycle.meeting.pk}/intern/",
            "internal": f"/de/meetings/{cycle.meeting.pk}/internal/",
        }[leads]
    )
