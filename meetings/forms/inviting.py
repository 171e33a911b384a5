"""Forms about invitations, answers, reminders and who was there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy as _

from accounts.mailboxes import normalise_address
from accounts.models.people import validate_plain_name
from calls.forms.application import LineField
from meetings.actions.inviting import Candidate
from meetings.actions.reminding import REMINDERS
from meetings.enums import Reply
from meetings.forms.inputs import zone_choices, zone_field
from meetings.models import Attendance
from municipalities.models import Municipality

#: More people of one city than these have not come.
MOST_PEOPLE = 9_999


class PeopleForm(forms.Form):
    """Who of the cities is invited; everybody is ticked at first."""

    people = forms.MultipleChoiceField(
        label=_("People of the municipalities"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one person."),
            "invalid_choice": _("One of these people can no longer be invited. Choose again."),
        },
    )

    def __init__(self, data: Any = None, *, candidates: Iterable[Candidate]) -> None:
        """Offer the people by city."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in candidates:
            groups.setdefault(str(one.municipality), []).append((str(one.user.pk), str(one.user)))
        everybody = [key for group in groups.values() for key, _name in group]
        super().__init__(data, initial={"people": everybody})
        self.fields["people"].choices = list(groups.items())  # type: ignore[attr-defined]

    def clean_people(self) -> list[int]:
        """Return the keys of the users."""
        return [int(key) for key in self.cleaned_data["people"]]


class OutsideGuestForm(forms.Form):
    """Somebody from outside, by name and address."""

    name = LineField(label=_("Name"), max_length=150, validators=[validate_plain_name])
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    language = forms.ChoiceField(
        label=_("Language of the e-mails"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    time_zone = zone_field(help_text=_("Times in the e-mails are given in this time zone."))

    def __init__(self, data: Any = None, *, zone: str = "") -> None:
        """Propose the reader's language and the zone of the place."""
        zone = zone or settings.TIME_ZONE
        super().__init__(data, initial={"language": get_language(), "time_zone": zone})
        self.fields["time_zone"].choices = zone_choices([zone])  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        """Bring the address into its one spelling; refuse what no mail can be sent to."""
        return normalise_address(self.cleaned_data["email"])


class ButtonForm(forms.Form):
    """A step for which the button says everything."""


class AnswerForm(forms.Form):
    """Whether an invited person is coming, and a note."""

    reply = forms.ChoiceField(
        label=_("Are you coming?"),
        choices=[
            (Reply.YES, _("I am coming")),
            (Reply.MAYBE, _("Maybe")),
            (Reply.NO, _("I am not coming")),
        ],
        help_text=_("You can change your answer until the meeting begins."),
        error_messages={"required": _("Choose one of the answers.")},
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Your note"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example when you arrive, or who comes instead of you."),
    )


class RemindersForm(forms.Form):
    """When invited people are reminded."""

    hours = forms.TypedMultipleChoiceField(
        label=_("Reminders by e-mail"),
        choices=list(REMINDERS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("To everybody who was invited and has not said no."),
    )


class AttendanceForm(forms.Form):
    """Who was there by name, and how many people of each city; of other cities it is only shown."""

    def __init__(
        self,
        data: Any = None,
        *,
        people: Iterable[Attendance],
        cities: Iterable[Municipality],
        stored: Mapping[str, Any],
        own: set[int] | None,
    ) -> None:
        """Show what is stored; before anything was, whoever said yes is ticked.

        ``own``: the cities (keys) that the person records; ``None`` for all, and for who is of no
        city. Of the others, ``shown`` keeps who was there and how many were counted.
        """
        people = list(people)
        super().__init__(data, initial=dict(stored))
        self.groups: list[tuple[str, list[str], str]] = []
        self.shown: list[tuple[str, list[Attendance], int | None]] = []
        for city in [*cities, None]:
            key = city.pk if city else None
            theirs = [row for row in people if row.municipality_id == key]
            if own is not None and key not in own:
                counted = stored[f"city-{key}"] if city else None
                if theirs or city:
                    self.shown.append((str(city) if city else "", theirs, counted))
                continue
            is_new = all(row.has_attended is None for row in theirs)
            names = []
            for row in theirs:
                names.append(f"person-{row.pk}")
                self.fields[names[-1]] = forms.BooleanField(label=str(row), required=False)
                if is_new:
                    self.initial[names[-1]] = row.reply == Reply.YES
            number = ""
            if city is not None:
                number = f"city-{city.pk}"
                self.fields[number] = forms.IntegerField(
                    label=_("Number of people"), min_value=0, max_value=MOST_PEOPLE, required=False
                )
                self.fields[number].place = str(city)  # type: ignore[attr-defined]
            if names or number:
                self.groups.append((str(city) if city else "", names, number))

    def parts(self) -> list[dict[str, Any]]:
        """Return the fields by city, those of no city last."""
        return [
            {
                "city": city,
                "people": [self[name] for name in names],
                "number": self[number] if number else None,
            }
            for city, names, number in self.groups
        ]
