"""Who enters the consultation room, and what the room shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.permissions import Permission
from core.models import StatusChange
from meetings.access import MeetingAccess
from meetings.enums import (
    ConsultationRole as Role,
    ConsultationState as State,
    ContributionKind as Kind,
    MeetingKind,
    MeetingStatus,
    Phase,
)
from meetings.forms.consultation import ContributionForm, MethodForm, kind_label
from meetings.models import Consultation, ConsultationMember
from meetings.phases import (
    MEANING,
    TURNS,
    clock_words,
    end_of,
    is_open_to_new,
    kinds_for,
    length_words,
    may_read,
    missing_in,
    takes_part,
)
from meetings.views.asking import frame, meeting_of

#: What happened to a part → what the history says of it.
PART_WORDS: dict[str, Any] = {
    "replaced": gettext_lazy("%(role)s: somebody else has the part now"),
    "added": gettext_lazy("%(role)s: somebody has joined"),
    "removed": gettext_lazy("%(role)s: somebody has dropped out"),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """How somebody stands before the consultation of a meeting: ``member`` is its own part."""

    access: MeetingAccess
    consultation: Consultation | None
    member: ConsultationMember | None

    @property
    def takes_part(self) -> bool:
        """Tell whether the person has a part now."""
        return takes_part(self.access, self.member)

    @property
    def reads(self) -> bool:
        """Tell whether the person reads what is said."""
        found = self.consultation
        return found is not None and may_read(self.access, found, self.member)

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
    return Seat(access, consultation, member)


def prepared(seat: Seat) -> Consultation:
    """Return the consultation; raises :class:`Http404` where nobody has prepared one yet."""
    if seat.consultation is None:
        raise Http404
    return seat.consultation


def back(pk: int) -> HttpResponse:
    """Return to the room."""
    return redirect("meeting:consultation", pk=pk)


def room_of(seat: Seat, **context: Any) -> dict[str, Any]:
    """Return what the page of the room shows to this person.

    Who has no part learns that the consultation takes place, of which city, and how far it is.
    """
    consultation = seat.consultation
    running = consultation is not None and goes_on(consultation)
    seats = running and seat.has_role(Role.FACILITATOR)
    shown = {
        "seat": seat,
        "consultation": consultation,
        "may_prepare": seat.may_prepare
        and (consultation is None or consultation.state == State.PREPARED),
        "may_replace": running and seat.leads,
        "may_add": seats and consultation is not None and is_open_to_new(consultation),
        "may_remove": seats,
        "is_cancelled": seat.access.meeting.status == MeetingStatus.CANCELLED,
        "may_stop": seat.may_stop,
        "phase_name": Phase(consultation.phase).label
        if consultation is not None and consultation.phase
        else "",
        **context,
    }
    if consultation is not None and seat.reads:
        shown = {**inside(seat, consultation, timezone.now()), **shown}
    return frame(seat.access, "consultation", **shown)


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


def inside(seat: Seat, consultation: Consultation, now: dt.datetime) -> dict[str, Any]:
    """Return what only those read who have a part."""
    members = list(consultation.members.select_related("user", "municipality"))
    phases = steps_of(consultation, now)
    running = goes_on(consultation)
    kinds = kinds_for(consultation.phase, seat.member.role if seat.member else "")
    is_facilitator = seat.has_role(Role.FACILITATOR)
    sets_method = running and is_facilitator and Kind.METHOD in kinds
    kinds = written_of(seat, consultation.phase)
    writes = running and bool(kinds)
    is_last = consultation.phase == Phase.CLOSE
    return {
        "members": [(row, name_of(row.user)) for row in members],
        "steps": phases,
        "now": next((step for step in phases if running and step["is_now"]), None),
        "groups": groups_of(consultation, members),
        "changes": changes_of(consultation),
        "newest": mark_of(consultation),
        "form": ContributionForm(kinds=kinds) if writes else None,
        "method_form": MethodForm(method=consultation.method) if sets_method else None,
        "proposals": proposals_in(consultation)
        if running and seat.has_role(Role.CASE_GIVER) and Kind.KEY_QUESTION in kinds
        else [],
        "may_begin": is_facilitator
        and consultation.state == State.PREPARED
        and consultation.meeting.status != MeetingStatus.CANCELLED,
        "may_go_on": is_facilitator and running and not is_last,
        "missing": missing_in(consultation) if running else "",
        "may_close": seat.has_role(Role.CASE_GIVER) and running and is_last,
        # Also who has left with its city can take its own sentence back.
        "may_release": seat.is_case_giver
        and consultation.state == State.CLOSED
        and (seat.takes_part or consultation.released_at is not None),
        "only_listens": seat.has_role(Role.CASE_GIVER)
        and running
        and consultation.phase == Phase.ADVICE,
        "may_watch": running and not writes and not sets_method,
    }


def steps_of(consultation: Consultation, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the six phases: what happens in each, its time, and whether it is its turn."""
    rows = {row.phase: row for row in consultation.phases.all()}
    running = consultation.state == State.RUNNING
    steps = []
    for phase in Phase:
        row = rows.get(phase.value)
        is_now = running and consultation.phase == phase
        # Of two phases that were moved past, the clock of the server says which took place.
        is_done = row is not None and row.ended_at is not None
        steps.append(
            {
                "phase": phase,
                "row": row,
                "planned": planned_words(consultation, row.minutes) if row else "",
                "meaning": MEANING[phase],
                "turn": TURNS[phase],
                "is_now": is_now,
                "is_done": is_done,
                "clock": clock_words(row, now) if row and is_now else "",
                "is_over": bool(row and is_now and (end := end_of(row)) and end < now),
            }
        )
    return steps


def planned_words(consultation: Consultation, minutes: int) -> str:
    """Return the planned time of a phase."""
    return _("planned: %(span)s") % {"span": length_words(consultation.mode, minutes)}


def groups_of(
    consultation: Consultation, members: list[ConsultationMember]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return what was said by phase, in its order, with role and person."""
    roles = {row.user_id: row.get_role_display() for row in members}
    # What the case giver writes is the question; what others write is a proposal.
    givers = {row.user_id for row in members if row.role == Role.CASE_GIVER}
    groups: dict[int, list[dict[str, Any]]] = {}
    for row in consultation.contributions.in_order():
        groups.setdefault(row.phase, []).append(
            {
                "row": row,
                "kind": _("key question")
                if row.kind == Kind.KEY_QUESTION and row.written_by_id in givers
                else kind_label(row.kind),
                "name": name_of(row.written_by),
                "role": roles.get(row.written_by_id or 0, ""),
            }
        )
    return [(str(Phase(phase).label), groups[phase]) for phase in sorted(groups)]


def proposals_in(consultation: Consultation) -> list[str]:
    """Return the wordings that the facilitator proposes for the key question and are not set."""
    rows = consultation.contributions.in_order().filter(kind=Kind.KEY_QUESTION)
    mine = {row.user_id for row in consultation.members.filter(role=Role.CASE_GIVER)}
    texts = [row.text for row in rows if row.written_by_id not in mine]
    return [text for text in dict.fromkeys(texts) if text != consultation.key_question]


def changes_of(consultation: Consultation) -> list[tuple[StatusChange, str]]:
    """Return what happened around the consultation, the newest first."""
    found = []
    for row in StatusChange.objects.of(consultation):
        if row.field == "part":
            words = str(PART_WORDS[row.new]) % {"role": Role(row.old).label}
        elif row.field == "sentence":
            words = _("public sentence withdrawn") if row.new == "withdrawn" else _("released")
        else:
            words = str(State(row.new).label)
        found.append((row, words))
    return found


def name_of(user: Any) -> str:
    """Return a name; of a closed account only that it was somebody."""
    return str(user) if user is not None and user.is_active else _("a former member")


def mark_of(consultation: Consultation) -> str:
    """Return what changes with everything that happens in the room."""
    return consultation.changed_at.isoformat()
