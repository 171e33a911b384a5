"""Why a pair is not in a set, and why rules contradict each other, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy

from calls.cards.card import in_per_cent
from calls.cards.sentences import isolated
from calls.matching import Pair, RulesError, RulesProblem, WhyNot, WhyNotKind

#: Why a pair is not in a set; see ``calls.matching.WhyNotKind``.
WHY_NOT = {
    WhyNotKind.FORBIDDEN: gettext_lazy("A rule made by hand excludes this pair."),
    WhyNotKind.FIXED_ELSEWHERE: gettext_lazy("Held by another pair that is fixed: %(pairs)s."),
    WhyNotKind.TWINNED: gettext_lazy("They are twinned already, which the rules exclude."),
    WhyNotKind.COUNTRY_FULL: gettext_lazy("The places of the country are taken by %(pairs)s."),
    WhyNotKind.NOTHING_MET: gettext_lazy("Neither gives anything that the other seeks."),
    WhyNotKind.SET_GAINS: gettext_lazy("Nothing: with this pair the set would be better."),
    WhyNotKind.FITS_LESS: gettext_lazy("Fits %(points)s points less than %(pairs)s."),
    WhyNotKind.COSTS_PAIRS: gettext_lazy(
        "Would cost two pairs that together reach %(points)s points more: %(pairs)s."
    ),
    WhyNotKind.PLACES_FIXED: gettext_lazy("All pairs of the set are fixed."),
    WhyNotKind.NOT_CHOSEN: gettext_lazy(
        "Fits %(points)s points less than the weakest pair of the set, %(pairs)s."
    ),
}
#: Why rules cannot hold; see ``calls.matching.RulesProblem``.
PROBLEMS = {
    RulesProblem.TOO_FEW_PAIRS: gettext_lazy("A set needs at least one pair."),
    RulesProblem.TOO_FEW_PER_COUNTRY: gettext_lazy(
        "At least one partnership with a country must be allowed."
    ),
    RulesProblem.CITY_TWICE: gettext_lazy("A municipality stands twice among the candidates."),
    RulesProblem.UNKNOWN_CITY: gettext_lazy(
        "A fixed pair holds a municipality that is no candidate: %(names)s."
    ),
    RulesProblem.CITY_FIXED_TWICE: gettext_lazy(
        "A municipality is fixed in two pairs: %(names)s. Remove one of these rules."
    ),
    RulesProblem.FIXED_AND_FORBIDDEN: gettext_lazy(
        "A pair is fixed and excluded at once: %(names)s. Remove one of these rules."
    ),
    RulesProblem.MORE_FIXED_THAN_PAIRS: gettext_lazy(
        "More pairs are fixed than the set has. Raise the number of pairs or remove a rule."
    ),
    RulesProblem.COUNTRY_OVERFULL: gettext_lazy(
        "More pairs are fixed with one country than are allowed: %(names)s."
    ),
    RulesProblem.FIXED_TWINNED: gettext_lazy(
        "A fixed pair is twinned already, which the rules exclude: %(names)s."
    ),
}


def why_not_words(why: WhyNot) -> str:
    """Return why a pair is not in a set, as a sentence."""
    points = number_format(in_per_cent(abs(why.difference)), use_l10n=True)
    pairs = ", ".join(pair_name(pair) for pair in why.instead)
    return str(WHY_NOT[why.kind]) % {"points": points, "pairs": pairs}


def pair_name(pair: Pair) -> str:
    """Return both cities of a pair by name."""
    return f"{isolated(pair.german.name)} – {isolated(pair.european.name)}"


def problem_words(error: RulesError, names: Mapping[int, str]) -> str:
    """Return why rules contradict each other; ``names`` holds the candidates by key."""
    shown = [isolated(names[key]) for key in error.keys if key in names]
    return str(PROBLEMS[error.problem]) % {"names": ", ".join(shown)}
