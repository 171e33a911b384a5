from __future__ import annotations

import json
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.utils.safestring import SafeString

import core.text
from core.text import clean_text, json_ld, normalise_for_search, render_markdown


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Πάτρα", "ΠΆΤΡΑ"),
        ("Βάρη-Βούλα-Βουλιαγμένη", "ΒΑΡΗ-ΒΟΥΛΑ-ΒΟΥΛΙΑΓΜΕΝΗ"),
        ("Πύργος", "πυργοΣ"),
        ("Варна", "варна"),
        ("София", "СОФИЯ"),
        ("Łódź", "lodz"),
        ("Bolesławiec", "BOLESLAWIEC"),
        ("Straße", "STRASSE"),
        ("Mülhausen", "mulhausen"),
        ("Mu\u0308lhausen", "Mülhausen"),
        ("Tromsø", "tromso"),
        ("Ærø", "aero"),
        ("Þórshöfn", "thorshofn"),
        ("Diyarbakır", "diyarbakir"),
        ("İzmir", "izmir"),
        ("Đakovo", "dakovo"),
        ("Ǿrsted", "orsted"),
        ("Ħamrun", "hamrun"),
        ("Alba\u00a0Iulia", "  alba \t iulia\n"),
    ],
)
def test_search_ignores_case_marks_and_space(written, asked):
    assert normalise_for_search(written) == normalise_for_search(asked)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Bolesławiec ", "boleslawiec"),
        ("Freiburg  im\nBreisgau", "freiburg im breisgau"),
        ("ΠΆΤΡΑ", "πατρα"),
        ("Й", "и"),
        ("50 %_\\", "50 %_\\"),
        ("", ""),
        (" \t\n", ""),
    ],
)
def test_normal_form_for_search_is_bare(text, normal):
    assert normalise_for_search(text) == normal


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Bolesławiec \n", "Bolesławiec"),
        ("Mu\u0308nchen", "München"),
        ("one\r\ntwo\n\tthree", "one\ntwo\n\tthree"),
        ("one\rtwo", "one\ntwo"),
        ("\x00a\x01b\x07c\x08d\x0be\x0cf\x0eg\x1fh\x7fi", "abcdefghi"),
        ("a\x80b\x9fc", "abc"),
        ("\ufeffBasel", "Basel"),
        ("safe\u202egnp.exe\u202c", "safegnp.exe"),
        ("a\u200bb\u200ec\u200fd\u2060e\u2066f\u2069g", "abcdefg"),
        ("Βάρη-Βούλα-Βουλιαγμένη", "Βάρη-Βούλα-Βουλιαγμένη"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # the joiner changes the word
        ("👩\u200d💻", "👩\u200d💻"),
        ("", ""),
    ],
)
def test_clean_text_keeps_letters_and_drops_what_deceives(typed, kept):
    assert clean_text(typed) == kept


class Elements(HTMLParser):
    """Collects elements with their attributes, and the text, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


HARMLESS = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "blockquote", "br", "hr"),
    *("code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
}

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "text <img src=x onerror=alert(1)> text",
    '<a href="javascript:alert(1)">x</a>',
    '<div style="position:fixed" onclick="alert(1)">x</div>',
    "<iframe src=https://evil.example></iframe>",
    "<svg/onload=alert(1)>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<form action=https://evil.example><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://example.org" onmouseover="alert(1))',
    '[x](https://example.org "title" onmouseover=alert(1) ")',
    "![x](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x][y]\n\n[y]: https://evil.example/pixel.png",
    "[![x](https://evil.example/pixel.png)](javascript:alert(1))",
    "**[bold *[x](javascript:alert(1))*](https://example.org)**",
    "> - 1. [x](javascript:alert(1))\n>   <script>alert(1)</script>",
    "| [x](javascript:alert(1)) | <script>alert(1)</script> |\n|---|---|\n| a | b |",
    "```js onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    '``` "><img src=x onerror=alert(1)>\nx\n```',
    "`<script>alert(1)</script>`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "# <img src=x onerror=alert(1)>",
    "a  \n<script>\nalert(1)\n</script>",
    "\\<script>alert(1)\\</script>",
    "[" * 2_000 + "x" + "](javascript:alert(1))" * 2_000,
    "*" * 5_000,
    ">" * 500 + " <script>alert(1)</script>",
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack[:40])
def test_markdown_cannot_carry_an_attack(attack):
    html = render_markdown(attack)

    elements = Elements(html)
    assert {tag for tag, _attributes in elements.found} <= HARMLESS
    for tag, attributes in elements.found:
        assert set(attributes) <= ({"href", "rel", "title"} if tag == "a" else set())
        if tag == "a":
            # Without a scheme it stays on this site, whatever it is called.
            assert urlsplit(attributes["href"]).scheme in {"http", "https", "mailto", ""}
            assert attributes["rel"] == "noopener"


def test_markdown_shows_html_as_text():
    assert Elements(render_markdown("<script>alert(1)</script>")).text.strip() == (
        "<script>alert(1)</script>"
    )


def test_markdown_links_to_a_picture_instead_of_showing_it():
    assert render_markdown("![Karte](https://example.org/map.png)") == (
        '<p>!<a href="https://example.org/map.png" rel="noopener">Karte</a></p>\n'
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Ein *kurzer* **Text**.", "<p>Ein <em>kurzer</em> <strong>Text</strong>.</p>\n"),
        (
            "## Ziele\n\n- eins\n- zwei",
            "<h2>Ziele</h2>\n<ul>\n<li>eins</li>\n<li>zwei</li>\n</ul>\n",
        ),
        (
            "[BBSR](https://www.bbsr.bund.de/?a=1&b=2)",
            '<p><a href="https://www.bbsr.bund.de/?a=1&amp;b=2" rel="noopener">BBSR</a></p>\n',
        ),
        (
            "<office@example.org>",
            '<p><a href="mailto:office@example.org" rel="noopener">office@example.org</a></p>\n',
        ),
        ("Zeile eins  \nZeile zwei", "<p>Zeile eins<br>\nZeile zwei</p>\n"),
        ("5 < 6 & 7 > 3", "<p>5 &lt; 6 &amp; 7 &gt; 3</p>\n"),
        ("Βάρη – Łódź", "<p>Βάρη – Łódź</p>\n"),
        ("https://example.org", "<p>https://example.org</p>\n"),
        ("", ""),
    ],
)
def test_markdown_becomes_html(text, html):
    assert render_markdown(text) == html


def test_markdown_is_marked_as_safe():
    assert isinstance(render_markdown("**x**"), SafeString)


def test_markdown_keeps_tables():
    html = render_markdown("| Stadt | Land |\n|---|:-:|\n| Basel | CH |")

    assert [tag for tag, _attributes in Elements(html).found] == [
        *("table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td")
    ]


START, END = '<script type="application/ld+json">', "</script>"


def test_json_ld_leaves_out_empty_facts_and_keeps_false_and_zero():
    html = json_ld(
        "Event", name="Auftakt", description="", url=None, topics=[], place={}, free=False, seats=0
    )

    assert isinstance(html, SafeString)
    assert json.loads(html.removeprefix(START).removesuffix(END)) == {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": "Auftakt",
        "free": False,
        "seats": 0,
    }


def test_json_ld_cannot_be_left_by_what_somebody_typed():
    attack = '</script><script>alert(1)</script><!-- & --> "Βάρη" \\ \u2028'

    html = json_ld("Event", name=attack, location={"name": attack})

    body = html.removeprefix(START).removesuffix(END)
    assert [sign for sign in "<>&" if sign in body] == []
    facts = json.loads(body)
    assert (facts["name"], facts["location"]["name"]) == (attack, attack)


@pytest.mark.parametrize(
    "text",
    [
        "[a" * 10_000,
        "![" * 10_000,
        "[" * 20_000,
        "[*a" * 6_600,
        ("[" + "a\n" * 24) * 400,
        ("[" + "*a " * 16) * 400,
        "[[a]" * 5_000,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_search_for_the_ends_of_links_has_a_bound(monkeypatch, text):
    searched = []
    read_link = core.text.link

    def counted(state, silent):
        begin = state.pos
        found = read_link(state, silent)
        searched.append((state.pos if found else state.posMax) - begin)
        return found

    monkeypatch.setattr(core.text, "link", counted)

    # Past the memory of texts that were rendered before.
    html = render_markdown.__wrapped__(text)

    # The last searches may be under way one within the other when the bound is reached.
    assert sum(searched) < core.text._MOST_SEARCHED + 102 * len(text)
    assert "<a" not in html
    assert Elements(html).text.count("[") == text.count("[")


@pytest.mark.parametrize(
    ("columns", "rows"), [(1_000, 7_000), (300, 9_000), (50, 9_900), (3_300, 1)]
)
def test_table_has_a_bound(columns, rows):
    head = "\n".join("|".join(sign * columns) for sign in "a-")
    text = f"{head}\n" + "x\n" * rows

    found = Elements(render_markdown(text)).found

    assert sum(tag in {"td", "th"} for tag, _attributes in found) <= core.text.MOST_CELLS


def test_tables_of_one_text_share_the_bound():
    one = "\n".join("|".join(sign * 35) for sign in "a-") + "\n" + "x\n" * 140 + "\n"

    found = Elements(render_markdown(one * 40)).found

    cells = sum(tag in {"td", "th"} for tag, _attributes in found)
    assert 0 < cells <= core.text.MOST_CELLS


def test_long_honest_text_keeps_its_links_and_its_table():
    links = " ".join(f"Siehe [Quelle {n}](https://example.org/{n}) dazu." for n in range(150))
    lines = "\n".join(f"| {n} | Basel | CH |" for n in range(500))

    found = Elements(render_markdown(f"{links}\n\n| Nr | a | b |\n|---|---|---|\n{lines}")).found

    assert sum(tag == "a" for tag, _attributes in found) == 150
    assert sum(tag == "td" for tag, _attributes in found) == 1_500
