"""Who was at a meeting."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from calls.content import mark_of, marks_of
from calls.views.writing import opened_with
from meetings.actions import attendance as actions
from meetings.enums import MeetingStatus
from meetings.forms.inviting import AttendanceForm
from meetings.invitation import has_begun
from meetings.views.asking import frame, meeting_of
from tandems.views.asking import form_page
from tandems.views.trying import done, typed


@form_page
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who was there, for the own city or all; where two say different things, show both."""
    access = meeting_of(request, pk)
    meeting = access.meeting
    if not actions.may_record(access=access, by=request.user):
        raise PermissionDenied
    people = list(meeting.attendances.with_people())
    cities = actions.counted_cities(meeting=meeting, by=request.user)
    stored = actions.attendance_values(meeting=meeting, by=request.user)
    is_time = has_begun(meeting) and meeting.status != MeetingStatus.CANCELLED
    own = actions.recorded_cities(access=access, by=request.user)
    form = AttendanceForm(typed(request), people=people, cities=cities, stored=stored, own=own)
    opened = opened_with(request)
    marks, conflicts = opened or marks_of(stored), []

    def act() -> actions.Recorded:
        return actions.record_attendance(
            meeting=meeting, values=form.cleaned_data, opened=opened, by=request.user
        )

    if request.method == "POST" and (saved := done(form, act)):
        if not saved.conflicts:
            messages.success(request, _("Saved."))
            return redirect("meeting:invitations", pk=pk)
        marks |= {name: mark_of(value) for name, value in saved.conflicts.items()}
        conflicts = [conflict_of(form, name, value) for name, value in saved.conflicts.items()]
    context = frame(
        access,
        "invitations",
        form=form,
        is_time=is_time,
        marks=json.dumps(marks),
        conflicts=conflicts,
    )
    status = 409 if conflicts else 200
    return render(request, "meetings/attendance.html", context, status=status)


def conflict_of(form: AttendanceForm, name: str, theirs: Any) -> dict[str, str]:
    """Return both values of a field that two people changed."""
    field: Any = form.fields[name]
    label = getattr(field, "place", field.label)
    return {
        "label": str(label),
        "mine": words(form.cleaned_data[name]),
        "theirs": words(theirs),
    }


def words(value: Any) -> str:
    """Return a value as people read it."""
    if isinstance(value, bool):
        return _("was there") if value else _("was not there")
    return _("as many as are named") if value is None else str(value)
