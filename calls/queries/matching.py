"""What the matching page computes with: candidates, rules and weights, as a person may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from calls.cards import DescribedCity, cities_of
from calls.enums import Outcome, PairingState, PairRuleKind, Pool
from calls.matching import Rules, Weights
from calls.models import (
    Application,
    Call,
    Decision,
    Offer,
    Pairing,
    PairRule,
    SelectionSession,
    closed_to,
)
from municipalities.enums import Country

#: What matching does not read of an application; it reads what was sent.
TEXTS = ("challenge", "to_learn", "to_offer", "preferences", "twinnings", "departments")
#: States in which a pair is no longer computed, but taken as it is.
HELD = frozenset({PairingState.PROPOSED, PairingState.AGREED, PairingState.FORMED})
#: Primary keys of a German and of another European application.
Keys = tuple[int, int]


class Source(models.TextChoices):
    """Whom the pairs are made of."""

    CONFIRMED = "confirmed", _("confirmed municipalities")
    CHOSEN = "chosen", _("all chosen municipalities, for trial")
    SENT = "sent", _("all eligible applications, for trial")


@dataclass(frozen=True, slots=True)
class Matching:
    """Everything that the best sets of one call follow from.

    Attributes:
        applications: By primary key, which is the key of the city too.
        rules: Pairs by hand, pairs that hold their cities already (both as fixed ones), pairs for
            which a city asked for another partner (as excluded ones), and the rules of the
            procedure.
        held: Pairs that are proposed, agreed or formed: keys → state.
        closed: Candidates left out because a conflict of interest closes them to the person.
        not_applied: Fixed pairs of which a municipality is no candidate here.
    """

    call: Call
    source: Source
    applications: dict[int, Application]
    germans: list[DescribedCity]
    europeans: list[DescribedCity]
    weights: Weights
    rules: Rules
    held: dict[Keys, PairingState]
    closed: int
    not_applied: int

    @property
    def most_pairs(self) -> int:
        """Return how many pairs the candidates allow."""
        return min(len(self.germans), len(self.europeans))

    @property
    def names(self) -> dict[int, str]:
        """Return the names of all candidates by key."""
        return {city.key: city.name for city in (*self.germans, *self.europeans)}


def candidates_in(call: Call, source: str) -> Any:
    """Return the applications (a queryset) of which pairs are made, whoever looks.

    Chosen is who was offered a place and has not given it back, and, before letters are out, whom
    the decision accepts.
    """
    rows = Application.objects.sent().filter(call=call)
    offers = Offer.objects.filter(application=OuterRef("pk"))
    if source == Source.CONFIRMED:
        return rows.filter(Exists(offers.confirmed()))
    if source == Source.CHOSEN:
        accepted = Decision.objects.filter(
            session=SelectionSession.objects.current(call),
            application=OuterRef("pk"),
            outcome=Outcome.ACCEPTED,
        )
        return rows.filter(Exists(offers.living()) | (Exists(accepted) & ~Exists(offers)))
    return rows.exclude(eligibility__is_eligible=False)


def matching_for(call: Call, user: Any, source: Source, pairs: int | None = None) -> Matching:
    """Return what sets of ``pairs`` pairs follow from, for a person.

    What a conflict of interest closes to the person is left out: candidates, rules and pairings.
    Without ``pairs`` there are as many as the call has partnerships and the candidates allow.
    """
    rows = candidates_in(call, source)
    visible = rows.exclude(closed_to(user)).defer(*TEXTS).order_by("pk")
    applications = {row.pk: row for row in visible}
    cities = cities_of(applications.values())
    germans = [city for city in cities if applications[city.key].pool == Pool.GERMAN]
    europeans = [city for city in cities if applications[city.key].pool == Pool.EUROPEAN]
    by_hand = pairs_by_hand(call, user)
    states = states_of_pairs(call, user)
    held = {keys: state for keys, state in states.items() if state in HELD}
    refused = {keys for keys, state in states.items() if state == PairingState.REFUSED}
    fixed = {keys for keys, kind in by_hand.items() if kind == PairRuleKind.FIXED}
    forbidden = {keys for keys, kind in by_hand.items() if kind == PairRuleKind.FORBIDDEN}
    candidates = applications.keys()
    applied = {keys for keys in fixed | held.keys() if candidates >= set(keys)}
    most = min(len(germans), len(europeans))
    procedure = call.procedure
    rules = Rules(
        pairs=pairs or max(min(call.partnerships or most, most), 1),
        per_country=procedure.per_country,
        fixed=frozenset(applied),
        forbidden=frozenset(forbidden | (refused - applied)),
        twinning_allowed=procedure.twinning_allowed,
    )
    if not rules.twinning_allowed:
        # Twinnings are read from free text: people who fix a pair know better.
        germans, europeans = (without_hints(side, applied) for side in (germans, europeans))
    return Matching(
        call=call,
        source=source,
        applications=applications,
        germans=germans,
        europeans=europeans,
        weights=Weights(**procedure.weights),
        rules=rules,
        held=held,
        closed=rows.count() - len(applications),
        not_applied=len(fixed - applied),
    )


def pairs_by_hand(call: Call, user: Any) -> dict[Keys, str]:
    """Return the rules for pairs that a person may see: keys → ``PairRuleKind``."""
    rows = rules_of_pairs(call, user).values_list("german", "european", "kind")
    return {(german, european): kind for german, european, kind in rows}


def rules_of_pairs(call: Call, user: Any) -> Any:
    """Return the rules for pairs (a queryset) of which no city is closed to a person."""
    rows = PairRule.objects.filter(call=call)
    rows = rows.exclude(closed_to(user, "german")).exclude(closed_to(user, "european"))
    return rows.select_related("german", "european", "made_by").order_by("pk")


def states_of_pairs(call: Call, user: Any) -> dict[Keys, PairingState]:
    """Return the state of each pair that was ever proposed; the newest proposal counts."""
    rows = Pairing.objects.visible_to(user).filter(call=call).order_by("pk")
    return {
        (german, european): PairingState(state)
        for german, european, state in rows.values_list("german", "european", "state")
    }


def without_hints(cities: Iterable[DescribedCity], pairs: set[Keys]) -> list[DescribedCity]:
    """Return cities without the hint that they are twinned with their partner in a pair."""
    partners: dict[int, set[int]] = {}
    for german, european in pairs:
        partners.setdefault(german, set()).add(european)
        partners.setdefault(european, set()).add(german)
    return [
        replace(city, twinned_with=city.twinned_with - partners[city.key])
        if city.key in partners
        else city
        for city in cities
    ]


def cities_for_rules(call: Call, user: Any, pool: str) -> Any:
    """Return the sent applications (a queryset) of a pool for which a person may make rules."""
    rows = Application.objects.visible_to(user).sent().filter(call=call)
    is_german = Q(place_country=Country.DE)
    return rows.filter(is_german if pool == Pool.GERMAN else ~is_german).order_by("place_name")
