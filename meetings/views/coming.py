"""The meetings to come, as lists show them above the pages of past ones."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from core.pages import Filters, ListPage, list_page
from meetings.models import Meeting
from meetings.queries import COMING


def coming_page(
    request: HttpRequest,
    rows: Any,
    *,
    found: list[Meeting] | None = None,
    filters: Filters | None = None,
    personal: bool = False,
) -> ListPage:
    """Return the page of the coming meetings that ``?coming=`` asks for.

    Hardly ever are they more than one page holds. ``found`` are the first of them, one more than
    that; only where there is one more, or a page is asked for, are they counted.
    """
    if "coming" not in request.GET:
        found = list(rows[: COMING + 1]) if found is None else found
        rows = found if len(found) <= COMING else rows
    return list_page(
        request, rows, per_page=COMING, filters=filters, personal=personal, name="coming"
    )
