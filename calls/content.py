"""What an application says, as plain values: read, written, compared and frozen.

Each step of the form has named values. A value is text, a number, a truth or a list of texts, so
that it can be compared with what another editor saved, and kept as JSON.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from calls.enums import QuestionKind, Side, Step
from calls.models import (
    Agreement,
    Application,
    ApplicationAnswer,
    ApplicationTopic,
    Attachment,
    Question,
)
from core.text import normalise_for_search
from municipalities.models import Municipality, Topic

Values = dict[str, Any]

#: Step → the columns of :class:`Application` that it fills.
COLUMNS: dict[str, tuple[str, ...]] = {
    Step.MUNICIPALITY: (
        *("place_name", "place_country", "place_region", "place_population", "place_website"),
    ),
    Step.PEOPLE: (
        *("contact_name", "contact_office", "contact_email", "contact_phone"),
        *("deputy_name", "deputy_office", "deputy_email", "departments", "sponsor"),
    ),
    Step.CHALLENGE: ("challenge", "to_learn", "to_offer"),
    Step.COOPERATION: ("working_languages", "hours_a_month", "preferences", "twinnings"),
}
#: What a municipality of the register brings along and an application does not change.
FIXED = ("place_name", "place_country")


def place_key(municipality: Municipality | None, name: str, country: str) -> str:
    """Return what tells municipalities apart: the entry in the register, else country and name."""
    if municipality is not None:
        return f"register:{municipality.pk}"
    return f"{country}:{normalise_for_search(name)}"[:180]


def topic_field(side: str, topic: Topic, part: str) -> str:
    """Return the name of a value of the table: ``gives-mobility-level``, ``…-sentence``."""
    return f"{side}-{topic.key}-{part}"


def topics_of(application: Application) -> list[Topic]:
    """Return the topics that the call offers, by name in the reader's language."""
    return application.call.topics.all().by_name()


def questions_of(application: Application, *, files: bool = False) -> list[Question]:
    """Return the call's questions that are answered in writing, or by a file."""
    rows = application.call.questions.all()
    return [row for row in rows if (row.kind == QuestionKind.FILE) == files]


def values_of(application: Application, step: str) -> Values:
    """Return the stored values of a step."""
    if step in COLUMNS:
        return {name: getattr(application, name) for name in COLUMNS[step]}
    if step == Step.TOPICS:
        found: Values = {}
        rows = {(row.side, row.topic_id): row for row in _rows(application, "topics")}
        for topic in topics_of(application):
            for side in Side.values:
                row = rows.get((side, topic.pk))
                found[topic_field(side, topic, "level")] = row.level if row else None
                found[topic_field(side, topic, "sentence")] = row.sentence if row else ""
        return found
    if step == Step.QUESTIONS:
        texts = {row.question_id: row.text for row in _rows(application, "answers")}
        return {f"answer-{row.pk}": texts.get(row.pk, "") for row in questions_of(application)}
    if step == Step.CONSENTS:
        given = {row.consent_id for row in _rows(application, "agreements")}
        return {f"consent-{row.pk}": row.pk in given for row in application.call.consents.all()}
    return {}


def _rows(application: Application, name: str) -> Iterable[Any]:
    """Return what hangs on an application; on the blank one of the public page hangs nothing."""
    return getattr(application, name).all() if application.pk else ()


def mark_of(value: Any) -> str:
    """Return a short mark of a value: the form carries it to tell what it was opened with."""
    plain = "" if value is None else value
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def marks_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the mark of each value."""
    return {name: mark_of(value) for name, value in values.items()}


def merge(
    stored: Mapping[str, Any], typed: Mapping[str, Any], opened: Mapping[str, str]
) -> tuple[Values, Values]:
    """Return what to write, and what stands against it: the stored values of fields in conflict.

    ``opened`` holds the marks of what the form was opened with. A field that only one of two
    editors changed takes the change; one that both changed differently is left as it is stored.
    """
    write: Values = {}
    conflicts: Values = {}
    for name, value in typed.items():
        mine, theirs = mark_of(value), mark_of(stored.get(name))
        if mine == theirs or mine == opened.get(name):
            continue
        if theirs == opened.get(name):
            write[name] = value
        else:
            conflicts[name] = stored.get(name)
    return write, conflicts


def write_values(application: Application, step: str, values: Values, by: Any) -> None:
    """Write values of a step; the caller holds the lock and saves the application itself."""
    fixed = FIXED if application.municipality_id else ()
    for name in COLUMNS.get(step, ()):
        if name in values and name not in fixed:
            setattr(application, name, values[name])
    if step == Step.TOPICS:
        _write_topics(application, values)
    if step == Step.QUESTIONS:
        _write_answers(application, values)
    if step == Step.CONSENTS:
        _write_agreements(application, values, by)


def _write_answers(application: Application, values: Values) -> None:
    for question in questions_of(application):
        if (text := values.get(f"answer-{question.pk}")) is not None:
            ApplicationAnswer.objects.update_or_create(
                application=application, question=question, defaults={"text": text}
            )


def _write_topics(application: Application, values: Values) -> None:
    for topic in topics_of(application):
        for side in Side.values:
            names = {part: topic_field(side, topic, part) for part in ("level", "sentence")}
            if changed := {part: values[name] for part, name in names.items() if name in values}:
                row, _new = ApplicationTopic.objects.update_or_create(
                    application=application, topic=topic, side=side, defaults=changed
                )
                if row.level is None and not row.sentence:
                    row.delete()


def _write_agreements(application: Application, values: Values, by: Any) -> None:
    for consent in application.call.consents.all():
        given = values.get(f"consent-{consent.pk}")
        held = Agreement.objects.filter(application=application, consent=consent)
        if given is False:
            held.delete()
        elif given and not held.exists():
            Agreement.objects.create(
                application=application,
                consent=consent,
                text=consent.text,
                language=get_language() or "de",
                given_by=by,
                given_at=timezone.now(),
            )


def frozen(application: Application, *, number: int, sent_at: dt.datetime, by: Any) -> Values:
    """Return everything that is sent, as plain data that needs no other row to be understood.

    Labels of our own form are not in it: they belong to the reader's language. What the call asked
    is in it, in both languages, because it could not be known otherwise later.
    """
    call = application.call
    return {
        "number": number,
        "reference": application.reference,
        "sent_at": sent_at.isoformat(),
        "sent_by": str(by),
        "call": {
            "slug": call.slug,
            "title": {language: _text(call, "title", language) for language in ("de", "en")},
            "closes_at": call.closes_at.isoformat() if call.closes_at else "",
            "time_zone": call.time_zone,
        },
        "register": application.municipality.slug if application.municipality else "",
        **{str(step): values_of(application, step) for step in COLUMNS},
        "topics": [
            {
                "topic": row.topic.key,
                "name": {code: _text(row.topic, "name", code) for code in ("de", "en")},
                "side": row.side,
                "level": row.level,
                "sentence": row.sentence,
            }
            for row in application.topics.all()
        ],
        "questions": _frozen_answers(application),
        "files": [_frozen_file(row) for row in application.attachments.present()],
        "consents": [
            {"text": row.text, "language": row.language, "given_at": row.given_at.isoformat()}
            for row in application.agreements.all()
        ],
    }


def _frozen_answers(application: Application) -> list[Values]:
    texts = {row.question_id: row.text for row in application.answers.all()}
    return [
        {
            "question": {code: _text(row, "text", code) for code in ("de", "en")},
            "kind": row.kind,
            "reader": row.reader,
            "answer": _shown_answer(row, texts.get(row.pk, "")),
        }
        for row in questions_of(application)
    ]


def _shown_answer(question: Question, text: str) -> Any:
    """Return the answer as it was read: of a choice the words in both languages."""
    if question.kind != QuestionKind.CHOICE or not text:
        return text
    return {code: choice_text(question, text, code) for code in ("de", "en")}


def choice_text(question: Question, value: str, language: str) -> str:
    """Return the words of a choice; ``value`` is its number in the list, from 0."""
    lines = _text(question, "choices", language).splitlines()
    return lines[int(value)].strip() if value.isdigit() and int(value) < len(lines) else ""


def _frozen_file(row: Attachment) -> Values:
    return {
        "key": str(row.key),
        "name": row.name,
        "kind": row.kind,
        "size": row.size,
        "sha256": row.sha256,
        "question": row.question_id,
    }


def _text(record: Any, field: str, language: str) -> str:
    """Return a text in one language, or in the other where it has none."""
    other = "en" if language == "de" else "de"
    return getattr(record, f"{field}_{language}") or getattr(record, f"{field}_{other}") or ""


def blank(name: str) -> Any:
    """Return the value of a column of an application in which nothing was written."""
    return Application._meta.get_field(name).get_default()  # type: ignore[union-attr]


def emptied(document: Values) -> Values:
    """Return what was sent without texts, people, answers and files, in the same form.

    Name, country and inhabitants of the municipality stay, and the topics with their levels.
    """
    stays = ("number", "reference", "sent_at", "call", "register")
    place = document.get(Step.MUNICIPALITY, {})
    kept = {name: place.get(name) for name in ("place_name", "place_country", "place_population")}
    steps = {str(step): {name: blank(name) for name in names} for step, names in COLUMNS.items()}
    steps[str(Step.MUNICIPALITY)] |= kept
    return {
        **{name: document[name] for name in stays if name in document},
        **steps,
        "sent_by": "",
        "topics": [{**row, "sentence": ""} for row in document.get("topics", [])],
        "questions": [],
        "files": [],
        "consents": [],
    }


def checksum(document: Values) -> str:
    """Return the SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def touch(application: Application) -> None:
    """Note that the application changed now."""
    application.changed_at = timezone.now()
