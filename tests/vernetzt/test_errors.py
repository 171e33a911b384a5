"""Styled answers for what goes wrong."""

from __future__ import annotations

import json
import logging

import pytest
from django.core import signing
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import translation

from meetings.links import ANSWER_SALT
from tests.faults import kept_log, unreachable_database
from tests.reading import Document, read
from vernetzt import errors
from vernetzt.logs import JsonFormatter

pytestmark = pytest.mark.django_db

HEADINGS = {
    400: {"de": "Die Anfrage war nicht verständlich", "en": "The request could not be understood"},
    403: {"de": "Sie dürfen diese Seite nicht öffnen", "en": "You may not open this page"},
    404: {"de": "Diese Seite gibt es nicht", "en": "This page does not exist"},
    405: {"de": "Diese Seite lässt sich nur lesen", "en": "This page can only be read"},
    500: {
        "de": "Bei uns ist ein Fehler aufgetreten",
        "en": "Something went wrong on our side",
    },
}


def ask(status, language):
    """Return a real answer with the status."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    path = f"/{language}/"
    if status == 400:
        return client.get(path, headers={"host": "evil.example"})
    if status == 405:
        return client.post(path)
    if status == 500:
        with unreachable_database():
            return client.get(path)
    return client.get(f"{path}nowhere/")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("status", [400, 404, 405, 500])
def test_fault_is_told_in_the_language_of_the_address(status, language):
    response = ask(status, language)

    page = read(response)
    assert response.status_code == status
    assert page.language == language
    assert page.heading == HEADINGS[status][language]
    assert page.main.one("p", class_="eyebrow").text.endswith(str(status))
    assert page.faults == []
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("status", [400, 404, 405, 500])
def test_fault_bears_the_number_of_its_request_and_a_way_on(status):
    response = ask(status, "de")

    page = read(response)
    assert page.main.one("code").text == response.headers["X-Request-ID"]
    assert page.main.hrefs()[0] in {"/", "/de/"}


@pytest.mark.parametrize("status", [400, 404, 405, 500])
def test_fault_looks_like_the_portal_and_is_not_indexed(status):
    page = read(ask(status, "de"))

    sheets = [link["href"] for link in page.root.all("link", rel="stylesheet")]
    assert "/static/css/theme.css" in sheets
    assert page.root.all("meta", name="robots", content="noindex")
    assert page.root.all("link", rel="canonical") == []


@pytest.mark.parametrize("status", [400, 404, 405, 500])
def test_fault_tells_nothing_about_the_inside(status):
    text = ask(status, "de").content.decode()

    for word in ("Traceback", "Django", "OperationalError", "/work", "settings", "evil.example"):
        assert word not in text


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("handler", "status", "cause"),
    [
        (errors.bad_request, 400, SuspiciousOperation("inside")),
        (errors.permission_denied, 403, PermissionDenied("inside")),
        (errors.csrf_failure, 403, "inside"),
        (errors.page_not_found, 404, Exception("inside")),
    ],
)
def test_handler_speaks_the_language_of_the_path_whatever_is_active(
    handler, status, cause, language
):
    """A refusal may come from a layer above the one that reads the language."""
    request = RequestFactory().get(f"/{language}/x/")

    with translation.override({"de": "en", "en": "de"}[language]):
        response = handler(request, cause)

    page = read(response)
    assert response.status_code == status
    assert page.language == language
    assert page.heading == HEADINGS[status][language]
    assert "inside" not in page.html


@pytest.mark.parametrize(
    ("path", "accepts", "language"),
    [("/x/", "en", "en"), ("/x/", "de", "de"), ("/fr/x/", "", "de"), ("/de/x/", "en", "de")],
)
def test_handler_without_a_language_in_the_path_asks_the_browser(path, accepts, language):
    request = RequestFactory().get(path, headers={"accept-language": accepts})

    page = read(errors.page_not_found(request))

    assert (page.language, page.heading) == (language, HEADINGS[404][language])


# --- faults of ours -------------------------------------------------------------------------------


def test_fault_of_the_database_is_in_the_log_under_the_number_on_the_page():
    with kept_log() as lines:
        response = ask(500, "de")

    entries = [entry for entry in lines.entries if entry["logger"] == "django.request"]
    assert [entry["level"] for entry in entries] == ["ERROR"]
    assert entries[0]["request_id"] == read(response).main.one("code").text
    assert "OperationalError" in entries[0]["exception"]


def test_fault_in_one_query_is_answered_and_logged_like_any_other(client):
    """Not the connection fails here, but what is asked: a table is gone."""
    client.raise_request_exception = False
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE editorial_programmeentry")

    with kept_log() as lines:
        response = client.get("/en/programme/")

    assert response.status_code == 500
    assert read(response).heading == HEADINGS[500]["en"]
    (entry,) = (entry for entry in lines.entries if entry["logger"] == "django.request")
    assert entry["request_id"] == response.headers["X-Request-ID"]
    assert "editorial_programmeentry" in entry["exception"]


def test_log_of_a_fault_names_the_route_and_never_the_key_in_the_address():
    client = Client(raise_request_exception=False)
    key = signing.dumps(17, salt=ANSWER_SALT)

    with kept_log() as lines, unreachable_database():
        response = client.get(f"/en/meetings/answer/{key}/")
    with kept_log("django.request") as refused:
        client.get(f"/en/nowhere/é{key}/")

    assert response.status_code == 500
    (line,) = (line for line in lines.written if json.loads(line)["logger"] == "django.request")
    assert json.loads(line)["message"] == (
        "Internal Server Error: /en/meetings/answer/<str:token>/"
    )
    assert key not in line
    assert [entry["message"] for entry in refused.entries] == ["Not Found: -"]


def test_every_line_of_the_process_is_json():
    formatters = [handler.formatter for handler in logging.getLogger().handlers]

    assert JsonFormatter in [type(formatter) for formatter in formatters]


def test_a_line_stays_one_line_whatever_is_in_it():
    with kept_log() as lines:
        logging.getLogger("vernetzt.test").error("first\nsecond\x1b[31m %s", "\r\n{}")

    (line,) = lines.written
    assert line.isprintable()
    assert json.loads(line)["message"] == "first\nsecond\x1b[31m \r\n{}"


def test_server_error_outside_a_request_has_no_number():
    request = RequestFactory().get("/en/x/")

    page = Document(errors.server_error(request).content.decode())

    assert page.heading == HEADINGS[500]["en"]
    assert page.root.all("code") == []


@pytest.mark.parametrize("path", ["/", "/healthz/", "/de/nowhere/"])
def test_what_needs_no_database_works_without_one(path):
    client = Client(raise_request_exception=False)

    with unreachable_database():
        response = client.get(path)

    assert response.status_code in {200, 302, 404}
