"""The rows of the selection board, put together here: a template resolves each value anew.

With fifty rows of thirty values that was half of the page. All markup comes from ``format_html``;
words, labels and addresses, which every row repeats, are looked up once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from calls.admin.strictness import Words
from calls.effect import SIZES, UNNAMED, Candidate, Entry
from calls.enums import ListOutcome, Pool
from calls.forms.selection import TypedEntries
from calls.matching import city_type
from calls.standing import Place
from municipalities.enums import Country

NOTHING = SafeString("")
CHECKED = SafeString(" checked")
INVALID = SafeString(' aria-invalid="true"')
NAME = '<a href="{}{}/"><bdi{}>{}</bdi></a><span class="applications__under">{} · {}</span>{}'
STANDING = '<strong class="figure">{}</strong><span class="applications__under figure">{}</span>{}'
SIZE = '<span class="figure">{}</span><span class="applications__under">{}</span>'
RADIOS = "".join(
    f'<label><input type="radio" name="outcome-{{pk}}" value="{value}"{{is_{value}}}>'
    f" {{t_{value}}}</label>"
    for value in ListOutcome.values
)
FIELDS = (
    '<fieldset id="row-{pk}"{described}><legend class="unseen">{name}</legend>'
    f"{RADIOS}"
    '<label class="board__rank">{t_rank} <input type="text" inputmode="numeric" maxlength="3"'
    ' size="3" id="rank-{pk}" name="rank-{pk}" value="{rank}"{invalid}></label>{error}'
    '<label class="board__reason">{t_reason}'
    ' <textarea name="reason-{pk}" rows="1" maxlength="2000">{reason}</textarea></label>'
    "{stored}</fieldset>"
)
STORED = '<p class="board__stored"><strong>{}</strong> {}{}{}</p>'


class Row(NamedTuple):
    """The cells of one application on the board."""

    name: SafeString
    standing: SafeString
    size: SafeString
    gives: str
    seeks: str
    choice: SafeString


@dataclass(frozen=True, slots=True)
class PoolRows:
    """The rows of one pool on this page."""

    pool: Pool
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the fields of an application show, with ``rank`` as it was typed.

    ``stored`` is what somebody else saved meanwhile, where that differs and is to be shown;
    ``error`` what is wrong with what was typed.
    """

    entry: Entry
    rank: str
    stored: Entry | None = None
    error: str = ""


def pools_of(
    candidates: Iterable[Candidate],
    places: Mapping[int, Place],
    entries: Mapping[int, Entry],
    typed: TypedEntries | None,
    *,
    is_frozen: bool,
    is_changed: bool,
) -> list[PoolRows]:
    """Return the rows of a page by pool, with what was typed in their fields.

    ``is_changed``: what somebody else saved meanwhile stands below what was typed.
    """
    writer, given = Writer(is_frozen=is_frozen), typed or TypedEntries()
    found: dict[Pool, list[Row]] = {pool: [] for pool in Pool}
    for one in candidates:
        stored = entries.get(one.pk, UNNAMED)
        entry = given.entries.get(one.pk, stored)
        is_other = is_changed and entry._replace(reason=entry.reason.strip()) != stored
        choice = Choice(
            entry,
            given.ranks.get(one.pk, str(entry.rank or "")),
            stored if is_other else None,
            given.errors.get(one.pk, ""),
        )
        found[one.pool].append(writer.row(one, places.get(one.pk), choice))
    return [PoolRows(pool, rows) for pool, rows in found.items() if rows]


class Writer:
    """Writes applications as rows; it holds what they repeat in the reader's language."""

    def __init__(self, *, is_frozen: bool) -> None:
        """Look everything up; ``is_frozen``: choices are words and no fields."""
        self.is_frozen = is_frozen
        self.url = reverse("admin:calls_application_changelist")
        self.numbers = Words()
        labels = {f"t_{value}": escape(str(label)) for value, label in ListOutcome.choices}
        self.unchosen = {**labels, **{f"is_{value}": NOTHING for value in ListOutcome.values}}
        self.radios = {
            str(value): {**self.unchosen, f"is_{value}": CHECKED} for value in ListOutcome.values
        }
        self.sizes = {kind: escape(str(label)) for kind, label in SIZES.items()}
        self.countries: dict[str, SafeString] = {}
        self.nothing = _("none chosen")
        self.rank, self.reason = escape(_("Rank")), escape(_("Reason"))
        self.place = _("rank %(rank)s, corrected %(corrected)s")
        self.disputed = mark("mark--reopened", _("disputed"))
        self.withdrawn = mark("mark--withdrawn", _("no longer sent"))
        self.unchecked = format_html('<span class="mark">{}</span>', _("not checked yet"))
        self.ineligible = mark("mark--reopened", _("not eligible"))
        self.unreviewed = format_html('<span class="quiet">{}</span>', _("no review"))
        self.unknown = format_html('<span class="quiet">{}</span>', _("not given yet"))

    def row(self, one: Candidate, place: Place | None, choice: Choice) -> Row:
        """Return an application as a row."""
        return Row(
            self.name(one),
            self.standing(place),
            self.size(one.population),
            ", ".join(one.gives) or self.nothing,
            ", ".join(one.seeks) or self.nothing,
            self.words(choice) if self.is_frozen else self.fields(one, choice),
        )

    def name(self, one: Candidate) -> SafeString:
        """Return name, country and number, and what keeps it from a place."""
        if one.country not in self.countries:
            self.countries[one.country] = escape(str(Country(one.country).label))
        doubt = NOTHING
        if not one.is_sent:
            doubt = self.withdrawn
        elif not one.is_eligible:
            doubt = self.unchecked if one.is_eligible is None else self.ineligible
        language = format_html(' lang="{}"', one.language) if one.language else NOTHING
        under = self.countries[one.country], one.reference
        return format_html(NAME, self.url, str(one.key), language, one.name, *under, doubt)

    def standing(self, place: Place | None) -> SafeString:
        """Return mean, rank and corrected value, and whether the reviews are far apart."""
        if place is None:
            return self.unreviewed
        under = self.place % {"rank": place.rank, "corrected": self.numbers.of(place.corrected)}
        disputed = self.disputed if place.is_disputed else NOTHING
        return format_html(STANDING, self.numbers.of(place.mean), under, disputed)

    def size(self, population: int | None) -> SafeString:
        """Return the number of inhabitants and its class."""
        kind = city_type(population)
        if not population or kind is None:
            return self.unknown
        return format_html(SIZE, self.numbers.whole(population), self.sizes[kind])

    def words(self, choice: Choice) -> SafeString:
        """Return what a frozen list makes of it."""
        outcome, rank, reason = choice.entry
        label = capfirst(label_of(outcome)) + self.ranked(rank)
        chosen = mark(f"mark--list-{outcome}", label)
        if not reason:
            return chosen
        return format_html('{}<span class="applications__under">{}</span>', chosen, reason)

    def fields(self, one: Candidate, choice: Choice) -> SafeString:
        """Return the fields in which somebody chooses."""
        error = described = invalid = NOTHING
        if choice.error:
            described = format_html(' aria-describedby="error-{}"', one.pk)
            error = format_html('<p class="errorlist" id="error-{}">{}</p>', one.pk, choice.error)
            invalid = INVALID
        return format_html(
            FIELDS,
            **self.radios.get(choice.entry.outcome, self.unchosen),
            pk=one.pk,
            name=one.name,
            described=described,
            t_rank=self.rank,
            rank=choice.rank,
            invalid=invalid,
            error=error,
            t_reason=self.reason,
            reason=choice.entry.reason,
            stored=self.stored(choice.stored) if choice.stored else NOTHING,
        )

    def stored(self, entry: Entry) -> SafeString:
        """Return what somebody else saved meanwhile."""
        quoted = _("“%(reason)s”") % {"reason": entry.reason}
        reason = f", {quoted}" if entry.reason else ""
        rank = self.ranked(entry.rank)
        return format_html(STORED, _("Stored meanwhile:"), label_of(entry.outcome), rank, reason)

    def ranked(self, rank: int | None) -> str:
        """Return a rank after an outcome."""
        return f", {_('Rank')} {rank}" if rank else ""


def mark(kind: str, words: str) -> SafeString:
    """Return words as a mark of a kind."""
    return format_html('<span class="mark {}">{}</span>', kind, words)


def label_of(outcome: str) -> str:
    """Return an outcome in words; of anything else, itself."""
    return str(dict(ListOutcome.choices).get(outcome, outcome))
