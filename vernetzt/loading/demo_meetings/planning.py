"""How the invented meetings are planned: plan, questions, agenda, invitations, a date poll."""

from __future__ import annotations

import datetime as dt
from typing import Any

from meetings.actions.agenda import AgendaContent, add_item
from meetings.actions.guests import let_into_meeting
from meetings.actions.inviting import invite_everybody, invite_guest, send_invitations
from meetings.actions.meeting import announce_meeting
from meetings.actions.plan_content import PlanContent, When
from meetings.actions.planning import plan_meeting
from meetings.actions.poll import answer_poll, propose_dates
from meetings.actions.questions import QuestionsContent, ask_questions
from meetings.actions.reminding import choose_reminders
from meetings.actions.replying import reply_to_meeting
from meetings.models import GuidingQuestion
from municipalities.models import Municipality
from vernetzt.loading.demo_call import LANGUAGES
from vernetzt.loading.demo_meetings.stage import TEAM, Stage, around, moment_of

#: So many days before a meeting things are done.
PLANNED, ASKED, LISTED, INVITED, REPLIED = 35, 28, 21, 20, 19
#: Of a meeting without a day, they are counted from the Wednesday so many weeks from now.
UNDATED = (4, 2)
#: Weeks and weekdays on which dates are proposed, on which people answer, and until when they may.
PROPOSED, ANSWERED, ANSWER_BY = (-1, 3), (-1, 4), (1, 4)


def prepare(stage: Stage, name: str, *, by: str = "lindenau.contact", public: bool = True) -> None:
    """Plan a meeting and everything before it: questions, agenda, invitations and answers."""
    about = stage.about(name)
    when = when_of(stage, about["plan"])
    first = when.earliest or stage.day(*UNDATED)
    with around(before(first, PLANNED)):
        content = content_of(stage, about["plan"], when)
        planner = stage.people[by]
        meeting = plan_meeting(tandem=stage.tandem, content=content, by=planner)
        stage.meetings[name] = meeting.pk
        if public:
            announce_meeting(meeting=meeting, by=planner)
    ask_all(stage, name, first)
    list_all(stage, name, first, by)
    if "replies" in about:
        invite_all(stage, name, first, by)


def before(day: dt.date, days: int) -> dt.datetime:
    """Return the office hour so many days before a day."""
    return moment_of(day - dt.timedelta(days=days))


def when_of(stage: Stage, plan: dict[str, Any]) -> When:
    """Return the date of a meeting, from weeks and weekdays to days and moments."""
    about = plan.get("when")
    if about is None:
        return When()
    first = stage.day(about["week"], about["weekday"])
    last = first + dt.timedelta(days=about.get("days", 1) - 1)
    zone = about["zone"]
    moments = {
        "starts_at": moment_of(first, about["starts"], zone) if "starts" in about else None,
        "ends_at": moment_of(last, about["ends"], zone) if "ends" in about else None,
    }
    return When.on_days(first, last, **moments, time_zone=zone)


def content_of(stage: Stage, plan: dict[str, Any], when: When) -> PlanContent:
    """Return what the form of a plan would send."""
    texts = {
        f"{name}_{code}": plan.get(name, {}).get(code, "")
        for name in ("title", "description", "access_notes")
        for code in LANGUAGES
    }
    host = stage.cities[plan["host"]] if "host" in plan else None
    plain = ("place", "address", "remote_link", "remote_note")
    return PlanContent(
        **texts,
        **{name: plan.get(name, "") for name in plain},
        kind=plan["kind"],
        format=plan["format"],
        language=plan["language"],
        when=when,
        country=plan.get("country", host.country if host else ""),
        host=host.pk if host else None,
        topics=tuple(sorted(stage.topics[key].pk for key in plan["topics"])),
        participants=(),
        partnerships=(),
    )


def ask_all(stage: Stage, name: str, first: dt.date) -> None:
    """Let each city write its guiding questions."""
    for city, questions in stage.about(name).get("questions", {}).items():
        empty = QuestionsContent.of([])
        values = {
            f"{part}_{code}_{number}": row[part][code]
            for number, row in enumerate(questions, start=1)
            for part in ("text", "decision")
            for code in LANGUAGES
        }
        with around(before(first, ASKED)):
            ask_questions(
                meeting=stage.meeting(name),
                municipality=stage.cities[city],
                content=QuestionsContent({**empty.values, **values}),
                opened=empty.marks,
                by=stage.people[f"{city}.colleague"],
            )


def list_all(stage: Stage, name: str, first: dt.date, by: str) -> None:
    """Write the agenda, item by item."""
    meeting = stage.meeting(name)
    for item in stage.about(name).get("agenda", []):
        question = None
        if "question" in item:
            city, number = item["question"]
            rows = GuidingQuestion.objects.filter(meeting=meeting, position=number)
            question = rows.get(municipality=stage.cities[city]).pk
        lead = stage.cities[item["lead"]].pk if "lead" in item else None
        content = AgendaContent(
            text_de=item["text"]["de"],
            text_en=item["text"]["en"],
            day=item.get("day", 1),
            minutes=item["minutes"],
            lead=(lead, item.get("note", "")),
            language="en",
            question=question,
        )
        with around(before(first, LISTED)):
            add_item(meeting=meeting, content=content, by=stage.people[by])


def invite_all(stage: Stage, name: str, first: dt.date, by: str) -> None:
    """Invite both cities and guests from outside; some of them answer."""
    about, leader = stage.about(name), stage.people[by]
    with around(before(first, INVITED)):
        meeting = stage.meeting(name)
        invite_everybody(meeting=meeting, by=leader)
        for guest in about.get("guests", []):
            invite_guest(meeting=meeting, **guest, by=leader)
        send_invitations(meeting=meeting, by=leader)
        choose_reminders(meeting=meeting, hours=about.get("reminders", [24]), by=leader)
    for hours, (person, reply, note) in enumerate(about["replies"]):
        with around(before(first, REPLIED) + dt.timedelta(hours=hours)):
            reply_to_meeting(
                meeting=stage.meeting(name), reply=reply, note=note, by=stage.people[person]
            )


def let_guest_in(stage: Stage, name: str, *, by: str = "lindenau.contact") -> None:
    """Let a city of another partnership read a meeting, if the register holds it."""
    guest = Municipality.objects.filter(slug=stage.about(name)["guest_city"]).first()
    if guest is None:
        return
    leader = stage.people[by]
    let_into_meeting(meeting=stage.meeting(name), municipality=guest, by=leader)
    invite_everybody(meeting=stage.meeting(name), by=leader)
    send_invitations(meeting=stage.meeting(name), by=leader)


def look_for_a_date(stage: Stage, name: str) -> None:
    """Propose dates for a meeting, and let half of those who are asked answer."""
    about = stage.about(name)["poll"]
    options: list[Any] = []
    for row in about["options"]:
        when = when_of(stage, {"when": {**row, "zone": about["zone"]}})
        options.append((when.starts_at, when.ends_at))
    with around(moment_of(stage.day(*PROPOSED))):
        poll = propose_dates(
            meeting=stage.meeting(name),
            options=options,
            answer_by=moment_of(stage.day(*ANSWER_BY), "18:00"),
            note=about["note"],
            by=stage.people[about["by"]],
        )
    keys = list(poll.options.order_by("starts_at").values_list("pk", flat=True))
    for hours, (person, choices) in enumerate(about["answers"].items()):
        with around(moment_of(stage.day(*ANSWERED)) + dt.timedelta(hours=hours)):
            answer_poll(
                meeting=stage.meeting(name),
                choices=dict(zip(keys, choices, strict=True)),
                by=stage.people[person],
            )


def announce_network_meeting(stage: Stage, name: str) -> None:
    """Let the project team plan and announce a meeting of the whole network."""
    about = stage.about(name)
    content = content_of(stage, about["plan"], when_of(stage, about["plan"]))
    meeting = plan_meeting(tandem=None, content=content, by=stage.coordinator)
    stage.meetings[name] = meeting.pk
    announce_meeting(meeting=meeting, by=stage.coordinator)
    # Not earlier than the plan: it lies ahead, so it happens now.
    list_all(stage, name, stage.today + dt.timedelta(days=LISTED + 1), TEAM)
