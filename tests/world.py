"""One of everything a visitor can see, and beside it one of everything that is hidden."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone, translation

from calls.enums import CallSection, CallState
from calls.models import Call
from core.dates import DatePrecision
from editorial.enums import PageKey, ProgrammeSection
from editorial.models import Article
from meetings.enums import (
    ConsultationState,
    LogVisibility,
    MeetingFormat,
    MeetingKind,
    MeetingScope,
    MeetingStatus,
    MinutesState,
)
from meetings.models import Meeting
from municipalities.enums import Country, Role
from municipalities.models import Municipality, Topic
from tandems.enums import TandemStatus
from tandems.models import Tandem
from tests.cycle import (
    AttendanceFactory,
    CityAttendanceFactory,
    ConsultationFactory,
    ContributionFactory,
    GuidingQuestionFactory,
    LearningEntryFactory,
    MinutesEntryFactory,
    MinutesFactory,
)
from tests.factories import (
    AgendaItemFactory,
    AreaFigureFactory,
    ArticleFactory,
    CallFactFactory,
    CallFactory,
    CallMilestoneFactory,
    CommitmentFactory,
    MeetingFactory,
    PageFactory,
    PopulationFigureFactory,
    ProfileEntryFactory,
    ProfileVersionFactory,
    ProgrammeEntryFactory,
    ProgrammeRoleFactory,
    ResourceFactory,
    StrengthFactory,
    TandemChangeFactory,
    TandemFactory,
    TandemMemberFactory,
    TandemTopicFactory,
    TopicFactory,
    TopicRoleFactory,
    UserFactory,
    make_pair,
)

#: Stands in every text of every hidden record: no answer to a visitor may hold it.
SECRET = "GEHEIM"
SOURCE = "https://source.example/report"


@dataclass
class World:
    """The public records of :func:`make_world`."""

    topic: Topic
    call: Call
    tandem: Tandem
    home: Municipality
    partner: Municipality
    meeting: Meeting
    month_only: Meeting
    case: Meeting
    article: Article

    def pages(self, language: str) -> list[str]:
        """Return the path of every HTML page in a language."""
        with translation.override(language):
            return [
                *(reverse(name) for name in STANDING_PAGES),
                *(
                    record.get_absolute_url()
                    for record in (
                        self.call,
                        self.tandem,
                        self.home,
                        self.partner,
                        self.meeting,
                        self.month_only,
                        self.case,
                        self.article,
                    )
                ),
            ]

    def files(self, language: str) -> list[str]:
        """Return the path of every other public answer in a language."""
        with translation.override(language):
            return [
                reverse("meetings:calendar"),
                reverse("meetings:calendar-entry", args=[self.meeting.pk]),
                reverse("tandem-calendar", args=[self.tandem.slug]),
                # Found from the list; for search engines the list is enough.
                reverse("meetings:month", args=[2022, 5]),
                reverse("editorial:feed"),
                *(reverse(name) for name in ("robots", "sitemap", "security-txt")),
                reverse("sitemap-part", args=[1]),
            ]


LISTS = ("tandems:index", "municipalities:index", "meetings:index", "calls:index")
STANDING_PAGES = (
    "start",
    "programme",
    *LISTS,
    "editorial:index",
    *(f"editorial:{key}" for key in PageKey.values),
)


def make_world() -> World:
    """Fill the database with one of everything, each fact with a source."""
    topic = TopicFactory(sources=[SOURCE])
    call = CallFactory(
        summary_de="Wer mitmachen will",
        summary_en="Who wants to join",
        places_german=6,
        places_european=6,
        partnerships=6,
        places_sources=[SOURCE],
        sources=[SOURCE],
    )
    for section in CallSection:
        CallFactFactory(call=call, section=section, sources=[SOURCE])
    CallMilestoneFactory(call=call, sources=[SOURCE])
    tandem = make_pair(call=call, twinning_since="1985", twinning_sources=[SOURCE])
    first, second = tandem.members.order_by("position")
    home, partner = first.municipality, second.municipality
    for place in (home, partner):
        PopulationFigureFactory(municipality=place, sources=[SOURCE])
        PopulationFigureFactory(municipality=place, note_de="Zensus", note_en="census")
        AreaFigureFactory(municipality=place, note_de="amtlich", note_en="official")
        StrengthFactory(municipality=place, sources=[SOURCE])
        TopicRoleFactory(municipality=place, topic=topic, role=Role.MUTUAL, sources=[SOURCE])
    TandemTopicFactory(tandem=tandem, topic=topic, giver=home, seeker=partner, sources=[SOURCE])
    TandemTopicFactory(tandem=tandem, topic=topic, focus_de="Sensoren", focus_en="Sensors")
    TandemTopicFactory(tandem=tandem, topic=topic)
    TandemChangeFactory(tandem=tandem, sources=[SOURCE])
    profile = ProfileVersionFactory(tandem=tandem, as_of=dt.date(2024, 12, 1), sources=[SOURCE])
    ProfileEntryFactory(profile=profile, sources=[SOURCE, f"{SOURCE}/2"])
    meeting = MeetingFactory(
        tandem=tandem,
        scope=MeetingScope.TANDEM,
        format=MeetingFormat.HYBRID,
        host=home,
        place="Krefeld",
        country=Country.DE,
        starts_at=dt.datetime(2022, 5, 17, 12, tzinfo=dt.UTC),
        ends_at=dt.datetime(2022, 5, 17, 14, tzinfo=dt.UTC),
        time_zone="Europe/Berlin",
        participant_count=1200,
        description_de="Es ging um Beteiligung.",
        description_en="It was about participation.",
        sources=[SOURCE],
    )
    meeting.participants.set([home, partner])
    meeting.topics.set([topic])
    AgendaItemFactory(meeting=meeting)
    month_only = MeetingFactory(
        tandem=tandem,
        scope=MeetingScope.TANDEM,
        status=MeetingStatus.ANNOUNCED,
        earliest=dt.date(2022, 10, 1),
        latest=dt.date(2022, 10, 31),
        precision=DatePrecision.MONTH,
    )
    month_only.participants.set([home])
    case = add_outcome(meeting, home, topic)
    article = ArticleFactory(tandem=tandem, sources=[SOURCE])
    article.municipalities.set([home, partner])
    for key in PageKey:
        PageFactory(
            key=key, title_de=key.label, title_en=key.label, reviewed_on=article.published_on
        )
    for section in ProgrammeSection:
        ProgrammeEntryFactory(section=section, title_de="Titel", title_en="Title", sources=[SOURCE])
    ProgrammeRoleFactory(organisation__seat="Berlin", organisation__website=SOURCE)
    ResourceFactory(
        url=SOURCE, languages=["de", "en"], description_de="Mehr", description_en="More"
    )
    hide_beside(home, call, topic)
    return World(topic, call, tandem, home, partner, meeting, month_only, case, article)


def add_outcome(meeting: Meeting, home: Municipality, topic: Topic) -> Meeting:
    """Add what came of a public meeting: public minutes, numbers, a learned thing; the rest hidden.

    Returns a meeting with a confidential consultation, which visitors may know of.

    Names, internal minutes, the texts of commitments, the link and the case are nobody's business.
    """
    Meeting.objects.filter(pk=meeting.pk).update(
        address="Von-der-Leyen-Platz 1",
        access_notes_de="Stufenlos",
        access_notes_en="Step-free",
        remote_link=f"https://{SECRET}.example/",
        remote_note=SECRET,
        language="en",
    )
    hidden = UserFactory(name=SECRET)
    AttendanceFactory(meeting=meeting, user=hidden, municipality=home, reply_note=SECRET)
    CityAttendanceFactory(meeting=meeting, municipality=home)
    GuidingQuestionFactory(meeting=meeting, municipality=home, text_de=SECRET, text_en=SECRET)
    minutes = MinutesFactory(
        meeting=meeting,
        state=MinutesState.AGREED,
        agreed_at=timezone.now(),
        released_at=timezone.now(),
        public_text_de="Wir haben eine Sensorkarte vereinbart.",
        public_text_en="We agreed on a map of sensors.",
        correction_note=SECRET,
    )
    MinutesEntryFactory(minutes=minutes, heading=SECRET, text=SECRET)
    MinutesFactory(meeting=meeting, number=2, public_text_de=SECRET, public_text_en=SECRET)
    CommitmentFactory(
        meeting=meeting, tandem=meeting.tandem, municipality=home, text=SECRET, person=hidden
    )
    entry = {"tandem": meeting.tandem, "municipality": home, "topic": topic, "written_by": hidden}
    LearningEntryFactory(visibility=LogVisibility.PUBLIC, **entry)
    LearningEntryFactory(visibility=LogVisibility.NETWORK, learned=SECRET, **entry)
    case = MeetingFactory(
        kind=MeetingKind.CONSULTATION,
        tandem=meeting.tandem,
        scope=MeetingScope.TANDEM,
        is_public=True,
    )
    consultation = ConsultationFactory(
        meeting=case,
        title=SECRET,
        case_city=home,
        state=ConsultationState.CLOSED,
        closed_at=timezone.now(),
        key_question=SECRET,
        valuable=SECRET,
        first_step=SECRET,
        released_sentence_de=SECRET,
        released_sentence_en=SECRET,
    )
    ContributionFactory(consultation=consultation, text=SECRET)
    return case


def hide_beside(home: Municipality, call: Call, topic: Topic) -> None:
    """Add hidden records that hang on the public ones."""
    names = {"name_de": SECRET, "name_en": SECRET}
    titles = {"title_de": SECRET, "title_en": SECRET}
    planned = TandemFactory(status=TandemStatus.PLANNED, slug="geheim-tandem", call=call, **names)
    TandemMemberFactory(tandem=planned, municipality=home)
    TandemTopicFactory(tandem=planned, topic=topic, focus_de=SECRET, focus_en=SECRET)
    ProfileVersionFactory(tandem=planned, summary__de=SECRET, summary__en=SECRET)
    internal = MeetingFactory(
        status=MeetingStatus.PLANNED, place=SECRET, slug="geheim-meeting", host=home, **titles
    )
    internal.participants.set([home])
    of_planned = MeetingFactory(tandem=planned, slug="geheim-tandem-meeting", **titles)
    of_planned.participants.set([home])
    CallFactory(state=CallState.DRAFT, slug="geheim-call", **titles)
    story = ArticleFactory(
        published_on=dt.date(2999, 1, 1), slug="geheim-article", tandem=planned, **titles
    )
    story.municipalities.set([home])
