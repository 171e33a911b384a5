"""What the pages of the meetings ask."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from core.dates import DatePrecision
from core.queries import prepared
from meetings.enums import MeetingScope
from meetings.models import AgendaItem, Commitment, GuidingQuestion, Meeting
from meetings.models.commitment import CommitmentQuerySet
from municipalities.models import Municipality, MunicipalityQuerySet

#: More are hardly ever announced at the same time; they stand above the pages of past ones.
COMING = 100


@prepared
def coming_meetings(today: Any) -> QuerySet[Meeting]:
    """Return the public meetings that are not over on ``today``, the next one first."""
    return Meeting.objects.visible_to(None).for_lists().coming_on(today)[:COMING]


def commitments_before(meeting: Meeting) -> CommitmentQuerySet:
    """Return what the partnerships that meet had promised before and not settled yet."""
    rows = Commitment.objects.open().exclude(meeting=meeting.pk)
    if meeting.scope == MeetingScope.SEVERAL:
        rows = rows.filter(tandem__in=meeting.partnerships.values("pk"))
    else:
        rows = rows.filter(tandem=meeting.tandem_id)
    if meeting.starts_at is not None:
        return rows.filter(made_at__lt=meeting.starts_at)
    # The day of the meeting itself is left out only where it is known.
    if meeting.precision == DatePrecision.DAY:
        return rows.filter(made_at__date__lt=meeting.earliest)
    return rows.filter(made_at__date__lte=meeting.latest) if meeting.latest else rows


def carried_commitments(meeting: Meeting, user: Any) -> CommitmentQuerySet:
    """Return the open commitments about which a meeting asks first, the most urgent one first.

    These are those made before it by the partnerships that meet, as far as ``user`` may read them.
    """
    mine = Commitment.objects.visible_to(user).values("pk")
    return commitments_before(meeting).filter(pk__in=mine).with_places()


def agenda_of(meeting: Meeting) -> QuerySet[AgendaItem]:
    """Return the items of the agenda in their order, with who leads and what they answer."""
    rows = AgendaItem.objects.filter(meeting=meeting).order_by("day", "position")
    return rows.select_related("lead", "question__municipality")


def questions_of(meeting: Meeting) -> QuerySet[GuidingQuestion]:
    """Return the guiding questions, those of one city together."""
    rows = GuidingQuestion.objects.filter(meeting=meeting).select_related("municipality")
    return rows.order_by("municipality", "position")


def cities_of(meeting: Meeting) -> MunicipalityQuerySet:
    """Return the cities that take part in a meeting today, by name."""
    return Municipality.objects.filter(pk__in=meeting.acting_municipalities).by_name()
