"""The selection of a call as one person may see it, and what lists make of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from calls.cards import cities_of
from calls.document import in_language
from calls.effect import (
    Candidate,
    Effect,
    Entry,
    chosen_of,
    effect_of,
    places_of,
)
from calls.enums import ListOutcome, PairRuleKind, Pool
from calls.matching import SCALE, City, Rules, RulesError, Weights, best_sets_of, rank_pairs
from calls.models import Application, Call, ListEntry, PairRule, Review
from calls.numbers import SENT
from calls.queries.candidates import candidates_of, standing_by, with_topics
from calls.queries.standing import Named, closed_applications
from calls.standing import Standing
from municipalities.enums import Country


@dataclass(frozen=True, slots=True)
class ViewedSelection:
    """What one person may know of a selection.

    ``candidates`` are the sent applications that are open to the person, in the order of their
    standing, those without a review last; ``closed`` names those that a conflict of interest
    closes, and nothing here counts them.
    """

    call: Call
    candidates: dict[int, Candidate]
    standing: Standing
    closed: tuple[Named, ...]

    @property
    def places(self) -> dict[Pool, int | None]:
        """Return the places of each pool."""
        return places_of(self.call.places_german, self.call.places_european)

    def chosen_in(self, lists: Mapping[int, Mapping[int, Entry]]) -> set[int]:
        """Return the applications (primary keys) that at least one of the lists chooses."""
        rows = self.candidates.values()
        return {one.pk for entries in lists.values() for one in chosen_of(rows, entries)}

    def naming_topics(self, keys: Collection[int]) -> ViewedSelection:
        """Return it with the topics of some applications, which is one question."""
        named = with_topics(self.candidates[pk] for pk in keys)
        return replace(self, candidates={**self.candidates, **named})


def selection_for(call: Call, user: Any, *lists: int) -> ViewedSelection:
    """Return the selection as ``user`` may see it: three questions, with the procedure of a call.

    What the person still has to review shows no standing: others' reviews are invisible until
    then. What one of ``lists`` (primary keys) names is there too, even if it is no longer sent.
    """
    wanted = Q(state__in=SENT)
    if lists:
        named = ListEntry.objects.filter(selection_list__in=lists).exclude(outcome=ListOutcome.LEFT)
        wanted |= Q(pk__in=named.values("application"))
    visible = Application.objects.visible_to(user).filter(wanted, call=call)
    found = candidates_of(call, visible)
    shown = {pk for pk, one in found.items() if one.is_sent}
    standing = standing_by(call, Review.objects.visible_to(user), shown)
    ordered = {pk: found[pk] for pk in (*standing.rows, *found)}
    return ViewedSelection(call, ordered, standing, closed_applications(call, user))


@dataclass(frozen=True, slots=True)
class PossiblePairs:
    """The best set of pairs among the chosen ones.

    ``number`` pairs go together under the rules of the procedure; ``fit`` is the sum of their fits,
    in pairs (6.0: six perfect ones); ``wanted`` is how many there should be.
    """

    number: int
    wanted: int
    fit: float


@dataclass(frozen=True, slots=True)
class ListEffect:
    """What a list makes of the set, and which pairs are possible among the chosen ones."""

    effect: Effect
    pairs: PossiblePairs


def effects_of(
    selection: ViewedSelection, lists: Mapping[int, Mapping[int, Entry]]
) -> dict[int, ListEffect]:
    """Return the effect of each list (primary key), in as many questions for one as for four.

    Only what is open to the person is counted. Topics are those that the chosen ones sent.
    """
    candidates = dict(selection.candidates)
    # What matching needs of an application besides what was sent; it is not asked for again.
    cities = cities_of(
        Application(
            pk=pk,
            municipality_id=candidates[pk].municipality,
            place_country=candidates[pk].country,
        )
        for pk in sorted(selection.chosen_in(lists))
    )
    for city in cities:
        names = {topic: in_language(dict(known)) for topic, known in city.topic_names.items()}
        candidates[city.key] = candidates[city.key]._replace(
            gives=tuple(names[topic] for topic in city.gives),
            seeks=tuple(names[topic] for topic in city.seeks),
        )
    rules, weights = rules_of_pairs(selection.call), Weights(**selection.call.procedure.weights)
    found = {}
    for pk, entries in lists.items():
        of_list = {one.pk for one in chosen_of(candidates.values(), entries)}
        found[pk] = ListEffect(
            effect_of(candidates.values(), entries, selection.places),
            pairs_of((city for city in cities if city.key in of_list), weights, rules),
        )
    return found


def rules_of_pairs(call: Call) -> Rules:
    """Return the hard rules of a procedure; as many pairs as the call has partnerships."""
    kinds: dict[str, set[tuple[int, int]]] = {kind: set() for kind in PairRuleKind}
    rows = PairRule.objects.filter(call=call)
    for kind, german, european in rows.values_list("kind", "german", "european"):
        kinds[kind].add((german, european))
    wanted = min(call.places_german or 0, call.places_european or 0)
    return Rules(
        pairs=call.partnerships or wanted,
        per_country=call.procedure.per_country,
        fixed=frozenset(kinds[PairRuleKind.FIXED]),
        forbidden=frozenset(kinds[PairRuleKind.FORBIDDEN]),
        twinning_allowed=call.procedure.twinning_allowed,
    )


def pairs_of(cities: Iterable[City], weights: Weights, rules: Rules) -> PossiblePairs:
    """Return the best set of as many pairs as go together, at most ``rules.pairs``.

    Pairs that people fixed count only where both cities are chosen.
    """
    rows = list(cities)
    germans = [city for city in rows if city.country == Country.DE]
    europeans = [city for city in rows if city.country != Country.DE]
    keys = {city.key for city in rows}
    fixed = frozenset(pair for pair in rules.fixed if keys.issuperset(pair))
    ranking = rank_pairs(germans, europeans, weights)
    for number in range(min(rules.pairs, len(germans), len(europeans)), 0, -1):
        trial = Rules(number, rules.per_country, fixed, rules.forbidden, rules.twinning_allowed)
        try:
            found = best_sets_of(ranking, trial, sets=1).sets
        except RulesError:  # fixed pairs that cannot go together; people mend them elsewhere
            break
        if found:
            return PossiblePairs(number, rules.pairs, found[0].total / SCALE)
    return PossiblePairs(0, rules.pairs, 0.0)
