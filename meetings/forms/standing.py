"""The forms that say where a meeting stands."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.text import clean_text


class StandingForm(forms.Form):
    """That a meeting is announced or was held: the button says everything."""


class CancelForm(forms.Form):
    """Why a meeting does not take place."""

    note = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In a sentence. Everybody who was invited reads it."),
    )

    def clean_note(self) -> str:
        """Return the sentence in one line, without characters that deceive."""
        return " ".join(clean_text(self.cleaned_data["note"]).split())
