"""The first page of the internal area: the next missing step, and where the partnership stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.enums import UserRole
from accounts.models import RoleAssignment
from core.queries import hanging
from tandems.access import Access
from tandems.enums import UNFINISHED, ProfileState, TandemStatus
from tandems.history import as_on, changes_in, told
from tandems.models import ProfileVersion, Tandem, TandemMember
from tandems.next_step import Need, Step, freshness_of, steps_of
from tandems.overview import OPEN, acting_in, facts_of
from tandems.views.asking import frame, read_page, workspace_of
from tandems.views.listing import as_read, documents_of
from tandems.views.topic_reading import topics_in

#: Rows of each list; all of them stand on the pages that the lists lead to.
SHOWN, SHOWN_EVENTS, SHOWN_TOPICS = 5, 6, 6
#: Commitments that are looked at as they stood on a day.
MOST = 100
#: Of the meetings the next ones and the last ones are shown.
COMING, PAST = 3, 2


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is missing first, then people, topics, meetings, commitments and the rest."""
    access = workspace_of(request, slug)
    tandem, today = access.tandem, timezone.localdate()
    facts = facts_of([tandem])[tandem.pk]
    steps = [shown_step(step, access) for step in steps_of(facts)] if access.acts else []
    coming, past = meetings_for(access, today)
    open_ones, number = commitments_for(access, facts.open)
    context = frame(
        access,
        "home",
        today=today,
        facts=facts,
        next=steps[0] if steps else None,
        steps=steps[1:],
        is_over=tandem.status not in {TandemStatus.PLANNED, TandemStatus.ACTIVE},
        cities=offices_for(access, today),
        topics=topics_in(access).filter(ended_on__isnull=True)[:SHOWN_TOPICS],
        coming=coming,
        past=past,
        commitments=open_ones,
        more_commitments=max(number - SHOWN, 0),
        # Their files stand on the pages of the documents.
        documents=as_read(documents_of(access).prefetch_related(None)[:SHOWN], access),
        profile=profile_for(access),
        freshness=freshness_of(facts),
        events=told(changes_in(access)[:SHOWN_EVENTS], access),
    )
    return render(request, "tandems/workspace/home.html", context)


def shown_step(step: Step, access: Access) -> dict[str, Any]:
    """Return a step with the way to where it is done, for who can do it."""
    return {
        "title": step.title,
        "why": step.why,
        "who": step.who,
        "action": step.wording.action,
        "url": url_of(step, access) if can_do(step, access) else "",
    }


def can_do(step: Step, access: Access) -> bool:
    """Tell whether the person can do it: the team everything but give a city's word."""
    right = step.wording.right
    if access.is_team:
        return step.need != Need.WORD and access.may(right)
    if step.cities is None:
        return access.may(right)
    asked = {city.pk for city in step.cities}
    return any(row.municipality_id in asked and access.may(right, row) for row in access.members)


def url_of(step: Step, access: Access) -> str:
    """Return where a step is done."""
    name = step.wording.url
    if name == "accounts:invite":
        own = {row.municipality_id for row in access.members}
        cities = [city for city in step.cities or () if access.is_team or city.pk in own]
        role = UserRole.CONTACT if step.need == Need.CONTACT else UserRole.DEPUTY
        return (
            f"{reverse(name)}?{urlencode({'role': str(role), 'municipality': str(cities[0].pk)})}"
        )
    if name.startswith("meeting:"):
        return reverse(name, args=[step.facts.held])
    return reverse(name, args=[access.tandem.slug] if name.startswith("workspace:") else [])


def meetings_for(access: Access, today: dt.date) -> tuple[list[Any], list[Any]]:
    """Return the next and the last meetings; a city that has left reads those up to then."""
    rows: Any = access.tandem.meetings.visible_to(access.user).for_lists().with_progress()
    if access.until is not None:
        rows = rows.filter(latest__lte=access.until)
    coming, past = list(rows.coming_on(today)[:COMING]), list(rows.past_on(today)[:PAST])
    public = hanging(Tandem, "meetings").visible_to(None)
    shown = public.filter(pk__in=[row.pk for row in (*coming, *past)]).order_by()
    with_page = set(shown.values_list("pk", flat=True))
    for row in (*coming, *past):
        row.has_page = row.pk in with_page
    return coming, past


def commitments_for(access: Access, number: int) -> tuple[list[Any], int]:
    """Return the most urgent open commitments, and how many are open in all (``number``: now).

    Who has left reads them as they stood on its last day.
    """
    rows: Any = access.tandem.commitments.visible_to(access.user).with_places()
    if access.until is None:
        return list(rows.open()[:SHOWN]), number
    rows = rows.standing_on(access.until).filter(state_then=OPEN)
    stood = as_on(rows.order_by("due_on", "pk")[:MOST], access.until)
    return sorted(stood, key=lambda row: (row.due_on, row.pk))[:SHOWN], rows.count()


def offices_for(access: Access, today: dt.date) -> list[dict[str, Any]]:
    """Return the acting cities with their contact persons and deputies.

    A city that has left reads nobody's name.
    """
    members: list[TandemMember] = acting_in(access.tandem, today)
    if access.until is not None:
        return [{"municipality": row.municipality, "people": []} for row in members]
    places = [row.municipality_id for row in members]
    held = RoleAssignment.objects.held_on(today).filter(
        municipality__in=places, role__in=[UserRole.CONTACT, UserRole.DEPUTY]
    )
    people = list(held.with_people())
    return [
        {
            "municipality": row.municipality,
            "people": [one for one in people if one.municipality_id == row.municipality_id],
        }
        for row in members
    ]


def profile_for(access: Access) -> dict[str, ProfileVersion | None]:
    """Return the public version of the profile and, for who acts, the one on its way."""
    states = [*(UNFINISHED if access.acts else ()), ProfileState.RELEASED]
    rows = access.tandem.profile_versions.filter(state__in=states)
    found = {row.state == ProfileState.RELEASED: row for row in rows}
    return {"released": found.get(True), "on_its_way": found.get(False)}
