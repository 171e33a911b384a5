"""Pages that cross apps: start, programme, health, and what machines read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import CharField, Count, F, Prefetch, QuerySet, Value
from django.db.models.functions import Cast, ExtractYear
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Organisation, ProgrammeRole
from accounts.sessions import LAST_VISIT
from calls.models import Call
from core.pages import language_of_browser, open_to_read, public_page
from core.queries import remembered
from editorial.enums import ProgrammeSection
from editorial.models import Article, ProgrammeEntry, Resource
from meetings.enums import MeetingStatus
from meetings.models import Meeting
from municipalities.map import EuropeMap, Line, city_map
from municipalities.models import Municipality, Topic
from tandems.enums import ProfileSection, ProfileState, TandemKind
from tandems.models import ProfileEntry, Tandem
from tandems.pairs import standing
from vernetzt.dashboard import dashboard_of
from vernetzt.sitemaps import addresses_of, sitemap_parts

#: The start page shows the programme's first partnerships; all others are in the list.
SHOWN_ON_START = 12

PLAIN_TEXT = "text/plain; charset=utf-8"

#: How many years the course of the meetings goes back.
SHOWN_YEARS = 8


@open_to_read
def choose_language(request: HttpRequest) -> HttpResponse:
    """Lead to the start page in the language the browser asks for; nothing is remembered."""
    language = language_of_browser(request)
    response = HttpResponseRedirect(f"/{language}/")
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@public_page
def start(request: HttpRequest) -> HttpResponse:
    """Show the network in a minute: map, partnerships, what came of it, meetings, call, news."""
    today = timezone.localdate()
    tandems = list(Tandem.objects.visible_to(None).with_members().in_order()[:SHOWN_ON_START])
    meetings = Meeting.objects.visible_to(None).with_tandem()
    summary = ProgrammeEntry.objects.filter(section=ProgrammeSection.SUMMARY).first()
    context = {
        "tandems": tandems,
        "map": network_map(tandems, today),
        "figures": remembered("figures", figures),
        "coming": meetings.coming_on(today)[:3],
        "latest": meetings.filter(status=MeetingStatus.HELD).past_on(today)[:3],
        "call": Call.objects.visible_to(None).newest_first().first(),
        "articles": Article.objects.visible_on(today)[:3],
        "programme": summary,
        "over": summary is not None and summary.latest is not None and summary.latest < today,
    }
    return render(request, "start.html", context)


def network_map(tandems: list[Tandem], today: dt.date) -> EuropeMap | None:
    """Return the map with every shown partnership as an arc."""
    places: dict[int, Municipality] = {}
    lines: list[Line] = []
    styles: dict[int, str] = {}
    for tandem in tandems:
        members = standing(tandem.members.all())
        places.update({member.municipality_id: member.municipality for member in members})
        for member in members:
            # A member somewhere is drawn as a member, whatever else it is or was.
            style = "left" if member.has_left(today) else "guest" if member.is_guest else ""
            styles[member.municipality_id] = min(style, styles.get(member.municipality_id, style))
        for first, second in combinations(members, 2):
            guest = first.is_guest or second.is_guest
            ended = first.has_left(today) or second.has_left(today)
            style = "guest" if guest else "ended" if ended else ""
            url = tandem.get_absolute_url()
            lines.append(Line(first.municipality, second.municipality, style, tandem.name, url))
    return city_map(list(places.values()), lines, styles)


@dataclass(frozen=True, slots=True)
class Year:
    """How many meetings of one year demonstrably took place; ``share`` of the best year, 0–100."""

    year: int
    number: int
    share: int


def figures() -> dict[str, Any]:
    """Return what has come of the programme so far, and its course over the years, in one query.

    A meeting counts for a year only where its documented bounds lie in one and the same year.
    """

    def counted(figure: Any, rows: QuerySet[Any], count: Count) -> QuerySet[Any]:
        # Without modeltranslation's own querysets: they put the columns of translated models into
        # an order of their own, and the parts of a union must agree.
        plain: QuerySet[Any] = QuerySet(rows.model, query=rows.order_by().query)
        named = plain.annotate(figure=figure).values("figure")
        pairs: QuerySet[Any] = named.annotate(counted=count).values_list("figure", "counted")
        return pairs

    results = ProfileEntry.objects.filter(
        section=ProfileSection.RESULT,
        is_point=True,
        profile__state=ProfileState.RELEASED,
        profile__tandem__in=Tandem.objects.visible_to(None),
    )
    held = Meeting.objects.visible_to(None).filter(status=MeetingStatus.HELD)
    places = Municipality.objects.visible_to(None)
    rows = counted(Value("partnerships"), Tandem.objects.visible_to(None), Count("pk")).union(
        counted(Value("municipalities"), places, Count("pk")),
        counted(
            Value("countries"),
            Municipality.objects.visible_to(None),
            Count("country", distinct=True),
        ),
        counted(Value("meetings_held"), held, Count("pk")),
        counted(Value("results"), results, Count("pk")),
        counted(F("kind"), Tandem.objects.visible_to(None), Count("pk")),
        counted(
            Cast(ExtractYear("earliest"), CharField()),
            held.filter(earliest__year=ExtractYear("latest")),
            Count("pk"),
        ),
        all=True,
    )
    names = ("partnerships", "municipalities", "countries", "meetings_held", "results")
    found = dict(rows)
    years = {int(name): number for name, number in found.items() if name.isdigit()}
    most = max(years.values(), default=0)
    return {
        **{name: found.get(name, 0) for name in names},
        "kinds": {kind: found.get(kind, 0) for kind in TandemKind.values},
        "years": [
            Year(year, years.get(year, 0), round(100 * years.get(year, 0) / most))
            for year in range(max(years) - SHOWN_YEARS + 1, max(years) + 1)
            if year >= min(years)
        ]
        if years
        else [],
    }


@public_page
def programme(request: HttpRequest) -> HttpResponse:
    """Show aims, organisations with dated roles, networks, timeline and how it works."""
    entries = list(ProgrammeEntry.objects.all())

    def section(name: str) -> list[ProgrammeEntry]:
        return [entry for entry in entries if entry.section == name]

    roles = Prefetch("roles", queryset=ProgrammeRole.objects.all())
    context = {
        "summary": next(iter(section(ProgrammeSection.SUMMARY)), None),
        "aims": section(ProgrammeSection.AIM),
        "activities": section(ProgrammeSection.ACTIVITY),
        "phases": section(ProgrammeSection.PHASE),
        "methods": section(ProgrammeSection.METHOD),
        "networks": section(ProgrammeSection.NETWORK),
        "findings": section(ProgrammeSection.FINDING),
        "disagreements": section(ProgrammeSection.DISAGREEMENT),
        "organisations": Organisation.objects.prefetch_related(roles),
        "resources": Resource.objects.all(),
        "topics": Topic.objects.all().by_name(),
    }
    return render(request, "programme.html", context)


@open_to_read
def healthz(request: HttpRequest) -> HttpResponse:
    """Tell that the process answers."""
    return HttpResponse("ok\n", content_type=PLAIN_TEXT)


@open_to_read
def readyz(request: HttpRequest) -> HttpResponse:
    """Tell whether the portal can serve: database reachable and migrated; else 503 with reasons."""
    reasons: list[str] = []
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            reasons.append(f"{len(waiting)} database migrations are not applied.")
    except DatabaseError:
        reasons.append("The database cannot be reached.")
    status = 503 if reasons else 200
    return for_machines(JsonResponse({"ready": not reasons, "reasons": reasons}, status=status))


def for_machines(response: HttpResponse) -> HttpResponse:
    """Mark an answer as English, whatever language its first reader would like: it is kept."""
    response.headers["Content-Language"] = "en"
    return response


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    """Tell crawlers where the sitemap is, or to stay away from a site not meant for them."""
    if settings.SITE_INDEXABLE:
        closed = ("/*/accounts/", "/*/dashboard/", "/admin/")
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), ""]
    else:
        lines = ["User-agent: *", "Disallow: /", ""]
    lines.append(f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml")
    return for_machines(HttpResponse("\n".join(lines) + "\n", content_type=PLAIN_TEXT))


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    """Return the sitemap, or the list of its parts when it is too long for one file."""
    parts = sitemap_parts()
    if len(parts) == 1:
        return sitemap_answer(request, addresses_of(parts[0], first=True))
    addresses = [
        {"location": f"{settings.PUBLIC_URL}/sitemap-{number}.xml", "last_mod": None}
        for number in range(1, len(parts) + 1)
    ]
    answer = render(
        request, "sitemap_index.xml", {"sitemaps": addresses}, content_type="application/xml"
    )
    return for_machines(answer)


@public_page
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    """Return one part of the sitemap."""
    parts = sitemap_parts()
    if not 1 <= number <= len(parts):
        raise Http404
    return sitemap_answer(request, addresses_of(parts[number - 1], first=number == 1))


def sitemap_answer(request: HttpRequest, urls: list[dict[str, Any]]) -> HttpResponse:
    """Return addresses as a sitemap."""
    answer = render(request, "sitemap.xml", {"urlset": urls}, content_type="application/xml")
    return for_machines(answer)


@public_page
def security_txt(request: HttpRequest) -> HttpResponse:
    """Tell where to report a weakness (RFC 9116)."""
    address: str = settings.OPERATOR["security_email"]
    contact = f"mailto:{address}" if address else f"{settings.PUBLIC_URL}/en/imprint/"
    # The first of a month, about half a year ahead: less than a year, and stable between fetches.
    ahead = (timezone.now() + dt.timedelta(days=200)).replace(day=1)
    lines = [
        f"Contact: {contact}",
        f"Expires: {ahead:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: de, en",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
    ]
    return for_machines(HttpResponse("\n".join(lines) + "\n", content_type=PLAIN_TEXT))


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what waits for the signed-in person, and what changed since the last visit."""
    visited = request.session.get(LAST_VISIT)
    since = dt.datetime.fromisoformat(visited) if visited else None
    context = {**dashboard_of(request.user, since), "is_first_visit": since is None}
    return render(request, "dashboard.html", context)
