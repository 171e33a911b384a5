"""Who lets guests into a topic, how long they stay, and what stands in the history."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tandems.actions.topics import end_guest, end_topic, let_guest_in
from tandems.guests import guests_for
from tandems.models import TopicGuest
from tests.factories import (
    MunicipalityFactory,
    TandemFactory,
    TandemMemberFactory,
    make_user,
)
from tests.races import act_at_once
from tests.reading import read
from tests.tandems.topic_cases import DAY, entered, history, leave, make_case, page
from tests.walking import Walker
from tests.workspace import TopicGuestFactory

pytestmark = pytest.mark.django_db


def let_in(case, by=None, **fields):
    data = {"topic": case.topic, "municipality": case.outside, **fields}
    return let_guest_in(**data, by=by or case.contact)


@pytest.mark.parametrize("role", ["contact", "deputy", "partner", "coordinator", "bbsr"])
def test_contact_deputy_and_team_let_a_guest_in_from_today(role):
    case = make_case()
    by = make_user(role) if role in {"coordinator", "bbsr"} else getattr(case, role)

    guest = let_in(case, by)

    assert (guest.since, guest.until, guest.let_in_by) == (timezone.localdate(), None, by)
    assert history(case.topic) == [("guest", "", "let in", str(case.outside))]


@pytest.mark.parametrize("who", ["colleague", "neighbour", "guest", "left", "observer", "nobody"])
def test_nobody_else_lets_a_guest_in_or_sends_it_away(who):
    case = make_case()
    guest = TopicGuestFactory(topic=case.topic)
    if who == "left":
        leave(case.theirs)
    by = {"left": case.partner, "observer": make_user("observer"), "nobody": make_user()}.get(
        who
    ) or getattr(case, who)

    with pytest.raises(PermissionDenied):
        let_in(case, by)
    with pytest.raises(PermissionDenied):
        end_guest(guest=guest, by=by)
    assert TopicGuest.objects.get().until is None


def test_members_guests_days_gone_and_ended_topics_are_refused():
    case = make_case()
    today = timezone.localdate()
    let_in(case, until=today)

    for wrong, field in (
        ({"municipality": case.theirs.municipality}, "municipality"),
        ({"municipality": case.outside}, "municipality"),
        ({"municipality": MunicipalityFactory(), "until": today - DAY}, "until"),
    ):
        with pytest.raises(ValidationError) as refusal:
            let_in(case, **wrong)
        assert set(refusal.value.error_dict) == {field}
    end_topic(topic=case.topic, ended_on=today, by=case.contact)
    with pytest.raises(ValidationError):
        let_in(case, municipality=MunicipalityFactory())


def test_guest_may_come_again_and_a_city_that_left_may_come_as_guest():
    case = make_case()
    TopicGuestFactory(topic=case.topic, municipality=case.outside, until=timezone.localdate() - DAY)
    leave(case.theirs)

    assert let_in(case).municipality == case.outside
    assert let_in(case, municipality=case.theirs.municipality).pk
    assert case.topic.guests.count() == 3


def test_stay_ends_at_once_and_the_row_tells_its_last_day():
    case = make_case()
    guest = TopicGuestFactory(topic=case.topic, municipality=case.outside)

    end_guest(guest=guest, by=case.partner)

    assert TopicGuest.objects.get().until == timezone.localdate() - DAY
    assert history(case.topic) == [("guest", "let in", "ended", str(case.outside))]


def test_who_came_today_and_goes_today_stands_in_the_history_alone():
    case = make_case()

    end_guest(guest=let_in(case), by=case.contact)

    assert not TopicGuest.objects.exists()
    assert [row[2] for row in history(case.topic)] == ["let in", "ended"]


def test_stay_gets_a_last_day_and_a_later_one():
    case = make_case()
    guest = TopicGuestFactory(topic=case.topic, municipality=case.outside)
    first, second = timezone.localdate(), timezone.localdate() + 30 * DAY

    for day in (first, second, second):
        end_guest(guest=guest, until=day, by=case.contact)

    assert TopicGuest.objects.get().until == second
    assert [row[:3] for row in history(case.topic)] == [
        ("guest", "let in", first.isoformat()),
        ("guest", first.isoformat(), second.isoformat()),
    ]
    with pytest.raises(ValidationError) as refusal:
        end_guest(guest=guest, until=first - DAY, by=case.contact)
    assert set(refusal.value.error_dict) == {"until"}


def test_stay_that_is_over_is_not_ended_again():
    case = make_case()
    guest = TopicGuestFactory(topic=case.topic)
    end_guest(guest=guest, by=case.contact)
    gone = let_in(case)
    end_guest(guest=TopicGuest.objects.get(pk=gone.pk), by=case.contact)

    for over in (guest, gone):
        over.pk = over.pk or 1
        with pytest.raises(ValidationError):
            end_guest(guest=over, by=case.contact)


def test_members_and_cities_of_unpublished_partnerships_are_not_offered():
    case = make_case()
    hidden = TandemMemberFactory(tandem=TandemFactory(status="planned")).municipality
    leave(case.theirs)

    offered = set(guests_for(case.tandem))

    assert case.ours.municipality not in offered
    assert hidden not in offered
    assert {case.outside, case.theirs.municipality} <= offered


def test_officer_lets_a_guest_in_and_ends_the_stay():
    case = make_case()
    walker = Walker(case.contact)
    walker.open(page("topic", case.tandem.slug, case.topic.pk))
    walker.follow("Add a guest")

    shown = walker.press("Add as a guest", municipality=case.outside.pk)
    assert "Venlo can now see this topic as a guest." in shown.main.text
    assert "Venlo" in shown.main.section("Guests of this topic").text
    assert "Venlo" in walker.open(page("topics", case.tandem.slug)).main.text
    walker.open(page("topic", case.tandem.slug, case.topic.pk))
    walker.follow("End guest access")
    shown = walker.press("Save the last day")

    assert "Venlo" not in shown.main.section("Guests of this topic").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"municipality": ""}, "municipality"),
        ({"municipality": "member"}, "municipality"),
        ({"municipality": "x"}, "municipality"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "tomorrow"}, "until"),
    ],
)
def test_wrong_entries_are_told_at_their_field(wrong, field):
    case = make_case()
    data = {"municipality": case.outside.pk, "until": "", **wrong}
    if data["municipality"] == "member":
        data["municipality"] = case.theirs.municipality_id

    response = entered(case.contact).post(
        page("topic-guests", case.tandem.slug, case.topic.pk), data
    )

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert not TopicGuest.objects.exists()


def test_button_pressed_twice_lets_in_once_and_says_so():
    case = make_case()
    client, url = entered(case.contact), page("topic-guests", case.tandem.slug, case.topic.pk)
    client.post(url, {"municipality": case.outside.pk})

    again = client.post(url, {"municipality": case.outside.pk})

    assert "is a guest of the topic already" in read(again).main.text
    assert TopicGuest.objects.count() == 1


def test_end_pressed_twice_is_told_in_words():
    case = make_case()
    client = entered(case.contact)
    for guest in (
        TopicGuestFactory(topic=case.topic),
        TopicGuestFactory(topic=case.topic, since=timezone.localdate()),
    ):
        url = page("topic-guest-end", case.tandem.slug, case.topic.pk, guest.pk)
        assert client.post(url, {"until": ""}).status_code == 302

        again = client.post(url, {"until": ""}, follow=True)

        assert "This guest access has ended already." in read(again).main.text


def test_guest_of_another_topic_is_not_ended_here():
    case = make_case()
    foreign = TopicGuestFactory()

    entered(case.contact).post(
        page("topic-guest-end", case.tandem.slug, case.topic.pk, foreign.pk), {"until": ""}
    )

    assert TopicGuest.objects.get().until is None


@pytest.mark.django_db(transaction=True)
def test_two_let_the_same_guest_in_at_once():
    case = make_case()

    results = act_at_once(lambda: let_in(case), lambda: let_in(case, case.partner))

    assert [type(result) for result in results] == [TopicGuest, ValidationError]


@pytest.mark.django_db(transaction=True)
def test_two_end_the_same_stay_at_once():
    case = make_case()
    guest = TopicGuestFactory(topic=case.topic)

    results = act_at_once(
        lambda: end_guest(guest=guest, by=case.contact),
        lambda: end_guest(guest=guest, by=case.partner),
    )

    assert [type(result) for result in results] == [TopicGuest, ValidationError]
    assert len(history(case.topic)) == 1
