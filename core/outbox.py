"""E-mails: each is a row in the outbox before it is sent."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from email.mime.base import MIMEBase
from typing import Any

import idna
from django.conf import settings
from django.core.mail import EmailAttachment, EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from post_office.backends import EmailBackend
from post_office.models import Email

_silent: ContextVar[bool] = ContextVar("silent", default=False)


@contextmanager
def silence() -> Iterator[None]:
    """Write no mail within; for the invented people of the demo, whose mailboxes nobody has."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def write_mail(
    template: str,
    *,
    to: str,
    language: str,
    context: dict[str, Any],
    headers: dict[str, str] | None = None,
    attachments: Iterable[tuple[str, bytes, str]] = (),
) -> None:
    """Put a mail into the outbox, in the recipient's language, as text and HTML.

    ``template`` names two files, ``<template>_subject.txt`` and ``<template>.txt``; the HTML is
    made from the text. ``attachments`` are name, content and media type; a type of calendars is
    what calendar programs act on (:func:`put_calendar_beside_text`). The row belongs to the current
    transaction: when that is rolled back, the mail was never written. Sending and trying again is
    the task of ``manage.py run_jobs``.
    """
    if _silent.get():
        return
    context = {**context, "site": settings.PUBLIC_URL, "language": language}
    with translation.override(language):
        subject = " ".join(
            render_to_string(f"{template}_subject.txt", context, using="text").split()
        )
        text = render_to_string(f"{template}.txt", context, using="text").strip() + "\n"
        mail = EmailMultiAlternatives(subject, text, to=[on_the_wire(to)], headers=headers)
        parts = {"subject": subject, "paragraphs": paragraphs_of(text), "language": language}
        mail.attach_alternative(render_to_string("mail/frame.html", parts), "text/html")
        for name, content, media_type in attachments:
            mail.attach(name, content, media_type)
    mail.send()


def on_the_wire(address: str) -> str:
    """Return an address as mail servers write it, by the rules of 2008.

    Left to smtplib, ``straße.example`` would become ``strasse.example`` (IDNA 2003): the mail would
    go to whoever owns that other domain.
    """
    local, _at, domain = address.rpartition("@")
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"


def forget_address(address: str) -> int:
    """Delete every mail to an address, sent or not; return how many."""
    return int(
        Email.objects.filter(to__iexact=on_the_wire(address)).delete()[1].get(Email._meta.label, 0)
    )


def mails_since(address: str, moment: dt.datetime) -> int:
    """Return how many mails were written to an address since a moment, sent or not."""
    return Email.objects.filter(to__iexact=on_the_wire(address), created__gte=moment).count()


def paragraphs_of(text: str) -> list[SafeString]:
    """Return the paragraphs of a mail as HTML; the signature below ``-- `` is left out.

    Only addresses of the portal become links: what a person typed, a name for example, must not
    put a foreign link into an official mail.
    """
    body = text.partition("\n-- \n")[0]
    own = re.compile(rf"({re.escape(settings.PUBLIC_URL)}/\S*)")
    blocks = [block.strip() for block in re.split(r"\n\s*\n", body) if block.strip()]
    return [
        format_html_join(
            "",
            "{}",
            (
                (format_html('<a href="{0}">{0}</a>', piece) if own.fullmatch(piece) else piece,)
                for piece in own.split(block)
            ),
        )
        for block in blocks
    ]


class QueueBackend(EmailBackend):
    """post_office's queue for finished mails.

    post_office reads subject and bodies as Django templates: braces in a name or an address would
    be run, or be an error for whoever triggered the mail. Here every text stays what it is.
    """

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        """Put the messages into the queue; return how many were sent at once."""
        sent = super().send_messages([as_templates(message) for message in email_messages])  # type: ignore[no-untyped-call]
        return sent or 0


def as_templates(message: EmailMessage) -> EmailMessage:
    """Return a copy of a message whose texts are templates of themselves."""
    message = copy(message)
    message.attachments = [as_kept(attachment) for attachment in message.attachments]
    message.subject, message.body = literal(message.subject), literal(message.body)
    if isinstance(message, EmailMultiAlternatives):
        bodies, message.alternatives = message.alternatives, []
        for body, kind in bodies:
            message.attach_alternative(literal(body), kind)
    return message


def literal(text: object) -> str:
    """Return the template that renders to exactly this text."""
    return str(text).replace("{", "{% templatetag openbrace %}")


class TypedPart(MIMEBase):
    """An attachment whose media type has parameters, such as the method of a calendar.

    post_office forgets the type of plain attachments, and the parameters of all others; of this one
    it stores what it is told, and sends it again with just that.
    """

    def __init__(self, name: str, content: bytes, media_type: str) -> None:
        """Keep name, content and the whole media type."""
        super().__init__("application", "octet-stream")
        self.name, self.content, self.media_type = name, content, media_type

    def get_filename(self, failobj: Any = None) -> Any:
        """Return the name of the file."""
        return self.name

    def get_payload(self, i: Any = None, decode: bool = False) -> Any:
        """Return the content, in no encoding: it goes into a file."""
        return self.content

    def get_content_type(self) -> str:
        """Return the media type with its parameters."""
        return self.media_type

    def items(self) -> Any:
        """Return no headers: they are written anew when the mail is sent."""
        return []


def as_kept(attachment: Any) -> Any:
    """Return an attachment in the form in which post_office keeps the whole of its type."""
    if isinstance(attachment, MIMEBase) or ";" not in (attachment[2] or ""):
        return attachment
    name, content, media_type = attachment
    raw = content.encode() if isinstance(content, str) else content
    return TypedPart(name, raw, media_type)


def put_calendar_beside_text(message: EmailMessage) -> None:
    """Let mail programs read the calendar in a message as another form of its text.

    Outlook and Gmail act on a ``text/calendar`` with a method (RFC 6047) only, or most reliably,
    among the alternatives; the same as a file is for all others. A message without is left alone.
    """
    if not isinstance(message, EmailMultiAlternatives):
        return
    for place, attachment in enumerate(message.attachments):
        if isinstance(attachment, MIMEBase) or not attachment[2]:
            continue
        name, content, media_type = attachment
        if media_type.startswith("text/calendar;"):
            message.attach_alternative(content, media_type)
            raw = content.encode() if isinstance(content, str) else content
            message.attachments[place] = EmailAttachment(name, raw, "application/ics")
