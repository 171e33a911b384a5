"""What a set of pairs must obey, and what is a set of pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from calls.matching.cities import City, are_twinned
from calls.matching.fit import Fit

Keys = tuple[int, int]  # of the German and of the other European city


@dataclass(frozen=True, slots=True)
class Rules:
    """What every set of pairs obeys, beside that a city is in one pair at most.

    Attributes:
        pairs: How many pairs a set has, exactly.
        per_country: At most so many of the other European cities from one country; nothing: any.
        fixed: Pairs that are in every set, as keys of the German and the other European city.
        forbidden: Pairs that are in no set. Cities that are no candidates do no harm here.
        twinning_allowed: Whether cities with a town twinning may be matched.
    """

    pairs: int
    per_country: int | None = None
    fixed: frozenset[Keys] = frozenset()
    forbidden: frozenset[Keys] = frozenset()
    twinning_allowed: bool = True


class RulesProblem(StrEnum):
    """Why rules cannot hold, for machines."""

    TOO_FEW_PAIRS = "too_few_pairs"
    TOO_FEW_PER_COUNTRY = "too_few_per_country"
    CITY_TWICE = "city_twice"
    UNKNOWN_CITY = "unknown_city"
    CITY_FIXED_TWICE = "city_fixed_twice"
    FIXED_AND_FORBIDDEN = "fixed_and_forbidden"
    MORE_FIXED_THAN_PAIRS = "more_fixed_than_pairs"
    COUNTRY_OVERFULL = "country_overfull"
    FIXED_TWINNED = "fixed_twinned"


class RulesError(ValueError):
    """Rules contradict each other or the candidates.

    Attributes:
        problem: What is wrong.
        keys: The cities concerned, sorted; empty if it is none in particular.
    """

    def __init__(self, problem: RulesProblem, keys: Iterable[int] = ()) -> None:
        self.problem = problem
        self.keys = tuple(sorted(set(keys)))
        super().__init__(f"{problem.value}: {self.keys}" if self.keys else problem.value)


@dataclass(frozen=True, slots=True)
class Pair:
    """A German and another European city with their fit."""

    german: City
    european: City
    fit: Fit

    @property
    def keys(self) -> Keys:
        """Return the keys of the German and of the other European city."""
        return self.german.key, self.european.key


@dataclass(frozen=True, slots=True)
class PairSet:
    """Pairs that share no city, sorted by their keys."""

    pairs: tuple[Pair, ...]

    @property
    def total(self) -> int:
        """Return the sum of the fits in ten-thousandths of a perfect pair."""
        return sum(pair.fit.total for pair in self.pairs)

    @property
    def keys(self) -> tuple[Keys, ...]:
        """Return the keys of all pairs."""
        return tuple(pair.keys for pair in self.pairs)


def check_rules(rules: Rules, germans: Iterable[City], europeans: Iterable[City]) -> None:
    """Raise :class:`RulesError` if no set could ever obey the rules, with the first reason found.

    Whether enough good candidates are left is not asked here: that is what the search finds out.
    """
    left, right = list(germans), list(europeans)
    if rules.pairs < 1:
        raise RulesError(RulesProblem.TOO_FEW_PAIRS)
    if rules.per_country is not None and rules.per_country < 1:
        raise RulesError(RulesProblem.TOO_FEW_PER_COUNTRY)
    if twice := _repeated(city.key for city in (*left, *right)):
        raise RulesError(RulesProblem.CITY_TWICE, twice)
    german_by_key = {city.key: city for city in left}
    european_by_key = {city.key: city for city in right}
    unknown = {german for german, _ in rules.fixed} - german_by_key.keys()
    unknown |= {european for _, european in rules.fixed} - european_by_key.keys()
    if unknown:
        raise RulesError(RulesProblem.UNKNOWN_CITY, unknown)
    _check_fixed(rules, german_by_key, european_by_key)


def _check_fixed(rules: Rules, germans: Mapping[int, City], europeans: Mapping[int, City]) -> None:
    """Raise if fixed pairs, all of known cities, break a rule."""
    if twice := _repeated(key for keys in rules.fixed for key in keys):
        raise RulesError(RulesProblem.CITY_FIXED_TWICE, twice)
    if both := rules.fixed & rules.forbidden:
        raise RulesError(RulesProblem.FIXED_AND_FORBIDDEN, min(both))
    if len(rules.fixed) > rules.pairs:
        raise RulesError(RulesProblem.MORE_FIXED_THAN_PAIRS)
    if rules.per_country is not None:
        countries = Counter(europeans[key].country for _, key in rules.fixed)
        full = {country for country, number in countries.items() if number > rules.per_country}
        if full:
            keys = {key for _, key in rules.fixed if europeans[key].country in full}
            raise RulesError(RulesProblem.COUNTRY_OVERFULL, keys)
    if not rules.twinning_allowed:
        for one, other in sorted(rules.fixed):
            if are_twinned(germans[one], europeans[other]):
                raise RulesError(RulesProblem.FIXED_TWINNED, (one, other))


def _repeated(keys: Iterable[int]) -> Sequence[int]:
    """Return the keys that come more than once."""
    return [key for key, number in Counter(keys).items() if number > 1]
