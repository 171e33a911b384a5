"""The rules of a peer consultation: who may have which part, and who writes what in which phase.

One person gives a case, the others advise, each in their turn. The table below is what the server
enforces; pages and mails only say it in words.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from accounts.models import RoleAssignment
from accounts.permissions import GRANTS, Permission, reach_of
from meetings.access import MeetingAccess
from meetings.asked import last_day_of
from meetings.enums import (
    ConsultationMode,
    ConsultationRole as Role,
    ContributionKind as Kind,
    Phase,
)
from meetings.models import Consultation, ConsultationMember, ConsultationPhase, Meeting
from meetings.times import hours_of, span_of
from municipalities.models import Municipality

MINUTES_OF_A_DAY = 24 * 60
#: What is planned for each phase where nobody says otherwise: minutes, in writing days.
DEFAULT_TIMES: dict[str, tuple[int, ...]] = {
    ConsultationMode.LIVE: (5, 10, 5, 5, 10, 5),
    ConsultationMode.WRITTEN: (2, 4, 2, 1, 7, 2),
}
#: The longest phase: minutes, in writing days.
LONGEST_TIMES: dict[str, int] = {ConsultationMode.LIVE: 240, ConsultationMode.WRITTEN: 30}

#: Phase → role → kinds of contributions. What does not stand here is refused: nobody advises before
#: the phase for it, and while the others advise, whoever gives the case only listens.
MAY_WRITE: dict[int, dict[str, tuple[str, ...]]] = {
    Phase.ROLES: dict.fromkeys(Role.values, (Kind.NOTE,)),
    Phase.ACCOUNT: {
        Role.CASE_GIVER: (Kind.ACCOUNT, Kind.ANSWER),
        Role.FACILITATOR: (Kind.NOTE,),
        Role.SCRIBE: (Kind.NOTE,),
        Role.ADVISER: (Kind.QUESTION,),
    },
    Phase.KEY_QUESTION: {
        Role.CASE_GIVER: (Kind.KEY_QUESTION,),
        Role.FACILITATOR: (Kind.KEY_QUESTION, Kind.NOTE),
        Role.SCRIBE: (Kind.NOTE,),
    },
    Phase.METHOD: {
        Role.CASE_GIVER: (Kind.METHOD,),
        Role.FACILITATOR: (Kind.METHOD, Kind.NOTE),
        Role.SCRIBE: (Kind.NOTE,),
        Role.ADVISER: (Kind.METHOD,),
    },
    Phase.ADVICE: {
        Role.FACILITATOR: (Kind.NOTE,),
        Role.SCRIBE: (Kind.NOTE,),
        Role.ADVISER: (Kind.ADVICE,),
    },
    # What closes a consultation is no contribution: whoever gave the case says it at the end.
    Phase.CLOSE: {},
}

#: Phase → what happens in it, and whose turn it is.
MEANING: dict[int, Any] = {
    Phase.ROLES: gettext_lazy(
        "You say who has which role today, and agree that what is said stays here."
    ),
    Phase.ACCOUNT: gettext_lazy(
        "The case giver tells how things stand. Advisers ask what they need to understand it, and "
        "give no advice yet."
    ),
    Phase.KEY_QUESTION: gettext_lazy(
        "The case giver puts into one question what to be advised on. The facilitator may suggest "
        "a wording."
    ),
    Phase.METHOD: gettext_lazy(
        "The facilitator decides how advice is gathered. The case giver and the advisers may "
        "suggest a way."
    ),
    Phase.ADVICE: gettext_lazy(
        "The advisers say what comes to their minds, one thought at a time. The case giver only "
        "listens."
    ),
    Phase.CLOSE: gettext_lazy(
        "The case giver says what was valuable and what the first step will be. Nobody else writes."
    ),
}
TURNS: dict[int, Any] = {
    Phase.ROLES: gettext_lazy("everybody"),
    Phase.ACCOUNT: gettext_lazy("the case giver; the advisers with clarifying questions"),
    Phase.KEY_QUESTION: gettext_lazy("the case giver; the facilitator with proposals"),
    Phase.METHOD: gettext_lazy("the facilitator; the case giver and the advisers with proposals"),
    Phase.ADVICE: gettext_lazy("the advisers"),
    Phase.CLOSE: gettext_lazy("the case giver"),
}


def kinds_for(phase: int | None, role: str) -> tuple[str, ...]:
    """Return what somebody of a role may write in a phase; nothing where it only listens."""
    return MAY_WRITE.get(phase or 0, {}).get(role, ())


def is_turn_of(phase: int | None, role: str) -> bool:
    """Tell whether somebody of a role writes in a phase; in the last one the case giver closes."""
    closes = phase == Phase.CLOSE and role == Role.CASE_GIVER
    return closes or bool(kinds_for(phase, role))


def is_open_to_new(consultation: Consultation) -> bool:
    """Tell whether somebody can still join one that goes on: until the advice has ended."""
    return consultation.phase is not None and consultation.phase <= Phase.ADVICE


def missing_in(consultation: Consultation) -> Any:
    """Return what is missing before the next phase can begin; nothing where it can."""
    if consultation.phase == Phase.KEY_QUESTION and not consultation.key_question:
        return gettext_lazy("The key question is missing: the case giver sets it in this phase.")
    if consultation.phase == Phase.METHOD and not consultation.method:
        return gettext_lazy("The method is missing: choose it before the advice begins.")
    if consultation.phase == Phase.CLOSE:
        return gettext_lazy("This is the last phase: the case giver closes the consultation.")
    return ""


def places_of(user: Any) -> set[int | None]:
    """Return for what somebody acts today: keys of cities, and ``None`` for the project team."""
    held = user.roles if user.is_active else ()
    return {row.municipality_id for row in held if Permission.READ_WORKSPACE in GRANTS[row.role]}


def takes_part(access: MeetingAccess | None, member: ConsultationMember | None) -> bool:
    """Tell whether a person has a part and still belongs to those who meet.

    It is had for one place: whoever has moved to another city no longer speaks for the first one,
    even where both of them meet.
    """
    if access is None or member is None or not (access.acts or access.is_guest):
        return False
    place, meeting = member.municipality_id, access.meeting
    if place not in places_of(access.user):
        return False
    if place is None or place in meeting.acting_municipalities:
        return True
    return meeting.guests.filter(municipality=place).exists()


def reads_until(access: MeetingAccess, member: ConsultationMember | None) -> dt.date | None:
    """Return up to which day somebody reads who has a part but takes none any more.

    That is the last day of the city for which the person has it, and still acts; ``None``: the
    person reads nothing of what is said.
    """
    if member is None or member.municipality_id not in places_of(access.user):
        return None
    return last_day_of(replace(access, cities=(), is_team=False, is_guest=False))


def may_withdraw(user: Any, consultation: Consultation) -> bool:
    """Tell whether a person may take the released sentence back, whatever it reads of the rest.

    Who gave the case may, wherever that person is now; so may contact and deputy of the city of the
    case, also after it has left, and the project team: no sentence stays for want of a person.
    """
    reach = reach_of(user, Permission.LEAD_MEETINGS)
    if reach is None or consultation.case_city_id in reach:
        return True
    return consultation.members.filter(user=user.pk, role=Role.CASE_GIVER).exists()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can have a part, with the cities of the meeting that it comes from.

    The team comes from none. ``acting``: those of them that meet, guests left out; ``is_team``: the
    person belongs to the team, perhaps besides.
    """

    user: Any
    cities: tuple[Municipality, ...]
    acting: frozenset[int]
    is_team: bool

    def keeps(self, member: ConsultationMember) -> bool:
        """Tell whether the person still comes from where its part is had for."""
        if member.municipality_id is None:
            return self.is_team
        return member.municipality_id in {city.pk for city in self.cities}

    @property
    def label(self) -> str:
        """Return name and place, as lists of people show them."""
        place = ", ".join(str(city) for city in self.cities) or _("project team")
        return f"{self.user} ({place})"


def candidates_for(meeting: Meeting) -> dict[int, Candidate]:
    """Return who can have a part in the consultation of a meeting, by key, sorted by place.

    That is whoever acts today for a city that meets or is a guest, and the project team.
    """
    acting = meeting.acting_municipalities
    places = acting | set(meeting.guests.values_list("municipality", flat=True))
    rows = RoleAssignment.objects.held_on(timezone.localdate()).giving(Permission.READ_WORKSPACE)
    rows = rows.filter(Q(municipality__in=places) | Q(municipality__isnull=True))
    found: dict[int, list[RoleAssignment]] = {}
    for row in rows.filter(user__is_active=True).with_people():
        found.setdefault(row.user_id, []).append(row)
    candidates = (_candidate(held, acting) for held in found.values())
    return {one.user.pk: one for one in sorted(candidates, key=_by_place)}


def _candidate(held: list[RoleAssignment], acting: set[int]) -> Candidate:
    cities = {row.municipality_id: row.municipality for row in held if row.municipality}
    return Candidate(
        user=held[0].user,
        cities=tuple(cities.values()),
        acting=frozenset(key for key in cities if key in acting),
        is_team=any(row.municipality_id is None for row in held),
    )


def _by_place(one: Candidate) -> tuple[bool, str]:
    return not one.cities, one.label if not one.cities else f"{one.cities[0]} {one.user}"


def fault_of(
    parts: dict[int, str], candidates: dict[int, Candidate], case_city: int
) -> tuple[str, Any] | None:
    """Return what is wrong with who has which part (keys of users → role): field and sentence.

    Nothing where all is well. Who gives the case comes from its city; as everybody has one role,
    nobody leads through the own case.
    """
    roles = list(parts.values())
    if any(user not in candidates for user in parts):
        return "", gettext_lazy("Choose people who take part in this meeting.")
    for role, field, told in (
        (Role.CASE_GIVER, "case_giver", gettext_lazy("Choose who gives the case.")),
        (Role.FACILITATOR, "facilitator", gettext_lazy("Choose who leads through it.")),
        (Role.ADVISER, "advisers", gettext_lazy("Choose one adviser at least.")),
    ):
        if role not in roles:
            return field, told
    giver = next(user for user, role in parts.items() if role == Role.CASE_GIVER)
    if case_city not in candidates[giver].acting:
        return "case_giver", gettext_lazy("Choose a person from the city of the case.")
    return None


def place_of(candidate: Candidate, role: str, case_city: Municipality) -> Municipality | None:
    """Return for which city somebody has its part; the team for none."""
    if role == Role.CASE_GIVER:
        return case_city
    return candidate.cities[0] if candidate.cities else None


def minutes_of(mode: str, times: Iterable[int | None]) -> tuple[int, ...]:
    """Return the planned minutes of the six phases; where nothing is said, the usual ones."""
    unit = MINUTES_OF_A_DAY if mode == ConsultationMode.WRITTEN else 1
    usual = zip(times, DEFAULT_TIMES[mode], strict=True)
    return tuple((given or default) * unit for given, default in usual)


def length_words(mode: str, minutes: int) -> str:
    """Return how long a phase is planned to take: days in writing, else minutes."""
    if mode == ConsultationMode.WRITTEN:
        number = minutes // MINUTES_OF_A_DAY
        return ngettext("%(number)s day", "%(number)s days", number) % {"number": number}
    return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}


def end_of(row: ConsultationPhase) -> dt.datetime | None:
    """Return when a phase is planned to end; nothing before it has begun."""
    return row.started_at and row.started_at + dt.timedelta(minutes=row.minutes)


def until_words(end: dt.datetime, now: dt.datetime) -> str:
    """Return a moment on the active clock: the time of day, with the day unless it is today."""
    here, today = timezone.localtime(end), timezone.localtime(now).date()
    return hours_of(here, None) if here.date() == today else span_of(here, None)


def clock_words(row: ConsultationPhase, now: dt.datetime) -> str:
    """Return when a phase ends and how long that is: ``ends at 10:25; 4 minutes left``."""
    end = end_of(row)
    if end is None:
        return ""
    seconds = (end - now).total_seconds()
    words = {"moment": until_words(end, now), "span": span_words(abs(seconds))}
    if seconds >= 0:
        return _("ends at %(moment)s; %(span)s left") % words
    return _("was planned until %(moment)s; %(span)s over") % words


def span_words(seconds: float) -> str:
    """Return how long something takes, in the largest unit that says enough."""
    minutes = math.ceil(seconds / 60)
    if minutes >= 2 * MINUTES_OF_A_DAY:
        days = round(minutes / MINUTES_OF_A_DAY)
        return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
    if minutes >= 2 * 60:
        hours = round(minutes / 60)
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
