"""Forms about the rules of a selection and the formal check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import ORGANISATIONS_OF, UserRole
from accounts.models import Organisation
from calls.forms.call import MomentInput, OnClockOf
from calls.models import WEIGHTS, Procedure
from core.forms import ConstraintModelForm
from core.text import clean_text

#: Legend → the fields below it, in the order of the page.
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Review"), ("readers", "organisations", "review_until", "disputed_from")),
    (_("Dates to answer"), ("confirm_days", "consent_days")),
    (_("Forming pairs"), ("per_country", "twinning_allowed")),
    (_("Weights of the fit, in per cent"), WEIGHTS),
)


class ProcedureForm(OnClockOf, ConstraintModelForm[Procedure]):
    """The rules of a selection, with the date of the reviews on the clock of the call."""

    review_until = forms.DateTimeField(
        label=_("reviews are due at"), required=False, widget=MomentInput
    )
    organisations = forms.ModelMultipleChoiceField(
        Organisation.objects.filter(kind__in=ORGANISATIONS_OF[UserRole.REVIEWER]),
        label=_("organisations of which at least one person reads each application"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Procedure
        exclude = ("call",)
        help_texts = {
            "per_country": _("Empty: as many as it comes."),
            "disputed_from": _("On the scale from 0 to 5."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the clock on which the date is read."""
        super().__init__(*args, **kwargs)
        self.zone_name = self.instance.call.time_zone or "Europe/Berlin"
        self.fields["review_until"].help_text = _("On the clock of %(zone)s.") % {
            "zone": self.zone_name
        }
        for name in WEIGHTS:
            label = str(self.fields[name].label)
            self.fields[name].label = label.partition(": ")[2] or label

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields below their legends."""
        return [(legend, [self[name] for name in names]) for legend, names in GROUPS]


class EligibilityForm(forms.Form):
    """Whether an application meets the formal conditions, and why."""

    is_eligible = forms.TypedChoiceField(
        label=_("Does the application meet the formal conditions of the call?"),
        choices=[("yes", _("Yes, it meets them")), ("no", _("No, a condition is not met"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Required where a condition is not met: which one, and where one sees it."),
    )
    #: When the check before the eyes was made; a later one is shown before it is replaced.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_reason(self) -> str:
        """Return the reason without characters that deceive."""
        return clean_text(self.cleaned_data["reason"])
