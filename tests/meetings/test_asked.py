"""Whose word minutes need: one rule for the page, the jobs and the dashboard."""

from __future__ import annotations

import pytest
from django.utils import translation

from meetings.asked import asked_of, cities_asked, cities_missing, missing_by_minutes
from tandems.models import TandemMember
from tests.cycle import MinutesAgreementFactory, MinutesFactory, plan_for
from tests.factories import MunicipalityFactory, TandemFactory, TandemMemberFactory
from tests.meetings.minutes_cases import DAY, held, today

pytestmark = pytest.mark.django_db


def meetings_of_each_kind():
    """Return meetings of a partnership, of several, of the network, and around the programme."""
    cycle = held()
    day = today() - DAY
    past = {"status": "held", "earliest": day, "latest": day}
    other = TandemFactory(status="active")
    TandemMemberFactory(tandem=other, position=0)
    joint = plan_for(cycle.tandem, scope="several", **past)
    joint.partnerships.set([cycle.tandem, other])
    named = plan_for(None, **past)
    named.participants.add(cycle.hamm, MunicipalityFactory())
    around = plan_for(None, scope="related", **past)
    return cycle, other, {"own": cycle.meeting, "joint": joint, "named": named, "around": around}


def test_many_meetings_are_asked_about_as_one_is():
    cycle, other, kinds = meetings_of_each_kind()
    network = plan_for(None)
    planned = TandemFactory(status="planned")
    hidden = TandemMemberFactory(tandem=planned).municipality
    late = TandemMemberFactory(
        tandem=cycle.tandem, position=2, joined_earliest=today(), joined_latest=today()
    )
    TandemMember.objects.filter(tandem=other).update(left_on=today() - DAY)

    found = asked_of([*kinds.values(), network])

    assert {key: found[row.pk] for key, row in kinds.items()} == {
        "own": [cycle.arezzo, cycle.hamm],
        "joint": [cycle.arezzo, cycle.hamm],
        "named": [cycle.hamm],
        "around": [],
    }
    assert late.municipality in found[network.pk]
    assert hidden not in found[network.pk]
    for row in (*kinds.values(), network):
        assert cities_asked(row) == found[row.pk]


def test_they_stand_by_their_names_in_the_language_that_is_read():
    cycle = held()
    type(cycle.hamm).objects.filter(pk=cycle.hamm.pk).update(name_en="Aham")

    for language, first in (("de", cycle.arezzo), ("en", cycle.hamm)):
        with translation.override(language):
            assert cities_asked(cycle.meeting)[0] == first


def test_word_that_is_given_to_one_version_is_missing_in_another():
    cycle, _other, kinds = meetings_of_each_kind()
    one, two = (
        MinutesFactory(meeting=kinds[name], state="in_agreement", agree_by=today(), sent_at=None)
        for name in ("own", "joint")
    )
    MinutesAgreementFactory(minutes=one, municipality=cycle.hamm)

    found = missing_by_minutes([one, two])

    assert found[one.pk] == cities_missing(one) == [cycle.arezzo]
    assert cycle.hamm in found[two.pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_the_database_as_often_for_one_as_for_three(rows, django_assert_num_queries):
    cycle = held()
    found = []
    for _ in range(rows):
        joint = plan_for(cycle.tandem, scope="several")
        joint.partnerships.add(cycle.tandem)
        found += [plan_for(cycle.tandem), joint, plan_for(None)]

    with django_assert_num_queries(3):
        asked_of(found)
