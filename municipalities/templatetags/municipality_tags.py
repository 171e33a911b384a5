"""The map and the entries of a list of municipalities as markup."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from django import template
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from core.templatetags.core_tags import words
from municipalities.map import EuropeMap
from municipalities.models import Municipality

register = template.Library()


@register.filter
@lru_cache(maxsize=64)
def drawn(europe: EuropeMap) -> SafeString:
    """Return the drawing of a map; the same cities and lines are drawn once only."""
    return render_to_string("components/_map.html", {"map": europe})


@register.filter
def listed(place: Municipality) -> SafeString:
    """Return a municipality as an entry of a list: name, country, local name and region."""
    parts = [
        f'<li><h2><a href="{escape(place.get_absolute_url())}">',
        f'{conditional_escape(words(place, "name"))}</a> <abbr class="cc" ',
        f'title="{escape(place.get_country_display())}">{escape(place.country)}</abbr></h2>',
    ]
    if place.has_other_local_name:
        language, local = escape(place.local_language), escape(place.local_name)
        parts.append(f'<p class="small" lang="{language}">{local}</p>')
    if region := words(place, "region"):
        parts.append(f'<p class="small muted">{conditional_escape(region)}</p>')
    return mark_safe("".join([*parts, "</li>"]))  # noqa: S308 - every part is escaped above
