"""What is left months after the end: who is asked, reminded, and counted as silent."""

from __future__ import annotations

import datetime as dt
import re
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts.models import RoleAssignment
from core.models import StatusChange
from meetings.actions.check_in import answer_check_in
from meetings.actions.check_in_content import Said
from meetings.actions.due import ask_check_ins, record_silence
from meetings.actions.ending import end_with_meetings
from meetings.models import CheckIn, Meeting
from tandems.actions.ending import resume_partnership
from tandems.models import Tandem, TandemNotice
from tests.cycle import CheckInFactory, make_cycle
from tests.factories import TandemFactory, TandemMemberFactory, make_user
from tests.meetings.commitment_cases import DAY, member_of
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db
END = dt.date(2025, 8, 31)
#: Half a year after the last of August is the last of February.
HALF = dt.date(2026, 2, 28)


def noon(day):
    return time_machine.travel(dt.datetime.combine(day, dt.time(11), dt.UTC), tick=False)


def ended(on=END, **fields):
    cycle = make_cycle()
    Tandem.objects.filter(pk=cycle.tandem.pk).update(status="completed", ended_on=on, **fields)
    cycle.tandem.refresh_from_db()
    return cycle


def commitments(cycle):
    return reverse("workspace:commitments", args=[cycle.tandem.slug]).replace("/de/", "/en/")


def asked():
    return sorted(CheckIn.objects.values_list("municipality__slug", "months"))


def letters():
    """Return the mails with a link to a check-in, by address."""
    rows = Email.objects.filter(message__contains="/meetings/check-in/")
    return sorted((mail.to[0], mail.subject, mail.message) for mail in rows)


def history(check_in):
    rows = StatusChange.objects.of(check_in).order_by("pk")
    return [(row.field, row.old, row.new) for row in rows]


@pytest.mark.parametrize(
    ("day", "months"),
    [
        (HALF - DAY, None),
        (HALF, 6),
        (HALF + 60 * DAY, 6),
        (HALF + 61 * DAY, None),
        (dt.date(2026, 8, 31), 12),
        (dt.date(2027, 8, 31), 24),
        (dt.date(2028, 8, 31), None),
    ],
)
def test_cities_are_asked_after_6_12_and_24_months_and_not_long_after(day, months):
    ended()

    with noon(day):
        count = ask_check_ins()

    assert asked() == ([("arezzo", months), ("hamm", months)] if months else [])
    assert count == (2 if months else 0)


def test_contact_and_deputy_get_a_link_of_their_own_and_are_asked_once():
    cycle = ended()

    with noon(HALF):
        assert [ask_check_ins() for _ in range(2)] == [2, 0]

    people = [cycle.people[name] for name in ("contact", "deputy", "partner", "partner deputy")]
    assert [address for address, *_rest in letters()] == sorted(one.email for one in people)
    links = {re.search(r"/meetings/check-in/(\S+)/", text)[1] for *_rest, text in letters()}
    assert len(links) == 4
    check_in = CheckIn.objects.get(municipality=cycle.hamm)
    assert check_in.answer_by == HALF + 30 * DAY
    assert history(check_in) == [("answer", "", "asked")]


def test_letter_is_in_the_language_of_the_person():
    cycle = ended()
    english = cycle.people["partner"]
    english.language = "en"
    english.save()

    with noon(HALF):
        ask_check_ins()

    told = {address: (subject, text) for address, subject, text in letters()}
    subject, text = told[english.email]
    assert subject == "Hamm and Arezzo: what is left of the exchange?"
    assert "/en/meetings/check-in/" in text
    assert "30 March 2026" in text
    assert "The link works until 30 March 2027" in text
    assert "/de/meetings/check-in/" in told[cycle.people["contact"].email][1]


def test_who_holds_the_office_today_is_asked():
    cycle = ended()
    RoleAssignment.objects.filter(user=cycle.people["contact"]).update(until=HALF - DAY)
    successor = make_user("contact", cycle.hamm)

    with noon(HALF):
        ask_check_ins()

    reached = {address for address, *_rest in letters()}
    assert successor.email in reached
    assert cycle.people["contact"].email not in reached


def test_cities_that_left_before_guests_and_latecomers_are_not_asked():
    cycle = ended()
    row = member_of(cycle, cycle.arezzo)
    row.left_on = END - DAY
    row.save()
    TandemMemberFactory(tandem=cycle.tandem, role="guest")
    late = {"joined_earliest": END + DAY, "joined_latest": END + DAY}
    TandemMemberFactory(tandem=cycle.tandem, **late)

    with noon(HALF):
        ask_check_ins()

    assert asked() == [("hamm", 6)]


def test_city_that_stayed_to_the_last_day_is_asked():
    cycle = ended()
    row = member_of(cycle, cycle.arezzo)
    row.left_on = END
    row.save()

    with noon(HALF):
        assert ask_check_ins() == 2


def test_end_without_a_day_is_not_asked_about():
    ended(on=None)

    with noon(HALF):
        assert ask_check_ins() == 0


def without_people(city):
    RoleAssignment.objects.filter(municipality=city).update(until=HALF - DAY)


def told(event):
    return {row.user_id for row in TandemNotice.objects.filter(event=event)}


def test_city_without_people_does_not_count_as_silent_and_the_team_is_told():
    cycle = ended()
    without_people(cycle.hamm)

    with noon(HALF):
        assert [ask_check_ins() for _ in range(2)] == [1, 0]
    with noon(HALF + 31 * DAY):
        assert record_silence() == 1

    check_in = CheckIn.objects.get(municipality=cycle.hamm)
    assert (check_in.asked_at, check_in.silent_at) == (None, None)
    assert history(check_in) == [("answer", "", "unasked")]
    people = told("check_in_unasked")
    assert {cycle.people[name].pk for name in ("coordinator", "bbsr")} <= people
    assert cycle.people["partner"].pk not in people
    page = read(cycle.client("coordinator").get(commitments(cycle))).main.section("After the end")
    assert "Nobody could be asked" in page.text


def test_who_takes_over_the_office_is_asked_then_and_has_the_whole_time():
    cycle = ended()
    without_people(cycle.hamm)
    with noon(HALF):
        ask_check_ins()
    day = HALF + 50 * DAY
    with noon(day):
        successor = make_user("deputy", cycle.hamm)
        assert [ask_check_ins() for _ in range(2)] == [1, 0]

    assert successor.email in {address for address, *_rest in letters()}
    check_in = CheckIn.objects.get(municipality=cycle.hamm)
    assert check_in.answer_by == day + 30 * DAY
    with noon(day + 31 * DAY):
        record_silence()
    assert history(check_in) == [
        ("answer", "", "unasked"),
        ("answer", "unasked", "asked"),
        ("answer", "asked", "silent"),
    ]


def test_who_takes_over_the_office_may_answer_before_any_letter():
    cycle = ended()
    without_people(cycle.hamm)
    with noon(HALF):
        ask_check_ins()
    check_in = CheckIn.objects.get(municipality=cycle.hamm)

    with noon(HALF + DAY):
        successor = make_user("contact", cycle.hamm)
        said = Said(cooperation="on", note="Wir telefonieren.")
        answer_check_in(check_in=check_in, said=said, opened={}, by=successor)
        assert ask_check_ins() == 0
        page = read(cycle.client("partner").get(commitments(cycle))).main.section("After the end")

    assert history(check_in) == [("answer", "", "unasked"), ("answer", "unasked", "answered")]
    assert "Wir telefonieren." in page.text


def test_who_takes_over_the_office_is_asked_the_latest_question_alone():
    cycle = ended()
    without_people(cycle.hamm)
    for day in (HALF, dt.date(2026, 8, 31)):
        with noon(day):
            ask_check_ins()
    with noon(dt.date(2026, 9, 2)):
        make_user("contact", cycle.hamm)
        ask_check_ins()

    rows = CheckIn.objects.filter(municipality=cycle.hamm, asked_at__isnull=False)
    assert [row.months for row in rows] == [12]


def test_reminder_waits_until_somebody_can_be_reminded():
    cycle = ended()
    with noon(HALF):
        ask_check_ins()
    without_people(cycle.hamm)

    with noon(HALF + 14 * DAY):
        ask_check_ins()
        assert CheckIn.objects.get(municipality=cycle.hamm).reminded_at is None
        successor = make_user("contact", cycle.hamm)
        ask_check_ins()

    assert CheckIn.objects.get(municipality=cycle.hamm).reminded_at
    assert successor.email in {address for address, *_rest in letters()}


def end_again(cycle, on, status="ended_early"):
    """End the partnership on a day, or say another day of the same end."""
    return end_with_meetings(
        tandem=cycle.tandem, status=status, ended_on=on, fate="goes_on", by=cycle.person("bbsr")
    )


def took_up_again(first=END):
    """Return a partnership that ended, was asked about it once, and goes on since."""
    cycle = make_cycle()
    Meeting.objects.all().delete()
    with noon(first):
        end_again(cycle, first)
    with noon(HALF):
        assert ask_check_ins() == 2
        resume_partnership(tandem=cycle.tandem, by=cycle.person("bbsr"))
    return cycle


def test_second_end_is_asked_about_anew_and_the_first_falls_no_more_silent():
    cycle = took_up_again()
    with noon(HALF + 5 * DAY):
        end_again(cycle, HALF + 5 * DAY)

    with noon(HALF + 40 * DAY):
        assert record_silence() == 0
    # Half a year after the second end.
    with noon(dt.date(2026, 9, 5)):
        assert ask_check_ins() == 2

    days = CheckIn.objects.filter(municipality=cycle.hamm).values_list("months", "ended_on")
    assert sorted(days) == [(6, END), (6, HALF + 5 * DAY)]


def test_corrected_day_is_the_same_end_and_is_not_asked_about_again():
    cycle = make_cycle()
    Meeting.objects.all().delete()
    with noon(END):
        end_again(cycle, END, "completed")
    with noon(HALF):
        assert ask_check_ins() == 2
        end_again(cycle, END - 3 * DAY, "continues")
        assert ask_check_ins() == 0

    with noon(HALF + 31 * DAY):
        assert record_silence() == 2
    assert {row.ended_on for row in CheckIn.objects.all()} == {END - 3 * DAY}


def test_end_cannot_be_moved_to_the_day_of_an_earlier_one():
    cycle = took_up_again()
    again = HALF + 5 * DAY
    with noon(again):
        end_again(cycle, again, "completed")
    with noon(dt.date(2026, 9, 5)):
        ask_check_ins()

        with pytest.raises(ValidationError) as refusal:
            end_again(cycle, END, "continues")

    assert list(refusal.value.error_dict) == ["ended_on"]
    cycle.tandem.refresh_from_db()
    assert (cycle.tandem.status, cycle.tandem.ended_on) == ("completed", again)


def test_known_check_ins_get_the_end_they_were_asked_about():
    asked_at = dt.datetime.combine(HALF, dt.time(11), dt.UTC)
    rows = [
        CheckInFactory(tandem=TandemFactory(status=status, ended_on=on), asked_at=asked_at)
        for status, on in (
            ("completed", END),
            # Goes on again; has ended anew since.
            ("active", None),
            ("ended_early", HALF + 5 * DAY),
        )
    ]
    CheckIn.objects.update(ended_on=None)

    import_module("meetings.migrations.0011_known_ends_of_check_ins").fill_in(apps, None)

    assert [CheckIn.objects.get(pk=row.pk).ended_on for row in rows] == [END, None, None]


def test_who_does_not_answer_is_reminded_once_after_two_weeks():
    cycle = ended()
    with noon(HALF):
        ask_check_ins()
    answered = CheckIn.objects.get(municipality=cycle.arezzo)
    answered.answered_at, answered.cooperation = timezone.now(), "on"
    answered.save()
    Email.objects.all().delete()

    with noon(HALF + 13 * DAY):
        ask_check_ins()
        assert letters() == []
    with noon(HALF + 14 * DAY):
        ask_check_ins()
        ask_check_ins()

    people = sorted(cycle.people[name].email for name in ("contact", "deputy"))
    assert [address for address, *_rest in letters()] == people
    assert all("28. Februar 2026" in text for *_rest, text in letters())
    assert CheckIn.objects.get(municipality=cycle.hamm).reminded_at


def test_silence_is_recorded_after_the_last_day_and_told():
    cycle = ended()
    with noon(HALF):
        ask_check_ins()

    with noon(HALF + 30 * DAY):
        assert record_silence() == 0
    TandemNotice.objects.all().delete()
    with noon(HALF + 31 * DAY):
        assert [record_silence() for _ in range(2)] == [2, 0]

    check_in = CheckIn.objects.get(municipality=cycle.hamm)
    assert check_in.silent_at
    assert history(check_in) == [("answer", "", "asked"), ("answer", "asked", "silent")]
    told = TandemNotice.objects.filter(event="check_in_silent", facts__city_en="Hamm")
    names = {row.user_id for row in told.filter(kind="tandem_commitments")}
    assert {cycle.people[name].pk for name in ("contact", "partner", "bbsr")} <= names
    assert cycle.people["neighbour"].pk not in names


def test_partnership_that_was_taken_up_again_is_neither_reminded_nor_silent():
    cycle = ended()
    with noon(HALF):
        ask_check_ins()
    Email.objects.all().delete()
    Tandem.objects.filter(pk=cycle.tandem.pk).update(status="active", ended_on=None)

    with noon(HALF + 20 * DAY):
        ask_check_ins()
    with noon(HALF + 40 * DAY):
        assert record_silence() == 0

    assert letters() == []


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_ask_each_city_once():
    today = timezone.localdate()
    ended(on=dt.date(today.year - 1, today.month, min(today.day, 28)))

    results = act_at_once(ask_check_ins, ask_check_ins)

    assert results == [2, 0]
    assert CheckIn.objects.count() == 2
    assert len(letters()) == 4
