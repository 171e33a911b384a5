"""The only writers of what minutes say; several people who write at once lose nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _, gettext_lazy

from accounts.permissions import Permission, require
from calls.content import merge
from core.actions import note_change
from core.dates import day
from core.pages import LANGUAGES
from meetings.asked import may_be_begun
from meetings.enums import MeetingScope, MeetingStatus, MinutesState
from meetings.locks import lock_draft, lock_meeting
from meetings.models import Commitment, Meeting, Minutes, MinutesEntry
from meetings.queries import agenda_of, carried_commitments, commitments_before, questions_of

#: The columns of the public part.
PUBLIC_PART = tuple(f"public_text_{code}" for code in LANGUAGES)
LONGEST_ENTRY = 10_000
#: More than these nobody reads before agreeing.
MOST_ENTRIES = 100
#: Who did something may be nobody: not yet, or nobody any more since an account was erased.
ACTORS = ("begun_by", "released_by", "changed_by")


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of something typed: whether it was written, and what stands against it.

    ``conflicts`` holds the stored values of what somebody else changed meanwhile, by name.
    """

    row: Any
    changed: bool
    conflicts: Mapping[str, Any]
    saved_by: Any = None
    saved_at: dt.datetime | None = None


def keep_row(*, row: Minutes | MinutesEntry, by: Any) -> None:
    """Save a row that is valid; raises :class:`ValidationError` for one that is not.

    The meeting is locked, so nobody writes the same in the same moment.
    """
    row.full_clean(exclude=ACTORS)
    row.save()


@transaction.atomic
def begin_minutes(*, meeting: Meeting, by: Any) -> Minutes:
    """Begin the minutes of a meeting: an entry for each item, question, and for commitments.

    The headings are copies in the language that is spoken now. Where somebody else has begun them
    already, those are returned.

    Raises :class:`PermissionDenied` for who does not write along and :class:`ValidationError`
    before the first day, and for a meeting that was cancelled.
    """
    locked = lock_meeting(meeting)
    require(by, Permission.CONTRIBUTE, locked)
    if (there := locked.minutes.order_by("-number").first()) is not None:
        return there
    if locked.status == MeetingStatus.CANCELLED:
        raise ValidationError(gettext_lazy("This meeting was cancelled."), code="cancelled")
    if not may_be_begun(locked):
        raise ValidationError(
            gettext_lazy("The minutes can be begun from the first day of the meeting on."),
            code="early",
        )
    minutes = Minutes(meeting=locked, begun_by=by)
    keep_row(row=minutes, by=by)
    note_change(minutes, field="state", old="", new=MinutesState.DRAFT, by=by)
    for position, entry in enumerate(_first_entries(locked, by)):
        entry.minutes, entry.position = minutes, position
        keep_row(row=entry, by=by)
    return minutes


def _first_entries(meeting: Meeting, by: Any) -> Iterable[MinutesEntry]:
    """Yield what the minutes of a meeting begin with."""
    placed = set()
    for item in agenda_of(meeting):
        yield MinutesEntry(agenda_item=item, heading=item.text)
        if item.question is not None and item.question_id not in placed:
            placed.add(item.question_id)
            yield MinutesEntry(agenda_item=item, question=item.question, heading=item.question.text)
    for question in questions_of(meeting):
        if question.pk not in placed:
            yield MinutesEntry(question=question, heading=question.text)
    heading = _("What became of our commitments")
    if meeting.scope != MeetingScope.TANDEM:
        # The others would read what one partnership has promised itself.
        if commitments_before(meeting).exists():
            yield MinutesEntry(heading=heading)
    elif carried := list(carried_commitments(meeting, by)):
        yield MinutesEntry(heading=heading, text=_lines_about(carried))


def _lines_about(commitments: Iterable[Commitment]) -> str:
    """Return a line for each commitment, which whoever writes the minutes completes."""
    text = ""
    for row in commitments:
        facts = {"city": row.municipality, "text": row.text, "day": day(row.due_on)}
        line = _("- %(city)s: %(text)s (by %(day)s)") % facts
        if len(text) + len(line) < LONGEST_ENTRY:
            text += f"{line}\n"
    return text.strip()


@transaction.atomic
def add_entry(*, minutes: Minutes, heading: str, text: str, by: Any) -> MinutesEntry:
    """Add an entry after all others; the same one twice in a row was a double click.

    Raises as :func:`save_entry` does, and where there are :data:`MOST_ENTRIES` already.
    """
    locked = lock_draft(minutes, by)
    last = locked.entries.order_by("position", "pk").last()
    if last is not None and (last.heading, last.text, last.changed_by_id) == (heading, text, by.pk):
        return last
    if locked.entries.count() >= MOST_ENTRIES:
        raise ValidationError(
            gettext_lazy("Minutes hold up to %(number)s entries. Write this into one of those."),
            code="full",
            params={"number": MOST_ENTRIES},
        )
    highest = locked.entries.aggregate(last=Max("position"))["last"]
    entry = MinutesEntry(
        minutes=locked,
        position=0 if highest is None else highest + 1,
        heading=heading,
        text=text,
        changed_by=by,
    )
    keep_row(row=entry, by=by)
    return entry


@transaction.atomic
def save_entry(
    *, entry: MinutesEntry, values: Mapping[str, Any], opened_with: Mapping[str, str], by: Any
) -> Saved:
    """Save heading and text of an entry.

    ``opened_with`` holds the marks of what the form was opened with (see
    :func:`calls.content.merge`): what somebody else wrote meanwhile is never overwritten.

    Raises :class:`PermissionDenied` for who does not write along and :class:`ValidationError` for
    minutes that are no draft any more.
    """
    lock_draft(entry.minutes, by)
    locked = MinutesEntry.objects.select_for_update(no_key=True).get(pk=entry.pk)
    stored = {name: getattr(locked, name) for name in ("heading", "text")}
    before = (locked.changed_by, locked.changed_at)
    changes, conflicts = merge(stored, values, opened_with)
    if changes:
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.changed_by = by
        keep_row(row=locked, by=by)
    return Saved(locked, bool(changes), conflicts, *before)


@transaction.atomic
def remove_entry(*, entry: MinutesEntry, by: Any) -> Minutes:
    """Take an entry out in which nothing is written.

    Raises as :func:`save_entry` does, and for an entry that holds a text.
    """
    draft = lock_draft(entry.minutes, by)
    locked = draft.entries.filter(pk=entry.pk).first()
    if locked is not None:
        if locked.text:
            raise ValidationError(
                gettext_lazy("Only an entry without a text can be removed. Empty it first."),
                code="written",
            )
        locked.delete()
    return draft


@transaction.atomic
def save_public_part(
    *, minutes: Minutes, values: Mapping[str, Any], opened_with: Mapping[str, str], by: Any
) -> Saved:
    """Save the public part in German and English; ``values`` by :data:`PUBLIC_PART`.

    Raises as :func:`save_entry` does.
    """
    locked = lock_draft(minutes, by)
    stored = {name: getattr(locked, name) or "" for name in PUBLIC_PART}
    changes, conflicts = merge(stored, values, opened_with)
    if changes:
        for name, value in changes.items():
            setattr(locked, name, value)
        keep_row(row=locked, by=by)
    return Saved(locked, bool(changes), conflicts)
