from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from core.templatetags.core_tags import (
    date_words,
    host,
    markdown,
    number,
    reading_language,
    source_links,
    words,
    written_in,
)
from core.text import filled, in_language
from editorial.models import Article
from municipalities.models import Topic

BOTH = Topic(name_de="Offene Daten", name_en="Open data")
GERMAN = Topic(name_de="Offene Daten", name_en="")
ENGLISH = Topic(name_de=None, name_en="Open data")
NEITHER = Topic(name_de="", name_en=None)


@pytest.mark.parametrize(
    ("topic", "reader", "text", "language"),
    [
        (BOTH, "de", "Offene Daten", "de"),
        (BOTH, "en", "Open data", "en"),
        (GERMAN, "en", "Offene Daten", "de"),
        (ENGLISH, "de", "Open data", "en"),
        (NEITHER, "de", "", "de"),
        (NEITHER, "en", "", "en"),
    ],
)
def test_text_comes_in_the_readers_language_before_others(topic, reader, text, language):
    with translation.override(reader):
        assert written_in(topic, "name") == (text, language)
        assert reading_language(topic, "name") == language


@pytest.mark.parametrize(
    ("topic", "reader", "html"),
    [
        (BOTH, "de", "Offene Daten"),
        (BOTH, "en", "Open data"),
        (GERMAN, "en", '<span lang="de">Offene Daten</span>'),
        (ENGLISH, "de", '<span lang="en">Open data</span>'),
        (NEITHER, "de", ""),
    ],
)
def test_words_mark_a_text_in_a_foreign_language(topic, reader, html):
    with translation.override(reader):
        assert conditional_escape(words(topic, "name")) == html


@pytest.mark.parametrize(
    ("reader", "html"),
    [
        ("de", "&lt;b&gt; &amp; &quot;x&quot;"),
        ("en", '<span lang="de">&lt;b&gt; &amp; &quot;x&quot;</span>'),
    ],
)
def test_words_are_escaped_once(reader, html):
    topic = Topic(name_de='<b> & "x"', name_en="")

    with translation.override(reader):
        page = Template('{{ topic|words:"name" }}').render(Context({"topic": topic}))

    assert page == html


@pytest.mark.parametrize(
    ("reader", "html"),
    [
        ("de", "<p><strong>Text</strong> &lt;script&gt;</p>\n"),
        ("en", '<div lang="de"><p><strong>Text</strong> &lt;script&gt;</p>\n</div>'),
    ],
)
def test_markdown_marks_a_text_in_a_foreign_language(reader, html):
    article = Article(body_de="**Text** <script>", body_en="")

    with translation.override(reader):
        page = Template('{{ article|markdown:"body" }}').render(Context({"article": article}))

    assert page == html


def test_markdown_of_no_text_is_nothing():
    assert markdown(Article(body_de="", body_en=""), "body") == ""


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://www.bbsr.bund.de/BBSR/DE/start.html", "bbsr.bund.de"),
        ("https://wz.de./nrw/krefeld?output=webview", "wz.de"),
        ("http://user@EXAMPLE.org:8080/#www.", "example.org"),
        ("https://www.www.example.org", "www.example.org"),
        ("not an address", "not an address"),
    ],
)
def test_host_is_the_short_name_of_a_source(address, name):
    assert host(address) == name


@pytest.mark.parametrize("addresses", [[], None, ""])
def test_no_source_is_nothing(addresses):
    assert source_links(addresses) == ""


def test_one_source_is_a_line():
    with translation.override("en"):
        html = source_links(["https://www.bbsr.bund.de/start.html"])

    assert isinstance(html, SafeString)
    assert html == (
        '<p class="source">Source: <a href="https://www.bbsr.bund.de/start.html" rel="noreferrer">'
        "bbsr.bund.de</a></p>"
    )


def test_three_sources_stand_behind_a_summary_in_their_order():
    with translation.override("en"):
        html = source_links(["https://c.example/", "https://a.example/1", "https://a.example/2"])

    assert isinstance(html, SafeString)
    assert html == (
        '<details class="sources"><summary>3 sources</summary><ul>'
        '<li><a href="https://c.example/" rel="noreferrer">c.example</a></li>'
        '<li><a href="https://a.example/1" rel="noreferrer">a.example (1)</a></li>'
        '<li><a href="https://a.example/2" rel="noreferrer">a.example (2)</a></li>'
        "</ul></details>"
    )


@pytest.mark.parametrize("count", [1, 2])
def test_sources_are_escaped(count):
    html = source_links(["https://a.example/?q=\"><script>alert(1)</script>&b='"] * count)

    escaped = "https://a.example/?q=&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;b=&#x27;"
    assert html.count(f'<a href="{escaped}" rel="noreferrer">a.example') == count
    assert html.count("<script>") == 0


def test_sources_without_a_host_show_their_escaped_text():
    html = source_links(["<script>alert(1)</script>"])

    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
    assert html.count("<script>") == 0


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        (None, "", ""),
        (0, "0", "0"),
        (999, "999", "999"),
        (1_495_751, "1.495.751", "1,495,751"),
        (Decimal("137.78"), "137,78", "137.78"),
        (Decimal("1310.70"), "1.310,7", "1,310.7"),
        (Decimal("100.00"), "100", "100"),
        (Decimal("2100.00"), "2.100", "2,100"),
    ],
)
def test_number_has_the_separators_of_the_language(value, german, english):
    assert number(value) == german
    with translation.override("en"):
        assert number(value) == english


def test_date_words_follow_the_language():
    assert date_words(dt.date(2022, 5, 17)) == "17. Mai 2022"
    with translation.override("en"):
        assert date_words(dt.date(2022, 5, 17)) == "17 May 2022"


def test_no_date_has_no_words():
    assert date_words(None) == ""


def test_day_of_a_moment_is_read_from_the_local_clock():
    late = dt.datetime(2026, 11, 25, 23, 30, tzinfo=dt.UTC)

    assert date_words(late) == "26. November 2026"


@pytest.mark.parametrize(
    ("reader", "language", "html"),
    [
        ("de", "en", '<span lang="en">A &amp; B</span>'),
        ("en", "en", "A &amp; B"),
        ("de", "", "A &amp; B"),
    ],
)
def test_text_of_a_person_is_marked_where_its_language_is_known_and_foreign(reader, language, html):
    page = Template("{{ text|in_language:language }}")

    with translation.override(reader):
        assert page.render(Context({"text": "A & B", "language": language})) == html


def test_nothing_is_not_marked():
    with translation.override("de"):
        assert in_language("", "en") == ""


def test_sentence_keeps_the_marks_of_what_fills_it_and_escapes_the_rest():
    with translation.override("de"):
        shown = filled("<%(a)s>: %(b)s", {"a": "x & y", "b": in_language("100 % <b>", "en")})

    assert shown == '&lt;x &amp; y&gt;: <span lang="en">100 % &lt;b&gt;</span>'
    assert isinstance(shown, SafeString)
