"""What the portal holds about a person in meetings, as plain data."""

from __future__ import annotations

from typing import Any

from meetings.models import (
    Attendance,
    CalendarFeed,
    CheckIn,
    Commitment,
    ConsultationMember,
    Contribution,
    GuidingQuestion,
    LearningEntry,
    MinutesAgreement,
    MinutesComment,
    MinutesEntry,
    PollReply,
)


def meetings_of(user: Any) -> dict[str, Any]:
    """Return what a person was invited to, answered, wrote and agreed to around meetings.

    Of minutes, which are written together, it holds the entries that the person changed last; of a
    consultation only the own contributions.
    """
    return {
        "invitations": [invitation_of(row) for row in invitations_of(user)],
        "guiding_questions": [
            {"meeting": str(row.meeting), "text": row.text, "at": row.changed_at.isoformat()}
            for row in GuidingQuestion.objects.filter(asked_by=user).select_related("meeting")
        ],
        "minutes": [
            {
                "meeting": str(row.minutes.meeting),
                "text": row.text,
                "at": row.changed_at.isoformat(),
            }
            for row in MinutesEntry.objects.filter(changed_by=user).select_related(
                "minutes__meeting"
            )
        ],
        "minutes_comments": [
            {
                "meeting": str(row.minutes.meeting),
                "text": row.text,
                "at": row.written_at.isoformat(),
            }
            for row in MinutesComment.objects.filter(written_by=user).select_related(
                "minutes__meeting"
            )
        ],
        "minutes_agreements": [
            {"meeting": str(row.minutes.meeting), "at": row.given_at.isoformat()}
            for row in MinutesAgreement.objects.filter(given_by=user).select_related(
                "minutes__meeting"
            )
        ],
        "commitments": [
            {
                "text": row.text,
                "language": row.language,
                "due_on": row.due_on.isoformat(),
                "state": row.state,
            }
            for row in Commitment.objects.filter(person=user)
        ],
        "check_ins": [
            {
                "partnership": str(row.tandem),
                "ended_on": row.ended_on and row.ended_on.isoformat(),
                "months_after_the_end": row.months,
                "note": row.note,
                "cooperation": row.cooperation,
                "may_be_published": row.may_publish,
                "at": row.answered_at and row.answered_at.isoformat(),
            }
            for row in CheckIn.objects.filter(answered_by=user).select_related("tandem")
        ],
        "consultations": [
            {"meeting": str(row.consultation.meeting), "role": row.role}
            for row in ConsultationMember.objects.filter(user=user).select_related(
                "consultation__meeting"
            )
        ],
        "contributions": [
            {"kind": row.kind, "text": row.text, "at": row.written_at.isoformat()}
            for row in Contribution.objects.filter(written_by=user).order_by("pk")
        ],
        "learning_log": [
            {
                "partnership": str(row.tandem),
                "day": row.happened_on.isoformat(),
                "learned": row.learned,
                "surprised": row.surprised,
                "contradicts": row.contradicts,
                "next_step": row.next_step,
                "visibility": row.visibility,
            }
            for row in LearningEntry.objects.filter(written_by=user).select_related("tandem")
        ],
        "personal_calendar_since": feed_since(user),
    }


def invitations_of(user: Any) -> list[Attendance]:
    """Return the invitations of a person, with the meetings."""
    rows = Attendance.objects.filter(user=user).select_related("meeting")
    return list(rows.order_by("pk"))


def invitation_of(row: Attendance) -> dict[str, Any]:
    """Return one invitation with its answers."""
    replies = PollReply.objects.filter(attendance=row).select_related("option")
    return {
        "meeting": str(row.meeting),
        "reply": row.reply,
        "note": row.reply_note,
        "replied_at": row.replied_at and row.replied_at.isoformat(),
        "was_there": row.has_attended,
        "dates": [
            {"at": reply.option.starts_at.isoformat(), "choice": reply.choice} for reply in replies
        ],
    }


def feed_since(user: Any) -> str | None:
    """Return since when the person has a personal calendar."""
    feed = CalendarFeed.objects.filter(user=user).first()
    return feed.created_at.isoformat() if feed else None
