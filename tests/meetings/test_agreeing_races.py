"""Two people who act at once on the minutes of one meeting."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.models import StatusChange
from meetings.actions.agreeing import (
    agree_to_minutes,
    agree_where_nobody_is_missing,
    return_minutes,
    send_minutes,
)
from meetings.actions.correcting import correct_minutes, give_up_correction
from meetings.actions.extending import extend_agreement
from meetings.actions.leaving import record_leaving
from meetings.actions.minutes import begin_minutes, save_entry
from meetings.asked import seal_of, text_seal_of
from meetings.models import Minutes, MinutesAgreement, MinutesEntry
from tandems.models import TandemNotice
from tests.meetings.minutes_cases import DAY, agree, agreed, begun, held, marks_in, sent
from tests.races import act_at_once

pytestmark = pytest.mark.django_db(transaction=True)
BOTH_WAYS = pytest.mark.parametrize("swapped", [True, False])


def race(swapped, one, other):
    """Return what became of both, whoever came first."""
    if swapped:
        second, first = act_at_once(other, one)
        return first, second
    return tuple(act_at_once(one, other))


def agreeing(cycle, minutes, who, city):
    by, seal = cycle.person(who), seal_of(minutes)
    return lambda: agree_to_minutes(minutes=minutes, municipality=city, seen=seal, by=by)


@BOTH_WAYS
def test_two_cities_agree_at_once_and_the_minutes_count_once(swapped):
    cycle = held()
    minutes = sent(cycle)

    race(
        swapped,
        agreeing(cycle, minutes, "contact", cycle.hamm),
        agreeing(cycle, minutes, "partner", cycle.arezzo),
    )

    assert Minutes.objects.get().state == "agreed"
    assert MinutesAgreement.objects.count() == 2
    assert StatusChange.objects.filter(field="state", new="agreed").count() == 1
    contacts = TandemNotice.objects.filter(user=cycle.people["colleague"])
    assert contacts.filter(event="minutes_agreed").count() == 1
    assert contacts.filter(event="minutes_agreed_by").count() == 2


def test_two_people_of_one_city_agree_at_once():
    cycle = held()
    minutes = sent(cycle)

    first, second = act_at_once(
        agreeing(cycle, minutes, "contact", cycle.hamm),
        agreeing(cycle, minutes, "deputy", cycle.hamm),
    )

    assert first == minutes
    assert (type(second), second.code) == (ValidationError, "given")
    assert MinutesAgreement.objects.get().given_by == cycle.people["contact"]


@BOTH_WAYS
def test_minutes_are_agreed_or_returned(swapped):
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    by, seal = cycle.person("deputy"), seal_of(minutes)

    word, back = race(
        swapped,
        agreeing(cycle, minutes, "partner", cycle.arezzo),
        lambda: return_minutes(minutes=minutes, municipality=cycle.hamm, seen=seal, by=by),
    )

    state = Minutes.objects.get().state
    if swapped:
        assert (back, type(word), state) == (minutes, ValidationError, "draft")
        assert not MinutesAgreement.objects.exists()
    else:
        assert (word, type(back), state) == (minutes, ValidationError, "agreed")
        assert MinutesAgreement.objects.count() == 2


def test_minutes_are_begun_once():
    cycle = held()
    contact, partner = cycle.person("contact"), cycle.person("partner")

    first, second = act_at_once(
        lambda: begin_minutes(meeting=cycle.meeting, by=contact),
        lambda: begin_minutes(meeting=cycle.meeting, by=partner),
    )

    assert first == second == Minutes.objects.get()
    assert MinutesEntry.objects.count() == 2


@BOTH_WAYS
def test_text_is_in_the_minutes_that_are_sent_out_or_not_saved(swapped):
    cycle = held()
    minutes = begun(cycle)
    entry = minutes.entries.last()
    opened, colleague, contact = marks_in(entry), cycle.person("colleague"), cycle.person("contact")
    day = timezone.localdate() + DAY

    saved, out = race(
        swapped,
        lambda: save_entry(entry=entry, values={"text": "Late"}, opened_with=opened, by=colleague),
        lambda: send_minutes(minutes=minutes, agree_by=day, by=contact),
    )

    entry.refresh_from_db()
    assert out == minutes
    if swapped:
        assert (type(saved), saved.code, entry.text) == (ValidationError, "state", "")
    else:
        assert (saved.changed, entry.text) == (True, "Late")


def test_two_people_write_in_one_entry_at_once():
    cycle = held()
    entry = begun(cycle, text="").entries.first()
    opened, contact, partner = marks_in(entry), cycle.person("contact"), cycle.person("partner")

    first, second = act_at_once(
        lambda: save_entry(entry=entry, values={"text": "A"}, opened_with=opened, by=contact),
        lambda: save_entry(entry=entry, values={"text": "B"}, opened_with=opened, by=partner),
    )

    assert (first.changed, second.changed, dict(second.conflicts)) == (True, False, {"text": "A"})


def test_correction_is_begun_once():
    cycle = held()
    agreed(cycle)
    contact, partner = cycle.person("contact"), cycle.person("partner")

    first, second = act_at_once(
        lambda: correct_minutes(meeting=cycle.meeting, note="A", by=contact),
        lambda: correct_minutes(meeting=cycle.meeting, note="B", by=partner),
    )

    assert first == second == Minutes.objects.get(number=2)


@BOTH_WAYS
def test_correction_is_given_up_or_written(swapped):
    cycle = held()
    agreed(cycle)
    new = correct_minutes(meeting=cycle.meeting, note="A", by=cycle.person("contact"))
    entry, contact, partner = new.entries.first(), cycle.person("contact"), cycle.person("partner")
    opened, seal = marks_in(entry), text_seal_of(new)

    saved, gone = race(
        swapped,
        lambda: save_entry(entry=entry, values={"text": "B"}, opened_with=opened, by=partner),
        lambda: give_up_correction(minutes=new, seen=seal, by=contact),
    )

    refused, code = (saved, "gone") if swapped else (gone, "changed")
    assert (type(refused), refused.code) == (ValidationError, code)
    assert Minutes.objects.count() == (1 if swapped else 2)


@BOTH_WAYS
def test_day_is_extended_while_the_last_city_agrees(swapped):
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    by, seal = cycle.person("contact"), seal_of(minutes)
    day = timezone.localdate() + 30 * DAY

    word, more = race(
        swapped,
        agreeing(cycle, minutes, "partner", cycle.arezzo),
        lambda: extend_agreement(minutes=minutes, agree_by=day, seen=seal, by=by),
    )

    assert word == minutes
    assert more == minutes if swapped else (type(more), more.code) == (ValidationError, "state")
    assert Minutes.objects.get().state == "agreed"


@BOTH_WAYS
def test_city_leaves_while_the_other_one_agrees(swapped):
    cycle = held()
    minutes = sent(cycle)
    member = cycle.tandem.members.get(municipality=cycle.arezzo)
    team = cycle.person("coordinator")

    race(
        swapped,
        agreeing(cycle, minutes, "contact", cycle.hamm),
        lambda: record_leaving(
            member=member,
            left_on=timezone.localdate() - DAY,
            meetings={cycle.meeting.pk: "goes_on"},
            by=team,
        ),
    )
    # What records a leaving calls it in its own transaction.
    agree_where_nobody_is_missing(tandem=cycle.tandem, by=team)

    assert Minutes.objects.get().state == "agreed"
