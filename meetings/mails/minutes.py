"""The mails about minutes."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from core.outbox import write_mail
from meetings.models import Minutes
from municipalities.models import Municipality
from tandems.mails import spoken_to


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
