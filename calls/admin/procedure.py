"""Procedures in the administration: the rules of a selection, and what prepares it."""

from __future__ import annotations

from django.contrib import admin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from calls.admin import assigning, eligibility, procedure_page, proposing, standing_page
from calls.admin.pages import PagesAdmin
from calls.models import Procedure

form_page = require_http_methods(["GET", "HEAD", "POST"])


@admin.register(Procedure)
class ProcedureAdmin(PagesAdmin):
    """Coordinators and BBSR see who reads what, which rules hold, and where applications stand."""

    permission = Permission.PREPARE_SELECTION
    pages = (
        ("", "changelist", require_safe(procedure_page.index)),
        ("<slug:slug>/", "detail", form_page(procedure_page.rules)),
        ("<slug:slug>/assignment/", "assignment", require_safe(assigning.index)),
        ("<slug:slug>/assignment/assign/", "assign", require_POST(assigning.assign)),
        ("<slug:slug>/assignment/remove/", "unassign", require_POST(assigning.unassign)),
        ("<slug:slug>/assignment/remind/", "remind", require_POST(assigning.remind)),
        ("<slug:slug>/assignment/proposal/", "proposal", form_page(proposing.proposal)),
        ("<slug:slug>/standing/", "standing", require_safe(standing_page.index)),
        ("<slug:slug>/eligibility/", "eligibility", require_safe(eligibility.index)),
        ("<slug:slug>/eligibility/<uuid:key>/", "check", form_page(eligibility.check)),
    )
