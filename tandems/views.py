"""Public pages of the partnerships."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from core.json_ld import json_ld
from core.pages import Filters, list_page, public_page
from core.summaries import remembered
from municipalities.models import Topic, country_choices
from tandems.enums import ProfileSection, ProfileState, TandemStatus
from tandems.models import ProfileEntry, ProfileVersion, Tandem, TandemMember, TandemTopic
from tandems.pairs import pair_of
from tandems.timeline import timeline_of

PER_PAGE = 20


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """List the partnerships by number; filters: topic, country, status."""
    filters = Filters(request)
    topics = [(topic.key, topic.name) for topic in Topic.objects.all().by_name()]
    topic = filters.choose("topic", _("Field of action"), topics)
    codes = remembered("tandems countries", countries_of_partnerships)
    country = filters.choose("country", _("Country"), country_choices(codes))
    statuses = [(value, str(label)) for value, label in TandemStatus.choices]
    status = filters.choose("status", _("Status"), statuses[1:])
    rows = Tandem.objects.visible_to(None).with_members().in_order()
    if topic:
        rows = rows.on_topic(topic)
    if country:
        rows = rows.with_country(country)
    if status:
        rows = rows.filter(status=status)
    named = TandemTopic.objects.filter(topic__isnull=False).select_related("topic")
    rows = rows.prefetch_related(Prefetch("topics", queryset=named.order_by("position")))
    page = list_page(request, rows, per_page=PER_PAGE, filters=filters)
    for tandem in page.rows:
        by_key = {entry.topic.key: entry.topic for entry in tandem.topics.all() if entry.topic}
        tandem.topic_names = list(by_key.values())
    return render(request, "tandems/index.html", {"list": page, "filters": filters})


def countries_of_partnerships() -> list[str]:
    """Return the codes of the countries with a municipality in a public partnership."""
    members = TandemMember.objects.visible_to(None).order_by("municipality__country")
    return list(members.values_list("municipality__country", flat=True).distinct())


@public_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a partnership: pair, profile, who gives and seeks, meetings, changes, the call."""
    tandems = Tandem.objects.visible_to(None).select_related("call").with_members()
    tandem = get_object_or_404(tandems, slug=slug)
    members = list(tandem.members.all())
    profile = (
        ProfileVersion.objects.filter(tandem=tandem, state=ProfileState.RELEASED)
        .prefetch_related("entries")
        .first()
    )
    today = timezone.localdate()
    context = {
        "tandem": tandem,
        "pair": pair_of(tandem),
        "topics": tandem.topics.with_places(),
        "profile": profile,
        "sections": sections_of(profile),
        "timeline": timeline_of(tandem, members, tandem.changes.all()),
        # Meetings and news live above this app; they hang on the object.
        "meetings": tandem.meetings.visible_to(None).order_by("-sorted_on", "-pk")[:50],
        "articles": tandem.articles.visible_on(today)[:10],
        "call": tandem.call if tandem.call and tandem.call.is_public else None,
        "json_ld": partnership_data(tandem, members),
    }
    return render(request, "tandems/detail.html", context)


def sections_of(profile: ProfileVersion | None) -> list[dict[str, Any]]:
    """Return the sections of the profile that hold an entry."""
    entries: list[ProfileEntry] = list(profile.entries.all()) if profile else []
    sections = (
        {"heading": section.label, "entries": [e for e in entries if e.section == section]}
        for section in ProfileSection
    )
    return [section for section in sections if section["entries"]]


def partnership_data(tandem: Tandem, members: list[TandemMember]) -> str:
    """Return the partnership and its current members in the words of schema.org."""
    return json_ld(
        "Organization",
        name=tandem.name,
        url=f"{settings.PUBLIC_URL}{tandem.get_absolute_url()}",
        member=[
            {
                "@type": "GovernmentOrganization",
                "name": member.municipality.name,
                "url": f"{settings.PUBLIC_URL}{member.municipality.get_absolute_url()}",
            }
            for member in members
            if not member.is_guest and not member.has_left(timezone.localdate())
        ],
    )
