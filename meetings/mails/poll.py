"""The mails of a date poll: each person reads the dates in its language and on its clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from core.outbox import write_mail
from meetings.models import Attendance, DatePoll, PollOption
from meetings.polling import poll_link
from meetings.times import city_of, local_times
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


def poll_fixed(poll: DatePoll, option: PollOption, invited: Iterable[Attendance]) -> None:
    """Tell invited people which of the proposed dates was chosen."""
    _write("mail/poll_fixed", poll, invited, [option])


def _write(
    template: str,
    poll: DatePoll,
    invited: Iterable[Attendance],
    options: Sequence[PollOption] = (),
    **said: str,
) -> None:
    """Write one mail to each person; ``options``: the dates that it names, else all proposed."""
    options = options or list(poll.options.all())
    for attendance in invited:
        person: Any = attendance.user or attendance
        zone = person.time_zone
        with spoken_to(person):
            dates = [local_times(row.starts_at, row.ends_at, [zone])[0] for row in options]
            context = {
                "person": person,
                "asked_at": attendance.dates_asked_at,
                "meeting": poll.meeting,
                "poll": poll,
                "dates": dates,
                "answer_by": local_times(poll.answer_by, None, [zone])[0],
                "zone": city_of(zone),
                "link": f"{settings.PUBLIC_URL}{poll_link(attendance)}",
                **said,
            }
            write_mail(template, to=person.email, language=person.language, context=context)
