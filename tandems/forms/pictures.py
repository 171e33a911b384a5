"""Forms about the pictures of a profile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.forms.application import LineField
from core.files import CheckedFile, FileKind, check_upload
from tandems.enums import Licence
from tandems.forms.sources import SourcesField


class PictureWordsForm(forms.Form):
    """What stands beside a picture."""

    alt_de = LineField(
        label=_("Description in German"),
        max_length=300,
        help_text=_("What the picture shows, for people who cannot see it. One sentence."),
    )
    alt_en = LineField(label=_("Description in English"), max_length=300)
    caption_de = LineField(
        label=_("Caption in German"),
        max_length=300,
        required=False,
        help_text=_("What everybody should know about the picture."),
    )
    caption_en = LineField(label=_("Caption in English"), max_length=300, required=False)
    author = LineField(
        label=_("Author or source"),
        max_length=200,
        help_text=_("As the rights holder wants to be named, for example: City of Krefeld."),
    )
    licence = forms.ChoiceField(
        label=_("Licence"),
        choices=[("", _("Please choose")), *Licence.choices],
        help_text=_("Under which terms the picture may be used. Ask before you publish."),
    )
    sources = SourcesField(
        label=_("Addresses of the source"), help_text=_("Web addresses, one a line.")
    )


class PictureForm(PictureWordsForm):
    """A new picture with its words."""

    file = forms.FileField(
        label=_("Picture"),
        allow_empty_file=True,
        help_text=_("JPEG or PNG. Place and camera in the file are removed."),
    )
    field_order = ("file",)

    def clean_file(self) -> CheckedFile:
        """Return the picture as it may be stored."""
        return check_upload(self.cleaned_data["file"], kinds=[FileKind.JPEG, FileKind.PNG])

    def clean(self) -> dict[str, Any]:
        """Ask for the file once more where something else is wrong: browsers forget it."""
        found: dict[str, Any] = super().clean() or {}
        if self.errors and "file" not in self.errors:
            self.add_error("file", _("Please choose the file again; your browser did not keep it."))
        return found
