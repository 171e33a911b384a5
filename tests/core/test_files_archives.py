"""Office and OpenDocument files: damaged, encrypted, with macros, or bombs."""

from __future__ import annotations

import io
import os
import struct
import warnings
import zipfile
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from core.files import MEGABYTE, CheckedFile, FileKind, check_upload
from core.files.archives import ANY_RATIO_BELOW, MOST_PARTS, MOST_UNPACKED

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types>'
    '<Default Extension="xlsx" ContentType="application/vnd.openxmlformats-officedocument.'
    f'spreadsheetml.sheet"/><Override PartName="/word/document.xml" ContentType="{WORD}.main+xml"/>'
    "%s</Types>"
)
TEXT = "<w:document/>" * 500
MACRO_TYPE = '<Override ContentType="application/vnd.ms-office.vbaProject"/>'
MANIFEST = "META-INF/manifest.xml"
ODT = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<office/>"}


def archive(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def docx(**parts: str | bytes) -> dict[str, str | bytes]:
    """Return the parts of a Word document, and further ones."""
    return {"[Content_Types].xml": TYPES % "", "word/document.xml": TEXT, **parts}


def check(content: bytes, name: str = "a.docx") -> CheckedFile:
    """Check an upload."""
    return check_upload(SimpleUploadedFile(name, content))


def code_of(content: bytes, name: str = "a.docx") -> str | None:
    """Return the code under which an upload is refused."""
    with pytest.raises(ValidationError) as refused:
        check(content, name)
    return refused.value.code


def test_document_is_accepted_as_it_is():
    content = archive(docx())

    checked = check(content)

    assert (checked.kind, checked.content) == (FileKind.DOCX, content)


@pytest.mark.parametrize(
    "kept", [slice(0, 40), slice(0, 300), slice(0, -22), slice(0, -1)], ids=str
)
def test_archive_that_is_cut_off_is_incomplete(kept):
    assert code_of(archive(docx())[kept]) == "incomplete"


def test_archive_with_a_damaged_part_is_incomplete():
    content = archive(docx(), zipfile.ZIP_STORED)

    assert code_of(content.replace(b"<w:document/>", b"<w:dokument/>", 1)) == "incomplete"


def test_archive_with_two_parts_of_one_name_is_incomplete():
    file = io.BytesIO(archive(docx()))
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as packed:
        warnings.simplefilter("ignore")
        packed.writestr("word/document.xml", "another text")

    assert code_of(file.getvalue()) == "incomplete"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_archive_packed_as_no_office_program_does_is_refused(method):
    assert code_of(archive(docx(), method)) == "incomplete"


def test_archive_with_encrypted_parts_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in docx().items():
            packed.writestr(name, content)
        for part in packed.infolist():
            part.flag_bits |= 1  # in the list of parts, which is written at the end

    assert code_of(file.getvalue()) == "encrypted"


def test_open_document_with_a_password_is_refused():
    manifest = (
        '<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "M.dtd">'
        '<manifest:file-entry manifest:full-path="content.xml">%s</manifest:file-entry>'
    )
    locked = manifest % '<manifest:encryption-data manifest:checksum="x"/>'

    assert check(archive({**ODT, MANIFEST: manifest % ""}), "a.odt").kind == FileKind.ODT
    assert code_of(archive({**ODT, MANIFEST: locked}), "a.odt") == "encrypted"


@pytest.mark.parametrize(
    "parts",
    [
        docx() | {"word/vbaProject.bin": b"x"},
        docx() | {"word/VBAPROJECT.BIN": b"x"},
        {"[Content_Types].xml": TYPES % MACRO_TYPE},
        {"[Content_Types].xml": (TYPES % MACRO_TYPE).encode("utf-16")},
        {"[Content_Types].xml": TYPES % MACRO_TYPE.replace("P", "&#80;").replace("v", "&#x76;")},
        {"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"},
        {"[Content_Types].xml": "application/vnd.ms-excel.sheet.macroEnabled.main+xml"},
        {"[Content_Types].xml": TYPES % "application/vnd.ms-excel.macrosheet+xml"},
        {**ODT, "Basic/Standard/Module1.xml": "Sub Main"},
        {**ODT, "Scripts/python/a.py": "import os"},
    ],
    ids=str,
)
def test_document_with_macros_is_refused(parts):
    assert code_of(archive(parts)) == "macros"


@pytest.mark.parametrize(
    "types",
    [
        '<!DOCTYPE Types [<!ENTITY v "vba">]>' + TYPES % "&v;Project",
        TYPES % "" + " " * MEGABYTE,
    ],
    ids=["entity", "long"],
)
def test_list_of_types_that_could_hide_something_is_refused(types):
    assert code_of(archive({"[Content_Types].xml": types})) == "incomplete"


@pytest.mark.parametrize(
    "parts",
    [
        {"[Content_Types].xml": TYPES.replace("document.main", "template.main") % ""},
        {"[Content_Types].xml": TYPES % "spreadsheetml.sheet.main+xml"},
        {**docx(), **ODT},
        {"mimetype": "application/vnd.oasis.opendocument.text-template"},
        {"mimetype": "application/vnd.oasis.opendocument.presentation"},
        {"word/document.xml": TEXT},
    ],
    ids=["template", "two main parts", "two systems", "ott", "odp", "no types"],
)
def test_archive_that_is_no_document_of_one_kind_is_refused(parts):
    assert code_of(archive(parts)) == "mismatch"


def test_bomb_is_refused_by_what_it_declares():
    error_free = archive(docx(a=os.urandom(MEGABYTE * 2), b=bytes(MOST_UNPACKED - 3 * MEGABYTE)))

    assert check(error_free).kind == FileKind.DOCX
    assert code_of(archive(docx(a=os.urandom(MEGABYTE * 2), b=bytes(MOST_UNPACKED)))) == "unpacked"


def test_bomb_is_refused_by_its_ratio():
    small = bytes(ANY_RATIO_BELOW - MEGABYTE)

    assert check(archive(docx(a=small))).kind == FileKind.DOCX
    assert code_of(archive(docx(a=small, b=small))) == "unpacked"


def test_message_about_a_bomb_names_the_limits():
    with pytest.raises(ValidationError) as refused:
        check(archive(docx(a=bytes(2 * ANY_RATIO_BELOW))))

    assert refused.value.params == {"megabytes": 100, "ratio": 100, "parts": "2.000"}


def lying(size: int) -> bytes:
    """Return a document with a part of ``size`` bytes that declares ten, checksum included."""
    content = archive(docx(a=bytes(size)))
    for true, told in (
        (struct.pack("<L", size), struct.pack("<L", 10)),
        (struct.pack("<L", zlib.crc32(bytes(size))), struct.pack("<L", zlib.crc32(bytes(10)))),
    ):
        assert content.count(true) == 2
        content = content.replace(true, told)
    return content


@pytest.mark.parametrize(
    ("size", "code"), [(2 * ANY_RATIO_BELOW, "unpacked"), (5_000, "incomplete")]
)
def test_archive_that_lies_about_a_size_is_refused_by_what_it_holds(size, code):
    content = lying(size)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.read("a") == bytes(10)  # Python's own reader believes it

    assert code_of(content) == code


def test_archive_is_not_read_when_it_declares_too_much():
    told = struct.pack("<L", len(TEXT)), struct.pack("<L", MOST_UNPACKED + 1)

    # Who reads it finds a size that is not true, and another fault.
    assert code_of(archive(docx()).replace(*told)) == "unpacked"


def test_archive_with_too_many_parts_is_refused():
    parts = docx(**{f"p{number}": b"" for number in range(MOST_PARTS - 2)})

    assert check(archive(parts)).kind == FileKind.DOCX
    assert code_of(archive({**parts, "one more": b""})) == "unpacked"


def test_archive_within_the_archive_is_not_unpacked():
    bomb = archive({"bomb": bytes(MOST_UNPACKED)})
    sheet = archive({"[Content_Types].xml": "not looked at: macroEnabled"})

    checked = check(archive({**docx(), "word/embeddings/a.xlsx": sheet, "b.zip": bomb}))

    assert checked.kind == FileKind.DOCX
