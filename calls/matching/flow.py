"""The dearest choice of exactly so many edges, no end twice, no country too often: a flow.

One unit of flow runs from the source through a German city, a European city and its country to
the sink. Each city lets one unit through, each country as many as it has places, so a whole flow
of n units is a choice of n pairs, and flows have whole optima. The longest augmenting path, n
times, gives the optimum (successive shortest paths; Ahuja, Magnanti, Orlin: Network Flows, 9.7).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SOURCE, SINK = "source", "sink"


class Edge(NamedTuple):
    """A pair that may be chosen: the places of its cities, the country, and its fit."""

    code: int
    german: int
    european: int
    country: str
    fit: int


@dataclass(slots=True)
class Network:
    """A residual network. Arc ``n ^ 1`` is the way back of arc ``n``."""

    numbers: dict[Hashable, int] = field(default_factory=dict)
    arcs: list[list[int]] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    room: list[int] = field(default_factory=list)
    gains: list[int] = field(default_factory=list)

    def number(self, name: Hashable) -> int:
        """Return the number of a node, a new one for a name not heard before."""
        if name not in self.numbers:
            self.numbers[name] = len(self.arcs)
            self.arcs.append([])
        return self.numbers[name]

    def connect(self, tail: Hashable, head: Hashable, room: int, gain: int = 0) -> int:
        """Lay an arc that takes ``room`` units and earns ``gain`` for each; return its number."""
        arc = len(self.heads)
        start, end = self.number(tail), self.number(head)
        self.arcs[start].append(arc)
        self.arcs[end].append(arc + 1)
        self.heads += (end, start)
        self.room += (room, 0)
        self.gains += (gain, -gain)
        return arc

    def augment(self) -> bool:
        """Send one unit from source to sink on the path that gains most; false if none is left."""
        source, sink = self.number(SOURCE), self.number(SINK)
        arrived_by = self._longest_paths(source)
        if sink not in arrived_by:
            return False
        node = sink
        while node != source:
            arc = arrived_by[node]
            self.room[arc] -= 1
            self.room[arc ^ 1] += 1
            node = self.heads[arc ^ 1]
        return True

    def _longest_paths(self, source: int) -> dict[int, int]:
        """Return the last arc of the path that gains most, for every node that can be reached.

        Bellman and Ford's way with a queue: gains of ways back are negative, and there is no
        circle that gains, as every flow so far was the best of its size.
        """
        best = {source: 0}
        arrived_by: dict[int, int] = {}
        queue, waits = deque([source]), {source}
        while queue:
            node = queue.popleft()
            waits.discard(node)
            here = best[node]
            for arc in self.arcs[node]:
                if not self.room[arc]:
                    continue
                head, value = self.heads[arc], here + self.gains[arc]
                if head not in best or value > best[head]:
                    best[head] = value
                    arrived_by[head] = arc
                    if head not in waits:
                        waits.add(head)
                        queue.append(head)
        return arrived_by


def best_choice(
    edges: Sequence[Edge], places: Mapping[str, int], pairs: int
) -> tuple[Edge, ...] | None:
    """Return the best ``pairs`` edges, or nothing if there are not so many that go together.

    Best is the highest sum of fits, and among those the smallest sorted tuple of codes. For the
    second, every edge earns a power of 2 below all fits, a higher one for a smaller code: one edge
    outweighs all that come after it, as in comparing sorted tuples of the same length. Python's
    whole numbers have no end, so this is exact.

    Args:
        edges: What may be chosen.
        places: Country → how many edges it may have.
        pairs: How many edges are wanted; 0 gives an empty choice.
    """
    network = Network()
    network.number(SOURCE)
    network.number(SINK)
    arcs: dict[int, Edge] = {}
    known: set[Hashable] = set()
    for rank, edge in enumerate(sorted(edges, reverse=True)):
        german, european = ("german", edge.german), ("european", edge.european)
        country = ("country", edge.country)
        for tail, head, node, room in (
            (SOURCE, german, german, 1),
            (european, country, european, 1),
            (country, SINK, country, places[edge.country]),
        ):
            if node not in known:
                known.add(node)
                network.connect(tail, head, room)
        arcs[network.connect(german, european, 1, (edge.fit << len(edges)) + (1 << rank))] = edge
    if not all(network.augment() for _ in range(pairs)):
        return None
    return tuple(sorted(edge for arc, edge in arcs.items() if not network.room[arc]))
