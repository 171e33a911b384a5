"""Template tags that know no noun of the domain."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext as _, ngettext
from modeltranslation.settings import AVAILABLE_LANGUAGES

from core.dates import day
from core.pages import Choice
from core.text import in_language, render_markdown

register = template.Library()
register.filter(in_language)


def written_in(record: Any, field: str) -> tuple[str, str]:
    """Return the text of an i18n field and the language it is written in.

    The reader's language comes first, then the others in the order of the settings; a text that
    exists in none of them is empty.
    """
    reader = get_language() or AVAILABLE_LANGUAGES[0]
    if text := getattr(record, f"{field}_{reader}", ""):
        return text, reader
    for language in AVAILABLE_LANGUAGES:
        if text := getattr(record, f"{field}_{language}", ""):
            return text, language
    return "", reader


@register.filter
def words(record: Any, field: str) -> str | SafeString:
    """Return an i18n field, marked with ``lang`` where it is not in the reader's language."""
    reader = get_language() or AVAILABLE_LANGUAGES[0]
    # Nearly every text is there in the reader's language; the page is made of them.
    if text := getattr(record, f"{field}_{reader}", ""):
        return text
    text, language = written_in(record, field)
    if not text or language == reader:
        return text
    return format_html('<span lang="{}">{}</span>', language, text)


@register.filter
def markdown(record: Any, field: str) -> str | SafeString:
    """Return an i18n Markdown field as safe HTML, marked with ``lang`` where it is foreign."""
    text, language = written_in(record, field)
    if not text or language == get_language():
        return render_markdown(text)
    return format_html('<div lang="{}">{}</div>', language, render_markdown(text))


@register.filter
def host(address: str) -> str:
    """Return the host of a web address without ``www.``, as a short name of a source."""
    return (urlsplit(address).hostname or address).removeprefix("www.").rstrip(".")


@register.filter
def source_names(addresses: Sequence[str]) -> list[tuple[str, str]]:
    """Return (address, name) of sources: the host, numbered where several pages of it are named."""
    hosts = [host(address) for address in addresses]
    seen: Counter[str] = Counter()
    named = []
    for address, name in zip(addresses, hosts, strict=True):
        seen[name] += 1
        named.append((address, f"{name} ({seen[name]})" if hosts.count(name) > 1 else name))
    return named


@register.filter
def reading_language(record: Any, field: str) -> str:
    """Return the language code of the text that ``words`` shows."""
    return written_in(record, field)[1]


@register.filter
def date_words(value: dt.date | None) -> str:
    """Return a day as people write it, ``17. Mai 2022``; of a moment, the day on our clock."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value)
    return day(value) if value else ""


@register.filter
def number(value: float | Decimal | None) -> str:
    """Return a number with the separators of the reader's language; nothing for ``None``.

    A decimal loses the zeros at its end: they would claim a precision that no source gives.
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        value = value.normalize()
        value = value.quantize(1) if value == value.to_integral() else value
    return number_format(value, use_l10n=True, force_grouping=True)


@register.filter
@lru_cache(maxsize=256)
def options(choices: tuple[Choice, ...]) -> SafeString:
    """Return the options of a filter; labels and choice are all that they depend on."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (choice.value, SafeString(" selected" if choice.chosen else ""), capfirst(choice.label))
            for choice in choices
        ),
    )


@register.filter
def source_links(addresses: list[str]) -> str | SafeString:
    """Return the sources of a fact: one as a line, several behind a summary, none as nothing.

    Written here and not as a part, because every fact on every page carries it.
    """
    return source_list(tuple(addresses), get_language()) if addresses else ""


@lru_cache(maxsize=2_000)
def source_list(addresses: tuple[str, ...], _language: str | None) -> SafeString:
    """Return the markup of :func:`source_links`; the active language must be ``_language``."""
    links = [
        f'<a href="{escape(address)}" rel="noreferrer">{escape(name)}</a>'
        for address, name in source_names(addresses)
    ]
    if len(links) == 1:
        label = _("Source:")
        html = f'<p class="source">{escape(label)} {links[0]}</p>'
    else:
        count = ngettext("%(number)s source", "%(number)s sources", len(links))
        items = "".join(f"<li>{link}</li>" for link in links)
        html = (
            f'<details class="sources"><summary>{escape(count % {"number": len(links)})}</summary>'
            f"<ul>{items}</ul></details>"
        )
    return mark_safe(html)  # noqa: S308 - every part is escaped above
