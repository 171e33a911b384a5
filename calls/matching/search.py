"""The best sets of pairs, exactly: best first, each next one by parting what is left.

Lawler's partition (Management Science 18, 1972): all sets but the best one are parted into those
without its first pair, those with its first but without its second, and so on; the best set of
each part is found, and the best of these is the next. A part is a node. Its best set is a flow
(:mod:`calls.matching.flow`), so no node takes long, however many fits are equal.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from calls.matching.cities import City
from calls.matching.fit import SCALE, Weights, fit_of
from calls.matching.flow import Edge, best_choice
from calls.matching.pruning import promising
from calls.matching.ranking import CODE_BITS, CODE_MASK, PLACE_BITS, PLACE_MASK, Ranking, rank_pairs
from calls.matching.rules import Pair, PairSet, Rules, check_rules

#: Far more than a page of sets needs: each set takes at most one node per pair.
NODE_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Result:
    """The best sets that were found, the best first.

    Attributes:
        sets: No more than asked for; fewer if there are no more, or if the search was cut short.
        is_proven: Whether these are the best sets there are, and all if fewer than asked for.
        nodes: How many parts were searched.
    """

    sets: tuple[PairSet, ...]
    is_proven: bool
    nodes: int


@dataclass(frozen=True, slots=True)
class Part:
    """All choices that hold some edges and do not hold others, these as codes."""

    inside: tuple[Edge, ...]
    outside: frozenset[int] = frozenset()

    def without(self, choice: tuple[Edge, ...]) -> Iterator[Part]:
        """Part what is left when one choice is taken out."""
        inside = self.inside
        for edge in choice:
            if edge not in self.inside:
                yield Part(inside, self.outside | {edge.code})
                inside = (*inside, edge)


def best_sets(
    germans: Iterable[City],
    europeans: Iterable[City],
    weights: Weights,
    rules: Rules,
    *,
    sets: int = 3,
    node_limit: int = NODE_LIMIT,
) -> Result:
    """Return the best sets of exactly ``rules.pairs`` pairs that share no city.

    The best set has the highest sum of fits; of equal sums, the one comes first whose sorted tuple
    of (German key, European key) is smaller. So the order of the candidates changes nothing.

    Args:
        germans: Candidates; keys are unique on both sides together.
        europeans: Candidates from the other countries.
        weights: Of the parts of the fit.
        rules: What every set obeys.
        sets: How many different sets are wanted, at least 1.
        node_limit: How many parts may be searched. With 1, only the best set is sure to be found;
            with 0, a set is put together from the best pair downwards, which may find none.

    Raises:
        RulesError: No set could obey the rules, whoever the candidates were.
        ValueError: No set is wanted.
    """
    return best_sets_of(
        rank_pairs(germans, europeans, weights), rules, sets=sets, node_limit=node_limit
    )


def best_sets_of(
    ranking: Ranking, rules: Rules, *, sets: int = 3, node_limit: int = NODE_LIMIT
) -> Result:
    """Return what :func:`best_sets` does, for pairs that were ranked before."""
    check_rules(rules, ranking.germans, ranking.europeans)
    if sets < 1:
        raise ValueError(f"At least one set: {sets}.")
    root, allowed = _allowed(ranking, rules)
    places = _places(root.inside, ranking, rules)
    pairs = rules.pairs - len(root.inside)
    if node_limit < 1:
        choice = _greedy(root, allowed, places, pairs)
        return Result((_pair_set(choice, ranking),) if choice else (), is_proven=False, nodes=0)
    edges = promising(allowed, pairs, places, sets)
    search = Search(edges, ranking, rules, node_limit)
    choices = search.best_choices(root, sets)
    found = tuple(_pair_set(choice, ranking) for choice in choices)
    return Result(found, not search.is_cut, search.nodes)


class Search:
    """Walks through the parts, the most promising first."""

    def __init__(self, edges: list[Edge], ranking: Ranking, rules: Rules, node_limit: int) -> None:
        self.edges, self.ranking, self.rules = edges, ranking, rules
        self.node_limit = node_limit
        self.nodes = 0
        self.is_cut = False
        self.found: list[tuple[int, tuple[Edge, ...], Part]] = []

    def best_choices(self, root: Part, number: int) -> list[tuple[Edge, ...]]:
        """Return the best choices of the root, as many as asked for or as there are."""
        self._look_into(root)
        choices: list[tuple[Edge, ...]] = []
        while self.found and len(choices) < number:
            _, choice, part = heapq.heappop(self.found)
            choices.append(choice)
            if len(choices) < number:
                for rest in part.without(choice):
                    self._look_into(rest)
        return choices

    def _look_into(self, part: Part) -> None:
        """Find the best choice of a part, unless that would be a node too many."""
        if self.nodes >= self.node_limit:
            self.is_cut = True
            return
        self.nodes += 1
        choice = self._best_choice(part)
        if choice is not None:
            heapq.heappush(self.found, (-sum(edge.fit for edge in choice), choice, part))

    def _best_choice(self, part: Part) -> tuple[Edge, ...] | None:
        """Return the best choice of a part, sorted, or nothing if it holds none."""
        pairs = self.rules.pairs - len(part.inside)
        if not pairs:
            return tuple(sorted(part.inside))
        places = _places(part.inside, self.ranking, self.rules)
        free = _free(self.edges, part, places)
        more = best_choice(promising(free, pairs, places, 1), places, pairs)
        return None if more is None else tuple(sorted((*part.inside, *more)))


def _allowed(ranking: Ranking, rules: Rules) -> tuple[Part, Iterator[Edge]]:
    """Return the part that the rules leave, and all its edges that are not fixed, best first."""
    german_places = {city.key: place for place, city in enumerate(ranking.germans)}
    european_places = {city.key: place for place, city in enumerate(ranking.europeans)}

    def codes(keys: Iterable[tuple[int, int]]) -> frozenset[int]:
        return frozenset(
            (german_places[german] << PLACE_BITS) + european_places[european]
            for german, european in keys
            if german in german_places and european in european_places
        )

    outside = codes(rules.forbidden)
    if not rules.twinning_allowed:
        outside |= codes(
            keys
            for side in (ranking.germans, ranking.europeans)
            for city in side
            for other in city.twinned_with
            for keys in ((city.key, other), (other, city.key))
        )
    inside = []
    for code in codes(rules.fixed):
        german = ranking.germans[code >> PLACE_BITS]
        european = ranking.europeans[code & PLACE_MASK]
        inside.append(_edge(code, fit_of(german, european, ranking.weights).total, ranking))
    root = Part(tuple(sorted(inside)), outside)
    everything = (
        _edge(entry & CODE_MASK, SCALE - (entry >> CODE_BITS), ranking) for entry in ranking.order
    )
    return root, _free(everything, root, _places(root.inside, ranking, rules))


def _edge(code: int, fit: int, ranking: Ranking) -> Edge:
    """Return the edge of a code."""
    european = code & PLACE_MASK
    return Edge(code, code >> PLACE_BITS, european, ranking.europeans[european].country, fit)


def _places(inside: Iterable[Edge], ranking: Ranking, rules: Rules) -> dict[str, int]:
    """Return for each country that is not full how many more pairs it may have."""
    chosen = list(inside)
    left = rules.pairs - len(chosen)
    taken = Counter(edge.country for edge in chosen)
    limit = rules.per_country
    places = {
        country: left if limit is None else min(left, limit - taken[country])
        for country in {city.country for city in ranking.europeans}
    }
    return {country: number for country, number in places.items() if number > 0}


def _free(edges: Iterable[Edge], part: Part, places: dict[str, int]) -> Iterator[Edge]:
    """Return the edges that can be added to the ones inside the part."""
    germans = {edge.german for edge in part.inside}
    europeans = {edge.european for edge in part.inside}
    return (
        edge
        for edge in edges
        if edge.country in places
        and edge.code not in part.outside
        and edge.german not in germans
        and edge.european not in europeans
    )


def _greedy(
    root: Part, allowed: Iterable[Edge], places: dict[str, int], pairs: int
) -> tuple[Edge, ...]:
    """Return a choice made from the best edge downwards; empty if that leads nowhere."""
    left = dict(places)
    more: list[Edge] = []
    germans: set[int] = set()
    europeans: set[int] = set()
    for edge in allowed:
        if len(more) == pairs:
            break
        if left[edge.country] and edge.german not in germans and edge.european not in europeans:
            left[edge.country] -= 1
            germans.add(edge.german)
            europeans.add(edge.european)
            more.append(edge)
    return (*root.inside, *more) if len(more) == pairs else ()


def _pair_set(choice: Iterable[Edge], ranking: Ranking) -> PairSet:
    """Return the set of pairs that a choice of edges stands for."""
    pairs = []
    for edge in sorted(choice):
        german, european = ranking.germans[edge.german], ranking.europeans[edge.european]
        pairs.append(Pair(german, european, fit_of(german, european, ranking.weights)))
    return PairSet(tuple(pairs))
