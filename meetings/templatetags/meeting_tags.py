"""Lists of meetings as markup: written here once, because pages repeat an entry many times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from html import escape

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.templatetags.core_tags import words
from meetings.models import Meeting

register = template.Library()


@register.simple_tag
def meeting_list(meetings: Iterable[Meeting], *, partnerships: bool = False) -> SafeString:
    """Return meetings as a list: when, status, title, kind and place.

    With ``partnerships`` each entry also names the partnership that met.
    """
    today = timezone.localdate()
    rows = SafeString("").join(entry(meeting, today, partnerships) for meeting in meetings)
    return mark_safe(f'<ul class="list">{rows}</ul>')  # noqa: S308 - escaped in entry()


def entry(meeting: Meeting, today: dt.date, partnerships: bool) -> SafeString:
    """Return one meeting as an entry of a list."""
    span, status = meeting.span, capfirst(meeting.get_status_display())
    when = escape(str(span))
    about = [capfirst(meeting.get_kind_display())]
    if meeting.place:
        about.append(meeting.place)
    elif meeting.format:
        about.append(meeting.get_format_display())
    if partnerships and meeting.tandem:
        about.append(words(meeting.tandem, "name"))
    untraced = ""
    if meeting.is_only_announced and meeting.latest and meeting.latest < today:
        told = _("There is no record that it took place.")
        untraced = f'<p class="untraced">{escape(told)}</p>'
    parts = (
        '<li class="entry"><p class="entry__when">',
        f'<time datetime="{span.iso}">{when}</time>' if span.iso else when,
        f' <span class="status status--{meeting.status}">{escape(status)}</span></p>',
        f'<div class="entry__what"><h3><a href="{escape(meeting.get_absolute_url())}">',
        f"{conditional_escape(words(meeting, 'title'))}</a></h3>",
        f'<p class="muted">{" · ".join(conditional_escape(text) for text in about)}</p>',
        f"{untraced}</div></li>",
    )
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above
