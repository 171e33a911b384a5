"""People and texts for tests of topics and their guests."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import StatusChange
from tandems.actions.topics import TopicContent
from tests.factories import (
    MunicipalityFactory,
    TandemTopicFactory,
    TopicFactory,
    make_pair,
    make_user,
    sign_in,
)

DAY = dt.timedelta(days=1)


def make_case(**pair: Any) -> SimpleNamespace:
    """Return a partnership with a topic and everybody who may ask about it."""
    tandem = make_pair(**pair)
    ours, theirs = tandem.members.order_by("position")
    outside = MunicipalityFactory(name_de="Venlo", name_en="Venlo", country="NL")
    neighbours = make_pair()
    neighbour = neighbours.members.first().municipality
    return SimpleNamespace(
        tandem=tandem,
        ours=ours,
        theirs=theirs,
        topic=TandemTopicFactory(tandem=tandem, focus_de="Ratssaal", focus_en="Council hall"),
        outside=outside,
        contact=make_user("contact", ours.municipality),
        partner=make_user("contact", theirs.municipality),
        deputy=make_user("deputy", ours.municipality),
        colleague=make_user("colleague", ours.municipality),
        guest=make_user("contact", outside),
        neighbour=make_user("contact", neighbour),
        neighbours=neighbours,
    )


def content(**fields: Any) -> TopicContent:
    """Return what people write about a topic."""
    given = {
        "topic": None,
        "focus_de": "Offene Daten",
        "focus_en": "Open data",
        "direction": (False, None, None),
        "stage": "interest",
        "sources": [],
    }
    return TopicContent(**{**given, **fields})


def typed(**fields: Any) -> dict[str, Any]:
    """Return what a browser sends of the form of a topic."""
    given = {
        "topic": TopicFactory().pk,
        "focus_de": "",
        "focus_en": "",
        "direction": "open",
        "giver": "",
        "seeker": "",
        "stage": "interest",
        "sources": "",
    }
    return {**given, **fields}


def entered(user: Any, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    if user is not None:
        sign_in(client, user)
    return client


def page(name: str, *args: Any) -> str:
    """Return the address of a page of the internal area, in English."""
    return "/en" + reverse(f"workspace:{name}", args=args).removeprefix("/de").removeprefix("/en")


def leave(member: Any, day: dt.date | None = None) -> None:
    """Let a city be gone since yesterday, or since the day after ``day``."""
    member.left_on = day or timezone.localdate() - DAY
    member.save()


def history(subject: Any) -> list[tuple[str, str, str, str]]:
    rows = StatusChange.objects.of(subject).order_by("pk")
    return [(row.field, row.old, row.new, row.note) for row in rows]
