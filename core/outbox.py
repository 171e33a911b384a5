"""E-mails: each is a row in the outbox before it is sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


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
