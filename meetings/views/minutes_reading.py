"""What the pages of minutes show of a version: where it stands, its text, what was said of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.permissions import Permission
from core.text import render_markdown
from meetings.access import MeetingAccess
from meetings.asked import agreements_to, cities_asked, is_overdue, last_day_of
from meetings.enums import MinutesState
from meetings.models import Minutes, MinutesAgreement, MinutesComment
from municipalities.models import Municipality


def newest(access: MeetingAccess) -> Minutes | None:
    """Return the version that is on its way, else the one that counts, for who acts here."""
    found = access.meeting.minutes.order_by("-number").first()
    if found is not None:
        found.meeting = access.meeting
    return found


def require_contributor(access: MeetingAccess) -> None:
    """Raise :class:`PermissionDenied` for who does not write along."""
    if not access.contributes:
        raise PermissionDenied


def voice(access: MeetingAccess, permission: Permission) -> Municipality | None:
    """Return the city for which the person speaks first; ``None`` for the project team."""
    if access.is_team:
        return None
    return next((city for city in access.cities if access.speaks_for(city.pk, permission)), None)


def own_cities(access: MeetingAccess, cities: list[Municipality]) -> list[Municipality]:
    """Return those of the cities whose word the person may give; the team may give none."""
    if access.is_team:
        return []
    return [city for city in cities if access.speaks_for(city.pk, Permission.LEAD_MEETINGS)]


def reading(access: MeetingAccess, minutes: Minutes) -> dict[str, Any]:
    """Return what a page shows of a version.

    A city that has left reads no entries, agreements and comments from after its last day, not
    whose word is missing now, and no names of people.
    """
    until = last_day_of(access)
    comments = comments_by_entry(minutes, until)
    given = [row for row in agreements_to(minutes) if not is_later(row.given_at, until)]
    missing = missing_of(minutes, given) if until is None else []
    entries = minutes.entries.select_related("question__municipality", "changed_by")
    return {
        "minutes": minutes,
        "rows": [
            {
                "entry": entry,
                "html": render_markdown(entry.text),
                "city": entry.question.municipality if entry.question else None,
                "comments": comments.get(entry.pk, []),
            }
            for entry in entries
            if not is_later(entry.changed_at, until)
        ],
        "comments": comments.get(None, []),
        "agreements": given,
        "missing": missing,
        "own_missing": own_cities(access, missing),
        "is_overdue": is_overdue(minutes),
        "public_parts": public_parts(minutes, until),
        "shows_names": until is None,
        "may_write": access.contributes and minutes.is_open,
        "may_comment": access.contributes and minutes.state == MinutesState.IN_AGREEMENT,
    }


def missing_of(minutes: Minutes, given: list[MinutesAgreement]) -> list[Municipality]:
    """Return whose word is missing while minutes are out for agreement."""
    if minutes.state != MinutesState.IN_AGREEMENT:
        return []
    keys = {row.municipality_id for row in given}
    return [city for city in cities_asked(minutes.meeting) if city.pk not in keys]


def comments_by_entry(
    minutes: Minutes, until: dt.date | None
) -> dict[int | None, list[MinutesComment]]:
    """Return the comments by the entry that they are about; of the whole under ``None``."""
    found: dict[int | None, list[MinutesComment]] = defaultdict(list)
    for row in minutes.comments.select_related("municipality", "written_by"):
        if not is_later(row.written_at, until):
            found[row.entry_id].append(row)
    return found


def public_parts(minutes: Minutes, until: dt.date | None) -> list[dict[str, str]]:
    """Return the public part in each language in which there is one."""
    if until is not None and minutes.released_at is None:
        # Nobody knows whether it was written before the last day.
        return []
    texts = ((code, getattr(minutes, f"public_text_{code}")) for code, _name in settings.LANGUAGES)
    names = dict(settings.LANGUAGES)
    return [
        {"language": code, "name": str(names[code]), "html": render_markdown(text)}
        for code, text in texts
        if text
    ]


def is_later(moment: dt.datetime, until: dt.date | None) -> bool:
    """Tell whether something happened after the last day of the reader."""
    return until is not None and timezone.localdate(moment) > until


def moved_on(request: HttpRequest, access: MeetingAccess, words: str) -> HttpResponse:
    """Say that the state has moved on, and show where the minutes stand."""
    messages.info(request, words)
    return redirect("meeting:minutes", pk=access.meeting.pk)
