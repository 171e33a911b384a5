"""The files of documents, handed out to who may have them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.middleware import needs_second_factor
from accounts.permissions import Permission, reach_of
from core.files import download
from core.pages import open_to_read
from tandems.access import access_of
from tandems.enums import TandemStatus, Visibility
from tandems.models import Document, DocumentVersion, TandemMember, TopicGuest
from tandems.views.asking import read_page, workspace_of
from tandems.views.listing import document_of


@read_page
def file(request: HttpRequest, slug: str, key: uuid.UUID, number: int) -> HttpResponseBase:
    """Hand out one version of a document in the internal area."""
    access = workspace_of(request, slug)
    row = get_object_or_404(document_of(access, key).versions, number=number)
    if not access.reads(row.uploaded_at):
        raise Http404
    return handed(row)


@open_to_read
def public_file(request: HttpRequest, slug: str, key: uuid.UUID) -> Any:
    """Hand out the newest version: of a public document to everybody, else to who may read it.

    The user is asked for only where the document is not public: visitors get no cookie.
    """
    documents = {"tandem__slug": slug, "key": key}
    document = Document.objects.visible_to(None).present().filter(**documents).first()
    until = None
    if document is None:
        # The view is open, so that nobody else has asked for the second factor.
        if not request.user.is_authenticated or needs_second_factor(request):
            raise Http404
        rows = Document.objects.visible_to(request.user).present()
        document = get_object_or_404(rows, **documents)
        until = last_day(request.user, document)
    newest = document.newest_until(until)
    if newest is None:
        raise Http404
    return handed(newest)


def last_day(user: Any, document: Document) -> dt.date | None:
    """Return up to which day somebody reads the versions of a document, ``None``: all.

    Only who reads it as a city that has left, and in no other way, gets what was there by then.
    """
    access = access_of(user, document.tandem)
    if access is None or access.until is None:
        return None
    reach = reach_of(user, Permission.READ_WORKSPACE) or set()
    network = TandemMember.objects.acting().filter(municipality__in=reach)
    # What is public is handed out before; the network reads nothing of what is still planned.
    is_known = document.tandem.status != TandemStatus.PLANNED
    if document.visibility == Visibility.NETWORK and is_known and network.exists():
        return None
    guests = TopicGuest.objects.current_on(timezone.localdate()).filter(
        topic=document.topic_id, municipality__in=reach
    )
    if document.topic_id and document.visibility != Visibility.TEAM and guests.exists():
        return None
    return access.until


def handed(version: DocumentVersion) -> HttpResponseBase:
    """Return the file for saving."""
    return download(version.file, name=version.name, kind=version.kind)
