"""Sending an application: once, whole, with number, frozen copy and receipt."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from post_office.models import Email

from calls import actions
from calls.content import checksum
from calls.document import changes_between, difference, sections_of
from calls.enums import APPLICATION_TRANSITIONS, ApplicationState, Step
from calls.models import Application, Submission
from calls.pdf import PdfError
from core.models import StatusChange
from tests.applications import (
    LONG,
    editor_of,
    full_values,
    make_complete,
    make_draft,
    make_open_call,
    make_submitted,
    save,
)
from tests.factories import MunicipalityFactory, UserFactory, make_user
from tests.races import act_at_once
from tests.selection import make_sent

pytestmark = pytest.mark.django_db


def test_sent_application_has_number_moment_and_frozen_copy(time_machine):
    application = make_complete(name="Wörkheim")
    person, moment = editor_of(application), timezone.now() + dt.timedelta(minutes=1)
    time_machine.move_to(moment, tick=False)

    submission = actions.submit_application(application=application, by=person)

    fresh = Application.objects.get()
    year = application.call.closes_at.year
    assert (fresh.state, fresh.submitted_at) == (ApplicationState.SUBMITTED, moment)
    assert fresh.reference == f"{year}-{application.call_id}-001"
    document = submission.document
    assert (submission.number, submission.sent_by, submission.sent_at) == (1, person, moment)
    assert document["municipality"]["place_name"] == "Wörkheim"
    assert document["challenge"]["challenge"] == fresh.challenge
    assert document["questions"][0]["answer"] == "Ein Vorhaben ist am Datenschutz gescheitert."
    assert document["questions"][1]["answer"] == {"de": "geplant", "en": "planned"}
    assert [row["sentence"] for row in document["topics"]] == [
        "Sensoren laufen seit zwei Jahren.",
        "Wer liest die Werte?",
    ]
    assert document["consents"][0]["text"].startswith("Ich habe")
    assert submission.sha256 == checksum(document)
    notes = StatusChange.objects.of(fresh).values_list("old", "new")
    assert list(notes) == [("draft", "submitted"), ("", "draft")]


def test_frozen_copy_stays_when_everything_around_it_changes():
    application = make_submitted()
    call, person = application.call, editor_of(application)
    before = Submission.objects.get().document

    actions.reopen_application(application=application, by=person)
    save(application, Step.CHALLENGE, person, challenge="anders " * 40)
    call.topics.all().update(name_de="Umbenannt")
    call.questions.update(text_de="Umformuliert")

    assert Submission.objects.get().document == before


def test_references_count_up_in_each_call():
    first, second = make_open_call(), make_open_call()

    made = [make_submitted(first), make_submitted(first), make_submitted(second)]

    year = first.closes_at.year
    assert [row.reference for row in made] == [
        f"{year}-{first.pk}-001",
        f"{year}-{first.pk}-002",
        f"{year}-{second.pk}-001",
    ]


def test_what_is_missing_is_said_and_nothing_is_sent():
    application = make_draft()

    with pytest.raises(ValidationError) as refused:
        actions.submit_application(application=application, by=editor_of(application))

    assert "Beschreiben Sie Ihre Herausforderung." in refused.value.messages
    assert not Submission.objects.exists()
    assert Application.objects.get().reference == ""


@pytest.mark.django_db(transaction=True)
def test_two_who_send_at_once_send_one():
    application = make_complete()
    person = editor_of(application)

    def send():
        return actions.submit_application(application=application, by=person)

    first, second = act_at_once(send, send)

    assert isinstance(first, Submission)
    assert isinstance(second, ValidationError)
    assert second.code == "state"
    assert Submission.objects.count() == Email.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_cities_that_send_at_once_get_two_numbers():
    call = make_open_call()
    applications = [make_complete(call), make_complete(call)]

    act_at_once(
        *(
            lambda row=row: actions.submit_application(application=row, by=editor_of(row))
            for row in applications
        )
    )

    year = call.closes_at.year
    assert sorted(Application.objects.values_list("reference", flat=True)) == [
        f"{year}-{call.pk}-001",
        f"{year}-{call.pk}-002",
    ]


@pytest.mark.django_db(transaction=True)
def test_receipt_is_made_stored_and_mailed_once():
    person = make_user()
    person.language = "en"
    person.save()

    application = make_submitted(by=person, name="Wörkheim")

    submission = Submission.objects.get()
    mail = Email.objects.get()
    attachment = mail.attachments.get()
    assert mail.to == [person.email]
    assert f"{application.reference}, Wörkheim, version 1" in mail.subject
    assert attachment.name == f"{application.reference}-1.pdf"
    with submission.receipt.open() as receipt, attachment.file.open() as attached:
        pdf = receipt.read()
        assert pdf.startswith(b"%PDF-")
        assert attached.read() == pdf
    assert actions.write_receipts() == 0
    assert Email.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_receipt_that_could_not_be_made_is_made_by_the_jobs(monkeypatch):
    def broken(document):
        raise PdfError("typst refused the document.")

    with monkeypatch.context() as patch:
        patch.setattr("calls.document.render_pdf", broken)
        application = make_submitted()
        assert application.state == ApplicationState.SUBMITTED
        assert actions.write_receipts() == 0
        assert not Email.objects.exists()

    assert actions.write_receipts() == 1
    assert Email.objects.count() == 1
    assert default_storage.exists(Submission.objects.get().receipt.name)


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_write_one_receipt(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("calls.actions.submission._try_receipt", lambda submission: None)
        make_submitted()

    written = act_at_once(actions.write_receipts, actions.write_receipts)

    assert sorted(written) == [0, 1]
    assert Email.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_everybody_who_writes_along_gets_the_receipt_and_nobody_else():
    application = make_complete()
    person, colleague, gone = editor_of(application), make_user(), make_user()
    gone.is_active = False
    gone.save()
    for user in (colleague, gone):
        application.editors.create(user=user, email=user.email, joined_at=timezone.now())
    application.editors.create(email="eingeladen@example.org")

    actions.submit_application(application=application, by=person)

    assert sorted(mail.to[0] for mail in Email.objects.all()) == sorted(
        [person.email, colleague.email]
    )


@pytest.mark.django_db(transaction=True)
def test_officers_of_the_municipality_get_the_receipt_too():
    place = MunicipalityFactory()
    contact, deputy = make_user("contact", place), make_user("deputy", place)
    make_user("colleague", place)
    make_user("deputy")

    make_submitted(by=contact, municipality=place)

    assert {mail.to[0] for mail in Email.objects.all()} == {contact.email, deputy.email}
    assert Email.objects.count() == 2


def test_fields_stand_in_the_order_of_the_form_whatever_the_database_does_to_json():
    make_submitted()

    sections = sections_of(Submission.objects.get().document)

    labels = {
        section.heading: [getattr(part, "label", "") for part in section.parts]
        for section in sections
    }
    assert labels["Kommune"] == [
        "Name der Kommune",
        "Land",
        "Region",
        "Einwohnerzahl",
        "Website",
    ]
    assert labels["Personen"][:2] == ["Name der Ansprechperson", "Dienststelle der Ansprechperson"]
    assert labels["Herausforderung"] == [
        "Herausforderung",
        "Was die Kommune lernen möchte",
        "Was die Kommune anbieten kann",
    ]


def test_version_sent_again_counts_and_the_first_one_stays():
    application = make_submitted()
    person = editor_of(application)
    reference = application.reference
    actions.reopen_application(application=application, by=person)
    save(application, Step.CHALLENGE, person, to_learn="Ganz neu gedacht.")

    actions.submit_application(application=application, by=person)

    first, second = Submission.objects.all()
    assert (first.number, second.number) == (1, 2)
    assert second.document["challenge"]["to_learn"] == "Ganz neu gedacht."
    assert first.document["challenge"]["to_learn"] == LONG
    assert Application.objects.get().reference == reference
    (change,) = changes_between(first.document, second.document)
    assert change.label == "Was die Kommune lernen möchte"
    assert "<ins>" in change.html


@pytest.mark.parametrize(
    ("old", "new", "html"),
    [
        ("a b c", "a x c", "a <del>b</del><ins>x</ins> c"),
        ("", "neu", "<ins>neu</ins>"),
        ("alt", "", "<del>alt</del>"),
        ("<b>a</b>", "<b>a</b> c", "&lt;b&gt;a&lt;/b&gt;<ins> c</ins>"),
        ("x" * 7_000 + "\na", "x" * 7_000 + "\nb", "x" * 7_000 + "\n<del>a</del><ins>b</ins>"),
    ],
)
def test_difference_marks_what_went_and_what_came(old, new, html):
    assert difference(old, new) == html


def test_withdrawn_application_takes_no_part_and_everybody_is_told():
    application = make_submitted(name="Wörkheim")
    person = editor_of(application)
    Email.objects.all().delete()

    actions.withdraw_application(application=application, note="Kein Personal", by=person)

    assert Application.objects.sent().count() == 0
    assert StatusChange.objects.of(application).first().note == "Kein Personal"
    assert [(mail.to, mail.subject) for mail in Email.objects.all()] == [
        ([person.email], "Zurückgezogen: Bewerbung von Wörkheim")
    ]
    again = actions.begin_again(application=application, by=person)
    assert (again.state, again.challenge) == (ApplicationState.DRAFT, application.challenge)


def test_withdrawn_application_cannot_come_back_beside_a_new_one():
    call, person = make_open_call(), make_user()
    application = make_draft(call, person, "Wörkheim")
    actions.withdraw_application(application=application, by=person)
    make_draft(call, make_user(), "Wörkheim")

    with pytest.raises(ValidationError, match="schon eine Bewerbung"):
        actions.begin_again(application=application, by=person)


ACTS = {
    "submitted": actions.submit_application,
    "reopened": actions.reopen_application,
    "withdrawn": actions.withdraw_application,
    "draft": actions.begin_again,
}


@pytest.mark.parametrize("old", ApplicationState.values)
@pytest.mark.parametrize("new", list(ACTS))
def test_only_the_steps_of_the_table_are_possible(old, new):
    application = make_submitted()
    Application.objects.update(state=old)

    def act():
        return ACTS[new](application=Application.objects.get(), by=editor_of(application))

    if new in APPLICATION_TRANSITIONS[old]:
        act()
        assert Application.objects.get().state == new
    else:
        with pytest.raises(ValidationError):
            act()
        assert Application.objects.get().state == old


@pytest.mark.parametrize("role", [None, "contact", "deputy", "coordinator", "bbsr", "observer"])
@pytest.mark.parametrize("act", list(ACTS.values()))
def test_nobody_else_sends_takes_up_or_withdraws(role, act):
    application = make_complete()

    with pytest.raises(PermissionDenied):
        act(application=application, by=make_user(role))


def test_application_that_other_tests_have_at_once_is_like_one_sent_step_by_step(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    call = make_open_call()

    at_once, by_steps = rows_left(make_sent, call), rows_left(send_step_by_step, call)

    # Who saved which step last is asked for while it is written only.
    assert len(by_steps.pop("ApplicationSave")) == 7
    assert at_once.pop("ApplicationSave") == []
    assert at_once == by_steps
    assert sum(map(len, by_steps.values())) == 11


def test_draft_that_other_tests_have_at_once_is_like_one_written_step_by_step(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    call = make_open_call()

    assert rows_left(make_written, call) == rows_left(write_step_by_step, call)


def make_written(call, name):
    return make_complete(call, name=name)


def write_step_by_step(call, name):
    by = make_user()
    application = make_draft(call, by, name)
    for step, values in full_values(application).items():
        save(application, step, by, **values)
    return application


def send_step_by_step(call, name):
    application = write_step_by_step(call, name)
    actions.submit_application(application=application, by=editor_of(application))
    return application


def rows_left(make, call):
    """Return all rows that belong to the application that is made, and take them back."""
    with transaction.atomic():
        UserFactory.reset_sequence(500)
        application = make(call, "Wörkheim")
        relations = [row for row in Application._meta.related_objects if row.one_to_many]
        rows = {
            model.__name__: [comparable(row) for row in model.objects.order_by("pk")]
            for model in (Application, *(relation.related_model for relation in relations))
        }
        changes = [comparable(row) for row in StatusChange.objects.of(application)]
        transaction.set_rollback(True)
        return rows | {"changes": sorted(changes, key=lambda row: row["new"])}


def comparable(row):
    """Return the values of a row without the numbers and keys that are new each time."""
    apart = {"id", "key", "application", "object_id"}
    fields = [field.name for field in row._meta.concrete_fields if field.name not in apart]
    return {name: str(getattr(row, name)) for name in fields}
