"""Reminders of commitments: who gets one, when, once, and who does not."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone
from post_office.models import Email

from accounts.models import RoleAssignment, User
from meetings.actions import drop_commitment, keep_commitment, move_commitment
from meetings.actions.due import remind_of_commitments
from meetings.models import Commitment
from tests.cycle import make_cycle
from tests.factories import CommitmentFactory
from tests.meetings.commitment_cases import DAY, member_of
from tests.races import act_at_once

pytestmark = pytest.mark.django_db


def due_in(cycle, days, **fields):
    """Return a commitment of Hamm, due so many days from now."""
    due_on = timezone.localdate() + days * DAY
    return CommitmentFactory(tandem=cycle.tandem, municipality=cycle.hamm, due_on=due_on, **fields)


def mails():
    """Return address, subject and text of every mail about a commitment, by address."""
    rows = Email.objects.filter(message__contains="/workspace/commitments/")
    return sorted((mail.to[0], mail.subject, mail.message) for mail in rows)


def reached():
    return [address for address, _subject, _text in mails()]


def addresses(cycle, *names):
    return sorted(cycle.people[name].email for name in names)


@pytest.mark.parametrize(
    ("days", "told"), [(8, False), (7, True), (1, True), (0, True), (-1, True), (-30, True)]
)
def test_contact_and_deputy_are_reminded_from_a_week_before(days, told):
    cycle = make_cycle()
    due_in(cycle, days)

    assert remind_of_commitments() == (2 if told else 0)

    assert reached() == (addresses(cycle, "contact", "deputy") if told else [])


def test_each_day_due_is_reminded_once_before_and_once_after():
    cycle = make_cycle()
    commitment = due_in(cycle, 5)

    assert [remind_of_commitments() for _ in range(2)] == [2, 0]
    commitment.refresh_from_db()
    assert (commitment.reminded_before, commitment.reminded_after) == (commitment.due_on, None)
    with time_machine.travel(timezone.now() + 5 * DAY, tick=False):
        assert remind_of_commitments() == 0
    with time_machine.travel(timezone.now() + 6 * DAY, tick=False):
        assert [remind_of_commitments() for _ in range(2)] == [2, 0]
    commitment.refresh_from_db()
    assert commitment.reminded_after == commitment.due_on
    assert len(mails()) == 4


def test_moved_day_begins_anew():
    cycle = make_cycle()
    commitment = due_in(cycle, -1)
    remind_of_commitments()

    later = timezone.localdate() + 20 * DAY
    move_commitment(commitment=commitment, due_on=later, note="x", by=cycle.person("contact"))

    assert remind_of_commitments() == 0
    with time_machine.travel(timezone.now() + 13 * DAY, tick=False):
        assert remind_of_commitments() == 2
    with time_machine.travel(timezone.now() + 21 * DAY, tick=False):
        assert remind_of_commitments() == 2


def test_who_has_just_named_a_day_within_the_week_is_asked_after_it_only():
    cycle = make_cycle()
    commitment = due_in(cycle, -1)
    soon = timezone.localdate() + 3 * DAY
    move_commitment(commitment=commitment, due_on=soon, note="x", by=cycle.person("contact"))

    assert remind_of_commitments() == 0
    with time_machine.travel(timezone.now() + 4 * DAY, tick=False):
        assert remind_of_commitments() == 2


def test_named_person_alone_is_reminded_in_its_language_with_a_link():
    cycle = make_cycle()
    person = cycle.people["colleague"]
    person.language = "en"
    person.save()
    commitment = due_in(cycle, 3, person=person, text="We send R&D {guide}.")

    assert remind_of_commitments() == 1

    ((address, subject, text),) = mails()
    assert address == person.email
    assert subject.startswith("A commitment is due by")
    assert "We send R&D" in text
    assert f"/en/tandems/hamm-arezzo/workspace/commitments/{commitment.pk}/" in text
    # A colleague has no form there: it is told who has.
    assert "tell the contact person or the deputy" in text


def test_after_the_day_the_mail_asks_what_became_of_it():
    cycle = make_cycle()
    User.objects.update(language="en")
    due_in(cycle, -1)

    remind_of_commitments()

    for _address, subject, text in mails():
        assert subject.startswith("What became of the commitment due by")
        assert "Kept, moved or dropped" in text


@pytest.mark.parametrize("why", ["left the office", "closed", "muted"])
def test_contact_and_deputy_step_in_for_the_person_named(why):
    cycle = make_cycle()
    person = cycle.people["colleague"]
    due_in(cycle, 3, person=person)
    if why == "left the office":
        RoleAssignment.objects.filter(user=person).update(until=timezone.localdate() - DAY)
    elif why == "closed":
        person.is_active = False
    else:
        person.muted = ["tandem_commitments"]
    person.save()

    remind_of_commitments()

    assert reached() == addresses(cycle, "contact", "deputy")


def test_settled_ones_and_cities_that_left_are_left_in_peace():
    cycle = make_cycle()
    contact = cycle.person("contact")
    keep_commitment(commitment=due_in(cycle, 3), by=contact)
    drop_commitment(commitment=due_in(cycle, -3), note="x", by=contact)
    row = member_of(cycle, cycle.arezzo)
    CommitmentFactory(
        tandem=cycle.tandem, municipality=cycle.arezzo, due_on=timezone.localdate() + DAY
    )
    row.left_on = timezone.localdate() - DAY
    row.save()

    assert remind_of_commitments() == 0
    assert mails() == []


def test_last_day_of_a_city_is_still_one_of_it():
    cycle = make_cycle()
    due_in(cycle, 3)
    row = member_of(cycle)
    row.left_on = timezone.localdate()
    row.save()

    assert remind_of_commitments() == 2


def test_city_without_people_is_reminded_once_somebody_is_there():
    cycle = make_cycle()
    due_in(cycle, 3)
    RoleAssignment.objects.filter(municipality=cycle.hamm, role__in=["contact", "deputy"]).update(
        until=timezone.localdate() - DAY
    )
    assert remind_of_commitments() == 0

    RoleAssignment.objects.filter(user=cycle.people["contact"]).update(until=None)

    assert remind_of_commitments() == 1


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_remind_once():
    cycle = make_cycle()
    due_in(cycle, 3)

    results = act_at_once(remind_of_commitments, remind_of_commitments)

    assert results == [2, 0]
    assert reached() == addresses(cycle, "contact", "deputy")


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_meanwhile_is_not_reminded_of():
    cycle = make_cycle()
    commitment = due_in(cycle, -1)
    contact = cycle.person("contact")

    results = act_at_once(
        lambda: keep_commitment(commitment=commitment, by=contact), remind_of_commitments
    )

    assert results == [Commitment.objects.get(), 0]
    assert reached() == []


def test_day_counts_on_the_clock_of_the_programme():
    """At half past midnight in Berlin it is still the day before in UTC."""
    cycle = make_cycle()
    with time_machine.travel(dt.datetime(2026, 5, 3, 22, 30, tzinfo=dt.UTC), tick=False):
        CommitmentFactory(tandem=cycle.tandem, municipality=cycle.hamm, due_on=dt.date(2026, 5, 3))
        remind_of_commitments()

    commitment = Commitment.objects.get()
    assert (commitment.reminded_before, commitment.reminded_after) == (None, commitment.due_on)
