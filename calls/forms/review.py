"""The forms of the review desk: conflict of interest, review, reasons and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _, ngettext

from calls.enums import ConflictKind
from calls.forms.application import LineField, TextField
from calls.models import Criterion
from core.text import clean_text

#: Characters of a justification, and of a comment or note.
LONGEST_JUSTIFICATION, LONGEST_COMMENT = 2_000, 4_000


class ConflictForm(forms.Form):
    """Whether something stands between a person and a municipality."""

    kind = forms.ChoiceField(
        label=_("Is there a conflict of interest?"),
        choices=ConflictKind,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether there is a conflict of interest.")},
    )
    sentence = LineField(
        label=_("The conflict in one sentence"),
        max_length=300,
        required=False,
        help_text=_("Needed where there is one. The coordinators read it."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the sentence where there is a conflict."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("kind", ConflictKind.NONE) != ConflictKind.NONE and not data.get("sentence"):
            self.add_error("sentence", _("Explain the conflict of interest in one sentence."))
        return data


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion as the form shows it: what it is, its points and their justification."""

    criterion: Criterion
    step: forms.BoundField
    justification: forms.BoundField


class ReviewForm(forms.Form):
    """Points and justification for each criterion, and a comment; a draft may lack any of them."""

    comment = TextField(
        label=_("Overall comment"),
        limit=LONGEST_COMMENT,
        rows=5,
        required=False,
        help_text=_("Optional."),
    )

    def __init__(
        self, *args: Any, criteria: list[Criterion], stored: dict[str, Any], **kwargs: Any
    ) -> None:
        """Make two fields of each criterion, filled with what is stored."""
        super().__init__(*args, **{**kwargs, "initial": stored})
        self.criteria, self.stored = criteria, stored
        for row in criteria:
            choices = [
                (step, f"{step} – {sentence}" if sentence else str(step))
                for step, sentence in row.steps
            ]
            self.fields[f"step-{row.pk}"] = forms.TypedChoiceField(
                label=_("Points for “%(criterion)s”") % {"criterion": row},
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"justification-{row.pk}"] = TextField(
                label=_("Justification for “%(criterion)s”") % {"criterion": row},
                limit=LONGEST_JUSTIFICATION,
                rows=4,
                required=False,
            )
        self.order_fields([*(name for name in self.fields if name != "comment"), "comment"])

    @property
    def rows(self) -> list[CriterionRow]:
        """Return the criteria in their order, each with its two fields."""
        return [
            CriterionRow(row, self[f"step-{row.pk}"], self[f"justification-{row.pk}"])
            for row in self.criteria
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse texts over their limit; nothing else is an error in a draft."""
        for name, text in list(self.cleaned_data.items()):
            longest = LONGEST_COMMENT if name == "comment" else LONGEST_JUSTIFICATION
            if isinstance(text, str) and len(text) > longest:
                more = len(text) - longest
                too_long = ngettext(
                    "This is %(more)s character too long.",
                    "This is %(more)s characters too long.",
                    more,
                )
                self.add_error(name, too_long % {"more": more})
        return self.cleaned_data

    def typed(self) -> dict[str, Any]:
        """Return the values that can be stored, also where others are wrong."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.stored}


class ReasonForm(forms.Form):
    """Why something is taken back."""

    note = LineField(label=_("Reason"), max_length=300)


class NoteForm(forms.Form):
    """A note for the others who read the reviews of an application."""

    text = forms.CharField(
        label=_("Your note"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("Write the note first.")},
    )

    def clean_text(self) -> str:
        """Return the note without characters that deceive."""
        return clean_text(self.cleaned_data["text"])
