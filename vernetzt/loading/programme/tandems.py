"""Partnerships with members, topics, profile and changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils import timezone

from calls.models import Call
from core.dates import DatePrecision, DateSpan
from municipalities.enums import Role
from municipalities.models import (
    Municipality,
    Topic,
    TopicRole,
)
from tandems.actions import change_tandem_status
from tandems.enums import (
    Evidence,
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
from vernetzt.loading.programme.plan import NOTE, Plan, span_values
from vernetzt.loading.records import Record
from vernetzt.loading.writer import Link

TANDEM_STATUSES = {
    "active": TandemStatus.ACTIVE,
    "completed": TandemStatus.COMPLETED,
    "completed_continues_informally": TandemStatus.CONTINUES,
    "ended_early": TandemStatus.ENDED_EARLY,
    "unknown": TandemStatus.UNDOCUMENTED,
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


def plan_tandem(plan: Plan, key: str, record: Record, number: int) -> None:
    """Plan a partnership with members, topics, profile and changes.

    One that its cities keep themselves by now is left as they have it.
    """
    if Tandem.objects.filter(slug=key, maintained_since__isnull=False).exists():
        plan.add(Tandem, record, {"slug": key}, {}, sourced=False, key=key, is_owner=False)
        return
    kind = record.choice("kind", TandemKind.values)
    chosen = kind == TandemKind.TANDEM and plan.call_key
    plan.add(
        Tandem,
        record,
        {"slug": key},
        {
            "number": number,
            "kind": kind,
            "status": record.choice("status", TANDEM_STATUSES),
            **record.words("name", longest=200),
            "call": Link(Call, plan.call_key) if chosen else None,
            "twinning_since": record.text("existing_twinning_since", required=False),
            "twinning_sources": record.urls("twinning_sources"),
        },
        key=key,
        state=("status", move_tandem),
    )
    tandem = Link(Tandem, key)
    named: set[str] = set()
    for name in ("members", "guests"):
        for _position, member in record.parts(name):
            plan_member(plan, record, member, named, guest=name == "guests")
    plan_topics(plan, tandem, record)
    plan_profile(plan, tandem, key, record)
    for place, change in record.parts("changes"):
        plan.add(
            TandemChange,
            change,
            {"tandem": tandem, "position": place},
            {
                **change.words("text", "", longest=300),
                **span_values(change.bounds("date_earliest", "date_latest")),
            },
        )


def move_tandem(tandem: Tandem, status: str) -> Tandem:
    """Move a stored partnership to the status that the file names."""
    return change_tandem_status(tandem=tandem, status=status, note=NOTE, by=None)


def plan_member(
    plan: Plan, partnership: Record, record: Record, named: set[str], *, guest: bool
) -> None:
    """Plan a membership; a municipality listed as a guest of the programme is a guest here.

    Without sources of its own it rests on those of the partnership. ``named`` holds the
    municipalities that the partnership has so far.
    """
    key = record.reference("municipality", plan.municipalities)
    if key in named:
        record.refuse("municipality", f"{key!r} is named twice.")
    named.add(key)
    listed = plan.municipalities.get(key)
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
    plan.add(
        TandemMember,
        record,
        {"tandem": Link(Tandem, partnership.text("id")), "municipality": Link(Municipality, key)},
        {
            "sources": record.urls() or partnership.urls(),
            "position": len(named) - 1,
            "role": MemberRole.GUEST if guest else MemberRole.MEMBER,
            "joined_earliest": joined.earliest,
            "joined_latest": joined.latest,
            "joined_precision": joined.precision,
            "left_on": left,
            "left_precision": precision if left else DatePrecision.UNKNOWN,
            **reason,
        },
        sourced=False,
    )


def plan_topics(plan: Plan, tandem: Link, record: Record) -> None:
    """Plan who gives and who seeks, then the topics whose direction is not documented."""
    position = 0
    named: set[str] = set()
    for _position, flow in record.parts("learning_flows"):
        topic = flow.reference("theme", plan.topics, required=False)
        giver = flow.reference("lighthouse", plan.municipalities, required=False)
        seeker = flow.reference("follower", plan.municipalities, required=False)
        if bool(giver) != bool(seeker):
            flow.refuse("follower" if giver else "lighthouse", "is missing beside the other.")
        plan.add(
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
        # Who was shown something has not asked for it.
        asked = flow.text("status") != LearningStage.PRESENTED
        plan_roles(plan, flow, topic, giver, seeker if asked else "")
    for topic in record.references("themes", plan.topics):
        if topic not in named:
            plan.add(
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


def plan_roles(plan: Plan, flow: Record, topic: str, giver: str, seeker: str) -> None:
    """Plan what a learning flow says about the roles of both municipalities on the topic."""
    if not topic:
        return
    for key, role in ((giver, Role.GIVES), (seeker, Role.SEEKS)):
        lookup = {
            "municipality": Link(Municipality, key),
            "topic": Link(Topic, topic),
            "role": role,
        }
        if key and not any(row.lookup == lookup for row in plan.planned):
            plan.add(TopicRole, flow, lookup, flow.words("note", "topic"))


def plan_profile(plan: Plan, tandem: Link, key: str, record: Record) -> None:
    """Plan the first version of the profile: summary, challenges, goals and results.

    Versions that the cities wrote later are theirs.
    """
    plan.add(
        ProfileVersion,
        record,
        {"tandem": tandem, "number": 1},
        {"as_of": plan.as_of},
        key=key,
        first_values={"released_at": timezone.now(), "state": ProfileState.RELEASED},
    )
    summary = Entry(ProfileSection.SUMMARY, 0, record.words("", "description"), is_point=False)
    plan_entry(plan, key, record, summary, sourced=False)
    position = 1
    for name, section in (
        ("challenges", ProfileSection.CHALLENGE),
        ("goals", ProfileSection.GOAL),
        ("results", ProfileSection.RESULT),
    ):
        for _position, part in record.parts(name):
            entry = Entry(section, position, part.words("", ""))
            if section == ProfileSection.RESULT:
                entry.facts = {
                    "result_kind": part.choice("kind", ResultKind.values),
                    "evidence": part.choice("status", EVIDENCE),
                }
            plan_entry(plan, key, part, entry)
            position += 1


@dataclass
class Entry:
    """An entry to be planned: its section, place, words by ``_de`` and ``_en``, and facts."""

    section: ProfileSection
    position: int
    words: dict[str, str]
    facts: dict[str, str] = field(
        default_factory=lambda: {"result_kind": "", "evidence": Evidence.DOCUMENTED}
    )
    is_point: bool = True


def plan_entry(plan: Plan, key: str, record: Record, entry: Entry, *, sourced: bool = True) -> None:
    """Plan an entry and its texts; the German one counts as the original."""
    name = f"{key} {entry.position}"
    plan.add(
        ProfileEntry,
        record,
        {"profile": Link(ProfileVersion, key), "position": entry.position},
        {"section": entry.section, "is_point": entry.is_point, **entry.facts},
        key=name,
        sourced=sourced,
    )
    for language, state in (("de", TextState.ORIGINAL), ("en", TextState.TRANSLATED)):
        if text := entry.words[f"_{language}"]:
            plan.add(
                ProfileText,
                record,
                {"entry": Link(ProfileEntry, name), "language": language},
                {"text": text, "state": state},
                sourced=False,
            )
