"""The form that lets a municipality into a meeting."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from municipalities.models import Municipality
from tandems.forms.topics import PlaceField


class GuestForm(forms.Form):
    """Which municipality that does not take part may read the meeting."""

    municipality = PlaceField(
        Municipality.objects.none(),
        label=_("Municipality"),
        empty_label=_("Please choose"),
        help_text=_("Its officers can see this meeting and nothing else of your partnership."),
        error_messages={
            "invalid_choice": _("Choose a municipality that does not belong to your partnership.")
        },
    )

    def __init__(
        self, data: Any = None, *, choices: QuerySet[Municipality], alone: bool = True
    ) -> None:
        """Offer the municipalities that may come as guests; ``alone``: one partnership meets."""
        super().__init__(data)
        field: Any = self.fields["municipality"]
        field.queryset = choices
        if not alone:
            field.help_text = _(
                "Its officers can see this meeting and nothing else of the internal area."
            )
            field.error_messages["invalid_choice"] = _(
                "Choose a municipality that does not take part in the meeting anyway."
            )


class EndGuestForm(forms.Form):
    """That a municipality no longer reads a meeting: the button says everything."""
