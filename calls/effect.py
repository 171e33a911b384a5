"""What a selection list makes of the set of municipalities, and whether it fits the places.

Nothing here asks a database; whoever calls it decides which applications may be counted.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from calls.enums import ListOutcome, Pool
from calls.matching import CityType, city_type
from municipalities.enums import Country

#: Class by inhabitants → its name, after BBSR's “Stadt- und Gemeindetyp”.
SIZES = {
    CityType.RURAL_MUNICIPALITY: gettext_lazy("rural municipality (fewer than 5,000)"),
    CityType.SMALL_TOWN: gettext_lazy("small town (from 5,000)"),
    CityType.MEDIUM_SIZED_TOWN: gettext_lazy("medium-sized town (from 20,000)"),
    CityType.LARGE_CITY: gettext_lazy("large city (from 100,000)"),
}
#: Names that a sentence holds before it says how many more there are.
MOST_NAMES = 8


class Candidate(NamedTuple):
    """An application as the selection sees it.

    ``is_eligible`` is nothing until the formal conditions were checked. ``is_newcomer``: the
    municipality was in no partnership before this call. ``gives`` and ``seeks`` are names of topics
    in the reader's language, where they were asked for.
    """

    pk: int
    key: uuid.UUID
    reference: str
    name: str
    country: str
    population: int | None
    is_sent: bool
    is_eligible: bool | None
    is_newcomer: bool
    language: str = ""
    #: In the register (primary key).
    municipality: int | None = None
    gives: tuple[str, ...] = ()
    seeks: tuple[str, ...] = ()

    @property
    def pool(self) -> Pool:
        """Return for which places the municipality competes."""
        return Pool.GERMAN if self.country == Country.DE else Pool.EUROPEAN

    @property
    def country_name(self) -> str:
        """Return the name of the country in the reader's language."""
        return str(Country(self.country).label)

    @property
    def size(self) -> str:
        """Return the name of the class by inhabitants; empty where they are not known."""
        kind = city_type(self.population)
        return "" if kind is None else str(SIZES[kind])


class Entry(NamedTuple):
    """What a list makes of an application; a rank stands on the reserve list alone."""

    outcome: str
    rank: int | None = None
    reason: str = ""


#: What a list makes of an application that it does not name.
UNNAMED = Entry(ListOutcome.LEFT)


@dataclass(frozen=True, slots=True)
class PoolCount:
    """How the places of one pool are used; ``places`` is nothing where the call names none."""

    pool: Pool
    places: int | None
    chosen: int
    reserve: int
    left: int

    @property
    def free(self) -> int | None:
        """Return how many places are left; below 0, there are too few."""
        return None if self.places is None else self.places - self.chosen

    @property
    def missing(self) -> int:
        """Return how many places are missing for those that are chosen."""
        return max(0, -(self.free or 0))


@dataclass(frozen=True, slots=True)
class Effect:
    """What the chosen ones are as a set; ``sizes`` and ``countries`` are names with numbers.

    ``gives`` and ``seeks`` are the topics that at least one of them names.
    """

    pools: tuple[PoolCount, ...]
    countries: tuple[tuple[str, int], ...]
    sizes: tuple[tuple[str, int], ...]
    gives: frozenset[str]
    seeks: frozenset[str]
    newcomers: int

    @property
    def unmet(self) -> list[str]:
        """Return the topics that somebody seeks and nobody gives, by name."""
        return sorted(self.seeks - self.gives)

    @property
    def chosen(self) -> int:
        """Return how many are chosen in both pools."""
        return sum(pool.chosen for pool in self.pools)


def places_of(german: int | None, european: int | None) -> dict[Pool, int | None]:
    """Return the places of each pool."""
    return {Pool.GERMAN: german, Pool.EUROPEAN: european}


def counts_of(
    candidates: Iterable[Candidate],
    entries: Mapping[int, Entry],
    places: Mapping[Pool, int | None],
) -> tuple[PoolCount, ...]:
    """Return how the places of both pools are used."""
    found = Counter(
        (one.pool, entries.get(one.pk, UNNAMED).outcome) for one in candidates if one.is_sent
    )
    return tuple(
        PoolCount(pool, places[pool], *(found[pool, outcome] for outcome in ListOutcome))
        for pool in Pool
    )


def effect_of(
    candidates: Collection[Candidate],
    entries: Mapping[int, Entry],
    places: Mapping[Pool, int | None],
) -> Effect:
    """Return what a list makes of the set; only the given candidates are counted."""
    chosen = chosen_of(candidates, entries)
    countries = Counter(one.country_name for one in chosen)
    sizes = Counter(city_type(one.population) for one in chosen)
    named: list[tuple[str, int]] = [
        (str(label), sizes[kind]) for kind, label in SIZES.items() if sizes[kind]
    ]
    unknown = [(_("inhabitants not given"), sizes[None])] if sizes[None] else []
    return Effect(
        pools=counts_of(candidates, entries, places),
        countries=tuple(sorted(countries.items())),
        sizes=(*named, *unknown),
        gives=frozenset(topic for one in chosen for topic in one.gives),
        seeks=frozenset(topic for one in chosen for topic in one.seeks),
        newcomers=sum(one.is_newcomer for one in chosen),
    )


def chosen_of(candidates: Iterable[Candidate], entries: Mapping[int, Entry]) -> list[Candidate]:
    """Return those that a list chooses."""
    chosen = {pk for pk, entry in entries.items() if entry.outcome == ListOutcome.CHOSEN}
    return [one for one in candidates if one.pk in chosen and one.is_sent]


def filled_by_rank(
    candidates: Iterable[Candidate],
    order: Sequence[int],
    places: Mapping[Pool, int | None],
) -> dict[int, Entry]:
    """Return a list that fills the places of each pool in an order of applications.

    Whoever was found not eligible is left out. The reserve list takes as many as there are places.
    """
    by_key = {one.pk: one for one in candidates if one.is_sent and one.is_eligible is not False}
    taken: Counter[Pool] = Counter()
    entries = {}
    for pk in order:
        if pk not in by_key:
            continue
        pool = by_key[pk].pool
        room = places[pool] or 0
        if taken[pool] < room:
            entries[pk] = Entry(ListOutcome.CHOSEN)
        elif taken[pool] < 2 * room:
            entries[pk] = Entry(ListOutcome.RESERVE, taken[pool] - room + 1)
        taken[pool] += 1
    return entries


def obstacles_of(
    candidates: Collection[Candidate],
    entries: Mapping[int, Entry],
    places: Mapping[Pool, int | None],
) -> list[str]:
    """Return in words what keeps a list from being recommended or decided; nothing: it fits.

    Not more chosen than places in each pool, ranks on each reserve list from 1 without gaps, and
    whoever is on it has sent an application that meets the formal conditions: who is on reserve
    may get a place later.
    """
    by_key = {one.pk: one for one in candidates}
    named = {pk: entry for pk, entry in entries.items() if entry.outcome != ListOutcome.LEFT}
    found = _crowded(counts_of(candidates, entries, places))
    for pool in Pool:
        ranks = sorted(
            entry.rank or 0
            for pk, entry in named.items()
            if entry.outcome == ListOutcome.RESERVE and by_key[pk].pool == pool
        )
        if ranks != list(range(1, len(ranks) + 1)):
            words = _("%(pool)s: the reserve list must run from 1 without gaps. Now: %(ranks)s.")
            given = ", ".join(str(rank) for rank in ranks)
            found.append(words % {"pool": _capital(pool), "ranks": given})
    on_list = [by_key[pk] for pk in named]
    for words, rows in (
        (_("No longer sent: %(names)s."), [one for one in on_list if not one.is_sent]),
        (
            _("The formal conditions are not checked yet: %(names)s."),
            [one for one in on_list if one.is_sent and one.is_eligible is None],
        ),
        (
            _("The formal conditions are not met: %(names)s."),
            [one for one in on_list if one.is_sent and one.is_eligible is False],
        ),
    ):
        if rows:
            found.append(words % {"names": names_of(one.name for one in rows)})
    return found


def _crowded(pools: Iterable[PoolCount]) -> list[str]:
    """Return what is wrong with the numbers of those that are chosen."""
    counts = list(pools)
    if not any(count.chosen for count in counts):
        return [_("The list chooses nobody.")]
    found = []
    for count in counts:
        if count.places is None and count.chosen:
            words = _("%(pool)s: the call does not say how many places there are.")
            found.append(words % {"pool": _capital(count.pool)})
        elif count.missing:
            words = ngettext(
                "%(pool)s: %(chosen)s chosen, but there is only %(places)s place.",
                "%(pool)s: %(chosen)s chosen, but there are only %(places)s places.",
                count.places or 0,
            )
            values = {"chosen": count.chosen, "places": count.places}
            found.append(words % {"pool": _capital(count.pool), **values})
    return found


def _capital(pool: Pool) -> str:
    label = str(pool.label)
    return label[:1].upper() + label[1:]


def names_of(names: Iterable[str]) -> str:
    """Return names in a sentence; of many, the first ones and how many more there are."""
    rows = sorted(names)
    more = len(rows) - MOST_NAMES
    if more <= 0:
        return ", ".join(rows)
    words = ngettext("%(names)s and %(more)s more", "%(names)s and %(more)s more", more)
    return words % {"names": ", ".join(rows[:MOST_NAMES]), "more": more}
