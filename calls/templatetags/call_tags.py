"""Template tags about calls and applications."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from calls.enums import DeskState
from calls.models import Call
from calls.ways import ways_of
from core.dates import day
from municipalities.enums import Country

register = template.Library()


@register.inclusion_tag("admin/calls/_ways.html", takes_context=True)
def procedure_ways(context: Any, call: Call, here: str) -> dict[str, Any]:
    """Show the ways between the pages of a procedure; ``here``: see :data:`calls.ways.PARTS`."""
    return {"menu": ways_of(call, here, context["request"].user), "call": call}


@register.filter
def deadline_words(call: Call) -> str:
    """Return the deadline on the call's clock and, where it differs, on the reader's."""
    return on_clock_of(call.closes_at, call)


@register.filter
def on_clock_of(moment: Any, call: Call) -> str:
    """Return a moment on the call's clock and, where it differs, on the reader's."""
    local = call.on_its_clock(moment)
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
def country_words(code: str) -> str:
    """Return the name of a country; Django's own way looks through all of them each time."""
    return str(Country(code).label)


@register.filter
def desk_words(state: str) -> str:
    """Return in words what a reviewer still has to do about an application."""
    return capfirst(str(DeskState(state).label))


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


@register.filter
def letter_blocks(text: str) -> list[tuple[list[str], list[str]]]:
    """Return the paragraphs of a letter, each as its lines and the points of the list after them.

    A line that begins with a hyphen is a point; what follows the points of a paragraph begins a
    new one.
    """
    blocks: list[tuple[list[str], list[str]]] = []
    for paragraph in text.split("\n\n"):
        lines: list[str] = []
        points: list[str] = []
        for row in paragraph.strip().split("\n"):
            if row.startswith("- "):
                points.append(row.removeprefix("- "))
            elif points:
                blocks.append((lines, points))
                lines, points = [row], []
            else:
                lines.append(row)
        blocks.append((lines, points))
    return blocks
