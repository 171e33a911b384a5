"""The agenda of a meeting as a timetable, and the pages that change it."""

from __future__ import annotations

import json
import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.content import mark_of
from calls.views.writing import opened_with
from meetings.access import MeetingAccess
from meetings.actions.agenda import (
    LABELS,
    AgendaContent,
    SavedItem,
    add_item,
    change_item,
    move_item,
    remove_item,
)
from meetings.forms.agenda import ItemForm
from meetings.models import AgendaItem, Commitment
from meetings.queries import agenda_of, carried_commitments, commitments_before, questions_of
from meetings.timetable import Timetable, timetable_of, why_closed, window_of
from meetings.views.asking import frame, meeting_of
from municipalities.models import Municipality
from tandems.views.asking import act_page, form_page, read_page
from tandems.views.trying import done, typed

#: More open commitments than these no timetable names.
MOST_SHOWN = 30


@read_page
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the timetable, whether it adds up, and how long each question is talked about."""
    access = meeting_of(request, pk, guests=True)
    closed = why_closed(access.meeting)
    plan = plan_of(access, is_open=not closed)
    timetable: Timetable = plan["timetable"]
    times = [
        {"question": question, "minutes": timetable.minutes_for(question.pk)}
        for question in questions_of(access.meeting)
    ]
    may_write = access.contributes and not closed
    context = frame(access, "agenda", closed=closed, **plan, times=times, may_write=may_write)
    return render(request, "meetings/agenda.html", context)


def plan_of(access: MeetingAccess, *, is_open: bool) -> dict[str, Any]:
    """Return the timetable and the open commitments with which it begins.

    Guests read when they are asked about, and not what they say.
    """
    meeting, today = access.meeting, timezone.localdate()
    carried: list[Commitment] = []
    count = commitments_before(meeting).count() if is_open else 0
    if count and access.acts:
        carried = list(carried_commitments(meeting, access.user)[:MOST_SHOWN])
    return {
        "timetable": timetable_of(meeting, agenda_of(meeting), carried=count),
        "carried": [{"row": row, "is_overdue": row.is_overdue_on(today)} for row in carried],
    }


@form_page
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an item at the end of its day."""
    access = writable(request, pk)
    if (refusal := refused(request, access)) is not None:
        return refusal
    form = form_of(access, typed(request))

    def act() -> AgendaItem:
        content = form.content()
        return add_item(meeting=access.meeting, content=content, by=request.user)

    if request.method == "POST":
        if (item := done(form, act)) is not None:
            messages.success(request, _("The item is on the agenda."))
            return redirect(place_of(access, item))
        if form.has_error("__all__", code="double"):
            messages.info(request, _("This item is on the agenda already."))
            return redirect("meeting:agenda", pk=pk)
    texts = {"heading": _("Add an item to the agenda"), "button": _("Add the item")}
    return form_answer(request, access, form, **texts)


@form_page
def edit(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Change an item; where two people change the same, both values are shown."""
    access = writable(request, pk)
    if (refusal := refused(request, access)) is not None:
        return refusal
    row = item_of(access, item)
    if row is None:
        return gone(request, access)
    stored = AgendaContent.of(row)
    form = form_of(access, typed(request), stored)
    opened = opened_with(request)
    marks, conflicts = opened or stored.marks, []

    def act() -> SavedItem:
        return change_item(item=row, content=form.content(), opened=opened, by=request.user)

    if request.method == "POST" and (saved := done(form, act)):
        if not saved.conflicts:
            messages.success(request, _("Saved."))
            return redirect(place_of(access, row))
        marks = marks | {name: mark_of(value) for name, value in saved.conflicts.items()}
        conflicts = conflicts_of(form.content(), AgendaContent.of(saved.item), saved)
    if form.has_error("__all__", code="gone"):
        return gone(request, access)
    texts = {"heading": _("Change the item"), "button": _("Save"), "marks": json.dumps(marks)}
    return form_answer(request, access, form, item=row, conflicts=conflicts, **texts)


def gone(request: HttpRequest, access: MeetingAccess) -> HttpResponse:
    """Say that the item was removed; what was typed into its form can become a new item."""
    told = _("Somebody has removed this item meanwhile.")
    if not request.POST:
        messages.warning(request, told)
        return redirect("meeting:agenda", pk=access.meeting.pk)
    form = form_of(access, request.POST)
    form.add_error(None, _("%(told)s If you save, it becomes a new item.") % {"told": told})
    action = reverse("meeting:agenda-add", args=[access.meeting.pk])
    texts = {"heading": _("Add an item to the agenda"), "button": _("Add the item")}
    return form_answer(request, access, form, action=action, **texts)


@act_page
def move(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Let an item change places with its neighbour; ``to`` is ``up`` or ``down``."""
    access = writable(request, pk)
    row, to, seen = item_of(access, item), request.POST.get("to"), request.POST.get("seen", "")
    if row is None:
        messages.warning(request, _("Somebody has removed this item meanwhile."))
        return redirect("meeting:agenda", pk=pk)
    if to not in {"up", "down"} or not re.fullmatch(r"[0-9]{1,5}", seen):
        messages.warning(request, _("Say whether the item moves up or down."))
        return redirect("meeting:agenda", pk=pk)
    try:
        move_item(item=row, up=to == "up", seen=int(seen), by=request.user)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect(place_of(access, row))


@form_page
def remove(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Ask whether an item shall go, and take it off the agenda."""
    access = writable(request, pk)
    row = item_of(access, item)
    if row is None:
        messages.info(request, _("This item has been removed already."))
        return redirect("meeting:agenda", pk=pk)
    if request.method == "POST":
        try:
            remove_item(item=row, by=request.user)
            messages.success(request, _("The item has been removed."))
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
        return redirect("meeting:agenda", pk=pk)
    if (refusal := refused(request, access)) is not None:
        return refusal
    heading = _("Remove the item")
    context = frame(access, "agenda", item=row, heading=heading)
    return render(request, "meetings/agenda_remove.html", context)


def writable(request: HttpRequest, pk: int) -> MeetingAccess:
    """Return how the person reads a meeting; raises :class:`PermissionDenied` for readers."""
    access = meeting_of(request, pk)
    if not access.contributes:
        raise PermissionDenied
    return access


def refused(request: HttpRequest, access: MeetingAccess) -> HttpResponse | None:
    """Lead back from a form that nobody can send any more; what was typed stays in its form."""
    reason = why_closed(access.meeting)
    if not reason or request.POST:
        return None
    messages.warning(request, reason)
    return redirect("meeting:agenda", pk=access.meeting.pk)


def item_of(access: MeetingAccess, key: int) -> AgendaItem | None:
    """Return an item, or ``None`` for one that was removed; one of another meeting is not there."""
    row = AgendaItem.objects.filter(pk=key).select_related("meeting").first()
    if row is not None and row.meeting_id != access.meeting.pk:
        raise Http404
    return row


def form_of(access: MeetingAccess, data: Any, content: AgendaContent | None = None) -> ItemForm:
    """Return the form with what can be chosen in it; what is stored can stay."""
    meeting = access.meeting
    stays = content.lead[0] if content else None
    keys = {key for key in (*meeting.acting_municipalities, meeting.host_id, stays) if key}
    return ItemForm(
        data,
        window=window_of(meeting),
        cities=Municipality.objects.filter(pk__in=keys).by_name(),
        questions=questions_of(meeting),
        content=content,
    )


def form_answer(
    request: HttpRequest, access: MeetingAccess, form: Any, **context: Any
) -> HttpResponse:
    """Show the form of an item; ``context`` holds heading and button, perhaps where it leads."""
    rest = {"item": None, "marks": "", "conflicts": [], "action": "", **context}
    status = 409 if rest["conflicts"] or rest["action"] else 200
    page = frame(access, "agenda", form=form, **rest)
    return render(request, "meetings/agenda_form.html", page, status=status)


def place_of(access: MeetingAccess, item: AgendaItem) -> str:
    """Return where an item stands on the page."""
    return f"{reverse('meeting:agenda', args=[access.meeting.pk])}#item-{item.pk}"


def conflicts_of(
    mine: AgendaContent, theirs: AgendaContent, saved: SavedItem
) -> list[dict[str, str]]:
    """Return both values of each field that two people changed."""
    return [
        {"label": str(LABELS[name]), "mine": mine.words(name), "theirs": theirs.words(name)}
        for name in saved.conflicts
    ]
