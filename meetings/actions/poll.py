"""What proposes dates, takes answers, fixes one of the dates or ends the poll without one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission, reach_of
from core.actions import note_change
from core.models import save_new
from meetings.access import access_of_meeting, require_lead
from meetings.actions.inviting import invite_everybody, reachable
from meetings.actions.meeting import cancel_meeting
from meetings.actions.planning import set_date
from meetings.actions.poll_ending import end_poll, not_told_yet, settle_poll
from meetings.enums import PollChoice
from meetings.locks import lock_meeting
from meetings.mails import poll as mails
from meetings.models import Attendance, DatePoll, Meeting, PollOption, PollReply
from meetings.polling import (
    DATABLE,
    MOST_OPTIONS,
    Moments,
    days_in,
    mark_of_poll,
    may_answer,
    takes_answers,
)

CLOSED = _("The date poll is closed: answers are no longer taken.")


@transaction.atomic
def propose_dates(
    *,
    meeting: Meeting,
    options: Iterable[Moments],
    answer_by: dt.datetime,
    note: str = "",
    opened: str = "",
    by: Any,
) -> DatePoll:
    """Propose dates (start and end), or change the proposal, and ask everybody concerned.

    Answers to dates that stay are kept; a poll that was closed is opened again. ``opened`` is the
    mark (:func:`meetings.polling.mark_of_poll`) of what the form was opened with. What is proposed
    already stays as it is, and nobody is asked again.

    Raises :class:`PermissionDenied` for who does not lead the meeting and :class:`ValidationError`
    for a meeting that is over, for none or too many dates, for a day of answer that has passed or
    comes too late, and where somebody else changed the proposal meanwhile (code ``conflict``).
    """
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    wanted = sorted(set(options))
    poll = _poll(locked)
    if poll is not None and poll.is_open and _says(poll, wanted, answer_by, note):
        return poll
    _refuse_wrong(locked, wanted, answer_by, kept=_dates_of(poll))
    if mark_of_poll(poll) != opened:
        raise ValidationError(
            _("Somebody else has changed the proposed dates meanwhile."), code="conflict"
        )
    is_new = poll is None or not poll.is_open
    if poll is None:
        poll = DatePoll(meeting=locked, answer_by=answer_by, note=note, opened_by=by)
        save_new(poll)
    else:
        if is_new:
            poll.opened_by, poll.opened_at, poll.closed_at = by, timezone.now(), None
        poll.answer_by, poll.note = answer_by, note
        poll.full_clean(exclude=["opened_by"])
        poll.save()
    _replace_options(poll, wanted)
    note_change(locked, field="poll", old="", new="opened" if is_new else "changed", by=by)
    invite_everybody(meeting=locked, by=by)
    _attendance_of(locked, by, by)
    asked = _reached(locked)
    (mails.poll_opened if is_new else mails.poll_changed)(poll, asked)
    locked.attendances.filter(pk__in=[row.pk for row in asked]).update(
        dates_asked_at=timezone.now()
    )
    return poll


@transaction.atomic
def answer_poll(
    *,
    meeting: Meeting,
    attendance: Attendance | None = None,
    choices: Mapping[int, str],
    by: Any,
) -> int:
    """Note which of the proposed dates suit a person; return how many answers it has given now.

    ``choices``: key of the date → :class:`PollChoice`; dates that are no longer proposed are left
    out. ``attendance`` is given where a signed link names the person (``by`` is then its account,
    if any); otherwise ``by`` answers, and is noted as invited if nobody had done that.

    Raises :class:`PermissionDenied` for who does not take part (any more) and
    :class:`ValidationError` for a poll that is closed (code ``closed``).
    """
    locked = lock_meeting(meeting)
    poll = _poll(locked)
    if poll is None or not takes_answers(poll, locked):
        raise ValidationError(CLOSED, code="closed")
    person: Attendance | None
    if attendance is None:
        person = _attendance_of(locked, by, by)
    else:
        rows = Attendance.objects.select_related("user", "meeting").filter(meeting=locked)
        person = rows.filter(pk=attendance.pk).first()
    if person is None or not may_answer(person):
        raise PermissionDenied
    known = {row.pk: row for row in PollReply.objects.filter(attendance=person)}
    given = {reply.option_id: reply for reply in known.values()}
    for option in poll.options.filter(pk__in=choices):
        choice = choices[option.pk]
        if choice not in PollChoice.values:
            raise ValidationError(_("Choose whether the date suits."))
        reply = given.setdefault(option.pk, PollReply(option=option, attendance=person))
        if reply.choice != choice:
            reply.choice = choice
            reply.full_clean()
            reply.save()
    return len(given)


@transaction.atomic
def fix_date(*, option: PollOption, time_zone: str, by: Any) -> Meeting:
    """Make one of the proposed dates the date of the meeting, and close the poll.

    ``time_zone`` (IANA) is the clock of the place. Who meets is told by
    :func:`meetings.actions.planning.set_date`, who would not learn of it that way by a mail.

    Raises :class:`PermissionDenied` for who does not lead the meeting and :class:`ValidationError`
    for a poll that is closed (code ``closed``), a date that is no longer proposed (code ``gone``)
    or that has passed.
    """
    locked = lock_meeting(option.poll.meeting)
    require_lead(by, locked)
    poll = _open_poll(locked)
    chosen = poll.options.filter(pk=option.pk).first()
    if chosen is None:
        raise ValidationError(_("This date is no longer proposed."), code="gone")
    if chosen.starts_at <= timezone.now():
        raise ValidationError(_("This date has passed. Choose another one."), code="past")
    first, last = days_in((chosen.starts_at, chosen.ends_at), time_zone)
    dated: Meeting = set_date(
        meeting=locked,
        earliest=first,
        latest=last,
        starts_at=chosen.starts_at,
        ends_at=chosen.ends_at,
        time_zone=time_zone,
        by=by,
    )
    settle_poll(meeting=dated, by=by)
    return dated


@transaction.atomic
def close_poll(*, meeting: Meeting, by: Any) -> DatePoll:
    """End a poll without a date, and tell those who were asked.

    Raises :class:`PermissionDenied` for who does not lead the meeting and :class:`ValidationError`
    for a poll that is closed already (code ``closed``).
    """
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    poll = _open_poll(locked)
    end_poll(poll=poll, step="closed", by=by)
    mails.poll_closed(poll, [row for row in _reached(locked) if row.user != by])
    return poll


@transaction.atomic
def call_off_meeting(*, meeting: Meeting, note: str, by: Any) -> Meeting:
    """Cancel a meeting; an open date poll ends with it, and who was asked for dates is told why.

    Who was told of a date already is told by :func:`meetings.actions.meeting.cancel_meeting`, which
    also says what this raises. Minutes and a consultation stay as they are; in the latter nobody
    can write any more.
    """
    cancelled = cancel_meeting(meeting=meeting, note=note, by=by)
    poll = _poll(cancelled)
    if poll is not None and poll.is_open:
        end_poll(poll=poll, step="closed", by=by)
        mails.poll_cancelled(poll, not_told_yet(meeting=cancelled, by=by), note)
    return cancelled


def _poll(meeting: Meeting) -> DatePoll | None:
    """Return the poll, locked after its meeting."""
    rows = DatePoll.objects.select_for_update(no_key=True).filter(meeting=meeting)
    poll = rows.first()
    if poll is not None:
        poll.meeting = meeting
    return poll


def _open_poll(meeting: Meeting) -> DatePoll:
    poll = _poll(meeting)
    if poll is None or not poll.is_open:
        raise ValidationError(_("The date poll is closed already."), code="closed")
    return poll


def _dates_of(poll: DatePoll | None) -> list[Moments]:
    return list(poll.options.values_list("starts_at", "ends_at")) if poll else []


def _says(poll: DatePoll, wanted: list[Moments], answer_by: dt.datetime, note: str) -> bool:
    """Tell whether exactly this is proposed already, as after a double click."""
    return (sorted(_dates_of(poll)), poll.answer_by, poll.note) == (wanted, answer_by, note)


def _refuse_wrong(
    meeting: Meeting, wanted: list[Moments], answer_by: dt.datetime, *, kept: list[Moments]
) -> None:
    """Refuse what cannot be asked; a date that is proposed already may have passed meanwhile."""
    now = timezone.now()
    if meeting.status not in DATABLE:
        raise ValidationError(_("This meeting was held or cancelled."), code="over")
    if not wanted:
        raise ValidationError(_("Propose at least one date."))
    if len(wanted) > MOST_OPTIONS:
        raise ValidationError(
            _("Propose %(number)s dates at most; more are hard to compare."),
            params={"number": MOST_OPTIONS},
        )
    if any(start <= now and (start, end) not in kept for start, end in wanted):
        raise ValidationError(_("One of the dates has passed. Propose dates to come."))
    if answer_by <= now:
        raise ValidationError({"answer_day": _("Choose a day and time to come.")})
    if answer_by > max(start for start, _end in wanted):
        raise ValidationError({"answer_day": _("Choose a day before the last proposed date.")})


def _replace_options(poll: DatePoll, wanted: list[Moments]) -> None:
    """Make the proposed dates the wanted ones; those that stay keep their answers."""
    stored = {(row.starts_at, row.ends_at): row for row in poll.options.all()}
    gone = [row.pk for dates, row in stored.items() if dates not in wanted]
    poll.options.filter(pk__in=gone).delete()
    for start, end in wanted:
        if (start, end) not in stored:
            save_new(PollOption(poll=poll, starts_at=start, ends_at=end))


def _attendance_of(meeting: Meeting, user: User, by: Any) -> Attendance:
    """Return the invitation of a person who takes part; note it, if nobody had invited the person.

    Raises :class:`PermissionDenied` for who does not take part.
    """
    rows = Attendance.objects.select_related("user", "meeting")
    found = rows.filter(meeting=meeting, user=user).first()
    if found is not None:
        return found
    access = access_of_meeting(user, meeting)
    if access is None or not (access.acts or access.is_guest):
        raise PermissionDenied
    place = access.cities[0].pk if access.cities else None
    if access.is_guest:
        own = reach_of(user, Permission.READ_WORKSPACE) or set()
        guests = meeting.guests.filter(municipality__in=own)
        place = guests.values_list("municipality", flat=True).first()
    attendance = Attendance(meeting=meeting, user=user, municipality_id=place, added_by=by)
    save_new(attendance)
    return attendance


def _reached(meeting: Meeting) -> list[Attendance]:
    """Return the invited people who may still be asked, by city and name."""
    return reachable(meeting, Attendance.objects.filter(meeting=meeting).with_people())
