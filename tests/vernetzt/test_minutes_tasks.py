"""What the dashboard says of minutes: whose word is missing, and which are overdue."""

from __future__ import annotations

import pytest
from django.utils import timezone, translation

from meetings.models import Minutes
from tandems.models import TandemMember
from tests.cycle import MinutesAgreementFactory, MinutesFactory, plan_for
from tests.factories import RoleAssignmentFactory, TandemMemberFactory, make_user
from tests.meetings.minutes_cases import DAY, agree, entered, held, page, sent
from tests.reading import read
from vernetzt.meeting_tasks import minutes_rows

pytestmark = pytest.mark.django_db


def rows(user):
    """Return title and reason of what the dashboard says of minutes, in English."""
    with translation.override("en"):
        return [(title, reason) for title, reason, _url, _action in minutes_rows(user)]


def titles(user):
    return [title.partition(":")[0] for title, _reason in rows(user)]


def out(meeting, days=3):
    """Return minutes that are out for agreement for so many days."""
    return MinutesFactory(
        meeting=meeting,
        state="in_agreement",
        agree_by=timezone.localdate() + days * DAY,
        sent_at=timezone.now(),
    )


def network(**fields):
    day = timezone.localdate() - DAY
    return plan_for(None, status="held", earliest=day, latest=day, **fields)


def test_city_that_joined_after_the_meeting_is_not_asked():
    cycle = held()
    sent(cycle)
    today = timezone.localdate()
    late = TandemMemberFactory(
        tandem=cycle.tandem, position=2, joined_earliest=today, joined_latest=today
    )
    user = make_user("contact", late.municipality)

    assert rows(user) == []
    assert titles(cycle.person("partner")) == ["Agree to the minutes"]


@pytest.mark.parametrize("named", [True, False])
def test_of_a_network_meeting_the_cities_that_are_asked_have_the_row(named):
    cycle = held()
    cycle.meeting = network()
    if named:
        cycle.meeting.participants.add(cycle.hamm)
    out(cycle.meeting)

    asked = [who for who in ("contact", "partner", "neighbour") if rows(cycle.person(who))]

    assert asked == (["contact"] if named else ["contact", "partner", "neighbour"])
    for who in asked:
        assert entered(cycle, who).get(page(cycle, "minutes-agree")).status_code == 200


def test_person_of_two_cities_keeps_the_row_until_both_have_agreed():
    cycle = held()
    minutes = sent(cycle)
    RoleAssignmentFactory(user=cycle.people["contact"], role="deputy", municipality=cycle.arezzo)
    assert titles(cycle.person("contact")) == ["Agree to the minutes"]

    agree(cycle, minutes)
    assert titles(cycle.person("contact")) == ["Agree to the minutes"]

    agree(cycle, minutes, "partner")
    assert rows(cycle.person("contact")) == []


def test_joint_meeting_asks_every_partnership_that_meets():
    cycle = held()
    neighbour = cycle.person("neighbour").roles[0].municipality
    day = timezone.localdate() - DAY
    joint = plan_for(cycle.tandem, scope="several", status="held", earliest=day, latest=day)
    joint.partnerships.set([cycle.tandem, TandemMember.objects.get(municipality=neighbour).tandem])
    minutes = out(joint, days=-1)

    assert titles(cycle.person("neighbour")) == ["Agree to the minutes"]
    MinutesAgreementFactory(minutes=minutes, municipality=neighbour)
    # The other partnership leads, so it alone can extend the day.
    assert rows(cycle.person("neighbour")) == []
    assert titles(cycle.person("contact")) == ["Agree to the minutes"]
    MinutesAgreementFactory(minutes=minutes, municipality=cycle.hamm)
    assert titles(cycle.person("contact")) == ["The minutes are overdue"]


def test_overdue_minutes_stand_with_who_leads_and_with_the_team():
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    team = ("coordinator", "bbsr")
    assert [rows(cycle.person(who)) for who in ("contact", *team)] == [[], [], []]

    Minutes.objects.update(agree_by=timezone.localdate() - DAY)

    for who in ("contact", "deputy", *team):
        ((title, reason),) = rows(cycle.person(who))
        assert title.startswith("The minutes are overdue: ")
        assert "from: Arezzo. You can extend the day." in reason
    ((title, reason),) = rows(cycle.person("partner"))
    assert title.startswith("Agree to the minutes: ")
    assert reason.endswith("That day has passed.")
    for who in ("colleague", "neighbour", "observer", "reviewer", "nobody"):
        assert rows(cycle.person(who)) == []


def test_silence_about_a_network_meeting_is_for_the_team_alone():
    cycle = held()
    minutes = out(network(), days=-1)
    MinutesAgreementFactory(minutes=minutes, municipality=cycle.hamm)

    assert rows(cycle.person("contact")) == []
    assert titles(cycle.person("coordinator")) == ["The minutes are overdue"]


def test_where_no_city_is_left_the_team_learns_that_nobody_can_agree():
    cycle = held()
    sent(cycle)
    Minutes.objects.update(agree_by=timezone.localdate() - DAY)
    TandemMember.objects.update(left_on=timezone.localdate() - DAY)

    ((_title, reason),) = rows(cycle.person("bbsr"))

    assert reason.endswith("so nobody can agree.")


@pytest.mark.parametrize("who", ["contact", "coordinator"])
def test_dashboard_leads_to_the_minutes(who):
    cycle = held()
    agree(cycle, sent(cycle))
    Minutes.objects.update(agree_by=timezone.localdate() - DAY)

    waits = read(entered(cycle, who).get("/en/dashboard/")).main.section("What waits for you")

    assert "The minutes are overdue" in waits.text
    assert page(cycle) in waits.hrefs()


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("who", "queries"), [("contact", 5), ("coordinator", 5)])
def test_rows_ask_as_much_for_one_as_for_three(who, queries, number, django_assert_num_queries):
    cycle = held()
    for _ in range(number):
        day = timezone.localdate() - DAY
        joint = plan_for(cycle.tandem, scope="several", status="held", earliest=day, latest=day)
        joint.partnerships.add(cycle.tandem)
        own = plan_for(cycle.tandem, status="held", earliest=day, latest=day)
        for meeting in (own, joint, network()):
            MinutesAgreementFactory(minutes=out(meeting, days=-1), municipality=cycle.hamm)
    user = cycle.person(who)
    rows(user)

    with django_assert_num_queries(queries):
        found = rows(user)

    assert len(found) == min(8, (2 if who == "contact" else 3) * number)
