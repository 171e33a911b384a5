"""Minutes of a meeting that was held yesterday, and the people who write and agree to them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from calls.content import marks_of
from core.models import StatusChange
from meetings.actions.agreeing import agree_to_minutes, return_minutes, send_minutes
from meetings.actions.minutes import begin_minutes, save_entry
from meetings.asked import seal_of
from meetings.models import Minutes
from tandems.models import TandemNotice
from tests.cycle import Cycle, make_cycle
from tests.factories import AgendaItemFactory

DAY = dt.timedelta(days=1)


def held(**fields: Any) -> Cycle:
    """Return the partnership with a meeting that took place yesterday, with two items."""
    day = timezone.localdate() - DAY
    cycle = make_cycle(**{"earliest": day, "latest": day, "status": "held", **fields})
    for position, words in enumerate(("Welcome", "Sensors")):
        AgendaItemFactory(
            meeting=cycle.meeting, position=position, text_en=words, text_de=f"{words} (de)"
        )
    return cycle


def begun(cycle: Cycle, text: str = "We look after them together.") -> Minutes:
    """Return a draft that the contact has begun; its first entry holds ``text``."""
    with translation.override("en"):
        minutes = begin_minutes(meeting=cycle.meeting, by=cycle.person("contact"))
    if text:
        write(cycle, minutes, text=text)
    return minutes


def write(cycle: Cycle, minutes: Minutes, *, place: int = 0, who: str = "contact", **fields: Any):
    """Write into an entry as somebody who has just opened it."""
    entry = minutes.entries.all()[place]
    marks = marks_in(entry)
    return save_entry(entry=entry, values=fields, opened_with=marks, by=cycle.person(who))


def marks_in(entry: Any) -> dict[str, str]:
    """Return the marks of what is stored of an entry."""
    return marks_of({"heading": entry.heading, "text": entry.text})


def sent(cycle: Cycle, minutes: Minutes | None = None, days: int = 14) -> Minutes:
    """Return minutes that the contact has sent out for agreement."""
    return send_minutes(
        minutes=minutes or begun(cycle),
        agree_by=timezone.localdate() + days * DAY,
        by=cycle.person("contact"),
    )


def agree(cycle: Cycle, minutes: Minutes, who: str = "contact") -> Minutes:
    """Let contact or deputy of a city agree for their own city."""
    city = cycle.arezzo if who.startswith("partner") else cycle.hamm
    fresh = Minutes.objects.get(pk=minutes.pk)
    return agree_to_minutes(
        minutes=fresh, municipality=city, seen=seal_of(fresh), by=cycle.person(who)
    )


def returned(cycle: Cycle, minutes: Minutes, note: str = "") -> Minutes:
    """Return minutes that the contact has taken back to the draft."""
    fresh = Minutes.objects.get(pk=minutes.pk)
    return return_minutes(
        minutes=fresh,
        municipality=cycle.hamm,
        seen=seal_of(fresh),
        note=note,
        by=cycle.person("contact"),
    )


def agreed(cycle: Cycle, minutes: Minutes | None = None) -> Minutes:
    """Return minutes to which both cities have agreed."""
    minutes = sent(cycle, minutes)
    agree(cycle, minutes)
    return agree(cycle, minutes, "partner")


def page(cycle: Cycle, name: str = "minutes", *args: Any) -> str:
    """Return the address of a page of the meeting, in English."""
    with translation.override("en"):
        return reverse(f"meeting:{name}", args=[cycle.meeting.pk, *args])


def entered(cycle: Cycle, who: str) -> Client:
    """Return the browser of a person who reads English."""
    client = cycle.client(who)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def history(subject: Any) -> list[tuple[str, str, str]]:
    """Return what the history of minutes holds, the first change first."""
    rows = StatusChange.objects.of(subject).order_by("pk")
    return [(row.field, row.old, row.new) for row in rows]


def today() -> dt.date:
    """Return the day as the server has it."""
    return timezone.localdate()


def told(event: str) -> set[Any]:
    """Return the people who are told of an event."""
    return {row.user for row in TandemNotice.objects.filter(event=event)}


def people(cycle: Cycle, *without: str) -> set[Any]:
    """Return who acts for one of the two cities."""
    names = ("contact", "deputy", "colleague", "partner", "partner deputy", "partner colleague")
    return {cycle.people[name] for name in names if name not in without}


def with_public_part(cycle: Cycle) -> Minutes:
    """Return a draft with a public part in both languages."""
    minutes = begun(cycle)
    Minutes.objects.filter(pk=minutes.pk).update(
        public_text="Frei", public_text_de="Frei", public_text_en="Free"
    )
    return Minutes.objects.get(pk=minutes.pk)
