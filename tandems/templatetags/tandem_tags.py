"""The pair as markup: written here once, because lists repeat it many times."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.templatetags.core_tags import words
from tandems.enums import TandemKind
from tandems.models import Tandem, TandemMember
from tandems.pairs import Side, pair_of
from tandems.queries import Card

register = template.Library()

#: A card names this many topics; how many more there are is said in a number.
SHOWN_TOPICS = 3


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
    return paired(tandem, tandem.members.all())


def paired(tandem: Tandem, members: Iterable[TandemMember]) -> str | SafeString:
    """Return the pair of a partnership whose members are at hand."""
    sides = pair_of(members)
    if not sides:
        return words(tandem, "name")
    return format_html('<span class="pair pair--{}">{}</span>', tandem.kind, cities(sides))


@register.filter
def card(shown: Card) -> SafeString:
    """Return a partnership as a card of a list: pair, status, kind and its first topics."""
    tandem, status = shown.tandem, capfirst(shown.tandem.get_status_display())
    kind = "" if tandem.kind == TandemKind.TANDEM else capfirst(tandem.get_kind_display())
    names = [conditional_escape(words(topic, "name")) for topic in shown.topics]
    tags = "".join(f'<li class="tag">{name}</li>' for name in names[:SHOWN_TOPICS])
    if more := len(names[SHOWN_TOPICS:]):
        tags += f'<li class="tag tag--more">+ {more}</li>'
    url, untold = escape(tandem.get_absolute_url()), _("topics not documented")
    parts = (
        f'<li class="card"><h2 class="card__pair"><a class="card__link" href="{url}">',
        f"{conditional_escape(paired(tandem, shown.members))}</a></h2>",
        f'<p class="row"><span class="status status--{tandem.status}">{escape(status)}</span>',
        f'<span class="muted">{escape(kind)}</span>' if kind else "",
        "</p>",
        f'<ul class="tags">{tags}</ul>'
        if tags
        else f'<p class="undocumented">{escape(untold)}</p>',
        "</li>",
    )
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


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
