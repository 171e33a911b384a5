"""The table of rights, asked for every role, right and owner."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.enums import CITY_ROLES, UserRole
from accounts.models import RoleAssignment, User
from accounts.permissions import GRANTS, Permission, Scope, require, table
from tests.factories import MunicipalityFactory, RoleAssignmentFactory, make_user

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


@dataclass
class Subject:
    """Something that belongs to municipalities and is assigned to people."""

    acting_municipalities: set[int] = field(default_factory=set)
    assigned_people: set[int] = field(default_factory=set)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", UserRole)
def test_right_holds_exactly_where_the_table_says(role, permission):
    user, neighbour = make_user(role), MunicipalityFactory()
    place = user.roles[0].municipality_id
    scope = GRANTS[role].get(permission)

    answers = {
        "asked in general": user.has_perm(permission),
        "own": bool(place) and user.has_perm(permission, Subject({place})),
        "of a neighbour": user.has_perm(permission, Subject({neighbour.pk})),
        "assigned": user.has_perm(permission, Subject(assigned_people={user.pk})),
        "assigned to others": user.has_perm(permission, Subject(assigned_people={user.pk + 1})),
    }

    everywhere = scope == Scope.ALL
    assert answers == {
        "asked in general": scope is not None,
        "own": bool(place) and (everywhere or scope == Scope.OWN),
        "of a neighbour": everywhere,
        "assigned": everywhere or scope == Scope.ASSIGNED,
        "assigned to others": everywhere,
    }


def test_every_role_is_in_the_table():
    assert set(GRANTS) == set(UserRole)


def test_documentation_shows_the_table():
    assert DOCS.read_text(encoding="utf-8") == table()


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [(0, None, True), (1, None, False), (-9, 0, True), (-9, -1, False), (0, 0, True)],
)
def test_role_counts_between_its_days_only(since, until, holds):
    today = timezone.localdate()
    assignment = RoleAssignmentFactory(
        role="contact",
        since=today + dt.timedelta(days=since),
        until=None if until is None else today + dt.timedelta(days=until),
    )

    assert assignment.user.has_perm(Permission.SUBMIT_PROFILE) is holds


def test_role_that_ends_counts_no_more_in_the_next_request():
    user = make_user("contact")
    assert user.has_perm(Permission.HAND_OVER)

    RoleAssignment.objects.update(until=timezone.localdate() - dt.timedelta(days=1))

    assert not User.objects.get(pk=user.pk).has_perm(Permission.HAND_OVER)


def test_nobody_without_role_or_account_has_a_right():
    inactive = make_user("bbsr")
    inactive.is_active = False

    for nobody in (make_user(), AnonymousUser(), inactive):
        assert [right for right in Permission if nobody.has_perm(right)] == []


def test_roles_are_read_once_for_all_questions(django_assert_num_queries):
    user = User.objects.get(pk=make_user("coordinator").pk)

    with django_assert_num_queries(1):
        assert all(user.has_perm(right) for right in GRANTS["coordinator"])


def test_missing_right_is_refused():
    user = make_user("colleague")

    require(user, Permission.DRAFT_PROFILE)
    with pytest.raises(PermissionDenied):
        require(user, Permission.SUBMIT_PROFILE)


@pytest.mark.parametrize("role", UserRole)
def test_people_of_the_programme_are_staff_and_no_others(role):
    assert make_user(role).is_staff is (role not in CITY_ROLES)


@pytest.mark.parametrize("role", UserRole)
def test_roles_are_visible_to_the_own_municipality_and_the_project_team(role):
    user = make_user(role)
    own, foreign = user.roles[0], RoleAssignmentFactory()

    seen = set(RoleAssignment.objects.visible_to(user))

    if role in CITY_ROLES:
        assert seen == {own}
    else:
        assert seen == ({own, foreign} if role in {"coordinator", "bbsr"} else set())
