"""What is told of meetings to those who look after the programme and read no internal area."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from core.actions import note_change
from meetings.actions.guests import let_into_meeting
from tests.factories import (
    MeetingFactory,
    MunicipalityFactory,
    RoleAssignmentFactory,
    TandemMemberFactory,
    make_pair,
    make_user,
)
from vernetzt.changes import changes_for
from vernetzt.dashboard import RECENT

pytestmark = pytest.mark.django_db


def changes(user):
    found = changes_for(user, timezone.now() - RECENT)
    return sorted((change.what, change.subject, change.by) for change in found)


def happened(pair, by):
    """Let a public meeting be announced and have a guest, and an internal one be planned."""
    day = timezone.localdate() + dt.timedelta(days=9)
    about = {"scope": "tandem", "title_de": "Auftakt", "earliest": day, "latest": day}
    public = MeetingFactory(tandem=pair, status="announced", **about)
    note_change(public, field="status", old="", new="planned", by=by)
    note_change(public, field="status", old="planned", new="announced", by=by)
    note_change(public, field="place", old="", new="Sofia", by=by)
    let_into_meeting(meeting=public, municipality=MunicipalityFactory(), by=by)
    inner = MeetingFactory(tandem=pair, scope="tandem", status="planned", title_de="Intern")
    note_change(inner, field="status", old="", new="planned", by=by)


@pytest.mark.parametrize("role", ["observer", "reviewer"])
def test_observers_and_reviewers_hear_of_public_meetings_and_no_names(role):
    pair = make_pair()
    officer = make_user("contact", pair.members.first().municipality)
    happened(pair, officer)

    assert changes(make_user(role)) == [("Angekündigt", "Auftakt", "")]


def test_reviewer_who_works_for_a_city_hears_of_its_own_partnership_in_full():
    own, foreign = make_pair(), make_pair()
    user = make_user("reviewer")
    place = MunicipalityFactory()
    TandemMemberFactory(tandem=own, municipality=place, position=2)
    RoleAssignmentFactory(user=user, role="colleague", municipality=place)
    user = type(user).objects.get(pk=user.pk)
    officers = [make_user("contact", pair.members.first().municipality) for pair in (own, foreign)]
    for pair, officer in zip((own, foreign), officers, strict=True):
        happened(pair, officer)

    told = [row for row in changes(user) if row[1] in {"Auftakt", "Intern"}]

    assert [row for row in told if not row[2]] == [("Angekündigt", "Auftakt", "")]
    assert {row[2] for row in told if row[2]} == {str(officers[0])}
    assert "Intern" in {row[1] for row in told}


def test_team_and_members_hear_of_everything_with_names_and_others_of_nothing():
    pair = make_pair()
    officer = make_user("contact", pair.members.first().municipality)
    partner = make_user("contact", pair.members.last().municipality)
    happened(pair, officer)

    for user in (partner, make_user("coordinator")):
        told = [row for row in changes(user) if row[1] in {"Auftakt", "Intern"}]
        assert len(told) == 5
        assert {row[2] for row in told} == {str(officer)}
    for user in (make_user("contact", make_pair().members.first().municipality), make_user()):
        assert changes(user) == []
