"""The commitments of one meeting: what was promised there, and what earlier ones left open."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.permissions import Permission, reach_of
from meetings.access import MeetingAccess
from meetings.actions.commitment import MOST_OF_ONE_MEETING
from meetings.enums import CommitmentState, MeetingScope, MeetingStatus
from meetings.fates import fates_of
from meetings.forms.commitment import CommitmentForm
from meetings.models import Commitment, Meeting
from meetings.queries import made_before
from meetings.views.asking import frame, meeting_of
from meetings.views.commitments import make, page_of
from tandems.access import access_of
from tandems.enums import TandemStatus
from tandems.history import as_on
from tandems.models import TandemMember
from tandems.views.asking import form_page
from tandems.views.trying import typed


@form_page
def of_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """List the commitments of one meeting and what earlier ones left open; note a new one."""
    access = meeting_of(request, pk)
    members = members_that_meet(access)
    may_make = access.contributes and bool(members)
    meeting = access.meeting
    total = meeting.commitments.count()
    if request.method == "POST" and not may_make:
        raise PermissionDenied
    form = CommitmentForm(typed(request), members=members, meeting=meeting) if may_make else None
    if request.method == "POST" and form and make(request, form, meeting):
        return redirect("meeting:commitments", pk=pk)
    is_full = total >= MOST_OF_ONE_MEETING
    is_cancelled = meeting.status == MeetingStatus.CANCELLED
    if form is not None and (is_full or is_cancelled) and not form.errors:
        # What was typed while another one took the last place stays in sight.
        form = None
    until = last_day_in(access)
    today = until or timezone.localdate()
    visible = Commitment.objects.visible_to(request.user).with_places().select_related("person")
    rows = as_on(visible.filter(meeting=meeting).order_by("due_on", "pk"), until)
    is_over = meeting.status == MeetingStatus.HELD or bool(
        meeting.latest and meeting.latest < timezone.localdate()
    )
    context = frame(
        access,
        "commitments",
        today=today,
        rows=rows,
        fates=fates_of(rows, today),
        total=total,
        most=MOST_OF_ONE_MEETING,
        others=total - len(rows) if until is None else 0,
        several=meeting.scope in {MeetingScope.SEVERAL, MeetingScope.PROGRAMME},
        earlier=page_of(request, carried_on(visible, meeting, until), "earlier"),
        is_over=is_over,
        is_cancelled=is_cancelled,
        is_full=is_full,
        form=form,
    )
    return render(request, "meetings/commitments_of_meeting.html", context)


def members_that_meet(access: MeetingAccess) -> Any:
    """Return the memberships that meet and for which the person may note a commitment."""
    meeting = access.meeting
    members = TandemMember.objects.acting().select_related("municipality", "tandem")
    if meeting.scope == MeetingScope.PROGRAMME:
        members = members.exclude(tandem__status=TandemStatus.PLANNED)
    elif meeting.scope == MeetingScope.SEVERAL:
        joint = meeting.partnerships.values("pk")
        members = members.filter(Q(tandem__in=joint) | Q(tandem=meeting.tandem_id))
    else:
        members = members.filter(tandem=meeting.tandem_id)
    reach = reach_of(access.user, Permission.CONTRIBUTE)
    members = members if reach is None else members.filter(municipality__in=reach)
    return members.order_by("tandem__number", "tandem", "position", "pk")


def carried_on(rows: Any, meeting: Meeting, until: dt.date | None) -> Any:
    """Return what earlier meetings left open; who has left: as it stood on its last day."""
    rows = rows.filter(made_before(meeting))
    if until is None:
        return rows.open()
    return rows.standing_on(until).filter(state_then=CommitmentState.OPEN).order_by("due_on", "pk")


def last_day_in(access: MeetingAccess) -> dt.date | None:
    """Return the last day of a city that has left; of who takes part, nothing."""
    tandem = access.meeting.tandem
    if access.acts or tandem is None:
        return None
    reading = access_of(access.user, tandem)
    return reading.until if reading else None
