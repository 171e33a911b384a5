"""What writes an agenda: rights, refusals, the order, the history."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from core.models import StatusChange
from meetings.actions.agenda import (
    AgendaContent,
    add_item,
    change_item,
    lock_plan,
    move_item,
    remove_item,
)
from meetings.models import AgendaItem, Meeting
from meetings.queries import carried_commitments, commitments_before
from tests.cycle import GuidingQuestionFactory, make_cycle, plan_for
from tests.factories import (
    AgendaItemFactory,
    CommitmentFactory,
    MunicipalityFactory,
    TandemFactory,
    TandemMemberFactory,
)
from tests.races import act_at_once

pytestmark = pytest.mark.django_db


def content(text="Rundgang", **fields):
    values = {"text_de": text, "text_en": "", "day": 1, "minutes": 30, "language": ""}
    return AgendaContent(**{**values, "lead": (None, ""), "question": None, **fields})


def order(cycle):
    rows = AgendaItem.objects.filter(meeting=cycle.meeting).order_by("position")
    return list(rows.values_list("position", "text_de"))


def three(cycle, **fields):
    return [
        AgendaItemFactory(meeting=cycle.meeting, position=number, text_de=text, **fields)
        for number, text in enumerate("ABC")
    ]


def change(row, by, opened=None, **fields):
    stored = AgendaContent.of(row)
    new = AgendaContent(**{name: getattr(stored, name) for name in stored.marks} | fields)
    return change_item(item=row, content=new, opened=opened or stored.marks, by=by)


@pytest.mark.parametrize("who", ["contact", "deputy", "colleague", "partner colleague", "bbsr"])
def test_who_takes_part_writes_the_agenda(who):
    cycle = make_cycle()
    by = cycle.person(who)

    row = add_item(meeting=cycle.meeting, content=content(), by=by)
    change(row, by, minutes=45)
    remove_item(item=row, by=by)

    assert not AgendaItem.objects.exists()
    history = StatusChange.objects.of(cycle.meeting).order_by("pk")
    assert [(row.field, row.new, row.note, row.changed_by) for row in history] == [
        ("agenda", "added", "Rundgang", by),
        ("agenda", "changed", "Rundgang", by),
        ("agenda", "removed", "Rundgang", by),
    ]


@pytest.mark.parametrize("who", ["neighbour", "reviewer", "observer", "nobody"])
def test_nobody_else_writes_the_agenda(who):
    cycle = make_cycle()
    (row, *_others) = three(cycle)
    by = cycle.person(who)

    for act in (
        lambda: add_item(meeting=cycle.meeting, content=content(), by=by),
        lambda: change(row, by, minutes=45),
        lambda: move_item(item=row, up=False, seen=0, by=by),
        lambda: remove_item(item=row, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert order(cycle) == [(0, "A"), (1, "B"), (2, "C")]


def test_meeting_of_the_network_is_written_by_its_cities_without_a_partnership():
    cycle = make_cycle()
    meeting = plan_for(None)

    row = add_item(meeting=meeting, content=content(), by=cycle.person("neighbour"))

    assert row.meeting == meeting


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_agenda_of_a_meeting_that_is_over_stays(status):
    cycle = make_cycle()
    Meeting.objects.filter(pk=cycle.meeting.pk).update(status=status)

    with pytest.raises(ValidationError) as refusal:
        lock_plan(meeting=cycle.meeting, by=cycle.person("contact"))

    assert refusal.value.code == "closed"


def test_new_item_comes_last_on_its_day_and_positions_follow_the_days():
    cycle = make_cycle()
    by = cycle.person("contact")
    AgendaItemFactory(meeting=cycle.meeting, position=4, text_de="A")
    AgendaItemFactory(meeting=cycle.meeting, position=9, text_de="B", day=2)

    add_item(meeting=cycle.meeting, content=content("C"), by=by)

    assert order(cycle) == [(0, "A"), (1, "C"), (2, "B")]


def test_item_that_goes_to_another_day_comes_last_there():
    cycle = make_cycle()
    by = cycle.person("contact")
    first, _second, _third = three(cycle)
    AgendaItemFactory(meeting=cycle.meeting, position=3, text_de="D", day=2)

    change(first, by, day=2)

    assert order(cycle) == [(0, "B"), (1, "C"), (2, "D"), (3, "A")]


def test_item_moves_within_its_day_alone():
    cycle = make_cycle()
    by = cycle.person("contact")
    first, _second, third = three(cycle)
    other = AgendaItemFactory(meeting=cycle.meeting, position=3, text_de="D", day=2)

    move_item(item=third, up=True, seen=2, by=by)
    assert order(cycle) == [(0, "A"), (1, "C"), (2, "B"), (3, "D")]
    # What is first stays first, and nothing slips into another day.
    move_item(item=first, up=True, seen=0, by=by)
    move_item(item=other, up=True, seen=3, by=by)
    assert order(cycle) == [(0, "A"), (1, "C"), (2, "B"), (3, "D")]
    with pytest.raises(ValidationError) as refusal:
        move_item(item=third, up=True, seen=2, by=by)
    assert refusal.value.code == "moved"


def test_item_without_any_text_a_foreign_city_and_a_foreign_question_are_refused():
    cycle = make_cycle()
    by = cycle.person("contact")
    foreign = GuidingQuestionFactory(municipality=cycle.hamm)

    for wrong, name in (
        ({"text": ""}, "text_de"),
        ({"lead": (MunicipalityFactory().pk, "")}, "lead"),
        ({"question": foreign.pk}, "question"),
        ({"minutes": 0}, "minutes"),
        ({"day": 31}, "day"),
    ):
        with pytest.raises(ValidationError) as refusal:
            add_item(meeting=cycle.meeting, content=content(**wrong), by=by)
        assert name in refusal.value.error_dict
    assert not AgendaItem.objects.exists()


def test_host_from_outside_may_lead():
    cycle = make_cycle()
    host = MunicipalityFactory()
    Meeting.objects.filter(pk=cycle.meeting.pk).update(host=host)

    row = add_item(
        meeting=cycle.meeting, content=content(lead=(host.pk, "")), by=cycle.person("contact")
    )

    assert row.lead == host


def test_city_that_has_left_stays_as_who_leads_an_item_that_is_changed():
    cycle = make_cycle()
    gone = MunicipalityFactory()
    row = AgendaItemFactory(meeting=cycle.meeting, lead=gone)

    saved = change(row, cycle.person("contact"), minutes=45)

    assert (saved.item.lead, saved.item.minutes) == (gone, 45)


def test_english_alone_is_enough_and_german_stays_empty():
    cycle = make_cycle()

    add_item(meeting=cycle.meeting, content=content("", text_en="Tour"), by=cycle.person("contact"))

    row = AgendaItem.objects.get()
    assert (row.text_de or "", row.text_en) == ("", "Tour")


def test_removed_item_is_told_as_gone():
    cycle = make_cycle()
    by = cycle.person("contact")
    (row, *_others) = three(cycle)
    remove_item(item=row, by=by)

    for act in (lambda: change(row, by, minutes=9), lambda: remove_item(item=row, by=by)):
        row.pk = row.pk or 10_000
        with pytest.raises(ValidationError) as refusal:
            act()
        assert refusal.value.code == "gone"


def test_nothing_changed_is_nothing_written():
    cycle = make_cycle()
    (row, *_others) = three(cycle)

    assert change(row, cycle.person("contact")).conflicts == {}
    assert not StatusChange.objects.of(cycle.meeting).exists()


def test_nobodys_city_ends_up_beside_somebody_elses_office():
    cycle = make_cycle()
    (row, *_others) = three(cycle)
    opened = AgendaContent.of(row).marks
    change(row, cycle.person("contact"), lead=(cycle.hamm.pk, ""))

    saved = change(row, cycle.person("partner"), opened=opened, lead=(None, "The museum"))

    assert saved.conflicts == {"lead": (cycle.hamm.pk, "")}


def test_commitments_before_are_those_made_before_it_and_still_open():
    cycle = make_cycle()
    start = cycle.meeting.starts_at
    before = CommitmentFactory(tandem=cycle.tandem, made_at=start - dt.timedelta(minutes=1))
    CommitmentFactory(tandem=cycle.tandem, made_at=start)
    CommitmentFactory(tandem=cycle.tandem, state="kept", settled_at=timezone.now())
    CommitmentFactory(tandem=cycle.tandem, meeting=cycle.meeting)
    CommitmentFactory()

    assert list(commitments_before(cycle.meeting)) == [before]
    for who, seen in (("partner", [before]), ("bbsr", [before]), ("neighbour", []), ("nobody", [])):
        assert list(carried_commitments(cycle.meeting, cycle.person(who))) == seen


def test_several_partnerships_bring_theirs_and_each_reads_its_own():
    cycle = make_cycle()
    other = TandemFactory(status="active")
    TandemMemberFactory(tandem=other, position=0)
    meeting = plan_for(cycle.tandem, scope="several")
    meeting.partnerships.set([cycle.tandem, other])
    mine, theirs = CommitmentFactory(tandem=cycle.tandem), CommitmentFactory(tandem=other)

    assert set(commitments_before(meeting)) == {mine, theirs}
    assert list(carried_commitments(meeting, cycle.person("contact"))) == [mine]


@pytest.mark.parametrize(("precision", "found"), [("day", 0), ("month", 1), ("unknown", 1)])
def test_without_a_time_of_day_the_day_of_the_meeting_counts(precision, found):
    cycle = make_cycle(starts_at=None, ends_at=None, precision=precision)
    noon = dt.datetime.combine(cycle.meeting.earliest, dt.time(12), tzinfo=dt.UTC)
    CommitmentFactory(tandem=cycle.tandem, made_at=noon)

    assert commitments_before(cycle.meeting).count() == found


@pytest.mark.django_db(transaction=True)
def test_two_people_add_items_at_once_and_both_have_a_place():
    cycle = make_cycle()
    one, two = cycle.person("contact"), cycle.person("partner")

    act_at_once(
        lambda: add_item(meeting=cycle.meeting, content=content("A"), by=one),
        lambda: add_item(meeting=cycle.meeting, content=content("B"), by=two),
    )

    assert order(cycle) == [(0, "A"), (1, "B")]


@pytest.mark.django_db(transaction=True)
def test_item_is_changed_before_it_is_removed_or_not_at_all():
    cycle = make_cycle()
    (row, *_others) = three(cycle)
    one, two = cycle.person("contact"), cycle.person("partner")
    same = AgendaItem.objects.select_related("meeting").get(pk=row.pk)

    _removed, changed = act_at_once(
        lambda: remove_item(item=row, by=one), lambda: change(same, two, minutes=9)
    )

    assert isinstance(changed, ValidationError)
    assert order(cycle) == [(1, "B"), (2, "C")]
