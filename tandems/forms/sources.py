"""The field for web addresses that document something."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.models import is_web_address
from core.text import clean_text

MOST_SOURCES = 20
#: Characters of one address.
LONGEST_ADDRESS = 500


class SourcesField(forms.CharField):
    """Web addresses, one in a line."""

    def __init__(self, **kwargs: Any) -> None:
        """Show the addresses as lines."""
        super().__init__(widget=forms.Textarea({"rows": 3}), required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return what stands in the form: lines, also for a stored list."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the addresses, each once; raises :class:`ValidationError` for one that is none."""
        lines = [line.strip() for line in clean_text(super().clean(value)).split("\n")]
        addresses = list(dict.fromkeys(line for line in lines if line))
        for address in addresses:
            if len(address) > LONGEST_ADDRESS or not is_web_address(address):
                raise ValidationError(
                    _("“%(address)s” is not a web address."), params={"address": address[:100]}
                )
        if len(addresses) > MOST_SOURCES:
            raise ValidationError(
                _("Name up to %(number)s sources."), params={"number": MOST_SOURCES}
            )
        return addresses
