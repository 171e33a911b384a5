"""All public addresses, in both languages, for search engines (sitemaps.org).

Rows are counted in one query and read in slices: Django's own sitemap classes read every row of a
kind for each part as soon as they list languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Value
from django.urls import reverse
from django.utils import timezone, translation

from calls.models import Call
from core.pages import LANGUAGES
from editorial.models import Article, Page
from meetings.models import Meeting
from municipalities.models import Municipality
from tandems.models import Tandem

#: Records in one file, beside the standing pages in the first; each has an address per language.
#: Files may hold 50,000 addresses.
RECORDS_PER_PART = 2_000


@dataclass(frozen=True, slots=True)
class Slice:
    """Some records of one kind, from ``start`` up to and without ``stop``."""

    rows: QuerySet[Any]
    start: int
    stop: int


def standing_pages() -> list[str]:
    """Return the names of the addresses that are there whatever the records: lists, legal pages."""
    lists = ("tandems:index", "municipalities:index", "meetings:index", "calls:index")
    pages = (
        f"editorial:{key}" for key in Page.objects.order_by("key").values_list("key", flat=True)
    )
    return ["start", "programme", *lists, "editorial:index", *pages]


def public_records() -> list[QuerySet[Any]]:
    """Return the records that have a public page, by kind."""
    return [
        Tandem.objects.visible_to(None),
        Municipality.objects.visible_to(None),
        Meeting.objects.visible_to(None),
        Call.objects.visible_to(None),
        Article.objects.visible_on(timezone.localdate()),
    ]


def counted(kinds: list[QuerySet[Any]]) -> list[int]:
    """Return how many records each kind has, in one query."""
    first, *others = [
        rows.order_by()
        .annotate(place_in_list=Value(number))
        .values("place_in_list")
        .annotate(counted=Count("pk"))
        .values_list("place_in_list", "counted")
        for number, rows in enumerate(kinds)
    ]
    found = dict(first.union(*others, all=True))
    return [found.get(number, 0) for number in range(len(kinds))]


def sitemap_parts() -> list[list[Slice]]:
    """Return what each part of the sitemap holds; the first one also has the standing pages."""
    parts: list[list[Slice]] = [[]]
    room = RECORDS_PER_PART
    kinds = public_records()
    for rows, count in zip(kinds, counted(kinds), strict=True):
        start = 0
        while start < count:
            if room == 0:
                parts.append([])
                room = RECORDS_PER_PART
            stop = min(count, start + room)
            parts[-1].append(Slice(rows, start, stop))
            room -= stop - start
            start = stop
    return parts


def addresses_of(part: list[Slice], *, first: bool) -> list[dict[str, Any]]:
    """Return the addresses of one part, as the template ``sitemap.xml`` of Django wants them."""
    with translation.override(LANGUAGES[0]):
        # Without the language prefix, which is all that differs.
        paths = [path[len(LANGUAGES[0]) + 1 :] for path in paths_of(part, first=first)]
    return [
        {
            "location": f"{settings.PUBLIC_URL}/{language}{path}",
            "alternates": [
                {"location": f"{settings.PUBLIC_URL}/{other}{path}", "lang_code": other}
                for other in LANGUAGES
            ],
        }
        for path in paths
        for language in LANGUAGES
    ]


def paths_of(part: list[Slice], *, first: bool) -> Iterator[str]:
    """Yield the paths of one part in the active language."""
    if first:
        yield from (reverse(name) for name in standing_pages())
    for piece in part:
        rows = piece.rows.order_by("pk").only("pk", "slug")
        yield from (row.get_absolute_url() for row in rows[piece.start : piece.stop])
