"""Reading the topics of a partnership: as a member, after leaving, as a guest of one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from core.models import StatusChange
from core.templatetags.core_tags import words
from tandems.access import Access
from tandems.models import Document, DocumentVersion, TandemTopic, TopicGuest


def as_guest(request: HttpRequest, topic: TandemTopic) -> HttpResponse:
    """Show the topic, its documents and who works on it: offices, no people."""
    members = topic.tandem.members.acting().select_related("municipality").order_by("position")
    documents = topic.documents.visible_to(request.user).present()
    context = {
        "tandem": topic.tandem,
        "topic": topic,
        "heading": heading_of(topic),
        "members": members,
        "documents": with_files(documents, None),
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


def with_files(
    documents: Iterable[Document], until: dt.date | None
) -> list[tuple[Document, DocumentVersion]]:
    """Return documents with the newest version that was there by the end of ``until``."""
    rows = ((row, row.newest_until(until)) for row in documents)
    return [(row, version) for row, version in rows if version is not None]
