"""Why a city left or a partnership ended: what the public reads, and what a note says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext

from tandems.models import Tandem, TandemMember
from tandems.pairs import note_of

#: Languages in which the public reads a reason.
LANGUAGES = ("de", "en")


def public_reason(row: Tandem | TandemMember, field: str) -> dict[str, str]:
    """Return a reason that the public reads, by language; ``field`` is its name."""
    return {code: getattr(row, f"{field}_{code}") or "" for code in LANGUAGES}


def reason_moved(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return how a public reason has changed, for a note; empty where it stands as it did."""
    if dict(before) == dict(after):
        return ""
    sides = {"old": note_of(before) or "–", "new": note_of(after) or "–"}
    return gettext("Public reason: %(old)s → %(new)s") % sides


def joined(parts: Iterable[str]) -> str:
    """Return one note of several; empty ones are left out."""
    return "; ".join(part for part in parts if part)
