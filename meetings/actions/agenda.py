"""What writes the agenda of a meeting: items added, changed, moved and removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext, gettext_lazy as _

from accounts.permissions import Permission, require
from calls.content import marks_of, merge
from calls.enums import WorkingLanguage
from core.actions import note_change
from core.models import save_new
from core.pages import LANGUAGES
from meetings.models import AgendaItem, GuidingQuestion, Meeting
from meetings.timetable import why_closed
from municipalities.models import Municipality
from tandems.locks import lock_tandem

#: More items than these no meeting has.
MOST_ITEMS = 100
#: Above all positions that are ever given: where rows wait while they change places.
ASIDE = 10_000
#: What people write about an item → its label.
LABELS = {
    "text_de": _("Item in German"),
    "text_en": _("Item in English"),
    "day": _("Day"),
    "minutes": _("Length in minutes"),
    "lead": _("Led by"),
    "language": _("Language"),
    "question": _("Answers the guiding question"),
}


@dataclass(frozen=True, slots=True)
class AgendaContent:
    """What people write about an item; ``question`` is a primary key.

    Who leads is one fact: ``lead`` is (municipality, somebody else), so that of two editors
    nobody's city ends up beside somebody else's office.
    """

    text_de: str
    text_en: str
    day: int
    minutes: int | None
    lead: tuple[int | None, str]
    language: str
    question: int | None

    @classmethod
    def of(cls, item: AgendaItem) -> AgendaContent:
        """Return what is stored."""
        texts = {f"text_{code}": getattr(item, f"text_{code}") or "" for code in LANGUAGES}
        return cls(
            **texts,
            day=item.day,
            minutes=item.minutes,
            lead=(item.lead_id, item.lead_note),
            language=item.language,
            question=item.question_id,
        )

    @property
    def marks(self) -> dict[str, str]:
        """Return the mark of each value: a form carries them to tell what it was opened with."""
        return marks_of(asdict(self))

    def words(self, name: str) -> str:
        """Return one of the values as people read it."""
        value = getattr(self, name)
        if name == "lead":
            city, note = value
            place = Municipality.objects.filter(pk=city).first() if city else None
            return str(place or note or "–")
        if name == "question":
            return str(GuidingQuestion.objects.filter(pk=value).first() or "–")
        if name == "language":
            return str(WorkingLanguage(value).label) if value else gettext("not decided")
        return str(value) if value else "–"


@dataclass(frozen=True, slots=True)
class SavedItem:
    """What became of a change: the item, and the stored values of fields in conflict by name."""

    item: AgendaItem
    conflicts: Mapping[str, Any]


@transaction.atomic
def lock_plan(*, meeting: Meeting, by: Any) -> Meeting:
    """Return a meeting as it stands now, locked after its partnership, for who may contribute.

    Raises :class:`PermissionDenied` for everybody else, and :class:`ValidationError` (code
    ``closed``) for a meeting that was held or cancelled.
    """
    # In this order everywhere: the partnership, then the meeting, then what hangs on it.
    if meeting.tandem_id is not None:
        lock_tandem(meeting.tandem_id)
    locked = Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
    require(by, Permission.CONTRIBUTE, locked)
    if reason := why_closed(locked):
        raise ValidationError(reason, code="closed")
    return locked


@transaction.atomic
def add_item(*, meeting: Meeting, content: AgendaContent, by: Any) -> AgendaItem:
    """Add an item at the end of its day.

    Raises as :func:`lock_plan` does, and :class:`ValidationError` for what an item must not be;
    with the code ``double`` for one that says what the last one of the day says already.
    """
    locked = lock_plan(meeting=meeting, by=by)
    items = _in_order(locked)
    if len(items) >= MOST_ITEMS:
        raise ValidationError(_("An agenda takes up to 100 items."))
    same_day = [item for item in items if item.day == content.day]
    if same_day and AgendaContent.of(same_day[-1]) == content:
        raise ValidationError(_("This item is on the agenda already."), code="double")
    item = AgendaItem(meeting=locked, position=max([0, *(row.position + 1 for row in items)]))
    _fill(item, asdict(content))
    _refuse_foreign(item)
    save_new(item)
    _renumber([*items, item])
    note_change(locked, field="agenda", old="", new="added", note=str(item), by=by)
    return item


@transaction.atomic
def change_item(
    *, item: AgendaItem, content: AgendaContent, opened: Mapping[str, str], by: Any
) -> SavedItem:
    """Change what an item says; ``opened`` holds the marks of what the form was opened with.

    A field that somebody else has changed meanwhile to something else is in conflict: then nothing
    is written, and the caller shows both values. Raises as :func:`add_item` does, with the code
    ``gone`` for an item that was removed.
    """
    locked, stored = _locked(item, by)
    write, conflicts = merge(asdict(AgendaContent.of(stored)), asdict(content), opened)
    if conflicts or not write:
        return SavedItem(stored, conflicts)
    _fill(stored, write)
    _refuse_foreign(stored, names=write)
    stored.full_clean()
    stored.save()
    items = _in_order(locked)
    if "day" in write:
        # On another day it comes last, as a new one does.
        items.sort(key=lambda row: (row.day, row.pk == stored.pk))
    _renumber(items)
    note_change(locked, field="agenda", old="", new="changed", note=str(stored), by=by)
    return SavedItem(stored, {})


@transaction.atomic
def move_item(*, item: AgendaItem, up: bool, seen: int, by: Any) -> AgendaItem:
    """Let an item change places with the one before it on its day, or with the one behind it.

    ``seen`` is the position at which the person saw it: of a double click the second one changes
    nothing (code ``moved``). Raises as :func:`change_item` does. What is first stays first.
    """
    locked, stored = _locked(item, by)
    if stored.position != seen:
        raise ValidationError(
            _("The order has changed meanwhile. Please look at it again."), code="moved"
        )
    items = _in_order(locked)
    here = next(number for number, row in enumerate(items) if row.pk == stored.pk)
    there = here - 1 if up else here + 1
    if 0 <= there < len(items) and items[there].day == stored.day:
        items[here], items[there] = items[there], items[here]
        _renumber(items)
    return stored


@transaction.atomic
def remove_item(*, item: AgendaItem, by: Any) -> Meeting:
    """Take an item off the agenda; what the minutes say about it stays. Raises as the others do."""
    locked, stored = _locked(item, by)
    text = str(stored)
    stored.delete()
    note_change(locked, field="agenda", old="", new="removed", note=text, by=by)
    return locked


def _locked(item: AgendaItem, by: Any) -> tuple[Meeting, AgendaItem]:
    """Return meeting and item as they are stored now, for who may write them."""
    locked = lock_plan(meeting=item.meeting, by=by)
    stored = AgendaItem.objects.filter(meeting=locked, pk=item.pk).first()
    if stored is None:
        raise ValidationError(_("Somebody has removed this item meanwhile."), code="gone")
    stored.meeting = locked
    return locked, stored


def _in_order(meeting: Meeting) -> list[AgendaItem]:
    return list(AgendaItem.objects.filter(meeting=meeting).order_by("day", "position"))


def _renumber(items: Iterable[AgendaItem]) -> None:
    """Number items from 0 as they stand, day by day; no two ever have the same number meanwhile."""
    ordered = sorted(items, key=lambda item: item.day)
    moved = [(number, row) for number, row in enumerate(ordered) if row.position != number]
    for aside in (ASIDE, 0):
        for number, row in moved:
            row.position = aside + number
            AgendaItem.objects.filter(pk=row.pk).update(position=row.position)


def _fill(item: AgendaItem, values: Mapping[str, Any]) -> None:
    """Put values of :class:`AgendaContent` into a row."""
    for name, value in values.items():
        if name == "lead":
            item.lead_id, item.lead_note = value
        else:
            setattr(item, "question_id" if name == "question" else name, value)


def _refuse_foreign(item: AgendaItem, names: Iterable[str] = ("lead", "question")) -> None:
    """Refuse a city that does not take part, a question of another meeting, and no text at all."""
    if not any(getattr(item, f"text_{code}") for code in LANGUAGES):
        raise ValidationError({"text_de": _("Write the item in German or in English.")})
    cities = {*item.meeting.acting_municipalities, item.meeting.host_id}
    if "lead" in names and item.lead_id and item.lead_id not in cities:
        raise ValidationError({"lead": _("Choose a city that takes part in the meeting.")})
    if "question" in names and item.question_id:
        asked = GuidingQuestion.objects.filter(meeting=item.meeting, pk=item.question_id)
        if not asked.exists():
            raise ValidationError(
                {"question": _("This question has been removed meanwhile. Choose another one.")}
            )
