"""What happened in a partnership, for the people who read its internal area."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import list_page
from tandems.history import changes_in, told
from tandems.views.asking import frame, read_page, workspace_of

PER_PAGE = 25


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List what happened, the newest first."""
    access = workspace_of(request, slug)
    page = list_page(request, changes_in(access), per_page=PER_PAGE, personal=True)
    context = frame(access, "history", list=page, events=told(page.rows, access))
    return render(request, "tandems/workspace/history.html", context)
