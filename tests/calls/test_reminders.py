"""Reminding of the deadline: whom, what the mail says, once each whatever happens."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation
from post_office.models import Email

from accounts.enums import UserRole
from calls import actions, mails
from calls.actions import Obstacle
from calls.actions.reminders import PAUSE
from calls.models import Application, ApplicationEditor
from core.models import StatusChange
from tests.applications import (
    editor_of,
    just_before,
    make_complete,
    make_draft,
    make_open_call,
    make_submitted,
)
from tests.factories import make_user
from tests.races import act_at_once

pytestmark = pytest.mark.django_db


def reminders():
    """Return the rows of the history, the oldest first."""
    return StatusChange.objects.filter(field="reminder").order_by("pk")


def recipients():
    return sorted(mail.to[0] for mail in Email.objects.all())


def remind(*applications, by=None):
    return actions.remind(applications=applications, by=by or make_user("coordinator"))


def colleague_of(application, **fields):
    """Return somebody who writes along."""
    person = make_user()
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()
    ApplicationEditor.objects.create(
        application=application, user=person, email=person.email, joined_at=timezone.now()
    )
    return person


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_everybody_who_writes_is_reminded_in_their_own_language(role):
    application, by = make_draft(name="Wörkheim"), make_user(role)
    german, english = editor_of(application), colleague_of(application, language="en")
    colleague_of(application, is_active=False)
    ApplicationEditor.objects.create(application=application, email="eingeladen@example.org")
    make_draft(application.call)  # another city's
    asked = application.call.questions.first()

    outcome = remind(application, by=by)

    assert outcome == actions.Reminders((application,), 2, ())
    assert recipients() == sorted([german.email, english.email])
    texts = {mail.to[0]: mail.message for mail in Email.objects.all()}
    in_german, in_english = texts[german.email], texts[english.email]
    assert "- Nennen Sie die Vertretung." in in_german
    assert f"- Beantworten Sie die Frage „{asked.text_de}“." in in_german
    assert "/de/calls/" in in_german
    assert "- Name the deputy." in in_english
    assert f"- Answer the question “{asked.text_en}”." in in_english
    assert "/en/calls/" in in_english
    row = reminders().get()
    assert (row.subject, row.old, row.new, row.changed_by) == (application, "", "sent", by)
    application.refresh_from_db()
    assert application.state == "draft"


def test_who_lacks_nothing_only_has_to_send_and_who_revises_reads_what_counts():
    complete, revised = make_complete(), make_submitted()
    actions.reopen_application(application=revised, by=editor_of(revised))
    Email.objects.all().delete()

    remind(complete, revised)

    texts = {mail.to[0]: mail.message for mail in Email.objects.all()}
    assert "Sie müssen sie nur noch abgeben" in texts[editor_of(complete).email]
    assert "wieder aufgenommen" in texts[editor_of(revised).email]


@pytest.mark.parametrize("role", [None, *set(UserRole) - {"coordinator", "bbsr"}])
def test_nobody_else_may_remind(role):
    application, person = make_draft(), make_user(role)

    with pytest.raises(PermissionDenied):
        remind(application, by=person)
    with pytest.raises(PermissionDenied):
        actions.obstacles_to_reminding(applications=[application], by=person)

    assert not Email.objects.exists()


def withdrawn():
    application = make_draft()
    actions.withdraw_application(application=application, by=editor_of(application))
    return application


def of_nobody():
    application = make_draft()
    person = editor_of(application)
    person.is_active = False
    person.save()
    return application


def of_closed_call():
    application = make_draft()
    application.call.state = "closed"
    application.call.save()
    return application


LEFT_OUT = {
    "sent": (make_submitted, Obstacle.SENT),
    "withdrawn": (withdrawn, Obstacle.SENT),
    "nobody": (of_nobody, Obstacle.ALONE),
    "closed": (of_closed_call, Obstacle.DEADLINE),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_who_cannot_be_reminded_is_left_out_with_the_reason(case):
    arrange, reason = LEFT_OUT[case]
    left, other = arrange(), make_draft()
    Email.objects.all().delete()
    left = Application.objects.select_related("call").get(pk=left.pk)
    by = make_user("coordinator")

    against = actions.obstacles_to_reminding(applications=[left, other], by=by)
    outcome = remind(left, other, by=by)

    assert against == {left.pk: reason, other.pk: None}
    assert outcome.left_out == ((left, reason),)
    assert outcome.reminded == (other,)
    assert recipients() == [editor_of(other).email]
    assert [row.subject for row in reminders()] == [other]


@pytest.mark.parametrize(("seconds", "expected"), [(0, 1), (1, 0)])
def test_last_second_before_the_deadline_counts_and_none_after_it(time_machine, seconds, expected):
    application = make_draft()
    moment = just_before(application.call) + dt.timedelta(seconds=seconds)
    by = make_user("coordinator")
    time_machine.move_to(moment, tick=False)

    outcome = remind(application, by=by)

    assert len(outcome.reminded) == Email.objects.count() == expected


@pytest.mark.parametrize(("pause", "expected"), [(PAUSE - dt.timedelta(seconds=1), 1), (PAUSE, 2)])
def test_application_is_reminded_once_in_24_hours(time_machine, pause, expected):
    application, by = make_draft(), make_user("coordinator")
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    remind(application, by=by)
    time_machine.move_to(start + pause, tick=False)

    against = actions.obstacles_to_reminding(applications=[application], by=by)
    outcome = remind(application, by=make_user("bbsr"))

    assert reminders().count() == Email.objects.count() == expected
    again = None if expected == 2 else Obstacle.REMINDED
    assert against == {application.pk: again}
    assert outcome.left_out == (() if expected == 2 else ((application, Obstacle.REMINDED),))


def test_crash_in_the_middle_leaves_each_whole_and_the_rest_for_the_next_time(monkeypatch):
    call = make_open_call()
    first, second, third = (make_draft(call) for _ in range(3))
    colleague_of(second)
    real = mails.tell

    def breaks(template, application, **context):
        written = real(template, application, **context)
        if application.pk == second.pk:
            raise OSError("gone")  # after its mails, before its row
        return written

    monkeypatch.setattr(mails, "tell", breaks)
    with pytest.raises(OSError, match="gone"):
        remind(first, second, third)
    assert [row.subject for row in reminders()] == [first]
    assert recipients() == [editor_of(first).email]
    monkeypatch.undo()

    outcome = remind(first, second, third)

    assert outcome.left_out == ((first, Obstacle.REMINDED),)
    assert [row.subject for row in reminders()] == [first, second, third]
    assert Email.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_at_once_remind_once():
    application = make_draft()
    people = [make_user("coordinator"), make_user("coordinator")]

    first, second = act_at_once(*(lambda by=by: remind(application, by=by) for by in people))

    assert first.reminded == (application,)
    assert second.left_out == ((application, Obstacle.REMINDED),)
    assert reminders().count() == Email.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_sends_at_the_same_moment_is_not_reminded():
    application = make_complete()
    by, coordinator = editor_of(application), make_user("coordinator")

    _sent, outcome = act_at_once(
        lambda: actions.submit_application(application=application, by=by),
        lambda: remind(application, by=coordinator),
    )

    assert outcome.left_out == ((application, Obstacle.SENT),)
    assert not reminders().exists()


@pytest.mark.parametrize("rows", [1, 30])
def test_looking_for_obstacles_asks_as_often_for_one_as_for_thirty(rows, django_assert_num_queries):
    call = make_open_call()
    drafts = [make_draft(call) for _ in range(rows)]
    by = make_user("coordinator")
    assert by.roles

    with django_assert_num_queries(2):
        actions.obstacles_to_reminding(applications=drafts, by=by)


def test_missing_sentences_are_spoken_in_the_language_of_the_moment():
    """The list is made once for all people of an application."""
    application, told = make_draft(), []

    def note(_template, _application, missing):
        for code in ("de", "en"):
            with translation.override(code):
                told.append(str(missing[0]))
        return 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mails, "tell", note)
        remind(application)

    assert told == ["Geben Sie die Region an.", "Give the region."]
