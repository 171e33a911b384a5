"""Mails that come in, read from a real mailbox."""

from __future__ import annotations

import imaplib
import logging
from email.message import EmailMessage

import pytest
from django.db import OperationalError

from core import inbox
from core.inbox import Mailbox, read_mails
from tests.faults import kept_log
from tests.imap_server import imap_server


@pytest.fixture(scope="module")
def running_server():
    with imap_server() as server:
        yield server


@pytest.fixture
def server(running_server):
    """A mailbox that is empty at the start."""
    running_server.empty()
    return running_server


def mail(subject, text="Hello"):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "a@example.org", "b@example.org"
    message.set_content(text)
    return message


def subjects(taken):
    return [message["Subject"] for message in taken]


def test_mail_that_is_taken_leaves_the_mailbox(server):
    taken = []
    server.deliver(mail("one", "Grüße aus Łódź"))
    server.deliver(mail("two"))

    number = read_mails(Mailbox(**server.settings()), lambda one: not taken.append(one))

    assert (number, subjects(taken), server.left()) == (2, ["one", "two"], [])
    assert taken[0].get_content().strip() == "Grüße aus Łódź"


def test_empty_mailbox_is_no_fault(server):
    assert read_mails(Mailbox(**server.settings()), lambda one: True) == 0


def test_mail_that_is_not_wanted_stays_flagged_and_is_read_once(server):
    server.deliver(mail("wanted"))
    server.deliver(mail("private"))
    seen = []

    def take(message):
        seen.append(message)
        return message["Subject"] == "wanted"

    numbers = [read_mails(Mailbox(**server.settings()), take) for _ in range(2)]

    assert (numbers, subjects(seen)) == ([1, 0], ["wanted", "private"])
    assert server.left() == [("private", True)]


def test_mail_that_somebody_opened_before_is_read_all_the_same(server):
    server.deliver(mail("opened"))
    with server.opened() as line:
        line.store("1", "+FLAGS", r"(\Seen)")

    assert read_mails(Mailbox(**server.settings()), lambda one: True) == 1


def test_mail_that_cannot_be_read_holds_up_no_other_and_stays_out_of_the_log(server):
    server.deliver(mail("secret of Ada"))
    server.deliver(mail("good"))

    def take(message):
        if message["Subject"] != "good":
            raise ValueError(f"{message['Subject']} is unreadable")
        return True

    with kept_log("vernetzt.inbox", logging.WARNING) as log:
        assert read_mails(Mailbox(**server.settings()), take) == 1

    assert server.left() == [("secret of Ada", True)]
    (line,) = log.written
    assert ("ValueError" in line, "Ada" in line) == (True, False)


def test_mail_that_is_too_large_is_not_fetched(server, monkeypatch):
    monkeypatch.setattr(inbox, "LARGEST", 2_000)
    server.deliver(mail("large", "x" * 3_000))
    seen = []

    assert read_mails(Mailbox(**server.settings()), lambda one: not seen.append(one)) == 0
    assert (seen, server.left()) == ([], [("large", True)])


def test_mail_waits_for_the_next_run_while_the_database_is_away(server):
    server.deliver(mail("patient"))

    def fail(message):
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        read_mails(Mailbox(**server.settings()), fail)
    assert server.left() == [("patient", False)]
    assert read_mails(Mailbox(**server.settings()), lambda one: True) == 1


def test_only_so_many_are_read_in_one_run(server, monkeypatch):
    monkeypatch.setattr(inbox, "MOST", 2)
    for number in range(3):
        server.deliver(mail(str(number)))

    numbers = [read_mails(Mailbox(**server.settings()), lambda one: True) for _ in range(3)]

    assert numbers == [2, 1, 0]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_password_is_sent_to_a_server_with_a_trusted_certificate_only(
    server, monkeypatch, security
):
    server.deliver(mail("hidden"))
    port = server.tls_port if security == "tls" else server.port
    mailbox = Mailbox(**server.settings(port=port, security=security))

    with pytest.raises(OSError, match="certificate verify failed"):
        read_mails(mailbox, lambda one: True)
    assert server.left() == [("hidden", False)]

    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    assert read_mails(mailbox, lambda one: True) == 1


def test_wrong_password_and_missing_folder_are_told(server):
    for changes in ({"password": "wrong"}, {"folder": "Not/there"}):
        with pytest.raises(imaplib.IMAP4.error):
            read_mails(Mailbox(**server.settings(**changes)), lambda one: True)


def test_password_stands_in_no_message(server):
    mailbox = Mailbox(**server.settings())

    assert "odd" not in repr(mailbox)
