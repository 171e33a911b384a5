"""Forms about the documents of a partnership."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _

from calls.enums import WorkingLanguage
from calls.forms.application import LineField
from core.files import CheckedFile, check_upload
from tandems.enums import DocumentKind, Visibility
from tandems.forms.forming import DayInput
from tandems.models import TandemMember, TandemTopic

CHOOSE = ("", _("Please choose"))
CHOOSE_AGAIN = _("Please choose the file again; your browser did not keep it.")


def labelled(choices: Iterable[Any]) -> list[tuple[str, str]]:
    """Return members of a closed list with their labels as the beginning of a line."""
    return [(one.value, capfirst(str(one.label))) for one in choices]


def file_hint() -> str:
    """Return in words which files are taken."""
    return gettext(
        "PDF, Word, Excel, OpenDocument, JPEG or PNG, at most %(size)s MB. Scripts and macros are "
        "refused."
    ) % {"size": settings.UPLOAD_MAX_MEGABYTES}


class FileField(forms.FileField):
    """A file that is checked before anything of it is kept."""

    def __init__(self, **kwargs: Any) -> None:
        """Let the check say what is wrong with an empty file."""
        # In the language of the reader, not in that of the start of the server.
        hint = lazy(file_hint, str)()
        super().__init__(label=_("File"), allow_empty_file=True, help_text=hint, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> CheckedFile:
        """Return the file as it may be stored."""
        return check_upload(super().clean(data, initial))


class DocumentForm(forms.Form):
    """What is said about a document."""

    title = LineField(label=_("Title"), max_length=200)
    description = LineField(
        label=_("Description"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What it is good for, in a sentence or two."),
    )
    kind = forms.ChoiceField(label=_("Kind"))
    language = forms.ChoiceField(label=_("Language of the document"))
    dated_on = forms.DateField(
        label=_("Date of the document"),
        required=False,
        widget=DayInput,
        help_text=_("Of minutes: the day of the meeting."),
    )
    topic = forms.ModelChoiceField(
        TandemTopic.objects.none(),
        label=_("Topic"),
        required=False,
        empty_label=_("no topic"),
        help_text=_("Guests of the topic then read the document too, unless it is for the team."),
    )

    def __init__(self, *args: Any, topics: Any, languages: Iterable[str], **kwargs: Any) -> None:
        """Offer the topics of the partnership; its languages stand before all others."""
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["topic"].queryset = topics
        fields["kind"].choices = [CHOOSE, *labelled(DocumentKind)]
        own = {WorkingLanguage(code): None for code in languages}
        fields["language"].choices = [CHOOSE, *labelled({**own, **dict.fromkeys(WorkingLanguage)})]

    def clean_dated_on(self) -> dt.date | None:
        """Refuse days to come: mostly a mistyped year."""
        day: dt.date | None = self.cleaned_data["dated_on"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come. Check the year."))
        return day

    def words(self) -> dict[str, Any]:
        """Return what is said, as actions take it."""
        names = ("title", "description", "kind", "language", "dated_on")
        topic = self.cleaned_data["topic"]
        said = {name: self.cleaned_data[name] for name in names}
        return {**said, "topic_id": topic.pk if topic else None}


class AddDocumentForm(DocumentForm):
    """A new document: the file, what it is, and who may read it."""

    file = FileField()
    visibility = forms.ChoiceField(
        label=_("Who may read it"), widget=forms.RadioSelect, initial=Visibility.PARTNERSHIP
    )
    member = forms.ModelChoiceField(
        TandemMember.objects.none(), label=_("Added by"), empty_label=None
    )
    field_order = ("file", "title", "kind", "language", "dated_on", "topic", "description")

    def __init__(
        self, *args: Any, members: list[TandemMember], visibilities: Iterable[str], **kwargs: Any
    ) -> None:
        """Offer the cities for which the person acts, and the circles that the person may open."""
        super().__init__(*args, **kwargs)
        circles: Any = self.fields["visibility"]
        circles.choices = labelled(map(Visibility, visibilities))
        if len(members) < 2:
            del self.fields["member"]
            return
        member: Any = self.fields["member"]
        member.queryset = TandemMember.objects.filter(pk__in=[row.pk for row in members])
        member.label_from_instance = lambda row: str(row.municipality)

    def clean(self) -> dict[str, Any]:
        """Ask for the file once more where something else is wrong: browsers forget it."""
        found: dict[str, Any] = super().clean() or {}
        if self.errors and "file" not in self.errors:
            self.add_error("file", CHOOSE_AGAIN)
        return found


class VersionForm(forms.Form):
    """A newer file of a document."""

    file = FileField()
    note = LineField(
        label=_("What is new"),
        max_length=200,
        required=False,
        help_text=_("Everybody who may read the document sees this sentence."),
    )
    sure = forms.BooleanField(label=_("The new version may be public at once"))

    def __init__(self, *args: Any, is_public: bool, **kwargs: Any) -> None:
        """Ask for the confirmation where the document is public."""
        super().__init__(*args, **kwargs)
        if not is_public:
            del self.fields["sure"]

    def clean(self) -> dict[str, Any]:
        """Ask for the file once more where something else is wrong: browsers forget it."""
        found: dict[str, Any] = super().clean() or {}
        if self.errors and "file" not in self.errors:
            self.add_error("file", CHOOSE_AGAIN)
        return found


class VisibilityForm(forms.Form):
    """Who may read a document from now on."""

    visibility = forms.ChoiceField(label=_("Who may read it"), widget=forms.RadioSelect)
    sure = forms.BooleanField(
        label=_("Everybody may read this document, and we have the right to publish it"),
        required=False,
        help_text=_("Needed only if the document is to be public."),
    )

    def __init__(self, *args: Any, visibilities: Iterable[str], now: str, **kwargs: Any) -> None:
        """Offer the circles that the person may open; ``now`` is the one of today."""
        super().__init__(*args, **{"initial": {"visibility": now}, **kwargs})
        self.now = now
        choices = labelled(map(Visibility, visibilities))
        self.fields["visibility"].choices = choices  # type: ignore[attr-defined]
        if Visibility.PUBLIC not in dict(choices):
            del self.fields["sure"]

    def clean(self) -> dict[str, Any]:
        """Ask for the confirmation of what becomes public."""
        found: dict[str, Any] = super().clean() or {}
        becomes_public = found.get("visibility") == Visibility.PUBLIC != self.now
        if becomes_public and not found.get("sure"):
            self.add_error("sure", _("Confirm that everybody may read it."))
        return found


class RemovalForm(forms.Form):
    """Why a document is removed."""

    note = LineField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("This sentence stands in the history of the partnership."),
    )
