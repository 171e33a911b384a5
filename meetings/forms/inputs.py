"""Fields for days, times and zones, as forms about meetings use them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.forms.commitment import DayInput as DayInput
from meetings.times import city_of

#: Offered first; others are those of the cities that take part.
ZONES = (
    "Europe/Berlin",
    "Europe/Sofia",
    "Europe/Athens",
    "Europe/Bucharest",
    "Europe/Rome",
    "Europe/Amsterdam",
    "Europe/Warsaw",
    "Europe/Lisbon",
    "Europe/London",
)


class TimeInput(forms.TimeInput):
    """The browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        """Write times as browsers read them."""
        super().__init__(format="%H:%M")


def zone_field(**kwargs: Any) -> forms.ChoiceField:
    """Return a field to choose a time zone; its choices are set by :func:`zone_choices`."""
    field = forms.ChoiceField(label=_("Time zone"), **kwargs)
    field.choices = zone_choices()
    return field


def zone_choices(first: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the zones to choose from, those of the cities first."""
    zones = dict.fromkeys([zone for zone in (*first, *ZONES) if zone])
    return [(zone, f"{city_of(zone)} ({zone})") for zone in zones]
