"""What is left months after the end: who is asked, reminded, and counted as silent."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone
from post_office.models import Email

from accounts.models import RoleAssignment
from core.models import StatusChange
from meetings.actions.due import ask_check_ins, record_silence
from meetings.models import CheckIn
from tandems.models import Tandem, TandemNotice
from tests.cycle import make_cycle
from tests.factories import TandemMemberFactory, make_user
from tests.meetings.commitment_cases import DAY, member_of
from tests.races import act_at_once

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


def test_city_without_people_is_asked_all_the_same_and_falls_silent():
    cycle = ended()
    RoleAssignment.objects.filter(municipality=cycle.hamm).update(until=HALF - DAY)

    with noon(HALF):
        assert ask_check_ins() == 2
    with noon(HALF + 31 * DAY):
        record_silence()

    assert CheckIn.objects.get(municipality=cycle.hamm).silent_at


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
