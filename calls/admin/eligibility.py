"""The formal check: which applications meet the conditions of the call, and why (not)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.application_list import LONGEST_QUESTION, TEXTS, found_by, size_of
from calls.admin.procedure_frame import frame, procedure_for
from calls.admin.standing_page import CHECKS, Check, check_of
from calls.enums import CallState
from calls.forms import EligibilityForm
from calls.models import Application, Call, EligibilityCheck
from calls.queries import closed_applications
from core.forms import add_errors
from core.pages import Filters, list_page

PER_PAGE = 50


def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List the applications with what the formal check has found; open ones come first."""
    procedure = procedure_for(request, slug)
    visible = sent_to(procedure.call, request.user)
    filters = Filters(request)
    found = F("eligibility__is_eligible").asc(nulls_first=True)
    rows = visible.order_by(found, "place_name", "pk")
    if value := filters.choose("check", _("Formal check"), Check.choices):
        rows = rows.filter(CHECKS[Check(value)])
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\x00", " ").strip()
    filters.keep("q", question)
    if question:
        rows = found_by(rows, question)
    page = list_page(
        request,
        rows.select_related("municipality", "eligibility__checked_by").defer(*TEXTS),
        per_page=PER_PAGE,
        filters=filters,
        personal=True,
    )
    context = frame(
        request,
        procedure,
        "eligibility",
        _("Formal check"),
        filters=filters,
        question=question,
        list=page,
        rows=[(row, found_in(row)) for row in page.rows],
        open=visible.filter(CHECKS[Check.OPEN]).count(),
        closed=closed_applications(procedure.call, request.user),
        is_running=procedure.call.state == CallState.IN_REVIEW,
    )
    return render(request, "admin/calls/procedure_eligibility.html", context)


def check(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Ask whether one application meets the conditions; the next open one follows."""
    procedure = procedure_for(request, slug)
    rows = sent_to(procedure.call, request.user)
    rows = rows.select_related("municipality", "eligibility__checked_by")
    application = get_object_or_404(rows, key=key)
    require(request.user, Permission.PREPARE_SELECTION, application)
    before: EligibilityCheck | None = getattr(application, "eligibility", None)
    data = request.POST.copy()
    form = EligibilityForm(data or None, initial=initial_of(before))
    if request.method == "POST" and form.is_valid():
        if saved(request, application, before, form):
            following = sent_to(procedure.call, request.user).filter(CHECKS[Check.OPEN])
            then = following.order_by("place_name", "pk").first()
            if then is None or "stay" in request.POST:
                return redirect("admin:calls_procedure_eligibility", slug)
            return redirect("admin:calls_procedure_check", slug, then.key)
        # Whoever has read what somebody else found may replace it.
        data["seen"] = seen(before)
    context = frame(
        request,
        procedure,
        "eligibility",
        application.place_name,
        form=form,
        application=application,
        before=before,
        found=found_in(application),
        size=size_of(application.place_population),
        submission=application.submissions.order_by("number").last(),
        documents=[line for line in procedure.call.documents_needed.splitlines() if line.strip()],
        is_running=procedure.call.state == CallState.IN_REVIEW,
    )
    return render(request, "admin/calls/procedure_check.html", context)


def found_in(application: Application) -> Check:
    """Return what the formal check of an application has found."""
    check = getattr(application, "eligibility", None)
    return check_of(check.is_eligible if check else None)


def sent_to(call: Call, user: Any) -> Any:
    """Return the sent applications to a call that a person may see."""
    return Application.objects.visible_to(user).sent().filter(call=call)


def initial_of(before: EligibilityCheck | None) -> dict[str, Any]:
    """Return what the form shows at first."""
    if before is None:
        return {"seen": ""}
    return {
        "is_eligible": "yes" if before.is_eligible else "no",
        "reason": before.reason,
        "seen": seen(before),
    }


def seen(before: EligibilityCheck | None) -> str:
    """Return what tells a check from a later one."""
    return before.checked_at.isoformat() if before else ""


def saved(
    request: HttpRequest,
    application: Application,
    before: EligibilityCheck | None,
    form: EligibilityForm,
) -> bool:
    """Save a check, unless somebody has checked since; say so, or what the action refuses."""
    data = form.cleaned_data
    same = before and (before.is_eligible, before.reason) == (data["is_eligible"], data["reason"])
    if data["seen"] != seen(before) and not same:
        form.add_error(None, _("Somebody has checked meanwhile. Read it, and save again."))
        return False
    try:
        actions.check_eligibility(
            application=application,
            is_eligible=data["is_eligible"],
            reason=data["reason"],
            by=request.user,
        )
    except ValidationError as error:
        add_errors(form, error)
        return False
    messages.success(request, _("Checked: %(place)s.") % {"place": application.place_name})
    return True
