"""The queue of profiles in the administration: what waits for its release, and for whose word."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from tandems.confirming import cities_missing
from tandems.enums import ProfileState
from tandems.models import ProfileVersion


def index(request: HttpRequest) -> HttpResponse:
    """List the versions that can be released, the oldest first, and those that wait for a city."""
    require(request.user, Permission.RELEASE_PROFILE)
    states = [ProfileState.SUBMITTED, ProfileState.CONFIRMED]
    rows = ProfileVersion.objects.unfinished().filter(state__in=states)
    rows = rows.prefetch_related("tandem__members__municipality", "confirmations__municipality")
    rows = rows.order_by("submitted_at", "pk")
    entries = [{"version": row, "missing": cities_missing(row)} for row in rows]
    context = {
        **admin.site.each_context(request),
        "title": _("Release profiles"),
        "ready": [entry for entry in entries if not entry["missing"]],
        "waiting": [entry for entry in entries if entry["missing"]],
    }
    return render(request, "admin/tandems/releases.html", context)
