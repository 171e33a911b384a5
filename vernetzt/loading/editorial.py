"""The plan of rows behind a file of editorial texts (``data/editorial.json``)."""

from __future__ import annotations

from typing import Any

from editorial.enums import PageKey
from editorial.models import Article, Page
from municipalities.models import Municipality
from tandems.models import Tandem
from vernetzt.loading.faults import FileRefusedError
from vernetzt.loading.records import Record
from vernetzt.loading.writer import Row


def editorial_rows(data: dict[str, Any]) -> list[Row]:
    """Return the rows of all pages and articles.

    Raises :class:`FileRefusedError` with every fault of the file; partnerships and municipalities
    must be in the database already.
    """
    file = Record(data, "file")
    tandems = {tandem.slug: tandem for tandem in Tandem.objects.all()}
    places = {place.slug: place for place in Municipality.objects.all()}
    rows: list[Row] = []
    for key, record in file.identified("pages", "key").items():
        record.choice("key", PageKey.values)
        rows.append(
            Row(
                Page,
                record.label,
                {"key": key},
                {
                    **record.words("title", longest=120),
                    **record.words("body"),
                    "reviewed_on": record.date("reviewed_on"),
                },
            )
        )
    for slug, record in file.identified("articles", "slug").items():
        tandem = record.reference("tandem", tandems, required=False)
        cities = record.references("municipalities", places)
        rows.append(
            Row(
                Article,
                record.label,
                {"slug": slug},
                {
                    **record.words("title", longest=200),
                    **record.words("teaser"),
                    **record.words("body"),
                    "published_on": record.date("published_on", required=True),
                    "tandem": tandems.get(tandem),
                    "sources": record.urls(),
                },
                many={"municipalities": [places[city] for city in cities]},
            )
        )
    if file.faults:
        raise FileRefusedError(file.faults)
    return rows
