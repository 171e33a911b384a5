"""The consultation room: reading, writing, and moving on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.sessions import in_background
from meetings.actions import consultation as actions
from meetings.enums import ConsultationState as State, ContributionKind as Kind, Phase
from meetings.forms.consultation import ContributionForm, MethodForm, StopForm
from meetings.phases import clock_words, end_of, kinds_for
from meetings.views.asking import frame
from meetings.views.consultation.reading import (
    Seat,
    back,
    mark_of,
    prepared,
    seat_of,
    written_of,
)
from meetings.views.consultation.showing import room_of
from meetings.views.consultation.trying import finished
from meetings.views.consultation.withdrawing import only_takes_back
from tandems.views.asking import act_page, form_page, read_page
from tandems.views.trying import typed

TEMPLATE = "meetings/consultation.html"


@read_page
def room(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the room, or to who has no part only that the consultation takes place."""
    try:
        seat = seat_of(request, pk)
    except Http404:
        # Of a meeting of the network a city that has left reads nothing but its own sentence.
        if not only_takes_back(request, pk):
            raise
        return redirect("meeting:consultation-withdraw", pk=pk)
    return shown(request, seat)


@in_background
@read_page
def watch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the room again and again to who has nothing to write and asked for it (WCAG 2.2.1).

    Where the person may write, nothing is loaded anew: what is half typed would be lost. It is no
    sign that somebody sits before the screen, so it does not keep the session alive.
    """
    return shown(request, seat_of(request, pk), is_watching=True)


@in_background
@read_page
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a script how far the consultation is, and whether there is news."""
    seat = seat_of(request, pk)
    consultation = prepared(seat)
    if not seat.reads:
        raise PermissionDenied
    now = timezone.now()
    row = consultation.phases.filter(phase=consultation.phase or 0).first()
    is_running = consultation.state == State.RUNNING
    end = end_of(row) if row and is_running else None
    return JsonResponse(
        {
            "phase": consultation.phase,
            "state": consultation.state,
            "ends_at": end.isoformat() if end else None,
            "remaining_seconds": round((end - now).total_seconds()) if end else None,
            "clock": clock_words(row, now) if row and end else "",
            "newest": mark_of(consultation),
        }
    )


@form_page
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what somebody says; the rules are asked again when it is stored.

    What cannot be added any more, because the next phase has begun, is shown, not lost.
    """
    seat = seat_of(request, pk)
    consultation = prepared(seat)
    if not seat.takes_part or seat.member is None:
        raise PermissionDenied
    sent = request.POST
    phase = number_in(sent.get("phase"))
    kinds = kinds_for(phase, seat.member.role)
    if request.method == "POST" and sent.get("kind") not in kinds:
        raise PermissionDenied
    if not kinds:
        return back(pk)
    by_choice = "method" in sent
    form: Any = MethodForm(typed(request)) if by_choice else None
    form = form or ContributionForm(typed(request), kinds=written_of(seat, phase))

    def act() -> Any:
        data = {"kind": Kind.METHOD, "text": "", **form.cleaned_data}
        return actions.write_contribution(
            meeting=consultation.meeting, phase=phase, **data, by=request.user
        )

    if request.method == "POST" and (answer := finished(request, pk, form, act)):
        return answer
    # Read again: while this waited for the lock, the next phase may have begun.
    seat = seat_of(request, pk)
    now = prepared(seat)
    if phase != now.phase or now.state != State.RUNNING:
        told = _("Another phase has begun meanwhile; what you wrote was not added.")
        messages.warning(request, told)
        return shown(request, seat, unsaved=sent.get("text", ""))
    return shown(request, seat, **{"method_form" if by_choice else "form": form})


@act_page
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the first phase."""
    meeting = prepared(seat_of(request, pk)).meeting
    return step(request, pk, lambda: actions.begin_consultation(meeting=meeting, by=request.user))


@act_page
def next_phase(request: HttpRequest, pk: int) -> HttpResponse:
    """Move on from the phase whose button was pressed."""
    meeting = prepared(seat_of(request, pk)).meeting
    phase = number_in(request.POST.get("phase"))

    def act() -> Any:
        return actions.next_phase(meeting=meeting, phase=phase, by=request.user)

    return step(request, pk, act)


@form_page
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End the consultation before its time."""
    seat = seat_of(request, pk)
    consultation = prepared(seat)
    if not seat.may_stop:
        if consultation.state == State.STOPPED and seat.access.acts:
            return back(pk)
        raise PermissionDenied
    form = StopForm(typed(request))

    def act() -> Any:
        return actions.stop_consultation(
            meeting=consultation.meeting, **form.cleaned_data, by=request.user
        )

    told = _("The consultation has been stopped.")
    if request.method == "POST" and (answer := finished(request, pk, form, act, told)):
        return answer
    lead = _("From then on nobody writes any more. What was said stays readable for a year.")
    if consultation.phase is None:
        lead = _("Nobody can begin it then. As it has not begun, it can be taken up again later.")
    context = frame(
        seat.access,
        "consultation",
        form=form,
        heading=_("Stop the consultation"),
        lead=lead,
        button=_("Stop the consultation"),
    )
    return render(request, "meetings/consultation_form.html", context)


@act_page
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a consultation that was stopped before it began be prepared again."""
    meeting = prepared(seat_of(request, pk)).meeting

    def act() -> None:
        actions.take_up_consultation(meeting=meeting, by=request.user)
        messages.success(request, _("The consultation is being prepared again."))

    return step(request, pk, act)


def shown(request: HttpRequest, seat: Seat, **context: Any) -> HttpResponse:
    """Show the room; a form with errors of its own says so."""
    page = {"is_watching": False, "unsaved": "", **context}
    return render(request, TEMPLATE, room_of(seat, **page))


def step(request: HttpRequest, pk: int, act: Callable[[], Any]) -> HttpResponse:
    """Do what a button says and return to the room with what stands against it."""
    try:
        act()
    except ValidationError as error:
        is_done = getattr(error, "code", "") == "known"
        tell = messages.info if is_done else messages.warning
        tell(request, " ".join(error.messages))
    return back(pk)


def number_in(value: Any) -> int:
    """Return the phase that a form names; 0 for what is none."""
    known = {str(phase): phase for phase in Phase.values}
    return known.get(str(value), 0)
