"""The steps of an application as forms.

Nothing here refuses a text because something is missing or too long: a draft takes everything, and
the checklist says what is still to do. Only what cannot be stored (letters for a number) is an
error; what is right in the same form is saved nevertheless.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext, gettext_lazy as _

from calls.checklist import LIMITS
from calls.content import choice_text, questions_of, topic_field, topics_of, values_of
from calls.enums import GivesLevel, QuestionKind, SeeksLevel, Side, Step, language_choices
from calls.models import LONGEST_TEXT, Application, Question
from core.text import clean_text
from municipalities.enums import Country
from municipalities.queries import country_choices


class LineField(forms.CharField):
    """One line, without characters that deceive."""

    def clean(self, value: Any) -> str:
        """Return the line trimmed, with single spaces."""
        return " ".join(clean_text(super().clean(value)).split())


def limit_words(limit: int) -> str:
    """Return in words how long a text may be."""
    return gettext("Up to %(limit)s characters.") % {"limit": limit}


class TextField(forms.CharField):
    """A text of several paragraphs with the limit that the checklist asks for."""

    def __init__(self, *, limit: int | None = None, rows: int = 6, **kwargs: Any) -> None:
        """Say the limit; a longer draft is kept all the same."""
        attrs: dict[str, Any] = {"rows": rows}
        if limit:
            attrs["data-limit"] = limit
            # In the language of the reader, not in that of the start of the server.
            hint = lazy(limit_words, str)(limit)
            given = kwargs.get("help_text", "")
            kwargs["help_text"] = format_lazy("{} {}", given, hint) if given else hint
        super().__init__(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs), **kwargs)

    def clean(self, value: Any) -> str:
        """Return the text without characters that deceive."""
        return clean_text(super().clean(value))


class StepForm(forms.Form):
    """One step of the form, filled with what is stored."""

    step: ClassVar[str]
    #: Headings over groups of fields: heading → names.
    groups: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = ()

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        """Show what is stored; make fields that depend on the call."""
        self.application = application
        self.stored = values_of(application, self.step)
        super().__init__(*args, **{**kwargs, "initial": self.stored})
        self.add_fields()
        for field in self.fields.values():
            # What must be there to send is said by the checklist; a draft may lack it.
            field.required = False
            field.is_unmarked = True  # type: ignore[attr-defined]  # not “(optional)” either

    def add_fields(self) -> None:
        """Add the fields that depend on the call."""

    def typed(self) -> dict[str, Any]:
        """Return the values that can be stored, also where others are wrong."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.stored}


class MunicipalityForm(StepForm):
    """Which municipality applies."""

    step = Step.MUNICIPALITY
    place_name = LineField(
        label=_("Name of the municipality"),
        max_length=120,
        help_text=_("In your own language and script."),
    )
    place_country = forms.ChoiceField(
        label=_("Country"), choices=lambda: country_choices(Country.values)
    )
    place_region = LineField(
        label=_("Region"), max_length=120, help_text=_("For example state, province or county.")
    )
    place_population = forms.IntegerField(
        label=_("Inhabitants"), min_value=1, max_value=20_000_000, localize=True
    )
    place_website = forms.URLField(
        label=_("Website"), max_length=200, assume_scheme="https", help_text=_("Optional.")
    )

    def add_fields(self) -> None:
        """Leave out what the register says."""
        if self.application.municipality_id:
            for name in ("place_name", "place_country"):
                del self.fields[name]

    def clean_place_name(self) -> str:
        """Refuse an empty name: the application is found by it."""
        name: str = self.cleaned_data["place_name"]
        if not name:
            raise forms.ValidationError(_("Give the name of the municipality."))
        return name


class PeopleForm(StepForm):
    """Who answers for the application, and who stands behind it."""

    step = Step.PEOPLE
    groups = (
        (
            _("Contact person"),
            ("contact_name", "contact_office", "contact_email", "contact_phone"),
        ),
        (_("Deputy"), ("deputy_name", "deputy_office", "deputy_email")),
        (_("Support"), ("departments", "sponsor")),
    )
    contact_name = LineField(label=_("Name of the contact person"), max_length=150)
    contact_office = LineField(label=_("Office of the contact person"), max_length=200)
    contact_email = forms.EmailField(label=_("E-mail of the contact person"))
    contact_phone = LineField(
        label=_("Telephone of the contact person"), max_length=40, help_text=_("Optional.")
    )
    deputy_name = LineField(label=_("Name of the deputy"), max_length=150)
    deputy_office = LineField(label=_("Office of the deputy"), max_length=200)
    deputy_email = forms.EmailField(label=_("E-mail of the deputy"))
    departments = TextField(
        label=_("Departments that take part"),
        limit=LIMITS["departments"],
        rows=4,
        help_text=_("Who does what, and with how much time."),
    )
    sponsor = LineField(
        label=_("Political sponsor"),
        max_length=300,
        help_text=_("The mayor, a deputy mayor or a council committee that stands behind it."),
    )


class TopicsForm(StepForm):
    """What the municipality gives and seeks, topic by topic."""

    step = Step.TOPICS

    def add_fields(self) -> None:
        """Ask for level and sentence on both sides of each topic."""
        levels = {Side.GIVES: GivesLevel, Side.SEEKS: SeeksLevel}
        labels = {Side.GIVES: _("How far are you?"), Side.SEEKS: _("How urgent is it?")}
        sentences = {
            Side.GIVES: _("What can others learn from you? One sentence."),
            Side.SEEKS: _("What do you need to know? One sentence."),
        }
        self.topics = topics_of(self.application)
        for topic in self.topics:
            for side in Side:
                choices = [("", _("no")), *levels[side].choices]
                self.fields[topic_field(side, topic, "level")] = forms.TypedChoiceField(
                    label=labels[side], choices=choices, coerce=int, empty_value=None
                )
                self.fields[topic_field(side, topic, "sentence")] = LineField(
                    label=sentences[side],
                    max_length=300,
                    widget=forms.Textarea({"rows": 2, "data-limit": 300}),
                )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return each topic with its fields, and what is chosen in it in words."""
        rows = []
        for topic in self.topics:
            sides: list[dict[str, Any]] = []
            for side, words in ((Side.GIVES, _("We give")), (Side.SEEKS, _("We seek"))):
                level = self[topic_field(side, topic, "level")]
                sentence = self[topic_field(side, topic, "sentence")]
                sides.append({"side": side, "words": words, "level": level, "sentence": sentence})
            chosen = [row for row in sides if row["level"].value() or row["sentence"].value()]
            wrong = any(row["level"].errors or row["sentence"].errors for row in sides)
            rows.append({"topic": topic, "sides": sides, "chosen": chosen, "is_wrong": wrong})
        return rows


class ChallengeForm(StepForm):
    """What the municipality struggles with, wants to learn and can offer."""

    step = Step.CHALLENGE
    challenge = TextField(
        label=_("Your challenge"),
        limit=LIMITS["challenge"],
        rows=12,
        help_text=_("What exactly is the problem, for whom, since when? What have you tried?"),
    )
    to_learn = TextField(
        label=_("What you want to learn"),
        limit=LIMITS["to_learn"],
        rows=7,
        help_text=_("Questions to which you have no answer yet, and what depends on them."),
    )
    to_offer = TextField(
        label=_("What you can offer"),
        limit=LIMITS["to_offer"],
        rows=7,
        help_text=_("Experience, data, people; also what went wrong and what you learned from it."),
    )


class CooperationForm(StepForm):
    """How the municipality can work with a partner."""

    step = Step.COOPERATION
    working_languages = forms.MultipleChoiceField(
        label=_("Working languages"),
        choices=language_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("In which your team can hold a meeting; choose your own as well."),
    )
    hours_a_month = forms.IntegerField(
        label=_("Working hours a month"),
        min_value=1,
        max_value=2_000,
        help_text=_("Of all people together."),
    )
    preferences = TextField(
        label=_("Wishes about the partner"),
        limit=LIMITS["preferences"],
        rows=4,
        help_text=_("Optional: size, region, language, or who it should not be."),
    )
    twinnings = TextField(
        label=_("Existing twinnings and contacts"),
        limit=LIMITS["twinnings"],
        rows=4,
        help_text=_("Optional: town twinnings, projects and networks abroad."),
    )

    def clean_working_languages(self) -> list[str]:
        """Return the languages by code, the one that is first on top.

        The form lists them by name, in another order in each language of the portal.
        """
        chosen = sorted(self.cleaned_data["working_languages"])
        # The first one is the language of the texts: it stays where it was.
        first = [code for code in self.application.working_languages[:1] if code in chosen]
        return [*first, *(code for code in chosen if code not in first)]


class QuestionsForm(StepForm):
    """What the call asks beside the fields that every call has."""

    step = Step.QUESTIONS

    def add_fields(self) -> None:
        """Make a field of each question that is answered in writing."""
        for question in questions_of(self.application):
            self.fields[f"answer-{question.pk}"] = question_field(question)


def question_field(question: Question) -> forms.Field:
    """Return the field for one question; its answer is stored as text."""
    hints = [question.hint, "" if question.is_required else _("Optional.")]
    hint = " ".join(str(part) for part in hints if part)
    about: dict[str, Any] = {"label": question.text, "help_text": hint}
    if question.kind == QuestionKind.LONG:
        return TextField(limit=question.limit, **about)
    if question.kind == QuestionKind.CHOICE:
        texts = (getattr(question, f"choices_{code}") or "" for code in ("de", "en"))
        count = max(len(text.splitlines()) for text in texts)
        language = get_language() or "de"
        choices = [
            (str(number), choice_text(question, str(number), language)) for number in range(count)
        ]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **about)
    if question.kind == QuestionKind.NUMBER:
        return NumberAsText(min_value=0, max_value=question.limit, **about)
    return LineField(max_length=question.limit or 300, **about)


class NumberAsText(forms.IntegerField):
    """A number that is stored as text, as every answer is."""

    def clean(self, value: Any) -> str:
        """Return the digits, or nothing."""
        number = super().clean(value)
        return "" if number is None else str(number)


class ConsentsForm(StepForm):
    """What has to be agreed to, in the words of the call."""

    step = Step.CONSENTS

    def add_fields(self) -> None:
        """Make a box of each consent."""
        for consent in self.application.call.consents.all():
            words = consent.text if consent.is_required else f"{consent.text} {_('(optional)')}"
            self.fields[f"consent-{consent.pk}"] = forms.BooleanField(label=words)


STEP_FORMS: dict[str, type[StepForm]] = {
    form.step: form
    for form in (
        *(MunicipalityForm, PeopleForm, TopicsForm, ChallengeForm, CooperationForm),
        *(QuestionsForm, ConsentsForm),
    )
}
