"""What tests of the learning log share."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from meetings.actions.learning import EntryContent, add_entry
from meetings.models import LearningEntry
from tests.cycle import Cycle


def content(**fields: Any) -> EntryContent:
    """Return what people write in an entry."""
    given = {
        "happened_on": timezone.localdate().isoformat(),
        "kind": "call",
        "meeting": None,
        "topic": None,
        "learned": "Die Sensoren brauchen einen Betreiber.",
        "surprised": "",
        "contradicts": "",
        "next_step": "",
        "visibility": "partnership",
        "language": "de",
    }
    return EntryContent(**{**given, **fields})


def written(cycle: Cycle, by: str = "colleague", city: Any = None, **fields: Any) -> LearningEntry:
    """Return an entry of Hamm, or of another city."""
    member = cycle.tandem.members.get(municipality=city or cycle.hamm)
    return add_entry(member=member, content=content(**fields), by=cycle.person(by))


def page(name: str = "", *, language: str = "en") -> str:
    return f"/{language}/tandems/hamm-arezzo/workspace/log/{name}"


def typed(**fields: Any) -> dict[str, Any]:
    """Return what a browser sends of the form of an entry."""
    given = {
        "happened_on": timezone.localdate().isoformat(),
        "kind": "call",
        "meeting": "",
        "topic": "",
        "learned": "Die Sensoren brauchen einen Betreiber.",
        "surprised": "",
        "contradicts": "",
        "next_step": "",
        "due_on": "",
        "visibility": "partnership",
        "language": "de",
    }
    return {**given, **fields}
