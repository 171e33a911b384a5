"""Forms about minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.forms.application import LineField
from meetings.actions.minutes import LONGEST_ENTRY
from meetings.forms.inputs import DayInput
from meetings.models import MinutesEntry
from municipalities.models import Municipality
from tandems.forms.profile import WrittenField
from tandems.forms.release import NoteField

LONGEST_PUBLIC_PART = 4_000
#: So many days the cities have, unless somebody says otherwise.
DAYS_TO_AGREE = 14


class MinutesField(WrittenField):
    """A text of the minutes: Markdown, without pictures."""

    def to_python(self, value: Any) -> str:
        """Return the text, or say where pictures belong."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            if getattr(error, "code", "") != "picture":
                raise
            raise ValidationError(
                _(
                    "Pictures cannot be shown here. Remove “![…](…)” from the text and add the "
                    "picture to the documents of the partnership."
                ),
                code="picture",
            ) from error


class WrittenForm(forms.Form):
    """A form of which two people may have the same one open; ``stored`` is what it began with."""

    def __init__(self, *args: Any, stored: dict[str, str], **kwargs: Any) -> None:
        """Show what is stored."""
        self.stored = stored
        super().__init__(*args, **{**kwargs, "initial": stored})

    @property
    def had_markup(self) -> bool:
        """Tell whether markup of another program was removed from what was typed."""
        return any(getattr(field, "had_markup", False) for field in self.fields.values())

    def typed(self) -> dict[str, Any]:
        """Return the values that can be stored."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.stored}


class EntryForm(WrittenForm):
    """Heading and text of an entry."""

    heading = LineField(
        label=_("Heading"),
        max_length=300,
        error_messages={"required": _("Give the entry a heading.")},
    )
    text = MinutesField(
        label=_("What was said and decided"), limit=LONGEST_ENTRY, rows=12, language=""
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        """Say in which language the minutes are written, where that is known."""
        super().__init__(*args, **kwargs)
        attrs = self.fields["text"].widget.attrs
        attrs.pop("lang", None)
        if language:
            attrs["lang"] = language


class PublicPartForm(WrittenForm):
    """What everybody may read of the minutes, in German and English."""

    public_text_de = MinutesField(
        label=_("Public part in German"), limit=LONGEST_PUBLIC_PART, rows=7, language="de"
    )
    public_text_en = MinutesField(
        label=_("Public part in English"), limit=LONGEST_PUBLIC_PART, rows=7, language="en"
    )


class SendMinutesForm(forms.Form):
    """By when the cities should agree."""

    agree_by = forms.DateField(
        label=_("Agree by"),
        widget=DayInput,
        help_text=_("Cities that are still silent get a reminder two days before."),
        error_messages={"required": _("Say by when the cities should agree.")},
    )

    def __init__(self, data: Any = None) -> None:
        """Propose a day in two weeks."""
        day = timezone.localdate() + dt.timedelta(days=DAYS_TO_AGREE)
        super().__init__(data, initial={"agree_by": day})


class ExtendAgreementForm(SendMinutesForm):
    """Until when the cities have more time to agree."""

    def __init__(self, data: Any = None, *, current: dt.date) -> None:
        """Propose a day in two weeks, or a week after one that lies further ahead."""
        super().__init__(data)
        later = current + dt.timedelta(days=7)
        self.initial["agree_by"] = max(self.initial["agree_by"], later)


class AgreeForm(forms.Form):
    """For which city somebody agrees; asked only of who speaks for several."""

    city = forms.ModelChoiceField(
        Municipality.objects.none(), label=_("For which city?"), empty_label=None
    )

    def __init__(self, data: Any = None, *, cities: Iterable[Municipality]) -> None:
        """Offer the cities for which the person speaks; a single one stands there already."""
        super().__init__(data)
        places = list(cities)
        field: Any = self.fields["city"]
        field.queryset = Municipality.objects.filter(pk__in=[place.pk for place in places])
        if len(places) == 1:
            field.widget = forms.HiddenInput()
            field.initial = places[0].pk


class MinutesCommentForm(forms.Form):
    """What should change, in the whole or in one entry."""

    entry = forms.ModelChoiceField(
        MinutesEntry.objects.none(),
        label=_("What is it about?"),
        required=False,
        empty_label=_("the minutes as a whole"),
    )
    text = NoteField(
        label=_("Comment"),
        help_text=_("Everybody who acts for a city of this meeting and the project team read it."),
        error_messages={"required": _("Write a comment.")},
    )

    def __init__(self, data: Any = None, *, entries: Any, about: str = "") -> None:
        """Offer the entries; ``about`` (a key) is chosen."""
        super().__init__(data, initial={"entry": about})
        field: Any = self.fields["entry"]
        field.queryset = entries
        field.is_unmarked = True


class ReturnMinutesForm(forms.Form):
    """What should change."""

    note = NoteField(
        label=_("What should change?"),
        required=False,
        help_text=_("It stays with the minutes as a comment."),
    )


class CorrectionForm(forms.Form):
    """What is corrected in agreed minutes."""

    note = LineField(
        label=_("What is corrected?"),
        max_length=300,
        help_text=_("One sentence. It is shown above the new version."),
        error_messages={"required": _("Say what is corrected.")},
    )
