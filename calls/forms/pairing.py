"""Forms about pairs: what a city says to a proposed partner, rules by hand, taking back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.enums import ConsentAnswer, PairRuleKind
from calls.forms.application import LineField
from calls.models import Application
from core.text import clean_text

#: Characters of a reason; it is read by people who talk to the city anyway.
LONGEST_REASON = 2_000


class AnswerForm(forms.Form):
    """Whether a city agrees to the proposed partner."""

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            (ConsentAnswer.AGREES, _("We agree: this is to be our partner.")),
            (ConsentAnswer.ASKS_FOR_ANOTHER, _("We ask for another partner.")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why another partner"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_(
            "Needed if you ask for another partner. The project team reads it, the other "
            "municipality does not."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Call the reason neither optional nor required: that depends on the answer."""
        super().__init__(*args, **kwargs)
        self.fields["reason"].is_unmarked = True  # type: ignore[attr-defined]

    def clean_reason(self) -> str:
        """Return the reason without characters that deceive."""
        return clean_text(self.cleaned_data["reason"])


class PairRuleForm(forms.Form):
    """A pair that is fixed or excluded by hand, and why."""

    german = forms.ModelChoiceField(Application.objects.none(), label=_("German municipality"))
    european = forms.ModelChoiceField(
        Application.objects.none(), label=_("Other European municipality")
    )
    kind = forms.ChoiceField(label=_("Rule"), choices=PairRuleKind, widget=forms.RadioSelect)
    reason = LineField(
        label=_("Reason"), max_length=300, help_text=_("Stands beside the rule for the whole team.")
    )

    def __init__(self, *args: Any, germans: Any, europeans: Any, **kwargs: Any) -> None:
        """Offer the candidates that the person may see, as querysets of each pool."""
        super().__init__(*args, **kwargs)
        self.fields["german"].queryset = germans  # type: ignore[attr-defined]
        self.fields["european"].queryset = europeans  # type: ignore[attr-defined]


class DropForm(forms.Form):
    """Why a proposal is taken back."""

    note = LineField(
        label=_("Why the proposal is taken back"),
        max_length=300,
        help_text=_(
            "For the record of the procedure. Both municipalities are told that the proposal no "
            "longer counts, not why."
        ),
    )
