"""The mails to invited people: each in the person's language, on the person's clock."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from core.outbox import write_mail
from meetings.enums import Reply
from meetings.invitation import Facts, changes_of, facts_of, one_line, when_of
from meetings.itip import CANCEL, REQUEST, calendar_part, method_of
from meetings.links import answer_link
from meetings.models import Attendance, Meeting
from meetings.queries import has_page


def meeting_invited(attendance: Attendance, meeting: Meeting) -> None:
    """Invite a person, with a part for the calendar."""
    _write("mail/meeting_invited", attendance, meeting, method=REQUEST)


def meeting_changed(
    attendance: Attendance, meeting: Meeting, before: Facts, *, asks_again: bool
) -> None:
    """Tell an invited person what changed, and only that; perhaps its answer counts no more."""
    with _spoken_to(attendance):
        now, language = facts_of(meeting), attendance.spoken
        changes = changes_of(before, now, language=language, clock=attendance.clock)
    _write(
        "mail/meeting_changed",
        attendance,
        meeting,
        method=method_of(meeting),
        before=before,
        changes=changes,
        takes_place_after_all=bool(before.get("cancelled")),
        asks_again=asks_again,
        has_answered=attendance.reply != Reply.NONE,
    )


def meeting_cancelled(
    attendance: Attendance, meeting: Meeting, reason: str, *, is_inside: bool
) -> None:
    """Tell an invited person that the meeting does not take place, and why.

    Who may not read of it any more (not ``is_inside``) is told no reason and led nowhere.
    """
    told: dict[str, Any] = {"reason": reason} if is_inside else {"reason": "", "page": ""}
    _write("mail/meeting_cancelled", attendance, meeting, method=CANCEL, **told)


def meeting_uninvited(
    attendance: Attendance, meeting: Meeting, *, has_no_access: bool = False
) -> None:
    """Tell a person that its invitation was taken back, by somebody or with its access."""
    _write(
        "mail/meeting_uninvited",
        attendance,
        meeting,
        method=CANCEL,
        has_no_access=has_no_access,
    )


def meeting_reminded(attendance: Attendance, meeting: Meeting) -> None:
    """Remind an invited person of the meeting."""
    _write("mail/meeting_reminded", attendance, meeting)


def reply_not_counted(
    attendance: Attendance, meeting: Meeting, *, why: str, sender: str = ""
) -> None:
    """Tell an invited person that an answer from a calendar program does not count.

    ``why`` is ``sender`` (it came from another address, ``sender``), ``moved`` (it was about an
    earlier date) or ``late``.
    """
    _write("mail/reply_not_counted", attendance, meeting, why=why, sender=one_line(sender))


def _write(
    template: str,
    attendance: Attendance,
    meeting: Meeting,
    *,
    method: str = "",
    before: Facts | None = None,
    **context: Any,
) -> None:
    """Write one of the mails; with a ``method``, a part for the calendar goes along."""
    with _spoken_to(attendance):
        answer = f"{settings.PUBLIC_URL}{answer_link(attendance)}"
        page = _page_of(attendance, meeting)
        facts = facts_of(meeting)
        attachments = []
        if method:
            part = calendar_part(
                attendance, meeting, method=method, page=page, answer=answer, before=before
            )
            attachments.append(("invite.ics", part, f"text/calendar; method={method}"))
        write_mail(
            template,
            to=attendance.address,
            language=attendance.spoken,
            context={
                "meeting": meeting,
                "tandem": meeting.tandem,
                "attendance": attendance,
                "name": attendance.user.name if attendance.user else attendance.name,
                "when": when_of(facts, attendance.clock),
                "when_in_short": when_of(facts, attendance.clock, alone=True),
                "answer": answer,
                "page": page,
                "answers_by_calendar": bool(settings.ANSWER_ADDRESS),
                **context,
            },
            attachments=attachments,
        )


def _page_of(attendance: Attendance, meeting: Meeting) -> str:
    """Return the page that the person can open: within, or the public one if there is one."""
    if attendance.user_id is not None:
        return f"{settings.PUBLIC_URL}{meeting.internal_url}"
    if meeting.is_public and has_page(meeting):
        return f"{settings.PUBLIC_URL}{meeting.get_absolute_url()}"
    return ""


@contextmanager
def _spoken_to(attendance: Attendance) -> Iterator[None]:
    """Speak the person's language on the person's clock."""
    zone = zoneinfo.ZoneInfo(attendance.clock)
    with translation.override(attendance.spoken), timezone.override(zone):
        yield
