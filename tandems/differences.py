"""The differences between two versions of a profile, in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from calls.enums import WorkingLanguage
from municipalities.models import Municipality
from tandems.comparing import FactChange, TextChange, entry_changes, picture_changes
from tandems.content import values_of
from tandems.enums import Evidence, Licence, ProfileSection, ResultKind, TextState
from tandems.models import ProfileVersion

#: What became of an entry or a picture → in words.
KINDS = {
    "added": gettext_lazy("new"),
    "removed": gettext_lazy("removed"),
    "changed": gettext_lazy("changed"),
    "moved": gettext_lazy("moved"),
}
#: Fact of an entry or a picture → its name.
FACTS = {
    "result_kind": gettext_lazy("Kind of result"),
    "evidence": gettext_lazy("Evidence"),
    "sources": gettext_lazy("Sources"),
    "alt_de": gettext_lazy("Description in German"),
    "alt_en": gettext_lazy("Description in English"),
    "caption_de": gettext_lazy("Caption in German"),
    "caption_en": gettext_lazy("Caption in English"),
    "author": gettext_lazy("Author or source"),
    "licence": gettext_lazy("Licence"),
}
#: What is said about a picture.
PICTURE_WORDS = ("alt_de", "alt_en", "caption_de", "caption_en", "author", "licence")
#: Facts that are chosen from a list → the list.
LISTS: dict[str, Any] = {"result_kind": ResultKind, "evidence": Evidence, "licence": Licence}
NOTHING: dict[str, Any] = {"entries": {}, "pictures": {}, "sources": []}


@dataclass(frozen=True, slots=True)
class ShownText:
    """What changed in a language: the two texts as one, or else what the text is now."""

    language: str
    name: str
    change: TextChange
    state: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry or a picture of which something changed."""

    heading: str
    kind: str
    texts: list[ShownText]
    facts: list[tuple[str, str, str]]


def differences(old: ProfileVersion | None, new: ProfileVersion) -> list[Difference]:
    """Return what differs between two versions; without an old one everything is new.

    Eight queries at most, however much they say.
    """
    before, after = values_of(old) if old else NOTHING, values_of(new)
    changes = entry_changes(before, after)
    cities = names_of(change.municipality for change in changes)
    found = []
    for change in changes:
        place = cities.get(change.municipality, "")
        part = str(ProfileSection(change.section).label)
        heading = f"{part}: {place}" if place else part
        if change.is_point:
            heading = _("%(section)s, single point") % {"section": heading}
        texts = [shown_text(text) for text in change.texts]
        facts = [shown_fact(fact) for fact in change.facts]
        found.append(Difference(heading, str(KINDS[change.kind]), texts, facts))
    for picture in picture_changes(before, after):
        facts = [shown_fact(fact) for fact in picture.facts]
        words = after["pictures"].get(picture.key) or before["pictures"][picture.key]
        if picture.kind != "changed":
            # Whoever confirms a picture confirms all its words.
            facts = [
                (str(FACTS[name]), *sides(picture.kind, str(words[name])))
                for name in PICTURE_WORDS
                if words[name]
            ]
        found.append(Difference(_("Picture"), str(KINDS[picture.kind]), [], facts))
    if before["sources"] != after["sources"]:
        fact = FactChange("sources", before["sources"], after["sources"])
        kind = KINDS["changed" if old else "added"]
        found.append(Difference(str(FACTS["sources"]), str(kind), [], [shown_fact(fact)]))
    return found


def names_of(slugs: Iterable[str]) -> dict[str, str]:
    """Return the names of municipalities by their slugs."""
    wanted = {slug for slug in slugs if slug}
    rows = Municipality.objects.filter(slug__in=wanted) if wanted else ()
    return {place.slug: str(place) for place in rows}


def sides(kind: str, words: str) -> tuple[str, str]:
    """Return what stood there before and after, of what came or went."""
    return ("", words) if kind == "added" else (words, "")


def shown_text(change: TextChange) -> ShownText:
    """Return a changed text with the name of its language and what it is now."""
    name = str(WorkingLanguage(change.language).label)
    state = str(TextState(change.state).label) if change.state else ""
    if change.is_outdated:
        state = _("out of date: the original has changed")
    return ShownText(change.language, capfirst(name), change, state)


def shown_fact(change: FactChange) -> tuple[str, str, str]:
    """Return the name of a fact with its value before and after."""
    return (
        str(FACTS[change.name]),
        value_words(change.name, change.old),
        value_words(change.name, change.new),
    )


def value_words(name: str, value: Any) -> str:
    """Return a value as people read it."""
    if isinstance(value, list):
        return " ".join(value)
    return str(LISTS[name](value).label) if name in LISTS and value else value
