"""The pair as markup: written here once, because lists repeat it many times."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.templatetags.core_tags import words
from tandems.models import Tandem
from tandems.pairs import Side, pair_of

register = template.Library()


@register.filter
def cities(sides: Iterable[Side], link: str = "") -> SafeString:
    """Return the cities of a pair for an element of the class ``pair``.

    With ``link`` each name leads to the municipality; a city that has left says since when.
    """
    return mark_safe(  # noqa: S308 - every part is escaped below
        '<span class="kern-sr-only"> – </span>'.join(city(side, link) for side in sides)
    )


@register.filter
def pair(tandem: Tandem) -> str | SafeString:
    """Return a partnership as its cities side by side, or its name while it has no member."""
    sides = pair_of(tandem)
    if not sides:
        return words(tandem, "name")
    return format_html('<span class="pair pair--{}">{}</span>', tandem.kind, cities(sides))


def city(side: Side, link: str) -> str:
    """Return one city: name, country code, local name and when it left."""
    name: str = conditional_escape(words(side.municipality, "name"))
    if link:
        name = f'<a href="{escape(side.url)}">{name}</a>'
    parts = [
        f'<span class="pair__city{" pair__city--left" if side.left else ""}">',
        f'<span class="pair__name">{name}</span> ',
        f'<abbr class="cc" title="{escape(side.country_name)}">{escape(side.country)}</abbr>',
    ]
    if side.local_name:
        language = escape(side.local_language)
        local = escape(side.local_name)
        parts.append(f' <span class="pair__local" lang="{language}">{local}</span>')
    if side.left:
        left = escape(_("left %(date)s") % {"date": side.left})
        parts.append(f' <span class="pair__note">{left}</span>')
    elif side.is_guest:
        parts.append(f' <span class="pair__note">{escape(_("guest"))}</span>')
    return "".join([*parts, "</span>"])
