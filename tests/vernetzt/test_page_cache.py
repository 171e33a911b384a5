"""Kept pages: when they are repeated, to whom, and how they are compressed and compared."""

from __future__ import annotations

import datetime as dt
import gzip

import brotli
import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse

from tests.factories import ArticleFactory, MeetingFactory, TandemFactory, TopicFactory
from tests.faults import unreachable_database
from tests.reading import read

pytestmark = pytest.mark.django_db

INDEX = "/de/news/"
SECONDS = 60


@pytest.fixture
def visitor(settings):
    """A client of a portal that keeps its pages for a minute."""
    settings.PAGE_CACHE_SECONDS = SECONDS
    return Client()


def stories(response):
    return read(response).main.texts("h2")


# --- what is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/de/",
        "/en/tandems/?page=1",
        "/de/meetings/calendar.ics",
        "/de/news/feed.atom",
        "/sitemap.xml",
        "/robots.txt",
    ],
)
def test_second_answer_needs_no_query(visitor, django_assert_num_queries, path):
    first = visitor.get(path)
    with django_assert_num_queries(0):
        second = visitor.get(path)

    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]


def test_kept_page_outlives_the_database_for_its_minute(visitor):
    visitor.get(INDEX)

    with unreachable_database():
        response = visitor.get(INDEX)

    assert response.status_code == 200


@time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False)
def test_kept_page_is_renewed_after_its_time(visitor):
    visitor.get(INDEX)
    ArticleFactory(title_de="Neu")

    kept = visitor.get(INDEX)
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, 1, 1, tzinfo=dt.UTC), tick=False):
        renewed = visitor.get(INDEX)

    assert stories(kept) == []
    assert stories(renewed) == ["Neu"]


def test_a_kept_answer_bears_its_own_request_id(visitor):
    identifiers = {visitor.get(INDEX).headers["X-Request-ID"] for _ in range(3)}

    assert len(identifiers) == 3


def test_nothing_is_kept_where_the_cache_is_off(client, django_assert_num_queries):
    client.get("/de/imprint/")

    with django_assert_num_queries(1):
        client.get("/de/imprint/")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"path": "/de/tandems/"}, {"path": "/en/tandems/"}),
        ({"path": "/de/tandems/"}, {"path": "/de/tandems/?status=active"}),
        (
            {"path": "/de/tandems/", "host": "localhost"},
            {"path": "/de/tandems/", "host": "127.0.0.1"},
        ),
        ({"path": "/de/tandems/", "secure": False}, {"path": "/de/tandems/", "secure": True}),
        ({"path": "/de/tandems/", "accepts": "gzip"}, {"path": "/de/tandems/", "accepts": "br"}),
        ({"path": "/de/tandems/", "accepts": ""}, {"path": "/de/tandems/", "accepts": "gzip"}),
    ],
    ids=["language", "query", "host", "scheme", "encoding", "no encoding"],
)
def test_what_differs_in_the_request_is_another_entry(visitor, settings, first, second):
    """Topics are read for each rendered list, so a new one shows which answer was rendered."""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]

    def ask(path, host="localhost", secure=False, accepts="identity"):
        response = visitor.get(
            path, secure=secure, headers={"host": host, "accept-encoding": accepts}
        )
        body = response.content
        if response.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if response.headers.get("Content-Encoding") == "br":
            body = brotli.decompress(body)
        return "open-data" in body.decode()

    ask(**first)
    TopicFactory(key="open-data")

    assert [ask(**first), ask(**second)] == [False, True]


# --- what is never kept ---------------------------------------------------------------------------


def known_person(client):
    """Give the client a session as a signed-in person has one."""
    session = SessionStore()
    session["anything"] = 1
    session.create()
    client.cookies["session"] = session.session_key
    return {}


def made_up_cookie(client):
    client.cookies["session"] = "made-up"
    return {}


def authorised(client):
    return {"authorization": "Basic dXNlcjpwYXNz"}


@pytest.mark.parametrize("kind", [known_person, made_up_cookie, authorised])
def test_somebody_known_is_neither_answered_from_the_store_nor_kept(visitor, kind):
    visitor.get(INDEX)
    ArticleFactory(title_de="Neu")
    known = Client()
    headers = kind(known)

    fresh = known.get(INDEX, headers=headers)
    kept = visitor.get(INDEX)

    assert stories(fresh) == ["Neu"]
    assert fresh.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in fresh.headers
    assert stories(kept) == []


@pytest.mark.parametrize("kind", [known_person, made_up_cookie, authorised])
def test_what_somebody_known_saw_first_is_not_repeated_to_visitors(visitor, kind):
    known = Client()
    known.get(INDEX, headers=kind(known))
    ArticleFactory(title_de="Neu")

    assert stories(visitor.get(INDEX)) == ["Neu"]


def test_an_address_that_does_not_exist_is_not_kept(visitor):
    missing = visitor.get("/de/tandems/a-pair/")
    TandemFactory(slug="a-pair")

    found = visitor.get("/de/tandems/a-pair/")

    assert [missing.status_code, found.status_code] == [404, 200]
    assert missing.headers["Cache-Control"] == "private, no-store"


def test_a_redirect_is_not_kept(visitor):
    meeting = MeetingFactory(slug="old")
    address = f"/de/meetings/{meeting.pk}/wrong/"
    first = visitor.get(address)
    meeting.slug = "new"
    meeting.save()

    second = visitor.get(address)

    assert [first.headers["Location"], second.headers["Location"]] == [
        f"/de/meetings/{meeting.pk}/old/",
        f"/de/meetings/{meeting.pk}/new/",
    ]


def test_an_error_is_not_kept(visitor):
    visitor.raise_request_exception = False
    with unreachable_database():
        broken = visitor.get(INDEX)

    healed = visitor.get(INDEX)

    assert [broken.status_code, healed.status_code] == [500, 200]
    assert broken.headers["Cache-Control"] == "private, no-store"


def test_a_refused_method_is_not_kept(visitor):
    refused = visitor.post(INDEX)

    assert [refused.status_code, visitor.get(INDEX).status_code] == [405, 200]


@pytest.mark.parametrize(("length", "queries"), [(150, 0), (10_000, 2)])
def test_a_long_query_is_answered_but_not_kept(visitor, django_assert_num_queries, length, queries):
    ArticleFactory()
    path = f"{INDEX}?x={'y' * length}"

    visitor.get(path)
    with django_assert_num_queries(queries):
        response = visitor.get(path)

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/healthz/", "/readyz/", "/"])
def test_an_answer_to_the_moment_is_not_kept(visitor, path):
    response = visitor.get(path)

    assert response.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in response.headers


def test_an_unknown_host_is_not_answered_from_the_store(visitor):
    visitor.get(INDEX)

    response = visitor.get(INDEX, headers={"host": "evil.example"})

    assert response.status_code == 400
    assert b"evil.example" not in response.content


# --- how it is compared ---------------------------------------------------------------------------


@pytest.fixture
def etag(visitor):
    return visitor.get(INDEX).headers["ETag"]


def test_etag_is_strong_and_different_for_each_encoding(visitor):
    etags = {
        visitor.get(INDEX, headers={"accept-encoding": accepted}).headers["ETag"]
        for accepted in ("identity", "gzip", "br", "br, gzip")
    }

    assert len(etags) == 3
    for etag in etags:
        assert etag.startswith('"')
        assert etag.endswith('"')


def test_etag_changes_when_the_data_changes_and_only_then(client):
    before = client.get(INDEX).headers["ETag"]
    same = client.get(INDEX).headers["ETag"]
    ArticleFactory()
    after = client.get(INDEX).headers["ETag"]

    assert before == same
    assert before != after


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ('W/"other",W/{etag} , "more"', 304),
        ("*", 304),
        ('"other"', 200),
        ('W/"other"', 200),
        ("{bare}", 200),
        ("", 200),
    ],
)
def test_if_none_match_names_one_several_or_weak_tags(visitor, etag, header, status):
    asked = header.format(etag=etag, bare=etag.strip('"'))

    response = visitor.get(INDEX, headers={"if-none-match": asked})

    assert response.status_code == status


def test_304_has_the_headers_of_the_page_and_no_body(visitor, etag):
    whole = visitor.get(INDEX)

    response = visitor.get(INDEX, headers={"if-none-match": etag})

    assert response.content == b""
    assert "Content-Type" not in response.headers
    for name in ("ETag", "Cache-Control", "Vary", "Content-Language", "Content-Security-Policy"):
        assert response.headers[name] == whole.headers[name]


def test_304_does_not_answer_for_another_encoding(visitor, etag):
    response = visitor.get(INDEX, headers={"if-none-match": etag, "accept-encoding": "gzip"})

    assert response.status_code == 200


def test_304_is_also_given_where_nothing_is_kept(client):
    etag = client.get(INDEX).headers["ETag"]

    assert client.get(INDEX, headers={"if-none-match": etag}).status_code == 304


@pytest.mark.parametrize("seconds", [0, SECONDS])
@pytest.mark.parametrize("path", [INDEX, "/de/meetings/calendar.ics", "/de/nowhere/", "/healthz/"])
@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_head_has_the_headers_of_get(settings, seconds, path, accepted):
    settings.PAGE_CACHE_SECONDS = seconds
    client = Client(headers={"accept-encoding": accepted})

    def headers(method):
        response = method(path)
        found = dict(response.headers)
        found.pop("X-Request-ID")
        return response.status_code, found

    assert headers(client.head) == headers(client.get)


def test_head_keeps_a_whole_page_for_get(visitor):
    visitor.head(INDEX)

    assert read(visitor.get(INDEX)).heading == "Aktuelles"


# --- how it is packed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("deflate", None),
        ("", None),
        ("\x00;;;q=,,", None),
    ],
)
def test_page_is_packed_as_the_browser_wants_it(visitor, accepted, encoding):
    plain = visitor.get(INDEX).content

    response = visitor.get(INDEX, headers={"accept-encoding": accepted})

    assert response.headers.get("Content-Encoding") == encoding
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert unpack(response.content) == plain
    assert response.headers["Content-Length"] == str(len(response.content))


def test_page_tells_caches_what_it_depends_on(visitor):
    response = visitor.get(INDEX)

    assert response.headers["Vary"] == "Accept-Encoding, Cookie"
    assert response.headers["Cache-Control"] == f"public, max-age={SECONDS}"


@pytest.mark.parametrize("name", ["robots", "sitemap", "security-txt"])
def test_an_address_without_language_answers_the_same_to_all(client, name):
    """``Vary`` does not name the language: the first visitor's is told to all others."""
    answers = [
        client.get(reverse(name), headers={"accept-language": language})
        for language in ("de", "en")
    ]

    german, english = (
        (response.content, response.headers.get("Content-Language")) for response in answers
    )
    assert german == english


def test_304_names_nothing_of_the_body_that_it_has_not(client):
    first = client.get("/de/calls/")

    unchanged = client.get("/de/calls/", headers={"if-none-match": first.headers["ETag"]})

    assert unchanged.status_code == 304
    names = {"Content-Length", "Content-Type", "Content-Encoding"}
    assert names & set(unchanged.headers) == set()
    assert unchanged.headers["ETag"] == first.headers["ETag"]


@pytest.mark.django_db
def test_kept_page_says_how_old_it_is(visitor):
    with time_machine.travel("2026-11-25T12:00:00+00:00", tick=False):
        fresh = visitor.get("/de/calls/")
    with time_machine.travel("2026-11-25T12:00:42+00:00", tick=False):
        kept_for_a_while = visitor.get("/de/calls/")

    assert (fresh.headers["Age"], kept_for_a_while.headers["Age"]) == ("0", "42")
    assert fresh.headers["ETag"] == kept_for_a_while.headers["ETag"]


@pytest.mark.django_db
def test_many_questions_push_no_page_out(visitor, django_assert_num_queries):
    visitor.get("/de/calls/")
    for number in range(1_100):
        visitor.get(f"/de/calls/?number={number}")

    with django_assert_num_queries(0):
        assert visitor.get("/de/calls/").status_code == 200
