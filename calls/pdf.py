"""A document that people wrote, as an accessible PDF (PDF/UA-1): receipts, minutes, records.

Typst sets it by ``calls/document.typ``. What people typed travels as JSON beside the
template and never becomes part of it, so markup in it stays text.
"""

from __future__ import annotations

import json
import re
import struct
import unicodedata
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from core.text import clean_text

# Language, script, region and the rest of a BCP 47 tag.
_TAG = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-[a-z]{2})?(-[a-z0-9]{1,8})*", re.IGNORECASE)
# Spaces but those that hold words together; signs without a look; what joins or parts letters.
_SPACE = re.compile(r"[^\S\u00a0\u202f]")
_UNSEEN = re.compile("[\u00ad\u061c\u2060-\u206f\U000e0000-\U000e0fff]")
_JOINERS = "\u200c\u200d"


class PdfError(Exception):
    """A document could not be made into a PDF; the message holds nothing of its text."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A short fact for the top of a document, such as the moment it was sent."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote under a label, in paragraphs with blank lines between.

    ``language`` is its BCP 47 tag (``pl``, ``sr-Latn``), empty for the document's own; raises
    :class:`ValueError` when it is none.
    """

    label: str
    text: str
    language: str = ""

    def __post_init__(self) -> None:
        if self.language and not _TAG.fullmatch(self.language):
            raise ValueError(f"{self.language!r} is no BCP 47 language tag.")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; raises :class:`ValueError` when a row has more or fewer cells."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) or not row for row in self.rows):
            raise ValueError("Every row of a table has one cell for each column.")


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without order; blank items are left out."""

    label: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Parts under a common heading."""

    heading: str
    parts: tuple[Words | Table | Bullets, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is to be read, without anything about its look.

    ``language`` is the one of title, headings and labels; ``author_office`` issues the document.
    ``footer`` stands on every page and should hold the reference; ``empty`` is shown where people
    wrote nothing. ``created_at`` (with time zone) is stored in the file; without it, no date is.
    Raises :class:`ValueError` when the title is blank or the language is not one of ours.
    """

    title: str
    subtitle: str
    language: str
    author_office: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    footer: str
    empty: str
    created_at: datetime | None = None

    def __post_init__(self) -> None:
        if not clean_text(self.title) or self.language not in ("de", "en"):
            raise ValueError("A document needs a title and a language of the portal.")


def render_pdf(document: Document) -> bytes:
    """Return ``document`` as a tagged PDF/UA-1 file on A4; the same document gives the same bytes.

    Letters that no font has (of scripts from outside Europe) are written out: ``[U+4E2D]``.
    Raises :class:`PdfError` when the fonts are missing or typst refuses the document.
    """
    root, moment = settings.BASE_DIR, document.created_at
    fonts, alphabets = _typefaces(root / "build" / "fonts")  # no other font is ever used
    files: Any = {  # by name, which the annotations of the wheel leave out
        "main.typ": (root / "calls" / "document.typ").read_bytes(),
        "mark.svg": (root / "static" / "img" / "mark.svg").read_bytes(),
        "data.json": json.dumps(_plain(document, alphabets)).encode(),
    }
    try:
        return typst.compile(
            files,
            root=root / "calls",
            font_paths=fonts,
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=int(moment.timestamp()) if moment else None,
        )
    except typst.TypstError:  # its message quotes the text: neither passed on nor chained
        raise PdfError("typst refused the document.") from None


def _plain(value: Any, alphabets: tuple[frozenset[str], ...]) -> Any:
    """Return a document, or a part of it, as JSON holds it, with text that can be shown."""
    if value is None or isinstance(value, datetime):
        return value is not None
    if isinstance(value, tuple):
        return [_plain(each, alphabets) for each in value]
    if isinstance(value, str):
        return "\n".join(_shown(line, alphabets) for line in clean_text(value).splitlines())
    data = {each.name: _plain(getattr(value, each.name), alphabets) for each in fields(value)}
    return {"kind": type(value).__name__, **data}


def _shown(text: str, alphabets: tuple[frozenset[str], ...]) -> str:
    """Return ``text`` with codes in place of what no font has: PDF/UA forbids empty boxes.

    Signs that nobody sees are left out, and no letter bears more than 30 marks (UAX #15 has the
    same limit): typst would need all memory for thousands of either.
    """
    clusters: list[str] = []
    for letter in _UNSEEN.sub("", _SPACE.sub(" ", text)).lstrip(_JOINERS):
        if letter not in _JOINERS and not unicodedata.category(letter).startswith("M"):
            clusters.append(letter)
        elif clusters and len(clusters[-1]) <= 30:
            clusters[-1] += letter
        else:
            clusters.append(f"◌{letter}")
    # One font draws a letter with its marks.
    known = groupby(clusters, lambda each: any(one.issuperset(each) for one in alphabets))
    return "".join(
        "".join(run) if shown else f"[{' '.join(f'U+{ord(each):04X}' for each in ''.join(run))}]"
        for shown, run in known
    )


@lru_cache
def _typefaces(folder: Path) -> tuple[typst.Fonts, tuple[frozenset[str], ...]]:
    """Return the fonts of a folder and the letters of each; raises :class:`PdfError` if none."""
    files = sorted(folder.glob("*.ttf"))
    if not files:
        raise PdfError("The fonts are missing; run tools/fetch_assets.py.")
    return typst.Fonts(False, False, [folder]), tuple(_letters(file.read_bytes()) for file in files)


def _letters(font: bytes) -> frozenset[str]:
    """Return the letters that a font has, by its table ``cmap`` (OpenType, formats 4 and 12)."""
    read = struct.unpack_from
    tables = (read(">4s3L", font, 12 + 16 * row) for row in range(read(">H", font, 4)[0]))
    cmap = next(place for name, _, place, _ in tables if name == b"cmap")
    ranges: list[tuple[int, int]] = []
    for row in range(read(">H", font, cmap + 2)[0]):
        table = cmap + read(">L", font, cmap + 8 + 8 * row)[0]
        kind, size, groups = read(">H4xH4xL", font, table)
        if kind == 12:
            ranges += (read(">2L", font, table + 16 + 12 * group) for group in range(groups))
        elif kind == 4:
            lasts, firsts = (read(f">{size // 2}H", font, table + at) for at in (14, 16 + size))
            ranges += zip(firsts, lasts, strict=True)
    letters = (chr(code) for first, last in ranges for code in range(first, last + 1))
    return frozenset(letters).union(_JOINERS) - {"\uffff"}  # which ends a table of format 4
