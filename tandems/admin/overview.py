"""All partnerships for the project team: next missing step, freshness, last activity."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from core.pages import Filters, list_page
from tandems.enums import TandemStatus
from tandems.models import Tandem
from tandems.overview import standings_of

PER_PAGE = 50


def index(request: HttpRequest) -> HttpResponse:
    """List the partnerships that work, by number; with ``?state=all`` those that are over too."""
    require(request.user, Permission.CHANGE_MEMBERSHIP)
    rows = Tandem.objects.visible_to(request.user).with_members().in_order()
    filters = Filters(request)
    shows_all = bool(filters.choose("state", _("Status"), [("all", _("all"))]))
    if not shows_all:
        rows = rows.filter(status__in=[TandemStatus.PLANNED, TandemStatus.ACTIVE])
    page = list_page(request, rows, per_page=PER_PAGE, filters=filters, personal=True)
    context = {
        **admin.site.each_context(request),
        "title": _("All partnerships"),
        "list": page,
        "standings": standings_of(page.rows),
        "shows_all": shows_all,
    }
    return render(request, "admin/tandems/overview.html", context)
