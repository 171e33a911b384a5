"""The page of one application: what was sent to the letter, of a draft only how far it is."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import CITY_ROLES, UserRole
from calls import actions
from calls.enums import QuestionReader, Step
from calls.models import Application, ApplicationEditor, Question, Submission
from tests.applications import (
    checked_file,
    editor_of,
    full_values,
    make_complete,
    make_draft,
    make_open_call,
    make_submitted,
    save,
)
from tests.calls.desk import HOSTILE, LIST, desk
from tests.factories import make_user
from tests.reading import read

pytestmark = pytest.mark.django_db
SENTENCE = "Nur die Kommune liest das bisher."


def page_of(application, client=None):
    return read((client or desk()).get(f"{LIST}{application.key}/"))


def status_of(client, url):
    """Return the status of an answer that is read to its end, which closes its file."""
    answer = client.get(url, follow=True)
    b"".join(answer)
    return answer.status_code


def sent_with_file(reader=QuestionReader.REVIEWERS):
    """Return an application that was sent with a file; its questions have this reader."""
    application = make_complete()
    Question.objects.update(reader=reader)
    asked = application.call.questions.get(kind="file")
    by = editor_of(application)
    actions.attach_file(application=application, file=checked_file(), question=asked, by=by)
    actions.submit_application(application=application, by=by)
    return Application.objects.get(), by


def reviewer_of(application):
    """Return a reviewer to whom the application is open; until one is assigned, by writing it."""
    reviewer = make_user("reviewer")
    ApplicationEditor.objects.create(
        application=application, user=reviewer, email=reviewer.email, joined_at=timezone.now()
    )
    return reviewer


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_submitted_application_is_shown_as_it_was_sent(role):
    application = make_submitted(name="Wörkheim")
    person = editor_of(application)

    page = page_of(application, desk(role))

    text = page.main.text
    wanted = [value for values in full_values(application).values() for value in values.values()]
    for words in (value for value in wanted if isinstance(value, str) and len(value) > 3):
        assert " ".join(words.split()) in text
    for words in (application.reference, "Sent", "Version 1", "Draft → Sent"):
        assert words.lower() in text.lower()
    assert person.name in text
    assert f"mailto:{person.email}" in page.main.hrefs()
    assert page.main.languages_of("Messwerte fehlen uns") == {"de"}
    assert page.faults == []


def test_draft_shows_state_and_gaps_and_none_of_its_texts():
    application = make_draft()
    save(application, Step.CHALLENGE, editor_of(application), challenge=SENTENCE)
    save(application, Step.PEOPLE, editor_of(application), sponsor="Bürgermeisterin Gerlach")

    page = page_of(application)

    assert SENTENCE not in page.html
    assert "Gerlach" not in page.html
    missing = page.main.section("How far it is").text
    assert "% complete" in missing
    assert "Schreiben Sie" in missing or "Say what you want to learn." in missing
    assert "Nothing has been sent yet." in page.main.text


def test_what_is_being_revised_stays_with_the_municipality():
    application = make_submitted()
    by = editor_of(application)
    actions.reopen_application(application=application, by=by)
    save(application, Step.CHALLENGE, by, challenge=SENTENCE)
    actions.attach_file(application=application, file=checked_file(), by=by)
    attached = application.attachments.get()

    page = page_of(application)

    assert SENTENCE not in page.html
    assert "Die Hitze in der Innenstadt" in page.main.text
    assert "version 1 counts" in page.main.text
    assert desk().get(f"{LIST}{application.key}/files/{attached.key}/").status_code == 404


def test_version_that_was_sent_last_is_the_one_that_is_shown():
    application = make_submitted()
    by = editor_of(application)
    actions.reopen_application(application=application, by=by)
    save(application, Step.CHALLENGE, by, challenge=SENTENCE)
    actions.submit_application(application=application, by=by)

    page = page_of(application)

    assert SENTENCE in page.main.text
    assert "Version 2 (counts)" in page.main.text
    assert "Version 1 (counts)" not in page.main.text


@pytest.mark.parametrize("again", [False, True])
def test_what_was_withdrawn_is_shown_no_more(again, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        application, by = sent_with_file()
    actions.withdraw_application(application=application, note="Der Rat ist dagegen.", by=by)
    if again:
        actions.begin_again(application=application, by=by)
    client, key = desk(), application.attachments.get().key

    page = page_of(application, client)

    assert "Die Hitze" not in page.html
    assert "Der Rat ist dagegen." in page.main.text
    for path in (f"files/{key}/", "receipt-1.pdf"):
        assert client.get(f"{LIST}{application.key}/{path}").status_code == 404
        assert path not in page.html


def test_file_and_receipt_are_handed_out_to_the_team(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        application, _by = sent_with_file()
    client, key = desk(), application.attachments.get().key
    urls = [
        f"{LIST}{application.key}/files/{key}/",
        f"{LIST}{application.key}/receipt-1.pdf",
    ]

    answers, bodies = [client.get(url) for url in urls], []

    assert set(urls) <= set(page_of(application, client).main.hrefs())
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        bodies.append(b"".join(answer))
    assert bodies[0] == b"%PDF-1.7 ..."
    assert bodies[1].startswith(b"%PDF-")
    assert client.get(f"{LIST}{application.key}/receipt-2.pdf").status_code == 404


def test_receipt_that_is_not_made_yet_is_announced():
    application = make_submitted()

    assert "The receipt is being made." in page_of(application).main.text
    assert desk().get(f"{LIST}{application.key}/receipt-1.pdf").status_code == 404


def test_file_of_another_application_is_not_found():
    application, _by = sent_with_file()
    other = make_submitted()
    key = application.attachments.get().key

    assert desk().get(f"{LIST}{other.key}/files/{key}/").status_code == 404


@pytest.mark.parametrize("reader", QuestionReader)
def test_reviewer_reads_neither_what_is_for_the_team_nor_addresses(
    reader, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        application, by = sent_with_file(reader)
    ApplicationEditor.objects.create(application=application, email="eingeladen@example.org")
    by.name = ""
    by.save()
    client, key = desk(user=reviewer_of(application)), application.attachments.get().key

    page = page_of(application, client)

    may = reader == QuestionReader.REVIEWERS
    assert "Die Hitze in der Innenstadt" in page.main.text
    assert ("am Datenschutz gescheitert" in page.main.text) is may
    assert ("Beschluss" in page.main.text) is may
    file = f"{LIST}{application.key}/files/{key}/"
    assert status_of(client, file) == (200 if may else 404)
    assert client.get(f"{LIST}{application.key}/receipt-1.pdf").status_code == 404
    for hidden in ("ruland@", "pohl@", "eingeladen@", by.email, "History"):
        assert hidden not in page.html


@pytest.mark.parametrize("path", ["", "files/{file}/", "receipt-1.pdf"])
@pytest.mark.parametrize("role", [None, *UserRole])
def test_others_do_not_get_through(role, path, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        application, by = sent_with_file()
    url = f"{LIST}{application.key}/{path.format(file=application.attachments.get().key)}"
    expected = 403 if role in {None, *CITY_ROLES, "observer"} else 200
    if role == "reviewer":
        expected = 404  # nothing is assigned yet: it does not exist

    # Not even its own writer comes in by this door.
    client = desk(user=by) if role is None else desk(role)

    assert status_of(client, url) == expected
    assert Client().get(url).headers["Location"].startswith("/de/accounts/login/")


@pytest.mark.parametrize("path", ["", "files/{file}/", "receipt-1.pdf"])
def test_pages_are_only_read_and_unknown_ones_not_found(path):
    application, _by = sent_with_file()
    path = path.format(file=application.attachments.get().key)

    assert desk().post(f"{LIST}{application.key}/{path}").status_code == 405
    assert desk().get(f"{LIST}{uuid.uuid4()}/{path}").status_code == 404


def test_django_s_own_pages_about_applications_do_not_exist():
    application = make_submitted()

    for path in (
        "add/",
        f"{application.pk}/change/",
        f"{application.pk}/delete/",
        f"{application.pk}/",
    ):
        assert desk().get(LIST + path).status_code == 404


def test_hostile_texts_are_text(django_capture_on_commit_callbacks):
    application = make_complete()
    by = editor_of(application)
    save(application, Step.CHALLENGE, by, challenge=HOSTILE * 9)
    save(application, Step.MUNICIPALITY, by, place_name=HOSTILE, place_region=HOSTILE)
    actions.attach_file(application=application, file=checked_file(name=f"{HOSTILE}.pdf"), by=by)
    actions.submit_application(application=application, by=by)
    actions.reopen_application(application=application, by=by)
    by.name = HOSTILE
    by.save()

    page = page_of(application)

    assert page.faults == []
    assert page.heading == HOSTILE
    assert page.main.text.count(HOSTILE) > 10
    assert page.main.all("script") == []


def test_history_says_who_asked_to_be_let_in_without_a_number():
    application, stranger = make_draft(), make_user()
    actions.ask_to_join(application=application, by=stranger)

    history = page_of(application).main.section("History").text

    assert "Has asked to be let in" in history
    assert stranger.name in history
    assert f"asked {stranger.pk}" not in history


@pytest.mark.parametrize("versions", [1, 3])
def test_page_asks_as_often_for_one_version_as_for_three(versions, django_assert_num_queries):
    application = make_submitted(make_open_call())
    first = application.submissions.get()
    for number in range(2, versions + 1):
        Submission.objects.create(
            application=application,
            number=number,
            document=first.document,
            sha256=first.sha256,
            sent_by=make_user(),
            sent_at=timezone.now(),
        )
        reviewer_of(application)
    client = desk()

    with django_assert_num_queries(15):
        page_of(application, client)
