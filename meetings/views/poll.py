"""Finding a date: answering, signed in or by the link in a mail, fixing a date, ending."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from core.forms import add_errors
from meetings.actions import poll as actions
from meetings.forms.poll import AnswerForm, CloseForm, FixForm
from meetings.links import attendance_by
from meetings.models import Attendance, DatePoll, Meeting, PollOption
from meetings.polling import (
    DATABLE,
    Tally,
    may_answer,
    poll_of,
    replies_of,
    silent_in,
    takes_answers,
    tallies_of,
    zone_for,
    zones_of,
)
from meetings.times import LocalTime, local_times
from meetings.views.asking import frame, meeting_of
from tandems.views.asking import form_page
from tandems.views.trying import typed

#: What is said where a date was taken back while somebody answered.
GONE = gettext_lazy("The proposed dates have changed meanwhile. Please check your answers.")


@form_page
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the date, or the dates that are proposed, and take the person's answer."""
    access = meeting_of(request, pk, guests=True)
    meeting, poll = access.meeting, poll_of(access.meeting)
    reader = access.user.time_zone
    person = Attendance.objects.filter(meeting=meeting, user=access.user).first()
    tallies: list[Tally] = []
    form = None
    if poll is not None:
        zones = zones_of(meeting)
        tallies = tallies_of(poll, reader=reader, zones=zones, with_names=access.acts)
        if takes_answers(poll, meeting) and (access.acts or access.is_guest):
            form = AnswerForm(typed(request), tallies=tallies, given=replies_of(poll, person))
    if request.method == "POST":
        if not (access.acts or access.is_guest):
            raise PermissionDenied
        if form is None:
            messages.warning(request, actions.CLOSED)
            return redirect("meeting:poll", pk=pk)
        if answered(request, form, meeting):
            return redirect("meeting:poll", pk=pk)
    context = frame(
        access,
        "poll",
        **standing_of(poll, meeting, tallies, reader),
        date=date_of(meeting, reader),
        form=form,
        has_answered=bool(replies_of(poll, person)) if poll else False,
        silent=silent_in(poll) if poll and access.acts and takes_answers(poll, meeting) else [],
        may_propose=access.leads and meeting.status in DATABLE,
    )
    return render(request, "meetings/poll.html", context)


def answered(request: HttpRequest, form: AnswerForm, meeting: Meeting) -> bool:
    """Note what a signed-in person answers; tell above the form what stands against it."""
    if not form.is_valid():
        return False
    try:
        actions.answer_poll(meeting=meeting, choices=form.choices(), by=request.user)
    except ValidationError as error:
        if error.code != "closed":
            add_errors(form, error)
            return False
        # Somebody was faster with the date.
        messages.warning(request, " ".join(error.messages))
        return True
    messages.success(
        request, _("Your answer is saved. You can change it as long as the poll is open.")
    )
    if form.gone():
        messages.warning(request, str(GONE))
    return True


def standing_of(
    poll: DatePoll | None, meeting: Meeting, tallies: list[Tally], reader: str
) -> dict[str, Any]:
    """Return what the pages about a poll show of it."""
    if poll is None:
        return {"poll": None, "tallies": []}
    return {
        "poll": poll,
        "tallies": tallies,
        "is_open": takes_answers(poll, meeting),
        "is_late": poll.answer_by <= timezone.now(),
        "answer_by": local_times(poll.answer_by, None, [], reader=reader)[0],
    }


def date_of(meeting: Meeting, reader: str) -> list[LocalTime]:
    """Return the date of a meeting on the reader's clock and the others; none without a time."""
    if meeting.starts_at is None:
        return []
    return local_times(meeting.starts_at, meeting.ends_at, zones_of(meeting), reader=reader)


@login_not_required
@csrf_exempt
@form_page
def answer_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited person answer by the link in a mail, without signing in.

    Opening it changes nothing, because mail scanners do; the button does. The link proves who asks,
    so there is nothing to forge.
    """
    attendance = attendance_by(token)
    poll = poll_of(attendance.meeting) if attendance else None
    if attendance is None or poll is None or not may_answer(attendance):
        return apart(render(request, "meetings/poll_over.html", status=410))
    meeting, person = attendance.meeting, attendance.user or attendance
    zone = person.time_zone
    tallies = tallies_of(poll, reader=zone, zones=zones_of(meeting), with_names=False)
    given = replies_of(poll, attendance)
    form = None
    status = 200
    if takes_answers(poll, meeting):
        form = AnswerForm(typed(request), tallies=tallies, given=given)
        if request.method == "POST" and form.is_valid():
            if answered_by_link(form, attendance):
                address = reverse("meetings:answer-poll", args=[token])
                return apart(redirect(f"{address}?{'changed' if form.gone() else 'saved'}=1"))
            # Closed a moment ago.
            form, status = None, 409
    elif request.method == "POST":
        status = 409
    context = {
        **standing_of(poll, meeting, tallies, zone),
        "meeting": meeting,
        "person": person,
        "form": form,
        "is_saved": bool(given) and not request.POST and {"saved", "changed"} & set(request.GET),
        "gone": GONE if "changed" in request.GET else "",
        "has_answered": bool(given),
        "date": date_of(meeting, zone),
    }
    if status == 409:
        context["is_open"] = False
    return apart(render(request, "meetings/poll_answer.html", context, status=status))


def answered_by_link(form: AnswerForm, attendance: Attendance) -> bool:
    """Note what the person of a link answers; return nothing true where the poll is closed."""
    try:
        actions.answer_poll(
            meeting=attendance.meeting,
            attendance=attendance,
            choices=form.choices(),
            by=attendance.user,
        )
    except ValidationError:
        return False
    return True


def apart(response: HttpResponse) -> HttpResponse:
    """Keep a page with a token in its address out of search engines and out of every cache."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@form_page
def fix(request: HttpRequest, pk: int, option: int) -> HttpResponse:
    """Ask once more, then make one of the proposed dates the date of the meeting."""
    access = meeting_of(request, pk, lead=True)
    meeting, poll = access.meeting, poll_of(access.meeting)
    row = PollOption.objects.filter(pk=option, poll__meeting=meeting).first()
    if poll is None or row is None or not takes_answers(poll, meeting):
        return too_late(request, meeting, row)
    row.poll.meeting = meeting
    zones = zones_of(meeting)
    zone = zone_for(meeting, poll.opened_by or request.user)
    form = FixForm(typed(request), zone=zone, zones=zones)
    if request.method == "POST" and form.is_valid():
        try:
            actions.fix_date(option=row, time_zone=form.cleaned_data["zone"], by=request.user)
        except ValidationError as error:
            if error.code in {"closed", "gone"}:
                meeting.refresh_from_db()
                return too_late(request, meeting, row)
            add_errors(form, error)
        else:
            messages.success(request, _("The date is fixed. Everybody concerned is told."))
            return redirect("meeting:home", pk=pk)
    tallies = tallies_of(poll, reader=access.user.time_zone, zones=zones, with_names=True)
    tally = next((one for one in tallies if one.option.pk == row.pk), None)
    context = frame(access, "poll", poll=poll, tally=tally, form=form, option=row)
    return render(request, "meetings/poll_fix.html", context)


def too_late(request: HttpRequest, meeting: Meeting, row: PollOption | None) -> HttpResponse:
    """Say that somebody else was faster, or that the button was pressed twice."""
    if row is not None and (meeting.starts_at, meeting.ends_at) == (row.starts_at, row.ends_at):
        messages.info(request, _("This date is fixed already."))
    elif row is None:
        messages.warning(request, _("This date is no longer proposed."))
    else:
        messages.warning(request, _("The date poll is closed already."))
    return redirect("meeting:poll", pk=meeting.pk)


@form_page
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then end the poll without a date."""
    access = meeting_of(request, pk, lead=True)
    poll = poll_of(access.meeting)
    if poll is None or not poll.is_open:
        messages.info(request, _("The date poll is closed already."))
        return redirect("meeting:poll", pk=pk)
    form = CloseForm(typed(request))
    if request.method == "POST":
        try:
            actions.close_poll(meeting=access.meeting, by=request.user)
        except ValidationError as error:
            messages.info(request, " ".join(error.messages))
        else:
            messages.success(request, _("The date poll is closed, without a date."))
        return redirect("meeting:poll", pk=pk)
    context = frame(access, "poll", poll=poll, form=form)
    return render(request, "meetings/poll_close.html", context)
