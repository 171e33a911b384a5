"""Partnerships that change, as the tests need them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.models import StatusChange
from municipalities.models import Municipality
from tandems.models import Tandem, TandemMember
from tests.factories import (
    MunicipalityFactory,
    TandemFactory,
    TandemMemberFactory,
    make_user,
)

DAY = dt.timedelta(days=1)
#: The day on which the real city left: “end of 2023”.
END_OF_2023 = dt.date(2023, 12, 31)
REASONS = {"de": "Wechsel in der Verwaltung", "en": "changes in its administration"}


def today() -> dt.date:
    return timezone.localdate()


def place(name: str, country: str = "DE") -> Municipality:
    """Return a municipality of the real programme, made once."""
    slug = name.lower().replace("ü", "ue")
    found = Municipality.objects.filter(slug=slug).first()
    return found or MunicipalityFactory(slug=slug, name_de=name, name_en=name, country=country)


def pair(first: str, second: str, country: str, **fields: Any) -> Tandem:
    """Return a partnership of a German and another city, named after both."""
    name = f"{first} – {second}"
    slug = f"{first}-{second}".lower().replace("ü", "ue")
    tandem = TandemFactory(slug=slug, name_de=name, name_en=name, **fields)
    TandemMemberFactory(tandem=tandem, municipality=place(first), position=0)
    TandemMemberFactory(tandem=tandem, municipality=place(second, country), position=1)
    return tandem


def krefeld_sofia() -> Tandem:
    return pair("Krefeld", "Sofia", "BG")


def member(tandem: Tandem, name: str) -> TandemMember:
    """Return the latest membership of a city."""
    return (
        tandem.members.select_related("municipality", "tandem")
        .filter(municipality__name_de=name)
        .order_by("-pk")[0]
    )


def left(tandem: Tandem, name: str, on: dt.date) -> None:
    """Let a city have left."""
    tandem.members.filter(municipality__name_de=name).update(left_on=on, left_precision="day")


def team() -> User:
    return make_user("coordinator")


def history(row: Any) -> list[tuple[str, str, str, str]]:
    """Return field, old, new and note of the history of a record, the oldest first."""
    rows = StatusChange.objects.of(row).order_by("pk")
    return [(one.field, one.old, one.new, one.note) for one in rows]


def url(tandem: Tandem, name: str = "", *args: Any) -> str:
    """Return the address of a page about the membership."""
    page = f"workspace:membership-{name}" if name else "workspace:membership"
    return reverse(page, args=[tandem.slug, *args])
