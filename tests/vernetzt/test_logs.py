"""Log lines: one JSON object each, which no visitor can forge."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from vernetzt import logs
from vernetzt.logs import JsonFormatter


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    """Return a record of the access log, made at a fixed moment."""
    made = logging.LogRecord(
        "vernetzt.access", logging.INFO, __file__, 1, message, arguments, exc_info=None
    )
    made.created = 1_700_000_000.1234
    made.__dict__.update(extra)
    return made


@pytest.fixture
def within_request():
    """Answer a request with a known id."""
    token = logs.request_id.set("5f0c1a2b3c4d5e6f")
    yield "5f0c1a2b3c4d5e6f"
    logs.request_id.reset(token)


def test_line_is_a_json_object_with_the_four_basic_fields():
    line = JsonFormatter().format(record("request %s", "answered"))

    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.123+00:00",
        "level": "INFO",
        "logger": "vernetzt.access",
        "message": "request answered",
    }


@pytest.mark.parametrize(
    "text",
    [
        'a\r\n{"level": "CRITICAL"}',
        "a\nb",
        "\x1b[2J\x1b[31mred",
        "a\x00b\x7fc",
        "a\x85b\x9b31m",
        "a\u2028b\u2029c",
        "a\u202eb",
        '"quoted" \\ and ä',
    ],
    ids=["forged line", "LF", "ANSI", "NUL and DEL", "C1", "separators", "override", "quotes"],
)
def test_line_escapes_what_could_forge_another(text):
    line = JsonFormatter().format(record("path %s", text, data={"path": text}))

    assert [sign for sign in line if not " " <= sign <= "~"] == []
    entry = json.loads(line)
    assert (entry["message"], entry["path"]) == (f"path {text}", text)


def test_line_carries_the_id_of_its_request(within_request):
    entry = json.loads(JsonFormatter().format(record("request")))

    assert entry["request_id"] == within_request


def test_line_outside_a_request_has_no_id():
    entry = json.loads(JsonFormatter().format(record("start")))

    assert sorted(entry) == ["level", "logger", "message", "time"]


def test_line_carries_the_data_of_the_call():
    entry = json.loads(
        JsonFormatter().format(record("request", data={"status": 404, "ms": 1.5, "path": "/de/"}))
    )

    assert (entry["status"], entry["ms"], entry["path"]) == (404, 1.5, "/de/")


def test_line_writes_data_of_any_kind_as_text():
    entry = json.loads(JsonFormatter().format(record("request", data={"where": {1}, "why": None})))

    assert (entry["where"], entry["why"]) == ("{1}", None)


def test_line_carries_the_exception_on_the_same_line():
    try:
        raise ValueError("bad\nvalue")
    except ValueError:
        fault = sys.exc_info()

    line = JsonFormatter().format(record("broken", exc_info=fault))

    assert len(line.splitlines()) == 1
    trace = json.loads(line)["exception"]
    assert trace.startswith("Traceback (most recent call last):\n")
    assert trace.endswith("ValueError: bad\nvalue")


def test_handler_writes_one_line_for_each_record(capsys):
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())

    handler.handle(record("first\nsecond"))
    handler.handle(record("third"))

    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["first\nsecond", "third"]
