"""Forms about commitments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.text import clean_text
from meetings.enums import CommitmentStep
from meetings.models import Meeting
from tandems.models import TandemMember


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        """Write days as browsers read them."""
        super().__init__(format="%Y-%m-%d")


class CommitmentForm(forms.Form):
    """Who commits itself to what, until when, and where that was agreed."""

    member = forms.ModelChoiceField(
        TandemMember.objects.none(), label=_("Municipality making the commitment"), empty_label=None
    )
    text = forms.CharField(
        label=_("Commitment"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One sentence: what will be done, worded so that others can see whether it was done."
        ),
    )
    due_on = forms.DateField(label=_("Due by"), widget=DayInput)
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(), label=_("Agreed at"), required=False, empty_label=_("no meeting")
    )

    def __init__(self, *args: Any, members: Any, meetings: Any, **kwargs: Any) -> None:
        """Offer the municipalities for which the person speaks, and the partnership's meetings."""
        super().__init__(*args, **kwargs)
        member: Any = self.fields["member"]
        member.queryset = members
        member.label_from_instance = lambda row: str(row.municipality)
        self.fields["meeting"].queryset = meetings  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        """Return the sentence in one line, without characters that deceive."""
        return " ".join(clean_text(self.cleaned_data["text"]).split())


class SettlementForm(forms.Form):
    """What became of a commitment."""

    step = forms.ChoiceField(
        label=_("What became of it?"), choices=CommitmentStep, widget=forms.RadioSelect
    )
    due_on = forms.DateField(
        label=_("New date"),
        required=False,
        widget=DayInput,
        help_text=_("Only if it needs more time."),
    )
    note = forms.CharField(
        label=_("In a sentence"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How it was kept, or why it needs more time or is dropped."),
    )

    def clean_note(self) -> str:
        """Return the sentence in one line, without characters that deceive."""
        return " ".join(clean_text(self.cleaned_data["note"]).split())

    def clean(self) -> dict[str, Any]:
        """Ask for what the step needs."""
        data: dict[str, Any] = super().clean() or {}
        step = data.get("step")
        if step == CommitmentStep.MOVED and not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Enter the new date."))
        if step in {CommitmentStep.MOVED, CommitmentStep.DROPPED} and not data.get("note"):
            self.add_error("note", _("Give the reason in a sentence."))
        return data
