"""Forms about the last day of a city in a partnership."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.forms.application import LineField
from core.dates import DatePrecision, day
from core.text import filled, in_language
from meetings.actions.leaving import CANCELLED, DROPPED, GOES_ON, STAYS
from meetings.forms.membership import LONGEST, SOURCES_HINT, ReasonForm
from tandems.actions.leaving import LEFT_PRECISIONS
from tandems.forms.forming import DayInput
from tandems.forms.sources import SourcesField
from tandems.models import TandemMember

COMMITMENT_FATES = [
    (STAYS, _("It stays open; the city continues with it.")),
    (DROPPED, _("It is dropped.")),
]
MEETING_FATES = [(GOES_ON, _("It takes place.")), (CANCELLED, _("It is cancelled."))]
#: A last day that is recorded already applies, perhaps as another one, or is taken back.
MOVES, RETURNS = "moves", "returns"
#: What can be done about a last day that has not passed.
STEPS = [
    (MOVES, _("The last day below applies.")),
    (RETURNS, _("The city stays. Its last day is deleted; nothing else on this page counts.")),
]


class LastDayForm(ReasonForm):
    """When a city leaves, how exactly that is known, and why."""

    left_on = forms.DateField(
        label=_("Last day"),
        widget=DayInput,
        help_text=_(
            "The city still takes part on this day. It can be in the past or in the future."
        ),
    )
    precision = forms.ChoiceField(
        label=_("How exactly is the day known?"),
        choices=[(value, DatePrecision(value).label) for value in LEFT_PRECISIONS],
        initial=DatePrecision.DAY,
        help_text=_("“End of the year” is shown like that, whichever day you enter."),
    )
    sources = SourcesField(label=_("Sources"), help_text=SOURCES_HINT)
    field_order = (
        *("step", "why", "was", "left_on", "precision"),
        *("reason_de", "reason_en", "is_public", "sources", "note"),
    )

    def __init__(self, *args: Any, member: TandemMember, **kwargs: Any) -> None:
        """Show what is recorded already; a reason that is not public stands in the history."""
        if member.left_on:
            reasons = {name: getattr(member, f"left_{name}") for name in ("reason_de", "reason_en")}
            kwargs["initial"] = {
                "was": member.left_on,
                "left_on": member.left_on,
                "precision": member.left_precision,
                "is_public": any(reasons.values()),
                **reasons,
            }
        super().__init__(*args, **kwargs)

    @property
    def last_day(self) -> dict[str, Any]:
        """Return what was said about the last day, as the actions take it."""
        names = ("left_on", "precision", "is_public", "sources")
        return {name: self.cleaned_data[name] for name in names} | {"reasons": self.reasons}


class LeaveForm(LastDayForm):
    """When a city leaves, why, and what becomes of what it leaves behind.

    A last day that is recorded already, and has not passed, can be moved or taken back.
    """

    heading = _("Record a last day")
    lead = _(
        "What the city did stays on all pages. After its last day it can still read what was "
        "there by then, but no longer change anything."
    )
    button = _("Record the last day")

    step = forms.ChoiceField(
        label=_("A last day is recorded already. What is right?"),
        choices=STEPS,
        initial=MOVES,
        widget=forms.RadioSelect,
    )
    why = LineField(
        label=_("Why does the city stay?"),
        max_length=LONGEST,
        required=False,
        help_text=_("Only if it stays. Stands in the internal history."),
    )

    def __init__(
        self,
        *args: Any,
        member: TandemMember,
        commitments: Iterable[Any],
        meetings: Iterable[Any],
        **kwargs: Any,
    ) -> None:
        """Ask about each open commitment and each coming meeting."""
        super().__init__(*args, member=member, **kwargs)
        if not member.left_on:
            del self.fields["step"], self.fields["why"]
        self.fated = {"commitment": list(commitments), "meeting": list(meetings)}
        parts = (
            ("commitment", COMMITMENT_FATES, "drop_note", _("Why are commitments dropped?")),
            ("meeting", MEETING_FATES, "cancel_note", _("Why are meetings cancelled?")),
        )
        for kind, choices, note, why in parts:
            for row in self.fated[kind]:
                self.fields[f"{kind}_{row.pk}"] = forms.ChoiceField(
                    label=label_of(kind, row), choices=choices, widget=forms.RadioSelect
                )
            if self.fated[kind]:
                self.fields[note] = LineField(label=why, max_length=LONGEST, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask why, where something is dropped or cancelled, or the city stays."""
        if self.returns:
            for name in set(self.errors) - {"why"}:
                del self.errors[name]
            if not self.cleaned_data.get("why") and "why" not in self.errors:
                self.add_error("why", _("Give the reason in a sentence."))
            return self.cleaned_data
        data = super().clean()
        for kind, bad, note in (
            ("commitment", DROPPED, "drop_note"),
            ("meeting", CANCELLED, "cancel_note"),
        ):
            chosen = (data.get(f"{kind}_{row.pk}") for row in self.fated[kind])
            if bad in chosen and not data.get(note) and note not in self.errors:
                self.add_error(note, _("Give the reason in a sentence."))
        return data

    @property
    def returns(self) -> bool:
        """Tell whether the city stays after all; then nothing else counts."""
        return bool(self.cleaned_data.get("step") == RETURNS)

    def fates(self, kind: str) -> dict[int, str]:
        """Return what becomes of each row of a kind, by its key."""
        return {row.pk: self.cleaned_data[f"{kind}_{row.pk}"] for row in self.fated[kind]}


class CorrectForm(LastDayForm):
    """What is right about a last day that was recorded wrongly, and has passed."""

    heading = _("Correct the last day")
    lead = _(
        "Only for what was recorded wrongly. With a last day that has not passed, the city takes "
        "part again until then. The history keeps what was recorded before."
    )
    button = _("Correct the last day")

    was = forms.DateField(widget=forms.HiddenInput)
    note = LineField(
        label=_("Why is it corrected?"),
        max_length=LONGEST,
        help_text=_("Stands in the internal history."),
    )


def label_of(kind: str, row: Any) -> str:
    """Return how a form names a commitment or a meeting: with its day."""
    if kind == "commitment":
        text = in_language(row.text, row.language)
        sentence = str(_("Commitment, due by %(day)s: %(text)s"))
        return filled(sentence, {"day": day(row.due_on), "text": text})
    return _("Meeting, %(day)s: %(text)s") % {"day": row.span, "text": row}
