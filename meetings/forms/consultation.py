"""Forms of a peer consultation: to write in it, to close it, to release a sentence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.forms.application import LineField
from core.text import clean_text
from meetings.enums import ConsultationMethod, ContributionKind as Kind
from meetings.forms.inputs import DayInput
from tandems.models import TandemMember

#: Kind → what its field is called.
LABELS: dict[str, Any] = {
    Kind.ACCOUNT: _("The case, as you see it"),
    Kind.QUESTION: _("What do you need to know to understand it?"),
    Kind.ANSWER: _("Your answer"),
    Kind.KEY_QUESTION: _("Key question, up to 300 characters"),
    Kind.METHOD: _("Which way of gathering advice do you propose, and why?"),
    Kind.ADVICE: _("Your advice, one thought"),
    Kind.NOTE: _("Note"),
}


class WrittenField(forms.CharField):
    """A text of several lines, without characters that deceive."""

    def __init__(self, *, rows: int = 5, **kwargs: Any) -> None:
        """Take as many characters as a contribution holds, unless told otherwise."""
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(**{"max_length": 2_000, "widget": widget, **kwargs})

    def clean(self, value: Any) -> str:
        """Return the text trimmed."""
        return clean_text(super().clean(value))


class ContributionForm(forms.Form):
    """What somebody says now, of the kinds that are open to it."""

    kind = forms.ChoiceField(label=_("What you write"), widget=forms.RadioSelect)
    text = WrittenField()

    def __init__(self, data: Any = None, *, kinds: tuple[str, ...]) -> None:
        """Offer the kinds; a single one needs no choice."""
        super().__init__(data, initial={"kind": kinds[0]})
        fields: Any = self.fields
        fields["kind"].choices = [(kind, kind_label(kind)) for kind in kinds]
        fields["text"].label = LABELS[kinds[0]] if len(kinds) == 1 else _("Text")
        if len(kinds) == 1:
            fields["kind"].widget = forms.HiddenInput()
        if Kind.KEY_QUESTION in kinds:
            fields["text"].help_text = _("A key question has up to 300 characters.")
        if kinds == (Kind.ADVICE,):
            fields["text"].help_text = _("One thought at a time; then it is somebody else’s turn.")


def kind_label(kind: str) -> Any:
    """Return what a contribution is called; notes are written not by the scribe alone."""
    return _("note") if kind == Kind.NOTE else Kind(kind).label


class MethodForm(forms.Form):
    """How advice is gathered."""

    method = forms.ChoiceField(
        label=_("Method"), choices=ConsultationMethod, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, method: str = "") -> None:
        """Show what is set."""
        super().__init__(data, initial={"method": method})


class StopForm(forms.Form):
    """Why a consultation ends before its time."""

    reason = WrittenField(
        label=_("Reason"), rows=3, max_length=300, help_text=_("Only those with a part read it.")
    )


class CloseForm(forms.Form):
    """What was valuable, and what the city does first."""

    valuable = WrittenField(
        label=_("What was valuable for you?"), help_text=_("Only those with a part read it.")
    )
    first_step = LineField(
        label=_("Your first step"),
        max_length=300,
        required=False,
        help_text=_("One sentence: what will you do first?"),
    )
    due_on = forms.DateField(
        label=_("Due by"),
        required=False,
        widget=DayInput,
        help_text=_(
            "With a day the first step becomes a commitment of your city, which the partnership "
            "reads. Without a day it stays here."
        ),
    )
    member = forms.ModelChoiceField(
        TandemMember.objects.none(), label=_("Partnership"), empty_label=None, required=False
    )

    def __init__(self, data: Any = None, *, members: list[TandemMember]) -> None:
        """Ask for the partnership only where the city is in several that meet."""
        super().__init__(data)
        self.members = members
        field: Any = self.fields["member"]
        if len(members) < 2:
            del self.fields["member"]
            return
        field.queryset = TandemMember.objects.filter(pk__in=[row.pk for row in members])
        field.label_from_instance = lambda row: str(row.tandem)

    def clean(self) -> dict[str, Any]:
        """Ask for the step where a day is given, and name the partnership."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("due_on") and not data.get("first_step") and "first_step" not in self.errors:
            self.add_error("first_step", _("Say what the first step is."))
        data["member"] = data.get("member") or next(iter(self.members), None)
        return data


class ReleaseForm(forms.Form):
    """The sentence that visitors will read."""

    sentence_de = LineField(
        label=_("Sentence in German"),
        max_length=300,
        required=False,
        help_text=_("One sentence that tells nothing of the case that should stay here."),
    )
    sentence_en = LineField(label=_("Sentence in English"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for one of the languages."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("sentence_de") and not data.get("sentence_en"):
            self.add_error("sentence_de", _("Write the sentence in one language at least."))
        return data
