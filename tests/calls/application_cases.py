"""Cases for the constraints of applications and what hangs on them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from calls.models import (
    Agreement,
    ApplicationAnswer,
    ApplicationEditor,
    ApplicationSave,
    ApplicationTopic,
    Attachment,
    Submission,
)
from tests.applications import make_draft, make_open_call, make_submitted
from tests.constraints import Arranged, Case, Fields
from tests.factories import make_user


def draft(*, refused: Fields, allowed: Fields) -> Any:
    """Arrange a draft."""
    return lambda: Arranged(make_draft(), refused, allowed)


def two_drafts() -> Arranged:
    """Arrange two drafts of one call."""
    call = make_open_call()
    first, second = make_draft(call), make_draft(call)
    taken = {"place_key": first.place_key}
    return Arranged(second, taken, {**taken, "state": "withdrawn"})


def two_submitted() -> Arranged:
    """Arrange two applications with references."""
    first, second = make_submitted(), make_submitted()
    return Arranged(second, {"reference": first.reference}, {"reference": "2027-9-999"})


def sent_without() -> Arranged:
    """Arrange an application that was sent."""
    row = make_submitted()
    return Arranged(row, {"reference": ""}, {"reference": "", "state": "withdrawn"})


def editors(refused_field: str) -> Any:
    """Arrange two editors of one application."""

    def arrange() -> Arranged:
        application = make_draft()
        first = application.editors.get()
        person = make_user()
        second = ApplicationEditor.objects.create(
            application=application, user=person, email=person.email, joined_at=timezone.now()
        )
        other = {"email": "frei@example.org", "user": make_user()}
        taken = {"email": first.email, "user": first.user}
        return Arranged(
            second,
            {refused_field: taken[refused_field]},
            {refused_field: other[refused_field]},
        )

    return arrange


def waiting_editor() -> Arranged:
    """Arrange somebody who was invited."""
    row = ApplicationEditor.objects.create(application=make_draft(), email="neu@example.org")
    joined = {"user": make_user(), "joined_at": timezone.now()}
    return Arranged(row, {"joined_at": timezone.now()}, joined)


def topic(*, refused: Fields, allowed: Fields) -> Any:
    """Arrange a topic on which the municipality gives."""

    def arrange() -> Arranged:
        application = make_draft()
        row = ApplicationTopic.objects.create(
            application=application, topic=application.call.topics.get(), side="gives", level=1
        )
        return Arranged(row, refused, allowed)

    return arrange


def topic_twice() -> Arranged:
    """Arrange the same topic on both sides."""
    application = make_draft()
    rows = [
        ApplicationTopic.objects.create(
            application=application, topic=application.call.topics.get(), side=side
        )
        for side in ("gives", "seeks")
    ]
    return Arranged(rows[1], {"side": "gives"}, {"side": "gives", "application": make_draft()})


def save(*, refused: Fields, allowed: Fields) -> Any:
    """Arrange a saved step."""

    def arrange() -> Arranged:
        row = ApplicationSave.objects.create(
            application=make_draft(), step="people", saved_at=timezone.now()
        )
        return Arranged(row, refused, allowed)

    return arrange


def save_twice() -> Arranged:
    """Arrange two saved steps of one application."""
    application = make_draft()
    rows = [
        ApplicationSave.objects.create(application=application, step=step, saved_at=timezone.now())
        for step in ("people", "topics")
    ]
    return Arranged(rows[1], {"step": "people"}, {"step": "challenge"})


def answer_twice() -> Arranged:
    """Arrange the answers to two questions."""
    application = make_draft()
    questions = list(application.call.questions.all())
    rows = [
        ApplicationAnswer.objects.create(application=application, question=question)
        for question in questions[:2]
    ]
    return Arranged(rows[1], {"question": questions[0]}, {"question": questions[2]})


def agreement_twice() -> Arranged:
    """Arrange the same consent in two applications."""
    call = make_open_call()
    consent = call.consents.get()
    rows = [
        Agreement.objects.create(
            application=make_draft(call), consent=consent, text="Ja.", language="de"
        )
        for _number in range(2)
    ]
    taken = {"application": rows[0].application}
    return Arranged(rows[1], taken, {"application": make_draft(call)})


def attachment(**fields: Any) -> Attachment:
    """Return a file of an application."""
    values = {"file": "ab/cd/ef", "name": "a.pdf", "kind": "pdf", "size": 3, "sha256": "0" * 64}
    return Attachment.objects.create(**{"application": make_draft(), **values, **fields})


def file(*, refused: Fields, allowed: Fields) -> Any:
    """Arrange a file."""
    return lambda: Arranged(attachment(), refused, allowed)


def file_twice() -> Arranged:
    """Arrange two files of one application."""
    first = attachment()
    second = attachment(application=first.application, sha256="1" * 64)
    taken = {"sha256": first.sha256}
    return Arranged(second, taken, {**taken, "removed_at": timezone.now()})


def version_twice() -> Arranged:
    """Arrange two versions of one application."""
    application = make_draft()
    rows = [
        Submission.objects.create(
            application=application,
            number=number,
            document={},
            sha256="0" * 64,
            sent_at=timezone.now(),
        )
        for number in (1, 2)
    ]
    return Arranged(rows[1], {"number": 1}, {"number": 3})


APPLICATION_CASES = [
    Case(
        "municipality_applies_once_to_a_call",
        "There is already an application of this municipality to this call.",
        two_drafts,
    ),
    Case("application_has_its_own_reference", "This reference number is taken.", two_submitted),
    Case(
        "application_state_is_known",
        "Choose the state of the application.",
        draft(refused={"state": "lost"}, allowed={"state": "withdrawn"}),
    ),
    Case(
        "application_comes_from_europe",
        "Choose a European country.",
        draft(refused={"place_country": "US"}, allowed={"place_country": "UA"}),
    ),
    Case(
        "sent_application_has_moment_and_reference",
        "A submitted application needs moment and reference.",
        sent_without,
    ),
    Case(
        "application_is_at_most_complete",
        "Completeness lies between 0 and 100 per cent.",
        draft(refused={"completeness": 101}, allowed={"completeness": 100}),
    ),
    Case(
        "application_editor_is_named_once",
        "This person is already invited.",
        editors("email"),
    ),
    Case(
        "application_editor_joins_once",
        "This person already writes this application.",
        editors("user"),
    ),
    Case(
        "application_editor_joins_as_a_person",
        "Who has joined needs an account, and the moment.",
        waiting_editor,
    ),
    Case("application_topic_is_named_once", "This topic is already named.", topic_twice),
    Case(
        "application_topic_level_is_known",
        "Choose a level from 1 to 3.",
        topic(refused={"level": 4}, allowed={"level": None}),
    ),
    Case(
        "application_topic_side_is_known",
        "Choose whether the municipality gives or seeks.",
        topic(refused={"side": "takes"}, allowed={"side": "seeks"}),
    ),
    Case("application_step_is_noted_once", "This step is already noted.", save_twice),
    Case(
        "application_step_is_known",
        "Choose a step of the form.",
        save(refused={"step": "letters"}, allowed={"step": "files"}),
    ),
    Case(
        "application_answers_a_question_once",
        "This question is already answered.",
        answer_twice,
    ),
    Case(
        "application_agrees_to_a_consent_once",
        "This consent is already given.",
        agreement_twice,
    ),
    Case("application_holds_a_file_once", "This file is already there.", file_twice),
    Case(
        "attachment_kind_is_known",
        "Choose the kind of file.",
        file(refused={"kind": "exe"}, allowed={"kind": "odt"}),
    ),
    Case(
        "attachment_is_not_empty",
        "The file is empty.",
        file(refused={"size": 0}, allowed={"size": 1}),
    ),
    Case("submission_has_its_own_number", "This version exists already.", version_twice),
]
