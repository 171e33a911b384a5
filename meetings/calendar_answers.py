"""What calendar programs send when somebody presses "accept": iTIP replies by mail.

RFC 5546 (section 3.2.3) says what is in a reply, RFC 6047 how it is mailed. Programs differ in the
rest: some say nothing but the answer, some add a comment, as a property or as a parameter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from icalendar import Calendar

from core.text import clean_text
from meetings.enums import Reply

#: How calendars name an answer (RFC 5545 3.2.12) → the reply.
REPLIES = {"ACCEPTED": Reply.YES, "TENTATIVE": Reply.MAYBE, "DECLINED": Reply.NO}
#: What mail servers note of the address that a mail was delivered to; in the order of trust.
RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
#: A comment of a calendar program is cut here (characters), as our own form would refuse more.
LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """An answer to an invitation, as a calendar program sent it.

    ``recipients`` are the addresses that the mail went to, ``sender`` is the person's address as
    the calendar knows it, ``sequence`` the revision of the invitation that was answered, and
    ``sent_at`` the moment that the mail names, if it names one.
    """

    recipients: tuple[str, ...]
    uid: str
    sender: str
    reply: Reply
    note: str
    sequence: int
    sent_at: dt.datetime | None


def answer_in(message: EmailMessage) -> CalendarAnswer | None:
    """Return the answer in a mail; nothing where there is none, or more than one.

    Raises :class:`ValueError` for a calendar that cannot be read.
    """
    for content in _calendars(message):
        calendar = Calendar.from_ical(content)
        events = calendar.walk("VEVENT")
        if str(calendar.get("METHOD", "")).upper() != "REPLY" or len(events) != 1:
            continue
        attendees = _as_list(events[0].get("ATTENDEE"))
        if len(attendees) != 1:
            continue
        (attendee,) = attendees
        reply = REPLIES.get(str(attendee.params.get("PARTSTAT", "")).upper())
        if reply is None:
            continue
        return CalendarAnswer(
            recipients=tuple(_recipients(message)),
            uid=str(events[0].get("UID", "")).strip(),
            sender=_address(str(attendee)),
            reply=reply,
            note=_note(events[0], attendee),
            sequence=int(str(events[0].get("SEQUENCE", 0))),
            sent_at=_moment(message),
        )
    return None


def _calendars(message: EmailMessage) -> Iterator[bytes]:
    """Yield the parts of a mail that hold a calendar, in UTF-8."""
    for part in message.walk():
        if part.get_content_type() in {"text/calendar", "application/ics"}:
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes):
                charset = str(part.get_param("charset", "utf-8"))
                try:
                    yield raw.decode(charset).encode()
                except (LookupError, UnicodeDecodeError):
                    yield raw.decode("utf-8", "replace").encode()


def _recipients(message: EmailMessage) -> Iterator[str]:
    for name in RECIPIENTS:
        for _name, address in getaddresses([str(one) for one in message.get_all(name, [])]):
            if address:
                yield address.lower()


def _address(value: str) -> str:
    """Return the address in a ``mailto:``, in small letters."""
    scheme, colon, address = value.strip().partition(":")
    return (address if colon and scheme.lower() == "mailto" else value).strip().lower()


def _note(event: Any, attendee: Any) -> str:
    said = [str(one) for one in _as_list(event.get("COMMENT"))]
    said = said or [str(attendee.params.get("X-RESPONSE-COMMENT", ""))]
    return " ".join(clean_text(" ".join(said)).split())[:LONGEST_NOTE].rstrip()


def _moment(message: EmailMessage) -> dt.datetime | None:
    date = message["Date"]
    moment = getattr(date, "datetime", None)
    return moment if isinstance(moment, dt.datetime) and moment.tzinfo else None


def _as_list(value: Any) -> list[Any]:
    """Return the values of a property that may stand once, several times or not at all."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
