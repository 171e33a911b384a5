"""All public addresses, in both languages, for search engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone

from calls.models import Call
from editorial.enums import PageKey
from editorial.models import Article
from meetings.models import Meeting
from municipalities.models import Municipality
from tandems.models import Tandem


@dataclass(frozen=True, slots=True)
class PublicSite:
    """The site whose addresses are listed, from the settings, never from the request."""

    domain: str


class BilingualSitemap(Sitemap):  # type: ignore[type-arg]
    """Lists every address in each language with its alternates."""

    i18n = True
    alternates = True
    x_default = False
    limit = 4_000


class StandingSitemap(BilingualSitemap):
    """Start, programme, lists and standing pages."""

    def items(self) -> list[str]:
        """Return the names of the addresses."""
        lists = ("tandems:index", "municipalities:index", "meetings:index", "calls:index")
        pages = (f"editorial:{key}" for key in PageKey.values)
        return ["start", "programme", *lists, "editorial:index", *pages]

    def location(self, item: Any) -> str:
        """Return the path of a name."""
        return reverse(item)


class RecordSitemap(BilingualSitemap):
    """The pages of one kind of record."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        """Remember the rows to list."""
        super().__init__()
        self.rows = rows

    def items(self) -> QuerySet[Any]:
        """Return the rows in a stable order."""
        return self.rows.order_by("pk")

    def location(self, item: Model) -> str:
        """Return the path of a record's page."""
        return str(item.get_absolute_url())  # type: ignore[attr-defined]


def sitemaps() -> list[BilingualSitemap]:
    """Return the sitemaps of all public pages."""
    return [
        StandingSitemap(),
        RecordSitemap(Tandem.objects.visible_to(None)),
        RecordSitemap(Municipality.objects.all()),
        RecordSitemap(Meeting.objects.visible_to(None)),
        RecordSitemap(Call.objects.visible_to(None)),
        RecordSitemap(Article.objects.visible_on(timezone.localdate())),
    ]


def sitemap_parts() -> list[list[tuple[BilingualSitemap, int]]]:
    """Return the parts as lists of (sitemap, page); small sitemaps share one part."""
    parts: list[list[tuple[BilingualSitemap, int]]] = [[]]
    filled = 0
    for entry in sitemaps():
        pages, size = entry.paginator.num_pages, entry.paginator.count
        if filled + size > entry.limit and parts[-1]:
            parts.append([])
            filled = 0
        if pages > 1:
            parts.extend([[(entry, page)] for page in range(1, pages + 1)])
            parts.append([])
            filled = 0
        else:
            parts[-1].append((entry, 1))
            filled += size
    return [part for part in parts if part]


def part_of_sitemap(number: int) -> list[dict[str, Any]]:
    """Return the addresses of part ``number`` (from 1)."""
    address = urlsplit(settings.PUBLIC_URL)
    # Django asks for a row of django.contrib.sites, but reads the domain alone.
    site: Any = PublicSite(address.netloc)
    urls: list[dict[str, Any]] = []
    for entry, page in sitemap_parts()[number - 1]:
        urls.extend(entry.get_urls(page=page, site=site, protocol=address.scheme or "https"))
    return urls
