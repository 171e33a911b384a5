"""What writes the topics of a partnership: rights, refusals, two at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tandems.actions.topics import (
    SavedTopic,
    TopicContent,
    add_topic,
    change_topic,
    end_topic,
    resume_topic,
)
from tandems.models import Tandem, TandemTopic
from tests.factories import MunicipalityFactory, TandemMemberFactory, TopicFactory, make_user
from tests.races import act_at_once
from tests.tandems.topic_cases import DAY, content, history, leave, make_case

pytestmark = pytest.mark.django_db


def fresh(topic):
    return TandemTopic.objects.get(pk=topic.pk)


def change(row, by, opened=None, **fields):
    stored = TopicContent.of(row)
    new = TopicContent(**{name: getattr(stored, name) for name in stored.marks} | fields)
    return change_topic(topic=row, content=new, opened=opened or stored.marks, by=by)


@pytest.mark.parametrize("role", ["contact", "deputy", "partner", "coordinator", "bbsr"])
def test_contact_deputy_and_team_add_a_topic_behind_the_others(role):
    case = make_case()
    by = make_user(role) if role in {"coordinator", "bbsr"} else getattr(case, role)

    row = add_topic(tandem=case.tandem, content=content(), by=by)

    assert row.position == case.topic.position + 1
    assert (row.focus_de, row.focus_en) == ("Offene Daten", "Open data")
    assert history(row) == [("state", "", "added", "")]
    assert Tandem.objects.get(pk=case.tandem.pk).maintained_since is not None


@pytest.mark.parametrize("who", ["colleague", "neighbour", "guest", "left", "observer", "nobody"])
@pytest.mark.parametrize("act", ["add", "change", "end", "resume"])
def test_nobody_else_writes_a_topic(who, act):
    case = make_case()
    if who == "left":
        leave(case.theirs)
    by = {"left": case.partner, "observer": make_user("observer"), "nobody": make_user()}.get(
        who
    ) or getattr(case, who)
    acts = {
        "add": lambda: add_topic(tandem=case.tandem, content=content(), by=by),
        "change": lambda: change(case.topic, by, focus_de="Anders"),
        "end": lambda: end_topic(topic=case.topic, ended_on=timezone.localdate(), by=by),
        "resume": lambda: resume_topic(topic=case.topic, by=by),
    }

    with pytest.raises(PermissionDenied):
        acts[act]()

    assert history(case.topic) == []


def test_first_topic_stands_first():
    case = make_case()
    case.topic.delete()

    assert add_topic(tandem=case.tandem, content=content(), by=case.contact).position == 0


def test_giver_may_come_from_outside_but_who_seeks_belongs_to_the_partnership():
    case = make_case()
    ours = case.ours.municipality_id
    outside = case.outside.pk

    row = add_topic(
        tandem=case.tandem, content=content(direction=(False, outside, ours)), by=case.contact
    )

    assert (row.giver_id, row.seeker_id) == (outside, ours)
    with pytest.raises(ValidationError) as refusal:
        add_topic(
            tandem=case.tandem, content=content(direction=(False, ours, outside)), by=case.contact
        )
    assert set(refusal.value.error_dict) == {"seeker"}


def test_docked_guest_may_seek():
    """Krefeld followed the test of Utrecht and München."""
    case = make_case()
    TandemMemberFactory(tandem=case.tandem, municipality=case.outside, role="guest")
    direction = (False, case.ours.municipality_id, case.outside.pk)

    row = add_topic(tandem=case.tandem, content=content(direction=direction), by=case.contact)

    assert row.seeker == case.outside


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": None, "focus_de": "", "focus_en": ""},
        {"focus_de": "x" * 201},
        {"stage": "guessed"},
        {"sources": ["javascript:alert(1)"]},
        {"sources": "https://example.org"},
        {"topic": 999_999},
        {"direction": (True, 1, 2)},
        {"direction": (False, 999_999, None)},
    ],
)
def test_what_a_topic_must_not_be_is_refused_in_words(wrong):
    case = make_case()

    with pytest.raises(ValidationError):
        add_topic(tandem=case.tandem, content=content(**wrong), by=case.contact)
    with pytest.raises(ValidationError):
        change(case.topic, case.contact, **wrong)
    assert case.tandem.topics.count() == 1
    assert history(case.topic) == []


def test_same_topic_is_added_once_while_it_goes_on():
    case = make_case()
    row = add_topic(tandem=case.tandem, content=content(), by=case.contact)

    with pytest.raises(ValidationError):
        add_topic(tandem=case.tandem, content=content(), by=case.partner)
    end_topic(topic=row, ended_on=timezone.localdate(), by=case.contact)
    add_topic(tandem=case.tandem, content=content(), by=case.contact)

    assert case.tandem.topics.count() == 3


def test_change_writes_what_changed_from_what_to_what():
    case = make_case()
    field = TopicFactory(name_de="Bildung", name_en="Education")

    saved = change(
        case.topic, case.contact, topic=field.pk, direction=(True, None, None), stage="mutual"
    )

    assert saved.conflicts == {}
    row = fresh(case.topic)
    assert (row.topic, row.is_mutual, row.stage) == (field, True, "mutual")
    ((name, old, new, note),) = history(case.topic)
    assert (name, old, new) == ("state", "", "changed")
    assert "Bildung" in note
    assert "beide geben und suchen" in note
    assert "gegenseitiger Austausch" in note


def test_nothing_changed_is_nothing_written():
    case = make_case()

    assert change(case.topic, case.contact).conflicts == {}
    assert history(case.topic) == []


def test_seeker_of_a_loaded_fact_stays_though_it_is_no_member():
    case = make_case()
    case.topic.giver, case.topic.seeker = case.ours.municipality, MunicipalityFactory()
    case.topic.save()

    change(case.topic, case.contact, focus_de="Anders")

    assert fresh(case.topic).focus_de == "Anders"


def test_two_editors_of_different_fields_both_count():
    case = make_case()
    opened = TopicContent.of(case.topic).marks
    change(case.topic, case.contact, stage="learning")

    saved = change(fresh(case.topic), case.partner, opened=opened, focus_de="Anders")

    assert saved.conflicts == {}
    assert (saved.topic.stage, saved.topic.focus_de) == ("learning", "Anders")


def test_two_editors_of_one_field_meet_both_values_and_nothing_is_written():
    case = make_case()
    opened = TopicContent.of(case.topic).marks
    change(case.topic, case.contact, focus_de="Bibliothek")

    mine = content(focus_de="Markthalle", focus_en="Market hall", topic=case.topic.topic_id)
    saved = change_topic(topic=case.topic, content=mine, opened=opened, by=case.partner)

    assert saved.conflicts == {"focus_de": "Bibliothek"}
    row = fresh(case.topic)
    assert (row.focus_de, row.focus_en) == ("Bibliothek", "Council hall")


def test_nobodys_giver_ends_up_beside_somebody_elses_seeker():
    case = make_case()
    ours, theirs = case.ours.municipality_id, case.theirs.municipality_id
    opened = TopicContent.of(case.topic).marks
    change(case.topic, case.contact, direction=(False, ours, theirs))

    saved = change(case.topic, case.partner, opened=opened, direction=(False, theirs, ours))

    assert set(saved.conflicts) == {"direction"}
    assert fresh(case.topic).giver_id == ours


def test_topic_ends_on_a_day_that_was_and_can_be_taken_up_again():
    case = make_case()
    today = timezone.localdate()
    with pytest.raises(ValidationError) as refusal:
        end_topic(topic=case.topic, ended_on=today + DAY, by=case.contact)
    assert set(refusal.value.error_dict) == {"ended_on"}

    end_topic(topic=case.topic, ended_on=dt.date(2024, 3, 31), by=case.contact)
    with pytest.raises(ValidationError):
        end_topic(topic=case.topic, ended_on=today, by=case.partner)
    assert fresh(case.topic).ended_on == dt.date(2024, 3, 31)
    resume_topic(topic=case.topic, by=case.partner)
    with pytest.raises(ValidationError):
        resume_topic(topic=case.topic, by=case.contact)

    assert fresh(case.topic).ended_on is None
    assert history(case.topic) == [
        ("state", "", "ended", "31. März 2024"),
        ("state", "", "resumed", "31. März 2024"),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_presses_of_the_button_add_one_topic():
    case = make_case()

    results = act_at_once(
        lambda: add_topic(tandem=case.tandem, content=content(), by=case.contact),
        lambda: add_topic(tandem=case.tandem, content=content(), by=case.contact),
    )

    assert [type(result) for result in results] == [TandemTopic, ValidationError]


@pytest.mark.django_db(transaction=True)
def test_two_cities_add_topics_at_once_and_both_have_a_place():
    case = make_case()

    act_at_once(
        lambda: add_topic(tandem=case.tandem, content=content(), by=case.contact),
        lambda: add_topic(tandem=case.tandem, content=content(focus_de="B"), by=case.partner),
    )

    places = list(case.tandem.topics.order_by("position").values_list("position", flat=True))
    first = case.topic.position
    assert places == [first, first + 1, first + 2]


@pytest.mark.django_db(transaction=True)
def test_two_editors_at_once_do_not_overwrite_each_other():
    case = make_case()

    results = act_at_once(
        lambda: change(case.topic, case.contact, focus_de="Bibliothek"),
        lambda: change(case.topic, case.partner, focus_de="Markthalle"),
    )

    assert all(isinstance(result, SavedTopic) for result in results)
    assert [result.conflicts for result in results] == [{}, {"focus_de": "Bibliothek"}]
