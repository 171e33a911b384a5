"""A city leaves: what becomes of its commitments and of the coming meetings, one by one."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from post_office.models import Email

from meetings.actions.leaving import coming_meetings, open_commitments, record_leaving
from tests.cycle import make_cycle
from tests.factories import CommitmentFactory, MeetingFactory, make_user
from tests.meetings.poll_cases import proposed
from tests.races import act_at_once
from tests.tandems.membership_cases import DAY, krefeld_sofia, member, pair, team, today

pytestmark = pytest.mark.django_db


def promise(tandem, name="Sofia", **fields):
    return CommitmentFactory(
        tandem=tandem, municipality=member(tandem, name).municipality, **fields
    )


def meeting(tandem, days=10, status="announced", **fields):
    on = today() + days * DAY
    dates = {"earliest": on, "latest": on, "precision": "day"}
    return MeetingFactory(tandem=tandem, scope="tandem", status=status, **{**dates, **fields})


def leave(tandem, by=None, name="Sofia", **fields):
    fields = {"left_on": today(), **fields}
    return record_leaving(member=member(tandem, name), **fields, by=by or team())


def refreshed(row):
    row.refresh_from_db()
    return row


def test_each_commitment_of_the_city_meets_its_own_fate():
    tandem = krefeld_sofia()
    kept, dropped, others = promise(tandem), promise(tandem), promise(tandem, "Krefeld")

    leave(
        tandem,
        commitments={kept.pk: "stays", dropped.pk: "dropped"},
        drop_note="Niemand setzt es fort.",
    )

    assert refreshed(kept).state == refreshed(others).state == "open"
    assert (refreshed(dropped).state, dropped.reason) == ("dropped", "Niemand setzt es fort.")
    assert member(tandem, "Sofia").left_on == today()


def test_each_coming_meeting_meets_its_own_fate():
    tandem = krefeld_sofia()
    held, off, planned = meeting(tandem), meeting(tandem, 20), meeting(tandem, 30, "planned")
    revision = off.sequence

    leave(
        tandem,
        meetings={held.pk: "goes_on", off.pk: "cancelled", planned.pk: "cancelled"},
        cancel_note="Sofia ist nicht mehr dabei.",
    )

    assert refreshed(held).status == "announced"
    assert (refreshed(off).status, off.sequence) == ("cancelled", revision + 1)
    assert refreshed(planned).status == "cancelled"


def test_open_date_poll_of_a_cancelled_meeting_ends_and_who_was_asked_reads_why():
    cycle = make_cycle()
    poll = proposed(cycle)
    Email.objects.all().delete()

    record_leaving(
        member=cycle.tandem.members.get(municipality=cycle.arezzo),
        left_on=today(),
        meetings={cycle.meeting.pk: "cancelled"},
        cancel_note="Arezzo ist nicht mehr dabei.",
        by=cycle.person("coordinator"),
    )

    assert not refreshed(poll).is_open
    told = {mail.to[0] for mail in Email.objects.filter(message__contains="nicht mehr dabei")}
    assert {cycle.people[who].email for who in ("contact", "partner")} <= told


def test_what_is_settled_past_or_elsewhere_is_not_asked_about():
    tandem, other = krefeld_sofia(), pair("Hamm", "Arezzo", "IT")
    promise(tandem, state="kept", settled_at="2024-01-01T12:00:00Z")
    promise(other, "Arezzo")
    for fields in ({"days": -1}, {"status": "cancelled"}, {"status": "held", "days": 0}):
        meeting(tandem, **fields)
    meeting(other)
    row, by = member(tandem, "Sofia"), team()

    assert list(open_commitments(member=row, by=by)) == []
    assert list(coming_meetings(member=row, by=by)) == []
    leave(tandem)


def test_meeting_without_a_day_may_still_come():
    tandem = krefeld_sofia()
    undated = meeting(tandem, earliest=None, latest=None, precision="unknown")

    assert list(coming_meetings(member=member(tandem, "Sofia"), by=team())) == [undated]


@pytest.mark.parametrize("made", [promise, meeting])
def test_what_came_in_meanwhile_is_decided_on_first(made):
    tandem = krefeld_sofia()
    row = made(tandem)

    with pytest.raises(ValidationError, match=str(row)) as refusal:
        leave(tandem)

    assert refusal.value.code == "undecided"
    assert member(tandem, "Sofia").left_on is None


def test_what_was_settled_meanwhile_is_left_alone():
    tandem = krefeld_sofia()
    done = promise(tandem, state="kept", settled_at="2024-01-01T12:00:00Z")

    leave(tandem, commitments={done.pk: "dropped"}, drop_note="x")

    assert refreshed(done).state == "kept"


def test_nothing_happens_by_halves():
    tandem = krefeld_sofia()
    row, off = promise(tandem), meeting(tandem)

    with pytest.raises(ValidationError):
        leave(
            tandem,
            left_on=today() - 9_000 * DAY,
            commitments={row.pk: "dropped"},
            meetings={off.pk: "cancelled"},
            drop_note="x",
            cancel_note="x",
        )

    assert (refreshed(row).state, refreshed(off).status) == ("open", "announced")


def test_commitment_is_not_dropped_without_a_reason():
    tandem = krefeld_sofia()
    row = promise(tandem)

    with pytest.raises(ValidationError):
        leave(tandem, commitments={row.pk: "dropped"})

    assert refreshed(row).state == "open"


def test_guest_leaves_nothing_behind():
    tandem = krefeld_sofia()
    tandem.members.filter(municipality__name_de="Sofia").update(role="guest")
    meeting(tandem)

    assert leave(tandem).left_on == today()


@pytest.mark.parametrize("role", ["contact", "deputy", "colleague", "observer", "reviewer"])
def test_only_the_team_records_a_leaving(role):
    tandem = krefeld_sofia()
    by = make_user(role, member(tandem, "Sofia").municipality)

    with pytest.raises(PermissionDenied):
        leave(tandem, by=by)

    assert member(tandem, "Sofia").left_on is None


@pytest.mark.django_db(transaction=True)
def test_two_who_record_it_at_once_drop_a_commitment_once():
    tandem, one, two = krefeld_sofia(), team(), team()
    row = promise(tandem)
    fields = {"commitments": {row.pk: "dropped"}, "drop_note": "x", "left_on": today() - DAY}

    first, second = act_at_once(
        lambda: leave(tandem, by=one, **fields), lambda: leave(tandem, by=two, **fields)
    )

    assert first.left_on == today() - DAY
    assert isinstance(second, ValidationError)
    assert refreshed(row).state == "dropped"
