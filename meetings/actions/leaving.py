"""What becomes of a city's commitments and of coming meetings when it leaves a partnership."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.dates import DatePrecision
from meetings.actions.agreeing import agree_where_nobody_is_missing
from meetings.actions.commitment import drop_commitment
from meetings.actions.poll import call_off_meeting
from meetings.enums import MeetingStatus
from meetings.models import Commitment, Meeting
from tandems.actions.events import Words, lock_partnership
from tandems.actions.leaving import leave_partnership
from tandems.models import TandemMember

#: What may become of an open commitment and of a coming meeting.
STAYS, DROPPED, GOES_ON, CANCELLED = "stays", "dropped", "goes_on", "cancelled"
#: Primary key → what becomes of it.
Fates = Mapping[int, str]


def open_commitments(*, member: TandemMember, by: Any) -> QuerySet[Commitment]:
    """Return what the city has promised in this partnership and not settled yet."""
    rows = Commitment.objects.visible_to(by).open()
    return rows.filter(tandem=member.tandem_id, municipality=member.municipality_id)


def coming_meetings(*, member: TandemMember, by: Any) -> QuerySet[Meeting]:
    """Return the meetings of the partnership that are still to come; undated ones may be."""
    rows = Meeting.objects.visible_to(by).filter(tandem=member.tandem_id)
    rows = rows.filter(Q(latest__isnull=True) | Q(latest__gte=timezone.localdate()))
    still = (MeetingStatus.PLANNED, MeetingStatus.ANNOUNCED, MeetingStatus.UNCONFIRMED)
    return rows.filter(status__in=still).order_by("sorted_on", "pk")


@transaction.atomic
def record_leaving(
    *,
    member: TandemMember,
    left_on: dt.date,
    precision: str = DatePrecision.DAY,
    reasons: Words | None = None,
    is_public: bool = False,
    sources: Iterable[str] = (),
    commitments: Fates | None = None,
    meetings: Fates | None = None,
    drop_note: str = "",
    cancel_note: str = "",
    by: Any,
) -> TandemMember:
    """Note that a city leaves, and decide on each of its commitments and each coming meeting.

    A guest has no commitments here and holds up no meeting: for it nothing is decided.

    Raises what :func:`tandems.actions.leaving.leave_partnership` raises, and
    :class:`ValidationError` for a commitment or meeting about which nothing was said: another one
    may have come in while the form stood open.
    """
    lock_partnership(tandem=member.tandem, by=by)
    if not member.is_guest:
        for commitment in _decided(open_commitments(member=member, by=by), commitments or {}):
            if (commitments or {})[commitment.pk] == DROPPED:
                drop_commitment(commitment=commitment, note=drop_note, by=by)
        for meeting in _decided(coming_meetings(member=member, by=by), meetings or {}):
            if (meetings or {})[meeting.pk] == CANCELLED:
                call_off_meeting(meeting=meeting, note=cancel_note, by=by)
    left = leave_partnership(
        member=member,
        left_on=left_on,
        precision=precision,
        reasons=reasons,
        is_public=is_public,
        sources=sources,
        by=by,
    )
    # Its word on minutes that are out for agreement is no longer missing.
    agree_where_nobody_is_missing(tandem=left.tandem, by=by)
    return left


def _decided(rows: QuerySet[Any], fates: Fates) -> list[Any]:
    """Return the rows, or raise :class:`ValidationError` where one has no fate."""
    found = list(rows)
    if missing := [str(row) for row in found if row.pk not in fates]:
        raise ValidationError(
            _("Meanwhile something was added. Decide about it too: %(names)s."),
            code="undecided",
            params={"names": ", ".join(missing)},
        )
    return found
