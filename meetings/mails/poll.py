"""The mails of a date poll: each person reads the dates in its language and on its clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from core.outbox import write_mail
from meetings.models import Attendance, DatePoll, Meeting, PollOption
from meetings.polling import poll_link
from meetings.times import LocalTime, city_of, days_of, local_times
from tandems.mails import spoken_to


def poll_opened(poll: DatePoll, invited: Iterable[Attendance]) -> None:
    """Ask invited people which dates suit them."""
    _write("mail/poll_opened", poll, invited)


def poll_changed(poll: DatePoll, invited: Iterable[Attendance]) -> None:
    """Tell invited people that other dates are proposed; answers to dates that stay are kept."""
    _write("mail/poll_changed", poll, invited)


def poll_reminded(poll: DatePoll, attendance: Attendance) -> None:
    """Remind an invited person who has not answered; dates that have passed are not named."""
    ahead = [row for row in poll.options.all() if row.starts_at > timezone.now()]
    _write("mail/poll_reminded", poll, [attendance], ahead)


def poll_closed(poll: DatePoll, invited: Iterable[Attendance]) -> None:
    """Tell invited people that the poll has ended without a date."""
    _write("mail/poll_closed", poll, invited)


def poll_cancelled(poll: DatePoll, invited: Iterable[Attendance], reason: str) -> None:
    """Tell people who were asked for dates that the meeting does not take place, and why."""
    _write("mail/poll_cancelled", poll, invited, reason=reason)


def poll_fixed(poll: DatePoll, meeting: Meeting, invited: Iterable[Attendance]) -> None:
    """Tell invited people the date of the meeting, one of those proposed or another one."""
    _write("mail/poll_fixed", poll, invited, [meeting], is_timed=meeting.starts_at is not None)


def _write(
    template: str,
    poll: DatePoll,
    invited: Iterable[Attendance],
    dated: Sequence[PollOption | Meeting] = (),
    **said: Any,
) -> None:
    """Write one mail to each person; ``dated``: whose dates it names, else all proposed ones."""
    rows = dated or list(poll.options.all())
    for attendance in invited:
        person: Any = attendance.user or attendance
        zone = person.time_zone
        with spoken_to(person):
            context = {
                "person": person,
                "asked_at": attendance.dates_asked_at,
                "meeting": poll.meeting,
                "poll": poll,
                "dates": [_when(row, zone) for row in rows],
                "answer_by": local_times(poll.answer_by, None, [zone])[0],
                "zone": city_of(zone),
                "link": f"{settings.PUBLIC_URL}{poll_link(attendance)}",
                **said,
            }
            write_mail(template, to=person.email, language=person.language, context=context)


def _when(row: PollOption | Meeting, zone: str) -> LocalTime | str:
    """Return a date on a clock; whole days, which only a meeting has, are the same on each."""
    if isinstance(row, Meeting) and row.starts_at is None and row.earliest and row.latest:
        return days_of(row.earliest, row.latest)
    start: Any = row.starts_at
    return local_times(start, row.ends_at, [zone])[0]
