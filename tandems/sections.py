"""A version of a profile as the page shows it: sections of texts and points in one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.text import render_markdown
from tandems.content import text_in
from tandems.enums import ProfileSection, TextState
from tandems.models import ProfileEntry, ProfileText


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with the text that the reader is shown."""

    entry: ProfileEntry
    text: ProfileText

    @property
    def is_foreign(self) -> bool:
        """Tell whether the text is in another language than the page."""
        return self.text.language != get_language()

    @property
    def plain(self) -> str | SafeString:
        """Return the text of a point, marked with its language where it is foreign."""
        if not self.is_foreign:
            return self.text.text
        return format_html('<span lang="{}">{}</span>', self.text.language, self.text.text)

    @property
    def html(self) -> SafeString:
        """Return the text of a section (Markdown) as safe HTML, marked where it is foreign."""
        html = render_markdown(self.text.text)
        if not self.is_foreign:
            return html
        return format_html('<div lang="{}">{}</div>', self.text.language, html)

    @property
    def is_translation(self) -> bool:
        """Tell whether it was written in another language first."""
        return self.text.state != TextState.ORIGINAL


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section that holds something: the texts under its heading, then the single points."""

    section: ProfileSection
    texts: list[ShownEntry] = field(default_factory=list)
    points: list[ShownEntry] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """Return the heading in the reader's language."""
        return str(self.section.label)

    @property
    def plain(self) -> str:
        """Return the first text without markup, for a description of the page."""
        return self.texts[0].text.text if self.texts else ""


def sections_of(texts: Iterable[ProfileText]) -> list[ShownSection]:
    """Return the sections that hold something, from all texts in the order of the entries."""
    together: dict[int, list[ProfileText]] = {}
    for text in texts:
        together.setdefault(text.entry_id, []).append(text)
    found = {section: ShownSection(section) for section in ProfileSection}
    for versions in together.values():
        shown = text_in(versions, get_language())
        if shown is not None:
            section = found[ProfileSection(shown.entry.section)]
            rows = section.points if shown.entry.is_point else section.texts
            rows.append(ShownEntry(shown.entry, shown))
    return [section for section in found.values() if section.texts or section.points]
