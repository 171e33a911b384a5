"""What became of commitments, in numbers and words."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import translation

from meetings.fates import Fates, fates_of

TODAY = dt.date(2026, 3, 10)


def rows(*states):
    """Return commitments; ``late`` is an open one whose day was yesterday."""
    day = dt.timedelta(days=1)
    return [
        SimpleNamespace(
            state="open" if state == "late" else state,
            due_on=TODAY - day if state == "late" else TODAY,
        )
        for state in states
    ]


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([], "No commitment was recorded."),
        (["kept"], "Of 1 commitment 1 was kept."),
        (
            ["kept", "open", "kept", "dropped", "kept"],
            "Of 5 commitments 3 were kept, 1 was dropped, 1 is open.",
        ),
        (
            ["late", "late", "kept"],
            "Of 3 commitments 1 was kept, 2 are open (2 without an answer).",
        ),
        (["open", "late"], "Of 2 commitments 2 are open (1 without an answer)."),
        (["dropped", "dropped"], "Of 2 commitments 2 were dropped."),
    ],
)
def test_fates_in_words(states, words):
    with translation.override("en"):
        assert fates_of(rows(*states), TODAY).words == words


def test_what_is_due_today_is_not_late_yet_and_settled_ones_never_are():
    kept_late = [SimpleNamespace(state="kept", due_on=dt.date(2020, 1, 1))]

    assert fates_of([*rows("open", "late"), *kept_late], TODAY) == Fates(kept=1, open=2, overdue=1)
    assert fates_of(rows("open"), TODAY).unanswered == ""


def test_total_counts_every_commitment_once():
    assert fates_of(rows("kept", "dropped", "open", "late"), TODAY).total == 4
