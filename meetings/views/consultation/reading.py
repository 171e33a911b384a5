"""Who enters the consultation room, and how the person stands in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.permissions import Permission
from meetings.access import MeetingAccess
from meetings.enums import (
    ConsultationRole as Role,
    ConsultationState as State,
    ContributionKind as Kind,
    MeetingKind,
    MeetingStatus,
)
from meetings.models import Consultation, ConsultationMember
from meetings.phases import kinds_for, reads_until, takes_part
from meetings.views.asking import meeting_of

#: In these nobody writes any more.
ENDED = frozenset({State.CLOSED, State.STOPPED})


@dataclass(frozen=True, slots=True)
class Seat:
    """How somebody stands before the consultation of a meeting: ``member`` is its own part.

    ``takes_part``: the person has it now. ``until``: whose city has left reads up to that day.
    """

    access: MeetingAccess
    consultation: Consultation | None
    member: ConsultationMember | None
    takes_part: bool
    until: dt.date | None

    @property
    def reads(self) -> bool:
        """Tell whether the person reads what is said; a city that has left: only what is over."""
        if self.takes_part:
            return True
        is_over = self.consultation is not None and self.consultation.state in ENDED
        return is_over and self.until is not None

    def stood(self, moment: dt.datetime | None) -> bool:
        """Tell whether something was there already when the city of the person left."""
        if self.until is None:
            return True
        return moment is not None and timezone.localdate(moment) <= self.until

    def has_role(self, role: str) -> bool:
        """Tell whether the person has this part now."""
        return self.takes_part and self.member is not None and self.member.role == role

    @property
    def is_case_giver(self) -> bool:
        """Tell whether the person gave the case, whatever became of its city since."""
        return self.member is not None and self.member.role == Role.CASE_GIVER

    @property
    def may_prepare(self) -> bool:
        """Tell whether the person prepares the consultation: leads, or contributes for its city."""
        if not self.access.acts:
            return False
        if self.access.leads or self.consultation is None:
            return self.access.leads or self.access.contributes
        return self.access.speaks_for(self.consultation.case_city_id, Permission.CONTRIBUTE)

    @property
    def leads(self) -> bool:
        """Tell whether the person leads through the consultation, or leads its meeting."""
        return self.access.leads or self.has_role(Role.FACILITATOR)

    @property
    def may_stop(self) -> bool:
        """Tell whether the person may end the consultation before its time."""
        is_open = self.consultation is not None and self.consultation.state in {
            State.PREPARED,
            State.RUNNING,
        }
        return is_open and self.leads

    @property
    def may_take_up(self) -> bool:
        """Tell whether the person may let one be prepared again that was stopped unbegun."""
        found = self.consultation
        is_unbegun = found is not None and found.state == State.STOPPED and found.phase is None
        is_cancelled = self.access.meeting.status == MeetingStatus.CANCELLED
        return is_unbegun and not is_cancelled and self.leads


def seat_of(request: HttpRequest, pk: int) -> Seat:
    """Return how the person stands before the consultation; a meeting of another kind is a 404.

    A guest comes in only with a part of its own.
    """
    access = meeting_of(request, pk, guests=True)
    if access.meeting.kind != MeetingKind.CONSULTATION:
        raise Http404
    rows = Consultation.objects.select_related("case_city", "commitment__tandem")
    consultation = rows.filter(meeting=access.meeting).first()
    member = None
    if consultation is not None:
        consultation.meeting = access.meeting
        member = consultation.members.filter(user=request.user.pk).first()
    if access.is_guest and member is None:
        raise PermissionDenied
    takes = takes_part(access, member)
    until = None if takes else reads_until(access, member)
    return Seat(access, consultation, member, takes_part=takes, until=until)


def prepared(seat: Seat) -> Consultation:
    """Return the consultation; raises :class:`Http404` where nobody has prepared one yet."""
    if seat.consultation is None:
        raise Http404
    return seat.consultation


def back(pk: int) -> HttpResponse:
    """Return to the room."""
    return redirect("meeting:consultation", pk=pk)


def goes_on(consultation: Consultation) -> bool:
    """Tell whether it is running; with its meeting cancelled, it can only be stopped."""
    is_cancelled = consultation.meeting.status == MeetingStatus.CANCELLED
    return consultation.state == State.RUNNING and not is_cancelled


def written_of(seat: Seat, phase: int | None) -> tuple[str, ...]:
    """Return what the person writes as a text in a phase; the facilitator chooses the method."""
    if seat.member is None or not seat.takes_part:
        return ()
    kinds = kinds_for(phase, seat.member.role)
    chooses = seat.member.role == Role.FACILITATOR
    return tuple(kind for kind in kinds if not (chooses and kind == Kind.METHOD))


def mark_of(consultation: Consultation) -> str:
    """Return what changes with everything that happens in the room."""
    return consultation.changed_at.isoformat()
