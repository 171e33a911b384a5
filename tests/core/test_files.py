"""Uploads as a whole: names, sizes, kinds, and that the content decides."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from core.files import MEGABYTE, CheckedFile, FileKind, check_upload
from core.files.faults import MESSAGES
from core.files.kinds import name_for, split_name

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nstartxref\n9\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EXE = b"MZ\x90\x00" + bytes(60) + b"This program cannot be run in DOS mode."


def picture(kind: str) -> bytes:
    """Return a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(file, kind)
    return file.getvalue()


def archive(parts: dict[str, str]) -> bytes:
    """Return an archive of these parts: always the same bytes, as tests are named after them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


TYPES = "application/vnd.openxmlformats-officedocument"
DOCX = archive({"[Content_Types].xml": f"{TYPES}.wordprocessingml.document.main+xml"})
XLSX = archive({"[Content_Types].xml": f"{TYPES}.spreadsheetml.sheet.main+xml"})
ODT = archive({"mimetype": "application/vnd.oasis.opendocument.text"})
ODS = archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"})


def check(name: str, content: bytes, **options: object) -> CheckedFile:
    """Check an upload; the browser calls everything a PDF."""
    return check_upload(SimpleUploadedFile(name, content, "application/pdf"), **options)


def refusal(name: str, content: bytes, **options: object) -> ValidationError:
    """Return why an upload is refused."""
    with pytest.raises(ValidationError) as refused:
        check(name, content, **options)
    return refused.value


@pytest.mark.parametrize(
    ("name", "content", "kind", "media_type"),
    [
        ("a.pdf", PDF, FileKind.PDF, "application/pdf"),
        ("a.png", picture("PNG"), FileKind.PNG, "image/png"),
        ("a.jpg", picture("JPEG"), FileKind.JPEG, "image/jpeg"),
        ("a.JPEG", picture("JPEG"), FileKind.JPEG, "image/jpeg"),
        ("a.docx", DOCX, FileKind.DOCX, f"{TYPES}.wordprocessingml.document"),
        ("a.xlsx", XLSX, FileKind.XLSX, f"{TYPES}.spreadsheetml.sheet"),
        ("a.odt", ODT, FileKind.ODT, "application/vnd.oasis.opendocument.text"),
        ("a.ods", ODS, FileKind.ODS, "application/vnd.oasis.opendocument.spreadsheet"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_kind_is_told_by_the_content(name, content, kind, media_type):
    checked = check(name, content)

    assert (checked.kind, checked.kind.media_type) == (kind, media_type)
    assert checked.name == f"a.{kind.value}"


def test_document_is_kept_byte_by_byte_with_its_checksum():
    checked = check("Förderantrag.PDF", PDF)

    assert checked == CheckedFile(
        name="Förderantrag.pdf",
        kind=FileKind.PDF,
        content=PDF,
        size=len(PDF),
        sha256=hashlib.sha256(PDF).hexdigest(),
    )


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\x\\a.pdf", "a.pdf"),
        ("\\\\server\\share/folder\\a.pdf", "a.pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
        ("a\u061cb\u00adc.pdf", "abc.pdf"),
        ("a\ud800b.pdf", "ab.pdf"),
        ("  a \t\n b\x00.pdf. ", "a b.pdf"),
        ("Mu\u0308nchen.pdf", "München.pdf"),
        ("Πρακτικά 2026.pdf", "Πρακτικά 2026.pdf"),
        ("می\u200cخواهم.pdf", "می\u200cخواهم.pdf"),
        ("without", "without.pdf"),
        ("Minutes of 3.5.2026", "Minutes of 3.5.2026.pdf"),
        ("Report 3. May", "Report 3. May.pdf"),
        (".pdf", "file.pdf"),
        ("...", "file.pdf"),
        ("", "file.pdf"),
        ("folder/", "file.pdf"),
        (".hidden.pdf", "hidden.pdf"),
        ("a.exe.pdf", "a.exe.pdf"),
        ("a.PdF", "a.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("ä" * 300, "ä" * 116 + ".pdf"),
        ("x" * 115 + " y.pdf", "x" * 115 + ".pdf"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_name_keeps_what_is_meant_and_gets_the_real_ending(sent, shown):
    stem, ending = split_name(sent)

    assert ending in {"pdf", ""}
    assert name_for(stem, FileKind.PDF) == shown


def test_name_of_a_picture_gets_the_usual_ending():
    assert check("Foto.jpeg", picture("JPEG")).name == "Foto.jpg"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", HTML),
        ("a.pdf", EXE),
        ("a.png", SVG),
        ("a.pdf", DOCX),
        ("a.docx", PDF),
        ("a.docx", XLSX),
        ("a.jpg", picture("PNG")),
        ("a.docx", archive({"readme.txt": "only an archive"})),
        ("a.pdf", b"\n" + PDF),
        ("a\u202efdp.exe", PDF),
        ("a.html", PDF),
        ("a.pdf.exe ", PDF),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_content_that_does_not_fit_the_name_is_refused(name, content):
    error = refusal(name, content)

    assert error.code == "mismatch"
    assert f".{split_name(name)[1]}" in error.messages[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", HTML),
        ("a.svg", SVG),
        ("a.exe", EXE),
        ("a.zip", archive({"readme.txt": "only an archive"})),
        ("a.doc", OLE),
        ("a.txt", b"text"),
        ("a", HTML),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_kind_that_nobody_accepts_is_refused_and_told_which_are(name, content):
    error = refusal(name, content)

    assert error.code == "kind"
    assert "PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS" in error.messages[0]


def test_kinds_may_be_fewer():
    error = refusal("a.pdf", PDF, kinds=[FileKind.PNG, FileKind.JPEG])

    assert error.code == "kind"
    assert "PNG, JPEG." in error.messages[0]
    assert refusal("a.png", PDF, kinds=[FileKind.PNG]).code == "kind"
    assert check("a.png", picture("PNG"), kinds=[FileKind.PNG]).kind == FileKind.PNG


def test_file_without_content_is_refused():
    assert refusal("a.pdf", b"").code == "empty"


def test_file_may_be_as_large_as_the_limit_and_no_larger(settings):
    settings.UPLOAD_MAX_MEGABYTES = 1
    padding = b" " * (MEGABYTE - len(PDF))

    assert check("a.pdf", PDF + padding).size == MEGABYTE
    error = refusal("a.pdf", PDF + padding + b" ")

    assert error.code == "size"
    assert "1 MB" in error.messages[0]


def test_size_that_the_upload_claims_is_not_believed(settings):
    settings.UPLOAD_MAX_MEGABYTES = 1
    upload = SimpleUploadedFile("a.pdf", PDF + b" " * MEGABYTE)
    upload.size = 10

    with pytest.raises(ValidationError) as refused:
        check_upload(upload)

    assert refused.value.code == "size"


def test_upload_that_was_read_before_is_checked_from_its_beginning():
    upload = SimpleUploadedFile("a.pdf", PDF)
    upload.read()

    assert check_upload(upload).content == PDF


def test_old_office_file_with_a_password_is_told_so():
    assert refusal("a.docx", OLE + "EncryptedPackage".encode("utf-16-le")).code == "encrypted"


@pytest.mark.parametrize("code", MESSAGES)
def test_refusal_is_a_whole_sentence_that_leaves_no_blank(code):
    blanks = ("megabytes", "kinds", "ending", "ratio", "parts", "megapixels")
    values = dict.fromkeys(blanks, 10)

    with translation.override("en"):
        message = MESSAGES[code] % values

    assert message.endswith(".")
    assert "%" not in message
