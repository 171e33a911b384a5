"""What a partnership lacks, out of its facts alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import translation

from tandems.enums import ProfileState, TandemStatus
from tandems.next_step import City, Facts, Need, freshness_of, steps_of
from tandems.next_step.wording import WORDING

TODAY = dt.date(2026, 3, 2)
DAY = dt.timedelta(days=1)
KREFELD, SOFIA = City(1, "Krefeld"), City(2, "Sofia")
#: Of this partnership nothing is missing.
WELL = Facts(
    today=TODAY,
    cities=(KREFELD, SOFIA),
    coming_on=TODAY + 9 * DAY,
    held_on=TODAY - 30 * DAY,
    has_minutes=True,
    has_followed_up=True,
    is_released=True,
    as_of=TODAY - 10 * DAY,
    open=1,
    kept=1,
    topics=2,
)


def needs(**changes):
    return [step.need for step in steps_of(replace(WELL, **changes))]


def test_nothing_is_missing_where_everything_is_there():
    assert needs() == []


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"cities": (KREFELD,)}, [Need.PARTNER]),
        ({"cities": ()}, [Need.PARTNER]),
        ({"coming_on": None}, [Need.DATE]),
        ({"has_minutes": False}, [Need.MINUTES]),
        ({"held_on": None, "has_minutes": False, "has_followed_up": False}, []),
        ({"is_released": False, "as_of": None}, [Need.PROFILE]),
        ({"is_released": False, "unfinished": ProfileState.DRAFT}, [Need.SUBMISSION]),
        ({"unfinished": ProfileState.DRAFT}, []),
        ({"unfinished": ProfileState.DRAFT, "is_returned": True}, [Need.RETURNED]),
        ({"unfinished": ProfileState.SUBMITTED, "word_of": (2,)}, [Need.WORD]),
        # The city whose word was missing has left since.
        ({"unfinished": ProfileState.SUBMITTED, "word_of": ()}, [Need.RELEASE]),
        ({"unfinished": ProfileState.CONFIRMED}, [Need.RELEASE]),
        # A city that joined after the others had confirmed.
        ({"unfinished": ProfileState.CONFIRMED, "word_of": (2,)}, [Need.WORD]),
        ({"as_of": TODAY - 180 * DAY}, []),
        ({"as_of": TODAY - 181 * DAY}, [Need.FRESHNESS]),
        ({"as_of": TODAY - 181 * DAY, "unfinished": ProfileState.DRAFT}, [Need.SUBMISSION]),
        ({"as_of": None}, []),
        ({"has_followed_up": False}, [Need.COMMITMENT]),
        ({"overdue_of": (2,)}, [Need.OVERDUE]),
        # What a city that has left promised is asked of nobody.
        ({"overdue_of": (9,)}, []),
        ({"kept": 0}, [Need.KEPT]),
        ({"kept": 0, "overdue_of": (1,)}, [Need.OVERDUE]),
        ({"kept": 0, "open": 0}, []),
        ({"cities": (replace(KREFELD, has_contact=False), SOFIA)}, [Need.CONTACT]),
        ({"cities": (KREFELD, replace(SOFIA, has_deputy=False))}, [Need.DEPUTY]),
        ({"topics": 0}, [Need.TOPIC]),
    ],
)
def test_each_gap_is_a_step(changes, missing):
    assert needs(**changes) == missing


def test_steps_come_in_the_order_of_an_exchange():
    nobody = replace(KREFELD, has_contact=False, has_deputy=False)
    facts = Facts(today=TODAY, cities=(nobody,), held_on=TODAY - DAY, overdue_of=(1,), open=1)

    assert [step.need for step in steps_of(facts)] == [
        Need.PARTNER,
        Need.DATE,
        Need.MINUTES,
        Need.PROFILE,
        Need.COMMITMENT,
        Need.OVERDUE,
        Need.CONTACT,
        Need.DEPUTY,
        Need.TOPIC,
    ]


@pytest.mark.parametrize(
    "status", [status for status in TandemStatus if status not in {"planned", "active"}]
)
def test_partnership_that_is_over_lacks_nothing(status):
    assert steps_of(Facts(today=TODAY, status=status)) == []


@pytest.mark.parametrize(
    ("kick_off_on", "coming_on", "missing"),
    [
        (None, None, [Need.DATE]),
        (None, TODAY + DAY, []),
        (TODAY, None, []),
        (TODAY + DAY, None, []),
        (TODAY - DAY, None, [Need.KICK_OFF]),
    ],
)
def test_planned_partnership_lacks_its_kick_off_at_most(kick_off_on, coming_on, missing):
    facts = Facts(
        today=TODAY,
        status=TandemStatus.PLANNED,
        cities=(KREFELD, SOFIA),
        kick_off_on=kick_off_on,
        coming_on=coming_on,
    )

    assert [step.need for step in steps_of(facts)] == missing


def test_step_names_cities_and_days():
    facts = replace(
        WELL,
        unfinished=ProfileState.SUBMITTED,
        word_of=(1, 2),
        has_minutes=False,
        kept=0,
    )

    with translation.override("en"):
        minutes, word, _kept = steps_of(facts)
        assert minutes.title == "Write the minutes of the meeting on 31 January 2026"
        assert word.title == "Confirm the profile: Krefeld and Sofia"
        assert word.who == "contact person or deputy of Krefeld and Sofia"


@pytest.mark.parametrize("need", list(Need))
def test_every_need_has_its_words(need):
    wording = WORDING[need]

    assert all(str(getattr(wording, name)) for name in ("title", "why", "who", "url", "action"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_released": False}, "not public yet"),
        ({"as_of": None}, "public, without a date"),
        ({"as_of": TODAY}, "as of today"),
        ({"as_of": TODAY - DAY}, "as of 1 day ago"),
        ({"as_of": TODAY - 400 * DAY}, "as of 400 days ago"),
    ],
)
def test_freshness_is_told_in_words(changes, words):
    with translation.override("en"):
        assert freshness_of(replace(WELL, **changes)) == words
