"""What differs between two versions of a profile, word by word; knows plain values alone.

The values are those of :func:`tandems.content.values_of`. Entries and pictures are found again by
their keys, which stay the same from version to version.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from tandems.enums import ProfileSection

Values = Mapping[str, Any]
#: What comparing two texts may cost at most, in steps of :func:`cost_of` (one takes some 0.1 µs).
#: Wholly rewritten texts of 800 words stay below it; repetitive ones do not, by intention.
MOST_STEPS = 4_000_000
#: What comparing two versions may cost at most, however many texts they hold: two seconds or so.
MOST_STEPS_IN_ALL = 20_000_000
#: By word with the space behind it, by line.
UNITS = (r"\S+\s*|\s+", r"[^\n]*\n|[^\n]+")
#: Text, state, and since when it is out of date.
NO_TEXT = ("", "", "")
#: Facts of an entry and words of a picture whose change is told; places in the order are not.
FACTS = ("result_kind", "evidence", "sources")
PICTURE_WORDS = (*("alt_de", "alt_en", "caption_de", "caption_en", "author", "licence", "sources"),)


@dataclass(slots=True)
class Budget:
    """What comparing may still cost, in steps of :func:`cost_of`."""

    left: int = MOST_STEPS_IN_ALL

    def covers(self, steps: int) -> bool:
        """Tell whether so many steps are left for one text, and take them if they are."""
        if steps > min(self.left, MOST_STEPS):
            return False
        self.left -= steps
        return True


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


def pieces_of(old: str, new: str, budget: Budget | None = None) -> tuple[Piece, ...]:
    """Return two texts as one: what both say, what only the old one says, what only the new one.

    How both begin and end is never compared. What lies between is, by word; by line where that
    costs more than the budget holds, and not at all where even that does.
    """
    budget = budget or Budget()
    before, after = (re.findall(UNITS[0], text) for text in (old, new))
    start = common(before, after)
    most = min(len(before), len(after)) - start
    end = min(common(before[::-1], after[::-1]), most)
    middle = ["".join(words[start : len(words) - end]) for words in (before, after)]
    found = [
        ("same", "".join(before[:start])),
        *between(middle[0], middle[1], budget),
        ("same", "".join(before[len(before) - end :])),
    ]
    return tuple(Piece(kind, text) for kind, text in joined(found))


def common(one: list[str], other: list[str]) -> int:
    """Return with how many equal words two texts begin."""
    for number, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return number
    return min(len(one), len(other))


def between(old: str, new: str, budget: Budget) -> Iterator[tuple[str, str]]:
    """Yield the pieces of what differs at both ends, as fine as the budget allows."""
    for unit in UNITS if old and new else ():
        before, after = re.findall(unit, old), re.findall(unit, new)
        if not budget.covers(cost_of(before, after)):
            continue
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        for _kind, start, end, new_start, new_end in matcher.get_opcodes():
            gone, come = "".join(before[start:end]), "".join(after[new_start:new_end])
            yield from [("same", gone)] if gone == come else [("old", gone), ("new", come)]
        return
    yield from [("old", old), ("new", new)]


def cost_of(before: list[str], after: list[str]) -> int:
    """Return how many steps :class:`difflib.SequenceMatcher` takes at most without its guess.

    It looks for the longest match, then left and right of it, and so on. All looks of one depth
    together meet each unit once, and each pair of equal units once; each depth uses up at least
    one unit of both texts. So it is the units and equal pairs, times the units of the shorter text.
    """
    there = Counter(after)
    pairs = sum(times * there[unit] for unit, times in Counter(before).items())
    return (len(before) + len(after) + pairs) * (min(len(before), len(after)) + 1)


def joined(pieces: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield pieces that are not empty, neighbours of one kind as one."""
    for kind, group in groupby((piece for piece in pieces if piece[1]), itemgetter(0)):
        yield kind, "".join(text for _kind, text in group)


def entry_changes(old: Values, new: Values) -> list[EntryChange]:
    """Return what changed in the entries, in the order of the sections and of the new version.

    Comparing has one :class:`Budget` for all texts: the first ones are compared most finely.
    """
    budget = Budget()
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
    found = (
        _entry_change(key, before.get(key), after.get(key), key in moved, budget) for key in keys
    )
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
    key: str, old: Values | None, new: Values | None, is_moved: bool, budget: Budget
) -> EntryChange | None:
    """Return what changed in an entry, ``None`` where nothing did."""
    entry = new or old or {}
    both = [(one or {}).get("texts", {}) for one in (old, new)]
    texts = tuple(_text_changes(both[0], both[1], budget))
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


def _text_changes(old: Values, new: Values, budget: Budget) -> Iterator[TextChange]:
    """Yield what changed in each language."""
    for language in {**new, **old}:
        was, now = old.get(language, NO_TEXT), new.get(language, NO_TEXT)
        if was[0] != now[0]:
            yield TextChange(language, pieces_of(was[0], now[0], budget), "", bool(now[2]))
        # Since when it is out of date is no difference.
        elif (was[1], bool(was[2])) != (now[1], bool(now[2])):
            yield TextChange(language, (), now[1], bool(now[2]))


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
