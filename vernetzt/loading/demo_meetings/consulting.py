"""The invented peer consultations, phase by phase: one is closed, one goes on in writing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from meetings.actions.consultation import begin_consultation, next_phase, write_contribution
from meetings.actions.consultation_outcome import close_consultation, release_sentence
from meetings.actions.consultation_parts import prepare_consultation
from meetings.consultation_content import Preparation
from meetings.enums import ConsultationRole, ContributionKind, Phase
from meetings.phases import minutes_of
from vernetzt.loading.demo_meetings.outcomes import expect
from vernetzt.loading.demo_meetings.planning import PLANNED
from vernetzt.loading.demo_meetings.stage import Stage, around, moment_of

#: Between two contributions there are so many minutes at most, and as long after the last one.
PAUSE = 90
#: Where no time of day is said, it begins then.
MORNING = "09:00"


def prepare_case(stage: Stage, name: str) -> None:
    """Say whose case it is and who has which part, right after the meeting was planned."""
    about, meeting = stage.about(name)["consultation"], stage.meeting(name)
    assert meeting.earliest is not None  # noqa: S101 - both consultations have a day
    content = Preparation(
        title=about["title"],
        case_city=stage.cities[about["city"]],
        mode=about["mode"],
        language=about["language"],
        minutes=minutes_of(about["mode"], about["times"]),
        parts={stage.people[person].pk: role for person, role in about["parts"].items()},
    )
    with around(moment_of(meeting.earliest - dt.timedelta(days=PLANNED - 1))):
        prepare_consultation(
            meeting=meeting, content=content, opened={}, by=stage.contact(about["city"])
        )


def advise(stage: Stage, name: str) -> None:
    """Lead through the phases up to the last one of which something is said."""
    about, meeting = stage.about(name)["consultation"], stage.meeting(name)
    assert meeting.earliest is not None  # noqa: S101 - both consultations have a day
    facilitator = person_with(stage, about, ConsultationRole.FACILITATOR)
    moment = meeting.starts_at or moment_of(meeting.earliest, MORNING, meeting.time_zone)
    with around(moment):
        begin_consultation(meeting=meeting, by=facilitator)
    lengths = minutes_of(about["mode"], about["times"])
    for phase, minutes in zip(Phase, lengths, strict=True):
        said = [row for row in about["said"] if row[0] == phase]
        pause = dt.timedelta(minutes=min(PAUSE, minutes / (len(said) + 1)))
        for number, (_phase, kind, person, text) in enumerate(said, start=1):
            is_method = kind == ContributionKind.METHOD
            with around(moment + number * pause):
                write_contribution(
                    meeting=meeting,
                    phase=phase,
                    kind=kind,
                    text="" if is_method else text,
                    method=text if is_method else "",
                    by=stage.people[person],
                )
        if phase == about["until"]:
            break
        moment += dt.timedelta(minutes=minutes)
        with around(moment):
            next_phase(meeting=meeting, phase=phase, by=facilitator)
    if "valuable" in about:
        close_case(stage, name, moment + dt.timedelta(minutes=lengths[-1]))


def close_case(stage: Stage, name: str, moment: dt.datetime) -> None:
    """Let the case giver close it with a first step, and release one sentence."""
    about = stage.about(name)["consultation"]
    giver = person_with(stage, about, ConsultationRole.CASE_GIVER)
    with around(moment):
        closed = close_consultation(
            meeting=stage.meeting(name),
            valuable=about["valuable"],
            first_step=about["first_step"],
            due_on=stage.day(about["due_week"], 4),
            member=stage.member(about["city"]),
            by=giver,
        )
    if closed.commitment is not None:
        expect(stage, closed.commitment, about)
    with around(moment + dt.timedelta(days=1)):
        release_sentence(
            meeting=stage.meeting(name),
            sentence_de=about["sentence"]["de"],
            sentence_en=about["sentence"]["en"],
            by=giver,
        )


def person_with(stage: Stage, about: dict[str, Any], role: str) -> Any:
    """Return the one person who has a part."""
    return next(stage.people[person] for person, part in about["parts"].items() if part == role)
