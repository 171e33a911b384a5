"""Numbers over time: counted on the clock of the call, drawn, shown to who reads applications."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import CITY_ROLES
from calls import actions, numbers
from calls.enums import ApplicationState, Pool
from calls.models import Application, ApplicationEditor, ApplicationTopic, Submission
from tests.applications import editor_of, make_complete, make_draft, make_open_call, make_submitted
from tests.calls.desk import HOSTILE, LIST, desk, row
from tests.factories import CallFactory, make_user
from tests.reading import read

PAGE = f"{LIST}numbers/"
SOFIA = zoneinfo.ZoneInfo("Europe/Sofia")
DAY = dt.date(2027, 3, 27)  # the clocks go forward in the night after it


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_moment_counts_on_the_day_that_the_clock_of_the_call_shows():
    late = at("2027-03-27 21:59:59"), at("2027-03-27 22:00:00")  # one second before midnight

    days = numbers.days_between(late, SOFIA, None, None)

    assert days == [DAY, DAY + dt.timedelta(days=1)]
    assert numbers.series_of(late, SOFIA, days).per_day == (1, 1)
    assert numbers.series_of(late, dt.UTC, days).per_day == (2, 0)


def test_night_of_summer_time_loses_and_doubles_nothing():
    hours = [at("2027-03-27 22:00") + dt.timedelta(hours=number) for number in range(23)]

    days = numbers.days_between(hours, SOFIA, None, None)

    assert numbers.series_of(hours, SOFIA, days).per_day == (23,)


@pytest.mark.parametrize(
    ("moments", "first", "last", "length"),
    [
        ([], None, None, 0),
        ([], DAY, DAY, 1),
        ([], DAY, DAY + dt.timedelta(days=9), 10),
        (["2027-03-25 12:00"], DAY, DAY, 3),
        (["2027-03-29 12:00"], DAY, None, 3),
    ],
)
def test_days_reach_from_the_opening_over_everything_that_happened(moments, first, last, length):
    days = numbers.days_between([at(moment) for moment in moments], SOFIA, first, last)

    assert len(days) == length
    assert days == sorted(days)


def test_series_sums_up_and_days_without_anything_are_left_out():
    days = [DAY + dt.timedelta(days=number) for number in range(4)]
    begun, sent = numbers.Series((2, 0, 0, 1)), numbers.Series((0, 0, 1, 0))

    rows = numbers.eventful_days(days, [begun, sent])

    assert (begun.total, begun.most, begun.in_all) == (3, 2, (2, 2, 2, 3))
    assert [(row.on, row.per_day, row.in_all) for row in rows] == [
        (days[0], (2, 0), (2, 0)),
        (days[2], (0, 1), (2, 1)),
        (days[3], (1, 0), (3, 1)),
    ]
    assert numbers.Series(()).most == 0


def test_bars_stand_on_the_ground_and_the_highest_fills_the_box():
    drawing = numbers.drawing_of([0, 5, 1_000, 2_500])

    assert drawing.box == "0 0 40 100"
    assert drawing.bars == (
        numbers.Bar("10", "99", "8", "1"),  # too small to be seen, and drawn all the same
        numbers.Bar("20", "60", "8", "40"),
        numbers.Bar("30", "0", "8", "100"),
    )
    assert numbers.drawing_of([]) == numbers.drawing_of([0]) == numbers.Drawing("0 0 10 100", ())


def test_totals_count_what_was_sent_and_what_was_not_without_the_withdrawn():
    draft, sent, revised, withdrawn = ApplicationState
    rows = [("DE", sent), ("FR", draft), ("DE", revised), ("AT", withdrawn), ("BE", draft)]
    names = {"DE": "Deutschland", "FR": "Frankreich", "AT": "Österreich", "BE": "Belgien"}

    assert numbers.by_state(state for _key, state in rows) == [
        (draft, 2),
        (sent, 1),
        (revised, 1),
        (withdrawn, 1),
    ]
    assert numbers.by_country(rows, names) == [
        numbers.Share("DE", 2, 0),
        numbers.Share("BE", 0, 1),
        numbers.Share("FR", 0, 1),
    ]
    assert numbers.by_pool([(Pool.EUROPEAN, sent)]) == [
        numbers.Share(Pool.GERMAN, 0, 0),
        numbers.Share(Pool.EUROPEAN, 1, 0),
    ]
    assert numbers.by_topic(["b", "a"], [("a", "gives", 2), ("a", "seeks", 1)]) == [
        numbers.TopicShare("b", 0, 0),
        numbers.TopicShare("a", 2, 1),
    ]


def story(time_machine):
    """Let an application be begun, sent twice, withdrawn and begun again, and a second be begun."""
    call = make_open_call(
        time_zone="Europe/Sofia",
        opens_at=at("2027-03-25 06:00"),
        closes_at=at("2027-04-30 20:59"),
    )
    time_machine.move_to(at("2027-03-27 22:30"), tick=False)  # half past midnight in Sofia
    by = make_user()
    application = make_complete(call, by)
    time_machine.move_to(at("2027-03-29 10:00"), tick=False)
    actions.submit_application(application=application, by=by)
    actions.reopen_application(application=application, by=by)
    time_machine.move_to(at("2027-03-30 10:00"), tick=False)
    actions.submit_application(application=application, by=by)
    actions.withdraw_application(application=application, by=by)
    time_machine.move_to(at("2027-04-01 10:00"), tick=False)
    actions.begin_again(application=application, by=by)
    draft = make_draft(call)
    Application.objects.filter(pk=draft.pk).update(place_country="BG")
    return call


@pytest.mark.django_db
def test_page_tells_the_story_of_a_call_by_day(time_machine):
    story(time_machine)

    page = read(desk().get(PAGE))

    rows = [
        (line.texts("th")[0], "".join(line.texts("td")))
        for line in page.main.one("table", class_="numbers__days").one("tbody").all("tr")
    ]
    assert rows == [
        ("28 March 2027", "100" + "100"),
        ("29 March 2027", "010" + "110"),
        ("30 March 2027", "001" + "111"),
        ("1 April 2027", "100" + "211"),
    ]
    assert page.main.texts("strong") == ["Begun: 2", "Sent for the first time: 1", "Withdrawn: 1"]
    assert "Europe/Sofia" in page.main.text
    # From the opening to the last day: eight days of ten units.
    boxes = {drawing["viewbox"] for drawing in page.main.all("svg")}
    assert boxes == {"0 0 80 100"}
    assert [len(drawing.all("rect")) for drawing in page.main.all("svg")] == [2, 5, 1, 4, 1, 3]
    assert "style=" not in page.html


@pytest.mark.django_db
def test_page_shows_totals_of_the_call_that_is_chosen():
    call, other = make_open_call(places_german=4), make_open_call()
    make_submitted(call), make_submitted(call), make_draft(call), make_draft(other)
    gone = make_submitted(call)
    actions.withdraw_application(application=gone, by=editor_of(gone))

    page = read(desk().get(f"{PAGE}?call={call.slug}"))

    tables = {table.one("caption").text: table for table in page.main.all("table")}
    cells = {
        caption: [(line.one("th").text, *line.texts("td")) for line in table.one("tbody").all("tr")]
        for caption, table in tables.items()
    }
    assert cells["By state"] == [
        ("Draft", "1"), ("Sent", "2"), ("Being revised", "0"), ("Withdrawn", "1"),
    ]  # fmt: skip
    assert cells["By pool"][0] == ("German municipalities", "2", "1", "4")
    assert cells["By country"] == [("Germany", "2", "1")]
    assert cells["By topic"] == [(call.topics.get().name_en, "2", "2")]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *CITY_ROLES, "observer"])
def test_others_get_no_numbers(role):
    make_submitted()

    assert desk(role).get(PAGE, follow=True).status_code == 403
    assert Client().get(PAGE).headers["Location"].startswith("/de/accounts/login/")


@pytest.mark.django_db
def test_reviewer_counts_only_what_is_open_to_the_reviewer():
    call, reviewer = make_open_call(), make_user("reviewer")
    client = desk(user=reviewer)
    make_submitted(call)
    assert "none is yours to read" in read(client.get(PAGE)).main.text
    own = make_submitted(call)
    ApplicationEditor.objects.create(
        application=own, user=reviewer, email=reviewer.email, joined_at=timezone.now()
    )

    page = read(client.get(PAGE))

    assert page.main.texts("strong")[:2] == ["Begun: 1", "Sent for the first time: 1"]


@pytest.mark.django_db
def test_wrong_questions_are_answered_in_words():
    client = desk()
    assert "There is no call yet" in read(client.get(PAGE)).main.text
    CallFactory()  # of the past: without moments, zone and applications

    assert "Nobody has begun an application" in read(client.get(PAGE)).main.text
    assert "It was ignored." in read(client.get(PAGE, {"call": HOSTILE})).main.text
    assert client.post(PAGE).status_code == 405


@pytest.mark.django_db
def test_call_without_a_clock_is_counted_on_ours():
    row(CallFactory())

    assert "Europe/Berlin" in read(desk().get(PAGE)).main.text


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3, 2_000])
def test_page_asks_as_often_for_one_application_as_for_thousands(rows, django_assert_num_queries):
    call = make_open_call()
    topic, now = call.topics.get(), timezone.now()
    for number in range(rows):
        one = Application(call=call, place_key=f"DE:{number}", place_country="DE", begun_at=now)
        one.save()
        ApplicationTopic.objects.create(application=one, topic=topic, side="gives", level=1)
        Submission.objects.create(application=one, number=1, document={}, sha256="", sent_at=now)
    client = desk()

    with django_assert_num_queries(9):
        page = read(client.get(PAGE))

    assert page.main.texts("strong")[0] == f"Begun: {rows:,}"
