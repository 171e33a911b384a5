"""Proposing dates for a meeting, and changing the proposal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from meetings.actions import poll as actions
from meetings.forms.poll import ROWS, ProposalForm
from meetings.models import DatePoll
from meetings.polling import (
    DATABLE,
    MOST_OPTIONS,
    mark_of_poll,
    poll_of,
    tallies_of,
    zone_for,
    zones_of,
)
from meetings.views.asking import frame, meeting_of
from tandems.views.asking import form_page
from tandems.views.trying import done, typed


@form_page
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose dates, or change the proposal."""
    access = meeting_of(request, pk, lead=True)
    meeting, poll = access.meeting, poll_of(access.meeting)
    if meeting.status not in DATABLE:
        messages.warning(request, _("This meeting was held or cancelled."))
        return redirect("meeting:poll", pk=pk)
    more = "more" in request.POST
    form = ProposalForm(
        typed(request),
        zone=zone_for(meeting, request.user),
        zones=zones_of(meeting),
        poll=poll,
        rows=rows_of(request, more=more),
    )
    if more:
        # Only room is asked for: nothing is checked yet, and everything typed stays.
        form.is_bound, form.initial = False, {**form.initial, **shown_again(form, request)}
    mark = request.POST.get("mark", mark_of_poll(poll))
    is_conflict = False

    def act() -> DatePoll:
        return actions.propose_dates(
            meeting=meeting,
            options=form.cleaned_data["options"],
            answer_by=form.cleaned_data["answer_by"],
            note=form.cleaned_data["note"],
            opened=mark,
            by=request.user,
        )

    if request.method == "POST" and not more:
        if saved := done(form, act):
            tell_of(request, saved)
            return redirect("meeting:poll", pk=pk)
        is_conflict = form.has_error("__all__", code="conflict")
        if is_conflict:
            poll = poll_of(meeting)
            mark = mark_of_poll(poll)
    stored = (
        tallies_of(poll, reader=zone_for(meeting, request.user), zones=[], with_names=False)
        if poll and is_conflict
        else []
    )
    context = frame(access, "poll", form=form, poll=poll, mark=mark, stored=stored)
    status = 409 if is_conflict else 200
    return render(request, "meetings/poll_propose.html", context, status=status)


def rows_of(request: HttpRequest, *, more: bool) -> int:
    """Return for how many dates the form has room: as it was sent, or for five more."""
    asked = request.POST.get("rows", "")
    rows = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else ROWS
    return min(rows + ROWS if more else rows, MOST_OPTIONS)


def shown_again(form: ProposalForm, request: HttpRequest) -> dict[str, Any]:
    """Return what was typed, as it was typed; of a row that is new, nothing."""
    return {name: request.POST[name] for name in form.fields if name in request.POST}


def tell_of(request: HttpRequest, poll: DatePoll) -> None:
    """Say how many dates are proposed now."""
    number = poll.options.count()
    told = ngettext(
        "%(number)s date is proposed. Everybody invited gets an e-mail with a link to answer.",
        "%(number)s dates are proposed. Everybody invited gets an e-mail with a link to answer.",
        number,
    )
    messages.success(request, told % {"number": number})
