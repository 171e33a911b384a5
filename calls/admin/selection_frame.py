"""What the pages of the selection have in common: who opens them, and the ways between them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.permissions import Permission, require
from calls.admin.procedure_frame import procedure_for
from calls.models import Call, SelectionList
from calls.ways import ways_of


def call_for(request: HttpRequest, slug: str) -> Call:
    """Return a call that has a procedure, for who prepares the selection."""
    return procedure_for(request, slug).call


def list_for(request: HttpRequest, slug: str, pk: int) -> SelectionList:
    """Return a trial list of a call, for who prepares the selection."""
    require(request.user, Permission.PREPARE_SELECTION)
    rows = SelectionList.objects.select_related("call__procedure")
    found: SelectionList = get_object_or_404(rows, pk=pk, call__slug=slug)
    return found


def frame(
    request: HttpRequest, call: Call, here: str, title: str, **context: Any
) -> dict[str, Any]:
    """Return the context of a page; ``here``: ``lists`` or ``session``."""
    return {
        **admin.site.each_context(request),
        "title": title,
        "call": call,
        "procedure": call.procedure,
        "menu": ways_of(call, here, request.user),
        "decides": request.user.has_perm(Permission.DECIDE_SELECTION),
        **context,
    }
