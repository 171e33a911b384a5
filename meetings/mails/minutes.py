"""The mails about minutes."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from accounts.enums import Notification
from accounts.mails import mute_link
from accounts.models import User
from core.outbox import write_mail
from meetings.models import Minutes
from municipalities.models import Municipality
from tandems.mails import spoken_to, write_unsubscribable


def agreement_missing(minutes: Minutes, person: User, cities: list[Municipality]) -> None:
    """Remind a person that the word of its city (or cities) on minutes is missing."""
    with spoken_to(person):
        page = reverse("meeting:minutes-agree", args=[minutes.meeting_id])
        write_mail(
            "mail/minutes_waiting",
            to=person.email,
            language=person.language,
            context={
                "person": person,
                "minutes": minutes,
                "meeting": minutes.meeting,
                "cities": ", ".join(str(city) for city in cities),
                "url": f"{settings.PUBLIC_URL}{page}",
            },
        )


def agreement_overdue(minutes: Minutes, person: User, cities: list[Municipality]) -> None:
    """Tell who leads a meeting that the day to agree has passed, and which cities are silent."""
    with spoken_to(person):
        page = reverse("meeting:minutes", args=[minutes.meeting_id])
        context = {
            "minutes": minutes,
            "meeting": minutes.meeting,
            "cities": ", ".join(str(city) for city in cities),
            "kind": Notification.TANDEM_MEETINGS.label,
            "url": f"{settings.PUBLIC_URL}{page}",
        }
        link = mute_link(person, Notification.TANDEM_MEETINGS)
        write_unsubscribable("mail/minutes_overdue", person, link, context)
