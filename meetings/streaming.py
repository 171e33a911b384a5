"""Calendars to subscribe to: which state they are in, sent in parts, and what is kept of them.

A state is read as rows of a few columns, from which an event is the same each time it is written.
What was written once is kept, so that a calendar of thousands asks for no meeting as a whole; of
the public one, which everybody asks for, the whole state is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Case, Max, Q, Value, When
from django.utils import timezone, translation

from core.queries import with_parts
from meetings.enums import MeetingStatus
from meetings.ical import END, event_of, head_of
from meetings.models import Meeting, MeetingQuerySet
from meetings.models.meeting import LONGEST_FEED

#: Meetings that are written, and sent, at a time.
CHUNK = 250
#: Raise it when the same meeting is written differently, so that no subscriber is told "unchanged".
FORM = 3
#: What an event is written from, the meeting first.
STATE = ("uid", "changed_at", "sequence", "status", "is_public", "tandem__changed_at")
#: For who reads from within, also what changes without the meeting: whether it is certain.
STATE_INSIDE = (*STATE, "invited_at")

#: The values of ``STATE``, or ``STATE_INSIDE``, of one meeting, and last what depends on the day
#: or the person: for visitors whether it is past (:func:`meetings.ical.has_passed`), inside whether
#: the link is told, see ``in_feed_of``.
Row = tuple[Any, ...]

#: Row, language and whether it is for who reads from within → the event. Writing costs fifteen
#: times as much as fetching.
WRITTEN: dict[tuple[Row, str, bool], bytes] = {}
#: The longest feed in both languages.
MOST_WRITTEN = 2 * LONGEST_FEED


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a feed: how many events it has, and a digest of what they are written from."""

    count: int
    digest: str

    def etag(self, *facts: object) -> str:
        """Return the tag of the feed (RFC 9110 8.8.3) in one language: weak, since it is packed."""
        words = repr((FORM, settings.PUBLIC_URL, self.digest, *facts))
        return f'W/"{hashlib.blake2b(words.encode(), digest_size=12).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Kept:
    """The public feed in one language and state: its events, which are those of ``WRITTEN``.

    ``packed`` takes the parts as they were sent, by encoding, from whoever packs them.
    """

    version: Version
    head: bytes
    events: Sequence[bytes]
    packed: dict[str, Sequence[bytes]] = field(default_factory=dict)

    def parts(self) -> Iterator[bytes]:
        """Yield it in parts."""
        yield self.head
        for start in range(0, len(self.events), CHUNK):
            yield b"".join(self.events[start : start + CHUNK])
        yield END


#: Language → the state that was sent last, once it was sent to its end.
KEPT: dict[str, Kept] = {}


def feed_version() -> Version:
    """Return what changes with every change of the public feed."""
    return version_of(rows_of(Meeting.objects.in_feed()))


def rows_of(meetings: MeetingQuerySet, *, inside: bool = False) -> list[Row]:
    """Return what the events of a feed are written from, as it stands at this moment."""
    if inside:
        return list(meetings.values_list(*STATE_INSIDE, "is_linked"))
    is_past = Case(When(passed_on(timezone.localdate()), then=True), default=Value(False))
    return list(meetings.values_list(*STATE, is_past))


def passed_on(today: dt.date) -> Q:
    """Return which meetings are past, as :func:`meetings.ical.has_passed` tells of each."""
    return Q(status=MeetingStatus.ANNOUNCED, latest__lt=today)


def version_of(rows: Iterable[Row]) -> Version:
    """Return the state of a feed, from every row that stands in it.

    A maximum of the moments would not do: what leaves the feed, and what was stored out of order,
    does not raise it.
    """
    digest = hashlib.blake2b(digest_size=16)
    count = 0
    for row in rows:
        digest.update(repr(row).encode())
        count += 1
    return Version(count, digest.hexdigest())


def last_change() -> dt.datetime | None:
    """Return when any meeting or a partnership of it was changed last, also what nobody sees.

    What is no longer shown must count too, and the midnight from which on an announced one is past.
    Returns ``None`` for what changed just now: another
    change in the same second would have the same ``Last-Modified`` (RFC 9110 8.8.2.2).
    """
    found = Meeting.objects.aggregate(
        Max("changed_at"),
        Max("tandem__changed_at"),
        Max("partnerships__changed_at"),
        past=Max("latest", filter=passed_on(timezone.localdate())),
    )
    if day := found.pop("past"):
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min)
        found["past"] = timezone.make_aware(midnight)
    moments = [moment for moment in found.values() if moment is not None]
    last = max(moments, default=None)
    return last if last and last < timezone.now() - dt.timedelta(seconds=1) else None


def kept_feed(language: str, version: Version) -> Kept | None:
    """Return the public feed in a state, if it was sent before.

    Whoever remembers a version (:func:`core.queries.remembered`) sends what is kept of it as long:
    a change, and what it hides, is seen up to ``settings.SUMMARY_SECONDS`` later.
    """
    kept = KEPT.get(language)
    return kept if kept is not None and kept.version == version else None


def public_parts(language: str) -> Iterator[bytes]:
    """Yield the public feed as it is now, and keep it once it was sent to its end.

    It is kept as the state that it is, not as one that was remembered: a state can come back, when
    what was added in between is taken out again, and must not show it then.
    """
    before = KEPT.get(language)
    rows = rows_of(Meeting.objects.in_feed())
    head, events = head_in(language), list[bytes]()
    yield head
    for chunk in events_of(rows, language=language):
        events += chunk
        yield b"".join(chunk)
    # Nothing has changed on the way, and nobody was faster, perhaps with a newer state.
    if len(events) == len(rows) and KEPT.get(language) is before:
        KEPT[language] = Kept(version_of(rows), head, tuple(events))
    yield END


def own_parts(
    rows: Sequence[Row], *, language: str, name: str, inside: bool = False
) -> Iterator[bytes]:
    """Yield the calendar of a partnership or person in parts: a long one never stands in memory."""
    yield head_in(language, name)
    for chunk in events_of(rows, language=language, inside=inside):
        yield b"".join(chunk)
    yield END


def head_in(language: str, name: str = "") -> bytes:
    """Return what a calendar begins with in a language."""
    with translation.override(language):
        return head_of(name)


def events_of(
    rows: Sequence[Row], *, language: str, inside: bool = False
) -> Iterator[Sequence[bytes]]:
    """Yield the events of meetings in chunks; one query for each in which one is to be written.

    The language is spoken only while events are written: between two chunks, the thread may answer
    somebody else. A meeting that has changed since the rows were read is left out; nobody knows
    whether it may still be shown, and whoever asks again is sent its new state.
    """
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        events = {row: WRITTEN.get((row, language, inside)) for row in chunk}
        if missing := [row for row, event in events.items() if event is None]:
            with translation.override(language):
                events |= written(missing, language, inside)
        yield [event for event in events.values() if event is not None]


def written(rows: Sequence[Row], language: str, inside: bool) -> dict[Row, bytes]:
    """Write, and keep, the events of meetings that are still as their rows say."""
    names = ("slug", "name_de", "name_en", "changed_at")
    meetings = with_parts(Meeting.objects.all(), tandem=names)
    found = meetings.in_bulk([row[0] for row in rows], field_name="uid")
    events = {}
    for row in rows:
        meeting = found.get(row[0])
        if meeting is None or state_of(meeting, inside) != row[:-1]:
            continue
        said = {"linked": inside and row[-1], "is_past": not inside and row[-1]}
        event = bytes(event_of(meeting, inside=inside, **said).to_ical())
        if len(WRITTEN) >= MOST_WRITTEN:
            WRITTEN.clear()
        events[row] = WRITTEN[row, language, inside] = event
    return events


def state_of(meeting: Meeting, inside: bool) -> Row:
    """Return the row of a meeting, but for what depends on the day or the person."""
    changed_at = meeting.tandem.changed_at if meeting.tandem else None
    state = (meeting.changed_at, meeting.sequence, meeting.status, meeting.is_public, changed_at)
    return (meeting.uid, *state, *([meeting.invited_at] if inside else []))
