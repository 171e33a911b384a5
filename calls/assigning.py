"""Who reads what: a proposal that covers every case evenly, and the gaps that remain.

In this order of weight, the proposal sees to it that

1. nobody reads what he or she (or the own organisation) has a conflict with, or more than agreed,
2. every case is read by each of the organisations named, where somebody of it may,
3. somebody among its readers knows a language of the case,
4. every case has its number of readers, and a shortage is spread over the cases,
5. as few as possible read what is in none of their languages,
6. loads are even, over all and so within each organisation.

Cases go to the least burdened; who has as much as agreed may hand one on to make room. Then cases
wander to people with at least two fewer, straight or over a chain of others, until no chain is
left: loads are then as even as the rules allow (N. Harvey, R. Ladner, L. Lovász, T. Tamir,
"Semi-matchings for bipartite graphs and load balancing", Journal of Algorithms 59 (2006), 53–78).
Where people have upper limits, or a case has fewer places than there are organisations, such
exchanges can miss the best for rules 3 to 6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf

#: Of people or of organisations.
Keys = frozenset[int]


class GapKind(StrEnum):
    """What the readers of a case lack."""

    TOO_FEW = "too_few"
    ORGANISATION_MISSING = "organisation_missing"
    LANGUAGE_MISSING = "language_missing"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may read: ``most`` cases in all, or any number; languages are of ISO 639-1."""

    key: int
    organisation: int
    languages: frozenset[str] = frozenset()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be read, and who reads it already or must not.

    Knowing any one of ``languages`` is enough; if there is none, the case asks for none.
    ``readers`` stay assigned and count as load. Who among them is barred, or not among the readers
    asked about, does not count as one who reads: pass people who get no more with ``most=0``.
    """

    key: int
    languages: frozenset[str] = frozenset()
    readers: Keys = frozenset()
    barred: Keys = frozenset()
    barred_organisations: Keys = frozenset()

    def bars(self, reader: Reader) -> bool:
        """Return whether the reader has a conflict, personally or by organisation."""
        return reader.key in self.barred or reader.organisation in self.barred_organisations

    def is_known_to(self, reader: Reader) -> bool:
        """Return whether the reader knows a language of the case."""
        return not self.languages or not self.languages.isdisjoint(reader.languages)


@dataclass(frozen=True, slots=True)
class Gap:
    """What one case lacks: ``missing`` people, or one of an organisation or with a language."""

    case: int
    kind: GapKind
    organisation: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """New (case, reader) pairs, gaps that remain after them, and every reader's cases in all."""

    added: tuple[tuple[int, int], ...]
    gaps: tuple[Gap, ...]
    loads: dict[int, int]


def gaps_of(
    cases: Iterable[Case], readers: Iterable[Reader], *, per_case: int, organisations: Keys
) -> tuple[Gap, ...]:
    """Return what the cases lack as they are assigned now, by case, kind and organisation.

    An organisation is missing also where all its people are barred: somebody should know.
    """
    known = {reader.key: reader for reader in readers}
    gaps: list[Gap] = []
    for case in sorted(cases, key=lambda case: case.key):
        reading = [known[key] for key in case.readers if key in known and not case.bars(known[key])]
        if len(reading) < per_case:
            gaps.append(Gap(case.key, GapKind.TOO_FEW, missing=per_case - len(reading)))
        absent = sorted(organisations - {reader.organisation for reader in reading})
        gaps += [Gap(case.key, GapKind.ORGANISATION_MISSING, key, 1) for key in absent]
        if case.languages and not any(case.is_known_to(reader) for reader in reading):
            gaps.append(Gap(case.key, GapKind.LANGUAGE_MISSING, missing=1))
    return tuple(gaps)


def propose(
    cases: Iterable[Case], readers: Iterable[Reader], *, per_case: int, organisations: Keys
) -> Proposal:
    """Return who should read what in addition, so that each case has ``per_case`` readers in all.

    The weight of the rules stands in the module's text. A case that has ``per_case`` readers
    already gets none, even if an organisation is missing among them: that is a gap.

    Raises:
        ValueError: if two cases or two readers have the same key.
    """
    cases = sorted(cases, key=lambda case: case.key)
    readers = sorted(readers, key=lambda reader: reader.key)
    keys = [reader.key for reader in readers]
    if len(set(keys)) < len(keys) or len({case.key for case in cases}) < len(cases):
        raise ValueError("A key stands for one case or one reader")
    desk = _Desk(cases, readers, per_case, organisations)
    desk.give_out()
    desk.exchange()
    desk.balance()
    added = [(pile.case, [keys[i] for i in _ones(pile.reading & pile.free)]) for pile in desk.piles]
    assigned = [replace(case, readers=case.readers.union(new)) for case, new in added]
    return Proposal(
        added=tuple((case.key, key) for case, new in added for key in new),
        gaps=gaps_of(assigned, readers, per_case=per_case, organisations=organisations),
        loads=dict(zip(keys, desk.loads, strict=True)),
    )


# From here on, a reader is a position in the sorted list, and a set of readers a whole number with
# the bits of their positions: chains are looked for by the thousand, and each link is a few `&`.

#: What a case keeps when handed on: so many organisations; and one who knows a language; and all.
ORGANISATIONS, A_LANGUAGE, LANGUAGES = 1, 2, 3


@dataclass(slots=True)
class _Pile:
    """One case, how many it still needs, who may read it newly, knows a language, reads it."""

    case: Case
    room: int
    free: int = 0
    knowing: int = 0
    reading: int = 0


#: Steps, in each of which somebody gives a case to somebody; None gives what nobody had.
_Way = list[tuple[_Pile, int | None, int]]


def _ones(mask: int) -> Iterator[int]:
    """Yield the positions of a set, from low to high."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class _Desk:
    """All cases and loads while they are dealt with."""

    def __init__(self, cases: list[Case], readers: list[Reader], per_case: int, need: Keys) -> None:
        burden = Counter(key for case in cases for key in case.readers)
        self.loads = [0] * len(readers)
        self.most = [inf if reader.most is None else reader.most for reader in readers]
        self.roomy = 0
        #: For each care, people from whom no case can wander to anybody but them, as things are.
        self.barren = dict.fromkeys((ORGANISATIONS, A_LANGUAGE, LANGUAGES), 0)
        people = dict.fromkeys(sorted(need), 0)
        for one, reader in enumerate(readers):
            self._burden(one, burden[reader.key])
            if reader.organisation in people:
                people[reader.organisation] |= 1 << one
        self.required = list(people.values())
        self.colleagues = [people.get(reader.organisation, 0) for reader in readers]
        self.piles = [_Pile(case, per_case) for case in cases]
        for pile in self.piles:
            for one, reader in enumerate(readers):
                may, does = not pile.case.bars(reader), reader.key in pile.case.readers
                pile.free |= (may and not does) << one
                pile.reading |= (may and does) << one
                pile.knowing |= pile.case.is_known_to(reader) << one
            pile.room -= pile.reading.bit_count()

    def give_out(self) -> None:
        """Give cases to all organisations, then to who knows a language, then to enough people."""
        for pile in self.piles:
            while self._give(pile, self._missing(pile), LANGUAGES, A_LANGUAGE, ORGANISATIONS):
                pass
        for pile in self.piles:
            if not pile.reading & pile.knowing:
                self._give(pile, pile.knowing, LANGUAGES, A_LANGUAGE)
        for room in range(max((pile.room for pile in self.piles), default=0), 0, -1):
            for pile in [pile for pile in self.piles if pile.room == room]:
                self._give(pile, pile.free, LANGUAGES, A_LANGUAGE)

    def exchange(self) -> None:
        """Give cases from people who know none of their languages to people who do."""
        for pile in self.piles:
            for giver in _ones(pile.reading & pile.free & ~pile.knowing):
                better = self._takers(pile, giver, ORGANISATIONS) & pile.knowing
                cares = (LANGUAGES,) if pile.reading & pile.knowing else (LANGUAGES, A_LANGUAGE)
                self._give(pile, better, *cares, giver=giver)

    def balance(self) -> None:
        """Move cases from the more to the less burdened until no chain makes loads more even."""
        people = range(len(self.loads))
        while any(map(self._relieve, sorted(people, key=lambda one: (-self.loads[one], one)))):
            pass

    def _relieve(self, giver: int) -> bool:
        less = self.loads[giver] - 1
        light = sum(1 << one for one in _ones(self.roomy) if self.loads[one] < less)
        return self._hand_on({giver: []}, light, LANGUAGES)

    def _give(self, pile: _Pile, wanted: int, *cares: int, giver: int | None = None) -> bool:
        """Let one of ``wanted`` read a case, as one more or for the giver; say if it worked.

        Who has room goes before who must make some, then who knows a language, then who has least.
        """
        wanted &= pile.free & ~pile.reading
        if not wanted or (giver is None and pile.room <= 0):
            return False
        if light := wanted & self.roomy:
            self._take([(pile, giver, self._lightest(light & pile.knowing or light))])
            return True
        # All have as much as agreed: one must hand another case on, if need be to the giver.
        ends = self.roomy if giver is None else self.roomy | 1 << giver
        ways = {one: [(pile, giver, one)] for one in _ones(wanted)}
        return any(self._hand_on(dict(ways), ends, care) for care in cares)

    def _hand_on(self, ways: dict[int, _Way], ends: int, care: int) -> bool:
        """Prolong ways from their last readers until one, as short as can be, leads to an end.

        No way hands a case on twice, so it keeps what each of its steps keeps.
        """
        seen = 0 if self.barren[care] & ends else self.barren[care]
        queue = [one for one in ways if not seen >> one & 1] if ends else []
        seen |= sum(1 << one for one in queue)
        for giver in queue:  # it grows while it is read
            way = ways[giver]
            for pile in self.piles:
                if pile.reading & pile.free & 1 << giver and all(pile is not old[0] for old in way):
                    takers = self._takers(pile, giver, care) & ~seen
                    if takers & ends:
                        self._take([*way, (pile, giver, self._lightest(takers & ends))])
                        return True
                    seen |= takers
                    for taker in _ones(takers):
                        ways[taker] = [*way, (pile, giver, taker)]
                        queue.append(taker)
        self.barren[care] |= seen
        return False

    def _takers(self, pile: _Pile, giver: int, care: int) -> int:
        """Return to whom somebody may give a case."""
        rest = pile.reading & ~(1 << giver)
        takers = pile.free & ~pile.reading
        own = self.colleagues[giver]
        if own and not own & rest:
            takers &= own | self._missing(pile)
        knows = pile.knowing >> giver & 1
        if knows and (care == LANGUAGES or (care == A_LANGUAGE and not pile.knowing & rest)):
            takers &= pile.knowing
        return takers

    def _take(self, way: _Way) -> None:
        self.barren = dict.fromkeys(self.barren, 0)
        for pile, giver, taker in way:
            pile.reading |= 1 << taker
            self._burden(taker, 1)
            if giver is None:
                pile.room -= 1
            else:
                pile.reading ^= 1 << giver
                self._burden(giver, -1)

    def _missing(self, pile: _Pile) -> int:
        """Return all people of the organisations that a case lacks."""
        return sum(people for people in self.required if not people & pile.reading)

    def _lightest(self, among: int) -> int:
        return min(_ones(among), key=lambda one: (self.loads[one], one))

    def _burden(self, one: int, more: int) -> None:
        self.loads[one] += more
        self.roomy = self.roomy & ~(1 << one) | (self.loads[one] < self.most[one]) << one
