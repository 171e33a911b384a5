"""The form in which one city asks its guiding questions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.forms.application import LineField
from core.pages import LANGUAGES
from meetings.actions.questions import PARTS, POSITIONS, QuestionsContent

#: Part of a question → its label.
LABELS = {
    "text_de": _("Question in German"),
    "text_en": _("Question in English"),
    "decision_de": _("Decision that depends on it, in German"),
    "decision_en": _("Decision that depends on it, in English"),
}
LONGEST = 300


class QuestionsForm(forms.Form):
    """Up to three questions, each in one language or in both, with what depends on the answer."""

    def __init__(self, data: Any = None, *, content: QuestionsContent) -> None:
        """Offer three places, with what is stored."""
        super().__init__(data, initial=dict(content.values))
        for position in POSITIONS:
            for part in PARTS:
                line = LineField(
                    label=LABELS[part],
                    max_length=LONGEST,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 2, "lang": part[-2:]}),
                )
                line.is_unmarked = True  # type: ignore[attr-defined]
                self.fields[f"{part}_{position}"] = line

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the fields of each question."""
        return [
            {
                "number": position,
                "fields": [self[name] for name in QuestionsContent.names_at(position)],
            }
            for position in POSITIONS
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the question where only a decision stands."""
        data: dict[str, Any] = super().clean() or {}
        for position in POSITIONS:
            texts = [f"text_{code}_{position}" for code in LANGUAGES]
            decisions = [data.get(f"decision_{code}_{position}") for code in LANGUAGES]
            # A question that is too long is there, though it is not among the clean ones.
            is_asked = any(data.get(name) or name in self.errors for name in texts)
            if any(decisions) and not is_asked:
                told = _("Write the question too, in German or in English.")
                self.add_error(texts[0], told)
        return data

    def content(self) -> QuestionsContent:
        """Return what was typed, of a form without errors."""
        return QuestionsContent({name: self.cleaned_data[name] for name in self.fields})
