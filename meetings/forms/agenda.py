"""The form about one item of an agenda."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calls.enums import language_choices
from calls.forms.application import LineField
from core.dates import day as day_words
from meetings.actions.agenda import LABELS, AgendaContent
from meetings.models import GuidingQuestion
from meetings.timetable import Window
from municipalities.models import Municipality, MunicipalityQuerySet

MOST_MINUTES = 1440


class ItemForm(forms.Form):
    """What an item is about, how long it takes, who leads it and which question it answers."""

    text_de = LineField(
        label=LABELS["text_de"],
        max_length=300,
        required=False,
        help_text=_("One of the two languages is enough. The briefing shows both."),
    )
    text_en = LineField(label=LABELS["text_en"], max_length=300, required=False)
    day = forms.TypedChoiceField(label=LABELS["day"], coerce=int)
    minutes = forms.IntegerField(
        label=LABELS["minutes"],
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        help_text=_("How long the item takes. Its time of day follows from that."),
        error_messages={
            "min_value": _("An item takes between one minute and a day."),
            "max_value": _("An item takes between one minute and a day."),
        },
    )
    lead = forms.ModelChoiceField(
        Municipality.objects.none(),
        label=LABELS["lead"],
        required=False,
        empty_label=_("nobody yet"),
    )
    lead_note = LineField(
        label=_("Led by somebody else"),
        max_length=120,
        required=False,
        help_text=_("An office or an organisation, if no city leads: the project team, a museum."),
    )
    language = forms.ChoiceField(label=LABELS["language"], required=False)
    question = forms.ModelChoiceField(
        GuidingQuestion.objects.none(),
        label=LABELS["question"],
        required=False,
        empty_label=_("none of them"),
        error_messages={
            "invalid_choice": _("This question has been removed meanwhile. Choose another one.")
        },
    )

    def __init__(
        self,
        data: Any = None,
        *,
        window: Window,
        cities: MunicipalityQuerySet,
        questions: Any,
        content: AgendaContent | None = None,
    ) -> None:
        """Offer the days, cities and questions of the meeting; show what is stored."""
        super().__init__(data, initial=initial_of(content))
        fields: Any = self.fields
        last = max(window.days, content.day if content else 1)
        if last > 1:
            fields["day"].choices = [(number, label_of(window, number)) for number in days(last)]
        else:
            del fields["day"]
        fields["lead"].queryset = cities
        if questions:
            fields["question"].queryset = questions
            fields["question"].label_from_instance = lambda row: f"{row.municipality}: {row}"
        else:
            del fields["question"]
        fields["language"].choices = languages(cities)
        for name in ("text_de", "text_en", "lead_note"):
            fields[name].is_unmarked = True

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two texts, and for one who leads."""
        data: dict[str, Any] = super().clean() or {}
        texts = ("text_de", "text_en")
        if not any(data.get(name) or name in self.errors for name in texts):
            self.add_error("text_de", _("Write the item in German or in English."))
        if data.get("lead") and data.get("lead_note"):
            told = _("Leave this empty, or choose no city above.")
            self.add_error("lead_note", told)
        return data

    def content(self) -> AgendaContent:
        """Return what was typed, of a form without errors."""
        data = self.cleaned_data
        lead, question = data["lead"], data.get("question")
        return AgendaContent(
            text_de=data["text_de"],
            text_en=data["text_en"],
            day=data.get("day", 1),
            minutes=data["minutes"],
            lead=(lead and lead.pk, data["lead_note"]),
            language=data["language"],
            question=question and question.pk,
        )


def initial_of(content: AgendaContent | None) -> dict[str, Any]:
    """Return what the form shows of an item."""
    if content is None:
        return {"day": 1}
    lead, lead_note = content.lead
    return {
        "text_de": content.text_de,
        "text_en": content.text_en,
        "day": content.day,
        "minutes": content.minutes,
        "lead": lead,
        "lead_note": lead_note,
        "language": content.language,
        "question": content.question,
    }


def days(last: int) -> range:
    """Return the numbers of the days up to the last one."""
    return range(1, last + 1)


def label_of(window: Window, number: int) -> str:
    """Return a day as a choice: its number, and its date where that is known."""
    date = window.date(number)
    named = {"number": number, "date": day_words(date) if date else ""}
    if date is None:
        return str(_("Day %(number)s") % named)
    return str(_("Day %(number)s, %(date)s") % named)


def languages(cities: Iterable[Municipality]) -> list[tuple[str, Any]]:
    """Return the languages to choose from, those of the cities first."""
    spoken = ("de", "en", *(code for city in cities for code in city.languages))
    return [("", _("not decided")), *language_choices(spoken)]
