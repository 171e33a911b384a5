"""What differs between two versions of a profile, word by word; knows plain values alone.

The values are those of :func:`tandems.content.values_of`. Entries and pictures are found again by
their keys, which stay the same from version to version.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tandems.enums import ProfileSection

Values = Mapping[str, Any]
#: Two texts are compared by word up to this many pairs of words: it takes about half a second at
#: the very worst. Longer ones are compared by line, and by nothing beyond that.
MOST_PAIRS = 1_000_000
#: By word with the space behind it, by line, as a whole.
UNITS = (r"\S+\s*|\s+", r"[^\n]*\n|[^\n]+", r"(?s).+")
#: Facts of an entry and words of a picture whose change is told; places in the order are not.
FACTS = ("result_kind", "evidence", "sources")
PICTURE_WORDS = (*("alt_de", "alt_en", "caption_de", "caption_en", "author", "licence", "sources"),)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of two texts laid over each other: ``kind`` is same, old or new."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class TextChange:
    """What changed in one language; ``state`` is the new state of a text that reads as before."""

    language: str
    pieces: tuple[Piece, ...]
    state: str = ""
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact before and after."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry of which something changed: ``kind`` is added, removed, changed or moved.

    ``municipality`` is the slug of the city that the entry belongs to, if it belongs to one.
    """

    key: str
    section: str
    municipality: str
    is_point: bool
    kind: str
    texts: tuple[TextChange, ...]
    facts: tuple[FactChange, ...]


@dataclass(frozen=True, slots=True)
class PictureChange:
    """A picture of which something changed: ``kind`` is added, removed or changed."""

    key: str
    kind: str
    facts: tuple[FactChange, ...]


def pieces_of(old: str, new: str) -> tuple[Piece, ...]:
    """Return two texts as one: what both say, what only the old one says, what only the new one."""
    before: list[str] = []
    after: list[str] = []
    for unit in UNITS:
        before, after = re.findall(unit, old), re.findall(unit, new)
        if len(before) * len(after) <= MOST_PAIRS:
            break
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    found: list[Piece] = []
    for _kind, start, end, new_start, new_end in matcher.get_opcodes():
        gone, come = "".join(before[start:end]), "".join(after[new_start:new_end])
        parts = [("same", gone)] if gone == come else [("old", gone), ("new", come)]
        found += [Piece(kind, text) for kind, text in parts if text]
    return tuple(found)


def entry_changes(old: Values, new: Values) -> list[EntryChange]:
    """Return what changed in the entries, in the order of the sections and of the new version."""
    before, after = old["entries"], new["entries"]
    moved = set(_moved(before, after))
    order = {section: number for number, section in enumerate(ProfileSection.values)}
    keys = sorted(
        {**after, **before},
        key=lambda key: (
            order[(after.get(key) or before[key])["section"]],
            key not in after,
            (after.get(key) or before[key])["position"],
        ),
    )
    found = (_entry_change(key, before.get(key), after.get(key), key in moved) for key in keys)
    return [change for change in found if change is not None]


def picture_changes(old: Values, new: Values) -> list[PictureChange]:
    """Return which pictures came, went or got other words."""
    before, after = old["pictures"], new["pictures"]
    found = []
    for key in {**after, **before}:
        facts = tuple(_facts(PICTURE_WORDS, before.get(key), after.get(key)))
        if key not in before or key not in after:
            found.append(PictureChange(key, "added" if key in after else "removed", ()))
        elif facts:
            found.append(PictureChange(key, "changed", facts))
    return found


def _entry_change(
    key: str, old: Values | None, new: Values | None, is_moved: bool
) -> EntryChange | None:
    """Return what changed in an entry, ``None`` where nothing did."""
    entry = new or old or {}
    texts = tuple(_text_changes((old or {}).get("texts", {}), (new or {}).get("texts", {})))
    facts = tuple(_facts(FACTS, old, new)) if old and new else ()
    if old and new and not texts and not facts:
        if not is_moved:
            return None
        kind = "moved"
    else:
        kind = "changed" if old and new else "added" if new else "removed"
    return EntryChange(
        key=key,
        section=entry["section"],
        municipality=entry["municipality"],
        is_point=entry["is_point"],
        kind=kind,
        texts=texts,
        facts=facts,
    )


def _text_changes(old: Values, new: Values) -> Iterator[TextChange]:
    """Yield what changed in each language."""
    for language in {**new, **old}:
        was, now = old.get(language, ["", "", False]), new.get(language, ["", "", False])
        if was[0] != now[0]:
            yield TextChange(language, pieces_of(was[0], now[0]), "", now[2])
        elif was != now:
            yield TextChange(language, (), now[1], now[2])


def _facts(names: Iterable[str], old: Values | None, new: Values | None) -> Iterator[FactChange]:
    """Yield the facts that differ."""
    if old and new:
        for name in names:
            if old[name] != new[name]:
                yield FactChange(name, old[name], new[name])


def _moved(before: Values, after: Values) -> Iterator[str]:
    """Yield the entries whose place among those of their section that both versions hold differs.

    What moves on because something was put in before it has not been moved.
    """
    for section in ProfileSection.values:
        orders = [
            sorted(
                (key for key in both if key in before and key in after
                 and both[key]["section"] == section),
                key=lambda key, both=both: both[key]["position"],  # type: ignore[misc]
            )
            for both in (before, after)
        ]  # fmt: skip
        if set(orders[0]) == set(orders[1]):
            yield from (old for old, new in zip(*orders, strict=True) if old != new)
