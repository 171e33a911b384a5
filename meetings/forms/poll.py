"""Forms of a date poll: proposing dates, answering, fixing one of them."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from calls.forms.application import LineField
from meetings.enums import PollChoice
from meetings.forms.inputs import DayInput, TimeInput, zone_choices, zone_field
from meetings.forms.when import MOST_DAYS, is_likely
from meetings.models import DatePoll
from meetings.polling import MOST_OPTIONS, Moments, Tally, days_in
from meetings.times import moment_in

#: Dates that the form has room for at first.
ROWS = 5
#: Until when people may answer where nobody says anything else: in a week, in the evening.
ANSWER_DAYS, ANSWER_HOUR = 7, dt.time(18)
PARTS = ("day", "start", "end", "end_day")


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one proposed date, as the page shows them."""

    number: int
    fields: list[forms.BoundField]


class ProposalForm(forms.Form):
    """Several dates, read on one clock, and until when people should answer."""

    zone = zone_field(
        help_text=gettext_lazy(
            "All times below are in this time zone. Everybody sees them in their own."
        )
    )
    answer_day = forms.DateField(label=gettext_lazy("Please answer by: day"), widget=DayInput)
    answer_time = forms.TimeField(label=gettext_lazy("Please answer by: time"), widget=TimeInput)
    note = LineField(
        label=gettext_lazy("Note to those invited"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For example what the meeting is about. It appears in the e-mail."),
    )

    def __init__(
        self, data: Any = None, *, zone: str, zones: list[str], poll: DatePoll | None, rows: int
    ) -> None:
        """Make room for ``rows`` dates; show what is proposed, on the clock ``zone``."""
        stored = list(poll.options.all()) if poll else []
        self.count = min(max(rows, len(stored), ROWS), MOST_OPTIONS)
        super().__init__(data, initial=initial_of(poll, stored, zone))
        self.fields["zone"].choices = zone_choices((zone, *zones))  # type: ignore[attr-defined]
        for number in range(self.count):
            labels = labels_of_row(number + 1)
            for part in PARTS:
                field: forms.Field = (
                    forms.DateField(required=False, label=labels[part], widget=DayInput)
                    if part in {"day", "end_day"}
                    else forms.TimeField(required=False, label=labels[part], widget=TimeInput)
                )
                field.is_unmarked = part != "end_day"  # type: ignore[attr-defined]
                self.fields[f"{part}-{number}"] = field

    @property
    def rows(self) -> list[Row]:
        """Return the fields of the dates, row by row."""
        return [
            Row(number + 1, [self[f"{part}-{number}"] for part in PARTS])
            for number in range(self.count)
        ]

    @property
    def has_more(self) -> bool:
        """Tell whether the form can make room for more dates."""
        return self.count < MOST_OPTIONS

    def clean(self) -> dict[str, Any]:
        """Read the dates on the chosen clock; each must be whole, lie ahead and come once."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("zone"):
            return data
        options: list[Moments] = []
        for number in range(self.count):
            moments = self._moments(number, data)
            if moments and moments in options:
                self.add_error(f"day-{number}", _("This date is proposed already."))
            elif moments:
                options.append(moments)
        data["options"] = options
        if not options and not self.errors:
            self.add_error("day-0", _("Propose at least one date."))
        if data.get("answer_day") and data.get("answer_time") and self._is_likely("answer_day"):
            data["answer_by"] = self._moment(
                "answer_time", data["answer_day"], data["answer_time"], data["zone"]
            )
        return data

    def _moments(self, number: int, data: dict[str, Any]) -> Moments | None:
        """Return start and end of one row; nothing for an empty one and for one with an error."""
        names = {part: f"{part}-{number}" for part in PARTS}
        values: dict[str, Any] = {part: data.get(name) for part, name in names.items()}
        broken = any(name in self.errors for name in names.values())
        if broken or not any(value is not None for value in values.values()):
            return None
        missing = {
            "day": _("Give the day of this date."),
            "start": _("Give the time at which it begins."),
            "end": _("Give the time at which it ends."),
        }
        lacking = [part for part in missing if values[part] is None]
        for part in lacking:
            self.add_error(names[part], missing[part])
        if lacking:
            return None
        if not all(self._is_likely(names[part]) for part in ("day", "end_day")):
            return None
        last_day = values["end_day"] or values["day"]
        start = self._moment(names["start"], values["day"], values["start"], data["zone"])
        end = self._moment(names["end"], last_day, values["end"], data["zone"])
        if start is None or end is None:
            return None
        if end <= start:
            self.add_error(
                names["end"],
                _("It ends before it begins. If it ends on a later day, give that day."),
            )
            return None
        first, last = days_in((start, end), data["zone"])
        if (last - first).days >= MOST_DAYS:
            told = _("A meeting lasts up to 30 days. Check the last day.")
            self.add_error(names["end_day"], told)
            return None
        return start, end

    def _is_likely(self, name: str) -> bool:
        """Tell whether a day may be meant, if there is one; else say so at its field."""
        day = self.cleaned_data.get(name)
        if day is None or is_likely(day):
            return True
        self.add_error(name, _("Check the year."))
        return False

    def _moment(self, name: str, day: dt.date, time: dt.time, zone: str) -> dt.datetime | None:
        try:
            return moment_in(day, time, zone)
        except ValidationError as error:
            self.add_error(name, error)
            return None


def labels_of_row(number: int) -> dict[str, str]:
    """Return the labels of one date; each says which date it is, also in the list of errors."""
    said = {"number": number}
    return {
        "day": _("Date %(number)s: day") % said,
        "start": _("Date %(number)s: from") % said,
        "end": _("Date %(number)s: to") % said,
        "end_day": _("Date %(number)s: ends on") % said,
    }


def initial_of(poll: DatePoll | None, options: list[Any], zone: str) -> dict[str, Any]:
    """Return what the form shows at first: what is proposed, else a week to answer."""
    clock = zoneinfo.ZoneInfo(zone)
    found: dict[str, Any] = {"zone": zone}
    if poll is None or not poll.is_open:
        found["answer_day"] = timezone.localdate(timezone=clock) + dt.timedelta(days=ANSWER_DAYS)
        found["answer_time"] = ANSWER_HOUR
    else:
        answer_by = poll.answer_by.astimezone(clock)
        found |= {"answer_day": answer_by.date(), "answer_time": answer_by.time()}
    if poll is not None:
        found["note"] = poll.note
    for number, option in enumerate(options):
        start, end = option.starts_at.astimezone(clock), option.ends_at.astimezone(clock)
        found |= {
            f"day-{number}": start.date(),
            f"start-{number}": start.time(),
            f"end-{number}": end.time(),
            f"end_day-{number}": end.date() if end.date() != start.date() else None,
        }
    return found


def name_of_option(pk: int) -> str:
    """Return what the field about a proposed date is called."""
    return f"option-{pk}"


class AnswerForm(forms.Form):
    """Whether each proposed date suits; a date may be left without an answer."""

    def __init__(self, data: Any = None, *, tallies: list[Tally], given: dict[int, str]) -> None:
        """Ask about each date; show what the person has answered before."""
        super().__init__(data)
        self.tallies = tallies
        for tally in tallies:
            pk = tally.option.pk
            self.fields[name_of_option(pk)] = forms.ChoiceField(
                label=str(tally.time),
                choices=PollChoice.choices,
                required=False,
                widget=forms.RadioSelect,
                initial=given.get(pk, ""),
                error_messages={"invalid_choice": _("Choose whether the date suits.")},
            )

    @property
    def rows(self) -> list[tuple[Tally, forms.BoundField]]:
        """Return each date with its field."""
        return [(tally, self[name_of_option(tally.option.pk)]) for tally in self.tallies]

    def clean(self) -> dict[str, Any]:
        """Ask for one answer at least."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(data.values()) and self.tallies:
            first = name_of_option(self.tallies[0].option.pk)
            self.add_error(first, _("Choose for at least one date whether it suits you."))
        return data

    def choices(self) -> dict[int, str]:
        """Return what was chosen, of a form without errors: key of the date → choice."""
        chosen = {
            tally.option.pk: self.cleaned_data[name_of_option(tally.option.pk)]
            for tally in self.tallies
        }
        return {pk: choice for pk, choice in chosen.items() if choice}

    def gone(self) -> bool:
        """Tell whether something was answered that is no longer proposed."""
        return any(
            name.startswith("option-") and name not in self.fields and self.data.get(name)
            for name in self.data
        )


class FixForm(forms.Form):
    """On which clock the meeting takes place; the button says the rest."""

    zone = zone_field(
        help_text=gettext_lazy(
            "Usually that of the place. Everybody also sees the time in their own time zone."
        )
    )

    def __init__(self, data: Any = None, *, zone: str, zones: list[str]) -> None:
        """Propose a clock, and offer those of the cities first."""
        super().__init__(data, initial={"zone": zone})
        self.fields["zone"].choices = zone_choices((zone, *zones))  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    """That a poll ends without a date: the button says everything."""
