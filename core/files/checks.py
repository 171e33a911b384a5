"""The check that every upload passes before anything of it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from core.files.archives import kind_of_archive
from core.files.faults import MEGABYTE, fault
from core.files.kinds import FileKind, name_for, split_name
from core.files.pdf import check_pdf
from core.files.pictures import redrawn
from core.files.scanner import scan


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be stored: its name for people, its real kind and what is kept of it.

    ``size`` (bytes) and ``sha256`` describe ``content``, which for a picture is not what was sent.
    """

    name: str
    kind: FileKind
    content: bytes
    size: int
    sha256: str


def check_upload(upload: UploadedFile[Any], *, kinds: Iterable[FileKind] = FileKind) -> CheckedFile:
    """Return what may be stored of an upload whose real kind is one of ``kinds``.

    Neither the name nor the media type that the browser sends is believed. Raises
    :class:`ValidationError` with a message for people and one of the codes of
    :data:`core.files.faults.MESSAGES`.
    """
    allowed = tuple(kinds)
    content = content_of(upload)
    stem, ending = split_name(upload.name or "")
    kind = kind_of(content)
    names = ", ".join(one.name for one in allowed)
    if kind not in allowed and (kind or not any(ending in one.endings for one in allowed)):
        raise fault("kind", kinds=names)
    # Whoever reads "exe" or "png" must not be given something else, harmless as it may be.
    if kind is None or (ending and ending not in kind.endings):
        raise fault("mismatch", ending=ending, kinds=names)
    if kind is FileKind.PDF:
        check_pdf(content)
    # Before a picture is decoded: the scanner also knows pictures that attack decoders.
    scan(content)
    if kind.is_picture:
        content = redrawn(content, kind)
    checksum = hashlib.sha256(content).hexdigest()
    return CheckedFile(name_for(stem, kind), kind, content, len(content), checksum)


def content_of(upload: UploadedFile[Any]) -> bytes:
    """Return the bytes of an upload, refused when there are none or too many."""
    limit = settings.UPLOAD_MAX_MEGABYTES * MEGABYTE
    size = upload.size or 0
    upload.seek(0)
    content: bytes = upload.read(limit + 1) if size <= limit else b""
    if max(size, len(content)) > limit:
        raise fault("size", megabytes=settings.UPLOAD_MAX_MEGABYTES)
    if len(content) < size:  # see CappedUploadHandler
        raise fault("full")
    if not content:
        raise fault("empty")
    return content


def kind_of(content: bytes) -> FileKind | None:
    """Return the kind that the content has, ``None`` for one that is not known here.

    The signature must be the very first bytes: readers that look further let one file be two kinds.
    Raises :class:`ValidationError` for a damaged, encrypted or dangerous archive.
    """
    if content.startswith(b"%PDF-"):
        return FileKind.PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if content.startswith(b"PK\x03\x04"):
        return kind_of_archive(content)
    # Microsoft's container (OLE2) holds the old formats, and a new one that has a password.
    is_container = content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    if is_container and "EncryptedPackage".encode("utf-16-le") in content:
        raise fault("encrypted")
    return None
