"""The archive of a procedure: what is in it, who has taken it, and the download."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.downloads import handed_out
from calls.archive import reader_of
from calls.models import Application, Call
from core.models import StatusChange


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the archive holds, what it leaves out for this person, and who has taken it."""
    require(request.user, Permission.DECIDE_SELECTION)
    call = get_object_or_404(Call, pk=pk)
    reader = reader_of(call, request.user)
    sent = Application.objects.sent().filter(call=call).count()
    context = {
        **admin.site.each_context(request),
        "title": _("Archive of the procedure"),
        "call": call,
        "days": settings.APPLICATION_DAYS,
        "number": sent - len(reader.left_out),
        "conflicts": [row for row in reader.left_out if row.why == "conflict"],
        "unread": [row for row in reader.left_out if row.why != "conflict"],
        "taken": StatusChange.objects.of(call).filter(field=actions.ARCHIVE)[:20],
    }
    return render(request, "admin/calls/archive.html", context)


@require_POST
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out the archive, for saving; that it was taken stands in the history."""
    require(request.user, Permission.DECIDE_SELECTION)
    call = get_object_or_404(Call, pk=pk)
    file = actions.take_archive(call=call, by=request.user)
    return handed_out(file, f"{call.slug}.zip", "application/zip")
