"""Documents and pictures as pages show them, wherever they stand."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404

from accounts.permissions import Permission, reach_of
from tandems.access import Access
from tandems.models import SIZES, Document, DocumentVersion, ProfilePicture, Tandem


def documents_of(access: Access) -> Any:
    """Return the documents of the partnership that the person reads, the newest first.

    For a city that has left each row carries as ``visibility_then`` who might read it on its last
    day (see :func:`as_read`).
    """
    rows = Document.objects.visible_to(access.user).present().filter(tandem=access.tandem)
    if access.until is None:
        return rows
    return rows.as_of(access.until, reach_of(access.user, Permission.READ_WORKSPACE) or set())


def as_read(documents: Iterable[Document], access: Access) -> list[Document]:
    """Return documents of :func:`documents_of` as they are shown, unsaved.

    To a city that has left they say who might read them on its last day.
    """
    rows = list(documents)
    for row in rows:
        # Whose members are known already.
        row.tandem = access.tandem
        row.visibility = getattr(row, "visibility_then", row.visibility)
    return rows


def document_of(access: Access, key: uuid.UUID) -> Document:
    """Return a document that the person reads; others meet 404."""
    (document,) = as_read([get_object_or_404(documents_of(access), key=key)], access)
    return document


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document with the version that the reader gets."""

    document: Document
    version: DocumentVersion


def listed(documents: Iterable[Document], until: dt.date | None = None) -> list[ListedDocument]:
    """Return documents (with their versions fetched along) as ``_document_list.html`` takes them.

    ``until`` is the last day of a city that has left: it gets what was there by then.
    """
    found = ((document, document.newest_until(until)) for document in documents)
    return [ListedDocument(document, version) for document, version in found if version]


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture of a version with the addresses of its sizes and its measures in pixels."""

    place: ProfilePicture
    url: str
    srcset: str
    width: int
    height: int


def shown_pictures(places: Iterable[ProfilePicture], tandem: Tandem) -> list[ShownPicture]:
    """Return the pictures of a version (with ``picture`` fetched along) for an ``<img>``."""
    found = []
    for place in places:
        picture = place.picture
        picture.tandem = tandem
        longest = max(picture.width, picture.height)
        # A small picture is never made larger: some of its sizes are the same.
        widths = {
            size: max(1, round(picture.width * min(1, side / longest)))
            for size, side in SIZES.items()
        }
        by_width = {width: size for size, width in reversed(widths.items())}
        srcset = ", ".join(
            f"{picture.url_of(by_width[width])} {width}w" for width in sorted(by_width)
        )
        found.append(
            ShownPicture(place, picture.url_of("medium"), srcset, picture.width, picture.height)
        )
    return found
