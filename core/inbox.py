"""E-mails that come in: each is handed on once and then taken out of the mailbox."""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from django.db import Error as DatabaseError

logger = logging.getLogger("vernetzt.inbox")

#: A larger mail (bytes) is no answer of a program; it stays for a person to look at.
LARGEST = 1_000_000
#: So many mails are read in one run; the rest waits for the next.
MOST = 200
#: Seconds after which a server that says nothing is given up.
PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mails are read, by IMAP (RFC 9051); ``security`` is ``tls``, ``starttls`` or none."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"


def read_mails(mailbox: Mailbox, take: Callable[[EmailMessage], bool]) -> int:
    """Hand each mail of a mailbox to ``take``; return how many it took.

    What is taken is deleted from the mailbox, so that nothing personal stays there. A mail that
    ``take`` does not want (false), cannot read (an exception) or that is larger than
    :data:`LARGEST` is flagged, for a person to look at, and not read again; an error of the
    database leaves it as it was, for the next run. ``take`` may see a mail twice, when two
    processes read at the same time or one dies before it is deleted. Raises :class:`OSError` or
    :class:`imaplib.IMAP4.error` for a mailbox that cannot be opened.
    """
    taken = 0
    with _opened(mailbox) as server:
        keys = _answer(server.uid("SEARCH", "UNFLAGGED", "UNDELETED"))[0] or b""
        for key in keys.split()[:MOST]:
            message = _fetched(server, key.decode())
            if message is not None and _is_taken(message, take):
                _answer(server.uid("STORE", key.decode(), "+FLAGS", r"(\Deleted)"))
                taken += 1
            else:
                _answer(server.uid("STORE", key.decode(), "+FLAGS", r"(\Flagged)"))
        if taken:
            _answer(server.expunge())
    return taken


@contextmanager
def _opened(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    """Sign in and open the folder; whatever happens within, the line is closed at the end."""
    # Without a context of our own, imaplib would trust every certificate.
    trusted = ssl.create_default_context()
    if mailbox.security == "tls":
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            mailbox.host, mailbox.port, ssl_context=trusted, timeout=PATIENCE
        )
    else:
        server = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=PATIENCE)
    try:
        if mailbox.security == "starttls":
            server.starttls(trusted)
        # The password is quoted by imaplib.
        server.login(_quoted(mailbox.user), mailbox.password)
        _answer(server.select(_quoted(mailbox.folder)))
        yield server
    finally:
        # A line that broke is closed enough, and what broke it is what is told.
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _fetched(server: imaplib.IMAP4, key: str) -> EmailMessage | None:
    """Return a mail; nothing for one that is too large, or that somebody deleted meanwhile."""
    size = re.search(rb"RFC822\.SIZE (\d+)", _joined(server.uid("FETCH", key, "(RFC822.SIZE)")))
    if size is None or int(size.group(1)) > LARGEST:
        return None
    for part in _answer(server.uid("FETCH", key, "(BODY.PEEK[])")):
        if isinstance(part, tuple):
            return message_from_bytes(part[1], policy=policy.default)
    return None


def _is_taken(message: EmailMessage, take: Callable[[EmailMessage], bool]) -> bool:
    try:
        return take(message)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a stranger sent, the next mail is read
        # What the mail says stays out of the log.
        logger.warning("A mail cannot be read.", extra={"data": {"error": type(error).__name__}})
        return False


def _answer(response: tuple[str, list[Any]]) -> list[Any]:
    """Return what the server answered; raise :class:`imaplib.IMAP4.error` for a refusal."""
    status, lines = response
    if status != "OK":
        raise imaplib.IMAP4.error(f"The mail server refused: {status}")
    return lines


def _joined(response: tuple[str, list[Any]]) -> bytes:
    return b" ".join(line for line in _answer(response) if isinstance(line, bytes))
