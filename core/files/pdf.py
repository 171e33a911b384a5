"""What a PDF must not be: cut off, encrypted, or able to do something when it is opened.

The bytes are searched, never parsed: libraries that read PDF have a history of endless loops and of
memory without bounds on broken files, and every search here takes time in proportion to the size.
A net for what is common, no proof: actions can be hidden from it in ways that some reader still
understands. Files are therefore handed out as attachments only and may be scanned for viruses.
"""

from __future__ import annotations

import re
import zlib

from core.files.faults import MEGABYTE, fault


def spelled(name: str) -> bytes:
    """Return the pattern of a PDF name, each letter as itself or escaped: ``J`` or ``#4A``."""
    return b"/" + b"".join(b"(?:%c|(?i:#%02x))" % (sign, sign) for sign in name.encode("ascii"))


_END = re.compile(rb"startxref[\0\s]+[0-9]+[\0\s]+%%EOF\Z")
_ENCRYPTED = re.compile(spelled("Encrypt") + rb"[\0\s]*(?:[0-9]+[\0\s]+[0-9]+[\0\s]+R|<<)")
# The first two are words of prose as well ("Kick-off/Launch" in a title): they count as the value
# of the key S, which says what an action does, or as an object of their own.
_ACTIVE = re.compile(
    rb"(?:%b|obj)[\0\s]*(?:%b|%b)(?![0-9A-Za-z])"
    % (spelled("S"), spelled("JavaScript"), spelled("Launch"))
    + b"|%b|%b|%b" % (spelled("EmbeddedFile"), spelled("FileAttachment"), spelled("RichMedia"))
)
_OBJECTS = re.compile(spelled("ObjStm"))
#: Bytes that all packed objects of a file may have; those of large files have some 20 MB.
MOST_OBJECTS = 50 * MEGABYTE


def check_pdf(content: bytes) -> None:
    """Raise :class:`ValidationError` for a PDF that is cut off, encrypted or active.

    Streams are searched like the rest. To leave them out one would have to know where they begin
    and end, and a string that says ``stream`` hides from a simple search what a reader then runs.
    """
    if not _END.search(content.rstrip(b"\0\t\n\f\r \x1a")[-1_024:]):
        raise fault("incomplete")
    if _ENCRYPTED.search(content):
        raise fault("encrypted")
    if _ACTIVE.search(content):
        raise fault("active")
    check_packed_objects(content)


def check_packed_objects(content: bytes) -> None:
    """Raise :class:`ValidationError` for active objects in the packed streams of objects (1.5)."""
    budget, end = MOST_OBJECTS, 0
    while found := _OBJECTS.search(content, end):
        # Between type and data stand a few keys and numbers of the same dictionary.
        keyword = content.find(b"stream", found.end(), found.end() + 1_000)
        start = keyword + len(b"stream")
        end = content.find(b"endstream", start)
        if keyword < 0 or end < 0:
            raise fault("incomplete")
        unpacker = zlib.decompressobj()
        try:
            objects = unpacker.decompress(content[start:end].lstrip(b"\r\n"), budget)
        except zlib.error:
            raise fault("incomplete") from None
        # What is left over would be searched again and again: only line breaks may be.
        if not unpacker.eof or unpacker.unused_data.strip():
            raise fault("incomplete")
        if _ACTIVE.search(objects):
            raise fault("active")
        budget -= len(objects)
        if budget <= 0:  # which zlib would take for no bound at all
            raise fault("incomplete")
