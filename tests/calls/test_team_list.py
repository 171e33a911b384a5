"""The team's list of applications: who sees it, what it shows, how often it asks."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from accounts.enums import CITY_ROLES, UserRole
from calls.models import Application, ApplicationEditor, ApplicationTopic
from core.models import StatusChange
from municipalities.enums import Country
from tests.applications import make_open_call, make_submitted
from tests.calls.desk import HOSTILE, LIST, desk, four_rows, listed, names, row
from tests.factories import CallFactory, make_user
from tests.reading import read

pytestmark = pytest.mark.django_db


def test_visitor_is_led_to_the_sign_in():
    assert Client().get(LIST).headers["Location"].startswith("/de/accounts/login/")


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_team_reads_what_counts_of_each_application(role):
    make_submitted(name="Wörkheim")
    application = Application.objects.get()

    page = read(desk(role).get(LIST))

    text = page.main.one("tbody").text
    topic = application.call.topics.get().name_en
    assert application.reference in text
    for words in ("Germany", "Sent", "complete", "German municipalities", "20,000", topic):
        assert words in text
    assert "20,000 to 100,000" in text
    assert "Sensoren laufen" not in text  # what it wrote stands on its page
    assert page.main.one("bdi").language == "de"


@pytest.mark.parametrize("role", [*CITY_ROLES, UserRole.OBSERVER])
def test_others_get_nothing(role):
    make_submitted(name="Wörkheim")
    client = desk(role)

    answer = client.get(LIST, follow=True)

    assert answer.status_code == 403
    assert "Wörkheim" not in answer.content.decode()


def test_reviewer_sees_what_is_assigned_and_until_then_nothing():
    make_submitted(name="Wörkheim")
    client = desk("reviewer")

    page = read(client.get(LIST))

    assert names(page) == []
    assert "none is yours to read" in page.main.text
    assert page.main.all("ul", class_="applications__states") == []


@pytest.mark.parametrize("role", ["coordinator", "bbsr", "reviewer", "observer"])
def test_start_page_leads_there_who_may_and_nobody_else(role):
    client = desk(role)
    may = role != "observer"

    assert (LIST in read(client.get("/admin/")).main.hrefs()) is may
    assert (client.get("/admin/calls/").status_code == 200) is may


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_list_is_only_read(method):
    assert getattr(desk(), method)(LIST).status_code == 405


def test_open_call_comes_first_and_another_can_be_chosen():
    opened = make_open_call()
    later = CallFactory(state="in_review", closes_on=dt.date(2099, 12, 31))
    row(opened, "Offenstadt"), row(later, "Späterstadt")

    assert listed() == ["Offenstadt"]
    assert listed(f"?call={later.slug}") == ["Späterstadt"]


def test_draft_of_a_call_is_no_choice_and_without_calls_words_stand_there():
    CallFactory(state="draft", slug="geheim")

    page = read(desk().get(f"{LIST}?call=geheim"))

    assert "There is no call yet" in page.main.text
    assert page.main.all("form") == []


def test_hostile_name_is_text():
    row(make_open_call(), HOSTILE)
    client = desk()

    page = read(client.get(LIST, {"q": HOSTILE, "state": HOSTILE}))

    assert page.faults == []
    assert names(page) == [HOSTILE]
    assert page.main.one("input", id="id_q")["value"] == HOSTILE
    assert page.main.all("script") == []


def test_reviewer_who_reads_some_sees_no_other_in_any_filter():
    call = four_rows()
    reviewer = make_user("reviewer")
    own = Application.objects.get(place_name="Zug")
    ApplicationEditor.objects.create(
        application=own, user=reviewer, email=reviewer.email, joined_at=timezone.now()
    )

    page = read(desk(user=reviewer).get(f"{LIST}?call={call.slug}&sort=name"))

    assert names(page) == ["Zug"]
    codes = [entry["value"] for entry in page.main.one("select", id="id_country").all("option")]
    assert codes == ["", "CH"]
    assert page.main.one("ul", class_="applications__states").text == "1 draft"
    assert page.main.all("input", name="chosen") == []


@pytest.mark.parametrize("rows", [1, 3, 10_000])
def test_list_asks_as_often_for_one_row_as_for_ten_thousand(rows, django_assert_num_queries):
    call = make_open_call()
    countries = list(Country)
    Application.objects.bulk_create(
        Application(
            call=call,
            place_name=f"Ort {number}",
            place_key=f"DE:ort {number}",
            place_country=countries[number % len(countries)],
        )
        for number in range(rows)
    )
    topic, kind = call.topics.get(), ContentType.objects.get_for_model(Application)
    for application in Application.objects.order_by("-pk")[:50]:
        ApplicationTopic.objects.create(application=application, topic=topic, side="gives", level=1)
        StatusChange.objects.create(
            content_type=kind, object_id=application.pk, field="reminder", new="sent"
        )
    client = desk()

    with django_assert_num_queries(12):
        page = read(client.get(f"{LIST}?q=ort&sort=country"))

    assert len(names(page)) == min(rows, 50)
    assert len(page.main.all("input", name="chosen")) == min(rows, 50)
