"""Who takes part in a meeting, and what each may do there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of, require
from meetings.enums import OVER, MeetingScope, MeetingStatus
from meetings.invitation import is_over
from meetings.models import Meeting, MeetingGuest
from municipalities.models import Municipality
from tandems.enums import MemberRole
from tandems.models import Tandem

#: Why nobody is let into a meeting any more.
CALLED_OFF = _("This meeting was cancelled. No further guests can be added.")
PAST = _("This meeting is over. No further guests can be added.")


@dataclass(frozen=True, slots=True)
class Nobodys:
    """What no city leads: for questions of rights, only the project team speaks for it."""

    acting_municipalities: frozenset[int] = field(default_factory=frozenset)


def lead_of(meeting: Meeting) -> Tandem | Nobodys:
    """Return on what the right to lead a meeting is asked.

    The cities of a partnership lead its meetings, and those that it holds with other partnerships;
    meetings of the network are led by the project team.
    """
    if meeting.tandem is not None and meeting.scope in {MeetingScope.TANDEM, MeetingScope.SEVERAL}:
        return meeting.tandem
    return Nobodys()


@dataclass(frozen=True, slots=True)
class MeetingAccess:
    """How somebody reads a meeting from within.

    ``cities``: the municipalities taking part for which the person acts. The team acts for none and
    has ``is_team``. A guest (``is_guest``) reads the plan and answers the invitation, nothing else.
    Who is neither has left the partnership and only reads what was there.
    """

    meeting: Meeting
    user: Any
    cities: tuple[Municipality, ...]
    is_team: bool
    is_guest: bool

    @property
    def acts(self) -> bool:
        """Tell whether the person may change anything here at all."""
        return self.is_team or bool(self.cities)

    @property
    def shows_link(self) -> bool:
        """Tell whether the person is told how to take part remotely; once it is over, nobody is.

        That it takes place may be noted on the first of several days already.
        """
        status = self.meeting.status
        goes_on = status == MeetingStatus.HELD and not is_over(self.meeting)
        return (self.acts or self.is_guest) and (goes_on or status not in OVER)

    @property
    def leads(self) -> bool:
        """Tell whether the person plans the meeting: dates, invitations, minutes."""
        return self.acts and self.user.has_perm(Permission.LEAD_MEETINGS, lead_of(self.meeting))

    @property
    def contributes(self) -> bool:
        """Tell whether the person adds questions, items, texts."""
        return self.acts and self.user.has_perm(Permission.CONTRIBUTE, self.meeting)

    def speaks_for(self, municipality: int, permission: Permission) -> bool:
        """Tell whether the person holds a right for one city that takes part; the team does."""
        reach = reach_of(self.user, permission)
        if reach is None:
            return self.is_team
        return municipality in reach and municipality in {city.pk for city in self.cities}


def access_of_meeting(user: Any, meeting: Meeting) -> MeetingAccess | None:
    """Return how ``user`` reads a meeting from within; ``None``: only what visitors read, if any.

    The meeting must come out of ``Meeting.objects.visible_to(user)``.
    """
    reach = reach_of(user, Permission.READ_WORKSPACE)
    if reach is None:
        return MeetingAccess(meeting, user, (), is_team=True, is_guest=False)
    if not reach:
        return None
    acting = meeting.acting_municipalities & reach
    if acting:
        cities = tuple(Municipality.objects.filter(pk__in=acting).by_name())
        return MeetingAccess(meeting, user, cities, is_team=False, is_guest=False)
    guests = MeetingGuest.objects.filter(meeting=meeting, municipality__in=reach)
    if guests.exists():
        return MeetingAccess(meeting, user, (), is_team=False, is_guest=True)
    if has_left(meeting, reach):
        return MeetingAccess(meeting, user, (), is_team=False, is_guest=False)
    return None


def has_left(meeting: Meeting, reach: set[int]) -> bool:
    """Tell whether one of the municipalities was a member of its partnership on the day."""
    if meeting.tandem is None or meeting.latest is None:
        return False
    rows = meeting.tandem.members.filter(
        municipality__in=reach, role=MemberRole.MEMBER, left_on__gte=meeting.latest
    )
    return rows.exists()


def require_lead(user: Any, meeting: Meeting) -> None:
    """Raise :class:`django.core.exceptions.PermissionDenied` for who does not plan the meeting."""
    require(user, Permission.LEAD_MEETINGS, lead_of(meeting))


def closed_to_guests(meeting: Meeting) -> Any:
    """Return in words why nobody is let into a meeting any more; empty as long as it is to come.

    A guest comes to a meeting; of one that is over it would read nothing but the plan.
    """
    if meeting.status == MeetingStatus.CANCELLED:
        return CALLED_OFF
    if meeting.latest is None:
        return "" if meeting.status == MeetingStatus.PLANNED else PAST
    is_over = meeting.status == MeetingStatus.HELD or meeting.latest < timezone.localdate()
    return PAST if is_over else ""
