"""How strict reviewers and organisations are, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import get_format
from django.utils.translation import gettext as _

from calls.models import Call, ReviewAssignment
from calls.standing import Strictness


@dataclass(frozen=True, slots=True)
class StrictnessRow:
    """How strict a person or an organisation is, in words."""

    name: str
    reviews: int
    compared: int
    mean: str
    deviation: str
    correction: str


def names_in(call: Call) -> tuple[dict[int, str], dict[int, str]]:
    """Return the names of all who were chosen to read, people and organisations by their keys."""
    rows = ReviewAssignment.objects.filter(application__call=call).order_by()
    people: dict[int, str] = {}
    organisations: dict[int, str] = {}
    for key, name, email, organisation, short_name in rows.values_list(
        *("reviewer", "reviewer__name", "reviewer__email"),
        *("organisation", "organisation__short_name"),
    ).distinct():
        people[key] = name or email
        organisations[organisation] = short_name
    return people, organisations


def strictness_rows(found: dict[int, Strictness], names: dict[int, str]) -> list[StrictnessRow]:
    """Return people or organisations, the strictest first."""
    gone, words = _("somebody whose account is gone"), Words()
    ordered = sorted(found.items(), key=lambda pair: (pair[1].deviation, names.get(pair[0], "")))
    return [
        StrictnessRow(
            names.get(key, gone),
            one.reviews,
            one.compared,
            words.of(one.mean),
            words.signed(one.deviation),
            words.signed(-one.correction),
        )
        for key, one in ordered
    ]


class Words:
    """Writes numbers as the reader's language does, which is asked only once.

    Values have two digits. Halves are rounded up, as in totals: the values are quotients of
    hundredths, and a binary digit that lacks at the end must not decide.
    """

    def __init__(self) -> None:
        self.separator = get_format("DECIMAL_SEPARATOR")
        self.thousands = get_format("THOUSAND_SEPARATOR")

    def of(self, value: float) -> str:
        """Return a value that is not below zero."""
        return self._written(hundredths_of(value))

    def signed(self, value: float) -> str:
        """Return a difference with its sign."""
        hundredths = hundredths_of(abs(value))
        text = self._written(hundredths)
        if not hundredths:
            return text
        return f"{'+' if value > 0 else '−'}{text}"

    def whole(self, value: int) -> str:
        """Return a whole number, its digits in groups of three."""
        return f"{value:,}".replace(",", self.thousands)

    def _written(self, hundredths: int) -> str:
        return f"{hundredths // 100}{self.separator}{hundredths % 100:02d}"


def hundredths_of(value: float) -> int:
    """Return a value that is not below zero in whole hundredths; halves are rounded up."""
    return int(value * 100 + 0.5 + 1e-9)
