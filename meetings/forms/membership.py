"""Forms about who is in a partnership."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.forms.application import LineField
from core.dates import DatePrecision, day
from meetings.actions.leaving import CANCELLED, DROPPED, GOES_ON, STAYS
from municipalities.models import Municipality
from tandems.actions.membership import LEFT_PRECISIONS
from tandems.forms.forming import DayInput
from tandems.forms.topics import PlaceField, SourcesField
from tandems.models import TandemMember

COMMITMENT_FATES = [
    (STAYS, _("It stays open; the city goes on with it.")),
    (DROPPED, _("It is dropped.")),
]
MEETING_FATES = [(GOES_ON, _("It takes place.")), (CANCELLED, _("It is cancelled."))]
#: Longest text of a reason; the columns hold as much.
LONGEST = 300
SOURCES_HINT = _("Web addresses that document it, one in each line.")


class ReasonForm(forms.Form):
    """A reason in both languages, public or for the internal history alone."""

    reason_de = LineField(label=_("Reason in German"), max_length=LONGEST, required=False)
    reason_en = LineField(label=_("Reason in English"), max_length=LONGEST, required=False)
    is_public = forms.BooleanField(
        label=_("Show the reason on the public page"),
        required=False,
        help_text=_(
            "Otherwise it stands in the internal history, which does not show it to other cities."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for both languages of a reason that the public reads."""
        data: dict[str, Any] = super().clean() or {}
        for name in ("reason_de", "reason_en"):
            if data.get("is_public") and not data.get(name) and name not in self.errors:
                self.add_error(name, _("The public reads the reason in both languages."))
        return data

    @property
    def reasons(self) -> dict[str, str]:
        """Return the reason by language."""
        return {code: self.cleaned_data[f"reason_{code}"] for code in ("de", "en")}


class LeaveForm(ReasonForm):
    """When a city leaves, why, and what becomes of what it leaves behind."""

    heading = _("Record a last day")
    lead = _(
        "What the city did stays on all pages. From the day after its last one it can read what"
        " was there, and change nothing."
    )
    button = _("Record the last day")

    left_on = forms.DateField(
        label=_("Last day"),
        widget=DayInput,
        help_text=_("On this day the city still acts. It may have passed or lie ahead."),
    )
    precision = forms.ChoiceField(
        label=_("How exactly is the day known?"),
        choices=[(value, DatePrecision(value).label) for value in LEFT_PRECISIONS],
        initial=DatePrecision.DAY,
        help_text=_("“End of the year” is shown as such, whatever the day."),
    )
    sources = SourcesField(label=_("Sources"), help_text=SOURCES_HINT)
    field_order = ("left_on", "precision", "reason_de", "reason_en", "is_public", "sources")

    def __init__(
        self, *args: Any, commitments: Iterable[Any], meetings: Iterable[Any], **kwargs: Any
    ) -> None:
        """Ask about each open commitment and each coming meeting."""
        super().__init__(*args, **kwargs)
        self.fated = {"commitment": list(commitments), "meeting": list(meetings)}
        parts = (
            ("commitment", COMMITMENT_FATES, "drop_note", _("Why are commitments dropped?")),
            ("meeting", MEETING_FATES, "cancel_note", _("Why are meetings cancelled?")),
        )
        for kind, choices, note, why in parts:
            for row in self.fated[kind]:
                self.fields[f"{kind}_{row.pk}"] = forms.ChoiceField(
                    label=label_of(kind, row), choices=choices, widget=forms.RadioSelect
                )
            if self.fated[kind]:
                self.fields[note] = LineField(label=why, max_length=LONGEST, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask why, where something is dropped or cancelled."""
        data = super().clean()
        for kind, bad, note in (
            ("commitment", DROPPED, "drop_note"),
            ("meeting", CANCELLED, "cancel_note"),
        ):
            chosen = (data.get(f"{kind}_{row.pk}") for row in self.fated[kind])
            if bad in chosen and not data.get(note) and note not in self.errors:
                self.add_error(note, _("Give the reason in a sentence."))
        return data

    def fates(self, kind: str) -> dict[int, str]:
        """Return what becomes of each row of a kind, by its key."""
        return {row.pk: self.cleaned_data[f"{kind}_{row.pk}"] for row in self.fated[kind]}


def label_of(kind: str, row: Any) -> str:
    """Return how a form names a commitment or a meeting: with its day."""
    if kind == "commitment":
        return _("Commitment, due by %(day)s: %(text)s") % {"day": day(row.due_on), "text": row}
    return _("Meeting, %(day)s: %(text)s") % {"day": row.span, "text": row}


class EnterForm(forms.Form):
    """Which municipality comes, and since when."""

    municipality = PlaceField(
        Municipality.objects.none(),
        label=_("Municipality"),
        empty_label=_("Please choose"),
        help_text=_("Everyone in the register who is not a member here."),
        error_messages={"invalid_choice": _("Choose a municipality that is not a member here.")},
    )
    sources = SourcesField(label=_("Sources"), help_text=SOURCES_HINT)

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        """Offer the municipalities that may come."""
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = places  # type: ignore[attr-defined]


class JoinForm(EnterForm):
    """Which municipality joins, and since when."""

    heading = _("A city joins")
    lead = _("A city that left may come back. With the third city the partnership is a tridem.")
    button = _("Let the city join")

    joined_on = forms.DateField(
        label=_("First day"), widget=DayInput, help_text=_("Today or an earlier day.")
    )
    field_order = ("municipality", "joined_on", "sources")


class DockForm(EnterForm):
    """Which municipality is a guest, and from when to when."""

    heading = _("A city docks on as a guest")
    lead = _(
        "The public page names the guest. It reads a topic or a meeting only where it is let in"
        " there."
    )
    button = _("Record the guest")

    since = forms.DateField(
        label=_("First day"), widget=DayInput, help_text=_("Today or an earlier day.")
    )
    until = forms.DateField(
        label=_("Last day"),
        widget=DayInput,
        required=False,
        help_text=_("Leave it empty if the visit has no end yet."),
    )
    field_order = ("municipality", "since", "until", "sources")


class EndForm(ReasonForm):
    """How and when a partnership ends."""

    heading = _("End the partnership")
    lead = _(
        "Everything stays readable: the public page, meetings, results and the history. Open"
        " commitments stay open."
    )
    button = _("End the partnership")

    outcome = forms.ChoiceField(label=_("How does it end?"), widget=forms.RadioSelect)
    ended_on = forms.DateField(
        label=_("Day of the end"), widget=DayInput, help_text=_("Today or an earlier day.")
    )
    field_order = ("outcome", "ended_on", "reason_de", "reason_en", "is_public")

    def __init__(self, *args: Any, statuses: Iterable[Any], **kwargs: Any) -> None:
        """Offer the ways in which this partnership can end."""
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (status.value, status.label) for status in statuses
        ]


class ResumeForm(forms.Form):
    """Why a partnership that had ended goes on."""

    heading = _("Let the partnership go on")
    lead = _("The timeline keeps that it had ended.")
    button = _("Let the partnership go on")

    note = LineField(
        label=_("Why does it go on?"),
        max_length=LONGEST,
        help_text=_("Stands in the internal history."),
    )


class AgreementForm(forms.Form):
    """Which city gets a new partner, and how both have agreed to it."""

    staying = forms.ModelChoiceField(
        TandemMember.objects.none(), label=_("City that stays"), empty_label=None
    )
    municipality = PlaceField(
        Municipality.objects.none(), label=_("New partner"), empty_label=_("Please choose")
    )
    agreed_on = forms.DateField(
        label=_("Day of the agreement"), widget=DayInput, help_text=_("Today or an earlier day.")
    )
    agreement = LineField(
        label=_("How have both cities agreed?"),
        max_length=LONGEST,
        help_text=_("For example: letter of both mayors. Stands in the internal history."),
    )
    kick_off_on = forms.DateField(
        label=_("Proposed day for the kick-off"),
        widget=DayInput,
        required=False,
        help_text=_("In the future."),
    )

    def __init__(self, *args: Any, members: Any, places: Any | None, **kwargs: Any) -> None:
        """Offer the cities that stay; without ``places`` the partner is known already."""
        super().__init__(*args, **kwargs)
        staying: Any = self.fields["staying"]
        staying.queryset = members
        staying.label_from_instance = lambda row: str(row.municipality)
        if places is None:
            del self.fields["municipality"]
        else:
            self.fields["municipality"].queryset = places  # type: ignore[attr-defined]
