"""Meetings with their agenda."""

from __future__ import annotations

import datetime as dt
import re
import uuid
import zoneinfo

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from core.dates import NO_DATE, DatePrecision, DateSpan
from meetings.actions import change_meeting_status
from meetings.enums import MeetingFormat, MeetingKind, MeetingScope, MeetingStatus
from meetings.models import AgendaItem, Meeting
from municipalities.enums import Country
from municipalities.models import (
    Municipality,
    Topic,
    known_time_zones,
)
from tandems.models import (
    Tandem,
)
from vernetzt.loading.programme.plan import NOTE, Plan, span_values
from vernetzt.loading.records import Record
from vernetzt.loading.writer import Link

#: Namespace of calendar identities, so that a meeting keeps its UID in every database.
MEETING_NAMESPACE = uuid.UUID("5b0c6a5e-6a52-4c41-9d0a-6f6f1b7c2c11")


MEETING_STATUSES = {
    "held": MeetingStatus.HELD,
    "announced": MeetingStatus.ANNOUNCED,
    "planned_unconfirmed": MeetingStatus.UNCONFIRMED,
    "cancelled": MeetingStatus.CANCELLED,
}


def plan_meeting(plan: Plan, key: str, record: Record) -> None:
    """Plan a meeting with its agenda."""
    precision = record.choice("date_precision", ("day", "month", "range", "unknown"))
    if precision == "day":
        span = record.bounds("date_start", "date_end")
        span = DateSpan(span.earliest, span.latest, DatePrecision.DAY) if span else span
        if not span and record.data.get("date_start") is None:
            record.refuse("date_start", "is missing, although the date is known to the day.")
    elif precision == "unknown":
        span = NO_DATE
    else:
        span = record.bounds("date_earliest", "date_latest", "date_precision")
    tandem = record.reference("tandem", plan.tandems, required=False)
    scope = record.choice("scope", MeetingScope.values)
    if scope == MeetingScope.TANDEM and not tandem:
        record.refuse("tandem", "is missing for a meeting of one partnership.")
    cities = record.references("municipalities", plan.municipalities)
    country = record.choice("country", Country.values, required=False)
    host = record.reference("host", plan.municipalities, required=False)
    zone = zone_of(plan, cities, country)
    starts_at, ends_at = times_of(record, span, zone)
    titles = record.words("title", longest=200)
    plan.add(
        Meeting,
        record,
        {"reference": key},
        {
            "kind": record.choice("kind", MeetingKind.values),
            "scope": scope,
            # The files hold what is known to everybody.
            "is_public": True,
            "tandem": Link(Tandem, tandem) if tandem else None,
            **titles,
            "slug": slugify(titles["title_en"])[:120] or key,
            **record.words("description"),
            "format": record.choice("format", MeetingFormat.values, required=False),
            "status": record.choice("status", MEETING_STATUSES),
            **span_values(span),
            "starts_at": starts_at,
            "ends_at": ends_at,
            "time_zone": zone if starts_at else "",
            "place": record.text("place", required=False, longest=200),
            "country": country,
            "host": Link(Municipality, host) if host else None,
            "participant_count": record.number("participants"),
            **record.note("participant_note", "participants_note", longest=200),
        },
        key=key,
        many={
            "participants": [Link(Municipality, city) for city in cities],
            "topics": [Link(Topic, topic) for topic in record.references("themes", plan.topics)],
        },
        first_values={"uid": uuid.uuid5(MEETING_NAMESPACE, key)},
        state=("status", move_meeting),
        revision="sequence",
    )
    for position, item in record.parts("agenda"):
        plan.add(
            AgendaItem,
            item,
            {"meeting": Link(Meeting, key), "position": position},
            item.words("text", "", longest=300),
            sourced=False,
        )


def move_meeting(meeting: Meeting, status: str) -> Meeting:
    """Move a stored meeting to the status that the file names.

    That it took place stays: people take back what was noted by mistake, while nothing has come of
    it. A file knows nothing of that.
    """
    if meeting.status == MeetingStatus.HELD:
        raise ValidationError(
            _("This step is not possible: the current state is “%(old)s”."),
            code="transition",
            params={"old": MeetingStatus.HELD.label},
        )
    return change_meeting_status(meeting=meeting, status=status, note=NOTE, by=None)


def zone_of(plan: Plan, cities: list[str], country: str) -> str:
    """Return the zone of the place: of a participating city in the country, else of the first.

    The facts give a time of day, but no zone; the clock of the place is what a local
    announcement means.
    """
    records = [plan.municipalities[city] for city in cities]
    local = [record for record in records if record.data.get("country") == country] or records
    zone = str(local[0].data.get("timezone") or "") if local else ""
    # A zone that does not exist is already a fault of its city.
    return zone if not zone or zone in known_time_zones() else "UTC"


def times_of(
    record: Record, span: DateSpan, zone: str
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return start and end from ``time``: ``18:30`` or ``16:00-17:30`` on a documented day."""
    value = record.text("time", required=False)
    if not value:
        return None, None
    match = re.fullmatch(r"(\d{2}:\d{2})(?:-(\d{2}:\d{2}))?", value)
    if not match or span.earliest is None or span.precision != DatePrecision.DAY or not zone:
        record.refuse("time", f"{value!r} is not a time such as 16:00-17:30 on a documented day.")
        return None, None
    try:
        moments = [
            dt.datetime.combine(
                span.earliest, dt.time.fromisoformat(part), tzinfo=zoneinfo.ZoneInfo(zone)
            )
            for part in match.groups()
            if part
        ]
    except ValueError:
        record.refuse("time", f"{value!r} is not a time of day.")
        return None, None
    return moments[0], moments[1] if len(moments) > 1 else None
