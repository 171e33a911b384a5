"""What a city says in a check-in, as plain values that two editors can compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from calls.content import marks_of
from meetings.models import CheckIn

#: What a city says of one commitment: the name of the value begins like this, and ends in its key.
FATE = "fate_"


@dataclass(frozen=True, slots=True)
class Said:
    """What a city says: how the cities work together today, and what became of its commitments.

    ``fates``: primary key of a commitment → what became of it (``CheckInFate``) and a sentence.
    """

    cooperation: str
    fates: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    note: str = ""
    may_publish: bool = False

    @classmethod
    def of(cls, check_in: CheckIn, asked: Iterable[int]) -> Said:
        """Return what is stored about the commitments ``asked`` about; nothing yet: empty."""
        given = {row.commitment_id: (row.fate, row.note) for row in check_in.answers.all()}
        return cls(
            cooperation=check_in.cooperation,
            fates={pk: given.get(pk, ("", "")) for pk in asked},
            note=check_in.note,
            may_publish=check_in.may_publish,
        )

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Said:
        """Return what :attr:`values` holds."""
        fates = {name: said for name, said in values.items() if name.startswith(FATE)}
        rest = {name: value for name, value in values.items() if name not in fates}
        return cls(
            fates={int(name.removeprefix(FATE)): tuple(said) for name, said in fates.items()},
            **rest,
        )

    @property
    def values(self) -> dict[str, Any]:
        """Return each value by its name; fate and sentence of a commitment are one."""
        return {
            "cooperation": self.cooperation,
            "note": self.note,
            "may_publish": self.may_publish,
            **{f"{FATE}{pk}": list(said) for pk, said in self.fates.items()},
        }

    @property
    def marks(self) -> dict[str, str]:
        """Return the mark of each value: a form carries them to tell what it was opened with."""
        return marks_of(self.values)


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What became of an answer: the check-in, and the stored values in conflict by name."""

    check_in: CheckIn
    conflicts: dict[str, Any]
