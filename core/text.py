"""Text: normalised for search, cleaned on input, rendered from Markdown, told to machines."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from typing import Any

import nh3
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_inline import StateInline, link

# Letters that Unicode does not decompose, so that "Boleslawiec" finds "Bolesławiec".
_LETTERS = str.maketrans(
    {
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "þ": "th",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
    }
)
# Control characters but tab and line break, and marks that reorder the text around them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
# The characters that could end the element or the script, as JSON escapes them.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
_TAGS = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "blockquote", "br", "hr"),
    *("code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
}


#: What one text may cost: characters that are searched for the ends of links, and cells of tables.
#: Both can grow with the square of the length (``[a[a[a…``, a wide table of short lines); a text
#: that people write stays far below. What comes after that is shown as it was typed.
_MOST_SEARCHED, MOST_CELLS = 500_000, 5_000


def _bounded_link(state: StateInline, silent: bool) -> bool:
    """Read a link, unless the text has cost too much already."""
    if state.src[state.pos] != "[":
        return False
    searched = state.env.get("searched", 0)
    if searched >= _MOST_SEARCHED:
        return False
    begin = state.pos
    found = link(state, silent)
    # Without an end the search has gone through all the rest.
    end = state.pos if found else state.posMax
    state.env["searched"] = state.env.get("searched", 0) + end - begin
    return found


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a table, unless it and those before it have too many cells."""
    if state.env.get("cells", 0) > MOST_CELLS or not table(state, start, end, True):
        return False
    if silent:
        return True
    last = start
    while last < end and not state.isEmpty(last):
        last += 1
    columns = state.src.count("|", state.bMarks[start], state.eMarks[start]) + 1
    state.env["cells"] = state.env.get("cells", 0) + columns * (last - start)
    return state.env["cells"] <= MOST_CELLS and table(state, start, end, False)


def _markdown() -> MarkdownIt:
    """Return the parser: no HTML, no pictures, no text that takes long."""
    parser = MarkdownIt("js-default", {"html": False, "linkify": False}).disable("image")
    parser.inline.ruler.at("link", _bounded_link)
    parser.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    return parser


_MARKDOWN = _markdown()


def normalise_for_search(text: str) -> str:
    """Return ``text`` without case, marks and repeated space: ``" Bolesławiec"`` → ``boleslawiec``.

    Both the stored column and the question pass through here, so that SQLite and PostgreSQL find
    the same rows (SQLite ignores case for ASCII only, PostgreSQL never ignores marks).
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(bare.translate(_LETTERS).split())


def clean_text(text: str) -> str:
    """Return ``text`` in NFC without control and direction-override characters, trimmed.

    Letters of every script stay; what is removed can only deceive or break exports.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWANTED.sub("", unicodedata.normalize("NFC", lines)).strip()


@lru_cache(maxsize=256)
def render_markdown(text: str) -> SafeString:
    """Return safe HTML: no raw HTML, no images, links only to http, https, mailto or within.

    Parsed without HTML first and then cleaned again by an allow-list, so that a fault in one of
    the two layers is caught by the other.
    """
    html = nh3.clean(
        _MARKDOWN.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    return mark_safe(html)  # noqa: S308 - cleaned by the allow-list above


def in_language(text: str, language: str) -> str | SafeString:
    """Return a text, marked with ``lang`` where its language is known and not the reader's."""
    if not text or not language or language == get_language():
        return text
    return format_html('<span lang="{}">{}</span>', language, text)


def filled(sentence: str, values: dict[str, Any]) -> SafeString:
    """Return a sentence of ours as HTML, filled with values: those that are marked stay so."""
    html = {name: conditional_escape(value) for name, value in values.items()}
    return mark_safe(escape(sentence) % html)  # noqa: S308 - sentence and values are escaped


def json_ld(kind: str, **facts: Any) -> SafeString:
    """Return a data element of the type ``kind``; empty facts are left out.

    The browser never runs it: ``application/ld+json`` is data, so no policy has to allow it.
    """
    data = {"@context": "https://schema.org", "@type": kind}
    data.update({name: value for name, value in facts.items() if value not in (None, "", [], {})})
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308
