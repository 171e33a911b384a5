"""The rules of a consultation without any page: the table, the clock, who can have a part."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from django.utils import timezone, translation

from meetings.enums import ConsultationRole, ContributionKind, Phase
from meetings.models import ConsultationPhase
from meetings.phases import (
    DEFAULT_TIMES,
    MAY_WRITE,
    MEANING,
    TURNS,
    candidates_for,
    clock_words,
    kinds_for,
    minutes_of,
)
from tests.cycle import plan_for
from tests.meetings.consultation_cases import make_case

START = dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC)


def test_table_names_every_phase_and_no_unknown_role_or_kind():
    assert set(MAY_WRITE) == set(MEANING) == set(TURNS) == set(Phase.values)
    for roles in MAY_WRITE.values():
        assert set(roles) <= set(ConsultationRole.values)
        assert {kind for kinds in roles.values() for kind in kinds} <= set(ContributionKind.values)


def test_advice_is_given_in_its_phase_by_advisers_alone():
    found = {
        (phase, role)
        for phase, roles in MAY_WRITE.items()
        for role, kinds in roles.items()
        if "advice" in kinds
    }

    assert found == {(Phase.ADVICE, "adviser")}


def test_case_giver_is_silent_while_the_others_advise():
    assert kinds_for(Phase.ADVICE, "case_giver") == ()


@pytest.mark.parametrize("role", ConsultationRole.values)
@pytest.mark.parametrize("phase", [None, 0, 7, Phase.CLOSE])
def test_nobody_contributes_before_after_or_at_the_close(phase, role):
    assert kinds_for(phase, role) == ()


def test_usual_times_are_minutes_or_days():
    nothing = [None] * 6

    assert minutes_of("live", nothing) == (5, 10, 5, 5, 10, 5) == DEFAULT_TIMES["live"]
    assert minutes_of("written", nothing) == (2880, 5760, 2880, 1440, 10080, 2880)
    assert minutes_of("written", [1, None, None, None, None, 3])[0::5] == (1440, 4320)


@pytest.mark.parametrize(
    ("minutes", "seconds", "language", "words"),
    [
        (10, 0, "en", "10 minutes left"),
        (10, 6 * 60, "en", "4 minutes left"),
        (10, 9 * 60 + 30, "en", "1 minute left"),
        (10, 13 * 60, "en", "3 minutes over"),
        (3 * 1440, 0, "en", "3 days left"),
        (1440, 0, "en", "24 hours left"),
    ],
)
def test_clock_says_what_is_left(minutes, seconds, language, words):
    row = ConsultationPhase(phase=1, minutes=minutes, started_at=START)

    with translation.override(language):
        told = clock_words(row, START + dt.timedelta(seconds=seconds))

    assert told.endswith(words), told


def test_clock_is_that_of_the_reader_and_names_the_day_unless_it_is_today():
    short = ConsultationPhase(phase=1, minutes=10, started_at=START)
    long = ConsultationPhase(phase=1, minutes=1440, started_at=START)

    with translation.override("en"):
        with timezone.override(zoneinfo.ZoneInfo("Europe/Sofia")):
            assert "11:25" in clock_words(short, START)
        with timezone.override(zoneinfo.ZoneInfo("Europe/Berlin")):
            assert "10:25" in clock_words(short, START)
            assert "March" not in clock_words(short, START)
            assert "3 March 2026, 10:15" in clock_words(long, START)


def test_phase_that_has_not_begun_has_no_clock():
    assert clock_words(ConsultationPhase(phase=1, minutes=5), START) == ""


@pytest.mark.django_db
def test_candidates_are_the_cities_their_guests_and_the_team():
    case = make_case()

    found = {one.user for one in candidates_for(case.meeting).values()}

    named = {
        *("contact", "deputy", "colleague", "partner", "partner deputy", "partner colleague"),
        *("coordinator", "bbsr", "guest", "other guest"),
    }
    assert found == {case.cycle.person(name) for name in named}


@pytest.mark.django_db
def test_at_a_meeting_of_the_network_all_its_cities_can_have_a_part():
    case = make_case()
    meeting = plan_for(None, kind="consultation")

    found = {one.user for one in candidates_for(meeting).values()}

    # The neighbour is a member of another partnership; the guest of none.
    assert case.cycle.person("neighbour") in found
    assert case.cycle.person("guest") not in found
