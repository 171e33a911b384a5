"""Who was not chosen is forgotten in time: texts, people and files, never the decision."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from accounts.actions import erase_person
from calls import actions
from calls.data import IN_SELECTIONS, selection_of
from calls.models import (
    Application,
    Attachment,
    Decision,
    DiscussionNote,
    Letter,
    ListEntry,
    Offer,
    Pairing,
    PairingConsent,
    PairRule,
    Review,
    ReviewAssignment,
    SelectionList,
    SelectionSession,
    SessionParticipant,
)
from core.actions import note_change
from core.management.commands.run_jobs import delete_old_mails
from core.models import StatusChange
from tests.applications import attach, editor_of
from tests.calls.desk import desk
from tests.calls.selection_cases import session
from tests.factories import UserFactory, make_user
from tests.selection import (
    applications_of,
    assign_free,
    declare,
    filed,
    make_call_in_review,
    make_reviewer,
)

pytestmark = pytest.mark.django_db
DAYS = dt.timedelta(days=730)
SECOND = dt.timedelta(seconds=1)
#: A person who must be found nowhere afterwards.
MARK = "Unverwechselbar"
#: What stays, and so is not planted: the municipality and what was decided about it.
STAYS = {
    "Application": {"place_name", "place_key", "reference"},
    "Decision": {"reason"},
    "EligibilityCheck": {"reason"},
    "Submission": {"sha256", "receipt"},
    "Attachment": {"file", "sha256"},
    "Letter": {"language"},
    "Agreement": {"language"},
}


def decided(
    application: Application, outcome: str = "refused", at: SelectionSession | None = None
) -> Letter:
    """Decide on an application and release the letter now."""
    at = at or session(application.call)
    Decision.objects.create(
        session=at,
        application=application,
        outcome=outcome,
        rank=1 if outcome == "reserve" else None,
        reason="Die Herausforderung passt zu keiner anderen.",
    )
    return Letter.objects.create(
        session=at,
        application=application,
        outcome=outcome,
        state="released",
        released_at=timezone.now(),
        language="de",
        subject="Ihre Bewerbung",
        body="Leider nein.",
    )


def archive(call: Any) -> None:
    """Archive a call now."""
    type(call).objects.filter(pk=call.pk).update(state="archived")
    note_change(call, old="decided", new="archived", by=None)


def german() -> Application:
    """Return the one application of a call in review."""
    return applications_of(make_call_in_review(german=1, european=0))[0]


def forgotten() -> set[str]:
    """Return the municipalities whose application was emptied."""
    return {
        row.place_name
        for row in Application.objects.all()
        if StatusChange.objects.of(row).filter(field="retention").exists()
    }


def everything_about(application: Application) -> Application:
    """Let all happen to an application that can happen to one that is refused in the end."""
    call = application.call
    partner = next(row for row in applications_of(call) if row.pk != application.pk)
    attach_sent(application)
    filed(application, make_reviewer("difu"), text=MARK)
    Review.objects.create(assignment=assign_free(application, make_reviewer("adelphi")))
    declare(application, make_reviewer("steinbeis"), "institutional", MARK)
    DiscussionNote.objects.create(application=application, text=MARK)
    board = SelectionList.objects.create(call=call, name="Probe")
    ListEntry.objects.create(selection_list=board, application=application, outcome="left")
    first, second = session(call), session(call)
    offer = Offer.objects.create(
        application=application,
        letter=decided(application, "accepted", first),
        due_at=timezone.now(),
        state="declined",
        answered_at=timezone.now(),
        answered_by=editor_of(application),
    )
    rule = PairRule.objects.create(
        call=call, german=application, european=partner, kind="forbidden", reason=MARK
    )
    pairing = Pairing.objects.create(
        call=call,
        german=application,
        european=partner,
        fit=1,
        due_at=timezone.now(),
        state="refused",
        card={"reason": MARK},
    )
    consent = PairingConsent.objects.create(
        pairing=pairing, application=application, answer="another", reason=MARK
    )
    for row in (application, offer, pairing, consent, rule, application.assignments.first()):
        note_change(row, old="a", new="b", note=MARK, by=editor_of(application))
    decided(application, "refused", second)
    return application


def attach_sent(application: Application) -> None:
    """Take an application up again, attach a file and send it again, before the deadline."""
    call, by = application.call, editor_of(application)
    closes_at = call.closes_at
    type(call).objects.filter(pk=call.pk).update(
        state="open", closes_at=timezone.now() + dt.timedelta(days=1)
    )
    fresh = Application.objects.get(pk=application.pk)
    actions.reopen_application(application=fresh, by=by)
    attach(Application.objects.get(pk=application.pk))
    actions.submit_application(application=Application.objects.get(pk=application.pk), by=by)
    type(call).objects.filter(pk=call.pk).update(state="in_review", closes_at=closes_at)


def plant(application: Application) -> int:
    """Write the mark into every text that hangs on the application; return how many columns."""
    planted = 0
    for model in apps.get_app_config("calls").get_models():
        about = [
            field.name
            for field in model._meta.concrete_fields
            if field.related_model is Application and field.name != "european"
        ]
        rows = (
            model._default_manager.filter(
                **({"pk": application.pk} if model is Application else {about[0]: application})
            )
            if about or model is Application
            else model._default_manager.none()
        )
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
            if not is_text or field.choices or field.name in STAYS.get(model.__name__, ()):
                continue
            for row in rows:
                value = getattr(row, field.name)
                value = marked(value) if isinstance(value, dict) else MARK
                models.QuerySet(model).filter(pk=row.pk).update(**{field.name: value})
                planted += 1
    return planted


def marked(document: Any, name: str = "") -> Any:
    """Return a document with the mark for each text, but for what stays."""
    kept = {"place_name", "place_country", "call", "register", "reference", "topic", "name", "side"}
    kept |= {"sent_at", "key"}
    if name in kept:
        return document
    if isinstance(document, dict):
        return {key: marked(value, key) for key, value in document.items()}
    if isinstance(document, list):
        return [marked(value) for value in document]
    return MARK if isinstance(document, str) else document


def found() -> set[str]:
    """Return the tables in which the mark stands."""
    return {
        model.__name__
        for model in apps.get_models()
        for row in model._default_manager.values()
        if MARK in str(row)
    }


def test_nothing_of_a_refused_application_is_left_but_the_decision(
    time_machine, django_capture_on_commit_callbacks
):
    refused, other = applications_of(make_call_in_review(german=1, european=1))
    everything_about(refused)
    actions.write_receipts()
    stored = [row.file.name for row in Attachment.objects.all()]
    stored += [row.receipt.name for row in refused.submissions.all() if row.receipt]
    assert len(stored) == 3
    assert plant(refused) > 30
    assert {"Submission", "Letter", "Score", "Review", "Pairing", "StatusChange"} <= found()

    time_machine.move_to(timezone.now() + DAYS + SECOND, tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.forget_refused_applications() == 1
    delete_old_mails()

    assert found() == set()
    assert forgotten() == {refused.place_name}
    assert not [name for name in stored if default_storage.exists(name)]
    row = Application.objects.get(pk=refused.pk)
    assert [bool(sent.receipt) for sent in row.submissions.all()] == [False, False]
    assert (row.place_name, row.place_country, row.reference) == (
        refused.place_name,
        "DE",
        refused.reference,
    )
    assert row.decisions.last().reason == "Die Herausforderung passt zu keiner anderen."
    review = Review.objects.get()
    assert (review.state, review.total, review.scores.get().step) == ("filed", 3, 3)
    assert [row.level for row in row.topics.all()] == [2, 3]
    assert Application.objects.get(pk=other.pk).challenge


def test_emptying_happens_once_and_leaves_its_row_in_the_history(time_machine):
    application = german()
    decided(application)
    time_machine.move_to(timezone.now() + DAYS + SECOND, tick=False)

    counts = [actions.forget_refused_applications() for _run in range(2)]

    assert counts == [1, 0]
    (row,) = StatusChange.objects.of(application).filter(field="retention")
    assert (row.old, row.new, row.changed_by) == ("", "emptied", None)


def test_days_of_a_refusal_run_from_its_letter(time_machine, settings):
    settings.APPLICATION_DAYS = 10
    letter = decided(german())
    time_machine.move_to(letter.released_at + dt.timedelta(days=10), tick=False)
    assert actions.forget_refused_applications() == 0

    time_machine.move_to(letter.released_at + dt.timedelta(days=10, seconds=1), tick=False)

    assert actions.forget_refused_applications() == 1


@pytest.mark.parametrize("outcome", ["accepted", "reserve"])
def test_who_may_still_get_a_partner_stays_until_the_call_is_archived(time_machine, outcome):
    application = german()
    decided(application, outcome)
    time_machine.move_to(timezone.now() + 2 * DAYS, tick=False)
    assert actions.forget_refused_applications() == 0

    archive(application.call)
    time_machine.move_to(timezone.now() + DAYS, tick=False)
    assert actions.forget_refused_applications() == 0
    time_machine.move_to(timezone.now() + SECOND, tick=False)

    assert actions.forget_refused_applications() == 1


def test_what_nobody_decided_on_goes_with_its_archived_call(time_machine):
    application = german()
    archive(application.call)

    time_machine.move_to(timezone.now() + DAYS + SECOND, tick=False)

    assert actions.forget_refused_applications() == 1


def test_correction_that_gives_a_place_keeps_the_application(time_machine):
    """Also before the new letter is out."""
    application = german()
    decided(application)
    at = session(application.call)
    Decision.objects.create(
        session=at, application=application, outcome="accepted", reason="Zahl verwechselt."
    )
    time_machine.move_to(timezone.now() + DAYS + SECOND, tick=False)

    assert actions.forget_refused_applications() == 0


def test_what_led_to_a_partnership_stays(time_machine):
    call = make_call_in_review(german=1, european=1)
    one, two = applications_of(call)
    for application in (one, two):
        decided(application, "accepted")
    Pairing.objects.create(
        call=call, german=one, european=two, fit=1, due_at=timezone.now(), state="formed"
    )
    archive(call)

    time_machine.move_to(timezone.now() + 3 * DAYS, tick=False)

    assert actions.forget_refused_applications() == 0
    assert Application.objects.get(pk=one.pk).contact_name == "Anke Ruland"


def test_one_that_cannot_be_emptied_holds_up_no_other(time_machine, monkeypatch, caplog):
    first, second = applications_of(make_call_in_review(german=2, european=0))
    at = session(first.call)
    for application in (first, second):
        decided(application, "refused", at)
    first.submissions.all().update(document=["broken"])
    time_machine.move_to(timezone.now() + DAYS + SECOND, tick=False)

    assert actions.forget_refused_applications() == 1

    assert forgotten() == {second.place_name}
    assert Application.objects.get(pk=first.pk).contact_name == "Anke Ruland"
    assert "An application could not be emptied." in caplog.text


def test_emptied_application_can_still_be_opened_by_the_team(time_machine):
    application = german()
    decided(application)
    time_machine.move_to(timezone.now() + DAYS + SECOND, tick=False)
    actions.forget_refused_applications()

    answer = desk("bbsr").get(f"/admin/calls/application/{application.key}/")

    assert answer.status_code == 200
    assert application.place_name in answer.content.decode()


def test_erased_reviewer_leaves_what_was_filed_nameless_and_no_draft():
    application = german()
    person = make_reviewer("difu", name=MARK)
    filed(application, person, text="Solide.")
    other = applications_of(make_call_in_review(german=1, european=0))[0]
    Review.objects.create(assignment=assign_free(other, person), comment="Entwurf")
    at = session(application.call)
    SessionParticipant.objects.create(session=at, person=person, name=MARK)

    erase_person(user=person, by=person)

    assert Review.objects.get().comment == "Solide."
    assert ReviewAssignment.objects.get().application == application
    # Files tell who decided.
    assert found() == {"SessionParticipant"}


def test_own_data_holds_what_a_person_did_in_a_selection():
    application = german()
    person = make_reviewer("difu")
    filed(application, person, text="Solide.")
    filed(application, make_reviewer("adelphi"), text=MARK)
    DiscussionNote.objects.create(application=application, author=person, text="Knapp.")
    SessionParticipant.objects.create(
        session=session(application.call), person=person, name="P. Muster"
    )

    done = {row["what"]: row for row in selection_of(person)}

    assert set(done) == {"declared_conflict", "reads", "note", "present", "review"}
    assert done["note"]["text"] == "Knapp."
    assert done["present"]["name"] == "P. Muster"
    assert done["review"]["comment"] == "Solide."
    assert done["review"]["scores"][0]["justification"] == "Solide."
    assert MARK not in str(done)
    assert selection_of(make_user()) == []


def test_own_data_names_every_deed_for_which_a_column_names_a_person():
    """A new column that names a person must be given out to the person."""
    held = {(model, field) for _what, model, field, _names in IN_SELECTIONS}
    later = {
        name
        for name in ("conflict", "review", "procedure", "selection", "letter", "pairing")
        for model in apps.get_app_config("calls").get_models()
        if model.__module__ == f"calls.models.{name}"
        for field in model._meta.concrete_fields
        if field.related_model is type(UserFactory.build()) and (model, field.name) not in held
    }

    assert later == set()


def test_every_page_of_the_team_stands_an_emptied_application(time_machine):
    refused, _other = applications_of(make_call_in_review(german=1, european=1))
    everything_about(refused)
    plant(refused)
    time_machine.move_to(timezone.now() + DAYS + SECOND, tick=False)
    actions.forget_refused_applications()
    delete_old_mails()
    client = desk("bbsr")

    pages: dict[str, str] = {}
    waiting = ["/admin/"]
    while waiting:
        address = waiting.pop()
        # The record is data of its own, frozen with a real decision.
        if address in pages or "logout" in address or "/record." in address:
            continue
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        pages[address] = content.decode(errors="replace")
        waiting += re.findall(r'href="(/admin/[^"#?]*)"', pages[address])

    assert [address for address, page in pages.items() if MARK in page] == []
    assert f"/admin/calls/application/{refused.key}/" in pages
    assert len(pages) > 20
