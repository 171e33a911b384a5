"""The words of letters about the selection, drafted from plain data in the recipient's language.

People edit the drafts before BBSR releases them. A letter says how an application was assessed, but
nothing about those who did: neither names nor organisations, how many there were, or what they
wrote word for word. What applicants typed stays text on one line; nothing here is markup.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from calls.enums import Outcome, Pool
from core.dates import day
from core.text import clean_text

#: Stands in a draft for the moment by which a place is to be confirmed: it depends on the day of
#: the release, which puts the moment in its stead. Language of the letter → what stands there.
DATE_MARKS = {"de": "[Frist]", "en": "[date]"}
LONGEST_SUBJECT = 200
#: From this step on a criterion is a strength; up to that one something was missing.
STRONG, WEAK = 4, 2


@dataclass(frozen=True, slots=True)
class Finding:
    """How one criterion was judged: the mean from 0 to 5, and what each step means, by its number.

    Name and sentences are in the language of the letter.
    """

    name: str
    mean: Decimal
    steps: Sequence[str]

    @property
    def step(self) -> int:
        """Return the step nearest to the mean; from the middle between two steps the upper one."""
        return int(self.mean.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a letter is drafted from.

    ``rank`` is set for the reserve list alone; ``replaces`` is the day of an earlier letter that
    this one takes the place of; ``unmet`` says which formal condition an application does not meet.
    """

    outcome: str
    language: str
    place: str
    pool: str
    title: str
    reference: str
    findings: Sequence[Finding]
    result_url: str
    call_url: str
    calls_url: str
    meetings_url: str
    rank: int | None = None
    has_moved_up: bool = False
    has_confirmed: bool = False
    replaces: dt.date | None = None
    unmet: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and text of a letter."""

    subject: str
    body: str


def draft(facts: Facts) -> Words:
    """Return the draft of a letter, in its language whatever language is active."""
    with translation.override(facts.language):
        said = {
            "place": on_one_line(facts.place),
            "title": on_one_line(facts.title),
            "reference": facts.reference,
        }
        subject = _("Decision on your application: %(place)s (%(reference)s)") % said
        paragraphs = [
            _("Dear Sir or Madam,"),
            *_opening(facts, said),
            *PARTS[facts.outcome](facts, said),
            _("Questions about this letter are answered by the office named in the call:")
            + f"\n{facts.call_url}",
            _("Yours faithfully"),
            _(
                "Federal Institute for Research on Building, Urban Affairs and Spatial Development"
                " (BBSR)"
            ),
        ]
    return Words(subject[:LONGEST_SUBJECT], "\n\n".join(paragraphs))


def finished(body: str, language: str, due_at: dt.datetime, zone: str) -> str:
    """Return the text with the moment by which to confirm, where a draft has its mark.

    ``due_at`` is on the clock of ``zone``, which is named with it.
    """
    with translation.override(language):
        words = due_words(due_at, zone)
    return body.replace(DATE_MARKS[language], words)


def due_words(due_at: dt.datetime, zone: str) -> str:
    """Return a moment with day, time and zone, in the active language."""
    said = {"day": day(due_at.date()), "time": f"{due_at:%H:%M}", "zone": zone}
    return _("%(day)s, %(time)s (%(zone)s)") % said


def on_one_line(text: str) -> str:
    """Return what somebody typed without line breaks and characters that deceive."""
    return " ".join(clean_text(text).split())


def _opening(facts: Facts, said: dict[str, str]) -> list[str]:
    thanks = _(
        "thank you for the application of %(place)s to “%(title)s” (reference number "
        "%(reference)s). BBSR has decided on the selection."
    )
    opening = [thanks % said]
    if facts.replaces:
        words = _("The decision was taken anew. This letter replaces our letter of %(day)s.")
        opening.append(words % {"day": day(facts.replaces)})
    return opening


def _accepted(facts: Facts, said: dict[str, str]) -> list[str]:
    """Return what somebody reads who is offered a place."""
    offered = _("We are pleased to offer %(place)s a place.")
    if facts.has_moved_up:
        offered = _(
            "A place has become free, and %(place)s is next on the reserve list. We are pleased to "
            "offer you this place."
        )
    if facts.has_confirmed:
        said_next = [_("You have confirmed your place already; nothing else is needed.")]
    else:
        asked = _(
            "Please confirm the place by %(date)s. Anyone who may edit the application can do this "
            "here after signing in:"
        )
        said_next = [
            asked % {"date": DATE_MARKS[facts.language]} + f"\n{facts.result_url}",
            _(
                "Should you decline, or should we hear nothing by then, the place goes to the next "
                "municipality on the reserve list."
            ),
        ]
    return [
        offered % said,
        *said_next,
        _(
            "After that we propose a partner municipality to you. The partnership is formed once "
            "both municipalities have agreed to the proposal."
        ),
        *_assessment(facts, _("How your application was assessed, from 0 to 5 points:")),
    ]


def _reserve(facts: Facts, said: dict[str, str]) -> list[str]:
    """Return what somebody reads who may move up."""
    rank = {**said, "rank": str(facts.rank)}
    words = _(
        "At present we cannot offer %(place)s a place. Your application has rank %(rank)s on the "
        "reserve list of the European municipalities outside Germany."
    )
    if facts.pool == Pool.GERMAN:
        words = _(
            "At present we cannot offer %(place)s a place. Your application has rank %(rank)s on "
            "the reserve list of the German municipalities."
        )
    return [
        words % rank,
        _(
            "If a municipality declines its place or does not confirm it in time, the next one "
            "moves up in the order of the ranks. You would then get another letter, with a date to "
            "answer by. Until then you need not do anything."
        ),
        *_assessment(facts, _("How your application was assessed, from 0 to 5 points:")),
    ]


def _refused(facts: Facts, said: dict[str, str]) -> list[str]:
    """Return what somebody reads who gets no place: the reasons, and what there is instead."""
    parts = [_("We regret that we cannot offer %(place)s a place this time.") % said]
    if facts.unmet:
        words = _("The application does not meet a formal condition of the call: %(reason)s")
        parts.append(words % {"reason": on_one_line(facts.unmet)})
    else:
        parts.append(
            _("The number of places is limited. The applications were assessed by the same rules.")
        )
    parts += _assessment(facts, _("The reasons, criterion by criterion, from 0 to 5 points:"))
    meetings = _("Meetings of the network that are open to every municipality: %(url)s")
    calls = _("Further calls for participation are announced here: %(url)s")
    texts = _("As long as your application is kept, you can take over its texts into a new one.")
    lines = [
        _("What we can offer you now:"),
        "- " + meetings % {"url": facts.meetings_url},
        "- " + calls % {"url": facts.calls_url},
        "- " + texts,
    ]
    return [*parts, "\n".join(lines)]


#: What is decided → the part of the letter about it.
PARTS: dict[str, Callable[[Facts, dict[str, str]], list[str]]] = {
    Outcome.ACCEPTED: _accepted,
    Outcome.RESERVE: _reserve,
    Outcome.REFUSED: _refused,
}


def _assessment(facts: Facts, heading: str) -> list[str]:
    """Return each criterion with its mean, and what was strong and what was missing."""
    if not facts.findings:
        return []
    paragraphs = ["\n".join([heading, *(f"- {line(row)}" for row in facts.findings)])]
    strong = [row.name for row in facts.findings if row.step >= STRONG]
    weak = [row for row in facts.findings if row.step <= WEAK]
    if strong:
        paragraphs.append(_("Most convincing: %(names)s.") % {"names": "; ".join(strong)})
    if weak:
        names = "; ".join(row.name for row in weak)
        words = [_("Less convincing: %(names)s.") % {"names": names}]
        for row in weak:
            if facts.outcome == Outcome.REFUSED and row.steps[-1]:
                asked = _("%(name)s – full points mean: %(sentence)s")
                sentence = sentence_of(row.steps[-1])
                words.append("- " + asked % {"name": row.name, "sentence": sentence})
        paragraphs.append("\n".join(words))
    return paragraphs


def line(finding: Finding) -> str:
    """Return a criterion with its mean and the sentence of the nearest step."""
    said = {"name": finding.name, "points": points(finding.mean)}
    if sentence := sentence_of(finding.steps[finding.step]):
        words = _("%(name)s: %(points)s of 5 points – %(sentence)s")
        return words % {**said, "sentence": sentence}
    return _("%(name)s: %(points)s of 5 points.") % said


def points(mean: Decimal) -> str:
    """Return points with at most two decimals, as the language writes them: ``3,5``."""
    return number_format(mean.quantize(Decimal("0.01"), ROUND_HALF_UP).normalize())


def sentence_of(text: str) -> str:
    """Return a sentence with its end."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."
