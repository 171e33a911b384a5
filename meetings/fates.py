"""What became of commitments, in numbers and words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from meetings.enums import CommitmentState


class Promised(Protocol):
    """What is asked of a commitment here: its state (``CommitmentState``) and the day it is due."""

    state: str
    due_on: dt.date


@dataclass(slots=True)
class Stood:
    """How a commitment stood on some day."""

    state: str
    due_on: dt.date


@dataclass(frozen=True, slots=True)
class Fates:
    """How many commitments were kept, are open, were dropped.

    ``overdue``: how many of the open ones have passed their day without an answer.
    """

    kept: int = 0
    open: int = 0
    overdue: int = 0
    dropped: int = 0

    @property
    def total(self) -> int:
        """Return how many commitments there are."""
        return self.kept + self.open + self.dropped

    @property
    def words(self) -> str:
        """Return all of it in one sentence of the active language; what is missing is said too."""
        if not self.total:
            return _("No commitment was recorded.")
        return ngettext(
            "Of %(total)d commitment %(parts)s.", "Of %(total)d commitments %(parts)s.", self.total
        ) % {"total": self.total, "parts": ", ".join(self._parts())}

    @property
    def unanswered(self) -> str:
        """Return how many wait for an answer, in words; empty where there are none."""
        if not self.overdue:
            return ""
        return ngettext(
            "%(number)d without an answer", "%(number)d without an answer", self.overdue
        ) % {"number": self.overdue}

    def _parts(self) -> list[str]:
        """Return what became of how many; what happened to none goes unsaid."""
        told = (
            (self.kept, ngettext("%(number)d was kept", "%(number)d were kept", self.kept)),
            (
                self.dropped,
                ngettext("%(number)d was dropped", "%(number)d were dropped", self.dropped),
            ),
            (self.open, ngettext("%(number)d is open", "%(number)d are open", self.open)),
        )
        parts = [words % {"number": number} for number, words in told if number]
        if self.overdue:
            parts[-1] = _("%(open)s (%(unanswered)s)") % {
                "open": parts[-1],
                "unanswered": self.unanswered,
            }
        return parts


def fates_of(commitments: Iterable[Promised], today: dt.date | None = None) -> Fates:
    """Return what became of commitments, as it stands on ``today`` (nothing: on this day)."""
    today = today or timezone.localdate()
    rows = [(row.state, row.due_on) for row in commitments]
    states = [state for state, _due in rows]
    return Fates(
        kept=states.count(CommitmentState.KEPT),
        open=states.count(CommitmentState.OPEN),
        overdue=sum(state == CommitmentState.OPEN and due < today for state, due in rows),
        dropped=states.count(CommitmentState.DROPPED),
    )
