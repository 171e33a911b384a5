"""All possible partners of one city, and why each is not its partner in the best set."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from calls.admin.matching_page import PER_PAGE, ask
from calls.admin.procedure_frame import procedure_for
from calls.cards import DescribedCity, card_of, why_not_words, words_of
from calls.cards.card import in_per_cent
from calls.enums import Pool
from calls.matching import PairSet, fit_of, why_not
from calls.models import Application
from calls.queries.matching import Matching
from core.pages import list_page
from municipalities.enums import Country

#: A German and another European city.
Cities = tuple[DescribedCity, DescribedCity]
#: Of each possible partner, so many reasons and differences are shown.
REASONS, DIFFERENCES = 3, 1


@dataclass(frozen=True, slots=True)
class Possible:
    """A possible partner: what speaks for it, what tells them apart, and why it is not chosen."""

    name: str
    key: Any
    country: str
    fit: Decimal
    reasons: list[str]
    differences: list[str]
    #: Empty for the partner in the best set.
    why_not: str


def city(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Show every possible partner of a city, the best fit first."""
    call = procedure_for(request, slug).call
    asked = ask(request, call)
    matching = asked.matching
    application = next((row for row in matching.applications.values() if row.key == key), None)
    if application is None:
        raise Http404
    own, pairs = pairs_of(matching, application)
    rows: Any = pairs  # a list can be paged like a query
    found = list_page(request, rows, per_page=PER_PAGE, filters=asked.filters, personal=True)
    context = {
        **admin.site.each_context(request),
        "title": _("Possible partners of %(place)s") % {"place": own.name},
        "call": call,
        "asked": asked,
        "matching": matching,
        "own": own,
        "application": application,
        "list": found,
        "rows": [possible(matching, asked.best, own, pair) for pair in found.rows],
    }
    return render(request, "admin/calls/matching_city.html", context)


def pairs_of(matching: Matching, application: Application) -> tuple[DescribedCity, list[Cities]]:
    """Return a city, and its pairs with every candidate of the other pool, the best fit first."""
    is_german = application.pool == Pool.GERMAN
    sides = (matching.germans, matching.europeans)
    own_side, other_side = sides if is_german else (sides[1], sides[0])
    own = next(city for city in own_side if city.key == application.pk)
    pairs = [(own, other) if is_german else (other, own) for other in other_side]
    pairs.sort(key=lambda pair: -fit_of(pair[0], pair[1], matching.weights).total)
    return own, pairs


def possible(
    matching: Matching,
    best: PairSet | None,
    own: DescribedCity,
    pair: Cities,
) -> Possible:
    """Return one possible partner in words; ``pair``: the German city first."""
    other = pair[1] if pair[0] is own else pair[0]
    card = words_of(card_of(*pair, matching.weights))
    why = why_not(*pair, best, matching.weights, matching.rules) if best else None
    return Possible(
        name=other.name,
        key=matching.applications[other.key].key,
        country=str(Country(other.country).label),
        fit=in_per_cent(fit_of(*pair, matching.weights).total),
        reasons=[row.text for row in card.reasons[:REASONS]],
        differences=[row.text for row in card.differences[:DIFFERENCES]],
        why_not=why_not_words(why) if why else "",
    )
