"""Consultations for the browser: before they begin, in each phase, and when they are over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from meetings.enums import ContributionKind as Kind, Phase
from meetings.models import Consultation, ConsultationPhase, Meeting
from tests.cycle import (
    ConsultationFactory,
    ConsultationMemberFactory,
    ConsultationPhaseFactory,
    ContributionFactory,
    Cycle,
    plan_for,
)
from tests.factories import CommitmentFactory

#: Role → who has it.
SEATS = {
    "case_giver": "colleague",
    "facilitator": "partner",
    "scribe": "partner deputy",
    "adviser": "partner colleague",
}
#: Meeting → the phase that goes on there; there are two for who writes in one of them.
ROOMS = {
    "telling": Phase.ACCOUNT,
    "speaking": Phase.ACCOUNT,
    "asking": Phase.KEY_QUESTION,
    "choosing": Phase.METHOD,
    "advising": Phase.ADVICE,
    "listening": Phase.ADVICE,
    "closing": Phase.CLOSE,
}
ACCOUNT = (
    "Wir haben zwölf Sensoren aufgehängt, und niemand liest sie ab.\n\nDas Förderprogramm endet im "
    "Herbst. Die Stadtwerke sagen: nicht unsere Aufgabe. Das Grünflächenamt hat keine Leute dafür."
)
KEY_QUESTION = "Wie finden wir jemanden, der die Sensoren betreibt?"
STEP = "Wir laden die Stadtwerke ein."
#: Contributions by phase: kind, text, who.
SAID = (
    (Phase.ACCOUNT, Kind.ACCOUNT, ACCOUNT, "colleague"),
    (Phase.ACCOUNT, Kind.QUESTION, "Wer hat die Sensoren bestellt?", "partner colleague"),
    (Phase.KEY_QUESTION, Kind.KEY_QUESTION, KEY_QUESTION, "partner"),
    (Phase.ADVICE, Kind.ADVICE, "Fragen Sie noch einmal, mit Zahlen.", "partner colleague"),
)


def consult(cycle: Cycle) -> dict[str, Meeting]:
    """Make consultations about a case from Hamm; return their meetings."""
    rooms = {name: room(cycle, name, phase) for name, phase in ROOMS.items()}
    rooms["prepared"] = room(cycle, "prepared", None, mode="written")
    rooms["closed"] = room(
        cycle,
        "closed",
        Phase.CLOSE,
        state="closed",
        closed_at=timezone.now(),
        valuable="Dass niemand sofort eine Lösung hatte.\n\nUnd die Frage nach dem Auftrag.",
        first_step=STEP,
        released_sentence_de="Vor dem Aufhängen klären, wer abliest.",
        released_at=timezone.now(),
    )
    ConsultationPhase.objects.filter(consultation__meeting=rooms["closed"], ended_at=None).update(
        ended_at=timezone.now()
    )
    Consultation.objects.filter(meeting=rooms["closed"]).update(
        commitment=CommitmentFactory(
            tandem=cycle.tandem,
            municipality=cycle.hamm,
            meeting=rooms["closed"],
            text=STEP,
            due_on=timezone.localdate() + dt.timedelta(days=30),
        )
    )
    rooms["unprepared"] = meeting_of(cycle, "unprepared")
    return rooms


def meeting_of(cycle: Cycle, name: str) -> Meeting:
    """Return a meeting that is for a consultation."""
    words = f"Kollegiale Beratung zum Betrieb ({name})"
    return plan_for(cycle.tandem, title_de=words, title_en=words, kind="consultation")


def room(cycle: Cycle, name: str, phase: Phase | None, **fields: Any) -> Meeting:
    """Return a meeting with a consultation that is prepared, or in one of its phases."""
    meeting = meeting_of(cycle, name)
    if phase is not None:
        is_late = phase > Phase.KEY_QUESTION
        fields = {
            "state": "running",
            "phase": phase,
            "key_question": KEY_QUESTION if is_late else "",
            "method": "headstand" if phase > Phase.METHOD else "",
            **fields,
        }
    consultation = ConsultationFactory(
        meeting=meeting,
        title="Zwölf Sensoren, und niemand liest sie ab",
        case_city=cycle.hamm,
        language="de",
        **fields,
    )
    for role, who in SEATS.items():
        ConsultationMemberFactory(
            consultation=consultation,
            user=cycle.people[who],
            role=role,
            municipality=city_of(cycle, who),
        )
    plan_phases(consultation, phase)
    for number, kind, text, who in SAID:
        if phase is not None and number <= phase:
            ContributionFactory(
                consultation=consultation,
                phase=number,
                kind=kind,
                text=text,
                written_by=cycle.people[who],
                municipality=city_of(cycle, who),
            )
    return meeting


def plan_phases(consultation: Consultation, phase: Phase | None) -> None:
    """Plan the phases; the one that goes on began two minutes ago, each before it took five."""
    begun = timezone.now() - dt.timedelta(minutes=2)
    unit = 1 if consultation.mode == "live" else 24 * 60
    for number, minutes in zip(Phase.values, (5, 10, 5, 5, 10, 5), strict=True):
        start = begun - dt.timedelta(minutes=5 * ((phase or 0) - number))
        ConsultationPhaseFactory(
            consultation=consultation,
            phase=number,
            minutes=minutes * unit,
            started_at=start if phase and number <= phase else None,
            ended_at=start + dt.timedelta(minutes=5) if phase and number < phase else None,
        )


def city_of(cycle: Cycle, who: str) -> Any:
    """Return the city of a person."""
    return cycle.arezzo if who.startswith("partner") else cycle.hamm
