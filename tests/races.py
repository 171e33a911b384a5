"""Two people who act at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from django.db import connection, transaction

#: Seconds after which a race that does not come about fails instead of hanging.
PATIENCE = 20


def act_at_once(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Run both actions so that the second begins before the first is committed.

    Returns what each returned or raised. On PostgreSQL two threads meet: the first keeps its
    transaction open until the second waits for a lock (or has passed without one). SQLite lets one
    transaction begin after the other (``IMMEDIATE``), so there the second person follows, with the
    rows as they were read before the first one acted.
    """
    if connection.vendor != "postgresql":
        return [outcome(first), outcome(second)]
    acted, go_on = Event(), Event()

    def lead() -> object:
        try:
            with transaction.atomic():
                result = first()
                acted.set()
                assert go_on.wait(PATIENCE)
            return result
        finally:
            acted.set()
            connection.close()

    def follow() -> object:
        try:
            assert acted.wait(PATIENCE)
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        leading, following = pool.submit(lead), pool.submit(follow)
        try:
            wait_for_lock(following)
        finally:
            go_on.set()
        return [outcome(leading.result), outcome(following.result)]


def wait_for_lock(following: Future[object]) -> None:
    """Return when somebody in this database waits for a lock, or the second action is over."""
    end = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while not following.done() and time.monotonic() < end:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone() != (0,):
                return


def outcome(action: Callable[[], object]) -> object:
    """Return what the action returns or raises."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
        return error
