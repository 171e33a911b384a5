"""A consultation that goes on over days: lists of those who take part say so."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.enums import Phase
from tests.cycle import ConsultationFactory, make_cycle, plan_for
from tests.reading import read

pytestmark = pytest.mark.django_db

#: Lists of those who take part, below the language.
LISTS = (
    "tandems/hamm-arezzo/workspace/",
    "tandems/hamm-arezzo/workspace/meetings/",
    "meetings/internal/",
    "dashboard/",
)


def consulting(cycle, number=1, state="running", **meeting):
    """Let consultations be held, each in a meeting of its own; return the meetings."""
    meetings = []
    for _number in range(number):
        fields = {"kind": "consultation", "title_en": "Advice", "title_de": "Beratung", **meeting}
        meetings.append(plan_for(cycle.tandem, **fields))
        phase = Phase.ADVICE if state == "running" else None
        ConsultationFactory(meeting=meetings[-1], case_city=cycle.hamm, state=state, phase=phase)
    return meetings


def statuses(client, path, language="en"):
    """Return the status of each meeting called «Advice» on a page."""
    page = read(client.get(f"/{language}/{path}")).main
    entries = [row for row in page.all("li", class_="entry") if "Advice" in row.text]
    return [mark.text for row in entries for mark in row.all("span", class_="status")]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("status", "state", "told"),
    [
        ("planned", "running", "Going on, internal"),
        ("planned", "prepared", "Planned, internal"),
        ("planned", "stopped", "Planned, internal"),
        ("announced", "running", "Going on"),
        ("announced", "prepared", "Announced"),
        ("cancelled", "running", "Cancelled"),
        ("held", "running", "Held"),
    ],
)
def test_list_says_that_a_consultation_goes_on(path, status, state, told):
    cycle = make_cycle()
    consulting(cycle, state=state, status=status, is_public=False)

    assert statuses(cycle.client("contact"), path) == [told]


def test_other_meetings_are_planned_as_before():
    cycle = make_cycle(title_en="Advice on trees")

    for path in LISTS:
        assert statuses(cycle.client("contact"), path) == ["Planned, internal"]


def test_nobody_learns_from_outside_how_far_a_public_consultation_is():
    cycle = make_cycle()
    (meeting,) = consulting(cycle, status="announced", is_public=True)

    assert statuses(cycle.client("reviewer"), "dashboard/") == ["Announced"]
    for path in ("meetings/", "tandems/hamm-arezzo/", f"meetings/{meeting.pk}/{meeting.slug}/"):
        assert "Going on" not in read(cycle.client("visitor").get(f"/en/{path}")).main.text


@pytest.mark.parametrize("path", LISTS)
def test_lists_ask_the_same_for_one_and_for_three(path):
    cycle = make_cycle()
    client = cycle.client("contact")
    cycle.meeting.delete()
    consulting(cycle)
    client.get(f"/en/{path}")
    asked = []

    for more in (0, 2):
        consulting(cycle, number=more)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(f"/en/{path}")
        asked.append(len(queries))

    assert answer.content.decode().count("Going on, internal") == 3
    assert asked[0] == asked[1]
