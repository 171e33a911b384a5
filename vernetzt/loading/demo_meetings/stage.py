"""Who plays on the stage of the invented partnership, and when: days are told from today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.models import User
from meetings.models import Meeting
from meetings.times import moment_in
from municipalities.models import Municipality, Topic
from tandems.models import Tandem, TandemMember
from vernetzt.loading.demo_call import at

#: The clock by which days are counted, and the time of day at which people act.
ZONE, OFFICE_HOUR = "Europe/Berlin", "11:00"
NOON = dt.time(12)
#: Short name of the coordinator.
TEAM = "team"


def moment_of(day: dt.date, time: str = OFFICE_HOUR, zone: str = ZONE) -> dt.datetime:
    """Return the moment of a day and a time of day (``11:00``) on the clock of a zone (IANA)."""
    return moment_in(day, dt.time.fromisoformat(time), zone)


@contextmanager
def around(moment: dt.datetime) -> Iterator[dt.datetime]:
    """Let the actions within happen at ``moment``; what would lie ahead happens now."""
    then = min(moment, timezone.now())
    with at(then):
        yield then


@dataclass
class Stage:
    """The partnership with its cities, people and meetings, by the short names of the data."""

    data: dict[str, Any]
    coordinator: User
    #: The present day, also while actions happen on another one.
    today: dt.date = field(default_factory=timezone.localdate)
    cities: dict[str, Municipality] = field(default_factory=dict)
    #: ``lindenau.contact`` → person.
    people: dict[str, User] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    slug: str = ""
    meetings: dict[str, int] = field(default_factory=dict)
    #: What becomes of commitments: moment, key of the commitment, step.
    fates: list[tuple[dt.datetime, int, dict[str, Any]]] = field(default_factory=list)

    def day(self, week: int, weekday: int = 1) -> dt.date:
        """Return a day so many weeks from the present one; ``weekday`` 0 is its Monday."""
        return self.today + dt.timedelta(weeks=week, days=weekday - self.today.weekday())

    @property
    def tandem(self) -> Tandem:
        """Return the partnership as it stands now."""
        return Tandem.objects.get(slug=self.slug)

    def member(self, city: str) -> TandemMember:
        """Return the membership of a city."""
        return self.tandem.members.get(municipality=self.cities[city])

    def meeting(self, name: str) -> Meeting:
        """Return a meeting as it stands now."""
        return Meeting.objects.get(pk=self.meetings[name])

    def about(self, name: str) -> dict[str, Any]:
        """Return what the data says about a meeting."""
        found: dict[str, Any] = self.data["meetings"][name]
        return found

    def contact(self, city: str) -> User:
        """Return the contact person of a city."""
        return self.people[f"{city}.contact"]


def end_of(meeting: Meeting) -> dt.datetime:
    """Return when a dated meeting is over."""
    assert meeting.latest is not None  # noqa: S101 - only asked of meetings that have a day
    return meeting.ends_at or dt.datetime.combine(meeting.latest, NOON, tzinfo=dt.UTC)
