"""Forms about who is in a partnership."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.forms.application import LineField
from meetings.actions.ending import CHANGED
from meetings.actions.leaving import CANCELLED, GOES_ON
from meetings.models import Meeting
from meetings.queries import mark_of
from municipalities.models import Municipality
from tandems.forms.forming import DayInput
from tandems.forms.sources import SourcesField
from tandems.forms.topics import PlaceField
from tandems.models import TandemMember

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
                self.add_error(
                    name,
                    _(
                        "The public page shows the reason in both languages. Please enter it "
                        "in German and in English."
                    ),
                )
        return data

    @property
    def reasons(self) -> dict[str, str]:
        """Return the reason by language."""
        return {code: self.cleaned_data[f"reason_{code}"] for code in ("de", "en")}


class EnterForm(forms.Form):
    """Which municipality comes, and since when."""

    municipality = PlaceField(
        Municipality.objects.none(),
        label=_("Municipality"),
        empty_label=_("Please choose"),
        help_text=_("All municipalities in the register that are not members here."),
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

    heading = _("A city takes part as a guest")
    lead = _(
        "The public page names the guest. It can see a topic or a meeting only if it is added "
        "there as a guest."
    )
    button = _("Record the guest")

    since = forms.DateField(
        label=_("First day"), widget=DayInput, help_text=_("Today or an earlier day.")
    )
    until = forms.DateField(
        label=_("Last day"),
        widget=DayInput,
        required=False,
        help_text=_("Leave this empty if no last day is fixed yet."),
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

    #: What may become of coming meetings.
    fates = (
        (CANCELLED, _("They are cancelled; everybody invited is told.")),
        (GOES_ON, _("They still take place.")),
    )

    outcome = forms.ChoiceField(label=_("How does it end?"), widget=forms.RadioSelect)
    ended_on = forms.DateField(
        label=_("Day on which it ended"), widget=DayInput, help_text=_("Today or an earlier day.")
    )
    field_order = ("outcome", "ended_on", "reason_de", "reason_en", "is_public")

    def __init__(
        self, *args: Any, statuses: Iterable[Any], meetings: Iterable[Meeting] = (), **kwargs: Any
    ) -> None:
        """Offer the ways in which this partnership can end, and ask about its coming meetings."""
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (status.value, status.label) for status in statuses
        ]
        self.ask_about(meetings)

    def ask_about(self, meetings: Iterable[Meeting]) -> None:
        """Ask what becomes of these meetings, as they stand now.

        The form carries which ones it shows. An answer that was given without one of them in view
        does not count: the question is asked again.
        """
        self.coming = list(meetings)
        for name in ("meetings", "shown"):
            self.fields.pop(name, None)
        if not self.coming:
            return
        now = [mark_of(row) for row in self.coming]
        self.fields["meetings"] = forms.ChoiceField(
            label=_("What becomes of these meetings?"),
            choices=self.fates,
            widget=forms.RadioSelect,
        )
        self.fields["shown"] = forms.CharField(
            widget=forms.HiddenInput, initial=",".join(now), required=False
        )
        if self.is_bound:
            sent: Any = self.data
            data = sent.copy()
            if not set(now) <= set(str(data.get("shown", "")).split(",")):
                data.pop("meetings", None)
                self.fields["meetings"].error_messages["required"] = CHANGED
            data["shown"] = ",".join(now)
            self.data = data

    @property
    def decided(self) -> dict[str, Any]:
        """Return what was decided about which meetings, as the action takes it."""
        shown = [mark_of(row) for row in self.coming]
        return {"fate": self.cleaned_data.get("meetings", ""), "shown": shown}


class ResumeForm(forms.Form):
    """Why a partnership that had ended goes on."""

    heading = _("Resume the partnership")
    lead = _("“Membership” still shows that it had ended.")
    button = _("Resume the partnership")

    note = LineField(
        label=_("Why is it resumed?"),
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
        help_text=_("A day in the future."),
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
