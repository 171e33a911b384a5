"""Forms around letters and offers: the text of a letter, its release, and what a city answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.forms.application import LineField, TextField
from calls.letters import LONGEST_SUBJECT

LONGEST_NOTE = 2_000


class LetterForm(forms.Form):
    """Subject and text of a letter."""

    subject = LineField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    body = TextField(
        label=_("Text"),
        rows=24,
        help_text=_("Plain text. An empty line begins a paragraph, a hyphen an item of a list."),
    )


class ReleaseForm(forms.Form):
    """How many letters go out: typed, so that nobody releases them by mistake."""

    number = forms.IntegerField(
        label=_("Number of letters that go out"),
        min_value=1,
        help_text=_("Type the number that stands above, to confirm it."),
    )

    def __init__(self, *args: Any, waiting: int, **kwargs: Any) -> None:
        """Remember how many wait."""
        self.waiting = waiting
        super().__init__(*args, **kwargs)

    def clean_number(self) -> int:
        """Refuse another number than that of the letters that wait."""
        number: int = self.cleaned_data["number"]
        if number != self.waiting:
            raise forms.ValidationError(
                _("There are %(number)s letters."), params={"number": self.waiting}
            )
        return number


class DeclineForm(forms.Form):
    """Why a place is not taken."""

    note = TextField(
        label=_("Why"), rows=4, limit=LONGEST_NOTE, help_text=_("The project team reads this.")
    )

    def __init__(self, *args: Any, is_confirmed: bool, **kwargs: Any) -> None:
        """Ask for the reason where a place was confirmed already."""
        super().__init__(*args, **kwargs)
        self.fields["note"].required = is_confirmed

    def clean_note(self) -> str:
        """Refuse more than the project team can read."""
        note: str = self.cleaned_data["note"]
        if len(note) > LONGEST_NOTE:
            raise forms.ValidationError(
                _("Up to %(limit)s characters."), params={"limit": LONGEST_NOTE}
            )
        return note
