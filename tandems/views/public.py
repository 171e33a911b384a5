"""Public pages of the partnerships."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext as _

from core.pages import Filters, list_page, public_page
from core.queries import remembered
from core.templatetags.core_tags import words
from core.text import json_ld
from municipalities.queries import country_choices, topic_choices
from tandems import queries
from tandems.enums import ProfileSection, TandemStatus
from tandems.models import ProfileVersion, Tandem, TandemMember
from tandems.pairs import pair_of
from tandems.sections import sections_of
from tandems.timeline import enumeration, timeline_of
from tandems.views.listing import ListedDocument, shown_pictures

#: Stands above the others, as the lead.
SUMMARY = ProfileSection.SUMMARY


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """List the partnerships by number; filters: topic, country, status."""
    filters = Filters(request)
    topic = filters.choose("topic", _("Field of action"), topic_choices())
    country = filters.choose("country", _("Country"), countries_of_partnerships())
    statuses = [(value, str(label)) for value, label in TandemStatus.choices]
    status = filters.choose("status", _("Status"), statuses[1:])
    rows = Tandem.objects.visible_to(None).in_order()
    if topic:
        rows = rows.on_topic(topic)
    if country:
        rows = rows.with_country(country)
    if status:
        rows = rows.filter(status=status)
    page = list_page(request, rows, per_page=queries.PER_PAGE, filters=filters)
    context = {"list": page, "cards": queries.cards_of(page.rows), "filters": filters}
    return render(request, "tandems/index.html", context)


def countries_of_partnerships() -> list[tuple[str, str]]:
    """Return (code, name) of the countries with a municipality in a public partnership."""

    def choices() -> list[tuple[str, str]]:
        members = TandemMember.objects.visible_to(None).order_by("municipality__country")
        return country_choices(members.values_list("municipality__country", flat=True).distinct())

    return remembered(f"tandems countries {get_language()}", choices)


@public_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a partnership: pair, profile, who gives and seeks, meetings, changes, the call."""
    tandem: Any = queries.public_partnership.first(slug)
    if tandem is None:
        raise Http404
    members = queries.members_of(tandem.pk)
    texts = queries.texts_of(tandem.pk)
    profile = texts[0].entry.profile if texts else queries.released_profile.first(tandem.pk)
    sections = sections_of(texts)
    summary = next((part for part in sections if part.section == SUMMARY), None)
    today = timezone.localdate()
    commitments: list[Any] = queries.commitments_of(tandem.pk) if tandem.has_commitments else []
    context = {
        "tandem": tandem,
        "pair": pair_of(members),
        "topics": queries.topics_of(tandem.pk),
        "profile": profile,
        "confirmed_by": confirmed_by(profile) if profile and tandem.has_confirmations else "",
        "is_old": profile is not None and profile.is_old_on(today),
        "pictures": shown_pictures(queries.pictures_of(profile.pk), tandem)
        if profile and tandem.has_pictures
        else [],
        "documents": documents_of(tandem) if tandem.has_documents else [],
        "summary": summary,
        "description": summary.plain if summary else "",
        "sections": [part for part in sections if part.section != SUMMARY],
        "timeline": timeline_of(members, queries.changes_of(tandem.pk), tandem=tandem),
        "meetings": queries.meetings_of(tandem.pk),
        "commitments": commitments,
        "promises": queries.shown_commitments_of(tandem.pk)
        if any(row.is_public for row in commitments)
        else [],
        "today": today,
        "check_ins": queries.check_ins_in(tandem.pk) if tandem.has_check_ins else [],
        "learned": queries.learned_in(tandem.pk) if tandem.has_learned else [],
        "articles": queries.articles_of(tandem.pk, today),
        "call": tandem.call if tandem.call and tandem.call.is_public else None,
        "json_ld": partnership_data(tandem, members),
    }
    return render(request, "tandems/detail.html", context)


def confirmed_by(profile: ProfileVersion) -> str:
    """Return the cities that have confirmed the profile, in a row; never who did it there."""
    rows = queries.confirmations_of(profile.pk)
    return enumeration([words(row.municipality, "name") for row in rows])


def documents_of(tandem: Tandem) -> list[ListedDocument]:
    """Return the public documents as the list of documents takes them."""
    found = []
    for version in queries.documents_of(tandem.pk):
        version.document.tandem = tandem
        found.append(ListedDocument(version.document, version))
    return found


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
