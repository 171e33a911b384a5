"""Lists of meetings as markup, written here because pages repeat an entry often; their times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from html import escape
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.templatetags.core_tags import words
from meetings.enums import OVER, ConsultationState, MeetingStatus
from meetings.models import Meeting
from meetings.times import LocalTime, city_of, local_times

register = template.Library()


@register.filter
def zone_name(zone: str) -> str:
    """Return the name that a zone (IANA) is known by: of ``Europe/Berlin`` ``Berlin``."""
    return city_of(zone)


@register.simple_tag
def meeting_list(
    meetings: Iterable[Meeting], *, partnerships: bool = False, inside: bool = False
) -> SafeString:
    """Return meetings as a list: when, status, title, kind and place.

    With ``partnerships`` each entry also names the partnership that met. ``inside``: the readers
    take part, and what is not public leads them to its internal page.
    """
    today = timezone.localdate()
    rows = SafeString("").join(entry(meeting, today, partnerships, inside) for meeting in meetings)
    return mark_safe(f'<ul class="list">{rows}</ul>')  # noqa: S308 - escaped in entry()


def entry(meeting: Meeting, today: dt.date, partnerships: bool, inside: bool = False) -> SafeString:
    """Return one meeting as an entry of a list."""
    leads_in = inside and not meeting.is_public
    url = meeting.internal_url if leads_in else meeting.get_absolute_url()
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
    if outcome := getattr(meeting, "outcome", ""):
        untraced = f'<p class="small">{escape(outcome)}</p>'
    parts = (
        '<li class="entry"><p class="entry__when">',
        f'<time datetime="{span.iso}">{when}</time>' if span.iso else when,
        f' <span class="status status--{meeting.status}">{escape(status)}</span></p>',
        f'<div class="entry__what"><h3><a href="{escape(url)}">',
        f"{conditional_escape(words(meeting, 'title'))}</a></h3>",
        f'<p class="muted">{" · ".join(conditional_escape(text) for text in about)}</p>',
        f"{untraced}</div></li>",
    )
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


@register.simple_tag
def meeting_status(meeting: Meeting) -> SafeString:
    """Return the status of a meeting, as lists for those who take part show it.

    One whose consultation goes on, perhaps over days, is not only planned. That is known of rows
    fetched ``with_progress``; this tag never asks the database.
    """
    status, told = meeting.status, meeting.get_status_display()
    goes_on = getattr(meeting, "consultation_state", None) == ConsultationState.RUNNING
    if goes_on and status not in OVER:
        is_internal = status == MeetingStatus.PLANNED
        told = _("going on, internal") if is_internal else str(ConsultationState.RUNNING.label)
        status = "active"
    return format_html('<span class="status status--{}">{}</span>', status, capfirst(told))


@register.inclusion_tag("components/_when.html", takes_context=True)
def meeting_when(
    context: dict[str, Any], meeting: Meeting, zones: Iterable[Any] = ()
) -> dict[str, Any]:
    """Return when a meeting takes place: on the reader's clock first, then on those that differ.

    Whoever is signed in reads the own clock first, visitors that of the place. ``zones`` (names of
    IANA, or municipalities) are those of the cities that take part; without them the participants
    are asked where they were fetched along, so that this tag never asks the database. Whole days
    and undated meetings are told as they are documented.
    """
    if meeting.starts_at is None:
        return {"span": meeting.span}
    asked = list(zones)
    if not asked and "participants" in getattr(meeting, "_prefetched_objects_cache", {}):
        asked = list(meeting.participants.all())
    names = [zone if isinstance(zone, str) else zone.time_zone for zone in asked]
    reader = zone_of_reader(context.get("request"))
    clocks = local_times(
        meeting.starts_at, meeting.ends_at, [meeting.time_zone, *names], reader=reader
    )
    first, *others = clocks
    return {
        "first": told(first, str(first)),
        "others": [told(clock, words_beside(clock, first)) for clock in others],
    }


def told(clock: LocalTime, words: str) -> dict[str, str]:
    """Return a time as the page shows it: for machines, in words, and where it is that time."""
    places = clock.places
    if clock.is_reader:
        places = _("your time: %(places)s") % {"places": places}
    return {
        "iso": clock.start.isoformat(timespec="minutes"),
        "words": words,
        "places": places,
    }


def words_beside(clock: LocalTime, first: LocalTime) -> str:
    """Return a time beside the first one: without the day where it is the same."""
    same_day = clock.start.date() == first.start.date()
    return clock.hours if same_day else str(clock)


def zone_of_reader(request: Any) -> str:
    """Return the time zone of who is signed in; visitors have none.

    Nobody is signed in without the cookie, and public pages, kept for all visitors, must not ask.
    """
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    return request.user.time_zone if request.user.is_authenticated else ""
