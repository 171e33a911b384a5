"""Forms about calls, for the administration."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from core.forms import ConstraintModelForm
from municipalities.models import Topic


class OnClockOf:
    """Reads and shows the moments of a form on the clock of a call's zone, not of the reader's."""

    zone_name: str

    def zone(self) -> dt.tzinfo:
        """Return the zone; one that is not known is refused at its own field."""
        try:
            return zoneinfo.ZoneInfo(self.zone_name)
        except (ValueError, zoneinfo.ZoneInfoNotFoundError):
            return timezone.get_default_timezone()

    def full_clean(self) -> None:
        """Read what was typed on that clock."""
        with timezone.override(self.zone()):
            super().full_clean()  # type: ignore[misc]

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Show a stored moment on that clock."""
        value = super().get_initial_for_field(field, field_name)  # type: ignore[misc]
        if isinstance(value, dt.datetime) and timezone.is_aware(value):
            return timezone.make_naive(value, self.zone())
        return value


class MomentInput(forms.DateTimeInput):
    """The browser's own calendar and clock, in one labelled field."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        """Write moments as browsers read them."""
        super().__init__(format="%Y-%m-%dT%H:%M")


class CallForm(OnClockOf, ConstraintModelForm[Call]):
    """A call with its moments on the clock of its zone."""

    opens_at = forms.DateTimeField(label=_("opening time"), required=False, widget=MomentInput)
    closes_at = forms.DateTimeField(label=_("deadline (time)"), required=False, widget=MomentInput)
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(),
        label=_("fields of action offered"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Call
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Find the zone: what was typed, else what is stored."""
        super().__init__(*args, **kwargs)
        typed = self.data.get("time_zone", "") if self.is_bound else ""
        self.zone_name = typed or self.instance.time_zone or "Europe/Berlin"


class StateForm(forms.Form):
    """The next state of a call, and why."""

    state = forms.ChoiceField(label=_("Next state"), widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the states that may follow."""
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = choices  # type: ignore[attr-defined]


class DeadlineForm(OnClockOf, forms.Form):
    """A later deadline, and why."""

    closes_at = forms.DateTimeField(label=_("New deadline"), widget=MomentInput)
    note = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("Everybody who applies reads this sentence.")
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        """Take the zone of the call."""
        self.zone_name = call.time_zone
        super().__init__(*args, **kwargs)


class CopyForm(forms.Form):
    """The address of the new call."""

    slug = forms.SlugField(
        label=_("Short name in the address"), max_length=80, help_text=_("For example call-2027.")
    )
