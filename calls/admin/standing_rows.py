"""The rows of the standing, put together here: in the template they cost a third of the page.

All markup comes from ``format_html``; words and addresses, which every row repeats, are looked up
once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import models
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from calls.admin.procedure_frame import Entry, entries_of
from calls.admin.strictness import Words
from calls.models import Procedure
from calls.queries import ViewedStanding
from calls.standing import Place

NAME = '<a href="{}{}/"><bdi{}>{}</bdi></a><span class="applications__under">{} · {}</span>'
SPREAD = '{} – {} <span class="applications__under">{}</span>'
QUIET = '<span class="quiet">{}</span>'


class Check(models.TextChoices):
    """What the formal check has found."""

    ELIGIBLE = "eligible", gettext_lazy("conditions met")
    INELIGIBLE = "ineligible", gettext_lazy("a condition is not met")
    OPEN = "open", gettext_lazy("not checked yet")


class Row(NamedTuple):
    """The cells of one application; without a filed review all after ``reviews`` are empty."""

    rank: str
    name: SafeString
    check: SafeString
    reviews: str
    mean: str = ""
    corrected: str = ""
    spread: str = ""
    judgement: str = ""


def rows_of(pks: Iterable[int], procedure: Procedure, view: ViewedStanding) -> list[Row]:
    """Return applications (primary keys) as rows of the list."""
    pks, writer = list(pks), Writer(procedure)
    entries = entries_of(pks)
    return [writer.row(entries[pk], view.rows.get(pk)) for pk in pks]


class Writer:
    """Writes applications as rows; it holds what they repeat in the reader's language."""

    def __init__(self, procedure: Procedure) -> None:
        """Look everything up."""
        self.needed = procedure.readers
        self.url = reverse("admin:calls_application_changelist")
        self.check_url = reverse("admin:calls_procedure_eligibility", args=[procedure.call.slug])
        self.checks = {check: escape(capfirst(str(check.label))) for check in Check}
        self.part, self.deviation = _("%(number)s of %(needed)s"), _("spread %(value)s")
        self.numbers = Words()
        self.alone = format_html(QUIET, _("one review only"))
        self.disputed = format_html('<span class="mark mark--reopened">{}</span>', _("disputed"))
        self.agreed, self.open = format_html(QUIET, _("not disputed")), format_html(QUIET, "–")

    def row(self, entry: Entry, place: Place | None) -> Row:
        """Return an application as a row."""
        language = format_html(' lang="{}"', entry.language) if entry.language else ""
        key, check = str(entry.key), self.checks[check_of(entry.is_eligible)]
        under = entry.country, entry.pool
        number = place.reviews if place else 0
        cells = (
            str(place.rank) if place else "–",
            format_html(NAME, self.url, key, language, entry.name, *under),
            format_html('<a href="{}{}/">{}</a>', self.check_url, key, check),
            self.part % {"number": number, "needed": self.needed}
            if number < self.needed
            else str(number),
        )
        return Row(*cells, *self.values(place)) if place else Row(*cells)

    def values(self, place: Place) -> tuple[str, str, str, str]:
        """Return mean, corrected value, spread and what the reviews say together."""
        of = self.numbers.of
        spread, judgement = self.alone, self.open
        if place.reviews > 1:
            under = self.deviation % {"value": of(place.spread)}
            spread = format_html(SPREAD, of(place.lowest), of(place.highest), under)
            judgement = self.disputed if place.is_disputed else self.agreed
        return of(place.mean), of(place.corrected), spread, judgement


def check_of(is_eligible: bool | None) -> Check:
    """Return what a formal check has found; ``None``: there was none."""
    if is_eligible is None:
        return Check.OPEN
    return Check.ELIGIBLE if is_eligible else Check.INELIGIBLE
