"""What every public page shares: openness, address in both languages, pages of a list, filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt

from core.queries import CountedPaginator

Parameters = ParamSpec("Parameters")
#: A browser's wish list is short; a longer header is an attack or a mistake.
LONGEST_LANGUAGE_HEADER = 500
LANGUAGES: tuple[str, ...] = tuple(code for code, _name in settings.LANGUAGES)


def language_of_path(path: str) -> str:
    """Return the language that a path starts with, or an empty string: ``/de/…`` → ``de``."""
    first = path[1:].partition("/")[0]
    return first if first in LANGUAGES else ""


def language_of_browser(request: HttpRequest) -> str:
    """Return the first language of ``Accept-Language`` that the portal speaks.

    Who asks for other languages alone gets English, who asks for none German. Django's own function
    would read a language cookie first; the portal neither sets nor reads one.
    """
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")[:LONGEST_LANGUAGE_HEADER]
    wishes = [wish.partition("-")[0] for wish, _weight in parse_accept_lang_header(header.lower())]
    known = (wish for wish in wishes if wish in LANGUAGES)
    return next(known, "en" if wishes and "*" not in wishes else LANGUAGES[0])


def open_to_read(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Mark a view as open to everybody and read-only: other methods get a styled 405."""

    @wraps(view)
    def open_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"}:
            return view(request, *args, **kwargs)
        refusal = render(request, "405.html", status=405)
        refusal.headers["Allow"] = "GET, HEAD"
        return refusal

    # Nothing is changed here, so there is nothing to forge; the 405 comes before a CSRF refusal.
    return csrf_exempt(login_not_required(open_view))


def public_page(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Mark a view as open to everybody, read-only and the same for all visitors.

    Such a view must not read user, session or cookies: its answer is repeated to other visitors.
    """

    @wraps(view)
    def public_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.is_public_page = True  # type: ignore[attr-defined]
        return response

    return open_to_read(public_view)


def packed_once(response: HttpResponseBase, kept: dict[str, Sequence[bytes]]) -> HttpResponseBase:
    """Let what is sent in parts be packed once: ``kept`` holds the packed parts by encoding.

    It must be the same for all answers with the same parts, and for no others.
    """
    response.packed_parts = kept  # type: ignore[attr-defined]
    return response


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same page in another language."""

    language: str
    name: str
    address: str
    path: str


@dataclass(frozen=True, slots=True)
class PageAddress:
    """Where this page lives: path without language, canonical address, other languages."""

    language: str
    path: str
    canonical: str
    alternates: tuple[Alternate, ...]
    site: str
    section: str
    indexable: bool


_NAMES = {"de": "Deutsch", "en": "English"}


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Return the variables that ``base.html`` needs: ``page`` and ``request_id``."""
    language = language_of_path(request.path)
    rest = (request.path[len(language) + 1 :] if language else "") or "/"
    site: str = settings.PUBLIC_URL
    suffix: str = getattr(request, "list_page_query", "")
    query = request.META.get("QUERY_STRING", "")
    kept = f"?{query}" if query and len(query) <= 500 and query.isascii() else ""
    spoken = language or get_language() or LANGUAGES[0]
    return {
        # Set by the roof, which gives each request its id; the log line bears the same.
        "request_id": getattr(request, "request_id", ""),
        "page": PageAddress(
            language=spoken,
            path=rest,
            canonical=f"{site}/{spoken}{rest}{suffix}",
            alternates=tuple(
                Alternate(
                    code, _NAMES[code], f"{site}/{code}{rest}{suffix}", f"/{code}{rest}{kept}"
                )
                for code in LANGUAGES
            ),
            site=site,
            # Of known addresses only: the menu is kept for each section; wrong ones are endless.
            section=rest.split("/", 2)[1] if getattr(request, "resolver_match", None) else "",
            indexable=settings.SITE_INDEXABLE,
        ),
    }


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a list: its name in the URL, its label and what may be chosen."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    value: str

    @property
    def chosen_label(self) -> str:
        """Return the label of the chosen entry, empty when nothing is chosen."""
        return next((capfirst(choice.label) for choice in self.choices if choice.chosen), "")


class Filters:
    """The filters of a list page, read from the query string.

    An unknown value is ignored and remembered, so that the page can say so; the state lives in the
    URL alone.
    """

    def __init__(self, request: HttpRequest) -> None:
        """Start with no filter."""
        self.request = request
        self.filters: list[Filter] = []
        self.ignored: list[str] = []

    def choose(self, name: str, label: str, options: Iterable[tuple[str, Any]]) -> str:
        """Add a filter over ``options`` (value, label) and return the chosen value or ``""``."""
        options = list(options)
        asked = self.request.GET.get(name, "").strip()
        value = asked if asked in {option for option, _label in options} else ""
        if asked and not value:
            self.ignored.append(label)
        self.filters.append(
            Filter(
                name,
                label,
                tuple(Choice(option, text, option == value) for option, text in options),
                value,
            )
        )
        return value

    def keep(self, name: str, value: str) -> None:
        """Remember a free-text state, so that page links carry it on."""
        self.filters.append(Filter(name, "", (), value))

    @property
    def active(self) -> list[tuple[str, str]]:
        """Return the chosen (name, value) pairs."""
        return [(entry.name, entry.value) for entry in self.filters if entry.value]

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """Return (label, chosen text, query string without it) for each chosen filter."""
        return [
            (
                entry.label,
                entry.chosen_label,
                urlencode([pair for pair in self.active if pair[0] != entry.name]),
            )
            for entry in self.filters
            if entry.value and entry.label
        ]

    @property
    def query(self) -> str:
        """Return the query string of the chosen filters."""
        return urlencode(self.active)


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list with the links around it."""

    rows: Sequence[Any]
    number: int
    pages: int
    total: int
    previous: str
    next: str
    links: tuple[tuple[str, str], ...]


def list_page(
    request: HttpRequest,
    rows: QuerySet[Any] | list[Any],
    *,
    per_page: int,
    filters: Filters | None = None,
    personal: bool = False,
    name: str = "page",
) -> ListPage:
    """Return the page that ``?page=`` asks for; a second list of the same page has another name.

    The number of rows is remembered for everybody, unless the list is ``personal``, or no query.

    Raises :class:`Http404` for a page that does not exist (0, letters, beyond the last): a wrong
    address must not look like an empty list.
    """
    asked = request.GET.get(name, "1")
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 7:
        raise Http404
    state = filters.query if filters else ""
    place = request.path.removeprefix(f"/{language_of_path(request.path)}")
    paginator = (
        Paginator(rows, per_page)
        if personal or isinstance(rows, list)
        else CountedPaginator(rows, per_page, key=f"count {name} {place}?{state}")
    )
    number = int(asked)
    if not 1 <= number <= paginator.num_pages:
        raise Http404
    if number > 1:  # For the canonical address.
        request.list_page_query = f"?{name}={number}"  # type: ignore[attr-defined]

    def link(to: int) -> str:
        parts = [part for part in (state, f"{name}={to}" if to > 1 else "") if part]
        return "?" + "&".join(parts)

    shown = paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)
    return ListPage(
        rows=list(paginator.page(number).object_list),
        number=number,
        pages=paginator.num_pages,
        total=paginator.count,
        previous=link(number - 1) if number > 1 else "",
        next=link(number + 1) if number < paginator.num_pages else "",
        links=tuple((str(entry), link(entry) if isinstance(entry, int) else "") for entry in shown),
    )
