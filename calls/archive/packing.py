"""How an archive is packed: one file after the other, each with its checksum in the manifest.

Nothing is held in memory but the piece that is being written. Names come from numbers and
references of ours alone: what a person typed never becomes a path.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

#: Bytes that are read at once.
PIECE = 256 * 1024
#: The file that names all others.
MANIFEST = "index.json"
_SAFE = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9]+)?", re.ASCII)


class Package:
    """A ZIP that is being written; :meth:`close` adds the manifest."""

    def __init__(self, target: IO[bytes], made_at: dt.datetime) -> None:
        """Begin an archive in ``target``; ``made_at`` becomes the date of each file in it."""
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self._date = timezone.localtime(made_at).timetuple()[:6]
        self.files: list[dict[str, Any]] = []
        self.missing: list[str] = []

    def add_json(self, path: str, data: Any) -> None:
        """Add data as JSON that people can read; raises :class:`ValueError` for an unsafe path."""
        self._add(path, [as_json(data)], zipfile.ZIP_DEFLATED)

    def add_bytes(self, path: str, content: bytes) -> None:
        """Add a finished file; raises :class:`ValueError` for an unsafe path."""
        self._add(path, [content], zipfile.ZIP_DEFLATED)

    def add_stream(self, path: str, stream: IO[bytes]) -> None:
        """Add what is read from a stream, and close it."""
        with stream:
            self._add(path, pieces(stream), zipfile.ZIP_STORED)

    def add_stored(self, path: str, stored: File[bytes]) -> None:
        """Add a file of the storage; one that cannot be read is named in the manifest as missing.

        A file that breaks off is an error: half of it must not pass for the whole.
        """
        try:
            stream = stored.open("rb")
        except (OSError, ValueError):  # the other where the field is empty
            self.missing.append(path)
            return
        # Such files are packed already: packing them again would only take time.
        with stream:
            self._add(path, pieces(stream), zipfile.ZIP_STORED)

    def close(self, about: dict[str, Any]) -> None:
        """Add the manifest and end the archive."""
        manifest = {**about, "missing": self.missing, "files": self.files}
        self._add(MANIFEST, [as_json(manifest)], zipfile.ZIP_DEFLATED)
        self._zip.close()

    def _add(self, path: str, content: Iterable[bytes], method: int) -> None:
        if not all(_SAFE.fullmatch(part) for part in path.split("/")):
            raise ValueError(f"{path!r} is no name for a file of an archive.")
        info = zipfile.ZipInfo(path, self._date)
        info.compress_type = method
        info.external_attr = 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w") as member:
            for piece in content:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self.files.append({"path": path, "size": size, "sha256": digest.hexdigest()})


def as_json(data: Any) -> bytes:
    """Return data as JSON in UTF-8, indented, with the keys in the order in which they were put."""
    text = json.dumps(data, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
    # What no UTF-8 can hold (half a sign, typed or sent) is written as its number.
    return f"{text}\n".encode("utf-8", "backslashreplace")


def pieces(stream: Any) -> Iterator[bytes]:
    """Yield what a stream holds, a piece at a time."""
    while piece := stream.read(PIECE):
        yield piece
