"""What writes, changes and removes entries of the learning log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Notification
from accounts.permissions import Permission, require
from calls.content import marks_of, merge
from core.actions import note_change
from core.models import save_new
from meetings.actions.commitment import make_commitment
from meetings.enums import LogVisibility
from meetings.models import Commitment, LearningEntry, Meeting
from tandems.actions.notices import tell_people
from tandems.locks import lock_tandem
from tandems.models import Tandem, TandemMember

#: What people write → its label.
LABELS = {
    "happened_on": _("Day"),
    "kind": _("Kind of contact"),
    "meeting": _("Meeting"),
    "topic": _("Field of action"),
    "learned": _("What we learned"),
    "surprised": _("What surprised us"),
    "contradicts": _("What contradicts our practice"),
    "next_step": _("Next step"),
    "visibility": _("Who may read it"),
    "language": _("Language of the entry"),
}
#: Fields whose column holds a key.
KEYS = frozenset({"meeting", "topic"})
#: Not looked at when an entry changes: the account of who wrote it may have been erased.
UNASKED = ("written_by",)


@dataclass(frozen=True, slots=True)
class EntryContent:
    """What people write in an entry, as plain values that two editors can compare.

    ``happened_on`` is an ISO day, ``meeting`` and ``topic`` are primary keys.
    """

    happened_on: str
    kind: str
    meeting: int | None
    topic: int | None
    learned: str
    surprised: str
    contradicts: str
    next_step: str
    visibility: str
    language: str

    @classmethod
    def of(cls, row: LearningEntry) -> EntryContent:
        """Return what is stored."""
        values = {entry.name: getattr(row, _column_of(entry.name)) for entry in fields(cls)}
        return cls(**{**values, "happened_on": row.happened_on.isoformat()})

    @property
    def marks(self) -> dict[str, str]:
        """Return the mark of each value: a form carries them to tell what it was opened with."""
        return marks_of(asdict(self))


@dataclass(frozen=True, slots=True)
class SavedEntry:
    """What became of a change: the entry, and the stored values of fields in conflict by name."""

    entry: LearningEntry
    conflicts: dict[str, Any]


def _column_of(name: str) -> str:
    """Return the column that holds a value."""
    return f"{name}_id" if name in KEYS else name


@transaction.atomic
def add_entry(
    *, member: TandemMember, content: EntryContent, due_on: dt.date | None = None, by: Any
) -> LearningEntry:
    """Write an entry for a municipality; with ``due_on`` its next step becomes a commitment.

    The partnership is told, unless the entry is for the municipality alone. Raises
    :class:`PermissionDenied` for who does not act for the municipality, and
    :class:`ValidationError` for a day to come, a foreign meeting, a commitment that cannot be made
    and an entry that was written already (code ``known``).
    """
    tandem = lock_tandem(member.tandem_id)
    # Asked after locking: while this waited, the city may have left.
    rows = TandemMember.objects.select_for_update(of=("self",), no_key=True)
    fresh = rows.select_related("municipality").get(pk=member.pk)
    fresh.tandem = tandem
    require(by, Permission.CONTRIBUTE, fresh)
    entry = LearningEntry(tandem=tandem, municipality=fresh.municipality, written_by=by)
    _fill(entry, asdict(content))
    _refuse_wrong(entry)
    if _is_written(entry, content):
        raise ValidationError(_("This entry has been written already."), code="known")
    save_new(entry)
    note_change(entry, field="visibility", old="", new=entry.visibility, by=by)
    _commit(entry, fresh, due_on, by)
    _tell(entry, by)
    return entry


@transaction.atomic
def change_entry(
    *,
    entry: LearningEntry,
    content: EntryContent,
    opened: Mapping[str, str],
    due_on: dt.date | None = None,
    by: Any,
) -> SavedEntry:
    """Change what an entry says; ``opened`` holds the marks of what the form was opened with.

    A field that somebody else has changed meanwhile to something else is in conflict: then nothing
    is written, and the caller shows both values. A new visibility stands in the history with both
    values. Raises like :func:`add_entry`, and for an entry that was removed (code ``gone``).
    """
    locked = _locked(entry, by)
    before = EntryContent.of(locked)
    write, conflicts = merge(asdict(before), asdict(content), opened)
    if conflicts:
        return SavedEntry(locked, conflicts)
    if write:
        _fill(locked, write)
        _refuse_wrong(locked)
        locked.full_clean(exclude=UNASKED)
        locked.save()
    if "visibility" in write:
        old = before.visibility
        note_change(locked, field="visibility", old=old, new=locked.visibility, by=by)
    if others := [str(LABELS[name]) for name in write if name != "visibility"]:
        note_change(locked, field="text", old="", new="changed", note=", ".join(others), by=by)
    members = locked.tandem.members.filter(municipality=locked.municipality_id)
    _commit(locked, members.acting().first(), due_on, by)
    if "visibility" in write and before.visibility == LogVisibility.CITY:
        _tell(locked, by)
    return SavedEntry(locked, {})


@transaction.atomic
def remove_entry(*, entry: LearningEntry, by: Any) -> None:
    """Take an entry away for good; its history keeps that there was one, not what it said.

    A commitment that came out of it stays. Raises :class:`PermissionDenied` for who does not act
    for its municipality and :class:`ValidationError` for one that was removed (code ``gone``).
    """
    locked = _locked(entry, by)
    note_change(locked, field="text", old="present", new="removed", by=by)
    locked.delete()


def _locked(entry: LearningEntry, by: Any) -> LearningEntry:
    """Return the entry as it is stored now, locked after its partnership, for who may change it."""
    tandem: Tandem = lock_tandem(entry.tandem_id)
    locked = LearningEntry.objects.select_for_update(no_key=True).filter(pk=entry.pk).first()
    if locked is None:
        raise ValidationError(_("This entry was removed meanwhile."), code="gone")
    locked.tandem = tandem
    require(by, Permission.CONTRIBUTE, locked)
    return locked


def _fill(row: LearningEntry, values: Mapping[str, Any]) -> None:
    """Put values of :class:`EntryContent` into a row."""
    for name, value in values.items():
        is_day = name == "happened_on"
        setattr(row, _column_of(name), dt.date.fromisoformat(value) if is_day else value)


def _refuse_wrong(row: LearningEntry) -> None:
    if row.happened_on > timezone.localdate():
        raise ValidationError({"happened_on": _("Choose today or an earlier date.")})
    if row.meeting_id and not _is_ours(row.meeting, row.tandem):
        raise ValidationError({"meeting": _("Choose a meeting of this partnership.")})


def _is_ours(meeting: Meeting | None, tandem: Tandem) -> bool:
    """Tell whether a partnership meets there, alone or with others."""
    return meeting is not None and (
        meeting.tandem_id == tandem.pk or meeting.partnerships.filter(pk=tandem.pk).exists()
    )


def _is_written(row: LearningEntry, content: EntryContent) -> bool:
    """Tell whether the very same entry is there already, as after a double click."""
    same = {_column_of(name): value for name, value in asdict(content).items()}
    rows = LearningEntry.objects.filter(tandem=row.tandem, municipality=row.municipality, **same)
    return rows.exists()


def _commit(
    entry: LearningEntry, member: TandemMember | None, due_on: dt.date | None, by: Any
) -> None:
    """Make the next step a commitment of the municipality; one that is recorded is taken up."""
    if due_on is None or member is None or entry.commitment_id is not None:
        return
    if not entry.next_step:
        raise ValidationError({"next_step": _("Write the step that becomes the commitment.")})
    try:
        entry.commitment = make_commitment(
            member=member,
            text=entry.next_step,
            language=entry.language,
            due_on=due_on,
            meeting=entry.meeting,
            by=by,
        )
    except ValidationError as error:
        if getattr(error, "code", "") != "known":
            raise
        entry.commitment = Commitment.objects.open().filter(
            tandem=entry.tandem_id,
            municipality=entry.municipality_id,
            text=entry.next_step,
            due_on=due_on,
        )[0]
    entry.save(update_fields=["commitment"])


def _tell(entry: LearningEntry, by: Any) -> None:
    """Tell the partnership of an entry that it may read; what a city keeps to itself is not."""
    if entry.visibility == LogVisibility.CITY:
        return
    tell_people(
        tandem=entry.tandem,
        kind=Notification.TANDEM_MEETINGS,
        event="learning_added",
        path=entry.get_absolute_url(),
        city=entry.municipality,
        by=by,
    )
