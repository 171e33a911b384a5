"""Forms about partnerships, for the administration."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.enums import WorkingLanguage
from calls.forms.application import LineField
from municipalities.models import Municipality, known_time_zones
from tandems.actions.places import GIVEN, LANGUAGE

#: Zones of European countries beside those that begin with Europe/.
FARTHER_ZONES = {
    *("Asia/Baku", "Asia/Nicosia", "Asia/Tbilisi", "Asia/Yerevan"),
    *("Atlantic/Azores", "Atlantic/Canary", "Atlantic/Faroe", "Atlantic/Madeira"),
    "Atlantic/Reykjavik",
}


def zone_choices() -> list[tuple[str, str]]:
    """Return the time zones of Europe by name."""
    zones = {zone for zone in known_time_zones() if zone.startswith("Europe/")} | FARTHER_ZONES
    return [("", "–"), *((zone, zone) for zone in sorted(zones & known_time_zones()))]


class DayInput(forms.DateInput):
    """The browser's own calendar, in one labelled field."""

    input_type = "date"

    def __init__(self) -> None:
        """Write days as browsers read them."""
        super().__init__(format="%Y-%m-%d")


class KickOffForm(forms.Form):
    """Which day is proposed for the kick-off."""

    kick_off_on = forms.DateField(
        label=_("Proposed day for the kick-off"),
        widget=DayInput,
        help_text=_("In the future. Both municipalities read it in the mail."),
    )


class PlaceForm(forms.Form):
    """What the register needs of a municipality that its application described anew."""

    municipality = forms.ModelChoiceField(
        Municipality.objects.none(),
        label=_("Is it in the register already?"),
        required=False,
        empty_label=_("No, it is new"),
        help_text=_("If you choose one, the other fields do not count."),
    )
    name_de = LineField(label=_("German name"), max_length=120, required=False)
    name_en = LineField(label=_("English name"), max_length=120, required=False)
    slug = forms.SlugField(
        label=_("Short name in the address"),
        max_length=80,
        required=False,
        help_text=_("For example alba-iulia."),
    )
    language = forms.ChoiceField(
        label=_("Language of the local name"),
        choices=[("", "–"), *WorkingLanguage.choices],
        required=False,
    )
    latitude = forms.FloatField(
        label=_("Latitude (degrees north)"),
        min_value=-90,
        max_value=90,
        required=False,
        help_text=_("With a point, for example 46.07; from an official map, not guessed."),
    )
    longitude = forms.FloatField(
        label=_("Longitude (degrees east)"), min_value=-180, max_value=180, required=False
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices, required=False)

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        """Offer the municipalities of the country."""
        super().__init__(*args, **kwargs)
        places = Municipality.objects.filter(country=country).by_name()
        self.fields["municipality"].queryset = places  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for everything where the municipality is new."""
        found: dict[str, Any] = super().clean() or {}
        if not found.get("municipality") and "municipality" not in self.errors:
            for name in (*GIVEN, LANGUAGE):
                if name not in self.errors and found.get(name) in (None, ""):
                    self.add_error(name, _("Needed for a municipality that is new."))
        return found
