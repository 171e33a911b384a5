"""Faults of the world around the program, and what it writes about them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from vernetzt.logs import JsonFormatter


@contextmanager
def unreachable_database() -> Iterator[None]:
    """Take the database away: nothing listens where the connection now leads."""
    working = connections["default"]
    broken = working.copy()
    broken.settings_dict |= {"HOST": "127.0.0.1", "PORT": "1"}
    if broken.vendor == "sqlite":
        broken.settings_dict["NAME"] = "/no-such-folder/portal.sqlite3"
    connections["default"] = broken
    try:
        yield
    finally:
        broken.close()
        connections["default"] = working


class Lines(logging.Handler):
    """Keeps log lines as the process writes them: formatted while the request is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))

    @property
    def entries(self) -> list[dict]:
        return [json.loads(line) for line in self.written]


@contextmanager
def kept_log(logger: str = "", level: int = logging.WARNING) -> Iterator[Lines]:
    """Keep what a logger writes meanwhile, from ``level`` up."""
    lines = Lines()
    watched = logging.getLogger(logger)
    before = watched.level
    watched.addHandler(lines)
    watched.setLevel(level)
    try:
        yield lines
    finally:
        watched.setLevel(before)
        watched.removeHandler(lines)
