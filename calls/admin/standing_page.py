"""Where the applications to a call stand: values, differences between reviewers, the formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _, gettext_lazy

from calls.admin.application_list import LONGEST_QUESTION, POOLS, Order, found_by
from calls.admin.procedure_frame import frame, procedure_for
from calls.admin.standing_rows import Check as Check, check_of as check_of, rows_of
from calls.admin.strictness import names_in, strictness_rows
from calls.enums import Pool, Side
from calls.models import Application, ApplicationTopic, Procedure
from calls.queries import ViewedStanding, standing_for
from calls.standing import HALF_BELIEVED, Place
from core.pages import Filters, list_page
from municipalities.queries import country_choices

PER_PAGE = 50


CHECKS = {
    Check.ELIGIBLE: Q(eligibility__is_eligible=True),
    Check.INELIGIBLE: Q(eligibility__is_eligible=False),
    Check.OPEN: Q(eligibility=None),
}


class Reviewed(models.TextChoices):
    """What the reviews of an application say together."""

    DISPUTED = "disputed", gettext_lazy("disputed")
    UNDISPUTED = "undisputed", gettext_lazy("not disputed")
    NONE = "none", gettext_lazy("no review filed yet")


#: Name of an order in the address → its label. A name that is not here orders nothing.
ORDERS = {
    "rank": gettext_lazy("Rank"),
    "corrected": gettext_lazy("Corrected value"),
    "spread": gettext_lazy("Spread"),
    "reviews": gettext_lazy("Reviews filed"),
    "name": gettext_lazy("Municipality"),
}
DEFAULT_ORDER = "rank"
#: Authors, title and place of what the formula rests on; see ``calls.standing``.
SOURCES = (
    (
        "S. R. Paul",
        "Bayesian methods for calibration of examiners",
        "British Journal of Mathematical and Statistical Psychology 34 (1981), 213–223",
    ),
    (
        "R. S. MacKay, R. Kenna, R. J. Low, S. Parker",
        "Calibration with confidence",
        "Royal Society Open Science 4 (2017), 160760",
    ),
    (
        "H. Bühlmann",
        "Experience rating and credibility",
        "ASTIN Bulletin 4 (1967), 199–207",
    ),
)


def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List the applications by what their reviews say, and how strict reviewers are."""
    procedure = procedure_for(request, slug)
    view = standing_for(procedure.call, request.user)
    filters = Filters(request)
    rows, sort = chosen(request, procedure, view, filters)
    page = list_page(request, rows, per_page=PER_PAGE, filters=filters, personal=True)
    people, organisations = names_in(procedure.call)
    context = frame(
        request,
        procedure,
        "standing",
        _("Standing"),
        view=view,
        filters=filters,
        orders=orders_of(filters, sort),
        question=request.GET.get("q", ""),
        is_filtered=any(name != "sort" for name, _value in filters.active),
        list=page,
        rows=rows_of(page.rows, procedure, view),
        people=strictness_rows(view.reviewers, people),
        organisations=strictness_rows(view.organisations, organisations),
        half_believed=HALF_BELIEVED,
        sources=SOURCES,
    )
    return render(request, "admin/calls/procedure_standing.html", context)


def chosen(
    request: HttpRequest, procedure: Procedure, view: ViewedStanding, filters: Filters
) -> tuple[list[int], str]:
    """Return the applications (primary keys) that the address asks for, in its order.

    Only those with their values are asked: no filter and no order tells of another.
    """
    topics = [(topic.key, topic.name) for topic in procedure.call.topics.all().by_name()]
    rows = Application.objects.filter(call=procedure.call)
    known = [
        (pk, name, code)
        for pk, name, code in rows.order_by().values_list("pk", "place_name", "place_country")
        if pk in view.applications
    ]
    codes = {code for _pk, _name, code in known}
    wishes: tuple[tuple[str, str, Any, Callable[[Any], Any]], ...] = (
        ("pool", _("Pool"), Pool.choices, POOLS.__getitem__),
        ("country", _("Country"), country_choices(codes), lambda code: Q(place_country=code)),
        ("topic", _("Field of action"), topics, about_topic),
        ("check", _("Formal check"), Check.choices, CHECKS.__getitem__),
    )
    for name, label, options, condition in wishes:
        if value := filters.choose(name, label, options):
            rows = rows.filter(condition(value))
    reviewed = filters.choose("reviewed", _("Reviews"), Reviewed.choices)
    sorts = [(f"{sign}{name}", str(label)) for name, label in ORDERS.items() for sign in ("", "-")]
    sort = filters.choose("sort", _("Order"), sorts) or DEFAULT_ORDER
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\x00", " ").strip()
    filters.keep("q", question)
    named = [(pk, name) for pk, name, _code in known]
    chosen_names = {name for name, _value in filters.active}
    if question or chosen_names & {name for name, *_rest in wishes}:
        matching = set(found_by(rows, question).values_list("pk", flat=True))
        named = [pair for pair in named if pair[0] in matching]
    if reviewed:
        named = [pair for pair in named if matches(view.rows.get(pair[0]), reviewed)]
    return in_order(named, view, sort), sort


def about_topic(key: str) -> Q:
    """Return the condition that a municipality gives or seeks on a topic."""
    named = ApplicationTopic.objects.exclude(level=None).filter(topic__key=key, side__in=Side)
    return Q(pk__in=named.values("application"))


def matches(place: Place | None, reviewed: str) -> bool:
    """Tell whether the reviews of an application are as the filter asks."""
    if place is None:
        return reviewed == Reviewed.NONE
    return reviewed == (Reviewed.DISPUTED if place.is_disputed else Reviewed.UNDISPUTED)


def in_order(named: list[tuple[int, str]], view: ViewedStanding, sort: str) -> list[int]:
    """Return applications in an order of :data:`ORDERS`; without a review they come last."""
    position = {pk: number for number, pk in enumerate(view.rows)}
    named = sorted(named, key=lambda pair: (position.get(pair[0], len(position)), *pair[::-1]))
    name, is_down = sort.removeprefix("-"), sort.startswith("-")
    if name == "name":
        named.sort(key=lambda pair: pair[1].casefold(), reverse=is_down)
        return [pk for pk, _name in named]
    values: dict[str, Callable[[Place], float]] = {
        "rank": lambda place: place.rank,
        "corrected": lambda place: place.corrected,
        "spread": lambda place: place.spread,
        "reviews": lambda place: place.reviews,
    }
    placed = [pk for pk, _name in named if pk in position]
    placed.sort(key=lambda pk: values[name](view.rows[pk]), reverse=is_down)
    return placed + [pk for pk, _name in named if pk not in position]


def orders_of(filters: Filters, sort: str) -> list[Order]:
    """Return all orders with what asks for them; values begin with the highest."""
    kept = [pair for pair in filters.active if pair[0] != "sort"]
    now, is_down = sort.removeprefix("-"), sort.startswith("-")
    found = []
    for name, label in ORDERS.items():
        first = name if name in {"rank", "name"} else f"-{name}"
        other = name if first.startswith("-") else f"-{name}"
        asked = other if sort == first else first
        direction = ("descending" if is_down else "ascending") if name == now else ""
        found.append(Order(name, str(label), urlencode([*kept, ("sort", asked)]), direction))
    return found
