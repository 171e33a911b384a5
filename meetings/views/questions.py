"""The guiding questions of a meeting: what each city wants to know, and what depends on it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from calls.content import mark_of
from calls.views.writing import opened_with
from meetings.access import MeetingAccess
from meetings.actions.questions import QuestionsContent, SavedQuestions, ask_questions
from meetings.forms.questions import QuestionsForm
from meetings.models import GuidingQuestion
from meetings.queries import cities_of, questions_of
from meetings.timetable import why_closed
from meetings.views.asking import frame, meeting_of
from municipalities.models import Municipality
from tandems.views.asking import form_page, read_page
from tandems.views.trying import done
from tandems.views.writing import typed_into


@read_page
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what each city asks; the own cities of the reader come first."""
    access = meeting_of(request, pk, guests=True)
    closed = why_closed(access.meeting)
    context = frame(
        access,
        "questions",
        closed=closed,
        rows=rows_of(access, is_open=not closed),
        may_plan=access.contributes and not closed,
    )
    return render(request, "meetings/questions.html", context)


def rows_of(access: MeetingAccess, *, is_open: bool) -> list[dict[str, Any]]:
    """Return the cities with their questions; once the meeting is over, those that asked some."""
    asked: dict[Municipality, list[GuidingQuestion]] = {}
    if is_open:
        asked = {city: [] for city in cities_of(access.meeting)}
    for question in questions_of(access.meeting):
        asked.setdefault(question.municipality, []).append(question)
    taking_part = access.meeting.acting_municipalities
    own = {city.pk for city in access.cities}
    rows = [
        {
            "city": city,
            "questions": questions,
            "may_write": is_open
            and access.acts
            and city.pk in taking_part
            and access.speaks_for(city.pk, Permission.CONTRIBUTE),
        }
        for city, questions in asked.items()
    ]
    return sorted(rows, key=lambda row: row["city"].pk not in own)


@form_page
def edit(request: HttpRequest, pk: int, city: int) -> HttpResponse:
    """Let one city ask; of two people who write for it at once, both see what the other wrote."""
    access = meeting_of(request, pk)
    place = get_object_or_404(cities_of(access.meeting), pk=city)
    if not access.acts or not access.speaks_for(place.pk, Permission.CONTRIBUTE):
        raise PermissionDenied
    closed = why_closed(access.meeting)
    if closed and not request.POST:
        messages.warning(request, closed)
        return redirect("meeting:questions", pk=pk)
    stored = content_of(access, place)
    form = QuestionsForm(typed_into(request, stored.values), content=stored)
    marks, conflicts = opened_with(request) or stored.marks, []

    def act() -> SavedQuestions:
        return ask_questions(
            meeting=access.meeting,
            municipality=place,
            content=form.content(),
            opened=opened_with(request),
            by=request.user,
        )

    sent = request.method == "POST" and "use" not in request.POST
    if sent and (saved := done(form, act)):
        if not saved.conflicts:
            messages.success(request, _("Saved."))
            return redirect("meeting:questions", pk=pk)
        marks = marks | {name: mark_of(value) for name, value in saved.conflicts.items()}
        conflicts = conflicts_of(form, saved)
    own = {one.pk for one in access.cities}
    context = frame(
        access,
        "questions",
        form=form,
        city=place,
        on_behalf=place.pk not in own,
        marks=json.dumps(marks),
        conflicts=conflicts,
        heading=_("Guiding questions: %(city)s") % {"city": place},
    )
    status = 409 if conflicts else 200
    return render(request, "meetings/questions_edit.html", context, status=status)


def content_of(access: MeetingAccess, city: Municipality) -> QuestionsContent:
    """Return what a city asks, as it is stored."""
    return QuestionsContent.of(questions_of(access.meeting).filter(municipality=city))


def conflicts_of(form: QuestionsForm, saved: SavedQuestions) -> list[dict[str, str]]:
    """Return both texts of each field that two people changed."""
    return [
        {
            "name": name,
            "label": _("Question %(number)s: %(field)s")
            % {"number": name[-1], "field": form[name].label},
            "mine": form.cleaned_data[name] or "–",
            "theirs": theirs or "–",
        }
        for name, theirs in saved.conflicts.items()
    ]
