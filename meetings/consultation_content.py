"""What people settle before a consultation begins, as values that two of them can compare.

What belongs together is one value: the times depend on the mode, and who has which part on the city
of the case. Merged from two editors they would say what neither of them meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from calls.content import marks_of
from calls.enums import WorkingLanguage
from meetings.enums import ConsultationMode, ConsultationRole as Role, Phase
from meetings.models import Consultation
from meetings.phases import DEFAULT_TIMES, length_words
from municipalities.models import Municipality

#: What is settled → its label.
LABELS = {
    "title": _("The case, in a few words"),
    "language": _("Language"),
    "times": _("How you advise each other, and for how long"),
    "parts": _("City of the case, and who has which part"),
}


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is settled before a consultation begins.

    ``title`` is ``None`` for who prepares it without reading what the case is: it stays then.
    ``minutes`` are those of the six phases, ``parts`` keys of users with their role.
    """

    title: str | None
    case_city: Municipality
    mode: str
    language: str
    minutes: tuple[int, ...]
    parts: dict[int, str]

    @property
    def plain(self) -> dict[str, Any]:
        """Return the values as texts, numbers and lists; a hidden title is none of them."""
        hidden = () if self.title is not None else ("title",)
        values = {
            "title": self.title,
            "language": str(self.language),
            "times": [str(self.mode), *self.minutes],
            "parts": _plain_parts(self.case_city.pk, self.parts),
        }
        return {name: value for name, value in values.items() if name not in hidden}


def stored_in(consultation: Consultation | None) -> dict[str, Any]:
    """Return the values that are stored, to be compared with ``Preparation.plain``.

    Where nobody has prepared anything yet, what the empty form shows.
    """
    if consultation is None:
        mode = ConsultationMode.LIVE
        return {
            "title": "",
            "language": str(WorkingLanguage.EN),
            "times": [str(mode), *DEFAULT_TIMES[mode]],
            "parts": [],
        }
    parts = {row.user_id: row.role for row in consultation.members.all()}
    return {
        "title": consultation.title,
        "language": consultation.language,
        "times": [consultation.mode, *(row.minutes for row in consultation.phases.all())],
        "parts": _plain_parts(consultation.case_city_id, parts),
    }


def marks_in(consultation: Consultation | None) -> dict[str, str]:
    """Return the mark of each stored value: a form carries them to tell what it was opened with."""
    return marks_of(stored_in(consultation))


def words_of(name: str, value: Any, people: Mapping[int, str]) -> str:
    """Return one of the values as people read it, line by line; of nothing, a dash.

    ``people``: keys of users with their names.
    """
    if name == "language":
        return str(WorkingLanguage(value).label)
    if name == "times":
        mode, *minutes = value
        times = (
            f"{Phase(phase).label}: {length_words(mode, number)}"
            for phase, number in zip(Phase.values, minutes, strict=True)
        )
        return "\n".join([str(ConsultationMode(mode).label), *times])
    if name == "parts" and value:
        city, *parts = value
        held = (f"{Role(role).label}: {people.get(user, '–')}" for role, user in parts)
        return "\n".join([str(Municipality.objects.get(pk=city)), *held])
    return str(value or "–")


def _plain_parts(city: int, parts: Mapping[int, str]) -> list[Any]:
    """Return the city, then role and person of each part, in the order of the roles."""
    order = Role.values
    held = sorted(parts.items(), key=lambda part: (order.index(part[1]), part[0]))
    return [city, *([str(role), user] for user, role in held)]
