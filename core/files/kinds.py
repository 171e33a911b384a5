"""The kinds of files that are accepted, and the names they may have."""

from __future__ import annotations

import re

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.text import clean_text

LONGEST_NAME = 120
#: Within words of some scripts and between the parts of one emoji: they change what is read.
_JOINERS = {"\u200c", "\u200d"}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"


class FileKind(models.TextChoices):
    """All kinds that are accepted; the value is the ending of the name."""

    PDF = "pdf", _("PDF document")
    PNG = "png", _("PNG picture")
    JPEG = "jpg", _("JPEG picture")
    DOCX = "docx", _("Word document")
    XLSX = "xlsx", _("Excel workbook")
    ODT = "odt", _("OpenDocument text")
    ODS = "ods", _("OpenDocument spreadsheet")

    @property
    def media_type(self) -> str:
        """Return what this kind is called in HTTP."""
        return _MEDIA_TYPES[self]

    @property
    def endings(self) -> frozenset[str]:
        """Return the endings that files of this kind come with, in lower case without the dot."""
        return frozenset({"jpg", "jpeg", "jpe", "jfif"} if self is FileKind.JPEG else {self.value})

    @property
    def is_picture(self) -> bool:
        """Tell whether it is stored as drawn anew from its pixels."""
        return self in {FileKind.PNG, FileKind.JPEG}


_MEDIA_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.DOCX: f"{_OFFICE}.wordprocessingml.document",
    FileKind.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    FileKind.ODT: f"{_OPEN}.text",
    FileKind.ODS: f"{_OPEN}.spreadsheet",
}


def split_name(name: str) -> tuple[str, str]:
    """Return a file's name without folders and its ending, lower case and without the dot.

    Folders are told by both separators, whatever system sent them. Signs that cannot be seen go,
    so that ``a\u202efdp.exe`` ends in what a machine reads there. A number is no ending (“Minutes
    of 3.5.2026”), nor is what follows a space. The first part may be empty.
    """
    visible = (
        sign
        for sign in " ".join(clean_text(name).split())
        if sign.isprintable() or sign in _JOINERS
    )
    # Windows drops dots and spaces at the end, and the ending then is the one before them.
    base = re.split(r"[/\\]", "".join(visible))[-1].rstrip(" .")
    found = re.fullmatch(r"(.*)\.(?=[0-9]*[A-Za-z])([A-Za-z0-9]{1,10})", base)
    stem, ending = found.groups() if found else (base, "")
    return stem.strip(" ."), ending.lower()


def name_for(stem: str, kind: FileKind) -> str:
    """Return the name that people see: at most 120 characters, with the ending of the real kind."""
    ending = f".{kind.value}"
    return (stem[: LONGEST_NAME - len(ending)].rstrip(" .") or "file") + ending
