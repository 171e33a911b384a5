"""Mails on their way into the outbox, and what a mail server then receives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from post_office.models import STATUS, Email

from core.management.commands.run_jobs import send_due_mails
from core.outbox import write_mail
from tests.smtp_sink import Sink

TEMPLATES = {
    "greeting_subject.txt": '{% translate "German" %}:\n {{ name }}\n',
    "greeting.txt": '{% translate "German" %} {{ name }} {{ site }}',
}


@pytest.fixture(autouse=True)
def _templates(settings, tmp_path: Path):
    """Three small templates of a mail."""
    for name, text in TEMPLATES.items():
        (tmp_path / name).write_text(text)
    settings.TEMPLATES = [
        engine | {"DIRS": [*engine["DIRS"], tmp_path]} for engine in settings.TEMPLATES
    ]
    settings.PUBLIC_URL = "https://portal.example"


@pytest.fixture
def sink(settings):
    """A mail server that works, and settings that lead to it."""
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.POST_OFFICE = {
            **settings.POST_OFFICE,
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
        }
        yield server


def write(name="Ada", to="ada@example.org", language="de"):
    write_mail("greeting", to=to, language=language, context={"name": name})


def received(sink):
    """Send what is queued and return the one message that arrived."""
    send_due_mails()
    (delivery,) = sink.deliveries
    return delivery.message


def subject(message):
    return message["Subject"].strip()  # long ones begin on a line of their own


def part(message, kind):
    return message.get_body((kind,)).get_content().strip()


class LaterError(Exception):
    """Something goes wrong after the mail was written."""


@pytest.mark.django_db
def test_mail_of_a_rolled_back_transaction_leaves_no_row(sink):
    @transaction.atomic
    def change_and_fail():
        write()
        raise LaterError

    with pytest.raises(LaterError):
        change_and_fail()

    assert Email.objects.count() == 0
    assert send_due_mails()["sent"] == 0


@pytest.mark.django_db
def test_mail_of_a_transaction_waits_in_the_queue(sink):
    with transaction.atomic():
        write()

    assert Email.objects.get().status == STATUS.queued
    assert sink.connections == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("de", "Deutsch"), ("en", "German")])
@pytest.mark.parametrize("writer", ["de", "en"])
def test_mail_speaks_the_language_of_its_recipient(sink, language, word, writer):
    with translation.override(writer):
        write(language=language)
        assert translation.get_language() == writer
    message = received(sink)

    assert subject(message) == f"{word}: Ada"
    assert part(message, "plain") == f"{word} Ada https://portal.example"
    assert f'<html lang="{language}">' in part(message, "html")
    assert f"<p>{word} Ada https://portal.example</p>" in part(message, "html")


@pytest.mark.django_db
def test_mail_has_text_before_html_and_an_id(sink):
    write()
    message = received(sink)

    assert message.get_content_type() == "multipart/alternative"
    assert [piece.get_content_type() for piece in message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]
    assert message["To"] == "ada@example.org"
    assert message["Message-ID"]


@pytest.mark.django_db
def test_name_is_escaped_in_html_only(sink):
    write(name="Ada & <b>Ben</b>")
    message = received(sink)

    assert subject(message) == "Deutsch: Ada & <b>Ben</b>"
    assert "Ada & <b>Ben</b>" in part(message, "plain")
    assert "Ada &amp; &lt;b&gt;Ben&lt;/b&gt;" in part(message, "html")


@pytest.mark.django_db
def test_only_addresses_of_the_portal_become_links(sink):
    write(
        name="https://portal.example/de/ [Klick](https://evil.example) https://portal.example.evil/"
    )
    html = part(received(sink), "html")

    assert re.findall(r'href="([^"]+)"', html) == ["https://portal.example/de/"]


@pytest.mark.django_db
def test_line_breaks_in_a_name_add_no_header(sink):
    write(name="Ada\r\nBcc: victim@example.org")
    message = received(sink)

    assert message["Bcc"] is None
    assert subject(message) == "Deutsch: Ada Bcc: victim@example.org"


@pytest.mark.django_db
def test_letters_of_all_languages_arrive(sink):
    write(name="Žofie Müller, София, Αθήνα")
    message = received(sink)

    assert subject(message) == "Deutsch: Žofie Müller, София, Αθήνα"
    assert "Žofie Müller, София, Αθήνα" in part(message, "plain")


@pytest.mark.django_db
@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\n\n"])
def test_line_break_in_a_name_adds_no_header(sink, mark):
    write(name=f"Ada{mark}Bcc: eve@example.org{mark}X-Forged: yes")
    message = received(sink)

    assert subject(message) == "Deutsch: Ada Bcc: eve@example.org X-Forged: yes"
    assert (message["Bcc"], message["X-Forged"]) == (None, None)
    assert sink.reached == ["ada@example.org"]


@pytest.mark.django_db
@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r"])
def test_line_break_in_an_address_is_refused(mark):
    with pytest.raises(ValidationError):
        write(to=f"ada@example.org{mark}Bcc: eve@example.org")

    assert Email.objects.count() == 0


@pytest.mark.django_db
def test_lonely_dot_does_not_end_the_mail(sink):
    write(name="one\r\n.\r\nMAIL FROM:<eve@example.org>")
    message = received(sink)

    assert part(message, "plain").splitlines()[:3] == [
        "Deutsch one",
        ".",
        "MAIL FROM:<eve@example.org> https://portal.example",
    ]


MARKS = ["{{ 7|add:1 }}", "{% now 'Y' %}", "{% no_such_tag %}", "{# gone #}", "{% endverbatim %}{{"]


@pytest.mark.django_db
@pytest.mark.parametrize("marks", MARKS)
def test_template_marks_in_a_name_stay_text(sink, marks):
    write(name=marks)
    message = received(sink)

    assert subject(message) == f"Deutsch: {marks}"
    assert marks in part(message, "plain")


@pytest.mark.django_db
def test_template_marks_in_a_mail_of_a_library_stay_text(sink):
    """Other libraries write the address that a stranger typed: it may hold braces."""
    send_mail("{% x %}", "{{x}}@example.org", None, ["{{x}}@example.org"], html_message="{#x#}{%")
    message = received(sink)

    assert subject(message) == "{% x %}"
    assert part(message, "plain") == "{{x}}@example.org"
    assert part(message, "html") == "{#x#}{%"
