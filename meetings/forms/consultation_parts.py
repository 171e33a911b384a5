"""Forms that prepare a peer consultation: its case and times, and who has which part."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from calls.enums import WorkingLanguage
from calls.forms.application import LineField
from meetings.consultation_content import Preparation
from meetings.enums import ConsultationMode, ConsultationRole as Role, Phase
from meetings.models import Consultation, ConsultationMember
from meetings.phases import (
    DEFAULT_TIMES,
    LONGEST_TIMES,
    MINUTES_OF_A_DAY,
    Candidate,
    fault_of,
    minutes_of,
)
from municipalities.models import Municipality


class PrepareForm(forms.Form):
    """What a consultation is about, in which language and time, and who has which part."""

    title = LineField(
        label=_("The case, in a few words"),
        max_length=200,
        help_text=_(
            "Only those who have a part read it. No names and no other personal data, please."
        ),
    )
    case_city = forms.ModelChoiceField(
        Municipality.objects.none(), label=_("City of the case"), empty_label=None
    )
    mode = forms.ChoiceField(
        label=_("How you advise each other"), choices=ConsultationMode, widget=forms.RadioSelect
    )
    language = forms.ChoiceField(label=_("Language"), choices=WorkingLanguage)
    case_giver = forms.TypedChoiceField(
        label=_("Who gives the case"),
        coerce=int,
        help_text=_("A person from the city of the case."),
    )
    facilitator = forms.TypedChoiceField(
        label=_("Who leads through it"),
        coerce=int,
        help_text=_("This person alone moves on to the next phase, and does not give the case."),
    )
    scribe = forms.TypedChoiceField(
        label=_("Who takes notes"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("In writing you hardly need anybody for that."),
    )
    advisers = forms.TypedMultipleChoiceField(
        label=_("Who advises"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Three to six people are a good number. Everybody has one role."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        cities: Any,
        candidates: dict[int, Candidate],
        consultation: Consultation | None = None,
        hides_title: bool = False,
    ) -> None:
        """Offer cities and people; show what is stored.

        With ``hides_title`` the case is neither shown nor changed.
        """
        super().__init__(data, initial=initial_of(consultation))
        self.candidates = candidates
        fields: Any = self.fields
        fields["case_city"].queryset = cities
        people = [(str(key), one.label) for key, one in candidates.items()]
        for name in ("case_giver", "facilitator"):
            fields[name].choices = [("", _("Please choose")), *people]
        fields["scribe"].choices = [("", _("nobody")), *people]
        fields["advisers"].choices = people
        if hides_title:
            del fields["title"]
        for phase in Phase:
            fields[f"phase_{phase.value}"] = time_field(phase)

    def clean(self) -> dict[str, Any]:
        """Give everybody one role, and each phase a time that the mode allows."""
        data: dict[str, Any] = super().clean() or {}
        mode = data.get("mode")
        for phase in Phase.values if mode else ():
            longest = LONGEST_TIMES[str(mode)]
            if (data.get(f"phase_{phase}") or 0) > longest:
                told = _("At most %(number)s: minutes if live, days if in writing.")
                self.add_error(f"phase_{phase}", ValidationError(told, params={"number": longest}))
        taken: dict[int, str] = {}
        for name in ("case_giver", "facilitator", "scribe"):
            if not (user := data.get(name)):
                continue
            if user in taken:
                self.add_error(name, _("This person has another role; choose somebody else."))
            taken[user] = name
        if set(data.get("advisers") or ()) & set(taken):
            self.add_error(
                "advisers", _("Somebody ticked here has another role; everybody has one.")
            )
        city = data.get("case_city")
        if city and not self.errors:
            self.add_fault(fault_of(self.parts_in(data), self.candidates, city.pk))
        return data

    def add_fault(self, fault: tuple[str, Any] | None) -> None:
        """Show at its field what is wrong with who has which part."""
        if fault is not None:
            self.add_error(fault[0] or None, fault[1])

    def parts_in(self, data: dict[str, Any]) -> dict[int, str]:
        """Return keys of users with their role."""
        parts = {user: str(Role.ADVISER) for user in data["advisers"]}
        parts[data["facilitator"]], parts[data["case_giver"]] = Role.FACILITATOR, Role.CASE_GIVER
        if data.get("scribe"):
            parts[data["scribe"]] = Role.SCRIBE
        return parts

    def content(self) -> Preparation:
        """Return what was typed, of a form without errors."""
        data = self.cleaned_data
        times = [data[f"phase_{phase}"] for phase in Phase.values]
        return Preparation(
            title=data.get("title"),
            case_city=data["case_city"],
            mode=data["mode"],
            language=data["language"],
            minutes=minutes_of(data["mode"], times),
            parts=self.parts_in(data),
        )


def time_field(phase: Phase) -> forms.IntegerField:
    """Return the field for the planned time of one phase."""
    live, written = (DEFAULT_TIMES[mode][phase - 1] for mode in ConsultationMode.values)
    told = gettext("If empty: %(live)s minutes, in writing %(written)s days.")
    return forms.IntegerField(
        label=gettext("Time for “%(phase)s”") % {"phase": phase.label},
        required=False,
        min_value=1,
        help_text=told % {"live": live, "written": written},
    )


def initial_of(consultation: Consultation | None) -> dict[str, Any]:
    """Return what the form shows of a consultation; a new one is live."""
    if consultation is None:
        return {"mode": ConsultationMode.LIVE, "language": WorkingLanguage.EN}
    unit = MINUTES_OF_A_DAY if consultation.mode == ConsultationMode.WRITTEN else 1
    by_role: dict[str, list[int]] = {}
    for member in consultation.members.all():
        by_role.setdefault(member.role, []).append(member.user_id)
    one = {role: next(iter(by_role.get(role, [])), "") for role in Role.values}
    return {
        "title": consultation.title,
        "case_city": consultation.case_city_id,
        "mode": consultation.mode,
        "language": consultation.language,
        "advisers": by_role.get(Role.ADVISER, []),
        **{role: one[role] for role in (Role.CASE_GIVER, Role.FACILITATOR, Role.SCRIBE)},
        **{f"phase_{row.phase}": row.minutes // unit for row in consultation.phases.all()},
    }


class ReplaceForm(forms.Form):
    """Who drops out, and who takes the place."""

    member = forms.ModelChoiceField(
        ConsultationMember.objects.none(), label=_("Who drops out"), empty_label=_("Please choose")
    )
    user = forms.TypedChoiceField(label=_("Who takes the part"), coerce=int)

    def __init__(self, data: Any = None, *, members: Any, candidates: dict[int, Candidate]) -> None:
        """Offer those whom the person may replace, and who can take the part."""
        super().__init__(data)
        self.candidates = candidates
        fields: Any = self.fields
        fields["member"].queryset = members
        fields["member"].label_from_instance = lambda row: (
            f"{row.get_role_display()}: {row.user.name or '–'}"
        )
        people = [(str(key), one.label) for key, one in candidates.items()]
        fields["user"].choices = [("", _("Please choose")), *people]

    def found(self) -> dict[str, Any]:
        """Return both people, of a form without errors."""
        data = self.cleaned_data
        return {"member": data["member"], "user": self.candidates[data["user"]].user}


class AdviserForm(forms.Form):
    """Which person is to advise as well, or drops out."""

    user = forms.TypedChoiceField(label=_("Person"), coerce=int)

    def __init__(
        self, data: Any = None, *, people: dict[int, str], settled: dict[int, str], help_text: Any
    ) -> None:
        """Offer people: keys of users with their names.

        ``settled`` are those with whom it is done already. They are not offered, but of a double
        click the second one names them, and is told so instead of being refused.
        """
        super().__init__(data)
        fields: Any = self.fields
        sent = str((data or {}).get("user"))
        offered = people | {key: name for key, name in settled.items() if str(key) == sent}
        named = [(str(key), name) for key, name in offered.items()]
        fields["user"].choices = [("", _("Please choose")), *named]
        fields["user"].help_text = help_text
