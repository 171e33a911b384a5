"""When a meeting is prepared, and what it lacks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from meetings.preparation import Gap, gaps_of, lacks, lacks_place

HAMM, AREZZO = 1, 2
BOTH = (HAMM, AREZZO)


def plan(**fields):
    given = {
        "precision": "day",
        "format": "hybrid",
        "place": "Rathaus",
        "remote_link": "https://meet.example",
    }
    return SimpleNamespace(**{**given, **fields})


def test_meeting_is_prepared_with_questions_of_both_sides_a_day_a_place_and_a_link():
    assert gaps_of(plan(), BOTH, BOTH) == []


@pytest.mark.parametrize(
    ("asked", "missing"), [((), [HAMM, AREZZO]), ((HAMM,), [AREZZO]), ((AREZZO, 9), [HAMM])]
)
def test_meeting_without_questions_of_each_city_is_not_prepared(asked, missing):
    assert gaps_of(plan(), BOTH, asked) == [Gap("questions", city) for city in missing]


def test_meeting_in_which_no_city_acts_is_not_prepared():
    assert gaps_of(plan(), (), ()) == [Gap("questions")]


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"precision": "unknown"}, ["date"]),
        ({"precision": "month"}, ["date"]),
        ({"format": "virtual", "place": ""}, []),
        ({"format": "virtual", "remote_link": ""}, ["link"]),
        ({"format": "on_site", "remote_link": ""}, []),
        ({"format": "on_site", "place": ""}, ["place"]),
        ({"format": "hybrid", "place": "", "remote_link": ""}, ["place", "link"]),
        ({"format": ""}, ["format"]),
        ({"precision": "unknown", "format": "on_site", "place": ""}, ["date", "place"]),
    ],
)
def test_meeting_needs_a_day_and_what_its_format_asks_for(fields, missing):
    assert [gap.what for gap in gaps_of(plan(**fields), BOTH, BOTH)] == missing


def test_announcement_needs_no_link_and_invitations_a_place_alone():
    assert lacks(plan(remote_link="", precision="month", place="")) == ["date", "place"]
    assert lacks(plan(format="virtual", remote_link="", place="")) == []
    assert lacks_place(plan(place=""))
    assert not lacks_place(plan(precision="unknown"))
