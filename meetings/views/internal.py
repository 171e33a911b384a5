"""The meetings of a partnership, internal ones too, with their guests."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.permissions import Permission
from core.pages import list_page
from meetings.models import Meeting, MeetingGuest
from meetings.queries import COMING
from tandems.access import Access
from tandems.views.asking import frame, read_page, workspace_of

PER_PAGE = 25


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List the meetings that the person may read, the coming ones first."""
    access = workspace_of(request, slug)
    rows, today = meetings_of(access), timezone.localdate()
    past = list_page(request, rows.past_on(today), per_page=PER_PAGE, personal=True)
    context = frame(
        access,
        "meetings",
        coming=rows.coming_on(today)[:COMING] if access.acts else [],
        past=past.rows,
        list=past,
        may_let_in=access.acts and access.may(Permission.LEAD_MEETINGS),
    )
    return render(request, "meetings/internal.html", context)


def meetings_of(access: Access) -> Any:
    """Return the meetings that the person may read, with guests; left cities: up to then."""
    guests = MeetingGuest.objects.select_related("municipality")
    public = Meeting.objects.visible_to(None).filter(pk=OuterRef("pk")).order_by()
    rows = Meeting.objects.visible_to(access.user).filter(tandem=access.tandem).for_lists()
    rows = rows.prefetch_related(Prefetch("guests", queryset=guests))
    if access.until is not None:
        rows = rows.filter(latest__lte=access.until)
    return rows.annotate(has_page=Exists(public))
