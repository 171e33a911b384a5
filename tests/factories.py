"""The smallest valid object of each model, with readable names; numbers are padded to sort."""

from __future__ import annotations

import datetime as dt
import time

import factory
from allauth.account.internal.userkit import user_id_to_str
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.enums import CITY_ROLES, OrganisationKind, ProgrammeRoleKind, UserRole
from accounts.models import Invitation, Organisation, ProgrammeRole, RoleAssignment, User
from accounts.sessions import BEGAN, SEEN
from calls.enums import CallKind, CallSection, CallState
from calls.models import (
    STEPS,
    Answer,
    Call,
    CallFact,
    CallMilestone,
    Consent,
    Criterion,
    Question,
)
from core.dates import DatePrecision
from editorial.enums import PageKey, ProgrammeSection, ResourceKind
from editorial.models import Article, Page, ProgrammeEntry, Resource
from meetings.enums import MeetingKind, MeetingScope, MeetingStatus
from meetings.models import AgendaItem, Commitment, Meeting
from municipalities.enums import Country, Role
from municipalities.models import (
    AreaFigure,
    Municipality,
    PopulationFigure,
    Strength,
    Topic,
    TopicRole,
)
from tandems.enums import (
    LearningStage,
    MemberRole,
    ProfileSection,
    ProfileState,
    ResultKind,
    TandemKind,
    TandemStatus,
    TextState,
)
from tandems.models import (
    ProfileEntry,
    ProfileText,
    ProfileVersion,
    Tandem,
    TandemChange,
    TandemMember,
    TandemTopic,
)

KICK_OFF = dt.date(2022, 5, 17)


class UserFactory(DjangoModelFactory):
    email = factory.Sequence(lambda n: f"person-{n:03d}@example.org")
    name = factory.Sequence(lambda n: f"Person {n:03d}")
    password = "!"  # signs in with no password

    class Meta:
        model = User


class TopicFactory(DjangoModelFactory):
    key = factory.Sequence(lambda n: f"topic-{n:03d}")
    name_de = factory.Sequence(lambda n: f"Handlungsfeld {n:03d}")
    name_en = factory.Sequence(lambda n: f"Field of action {n:03d}")

    class Meta:
        model = Topic


class MunicipalityFactory(DjangoModelFactory):
    slug = factory.Sequence(lambda n: f"place-{n:03d}")
    name_de = factory.Sequence(lambda n: f"Ort {n:03d}")
    name_en = factory.Sequence(lambda n: f"Place {n:03d}")
    local_name = factory.LazyAttribute(lambda place: place.name_de)
    country = Country.DE
    latitude = 51.3
    longitude = 6.6
    time_zone = "Europe/Berlin"
    languages = factory.LazyFunction(lambda: ["de"])

    class Meta:
        model = Municipality


class PopulationFigureFactory(DjangoModelFactory):
    municipality = factory.SubFactory(MunicipalityFactory)
    position = factory.Sequence(lambda n: n)
    value = 228_000
    earliest = latest = dt.date(2021, 12, 31)
    precision = DatePrecision.DAY

    class Meta:
        model = PopulationFigure


class AreaFigureFactory(DjangoModelFactory):
    municipality = factory.SubFactory(MunicipalityFactory)
    position = factory.Sequence(lambda n: n)
    square_kilometres = "137.78"

    class Meta:
        model = AreaFigure


class StrengthFactory(DjangoModelFactory):
    municipality = factory.SubFactory(MunicipalityFactory)
    position = factory.Sequence(lambda n: n)
    text_de = "Offene Daten"
    text_en = "Open data"

    class Meta:
        model = Strength


class TopicRoleFactory(DjangoModelFactory):
    municipality = factory.SubFactory(MunicipalityFactory)
    topic = factory.SubFactory(TopicFactory)
    role = Role.GIVES

    class Meta:
        model = TopicRole


class OrganisationFactory(DjangoModelFactory):
    slug = factory.Sequence(lambda n: f"organisation-{n:03d}")
    short_name = factory.Sequence(lambda n: f"ORG {n:03d}")
    name_de = factory.Sequence(lambda n: f"Organisation {n:03d}")
    name_en = factory.Sequence(lambda n: f"Organisation {n:03d}")
    kind = OrganisationKind.PROJECT_TEAM

    class Meta:
        model = Organisation


class RoleAssignmentFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory)
    role = UserRole.COLLEAGUE
    municipality = factory.LazyAttribute(
        lambda row: MunicipalityFactory() if row.role in CITY_ROLES else None
    )
    organisation = factory.LazyAttribute(
        lambda row: None if row.role in CITY_ROLES else OrganisationFactory()
    )
    since = dt.date(2022, 5, 17)

    class Meta:
        model = RoleAssignment


class InvitationFactory(DjangoModelFactory):
    email = factory.Sequence(lambda n: f"invited-{n:03d}@example.org")
    role = UserRole.COLLEAGUE
    municipality = factory.LazyAttribute(
        lambda row: MunicipalityFactory() if row.role in CITY_ROLES else None
    )
    organisation = factory.LazyAttribute(
        lambda row: None if row.role in CITY_ROLES else OrganisationFactory()
    )
    expires_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=14))

    class Meta:
        model = Invitation


class ProgrammeRoleFactory(DjangoModelFactory):
    organisation = factory.SubFactory(OrganisationFactory)
    kind = ProgrammeRoleKind.PROJECT_PARTNER

    class Meta:
        model = ProgrammeRole


class CallFactory(DjangoModelFactory):
    slug = factory.Sequence(lambda n: f"call-{n:03d}")
    title_de = factory.Sequence(lambda n: f"Aufruf {n:03d}")
    title_en = factory.Sequence(lambda n: f"Call {n:03d}")
    kind = CallKind.EXPRESSION_OF_INTEREST
    state = CallState.ARCHIVED
    closes_on = dt.date(2022, 2, 25)

    class Meta:
        model = Call


class CriterionFactory(DjangoModelFactory):
    """The one criterion of a call, with a sentence for each step."""

    call = factory.SubFactory(CallFactory)
    position = factory.Sequence(lambda n: n)
    name_de = "Übertragbarkeit"
    name_en = "Transferability"
    weight = 100

    class Meta:
        model = Criterion

    class Params:
        explained = factory.Trait(
            **{
                f"step_{step}_{code}": f"{word} {step}"
                for step in STEPS
                for code, word in (("de", "Stufe"), ("en", "Step"))
            }
        )


class QuestionFactory(DjangoModelFactory):
    call = factory.SubFactory(CallFactory)
    position = factory.Sequence(lambda n: n)
    text_de = "Was haben Sie schon versucht?"
    text_en = "What have you tried?"
    limit = 2_000

    class Meta:
        model = Question


class AnswerFactory(DjangoModelFactory):
    call = factory.SubFactory(CallFactory)
    position = factory.Sequence(lambda n: n)
    question_de = "Dürfen Landkreise mitmachen?"
    question_en = "May districts take part?"
    text_de = "Ja."
    text_en = "Yes."

    class Meta:
        model = Answer


class ConsentFactory(DjangoModelFactory):
    call = factory.SubFactory(CallFactory)
    position = factory.Sequence(lambda n: n)
    text_de = "Ich habe die Hinweise zum Datenschutz gelesen."
    text_en = "I have read the privacy notice."

    class Meta:
        model = Consent


def make_ready_call(**fields: object) -> Call:
    """Return a draft with everything that it takes to open it."""
    now = timezone.now()
    ready = {
        "state": CallState.DRAFT,
        "time_zone": "Europe/Berlin",
        "opens_at": now - dt.timedelta(days=1),
        "closes_at": now + dt.timedelta(days=30),
        "places_german": 6,
        "places_european": 6,
        "hours_a_month": 12,
        "months": 24,
        "trips": 2,
        "language_level": "B1",
        "description_de": "Worum es geht.",
        "description_en": "What it is about.",
        "contact_de": "Das Programmbüro.",
        "contact_en": "The programme office.",
    }
    call: Call = CallFactory(**{**ready, **fields})
    call.topics.add(TopicFactory())
    CriterionFactory(call=call, explained=True)
    ConsentFactory(call=call)
    return call


class CallFactFactory(DjangoModelFactory):
    call = factory.SubFactory(CallFactory)
    section = CallSection.ELIGIBILITY
    position = factory.Sequence(lambda n: n)
    text_de = "Kommunen in Europa"
    text_en = "Municipalities in Europe"

    class Meta:
        model = CallFact


class CallMilestoneFactory(DjangoModelFactory):
    call = factory.SubFactory(CallFactory)
    position = factory.Sequence(lambda n: n)
    text_de = "Auswahl"
    text_en = "Selection"

    class Meta:
        model = CallMilestone


class TandemFactory(DjangoModelFactory):
    """A partnership without members; :func:`make_pair` gives one with two cities."""

    slug = factory.Sequence(lambda n: f"tandem-{n:03d}")
    number = factory.Sequence(lambda n: n + 1)
    kind = TandemKind.TANDEM
    status = TandemStatus.ACTIVE
    name_de = factory.Sequence(lambda n: f"Tandem {n:03d}")
    name_en = factory.Sequence(lambda n: f"Tandem {n:03d}")

    class Meta:
        model = Tandem


class TandemMemberFactory(DjangoModelFactory):
    tandem = factory.SubFactory(TandemFactory)
    municipality = factory.SubFactory(MunicipalityFactory)
    position = factory.Sequence(lambda n: n)
    role = MemberRole.MEMBER
    joined_earliest = joined_latest = KICK_OFF
    joined_precision = DatePrecision.DAY

    class Meta:
        model = TandemMember


class TandemTopicFactory(DjangoModelFactory):
    tandem = factory.SubFactory(TandemFactory)
    topic = factory.SubFactory(TopicFactory)
    position = factory.Sequence(lambda n: n)
    stage = LearningStage.UNDOCUMENTED

    class Meta:
        model = TandemTopic


class TandemChangeFactory(DjangoModelFactory):
    tandem = factory.SubFactory(TandemFactory)
    position = factory.Sequence(lambda n: n)
    text_de = "Gast kommt hinzu"
    text_en = "A guest joins"

    class Meta:
        model = TandemChange


class ProfileVersionFactory(DjangoModelFactory):
    tandem = factory.SubFactory(TandemFactory)
    number = factory.Sequence(lambda n: n + 1)
    state = ProfileState.RELEASED
    released_at = dt.datetime(2022, 6, 1, 12, tzinfo=dt.UTC)

    class Meta:
        model = ProfileVersion
        skip_postgeneration_save = True

    @factory.post_generation
    def summary(self, create, extracted, **texts):
        """Write the summary: by default one in both languages, none for ``summary=False``."""
        if extracted is not False:
            ProfileEntryFactory(
                profile=self,
                section=ProfileSection.SUMMARY,
                is_point=False,
                result_kind="",
                texts={
                    "de": "Zwei Städte lernen voneinander.",
                    "en": "Two cities learn from each other.",
                    **texts,
                },
            )


class ProfileEntryFactory(DjangoModelFactory):
    profile = factory.SubFactory(ProfileVersionFactory)
    section = ProfileSection.RESULT
    position = factory.Sequence(lambda n: n)
    is_point = True
    result_kind = ResultKind.PARTICIPATION

    class Meta:
        model = ProfileEntry
        skip_postgeneration_save = True

    @factory.post_generation
    def texts(self, create, extracted, **_values):
        """Write the texts by language; the first one is the original."""
        texts = extracted or {
            "de": "Ein Beteiligungsformat wurde übernommen.",
            "en": "A participation format was taken over.",
        }
        for number, (language, text) in enumerate(texts.items()):
            state = TextState.TRANSLATED if number else TextState.ORIGINAL
            ProfileText.objects.create(entry=self, language=language, text=text, state=state)


class MeetingFactory(DjangoModelFactory):
    """A virtual meeting of the whole network that took place on one documented day."""

    reference = factory.Sequence(lambda n: f"meeting-{n:03d}")
    kind = MeetingKind.WORKING_MEETING
    scope = MeetingScope.PROGRAMME
    title_de = factory.Sequence(lambda n: f"Arbeitstreffen {n:03d}")
    title_en = factory.Sequence(lambda n: f"Working meeting {n:03d}")
    slug = factory.Sequence(lambda n: f"working-meeting-{n:03d}")
    status = MeetingStatus.HELD
    is_public = factory.LazyAttribute(lambda row: row.status != MeetingStatus.PLANNED)
    earliest = latest = KICK_OFF
    precision = DatePrecision.DAY

    class Meta:
        model = Meeting


class CommitmentFactory(DjangoModelFactory):
    """An open commitment of the first member of a partnership, due in the far future."""

    tandem = factory.LazyFunction(lambda: make_pair())  # noqa: PLW0108 - it stands below
    municipality = factory.LazyAttribute(
        lambda row: row.tandem.members.order_by("position").first().municipality
    )
    text = factory.Sequence(lambda n: f"Wir schicken den Leitfaden {n:03d}.")
    language = "de"
    due_on = dt.date(2099, 12, 31)

    class Meta:
        model = Commitment


class AgendaItemFactory(DjangoModelFactory):
    meeting = factory.SubFactory(MeetingFactory)
    position = factory.Sequence(lambda n: n)
    text_de = "Begrüßung"
    text_en = "Welcome"

    class Meta:
        model = AgendaItem


class ArticleFactory(DjangoModelFactory):
    slug = factory.Sequence(lambda n: f"article-{n:03d}")
    title_de = factory.Sequence(lambda n: f"Nachricht {n:03d}")
    title_en = factory.Sequence(lambda n: f"Story {n:03d}")
    teaser_de = "Worum es geht."
    teaser_en = "What it is about."
    body_de = "Der Text."
    body_en = "The text."
    published_on = dt.date(2022, 6, 1)

    class Meta:
        model = Article


class PageFactory(DjangoModelFactory):
    key = PageKey.IMPRINT
    title_de = "Impressum"
    title_en = "Imprint"
    body_de = "Verantwortlich: {operator_name}"
    body_en = "Responsible: {operator_name}"

    class Meta:
        model = Page


class ProgrammeEntryFactory(DjangoModelFactory):
    section = ProgrammeSection.AIM
    position = factory.Sequence(lambda n: n)
    text_de = "Voneinander lernen"
    text_en = "Learn from each other"

    class Meta:
        model = ProgrammeEntry


class ResourceFactory(DjangoModelFactory):
    reference = factory.Sequence(lambda n: f"resource-{n:03d}")
    position = factory.Sequence(lambda n: n)
    kind = ResourceKind.REPORT
    title_de = factory.Sequence(lambda n: f"Bericht {n:03d}")
    title_en = factory.Sequence(lambda n: f"Report {n:03d}")

    class Meta:
        model = Resource


def make_pair(**tandem: object) -> Tandem:
    """Return a partnership of a German and an Italian city."""
    pair = TandemFactory(**tandem)
    TandemMemberFactory(tandem=pair, position=0)
    partner = MunicipalityFactory(
        country=Country.IT, languages=["it"], time_zone="Europe/Rome", latitude=43.5, longitude=11.9
    )
    TandemMemberFactory(tandem=pair, position=1, municipality=partner)
    return pair


#: Role → kind of organisation that gives it.
GIVERS = {
    UserRole.REVIEWER: OrganisationKind.PROJECT_TEAM,
    UserRole.COORDINATOR: OrganisationKind.PROJECT_TEAM,
    UserRole.BBSR: OrganisationKind.CONTRACTING_AUTHORITY,
    UserRole.OBSERVER: OrganisationKind.MINISTRY,
}


def make_user(role: str | None = None, municipality: Municipality | None = None) -> User:
    """Return a person with a confirmed address and, given a role, with that role since 2022."""
    user = UserFactory()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if role in CITY_ROLES:
        place = municipality or MunicipalityFactory()
        RoleAssignmentFactory(user=user, role=role, municipality=place)
    elif role:
        organisation = OrganisationFactory(kind=GIVERS[UserRole(role)])
        RoleAssignmentFactory(user=user, role=role, organisation=organisation)
    return user


def sign_in(client: Client, user: User, *, second_factor: bool | None = None) -> None:
    """Sign a person in; staff have shown a second factor unless told otherwise."""
    client.force_login(user, backend="accounts.backends.SignInBackend")
    session = client.session
    session[BEGAN] = session[SEEN] = int(time.time())
    session.save()
    if user.is_staff if second_factor is None else second_factor:
        Authenticator.objects.get_or_create(user=user, type="totp", defaults={"data": {}})
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": 0.0, "type": "totp"}]
        session["account_authentication_methods_user"] = user_id_to_str(user)
        session.save()
