"""What the consultation room shows, to whom, and up to which day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.permissions import Permission
from core.models import StatusChange
from meetings.enums import (
    ConsultationRole as Role,
    ConsultationState as State,
    ContributionKind as Kind,
    MeetingStatus,
    Phase,
)
from meetings.forms.consultation import ContributionForm, MethodForm, kind_label
from meetings.models import Consultation, ConsultationMember, Contribution
from meetings.phases import (
    MEANING,
    TURNS,
    clock_words,
    end_of,
    is_open_to_new,
    kinds_for,
    length_words,
    may_withdraw,
    missing_in,
)
from meetings.queries import has_page
from meetings.views.asking import frame
from meetings.views.consultation.reading import Seat, goes_on, mark_of, written_of

#: What happened to a part → what the history says of it.
PART_WORDS: dict[str, Any] = {
    "replaced": gettext_lazy("%(role)s: somebody else has the part now"),
    "added": gettext_lazy("%(role)s: somebody has joined"),
    "removed": gettext_lazy("%(role)s: somebody has dropped out"),
}


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
        "may_take_up": seat.may_take_up,
        # Who gave the case finds it on the page that also changes the sentence.
        "may_withdraw": consultation is not None
        and consultation.released_at is not None
        and not (seat.is_case_giver and seat.reads)
        and may_withdraw(seat.access.user, consultation),
        "phase_name": Phase(consultation.phase).label
        if consultation is not None and consultation.phase
        else "",
        **context,
    }
    if consultation is not None and seat.reads:
        shown = {**inside(seat, consultation, timezone.now()), **shown}
    return frame(seat.access, "consultation", **shown)


def inside(seat: Seat, consultation: Consultation, now: dt.datetime) -> dict[str, Any]:
    """Return what only those read who have a part; a city that has left: up to its last day."""
    members = list(consultation.members.select_related("user", "municipality"))
    said = said_before(seat, consultation)
    phases = steps_of(consultation, now)
    running = goes_on(consultation)
    kinds = kinds_for(consultation.phase, seat.member.role if seat.member else "")
    is_facilitator = seat.has_role(Role.FACILITATOR)
    sets_method = running and is_facilitator and Kind.METHOD in kinds
    kinds = written_of(seat, consultation.phase)
    writes = running and bool(kinds)
    is_last = consultation.phase == Phase.CLOSE
    return {
        "members": named(seat, members, said),
        "steps": phases,
        "now": next((step for step in phases if running and step["is_now"]), None),
        "groups": groups_of(said, members),
        "changes": changes_of(seat, consultation),
        "shows_outcome": seat.stood(consultation.closed_at),
        "shows_sentence": consultation.released_at is not None
        and (seat.stood(consultation.released_at) or has_page(consultation.meeting)),
        "may_log": may_log(seat),
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


def may_log(seat: Seat) -> bool:
    """Tell whether the person is shown the way to the learning log: once the case is closed."""
    tandem = seat.access.meeting.tandem
    is_closed = seat.consultation is not None and seat.consultation.state == State.CLOSED
    if tandem is None or not is_closed or not seat.takes_part:
        return False
    return bool(seat.access.user.has_perm(Permission.CONTRIBUTE, tandem))


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


def said_before(seat: Seat, consultation: Consultation) -> list[Contribution]:
    """Return what was said, as far as the person reads it."""
    rows = consultation.contributions.in_order()
    return list(rows if seat.until is None else rows.filter(written_at__date__lte=seat.until))


def named(
    seat: Seat, members: list[ConsultationMember], said: list[Contribution]
) -> list[tuple[ConsultationMember, str]]:
    """Return who has which part, with the name.

    A city that has left is not told who joined later: it reads the names of those it heard.
    """
    heard = {row.written_by_id for row in said} | {seat.access.user.pk}
    return [
        (row, name_of(row.user) if seat.until is None or row.user_id in heard else "")
        for row in members
    ]


def groups_of(
    said: list[Contribution], members: list[ConsultationMember]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return what was said by phase, in its order, with role and person."""
    roles = {row.user_id: row.get_role_display() for row in members}
    # What the case giver writes is the question; what others write is a proposal.
    givers = {row.user_id for row in members if row.role == Role.CASE_GIVER}
    groups: dict[int, list[dict[str, Any]]] = {}
    for row in said:
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


def changes_of(seat: Seat, consultation: Consultation) -> list[tuple[StatusChange, str]]:
    """Return what happened around the consultation, as far as the person reads it, newest first."""
    found = []
    for row in StatusChange.objects.of(consultation):
        if not seat.stood(row.changed_at):
            continue
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
