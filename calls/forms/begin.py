"""Forms around an application: which municipality, who writes along, which files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.forms.application import LineField
from municipalities.enums import Country
from municipalities.queries import country_choices

#: What stands for a municipality that is not in the register.
NEW = "new"


class BeginForm(forms.Form):
    """For which municipality somebody applies."""

    name = LineField(
        label=_("Name of your municipality"),
        max_length=120,
        help_text=_("In your own language and script."),
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=lambda: [("", "–"), *country_choices(Country.values)]
    )
    place = forms.ChoiceField(
        label=_("Is it one of these?"), widget=forms.RadioSelect, required=False
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer what the register knows under this name, once somebody has typed one."""
        super().__init__(*args, **kwargs)
        if places:
            self.fields["place"].choices = [*places, (NEW, _("None of these"))]  # type: ignore[attr-defined]
        else:
            del self.fields["place"]


class ColleagueForm(forms.Form):
    """Who is to write along."""

    email = forms.EmailField(label=_("E-mail address of your colleague"))


class FileForm(forms.Form):
    """A file to attach."""

    file = forms.FileField(label=_("File"), allow_empty_file=True)


class WithdrawForm(forms.Form):
    """Why an application is withdrawn."""

    note = LineField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("Optional. The project team reads this sentence."),
    )
