"""``manage.py fill_demo``: a large invented world, for measuring only."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, models, transaction
from django.utils import timezone, translation

from core.dates import DatePrecision
from meetings.enums import MeetingFormat, MeetingKind, MeetingScope, MeetingStatus
from meetings.models import Meeting
from municipalities.enums import Country, Role
from municipalities.models import Municipality, PopulationFigure, Topic, TopicRole
from tandems.enums import (
    LearningStage,
    MemberRole,
    ProfileSection,
    ProfileState,
    TandemKind,
    TandemStatus,
    TextState,
)
from tandems.models import (
    ProfileEntry,
    ProfileText,
    ProfileVersion,
    Tandem,
    TandemMember,
    TandemTopic,
)

BATCH = 2_000
SEED = 20220517
FIRST_DAY = dt.date(2005, 1, 1)
SOURCE = ["https://example.org/invented"]
MARK = "demo-"
#: Section of an invented profile → its texts: language, state, words.
PROFILE = {
    ProfileSection.SUMMARY: (
        ("de", TextState.ORIGINAL, "Erfundene Partnerschaft zum Messen."),
        ("en", TextState.TRANSLATED, "Invented partnership for measuring."),
    ),
    ProfileSection.RESULT: (
        ("de", TextState.ORIGINAL, "Erfundenes Ergebnis."),
        ("en", TextState.TRANSLATED, "Invented result."),
    ),
}


class Command(BaseCommand):
    """Fill the database with invented municipalities, partnerships and meetings."""

    help = "Fill the database with a large invented world, for measuring only."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many rows of each kind are wanted."""
        parser.add_argument("--municipalities", type=int, default=20_000)
        parser.add_argument("--tandems", type=int, default=10_000)
        parser.add_argument("--meetings", type=int, default=50_000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the rows in one transaction; refused where the world is already large."""
        wanted = {name: options[name] for name in ("municipalities", "tandems", "meetings")}
        if min(wanted.values()) < 0:
            raise CommandError("Numbers below zero make no sense.")
        if wanted["tandems"] and wanted["municipalities"] < 2:
            raise CommandError("Partnerships need at least two municipalities.")
        places = Municipality.objects.filter(slug__startswith=MARK)
        if places.exists() or Meeting.objects.filter(reference__startswith=MARK).exists():
            raise CommandError("This database is filled already.")
        # Invented on purpose and repeatable: not for secrets.
        dice = random.Random(SEED)  # noqa: S311
        with translation.override("de"), transaction.atomic():
            cities = self.municipalities(dice, wanted["municipalities"])
            tandems = self.tandems(dice, wanted["tandems"], cities)
            self.meetings(dice, wanted["meetings"], tandems)
        with connection.cursor() as cursor:
            # The planner learns the new sizes at once, as an operator's nightly job would see to.
            cursor.execute("ANALYZE")
        self.stdout.write(
            "Filled: " + ", ".join(f"{number} {name}" for name, number in wanted.items())
        )

    def municipalities(self, dice: random.Random, number: int) -> list[Municipality]:
        """Create municipalities with a figure and a topic each."""
        countries = Country.values
        topics = list(Topic.objects.order_by("pk"))

        def rows() -> Iterator[Municipality]:
            for i in range(number):
                name = f"{dice.choice(_FIRST)}{dice.choice(_LAST)} {i}"
                yield Municipality(
                    slug=f"{MARK}{i}",
                    name_de=name,
                    name_en=name,
                    local_name=name,
                    country=Country.DE if i % 2 == 0 else dice.choice(countries),
                    latitude=dice.uniform(38, 60),
                    longitude=dice.uniform(-5, 28),
                    time_zone="Europe/Berlin",
                    languages=["de"],
                    description_de="Erfundene Kommune zum Messen.",
                    description_en="Invented municipality for measuring.",
                    sources=SOURCE,
                )

        create(Municipality, rows())
        places = list(Municipality.objects.filter(slug__startswith=MARK).order_by("pk"))
        create(
            PopulationFigure,
            (
                PopulationFigure(
                    municipality=place,
                    value=dice.randrange(2_000, 900_000),
                    earliest=dt.date(2023, 12, 31),
                    latest=dt.date(2023, 12, 31),
                    precision=DatePrecision.DAY,
                    sources=SOURCE,
                )
                for place in places
            ),
        )
        if topics:
            create(
                TopicRole,
                (
                    TopicRole(municipality=place, topic=dice.choice(topics), role=Role.GIVES)
                    for place in places
                ),
            )
        return places

    def tandems(self, dice: random.Random, number: int, places: list[Municipality]) -> list[Tandem]:
        """Create partnerships of two with topics and a released profile."""
        topics = list(Topic.objects.order_by("pk"))
        # Each city in turn with the next one, in later rounds with one farther on, never itself.
        steps = [1 + i // len(places) % (len(places) - 1) for i in range(number)]
        pairs = [
            (places[i % len(places)], places[(i + step) % len(places)])
            for i, step in enumerate(steps)
        ]
        create(
            Tandem,
            (
                Tandem(
                    slug=f"{MARK}{i}",
                    number=1_000 + i,
                    kind=TandemKind.TANDEM,
                    status=dice.choice(TandemStatus.values[1:]),
                    name_de=f"{first.name_de} – {second.name_de}",
                    name_en=f"{first.name_de} – {second.name_de}",
                    sources=SOURCE,
                )
                for i, (first, second) in enumerate(pairs)
            ),
        )
        tandems = list(Tandem.objects.filter(slug__startswith=MARK).order_by("number"))
        joined = dt.date(2022, 5, 17)
        create(
            TandemMember,
            (
                TandemMember(
                    tandem=tandem,
                    municipality=place,
                    position=position,
                    role=MemberRole.MEMBER,
                    joined_earliest=joined,
                    joined_latest=joined,
                    joined_precision=DatePrecision.DAY,
                )
                for tandem, pair in zip(tandems, pairs, strict=True)
                for position, place in enumerate(dict.fromkeys(pair))
            ),
        )
        create(
            TandemTopic,
            (
                TandemTopic(
                    tandem=tandem,
                    topic=topic,
                    position=position,
                    stage=LearningStage.UNDOCUMENTED,
                )
                for tandem in tandems
                for position, topic in enumerate(dice.sample(topics, min(3, len(topics))))
            ),
        )
        now = timezone.now()
        create(
            ProfileVersion,
            (
                ProfileVersion(
                    tandem=tandem,
                    state=ProfileState.RELEASED,
                    released_at=now,
                )
                for tandem in tandems
            ),
        )
        create(
            ProfileEntry,
            (
                ProfileEntry(
                    profile=profile,
                    section=section,
                    position=position,
                    is_point=section == ProfileSection.RESULT,
                )
                for profile in ProfileVersion.objects.filter(tandem__in=tandems[:500])
                for position, section in enumerate(PROFILE)
            ),
        )
        create(
            ProfileText,
            (
                ProfileText(entry=entry, language=language, text=text, state=state)
                for entry in ProfileEntry.objects.filter(profile__tandem__in=tandems[:500])
                for language, state, text in PROFILE[ProfileSection(entry.section)]
            ),
        )
        return tandems

    def meetings(self, dice: random.Random, number: int, tandems: list[Tandem]) -> None:
        """Create past meetings of the partnerships, and of the network where there are none."""

        def rows() -> Iterator[Meeting]:
            for i in range(number):
                first = FIRST_DAY + dt.timedelta(days=dice.randrange(7_000))
                tandem = tandems[i % len(tandems)] if tandems else None
                yield Meeting(
                    reference=f"{MARK}{i}",
                    is_public=True,
                    kind=MeetingKind.WORKING_MEETING,
                    scope=MeetingScope.TANDEM if tandem else MeetingScope.PROGRAMME,
                    tandem=tandem,
                    title_de=f"Arbeitstreffen {i}",
                    title_en=f"Working meeting {i}",
                    slug=f"working-meeting-{i}",
                    format=MeetingFormat.VIRTUAL,
                    status=MeetingStatus.HELD,
                    earliest=first,
                    latest=first,
                    precision=DatePrecision.DAY,
                    sources=SOURCE,
                )

        create(Meeting, rows())


def create(model: type[models.Model], rows: Iterator[Any]) -> None:
    """Create rows in batches, without holding all of them."""
    while batch := list(islice(rows, BATCH)):
        model._default_manager.bulk_create(batch)


_FIRST = ("Alt", "Neu", "Ober", "Unter", "Klein", "Groß", "Nord", "Süd", "Wald", "See", "Berg")
_LAST = ("stadt", "heim", "hausen", "furt", "brück", "kirchen", "au", "tal", "feld", "dorf")
