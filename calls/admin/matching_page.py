"""The matching page of a call: the best set of pairs with its reasons, the next ones, the rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls.admin.procedure_frame import procedure_for
from calls.cards import CardWords, DescribedCity, card_of, pair_name, problem_words, words_of
from calls.cards.card import PARTS, in_per_cent
from calls.enums import ConsentAnswer, PairingState, Pool
from calls.forms import PairRuleForm
from calls.matching import PairSet, Result, RulesError, best_sets
from calls.models import Call, Pairing, Procedure
from calls.queries.matching import (
    Matching,
    Source,
    candidates_in,
    cities_for_rules,
    matching_for,
    rules_of_pairs,
)
from core.pages import Filters, list_page

PER_PAGE = 50
#: The best set and the next best ones.
SETS = 4


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A pair of the best set: both cities, the card in words, and whether it is proposed already.

    ``value`` names the pair in a form.
    """

    german: DescribedCity
    european: DescribedCity
    german_key: Any
    european_key: Any
    card: CardWords
    value: str
    state: PairingState | None


@dataclass(frozen=True, slots=True)
class NextSet:
    """A next best set: its fit in per cent, how much that is less, and which pairs differ."""

    fit: Decimal
    less: Decimal
    gone: list[str]
    come: list[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, and what follows from it."""

    matching: Matching
    filters: Filters
    #: Nothing where the rules contradict each other or there are no candidates.
    result: Result | None
    problem: str

    @property
    def query(self) -> str:
        """Return the query string that asks for the same."""
        chosen = {"candidates": str(self.matching.source), "pairs": str(self.matching.rules.pairs)}
        return urlencode(chosen)

    @property
    def best(self) -> PairSet | None:
        """Return the best set, if there is one."""
        return self.result.sets[0] if self.result and self.result.sets else None


def index(request: HttpRequest) -> HttpResponse:
    """List the calls with a selection, and how far their pairs are."""
    require(request.user, Permission.PREPARE_SELECTION)
    rows = Procedure.objects.select_related("call").order_by("-pk")
    page = list_page(request, rows, per_page=PER_PAGE, personal=True)
    pairings = Pairing.objects.visible_to(request.user).filter(
        call__in=[row.call_id for row in page.rows]
    )
    states = Counter(pairings.values_list("call", "state"))
    context = {
        **admin.site.each_context(request),
        "title": _("Matching"),
        "list": page,
        "rows": [
            (
                row.call,
                [(s, states[row.call_id, s]) for s in PairingState if states[row.call_id, s]],
            )
            for row in page.rows
        ],
    }
    return render(request, "admin/calls/matching_list.html", context)


def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the best sets of pairs for a choice of candidates, and what leads to them."""
    call = procedure_for(request, slug).call
    return show(request, call, rule_form_for(request, call))


def rule_form_for(request: HttpRequest, call: Call, data: Any = None) -> PairRuleForm:
    """Return the form for a rule, with the cities that the person may see."""
    germans, europeans = (cities_for_rules(call, request.user, pool) for pool in Pool)
    return PairRuleForm(data, germans=germans, europeans=europeans)


def show(
    request: HttpRequest, call: Call, rule_form: PairRuleForm, status: int = 200
) -> HttpResponse:
    """Return the page; ``rule_form`` may hold what was typed and is wrong."""
    asked = ask(request, call)
    matching, best = asked.matching, asked.best
    pairings = Pairing.objects.visible_to(request.user).filter(call=call).with_cities()
    proposals = list_page(
        request, pairings.order_by("-pk"), per_page=PER_PAGE, filters=asked.filters, personal=True
    )
    context = {
        **admin.site.each_context(request),
        "title": _("Matching"),
        "call": call,
        "asked": asked,
        "matching": matching,
        "may_propose": matching.source == Source.CONFIRMED,
        "has_news": any(pair.keys not in matching.held for pair in best.pairs) if best else False,
        "weights": [(PARTS[part], weight) for part, weight in call.procedure.weights.items()],
        "pairs": shown_pairs(matching, best) if best else [],
        "fit": mean_fit(best) if best else None,
        "others": next_sets(asked.result) if asked.result else [],
        "rest": cities_without_partner(matching, best),
        "hand_rules": rules_of_pairs(call, request.user),
        "rule_form": rule_form,
        "forms": [rule_form],
        "has_errors": bool(rule_form.errors),
        "list": proposals,
        "proposals": [(row, answers_of(row)) for row in proposals.rows],
    }
    return render(request, "admin/calls/matching_page.html", context, status=status)


def ask(request: HttpRequest, call: Call) -> Asked:
    """Read the address, and find the best sets."""
    filters = Filters(request)
    chosen = filters.choose(
        "candidates", _("Candidates"), [(value, str(label)) for value, label in Source.choices]
    )
    source = Source(chosen) if chosen else first_source(call)
    numbers = [(str(number), str(number)) for number in range(1, most_pairs(call) + 1)]
    wanted = filters.choose("pairs", _("Number of pairs"), numbers)
    matching = matching_for(call, request.user, source, int(wanted) if wanted else None)
    if not matching.most_pairs:
        return Asked(matching, filters, None, "")
    try:
        result = best_sets(
            matching.germans, matching.europeans, matching.weights, matching.rules, sets=SETS
        )
    except RulesError as error:
        return Asked(matching, filters, None, problem_words(error, matching.names))
    return Asked(matching, filters, result, "")


def first_source(call: Call) -> Source:
    """Return whom the page begins with: the narrowest choice that is not empty."""
    return next((one for one in Source if candidates_in(call, one).exists()), Source.SENT)


def most_pairs(call: Call) -> int:
    """Return up to how many pairs can be asked for."""
    return max(call.partnerships or 0, call.places_german or 0, call.places_european or 0, 12)


def shown_pairs(matching: Matching, found: PairSet) -> list[ShownPair]:
    """Return the pairs of a set with their cards in words, the best fit first."""
    cities = {city.key: city for city in (*matching.germans, *matching.europeans)}
    return [
        ShownPair(
            german=cities[pair.german.key],
            european=cities[pair.european.key],
            german_key=matching.applications[pair.german.key].key,
            european_key=matching.applications[pair.european.key].key,
            card=words_of(
                card_of(cities[pair.german.key], cities[pair.european.key], matching.weights)
            ),
            value=f"{pair.german.key}.{pair.european.key}",
            state=matching.held.get(pair.keys),
        )
        for pair in sorted(found.pairs, key=lambda pair: (-pair.fit.total, pair.keys))
    ]


def mean_fit(found: PairSet) -> Decimal:
    """Return the mean fit of the pairs of a set, in per cent."""
    return in_per_cent(found.total / len(found.pairs))


def next_sets(result: Result) -> list[NextSet]:
    """Return the next best sets by what differs from the best one."""
    if not result.sets:
        return []
    best, *others = result.sets
    size = len(best.pairs)
    return [
        NextSet(
            fit=mean_fit(other),
            less=in_per_cent((best.total - other.total) / size),
            gone=[pair_name(pair) for pair in best.pairs if pair.keys not in other.keys],
            come=[pair_name(pair) for pair in other.pairs if pair.keys not in best.keys],
        )
        for other in others
    ]


def cities_without_partner(
    matching: Matching, best: PairSet | None
) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return the candidates of each pool that are in no pair of the best set, by name."""
    chosen = {key for keys in (best.keys if best else ()) for key in keys}
    return [
        (
            str(pool.label),
            [
                (city.name, matching.applications[city.key].key)
                for city in sorted(cities, key=lambda city: city.name)
                if city.key not in chosen
            ],
        )
        for pool, cities in ((Pool.GERMAN, matching.germans), (Pool.EUROPEAN, matching.europeans))
    ]


def answers_of(pairing: Pairing) -> list[tuple[str, str, str]]:
    """Return for each city of a pairing its name, its answer in words, and the reason, if any."""
    consents = {row.application_id: row for row in pairing.consents.all()}
    found = []
    for application in (pairing.german, pairing.european):
        consent = consents.get(application.pk)
        words = str(ConsentAnswer(consent.answer).label) if consent else _("no answer yet")
        found.append((application.place_name, words, consent.reason if consent else ""))
    return found
