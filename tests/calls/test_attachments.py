"""Files of an application: attached, handed out, removed; nothing is left lying about."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from calls import actions
from calls.actions import files as files_module
from calls.enums import Step
from calls.models import Application, Attachment, Submission
from core.files import random_name
from tests.applications import (
    address,
    checked_file,
    client_of,
    editor_of,
    full_values,
    make_complete,
    make_draft,
    make_submitted,
)
from tests.factories import make_user
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


def picture():
    """Return a small PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def attach(application, content=PDF, name="Beschluss.pdf", by=None):
    return actions.attach_file(
        application=application,
        file=checked_file(content, name),
        by=by or editor_of(application),
    )


def stored():
    return [row.file.name for row in Attachment.objects.all()]


def test_officer_attaches_opens_and_removes_a_file():
    application = make_draft()
    client, url = client_of(editor_of(application)), address(application, "files")
    upload = SimpleUploadedFile("../../Beschluss des Rates.pdf", PDF, "text/html")

    page = read(client.post(url, {"file": upload}, follow=True))
    attachment = Attachment.objects.get()
    answer = client.get(attachment.get_absolute_url())
    body = b"".join(answer.streaming_content)

    assert "Beschluss des Rates.pdf" in page.main.text
    assert body == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    name = attachment.file.name
    assert "Beschluss" not in name
    client.post(address(application, "files", attachment.key, "remove"))
    assert not Attachment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_removed_file_is_gone_from_the_disk_too():
    application = make_draft()
    name = attach(application).file.name
    assert default_storage.exists(name)

    actions.remove_file(attachment=Attachment.objects.get(), by=editor_of(application))

    assert not default_storage.exists(name)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "leer.pdf", "Die Datei ist leer"),
        (b"<html><script>alert(1)</script>", "seite.pdf", "passt nicht zu ihrem Namen"),
        (b"<svg onload=alert(1)>", "bild.svg", "nicht angenommen"),
        (b"MZ\x90\x00", "programm.exe", "nicht angenommen"),
        (PDF[:20], "halb.pdf", "unvollständig"),
        (PDF.replace(b"<<>>", b"<</Encrypt 2 0 R>>"), "geheim.pdf", "Passwort"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "bild.png", "lässt sich nicht lesen"),
    ],
)
def test_wrong_file_is_refused_with_words_and_the_rest_of_the_page_stays(content, name, words):
    application = make_draft()
    client = client_of(editor_of(application))

    answer = client.post(address(application, "files"), {"file": SimpleUploadedFile(name, content)})

    page = read(answer)
    assert answer.status_code == 200
    assert words in page.main.text
    assert page.title.startswith("Fehler:")
    assert not Attachment.objects.exists()


def test_too_large_file_is_refused_with_the_limit(settings):
    settings.UPLOAD_MAX_MEGABYTES = 1
    application = make_draft()
    large = SimpleUploadedFile("gross.pdf", PDF + b" " * 1_100_000)

    answer = client_of(editor_of(application)).post(address(application, "files"), {"file": large})

    assert "größer als 1 MB" in read(answer).main.text
    assert not Attachment.objects.exists()


def test_same_file_twice_and_a_sixth_one_are_refused_and_leave_nothing():
    application = make_draft()
    attach(application)
    before = files_on_disk()

    with pytest.raises(ValidationError, match="bereits angehängt"):
        attach(application, name="anderer Name.pdf")
    for number in range(4):
        attach(application, PDF + bytes([number]))
    with pytest.raises(ValidationError, match="höchstens 5 Dateien"):
        attach(application, PDF + b"6")

    assert files_on_disk() - before == set(stored()[1:])


def files_on_disk():
    return set(files_module._stored_names())


@pytest.mark.django_db(transaction=True)
def test_two_who_attach_the_fifth_at_once_make_five():
    application = make_draft()
    for number in range(4):
        attach(application, PDF + bytes([number]))

    results = act_at_once(
        lambda: attach(application, PDF + b"a"), lambda: attach(application, PDF + b"b")
    )

    assert [type(result).__name__ for result in results] == ["Attachment", "ValidationError"]
    assert Attachment.objects.count() == 5


def test_fault_between_file_and_row_leaves_no_file(monkeypatch):
    application = make_draft()
    before = files_on_disk()
    monkeypatch.setattr(Attachment, "save", lambda self: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        attach(application)

    assert files_on_disk() == before


def test_what_was_sent_keeps_its_file_when_it_is_taken_out_of_the_form():
    application = make_complete()
    person, attachment = editor_of(application), attach(application)
    actions.submit_application(application=application, by=person)
    actions.reopen_application(application=application, by=person)

    actions.remove_file(attachment=attachment, by=person)

    attachment.refresh_from_db()
    assert attachment.removed_at is not None
    assert default_storage.exists(attachment.file.name)
    assert Submission.objects.get().document["files"][0]["key"] == str(attachment.key)
    attach(application)
    assert application.attachments.present().count() == 1


def test_file_that_the_call_asks_for_is_missed_until_it_is_there():
    application = make_complete()
    question = application.call.questions.last()
    question.is_required = True
    question.save()
    person = editor_of(application)
    with pytest.raises(ValidationError, match="Hängen Sie die Datei an"):
        actions.submit_application(application=application, by=person)

    client_of(person).post(
        address(application, "files"),
        {"file": SimpleUploadedFile("a.pdf", PDF), "question": question.pk},
    )

    assert Attachment.objects.get().question == question
    actions.submit_application(application=application, by=person)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (None, 404),
        ("contact", 404),
        ("reviewer", 404),
        ("observer", 404),
        ("coordinator", 404),
        ("bbsr", 404),
    ],
)
def test_only_who_writes_the_application_gets_its_files_here(role, status):
    application = make_draft()
    attachment = attach(application)

    answer = client_of(make_user(role)).get(attachment.get_absolute_url())

    assert answer.status_code == status


def test_address_of_a_file_works_below_its_own_application_only():
    mine, other = make_draft(), make_draft()
    attachment = attach(other)

    answer = client_of(editor_of(mine)).get(address(mine, "files", attachment.key))

    assert answer.status_code == 404


@pytest.mark.parametrize("role", [None, "contact", "coordinator", "bbsr"])
def test_strangers_attach_and_remove_nothing(role):
    application = make_draft()
    attachment, stranger = attach(application), make_user(role)

    with pytest.raises(PermissionDenied):
        attach(application, PDF + b"x", by=stranger)
    with pytest.raises(PermissionDenied):
        actions.remove_file(attachment=attachment, by=stranger)


def test_after_the_deadline_nothing_is_attached_and_nothing_removed(time_machine):
    application = make_draft()
    attachment, person = attach(application), editor_of(application)
    time_machine.move_to(application.call.closes_at, tick=False)

    with pytest.raises(ValidationError, match="Die Frist endete"):
        attach(application, PDF + b"x")
    with pytest.raises(ValidationError, match="Die Frist endete"):
        actions.remove_file(attachment=attachment, by=person)


def test_orphaned_files_go_after_a_day_and_all_others_stay(time_machine):
    application = make_submitted()
    actions.reopen_application(application=application, by=editor_of(application))
    kept = attach(application).file.name
    orphan = default_storage.save(random_name(None, ""), ContentFile(b"x"))
    mail = default_storage.save("post_office_attachments/2027/01/01/a.pdf", ContentFile(b"x"))
    assert actions.delete_orphaned_files() == 0

    time_machine.move_to(timezone.now() + dt.timedelta(days=2), tick=False)
    actions.delete_orphaned_files()

    assert not default_storage.exists(orphan)
    assert default_storage.exists(kept)
    assert default_storage.exists(mail)


def test_picture_is_stored_as_drawn_anew():
    application = make_draft()
    trailing = picture() + b"<script>alert(1)</script>"

    client_of(editor_of(application)).post(
        address(application, "files"), {"file": SimpleUploadedFile("karte.png", trailing)}
    )

    with Attachment.objects.get().file.open() as file:
        assert b"<script>" not in file.read()


def test_values_of_the_steps_cover_what_the_checklist_asks():
    application = make_draft()

    assert set(full_values(application)) == set(Step) - {Step.FILES}
    assert Application.objects.get().completeness < 100
