"""The pages of a date poll behind the login: proposing, answering, fixing, ending."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from meetings.actions.poll import answer_poll, close_poll
from meetings.models import DatePoll, Meeting, PollReply
from meetings.polling import mark_of_poll, poll_of
from tests.cycle import make_cycle
from tests.factories import MunicipalityFactory, make_user
from tests.meetings.poll_cases import DAY, at, page, proposed, typed
from tests.reading import read
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db
#: Far away, in winter and in summer.
WINTER, SUMMER = "2098-01-15", "2098-07-15"
WHO = ("visitor", "nobody", "contact", "deputy", "colleague", "reviewer", "coordinator", "bbsr")


def undated():
    return make_cycle(
        starts_at=None, ends_at=None, time_zone="", earliest=None, latest=None, precision="unknown"
    )


def dates(cycle):
    rows = poll_of(cycle.meeting).options.values_list("starts_at", "ends_at")
    return [[moment.isoformat()[:16] for moment in row] for row in rows]


def answers(cycle, **chosen):
    keys = [option.pk for option in poll_of(cycle.meeting).options.all()]
    return {f"option-{keys[int(name[1:])]}": choice for name, choice in chosen.items()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("date/", (302, 404, 200, 200, 200, 404, 200, 200)),
        ("date/propose/", (302, 404, 200, 200, 403, 404, 200, 200)),
        ("date/fix/{option}/", (302, 404, 200, 200, 403, 404, 200, 200)),
        ("date/close/", (302, 404, 200, 200, 403, 404, 200, 200)),
    ],
)
def test_who_opens_the_pages(name, expected):
    cycle = make_cycle()
    option = proposed(cycle).options.first()
    url = page(cycle, name.format(option=option.pk))

    assert tuple(cycle.client(who).get(url).status_code for who in WHO) == expected
    assert cycle.client("neighbour").get(url).status_code == 404
    assert cycle.client("observer").get(url).status_code == 404
    assert cycle.client("contact").delete(url).status_code == 405
    assert cycle.client("neighbour").post(url).status_code == 404
    assert DatePoll.objects.get().is_open


def test_officer_proposes_dates_on_the_clock_of_the_own_city():
    cycle = undated()
    client = cycle.client("partner")
    url = page(cycle, "date/propose/")
    form = read(client.get(url)).main.one("form", class_="form--wide").values()
    assert (form["zone"], form["rows"]) == (["Europe/Rome"], ["5"])

    answer = client.post(
        url,
        typed(
            (WINTER, "10:00", "12:00", ""),
            (SUMMER, "10:00", "12:00", ""),
            # Across midnight.
            (SUMMER, "22:00", "01:00", "2098-07-16"),
            zone="Europe/Sofia",
        ),
    )

    assert (answer.status_code, answer.url) == (302, page(cycle))
    assert dates(cycle) == [
        ["2098-01-15T08:00", "2098-01-15T10:00"],
        ["2098-07-15T07:00", "2098-07-15T09:00"],
        ["2098-07-15T19:00", "2098-07-15T22:00"],
    ]


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        # On the last Sunday of March clocks go from 2 to 3.
        (("2098-03-30", "02:30", "05:00", ""), "start-0", "does not exist"),
        (("2098-03-30", "01:00", "02:30", ""), "end-0", "does not exist"),
        ((SUMMER, "10:00", "09:00", ""), "end-0", "ends before it begins"),
        ((SUMMER, "10:00", "", ""), "end-0", "at which it ends"),
        ((SUMMER, "", "10:00", ""), "start-0", "at which it begins"),
        (("", "10:00", "12:00", ""), "day-0", "the day of this date"),
        (("", "", "", ""), "day-0", "at least one date"),
        # The plan, in which the date ends up, takes 30 days: up to the midnight after the last one.
        ((SUMMER, "10:00", "12:00", "2098-08-14"), "end_day-0", "up to 30 days"),
        ((SUMMER, "10:00", "00:01", "2098-08-14"), "end_day-0", "up to 30 days"),
        # Days at the ends of the calendar have no moment on some clocks.
        (("0001-01-01", "00:10", "01:00", ""), "day-0", "Check the year"),
        (("9999-12-31", "23:10", "23:50", ""), "day-0", "Check the year"),
        ((SUMMER, "10:00", "12:00", "9999-12-31"), "end_day-0", "Check the year"),
        (("2098-02-30", "10:00", "12:00", ""), "day-0", ""),
        (("2020-02-20", "10:00", "12:00", ""), "", "has passed"),
    ],
)
def test_bad_date_is_told_at_its_field_and_all_that_was_typed_stays(row, field, said):
    cycle = undated()
    client = cycle.client("contact")
    data = typed(row, note="Zwei Stunden")

    answer = client.post(page(cycle, "date/propose/"), data)

    main = read(answer).main
    assert answer.status_code == 200
    assert said in main.one(class_="form-errors").text
    if field:
        assert main.one(id=f"id_{field}_error")
    sent = {
        name: values[0] for name, values in main.one("form", class_="form--wide").values().items()
    }
    assert {name: sent.get(name, "") for name in data} == data
    assert not DatePoll.objects.exists()


def test_same_date_twice_is_told_at_the_second():
    cycle = undated()
    row = (SUMMER, "10:00", "12:00", "")

    answer = cycle.client("contact").post(page(cycle, "date/propose/"), typed(row, row))

    assert "proposed already" in read(answer).main.one(id="id_day-1_error").text


def test_date_of_thirty_days_until_midnight_is_proposed():
    cycle = undated()
    row = (SUMMER, "10:00", "00:00", "2098-08-14")

    answer = cycle.client("contact").post(page(cycle, "date/propose/"), typed(row))

    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("day", "time", "zone"),
    [
        ("0001-01-01", "00:10", "Europe/Berlin"),
        ("9999-12-31", "23:50", "Europe/London"),
        ("9998-12-31", "23:50", "Europe/London"),
    ],
)
def test_day_of_answer_at_the_ends_of_the_calendar_is_told_at_its_field(day, time, zone):
    cycle = undated()
    data = typed((SUMMER, "10:00", "12:00", ""), answer_day=day, answer_time=time, zone=zone)

    answer = cycle.client("contact").post(page(cycle, "date/propose/"), data)

    assert "Check the year" in read(answer).main.one(id="id_answer_day_error").text


def test_answer_by_must_lie_ahead():
    cycle = undated()
    data = typed((SUMMER, "10:00", "12:00", ""), answer_day="2020-01-01")

    answer = cycle.client("contact").post(page(cycle, "date/propose/"), data)

    assert "to come" in read(answer).main.one(id="id_answer_day_error").text


def test_more_lines_keep_what_was_typed_and_check_nothing():
    cycle = undated()
    client = cycle.client("contact")
    data = typed((SUMMER, "10:00", "quarter past", ""), note="Zwei Stunden", more="1")

    main = read(client.post(page(cycle, "date/propose/"), data)).main

    form = main.one("form", class_="form--wide").values()
    assert (form["rows"], form["note"]) == (["10"], ["Zwei Stunden"])
    assert (form["day-0"], form["end-0"], form["day-9"]) == ([SUMMER], ["quarter past"], [""])
    assert main.all(class_="form-errors") == []
    assert main.all("button", name="more") == []
    assert not DatePoll.objects.exists()


def test_change_shows_what_is_proposed_and_a_conflict_both():
    cycle = undated()
    client = cycle.client("contact")
    url = page(cycle, "date/propose/")
    client.post(url, typed((WINTER, "10:00", "12:00", "")))
    form = {
        name: value[0]
        for name, value in read(client.get(url))
        .main.one("form", class_="form--wide")
        .values()
        .items()
    }
    assert (form["day-0"], form["start-0"], form["end-0"]) == (WINTER, "10:00", "12:00")
    other = cycle.client("partner")
    other.post(url, {**form, "day-1": SUMMER, "start-1": "10:00", "end-1": "12:00"})

    answer = client.post(url, {**form, "start-0": "11:00"})

    main = read(answer).main
    assert answer.status_code == 409
    assert len(main.one(class_="bullets").all("li")) == 2
    again = {
        name: value[0] for name, value in main.one("form", class_="form--wide").values().items()
    }
    assert again["start-0"] == "11:00"
    assert client.post(url, again).status_code == 302
    assert dates(cycle) == [["2098-01-15T10:00", "2098-01-15T11:00"]]


def test_of_a_meeting_that_is_over_nothing_is_proposed():
    cycle = make_cycle(status="cancelled")

    answer = cycle.client("contact").get(page(cycle, "date/propose/"))

    assert (answer.status_code, answer.url) == (302, page(cycle))
    assert "Propose" not in read(cycle.client("contact").get(page(cycle))).main.text


def test_empty_page_says_what_will_be_here_and_who_can_act():
    cycle = undated()

    contact = read(cycle.client("contact").get(page(cycle))).main
    colleague = read(cycle.client("colleague").get(page(cycle))).main

    assert page(cycle, "date/propose/") in contact.hrefs()
    assert "The contact persons, their deputies or the project team" in colleague.text
    assert page(cycle, "date/propose/") not in colleague.hrefs()


def test_fixed_date_stands_on_the_readers_clock_first():
    cycle = make_cycle()
    cycle.people["partner"].time_zone = "Europe/Sofia"
    cycle.people["partner"].save()

    main = read(cycle.client("partner").get(page(cycle))).main

    assert "(Sofia)" in main.one(class_="when").text
    assert "(Berlin, Rome)" in main.one(class_="local").text


def test_officer_answers_and_changes_the_answer():
    cycle = make_cycle()
    proposed(cycle)
    client = cycle.client("colleague")

    answer = client.post(page(cycle), answers(cycle, o0="yes", o1="if_need_be"))

    assert (answer.status_code, answer.url) == (302, page(cycle))
    main = read(client.get(page(cycle))).main
    form = main.one("form", class_="form--wide").values()
    form.pop("csrfmiddlewaretoken")
    given = answers(cycle, o0="yes", o1="if_need_be")
    assert form == {name: [choice] for name, choice in given.items()}
    client.post(page(cycle), answers(cycle, o0="no"))
    assert sorted(PollReply.objects.values_list("choice", flat=True)) == ["if_need_be", "no"]


@pytest.mark.parametrize("wrong", [{}, {"o0": "perhaps"}])
def test_answer_without_a_choice_is_told_at_the_first_date(wrong):
    cycle = make_cycle()
    first = proposed(cycle).options.first()

    answer = cycle.client("colleague").post(page(cycle), answers(cycle, **wrong))

    main = read(answer).main
    assert answer.status_code == 200
    assert main.one(id=f"id_option-{first.pk}_error")
    assert f"#id_option-{first.pk}_0" in main.one(class_="form-errors").hrefs()
    assert not PollReply.objects.exists()


def test_answer_to_dates_that_changed_meanwhile_keeps_the_rest():
    cycle = make_cycle()
    proposed(cycle, at(10), at(11))
    data = answers(cycle, o0="yes", o1="yes")
    proposed(cycle, at(10), at(12))
    client = cycle.client("colleague")

    answer = client.post(page(cycle), data, follow=True)

    assert "have changed meanwhile" in read(answer).main.text
    assert PollReply.objects.get().option.starts_at == at(10)[0]


def test_answer_to_a_poll_that_closed_meanwhile_is_told():
    cycle = make_cycle()
    proposed(cycle)
    close_poll(meeting=cycle.meeting, by=cycle.person("contact"))

    answer = cycle.client("colleague").post(page(cycle), answers(cycle, o0="yes"), follow=True)

    assert "no longer taken" in read(answer).main.text
    assert not PollReply.objects.exists()


def test_late_answers_are_taken_and_the_page_says_so(time_machine):
    cycle = make_cycle()
    proposed(cycle)
    time_machine.move_to(timezone.now() + 6 * DAY)
    client = cycle.client("colleague")

    assert "your answer still counts" in read(client.get(page(cycle))).main.text
    assert client.post(page(cycle), answers(cycle, o0="yes")).status_code == 302


def with_guest():
    cycle = make_cycle()
    stay = MeetingGuestFactory(meeting=cycle.meeting, municipality=MunicipalityFactory())
    cycle.people["guest"] = make_user("contact", stay.municipality)
    proposed(cycle)
    option = poll_of(cycle.meeting).options.first()
    answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=cycle.person("deputy"))
    return cycle


def test_people_from_within_read_who_can_come_and_who_has_not_answered():
    cycle = with_guest()

    main = read(cycle.client("partner colleague").get(page(cycle))).main

    standing = main.section("How it stands")
    assert f"Suits: {cycle.people['deputy']} (Hamm)" in standing.text
    assert "fits best so far" in standing.all("li")[0].text
    assert f"{cycle.people['partner']} (Arezzo)" in standing.text.partition("No answer yet:")[2]


def test_guests_answer_and_read_numbers_alone():
    cycle = with_guest()
    client = cycle.client("guest")

    assert client.post(page(cycle), answers(cycle, o0="yes")).status_code == 302
    main = read(client.get(page(cycle))).main

    assert "suits: 2" in main.section("How it stands").text
    for name in ("deputy", "partner", "contact"):
        assert str(cycle.people[name]) not in main.text
    assert client.get(page(cycle, "date/propose/")).status_code == 403


def test_city_that_has_left_reads_no_names_and_answers_nothing():
    cycle = make_cycle(earliest=dt.date(2024, 6, 1), latest=dt.date(2024, 6, 1), starts_at=None,
                       ends_at=None)  # fmt: skip
    option = proposed(cycle).options.first()
    answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=cycle.person("deputy"))
    member = cycle.tandem.members.get(municipality=cycle.arezzo)
    member.left_on = timezone.localdate() - DAY
    member.save()
    client = cycle.client("partner")

    main = read(client.get(page(cycle))).main

    assert "suits: 1" in main.text
    assert str(cycle.people["deputy"]) not in main.text
    assert client.post(page(cycle), answers(cycle, o0="yes")).status_code == 403


def test_leader_fixes_a_date_and_a_second_press_is_told_so():
    cycle = make_cycle()
    option = proposed(cycle).options.last()
    client = cycle.client("contact")
    url = page(cycle, f"date/fix/{option.pk}/")
    assert "Fix this date" in read(client.get(url)).main.text

    first = client.post(url, {"zone": "Europe/Berlin"})
    second = client.post(url, {"zone": "Europe/Berlin"}, follow=True)

    assert first.url == page(cycle, "")
    assert "fixed already" in read(second).main.text
    assert Meeting.objects.get(pk=cycle.meeting.pk).starts_at == option.starts_at
    assert "chosen" in read(client.get(page(cycle))).main.section("How the poll ended").text


def test_wrong_zone_is_told_at_its_field():
    cycle = make_cycle()
    option = proposed(cycle).options.last()

    answer = cycle.client("contact").post(
        page(cycle, f"date/fix/{option.pk}/"), {"zone": "Mars/Olympus"}
    )

    assert (answer.status_code, DatePoll.objects.get().is_open) == (200, True)
    assert read(answer).main.one(id="id_zone_error")


def test_leader_ends_the_poll_and_a_second_press_is_told_so():
    cycle = make_cycle()
    proposed(cycle)
    client = cycle.client("deputy")

    client.post(page(cycle, "date/close/"))
    second = client.post(page(cycle, "date/close/"), follow=True)

    assert "closed already" in read(second).main.text
    assert not DatePoll.objects.get().is_open


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_same_number_of_queries_for_more_answers(number, django_assert_num_queries):
    cycle = make_cycle()
    proposed(cycle)
    for who in ("contact", "partner", "deputy")[:number]:
        for option in poll_of(cycle.meeting).options.all():
            answer_poll(meeting=cycle.meeting, choices={option.pk: "yes"}, by=cycle.person(who))
    client = cycle.client("coordinator")
    client.get(page(cycle))

    with django_assert_num_queries(12):
        client.get(page(cycle))


def test_mark_tells_a_changed_proposal_from_the_same_one():
    cycle = make_cycle()
    poll = proposed(cycle)
    mark = mark_of_poll(poll)

    assert mark == mark_of_poll(poll_of(cycle.meeting))
    proposed(cycle, note="Anders")
    assert mark != mark_of_poll(poll_of(cycle.meeting))
