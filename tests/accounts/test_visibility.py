"""What a role lets people see and do around partnerships: own, neighbour's, stranger's, left."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.permissions import Permission, reach_of
from meetings.models import Meeting
from tandems.models import Tandem, TandemMember
from tests.factories import (
    MeetingFactory,
    MunicipalityFactory,
    TandemMemberFactory,
    make_pair,
    make_user,
)

pytestmark = pytest.mark.django_db
TEAM = ("coordinator", "bbsr")
READERS = ("reviewer", "observer")
CITY = ("contact", "deputy", "colleague")


def planned_pair():
    pair = make_pair(status="planned")
    return pair, [member.municipality for member in pair.members.order_by("position")]


@pytest.mark.parametrize("role", [None, *TEAM, *READERS, *CITY])
def test_planned_partnership_is_for_the_team_and_its_own_cities(role):
    pair, (home, _partner) = planned_pair()
    other, _cities = planned_pair()
    public = make_pair()
    user = make_user(role, home if role in CITY else None)

    seen = set(Tandem.objects.visible_to(user))

    expected = {public}
    if role in TEAM:
        expected |= {pair, other}
    if role in CITY:
        expected |= {pair}
    assert seen == expected
    assert {member.tandem for member in TandemMember.objects.visible_to(user)} == expected


@pytest.mark.parametrize("user", [None, AnonymousUser()])
def test_visitor_sees_what_is_public(user):
    planned_pair()
    public = make_pair()
    MeetingFactory(status="planned")
    shown = MeetingFactory()

    assert list(Tandem.objects.visible_to(user)) == [public]
    assert list(Meeting.objects.visible_to(user)) == [shown]
    assert reach_of(user, Permission.READ_WORKSPACE) == set()


@pytest.mark.parametrize("role", [None, *TEAM, *READERS, *CITY])
def test_internal_meeting_is_for_the_team_and_the_cities_of_the_partnership(role):
    pair = make_pair()
    home = pair.members.first().municipality
    own = MeetingFactory(tandem=pair, scope="tandem", status="planned")
    foreign = MeetingFactory(tandem=make_pair(), scope="tandem", status="planned")
    network = MeetingFactory(status="planned")
    user = make_user(role, home if role in CITY else None)

    seen = set(Meeting.objects.visible_to(user))

    of_a_city = {own, network} if role in CITY else set()
    assert seen == ({own, foreign, network} if role in TEAM else of_a_city)


def test_city_that_has_left_keeps_reading_and_no_longer_acts():
    pair, (home, partner) = planned_pair()
    pair.members.filter(municipality=home).update(left_on=dt.date(2023, 12, 31))
    contact = make_user("contact", home)

    assert list(Tandem.objects.with_workspace_for(contact)) == [pair]
    assert not contact.has_perm(Permission.SUBMIT_PROFILE, pair)
    assert make_user("contact", partner).has_perm(Permission.SUBMIT_PROFILE, pair)


def test_guest_has_no_way_into_the_partnership():
    pair = make_pair()
    guest = TandemMemberFactory(tandem=pair, role="guest", position=2)
    contact = make_user("contact", guest.municipality)

    assert list(Tandem.objects.with_workspace_for(contact)) == []
    assert not contact.has_perm(Permission.LEAD_MEETINGS, pair)
    assert not contact.has_perm(Permission.SUBMIT_PROFILE, guest)


def test_on_the_membership_a_city_speaks_for_itself_alone():
    """On the partnership either city may act; on its membership only itself may."""
    pair = make_pair()
    ours, theirs = pair.members.order_by("position")
    contact = make_user("contact", ours.municipality)

    assert contact.has_perm(Permission.SUBMIT_PROFILE, pair)
    assert contact.has_perm(Permission.SUBMIT_PROFILE, ours)
    assert not contact.has_perm(Permission.SUBMIT_PROFILE, theirs)


def test_stranger_has_no_right_on_the_partnership():
    contact = make_user("contact", MunicipalityFactory())

    assert not contact.has_perm(Permission.SUBMIT_PROFILE, make_pair())
    assert list(Tandem.objects.with_workspace_for(contact)) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_rights_on_a_partnership_cost_as_much_for_one_as_for_three(
    rows, django_assert_max_num_queries
):
    pair = make_pair()
    contact = make_user("contact", pair.members.first().municipality)
    for _ in range(rows):
        MeetingFactory(tandem=pair, scope="tandem", status="planned")
    contact.has_perm(Permission.CONTRIBUTE, pair)

    with django_assert_max_num_queries(1):
        assert len(Meeting.objects.visible_to(contact)) == rows
