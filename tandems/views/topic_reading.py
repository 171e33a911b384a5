"""Reading the topics of a partnership: as a member, after leaving, as a guest of one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from core.models import StatusChange
from core.pages import list_page
from core.templatetags.core_tags import words
from tandems.access import Access
from tandems.models import Document, DocumentVersion, TandemTopic, TopicGuest
from tandems.views.listing import documents_of

#: Documents on the page of a topic; the others stand in the list of all.
SHOWN_DOCUMENTS = 25


def as_guest(request: HttpRequest, topic: TandemTopic) -> HttpResponse:
    """Show the topic, its documents and who works on it: offices, no people."""
    members = topic.tandem.members.acting().select_related("municipality").order_by("position")
    documents = topic.documents.visible_to(request.user).present()
    page = list_page(request, documents, per_page=SHOWN_DOCUMENTS, personal=True)
    context = {
        "tandem": topic.tandem,
        "topic": topic,
        "heading": heading_of(topic),
        "members": members,
        "documents": with_files(page.rows, None),
        "list": page,
        "all_url": "",
    }
    return render(request, "tandems/workspace/topic_guest.html", context)


def topics_in(access: Access) -> QuerySet[TandemTopic]:
    """Return the topics of a partnership; who left reads those that were there on its last day."""
    rows = access.tandem.topics.with_places()
    if access.until is None:
        return rows
    later = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(TandemTopic),
        new="added",
        changed_at__date__gt=access.until,
    )
    return rows.exclude(pk__in=later.values("object_id"))


def topic_of(access: Access, pk: int) -> TandemTopic:
    """Return a topic of the partnership, or answer 404."""
    return get_object_or_404(topics_in(access), pk=pk)


def day_of(access: Access) -> dt.date:
    """Return the day as of which the person reads: today, or the last day of a city that left."""
    return access.until or timezone.localdate()


def guests_on(day: dt.date) -> QuerySet[TopicGuest]:
    """Return who is a guest on ``day``, with the municipalities."""
    return TopicGuest.objects.current_on(day).select_related("municipality")


def heading_of(topic: TandemTopic) -> str:
    """Return what the topic is called, marked where it is in another language."""
    return words(topic, "focus") or words(topic.topic, "name")


def documents_on(topic: TandemTopic, access: Access) -> dict[str, Any]:
    """Return the newest documents on a topic with their files, and the way to all where more are.

    A city that has left reads what was there on its last day.
    """
    rows = list(documents_of(access).filter(topic=topic)[: SHOWN_DOCUMENTS + 1])
    url = reverse("workspace:documents", args=[access.tandem.slug])
    return {
        "documents": with_files(rows[:SHOWN_DOCUMENTS], access.until),
        "all_url": f"{url}?topic={topic.pk}" if len(rows) > SHOWN_DOCUMENTS else "",
    }


def with_files(
    documents: Iterable[Document], until: dt.date | None
) -> list[tuple[Document, DocumentVersion]]:
    """Return documents with the newest version that was there by the end of ``until``."""
    rows = ((row, row.newest_until(until)) for row in documents)
    return [(row, version) for row, version in rows if version is not None]
