"""Reasons and differences of a card as sentences in the active language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy, ngettext

from calls.document import in_language
from calls.enums import WorkingLanguage
from calls.matching import CityType, DifferenceKind, ReasonKind
from municipalities.enums import Country

TYPES = {
    CityType.RURAL_MUNICIPALITY: gettext_lazy("rural municipality"),
    CityType.SMALL_TOWN: gettext_lazy("small town"),
    CityType.MEDIUM_SIZED_TOWN: gettext_lazy("medium-sized town"),
    CityType.LARGE_CITY: gettext_lazy("large city"),
}
NEEDS = {
    1: gettext_lazy("curious"),
    2: gettext_lazy("planned"),
    3: gettext_lazy("urgent"),
}
#: Level of an offer → the sentence about it.
OFFERS = {
    1: gettext_lazy("%(seeker)s seeks “%(topic)s” (%(need)s), %(giver)s has made first steps."),
    2: gettext_lazy("%(seeker)s seeks “%(topic)s” (%(need)s), %(giver)s has it in operation."),
    3: gettext_lazy(
        "%(seeker)s seeks “%(topic)s” (%(need)s), %(giver)s already teaches it to others."
    ),
}
#: What a reason says; see ``calls.matching.ReasonKind``. Offers and languages stand below.
REASONS = {
    ReasonKind.CHALLENGE: gettext_lazy(
        "Both seek “%(topic)s”: %(german)s (%(german_need)s) and %(european)s (%(european_need)s)."
    ),
    ReasonKind.HOURS: gettext_lazy(
        "Similar working hours a month: %(german)s %(own)s, %(european)s %(other)s."
    ),
    ReasonKind.SIZE: gettext_lazy(
        "Similar numbers of inhabitants: %(german)s %(own)s, %(european)s %(other)s."
    ),
    ReasonKind.TYPE: gettext_lazy("Both are of the same type: %(german_type)s."),
    ReasonKind.BOTH_GIVE: gettext_lazy(
        "Both have experience with “%(topic)s” and can compare what they did."
    ),
    ReasonKind.FURTHER_OFFER: gettext_lazy("%(giver)s also brings experience with “%(topic)s”."),
    ReasonKind.OTHER_TYPE: gettext_lazy(
        "%(german)s (%(german_type)s) and %(european)s (%(european_type)s) see the same tasks at "
        "another scale."
    ),
    ReasonKind.HOURS_TOGETHER: gettext_lazy("Together they bring %(sum)s working hours a month."),
    ReasonKind.TWINNING: gettext_lazy(
        "They know each other: one of them names a town twinning or contact with the other."
    ),
    ReasonKind.NEW_CONTACT: gettext_lazy(
        "Neither names a town twinning with the other: the contact is new for both."
    ),
    ReasonKind.TOPICS: gettext_lazy(
        "Number of fields of action named: %(german)s %(own)s, %(european)s %(other)s."
    ),
    ReasonKind.COUNTRIES: gettext_lazy(
        "The pair links %(german_country)s and %(european_country)s."
    ),
}
#: What a difference says; see ``calls.matching.DifferenceKind``.
DIFFERENCES = {
    DifferenceKind.NO_COMMON_LANGUAGE: gettext_lazy(
        "They name no common working language; interpreters would be needed."
    ),
    DifferenceKind.NOTHING_MET: gettext_lazy("Neither gives anything that the other seeks."),
    DifferenceKind.ONE_SIDED: gettext_lazy(
        "Only what %(city)s seeks is met; the exchange would be one-sided."
    ),
    DifferenceKind.NEED_NOT_MET: gettext_lazy(
        "%(city)s seeks “%(topic)s” (%(need)s), %(partner)s gives nothing on it."
    ),
    DifferenceKind.HOURS: gettext_lazy(
        "Working hours a month are far apart: %(german)s %(own)s, %(european)s %(other)s."
    ),
    DifferenceKind.SIZE: gettext_lazy(
        "Numbers of inhabitants are far apart: %(german)s %(own)s, %(european)s %(other)s."
    ),
    DifferenceKind.TYPE: gettext_lazy(
        "Different types: %(german)s is a %(german_type)s, %(european)s a %(european_type)s."
    ),
    DifferenceKind.UNKNOWN_LANGUAGES: gettext_lazy("%(city)s names no working language."),
    DifferenceKind.UNKNOWN_HOURS: gettext_lazy("%(city)s names no working hours."),
    DifferenceKind.UNKNOWN_SIZE: gettext_lazy(
        "The number of inhabitants of %(city)s is not known."
    ),
    DifferenceKind.LANGUAGES_OF_ONE: gettext_lazy("Only %(city)s works in %(languages)s."),
    DifferenceKind.COUNTRY: gettext_lazy(
        "Two countries, two legal orders and administrations: %(german_country)s and "
        "%(european_country)s."
    ),
    DifferenceKind.NONE_STATED: gettext_lazy("Everything that both stated is alike."),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One reason or difference as a sentence.

    Attributes:
        kind: The value of :class:`~calls.matching.ReasonKind` or
            :class:`~calls.matching.DifferenceKind`.
        text: The sentence, plain text; names in it cannot reorder what stands around them.
        giver: Key of the city that gives; 0 where the statement is not about an offer.
        seeker: Key of the city that seeks; 0 likewise.
    """

    kind: str
    text: str
    giver: int = 0
    seeker: int = 0


def reason_words(card: Mapping[str, Any], reason: Mapping[str, Any]) -> Statement:
    """Return a reason of a card in the active language."""
    kind = ReasonKind(reason["kind"])
    values = _values(card, reason)
    if kind == ReasonKind.OFFER:
        own = reason["giver"] == card["german"]["key"]
        gives, seeks = ("german", "european") if own else ("european", "german")
        text = str(OFFERS[reason[gives]]) % {**values, "need": NEEDS[reason[seeks]]}
    elif kind == ReasonKind.LANGUAGE:
        text = ngettext(
            "Common working language: %(languages)s.",
            "Common working languages: %(languages)s.",
            len(reason["languages"]),
        )
        text %= values
    else:
        text = str(REASONS[kind]) % values
    return Statement(kind, text, reason["giver"], reason["seeker"])


def difference_words(card: Mapping[str, Any], difference: Mapping[str, Any]) -> Statement:
    """Return a difference of a card in the active language."""
    kind = DifferenceKind(difference["kind"])
    return Statement(kind, str(DIFFERENCES[kind]) % _values(card, difference))


def _values(card: Mapping[str, Any], fact: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything that a sentence may name; what a fact does not hold stays empty."""
    names = {card[side]["key"]: isolated(card[side]["name"]) for side in ("german", "european")}
    german, european = names.values()
    city = fact.get("city", 0)
    partner = next((name for key, name in names.items() if key != city), "")
    own, other = fact["german"], fact["european"]
    return {
        "german": german,
        "european": european,
        "giver": names.get(fact.get("giver", 0), ""),
        "seeker": names.get(fact.get("seeker", 0), ""),
        "city": names.get(city, ""),
        "partner": partner,
        "topic": isolated(in_language(card["topics"].get(fact["topic"], {}))),
        "languages": language_names(fact["languages"]),
        "own": grouped(own),
        "other": grouped(other),
        "sum": grouped(own + other),
        "need": NEEDS.get(own or other, ""),
        "german_need": NEEDS.get(own, ""),
        "european_need": NEEDS.get(other, ""),
        "german_type": TYPES.get(own, ""),
        "european_type": TYPES.get(other, ""),
        "german_country": Country(card["german"]["country"]).label,
        "european_country": Country(card["european"]["country"]).label,
    }


def grouped(number: int) -> str:
    """Return a number with the separators of the reader's language."""
    return number_format(number, use_l10n=True, force_grouping=True)


def language_names(codes: list[str]) -> str:
    """Return languages (ISO 639-1) by name; a code that the portal does not know stays a code."""
    known = dict(WorkingLanguage.choices)
    return ", ".join(str(known.get(code, code)) for code in codes)


def isolated(name: str) -> str:
    """Return a name for a sentence; one in a script from right to left is set apart.

    The marks (U+2068, U+2069) do in plain text what ``<bdi>`` does in a page. Other names carry
    none, so that they can be searched and copied.
    """
    if any(unicodedata.bidirectional(letter) in {"R", "AL", "AN"} for letter in name):
        return f"\u2068{name}\u2069"
    return name
