"""Commitments of a partnership: made, and told what became of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, reach_of, require
from core.dates import day
from core.forms import add_errors
from core.models import StatusChange
from meetings import actions
from meetings.enums import CommitmentState, CommitmentStep
from meetings.forms.commitment import CommitmentForm, SettlementForm
from meetings.models import Commitment
from tandems.access import Access
from tandems.history import as_on
from tandems.views.asking import form_page, frame, workspace_of

PER_LIST = 100


@form_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List a partnership's commitments, and note a new one."""
    access = workspace_of(request, slug)
    members = members_for(access)
    meetings = access.tandem.meetings.visible_to(request.user).order_by("-sorted_on", "-pk")
    may_make = members.exists()
    form = CommitmentForm(request.POST or None, members=members, meetings=meetings)
    if request.method == "POST":
        if not may_make:
            raise PermissionDenied
        if form.is_valid() and make(request, form):
            return redirect("workspace:commitments", slug=slug)
    open_ones, settled = commitments_for(access)
    context = frame(
        access,
        "commitments",
        today=timezone.localdate() if access.until is None else access.until,
        open=open_ones,
        settled=settled,
        form=form if may_make else None,
    )
    return render(request, "meetings/commitments.html", context)


def members_for(access: Access) -> Any:
    """Return the current members for which the person may note a commitment."""
    reach = reach_of(access.user, Permission.CONTRIBUTE)
    members = access.tandem.members.acting().select_related("municipality").order_by("position")
    return members if reach is None else members.filter(municipality__in=reach)


def make(request: HttpRequest, form: CommitmentForm) -> bool:
    """Note what the form says; tell at the field what stands against it."""
    try:
        actions.make_commitment(**form.cleaned_data, by=request.user)
    except ValidationError as error:
        if getattr(error, "code", "") == "known":
            # A second click on the same button: what the person wanted is done.
            messages.info(request, " ".join(error.messages))
            return True
        add_errors(form, error)
        return False
    messages.success(request, _("The commitment has been recorded."))
    return True


def commitments_for(access: Access) -> tuple[list[Commitment], list[Commitment]]:
    """Return the open and the settled commitments; who has left: as they stood on its last day."""
    rows = Commitment.objects.visible_to(access.user).filter(tandem=access.tandem).with_places()
    if access.until is None:
        return list(rows.open()[:PER_LIST]), list(rows.settled()[:PER_LIST])
    was_open = Q(state=CommitmentState.OPEN) | Q(settled_at__date__gt=access.until)
    open_ones = as_on(rows.filter(was_open).order_by("due_on", "pk")[:PER_LIST], access.until)
    settled = rows.settled().filter(settled_at__date__lte=access.until)
    return sorted(open_ones, key=lambda row: (row.due_on, row.pk)), list(settled[:PER_LIST])


@form_page
def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a commitment with its history, and let its municipality say what became of it."""
    access = workspace_of(request, slug)
    rows = Commitment.objects.visible_to(request.user).filter(tandem=access.tandem).with_places()
    commitment = get_object_or_404(rows, pk=pk)
    may_settle = access.acts and access.may(Permission.LEAD_MEETINGS, commitment)
    form = SettlementForm(request.POST or None)
    if request.method == "POST":
        if not access.acts:
            raise PermissionDenied
        require(request.user, Permission.LEAD_MEETINGS, commitment)
        if not commitment.is_open:
            messages.info(request, _("This commitment is already settled."))
            return redirect(commitment)
        if form.is_valid():
            try:
                settle(commitment, form.cleaned_data, request.user)
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("Saved. The partnership now sees the new status."))
                return redirect("workspace:commitments", slug=slug)
    (stood,) = as_on([commitment], access.until)
    history = [row for row in StatusChange.objects.of(commitment) if access.reads(row.changed_at)]
    context = frame(
        access,
        "commitments",
        commitment=stood,
        history=[(row, words_of(row), name_for(row, access)) for row in history],
        is_overdue=stood.is_overdue_on(access.until or timezone.localdate()),
        form=form if may_settle and commitment.is_open else None,
    )
    return render(request, "meetings/commitment.html", context)


def words_of(change: StatusChange) -> str:
    """Return what a row of a commitment's history says."""
    if change.field == "due_on":
        days = {name: date_of(getattr(change, name)) for name in ("old", "new")}
        return _("moved from %(old)s to %(new)s") % days
    return (
        _("made") if change.new == CommitmentState.OPEN else str(CommitmentState(change.new).label)
    )


def name_for(change: StatusChange, access: Access) -> str:
    """Return who made a change; a city that has left reads only its own people's names."""
    by = change.changed_by
    return str(by) if by and (access.until is None or by == access.user) else ""


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
