"""Text as it comes from other programs: markup of Word and of web pages becomes Markdown.

Pages show no HTML that somebody typed (see :func:`core.text.render_markdown`); pasted markup would
stand there as letters. Everything here runs once over the text, whatever it holds: the time grows
with its length only.
"""

from __future__ import annotations

import html
import re

from core.models import is_web_address
from core.text import clean_text

#: Elements whose content is no text for people.
UNREAD = ("script", "style", "head", "title", "xml", "template")
#: Elements that begin and end a paragraph.
BLOCKS = {
    *("p", "div", "section", "article", "header", "footer", "body", "html", "table", "tbody"),
    *("thead", "tr", "ul", "ol", "dl", "dt", "dd", "blockquote", "figure", "figcaption", "center"),
    *("form", "fieldset", "main", "aside", "nav", "pre", "address"),
}
#: Elements that hold one paragraph.
PARAGRAPHS = {"p", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"}
HEADINGS = {f"h{level}": f"{'#' * min(max(level, 2), 4)} " for level in range(1, 7)}
STRONG, EMPHASISED = {"b", "strong"}, {"i", "em"}
#: Elements that only say how their text looks, or that hold nothing to read.
OTHERS = {
    *("span", "font", "u", "s", "small", "big", "sup", "sub", "a", "br", "hr", "li", "td", "th"),
    *("img", "col", "colgroup", "meta", "link", "base", "label", "input", "button", "select"),
    *("option", "textarea", "iframe", "object", "embed", "video", "audio", "source", "svg", "path"),
    *("code", "kbd", "abbr", "cite", "q", "mark", "del", "ins", "strike", "tt", "picture", "math"),
    *("noscript", "canvas", "frame", "frameset", "applet", "marquee", "bdo", "bdi", "wbr"),
}
#: What stands in Markdown for a tag.
SIGNS = {
    **dict.fromkeys((*BLOCKS, *HEADINGS), "\n\n"),
    **dict.fromkeys(STRONG, "**"),
    **dict.fromkeys(EMPHASISED, "*"),
    "li": "\n- ",
    "br": "\n",
    "td": " ",
    "th": " ",
}
#: Elements that become Markdown, or nothing; whatever else stands in pointed brackets is text.
KNOWN = {*UNREAD, *BLOCKS, *HEADINGS, *STRONG, *EMPHASISED, *OTHERS}
#: Before the colon in the tags that Word writes for itself.
OF_WORD = {"o", "w", "v", "m", "x", "st1", "wp", "mc", "dgm"}
#: A tag, also one of Word’s own (``<o:p>``); ``<https://…>`` is a link in Markdown and no tag.
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*(?::[a-z][a-z0-9]*)?)((?:\s[^<>]*|/)?)>", re.IGNORECASE)
#: What Word writes for its eyes only: ``<![if !supportLists]>``, ``<?xml:namespace …>``.
DECLARATION = re.compile(r"<[!?][^<>]*>")
ADDRESS = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
BULLET = re.compile(r"^[ \t]*[•·▪●‣◦\uf0b7\uf0a7][ \t\u00a0]+", re.MULTILINE)
#: What begins or ends the name of a link or of a picture in Markdown, or stands there as a letter.
BRACKET = re.compile(r"\\.|!?\[|\]", re.DOTALL)


def as_markdown(text: str) -> tuple[str, bool]:
    """Return the text as Markdown, and whether markup of another program was removed.

    Headings, lists, links, bold and italic become Markdown; scripts, styles and comments go. What
    only looks like a tag (``<Name>``) stays as it was typed.
    """
    bare = without_unread(without_comments(text))
    bare = without_tags(DECLARATION.sub("", bare))
    found = bare != text
    if found:
        bare = tidied(html.unescape(bare))
    return clean_text(BULLET.sub("- ", bare)), found


def holds_picture(text: str) -> bool:
    """Tell whether the text (Markdown) shows a picture, by its address or by a name elsewhere.

    The name of a picture may hold brackets itself, as long as each has its end.
    """
    open_ones: list[str] = []
    for found in BRACKET.finditer(text):
        sign = found[0]
        if sign.endswith("[") and sign[0] != "\\":
            open_ones.append(sign)
        elif (
            sign == "]"
            and open_ones
            and open_ones.pop() == "!["
            and text[found.end() : found.end() + 1] in {"(", "["}
        ):
            return True
    return False


def without_comments(text: str) -> str:
    """Return the text without comments; one that never ends is no comment."""
    parts, place = [], 0
    while (start := text.find("<!--", place)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[place:start])
        place = end + 3
    return "".join([*parts, text[place:]])


def without_unread(text: str) -> str:
    """Return the text without elements whose content nobody reads."""
    for name in UNREAD:
        opening = re.compile(rf"<{name}(?:\s[^<>]*)?>", re.IGNORECASE)
        closing = re.compile(rf"</{name}\s*>", re.IGNORECASE)
        parts, place = [], 0
        while (begin := opening.search(text, place)) and (end := closing.search(text, begin.end())):
            parts.append(text[place : begin.start()])
            place = end.end()
        text = "".join([*parts, text[place:]])
    return text


def without_tags(text: str) -> str:
    """Return the text with Markdown in the place of its tags.

    Programs break the lines of their markup where they like: within a paragraph that says nothing.
    """
    links: list[str] = []
    parts: list[str] = []
    place, is_inside = 0, False
    for tag in TAG.finditer(text):
        piece = text[place : tag.start()]
        parts.append(piece.replace("\n", " ") if is_inside else piece)
        parts.append(in_markdown(tag, links))
        if tag[2].lower() in PARAGRAPHS:
            is_inside = tag[1] != "/"
        place = tag.end()
    return "".join([*parts, text[place:]])


def in_markdown(tag: re.Match[str], links: list[str]) -> str:
    """Return what stands in Markdown for a tag; ``links`` holds the addresses of open links."""
    closing, name, rest = tag[1] == "/", tag[2].lower(), tag[3]
    if name.partition(":")[0] in OF_WORD and ":" in name:
        return ""
    if name not in KNOWN:
        return tag[0]
    if name == "a":
        return end_of_link(links) if closing else start_of_link(rest, links)
    if name in HEADINGS and not closing:
        return f"\n\n{HEADINGS[name]}"
    if name == "li" and closing:
        return "\n"
    return SIGNS.get(name, "")


def start_of_link(attributes: str, links: list[str]) -> str:
    """Return the beginning of a link, or nothing where its address leads nowhere."""
    found = ADDRESS.search(attributes)
    address = html.unescape(next((part for part in found.groups() if part), "")) if found else ""
    is_good = is_web_address(address) or address.startswith("mailto:")
    links.append(address if is_good and not re.search(r"[\s<>()]", address) else "")
    return "[" if links[-1] else ""


def end_of_link(links: list[str]) -> str:
    """Return the end of the link that was opened last."""
    address = links.pop() if links else ""
    return f"]({address})" if address else ""


def tidied(text: str) -> str:
    """Return converted text without empty emphasis, trailing blanks and needless empty lines."""
    text = text.replace("\u00a0", " ")
    text = re.sub(r"\*\*[ \t\n]{0,9}\*\*", " ", text)
    text = "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in text.splitlines())
    text = re.sub(r"\n-[ ]?\n+", "\n- ", text)
    return re.sub(r"\n{3,}", "\n\n", text)
