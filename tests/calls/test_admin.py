"""Calls in the administration, through HTTP: made, opened, extended, copied; who may not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from calls.models import Call, Criterion
from core.models import StatusChange
from tests.factories import CriterionFactory, QuestionFactory, make_ready_call, make_user, sign_in
from tests.reading import read

pytestmark = pytest.mark.django_db
LIST = "/admin/calls/call/"
PARTS = ("criteria", "questions", "consents", "answers")
NO_PARTS = {
    f"{part}-{name}": "0"
    for part in PARTS
    for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
}


def desk(role="coordinator"):
    client = Client(raise_request_exception=True)
    sign_in(client, make_user(role))
    return client


def typed(**fields):
    """Return what the form sends for a call; moments are on the clock of its zone."""
    return {
        "title_de": "Aufruf 2027",
        "title_en": "Call 2027",
        "slug": "call-2027",
        "kind": "application",
        "time_zone": "Europe/Sofia",
        "opens_at": "2027-01-10T09:00",
        "closes_at": "2027-02-28T23:59",
        "grace_minutes": "30",
        **NO_PARTS,
        **fields,
    }


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_team_makes_a_call_without_a_developer(role):
    client = desk(role)

    assert client.get(f"{LIST}add/").status_code == 200
    answer = client.post(f"{LIST}add/", typed())

    assert answer.status_code == 302, read(answer).body.text
    call = Call.objects.get()
    assert (call.state, call.title_de) == ("draft", "Aufruf 2027")
    # 23:59 in Sofia, whatever zone the person at the desk lives in.
    assert call.closes_at == dt.datetime(2027, 2, 28, 21, 59, tzinfo=dt.UTC)
    assert StatusChange.objects.get().changed_by.role_names == {role}
    assert LogEntry.objects.get().object_id == str(call.pk)


def test_form_shows_moments_on_the_clock_of_the_call():
    call = make_ready_call(
        time_zone="Europe/Sofia", closes_at=dt.datetime(2099, 2, 28, 21, 59, tzinfo=dt.UTC)
    )

    page = read(desk().get(f"{LIST}{call.pk}/change/"))

    assert page.body.one("input", name="closes_at")["value"] == "2099-02-28T23:59"


def test_moment_that_does_not_exist_on_that_clock_is_refused_with_words():
    wrong = typed(opens_at="2027-03-28T03:30", closes_at="2027-04-28T12:00")

    answer = desk().post(f"{LIST}add/", wrong)

    assert answer.status_code == 200
    assert "Europe/Sofia" in read(answer).body.one("ul", class_="errorlist").text
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus"},
        {"closes_at": "2027-01-01T09:00"},
        {"slug": "mit leer"},
        {"kind": "tender"},
        {"time_zone": ""},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_wrong_is_told_and_nothing_is_saved(wrong):
    answer = desk().post(f"{LIST}add/", typed(**wrong))

    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Call.objects.exists()


def test_criteria_are_added_to_a_draft_and_stay_once_the_call_is_open():
    call, client = make_ready_call(slug="call-2027"), desk()
    row = call.criteria.get()
    url = f"{LIST}{call.pk}/change/"
    more = {
        "criteria-TOTAL_FORMS": "2",
        "criteria-INITIAL_FORMS": "1",
        "criteria-0-id": str(row.pk),
        "criteria-0-call": str(call.pk),
        "criteria-0-position": "1",
        "criteria-0-name_de": "Wirkung",
        "criteria-0-weight": "60",
        "criteria-1-call": str(call.pk),
        "criteria-1-position": "2",
        "criteria-1-name_de": "Partnerschaft",
        "criteria-1-weight": "40",
    }
    data = typed(topics=[call.topics.get().pk], **more)

    drafted = client.post(url, data)
    Call.objects.update(state="open")
    client.post(url, {**data, "criteria-0-weight": "1", "title_de": "Neu"})

    assert drafted.status_code == 302, read(drafted).body.text
    weights = Criterion.objects.order_by("position").values_list("name_de", "weight")
    assert list(weights) == [("Wirkung", 60), ("Partnerschaft", 40)]


def test_open_call_shows_its_promises_and_takes_words_only():
    call, client = make_ready_call(state="open"), desk()
    url = f"{LIST}{call.pk}/change/"

    page = client.get(url).content.decode()
    client.post(
        url,
        typed(title_de="Neuer Titel", description_de="Genauer.", contact_de="Büro", trips="9"),
    )

    call.refresh_from_db()
    assert 'name="trips"' not in page
    assert 'name="title_de"' in page
    assert (call.title_de, call.trips, call.time_zone) == ("Neuer Titel", 2, "Europe/Berlin")


def test_call_is_opened_and_says_first_what_is_missing():
    call, client = make_ready_call(hours_a_month=None), desk()
    url = f"{LIST}{call.pk}/state/"

    page = read(client.get(url)).body.text
    refused = read(client.post(url, {"state": "open"})).body.text
    Call.objects.update(hours_a_month=10)
    opened = client.post(url, {"state": "open", "note": "Freigabe vom 1. Januar"})

    assert "Geben Sie die Arbeitsstunden im Monat an" in page
    assert "Geben Sie die Arbeitsstunden im Monat an" in refused
    assert opened.status_code == 302
    assert Call.objects.get().state == "open"
    assert StatusChange.objects.get().note == "Freigabe vom 1. Januar"


def test_deadline_is_extended_on_the_clock_of_the_call():
    call = make_ready_call(
        state="open",
        time_zone="Europe/Sofia",
        closes_at=dt.datetime(2099, 3, 1, 21, 59, tzinfo=dt.UTC),
    )
    url = f"{LIST}{call.pk}/deadline/"
    later = {"closes_at": "2099-03-08T23:59", "note": "Stromausfall"}

    shown = read(desk().get(url)).body.one("input", name="closes_at")["value"]
    answer = desk().post(url, later)

    assert shown == "2099-03-01T23:59"
    assert answer.status_code == 302
    assert Call.objects.get().closes_at == dt.datetime(2099, 3, 8, 21, 59, tzinfo=dt.UTC)


def test_past_call_is_copied_and_previewed():
    call, client = make_ready_call(state="archived"), desk()
    QuestionFactory(call=call)

    answer = client.post(f"{LIST}{call.pk}/copy/", {"slug": "call-2028"})
    copy = Call.objects.get(slug="call-2028")
    preview = client.get(f"{LIST}{copy.pk}/preview/")

    assert answer.headers["Location"] == f"{LIST}{copy.pk}/change/"
    assert "Worum es geht." in read(preview).main.text
    assert Client().get(copy.get_absolute_url()).status_code == 404


def test_archived_call_is_only_shown():
    call, client = make_ready_call(state="archived"), desk()

    page = client.get(f"{LIST}{call.pk}/change/")
    refused = client.post(f"{LIST}{call.pk}/change/", typed())

    assert (page.status_code, refused.status_code) == (200, 403)
    assert client.post(f"{LIST}{call.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("role", ["reviewer", "observer"])
@pytest.mark.parametrize(
    "page", ["", "add/", "1/change/", "1/preview/", "1/state/", "1/copy/", "1/deadline/"]
)
def test_other_roles_of_the_programme_may_not(role, page):
    call = make_ready_call(state="open")

    assert desk(role).get(LIST + page.replace("1", str(call.pk))).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_form_and_list_ask_as_often_for_one_row_as_for_three(rows, django_assert_max_num_queries):
    call, client = make_ready_call(), desk()
    for _ in range(rows - 1):
        CriterionFactory(call=call)
        make_ready_call()

    with django_assert_max_num_queries(12):
        client.get(LIST)
    with django_assert_max_num_queries(18):
        client.get(f"{LIST}{call.pk}/change/")
