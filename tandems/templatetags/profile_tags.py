"""What readers of a profile are told about the language of a text."""

from __future__ import annotations

from django import template
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext as _

from core.templatetags.core_tags import date_words
from tandems.enums import TextState
from tandems.sections import ShownEntry, ShownSection

register = template.Library()


@register.filter
def language_note(row: ShownEntry) -> str:
    """Return what to know of a text: its language if foreign, and whether it is out of date."""
    return capfirst("; ".join([*foreign(row), *outdated(row)]))


@register.filter
def text_note(row: ShownEntry) -> str:
    """Return what to know of the text of a section; also whether it is a translation."""
    return capfirst("; ".join([*foreign(row), *translated(row), *outdated(row)]))


@register.filter
def points_note(section: ShownSection) -> str:
    """Return whether points of a section are translations: once for all of them."""
    own = [row for row in section.points if row.text.language == get_language()]
    if not any(row.is_translation for row in own):
        return ""
    return _("These points are translations.")


def foreign(row: ShownEntry) -> list[str]:
    """Return in which language a foreign text is."""
    if not row.is_foreign:
        return []
    return [_("in %(language)s") % {"language": row.text.get_language_display()}]


def translated(row: ShownEntry) -> list[str]:
    """Return that a text is a translation, and whether somebody has checked it."""
    if not row.is_translation:
        return []
    return [_("checked translation") if row.text.state == TextState.CHECKED else _("translation")]


def outdated(row: ShownEntry) -> list[str]:
    """Return that the original has changed since."""
    since = row.text.outdated_since
    if since is None:
        return []
    return [_("out of date: the original changed on %(day)s") % {"day": date_words(since)}]
