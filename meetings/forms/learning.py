"""Forms of the learning log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext as _, gettext_lazy

from calls.enums import WorkingLanguage
from calls.forms.application import LineField
from core.text import clean_text
from meetings.actions.learning import LABELS, EntryContent
from meetings.enums import ContactKind, LogVisibility
from meetings.forms.inputs import DayInput
from meetings.models import LearningEntry, Meeting
from municipalities.models import Topic
from tandems.models import TandemMember


class LogTextField(forms.CharField):
    """A few lines, counted as they are stored: a line break is one character."""

    def __init__(self, **kwargs: Any) -> None:
        """Give the field three lines and the room that the log has."""
        super().__init__(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def to_python(self, value: Any) -> str:
        """Return the text without characters that deceive."""
        return clean_text(super().to_python(value) or "")


class EntryForm(forms.Form):
    """What a municipality took from one contact, written in three minutes."""

    member = forms.ModelChoiceField(
        TandemMember.objects.none(), label=gettext_lazy("Municipality"), empty_label=None
    )
    happened_on = forms.DateField(label=LABELS["happened_on"], widget=DayInput)
    kind = forms.ChoiceField(
        label=LABELS["kind"],
        choices=ContactKind,
        help_text=gettext_lazy(
            "What is said in a peer consultation stays there: write down only what your own "
            "municipality takes from it, and choose below who may read that."
        ),
    )
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label=LABELS["meeting"],
        required=False,
        empty_label=gettext_lazy("no meeting"),
    )
    topic = forms.ModelChoiceField(
        Topic.objects.none(),
        label=LABELS["topic"],
        required=False,
        empty_label=gettext_lazy("None of these"),
    )
    learned = LogTextField(
        label=LABELS["learned"],
        help_text=gettext_lazy("Two or three sentences, up to 500 characters."),
    )
    surprised = LogTextField(label=LABELS["surprised"], required=False)
    contradicts = LogTextField(label=LABELS["contradicts"], required=False)
    next_step = LineField(
        label=LABELS["next_step"],
        max_length=300,
        required=False,
        help_text=gettext_lazy("What will you do with it? One sentence."),
    )
    commit = forms.BooleanField(
        label=gettext_lazy("Make the next step a commitment of our municipality"),
        required=False,
        help_text=gettext_lazy(
            "The partnership sees the commitment, even if this entry is for your municipality "
            "alone."
        ),
    )
    due_on = forms.DateField(
        label=gettext_lazy("Commitment due by"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("Only if the next step becomes a commitment."),
    )
    visibility = forms.ChoiceField(
        label=LABELS["visibility"],
        choices=LogVisibility,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Each choice includes those above it; the project team always reads along. Public "
            "entries name your municipality, never a person."
        ),
    )
    language = forms.ChoiceField(label=LABELS["language"])

    def __init__(
        self,
        data: Any = None,
        *,
        members: Iterable[TandemMember] = (),
        meetings: QuerySet[Meeting],
        languages: Iterable[str],
        entry: LearningEntry | None = None,
        meeting: Meeting | None = None,
    ) -> None:
        """Offer what fits the partnership; show what is stored, or begin a new entry.

        Who writes for one municipality alone is not asked for which one.
        """
        super().__init__(data, initial=initial_of(entry, meeting))
        fields: Any = self.fields
        choices = list(members)
        if entry is not None or len(choices) == 1:
            del fields["member"]
        else:
            rows = TandemMember.objects.filter(pk__in=[row.pk for row in choices])
            fields["member"].queryset = rows.select_related("municipality").order_by("position")
            fields["member"].label_from_instance = lambda row: str(row.municipality)
        if entry is not None and entry.commitment_id is not None:
            del fields["commit"], fields["due_on"]
        fields["meeting"].queryset = meetings
        fields["topic"].queryset = Topic.objects.order_by(f"name_{get_language() or 'de'}", "pk")
        codes = dict.fromkeys([*languages, *([entry.language] if entry else [])])
        fields["language"].choices = [(code, WorkingLanguage(code).label) for code in codes]

    def clean(self) -> dict[str, Any]:
        """Ask for step and day where the step is to become a commitment."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("commit"):
            if not data.get("next_step") and "next_step" not in self.errors:
                self.add_error("next_step", _("Write the step that becomes the commitment."))
            if not data.get("due_on") and "due_on" not in self.errors:
                self.add_error("due_on", _("Give the day by which it will be done."))
        elif data.get("due_on"):
            self.add_error(
                "due_on", _("Tick that the next step becomes a commitment, or leave this empty.")
            )
        return data

    def content(self) -> EntryContent:
        """Return what was typed, of a form without errors."""
        data = self.cleaned_data
        return EntryContent(
            happened_on=data["happened_on"].isoformat(),
            kind=data["kind"],
            meeting=data["meeting"] and data["meeting"].pk,
            topic=data["topic"] and data["topic"].pk,
            learned=data["learned"],
            surprised=data["surprised"],
            contradicts=data["contradicts"],
            next_step=data["next_step"],
            visibility=data["visibility"],
            language=data["language"],
        )

    @property
    def due(self) -> Any:
        """Return the day of the commitment, where one is wanted."""
        return self.cleaned_data.get("due_on") if self.cleaned_data.get("commit") else None


#: Kind of meeting → kind of contact, where it is not simply a meeting.
CONTACTS = {
    "site_visit": ContactKind.VISIT,
    "return_visit": ContactKind.VISIT,
    "consultation": ContactKind.CONSULTATION,
}


def initial_of(entry: LearningEntry | None, meeting: Meeting | None) -> dict[str, Any]:
    """Return what the form shows at first: what is stored; else today, or the day of a meeting."""
    if entry is not None:
        stored = EntryContent.of(entry)
        return {name: getattr(stored, name) for name in stored.__slots__}
    today = timezone.localdate()
    begun: dict[str, Any] = {
        "happened_on": today,
        "kind": ContactKind.MEETING,
        "visibility": LogVisibility.PARTNERSHIP,
        "language": get_language(),
    }
    if meeting is not None:
        begun["meeting"] = meeting.pk
        begun["kind"] = CONTACTS.get(meeting.kind, ContactKind.MEETING)
        # Of what is confidential nobody opens anything by forgetting to choose.
        if begun["kind"] == ContactKind.CONSULTATION:
            begun["visibility"] = LogVisibility.CITY
        if meeting.earliest and meeting.earliest <= today:
            begun["happened_on"] = meeting.earliest
    return begun


class RemovalForm(forms.Form):
    """That an entry is taken away: the button says everything."""
