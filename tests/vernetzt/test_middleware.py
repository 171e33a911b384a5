"""The headers of every answer, the id of every request and its line in the log."""

from __future__ import annotations

import logging
import re

import pytest
from django.test import Client

from tests.factories import MeetingFactory
from tests.faults import kept_log, unreachable_database

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "manifest-src": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "base-uri": {"'none'"},
    "object-src": {"'none'"},
}
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

#: What is asked → (status, what caches may do with it).
KEPT, PRIVATE = "public, max-age=1", "private, no-store"
ANSWERS = {
    "page": (200, KEPT),
    "HEAD": (200, KEPT),
    "unchanged": (304, KEPT),
    "feed": (200, KEPT),
    "calendar": (200, KEPT),
    "text": (200, KEPT),
    "somebody known": (200, PRIVATE),
    "probe": (200, PRIVATE),
    "probe without database": (503, PRIVATE),
    "door": (302, PRIVATE),
    "wrong slug": (301, PRIVATE),
    "forgotten slash": (301, PRIVATE),
    "foreign host": (400, PRIVATE),
    "no such page": (404, PRIVATE),
    "no such static file": (404, PRIVATE),
    "wrong method": (405, PRIVATE),
    "fault": (500, PRIVATE),
    "static file": (200, "max-age=3600, public"),
    "unchanged static file": (304, "max-age=3600, public"),
}


def ask(kind, **extra):
    """Return the answer to one kind of request."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if kind == "unchanged":
        etag = client.get("/de/", **extra).headers["ETag"]
        return client.get("/de/", headers={"if-none-match": etag}, **extra)
    if kind == "unchanged static file":
        file = client.get("/static/css/theme.css", **extra)
        etag = file.headers["ETag"]
        file.close()
        return client.get("/static/css/theme.css", headers={"if-none-match": etag}, **extra)
    if kind in {"fault", "probe without database"}:
        with unreachable_database():
            return client.get("/de/news/" if kind == "fault" else "/readyz/", **extra)
    if kind == "wrong slug":
        return client.get(f"/de/meetings/{MeetingFactory().pk}/wrong/", **extra)
    if kind == "somebody known":
        client.cookies["session"] = "made-up"
        return client.get("/de/", **extra)
    if kind == "foreign host":
        return client.get("/de/", headers={"host": "evil.example"}, **extra)
    if kind in {"HEAD", "wrong method"}:
        return client.generic("HEAD" if kind == "HEAD" else "POST", "/de/", **extra)
    path = {
        "page": "/de/",
        "feed": "/de/news/feed.atom",
        "calendar": "/de/meetings/calendar.ics",
        "text": "/robots.txt",
        "probe": "/healthz/",
        "door": "/",
        "forgotten slash": "/de/tandems",
        "no such page": "/de/nowhere/",
        "no such static file": "/static/nothing.css",
        "static file": "/static/css/theme.css",
    }[kind]
    return client.get(path, **extra)


@pytest.fixture
def answer(request):
    response = ask(request.param)
    yield response
    response.close()


every_answer = pytest.mark.parametrize("answer", ANSWERS, indirect=True)


@pytest.mark.parametrize(
    ("answer", "status", "caching"),
    [(kind, *expected) for kind, expected in ANSWERS.items()],
    indirect=["answer"],
    ids=ANSWERS,
)
def test_every_answer_has_its_status_and_says_who_may_keep_it(answer, status, caching):
    assert (answer.status_code, answer.headers.get("Cache-Control")) == (status, caching)


@every_answer
def test_every_answer_forbids_all_that_the_pages_do_not_need(answer):
    header = answer.headers.get("Content-Security-Policy", "")

    found = {words[0]: set(words[1:]) for words in map(str.split, header.split(";")) if words}

    assert found == POLICY


@every_answer
def test_every_answer_has_the_fixed_headers(answer):
    assert {name: answer.headers.get(name) for name in FIXED} == FIXED


@every_answer
def test_every_answer_takes_the_sensors_away(answer):
    allowed = dict(part.split("=") for part in answer.headers["Permissions-Policy"].split(", "))

    assert {name for name, who in allowed.items() if who == "()"} >= {
        "camera", "geolocation", "microphone", "payment", "usb",
    }  # fmt: skip
    assert not [who for who in allowed.values() if "*" in who]


@every_answer
def test_every_answer_bears_an_id_of_its_own(answer):
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-ID"])


@every_answer
def test_no_answer_sets_a_cookie_or_names_the_software(answer):
    names = {name.lower() for name in answer.headers}

    assert not names & {"set-cookie", "server", "x-powered-by"}


#: These say the same to all, whatever they read.
WITHOUT_LANGUAGE = {"text", "static file", "unchanged static file", "probe without database"}


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if kind not in WITHOUT_LANGUAGE])
def test_every_answer_for_people_names_its_language(kind):
    response = ask(kind)

    assert response.headers.get("Content-Language") == "de"


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_over_tls_holds_browsers_to_tls(settings, kind):
    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True

    response = ask(kind, secure=True)
    response.close()

    assert response.headers.get("Strict-Transport-Security") == (
        "max-age=63072000; includeSubDomains; preload"
    )


def test_an_answer_without_tls_promises_none(settings, client):
    settings.SECURE_HSTS_SECONDS = 63_072_000

    response = client.get("/de/", headers={"x-forwarded-proto": "https"})

    assert "Strict-Transport-Security" not in response.headers


def test_plain_requests_are_led_to_tls_where_no_proxy_does_so(settings):
    settings.SECURE_SSL_REDIRECT = True

    response = Client().get("/de/tandems/?topic=a")

    assert response.status_code == 301
    assert response.headers["Location"] == "https://testserver/de/tandems/?topic=a"


# --- the host -------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a@b", "x y", ""])
@pytest.mark.parametrize("path", ["/de/", "/de/tandems", "/", "/robots.txt", "/de/nowhere/"])
def test_foreign_host_is_refused_and_not_repeated(client, host, path):
    response = client.get(path, headers={"host": host}) if host else client.get(path, HTTP_HOST="/")

    assert response.status_code == 400
    assert "Location" not in response.headers
    assert "evil.example" not in response.content.decode()
    assert response.templates[0].name == "400.html"


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-URL"])
@pytest.mark.parametrize(
    "path", ["/de/", "/de/tandems", "/de/news/feed.atom", "/robots.txt", "/", "/de/nowhere/"]
)
def test_a_host_that_a_visitor_makes_up_is_ignored(client, name, path):
    plain = client.get(path)

    response = client.get(path, headers={name: "host=evil.example"})

    assert response.status_code == plain.status_code
    assert response.headers.get("Location") == plain.headers.get("Location")
    assert b"evil.example" not in response.content


# --- the log --------------------------------------------------------------------------------------


def logged(path, **extra):
    """Return the answer and the lines of the access log."""
    with kept_log("vernetzt.access", logging.INFO) as lines:
        response = Client(raise_request_exception=False).get(path, **extra)
    return response, lines.entries


def test_a_request_leaves_one_line_without_personal_data():
    response, lines = logged(
        "/de/municipalities/?q=Jane+Doe",
        headers={"user-agent": "Browser of Jane", "referer": "https://jane.example/"},
        REMOTE_ADDR="192.0.2.77",
    )

    (line,) = lines
    assert set(line) == {
        "time", "level", "logger", "message", "request_id", "method", "path", "status", "ms",
    }  # fmt: skip
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["path"] == "/de/municipalities/"
    assert line["ms"] >= 0
    assert not re.search(r"Jane|192\.0\.2", str(line))


def test_a_request_of_a_known_page_names_its_route_not_its_path():
    meeting = MeetingFactory()

    _response, (line,) = logged(meeting.get_absolute_url())

    assert line["path"] == "/de/meetings/<int:pk>/<slug:slug>/"


def test_a_path_cannot_forge_a_line_or_flood_the_log():
    response, lines = logged("/de/%0a%1b[31m{%22level%22:%22ERROR%22}" + "x" * 5000)

    (line,) = lines
    assert line["status"] == response.status_code == 404
    assert len(line["path"]) <= 200


def test_a_refused_host_leaves_a_line_too():
    _response, (line,) = logged("/de/", headers={"host": "evil.example"})

    assert line["status"] == 400
    assert "evil.example" not in str(line)


def test_ids_differ_and_cannot_be_given_by_the_visitor():
    identifiers = {
        Client().get("/healthz/", headers={"x-request-id": "mine"}).headers["X-Request-ID"]
        for _ in range(3)
    }

    assert len(identifiers) == 3
    assert "mine" not in identifiers
