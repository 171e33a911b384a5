"""What a single point of a profile says, as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tandems.enums import Evidence, ProfileSection
from tandems.models import ProfileEntry

#: Sections that hold single points; what a city gives and seeks is its own text.
POINT_SECTIONS = (
    ProfileSection.CHALLENGE,
    ProfileSection.GOAL,
    ProfileSection.ACTIVITY,
    ProfileSection.RESULT,
    ProfileSection.FAILURE,
)
#: What a point says in one language is one short paragraph.
LONGEST_POINT = 1_000
#: Values of a point beside its texts, as its form names them.
FACTS = ("result_kind", "evidence", "sources")
#: Before the language in the names of its texts.
TEXT = "text_"


def point_values(entry: ProfileEntry | None, languages: Iterable[str]) -> dict[str, Any]:
    """Return what a point says by the names of its form; without an entry: the empty form."""
    texts = {row.language: row.text for row in entry.texts.all()} if entry else {}
    return {
        **{f"{TEXT}{language}": texts.get(language, "") for language in languages},
        "result_kind": entry.result_kind if entry else "",
        "evidence": entry.evidence if entry else str(Evidence.DOCUMENTED),
        "sources": list(entry.sources) if entry else [],
    }
