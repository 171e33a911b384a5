"""Where applications stand after their review, and how strict those are who reviewed them.

In two sentences: somebody's deviation is the mean, over the applications that he or she read
together with others, of the own total minus the mean of the others' totals on the same application.
Few comparisons say little, so only the share n / (n + 4) of it is taken off that person's totals
(n = compared applications), and the corrected value of an application is the mean of what remains.

Sources. That examiners differ in strictness and that this can be estimated and taken off:
S. R. Paul, "Bayesian methods for calibration of examiners", British Journal of Mathematical and
Statistical Psychology 34 (1981), 213–223; for panels in which not everybody reads everything:
R. S. MacKay, R. Kenna, R. J. Low, S. Parker, "Calibration with confidence", Royal Society Open
Science 4 (2017), 160760. The share n / (n + k) is the credibility factor of H. Bühlmann,
"Experience rating and credibility", ASTIN Bulletin 4 (1967), 199–207, where k is the variance of
single differences over the variance of strictness between people; k = 4 takes the former to scatter
twice as widely as the latter (in standard deviations).

Two limits. Strictness is relative to whom one read with: if the same people read everything, the
corrections of an application cancel out. And the method goes one step: who reads with a strict
colleague looks a little mild. The models named above solve all differences at once. In simulated
calls they came no nearer to the truth where readers were well mixed, and a little nearer where
people read in fixed teams.

Nothing here asks a database. Totals are reckoned in whole hundredths and differences are summed
exactly, so the order of the input changes no digit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import fsum, sqrt
from operator import mul
from typing import NamedTuple, TypeAlias

#: The scale of a criterion, and so of a total: from 0 to this.
HIGHEST = 5
#: With as many compared applications, half of a deviation is believed (k in the module's text).
HALF_BELIEVED = 4

#: Application → its reviewers, their organisations and their totals in hundredths, side by side.
Marks: TypeAlias = dict[int, tuple[list[int], list[int], list[int]]]


class Judgement(NamedTuple):
    """One filed review: who of which organisation gave which total to which application.

    ``total`` is a number from 0 to 5 with two decimals, as ``total_of`` gives it.
    """

    application: int
    reviewer: int
    organisation: int
    total: float


#: A judgement, or a plain tuple in its order: of thousands that takes a fifth of the time to make.
Judged: TypeAlias = tuple[int, int, int, float]


class Place(NamedTuple):
    """Where one application stands; all values are on the scale from 0 to 5.

    ``spread`` is the sample standard deviation of the totals, 0 with one review. ``corrected`` is
    the mean after the strictness of its reviewers was taken off. ``rank`` counts from 1, by mean.
    """

    application: int
    reviews: int
    mean: float
    spread: float
    lowest: float
    highest: float
    corrected: float
    is_disputed: bool
    rank: int


class Strictness(NamedTuple):
    """How somebody's totals compare with those of others on the same applications.

    ``reviews`` counts all filed, ``compared`` the applications that others read too. ``mean`` is
    that of the own totals, ``deviation`` the mean difference to the others (negative: stricter),
    ``correction`` the part of it that is believed; both are 0 where nothing could be compared.
    """

    reviews: int
    compared: int
    mean: float
    deviation: float
    correction: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Applications in the order of their places; reviewers and organisations by their keys.

    The order is stable: mean from high to low, then corrected value from high to low, then the
    key of the application. Equal means share a rank: 1, 1, 3.
    """

    rows: dict[int, Place]
    reviewers: dict[int, Strictness]
    organisations: dict[int, Strictness]


def total_of(scores: Iterable[tuple[int, int]]) -> Decimal:
    """Return the weighted mean of (weight, step) pairs, with two decimals, halves rounded up.

    Weights usually sum to 100, but whatever they sum to divides; steps are from 0 to 5.

    Raises:
        ValueError: if there is no weight at all, a negative one, or a step off the scale.
    """
    points = weights = 0
    for weight, step in scores:
        if weight < 0:
            raise ValueError(f"A weight is not negative: {weight}")
        if not 0 <= step <= HIGHEST:
            raise ValueError(f"A step is from 0 to {HIGHEST}: {step}")
        points += weight * step
        weights += weight
    if not weights:
        raise ValueError("Without a weighted score there is no total")
    return Decimal((200 * points + weights) // (2 * weights)).scaleb(-2)


def standing_of(
    judgements: Iterable[Judged], *, disputed_from: float = 1.5, with_organisations: bool = True
) -> Standing:
    """Return places and strictness; the order of the judgements does not matter.

    An application is disputed when it has at least two reviews and its highest and lowest total
    are ``disputed_from`` or more apart. The strictness of organisations compares with reviews of
    other organisations; it is for people to look at and corrects nothing, and is empty where it is
    not asked for.

    Raises:
        ValueError: if a total is off the scale, or somebody reviewed an application twice.
    """
    marks = _marks_of(judgements)
    reviewers = _strictness_by_reviewer(marks)
    return Standing(
        _rows(marks, reviewers, round(disputed_from * 100)),
        reviewers,
        _strictness_by_organisation(marks) if with_organisations else {},
    )


def _marks_of(judgements: Iterable[Judged]) -> Marks:
    """Return the totals by application and reviewer, in hundredths."""
    marks: Marks = {}
    for application, reviewer, organisation, total in judgements:
        if not 0 <= total <= HIGHEST:
            raise ValueError(f"A total is from 0 to {HIGHEST}: {total}")
        if application not in marks:
            marks[application] = [], [], []
        reviewers, organisations, totals = marks[application]
        if reviewer in reviewers:
            raise ValueError(f"Reviewer {reviewer} has two reviews of application {application}")
        reviewers.append(reviewer)
        organisations.append(organisation)
        totals.append(round(total * 100))
    return marks


def _strictness_by_reviewer(marks: Marks) -> dict[int, Strictness]:
    """Return how every reviewer compares with the other reviewers."""
    totals: dict[int, list[int]] = defaultdict(list)
    differences: dict[int, list[float]] = defaultdict(list)
    for reviewers, _organisations, given in marks.values():
        others, together = len(given) - 1, sum(given)
        for reviewer, total in zip(reviewers, given, strict=True):
            totals[reviewer].append(total)
            if others:
                differences[reviewer].append(total - (together - total) / others)
    return {key: _strictness(totals[key], differences[key]) for key in sorted(totals)}


def _strictness_by_organisation(marks: Marks) -> dict[int, Strictness]:
    """Return how every organisation compares with the other organisations."""
    totals: dict[int, list[int]] = defaultdict(list)
    differences: dict[int, list[float]] = defaultdict(list)
    for _reviewers, organisations, given in marks.values():
        own: dict[int, list[int]] = {}
        for organisation, total in zip(organisations, given, strict=True):
            if organisation in own:
                own[organisation].append(total)
            else:
                own[organisation] = [total]
        together = sum(given)
        for organisation, mine in own.items():
            totals[organisation] += mine
            others = len(given) - len(mine)
            if others:
                points = sum(mine)
                differences[organisation].append(points / len(mine) - (together - points) / others)
    return {key: _strictness(totals[key], differences[key]) for key in sorted(totals)}


def _strictness(totals: list[int], differences: list[float]) -> Strictness:
    """Return the strictness that follows from totals and differences in hundredths."""
    compared = len(differences)
    # fsum rounds once, at the end, and so does not depend on the order of what it sums.
    deviation = fsum(differences) / compared / 100 if compared else 0.0
    return Strictness(
        reviews=len(totals),
        compared=compared,
        mean=sum(totals) / (100 * len(totals)),
        deviation=deviation,
        correction=deviation * compared / (compared + HALF_BELIEVED),
    )


def _rows(
    marks: Marks, reviewers: Mapping[int, Strictness], disputed_from: int
) -> dict[int, Place]:
    """Return the places in their order; ``disputed_from`` is in hundredths."""
    corrections = {key: one.correction for key, one in reviewers.items()}
    means = []
    for application, (readers, _organisations, totals) in marks.items():
        mean = sum(totals) / (100 * len(totals))
        taken_off = fsum(map(corrections.__getitem__, readers)) / len(totals)
        corrected = min(max(mean - taken_off, 0.0), float(HIGHEST))
        # Rounded, lest the last binary digit decides where the key of the application should.
        means.append((-mean, -round(corrected, 9), application, corrected))
    means.sort()
    rows: dict[int, Place] = {}
    rank, before = 0, None
    for number, (mean, _, application, corrected) in enumerate(means, start=1):
        if mean != before:
            rank, before = number, mean
        totals = marks[application][2]
        rows[application] = _place(application, totals, corrected, disputed_from, rank)
    return rows


def _place(
    application: int, totals: list[int], corrected: float, disputed_from: int, rank: int
) -> Place:
    """Return one place; ``totals`` and ``disputed_from`` are in hundredths."""
    reviews, points = len(totals), sum(totals)
    lowest, highest = min(totals), max(totals)
    spread = 0.0
    if reviews > 1:
        squares = sum(map(mul, totals, totals))
        spread = sqrt((reviews * squares - points * points) / (reviews * (reviews - 1))) / 100
    return Place(
        application,
        reviews,
        points / (100 * reviews),
        spread,
        lowest / 100,
        highest / 100,
        corrected,
        is_disputed=reviews > 1 and highest - lowest >= disputed_from,
        rank=rank,
    )
