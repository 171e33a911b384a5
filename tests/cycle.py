"""A partnership at work, with its people and a meeting that is planned; smallest valid objects."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import factory
from django.test import Client
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import User
from core.dates import DatePrecision
from meetings.enums import (
    ConsultationRole,
    ContactKind,
    ContributionKind,
    MeetingFormat,
    MeetingKind,
    MeetingScope,
    MeetingStatus,
    MinutesState,
    Phase,
    PollChoice,
)
from meetings.models import (
    Attendance,
    CalendarFeed,
    CheckIn,
    CheckInAnswer,
    CityAttendance,
    Consultation,
    ConsultationMember,
    ConsultationPhase,
    Contribution,
    DatePoll,
    GuidingQuestion,
    LearningEntry,
    Meeting,
    MeetingReminder,
    Minutes,
    MinutesAgreement,
    MinutesComment,
    MinutesEntry,
    PollOption,
    PollReply,
)
from municipalities.enums import Country
from municipalities.models import Municipality
from tandems.enums import TandemStatus
from tandems.models import Tandem
from tests.factories import (
    CommitmentFactory,
    MeetingFactory,
    MunicipalityFactory,
    TandemFactory,
    TandemMemberFactory,
    UserFactory,
    make_user,
    sign_in,
)


@dataclass
class Cycle:
    """Hamm and Arezzo, each with its people, the project team, and a meeting that is planned.

    ``people``: ``contact``, ``deputy``, ``colleague`` of Hamm, ``partner`` (contact), ``partner
    deputy`` and ``partner colleague`` of Arezzo, ``coordinator``, ``bbsr``, ``neighbour`` (contact
    of a city in another partnership), ``reviewer``, ``observer``, ``nobody`` (no role).
    """

    tandem: Tandem
    hamm: Municipality
    arezzo: Municipality
    meeting: Meeting
    people: dict[str, User] = field(default_factory=dict)

    def client(self, name: str) -> Client:
        """Return the browser of a person, signed in; of ``visitor``, one that is not."""
        client = Client()
        if name != "visitor":
            sign_in(client, self.people[name])
        return client

    def person(self, name: str) -> User:
        """Return a person with the roles that it holds now, as a request has it."""
        return User.objects.get(pk=self.people[name].pk)


def make_cycle(**meeting: Any) -> Cycle:
    """Return a partnership at work; ``meeting`` changes its planned meeting.

    That is an internal working meeting at 10 to 12 in Berlin, three weeks from now.
    """
    hamm = MunicipalityFactory(name_de="Hamm", name_en="Hamm", slug="hamm")
    arezzo = MunicipalityFactory(
        name_de="Arezzo",
        name_en="Arezzo",
        slug="arezzo",
        country=Country.IT,
        languages=["it"],
        time_zone="Europe/Rome",
    )
    tandem = TandemFactory(
        name_de="Hamm und Arezzo",
        name_en="Hamm and Arezzo",
        slug="hamm-arezzo",
        status=TandemStatus.ACTIVE,
    )
    TandemMemberFactory(tandem=tandem, municipality=hamm, position=0)
    TandemMemberFactory(tandem=tandem, municipality=arezzo, position=1)
    neighbours = TandemFactory(status=TandemStatus.ACTIVE)
    neighbour = TandemMemberFactory(tandem=neighbours, position=0).municipality
    people = {
        "contact": make_user("contact", hamm),
        "deputy": make_user("deputy", hamm),
        "colleague": make_user("colleague", hamm),
        "partner": make_user("contact", arezzo),
        "partner deputy": make_user("deputy", arezzo),
        "partner colleague": make_user("colleague", arezzo),
        "coordinator": make_user("coordinator"),
        "bbsr": make_user("bbsr"),
        "neighbour": make_user("contact", neighbour),
        "reviewer": make_user("reviewer"),
        "observer": make_user("observer"),
        "nobody": make_user(),
    }
    return Cycle(tandem, hamm, arezzo, plan_for(tandem, **meeting), people)


def plan_for(tandem: Tandem | None, **fields: Any) -> Meeting:
    """Return a meeting in preparation, three weeks from now, 10 to 12 on the clock of Berlin."""
    day = timezone.localdate() + dt.timedelta(days=21)
    start = dt.datetime.combine(day, dt.time(8), tzinfo=dt.UTC)
    values = {
        "kind": MeetingKind.WORKING_MEETING,
        "scope": MeetingScope.TANDEM if tandem else MeetingScope.PROGRAMME,
        "tandem": tandem,
        "status": MeetingStatus.PLANNED,
        "format": MeetingFormat.VIRTUAL,
        "earliest": day,
        "latest": day,
        "precision": DatePrecision.DAY,
        "starts_at": start,
        "ends_at": start + dt.timedelta(hours=2),
        "time_zone": "Europe/Berlin",
    }
    meeting: Meeting = MeetingFactory(**{**values, **fields})
    return meeting


class GuidingQuestionFactory(DjangoModelFactory):
    meeting = factory.SubFactory(MeetingFactory)
    municipality = factory.SubFactory(MunicipalityFactory)
    position = 1
    text_de = "Wer pflegt die Sensoren?"
    text_en = "Who looks after the sensors?"

    class Meta:
        model = GuidingQuestion


class AttendanceFactory(DjangoModelFactory):
    """An invited person with an account, who has not answered."""

    meeting = factory.SubFactory(MeetingFactory)
    user = factory.SubFactory(UserFactory)

    class Meta:
        model = Attendance


class CityAttendanceFactory(DjangoModelFactory):
    meeting = factory.SubFactory(MeetingFactory)
    municipality = factory.SubFactory(MunicipalityFactory)
    people = 3

    class Meta:
        model = CityAttendance


class MeetingReminderFactory(DjangoModelFactory):
    meeting = factory.SubFactory(MeetingFactory)
    hours_before = 24

    class Meta:
        model = MeetingReminder


class CalendarFeedFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory)
    nonce = factory.Sequence(lambda n: f"nonce-{n:03d}")

    class Meta:
        model = CalendarFeed


class DatePollFactory(DjangoModelFactory):
    meeting = factory.SubFactory(MeetingFactory)
    answer_by = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=7))

    class Meta:
        model = DatePoll


class PollOptionFactory(DjangoModelFactory):
    poll = factory.SubFactory(DatePollFactory)
    starts_at = factory.Sequence(
        lambda n: dt.datetime(2098, 3, 1, 9, tzinfo=dt.UTC) + dt.timedelta(days=n)
    )
    ends_at = factory.LazyAttribute(lambda row: row.starts_at + dt.timedelta(hours=2))

    class Meta:
        model = PollOption


class PollReplyFactory(DjangoModelFactory):
    option = factory.SubFactory(PollOptionFactory)
    attendance = factory.LazyAttribute(
        lambda row: AttendanceFactory(meeting=row.option.poll.meeting)
    )
    choice = PollChoice.YES

    class Meta:
        model = PollReply


class MinutesFactory(DjangoModelFactory):
    """Minutes that are being written."""

    meeting = factory.SubFactory(MeetingFactory)
    number = 1
    state = MinutesState.DRAFT

    class Meta:
        model = Minutes


class MinutesEntryFactory(DjangoModelFactory):
    minutes = factory.SubFactory(MinutesFactory)
    position = factory.Sequence(lambda n: n)
    heading = "Begrüßung"

    class Meta:
        model = MinutesEntry


class MinutesAgreementFactory(DjangoModelFactory):
    minutes = factory.SubFactory(MinutesFactory)
    municipality = factory.SubFactory(MunicipalityFactory)

    class Meta:
        model = MinutesAgreement


class MinutesCommentFactory(DjangoModelFactory):
    minutes = factory.SubFactory(MinutesFactory)
    text = "Bitte nennen Sie auch die Bibliothek."

    class Meta:
        model = MinutesComment


class CheckInFactory(DjangoModelFactory):
    """A question to the first city of a partnership, still open, about the end as it stands."""

    tandem = factory.SubFactory(TandemFactory)
    municipality = factory.SubFactory(MunicipalityFactory)
    ended_on = factory.LazyAttribute(lambda row: row.tandem.ended_on)
    months = 6
    answer_by = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=30))

    class Meta:
        model = CheckIn


class CheckInAnswerFactory(DjangoModelFactory):
    check_in = factory.SubFactory(CheckInFactory)
    commitment = factory.SubFactory(CommitmentFactory)
    fate = "kept"

    class Meta:
        model = CheckInAnswer


class ConsultationFactory(DjangoModelFactory):
    """A consultation that is being prepared."""

    meeting = factory.SubFactory(MeetingFactory, kind=MeetingKind.CONSULTATION)
    title = "Sensoren ohne Betreiber"
    case_city = factory.SubFactory(MunicipalityFactory)
    language = "en"

    class Meta:
        model = Consultation


class ConsultationMemberFactory(DjangoModelFactory):
    consultation = factory.SubFactory(ConsultationFactory)
    user = factory.SubFactory(UserFactory)
    role = ConsultationRole.ADVISER

    class Meta:
        model = ConsultationMember


class ConsultationPhaseFactory(DjangoModelFactory):
    consultation = factory.SubFactory(ConsultationFactory)
    phase = Phase.ROLES
    minutes = 5

    class Meta:
        model = ConsultationPhase


class ContributionFactory(DjangoModelFactory):
    consultation = factory.SubFactory(ConsultationFactory)
    phase = Phase.ADVICE
    kind = ContributionKind.ADVICE
    text = "Fragen Sie die Stadtwerke."

    class Meta:
        model = Contribution


class LearningEntryFactory(DjangoModelFactory):
    tandem = factory.SubFactory(TandemFactory)
    municipality = factory.SubFactory(MunicipalityFactory)
    kind = ContactKind.MEETING
    happened_on = dt.date(2022, 6, 1)
    language = "de"
    learned = "Die Sensoren brauchen einen Betreiber."

    class Meta:
        model = LearningEntry
