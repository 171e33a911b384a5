"""Template tags about calls and applications."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Call
from core.dates import day

register = template.Library()


@register.filter
def deadline_words(call: Call) -> str:
    """Return the deadline on the call's clock and, where it differs, on the reader's."""
    local = call.local_closes_at
    if local is None:
        return ""
    words = moment_words(local, call.time_zone)
    own = timezone.localtime(local)
    if own.utcoffset() != local.utcoffset():
        zone = timezone.get_current_timezone_name()
        words = _("%(moment)s, for you %(own)s") % {
            "moment": words,
            "own": moment_words(own, zone),
        }
    return words


def moment_words(moment: Any, zone: str) -> str:
    """Return a moment as people write it, with its zone."""
    return _("%(day)s, %(time)s (%(zone)s)") % {
        "day": day(moment.date()),
        "time": f"{moment:%H:%M}",
        "zone": zone,
    }


@register.filter
def step_title(form: Any) -> str:
    """Return the title of the page of a step, with the municipality."""
    return f"{form.step.label} – {form.application.place_name}"


@register.filter
def field_of(form: Any, name: str) -> Any:
    """Return a field of a form by its name."""
    return form[name]


@register.filter
def is_part(part: Any, name: str) -> bool:
    """Tell whether a part of a document is of this kind."""
    return type(part).__name__ == name


@register.filter
def bullet_items(part: Any) -> tuple[str, ...]:
    """Return the points of a list; ``part.items`` in a template would be any mapping's method."""
    points: tuple[str, ...] = part.items
    return points
