"""Forms about commitments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy as _

from accounts.models import RoleAssignment
from calls.enums import WorkingLanguage
from core.text import clean_text
from meetings.enums import CommitmentStep
from meetings.models import Meeting
from municipalities.models import Topic
from tandems.content import languages_of
from tandems.models import TandemMember


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        """Write days as browsers read them."""
        super().__init__(format="%Y-%m-%d")


def one_line(text: str) -> str:
    """Return a sentence in one line, without characters that deceive."""
    return " ".join(clean_text(text).split())


class PersonField(forms.TypedChoiceField):
    """Somebody who holds a role in one of the cities today; the value is the person or ``None``."""

    def __init__(self, **kwargs: Any) -> None:
        """Begin without people; :meth:`offer` brings them."""
        super().__init__(required=False, empty_value=None, **kwargs)

    def offer(self, cities: Iterable[int]) -> None:
        """Let people choose among those of the cities, by city where there are several."""
        held = RoleAssignment.objects.held_on(timezone.localdate())
        rows = held.filter(municipality__in=cities, user__is_active=True).with_people()
        people: dict[str, Any] = {}
        groups: dict[str, dict[str, str]] = {}
        for row in rows:
            people[str(row.user_id)] = row.user
            group = groups.setdefault(str(row.municipality), {})
            group.setdefault(str(row.user_id), f"{row.user} ({row.get_role_display()})")
        self.coerce = people.__getitem__
        choices: list[Any] = [(city, list(group.items())) for city, group in groups.items()]
        if len(choices) == 1:
            ((_city, choices),) = choices
        self.choices = [("", _("nobody in particular")), *choices]


class CommitmentForm(forms.Form):
    """Who commits itself to what, until when, who sees to it, and where that was agreed."""

    member = forms.ModelChoiceField(
        TandemMember.objects.none(), label=_("Municipality making the commitment"), empty_label=None
    )
    text = forms.CharField(
        label=_("Commitment"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One sentence: what will be done, worded so that others can see whether it was done."
        ),
    )
    due_on = forms.DateField(label=_("Due by"), widget=DayInput)
    person = PersonField(
        label=_("Person who sees to it"),
        help_text=_("From the municipality itself; reminded in time, and never named in public."),
    )
    topic = forms.ModelChoiceField(
        Topic.objects.none(), label=_("Field of action"), required=False, empty_label=_("none")
    )
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(), label=_("Agreed at"), required=False, empty_label=_("no meeting")
    )
    language = forms.ChoiceField(label=_("Language of the commitment"))

    def __init__(
        self,
        data: Any = None,
        *,
        members: Any,
        meetings: Any = None,
        meeting: Meeting | None = None,
    ) -> None:
        """Offer the municipalities for which the person speaks, their people and their topics.

        ``members``: their memberships, of several partnerships only on the page of a meeting.
        There ``meeting`` tells where the commitment was agreed, and in which language; elsewhere
        ``meetings`` are offered.
        """
        spoken = (meeting and meeting.language) or get_language() or "de"
        super().__init__(data, initial={"language": spoken})
        fields: Any = self.fields
        rows = list(members)
        tandems = {row.tandem_id for row in rows}
        fields["member"].queryset = members
        # A city is named once, unless it meets in two partnerships.
        names = [str(row.municipality) for row in rows]
        fields["member"].label_from_instance = lambda row: (
            str(row.municipality)
            if names.count(str(row.municipality)) == 1
            else f"{row.municipality} ({row.tandem})"
        )
        fields["person"].offer({row.municipality_id for row in rows})
        topics = Topic.objects.filter(tandem_topics__tandem__in=tandems).distinct()
        fields["topic"].queryset = topics.order_by(f"name_{get_language() or 'de'}", "pk")
        if meetings is None:
            del fields["meeting"]
        else:
            fields["meeting"].queryset = meetings
        codes = dict.fromkeys([*languages_of(row.municipality for row in rows), spoken])
        fields["language"].choices = [(code, WorkingLanguage(code).label) for code in codes]

    def clean_text(self) -> str:
        """Return the sentence in one line, without characters that deceive."""
        return one_line(self.cleaned_data["text"])


class PersonForm(forms.Form):
    """Who sees to a commitment."""

    person = PersonField(
        label=_("Person who sees to it"),
        help_text=_("From the municipality itself; reminded in time, and never named in public."),
    )

    def __init__(self, *args: Any, municipality: int, **kwargs: Any) -> None:
        """Offer the people of the municipality."""
        super().__init__(*args, **kwargs)
        self.fields["person"].offer([municipality])  # type: ignore[attr-defined]


class SettlementForm(forms.Form):
    """What became of a commitment."""

    step = forms.ChoiceField(
        label=_("What became of it?"), choices=CommitmentStep, widget=forms.RadioSelect
    )
    due_on = forms.DateField(
        label=_("New date"),
        required=False,
        widget=DayInput,
        help_text=_("Only if it needs more time."),
    )
    note = forms.CharField(
        label=_("In a sentence"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "How it was kept, or why it needs more time or is dropped. Please write in the "
            "language of the commitment."
        ),
    )

    def clean_note(self) -> str:
        """Return the sentence in one line, without characters that deceive."""
        return one_line(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        """Ask for what the step needs."""
        data: dict[str, Any] = super().clean() or {}
        step = data.get("step")
        if step == CommitmentStep.MOVED and not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Enter the new date."))
        if step in {CommitmentStep.MOVED, CommitmentStep.DROPPED} and not data.get("note"):
            self.add_error("note", _("Give the reason in a sentence."))
        return data


class ReopenForm(forms.Form):
    """Why it is taken back that a commitment was kept or dropped."""

    note = forms.CharField(
        label=_("Why do you take this back?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One sentence; the history shows it. Please write in the language of the commitment."
        ),
    )

    def clean_note(self) -> str:
        """Return the sentence in one line, without characters that deceive."""
        return one_line(self.cleaned_data["note"])
