"""The briefing: all that people need at a meeting on one sheet, in both languages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from meetings.access import MeetingAccess
from meetings.models import GuidingQuestion
from meetings.queries import cities_of, questions_of
from meetings.times import local_times
from meetings.timetable import why_closed
from meetings.views.agenda import plan_of
from meetings.views.asking import frame, meeting_of
from municipalities.models import Municipality
from tandems.views.asking import read_page


@read_page
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the briefing, German first and English beside it; it prints on one sheet."""
    access = meeting_of(request, pk, guests=True)
    plan = plan_of(access, is_open=not why_closed(access.meeting))
    asked = questions_by_city(access)
    sides = [side_in(code, access, asked) for code, _name in settings.LANGUAGES]
    context = frame(access, "agenda", **plan, sides=sides)
    return render(request, "meetings/briefing.html", context)


def questions_by_city(access: MeetingAccess) -> dict[Municipality, list[GuidingQuestion]]:
    """Return the cities that take part or have asked, with their questions."""
    asked: dict[Municipality, list[GuidingQuestion]] = {
        city: [] for city in cities_of(access.meeting)
    }
    for question in questions_of(access.meeting):
        asked.setdefault(question.municipality, []).append(question)
    return asked


def side_in(
    code: str, access: MeetingAccess, asked: dict[Municipality, list[GuidingQuestion]]
) -> dict[str, Any]:
    """Return what one side of the sheet says in its language besides the plan."""
    meeting = access.meeting
    with translation.override(code):
        zones = [meeting.time_zone, *(city.time_zone for city in asked)]
        times = (
            [
                {"when": str(time), "places": time.places}
                for time in local_times(meeting.starts_at, meeting.ends_at, zones)
            ]
            if meeting.starts_at
            else []
        )
        return {
            "code": code,
            "times": times,
            "day": str(meeting.span),
            "format": str(meeting.get_format_display()),
            "language": str(meeting.get_language_display()) if meeting.language else "",
            "cities": ", ".join(sorted(str(city) for city in asked)),
            "asked": [
                {"city": str(city), "questions": rows} for city, rows in asked.items() if rows
            ],
        }
