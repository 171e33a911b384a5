"""What one person is to review: what is left and by when; nothing in it tells of other reviews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _, gettext_lazy

from accounts.permissions import Permission, require
from calls.admin.application_list import (
    LONGEST_QUESTION,
    PER_PAGE,
    TEXTS,
    Order,
    found_by,
    ranks,
)
from calls.enums import LEFT_AT_DESK, CallState, DeskState
from calls.models import Application, Call, ReviewAssignment, closed_to
from core.pages import Filters, list_page
from municipalities.enums import Country
from municipalities.queries import country_choices

#: Name of an order in the address → its label. A name that is not here orders nothing.
ORDERS = {
    "state": gettext_lazy("What is left"),
    "name": gettext_lazy("Municipality"),
    "country": gettext_lazy("Country"),
    "reference": gettext_lazy("Reference number"),
    "points": gettext_lazy("My points"),
}
DEFAULT_ORDER = "state"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the address asks for: a call, and those of the person's assignments that match."""

    call: Call | None
    calls: list[Call]
    filters: Filters
    question: str
    sort: str
    #: All assignments of the person in the call, and those that match, in order.
    all_rows: Any
    rows: Any

    @property
    def orders(self) -> list[Order]:
        """Return all orders, with what asks for them, the filters kept."""
        now, is_down = self.sort.removeprefix("-"), self.sort.startswith("-")
        kept = Filters(self.filters.request)
        kept.filters = [entry for entry in self.filters.filters if entry.name != "sort"]
        found = []
        for name, label in ORDERS.items():
            asked = Filters(self.filters.request)
            asked.filters = list(kept.filters)
            asked.keep("sort", f"-{name}" if name == now and not is_down else name)
            direction = ("descending" if is_down else "ascending") if name == now else ""
            found.append(Order(name, str(label), asked.query, direction))
        return found

    @property
    def is_filtered(self) -> bool:
        """Tell whether anything but the call and the order is chosen."""
        return any(name not in {"call", "sort"} for name, _value in self.filters.active)


def index(request: HttpRequest) -> HttpResponse:
    """List what the person is to review."""
    require(request.user, Permission.SCORE)
    desk = choose(request)
    page = list_page(request, desk.rows, per_page=PER_PAGE, filters=desk.filters, personal=True)
    states = counts_of(desk.all_rows)
    user: Any = request.user
    mine = ReviewAssignment.objects.filter(reviewer=user, application__call=desk.call)
    closed = mine.filter(closed_to(user, "application")).order_by("application__reference")
    is_in_review = desk.call is not None and desk.call.state == CallState.IN_REVIEW
    context = {
        **admin.site.each_context(request),
        "title": _("My reviews"),
        "desk": desk,
        "call": desk.call,
        "due": getattr(desk.call, "procedure", None),
        "filters": desk.filters,
        "list": page,
        "states": [(str(state.label), number) for state, number in states.items()],
        "all": sum(number for state, number in states.items() if state != DeskState.WITHDRAWN),
        "left": sum(number for state, number in states.items() if state in LEFT_AT_DESK),
        "is_in_review": is_in_review,
        "criteria": desk.call.criteria.count() if desk.call else 0,
        # Named without content: whoever stated it, it is closed.
        "closed": closed.values_list("application__place_name", "application__reference"),
    }
    return render(request, "admin/calls/review_list.html", context)


def choose(request: HttpRequest) -> Desk:
    """Read the address: which call, which of the person's assignments, in which order."""
    user: Any = request.user
    filters = Filters(request)
    own = ReviewAssignment.objects.filter(reviewer=user)
    calls = list(
        Call.objects.filter(pk__in=own.values("application__call"))
        .select_related("procedure")
        .newest_first()
    )
    calls.sort(key=lambda call: call.state != CallState.IN_REVIEW)
    slug = filters.choose("call", _("Call"), [(call.slug, str(call.title)) for call in calls])
    call = next((call for call in calls if call.slug == slug), calls[0] if calls else None)
    rows: Any = ReviewAssignment.objects.of(user).filter(application__call=call)
    all_rows = rows = rows.with_desk_state()
    states = [(value, str(label)) for value, label in DeskState.choices]
    if state := filters.choose("state", _("State"), states):
        rows = rows.filter(desk_state=state)
    sorts = [(f"{sign}{name}", str(label)) for name, label in ORDERS.items() for sign in ("", "-")]
    sort = filters.choose("sort", _("Order"), sorts) or DEFAULT_ORDER
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\x00", " ").strip()
    filters.keep("q", question)
    if question:
        found = found_by(Application.objects.filter(call=call), question)
        rows = rows.filter(application__in=found.values("pk"))
    return Desk(call, calls, filters, question, sort, all_rows, in_order(with_shown(rows), sort))


def with_shown(rows: Any) -> Any:
    """Fetch what the list shows: of applications no text, of reviews the own ones alone."""
    judged = Q(review__scores__step__isnull=False) & ~Q(review__scores__justification="")
    texts = [f"application__{name}" for name in TEXTS]
    rows = rows.select_related("application__municipality").defer(*texts)
    return rows.annotate(judged=Count("review__scores", filter=judged), points=F("review__total"))


def in_order(rows: Any, sort: str) -> Any:
    """Return them in an order of :data:`ORDERS`; what is not known comes last."""
    names = [code for code, _name in country_choices(Country.values)]
    orders = {
        "state": ranks("desk_state", DeskState.values),
        "name": Lower("application__place_name"),
        "country": ranks("application__place_country", names),
        "reference": F("application__reference"),
        "points": F("points"),
    }
    expression: Any = orders[sort.removeprefix("-")]
    ordered = expression.desc if sort.startswith("-") else expression.asc
    return rows.order_by(ordered(nulls_last=True), Lower("application__place_name"), "pk")


def counts_of(rows: Any) -> dict[DeskState, int]:
    """Return how many assignments are in each state that occurs, in the order of the work."""
    counted = dict(rows.order_by().values_list("desk_state").annotate(number=Count("pk")))
    return {state: counted[state] for state in DeskState if state in counted}
