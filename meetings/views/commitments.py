"""Commitments of a partnership: made, and told what became of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, reach_of, require
from core.dates import day
from core.forms import add_errors
from core.models import StatusChange
from meetings import actions
from meetings.enums import CommitmentState, CommitmentStep
from meetings.forms import CommitmentForm, SettlementForm
from meetings.models import Commitment
from tandems.models import Tandem

form_page = require_http_methods(["GET", "HEAD", "POST"])
PER_LIST = 100


def tandem_of(request: HttpRequest, slug: str) -> Tandem:
    """Return the partnership, for who may read its internal area; others get 404."""
    return get_object_or_404(Tandem.objects.with_workspace_for(request.user), slug=slug)


@form_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List a partnership's commitments, and note a new one."""
    tandem = tandem_of(request, slug)
    members = members_for(request.user, tandem)
    meetings = tandem.meetings.visible_to(request.user).order_by("-sorted_on", "-pk")
    form = CommitmentForm(request.POST or None, members=members, meetings=meetings)
    if request.method == "POST":
        if not members.exists():
            raise PermissionDenied
        if form.is_valid():
            try:
                actions.make_commitment(**form.cleaned_data, by=request.user)
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("The commitment has been recorded."))
                return redirect("workspace:commitments", slug=slug)
    rows = Commitment.objects.filter(tandem=tandem).with_places()
    context = {
        "tandem": tandem,
        "today": timezone.localdate(),
        "open": rows.open()[:PER_LIST],
        "settled": rows.settled()[:PER_LIST],
        "form": form if members.exists() else None,
    }
    return render(request, "meetings/commitments.html", context)


def members_for(user: Any, tandem: Tandem) -> Any:
    """Return the current members for which ``user`` may note a commitment."""
    reach = reach_of(user, Permission.CONTRIBUTE)
    members = tandem.members.acting().select_related("municipality").order_by("position")
    return members if reach is None else members.filter(municipality__in=reach)


@form_page
def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a commitment with its history, and let its municipality say what became of it."""
    tandem = tandem_of(request, slug)
    rows = Commitment.objects.filter(tandem=tandem).with_places()
    commitment = get_object_or_404(rows, pk=pk)
    may_settle = request.user.has_perm(Permission.LEAD_MEETINGS, commitment)
    form = SettlementForm(request.POST or None)
    if request.method == "POST":
        require(request.user, Permission.LEAD_MEETINGS, commitment)
        if form.is_valid():
            try:
                settle(commitment, form.cleaned_data, request.user)
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("Saved. The partnership now sees the new status."))
                return redirect("workspace:commitments", slug=slug)
    context = {
        "tandem": tandem,
        "commitment": commitment,
        "history": [(row, words_of(row)) for row in StatusChange.objects.of(commitment)],
        "is_overdue": commitment.is_overdue_on(timezone.localdate()),
        "form": form if may_settle and commitment.is_open else None,
    }
    return render(request, "meetings/commitment.html", context)


def words_of(change: StatusChange) -> str:
    """Return what a row of a commitment's history says."""
    if change.field == "due_on":
        days = {name: date_of(getattr(change, name)) for name in ("old", "new")}
        return _("moved from %(old)s to %(new)s") % days
    return (
        _("made") if change.new == CommitmentState.OPEN else str(CommitmentState(change.new).label)
    )


def date_of(text: str) -> str:
    """Return a stored day as people write it."""
    return day(dt.date.fromisoformat(text))


def settle(commitment: Commitment, data: dict[str, Any], by: Any) -> None:
    """Do what the form says."""
    if data["step"] == CommitmentStep.KEPT:
        actions.keep_commitment(commitment=commitment, note=data["note"], by=by)
    elif data["step"] == CommitmentStep.DROPPED:
        actions.drop_commitment(commitment=commitment, note=data["note"], by=by)
    else:
        actions.move_commitment(
            commitment=commitment, due_on=data["due_on"], note=data["note"], by=by
        )
