"""What tests of date polls share: dates, a proposal, and what a browser sends."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core import signing
from django.utils import timezone, translation

from meetings.actions.poll import propose_dates
from meetings.links import ANSWER_SALT
from meetings.models import Attendance, DatePoll
from meetings.polling import mark_of_poll, poll_of
from tests.cycle import Cycle

DAY = dt.timedelta(days=1)


def at(days: int, hour: int = 8, hours: int = 2) -> tuple[dt.datetime, dt.datetime]:
    """Return a date so many days from now (UTC)."""
    day = timezone.now().date() + days * DAY
    start = dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)
    return start, start + dt.timedelta(hours=hours)


def proposed(cycle: Cycle, *options: Any, by: str = "contact", **fields: Any) -> DatePoll:
    """Return a poll about some dates: by default in ten, eleven and twelve days."""
    given = {
        "options": options or (at(10), at(11), at(12)),
        "answer_by": timezone.now().replace(microsecond=0) + 5 * DAY,
        "opened": mark_of_poll(poll_of(cycle.meeting)),
        **fields,
    }
    return propose_dates(meeting=cycle.meeting, **given, by=cycle.person(by))


def of(cycle: Cycle, who: str) -> Attendance:
    return Attendance.objects.get(meeting=cycle.meeting, user=cycle.people[who])


def page(cycle: Cycle, name: str = "date/", language: str = "en") -> str:
    return f"/{language}/meetings/{cycle.meeting.pk}/internal/{name}"


def link(attendance: Attendance, language: str = "en") -> str:
    token = signing.dumps(attendance.pk, salt=ANSWER_SALT)
    with translation.override(language):
        return f"/{language}/meetings/answer/{token}/dates/"


def typed(*rows: tuple[str, str, str, str], **fields: str) -> dict[str, str]:
    """Return what a browser sends of the form of a proposal: day, start, end, last day."""
    data = {
        "zone": "Europe/Berlin",
        "answer_day": str(timezone.localdate() + 5 * DAY),
        "answer_time": "18:00",
        "note": "",
        "rows": "5",
        "mark": "",
    }
    for number in range(5):
        values = rows[number] if number < len(rows) else ("", "", "", "")
        data |= {
            f"{part}-{number}": value
            for part, value in zip(("day", "start", "end", "end_day"), values, strict=True)
        }
    return {**data, **fields}
