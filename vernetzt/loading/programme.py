"""The plan of rows behind a file of programme facts.

The format is the one of ``data/programme.json``: lists of records with stable ids, texts per
language (``title_de``, ``title_en``), dates with their precision and a list of sources each.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
import zoneinfo
from dataclasses import asdict
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from accounts.enums import OrganisationKind, ProgrammeRoleKind
from accounts.models import Organisation, ProgrammeRole
from calls.enums import CallKind, CallSection, CallState
from calls.models import Call, CallFact, CallMilestone
from core.dates import NO_DATE, DatePrecision, DateSpan, month_span
from editorial.enums import ProgrammeSection, ResourceKind
from editorial.models import ProgrammeEntry, Resource
from meetings.enums import MeetingFormat, MeetingKind, MeetingScope, MeetingStatus
from meetings.models import AgendaItem, Meeting
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
    Evidence,
    LearningStage,
    MemberRole,
    ProfileSection,
    ProfileState,
    ResultKind,
    TandemKind,
    TandemStatus,
)
from tandems.models import (
    ProfileEntry,
    ProfileVersion,
    Tandem,
    TandemChange,
    TandemMember,
    TandemTopic,
)
from vernetzt.loading.records import FileRefusedError, Record
from vernetzt.loading.writer import Link, Owned, Row

#: Namespace of calendar identities, so that a meeting keeps its UID in every database.
MEETING_NAMESPACE = uuid.UUID("5b0c6a5e-6a52-4c41-9d0a-6f6f1b7c2c11")

ORGANISATION_KINDS = {
    "funder": OrganisationKind.MINISTRY,
    "contracting_authority": OrganisationKind.CONTRACTING_AUTHORITY,
    "lead_partner": OrganisationKind.PROJECT_TEAM,
    "project_partner": OrganisationKind.PROJECT_TEAM,
    "coordinator": OrganisationKind.COORDINATOR,
    "communication_channel": OrganisationKind.NETWORK,
    "multiplier": OrganisationKind.NETWORK,
}
TANDEM_STATUSES = {
    "active": TandemStatus.ACTIVE,
    "completed": TandemStatus.COMPLETED,
    "completed_continues_informally": TandemStatus.CONTINUES,
    "ended_early": TandemStatus.ENDED_EARLY,
    "unknown": TandemStatus.UNDOCUMENTED,
}
MEETING_STATUSES = {
    "held": MeetingStatus.HELD,
    "announced": MeetingStatus.ANNOUNCED,
    "planned_unconfirmed": MeetingStatus.UNCONFIRMED,
    "cancelled": MeetingStatus.CANCELLED,
}
LEARNING_STAGES = {
    **{stage: stage for stage in LearningStage.values},
    "learned_via_krefeld": LearningStage.LEARNED_VIA_GUEST,
}
EVIDENCE = {
    "documented": Evidence.DOCUMENTED,
    "exists_not_readable_here": Evidence.EXISTS,
    "planned_signing_not_confirmed_here": Evidence.PLANNED,
    "result_not_documented_here": Evidence.NOT_DOCUMENTED,
}


#: What the file holds completely for each of its records: rows it no longer names are removed.
OWNED: tuple[Owned, ...] = (
    (ProgrammeRole, "organisation"),
    (PopulationFigure, "municipality"),
    (AreaFigure, "municipality"),
    (Strength, "municipality"),
    (TopicRole, "municipality"),
    (CallFact, "call"),
    (CallMilestone, "call"),
    (TandemMember, "tandem"),
    (TandemTopic, "tandem"),
    (TandemChange, "tandem"),
    (ProfileEntry, "profile"),
    (AgendaItem, "meeting"),
)


def span_values(span: DateSpan) -> dict[str, Any]:
    """Return a span as the values of a dated model."""
    return asdict(span)


class ProgrammePlan:
    """Reads the whole file into rows; :meth:`rows` refuses the file when anything is wrong."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Find the records and their ids."""
        self.file = Record(data, "file")
        self.planned: list[Row] = []
        self.programme = self.file.part("programme", required=True) or Record(
            {}, "programme", self.file.faults
        )
        self.programme.label = "programme"
        meta = self.file.part("meta")
        self.as_of = meta.date("as_of") if meta else None
        self.topics = self.programme.identified("themes")
        self.organisations = self.file.identified("organisations")
        self.municipalities = self.file.identified("municipalities")
        self.tandems = self.file.identified("tandems")
        self.meetings = self.file.identified("meetings")
        self.resources = self.file.identified("resources")
        self.disagreements = self.file.identified("disagreements")
        self.call_key = ""

    def rows(self) -> list[Row]:
        """Return all rows, parents before children.

        Raises :class:`FileRefusedError` with every fault of the file.
        """
        for key, record in self.topics.items():
            self.add(Topic, record, {"key": key}, record.words("name", ""), key=key)
        for position, (key, record) in enumerate(self.organisations.items()):
            self.plan_organisation(key, record, position)
        self.plan_programme()
        for key, record in self.municipalities.items():
            self.plan_municipality(key, record)
        if call := self.file.part("call"):
            self.plan_call(call)
        for number, (key, record) in enumerate(self.tandems.items(), start=1):
            self.plan_tandem(key, record, number)
        for key, record in self.meetings.items():
            self.plan_meeting(key, record)
        for position, (key, record) in enumerate(self.resources.items()):
            self.plan_resource(key, record, position)
        if self.file.faults:
            raise FileRefusedError(self.file.faults)
        return self.planned

    def add(
        self,
        model: type[Any],
        record: Record,
        lookup: dict[str, Any],
        values: dict[str, Any],
        *,
        sourced: bool = True,
        **options: Any,
    ) -> None:
        """Plan one row of a record, with the record's sources."""
        if sourced:
            values = {**values, "sources": record.urls()}
        self.planned.append(Row(model, record.label, lookup, values, **options))

    def plan_organisation(self, key: str, record: Record, position: int) -> None:
        """Plan an organisation, its standing role and the dated roles that the phases document."""
        kind = record.choice("kind", ORGANISATION_KINDS)
        names = record.words("name")
        note = record.text("note", required=False)
        self.add(
            Organisation,
            record,
            {"slug": key},
            {
                "position": position,
                "short_name": record.text("short_name", required=False, longest=60)
                or names["name_de"][:60],
                **names,
                "kind": kind,
                **record.words("contribution", "role"),
                "note_en": note,
                "seat": record.text("seat", required=False, longest=80),
                "website": record.url("website"),
            },
            key=key,
        )
        role = record.choice("kind", ProgrammeRoleKind.values)
        since = NO_DATE
        if role == ProgrammeRoleKind.COORDINATOR:
            since = self.coordinator_since(key)
        self.plan_role(record, key, role, since, NO_DATE, record.urls())
        accompanied = [
            (phase.bounds("date_earliest", "date_latest"), phase.urls())
            for _position, phase in self.programme.parts("phases")
            if key in phase.strings("lead") and role != ProgrammeRoleKind.COORDINATOR
        ]
        if accompanied:
            first, last = accompanied[0][0], accompanied[-1][0]
            sources = list(dict.fromkeys(url for _span, urls in accompanied for url in urls))
            start = self.programme_month("start", first.earliest)
            end = DateSpan(last.latest, last.latest, DatePrecision.DAY)
            self.plan_role(record, key, ProgrammeRoleKind.ACCOMPANIES, start, end, sources)

    def coordinator_since(self, key: str) -> DateSpan:
        """Return the month in which the programme names ``key`` as its new coordinator."""
        for name, value in self.programme.data.items():
            match = re.fullmatch(r"coordinator_from_(\d{4})_(\d{2})", name)
            if match and value == key:
                return month_span(int(match[1]), int(match[2]))
        return NO_DATE

    def programme_month(self, name: str, day: dt.date | None) -> DateSpan:
        """Return ``day``, to the month where the programme's own start is known to the month."""
        if day is None:
            return NO_DATE
        part = self.programme.part(name)
        if part and part.text("value", required=False) == day.isoformat()[:7]:
            return month_span(day.year, day.month)
        return DateSpan(day, day, DatePrecision.DAY)

    def plan_role(
        self,
        record: Record,
        key: str,
        kind: str,
        since: DateSpan,
        until: DateSpan,
        sources: list[str],
    ) -> None:
        """Plan a dated role of an organisation."""
        self.add(
            ProgrammeRole,
            record,
            {"organisation": Link(Organisation, key), "kind": kind},
            {
                "since": since.earliest,
                "since_precision": since.precision,
                "until": until.latest,
                "until_precision": until.precision,
                "sources": sources,
            },
            sourced=False,
        )

    def plan_programme(self) -> None:
        """Plan the statements about the programme."""
        record = self.programme
        names = record.part("names", required=True)
        term = DateSpan(
            record_month(record, "start").earliest,
            record_month(record, "end").latest,
            DatePrecision.PERIOD,
        )
        self.plan_entry(
            ProgrammeSection.SUMMARY,
            0,
            record,
            {
                **(names.words("title", "") if names else {}),
                **record.words("text", "description"),
                **span_values(term),
            },
        )
        for name, section in (
            ("aims", ProgrammeSection.AIM),
            ("activities", ProgrammeSection.ACTIVITY),
            ("methods", ProgrammeSection.METHOD),
            ("overall_findings", ProgrammeSection.FINDING),
        ):
            for position, part in record.parts(name):
                self.plan_entry(section, position, part, part.words("text", ""))
        for position, part in record.parts("phases"):
            part.references("lead", self.organisations)
            span = part.bounds("date_earliest", "date_latest")
            period = DateSpan(span.earliest, span.latest, DatePrecision.PERIOD) if span else span
            self.plan_entry(
                ProgrammeSection.PHASE, position, part, {**part.words("text", ""), **asdict(period)}
            )
        for position, part in record.parts("networks_and_initiatives_named"):
            name = part.text("name", longest=250)
            values = {"title_de": name, "title_en": name, **part.words_in_any("text", "context")}
            self.plan_entry(ProgrammeSection.NETWORK, position, part, values)
        for position, part in enumerate(self.disagreements.values()):
            self.plan_entry(ProgrammeSection.DISAGREEMENT, position, part, part.words("text", ""))

    def plan_entry(
        self, section: str, position: int, record: Record, values: dict[str, Any]
    ) -> None:
        """Plan one statement about the programme."""
        self.add(ProgrammeEntry, record, {"section": section, "position": position}, values)

    def plan_municipality(self, key: str, record: Record) -> None:
        """Plan a municipality with its figures and strengths."""
        point = record.part("coordinates", required=True) or Record({}, key)
        nuts = record.part("nuts3") or Record({}, key)
        zone = record.text("timezone")
        if zone and zone not in zoneinfo.available_timezones():
            record.refuse("timezone", f"{zone!r} is not an IANA time zone.")
        self.add(
            Municipality,
            record,
            {"slug": key},
            {
                **record.words("name", longest=120),
                "local_name": record.text("name_local", longest=120),
                "country": record.choice("country", Country.values),
                **record.words("region", required=False, longest=120),
                "district": record.text("district", required=False, longest=120),
                "nuts3_code": nuts.text("code", required=False),
                "nuts3_name": nuts.text("name", required=False, longest=120),
                "latitude": point.degrees("lat", 90),
                "longitude": point.degrees("lon", 180),
                **point.words("point_note", "point", required=False, longest=250),
                "degree_of_urbanisation": record.number("degurba"),
                "time_zone": zone,
                "languages": record.strings("languages"),
                "website": record.url("website"),
                **{
                    f"contact_offices_{code}": "\n".join(record.strings(f"contact_offices_{code}"))
                    for code in ("de", "en")
                },
                "contact_sources": record.urls("contact_sources"),
                **record.words("description"),
            },
            key=key,
        )
        place = Link(Municipality, key)
        figures = [figure for figure in [record.part("population")] if figure]
        figures += [figure for _position, figure in record.parts("population_other")]
        # A figure without a number is a remark, not a figure.
        for position, figure in enumerate(f for f in figures if f.data.get("value") is not None):
            precision = figure.text("date_precision", required=False)
            span = NO_DATE if precision == "unknown" else figure.partial_date("date")
            self.add(
                PopulationFigure,
                figure,
                {"municipality": place, "position": position},
                {
                    "value": figure.number("value", required=True, least=1),
                    **figure.words_in_any("note", "note", longest=300),
                    **span_values(span),
                },
            )
        self.plan_areas(place, record)
        for position, strength in record.parts("strengths"):
            self.add(
                Strength,
                strength,
                {"municipality": place, "position": position},
                strength.words("text", "", longest=400),
            )

    def plan_areas(self, place: Link, record: Record) -> None:
        """Plan the documented sizes of a municipality."""
        main = record.decimal("area_km2")
        if main is not None:
            self.add(
                AreaFigure,
                record,
                {"municipality": place, "position": 0},
                {
                    "square_kilometres": main,
                    "note_en": record.text("area_note", required=False, longest=300),
                    "sources": record.urls("area_sources"),
                },
                sourced=False,
            )
        for position, other in record.parts("area_other"):
            self.add(
                AreaFigure,
                other,
                {"municipality": place, "position": position + 1},
                {
                    "square_kilometres": other.decimal("value"),
                    "note_en": other.text("note", required=False, longest=300),
                },
            )

    def plan_call(self, record: Record) -> None:
        """Plan the call with what is documented of it."""
        record.label = "call"
        self.call_key = record.text("id")
        record.label = f"call “{self.call_key}”"
        opening = record.part("opening") or Record({}, record.label, record.faults)
        deadline = record.part("deadline") or Record({}, record.label, record.faults)
        places = record.part("places") or Record({}, record.label, record.faults)
        opens = opening.bounds("date_earliest", "date_latest", "date_precision")
        closes = deadline.date("date")
        if opens.earliest and closes and closes < opens.earliest:
            deadline.refuse("date", f"{closes} lies before the opening.")
        self.add(
            Call,
            record,
            {"slug": self.call_key},
            {
                **record.words("title", longest=200),
                **record.words("summary", "description"),
                "kind": record.choice("kind", CallKind.values),
                "opens_earliest": opens.earliest,
                "opens_latest": opens.latest,
                "opens_precision": opens.precision,
                "opens_sources": opening.urls(),
                "closes_on": closes,
                "closes_sources": deadline.urls(),
                "partnerships": places.number("partnerships"),
                "places_german": places.number("of_which_german"),
                "places_european": places.number("of_which_other_european"),
                "places_sources": places.urls(),
            },
            key=self.call_key,
            first_values={"state": CallState.ARCHIVED},
        )
        position = 0
        for name, section in (
            ("eligible", CallSection.ELIGIBILITY),
            ("channel", CallSection.CHANNEL),
            ("themes_offered", CallSection.TOPICS),
            ("form_fields_documented", CallSection.FORM),
            ("commitments_documented", CallSection.COMMITMENT),
            ("benefits", CallSection.BENEFIT),
            ("travel_budget", CallSection.TRAVEL),
            ("selection_criteria_documented", CallSection.CRITERION),
            ("matchmaking", CallSection.MATCHING),
            ("existing_twin_towns_allowed", CallSection.TWINNING),
            ("applicants_note", CallSection.APPLICANTS),
        ):
            for fact in facts_of(record, name):
                source = "note" if "note_de" in fact.data else ""
                self.add(
                    CallFact,
                    fact,
                    {"call": Link(Call, self.call_key), "position": position},
                    {"section": section, **fact.words("text", source)},
                )
                position += 1
        for position, step in record.parts("timetable"):
            self.add(
                CallMilestone,
                step,
                {"call": Link(Call, self.call_key), "position": position},
                {**step.words("text", "", longest=300), **span_values(step.partial_date("date"))},
            )

    def plan_tandem(self, key: str, record: Record, number: int) -> None:
        """Plan a partnership with members, topics, profile and changes."""
        kind = record.choice("kind", TandemKind.values)
        chosen = kind == TandemKind.TANDEM and self.call_key
        self.add(
            Tandem,
            record,
            {"slug": key},
            {
                "number": number,
                "kind": kind,
                "status": record.choice("status", TANDEM_STATUSES),
                **record.words("name", longest=200),
                "call": Link(Call, self.call_key) if chosen else None,
                "twinning_since": record.text("existing_twinning_since", required=False),
                "twinning_sources": record.urls("twinning_sources"),
            },
            key=key,
        )
        tandem = Link(Tandem, key)
        position = 0
        for name in ("members", "guests"):
            for _position, member in record.parts(name):
                self.plan_member(tandem, member, position, guest=name == "guests")
                position += 1
        self.plan_topics(tandem, record)
        self.plan_profile(tandem, key, record)
        for place, change in record.parts("changes"):
            self.add(
                TandemChange,
                change,
                {"tandem": tandem, "position": place},
                {
                    **change.words("text", "", longest=300),
                    **span_values(change.bounds("date_earliest", "date_latest")),
                },
            )

    def plan_member(self, tandem: Link, record: Record, position: int, *, guest: bool) -> None:
        """Plan a membership; a municipality listed as a guest of the programme is a guest here."""
        key = record.reference("municipality", self.municipalities)
        listed = self.municipalities.get(key)
        guest = guest or (listed is not None and listed.data.get("role") == "guest")
        joined_on = record.date("joined")
        joined = (
            DateSpan(joined_on, joined_on, DatePrecision.DAY)
            if joined_on
            else record.bounds("joined_earliest", "joined_latest")
        )
        left = record.date("left")
        if left and joined.earliest and left < joined.earliest:
            record.refuse("left", f"{left} lies before the joining.")
        reason = record.words("left_reason", required=False, longest=300)
        if any(reason.values()) and not left:
            record.refuse("left", "is missing, although a reason for leaving is given.")
        word = record.text("left_precision", required=False)
        precision = DatePrecision.YEAR_END if word.startswith("end of") else DatePrecision.DAY
        self.add(
            TandemMember,
            record,
            {"tandem": tandem, "municipality": Link(Municipality, key)},
            {
                "position": position,
                "role": MemberRole.GUEST if guest else MemberRole.MEMBER,
                "joined_earliest": joined.earliest,
                "joined_latest": joined.latest,
                "joined_precision": joined.precision,
                "left_on": left,
                "left_precision": precision if left else DatePrecision.UNKNOWN,
                **reason,
            },
        )

    def plan_topics(self, tandem: Link, record: Record) -> None:
        """Plan who gives and who seeks, then the topics whose direction is not documented."""
        position = 0
        named: set[str] = set()
        for _position, flow in record.parts("learning_flows"):
            topic = flow.reference("theme", self.topics, required=False)
            giver = flow.reference("lighthouse", self.municipalities, required=False)
            seeker = flow.reference("follower", self.municipalities, required=False)
            if bool(giver) != bool(seeker):
                flow.refuse("follower" if giver else "lighthouse", "is missing beside the other.")
            self.add(
                TandemTopic,
                flow,
                {"tandem": tandem, "position": position},
                {
                    "topic": Link(Topic, topic) if topic else None,
                    **flow.words("focus", "topic", longest=200),
                    "giver": Link(Municipality, giver) if giver else None,
                    "seeker": Link(Municipality, seeker) if seeker else None,
                    "stage": flow.choice("status", LEARNING_STAGES),
                },
            )
            position += 1
            named.add(topic)
            self.plan_roles(flow, topic, giver, seeker)
        for topic in record.references("themes", self.topics):
            if topic not in named:
                self.add(
                    TandemTopic,
                    record,
                    {"tandem": tandem, "position": position},
                    {
                        "topic": Link(Topic, topic),
                        "focus_de": "",
                        "focus_en": "",
                        "giver": None,
                        "seeker": None,
                        "stage": LearningStage.UNDOCUMENTED,
                    },
                )
                position += 1

    def plan_roles(self, flow: Record, topic: str, giver: str, seeker: str) -> None:
        """Plan what a learning flow says about the roles of both municipalities on the topic."""
        if not topic:
            return
        for key, role in ((giver, Role.GIVES), (seeker, Role.SEEKS)):
            lookup = {
                "municipality": Link(Municipality, key),
                "topic": Link(Topic, topic),
                "role": role,
            }
            if key and not any(row.lookup == lookup for row in self.planned):
                self.add(TopicRole, flow, lookup, flow.words("note", "topic"))

    def plan_profile(self, tandem: Link, key: str, record: Record) -> None:
        """Plan the released profile with challenges, goals and results."""
        self.add(
            ProfileVersion,
            record,
            {"tandem": tandem, "state": ProfileState.RELEASED},
            {**record.words("summary", "description"), "as_of": self.as_of},
            key=key,
            first_values={"released_at": timezone.now()},
        )
        position = 0
        for name, section in (
            ("challenges", ProfileSection.CHALLENGE),
            ("goals", ProfileSection.GOAL),
            ("results", ProfileSection.RESULT),
        ):
            for _position, entry in record.parts(name):
                result = section == ProfileSection.RESULT
                self.add(
                    ProfileEntry,
                    entry,
                    {"profile": Link(ProfileVersion, key), "position": position},
                    {
                        "section": section,
                        **entry.words("text", ""),
                        "result_kind": entry.choice("kind", ResultKind.values) if result else "",
                        "evidence": entry.choice("status", EVIDENCE)
                        if result
                        else Evidence.DOCUMENTED,
                    },
                )
                position += 1

    def plan_meeting(self, key: str, record: Record) -> None:
        """Plan a meeting with its agenda."""
        precision = record.choice("date_precision", ("day", "month", "range", "unknown"))
        if precision == "day":
            span = record.bounds("date_start", "date_end")
            span = DateSpan(span.earliest, span.latest, DatePrecision.DAY) if span else span
            if not span and record.data.get("date_start") is None:
                record.refuse("date_start", "is missing, although the date is known to the day.")
        elif precision == "unknown":
            span = NO_DATE
        else:
            span = record.bounds("date_earliest", "date_latest", "date_precision")
        tandem = record.reference("tandem", self.tandems, required=False)
        scope = record.choice("scope", MeetingScope.values)
        if scope == MeetingScope.TANDEM and not tandem:
            record.refuse("tandem", "is missing for a meeting of one partnership.")
        cities = record.references("municipalities", self.municipalities)
        country = record.choice("country", Country.values, required=False)
        host = record.reference("host", self.municipalities, required=False)
        zone = self.zone_of(cities, country)
        starts_at, ends_at = times_of(record, span, zone)
        titles = record.words("title", longest=200)
        self.add(
            Meeting,
            record,
            {"reference": key},
            {
                "kind": record.choice("kind", MeetingKind.values),
                "scope": scope,
                "tandem": Link(Tandem, tandem) if tandem else None,
                **titles,
                "slug": slugify(titles["title_en"])[:120] or key,
                **record.words("description"),
                "format": record.choice("format", MeetingFormat.values, required=False),
                "status": record.choice("status", MEETING_STATUSES),
                **span_values(span),
                "starts_at": starts_at,
                "ends_at": ends_at,
                "time_zone": zone if starts_at else "",
                "place": record.text("place", required=False, longest=200),
                "country": country,
                "host": Link(Municipality, host) if host else None,
                "participant_count": record.number("participants"),
                "participant_note_en": record.text(
                    "participants_note", required=False, longest=200
                ),
            },
            key=key,
            many={
                "participants": [Link(Municipality, city) for city in cities],
                "topics": [
                    Link(Topic, topic) for topic in record.references("themes", self.topics)
                ],
            },
            first_values={"uid": uuid.uuid5(MEETING_NAMESPACE, key)},
        )
        for position, item in record.parts("agenda"):
            self.add(
                AgendaItem,
                item,
                {"meeting": Link(Meeting, key), "position": position},
                item.words("text", "", longest=300),
                sourced=False,
            )

    def zone_of(self, cities: list[str], country: str) -> str:
        """Return the zone of the place: of a participating city in the country, else of the first.

        The facts give a time of day, but no zone; the clock of the place is what a local
        announcement means.
        """
        records = [self.municipalities[city] for city in cities]
        local = [record for record in records if record.data.get("country") == country] or records
        return str(local[0].data.get("timezone") or "") if local else ""

    def plan_resource(self, key: str, record: Record, position: int) -> None:
        """Plan a publication about the programme."""
        self.add(
            Resource,
            record,
            {"reference": key},
            {
                "position": position,
                "kind": record.choice("kind", ResourceKind.values),
                **record.words("title", longest=250),
                **record.words("description"),
                "url": record.url("url"),
                "languages": record.strings("languages"),
                **span_values(record.partial_date("date")),
            },
        )


def record_month(record: Record, name: str) -> DateSpan:
    """Return the month in ``record[name]["value"]``."""
    part = record.part(name)
    return part.partial_date("value") if part else NO_DATE


def facts_of(record: Record, name: str) -> list[Record]:
    """Return the statements under ``name``: none, one object or a list of objects."""
    if isinstance(record.data.get(name), list):
        return [fact for _position, fact in record.parts(name)]
    part = record.part(name)
    return [part] if part else []


def times_of(
    record: Record, span: DateSpan, zone: str
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return start and end from ``time``: ``18:30`` or ``16:00-17:30`` on a documented day."""
    value = record.text("time", required=False)
    if not value:
        return None, None
    match = re.fullmatch(r"(\d{2}:\d{2})(?:-(\d{2}:\d{2}))?", value)
    if not match or span.earliest is None or span.precision != DatePrecision.DAY or not zone:
        record.refuse("time", f"{value!r} is not a time such as 16:00-17:30 on a documented day.")
        return None, None
    try:
        moments = [
            dt.datetime.combine(
                span.earliest, dt.time.fromisoformat(part), tzinfo=zoneinfo.ZoneInfo(zone)
            )
            for part in match.groups()
            if part
        ]
    except ValueError:
        record.refuse("time", f"{value!r} is not a time of day.")
        return None, None
    return moments[0], moments[1] if len(moments) > 1 else None
