"""Who works for the cities of a partnership."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.enums import CITY_ROLES, UserRole
from accounts.models import RoleAssignment
from accounts.permissions import Permission, reach_of
from tandems.access import Access
from tandems.models import TandemMember
from tandems.overview import acting_in
from tandems.pairs import standing
from tandems.views.asking import frame, read_page, workspace_of

#: In this order the people of a city stand: who speaks for it first.
OFFICES = (UserRole.CONTACT, UserRole.DEPUTY, UserRole.COLLEAGUE)


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the people of each city; a city that has left reads only its own."""
    access = workspace_of(request, slug)
    context = frame(access, "people", cities=cities_for(access), others=others_in(access))
    return render(request, "tandems/workspace/people.html", context)


def cities_for(access: Access) -> list[dict[str, Any]]:
    """Return the cities whose people this person may read, each with people and a way to invite."""
    today = timezone.localdate()
    members = acting_in(access.tandem, today)
    if access.until is not None:
        own = reach_of(access.user, Permission.READ_WORKSPACE) or set()
        members = [
            row for row in standing(access.tandem.members.all()) if row.municipality_id in own
        ]
    places = [row.municipality_id for row in members]
    rows = RoleAssignment.objects.held_on(today).filter(municipality__in=places)
    people = list(rows.filter(role__in=CITY_ROLES).with_people())
    people.sort(key=lambda row: OFFICES.index(UserRole(row.role)))
    return [
        {
            "municipality": member.municipality,
            "people": [row for row in people if row.municipality_id == member.municipality_id],
            "missing": missing_in(member, people),
            "invite": invite_url(access, member, people),
        }
        for member in members
    ]


def missing_in(member: TandemMember, people: list[RoleAssignment]) -> list[str]:
    """Return which offices nobody holds for the city."""
    held = {row.role for row in people if row.municipality_id == member.municipality_id}
    return [str(role.label) for role in OFFICES[:2] if role not in held]


def invite_url(access: Access, member: TandemMember, people: list[RoleAssignment]) -> str:
    """Return where the person invites somebody for the city; empty for who may not."""
    if access.until is not None or not access.may(Permission.INVITE_COLLEAGUES, member):
        return ""
    held = {row.role for row in people if row.municipality_id == member.municipality_id}
    role = next((role for role in OFFICES[:2] if role not in held), UserRole.COLLEAGUE)
    if role == UserRole.CONTACT and not access.user.has_perm(Permission.MANAGE_CITY_ROLES):
        role = UserRole.DEPUTY if UserRole.DEPUTY not in held else UserRole.COLLEAGUE
    asked = urlencode({"role": str(role), "municipality": str(member.municipality_id)})
    return f"{reverse('accounts:invite')}?{asked}"


def others_in(access: Access) -> list[TandemMember]:
    """Return guests and cities that have left, whose people are not shown."""
    today = timezone.localdate()
    return [
        row
        for row in standing(access.tandem.members.all())
        if row.is_guest or (row.has_left(today) and access.reads(row.left_on))
    ]
