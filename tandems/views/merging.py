"""What a form shows when somebody else changed the same fields meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms


def conflicts_of(form: forms.Form, stored: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return label, own and stored value of each field in conflict, in the order of the form."""
    return [
        {
            "label": str(field.label),
            "mine": in_words(form[name], form.cleaned_data.get(name)),
            "theirs": in_words(form[name], stored[name]),
        }
        for name, field in form.fields.items()
        if name in stored
    ]


def in_words(field: forms.BoundField, value: Any) -> str:
    """Return a value as people read it: the label of a choice, addresses one a line."""
    if isinstance(value, list):
        return "\n".join(value)
    # A chosen row stands for its key.
    text = str(getattr(value, "pk", value) or "")
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", ())}
    return labels.get(text, text) or "–"
