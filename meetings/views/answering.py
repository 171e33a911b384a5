"""Invited people answer: by the link in their mail, or signed in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from core.dates import DatePrecision
from core.forms import add_errors
from meetings.actions.replying import answer_invitation, reply_to_meeting
from meetings.enums import MeetingStatus, Reply
from meetings.forms.inviting import AnswerForm
from meetings.invitation import has_begun, is_open_for_answers, mark_of_date, reachable
from meetings.links import attendance_by
from meetings.models import Attendance, DatePoll, Meeting
from meetings.times import LocalTime, days_of, local_times
from meetings.views.asking import frame, meeting_of
from meetings.views.poll import apart
from tandems.views.asking import form_page
from tandems.views.trying import done, typed


@login_not_required
@csrf_exempt
@form_page
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the answer of whoever has the link of an invitation.

    Opening it changes nothing, because mail scanners do; the button does. The link proves who asks,
    so there is nothing to forge.
    """
    return apart(answer_for(request, token))


def answer_for(request: HttpRequest, token: str) -> HttpResponse:
    """Return the page for whom the link names, or that the link is worth nothing any more."""
    attendance = attendance_by(token)
    if attendance is None or not reachable(attendance.meeting, [attendance]):
        return gone(request)
    meeting = attendance.meeting
    if asks_for_dates(meeting):
        return redirect("meetings:answer-poll", token=token)
    form, unseen = answer_form(request, attendance), unseen_date(request, meeting)
    if request.method == "POST" and not unseen and form.is_valid():
        data, mark = form.cleaned_data, mark_of_date(meeting)
        by = attendance.user
        try:
            answer_invitation(attendance=attendance, **data, mark=mark, by=by)
        except ValidationError as error:
            if getattr(error, "code", "") == "gone":
                return gone(request)
            # Somebody may have moved it this very moment.
            meeting.refresh_from_db()
            add_errors(form, error)
        else:
            return redirect("meetings:answer", token=token)
    context = {"meeting": meeting, "tandem": meeting.tandem, "form": form, "is_by_link": True}
    context |= standing_of(meeting, attendance, attendance.clock)
    return answer_page(request, "meetings/answer.html", context, unseen)


def gone(request: HttpRequest) -> HttpResponse:
    """Say that a link is worth nothing; whose it was is not said."""
    return render(request, "meetings/answer_gone.html", status=410)


@form_page
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the answer of somebody who is signed in, invited or not."""
    access = meeting_of(request, pk, guests=True)
    if not (access.acts or access.is_guest):
        raise PermissionDenied
    meeting = access.meeting
    if asks_for_dates(meeting):
        return redirect("meeting:poll", pk=pk)
    attendance = meeting.attendances.filter(user=access.user).first()
    form, unseen = answer_form(request, attendance), unseen_date(request, meeting)

    def act() -> Attendance:
        data, mark = form.cleaned_data, mark_of_date(meeting)
        try:
            return reply_to_meeting(meeting=meeting, **data, mark=mark, by=request.user)
        except ValidationError:
            meeting.refresh_from_db()
            raise

    if request.method == "POST" and not unseen and done(form, act) is not None:
        messages.success(request, _("Your answer has been saved."))
        return redirect("meeting:home", pk=pk)
    context = frame(access, "home", form=form)
    context |= standing_of(meeting, attendance, access.user.time_zone)
    return answer_page(request, "meetings/reply.html", context, unseen)


def answer_page(
    request: HttpRequest, template: str, context: dict[str, Any], unseen: str
) -> HttpResponse:
    """Show the form; what was sent for another date stays typed, beside the date as it is now."""
    status = 409 if unseen and request.method == "POST" else 200
    return render(request, template, {**context, "unseen": unseen}, status=status)


def answer_form(request: HttpRequest, attendance: Attendance | None) -> AnswerForm:
    """Return the form with what the person answered before, if anything."""
    said = {}
    if attendance is not None and attendance.reply != Reply.NONE:
        said = {"reply": attendance.reply, "note": attendance.reply_note}
    return AnswerForm(typed(request), initial=said)


def unseen_date(request: HttpRequest, meeting: Meeting) -> str:
    """Tell whether what was typed answers for a date that the person may not have seen.

    ``moved``: the form was made for another date, or before the meeting was called off;
    ``unknown``: it does not say for which, as forms did that were opened before they had to.
    """
    if typed(request) is None:
        return ""
    mark = request.POST.get("mark", "")
    if mark == mark_of_date(meeting):
        return ""
    return "moved" if mark else "unknown"


def asks_for_dates(meeting: Meeting) -> bool:
    """Tell whether a poll still looks for the date, so that there is nothing else to answer."""
    if meeting.precision == DatePrecision.DAY or meeting.status == MeetingStatus.CANCELLED:
        return False
    return DatePoll.objects.filter(meeting=meeting, closed_at=None).exists()


def standing_of(meeting: Meeting, attendance: Attendance | None, clock: str) -> dict[str, Any]:
    """Return when the meeting is, what was answered, and whether answers are still taken.

    ``mark``: what the form brings along, to tell for which date it was sent.
    """
    times: list[LocalTime] = []
    if meeting.starts_at:
        times = local_times(meeting.starts_at, meeting.ends_at, [meeting.time_zone], reader=clock)
    days = ""
    if meeting.precision == DatePrecision.DAY and meeting.earliest and meeting.latest:
        days = days_of(meeting.earliest, meeting.latest)
    return {
        "times": times,
        "days": days,
        "attendance": attendance,
        "has_answered": attendance is not None and attendance.reply != Reply.NONE,
        "is_open": is_open_for_answers(meeting),
        "mark": mark_of_date(meeting),
        "is_cancelled": meeting.status == MeetingStatus.CANCELLED,
        "has_begun": has_begun(meeting) or meeting.status == MeetingStatus.HELD,
    }
