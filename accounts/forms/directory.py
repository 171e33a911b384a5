"""The own entry in the directory."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.forms.people import languages_to_read
from accounts.models import DirectoryEntry
from core.text import clean_text
from municipalities.models import Topic

#: What a person agrees to; it is stored as it was read.
CONSENT = _(
    "I agree that officers of the municipalities in the network and the project team find me in "
    "the directory: my name, my municipality, and what I fill in here. My e-mail address is shown "
    "only if I tick that. I can withdraw this at any time; my entry is then deleted at once."
)


class DirectoryEntryForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person lets the other municipalities know, and the consent to it."""

    languages = forms.MultipleChoiceField(
        label=_("Languages in which you can work with me"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    agrees = forms.BooleanField(
        label=_("I agree to be listed in the directory"),
        help_text=CONSENT,
        error_messages={"required": _("Without your consent there is no entry.")},
    )

    class Meta:
        model = DirectoryEntry
        fields = ("office", "works_on", "topics", "languages", "shows_address")
        widgets = {
            "works_on": forms.Textarea({"rows": 4, "data-limit": 500}),
            "topics": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "office": _("For example: Department of urban development"),
            "works_on": _("In a sentence or two, so that colleagues elsewhere find you by it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer topics and languages by name; ask for a consent that was not given yet."""
        super().__init__(*args, **kwargs)
        topics: Any = self.fields["topics"]
        # There are few; sorted by their names in the reader's language.
        topics.choices = [(topic.pk, topic.name) for topic in Topic.objects.by_name()]
        languages: Any = self.fields["languages"]
        languages.choices = languages_to_read()
        # Whoever agreed to an older sentence is asked again.
        if self.instance.pk and self.instance.consent in consents():
            del self.fields["agrees"]

    def clean_office(self) -> str:
        """Return the office in one line, without characters that deceive."""
        office = " ".join(clean_text(self.cleaned_data["office"]).split())
        if not office:
            raise forms.ValidationError(_("Name your office or department."))
        return office

    def clean_works_on(self) -> str:
        """Return the text without characters that deceive."""
        return clean_text(self.cleaned_data["works_on"])

    @property
    def consent(self) -> str:
        """Return the sentence that the person agreed to; empty where nothing new was agreed."""
        return str(CONSENT) if "agrees" in self.fields else ""


def consents() -> set[str]:
    """Return the sentence of the consent in each language."""
    found = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(str(CONSENT))
    return found
