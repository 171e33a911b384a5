"""What writes the guiding questions of a city for a meeting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from calls.content import marks_of, merge
from core.actions import note_change
from core.models import save_new
from core.pages import LANGUAGES
from meetings.actions.agenda import lock_plan
from meetings.models import MOST_QUESTIONS, GuidingQuestion, Meeting
from meetings.telling import tell_of_meeting
from municipalities.models import Municipality

POSITIONS = tuple(range(1, MOST_QUESTIONS + 1))
PARTS = tuple(f"{part}_{code}" for part in ("text", "decision") for code in LANGUAGES)


@dataclass(frozen=True, slots=True)
class QuestionsContent:
    """The questions of one city: value by name, ``text_de_1`` to ``decision_en_3``."""

    values: Mapping[str, str]

    @staticmethod
    def names_at(position: int) -> list[str]:
        """Return the names of all values of one question."""
        return [f"{part}_{position}" for part in PARTS]

    @classmethod
    def of(cls, questions: Iterable[GuidingQuestion]) -> QuestionsContent:
        """Return what is stored; an empty place has empty values."""
        values = {name: "" for position in POSITIONS for name in cls.names_at(position)}
        for row in questions:
            values |= {f"{part}_{row.position}": getattr(row, part) or "" for part in PARTS}
        return cls(values)

    @property
    def marks(self) -> dict[str, str]:
        """Return the mark of each value: a form carries them to tell what it was opened with."""
        return marks_of(self.values)

    def has_text(self, position: int) -> bool:
        """Tell whether a question stands at the place, in whatever language."""
        return any(self.values[f"text_{code}_{position}"] for code in LANGUAGES)

    def has_decision(self, position: int) -> bool:
        """Tell whether a decision stands at the place, in whatever language."""
        return any(self.values[f"decision_{code}_{position}"] for code in LANGUAGES)


@dataclass(frozen=True, slots=True)
class SavedQuestions:
    """What became of questions: whether they changed, and the stored values in conflict by name."""

    changed: bool
    conflicts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voice:
    """A city as the smallest thing that changes: nobody asks in the name of its partner."""

    acting_municipalities: frozenset[int]


@transaction.atomic
def ask_questions(
    *,
    meeting: Meeting,
    municipality: Municipality,
    content: QuestionsContent,
    opened: Mapping[str, str],
    by: Any,
) -> SavedQuestions:
    """Write the questions of a city; an emptied one goes, and agenda items lose the link to it.

    ``opened`` holds the marks of what the form was opened with. What somebody else has changed
    meanwhile to something else is in conflict: then nothing is written. The first questions of a
    city are told to the partnership. Raises :class:`PermissionDenied` for who does not speak for
    the city and :class:`ValidationError` for a city that does not take part, a decision without its
    question, and a meeting that was held or cancelled (code ``closed``).
    """
    locked = lock_plan(meeting=meeting, by=by)
    require(by, Permission.CONTRIBUTE, Voice(frozenset({municipality.pk})))
    if municipality.pk not in locked.acting_municipalities:
        raise ValidationError(_("This city does not take part in the meeting."))
    rows = {
        row.position: row
        for row in GuidingQuestion.objects.filter(meeting=locked, municipality=municipality)
    }
    stored = QuestionsContent.of(rows.values())
    write, conflicts = merge(stored.values, content.values, opened)
    merged = QuestionsContent({**stored.values, **write})
    conflicts |= _halves(stored, content, merged)
    if conflicts or not write:
        return SavedQuestions(changed=False, conflicts=conflicts)
    for position in POSITIONS:
        if any(name in write for name in QuestionsContent.names_at(position)):
            row = rows.get(position) or GuidingQuestion(
                meeting=locked, municipality=municipality, position=position
            )
            _write(row, merged, by)
    step = "changed" if rows else "added"
    if rows and not any(merged.has_text(position) for position in POSITIONS):
        step = "removed"
    # Who wrote for the city stands in the history: it may have been the project team.
    note_change(locked, field="questions", old="", new=step, note=str(municipality), by=by)
    if not rows:
        path = reverse("meeting:questions", args=[locked.pk])
        tell_of_meeting(locked, "questions_asked", path=path, city=municipality, by=by)
    return SavedQuestions(changed=True)


def _halves(
    stored: QuestionsContent, typed: QuestionsContent, merged: QuestionsContent
) -> dict[str, str]:
    """Return what stands against a decision that has lost its question.

    One editor has removed the question while the other one wrote about its decision: both see the
    whole question. Raises :class:`ValidationError` where one person alone typed no more than that.
    """
    found: dict[str, str] = {}
    for position in POSITIONS:
        if merged.has_text(position) or not merged.has_decision(position):
            continue
        if not typed.has_text(position) and typed.has_decision(position):
            raise ValidationError(
                {f"text_de_{position}": _("Write the question too, in German or in English.")}
            )
        found |= {
            name: stored.values[name]
            for name in QuestionsContent.names_at(position)
            if stored.values[name] != typed.values[name]
        }
    return found


def _write(row: GuidingQuestion, content: QuestionsContent, by: Any) -> None:
    """Store what one question says now; one without a text goes."""
    if not content.has_text(row.position):
        row.delete()
        return
    for part in PARTS:
        setattr(row, part, content.values[f"{part}_{row.position}"])
    row.asked_by = by
    if row.pk is None:
        save_new(row)
    else:
        row.full_clean()
        row.save()
