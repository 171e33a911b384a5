"""What came of meetings: whether there are public minutes, what became of the commitments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from meetings.enums import MeetingStatus
from meetings.fates import fates_of
from meetings.models import Commitment, Meeting, Minutes


def with_outcomes(meetings: Sequence[Meeting]) -> Sequence[Meeting]:
    """Tell each meeting that took place what came of it, for its entry in a list (``outcome``).

    The number of commitments is public, their texts are not.
    """
    keys = [meeting.pk for meeting in meetings if meeting.status == MeetingStatus.HELD]
    if not keys:
        return meetings
    released = set(
        Minutes.objects.released().filter(meeting__in=keys).values_list("meeting", flat=True)
    )
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in Commitment.objects.filter(meeting__in=keys).only("meeting_id", "state", "due_on"):
        rows[row.meeting_id or 0].append(row)
    for meeting in meetings:
        parts = [_("Public minutes")] if meeting.pk in released else []
        if meeting.pk in rows:
            parts.append(fates_of(rows[meeting.pk]).words)
        meeting.outcome = " · ".join(parts)  # type: ignore[attr-defined]
    return meetings
