"""Figures about many rows, kept for a short time: counts, bounds, what a filter may offer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import caches
from django.core.paginator import Paginator
from django.db.models import QuerySet

ValueT = TypeVar("ValueT")


def remembered(key: str, compute: Callable[[], ValueT]) -> ValueT:
    """Return what ``compute`` gives, at most ``settings.SUMMARY_SECONDS`` old.

    Counting fifty thousand rows costs more than showing twenty of them. The value must be the same
    for every visitor and in every language, and is kept by each process for itself.
    """
    seconds: int = settings.SUMMARY_SECONDS
    if seconds == 0:
        return compute()
    # Hashed: a question may be long and hold any letter.
    digest = hashlib.blake2b(key.encode(), digest_size=20).hexdigest()
    value: Any = caches["summaries"].get_or_set(digest, compute, seconds)
    found: ValueT = value
    return found


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator whose count is remembered under ``key``; the rows themselves are always fresh."""

    def __init__(self, rows: QuerySet[Any], per_page: int, *, key: str) -> None:
        """Count the rows, or remember how many there were."""
        super().__init__(rows, per_page)
        self.count = remembered(key, rows.count)
