"""PDFs that are cut off, encrypted or active, with and without a disguise."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from contextlib import suppress

import pytest
import typst
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from core.files import CheckedFile, FileKind, check_upload, pdf as pdf_check
from core.files.pdf import MOST_OBJECTS

END = b"\nstartxref\n9\n%%EOF\n"
SCRIPT = b"<< /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>"


def pdf(*objects: bytes, end: bytes = END) -> bytes:
    """Return a PDF of these objects, as far as the check looks at it."""
    numbered = (b"%d 0 obj\n%b\nendobj\n" % item for item in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + b"".join(numbered) + b"trailer << /Root 1 0 R >>" + end


def packed(objects: bytes, *, name: bytes = b"/ObjStm") -> bytes:
    """Return a PDF whose objects stand in a compressed stream, as they do since PDF 1.5."""
    data = zlib.compress(objects)
    head = b"<< /Type %b /N 1 /First 4 /Filter /FlateDecode /Length %d >>" % (name, len(data))
    return pdf(head + b"\nstream\n" + data + b"\nendstream")


def check(content: bytes) -> CheckedFile:
    """Check a PDF."""
    return check_upload(SimpleUploadedFile("a.pdf", content))


def code_of(content: bytes) -> str | None:
    """Return the code under which a PDF is refused."""
    with pytest.raises(ValidationError) as refused:
        check(content)
    return refused.value.code


@pytest.fixture(scope="module")
def real():
    """Return a PDF that a program wrote, with a link, a title and words that look like actions."""
    source = b'#set document(title: "Kick-off/Launch")\n= Kick-off/Launch\n\n'
    return typst.compile(source + b'HTML/JavaScript, #link("https://example.org")[x]\n#lorem(900)')


def test_real_pdf_is_accepted(real):
    assert check(real).kind == FileKind.PDF


@pytest.mark.parametrize("part", [0.01, 0.5, 0.99, 0.999])
def test_real_pdf_that_is_cut_off_is_incomplete(real, part):
    assert code_of(real[: int(len(real) * part)]) == "incomplete"


@pytest.mark.parametrize(
    "end",
    [b"", b"\n%%EOF\n", b"\nstartxref\n9\n", b"\nstartxref\n%%EOF\n", END + b"<script>", END[:-3]],
)
def test_pdf_without_its_end_is_incomplete(end):
    assert code_of(pdf(end=end)) == "incomplete"


@pytest.mark.parametrize("padding", [b"", b"\r\n", b"\0" * 5_000, b" \n\x1a"])
def test_pdf_may_be_padded(padding):
    assert check(pdf(end=END + padding)).kind == FileKind.PDF


@pytest.mark.parametrize(
    "trailer",
    [
        b"trailer << /Size 9 /Encrypt 5 0 R /Root 1 0 R >>",
        b"<< /Type /XRef /Encrypt\r\n12 0 R >>",
        b"<</Encrypt<</Filter/Standard/V 5>>>>",
        b"<< /#45ncr#79pt 5 0 R >>",
    ],
)
def test_encrypted_pdf_is_refused(trailer):
    assert code_of(pdf(trailer)) == "encrypted"


@pytest.mark.parametrize(
    "action",
    [
        SCRIPT,
        b"<</S/JavaScript/JS 9 0 R>>",
        b"<</S\r\n\0 /JavaScript>>",
        b"<</S/J#61va#53cript>>",
        b"<</#53/Launch/F(cmd.exe)>>",
        b"<< /S /Launch /Win << /F (cmd.exe) >> >>",
        b"/Launch",
        b"<< /Names << /EmbeddedFiles 4 0 R >> >>",
        b"<</Type/EmbeddedFile/Length 3>>",
        b"<</Subtype/FileAttachment/FS 4 0 R>>",
        b"<</Subtype/RichMedia>>",
        b"<< /X (>>\nstream\n) /OpenAction " + SCRIPT + b" /Y (endstream) >>",
    ],
)
def test_pdf_that_does_something_is_refused(action):
    assert code_of(pdf(action)) == "active"


@pytest.mark.parametrize("name", [b"/ObjStm", b"/Obj#53tm"])
def test_pdf_that_does_something_in_packed_objects_is_refused(name):
    assert code_of(packed(b"1 0 " + SCRIPT, name=name)) == "active"


def test_pdf_with_packed_objects_is_accepted():
    assert check(packed(b"1 0 << /Type /Catalog >>")).kind == FileKind.PDF


@pytest.mark.parametrize(
    "words",
    [
        b"<< /Title (Kick-off/Launch) >>",
        b"<< /Length 40 >>\nstream\nBT (HTML/JavaScript, see /Launch) Tj ET\nendstream",
        b"<< /S /URI /URI (https://example.org/Launch) >>",
        b"<< /EncryptMetadata false >>",
        b"(how to /Encrypt a file)",
        b"<< /S /LaunchPad >>",
    ],
)
def test_words_that_only_look_like_actions_are_accepted(words):
    assert check(pdf(words)).kind == FileKind.PDF


@pytest.mark.parametrize(
    "stream",
    [
        b"no zlib",
        zlib.compress(b"1 0 <<>>")[:-5],
        zlib.compress(b"1 0 <<>>") + b"rest",
        zlib.compress(bytes(MOST_OBJECTS + 1)),
    ],
    ids=["not packed", "cut off", "longer", "bomb"],
)
def test_packed_objects_that_cannot_be_looked_into_are_refused(stream):
    assert code_of(pdf(b"<< /Type /ObjStm >>\nstream\n" + stream + b"\nendstream")) == "incomplete"


def test_packed_bomb_takes_no_memory(monkeypatch):
    monkeypatch.setattr(pdf_check, "MOST_OBJECTS", 1_000_000)
    bomb = zlib.compress(bytes(50_000_000))
    content = pdf(b"<< /Type /ObjStm >>\nstream\n" + bomb + b"\nendstream")

    tracemalloc.start()
    with suppress(ValidationError):
        check(content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10_000_000


def test_packed_objects_have_one_bound_together():
    half = zlib.compress(bytes(MOST_OBJECTS // 2))
    streams = [b"<< /Type /ObjStm >>\nstream\n" + half + b"\nendstream"] * 2

    assert code_of(pdf(*streams)) == "incomplete"


@pytest.mark.parametrize(
    "unit",
    [b"/S ", b" ", b"/Encrypt 1 ", b"/Encrypt 1", b"#41", b"/ObjStm ", b"/ObjStm stream ", b"("],
)
def test_check_takes_time_in_proportion_to_the_size(unit):
    content = pdf(unit * (4_000_000 // len(unit)))
    started = time.process_time()

    with suppress(ValidationError):
        check(content)

    # Some tenths of a second; a search that grows with the square would take hours.
    assert time.process_time() - started < 20
