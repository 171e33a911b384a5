"""The pages on which a meeting is planned and its plan is changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext as _

from accounts.permissions import Permission, require
from calls.content import mark_of
from calls.views.writing import opened_with
from meetings.access import MeetingAccess, Nobodys
from meetings.actions.plan_content import LABELS, PlanContent
from meetings.actions.planning import SavedPlan, change_plan, plan_meeting
from meetings.enums import MeetingScope, MeetingStatus
from meetings.forms.planning import PlanForm, TeamPlanForm
from meetings.models import Meeting
from meetings.polling import poll_of, takes_answers
from meetings.views.asking import frame, meeting_of
from municipalities.models import Municipality, Topic
from tandems.enums import TandemStatus
from tandems.models import Tandem, TandemMember, TandemTopic
from tandems.views.asking import form_page, frame as workspace_frame, workspace_of
from tandems.views.trying import done, typed


@form_page
def plan_for(request: HttpRequest, slug: str) -> HttpResponse:
    """Plan a meeting of one partnership, in its internal area."""
    access = workspace_of(request, slug)
    require(request.user, Permission.LEAD_MEETINGS, access.tandem)
    own = [member.municipality.time_zone for member in access.members]
    cities = places(access.tandem.acting_municipalities)
    form = PlanForm(
        typed(request),
        cities=cities,
        topics=topics_of([access.tandem.pk]),
        zones=[*own, *(city.time_zone for city in cities)],
    )

    def act() -> Meeting:
        return plan_meeting(tandem=access.tandem, content=form.content(), by=request.user)

    if request.method == "POST" and (meeting := done(form, act)):
        return planned(request, meeting)
    return render(request, "meetings/plan.html", workspace_frame(access, "meetings", form=form))


@form_page
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a meeting of several partnerships or of the whole network, for the project team."""
    require(request.user, Permission.LEAD_MEETINGS, Nobodys())
    cities = places(TandemMember.objects.acting().values("municipality"))
    form = TeamPlanForm(
        typed(request),
        cities=cities,
        topics=topics_of([]),
        zones=[request.user.time_zone],  # type: ignore[union-attr]
        partnerships=partnerships_now(request.user).in_order(),
    )

    def act() -> Meeting:
        return plan_meeting(tandem=form.tandem, content=form.content(), by=request.user)

    if request.method == "POST" and (meeting := done(form, act)):
        return planned(request, meeting)
    return render(request, "meetings/plan.html", {"form": form, "tandem": None})


@form_page
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the plan of a meeting; where two people change the same, both values are shown."""
    access = meeting_of(request, pk, lead=True)
    meeting = access.meeting
    if meeting.status == MeetingStatus.CANCELLED and request.method != "POST":
        messages.warning(request, _("This meeting was cancelled; its plan stays as it was."))
        return redirect("meeting:home", pk=pk)
    stored = PlanContent.of(meeting)
    form = form_for(request, access, stored)
    # A form that was given back after signing in again brings along what it was opened with.
    opened = opened_with(request)
    marks, conflicts = opened or stored.marks, []

    def act() -> SavedPlan:
        return change_plan(meeting=meeting, content=form.content(), opened=opened, by=request.user)

    if request.method == "POST" and (saved := done(form, act)):
        if not saved.conflicts:
            messages.success(request, _("Saved."))
            return redirect("meeting:home", pk=pk)
        marks |= {name: mark_of(value) for name, value in saved.conflicts.items()}
        conflicts = conflicts_of(form.content(), PlanContent.of(saved.meeting), saved.conflicts)
    context = frame(access, "home", form=form, marks=json.dumps(marks), conflicts=conflicts)
    poll = poll_of(meeting)
    context["ends_poll"] = poll is not None and takes_answers(poll, meeting)
    return render(request, "meetings/edit.html", context, status=409 if conflicts else 200)


def form_for(request: HttpRequest, access: MeetingAccess, stored: PlanContent) -> PlanForm:
    """Return the form of a plan; other partnerships are let in by the project team alone."""
    meeting = access.meeting
    cities = places({*meeting.acting_municipalities, *stored.participants, stored.host or 0})
    joins = access.is_team and meeting.scope in {MeetingScope.TANDEM, MeetingScope.SEVERAL}
    tandems = set(stored.partnerships) | ({meeting.tandem_id} if meeting.tandem_id else set())
    partnerships = partnerships_now(request.user, tandems)
    host = [meeting.host.time_zone] if meeting.host else []
    own = [city.time_zone for city in access.cities]
    return PlanForm(
        typed(request),
        cities=cities,
        topics=topics_of(tandems, kept=stored.topics),
        zones=[*host, *own, *(city.time_zone for city in cities)],
        content=stored,
        partnerships=partnerships.in_order() if joins else None,
    )


def planned(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Lead to the meeting that has just been planned, and say what comes next."""
    told = _("The meeting is planned. Next: ask your guiding questions, then invite people.")
    if meeting.earliest is None:
        told = _("The meeting is planned. Next: find a date and ask your guiding questions.")
    messages.success(request, told)
    return redirect("meeting:home", pk=meeting.pk)


def places(keys: Any) -> Any:
    """Return municipalities by name."""
    return Municipality.objects.filter(pk__in=keys).by_name()


def partnerships_now(user: Any, kept: Iterable[int] = ()) -> Any:
    """Return the partnerships that have members and are at work, and those that are ``kept``."""
    over = (TandemStatus.COMPLETED, TandemStatus.ENDED_EARLY)
    members = TandemMember.objects.acting().values("tandem")
    at_work = Q(pk__in=members) & ~Q(status__in=over)
    return Tandem.objects.visible_to(user).filter(at_work | Q(pk__in=list(kept)))


def topics_of(tandems: Iterable[int], kept: Iterable[int] = ()) -> Any:
    """Return the topics of partnerships by name; all topics where they have none."""
    named = f"name_{get_language() or 'de'}"
    rows = TandemTopic.objects.filter(tandem__in=list(tandems), topic__isnull=False)
    keys = set(rows.values_list("topic", flat=True))
    found = Topic.objects.filter(pk__in=keys | set(kept)) if keys else Topic.objects.all()
    return found.order_by(named, "pk")


def conflicts_of(
    mine: PlanContent, theirs: PlanContent, names: Iterable[str]
) -> list[dict[str, str]]:
    """Return both values of each field that two people changed."""
    return [
        {"label": str(LABELS[name]), "mine": mine.words(name), "theirs": theirs.words(name)}
        for name in names
    ]
