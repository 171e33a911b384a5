"""What an application still lacks, and what in it looks implausible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _, ngettext

from calls.content import questions_of, topic_field, topics_of
from calls.enums import QuestionKind, Side, Step
from calls.models import Application

#: Longest texts of the form, in characters.
LIMITS = {
    "challenge": 2_000,
    "to_learn": 1_200,
    "to_offer": 1_200,
    "departments": 800,
    "preferences": 600,
    "twinnings": 600,
}
#: Shorter than this says too little to find a partner by.
SHORTEST_CHALLENGE = 200
MOST_TOPICS = 3
#: A municipality that reports more can hardly have counted.
MOST_HOURS = 160

REQUIRED: tuple[tuple[str, str, Any], ...] = (
    (Step.MUNICIPALITY, "place_region", _("Give the region.")),
    (Step.MUNICIPALITY, "place_population", _("Give the number of inhabitants.")),
    (Step.PEOPLE, "contact_name", _("Name the contact person.")),
    (Step.PEOPLE, "contact_office", _("Give the office of the contact person.")),
    (Step.PEOPLE, "contact_email", _("Give the e-mail address of the contact person.")),
    (Step.PEOPLE, "deputy_name", _("Name the deputy.")),
    (Step.PEOPLE, "deputy_office", _("Give the office of the deputy.")),
    (Step.PEOPLE, "deputy_email", _("Give the e-mail address of the deputy.")),
    (Step.PEOPLE, "departments", _("Say which departments take part.")),
    (Step.PEOPLE, "sponsor", _("Say who in politics stands behind it.")),
    (Step.CHALLENGE, "challenge", _("Describe your challenge.")),
    (Step.CHALLENGE, "to_learn", _("Say what you want to learn.")),
    (Step.CHALLENGE, "to_offer", _("Say what you can offer.")),
    (Step.COOPERATION, "working_languages", _("Choose your working languages.")),
    (Step.COOPERATION, "hours_a_month", _("Give the working hours a month.")),
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing or implausible: in which step, at which field, and what to do."""

    step: str
    field: str
    words: Any
    #: Without it the application cannot be sent; else it is only a hint.
    is_blocking: bool = True

    @property
    def target(self) -> str:
        """Return where it is mended, as the form's buttons name it: ``step:field``."""
        return f"{self.step}:{self.field}"


@dataclass(frozen=True, slots=True)
class Checklist:
    """All gaps of an application, and how much of what must be there is there."""

    gaps: tuple[Gap, ...]
    hints: tuple[Gap, ...]
    completeness: int

    def of_step(self, step: str) -> list[Gap]:
        """Return the gaps of one step."""
        return [gap for gap in self.gaps if gap.step == step]


def check(application: Application) -> Checklist:
    """Return what is missing or implausible; reads topics, answers, files and consents."""
    found = list(_checks(application))
    gaps = tuple(gap for is_right, gap in found if gap.is_blocking and not is_right)
    hints = tuple(gap for is_right, gap in found if not gap.is_blocking and not is_right)
    needed = sum(gap.is_blocking for _is_right, gap in found)
    return Checklist(gaps, hints, 100 * (needed - len(gaps)) // needed)


def _checks(application: Application) -> Iterator[tuple[bool, Gap]]:
    """Yield each demand with whether it is met."""
    for step, field, words in REQUIRED:
        value = getattr(application, field)
        yield bool(value), Gap(step, field, words)
    yield from _texts(application)
    yield from _people(application)
    yield from _topics(application)
    yield from _cooperation(application)
    yield from _answers(application)
    for consent in application.call.consents.all():
        if consent.is_required:
            given = any(row.consent_id == consent.pk for row in application.agreements.all())
            short = Truncator(consent.text).words(8)
            words = _("Agree to this if you can: “%(consent)s”") % {"consent": short}
            yield given, Gap(Step.CONSENTS, f"consent-{consent.pk}", words)


def too_long(text: str, limit: int) -> str:
    """Return by how much a text is too long, in words; empty where it fits."""
    over = len(text) - limit
    if over <= 0:
        return ""
    return ngettext(
        "%(over)s character too long; %(limit)s are allowed.",
        "%(over)s characters too long; %(limit)s are allowed.",
        over,
    ) % {"over": over, "limit": limit}


def _texts(application: Application) -> Iterator[tuple[bool, Gap]]:
    labels = {
        **dict.fromkeys(("challenge", "to_learn", "to_offer"), Step.CHALLENGE),
        **dict.fromkeys(("preferences", "twinnings"), Step.COOPERATION),
        "departments": Step.PEOPLE,
    }
    for field, limit in LIMITS.items():
        over = too_long(getattr(application, field), limit)
        label = application._meta.get_field(field).verbose_name  # type: ignore[union-attr]
        # Only a text that is too long is a demand of its own; else it would count twice.
        if over:
            yield False, Gap(labels[field], field, f"{str(label).capitalize()}: {over}")
    short = 0 < len(application.challenge) < SHORTEST_CHALLENGE
    words = _("Your challenge is very short. What exactly is the problem, for whom, since when?")
    yield not short, Gap(Step.CHALLENGE, "challenge", words, is_blocking=False)


def _people(application: Application) -> Iterator[tuple[bool, Gap]]:
    contact, deputy = application.contact_email.lower(), application.deputy_email.lower()
    if contact and deputy:
        words = _("Contact person and deputy are the same. Name somebody else as deputy.")
        yield contact != deputy, Gap(Step.PEOPLE, "deputy_email", words)


def _topics(application: Application) -> Iterator[tuple[bool, Gap]]:
    rows = list(application.topics.all())
    asked = {
        Side.GIVES: _("Choose at least one topic on which you give."),
        Side.SEEKS: _("Choose at least one topic on which you seek."),
    }
    for side, words in asked.items():
        chosen = [row for row in rows if row.side == side and row.level]
        first = next(iter(topics_of(application)), None)
        field = topic_field(side, first, "level") if first else ""
        yield bool(chosen), Gap(Step.TOPICS, field, words)
        many = _("More than three topics on one side are hard to keep up. Which matter most?")
        few = len(chosen) <= MOST_TOPICS
        yield few, Gap(Step.TOPICS, field, many, is_blocking=False)
    for row in rows:
        part = "sentence" if row.level else "level"
        words = (
            _("Write a sentence about “%(topic)s” (%(side)s).")
            if row.level
            else _("Choose a level for “%(topic)s” (%(side)s).")
        )
        names = {"topic": row.topic, "side": row.get_side_display()}
        if not (row.level and row.sentence):
            yield False, Gap(Step.TOPICS, topic_field(row.side, row.topic, part), words % names)


def _cooperation(application: Application) -> Iterator[tuple[bool, Gap]]:
    call, hours = application.call, application.hours_a_month
    languages: list[str] = application.working_languages
    if languages and call.language_level:
        words = _("The call needs English (%(level)s). Who in your team speaks it?") % {
            "level": call.language_level
        }
        gap = Gap(Step.COOPERATION, "working_languages", words, is_blocking=False)
        yield "en" in languages, gap
    if hours and call.hours_a_month:
        few = _("The call counts on %(hours)s working hours a month; you gave fewer.") % {
            "hours": call.hours_a_month
        }
        gap = Gap(Step.COOPERATION, "hours_a_month", few, is_blocking=False)
        yield hours >= call.hours_a_month, gap
        many = _("That is more than a full post. Are these the hours of one month?")
        gap = Gap(Step.COOPERATION, "hours_a_month", many, is_blocking=False)
        yield hours <= MOST_HOURS, gap


def _answers(application: Application) -> Iterator[tuple[bool, Gap]]:
    texts = {row.question_id: row.text for row in application.answers.all()}
    for question in questions_of(application):
        text, field = texts.get(question.pk, ""), f"answer-{question.pk}"
        if question.is_required:
            words = _("Answer the question “%(question)s”.") % {"question": question}
            yield bool(text), Gap(Step.QUESTIONS, field, words)
        writes = question.kind in {QuestionKind.SHORT, QuestionKind.LONG}
        if writes and question.limit and (over := too_long(text, question.limit)):
            yield False, Gap(Step.QUESTIONS, field, f"{question}: {over}")
    files = {row.question_id for row in application.attachments.present()}
    for question in questions_of(application, files=True):
        if question.is_required:
            words = _("Attach the file: “%(question)s”.") % {"question": question}
            yield question.pk in files, Gap(Step.FILES, f"file-{question.pk}", words)
