"""A public calendar of five thousand meetings: sent in parts, asked for cheaply, told unchanged."""

from __future__ import annotations

import datetime as dt
import gzip

import brotli
import pytest
import time_machine
from django.test import Client
from django.utils import translation
from icalendar import Calendar

from meetings import ical
from meetings.models import Meeting
from meetings.views import feeds
from tests.factories import MeetingFactory, TandemFactory

pytestmark = pytest.mark.django_db

PATH = "/de/meetings/calendar.ics"
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
MANY = 5_000


def fill(rows):
    """Store meetings on consecutive days, each second one of a partnership."""
    tandem = TandemFactory()
    first = dt.date(2020, 1, 1)
    Meeting.objects.bulk_create(
        MeetingFactory.build(
            earliest=first + dt.timedelta(days=number),
            latest=first + dt.timedelta(days=number),
            title_de=f"Arbeitstreffen {number}",
            tandem=tandem if number % 2 else None,
            scope="tandem" if number % 2 else "programme",
        )
        for number in range(rows)
    )


@pytest.fixture
def long_feed(monkeypatch):
    """A feed of 12 meetings that counts as a long one, sent 5 at a time, written an hour ago."""
    monkeypatch.setattr(feeds, "LONGEST_WHOLE", 10)
    monkeypatch.setattr(ical, "CHUNK", 5)
    with time_machine.travel(NOON - dt.timedelta(hours=1), tick=False):
        fill(12)
    with time_machine.travel(NOON, tick=False):
        yield


def titles(body):
    return [str(event["summary"]) for event in Calendar.from_ical(body).walk("VEVENT")]


def test_five_thousand_meetings_are_sent_in_parts_with_three_queries(django_assert_num_queries):
    fill(MANY)

    with django_assert_num_queries(3):
        response = Client().get(PATH)
        assert response.streaming
        parts = list(response)

    assert len(parts) == MANY // ical.CHUNK + 2
    assert max(len(part) for part in parts) < 1_000_000
    calendar = Calendar.from_ical(b"".join(parts))
    events = calendar.walk("VEVENT")
    assert len({event["uid"] for event in events}) == len(events) == MANY
    assert calendar.errors == [error for event in events for error in event.errors] == []
    # Newest first; each is as it would stand in a calendar of its own.
    assert str(events[0]["summary"]) == f"Arbeitstreffen {MANY - 1}"
    one = Meeting.objects.with_tandem().order_by("-sorted_on").first()
    assert ical.event_of(one).to_ical() in parts[1]


@pytest.mark.parametrize(("rows", "queries"), [(12, 3), (40, 3)])
def test_length_asks_for_no_more_queries(long_feed, rows, queries, django_assert_num_queries):
    fill(rows - 12)

    with django_assert_num_queries(queries):
        body = Client().get(PATH).getvalue()

    assert len(titles(body)) == rows


@pytest.mark.parametrize("header", ["if-none-match", "if-modified-since"])
def test_unchanged_is_told_without_writing_anything(long_feed, header, django_assert_num_queries):
    first = Client().get(PATH)
    value = first.headers["ETag" if header == "if-none-match" else "Last-Modified"]
    # Read to its end: closed before that, it would close the database connection too.
    first.getvalue()
    ical.WRITTEN.clear()

    with django_assert_num_queries(2):
        unchanged = Client().get(PATH, headers={header: value})

    assert (unchanged.status_code, unchanged.content, ical.WRITTEN) == (304, b"", {})
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary", "Content-Security-Policy"):
        assert unchanged.headers[name] == first.headers[name]


def retitle(meeting):
    meeting.title_de = "Anders"
    meeting.save()


def hide(meeting):
    meeting.is_public = False
    meeting.save()


def rename(meeting):
    meeting.tandem.name_de = "Anders"
    meeting.tandem.save()


@pytest.mark.parametrize("header", ["if-none-match", "if-modified-since"])
@pytest.mark.parametrize("change", [retitle, hide, rename])
def test_every_change_is_sent_again(long_feed, header, change):
    first = Client().get(PATH)
    value = first.headers["ETag" if header == "if-none-match" else "Last-Modified"]
    before = first.getvalue()

    change(Meeting.objects.filter(tandem__isnull=False).first())
    with time_machine.travel(NOON + dt.timedelta(minutes=1), tick=False):
        again = Client().get(PATH, headers={header: value})

    assert again.status_code == 200
    assert again.getvalue() != before
    assert again.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("header", ["if-none-match", "if-modified-since"])
def test_meeting_that_waited_for_a_partnership_is_sent_once_that_is_public(long_feed, header):
    meeting = Meeting.objects.filter(tandem__isnull=False).first()
    with time_machine.travel(NOON - dt.timedelta(hours=1), tick=False):
        planned = TandemFactory(status="planned")
        meeting.partnerships.add(planned)
    first = Client().get(PATH)
    value = first.headers["ETag" if header == "if-none-match" else "Last-Modified"]
    shown = len(titles(first.getvalue()))

    planned.status = "active"
    planned.save()
    with time_machine.travel(NOON + dt.timedelta(minutes=1), tick=False):
        again = Client().get(PATH, headers={header: value})

    assert again.status_code == 200
    assert len(titles(again.getvalue())) == shown + 1


def test_what_changed_in_this_second_promises_no_moment(long_feed):
    Meeting.objects.first().save()

    response = Client().get(PATH)
    response.close()

    assert "Last-Modified" not in response.headers


def test_same_bytes_and_tag_at_another_time_and_written_anew(long_feed):
    first = Client().get(PATH)
    bodies = [first.getvalue(), Client().get(PATH).getvalue()]
    ical.WRITTEN.clear()
    with time_machine.travel(NOON + dt.timedelta(days=30), tick=False):
        later = Client().get(PATH)
        bodies.append(later.getvalue())

    assert bodies[0] == bodies[1] == bodies[2]
    assert later.headers["ETag"] == first.headers["ETag"]


def test_each_language_has_its_own_words_and_tag(long_feed):
    german, english = (Client().get(f"/{code}/meetings/calendar.ics") for code in ("de", "en"))

    # Both are sent at once, as two threads would: part by part.
    pairs = list(zip(german, english, strict=True))

    assert german.headers["ETag"] != english.headers["ETag"]
    words = ["".join(part.decode() for part in side) for side in zip(*pairs, strict=True)]
    assert ["/en/" in words[0], "/de/" in words[1]] == [False, False]
    assert [text.count("BEGIN:VEVENT") for text in words] == [12, 12]


def test_sending_leaves_the_language_of_the_thread_alone(long_feed):
    response = Client().get("/en/meetings/calendar.ics")

    with translation.override("de"):
        for _part in response:
            assert translation.get_language() == "de"


@pytest.mark.parametrize("accepted", ["identity", "gzip", "br"])
def test_head_has_the_headers_of_get_and_writes_nothing(long_feed, accepted):
    client = Client(headers={"accept-encoding": accepted})
    ical.WRITTEN.clear()
    asked = client.head(PATH)
    assert (asked.getvalue(), ical.WRITTEN) == (b"", {})
    got = client.get(PATH)
    got.close()

    for response in (asked, got):
        response.headers.pop("X-Request-ID")
    assert dict(asked.headers) == dict(got.headers)


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [("gzip", "gzip", gzip.decompress), ("br, gzip", "br", brotli.decompress), ("", None, bytes)],
)
def test_parts_are_packed_as_the_program_wants_them(long_feed, accepted, encoding, unpack):
    plain = Client().get(PATH)
    whole = plain.getvalue()

    response = Client().get(PATH, headers={"accept-encoding": accepted})

    body = response.getvalue()
    assert response.headers.get("Content-Encoding") == encoding
    assert unpack(body) == whole
    assert response.headers["Vary"] == "Accept-Encoding, Cookie"
    # Weak: the same for every packing.
    assert response.headers["ETag"] == plain.headers["ETag"]
    assert response.headers["ETag"].startswith('W/"')


def test_long_calendar_has_the_headers_of_every_public_page(long_feed):
    page, response = Client().get("/de/"), Client().get(PATH)
    response.close()

    same = {
        *("Content-Security-Policy", "Permissions-Policy", "X-Content-Type-Options"),
        *("Referrer-Policy", "Cross-Origin-Opener-Policy", "X-Frame-Options"),
        *("Content-Language", "Cache-Control", "Vary"),
    }
    for name in same:
        assert response.headers[name] == page.headers[name]
    assert len(response.headers["X-Request-ID"]) == 16
    assert not response.cookies


def test_whoever_is_signed_in_gets_the_same_calendar_privately(long_feed):
    known = Client()
    known.cookies["session"] = "made-up"

    response = known.get(PATH)

    assert response.getvalue() == Client().get(PATH).getvalue()
    assert response.headers["Cache-Control"] == "private, no-store"


def test_long_calendar_is_not_kept_and_follows_at_once(long_feed, settings):
    settings.PAGE_CACHE_SECONDS = 60
    client = Client()
    client.get(PATH).getvalue()

    MeetingFactory(title_de="Neu", earliest=dt.date(2099, 1, 1), latest=dt.date(2099, 1, 1))

    assert titles(client.get(PATH).getvalue())[0] == "Neu"


def test_written_events_make_room(long_feed, monkeypatch):
    monkeypatch.setattr(ical, "MOST_WRITTEN", 4)
    ical.WRITTEN.clear()

    body = Client().get(PATH).getvalue()

    assert len(titles(body)) == 12
    assert len(ical.WRITTEN) <= 4
