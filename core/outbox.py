"""E-mails: each is a row in the outbox before it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from post_office.backends import EmailBackend


def write_mail(template: str, *, to: str, language: str, context: dict[str, Any]) -> None:
    """Put a mail into the outbox, in the recipient's language, as text and HTML.

    ``template`` names three files: ``<template>_subject.txt``, ``<template>.txt`` and
    ``<template>.html``. The row belongs to the current transaction: when that is rolled back, the
    mail was never written. Sending and trying again is the task of ``manage.py run_jobs``.
    """
    context = {**context, "site": settings.PUBLIC_URL, "language": language}
    with translation.override(language):
        subject = render_to_string(f"{template}_subject.txt", context, using="text")
        text = render_to_string(f"{template}.txt", context, using="text")
        mail = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to])
        mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    mail.send()


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
    message.subject, message.body = literal(message.subject), literal(message.body)
    if isinstance(message, EmailMultiAlternatives):
        bodies, message.alternatives = message.alternatives, []
        for body, kind in bodies:
            message.attach_alternative(literal(body), kind)
    return message


def literal(text: object) -> str:
    """Return the template that renders to exactly this text."""
    return str(text).replace("{", "{% templatetag openbrace %}")
