"""Why two cities are not a pair of a set, as a fact; words are made elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from calls.matching.cities import City, are_twinned
from calls.matching.fit import Fit, Weights, fit_of
from calls.matching.ranking import Ranking
from calls.matching.rules import Pair, PairSet, Rules, RulesError
from calls.matching.search import best_sets_of


class WhyNotKind(StrEnum):
    """Why a pair is not in a set; of several reasons, the first of these is given."""

    FORBIDDEN = "forbidden"  #: Somebody forbade the pair.
    FIXED_ELSEWHERE = "fixed_elsewhere"  #: One city or both are fixed in other pairs.
    TWINNED = "twinned"  #: A town twinning exists, which the rules exclude.
    COUNTRY_FULL = "country_full"  #: Other pairs have all places of the country.
    NOTHING_MET = "nothing_met"  #: Neither gives anything that the other seeks.
    SET_GAINS = "set_gains"  #: Nothing: the set would be better with it.
    FITS_LESS = "fits_less"  #: It fits no better than the best pair that one of the cities is in.
    COSTS_PAIRS = "costs_pairs"  #: It fits better than each of their two pairs, not than both.
    PLACES_FIXED = "places_fixed"  #: All pairs of the set are fixed, none with these cities.
    NOT_CHOSEN = "not_chosen"  #: Neither is chosen; the pair fits no better than the weakest one.


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a pair is not in a set.

    Attributes:
        kind: The reason.
        fit: How well the pair fits.
        instead: The pairs of the set in its way: those of these cities, best fit first
            (``FITS_LESS``, ``COSTS_PAIRS``, ``FIXED_ELSEWHERE``: only fixed ones), those of the
            country (``COUNTRY_FULL``), the weakest that is not fixed (``NOT_CHOSEN``). For
            ``SET_GAINS``, those of them that it would replace; empty if a place is free.
        difference: How much less it fits than the best of its cities' pairs (``FITS_LESS``), both
            together (``COSTS_PAIRS``), the weakest of the others in ``instead``; 0 without any.
            In ten-thousandths; below 0 if it fits better.
        loss: How much less the best set with this pair is worth than the set, in ten-thousandths;
            nothing if it was not computed, or if the rules leave no set with it.
    """

    kind: WhyNotKind
    fit: Fit
    instead: tuple[Pair, ...] = ()
    difference: int = 0
    loss: int | None = None


def why_not(
    german: City,
    european: City,
    chosen: PairSet,
    weights: Weights,
    rules: Rules,
    *,
    ranking: Ranking | None = None,
) -> WhyNot | None:
    """Return why the pair is not in the chosen set, or nothing if it is.

    Args:
        german: A candidate.
        european: A candidate from another country.
        chosen: A set that obeys the rules, the best one or another.
        weights: With which the set was found.
        rules: The same.
        ranking: If given, the loss for the whole set is computed too, which takes some
            milliseconds. Both cities must be in it, and its weights are the same.
    """
    if (german.key, european.key) in chosen.keys:
        return None
    fit = fit_of(german, european, weights)
    mine = tuple(
        sorted(
            (
                pair
                for pair in chosen.pairs
                if pair.german.key == german.key or pair.european.key == european.key
            ),
            key=lambda pair: (-pair.fit.total, pair.keys),
        )
    )
    if by_hand := _by_hand(german, european, fit, mine, rules):
        return by_hand
    loss = None if ranking is None else _loss((german.key, european.key), chosen, rules, ranking)
    if full := _full_country(european, fit, mine, chosen, rules):
        return replace(full, loss=loss)
    if not fit.german_met and not fit.european_met:
        return WhyNot(WhyNotKind.NOTHING_MET, fit, mine, loss=loss)
    found = _against_own(fit, mine) if mine else _against_weakest(fit, chosen, rules)
    if loss is not None and loss < 0:
        return replace(found, kind=WhyNotKind.SET_GAINS, loss=loss)
    return replace(found, loss=loss)


def _by_hand(
    german: City, european: City, fit: Fit, mine: tuple[Pair, ...], rules: Rules
) -> WhyNot | None:
    """Return the rule for these very cities that speaks against the pair."""
    if (german.key, european.key) in rules.forbidden:
        return WhyNot(WhyNotKind.FORBIDDEN, fit)
    if any(one == german.key or other == european.key for one, other in rules.fixed):
        fixed = tuple(pair for pair in mine if pair.keys in rules.fixed)
        return WhyNot(WhyNotKind.FIXED_ELSEWHERE, fit, fixed, _lack(fit, fixed))
    if not rules.twinning_allowed and are_twinned(german, european):
        return WhyNot(WhyNotKind.TWINNED, fit)
    return None


def _full_country(
    european: City, fit: Fit, mine: tuple[Pair, ...], chosen: PairSet, rules: Rules
) -> WhyNot | None:
    """Return that the country is full, even once the cities have left their own pairs."""
    others = tuple(
        pair
        for pair in chosen.pairs
        if pair.european.country == european.country and pair not in mine
    )
    if rules.per_country is None or len(others) < rules.per_country:
        return None
    return WhyNot(WhyNotKind.COUNTRY_FULL, fit, others, _lack(fit, others))


def _against_own(fit: Fit, mine: tuple[Pair, ...]) -> WhyNot:
    """Return how the pair compares with the one or two pairs that its cities are in, best first."""
    difference = mine[0].fit.total - fit.total
    if difference >= 0:
        return WhyNot(WhyNotKind.FITS_LESS, fit, mine, difference)
    together = sum(pair.fit.total for pair in mine) - fit.total
    kind = WhyNotKind.COSTS_PAIRS if together >= 0 else WhyNotKind.SET_GAINS
    return WhyNot(kind, fit, mine, together)


def _against_weakest(fit: Fit, chosen: PairSet, rules: Rules) -> WhyNot:
    """Return how the pair compares with the weakest one that could give way to it."""
    if len(chosen.pairs) < rules.pairs:
        return WhyNot(WhyNotKind.SET_GAINS, fit, (), -fit.total)
    free = [pair for pair in chosen.pairs if pair.keys not in rules.fixed]
    if not free:
        return WhyNot(WhyNotKind.PLACES_FIXED, fit)
    weakest = min(free, key=lambda pair: (pair.fit.total, pair.keys))
    difference = weakest.fit.total - fit.total
    kind = WhyNotKind.NOT_CHOSEN if difference >= 0 else WhyNotKind.SET_GAINS
    return WhyNot(kind, fit, (weakest,), difference)


def _lack(fit: Fit, others: tuple[Pair, ...]) -> int:
    """Return how much less the pair fits than the weakest of others; 0 if there are none."""
    return min((pair.fit.total for pair in others), default=fit.total) - fit.total


def _loss(keys: tuple[int, int], chosen: PairSet, rules: Rules, ranking: Ranking) -> int | None:
    """Return what the chosen set is worth more than the best one with the pair, if there is one."""
    try:
        result = best_sets_of(ranking, replace(rules, fixed=rules.fixed | {keys}), sets=1)
    except RulesError:  # the fixed pairs leave no room for it
        return None
    return chosen.total - result.sets[0].total if result.sets else None
