"""Calls and applications as the tests need them: the smallest that can be sent."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from calls import actions
from calls.actions.application import renew
from calls.content import Values, marks_of, topic_field, values_of, write_values
from calls.enums import CallState, QuestionKind, Step
from calls.models import Application, ApplicationSave, Attachment, Call
from core.files import CheckedFile, FileKind
from municipalities.models import Municipality
from tests.factories import QuestionFactory, make_ready_call, make_user, sign_in

LONG = "Die Hitze in der Innenstadt trifft die Ältesten zuerst; Messwerte fehlen uns bisher ganz. "


def make_open_call(**fields: Any) -> Call:
    """Return an open call with one question of each kind, the choice and the text required."""
    call = make_ready_call(state=CallState.OPEN, **fields)
    QuestionFactory(call=call, kind=QuestionKind.LONG, limit=500, is_required=True)
    QuestionFactory(
        call=call,
        kind=QuestionKind.CHOICE,
        choices_de="beschlossen\ngeplant",
        choices_en="decided\nplanned",
        is_required=True,
    )
    QuestionFactory(call=call, kind=QuestionKind.NUMBER, limit=20, is_required=False)
    QuestionFactory(call=call, kind=QuestionKind.FILE, is_required=False)
    return call


def make_draft(
    call: Call | None = None,
    by: User | None = None,
    name: str = "",
    municipality: Municipality | None = None,
) -> Application:
    """Return a draft that was just begun."""
    return actions.begin_application(
        call=call or make_open_call(),
        municipality=municipality,
        name=name or f"Wörkheim {Application.objects.count()}",
        country="DE",
        by=by or make_user(),
    )


def full_values(application: Application) -> dict[str, Values]:
    """Return values for each step with which an application can be sent."""
    call = application.call
    topic = call.topics.first()
    long, choice, number, _file = call.questions.all()
    return {
        Step.MUNICIPALITY: {"place_region": "Hessen", "place_population": 20_000},
        Step.PEOPLE: {
            "contact_name": "Anke Ruland",
            "contact_office": "Stabsstelle Digitales",
            "contact_email": "ruland@woerkheim.example",
            "deputy_name": "Jan Pohl",
            "deputy_office": "Umweltamt",
            "deputy_email": "pohl@woerkheim.example",
            "departments": "Digitales und Umwelt.",
            "sponsor": "Bürgermeisterin",
        },
        Step.TOPICS: {
            topic_field("gives", topic, "level"): 2,
            topic_field("gives", topic, "sentence"): "Sensoren laufen seit zwei Jahren.",
            topic_field("seeks", topic, "level"): 3,
            topic_field("seeks", topic, "sentence"): "Wer liest die Werte?",
        },
        Step.CHALLENGE: {"challenge": LONG * 4, "to_learn": LONG, "to_offer": LONG},
        Step.COOPERATION: {"working_languages": ["de", "en"], "hours_a_month": 14},
        Step.QUESTIONS: {
            f"answer-{long.pk}": "Ein Vorhaben ist am Datenschutz gescheitert.",
            f"answer-{choice.pk}": "1",
            f"answer-{number.pk}": "3",
        },
        Step.CONSENTS: {f"consent-{row.pk}": True for row in call.consents.all()},
    }


def save(application: Application, step: str, by: User, **values: Any) -> actions.SavedStep:
    """Save values of a step as the form would right after it was opened."""
    fresh = Application.objects.get(pk=application.pk)
    return actions.save_step(
        application=fresh,
        step=step,
        values=values,
        opened_with=marks_of(values_of(fresh, step)),
        by=by,
    )


def fill(application: Application, by: User) -> Application:
    """Write every step, so that the application can be sent.

    It leaves what saving one step after the other leaves (tests/calls/test_submission.py asks for
    it), with one look at what is missing instead of one for each step.
    """
    fresh = Application.objects.get(pk=application.pk)
    for step, values in full_values(fresh).items():
        write_values(fresh, step, values, by)
        ApplicationSave.objects.create(
            application=fresh, step=step, saved_by=by, saved_at=timezone.now()
        )
    renew(application=fresh, by=by)
    return Application.objects.get(pk=application.pk)


def make_complete(
    call: Call | None = None, by: User | None = None, name: str = "", **place: Any
) -> Application:
    """Return a draft with which nothing is missing."""
    by = by or make_user()
    return fill(make_draft(call, by, name, **place), by)


def make_submitted(
    call: Call | None = None, by: User | None = None, name: str = "", **place: Any
) -> Application:
    """Return an application that was sent."""
    by = by or make_user()
    application = make_complete(call, by, name, **place)
    actions.submit_application(application=application, by=by)
    return Application.objects.get(pk=application.pk)


def editor_of(application: Application) -> User:
    """Return who began it."""
    assert application.begun_by is not None
    return application.begun_by


def checked_file(content: bytes = b"%PDF-1.7 ...", name: str = "Beschluss.pdf") -> CheckedFile:
    """Return a file as if it had been checked."""
    return CheckedFile(
        name, FileKind.PDF, content, len(content), hashlib.sha256(content).hexdigest()
    )


def attach(application: Application, content: bytes = b"%PDF-1.7 ...") -> Attachment:
    """Attach a file as who began the application."""
    return actions.attach_file(
        application=application, file=checked_file(content), by=editor_of(application)
    )


def client_of(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    sign_in(client, user)
    return client


def just_before(call: Call) -> dt.datetime:
    """Return the last second before the deadline."""
    return (call.closes_at or timezone.now()) - dt.timedelta(seconds=1)


def address(application: Application, *parts: Any) -> str:
    """Return the address of a page of the application, in German."""
    path = "/".join(str(part) for part in parts)
    base = f"/de/calls/{application.call.slug}/apply/{application.key}/"
    return f"{base}{path}/" if path else base
