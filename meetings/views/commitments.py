"""Commitments of a partnership: made, and told what became of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, reach_of, require
from core.dates import day
from core.forms import add_errors
from core.models import StatusChange
from core.pages import ListPage, list_page
from meetings import actions
from meetings.actions.check_in import cities_spoken_for
from meetings.actions.commitment import may_take_back, name_person
from meetings.enums import CommitmentState, CommitmentStep, MeetingScope, MeetingStatus
from meetings.fates import Fates, Stood, fates_of
from meetings.forms.commitment import CommitmentForm, PersonForm, ReopenForm, SettlementForm
from meetings.links import check_in_link
from meetings.models import CheckIn, CheckInAnswer, Commitment, Meeting
from tandems.access import Access
from tandems.history import as_on
from tandems.views.asking import act_page, form_page, frame, workspace_of
from tandems.views.trying import done, typed

PER_LIST = 100


@form_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List a partnership's commitments, those without an answer first, and note a new one."""
    access = workspace_of(request, slug)
    members = members_for(access)
    may_make = bool(members)
    if request.method == "POST" and not may_make:
        raise PermissionDenied
    form = None
    if may_make:
        form = CommitmentForm(typed(request), members=members, meetings=meetings_for(access))
    if request.method == "POST" and form and make(request, form):
        return redirect("workspace:commitments", slug=slug)
    today = access.until or timezone.localdate()
    open_ones, settled = commitments_for(access)
    page = page_of(request, open_ones, "open")
    shown = sorted(page.rows, key=lambda row: (row.due_on, row.pk))
    context = frame(
        access,
        "commitments",
        today=today,
        open_page=page,
        unanswered=[row for row in shown if row.is_overdue_on(today)],
        open=[row for row in shown if not row.is_overdue_on(today)],
        settled=page_of(request, settled, "settled"),
        fates=fates_in(access, today),
        check_ins=check_ins_for(access),
        form=form,
    )
    return render(request, "meetings/commitments.html", context)


def members_for(access: Access) -> Any:
    """Return the current members for which the person may note a commitment."""
    reach = reach_of(access.user, Permission.CONTRIBUTE)
    members = access.tandem.members.acting().select_related("municipality").order_by("position")
    return members if reach is None else members.filter(municipality__in=reach)


def meetings_for(access: Access) -> Any:
    """Return the meetings in which the partnership takes part, with others or alone."""
    tandem = access.tandem
    joint = Q(scope=MeetingScope.SEVERAL, pk__in=tandem.joint_meetings.values("pk"))
    rows = Meeting.objects.visible_to(access.user).exclude(status=MeetingStatus.CANCELLED)
    mine = rows.filter(Q(tandem=tandem) | joint | Q(scope=MeetingScope.PROGRAMME))
    return mine.order_by("-sorted_on", "-pk")


def make(request: HttpRequest, form: CommitmentForm, meeting: Meeting | None = None) -> bool:
    """Note what the form says; tell at the field what stands against it."""
    if not form.is_valid():
        return False
    agreed_at = {"meeting": meeting} if meeting else {}
    try:
        actions.make_commitment(**{**form.cleaned_data, **agreed_at}, by=request.user)
    except ValidationError as error:
        if getattr(error, "code", "") == "known":
            # A second click on the same button: what the person wanted is done.
            messages.info(request, " ".join(error.messages))
            return True
        add_errors(form, error)
        return False
    messages.success(request, _("The commitment has been recorded."))
    return True


def commitments_for(access: Access) -> tuple[QuerySet[Commitment], QuerySet[Commitment]]:
    """Return the open and the settled commitments; who has left: as they stood on its last day."""
    rows: Any = Commitment.objects.visible_to(access.user).filter(tandem=access.tandem)
    rows = rows.with_places()
    if access.until is None:
        return rows.open(), rows.settled()
    rows = rows.standing_on(access.until)
    open_ones = rows.filter(state_then=CommitmentState.OPEN).order_by("due_on", "pk")
    settled = rows.exclude(state_then=CommitmentState.OPEN).order_by("-settled_then", "-pk")
    return open_ones, settled


def page_of(request: HttpRequest, rows: QuerySet[Commitment], name: str) -> ListPage:
    """Return a page of commitments, each as it stood where that was asked (``standing_on``)."""
    page = list_page(request, rows, per_page=PER_LIST, personal=True, name=name)
    for row in page.rows:
        if hasattr(row, "state_then"):
            row.state, row.reason = row.state_then, row.reason_then
            row.settled_at, row.due_on = row.settled_then, due_then(row.due_on, row.due_then)
    return page


def due_then(due_on: dt.date, before: str | None) -> dt.date:
    """Return the day due, or the one (ISO) that stood there before it was moved."""
    return dt.date.fromisoformat(before) if before else due_on


def fates_in(access: Access, today: dt.date) -> Fates:
    """Return what became of all commitments; who has left counts those that it still sees."""
    rows = Commitment.objects.filter(tandem=access.tandem)
    if access.until is None:
        return fates_of(rows.values_list("state", "due_on", named=True), today)
    stood: Any = rows.visible_to(access.user).standing_on(access.until)
    days = stood.values_list("state_then", "due_on", "due_then")
    return fates_of((Stood(state, due_then(due, before)) for state, due, before in days), today)


def check_ins_for(access: Access) -> list[CheckIn]:
    """Return what the cities were asked after the end, the last question first.

    Who speaks for a city today answers from here (``answer_url``): mails went to others perhaps, or
    are lost. It sees its own questions even if its city left with the end.
    """
    answers = CheckInAnswer.objects.select_related("commitment").order_by("commitment__due_on")
    rows = CheckIn.objects.filter(tandem=access.tandem).select_related("municipality")
    rows = rows.prefetch_related(Prefetch("answers", queryset=answers.order_by("pk")))
    asked = list(rows.order_by(F("ended_on").desc(nulls_last=True), "-months", "pk"))
    own = cities_spoken_for(by=access.user) if asked else set()
    found: list[Any] = [
        row for row in asked if row.municipality_id in own or access.reads(row.asked_at)
    ]
    for row in found:
        row.is_past = row.ended_on is None or row.ended_on != access.tandem.ended_on
        is_mine = row.municipality_id in own and not row.is_past
        row.answer_url = check_in_link(row, access.user) if is_mine else ""
    return found


@form_page
def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a commitment with its history, and let its municipality say what became of it."""
    access = workspace_of(request, slug)
    commitment = commitment_of(access, pk)
    may_settle = access.acts and access.may(Permission.LEAD_MEETINGS, commitment)
    form = SettlementForm(request.POST or None)
    if request.method == "POST":
        if not access.acts:
            raise PermissionDenied
        require(request.user, Permission.LEAD_MEETINGS, commitment)
        if not commitment.is_open:
            messages.info(request, _("This commitment is already settled."))
            return redirect(commitment)
        if done(form, lambda: settle(commitment, form.cleaned_data, request.user)):
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
        may_name=access.acts and access.may(Permission.CONTRIBUTE, commitment),
        form=form if may_settle and commitment.is_open else None,
        may_show=may_settle,
        may_reopen=may_settle
        and not commitment.is_open
        and may_take_back(commitment=commitment, by=request.user),
        take_back_until=None if access.is_team else commitment.take_back_until,
    )
    return render(request, "meetings/commitment.html", context)


def commitment_of(access: Access, pk: int) -> Commitment:
    """Return a commitment of the partnership that the person may read; others meet 404."""
    rows = Commitment.objects.visible_to(access.user).filter(tandem=access.tandem)
    return get_object_or_404(rows.with_places().select_related("person"), pk=pk)


def words_of(change: StatusChange) -> str:
    """Return what a row of a commitment's history says."""
    if change.field == "due_on":
        days = {name: date_of(getattr(change, name)) for name in ("old", "new")}
        return _("moved from %(old)s to %(new)s") % days
    if change.field == "is_public":
        return _("public from now on") if change.new == "public" else _("internal again")
    if change.new == CommitmentState.OPEN:
        return _("open again") if change.old else _("made")
    return str(CommitmentState(change.new).label)


def name_for(change: StatusChange, access: Access) -> str:
    """Return who made a change; a city that has left reads only its own people's names."""
    by = change.changed_by
    return str(by) if by and (access.until is None or by == access.user) else ""


def date_of(text: str) -> str:
    """Return a stored day as people write it."""
    return day(dt.date.fromisoformat(text))


def settle(commitment: Commitment, data: dict[str, Any], by: Any) -> Commitment:
    """Do what the form says."""
    said = {"commitment": commitment, "note": data["note"], "by": by}
    if data["step"] == CommitmentStep.KEPT:
        return actions.keep_commitment(**said)
    if data["step"] == CommitmentStep.DROPPED:
        return actions.drop_commitment(**said)
    return actions.move_commitment(due_on=data["due_on"], **said)


@form_page
def person(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say who sees to a commitment from now on."""
    access = workspace_of(request, slug)
    commitment = commitment_of(access, pk)
    if not access.acts:
        raise PermissionDenied
    require(request.user, Permission.CONTRIBUTE, commitment)
    if not commitment.is_open:
        messages.info(request, _("This commitment is already settled."))
        return redirect(commitment)
    form = PersonForm(
        typed(request),
        municipality=commitment.municipality_id,
        initial={"person": commitment.person_id},
    )

    def act() -> Commitment:
        return name_person(commitment=commitment, **form.cleaned_data, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        messages.success(request, _("Saved."))
        return redirect(commitment)
    context = frame(access, "commitments", commitment=commitment, form=form)
    return render(request, "meetings/commitment_person.html", context)


@act_page
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let visitors read a commitment and its fate, or (without ``public``) no longer."""
    access = workspace_of(request, slug)
    commitment = commitment_of(access, pk)
    if not access.acts:
        raise PermissionDenied
    require(request.user, Permission.LEAD_MEETINGS, commitment)
    is_public = request.POST.get("public") == "yes"
    actions.show_commitment(commitment=commitment, is_public=is_public, by=request.user)
    told = _("The commitment is public now.") if is_public else _("The commitment is internal now.")
    messages.success(request, told)
    return redirect(commitment)


@form_page
def reopen(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take back that a commitment was kept or dropped; asks for the reason."""
    access = workspace_of(request, slug)
    commitment = commitment_of(access, pk)
    if not access.acts:
        raise PermissionDenied
    require(request.user, Permission.LEAD_MEETINGS, commitment)
    if commitment.is_open:
        messages.info(request, _("This commitment is open."))
        return redirect(commitment)
    if not may_take_back(commitment=commitment, by=request.user):
        told = _("It is too late for your municipality to take this back. The project team can.")
        messages.info(request, told)
        return redirect(commitment)
    form = ReopenForm(typed(request))

    def act() -> Commitment:
        note = form.cleaned_data["note"]
        return actions.reopen_commitment(commitment=commitment, note=note, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        messages.success(request, _("Taken back: the commitment is open again."))
        return redirect(commitment)
    context = frame(access, "commitments", commitment=commitment, form=form)
    return render(request, "meetings/commitment_reopen.html", context)
