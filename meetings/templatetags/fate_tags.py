"""What became of commitments, on pages that know only their rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from meetings.fates import Fates, fates_of as fates

register = template.Library()


@register.simple_tag
def fates_of(commitments: Iterable[Any]) -> Fates:
    """Return what became of commitments, in numbers and words; rows need state and due day."""
    return fates(commitments)
