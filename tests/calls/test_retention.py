"""What becomes of applications, and of people in them, when their time is over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.actions import erase_person
from calls import actions
from calls.data import applications_of
from calls.models import Application
from tests.applications import attach, editor_of, make_draft, make_open_call, make_submitted
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_what_was_not_sent_goes_half_a_year_after_the_deadline(time_machine):
    call = make_open_call()
    make_draft(call)
    withdrawn = make_submitted(call)
    actions.withdraw_application(application=withdrawn, by=editor_of(withdrawn))
    kept = make_submitted(call)
    reopened = make_submitted(call)
    actions.reopen_application(application=reopened, by=editor_of(reopened))

    time_machine.move_to(call.closes_at + dt.timedelta(days=180), tick=False)
    assert actions.delete_unsent_applications() == 0
    time_machine.move_to(call.closes_at + dt.timedelta(days=180, seconds=1), tick=False)
    assert actions.delete_unsent_applications() == 2

    assert set(Application.objects.all()) == {kept, reopened}


def test_erased_person_leaves_and_a_lonely_draft_goes_along():
    person, colleague = make_user(), make_user()
    lonely = make_draft(by=person)
    attach(lonely)
    shared = make_draft(by=person)
    shared.editors.create(user=colleague, email=colleague.email, joined_at=timezone.now())
    sent = make_submitted(by=person)

    erase_person(user=person, by=person)

    assert set(Application.objects.all()) == {shared, sent}
    assert shared.editors.get().user == colleague
    assert not sent.editors.exists()


def test_own_data_names_what_somebody_writes_and_where_somebody_is_named():
    person = make_user()
    application = make_submitted(by=person)
    other = make_draft()
    Application.objects.filter(pk=other.pk).update(deputy_email=person.email.upper())

    own, named = applications_of(person)

    assert (own["application"], own["versions_sent"]) == (str(application), 1)
    assert [row["text"] for row in own["consents_given"]] == [
        application.call.consents.get().text_de
    ]
    assert (named["application"], named["named_as"]) == (str(other), "deputy")
    assert applications_of(make_user()) == []
