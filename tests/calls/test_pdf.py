"""Documents as PDF: tagged, readable by machines, and deaf to what people typed."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from calls import pdf
from calls.pdf import Bullets, Document, Fact, PdfError, Section, Table, Words, render_pdf

ROOT = Path(__file__).resolve().parents[2]
MOMENT = dt.datetime(2027, 1, 10, 13, tzinfo=dt.UTC)


def document(*parts, **fields):
    values = {
        "title": "Wörkheim",
        "subtitle": "Teilnahmeaufruf 2027",
        "language": "de",
        "author_office": "#vernetztinEuropa",
        "facts": (Fact("Aktenzeichen", "2027-1-001"),),
        "sections": (Section("Herausforderung", parts),),
        "footer": "2027-1-001",
        "empty": "nicht beantwortet",
        "created_at": MOMENT,
    }
    return Document(**{**values, **fields})


def tool(name, *arguments, content):
    """Return what a program of Poppler prints about the file."""
    command = [name, *arguments, "-", *(["-"] if name == "pdftotext" else [])]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode(
        errors="replace"
    )


def text_of(content):
    return " ".join(tool("pdftotext", content=content).split())


def objects_of(content):
    """Return the objects of the file with what is packed in it, to look for tags."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    packed = (stream for stream in streams if stream[:1] == b"\x78")
    return content + b"".join(zlib.decompressobj().decompress(stream) for stream in packed)


def words_of(content):
    """Return page width, and of each word of the document text, left and right edge in points."""
    html = tool("pdftotext", "-bbox", content=content)
    width = float(re.search(r'<page width="([\d.]+)"', html)[1])
    found = re.findall(r'<word xMin="([\d.]+)" .*? xMax="([\d.]+)" .*?>(.*?)</word>', html)
    return width, [(text, float(left), float(right)) for left, right, text in found]


def test_document_is_tagged_has_language_and_title_and_claims_ua_1():
    content = render_pdf(document(Words("Frage", "Antwort")))

    facts = tool("pdfinfo", content=content)
    assert content.startswith(b"%PDF-")
    assert "Tagged:          yes" in facts
    assert "Title:           Wörkheim" in facts
    assert b"pdfuaid:part>1<" in content
    assert b"/Lang" in content


def test_table_has_header_cells():
    table = Table("Was wir geben", ("Handlungsfeld", "Stufe"), (("Mobilität", "2"),))

    tree = tool("pdfinfo", "-struct-text", content=render_pdf(document(table)))

    assert tree.count("TH") >= 2
    assert "Mobilität" in tree


@pytest.mark.parametrize(
    "text",
    [
        "Łódź, Βάρη-Βούλα, Железобродец, Şanlıurfa",
        "#panic() $x^2$ *fett* _kursiv_ `code` @ref <label> \\ // kein Kommentar",
        '"Anführung" {{ 7|add:7 }} <script>alert(1)</script>',
        "თბილისი Երևան",
    ],
)
def test_what_people_typed_stays_text(text):
    assert text in text_of(render_pdf(document(Words("Frage", text, "pl"))))


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "\u202e\u200b\ufeff", "中文 🙂", "a\x00b", "Wort " * 40_000]
)
def test_no_text_breaks_the_document(text):
    assert render_pdf(document(Words("Frage", text))).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "part",
    [
        Words("Frage", "W" * 3_000),
        Words("Frage", "https://wörkheim.example/" + "wege/und-mehr?a=b&" * 30),
        Words("Frage", "👩‍👩‍👧" * 200),
        Bullets("Punkte", ("W" * 300,)),
        Table("Tabelle", ("a", "b" * 90, "c"), (("W" * 90, "x", "y"),)),
        Words("W" * 300, "Antwort"),
    ],
    ids=["letters", "address", "emoji", "bullet", "cell", "label"],
)
def test_word_longer_than_a_line_stays_within_the_margins(part):
    content = render_pdf(document(part, facts=(Fact("W" * 90, "W" * 300),), title="W" * 40))

    width, words = words_of(content)

    margin = 79  # points
    assert all(margin - 2 < left and right < width - margin + 2 for _text, left, right in words)


@pytest.mark.parametrize(
    "word",
    ["W" * 300, "https://wörkheim.example/" + "wege/und-mehr?a=b&" * 10, "👩‍👩‍👧" * 60],
    ids=["letters", "address", "emoji"],
)
def test_broken_word_is_copied_as_it_was_typed(word):
    raw = tool("pdftotext", "-raw", content=render_pdf(document(Words("Frage", word))))

    assert word not in raw
    assert word in raw.replace("\n", "")


def test_paragraph_may_have_any_number_of_long_words():
    # Typst gives up at 512 of them when they are found by a show rule.
    text = "Grundstücksverkehrsgenehmigung " * 700

    assert text_of(render_pdf(document(Words("Frage", text)))).count("genehmigung") > 600


@pytest.mark.parametrize(
    "sign", ["\u0301", "\u0483", "\u200d", "\u00ad", "\ufe0f", "中"], ids=ascii
)
def test_thousands_of_one_sign_do_not_exhaust_the_machine(sign):
    content = render_pdf(document(Words("Frage", f"a{sign * 20_000}b")))

    assert len(content) < 1_000_000


def test_letters_that_no_font_has_are_written_out():
    text = text_of(render_pdf(document(Words("Frage", "中文 und \ue000, \ud800"))))

    assert "[U+4E2D U+6587] und [U+E000], [U+D800]" in text


def test_every_letter_counted_as_known_can_be_shown():
    _fonts, alphabets = pdf._typefaces(ROOT / "build" / "fonts")
    letters = sorted(set().union(*alphabets))

    shown = render_pdf(document(Words("Frage", " ".join(letters)), title="".join(letters)))

    assert len(letters) > 7_000
    assert shown.startswith(b"%PDF-")


def test_texts_bear_their_own_language():
    parts = (
        Words("Frage", "Η πόλη μας", "el"),
        Words("Frage", "Nasza gmina", "pl"),
        Words("Frage", "Nossa cidade", "pt-BR"),
        Words("Frage", "Наш град", "sr-Cyrl"),
    )

    found = objects_of(render_pdf(document(*parts)))

    languages = {tag.decode() for tag in re.findall(rb"/Lang ?\(([A-Za-z-]+)\)", found)}
    assert languages == {"de", "el", "pl", "pt-BR", "sr"}


def test_headings_lists_and_captions_are_tagged_in_order():
    parts = (
        Words("Warum?", "Erstens.\n\nZweitens."),
        Bullets("Dateien", ("plan.pdf",)),
        Table("Was wir geben", ("Feld", "Stufe"), (("Mobilität", "2"),)),
    )

    tree = tool("pdfinfo", "-struct-text", content=render_pdf(document(*parts)))

    kinds = re.findall(r"^ *(H\d|L|Table|Caption|TH|TD)\b", tree, re.MULTILINE)
    assert kinds == ["H1", "L", "H2", "H3", "H3", "L", "Table", "Caption", "TH", "TH", "TD", "TD"]
    assert tree.count("/Scope /Column") == 2


def test_heading_never_skips_a_level():
    sections = (Section("", (Words("Warum?", "Darum."),)),)

    tree = tool("pdfinfo", "-struct-text", content=render_pdf(document(sections=sections)))

    assert re.findall(r"^ *(H\d)", tree, re.MULTILINE) == ["H1", "H2"]


def test_title_alone_makes_a_document():
    bare = document(
        subtitle="", author_office="", facts=(), sections=(), footer="", empty="", created_at=None
    )

    content = render_pdf(bare)

    assert "Wörkheim" in text_of(content)
    assert "CreationDate" not in tool("pdfinfo", content=content)


@pytest.mark.parametrize(("language", "page"), [("de", "Seite 1 von 1"), ("en", "Page 1 of 1")])
def test_page_bears_reference_and_number(language, page):
    assert f"2027-1-001 {page}" in text_of(render_pdf(document(language=language)))


def test_what_is_missing_is_said():
    parts = (Words("Frage", ""), Bullets("Dateien", ()))

    assert "nicht beantwortet" in text_of(render_pdf(document(*parts)))


def test_same_document_gives_the_same_bytes():
    first = render_pdf(document(Words("a", "b"), Table("c", ("d",), (("e",),))))
    program = (
        (
            "import sys; from django.conf import settings; from pathlib import Path;"
            "settings.configure(BASE_DIR=Path.cwd());"
            "from calls.pdf import *; from calls.pdf import datetime; import datetime as dt;"
            f"d = {document(Words('a', 'b'), Table('c', ('d',), (('e',),)))!r};"
            "sys.stdout.buffer.write(render_pdf(d))"
        )
        .replace("datetime.datetime(", "dt.datetime(")
        .replace("datetime.timezone", "dt.timezone")
    )

    again = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
    )

    assert again.stdout == first


def test_refusal_says_nothing_of_the_text(monkeypatch):
    monkeypatch.setattr(pdf, "_shown", lambda text, alphabets: text)

    with pytest.raises(PdfError) as refused:
        render_pdf(document(Words("Frage", "geheim中")))

    assert str(refused.value) == "typst refused the document."
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_missing_fonts_are_named(tmp_path, settings):
    pdf._typefaces.cache_clear()
    settings.BASE_DIR = tmp_path

    with pytest.raises(PdfError, match="fonts are missing"):
        render_pdf(document(Words("Frage", "geheim")))


@pytest.mark.parametrize(
    "make",
    [
        lambda: document(title=" "),
        lambda: document(language="fr"),
        lambda: Words("a", "b", "no tag!"),
        lambda: Table("a", ("b",), (("c", "d"),)),
    ],
)
def test_document_that_makes_no_sense_is_refused(make):
    with pytest.raises(ValueError, match=r"."):
        make()
