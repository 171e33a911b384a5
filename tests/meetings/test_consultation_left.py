"""What a city that has left still reads of a consultation: what was there on its last day."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from core.actions import note_change
from core.models import StatusChange
from meetings.enums import Phase
from tests.cycle import ContributionFactory
from tests.meetings.consultation_cases import SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
BEFORE, AFTER = "Vor dem Austritt gesagt", "Nach dem Austritt gesagt"
OUTCOME = SECRETS[2:]


def left(closed=0, **fields):
    """Return a case ten days ago, over ``closed`` days ago; Arezzo has left five days ago."""
    now, day = timezone.now(), timezone.localdate() - 10 * DAY
    times = {"earliest": day, "latest": day, "starts_at": None, "ends_at": None}
    case = make_case(mode="written", meeting={"status": "held", **times})
    case.move_to(Phase.ADVICE)
    for text, moment in ((BEFORE, now - 6 * DAY), (AFTER, now - 4 * DAY)):
        ContributionFactory(
            consultation=case.consultation,
            text=text,
            written_by=case.of("case_giver" if text == BEFORE else "guest"),
            written_at=moment,
        )
    left_on = timezone.localdate() - 5 * DAY
    case.cycle.tandem.members.filter(municipality=case.cycle.arezzo).update(left_on=left_on)
    if closed is not None:
        case.close(closed_at=now - closed * DAY, method="ideas", **fields)
    return case


def shown_to(case, role="adviser"):
    return case.client(role).get(case.url()).content.decode()


@pytest.mark.parametrize("role", ["facilitator", "scribe", "adviser"])
def test_it_reads_what_was_said_up_to_its_last_day(role):
    case = left()

    shown = shown_to(case, role)

    assert BEFORE in shown
    assert AFTER not in shown
    assert [text for text in OUTCOME if text in shown] == []
    assert "the last day of your city" in shown
    assert "Collecting ideas" not in shown


def test_those_who_still_meet_read_all_of_it():
    case = left()

    for role in ("case_giver", "guest"):
        shown = shown_to(case, role)
        assert [text for text in (BEFORE, AFTER, *OUTCOME) if text not in shown] == []
        assert "the last day of your city" not in shown


def test_what_came_of_it_by_then_stays_readable():
    case = left(closed=6)

    shown = shown_to(case)

    assert [text for text in OUTCOME if text not in shown] == []
    assert "Collecting ideas" in shown


def test_on_the_last_day_itself_it_still_reads():
    case = left(closed=5)

    assert [text for text in OUTCOME if text not in shown_to(case)] == []


def test_while_it_goes_on_it_reads_nothing():
    case = left(closed=None)

    shown = shown_to(case)

    assert "This consultation is confidential." in shown
    assert [text for text in (BEFORE, AFTER, SECRETS[0]) if text in shown] == []


def test_history_ends_on_its_last_day():
    case = left()
    note_change(case.consultation, field="part", old="adviser", new="added", by=None)
    note_change(case.consultation, field="state", old="prepared", new="running", by=None)
    early = StatusChange.objects.of(case.consultation).filter(new="running")
    early.update(changed_at=timezone.now() - 8 * DAY)

    history = read(case.client("adviser").get(case.url())).main.section("History").text

    assert "Going on" in history
    assert "somebody has joined" not in history
    everything = read(case.client("guest").get(case.url())).main.section("History").text
    assert "somebody has joined" in everything


def test_names_are_those_it_heard():
    case = left()

    parts = read(case.client("adviser").get(case.url())).main.section("Who has which part").text

    assert case.of("case_giver").name in parts
    assert case.of("adviser").name in parts
    assert case.of("guest").name not in parts
    everybody = read(case.client("case_giver").get(case.url())).main
    assert case.of("guest").name in everybody.section("Who has which part").text


@pytest.mark.parametrize("public", [True, False])
def test_sentence_released_later_is_read_only_where_everybody_reads_it(public):
    case = left(released_at=timezone.now(), released_sentence_en="Ask first.")
    type(case.meeting).objects.filter(pk=case.meeting.pk).update(is_public=public)

    assert ("Ask first." in shown_to(case)) is public


def test_reason_of_stopping_later_is_not_read():
    case = left(closed=None)
    case.post("contact", "stop", reason="Nach dem Austritt abgebrochen")

    shown = shown_to(case)

    assert case.now().state == "stopped"
    assert "Nach dem Austritt abgebrochen" not in shown
    assert BEFORE in shown


def test_where_nothing_was_said_by_then_the_page_says_so():
    case = left()
    case.consultation.contributions.filter(text=BEFORE).delete()

    said = read(case.client("adviser").get(case.url())).main.section("What was said").text

    assert "Nothing up to the last day of your city." in said
