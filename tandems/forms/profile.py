"""Forms about what a profile says."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy as _

from calls.enums import WorkingLanguage
from core.text import clean_text
from tandems.enums import Evidence, ProfileSection, ResultKind
from tandems.forms.sources import SourcesField
from tandems.pasting import as_markdown, holds_picture
from tandems.points import LONGEST_POINT, TEXT

#: The text of a section in one language, in characters.
LONGEST_TEXT = 20_000
#: What is longer is not even looked at for markup of other programs.
LONGEST_PASTE = 500_000
#: What a page can show of a text; more would only make it slow (see ``core.text``).
MOST_BRACKETS, MOST_COLUMNS = 400, 30


def limit_words(limit: int) -> str:
    """Return in words how long a text may be."""
    words = gettext("Up to %(limit)s characters.")
    return words % {"limit": number_format(limit, force_grouping=True)}


class WrittenField(forms.CharField):
    """A text that people write or paste: as Markdown, without markup of other programs.

    The browser cuts nothing off: a text that is too long is refused with words and stays in the
    form. ``had_markup`` tells after cleaning whether markup was removed.
    """

    def __init__(self, *, limit: int, rows: int, language: str, **kwargs: Any) -> None:
        """Say the limit, and in which language the text is written."""
        self.limit, self.had_markup = limit, False
        attrs = {"rows": rows, "data-limit": limit, "lang": language}
        hint = lazy(limit_words, str)(limit)
        super().__init__(
            widget=forms.Textarea(attrs), required=False, help_text=hint, strip=False, **kwargs
        )
        self.is_unmarked = True

    def to_python(self, value: Any) -> str:
        """Return the text without characters that deceive and without foreign markup."""
        text = clean_text(super().to_python(value) or "")
        self.refuse_longer(text, LONGEST_PASTE)
        text, self.had_markup = as_markdown(text)
        self.refuse_longer(text, self.limit)
        refuse_costly(text)
        if holds_picture(text):
            raise ValidationError(
                _(
                    "Pictures from other sites cannot be shown. Remove “![…](…)” from the text "
                    "and upload the picture under “Pictures”, with its description, source and "
                    "licence."
                ),
                code="picture",
            )
        return text

    def refuse_longer(self, text: str, limit: int) -> None:
        """Raise :class:`ValidationError` for a text of more characters than ``limit``."""
        if len(text) > limit:
            raise ValidationError(
                _(
                    "This text has %(length)s characters; at most %(limit)s are possible. It "
                    "is shown here in full; please shorten it."
                ),
                code="long",
                params={
                    "length": number_format(len(text), force_grouping=True),
                    "limit": number_format(self.limit, force_grouping=True),
                },
            )


def refuse_costly(text: str) -> None:
    """Raise :class:`ValidationError` for more brackets or columns than a page can show."""
    if text.count("[") > MOST_BRACKETS:
        raise ValidationError(
            _(
                "This text has more than %(number)s square brackets, which is more than the page "
                "can show. Please remove some."
            ),
            code="brackets",
            params={"number": MOST_BRACKETS},
        )
    if any(columns_in(line) > MOST_COLUMNS for line in text.splitlines()):
        raise ValidationError(
            _(
                "This text holds a table with more than %(number)s columns, which is more than "
                "the page can show. Please add it as a document."
            ),
            code="columns",
            params={"number": MOST_COLUMNS},
        )


def columns_in(line: str) -> int:
    """Return how many columns a line gives to a table; none where it is no line under a head."""
    is_ruler = "-" in line and not line.strip("|-:> \t")
    return line.strip("> \t").strip("|").count("|") + 1 if is_ruler else 0


class ParagraphField(WrittenField):
    """One paragraph, shown without any markup."""

    def to_python(self, value: Any) -> str:
        """Return the paragraph in one line."""
        return " ".join(super().to_python(value).split())


class TextForm(forms.Form):
    """The text of a section in one language."""

    def __init__(self, *args: Any, language: str, stored: str, **kwargs: Any) -> None:
        """Show what is stored."""
        self.stored = {"text": stored}
        super().__init__(*args, **{**kwargs, "initial": self.stored})
        label = WorkingLanguage(language).label
        self.fields["text"] = WrittenField(
            limit=LONGEST_TEXT, rows=12, language=language, label=text_label(label)
        )

    @property
    def had_markup(self) -> bool:
        """Tell whether markup of another program was removed from what was typed."""
        return any(getattr(field, "had_markup", False) for field in self.fields.values())

    def typed(self) -> dict[str, Any]:
        """Return the values that can be stored."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.stored}


def text_label(language: Any) -> Any:
    """Return the label of a text by the name of its language, in the language of the reader."""
    return lazy(lambda: gettext("Text in %(language)s") % {"language": language}, str)()


class PointForm(forms.Form):
    """A single point: in one or more languages, with its sources; of a result the kind too."""

    def __init__(
        self,
        *args: Any,
        section: str,
        languages: list[str],
        stored: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        """Show what is stored; only results have a kind."""
        self.stored = stored
        super().__init__(*args, **{**kwargs, "initial": stored})
        for language in languages:
            self.fields[f"{TEXT}{language}"] = ParagraphField(
                limit=LONGEST_POINT,
                rows=3,
                language=language,
                label=text_label(WorkingLanguage(language).label),
            )
        if section == ProfileSection.RESULT:
            self.fields["result_kind"] = forms.ChoiceField(
                label=_("Kind of result"), choices=ResultKind
            )
            self.fields["evidence"] = forms.ChoiceField(
                label=_("How well it is documented"), choices=Evidence
            )
        self.fields["sources"] = SourcesField(
            label=_("Sources"), help_text=_("Web addresses, one in each line.")
        )

    @property
    def had_markup(self) -> bool:
        """Tell whether markup of another program was removed from what was typed."""
        return any(getattr(field, "had_markup", False) for field in self.fields.values())

    def clean(self) -> dict[str, Any]:
        """Ask for at least one text."""
        data: dict[str, Any] = super().clean() or {}
        names = [name for name in self.fields if name.startswith(TEXT)]
        if not any(data.get(name) or name in self.errors for name in names):
            self.add_error(names[0], _("Write the point in at least one language."))
        return data

    def typed(self) -> dict[str, Any]:
        """Return the values that can be stored."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.stored}


class SeenForm(forms.Form):
    """Which text somebody says something about, and what they have read."""

    entry = forms.UUIDField()
    language = forms.ChoiceField(choices=WorkingLanguage)
    go = forms.ChoiceField(choices=[("checked", ""), ("original", "")])


def key_typed(text: str | None) -> uuid.UUID:
    """Return the key that a form brings along; a new one where it brings none that is valid."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.uuid4()
