"""What the pages of the meetings ask."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from core.dates import DatePrecision
from core.queries import prepared
from meetings.enums import OVER, ConsultationState, MeetingScope
from meetings.models import (
    AgendaItem,
    Commitment,
    Consultation,
    DatePoll,
    GuidingQuestion,
    Meeting,
    Minutes,
)
from meetings.models.commitment import CommitmentQuerySet
from municipalities.models import Municipality, MunicipalityQuerySet
from tandems.enums import TandemStatus
from tandems.guests import guests_for
from tandems.models import Tandem

#: So many to come stand above the pages of past ones; more are hardly ever known at a time, and
#: have pages of their own.
COMING = 100


@prepared
def coming_meetings(today: Any) -> QuerySet[Meeting]:
    """Return the first public meetings that are not over on ``today``, the next one first.

    One more than a page holds tells that there are further ones.
    """
    return Meeting.objects.visible_to(None).for_lists().coming_on(today)[: COMING + 1]


def with_pages(rows: Any) -> Any:
    """Tell of each meeting whether visitors see it now: then ``has_page`` is true."""
    public = Meeting.objects.visible_to(None).filter(pk=OuterRef("pk")).order_by()
    return rows.annotate(has_page=Exists(public))


def has_page(meeting: Meeting) -> bool:
    """Tell whether visitors see the meeting now.

    One that is announced waits as long as a partnership that meets is not public.
    """
    return Meeting.objects.visible_to(None).filter(pk=meeting.pk).exists()


def commitments_before(meeting: Meeting) -> CommitmentQuerySet:
    """Return what the partnerships that meet had promised before and not settled yet."""
    return Commitment.objects.open().filter(made_before(meeting))


def made_before(meeting: Meeting) -> Q:
    """Return which commitments were made before a meeting, by the partnerships that meet.

    Agenda, minutes and the page of its commitments ask this alone. What was agreed at a meeting
    that has a day counts from there, whenever somebody wrote it down; all else from when it was
    written down. Before a meeting that has no day, all others were made.
    """
    if meeting.scope == MeetingScope.PROGRAMME:
        whose = ~Q(tandem__status=TandemStatus.PLANNED)
    else:
        joint = meeting.partnerships.order_by().values("pk")
        whose = Q(tandem=meeting.tandem_id) | Q(tandem__in=joint)
    others = whose & ~Q(meeting=meeting.pk)
    if meeting.latest is None:
        return others
    undated = Q(meeting__isnull=True) | Q(meeting__latest__isnull=True)
    return others & (_held_before(meeting) | (undated & _written_before(meeting)))


def _held_before(meeting: Meeting) -> Q:
    """Return which commitments come from a meeting before this one, which has a day.

    Of two on one day that with the earlier time is the first; else that planned first.
    """
    same_day = Q(meeting__latest=meeting.latest)
    planned_first = Q(meeting__lt=meeting.pk)
    if meeting.starts_at is not None:
        same_time = Q(meeting__starts_at__isnull=True) | Q(meeting__starts_at=meeting.starts_at)
        planned_first &= same_time
        same_day &= Q(meeting__starts_at__lt=meeting.starts_at) | planned_first
    else:
        same_day &= planned_first
    return Q(meeting__latest__lt=meeting.latest) | same_day


def _written_before(meeting: Meeting) -> Q:
    """Return which commitments were written down before a meeting, which has a day."""
    if meeting.starts_at is not None:
        return Q(made_at__lt=meeting.starts_at)
    # The day of the meeting itself is left out only where it is known.
    if meeting.precision == DatePrecision.DAY:
        return Q(made_at__date__lt=meeting.earliest)
    return Q(made_at__date__lte=meeting.latest)


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


def guests_for_meeting(meeting: Meeting) -> QuerySet[Municipality]:
    """Return the municipalities that may come as guests, by name: all that do not take part."""
    if meeting.scope == MeetingScope.TANDEM and meeting.tandem is not None:
        return guests_for(meeting.tandem)
    rows = Municipality.objects.visible_to().exclude(pk__in=meeting.acting_municipalities)
    return rows.for_lists().by_name()


def meetings_alone(*, tandem: Tandem, by: Any) -> QuerySet[Meeting]:
    """Return the coming meetings that nobody else holds, the next one first, undated ones last.

    What has minutes is no longer to come, even on its day. ``asks_for_dates``: a date poll is
    open; ``is_consulting``: its consultation is going on.
    """
    polls = DatePoll.objects.filter(meeting=OuterRef("pk"), closed_at=None)
    running = Consultation.objects.filter(meeting=OuterRef("pk"), state=ConsultationState.RUNNING)
    rows = Meeting.objects.visible_to(by).filter(tandem=tandem, scope=MeetingScope.TANDEM)
    return _to_come(rows).annotate(asks_for_dates=Exists(polls), is_consulting=Exists(running))


def meetings_with_others(*, tandem: Tandem, by: Any) -> QuerySet[Meeting]:
    """Return the coming meetings that other partnerships hold as well: these go on."""
    joint = tandem.joint_meetings.order_by().values("pk")
    rows = Meeting.objects.visible_to(by).filter(scope=MeetingScope.SEVERAL, pk__in=joint)
    return _to_come(rows).select_related("tandem")


def _to_come(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    begun = Minutes.objects.filter(meeting=OuterRef("pk"))
    rows = rows.filter(Q(latest__isnull=True) | Q(latest__gte=timezone.localdate()), ~Exists(begun))
    return rows.exclude(status__in=OVER).order_by(F("earliest").asc(nulls_last=True), "pk")


def mark_of(meeting: Meeting) -> str:
    """Return what tells a meeting as it was shown from one that has changed since."""
    return f"{meeting.pk}.{meeting.sequence}"
