"""The learning log as rows: who writes, who reads, what is told and what stands in the history."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from core.models import StatusChange
from meetings.actions.learning import add_entry, change_entry, remove_entry
from meetings.models import Commitment, LearningEntry
from tandems.models import TandemNotice
from tests.cycle import LearningEntryFactory, make_cycle, plan_for
from tests.factories import TandemFactory, make_user
from tests.meetings.learning_cases import content, written
from tests.races import act_at_once

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
CIRCLES = ("city", "partnership", "network", "public")


def history(entry):
    rows = StatusChange.objects.of(entry).order_by("pk")
    return [(row.field, row.old, row.new) for row in rows]


def changed(entry, by, opened=None, due_on=None, **fields):
    marks = (opened or content_of(entry)).marks
    return change_entry(entry=entry, content=content(**fields), opened=marks, due_on=due_on, by=by)


def content_of(entry):
    return type(content()).of(LearningEntry.objects.get(pk=entry.pk))


def leave(cycle, city):
    member = cycle.tandem.members.get(municipality=city)
    member.left_on = timezone.localdate() - DAY
    member.save()


#: Who → the circles whose entries of Hamm the person reads.
READERS = {
    "contact": CIRCLES,
    "colleague": CIRCLES,
    "partner": CIRCLES[1:],
    "partner colleague": CIRCLES[1:],
    "neighbour": CIRCLES[2:],
    "coordinator": CIRCLES,
    "bbsr": CIRCLES,
    "reviewer": CIRCLES[3:],
    "observer": CIRCLES[3:],
    "nobody": CIRCLES[3:],
}


@pytest.mark.parametrize("who", READERS)
def test_each_circle_holds_those_before_it(who):
    cycle = make_cycle()
    for circle in CIRCLES:
        written(cycle, visibility=circle)

    rows = LearningEntry.objects.visible_to(cycle.person(who))

    assert set(rows.values_list("visibility", flat=True)) == set(READERS[who])
    assert rows.count() == len(READERS[who])


def test_visitors_read_what_is_public_in_a_partnership_that_is():
    cycle = make_cycle()
    for circle in CIRCLES:
        written(cycle, visibility=circle)
    LearningEntryFactory(tandem=TandemFactory(status="planned"), visibility="public")

    rows = LearningEntry.objects.visible_to(None)

    assert list(rows.values_list("visibility", flat=True)) == ["public"]


def test_city_that_has_left_reads_what_the_partnership_wrote_up_to_then():
    cycle = make_cycle()
    long_ago = timezone.now() - 30 * DAY
    for circle in CIRCLES:
        for written_at in (long_ago, timezone.now()):
            LearningEntryFactory(
                tandem=cycle.tandem,
                municipality=cycle.hamm,
                visibility=circle,
                written_at=written_at,
            )
    leave(cycle, cycle.arezzo)

    rows = LearningEntry.objects.visible_to(cycle.person("partner"))

    assert sorted((row.visibility, row.written_at == long_ago) for row in rows) == [
        ("network", True),
        ("partnership", True),
        ("public", False),
        ("public", True),
    ]


@pytest.mark.parametrize("who", ["contact", "deputy", "colleague", "coordinator", "bbsr"])
def test_own_city_and_team_write_change_and_remove(who):
    cycle = make_cycle()

    entry = written(cycle, who)
    changed(entry, cycle.person(who), learned="Die Stadtwerke betreiben sie.")

    entry.refresh_from_db()
    assert (entry.learned, entry.municipality) == ("Die Stadtwerke betreiben sie.", cycle.hamm)
    assert entry.written_by == cycle.people[who]
    remove_entry(entry=entry, by=cycle.person(who))
    assert not LearningEntry.objects.exists()


@pytest.mark.parametrize("who", ["partner", "partner colleague", "neighbour", "observer", "nobody"])
def test_nobody_writes_for_another_city(who):
    cycle = make_cycle()
    with pytest.raises(PermissionDenied):
        written(cycle, who)
    entry = written(cycle, visibility="public")

    with pytest.raises(PermissionDenied):
        changed(entry, cycle.person(who), learned="Anders")
    with pytest.raises(PermissionDenied):
        remove_entry(entry=entry, by=cycle.person(who))
    assert LearningEntry.objects.get().learned == content().learned


def test_city_that_has_left_writes_no_more():
    cycle = make_cycle()
    entry = written(cycle, "partner", cycle.arezzo)
    leave(cycle, cycle.arezzo)

    for act in (
        lambda: written(cycle, "partner", cycle.arezzo, learned="Neu"),
        lambda: changed(entry, cycle.person("partner"), learned="Anders"),
        lambda: remove_entry(entry=entry, by=cycle.person("partner")),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.parametrize(
    ("circle", "told"),
    [("city", False), ("partnership", True), ("network", True), ("public", True)],
)
def test_partnership_is_told_of_what_it_may_read(circle, told):
    cycle = make_cycle()

    written(cycle, "contact", visibility=circle)

    rows = TandemNotice.objects.filter(event="learning_added")
    names = ("deputy", "colleague", "partner", "partner deputy", "partner colleague")
    expected = {cycle.people[name].pk for name in names} if told else set()
    assert set(rows.values_list("user", flat=True)) == expected
    assert all(row.facts["city_de"] == "Hamm" for row in rows)


def test_entry_that_is_opened_later_is_told_then_and_once():
    cycle = make_cycle()
    entry = written(cycle, "contact", visibility="city")

    changed(entry, cycle.person("contact"), visibility="partnership")
    changed(entry, cycle.person("contact"), visibility="network")

    assert TandemNotice.objects.filter(event="learning_added").count() == 5
    assert history(entry) == [
        ("visibility", "", "city"),
        ("visibility", "city", "partnership"),
        ("visibility", "partnership", "network"),
    ]


def test_history_names_the_fields_and_never_the_text():
    cycle = make_cycle()
    entry = written(cycle)

    changed(entry, cycle.person("contact"), learned="Geheim", next_step="Auch geheim")

    row = StatusChange.objects.of(entry).get(field="text")
    assert row.new == "changed"
    assert "geheim" not in row.note.lower()
    assert len(row.note.split(", ")) == 2


def test_nothing_changed_is_nothing_written():
    cycle = make_cycle()
    entry = written(cycle)

    assert changed(entry, cycle.person("contact")).conflicts == {}
    assert history(entry) == [("visibility", "", "partnership")]


def test_two_editors_of_different_fields_both_count():
    cycle = make_cycle()
    entry = written(cycle)
    opened = content_of(entry)
    changed(entry, cycle.person("contact"), surprised="Der Preis")

    saved = changed(entry, cycle.person("deputy"), opened=opened, contradicts="Die Vergabe")

    assert saved.conflicts == {}
    entry.refresh_from_db()
    assert (entry.surprised, entry.contradicts) == ("Der Preis", "Die Vergabe")


def test_two_editors_of_one_field_meet_both_values_and_nothing_is_written():
    cycle = make_cycle()
    entry = written(cycle)
    opened = content_of(entry)
    changed(entry, cycle.person("contact"), learned="Eins")

    saved = changed(entry, cycle.person("deputy"), opened=opened, learned="Zwei", surprised="Drei")

    assert saved.conflicts == {"learned": "Eins"}
    entry.refresh_from_db()
    assert (entry.learned, entry.surprised) == ("Eins", "")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"happened_on": (timezone.localdate() + 2 * DAY).isoformat()}, "happened_on"),
        ({"kind": "party"}, "kind"),
        ({"visibility": "nobody"}, "visibility"),
        ({"learned": ""}, "learned"),
        ({"language": "xx"}, "language"),
    ],
)
def test_wrong_value_is_refused_at_its_field(wrong, field):
    cycle = make_cycle()

    with pytest.raises(ValidationError) as refusal:
        written(cycle, **wrong)

    assert field in refusal.value.error_dict
    assert not LearningEntry.objects.exists()


def test_meeting_of_another_partnership_is_refused_and_a_joint_one_is_not():
    cycle = make_cycle()
    foreign = plan_for(TandemFactory())
    with pytest.raises(ValidationError) as refusal:
        written(cycle, meeting=foreign.pk)
    assert set(refusal.value.error_dict) == {"meeting"}

    foreign.partnerships.add(cycle.tandem)

    assert written(cycle, meeting=foreign.pk).meeting == foreign


def test_next_step_becomes_a_commitment_of_the_city():
    cycle = make_cycle()
    member = cycle.tandem.members.get(municipality=cycle.hamm)
    due_on = timezone.localdate() + 30 * DAY

    entry = add_entry(
        member=member,
        content=content(next_step="Wir fragen die Stadtwerke.", meeting=cycle.meeting.pk),
        due_on=due_on,
        by=cycle.person("colleague"),
    )

    promise = Commitment.objects.get()
    assert entry.commitment == promise
    assert (promise.text, promise.due_on, promise.municipality, promise.meeting) == (
        "Wir fragen die Stadtwerke.",
        due_on,
        cycle.hamm,
        cycle.meeting,
    )


def test_commitment_belongs_to_the_meeting_also_where_another_partnership_leads_it():
    cycle = make_cycle()
    joint = plan_for(TandemFactory(status="active"), scope="several")
    joint.partnerships.set([joint.tandem, cycle.tandem])
    member = cycle.tandem.members.get(municipality=cycle.hamm)

    def add(number):
        words = {"next_step": f"Schritt {number}", "learned": f"Erkenntnis {number}"}
        return add_entry(
            member=member,
            content=content(meeting=joint.pk, **words),
            due_on=timezone.localdate() + 30 * DAY,
            by=cycle.person("colleague"),
        )

    assert [add(number).commitment.meeting for number in range(5)] == [joint] * 5
    with pytest.raises(ValidationError) as refusal:
        add(5)

    assert set(refusal.value.error_dict) == {"meeting"}
    assert LearningEntry.objects.count() == 5


def test_commitment_that_cannot_be_made_leaves_no_entry():
    cycle = make_cycle()
    member = cycle.tandem.members.get(municipality=cycle.hamm)
    for wrong, field in (
        ({"next_step": "Fragen", "due": -DAY}, "due_on"),
        ({"next_step": "", "due": DAY}, "next_step"),
    ):
        with pytest.raises(ValidationError) as refusal:
            add_entry(
                member=member,
                content=content(next_step=wrong["next_step"]),
                due_on=timezone.localdate() + wrong["due"],
                by=cycle.person("contact"),
            )
        assert set(refusal.value.error_dict) == {field}
    assert not LearningEntry.objects.exists()


def test_later_commitment_is_linked_once_and_a_known_one_is_taken_up():
    cycle = make_cycle()
    due_on = timezone.localdate() + 30 * DAY
    by = cycle.person("contact")
    first, second = (
        written(cycle, next_step="Fragen"),
        written(cycle, next_step="Fragen", kind="visit"),
    )

    changed(first, by, next_step="Fragen", due_on=due_on)
    changed(first, by, next_step="Fragen", due_on=due_on + DAY)
    changed(second, by, next_step="Fragen", kind="visit", due_on=due_on)

    promise = Commitment.objects.get()
    for entry in (first, second):
        entry.refresh_from_db()
        assert entry.commitment == promise


def test_second_press_writes_no_second_entry():
    cycle = make_cycle()
    written(cycle)

    with pytest.raises(ValidationError) as refusal:
        written(cycle)

    assert refusal.value.code == "known"
    assert LearningEntry.objects.count() == 1


def test_removed_entry_leaves_a_row_and_its_commitment():
    cycle = make_cycle()
    entry = written(cycle, next_step="Fragen")
    changed(entry, cycle.person("contact"), next_step="Fragen", due_on=timezone.localdate() + DAY)
    key = entry.pk

    remove_entry(entry=entry, by=cycle.person("contact"))
    entry.pk = key

    assert history(entry)[-1] == ("text", "present", "removed")
    assert Commitment.objects.count() == 1
    for act in (
        lambda: remove_entry(entry=entry, by=cycle.person("contact")),
        lambda: change_entry(entry=entry, content=content(), opened={}, by=cycle.person("contact")),
    ):
        with pytest.raises(ValidationError) as refusal:
            act()
        assert refusal.value.code == "gone"


def test_entry_of_somebody_whose_account_was_erased_can_be_changed():
    cycle = make_cycle()
    entry = written(cycle)
    LearningEntry.objects.filter(pk=entry.pk).update(written_by=None)

    changed(entry, cycle.person("contact"), learned="Anders")

    entry.refresh_from_db()
    assert (entry.learned, entry.written_by) == ("Anders", None)


@pytest.mark.django_db(transaction=True)
def test_two_presses_of_the_button_write_one_entry():
    cycle = make_cycle()

    results = act_at_once(lambda: written(cycle), lambda: written(cycle))

    assert [type(result) for result in results] == [LearningEntry, ValidationError]


@pytest.mark.django_db(transaction=True)
def test_entry_is_changed_before_its_removal_or_not_at_all():
    cycle = make_cycle()
    entry = written(cycle)
    one, other = cycle.person("contact"), make_user("colleague", cycle.hamm)
    opened = content_of(entry)

    removed, refused = act_at_once(
        lambda: remove_entry(entry=LearningEntry.objects.get(pk=entry.pk), by=one),
        lambda: changed(entry, other, opened=opened, learned="Anders"),
    )

    assert removed is None
    assert isinstance(refused, ValidationError)
    assert refused.code == "gone"
