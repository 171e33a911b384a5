"""What the filters of a list offer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from core.queries import remembered
from core.text import normalise_for_search
from municipalities.enums import Country
from municipalities.models import Topic


def topic_choices() -> list[tuple[str, str]]:
    """Return (key, name) of the fields of action, by name in the reader's language."""

    def choices() -> list[tuple[str, str]]:
        return [(topic.key, topic.name) for topic in Topic.objects.all().by_name()]

    return remembered(f"topics {get_language()}", choices)


def country_choices(codes: Any) -> list[tuple[str, str]]:
    """Return (code, name) of the countries, by name in the reader's language."""
    names = dict(Country.choices)
    known = [(code, str(names[code])) for code in codes if code in names]
    return sorted(known, key=lambda pair: normalise_for_search(pair[1]))
