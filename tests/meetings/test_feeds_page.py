"""The page on which a person makes, replaces and ends the address of the own calendar."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from meetings.actions.feeds import make_feed, replace_feed, revoke_feed
from meetings.models import CalendarFeed
from tests.cycle import CalendarFeedFactory, make_cycle
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db

PAGE = "/de/meetings/feeds/"
INSIDERS = ("contact", "deputy", "colleague", "partner", "neighbour", "coordinator", "bbsr")
OUTSIDERS = ("nobody", "reviewer", "observer")


def address_on(page):
    """Return the path of the calendar that the page shows."""
    [shown] = page.main.texts("code", **{"class": "secret"})
    return shown.removeprefix("http://localhost:8000")


def told(response):
    return read(response).main.text


@pytest.mark.parametrize("name", INSIDERS)
def test_person_makes_an_address_and_it_works(name):
    cycle = make_cycle()
    client = cycle.client(name)

    made = client.post(f"{PAGE}make/", follow=True)

    assert made.redirect_chain == [(PAGE, 302)]
    path = address_on(read(made))
    assert Client().get(path).status_code == 200
    assert [link for link in read(made).main.hrefs() if link.startswith("webcal:")] == [
        f"webcal://localhost:8000{path}"
    ]
    assert made.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", OUTSIDERS)
def test_who_reads_no_meeting_from_within_gets_no_address(name):
    cycle = make_cycle()
    client = cycle.client(name)

    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}make/").status_code == 403
    with pytest.raises(ValidationError, match="keiner Partnerschaft"):
        make_feed(by=cycle.person(name))
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("part", ["", "make/", "replace/", "revoke/"])
def test_visitors_sign_in_first(part):
    response = Client().get(f"{PAGE}{part}")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/de/accounts/login/")


@pytest.mark.parametrize(
    ("method", "part"), [("post", ""), ("get", "make/"), ("get", "replace/"), ("get", "revoke/")]
)
def test_other_methods_are_refused(method, part):
    cycle = make_cycle()

    assert getattr(cycle.client("contact"), method)(f"{PAGE}{part}").status_code == 405


def test_reading_the_page_makes_no_address():
    cycle = make_cycle()
    page = read(cycle.client("contact").get(PAGE))

    assert page.heading == "Mein Kalender"
    assert page.main.all("code") == []
    assert not CalendarFeed.objects.exists()


def test_replaced_address_is_worth_nothing_at_once_and_the_new_one_works():
    cycle = make_cycle()
    client = cycle.client("contact")
    old = address_on(read(client.post(f"{PAGE}make/", follow=True)))
    nonce = CalendarFeed.objects.get().nonce

    replaced = client.post(f"{PAGE}replace/", {"replaces": nonce}, follow=True)

    new = address_on(read(replaced))
    assert new != old
    assert [Client().get(path).status_code for path in (old, new)] == [404, 200]


def test_replace_button_pressed_twice_replaces_once():
    cycle = make_cycle()
    client = cycle.client("contact")
    client.post(f"{PAGE}make/")
    sent = {"replaces": CalendarFeed.objects.get().nonce}
    first = address_on(read(client.post(f"{PAGE}replace/", sent, follow=True)))
    nonce = CalendarFeed.objects.get().nonce

    again = client.post(f"{PAGE}replace/", sent, follow=True)

    assert CalendarFeed.objects.get().nonce == nonce != sent["replaces"]
    assert Client().get(first).status_code == 200
    assert "Diese Adresse wurde schon ersetzt." in told(again)


@pytest.mark.parametrize("sent", [{}, {"replaces": "x" * 33}, {"replaces": "\x00"}])
def test_bad_input_replaces_nothing(sent):
    cycle = make_cycle()
    feed = CalendarFeedFactory(user=cycle.people["contact"])

    response = cycle.client("contact").post(f"{PAGE}replace/", sent, follow=True)

    assert response.status_code == 200
    assert CalendarFeed.objects.get().nonce == feed.nonce


def test_ended_address_is_worth_nothing():
    cycle = make_cycle()
    client = cycle.client("contact")
    path = address_on(read(client.post(f"{PAGE}make/", follow=True)))

    ended = client.post(f"{PAGE}revoke/", follow=True)

    assert Client().get(path).status_code == 404
    assert read(ended).main.all("code") == []
    again = client.post(f"{PAGE}revoke/", follow=True)
    assert "Ihr Kalender hat keine Adresse." in told(again)


def test_make_button_pressed_twice_keeps_the_address():
    cycle = make_cycle()
    client = cycle.client("contact")
    first = address_on(read(client.post(f"{PAGE}make/", follow=True)))
    nonce = CalendarFeed.objects.get().nonce

    again = client.post(f"{PAGE}make/", follow=True)

    assert CalendarFeed.objects.get().nonce == nonce
    assert Client().get(first).status_code == 200
    assert "Ihr Kalender hat schon eine Adresse." in told(again)


def test_nobody_replaces_or_ends_the_calendar_of_somebody_else():
    cycle = make_cycle()
    feed = CalendarFeedFactory(user=cycle.people["contact"])
    client = cycle.client("partner")

    client.post(f"{PAGE}replace/", {"replaces": feed.nonce})
    client.post(f"{PAGE}revoke/")

    assert CalendarFeed.objects.get().nonce == feed.nonce
    assert feed.nonce not in client.get(PAGE).content.decode()


def test_who_holds_no_role_any_more_still_ends_the_address():
    cycle = make_cycle()
    CalendarFeedFactory(user=cycle.people["nobody"])
    client = cycle.client("nobody")

    page = read(client.get(PAGE))
    ended = client.post(f"{PAGE}revoke/")

    assert "zurzeit in keiner Partnerschaft" in page.main.text
    assert ended.headers["Location"] == "/de/dashboard/"
    assert not CalendarFeed.objects.exists()


def test_page_asks_for_the_calendar_once(django_assert_num_queries):
    cycle = make_cycle()
    CalendarFeedFactory(user=cycle.people["contact"])
    client = cycle.client("contact")
    client.get(PAGE)

    with django_assert_num_queries(4):
        client.get(PAGE)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_address():
    cycle = make_cycle()
    person = cycle.person("contact")

    outcomes = act_at_once(lambda: make_feed(by=person), lambda: make_feed(by=person))

    assert isinstance(outcomes[0], CalendarFeed)
    assert isinstance(outcomes[1], ValidationError)
    assert CalendarFeed.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_replacing_and_ending_at_once_leaves_no_address():
    cycle = make_cycle()
    person = cycle.person("contact")
    nonce = make_feed(by=person).nonce

    act_at_once(lambda: replace_feed(nonce=nonce, by=person), lambda: revoke_feed(by=person))

    assert not CalendarFeed.objects.exists()
