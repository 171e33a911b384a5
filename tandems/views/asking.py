"""What the pages of the internal area share: who is let in, and the frame around them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tandems.access import Access, access_of
from tandems.models import Tandem

form_page = require_http_methods(["GET", "HEAD", "POST"])
read_page = require_safe
act_page = require_POST

#: The pages of the internal area, as its menu shows them: name of the address, label.
PARTS = (
    ("home", _("Where we stand")),
    ("profile", _("Profile")),
    ("topics", _("Topics")),
    ("meetings", _("Meetings")),
    ("commitments", _("Commitments")),
    ("log", _("Learning log")),
    ("documents", _("Documents")),
    ("people", _("People")),
    ("history", _("History")),
)


def workspace_of(request: HttpRequest, slug: str) -> Access:
    """Return how the person reads the internal area; who has no way in meets 404."""
    rows = Tandem.objects.with_workspace_for(request.user).with_members()
    tandem = get_object_or_404(rows, slug=slug)
    access = access_of(request.user, tandem)
    if access is None:
        raise Http404
    return access


def frame(access: Access, part: str, **context: Any) -> dict[str, Any]:
    """Return what every page of the internal area shows, and what this one adds.

    ``part`` is the page of the menu (:data:`PARTS`) that this page belongs to.
    """
    return {
        "access": access,
        "tandem": access.tandem,
        "parts": [
            {"name": name, "url": f"workspace:{name}", "label": label, "is_here": name == part}
            for name, label in PARTS
        ],
        **context,
    }
