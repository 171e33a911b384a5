"""A city leaves while somebody writes in the same partnership: one waits, nobody for ever."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from meetings.actions.commitment import keep_commitment, make_commitment
from meetings.actions.guests import let_into_meeting
from meetings.actions.leaving import record_leaving
from tandems.actions.documents import add_document
from tandems.actions.topics import TopicContent, change_topic, let_guest_in
from tandems.models import Document
from tests.factories import CommitmentFactory, MeetingFactory, TandemTopicFactory, make_user
from tests.races import act_at_once
from tests.tandems.files_cases import ABOUT, checked, pdf
from tests.tandems.membership_cases import DAY, krefeld_sofia, member, place, team, today

pytestmark = pytest.mark.django_db(transaction=True)
BOTH_WAYS = pytest.mark.parametrize("leaves_first", [True, False])


def race(leaves_first, leave, write):
    """Return what became of leaving and of writing, whoever came first."""
    if leaves_first:
        left, written = act_at_once(leave, write)
    else:
        written, left = act_at_once(write, leave)
    return left, written


def leaving(tandem, **fields):
    row, by = member(tandem, "Sofia"), team()
    return lambda: record_leaving(member=row, left_on=today() - DAY, **fields, by=by)


@BOTH_WAYS
@pytest.mark.parametrize("in_meeting", [True, False])
def test_commitment_is_made_before_the_leaving_or_not_at_all(leaves_first, in_meeting):
    tandem = krefeld_sofia()
    row = member(tandem, "Sofia")
    by = make_user("contact", row.municipality)
    day = today() - DAY
    held = MeetingFactory(
        tandem=tandem, scope="tandem", status="held", earliest=day, latest=day, precision="day"
    )

    left, made = race(
        leaves_first,
        leaving(tandem),
        lambda: make_commitment(
            member=row,
            text="Ein Leitfaden",
            due_on=today() + DAY,
            meeting=held if in_meeting else None,
            by=by,
        ),
    )

    if leaves_first:
        assert (left, type(made)) == (row, PermissionDenied)
    else:
        # Nobody has decided about the new commitment yet.
        assert made.municipality == row.municipality
        assert isinstance(left, ValidationError)
        assert left.code == "undecided"


@BOTH_WAYS
def test_commitment_is_kept_before_the_leaving_or_not_at_all(leaves_first):
    tandem = krefeld_sofia()
    row = member(tandem, "Sofia")
    by = make_user("contact", row.municipality)
    promise = CommitmentFactory(tandem=tandem, municipality=row.municipality)

    left, kept = race(
        leaves_first,
        leaving(tandem, commitments={promise.pk: "dropped"}, drop_note="Niemand setzt es fort."),
        lambda: keep_commitment(commitment=promise, by=by),
    )

    assert left == row
    promise.refresh_from_db()
    if leaves_first:
        assert (type(kept), promise.state) == (PermissionDenied, "dropped")
    else:
        assert (kept, promise.state) == (promise, "kept")


@BOTH_WAYS
@pytest.mark.parametrize("cancelled", [True, False])
def test_guest_is_let_into_a_meeting_before_the_leaving_or_not_at_all(leaves_first, cancelled):
    tandem = krefeld_sofia()
    row = member(tandem, "Sofia")
    by = make_user("contact", row.municipality)
    on = today() + 10 * DAY
    meeting = MeetingFactory(
        tandem=tandem, scope="tandem", status="announced", earliest=on, latest=on
    )
    fate = "cancelled" if cancelled else "goes_on"

    left, guest = race(
        leaves_first,
        leaving(tandem, meetings={meeting.pk: fate}, cancel_note="Sofia ist nicht mehr dabei."),
        lambda: let_into_meeting(meeting=meeting, municipality=place("Venlo", "NL"), by=by),
    )

    assert left == row
    assert meeting.guests.count() == (0 if leaves_first else 1)
    assert not leaves_first or isinstance(guest, PermissionDenied)


@BOTH_WAYS
def test_topic_changes_while_a_document_comes_to_it(leaves_first):
    tandem = krefeld_sofia()
    row = member(tandem, "Sofia")
    by, other = (make_user(role, row.municipality) for role in ("contact", "deputy"))
    topic = TandemTopicFactory(tandem=tandem, focus_de="Ratssaal", focus_en="Council hall")
    before = TopicContent.of(topic)
    after = {name: getattr(before, name) for name in before.__slots__} | {"focus_de": "Rathaus"}
    file = checked(pdf(1))

    changed, added = race(
        leaves_first,
        lambda: change_topic(
            topic=topic, content=TopicContent(**after), opened=before.marks, by=by
        ),
        lambda: add_document(
            tandem=tandem,
            member=row,
            file=file,
            words={**ABOUT, "topic_id": topic.pk},
            visibility="partnership",
            by=other,
        ),
    )

    assert changed.topic.focus_de == "Rathaus"
    assert added == Document.objects.get(topic=topic)


@BOTH_WAYS
def test_topic_gets_a_guest_before_the_leaving_or_not_at_all(leaves_first):
    tandem = krefeld_sofia()
    row = member(tandem, "Sofia")
    by = make_user("contact", row.municipality)
    topic = TandemTopicFactory(tandem=tandem)

    left, guest = race(
        leaves_first,
        leaving(tandem),
        lambda: let_guest_in(topic=topic, municipality=place("Venlo", "NL"), by=by),
    )

    assert left == row
    assert topic.guests.count() == (0 if leaves_first else 1)
    assert not leaves_first or isinstance(guest, PermissionDenied)
