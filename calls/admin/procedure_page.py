"""The calls with a selection, and the rules of one of them."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.procedure_frame import frame, procedure_for
from calls.content import marks_of
from calls.forms import ProcedureForm
from calls.models import Procedure
from calls.queries import rules_of
from core.forms import add_errors
from core.pages import list_page

PER_PAGE = 50


def index(request: HttpRequest) -> HttpResponse:
    """List the calls whose applications are, or were, in review."""
    require(request.user, Permission.PREPARE_SELECTION)
    rows = Procedure.objects.select_related("call").order_by("-pk")
    context = {
        **admin.site.each_context(request),
        "title": capfirst(_("selection procedures")),
        "list": list_page(request, rows, per_page=PER_PAGE, personal=True),
    }
    return render(request, "admin/calls/procedure_list.html", context)


def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change by which rules a selection runs."""
    procedure = procedure_for(request, slug)
    form = ProcedureForm(request.POST or None, instance=procedure)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_procedure(
                procedure=procedure,
                changes=form.cleaned_data,
                opened_with=opened_with(request),
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)  # type: ignore[arg-type]  # a form of a model is one too
            status = 409
        else:
            messages.success(request, _("The rules are saved."))
            return redirect("admin:calls_procedure_detail", slug)
    # Of what is stored now: who has read that somebody else changed a rule may set it.
    stored = rules_of(Procedure.objects.get(pk=procedure.pk))
    context = frame(
        request,
        procedure,
        "detail",
        _("Rules of the selection"),
        form=form,
        marks=json.dumps(marks_of(stored)),
    )
    return render(request, "admin/calls/procedure_rules.html", context, status=status)


def opened_with(request: HttpRequest) -> dict[str, str]:
    """Return the marks of the rules with which the form was opened, as the form carries them."""
    try:
        marks: Any = json.loads(request.POST.get("marks", ""))
    except ValueError:
        return {}
    return {str(name): str(mark) for name, mark in marks.items()} if isinstance(marks, dict) else {}
