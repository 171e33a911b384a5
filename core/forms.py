"""Base form that validates every constraint of its model."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

ModelT = TypeVar("ModelT", bound=models.Model)


class ConstraintModelForm(forms.ModelForm, Generic[ModelT]):  # type: ignore[type-arg]
    """A model form whose user meets a message where the database would refuse.

    Django skips a constraint as soon as it names a field that is not on the form; people then get
    a server error. Here all constraints are asked, and a message about a field that the form does
    not show stands above the form.
    """

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.validate_constraints()

    def validate_constraints(self) -> None:
        """Ask every constraint of the model, whatever fields the form shows."""
        if self.errors:
            # Values that are already wrong at their field would only be reported twice.
            return
        try:
            self.instance.validate_constraints()
        except ValidationError as error:
            self._update_errors(self.with_shown_fields(error))  # type: ignore[attr-defined]

    def with_shown_fields(self, error: ValidationError) -> ValidationError:
        """Return ``error`` with messages about hidden fields moved above the form."""
        shown: dict[str, list[Any]] = {}
        for name, messages in error.error_dict.items():
            shown.setdefault(name if name in self.fields else NON_FIELD_ERRORS, []).extend(messages)
        return ValidationError(shown)


def add_errors(form: forms.Form, error: Any) -> None:
    """Show what an action refused: at its field where the form has it, else above the form."""
    for field, messages in getattr(error, "error_dict", {NON_FIELD_ERRORS: [error]}).items():
        form.add_error(field if field in form.fields else None, messages)
