"""Who sees to a commitment, what it is about, and at which meetings it is made."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from meetings.actions import keep_commitment, make_commitment
from meetings.actions.commitment import name_person
from meetings.models import Commitment
from tests.cycle import make_cycle, plan_for
from tests.factories import (
    TandemFactory,
    TandemMemberFactory,
    TandemTopicFactory,
    TopicFactory,
    make_user,
)
from tests.meetings.commitment_cases import (
    DAY,
    joint_meeting,
    member_of,
    network_meeting,
    page_of,
    promise,
)
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db


# -- person and topic


def test_person_of_the_city_and_topic_of_the_partnership_are_kept():
    cycle = make_cycle()
    topic = TandemTopicFactory(tandem=cycle.tandem).topic

    made = promise(cycle, person=cycle.people["colleague"], topic=topic)

    made.refresh_from_db()
    assert (made.person, made.topic) == (cycle.people["colleague"], topic)


@pytest.mark.parametrize("who", ["partner", "coordinator", "nobody", "closed"])
def test_nobody_from_elsewhere_sees_to_it(who):
    cycle = make_cycle()
    person = cycle.people.get(who)
    if who == "closed":
        person = make_user("colleague", cycle.hamm)
        person.is_active = False
        person.save()

    with pytest.raises(ValidationError) as refusal:
        promise(cycle, person=person)

    assert set(refusal.value.error_dict) == {"person"}
    assert not Commitment.objects.exists()


def test_topic_of_another_partnership_is_refused_at_its_field():
    cycle = make_cycle()

    with pytest.raises(ValidationError) as refusal:
        promise(cycle, topic=TopicFactory())

    assert set(refusal.value.error_dict) == {"topic"}


def test_form_offers_the_own_people_and_topics_and_no_others():
    cycle = make_cycle()
    topic = TandemTopicFactory(tandem=cycle.tandem).topic
    TopicFactory()

    page = read(cycle.client("colleague").get(page_of(cycle.meeting)))

    people = [one["value"] for one in page.main.one("select", name="person").all("option")]
    own = {cycle.people[name].pk for name in ("contact", "deputy", "colleague")}
    assert {int(value) for value in people if value} == own
    topics = [one["value"] for one in page.main.one("select", name="topic").all("option")]
    assert topics == ["", str(topic.pk)]


def test_both_cities_and_the_team_read_the_name_and_who_left_does_not():
    cycle = make_cycle()
    made = promise(cycle, person=cycle.people["colleague"], meeting=cycle.meeting)
    Commitment.objects.update(made_at=timezone.now() - 9 * DAY)
    name = cycle.people["colleague"].name

    for who in ("contact", "partner colleague", "bbsr"):
        for url in (made.get_absolute_url(), page_of(cycle.meeting)):
            assert name in read(cycle.client(who).get(url)).main.text
    row = member_of(cycle, cycle.arezzo)
    row.left_on = timezone.localdate() - DAY
    row.save()
    gone = read(cycle.client("partner").get(made.get_absolute_url())).main.text
    assert made.text in gone
    assert name not in gone


def test_person_is_chosen_anew_and_the_partner_does_not_choose():
    cycle = make_cycle()
    made = promise(cycle, person=cycle.people["colleague"])
    url = reverse("workspace:commitment-person", args=[cycle.tandem.slug, made.pk])

    answer = cycle.client("deputy").post(url, {"person": cycle.people["deputy"].pk})
    assert (answer.status_code, answer.url) == (302, made.get_absolute_url())
    made.refresh_from_db()
    assert made.person == cycle.people["deputy"]
    wrong = cycle.client("deputy").post(url, {"person": cycle.people["partner"].pk})
    assert list(wrong.context["form"].errors) == ["person"]
    assert cycle.client("partner").post(url, {"person": ""}).status_code == 403
    with pytest.raises(PermissionDenied):
        name_person(commitment=made, person=None, by=cycle.person("partner"))
    cycle.client("contact").post(url, {"person": ""})
    made.refresh_from_db()
    assert made.person is None
    keep_commitment(commitment=made, by=cycle.person("contact"))
    with pytest.raises(ValidationError):
        name_person(commitment=made, person=None, by=cycle.person("contact"))
    assert cycle.client("contact").get(url).status_code == 302


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("contact", 200),
        ("colleague", 200),
        ("coordinator", 200),
        ("partner", 403),
        ("neighbour", 404),
        ("observer", 404),
        ("nobody", 404),
        ("visitor", 302),
    ],
)
def test_who_opens_the_page_of_the_person(who, status):
    cycle = make_cycle()
    made = promise(cycle)
    url = reverse("workspace:commitment-person", args=[cycle.tandem.slug, made.pk])
    client = cycle.client(who)

    assert client.get(url).status_code == status
    assert client.delete(url).status_code in {302, 405}


# -- meetings


def test_commitment_belongs_to_the_partnership_of_the_city_that_makes_it():
    cycle = make_cycle()
    other = TandemMemberFactory(tandem=TandemFactory(status="active")).tandem

    for meeting in (network_meeting(), joint_meeting(cycle, other)):
        made = promise(cycle, meeting=meeting, text=f"An {meeting.pk}")
        assert (made.tandem, made.meeting) == (cycle.tandem, meeting)


@pytest.mark.parametrize("kind", ["foreign", "joint without us", "related", "cancelled"])
def test_commitment_is_not_made_where_the_partnership_does_not_meet(kind):
    cycle = make_cycle()
    other = TandemMemberFactory(tandem=TandemFactory(status="active")).tandem
    meeting = {
        "foreign": lambda: plan_for(other),
        "joint without us": lambda: plan_for(other, scope="several"),
        "related": lambda: plan_for(None, scope="related"),
        "cancelled": lambda: plan_for(cycle.tandem, status="cancelled"),
    }[kind]()

    with pytest.raises(ValidationError) as refusal:
        promise(cycle, meeting=meeting)

    assert set(refusal.value.error_dict) == {"meeting"}
    assert not Commitment.objects.exists()


def test_planned_partnership_promises_nothing_at_a_meeting_of_the_network():
    cycle = make_cycle()
    cycle.tandem.status = "planned"
    cycle.tandem.save()

    with pytest.raises(ValidationError):
        promise(cycle, meeting=network_meeting())


@pytest.mark.django_db(transaction=True)
def test_two_partnerships_take_the_fifth_place_of_a_network_meeting_at_once():
    cycle, meeting = make_cycle(), network_meeting()
    other = TandemMemberFactory(tandem=TandemFactory(status="active"))
    their_contact = make_user("contact", other.municipality)
    for number in range(4):
        promise(cycle, meeting=meeting, text=f"Zusage {number}")

    results = act_at_once(
        lambda: promise(cycle, meeting=meeting, text="Zusage 5"),
        lambda: make_commitment(
            member=other,
            text="Zusage 6",
            due_on=timezone.localdate() + DAY,
            meeting=meeting,
            by=their_contact,
        ),
    )

    assert [type(one) for one in results] == [Commitment, ValidationError]
    assert meeting.commitments.count() == 5
