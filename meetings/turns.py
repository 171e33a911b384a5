"""Whose turn it is in the peer consultations that go on, for one person over all of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from meetings.enums import (
    ConsultationRole as Role,
    ConsultationState as State,
    MeetingStatus,
    Phase,
)
from meetings.models import ConsultationMember, ConsultationPhase, Contribution, Meeting
from meetings.models.meeting import taking_part
from meetings.phases import end_of, is_turn_of, places_of


@dataclass(frozen=True, slots=True)
class Turn:
    """What waits for somebody with a part: to write, or (``opens_next``) to open the next phase."""

    member: ConsultationMember
    #: With its planned time, and when it began.
    row: ConsultationPhase
    opens_next: bool

    @property
    def meeting(self) -> Meeting:
        """Return the meeting that holds the consultation."""
        return self.member.consultation.meeting

    @property
    def phase(self) -> Phase:
        """Return the phase that goes on."""
        return Phase(self.row.phase)


def turns_of(user: Any, now: dt.datetime) -> list[Turn]:
    """Return where it is a person's turn, with one query; the phase that ends first comes first."""
    places = places_of(user)
    if not places:
        return []
    found = (_turn_in(member, now) for member in _parts_of(user, places))
    turns = [turn for turn in found if turn is not None]
    return sorted(turns, key=lambda turn: (end_of(turn.row) or now, turn.member.pk))


def _parts_of(user: Any, places: set[int | None]) -> QuerySet[ConsultationMember]:
    """Return a person's parts in consultations that go on, for the ``places`` that still meet.

    A city that has left writes no more, nor does a person who has left the city.
    """
    rows = ConsultationMember.objects.filter(user=user, consultation__state=State.RUNNING)
    rows = rows.exclude(consultation__meeting__status=MeetingStatus.CANCELLED)
    held = Q(municipality__isnull=True) if None in places else Q(pk__in=())
    for city in sorted(place for place in places if place is not None):
        meetings = Meeting.objects.filter(taking_part({city})).order_by()
        held |= Q(municipality=city, consultation__meeting__in=meetings.values("pk"))
    rows = rows.filter(held)
    here: Any = {
        "consultation": OuterRef("consultation"),
        "phase": OuterRef("consultation__phase"),
    }
    phases = ConsultationPhase.objects.filter(**here).order_by()
    return rows.annotate(
        began_at=Subquery(phases.values("started_at")[:1]),
        planned=Subquery(phases.values("minutes")[:1]),
        has_written=Exists(Contribution.objects.filter(**here, written_by=user)),
    ).select_related("consultation__meeting")


def _turn_in(member: Any, now: dt.datetime) -> Turn | None:
    """Return what waits for a person in one consultation; ``None``: nothing."""
    consultation, role = member.consultation, member.role
    row = ConsultationPhase(
        phase=consultation.phase, started_at=member.began_at, minutes=member.planned
    )
    end = end_of(row)
    # In the last phase nothing follows: the case giver closes it.
    if role == Role.FACILITATOR and consultation.phase != Phase.CLOSE and end and end < now:
        return Turn(member, row, opens_next=True)
    has_done = member.has_written
    if role == Role.FACILITATOR and consultation.phase == Phase.METHOD:
        # Choosing the method is no contribution, but what this phase waits for.
        has_done = bool(consultation.method)
    if has_done or not is_turn_of(consultation.phase, role):
        return None
    return Turn(member, row, opens_next=False)
