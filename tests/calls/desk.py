"""The desk of the project team as the tests need it: a person, rows, what a page lists."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.models import User
from calls.enums import Side
from calls.models import Application, ApplicationTopic, Call
from tests.applications import make_open_call
from tests.factories import TopicFactory, make_user, sign_in
from tests.reading import Document, read

LIST = "/admin/calls/application/"
HOSTILE = "<script>alert(1)</script>\"'{{ 7|add:7 }}"


def desk(role: str = "coordinator", user: User | None = None) -> Client:
    """Return a browser that asks for English, in which somebody with this role is signed in."""
    client = Client(headers={"accept-language": "en"})
    sign_in(client, user or make_user(role))
    return client


def row(call: Call, name: str = "Wörkheim", **fields: Any) -> Application:
    """Write an application as it stands in the database, whatever wrote it."""
    country = fields.setdefault("place_country", "DE")
    key = f"{country}:{name.lower()}"
    return Application.objects.create(
        **{"call": call, "place_key": key, "place_name": name} | fields
    )


def names(page: Document) -> list[str]:
    """Return the municipalities of the list, in its order."""
    return page.body.texts("bdi")


def listed(query: str = "") -> list[str]:
    """Return whom the list shows for a query."""
    return names(read(desk().get(LIST + query)))


def four_rows() -> Call:
    """Write four applications that differ in everything; one topic is named but not filled in."""
    call = make_open_call()
    heat = TopicFactory(key="heat", name_en="Heat")
    call.topics.add(heat)
    baden = row(call, "Baden", place_population=19_999, completeness=40)
    row(call, "Cassel", place_population=100_001, state="withdrawn", completeness=100)
    asby = row(call, "Åsby", place_population=20_000, place_country="SE", completeness=99)
    zug = row(call, "Zug", place_population=100_000, place_country="CH", completeness=10)
    for application, side, level in (
        (baden, Side.GIVES, 2),
        (zug, Side.SEEKS, 3),
        (asby, Side.GIVES, None),
    ):
        ApplicationTopic.objects.create(
            application=application, topic=heat, side=side, level=level, sentence="Wir messen."
        )
    return call
