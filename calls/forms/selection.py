"""Forms about trial lists, the session and its decision."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _, gettext_lazy

from calls.effect import Entry
from calls.enums import ListOutcome

#: How a new list begins.
STARTS = (
    ("empty", gettext_lazy("empty")),
    ("rank", gettext_lazy("filled by the standing: best first, as many as there are places")),
    ("copy", gettext_lazy("as a copy of another list")),
)
#: A primary key, or a rank, in a form.
NUMBER = re.compile(r"[0-9]{1,9}")
#: Stands for a moment that a form does not name: every list changed later.
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class ListForm(forms.Form):
    """A new trial list: its name, the idea behind it, and how it begins."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    idea = forms.CharField(
        label=gettext_lazy("Idea behind it"),
        required=False,
        max_length=1_000,
        help_text=gettext_lazy("For example: more small towns, every field of action covered."),
        widget=forms.Textarea({"rows": 2}),
    )
    start = forms.ChoiceField(
        label=gettext_lazy("It begins"), choices=STARTS, initial="rank", widget=forms.RadioSelect
    )
    source = forms.ChoiceField(label=gettext_lazy("List to copy"), required=False)

    def __init__(self, *args: Any, lists: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        """Offer the lists of the call for copying."""
        super().__init__(*args, **kwargs)
        choices = [("", _("none")), *((str(pk), name) for pk, name in lists)]
        self.fields["source"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Demand the list that is to be copied."""
        values = super().clean() or {}
        if values.get("start") == "copy" and not values.get("source"):
            self.add_error("source", _("Choose the list to copy."))
        return values


class DayInput(forms.DateInput):
    """The browser's own calendar, in one labelled field."""

    input_type = "date"

    def __init__(self) -> None:
        """Write days as browsers read them."""
        super().__init__(format="%Y-%m-%d")


class SessionForm(forms.Form):
    """The next session: when and where; a correction says why."""

    held_on = forms.DateField(label=gettext_lazy("Held on"), widget=DayInput)
    place = forms.CharField(
        label=gettext_lazy("Place or form"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For example: Bonn, or video conference."),
    )
    correction_reason = forms.CharField(
        label=gettext_lazy("Why the decision is corrected"),
        max_length=4_000,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, is_correction: bool, **kwargs: Any) -> None:
        """Ask for the reason of a correction only where there is something to correct."""
        super().__init__(*args, **kwargs)
        if not is_correction:
            del self.fields["correction_reason"]


class RecommendForm(forms.Form):
    """Which list the team recommends, and why the set as a whole."""

    selection_list = forms.ChoiceField(label=gettext_lazy("List"))
    text = forms.CharField(
        label=gettext_lazy("Recommendation"),
        max_length=8_000,
        help_text=gettext_lazy(
            "Why this set as a whole. What is about a single municipality belongs to its entry on"
            " the list, which is closed to whoever has a conflict of interest."
        ),
        widget=forms.Textarea({"rows": 6}),
    )

    def __init__(self, *args: Any, lists: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        """Offer the lists of the call."""
        super().__init__(*args, **kwargs)
        choices = [("", _("choose")), *((str(pk), name) for pk, name in lists)]
        self.fields["selection_list"].choices = choices  # type: ignore[attr-defined]


class TakeBackForm(forms.Form):
    """Why a recommendation is taken back."""

    note = forms.CharField(
        label=gettext_lazy("Why it is taken back"),
        max_length=2_000,
        widget=forms.Textarea({"rows": 2}),
    )


@dataclass(frozen=True, slots=True)
class TypedEntries:
    """What was typed on the board: entries by application, and what is wrong with some of them.

    ``ranks`` are those that are no rank, as they were typed.
    """

    entries: dict[int, Entry] = field(default_factory=dict)
    ranks: dict[int, str] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    opened_at: dt.datetime = LONG_AGO


def read_entries(data: Mapping[str, Any]) -> TypedEntries:
    """Read the fields of a board: ``outcome-7``, ``rank-7``, ``reason-7`` and ``opened_at``.

    A rank counts on the reserve list alone: it may stand in its field from before.
    """
    entries, ranks, errors = {}, {}, {}
    for name, value in data.items():
        prefix, _dash, key = name.partition("-")
        if prefix != "outcome" or not NUMBER.fullmatch(key):
            continue
        pk, rank = int(key), str(data.get(f"rank-{key}", "")).strip()
        is_reserve = value == ListOutcome.RESERVE
        if is_reserve and rank and not (NUMBER.fullmatch(rank) and 0 < int(rank) < 1_000):
            ranks[pk] = rank
            errors[pk] = _("Give the rank as a whole number from 1.")
        number = int(rank) if is_reserve and rank and pk not in errors else None
        entries[pk] = Entry(str(value), number, str(data.get(f"reason-{key}", "")))
    try:
        opened_at = dt.datetime.fromisoformat(str(data.get("opened_at", "")))
    except ValueError:
        opened_at = LONG_AGO
    if opened_at.tzinfo is None:
        opened_at = opened_at.replace(tzinfo=dt.UTC)
    return TypedEntries(entries, ranks, errors, opened_at)


def read_reasons(data: Mapping[str, Any]) -> dict[int, str]:
    """Read the reasons of a decision: ``reason-7``."""
    found = {}
    for name, value in data.items():
        prefix, _dash, key = name.partition("-")
        if prefix == "reason" and NUMBER.fullmatch(key):
            found[int(key)] = str(value)
    return found


@dataclass(frozen=True, slots=True)
class TypedPresent:
    """Somebody as typed on the page of attendance; ``cases`` are reference numbers."""

    name: str
    organisation: str
    person: int | None
    cases: str
    is_present: bool


def read_present(data: Mapping[str, Any], rows: int) -> list[TypedPresent]:
    """Read the rows of the page of attendance; rows without a name are left out."""
    found = []
    for number in range(min(rows, 200)):
        name = str(data.get(f"name-{number}", "")).strip()[:150]
        person = str(data.get(f"person-{number}", ""))
        if name:
            found.append(
                TypedPresent(
                    name,
                    str(data.get(f"organisation-{number}", "")).strip()[:120],
                    int(person) if NUMBER.fullmatch(person) else None,
                    str(data.get(f"cases-{number}", ""))[:2_000],
                    f"present-{number}" in data,
                )
            )
    return found
