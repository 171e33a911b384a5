"""Office and OpenDocument files: what stands in the archive tells their kind and their dangers."""

from __future__ import annotations

import html
import zipfile
import zlib
from io import BytesIO

from django.utils.formats import number_format

from core.files.faults import MEGABYTE, fault
from core.files.kinds import FileKind

MOST_UNPACKED = 100 * MEGABYTE
MOST_PARTS = 2_000
# Text packs to a tenth, a table that repeats itself to a fiftieth; a bomb to a thousandth. One
# white picture packs as well as a bomb, so that small files may have any ratio.
MOST_RATIO = 100
ANY_RATIO_BELOW = 10 * MEGABYTE
_CONTENT_TYPES = "[Content_Types].xml"
_MAIN_PARTS = {
    FileKind.DOCX: "wordprocessingml.document.main+xml",
    FileKind.XLSX: "spreadsheetml.sheet.main+xml",
}
# The first two in the list of types, whatever the parts are called; the third are Excel's of 1992.
_MACRO_TYPES = ("macroenabled", "vbaproject", "macrosheet")


def kind_of_archive(content: bytes) -> FileKind | None:
    """Return the kind of an archive, ``None`` for one that is no document.

    Archives within it are not unpacked. Raises :class:`ValidationError` for one that is damaged,
    encrypted, has macros or unpacks to too much.
    """
    # Counted before the list of parts is read, which alone could take much memory.
    if content.count(b"PK\x01\x02") > MOST_PARTS:
        raise too_much()
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if any(part.flag_bits & 0x1 for part in parts):
                raise fault("encrypted")
            if len(names) < len(parts):
                raise fault("incomplete")  # two parts of one name: which one counts?
            check_sizes(archive, len(content))
            if "encryption-data" in text_of(archive, "META-INF/manifest.xml"):
                raise fault("encrypted")
            types = text_of(archive, _CONTENT_TYPES)
            if has_macros(names, types):
                raise fault("macros")
            mimetype = text_of(archive, "mimetype")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        raise fault("incomplete") from None
    kinds = [kind for kind, main in _MAIN_PARTS.items() if main in types]
    kinds += [kind for kind in (FileKind.ODT, FileKind.ODS) if mimetype == kind.media_type]
    return kinds[0] if len(kinds) == 1 else None


def check_sizes(archive: zipfile.ZipFile, packed: int) -> None:
    """Raise :class:`ValidationError` if the parts are too large, by what they say or really are."""
    parts = archive.infolist()
    declared = sum(part.file_size for part in parts)
    most = min(MOST_UNPACKED, max(ANY_RATIO_BELOW, MOST_RATIO * packed))
    if declared > most:
        raise too_much()
    read = 0
    for part in parts:
        # Python unpacks other methods without a bound, and no office program writes them.
        if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise fault("incomplete")
        size, before = part.file_size, read
        # Python would stop at the size that the archive declares; other programs go on.
        part.file_size = MOST_UNPACKED
        with archive.open(part) as stream:
            while piece := stream.read(MEGABYTE):
                read += len(piece)
                if read > most:
                    raise too_much()
        part.file_size = size
        if read - before != size:
            raise fault("incomplete")


def text_of(archive: zipfile.ZipFile, name: str) -> str:
    """Return a part as lower-case text, empty where it is missing.

    Good for searching only: without zero bytes UTF-16 reads like ASCII, and references to
    characters are resolved, so that no spelling hides a word. Entities of its own it may not have.
    """
    if name not in archive.namelist():
        return ""
    content = archive.read(name).replace(b"\0", b"")
    if len(content) > MEGABYTE or b"<!ENTITY" in content:
        raise fault("incomplete")
    return html.unescape(content.decode("utf-8", "replace")).strip().lower()


def has_macros(names: set[str], types: str) -> bool:
    """Tell whether an archive holds programs, by the names of its parts or their types."""
    folders = ("Basic/", "Scripts/")  # where OpenDocument keeps them
    return any(word in types for word in _MACRO_TYPES) or any(
        name.startswith(folders) or name.lower().endswith("vbaproject.bin") for name in names
    )


def too_much() -> Exception:
    """Return the refusal of an archive that unpacks to too much."""
    megabytes = MOST_UNPACKED // MEGABYTE
    parts = number_format(MOST_PARTS, force_grouping=True)
    return fault("unpacked", megabytes=megabytes, ratio=MOST_RATIO, parts=parts)
