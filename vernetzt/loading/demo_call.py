"""An open call with invented applications, made through the actions as people would make them.

All municipalities and people in it are invented; the applications say so by ``is_demo``.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import transaction
from django.utils import timezone, translation

from accounts.actions import prepare_demo_account
from accounts.backends import DEMO_DOMAIN
from accounts.models import User
from calls import actions
from calls.content import Values, marks_of, topic_field, values_of
from calls.enums import CallKind, CallState, Step
from calls.models import Answer, Application, Call, Consent, Criterion, Question
from core.outbox import silence
from municipalities.models import Topic

LANGUAGES = ("de", "en")
#: Of each twelve applications: the last is only begun, the one before was taken up again.
ROUND = 12


def load_demo_call(call_data: dict[str, Any], applications: list[dict[str, Any]], by: Any) -> Call:
    """Make the call and its applications, all or nothing; return the call."""
    # Receipts are made when the transaction ends: within the silence.
    with silence(), translation.override("de"), transaction.atomic():
        call = make_call(call_data, by)
        opens = call.opens_at or timezone.now()
        length = min(timezone.now(), call.closes_at or timezone.now()) - opens
        for number, entry in enumerate(applications):
            # Spread over the days since the opening, closer together towards the end.
            share = (number + 1) / (len(applications) + 1)
            begun = opens + length * share**0.7 * 0.9
            make_application(call, entry, number, begun)
    return call


def i18n(name: str, texts: dict[str, str]) -> dict[str, str]:
    """Return the values of a field kept per language."""
    return {f"{name}_{code}": texts[code] for code in LANGUAGES}


def make_call(data: dict[str, Any], by: Any) -> Call:
    """Make the call with everything that it takes, and open it."""
    today, zone = timezone.localdate(), zoneinfo.ZoneInfo(data["time_zone"])
    closes = today + dt.timedelta(days=data["closes_in_days"])
    opens = today - dt.timedelta(days=data["open_for_days"])
    numbers = (
        *("partnerships", "places_german", "places_european", "hours_a_month", "months", "trips"),
        *("grace_minutes", "language_level", "time_zone", "slug"),
    )
    texts = ("title", "summary", "description", "afterwards", "contact", "documents_needed")
    call = Call(
        kind=CallKind.APPLICATION,
        opens_at=dt.datetime.combine(opens, dt.time(9), tzinfo=zone),
        closes_at=dt.datetime.combine(closes, dt.time.fromisoformat(data["closes_at"]), zone),
        **{name: data[name] for name in numbers},
    )
    for name in texts:
        for field, text in i18n(name, data[name]).items():
            setattr(call, field, text)
    actions.create_call(call=call, by=by)
    call.topics.set(Topic.objects.filter(key__in=data["topics"]))
    for position, row in enumerate(data["criteria"]):
        steps = {
            f"step_{step}_{code}": row["steps"][code][step]
            for code in LANGUAGES
            for step in range(6)
        }
        Criterion.objects.create(
            call=call,
            position=position,
            weight=row["weight"],
            **i18n("name", row["name"]),
            **steps,
        )
    for position, row in enumerate(data["questions"]):
        choices = {
            f"choices_{code}": "\n".join(row["choices"][code])
            for code in LANGUAGES
            if "choices" in row
        }
        Question.objects.create(
            call=call,
            position=position,
            kind=row["kind"],
            is_required=row["is_required"],
            limit=row.get("limit"),
            reader=row["reader"],
            **i18n("text", row["text"]),
            **(i18n("hint", row["hint"]) if "hint" in row else {}),
            **choices,
        )
    for position, row in enumerate(data["consents"]):
        Consent.objects.create(
            call=call,
            position=position,
            is_required=row["is_required"],
            **i18n("text", row["text"]),
        )
    for position, row in enumerate(data["answers"]):
        Answer.objects.create(
            call=call,
            position=position,
            **i18n("question", row["question"]),
            **i18n("text", row["text"]),
        )
    with at(call.opens_at or timezone.now()):
        opened = actions.change_call_state(call=call, state=CallState.OPEN, by=by)
    # The keys of the questions and of their choices are known to the data alone.
    opened.question_data = data["questions"]  # type: ignore[attr-defined]
    return opened


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Let the actions within believe that it is ``moment``: a history needs different days.

    The clock behind ``timezone.now`` is exchanged, not that function: columns whose default it is
    keep the function itself.
    """

    class Stopped(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return moment.astimezone(tz)

    with mock.patch("django.utils.timezone.datetime", Stopped):
        yield


def make_application(
    call: Call, entry: dict[str, Any], number: int, begun: dt.datetime
) -> Application:
    """Write one application step by step, and send it unless it is one of those that wait."""
    person = prepare_demo_account(
        email=f"applicant.{number + 1:02d}@{DEMO_DOMAIN}",
        name=entry["contact"]["name"],
        password="",
        language="de" if entry["language"] == "de" else "en",
        by=None,
    )
    place = number % ROUND
    with at(begun):
        application = actions.begin_application(
            call=call, name=entry["name"], country=entry["country"], by=person
        )
        Application.objects.filter(pk=application.pk).update(is_demo=True)
    contents = contents_of(call, entry, number)
    # The last of a round has got no further than the second step.
    steps = list(contents.items())[:3] if place == ROUND - 1 else list(contents.items())
    for step, values in steps:
        begun += dt.timedelta(minutes=25)
        with at(min(begun, timezone.now())):
            write(application, step, values, person)
    if place != ROUND - 1:
        with at(min(begun + dt.timedelta(days=1), timezone.now())):
            actions.submit_application(application=application, by=person)
    if place == ROUND - 2:
        with at(min(begun + dt.timedelta(days=2), timezone.now())):
            actions.reopen_application(application=application, by=person)
    return application


def write(application: Application, step: str, values: Values, person: User) -> None:
    """Save the values of a step as the form would send them."""
    fresh = Application.objects.get(pk=application.pk)
    stored = values_of(fresh, step)
    actions.save_step(
        application=fresh, step=step, values=values, opened_with=marks_of(stored), by=person
    )


def contents_of(call: Call, entry: dict[str, Any], number: int) -> dict[str, Values]:
    """Return what the entry says in each step."""
    topics = {topic.key: topic for topic in call.topics.all()}
    table: Values = {}
    for side in ("gives", "seeks"):
        for row in entry[side]:
            table[topic_field(side, topics[row["topic"]], "level")] = row["level"]
            table[topic_field(side, topics[row["topic"]], "sentence")] = row["sentence"]
    answers: Values = {}
    rows = call.questions.all()
    for question, about in zip(rows, call.question_data, strict=True):  # type: ignore[attr-defined]
        if about["kind"] == "choice":
            answers[f"answer-{question.pk}"] = str(about["options"].index(entry[about["key"]]))
        elif about["kind"] != "file":
            answers[f"answer-{question.pk}"] = str(entry[about["key"]])
    consents = {f"consent-{row.pk}": True for row in call.consents.all()}
    return {
        Step.MUNICIPALITY: {
            "place_region": entry["region"],
            "place_population": entry["population"],
        },
        Step.PEOPLE: {
            "contact_name": entry["contact"]["name"],
            "contact_office": entry["contact"]["office"],
            "contact_email": f"applicant.{number + 1:02d}@{DEMO_DOMAIN}",
            "deputy_name": entry["deputy"]["name"],
            "deputy_office": entry["deputy"]["office"],
            "deputy_email": f"applicant.{number + 1:02d}.deputy@{DEMO_DOMAIN}",
            "departments": entry["departments"],
            "sponsor": entry["sponsor"],
        },
        Step.TOPICS: table,
        Step.CHALLENGE: {name: entry[name] for name in ("challenge", "to_learn", "to_offer")},
        Step.COOPERATION: {
            name: entry[name]
            for name in ("working_languages", "hours_a_month", "preferences", "twinnings")
        },
        Step.QUESTIONS: answers,
        Step.CONSENTS: consents,
    }
