"""The part of a form in which the date of a meeting is typed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.dates import DatePrecision
from meetings.actions.plan_content import LABELS, When
from meetings.forms.inputs import DayInput, TimeInput, zone_field
from meetings.polling import days_in
from meetings.times import moment_in

OPEN, DAYS, TIMES = "open", "days", "times"
DATES = (
    (OPEN, _("The date is not fixed yet")),
    (DAYS, _("One or several whole days")),
    (TIMES, _("With a time of day")),
)
#: The agenda divides so many days at most.
MOST_DAYS = 30
#: A slip of the pen in the year lies outside.
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


class WhenForm(forms.Form):
    """When a meeting takes place: not fixed yet, on whole days, or with times on a clock.

    What was typed comes out as ``cleaned_data["date"]``.
    """

    #: The date as it is stored; a new meeting has none.
    stored_date: When | None = None

    when = forms.ChoiceField(label=LABELS["when"], choices=DATES, widget=forms.RadioSelect)
    first_day = forms.DateField(label=_("First day"), required=False, widget=DayInput)
    start_time = forms.TimeField(label=_("Begins at"), required=False, widget=TimeInput)
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput,
        help_text=_("Only if it ends on another day, also at midnight or shortly after it."),
    )
    end_time = forms.TimeField(label=_("Ends at"), required=False, widget=TimeInput)
    time_zone = zone_field(
        help_text=_("The time zone of the place. Everybody also sees the time in their own zone.")
    )

    def clean(self) -> dict[str, Any]:
        """Ask for what the kind of date needs."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("when") and not {"first_day", "last_day", "time_zone"} & set(self.errors):
            data["date"] = self._date(data)
        return data

    def _date(self, data: dict[str, Any]) -> When:
        """Return the date that was typed; what is missing or wrong is said at its field."""
        kind, zone = data["when"], data["time_zone"]
        if kind != TIMES and self.stored_date and zone == self.initial.get("time_zone"):
            # A zone that is only proposed is no change of the date.
            zone = self.stored_date.time_zone
        first, last = data.get("first_day"), data.get("last_day") or data.get("first_day")
        if kind == OPEN:
            if first and first != self.initial.get("first_day"):
                self.add_error("first_day", _("Choose above that the date is fixed, or clear it."))
            kept = self.stored_date or When()
            # What sources say of a month is not lost by correcting the place.
            return kept if kept.precision != DatePrecision.DAY else When(time_zone=zone)
        if first is None or last is None:
            self.add_error("first_day", _("Enter the first day."))
            return When()
        self._ask_days(first, last)
        if kind == TIMES:
            return self._timed(data, first, last, zone)
        self._ask_length(first, last)
        if data.get("start_time") and data["start_time"] != self.initial.get("start_time"):
            self.add_error("start_time", _("Choose above that it has a time of day, or clear it."))
        return When.on_days(first, last, time_zone=zone)

    def _ask_days(self, first: dt.date, last: dt.date) -> None:
        if not is_likely(first):
            self.add_error("first_day", _("Check the year."))
        elif last < first:
            self.add_error("last_day", _("The last day lies before the first one."))

    def _ask_length(self, first: dt.date, last: dt.date) -> None:
        if not self.errors.keys() & {"first_day", "last_day"} and (last - first).days >= MOST_DAYS:
            self.add_error("last_day", _("A meeting lasts up to 30 days. Check the last day."))

    def _timed(self, data: dict[str, Any], first: dt.date, last: dt.date, zone: str) -> When:
        start = self._moment("start_time", first, data.get("start_time"), zone)
        end = self._moment("end_time", last, data.get("end_time"), zone)
        if start is None and "start_time" not in self.errors:
            self.add_error("start_time", _("Enter when it begins."))
        if start and end and end <= start and "last_day" not in self.errors:
            told = _(
                "It ends before it begins. If it ends at midnight or later, enter the last day too."
            )
            self.add_error("end_time", told)
        if end is None and last != first and "end_time" not in self.errors:
            self.add_error("end_time", _("Enter when it ends on the last day."))
        if start and end and start < end:
            # Until midnight is until the end of the day before.
            first, last = days_in((start, end), zone)
        self._ask_length(first, last)
        return When.on_days(first, last, starts_at=start, ends_at=end, time_zone=zone)

    def _moment(
        self, name: str, day: dt.date, time: dt.time | None, zone: str
    ) -> dt.datetime | None:
        if time is None:
            return None
        try:
            return moment_in(day, time, zone)
        except ValidationError as error:
            self.add_error(name, error)
        except OverflowError:
            self.add_error(name, _("Check the year."))
        return None


def is_likely(day: dt.date) -> bool:
    """Tell whether a day may be meant: in another century nobody meets."""
    return EARLIEST <= day <= LATEST


def initial_date(when: When, zone: str) -> dict[str, Any]:
    """Return what the form shows of a stored date; ``zone`` is proposed where it has none."""
    start, end = when.local
    is_dated = when.precision == DatePrecision.DAY
    # What ends at midnight ends on the day before, and is typed with the day of that midnight.
    last = max(when.latest, end.date()) if end and when.latest else when.latest
    return {
        "when": TIMES if start else DAYS if is_dated else OPEN,
        "first_day": when.earliest if is_dated else None,
        "last_day": last if is_dated and last != when.earliest else None,
        "start_time": start and start.time(),
        "end_time": end and end.time(),
        "time_zone": when.time_zone or zone,
    }
