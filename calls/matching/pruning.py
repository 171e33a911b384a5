"""Which pairs can be in one of the best sets at all: from tens of thousands to some dozens.

A pair need not be looked at if in any set that holds it, it could be exchanged for one of so many
better pairs that the set is not among the best. Exchange works unless the other pairs of the set
stand in the way, and these are few: ``pairs - 1``. How many better pairs they can block at most
is counted below, so what is dropped is dropped for certain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from calls.matching.flow import Edge


def promising(
    edges: Iterable[Edge], pairs: int, places: Mapping[str, int], best: int
) -> list[Edge]:
    """Return the edges, best first, that the ``best`` best choices of ``pairs`` edges are made of.

    Args:
        edges: What may be chosen, the best first; equal fits in the order of their codes.
        pairs: How many edges a choice has.
        places: Country → how many edges a choice may have of it, at least 1.
        best: How many choices are wanted.
    """
    sieve = Sieve(pairs - 1, places, best)
    kept = []
    for edge in edges:
        if sieve.may_be_chosen(edge):
            kept.append(edge)
            if sieve.add(edge):
                break
    return kept


@dataclass(slots=True)
class Sieve:
    """Counts the edges kept so far, all better than what comes.

    Attributes:
        others: How many other edges a choice has beside the one looked at.
        rows: German city → kept edges, of each country only as many as it has places. Others
            block one each: its European city, or, ``places`` of them together, a full country's.
        cells: (German city, country) → kept edges. Of one country, at most ``places - 1`` others
            are in the choice, or there would be no room for the edge itself.
        columns: European city → kept edges. Others block one each: that of their German city.
        apart: Country → kept edges of which no two share a city; others block one each by their
            German city, and those of the same country one each by their European city.
        apart_in_all: The same over all countries, of each only as many as it has places: others
            block one each by their German city, and one each as in ``rows``.
    """

    others: int
    places: Mapping[str, int]
    best: int
    rows: Counter[int] = field(default_factory=Counter)
    cells: Counter[tuple[int, str]] = field(default_factory=Counter)
    columns: Counter[int] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    apart_cities: set[tuple[str, str, int]] = field(default_factory=set)
    apart_in_all: Counter[str] = field(default_factory=Counter)
    apart_in_all_cities: set[tuple[str, int]] = field(default_factory=set)

    def may_be_chosen(self, edge: Edge) -> bool:
        """Tell whether others may leave fewer than ``best`` better edges to exchange it for."""
        limit, places = self.others + self.best, self.places[edge.country]
        return (
            self.rows[edge.german] < limit
            and self.columns[edge.european] < limit
            and self.cells[edge.german, edge.country] < places - 1 + self.best
            and self.apart[edge.country] < places - 1 + limit
        )

    def add(self, edge: Edge) -> bool:
        """Count a kept edge; tell whether nothing that comes after it can be in a best choice."""
        german, european, country = edge.german, edge.european, edge.country
        places = self.places[country]
        if self.cells[german, country] < places:
            self.rows[german] += 1
        self.cells[german, country] += 1
        self.columns[european] += 1
        ends = {(country, "german", german), (country, "european", european)}
        if not ends & self.apart_cities:
            self.apart_cities |= ends
            self.apart[country] += 1
        both = {("german", german), ("european", european)}
        if self.apart_in_all[country] < places and not both & self.apart_in_all_cities:
            self.apart_in_all_cities |= both
            self.apart_in_all[country] += 1
        return self.apart_in_all.total() >= 2 * self.others + self.best
