"""The dashboard: what waits, what is next, and what others changed since the last visit."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client

from core.actions import note_change
from meetings.actions import change_meeting_status
from tests.factories import (
    MeetingFactory,
    MunicipalityFactory,
    RoleAssignmentFactory,
    make_pair,
    make_user,
)
from tests.reading import read
from vernetzt.dashboard import dashboard_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
PASSWORD = "drei-blaue-Boote-im-Nebel"
DASHBOARD = "/de/dashboard/"
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def officer(place):
    user = make_user("contact", place)
    user.set_password(PASSWORD)
    user.save()
    return user


def visit(user):
    client = Client()
    client.post("/de/accounts/login/", {"login": user.email, "password": PASSWORD})
    return read(client.get(DASHBOARD)).main.text


def announce(meeting, by):
    change_meeting_status(meeting=meeting, status="announced", by=by)


def test_changes_since_the_last_visit_are_told_and_older_ones_no_more(clock):
    pair = make_pair()
    home = pair.members.first().municipality
    user, team = officer(home), make_user("coordinator")
    day = NOW.date() + dt.timedelta(days=9)
    meetings = [
        MeetingFactory(
            tandem=pair, scope="tandem", status="planned", title_de=title, earliest=day, latest=day
        )
        for title in ("Erstes Treffen", "Zweites Treffen")
    ]

    announce(meetings[0], team)
    first = visit(user)
    clock.shift(dt.timedelta(days=2))
    announce(meetings[1], team)
    second = visit(user)
    clock.shift(dt.timedelta(days=1))
    third = visit(user)

    changes = "geändert hat"
    assert "in den letzten 30 Tagen" in first
    assert "Angekündigt Erstes Treffen" in first.partition(changes)[2]
    assert "Ihr letzter Besuch war am 2. März 2026" in second
    assert "Zweites Treffen" in second.partition(changes)[2]
    assert "Erstes Treffen" not in second.partition(changes)[2]
    assert "Es hat sich nichts geändert" in third


def test_own_changes_are_no_news():
    pair = make_pair()
    user = make_user("contact", pair.members.first().municipality)
    announce(MeetingFactory(tandem=pair, scope="tandem", status="planned"), user)

    assert dashboard_of(user)["changes"] == []


def test_changes_of_other_partnerships_and_people_are_not_told():
    user = make_user("contact", make_pair().members.first().municipality)
    team = make_user("coordinator")
    announce(MeetingFactory(tandem=make_pair(), scope="tandem", status="planned"), team)
    assignment = RoleAssignmentFactory(role="deputy", municipality=MunicipalityFactory())
    note_change(assignment, old="", new="held", by=team)

    assert dashboard_of(user)["changes"] == []


def test_team_sees_all_changes():
    bbsr, team = make_user("bbsr"), make_user("coordinator")
    announce(MeetingFactory(tandem=make_pair(), scope="tandem", status="planned"), team)
    note_change(RoleAssignmentFactory(role="deputy"), old="", new="held", by=team)

    told = [change.what for change in dashboard_of(bbsr)["changes"]]

    assert sorted(told) == ["Angekündigt", "Rolle vergeben"]


def test_internal_meeting_of_the_own_partnership_stands_under_what_is_next():
    pair = make_pair()
    user = make_user("contact", pair.members.first().municipality)
    day = dt.date.today() + dt.timedelta(days=3)
    own = MeetingFactory(tandem=pair, scope="tandem", status="planned", earliest=day, latest=day)
    MeetingFactory(tandem=make_pair(), scope="tandem", status="planned", earliest=day, latest=day)

    assert list(dashboard_of(user)["meetings"]) == [own]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("role", ["contact", "bbsr"])
def test_dashboard_asks_as_much_for_one_row_as_for_three(role, rows, django_assert_max_num_queries):
    pair = make_pair()
    user = make_user(role, pair.members.first().municipality if role == "contact" else None)
    team = make_user("coordinator")
    for _ in range(rows):
        announce(MeetingFactory(tandem=pair, scope="tandem", status="planned"), team)
        assignment = RoleAssignmentFactory(municipality=pair.members.first().municipality)
        note_change(assignment, old="", new="held", by=team)

    with django_assert_max_num_queries(33):
        parts = dashboard_of(user)
        list(parts["meetings"])

    assert len(parts["changes"]) == 2 * rows
