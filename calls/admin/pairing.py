"""Pairs of municipalities in the administration: matching, rules by hand, proposals."""

from __future__ import annotations

from django.contrib import admin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from calls.admin import matching_acts, matching_city, matching_page
from calls.admin.pages import PagesAdmin
from calls.models import Pairing

form_page = require_http_methods(["GET", "HEAD", "POST"])


@admin.register(Pairing)
class PairingAdmin(PagesAdmin):
    """Matching computes, people decide: nothing is proposed that somebody did not choose here."""

    permission = Permission.PREPARE_SELECTION
    pages = (
        ("", "changelist", require_safe(matching_page.index)),
        ("<slug:slug>/", "matching", require_safe(matching_page.page)),
        ("<slug:slug>/city/<uuid:key>/", "city", require_safe(matching_city.city)),
        ("<slug:slug>/rules/", "rule", require_POST(matching_acts.add_rule)),
        ("<slug:slug>/rules/<int:pk>/remove/", "unrule", require_POST(matching_acts.remove_rule)),
        ("<slug:slug>/propose/", "propose", require_POST(matching_acts.propose)),
        ("<slug:slug>/proposals/<int:pk>/drop/", "drop", form_page(matching_acts.drop)),
    )
