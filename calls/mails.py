"""The mails about applications; they go to the people who write them."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from accounts.models import User
from calls.models import Application, ApplicationEditor, Call, Submission, writers_of
from core.outbox import write_mail


def tell(template: str, application: Application, **context: Any) -> int:
    """Write one mail to each person who writes it, in the own language; return how many."""
    attachments = context.pop("attachments", ())
    people = list(writers_of(application.pk, application.municipality_id).order_by("pk"))
    for person in people:
        zone = zoneinfo.ZoneInfo(person.time_zone)
        with translation.override(person.language), timezone.override(zone):
            url = f"{settings.PUBLIC_URL}{application.get_absolute_url()}"
            about = {"application": application, "call": application.call, "url": url}
            write_mail(
                template,
                to=person.email,
                language=person.language,
                context={**about, **context},
                attachments=attachments,
            )
    return len(people)


def editor_invited(editor: ApplicationEditor) -> None:
    """Invite a colleague to write along, with the link and its last day."""
    inviter: User = editor.invited_by  # type: ignore[assignment]
    with translation.override(inviter.language):
        url = f"{settings.PUBLIC_URL}{editor.link}"
    write_mail(
        "mail/editor_invited",
        to=editor.email,
        language=inviter.language,
        context={
            "editor": editor,
            "inviter": inviter,
            "application": editor.application,
            "call": editor.application.call,
            "url": url,
        },
    )


def editor_asks(application: Application, person: User) -> None:
    """Tell those who write an application that a colleague asks to be let in."""
    tell("mail/editor_asks", application, person=person)


def application_received(submission: Submission, pdf: bytes) -> None:
    """Confirm that an application was sent, with the PDF of exactly what was sent."""
    application = submission.application
    name = f"{application.reference}-{submission.number}.pdf"
    tell(
        "mail/application_received",
        application,
        submission=submission,
        attachments=[(name, pdf, "application/pdf")],
    )


def application_withdrawn(application: Application, by: User) -> None:
    """Tell everybody who writes an application that it was withdrawn, and by whom."""
    tell("mail/application_withdrawn", application, person=by)


def deadline_extended(call: Call, note: str) -> int:
    """Tell everybody who writes an application to the call about the later deadline."""
    told = 0
    for application in Application.objects.living().filter(call=call).select_related("call"):
        application.call = call
        told += tell("mail/deadline_extended", application, note=note)
    return told


def deadline_comes(application: Application, missing: list[Any]) -> int:
    """Remind those who write a draft of the deadline, with what is still missing."""
    return tell("mail/deadline_comes", application, missing=missing)
