"""CPU time of matching: the three best sets of six pairs, at most one per country.

``python -m tools.bench_matching [--seed 1]``. Random cities with needs and offers on 12 topics,
the others from 26 countries besides Germany, large ones more often; the time covers computing all
fits and the search, and is counted on this process alone. A node is one part of all sets that was
searched for its best set.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calls.matching import City, Rules, Weights, best_sets_of, rank_pairs

SIZES = (50, 100, 200, 400)
TOPICS = tuple(f"topic-{number}" for number in range(12))
LANGUAGES = ("bg", "cs", "es", "fr", "hr", "hu", "it", "nl", "pl", "pt", "ro", "sv")
#: The other states of the European Union with how often one of their cities applies.
COUNTRIES = {
    "AT": 5, "BE": 4, "BG": 3, "CY": 1, "CZ": 4, "DK": 2, "EE": 1, "ES": 10, "FI": 2, "FR": 8,
    "GR": 5, "HR": 3, "HU": 3, "IE": 1, "IT": 12, "LT": 1, "LU": 1, "LV": 1, "MT": 1, "NL": 5,
    "PL": 8, "PT": 4, "RO": 5, "SE": 2, "SI": 2, "SK": 2,
}  # fmt: skip
RULES = Rules(pairs=6, per_country=1)


def random_city(chance: random.Random, key: int, country: str) -> City:
    """Return a city that gives on one to four topics, and seeks on one to four others."""
    topics = chance.sample(TOPICS, chance.randint(2, 8))
    half = len(topics) // 2
    own = "de" if country in {"DE", "AT"} else chance.choice(LANGUAGES)
    return City(
        key,
        f"City {key}",
        country,
        int(10 ** chance.uniform(3.3, 6.2)),
        {topic: chance.choice((1, 1, 2, 2, 3)) for topic in topics[:half]},
        {topic: chance.choice((1, 2, 2, 3)) for topic in topics[half:]},
        frozenset({own, "en"} if chance.random() < 0.8 else {own}),
        chance.choice((8, 10, 12, 12, 16, 20, 24, 32, 40)),
    )


def candidates(chance: random.Random, number: int) -> tuple[list[City], list[City]]:
    """Return as many German as other European cities."""
    countries = chance.choices(list(COUNTRIES), list(COUNTRIES.values()), k=number)
    germans = [random_city(chance, key, "DE") for key in range(number)]
    return germans, [random_city(chance, number + key, at) for key, at in enumerate(countries)]


def line(number: int, seed: int) -> str:
    """Measure one size; return a line of the table."""
    germans, europeans = candidates(random.Random(seed), number)  # noqa: S311 - no secret
    start = time.process_time()
    ranking = rank_pairs(germans, europeans, Weights())
    ranked = time.process_time()
    result = best_sets_of(ranking, RULES, sets=3)
    end = time.process_time()
    return (
        f"{number:>10}{ranked - start:>9.3f}{end - ranked:>10.3f}{end - start:>9.3f}"
        f"{result.nodes:>7}  {'yes' if result.is_proven else 'no':<8}"
        f"{' '.join(str(one.total) for one in result.sets)}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="of the random cities (default: 1)")
    options = parser.parse_args(arguments)
    print(
        f"{'candidates':>10}{'fits s':>9}{'search s':>10}{'all s':>9}{'nodes':>7}  "
        f"{'proven':<8}sums of fits"
    )
    for number in SIZES:
        print(line(number, options.seed), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
