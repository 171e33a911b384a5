"""What people write into the plan of a meeting, as values that two editors can compare."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext, gettext_lazy as _

from calls.content import marks_of
from calls.enums import WorkingLanguage
from core.dates import NO_DATE, DatePrecision
from meetings.enums import MeetingFormat, MeetingKind
from meetings.models import Meeting
from meetings.times import city_of, span_of
from municipalities.enums import Country
from municipalities.models import Municipality, Topic
from tandems.models import Tandem

#: What people write about a meeting → its label.
LABELS = {
    "kind": _("Kind of meeting"),
    "title_de": _("Title in German"),
    "title_en": _("Title in English"),
    "description_de": _("What it is about, in German"),
    "description_en": _("What it is about, in English"),
    "format": _("Format"),
    "language": _("Working language"),
    "when": _("Date"),
    "place": _("Place"),
    "address": _("Address"),
    "access_notes_de": _("Getting there and access, in German"),
    "access_notes_en": _("Getting there and access, in English"),
    "country": _("Country"),
    "host": _("Host"),
    "remote_link": _("Link for taking part remotely"),
    "remote_note": _("How to dial in"),
    "topics": _("Topics"),
    "participants": _("Participating municipalities"),
    "partnerships": _("Partnerships that meet"),
}
#: What people who take part must notice when it changes.
NOTICED = frozenset(
    {
        *("title_de", "title_en", "format", "when", "place", "address"),
        *("access_notes_de", "access_notes_en", "remote_link", "remote_note", "language"),
    }
)
CHOICES: dict[str, Any] = {
    "kind": MeetingKind,
    "format": MeetingFormat,
    "language": WorkingLanguage,
    "country": Country,
}
MODELS: dict[str, Any] = {
    "host": Municipality,
    "participants": Municipality,
    "topics": Topic,
    "partnerships": Tandem,
}
#: Values that hang on a meeting in a table of their own.
MANY = ("topics", "participants", "partnerships")


@dataclass(frozen=True, slots=True)
class When:
    """The date of a meeting, which is one fact; without days it is not fixed yet.

    Whole days, or moments (UTC) with their days on the clock of the place. ``precision``: as it is
    documented.
    """

    earliest: dt.date | None = None
    latest: dt.date | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    time_zone: str = ""
    precision: str = DatePrecision.UNKNOWN

    @classmethod
    def of(cls, row: Meeting) -> When:
        """Return what is stored."""
        return cls(**{entry.name: getattr(row, entry.name) for entry in fields(cls)})

    @classmethod
    def on_days(cls, earliest: dt.date | None, latest: dt.date | None, **moments: Any) -> When:
        """Return a date that is known to the day."""
        return cls(earliest, latest, **moments, precision=DatePrecision.DAY)

    @property
    def plain(self) -> list[str]:
        """Return it as texts, to be compared with what somebody else saved."""
        moments = [self.starts_at, self.ends_at]
        return [
            *(day.isoformat() if day else "" for day in (self.earliest, self.latest)),
            *(moment.astimezone(dt.UTC).isoformat() if moment else "" for moment in moments),
            self.time_zone,
            str(self.precision),
        ]

    @property
    def noted(self) -> str:
        """Return it as the history keeps it, in 40 characters at most: days, or local times."""
        if self.precision != DatePrecision.DAY or self.earliest is None:
            return "undated"
        if self.starts_at is None:
            return "/".join(dict.fromkeys([str(self.earliest), str(self.latest)]))
        return "/".join(f"{moment:%Y-%m-%d %H:%M}" for moment in self.local if moment)

    @property
    def local(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """Return start and end on the clock of the place."""
        if self.starts_at is None:
            return None, None
        clock = zoneinfo.ZoneInfo(self.time_zone)
        return self.starts_at.astimezone(clock), self.ends_at and self.ends_at.astimezone(clock)

    def __str__(self) -> str:
        """Return it as people read it."""
        start, end = self.local
        if start is not None:
            return f"{span_of(start, end)} ({city_of(self.time_zone)})"
        if self.earliest is None:
            return gettext("not fixed yet")
        return str(type(NO_DATE)(self.earliest, self.latest, self.precision))


@dataclass(frozen=True, slots=True)
class PlanContent:
    """What people write about a meeting; other records are named by their primary keys."""

    kind: str
    title_de: str
    title_en: str
    description_de: str
    description_en: str
    format: str
    language: str
    when: When
    place: str
    address: str
    access_notes_de: str
    access_notes_en: str
    country: str
    host: int | None
    remote_link: str
    remote_note: str
    topics: tuple[int, ...]
    participants: tuple[int, ...]
    #: Beside the one that leads; of a meeting of one partnership, or of the network, none.
    partnerships: tuple[int, ...]

    @classmethod
    def of(cls, row: Meeting) -> PlanContent:
        """Return what is stored."""
        values: dict[str, Any] = {"when": When.of(row), "host": row.host_id}
        for name in MANY:
            keys = getattr(row, name).order_by().values_list("pk", flat=True)
            values[name] = tuple(sorted(keys))
        rest = (entry.name for entry in fields(cls) if entry.name not in values)
        values |= {name: getattr(row, name) or "" for name in rest}
        return cls(**values)

    @property
    def plain(self) -> dict[str, Any]:
        """Return the values as texts, numbers and lists."""
        found = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        found["when"] = self.when.plain
        return {name: list(value) if name in MANY else value for name, value in found.items()}

    @property
    def marks(self) -> dict[str, str]:
        """Return the mark of each value: a form carries them to tell what it was opened with."""
        return marks_of(self.plain)

    def words(self, name: str) -> str:
        """Return one of the values as people read it; of nothing, a dash."""
        value = getattr(self, name)
        if name in CHOICES and value:
            return str(CHOICES[name](value).label)
        if name in MODELS:
            keys = value if name in MANY else [value] if value else []
            return ", ".join(str(row) for row in MODELS[name].objects.filter(pk__in=keys)) or "–"
        return str(value) or "–"
