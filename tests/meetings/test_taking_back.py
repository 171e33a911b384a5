"""A commitment was recorded as kept or dropped by a slip: who takes that back, and until when."""

from __future__ import annotations

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from core.dates import day
from core.models import StatusChange
from meetings.actions import drop_commitment, keep_commitment, reopen_commitment
from meetings.enums import COMMITMENT_TRANSITIONS
from meetings.models import Commitment
from tandems.models import TandemNotice
from tests.cycle import make_cycle
from tests.meetings.commitment_cases import DAY, member_of, promise
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db
ACTIONS = {"kept": keep_commitment, "dropped": drop_commitment}
SETTLED = pytest.mark.parametrize("state", ACTIONS)


def settled(state="kept", by="contact"):
    """Return a partnership with a commitment (``slip``) that is recorded as settled."""
    cycle = make_cycle()
    cycle.slip = promise(cycle)
    ACTIONS[state](commitment=cycle.slip, note="steht online", by=cycle.person(by))
    return cycle


def reopen(cycle, by="contact", note="Verklickt"):
    return reopen_commitment(commitment=cycle.slip, note=note, by=cycle.person(by))


def page(cycle, name="commitment-reopen"):
    url = reverse(f"workspace:{name}", args=[cycle.tandem.slug, cycle.slip.pk])
    return url.replace("/de/", "/en/")


def history(cycle):
    rows = StatusChange.objects.of(cycle.slip).order_by("pk")
    return [(row.old, row.new, row.note) for row in rows]


def offered(cycle, who):
    """Return whether the page of the commitment offers a person to take it back."""
    main = read(cycle.client(who).get(page(cycle, "commitment"))).main
    return page(cycle) in main.hrefs()


def test_only_what_is_settled_can_become_open_again():
    assert {state: set(after) for state, after in COMMITMENT_TRANSITIONS.items()} == {
        "open": {"kept", "dropped"},
        "kept": {"open"},
        "dropped": {"open"},
    }


@SETTLED
@pytest.mark.parametrize(
    ("days", "who", "is_possible"),
    [
        (14, "contact", True),
        (14, "deputy", True),
        (15, "contact", False),
        (15, "coordinator", True),
        (400, "bbsr", True),
    ],
)
def test_city_takes_it_back_in_time_and_the_team_at_any_time(state, days, who, is_possible):
    cycle = settled(state)

    with time_machine.travel(timezone.now() + days * DAY, tick=False):
        assert offered(cycle, who) is is_possible
        if is_possible:
            again = reopen(cycle, who)
            assert (again.state, again.reason, again.settled_at) == ("open", "", None)
        else:
            with pytest.raises(ValidationError) as refusal:
                reopen(cycle, who)
            assert refusal.value.code == "late"

    taken_back = [(state, "open", "Verklickt")] if is_possible else []
    assert history(cycle)[2:] == taken_back


@SETTLED
def test_afterwards_it_can_be_said_anew_what_became_of_it(state):
    cycle = settled(state)
    reopen(cycle)

    keep_commitment(commitment=cycle.slip, note="nun ja", by=cycle.person("contact"))

    assert [row[1] for row in history(cycle)] == ["open", state, "open", "kept"]


def test_partnership_is_told():
    cycle = settled()

    reopen(cycle)

    rows = TandemNotice.objects.filter(event="commitment_reopened")
    people = {row.user_id for row in rows}
    assert {cycle.people[name].pk for name in ("deputy", "partner")} <= people
    assert cycle.people["contact"].pk not in people


def test_taking_back_needs_a_reason_and_something_settled():
    cycle = settled()

    with pytest.raises(ValidationError) as unreasoned:
        reopen(cycle, note="")
    reopen(cycle)
    with pytest.raises(ValidationError) as is_open:
        reopen(cycle)

    assert list(unreasoned.value.error_dict) == ["note"]
    assert is_open.value.code == "open"


@pytest.mark.parametrize(
    ("who", "status"),
    [("partner", 403), ("colleague", 403), ("neighbour", 404), ("observer", 404), ("left", 403)],
)
def test_nobody_else_takes_it_back(who, status):
    cycle = settled()
    if who == "left":
        row = member_of(cycle)
        row.left_on = timezone.localdate() - DAY
        row.save()
        Commitment.objects.update(made_at=timezone.now() - 2 * DAY)
        who = "contact"

    with pytest.raises(PermissionDenied):
        reopen(cycle, who)
    client = cycle.client(who)
    assert client.get(page(cycle)).status_code == status
    assert client.post(page(cycle), {"note": "x"}).status_code == status
    assert len(history(cycle)) == 2


def test_page_asks_why_and_a_second_click_changes_nothing():
    cycle = settled("dropped")
    client = cycle.client("contact")

    shown = read(client.get(page(cycle, "commitment"))).main.section("Recorded by mistake?")
    with translation.override("en"):
        assert day(timezone.localdate() + 14 * DAY) in shown.text
    assert list(client.post(page(cycle), {"note": " "}).context["form"].errors) == ["note"]
    first, second = (client.post(page(cycle), {"note": "Verklickt"}, follow=True) for _ in "12")

    assert "the commitment is open again" in read(first).root.text
    assert "This commitment is open." in read(second).root.text
    assert history(cycle)[2:] == [("dropped", "open", "Verklickt")]
    assert client.put(page(cycle)).status_code == 405


def test_too_late_the_page_sends_to_the_team():
    cycle = settled()

    with time_machine.travel(timezone.now() + 15 * DAY, tick=False):
        response = cycle.client("contact").post(page(cycle), {"note": "x"}, follow=True)

    assert "The project team can." in read(response).root.text
    assert len(history(cycle)) == 2


def test_city_that_left_reads_what_was_taken_back_later_as_it_stood():
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        cycle = settled()
    row = member_of(cycle, cycle.arezzo)
    row.left_on = timezone.localdate() - 2 * DAY
    row.save()
    reopen(cycle)

    url = reverse("workspace:commitments", args=[cycle.tandem.slug]).replace("/de/", "/en/")
    main = read(cycle.client("partner").get(url)).main

    assert cycle.slip.text not in main.section("Open").text
    assert "steht online" in main.section("Settled").text


@pytest.mark.django_db(transaction=True)
def test_two_people_take_it_back_at_once_and_one_of_them_has_done_it():
    cycle = settled()

    first, second = act_at_once(lambda: reopen(cycle), lambda: reopen(cycle, "deputy"))

    assert isinstance(first, Commitment)
    assert second.code == "open"
    assert len(history(cycle)) == 3
