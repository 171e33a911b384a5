"""The form that replaces the address of a personal calendar."""

from __future__ import annotations

from django import forms


class ReplaceForm(forms.Form):
    """Which address is replaced, so that pressing the button twice replaces it once."""

    replaces = forms.CharField(max_length=32, widget=forms.HiddenInput)
