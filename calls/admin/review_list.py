"""What one person is to review: what is left and by when; nothing in it tells of other reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.contrib import admin
from django.db.models import Count, Q
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
)
from calls.enums import LEFT_AT_DESK, CallState, DeskState
from calls.models import Application, Call, ReviewAssignment, closed_to
from core.pages import Filters, list_page
from core.text import normalise_for_search
from municipalities.enums import Country

#: Name of an order in the address → its label. A name that is not here orders nothing.
ORDERS = {
    "state": gettext_lazy("What is left"),
    "name": gettext_lazy("Municipality"),
    "country": gettext_lazy("Country"),
    "reference": gettext_lazy("Reference number"),
    "points": gettext_lazy("My points"),
}
DEFAULT_ORDER = "state"


class Line(NamedTuple):
    """What filters and orders ask of an assignment; the rest is fetched for the page shown."""

    pk: int
    application: int
    state: str
    name: str
    country: str
    reference: str
    points: Any


@dataclass(frozen=True, slots=True)
class Desk:
    """What the address asks for: a call, and those of the person's assignments that match."""

    call: Call | None
    calls: list[Call]
    filters: Filters
    question: str
    sort: str
    #: All assignments of the person in the call, and those that match, in order.
    all_rows: list[Line]
    rows: list[Line]

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
    page = replace(page, rows=shown(page.rows))
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
    assigned: Any = ReviewAssignment.objects.of(user).filter(application__call=call)
    # One question for the list, its counts and its order: a person reads some hundred at most.
    columns = ("place_name", "place_country", "reference")
    values = assigned.with_desk_state().values_list(
        *("pk", "application", "desk_state"),
        *(f"application__{name}" for name in columns),
        "review__total",
    )
    all_rows = rows = [Line(*row) for row in values]
    states = [(value, str(label)) for value, label in DeskState.choices]
    if state := filters.choose("state", _("State"), states):
        rows = [row for row in rows if row.state == state]
    sorts = [(f"{sign}{name}", str(label)) for name, label in ORDERS.items() for sign in ("", "-")]
    sort = filters.choose("sort", _("Order"), sorts) or DEFAULT_ORDER
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\x00", " ").strip()
    filters.keep("q", question)
    if question:
        asked = found_by(Application.objects.filter(call=call), question)
        found = set(asked.order_by().values_list("pk", flat=True))
        rows = [row for row in rows if row.application in found]
    return Desk(call, calls, filters, question, sort, all_rows, in_order(rows, sort))


def shown(lines: Sequence[Line]) -> list[Any]:
    """Return the assignments of a page: of applications no text, of reviews the own ones alone."""
    judged = Q(review__scores__step__isnull=False) & ~Q(review__scores__justification="")
    texts = [f"application__{name}" for name in TEXTS]
    rows: Any = ReviewAssignment.objects.filter(pk__in=[line.pk for line in lines])
    rows = rows.select_related("application__municipality").defer(*texts)
    found = {row.pk: row for row in rows.annotate(judged=Count("review__scores", filter=judged))}
    for line in lines:
        found[line.pk].desk_state, found[line.pk].points = line.state, line.points
    return [found[line.pk] for line in lines]


def in_order(rows: list[Line], sort: str) -> list[Line]:
    """Return them in an order of :data:`ORDERS`; what is not known comes last."""
    name = sort.removeprefix("-")
    rows = sorted(rows, key=lambda row: (normalise_for_search(row.name), row.pk))
    if name == "name":
        return rows[::-1] if sort.startswith("-") else rows
    work = {state: place for place, state in enumerate(DeskState.values)}
    keys: dict[str, Callable[[Line], Any]] = {
        "state": lambda row: work[row.state],
        "country": lambda row: normalise_for_search(str(Country(row.country).label)),
        "reference": lambda row: row.reference,
        "points": lambda row: row.points,
    }
    key = keys[name]
    known = [row for row in rows if key(row) is not None]
    # Sorting keeps what is equal in its order, backwards too.
    known.sort(key=key, reverse=sort.startswith("-"))
    return known + [row for row in rows if key(row) is None]


def counts_of(rows: list[Line]) -> dict[DeskState, int]:
    """Return how many assignments are in each state that occurs, in the order of the work."""
    counted = Counter(row.state for row in rows)
    return {state: counted[state] for state in DeskState if state in counted}
