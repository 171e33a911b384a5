"""Invitations to a meeting: what they say, what changed since, and how long they count."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _, gettext_lazy

from accounts.permissions import Permission, reach_of
from calls.content import mark_of
from calls.enums import WorkingLanguage
from core.dates import DatePrecision
from core.text import clean_text
from meetings.enums import MeetingFormat, MeetingStatus
from meetings.models import Attendance, Meeting
from meetings.times import days_of, local_times
from tandems.notices import with_roles

#: What of a meeting invited people are told, as JSON: see :func:`facts_of`.
Facts = Mapping[str, Any]
#: What the facts are called; those of :data:`WHEN` are told as one, and in words.
LABELS = {
    "title": gettext_lazy("Title"),
    "when": gettext_lazy("Date and time"),
    "format": gettext_lazy("Format"),
    "place": gettext_lazy("Place"),
    "address": gettext_lazy("Address"),
    "access": gettext_lazy("Getting there and access"),
    "remote_link": gettext_lazy("Link for taking part remotely"),
    "remote_note": gettext_lazy("How to dial in"),
    "language": gettext_lazy("Working language"),
}
WHEN = ("first", "last", "starts_at", "ends_at")
#: Whole days are told of as if they began at this hour.
FIRST_HOUR = dt.time(8)


@dataclass(frozen=True, slots=True)
class Change:
    """What changed about a meeting, in words of the active language; ``new`` may be empty."""

    label: str
    old: str
    new: str


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """Return what invited people are told of a meeting, in both languages, as it stands now."""
    is_dated = meeting.precision == DatePrecision.DAY
    facts: dict[str, Any] = {
        "cancelled": meeting.status == MeetingStatus.CANCELLED,
        "first": _iso(meeting.earliest) if is_dated else "",
        "last": _iso(meeting.latest) if is_dated else "",
        "starts_at": _iso(meeting.starts_at and meeting.starts_at.astimezone(dt.UTC)),
        "ends_at": _iso(meeting.ends_at and meeting.ends_at.astimezone(dt.UTC)),
        "time_zone": meeting.time_zone,
        "format": meeting.format,
        "place": meeting.place,
        "address": meeting.address,
        "remote_link": meeting.remote_link,
        "remote_note": meeting.remote_note,
        "language": meeting.language,
    }
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            facts[f"title_{code}"] = meeting.title or ""
            facts[f"access_{code}"] = meeting.access_notes or ""
    return facts


def _iso(value: dt.date | None) -> str:
    return value.isoformat() if value else ""


def _differs(before: Facts, now: Facts, name: str) -> bool:
    """Tell whether a fact changed; of one that was not told at all nobody is told anew."""
    return name in before and before[name] != now.get(name)


def has_moved(before: Facts, now: Facts) -> bool:
    """Tell whether an answer was about another date, or about a meeting that was called off."""
    return any(_differs(before, now, name) for name in (*WHEN, "cancelled"))


def mark_of_date(meeting: Meeting) -> str:
    """Return the mark of what an answer is about: with another one, the meeting has moved."""
    facts = facts_of(meeting)
    return str(mark_of({name: facts[name] for name in (*WHEN, "cancelled")}))


def is_told_anew(before: Facts, now: Facts, language: str) -> bool:
    """Tell whether something changed that somebody who reads ``language`` is to know.

    Of a meeting that is called off nothing is told but that.
    """
    if now.get("cancelled"):
        return _differs(before, now, "cancelled")
    return has_moved(before, now) or any(
        _differs(before, now, name) or _differs(before, now, f"{name}_{language}")
        for name in LABELS
    )


def changes_of(before: Facts, now: Facts, *, language: str, clock: str) -> list[Change]:
    """Return what changed, in the active language, which must be ``language``.

    Times stand on the clock (IANA) of the reader, and on that of the place where it differs.
    """
    found = []
    for name, label in LABELS.items():
        if name == "when":
            if any(_differs(before, now, part) for part in WHEN):
                old, new = when_of(before, clock), when_of(now, clock)
                found.append(Change(str(label), old, new))
            continue
        key = name if name in now else f"{name}_{language}"
        if _differs(before, now, key):
            old, new = _word(name, before[key]), _word(name, now[key])
            found.append(Change(str(label), old, new))
    return found


def _word(name: str, value: Any) -> str:
    """Return the value of a fact as people read it, in one line."""
    choices: Any = {"format": MeetingFormat, "language": WorkingLanguage}.get(name)
    if choices is not None and value in choices.values:
        return str(choices(value).label)
    return one_line(value)


def when_of(facts: Facts, clock: str, *, alone: bool = False) -> str:
    """Return when it takes place on the reader's clock and, unless ``alone``, that of the place."""
    if facts.get("starts_at"):
        start = dt.datetime.fromisoformat(facts["starts_at"])
        end = dt.datetime.fromisoformat(facts["ends_at"]) if facts.get("ends_at") else None
        others = [] if alone else [facts.get("time_zone", "")]
        times = local_times(start, end, others, reader=clock)
        return "; ".join(f"{time} ({time.places})" for time in times)
    if facts.get("first"):
        days = (dt.date.fromisoformat(facts[name]) for name in ("first", "last"))
        return days_of(*days)
    return _("not fixed yet")


def zone_of(meeting: Meeting) -> zoneinfo.ZoneInfo:
    """Return the clock of the place; of whole days that name none, that of the portal."""
    return zoneinfo.ZoneInfo(meeting.time_zone or settings.TIME_ZONE)


def begins_at(meeting: Meeting, hour: dt.time = dt.time.min) -> dt.datetime | None:
    """Return when a meeting begins; whole days at ``hour`` on the clock of the place."""
    if meeting.starts_at or meeting.precision != DatePrecision.DAY or not meeting.earliest:
        return meeting.starts_at
    return dt.datetime.combine(meeting.earliest, hour, tzinfo=zone_of(meeting))


def has_begun(meeting: Meeting) -> bool:
    """Tell whether a meeting has begun; one without a day has not."""
    moment = begins_at(meeting)
    return moment is not None and moment <= timezone.now()


def is_over(meeting: Meeting) -> bool:
    """Tell whether a meeting has ended; without a known end, its last day has to be over."""
    if meeting.ends_at:
        return meeting.ends_at <= timezone.now()
    if meeting.latest is None:
        return False
    return meeting.latest < timezone.now().astimezone(zone_of(meeting)).date()


def is_open_for_answers(meeting: Meeting) -> bool:
    """Tell whether invited people can still answer: until the meeting begins."""
    return (
        meeting.precision == DatePrecision.DAY
        and meeting.status not in {MeetingStatus.CANCELLED, MeetingStatus.HELD}
        and not has_begun(meeting)
    )


def reachable(meeting: Meeting, rows: Iterable[Attendance]) -> list[Attendance]:
    """Return those of the invited people who may still be told of the meeting.

    Guests from outside always may; people of the portal as long as they act for the team, for a
    city that meets or for a guest.
    """
    rows = list(rows)
    cities = meeting.acting_municipalities | set(
        meeting.guests.values_list("municipality", flat=True)
    )
    accounts = with_roles(row.user for row in rows if row.user is not None and row.user.is_active)
    reach = {person.pk: reach_of(person, Permission.READ_WORKSPACE) for person in accounts}
    return [
        row
        for row in rows
        if row.user_id is None
        or (row.user_id in reach and ((own := reach[row.user_id]) is None or own & cities))
    ]


def one_line(text: Any) -> str:
    """Return a text in one line, without characters that deceive or break a file."""
    return " ".join(clean_text(str(text or "")).split())
