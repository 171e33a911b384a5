"""Matching of one German with one other European municipality: fit, best sets, reasons.

Pure: it knows neither Django nor models, and makes no words. Whoever calls it turns applications
into :class:`City` and what comes back into sentences. All scores are whole numbers, so every
machine gives the same answer.
"""

from __future__ import annotations

from calls.matching.cities import (
    City as City,
    CityType as CityType,
    are_twinned as are_twinned,
    city_type as city_type,
)
from calls.matching.differences import (
    Difference as Difference,
    DifferenceKind as DifferenceKind,
    differences_of as differences_of,
)
from calls.matching.fit import (
    SCALE as SCALE,
    Fit as Fit,
    Weights as Weights,
    fit_of as fit_of,
)
from calls.matching.ranking import (
    Ranking as Ranking,
    rank_pairs as rank_pairs,
)
from calls.matching.reasons import (
    Reason as Reason,
    ReasonKind as ReasonKind,
    reasons_of as reasons_of,
)
from calls.matching.rules import (
    Pair as Pair,
    PairSet as PairSet,
    Rules as Rules,
    RulesError as RulesError,
    RulesProblem as RulesProblem,
    check_rules as check_rules,
)
from calls.matching.search import (
    NODE_LIMIT as NODE_LIMIT,
    Result as Result,
    best_sets as best_sets,
    best_sets_of as best_sets_of,
)
from calls.matching.why import (
    WhyNot as WhyNot,
    WhyNotKind as WhyNotKind,
    why_not as why_not,
)
