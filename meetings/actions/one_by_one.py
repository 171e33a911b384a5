"""Jobs that go through many rows: one that fails does not hold up the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction

logger = logging.getLogger("vernetzt.meetings")


def do_one_by_one(
    *, rows: Iterable[tuple[int, ...]], act: Callable[..., int], told: str, by: Any = None
) -> int:
    """Call ``act`` with the keys of each row, in a transaction of its own; return the sum.

    What fails is logged with ``told`` and its keys, and is tried again by the next run.
    """
    done = 0
    for keys in list(rows):
        try:
            with transaction.atomic():
                done += act(*keys)
        except Exception as error:
            data = {"row": list(keys), "error": type(error).__name__}
            logger.exception(told, extra={"data": data})
    return done
