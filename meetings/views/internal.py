"""Meetings as those who take part list them: of one partnership, and of all of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from core.pages import Filters, list_page
from meetings.access import Nobodys, closed_to_guests
from meetings.enums import MeetingStatus
from meetings.models import Meeting, MeetingGuest
from meetings.queries import with_pages
from meetings.views.coming import coming_page
from tandems.access import Access
from tandems.models import Tandem
from tandems.views.asking import frame, read_page, workspace_of

PER_PAGE = 25
#: In preparation, without a date: it is still to come.
UNDATED = Q(latest__isnull=True, status=MeetingStatus.PLANNED)


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List the meetings of a partnership that the person may read, the coming ones first."""
    access = workspace_of(request, slug)
    rows, today = meetings_of(access), timezone.localdate()
    past = list_page(
        request, rows.exclude(UNDATED).past_on(today), per_page=PER_PAGE, personal=True
    )
    leads = access.acts and access.may(Permission.LEAD_MEETINGS)
    coming = coming_page(request, to_come(rows, today), personal=True) if access.acts else None
    for row in coming.rows if coming else ():
        row.takes_guests = leads and row.tandem_id == access.tandem.pk and not closed_to_guests(row)
    context = frame(
        access,
        "meetings",
        coming=coming.rows if coming else [],
        coming_pages=coming,
        past=past.rows,
        list=past,
        may_let_in=leads,
        may_plan=leads,
    )
    return render(request, "meetings/internal.html", context)


@read_page
def mine(request: HttpRequest) -> HttpResponse:
    """List all meetings that the person reads from within, the coming ones first."""
    require(request.user, Permission.READ_WORKSPACE)
    rows, today = own_meetings(request.user), timezone.localdate()
    filters = Filters(request)
    partnerships = list(Tandem.objects.with_workspace_for(request.user).in_order())
    named = [(row.slug, str(row)) for row in partnerships]
    chosen = filters.choose("partnership", _("Partnership"), named)
    if chosen:
        joined = Meeting.partnerships.through.objects.filter(tandem__slug=chosen)
        rows = rows.filter(Q(tandem__slug=chosen) | Q(pk__in=joined.values("meeting")))
    past = list_page(
        request,
        rows.exclude(UNDATED).past_on(today),
        per_page=PER_PAGE,
        filters=filters,
        personal=True,
    )
    plans, coming = may_plan(request.user), None
    if past.number == 1:
        coming = coming_page(request, to_come(rows, today), filters=filters, personal=True)
    for row in coming.rows if coming else ():
        # Those of a partnership take guests in its internal area.
        row.takes_guests = plans and row.tandem is None and not closed_to_guests(row)
    context = {
        "coming": coming.rows if coming else [],
        "coming_pages": coming,
        "past": past.rows,
        "list": past,
        "filters": filters,
        "may_plan": plans,
        "led": [] if plans else led_by(request.user, partnerships),
        "names_partnership": True,
    }
    return render(request, "meetings/mine.html", context)


def meetings_of(access: Access) -> Any:
    """Return the meetings that the person may read, with guests; left cities: up to then."""
    guests = MeetingGuest.objects.select_related("municipality")
    joined = access.tandem.joint_meetings.order_by().values("pk")
    rows = Meeting.objects.visible_to(access.user)
    rows = rows.filter(Q(tandem=access.tandem) | Q(pk__in=joined)).for_lists().with_progress()
    rows = rows.prefetch_related(Prefetch("guests", queryset=guests))
    if access.until is not None:
        rows = rows.filter(latest__lte=access.until)
    return with_pages(rows)


def to_come(rows: Any, today: dt.date) -> Any:
    """Return the meetings that are not over, the next one first, undated ones at the end."""
    found = rows.filter(Q(sorted_on__gte=today) | UNDATED)
    return found.order_by(F("earliest").asc(nulls_last=True), "pk")


def own_meetings(user: Any) -> Any:
    """Return the meetings that ``user`` reads from within: as a member, former member or guest."""
    rows = Meeting.objects.visible_to(user).from_within_for(user)
    return rows.for_lists().with_progress()


def may_plan(user: Any) -> bool:
    """Tell whether the person plans meetings of several partnerships and of the network."""
    return bool(user.has_perm(Permission.LEAD_MEETINGS, Nobodys()))


def led_by(user: Any, partnerships: Iterable[Tandem]) -> list[Tandem]:
    """Return the partnerships whose meetings the person plans; of a city, these are few."""
    return [row for row in partnerships if user.has_perm(Permission.LEAD_MEETINGS, row)]
