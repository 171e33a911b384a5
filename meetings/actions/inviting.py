"""Who is invited to a meeting, and what invited people are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.mailboxes import normalise_address
from accounts.models import RoleAssignment, User
from accounts.permissions import Permission
from core.actions import note_change
from core.dates import DatePrecision
from core.models import StatusChange, save_new
from core.outbox import mails_since
from core.text import clean_text
from meetings.access import require_lead
from meetings.enums import MeetingStatus, Reply
from meetings.invitation import (
    facts_of,
    has_moved,
    is_over,
    is_told_anew,
    reachable as reachable,
)
from meetings.locks import lock_meeting
from meetings.mails import inviting as mails
from meetings.models import Attendance, Meeting
from meetings.preparation import lacks_place
from municipalities.models import Municipality

#: So many mails within an hour are enough for one address from outside, however often somebody
#: adds and removes it.
MOST_MAILS = 5
#: More guests from outside than these are a public event, for which the portal is no mail server.
MOST_GUESTS = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may be invited, and the city that the person comes for."""

    user: User
    municipality: Municipality


def candidates_of(*, meeting: Meeting, by: Any) -> list[Candidate]:
    """Return who acts today for a city that meets, or for one of its guests; by city and name.

    Who acts for several of them comes for a city that meets rather than for a guest.
    """
    acting = meeting.acting_municipalities
    guests = set(meeting.guests.values_list("municipality", flat=True))
    roles = RoleAssignment.objects.held_on(timezone.localdate()).giving(Permission.READ_WORKSPACE)
    rows = roles.filter(municipality__in=acting | guests, user__is_active=True).with_people()
    found: dict[int, Candidate] = {}
    for row in sorted(rows, key=lambda row: row.municipality_id not in acting):
        if row.municipality is not None:
            found.setdefault(row.user_id, Candidate(row.user, row.municipality))
    return sorted(found.values(), key=lambda one: (str(one.municipality), str(one.user)))


@transaction.atomic
def invite_everybody(*, meeting: Meeting, by: Any) -> int:
    """Note everybody who acts for the cities and guests of a meeting as invited; return how many.

    Nobody is told by that, see :func:`send_invitations`; who is invited already stays so. Raises
    :class:`PermissionDenied` for who does not lead the meeting and :class:`ValidationError` for one
    that was cancelled.
    """
    return _invite(meeting, None, by)


@transaction.atomic
def invite_people(*, meeting: Meeting, people: Iterable[int], by: Any) -> int:
    """Note some of them (keys of users) as invited; raises like :func:`invite_everybody`."""
    return _invite(meeting, set(people), by)


def _invite(meeting: Meeting, people: set[int] | None, by: Any) -> int:
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    _refuse_cancelled(locked)
    invited = set(locked.attendances.filter(user__isnull=False).values_list("user", flat=True))
    rows = [
        Attendance(meeting=locked, user=one.user, municipality=one.municipality, added_by=by)
        for one in candidates_of(meeting=locked, by=by)
        if one.user.pk not in invited and (people is None or one.user.pk in people)
    ]
    Attendance.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def invite_guest(
    *, meeting: Meeting, name: str, email: str, language: str, time_zone: str, by: Any
) -> Attendance:
    """Note somebody from outside as invited, by name and address; nobody is told by that.

    Whose address belongs to somebody of the cities is invited as that person. Raises like
    :func:`invite_everybody`, and :class:`ValidationError` for an address that is invited already
    that no mail can be sent to or that got enough of them, and for more than :data:`MOST_GUESTS`.
    """
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    _refuse_cancelled(locked)
    try:
        email = normalise_address(email)
    except ValidationError as error:
        raise ValidationError({"email": error}) from error
    taken = ValidationError({"email": _("This address is invited already.")})
    account = User.objects.of_mailbox(email)
    if account is not None and locked.attendances.filter(user=account).exists():
        raise taken
    outside = locked.attendances.filter(user=None)
    if outside.filter(email__iexact=email).exists():
        raise taken
    row = Attendance(meeting=locked, added_by=by)
    known = {one.user.pk: one for one in candidates_of(meeting=locked, by=by)}
    if account is not None and account.pk in known:
        row.user, row.municipality = account, known[account.pk].municipality
    else:
        if outside.count() >= MOST_GUESTS:
            told = _("At most %(number)s guests from outside can be invited to one meeting.")
            raise ValidationError(told, code="full", params={"number": MOST_GUESTS})
        if mails_since(email, timezone.now() - dt.timedelta(hours=1)) >= MOST_MAILS:
            told = _("Too many e-mails went to this address within an hour. Please wait a while.")
            raise ValidationError({"email": told}, code="rate")
        row.name, row.email = " ".join(clean_text(name).split()), email
        row.language, row.time_zone = language, time_zone
    save_new(row)
    return row


def _refuse_cancelled(meeting: Meeting) -> None:
    if meeting.status == MeetingStatus.CANCELLED:
        raise ValidationError(_("This meeting was cancelled."), code="cancelled")


@transaction.atomic
def send_invitations(*, meeting: Meeting, by: Any) -> int:
    """Send the invitation to everybody who was not told yet; return to how many.

    Raises :class:`PermissionDenied` for who does not lead the meeting and :class:`ValidationError`
    for one that has no day, no format or place, is over or was cancelled.
    """
    locked = lock_meeting(meeting)
    require_lead(by, locked)
    _refuse_cancelled(locked)
    if locked.precision != DatePrecision.DAY:
        told = _("Fix the date first: an invitation needs the day.")
        raise ValidationError(told, code="undated")
    if is_over(locked):
        raise ValidationError(_("This meeting is over."), code="over")
    if lacks_place(locked):
        told = _("Enter format and place first: whoever is invited has to know where to go.")
        raise ValidationError(told, code="place")
    rows = list(locked.attendances.with_people().filter(told_sequence=None))
    people = reachable(locked, rows)
    for row in people:
        invite_by_mail(attendance=row, meeting=locked, by=by)
    if people:
        note = str(len(people))
        note_change(locked, field="invitation", old="", new="sent", note=note, by=by)
    return len(people)


def invite_by_mail(*, attendance: Attendance, meeting: Meeting, by: Any) -> None:
    """Send one person the invitation, and note what the person was told."""
    if meeting.invited_at is None:
        meeting.invited_at = timezone.now()
        Meeting.objects.filter(pk=meeting.pk).update(invited_at=meeting.invited_at)
    mails.meeting_invited(attendance, meeting)
    note_told(attendance=attendance, meeting=meeting, by=by)


def note_told(*, attendance: Attendance, meeting: Meeting, by: Any) -> None:
    """Note that a person knows of the meeting as it stands now, and is told from now on."""
    now = facts_of(meeting)
    if attendance.asked_sequence is None or has_moved(attendance.told_facts, now):
        attendance.asked_sequence = meeting.sequence
    attendance.told_sequence = meeting.sequence
    attendance.told_facts = now
    attendance.save()


@transaction.atomic
def tell_invited(*, meeting: Meeting, by: Any) -> int:
    """Tell invited people what changed since they were told last; return how many were told.

    Called by whatever changes a meeting, in its transaction; the rights were asked there. Where
    nothing changed that concerns them, nobody is told. Whoever answered for another date is asked
    again; other answers stay. Why a meeting was cancelled stands in its history.
    """
    locked = lock_meeting(meeting)
    if locked.status == MeetingStatus.HELD or is_over(locked):
        return 0
    now = facts_of(locked)
    told = locked.attendances.with_people().filter(told_sequence__isnull=False)
    rows = [row for row in told if is_told_anew(row.told_facts, now, row.spoken)]
    is_off = locked.status == MeetingStatus.CANCELLED
    known = reachable(locked, rows)
    # That it does not take place is told also to whoever lost access since: it is in the calendar.
    people = [row for row in rows if _is_open(row)] if is_off else known
    if any((row.told_sequence or 0) >= locked.sequence for row in people):
        raise_revision(meeting=locked, by=by)
    reason = _reason_of(locked) if is_off else ""
    for row in people:
        before, answered = row.told_facts, row.reply != Reply.NONE
        if is_off:
            mails.meeting_cancelled(row, locked, reason, is_inside=row in known)
        else:
            if moved := has_moved(before, now):
                row.reply, row.reply_note, row.replied_at = Reply.NONE, "", None
            mails.meeting_changed(row, locked, before, asks_again=moved and answered)
        note_told(attendance=row, meeting=locked, by=by)
    return len(people)


def raise_revision(*, meeting: Meeting, by: Any) -> None:
    """Raise the calendar revision: of two messages, calendars believe the one that has more."""
    Meeting.objects.filter(pk=meeting.pk).update(
        sequence=F("sequence") + 1, changed_at=timezone.now()
    )
    meeting.refresh_from_db(fields=["sequence", "changed_at"])


def _is_open(row: Attendance) -> bool:
    return row.user is None or row.user.is_active


def _reason_of(meeting: Meeting) -> str:
    """Return why a meeting was cancelled, as its history has it."""
    rows = StatusChange.objects.of(meeting).filter(field="status")
    row = rows.filter(new=MeetingStatus.CANCELLED).order_by("-changed_at", "-pk").first()
    return row.note if row else ""
