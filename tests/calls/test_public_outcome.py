"""What everybody reads on the page of a call once it is decided, and what nobody reads there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from calls.models import Application, Call, Letter, Offer
from tandems.enums import TandemStatus
from tests.calls.selection_cases import session
from tests.factories import MunicipalityFactory, make_pair, make_ready_call
from tests.reading import Document, read
from tests.selection import LEAK, applications_of, filed, make_call_in_review, make_reviewer

pytestmark = pytest.mark.django_db
HEADING = "Result of the selection"


def shown(client: Any, call: Call) -> Document:
    """Return the result on the page of a call, in English."""
    return read(client.get(f"/en/calls/{call.slug}/")).main.section(HEADING)


def tell(application: Application, outcome: str, state: str = "", at: Any = None) -> Letter:
    """Release a letter to a municipality; with a place, which it has answered by now."""
    letter = Letter.objects.create(
        session=at or session(application.call),
        application=application,
        outcome=outcome,
        state="released",
        released_at=timezone.now(),
        language="de",
        subject=LEAK,
        body=LEAK,
    )
    if state:
        Offer.objects.create(
            application=application,
            letter=letter,
            state=state,
            due_at=timezone.now(),
            answered_at=timezone.now(),
            note=LEAK,
        )
    return letter


def decided_call(german: int = 2, european: int = 1) -> tuple[Call, list[Application], Any]:
    """Return a decided call with its applications and its session, on 12 May 2027 in Berlin."""
    call = make_call_in_review(german=german, european=european)
    Call.objects.filter(pk=call.pk).update(state="decided")
    call.refresh_from_db()
    # Half past eleven in London is the next day in Berlin.
    at = session(call, decided_at=dt.datetime(2027, 5, 11, 22, 30, tzinfo=dt.UTC))
    return call, applications_of(call), at


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("closed", "The deadline is over."),
        ("in_review", "The applications are being assessed."),
        ("decided", "The municipalities are told first"),
    ],
)
def test_before_the_letters_the_page_tells_how_far_it_is_and_no_more(client, state, words):
    call, (first, *_others), at = decided_call()
    Call.objects.filter(pk=call.pk).update(state=state)
    Letter.objects.create(
        session=at, application=first, outcome="accepted", language="de", subject=LEAK
    )

    section = shown(client, call)

    assert words in section.text
    assert (section.all("li"), section.all("dl")) == ([], [])


@pytest.mark.parametrize("state", ["open", "archived"])
def test_nothing_is_said_of_a_result_before_the_deadline_or_of_a_call_not_made_here(client, state):
    texts = {} if state == "open" else {"description_de": "", "description_en": ""}
    call = make_ready_call(state=state, **texts)

    assert HEADING not in read(client.get(f"/en/calls/{call.slug}/")).main.texts("h2")


def test_after_the_letters_numbers_the_day_and_who_has_confirmed_are_public(client):
    call, (first, second, third), at = decided_call()
    place = MunicipalityFactory(slug="stadt-eins")
    Application.objects.filter(pk=first.pk).update(municipality=place)
    tell(first, "accepted", "confirmed", at)
    tell(second, "accepted", "open", at)
    tell(third, "accepted", "confirmed", at)

    section = shown(client, call)

    assert section.fact("Decided on") == "12 May 2027"
    assert section.fact("Applications") == "3 applications from 2 countries"
    assert section.texts("h3") == ["German municipalities", "Other European municipalities"]
    assert section.texts("li") == ["Stadt 1 Germany", "City 1 France"]
    assert section.hrefs() == ["/en/municipalities/stadt-eins/"]


def test_who_was_refused_waits_or_has_lost_the_place_is_not_named(client):
    call, rows, at = decided_call(german=4, european=0)
    for row, told in zip(
        rows,
        [("refused", ""), ("reserve", ""), ("accepted", "declined"), ("accepted", "lapsed")],
        strict=True,
    ):
        tell(row, *told, at=at)
        filed(row, make_reviewer(name=f"{LEAK} Müller"), text=LEAK)

    page = client.get(f"/en/calls/{call.slug}/").content.decode()

    assert [row.place_name for row in rows if row.place_name in page] == []
    assert LEAK not in page
    assert page.count("No municipality has confirmed its place yet.") == 2


def test_correction_is_public_once_its_own_letters_are_out(client):
    call, (first, *_others), at = decided_call()
    tell(first, "accepted", "confirmed", at)
    later = session(
        call,
        decided_at=dt.datetime(2027, 6, 1, 9, tzinfo=dt.UTC),
        corrects=at,
        correction_reason=LEAK,
    )

    before = shown(client, call)
    tell(first, "reserve", at=later)
    after = shown(client, call)

    assert (before.fact("Decided on"), after.fact("Decided on")) == ("12 May 2027", "1 June 2027")
    assert LEAK not in before.text + after.text


def test_municipality_whose_page_is_not_public_yet_is_named_without_a_link(client):
    call, (first, second, *_rest), at = decided_call()
    planned, public = make_pair(status=TandemStatus.PLANNED), make_pair()
    for application, tandem in ((first, planned), (second, public)):
        place = tandem.members.order_by("position")[0].municipality
        Application.objects.filter(pk=application.pk).update(municipality=place)
        tell(application, "accepted", "confirmed", at=at)

    page = shown(client, call)

    assert {"Stadt 1", "Stadt 2"} <= set(page.texts("bdi"))
    linked = public.members.order_by("position")[0].municipality
    assert page.hrefs() == [linked.get_absolute_url().replace("/de/", "/en/")]
    assert client.get(page.hrefs()[0]).status_code == 200


def test_partnerships_stand_below_once_they_are_public(client):
    call, (first, *_others), at = decided_call()
    tell(first, "accepted", "confirmed", at)
    make_pair(call=call, status=TandemStatus.PLANNED, name_de=LEAK, slug="geheim")

    waiting = read(client.get(f"/en/calls/{call.slug}/")).main
    pair = make_pair(call=call)
    formed = read(client.get(f"/en/calls/{call.slug}/")).main

    assert "The partnerships follow" in waiting.text
    assert LEAK not in waiting.text
    assert "The partnerships follow" not in formed.text
    section = formed.section("Partnerships formed through this call")
    assert section.hrefs() == [f"/en/tandems/{pair.slug}/"]


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_a_decided_call_asks_no_more_for_more_municipalities(
    client, number, django_assert_num_queries
):
    call, rows, at = decided_call(german=number, european=number)
    for row in rows:
        Application.objects.filter(pk=row.pk).update(municipality=MunicipalityFactory())
        tell(row, "accepted", "confirmed", at)

    with django_assert_num_queries(11):
        answer = client.get(f"/en/calls/{call.slug}/")

    assert not answer.cookies
    assert "max-age" in answer.headers["Cache-Control"]
