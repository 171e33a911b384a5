"""The list of the applications to one call: filtered, ordered and searched by its address alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Value, When
from django.db.models.functions import Lower, NullIf, Substr
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _, gettext_lazy

from accounts.permissions import Permission, require
from calls.actions.reminders import FIELD
from calls.enums import ApplicationState, Pool, Side
from calls.models import Application, ApplicationTopic, Call
from core.models import StatusChange
from core.pages import Filters, list_page
from core.text import normalise_for_search
from municipalities.enums import Country
from municipalities.queries import country_choices

PER_PAGE = 50
LONGEST_QUESTION = 80
#: More words find nothing more, and cost.
MOST_WORDS = 8
#: What a list does not show of an application need not be fetched.
TEXTS = ("challenge", "to_learn", "to_offer", "preferences", "twinnings", "departments")


class SizeClass(models.TextChoices):
    """How large a municipality is, by its inhabitants."""

    SMALL = "small", gettext_lazy("fewer than 20,000")
    MEDIUM = "medium", gettext_lazy("20,000 to 100,000")
    LARGE = "large", gettext_lazy("more than 100,000")


class Completeness(models.TextChoices):
    """Whether everything that must be there is there."""

    COMPLETE = "complete", gettext_lazy("complete")
    INCOMPLETE = "incomplete", gettext_lazy("incomplete")


SIZES = {
    SizeClass.SMALL: Q(place_population__lt=20_000),
    SizeClass.MEDIUM: Q(place_population__gte=20_000, place_population__lte=100_000),
    SizeClass.LARGE: Q(place_population__gt=100_000),
}
POOLS = {Pool.GERMAN: Q(place_country=Country.DE), Pool.EUROPEAN: ~Q(place_country=Country.DE)}
COMPLETE = {
    Completeness.COMPLETE: Q(completeness=100),
    Completeness.INCOMPLETE: Q(completeness__lt=100),
}
#: Name of an order in the address → its label. A name that is not here orders nothing.
ORDERS = {
    "name": gettext_lazy("Municipality"),
    "country": gettext_lazy("Country"),
    "state": gettext_lazy("State"),
    "reference": gettext_lazy("Reference number"),
    "completeness": gettext_lazy("Completeness"),
    "population": gettext_lazy("Inhabitants"),
    "changed": gettext_lazy("Last change"),
}
#: Without a wish: what changed last comes first.
DEFAULT_ORDER = "-changed"


def size_of(population: int | None) -> SizeClass | None:
    """Return the size class of a number of inhabitants."""
    if population is None:
        return None
    if population < 20_000:
        return SizeClass.SMALL
    return SizeClass.MEDIUM if population <= 100_000 else SizeClass.LARGE


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the list: where it leads, and whether it holds now, and in which direction."""

    name: str
    label: str
    query: str
    direction: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for: a call, and those of its applications that match."""

    call: Call | None
    calls: list[Call]
    filters: Filters
    question: str = ""
    sort: str = DEFAULT_ORDER
    #: Querysets of applications: all that the person may see, and those that match, in order.
    all_rows: Any = field(default_factory=Application.objects.none)
    rows: Any = field(default_factory=Application.objects.none)

    @property
    def orders(self) -> list[Order]:
        """Return all orders, with what asks for them, the filters kept."""
        kept = [pair for pair in self.filters.active if pair[0] != "sort"]
        now = self.sort.removeprefix("-")
        is_down = self.sort.startswith("-")
        return [
            Order(
                name,
                str(label),
                urlencode([*kept, ("sort", f"-{name}" if name == now and not is_down else name)]),
                ("descending" if is_down else "ascending") if name == now else "",
            )
            for name, label in ORDERS.items()
        ]

    @property
    def is_filtered(self) -> bool:
        """Tell whether anything but the call and the order is chosen."""
        return any(name not in {"call", "sort"} for name, _value in self.filters.active)


@dataclass(frozen=True, slots=True)
class Row:
    """One application as the list shows it."""

    application: Application
    gives: list[str]
    seeks: list[str]
    size: SizeClass | None
    reminded_at: dt.datetime | None
    may_be_chosen: bool


def index(request: HttpRequest) -> HttpResponse:
    """List the applications to a call."""
    require(request.user, Permission.READ_APPLICATIONS)
    choice = choose(request)
    page = list_page(
        request,
        choice.rows.select_related("municipality").defer(*TEXTS).prefetch_related(with_topics()),
        per_page=PER_PAGE,
        filters=choice.filters,
        personal=True,
    )
    reminds = request.user.has_perm(Permission.PREPARE_SELECTION)
    is_open = reminds and choice.call is not None and choice.call.takes_applications
    context = {
        **admin.site.each_context(request),
        "title": _("Applications"),
        "choice": choice,
        "call": choice.call,
        "filters": choice.filters,
        "list": page,
        "rows": rows_of(page.rows, is_open=is_open),
        "states": counts_of(choice.all_rows),
        "is_open": is_open,
        "remindable": choice.rows.unsent().count() if is_open else 0,
    }
    return render(request, "admin/calls/application_list.html", context)


def calls_for(request: HttpRequest, filters: Filters) -> tuple[Call | None, list[Call]]:
    """Return the call that the address names, else the open or newest one, and all of them."""
    calls = list(Call.objects.visible_to(request.user).newest_first())
    calls.sort(key=lambda call: not call.takes_applications)
    slug = filters.choose("call", _("Call"), [(call.slug, str(call.title)) for call in calls])
    asked = (call for call in calls if call.slug == slug)
    return next(asked, calls[0] if calls else None), calls


def choose(request: HttpRequest) -> Choice:
    """Read the address: which call, which of its applications, in which order."""
    filters = Filters(request)
    call, calls = calls_for(request, filters)
    if call is None:
        return Choice(None, calls, filters)
    visible = Application.objects.visible_to(request.user).filter(call=call)
    topics = [(topic.key, topic.name) for topic in call.topics.all().by_name()]
    codes = visible.order_by().values_list("place_country", flat=True).distinct()
    wishes: tuple[tuple[str, str, Any, Callable[[Any], Any]], ...] = (
        ("state", _("State"), ApplicationState.choices, lambda value: Q(state=value)),
        ("pool", _("Pool"), Pool.choices, POOLS.__getitem__),
        ("country", _("Country"), country_choices(codes), lambda code: Q(place_country=code)),
        ("size", _("Inhabitants"), SizeClass.choices, SIZES.__getitem__),
        ("completeness", _("Completeness"), Completeness.choices, COMPLETE.__getitem__),
        ("gives", _("Gives on"), topics, lambda key: names_topic(Side.GIVES, key)),
        ("seeks", _("Seeks on"), topics, lambda key: names_topic(Side.SEEKS, key)),
    )
    rows = visible
    for name, label, options, condition in wishes:
        if value := filters.choose(name, label, options):
            rows = rows.filter(condition(value))
    sorts = [(f"{sign}{name}", str(label)) for name, label in ORDERS.items() for sign in ("", "-")]
    sort = filters.choose("sort", _("Order"), sorts) or DEFAULT_ORDER
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\x00", " ").strip()
    filters.keep("q", question)
    found = in_order(found_by(rows, question), sort)
    return Choice(call, calls, filters, question, sort, visible, found)


def names_topic(side: str, key: str) -> Exists:
    """Return the condition that a municipality gives, or seeks, on a topic."""
    named = ApplicationTopic.objects.exclude(level=None).filter(side=side, topic__key=key)
    return Exists(named.filter(application=OuterRef("pk")))


def found_by(rows: Any, question: str) -> Any:
    """Return those whose municipality has every word of the question in its name.

    Marks and case do not count. Of a municipality in the register all its names are asked, of one
    that is described its key, which holds the name as it is searched, after the country.
    """
    rows = rows.annotate(described=Substr("place_key", 4))
    for word in normalise_for_search(question).split()[:MOST_WORDS]:
        registered = Q(municipality__search_text__contains=word)
        rows = rows.filter(registered | Q(municipality=None, described__contains=word))
    return rows


def in_order(rows: Any, sort: str) -> Any:
    """Return them in an order of :data:`ORDERS`; what is not known comes last."""
    names = [code for code, _name in country_choices(Country.values)]
    states = ApplicationState.values
    orders = {
        "name": Lower("place_name"),
        "country": ranks("place_country", names),
        "state": ranks("state", states),
        "reference": NullIf("reference", Value("")),
        "completeness": F("completeness"),
        "population": F("place_population"),
        "changed": F("changed_at"),
    }
    expression: Any = orders[sort.removeprefix("-")]
    ordered = expression.desc if sort.startswith("-") else expression.asc
    return rows.order_by(ordered(nulls_last=True), "-changed_at", "-pk")


def ranks(column: str, values: Iterable[str]) -> Case:
    """Return the place of a column's value in a list, to order by."""
    return Case(
        *(When(**{column: value}, then=Value(place)) for place, value in enumerate(values)),
        output_field=models.IntegerField(),
    )


def with_topics() -> Prefetch[Any]:
    """Fetch the topics that were chosen; a row without level is not filled in yet."""
    chosen = ApplicationTopic.objects.exclude(level=None).select_related("topic")
    return Prefetch("topics", queryset=chosen)


def rows_of(applications: Iterable[Any], *, is_open: bool) -> list[Row]:
    """Return applications, fetched with their topics, as rows of the list."""
    applications = list(applications)
    reminded = last_reminders(applications)
    return [
        Row(
            application=application,
            gives=topics_named(application, Side.GIVES),
            seeks=topics_named(application, Side.SEEKS),
            size=size_of(application.place_population),
            reminded_at=reminded.get(application.pk),
            may_be_chosen=is_open and application.is_editable,
        )
        for application in applications
    ]


def topics_named(application: Any, side: str) -> list[str]:
    """Return the names of the topics on one side, the highest level first."""
    return [str(row.topic.name) for row in application.topics.all() if row.side == side]


def last_reminders(applications: Iterable[Application]) -> dict[int, dt.datetime]:
    """Return when each application (primary key) was reminded last."""
    rows = StatusChange.objects.filter(
        field=FIELD,
        content_type__app_label="calls",
        content_type__model="application",
        object_id__in=[application.pk for application in applications],
    )
    newest = rows.order_by().values("object_id").annotate(last=models.Max("changed_at"))
    return {row["object_id"]: row["last"] for row in newest}


def counts_of(rows: Any) -> list[tuple[str, int]]:
    """Return the label of each state that occurs, with how many of the rows are in it."""
    found = rows.order_by().values_list("state").annotate(number=Count("pk"))
    counted = dict(found)
    return [(str(state.label), counted[state]) for state in ApplicationState if state in counted]
