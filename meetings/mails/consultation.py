"""The mails about a peer consultation: who has which part, and whose turn it is.

They say nothing of the case: a mail is read by more people than a page behind the login.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Notification
from accounts.mails import mute_link
from meetings.access import access_of_meeting
from meetings.enums import Phase
from meetings.models import Consultation, ConsultationMember, Meeting
from meetings.phases import MEANING, TURNS, end_of, is_turn_of, takes_part, until_words
from tandems.mails import spoken_to, write_unsubscribable


def part_given(
    consultation: Consultation, meeting: Meeting, members: Iterable[ConsultationMember], by: Any
) -> None:
    """Tell people that they have a part in a consultation, and which."""
    for member in told_of(meeting, members, by):
        with spoken_to(member.user):
            context = {"role": member.get_role_display()}
            _write("mail/consultation_part", consultation, meeting, member, context)


def phase_began(consultation: Consultation, meeting: Meeting, by: Any) -> None:
    """Tell everybody who has a part that a phase has begun, who writes in it and until when."""
    row = consultation.phases.filter(phase=consultation.phase or 0).first()
    members = consultation.members.select_related("user", "municipality")
    phase, now = Phase(consultation.phase or Phase.ROLES), timezone.now()
    end = end_of(row) if row else None
    for member in told_of(meeting, members, by):
        with spoken_to(member.user):
            context = {
                "phase": phase.label,
                "meaning": MEANING[phase],
                "turn": TURNS[phase],
                "until": until_words(end, now) if end else "",
                "is_my_turn": is_turn_of(phase, member.role),
            }
            _write("mail/consultation_phase", consultation, meeting, member, context)


def told_of(
    meeting: Meeting, members: Iterable[ConsultationMember], by: Any
) -> Iterator[ConsultationMember]:
    """Return who is told: who still belongs to those who meet and wants such mails, but not ``by``.

    What somebody just did itself needs no mail.
    """
    for member in members:
        is_me = member.user_id == getattr(by, "pk", None)
        if is_me or not member.user.wants(Notification.TANDEM_MEETINGS):
            continue
        if takes_part(access_of_meeting(member.user, meeting), member):
            yield member


def _write(
    template: str,
    consultation: Consultation,
    meeting: Meeting,
    member: ConsultationMember,
    context: dict[str, Any],
) -> None:
    """Write one mail in the active language."""
    path = reverse("meeting:consultation", args=[meeting.pk])
    context |= {
        "city": str(consultation.case_city),
        "meeting": str(meeting.title),
        "url": f"{settings.PUBLIC_URL}{path}",
        "kind": Notification.TANDEM_MEETINGS.label,
    }
    stop = mute_link(member.user, Notification.TANDEM_MEETINGS)
    write_unsubscribable(template, member.user, stop, context)
