"""Finding a date: who may answer, on which clocks dates are read, and how a poll stands."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.urls import reverse

from accounts.permissions import Permission, reach_of
from meetings.enums import MeetingStatus, PollChoice
from meetings.links import ANSWER_SALT
from meetings.models import Attendance, DatePoll, Meeting, MeetingGuest, PollOption, PollReply
from meetings.times import LocalTime, local_times
from municipalities.models import Municipality

#: More dates than these nobody compares.
MOST_OPTIONS = 10
#: Meetings whose date can still be sought.
DATABLE = frozenset({MeetingStatus.PLANNED, MeetingStatus.ANNOUNCED})

Moments = tuple[dt.datetime, dt.datetime]


def poll_of(meeting: Meeting) -> DatePoll | None:
    """Return the date poll of a meeting, if there ever was one."""
    return DatePoll.objects.filter(meeting=meeting).select_related("opened_by").first()


def takes_answers(poll: DatePoll, meeting: Meeting) -> bool:
    """Tell whether answers are taken: late ones are, until the poll or the meeting is over."""
    return poll.is_open and meeting.status in DATABLE


def poll_link(attendance: Attendance) -> str:
    """Return the address, without host, where an invited person answers without signing in.

    It is in the active language, and carries the same token as the invitation.
    """
    token = signing.dumps(attendance.pk, salt=ANSWER_SALT)
    return reverse("meetings:answer-poll", args=[token])


def may_answer(attendance: Attendance) -> bool:
    """Tell whether an invitation still counts.

    Who comes from outside answers as long as it is invited; people of the portal as long as they
    act for the project team, for a city that meets or for one of its guests.
    """
    user, meeting = attendance.user, attendance.meeting
    if user is None:
        return True
    reach = reach_of(user, Permission.READ_WORKSPACE)
    if reach is None or reach & meeting.acting_municipalities:
        return True
    return MeetingGuest.objects.filter(meeting=meeting, municipality__in=reach).exists()


def zones_of(meeting: Meeting) -> list[str]:
    """Return the time zones (IANA) that matter to a meeting: that of the place, then the cities'.

    Guests and invited people from outside read their own clock first anyway.
    """
    first = [meeting.time_zone, meeting.host.time_zone if meeting.host else ""]
    cities = Municipality.objects.filter(pk__in=meeting.acting_municipalities).order_by("pk")
    return list(dict.fromkeys(zone for zone in (*first, *(c.time_zone for c in cities)) if zone))


def zone_for(meeting: Meeting, user: Any) -> str:
    """Return on which clock dates are proposed: the place's, else that of the proposer's city.

    Where no place is named yet the host's is meant; the project team has no city, but a clock.
    """
    own = reach_of(user, Permission.READ_WORKSPACE) or set()
    cities = Municipality.objects.filter(pk__in=own & meeting.acting_municipalities).order_by("pk")
    host = meeting.host.time_zone if meeting.host else ""
    city = cities.values_list("time_zone", flat=True).first()
    return meeting.time_zone or host or city or str(user.time_zone)


def days_in(moments: Moments, zone: str) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a date on a clock; midnight ends the day before it."""
    clock = zoneinfo.ZoneInfo(zone)
    start, end = (moment.astimezone(clock) for moment in moments)
    last = (moments[1] - dt.timedelta(microseconds=1)).astimezone(clock)
    return start.date(), max(start.date(), min(end.date(), last.date()))


def mark_of_poll(poll: DatePoll | None) -> str:
    """Return a short mark of what is proposed: a form carries it to tell what it was opened with.

    Empty where nothing is proposed yet.
    """
    if poll is None:
        return ""
    rows = poll.options.values_list("starts_at", "ends_at")
    dates = [[moment.astimezone(dt.UTC).isoformat() for moment in row] for row in rows]
    said = [dates, poll.answer_by.astimezone(dt.UTC).isoformat(), poll.note, poll.is_open]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Clock:
    """A date on one more clock: as few words as tell it apart from the reader's."""

    words: str
    places: str


def clocks_of(times: Sequence[LocalTime]) -> list[Clock]:
    """Return a date on the clocks that differ from the first one.

    Where it falls on the same days the time of day is enough.
    """
    if not times:
        return []
    first = times[0]
    days = (first.start.date(), first.end and first.end.date())
    return [
        Clock(
            time.hours if (time.start.date(), time.end and time.end.date()) == days else str(time),
            time.places,
        )
        for time in times[1:]
    ]


@dataclass(frozen=True, slots=True)
class Tally:
    """How one proposed date stands.

    ``cities`` counts municipalities from which somebody can come, ``names`` holds people by choice.
    """

    option: PollOption
    time: LocalTime
    clocks: list[Clock]
    counts: Mapping[str, int]
    cities: int
    names: Mapping[str, list[str]]
    is_best: bool = False

    @property
    def can(self) -> int:
        """Return how many people can come, if need be."""
        return self.counts[PollChoice.YES] + self.counts[PollChoice.IF_NEED_BE]

    @property
    def rank(self) -> tuple[int, int, int]:
        """Return what dates are compared by: cities that can come, people who can, whom it suits.

        A date that suits many people of one city and nobody of the other is no date to meet.
        """
        return self.cities, self.can, self.counts[PollChoice.YES]


def tallies_of(
    poll: DatePoll, *, reader: str, zones: Iterable[str], with_names: bool
) -> list[Tally]:
    """Return how each proposed date stands, the earliest first, and which of them fit best.

    Dates are on the clock ``reader`` (IANA), then on those of ``zones`` that differ. Names are
    given only ``with_names``.
    """
    zones = list(zones)
    rows = PollReply.objects.filter(option__poll=poll)
    if with_names:
        rows = rows.select_related("attendance__user", "attendance__municipality")
    else:
        rows = rows.select_related("attendance")
    by_option: dict[int, list[PollReply]] = {}
    for reply in rows.order_by("attendance__municipality", "attendance__name", "attendance"):
        by_option.setdefault(reply.option_id, []).append(reply)
    found = [
        _tally(option, by_option.get(option.pk, []), reader, zones, with_names=with_names)
        for option in poll.options.all()
    ]
    top = max((tally.rank for tally in found if tally.can), default=None)
    return [replace(tally, is_best=tally.rank == top) for tally in found]


def _tally(
    option: PollOption, replies: list[PollReply], reader: str, zones: list[str], *, with_names: bool
) -> Tally:
    times = local_times(option.starts_at, option.ends_at, zones, reader=reader)
    counted = Counter(reply.choice for reply in replies)
    coming = {
        reply.attendance.municipality_id
        for reply in replies
        if reply.choice != PollChoice.NO and reply.attendance.municipality_id
    }
    names: dict[str, list[str]] = {choice: [] for choice in PollChoice.values}
    for reply in replies if with_names else ():
        names[reply.choice].append(name_of(reply.attendance))
    return Tally(
        option,
        times[0],
        clocks_of(times),
        {choice: counted[choice] for choice in PollChoice.values},
        len(coming),
        names,
    )


def name_of(attendance: Attendance) -> str:
    """Return a person with its city, for those who read the meeting from within."""
    if attendance.municipality is None:
        return str(attendance)
    return f"{attendance} ({attendance.municipality})"


def silent_in(poll: DatePoll) -> list[Attendance]:
    """Return who has answered for none of the dates yet."""
    answered = PollReply.objects.filter(option__poll=poll).values("attendance")
    rows = Attendance.objects.filter(meeting=poll.meeting_id).exclude(pk__in=answered)
    return list(rows.with_people())


def replies_of(poll: DatePoll, attendance: Attendance | None) -> dict[int, str]:
    """Return what a person has answered: key of the date → choice."""
    if attendance is None:
        return {}
    rows = PollReply.objects.filter(option__poll=poll, attendance=attendance)
    return dict(rows.values_list("option", "choice"))
