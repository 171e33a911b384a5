"""Public pages of the municipalities."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, gettext as _

from core.pages import Filters, list_page, public_page
from core.queries import remembered
from core.text import json_ld, normalise_for_search
from municipalities.enums import Role
from municipalities.map import city_map
from municipalities.models import Municipality
from municipalities.queries import country_choices, topic_choices

PER_PAGE = 24
LONGEST_QUESTION = 80


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """List the municipalities, by name; filters: country, topic, words of the name."""
    filters = Filters(request)
    country = filters.choose("country", _("Country"), countries_of_municipalities())
    topic = filters.choose("topic", _("Field of action"), topic_choices())
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\x00", " ").strip()
    filters.keep("q", question)
    rows = Municipality.objects.visible_to(None).by_name().for_lists()
    if country:
        rows = rows.filter(country=country)
    if topic:
        rows = rows.on_topic(topic)
    if normalise_for_search(question):
        rows = rows.found_by(question)
    page = list_page(request, rows, per_page=PER_PAGE, filters=filters)
    context = {"list": page, "filters": filters, "question": question, "map": city_map(page.rows)}
    return render(request, "municipalities/index.html", context)


def countries_of_municipalities() -> list[tuple[str, str]]:
    """Return (code, name) of the countries with a municipality."""

    def choices() -> list[tuple[str, str]]:
        rows = Municipality.objects.visible_to(None).order_by("country")
        return country_choices(rows.values_list("country", flat=True).distinct())

    return remembered(f"municipalities countries {get_language()}", choices)


@public_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a municipality with its figures, topics, partnerships and meetings."""
    municipality = get_object_or_404(Municipality.objects.visible_to(None), slug=slug)
    # The partnership and meeting apps live above this one; they hang on the object.
    memberships = municipality.memberships.visible_to(None).with_partners()
    roles = list(municipality.topic_roles.with_topic())
    context = {
        "municipality": municipality,
        "population": municipality.population_figures.all(),
        "areas": municipality.area_figures.all(),
        "strengths": municipality.strengths.all(),
        "gives": [role for role in roles if role.role in {Role.GIVES, Role.MUTUAL}],
        "seeks": [role for role in roles if role.role in {Role.SEEKS, Role.MUTUAL}],
        "memberships": memberships,
        "meetings": municipality.meetings.visible_to(None).order_by("-sorted_on", "-pk")[:30],
        "json_ld": place_data(municipality),
    }
    return render(request, "municipalities/detail.html", context)


def place_data(municipality: Municipality) -> str:
    """Return the municipality in the words of schema.org."""
    return json_ld(
        "City",
        name=municipality.name,
        alternateName=municipality.local_name if municipality.has_other_local_name else "",
        url=f"{settings.PUBLIC_URL}{municipality.get_absolute_url()}",
        sameAs=municipality.website,
        geo={
            "@type": "GeoCoordinates",
            "latitude": municipality.latitude,
            "longitude": municipality.longitude,
        },
        address={"@type": "PostalAddress", "addressCountry": municipality.country},
    )
