"""A public calendar of five thousand meetings: sent in parts, asked for cheaply, told unchanged."""

from __future__ import annotations

import datetime as dt
import gc
import gzip

import brotli
import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from icalendar import Calendar

from core.queries import remembered
from meetings import ical, streaming
from meetings.models import Meeting
from meetings.views import feeds
from tests.factories import MeetingFactory, TandemFactory
from vernetzt import page_cache

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
    monkeypatch.setattr(streaming, "CHUNK", 5)
    with time_machine.travel(NOON - dt.timedelta(hours=1), tick=False):
        fill(12)
    with time_machine.travel(NOON, tick=False):
        yield


def titles(body):
    return [str(event["summary"]) for event in Calendar.from_ical(body).walk("VEVENT")]


@pytest.fixture(autouse=True)
def _nothing_kept():
    """What other tests have sent must not be met: their meetings are no more."""
    streaming.KEPT.clear()


def test_five_thousand_meetings_are_sent_in_parts_and_read_once(django_assert_num_queries):
    fill(MANY)

    # State, last change, what stands in it, and those of each part that are to be written.
    with django_assert_num_queries(3 + MANY // streaming.CHUNK):
        response = Client().get(PATH)
        assert response.streaming
        parts = list(response)
    with django_assert_num_queries(2):
        assert list(Client().get(PATH)) == parts
    changed = Meeting.objects.order_by("pk")[7]
    changed.title_de = "Anders"
    changed.save()
    with django_assert_num_queries(4):
        again = Client().get(PATH).getvalue()

    assert len(parts) == MANY // streaming.CHUNK + 2
    assert max(len(part) for part in parts) < 1_000_000
    calendar = Calendar.from_ical(b"".join(parts))
    events = calendar.walk("VEVENT")
    assert len({event["uid"] for event in events}) == len(events) == MANY
    assert calendar.errors == [error for event in events for error in event.errors] == []
    assert sorted(titles(again)) == sorted(
        ["Anders", *set(titles(b"".join(parts))) - {"Arbeitstreffen 7"}]
    )
    # Newest first; each is as it would stand in a calendar of its own.
    assert str(events[0]["summary"]) == f"Arbeitstreffen {MANY - 1}"
    one = Meeting.objects.with_tandem().order_by("-sorted_on").first()
    assert ical.event_of(one).to_ical() in parts[1]


@pytest.mark.parametrize(("rows", "queries"), [(12, 3), (40, 3)])
def test_length_asks_for_no_more_queries_once_it_is_written(
    long_feed, rows, queries, django_assert_num_queries
):
    fill(rows - 12)
    Client().get(PATH).getvalue()
    streaming.KEPT.clear()

    with django_assert_num_queries(queries):
        body = Client().get(PATH).getvalue()

    assert len(titles(body)) == rows


@pytest.mark.parametrize("header", ["if-none-match", "if-modified-since"])
def test_unchanged_is_told_without_writing_anything(long_feed, header, django_assert_num_queries):
    first = Client().get(PATH)
    value = first.headers["ETag" if header == "if-none-match" else "Last-Modified"]
    # Read to its end: closed before that, it would close the database connection too.
    first.getvalue()
    streaming.WRITTEN.clear()

    with django_assert_num_queries(2):
        unchanged = Client().get(PATH, headers={header: value})

    assert (unchanged.status_code, unchanged.content, streaming.WRITTEN) == (304, b"", {})
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


@pytest.mark.parametrize("header", ["if-none-match", "if-modified-since"])
def test_day_after_an_announced_meeting_is_a_change_that_nobody_makes(long_feed, header):
    with time_machine.travel(NOON - dt.timedelta(hours=1), tick=False):
        MeetingFactory(status="announced", is_public=True, earliest=NOON.date(), latest=NOON.date())
    page, name = (
        "/en/meetings/calendar.ics",
        "ETag" if header == "if-none-match" else "Last-Modified",
    )
    first = Client().get(page)
    value, before = first.headers[name], first.getvalue()

    # Midnight in Berlin, after the same second of which nothing could be promised.
    with time_machine.travel(NOON + dt.timedelta(hours=11, seconds=2), tick=False):
        again = Client().get(page, headers={header: value})
        after = again.getvalue()
        value = again.headers[name]
        unchanged = Client().get(page, headers={header: value})

    assert [b"that it took place is not" in body for body in (before, after)] == [False, True]
    assert (again.status_code, unchanged.status_code) == (200, 304)


def test_what_changed_in_this_second_promises_no_moment(long_feed):
    Meeting.objects.first().save()

    response = Client().get(PATH)
    response.close()

    assert "Last-Modified" not in response.headers


def test_same_bytes_and_tag_at_another_time_and_written_anew(long_feed):
    first = Client().get(PATH)
    bodies = [first.getvalue(), Client().get(PATH).getvalue()]
    streaming.WRITTEN.clear()
    streaming.KEPT.clear()
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
    streaming.WRITTEN.clear()
    asked = client.head(PATH)
    assert (asked.getvalue(), streaming.WRITTEN) == (b"", {})
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
    monkeypatch.setattr(streaming, "MOST_WRITTEN", 4)
    streaming.WRITTEN.clear()

    body = Client().get(PATH).getvalue()

    assert len(titles(body)) == 12
    assert len(streaming.WRITTEN) <= 4


# --- What is kept ---------------------------------------------------------------------------------


def title(number):
    """Return the title of one of the twelve; the newest, which is sent first, is number 11."""
    return f"Arbeitstreffen {number}"


def hide_number(number):
    """Hide the meeting with a number, as somebody does meanwhile."""
    hide(Meeting.objects.get(title_de=title(number)))


@pytest.mark.parametrize("code", ["de", "en"])
def test_state_that_was_sent_is_sent_again_without_asking_for_it(
    long_feed, code, django_assert_num_queries
):
    path = f"/{code}/meetings/calendar.ics"
    first = list(Client().get(path))
    # Each language has its own, and reading both leaves both kept.
    other = Client().get(f"/{'en' if code == 'de' else 'de'}/meetings/calendar.ics").getvalue()

    with django_assert_num_queries(2):
        again = list(Client().get(path))

    assert again == first
    assert len(again) == 5
    assert b"".join(again) != other
    assert set(streaming.KEPT) == {"de", "en"}


def test_kept_state_shares_its_bytes_with_what_was_written(long_feed):
    Client().get(PATH).getvalue()

    (kept,) = streaming.KEPT.values()

    written = {id(event) for event in streaming.WRITTEN.values()}
    assert {id(event) for event in kept.events} <= written
    assert len(kept.events) == 12


def test_only_the_last_state_of_a_language_is_kept(long_feed):
    for number in range(3):
        Client().get(PATH).getvalue()
        hide_number(number)

    Client().get(PATH).getvalue()

    assert [len(kept.events) for kept in streaming.KEPT.values()] == [9]


def break_off(client, number):
    """Let a visitor leave after a number of parts; the test's client closes what nobody reads."""
    parts = iter(client.get(PATH))
    for _ in range(number):
        next(parts)
    del parts
    gc.collect()


def test_stream_that_breaks_off_leaves_no_half_calendar(long_feed):
    break_off(Client(), 3)

    assert streaming.KEPT == {}
    assert len(titles(Client().get(PATH).getvalue())) == 12


def test_head_keeps_nothing(long_feed):
    Client().head(PATH)

    assert streaming.KEPT == {}


@pytest.mark.parametrize("change", [hide, Meeting.delete, retitle])
def test_what_changes_while_the_calendar_is_sent_is_not_sent_and_not_kept(long_feed, change):
    streaming.WRITTEN.clear()
    response = Client().get(PATH)
    parts = iter(response)
    sent = [next(parts), next(parts)]
    meeting = Meeting.objects.get(title_de=title(0), tandem=None)

    change(meeting)
    sent += parts

    assert sorted(titles(b"".join(sent))) == sorted(title(number) for number in range(1, 12))
    assert streaming.KEPT == {}
    left = {hide: 11, Meeting.delete: 11, retitle: 12}
    assert len(titles(Client().get(PATH).getvalue())) == left[change]


def test_slower_stream_does_not_replace_a_newer_state(long_feed):
    slow = Client().get(PATH)
    parts = iter(slow)
    next(parts), next(parts)
    MeetingFactory(title_de="Neu", earliest=dt.date(2099, 1, 1), latest=dt.date(2099, 1, 1))
    Client().get(PATH).getvalue()
    assert len(streaming.KEPT["de"].events) == 13

    assert len(list(parts)) == 3

    assert len(streaming.KEPT["de"].events) == 13


def test_state_that_comes_back_does_not_show_what_was_there_in_between(long_feed, settings):
    # A version is remembered for a minute: what is sent then may be newer than it.
    settings.SUMMARY_SECONDS = 60
    caches["memory"].clear()
    client = Client()
    client.head(PATH)
    secret = MeetingFactory(
        title_de="Irrtum", earliest=dt.date(2099, 1, 1), latest=dt.date(2099, 1, 1)
    )
    assert "Irrtum" in titles(client.get(PATH).getvalue())

    secret.delete()

    for _ in range(2):
        assert "Irrtum" not in titles(client.get(PATH).getvalue())
        caches["memory"].clear()


def test_short_calendar_that_comes_back_does_not_show_it_either(settings):
    settings.SUMMARY_SECONDS = 60
    caches["memory"].clear()
    MeetingFactory(title_de="Auftakt")
    client = Client()
    with translation.override("de"):
        version = remembered("calendar version", streaming.feed_version)
    secret = MeetingFactory(title_de="Irrtum")
    assert sorted(titles(client.get(PATH).content)) == ["Auftakt", "Irrtum"]

    secret.delete()

    assert streaming.feed_version() == version
    assert titles(client.get(PATH).content) == ["Auftakt"]


def test_change_is_seen_when_the_version_is_asked_for_again(long_feed, settings):
    settings.SUMMARY_SECONDS = 60
    caches["memory"].clear()
    Client().get(PATH).getvalue()
    with time_machine.travel(NOON + dt.timedelta(seconds=1), tick=False):
        hide_number(3)

    with time_machine.travel(NOON + dt.timedelta(seconds=61), tick=False):
        caches["memory"].clear()
        later = Client().get(PATH).getvalue()

    assert title(3) not in titles(later)


@pytest.mark.parametrize("accepted", ["gzip", "br"])
def test_kept_state_is_packed_once(long_feed, accepted, monkeypatch):
    client = Client(headers={"accept-encoding": accepted})
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress}[accepted]
    whole = unpack(client.get(PATH).getvalue())
    break_off(client, 1)
    assert unpack(client.get(PATH).getvalue()) == whole

    def refuse(*_arguments):
        raise AssertionError("packed again")

    monkeypatch.setattr(page_cache, "packed", refuse)

    assert unpack(client.get(PATH).getvalue()) == whole
    assert Client().get(PATH).getvalue() == whole


def test_changed_state_is_packed_anew(long_feed):
    client = Client(headers={"accept-encoding": "gzip"})
    for _ in range(3):
        client.get(PATH).getvalue()

    hide_number(5)

    for _ in range(3):
        assert len(titles(gzip.decompress(client.get(PATH).getvalue()))) == 11


def test_partnership_s_calendar_reads_only_what_is_not_written_yet(long_feed):
    tandem = TandemFactory(status="active")
    meeting = MeetingFactory(tandem=tandem, scope="tandem", description_de="Worum es geht")
    path = f"/de/tandems/{tandem.slug}/calendar.ics"
    first = Client().get(path).content

    with CaptureQueriesContext(connection) as queries:
        again = Client().get(path).content

    assert first == again
    assert len(titles(again)) == 1
    assert not [
        query
        for query in queries
        if "description_de" in query["sql"] and "meetings_meeting" in query["sql"]
    ]
    with time_machine.travel(NOON + dt.timedelta(minutes=1), tick=False):
        retitle(meeting)
    assert titles(Client().get(path).content) == ["Anders"]
