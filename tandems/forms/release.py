"""Forms about the way of a profile to the public page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.text import clean_text
from tandems.models import ProfileVersion, TandemMember

#: The note stands in the history and as a comment.
LONGEST_NOTE = 2_000


class NoteField(forms.CharField):
    """A few sentences, without characters that deceive."""

    def __init__(self, **kwargs: Any) -> None:
        """Give room for some lines, and say how many characters there may be."""
        attrs = {"rows": 5, "data-limit": LONGEST_NOTE}
        super().__init__(max_length=LONGEST_NOTE, widget=forms.Textarea(attrs), **kwargs)

    def clean(self, value: Any) -> str:
        """Return the text cleaned; nothing but signs that cannot be seen is nothing."""
        return str(super().clean(clean_text(value or "")))


class CommentForm(forms.Form):
    """What somebody says about a version."""

    text = NoteField(
        label=_("Comment"),
        help_text=_("The cities of this partnership and the project team read it."),
        error_messages={"required": _("Write a comment.")},
    )


class ReturnForm(forms.Form):
    """Why a version becomes a draft again."""

    note = NoteField(
        label=_("What should change?"),
        help_text=_("The cities of this partnership and the project team read this."),
        error_messages={"required": _("Write in a sentence what should change.")},
    )


class VoiceForm(forms.Form):
    """For which city somebody speaks; asked only of who acts for several."""

    member = forms.ModelChoiceField(
        TandemMember.objects.none(), label=_("For which city?"), empty_label=None
    )

    def __init__(self, *args: Any, members: list[TandemMember], **kwargs: Any) -> None:
        """Offer the memberships for which the person speaks; a single one is not asked."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.queryset = TandemMember.objects.filter(pk__in=[row.pk for row in members])
        field.label_from_instance = lambda row: str(row.municipality)
        if len(members) < 2:
            del self.fields["member"]
        self.members = members

    def chosen(self) -> TandemMember | None:
        """Return the membership that was chosen; ``None`` for the project team."""
        if "member" in self.fields:
            member: TandemMember = self.cleaned_data["member"]
            return member
        return self.members[0] if self.members else None


class CompareForm(forms.Form):
    """Which two versions are compared, by their numbers."""

    old = forms.TypedChoiceField(label=_("Compare version"), coerce=int)
    new = forms.TypedChoiceField(label=_("with version"), coerce=int)

    def __init__(self, *args: Any, versions: list[ProfileVersion], **kwargs: Any) -> None:
        """Offer the versions that the person reads."""
        super().__init__(*args, **kwargs)
        choices = [
            (row.number, f"{row.number} ({row.get_state_display()})")  # its label, in words
            for row in versions
        ]
        for name in ("old", "new"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
