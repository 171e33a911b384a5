from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from django.core.exceptions import ValidationError

from core.actions import change_status
from core.models import StatusChange, save_new
from tandems.actions import change_tandem_status, release_profile
from tandems.actions.writing import start_draft
from tandems.enums import PROFILE_TRANSITIONS, ProfileState, TandemStatus
from tandems.models import ProfileVersion, Tandem
from tests.factories import ProfileVersionFactory, TandemFactory, UserFactory, make_user
from tests.races import act_at_once

MOMENT = dt.datetime(2023, 12, 31, 22, 59, 59, tzinfo=dt.UTC)
EARLIER = dt.datetime(2022, 6, 1, 12, tzinfo=dt.UTC)

ALLOWED = [
    ("planned", "active"),
    ("active", "completed"),
    ("active", "continues"),
    ("active", "ended_early"),
    ("active", "undocumented"),
    ("completed", "continues"),
    ("continues", "completed"),
    ("ended_early", "active"),
    ("undocumented", "completed"),
    ("undocumented", "continues"),
    ("undocumented", "ended_early"),
]
REFUSED = [step for step in product(TandemStatus.values, repeat=2) if step not in ALLOWED]

PROFILE_ALLOWED = [
    ("draft", "submitted"),
    ("draft", "confirmed"),
    ("draft", "set_aside"),
    ("submitted", "draft"),
    ("submitted", "confirmed"),
    ("confirmed", "draft"),
    ("confirmed", "released"),
    ("released", "superseded"),
]
PROFILE_REFUSED = [
    step for step in product(ProfileState.values, repeat=2) if step not in PROFILE_ALLOWED
]


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_partnership_takes_a_step_and_writes_it_down_once(old, new, time_machine):
    time_machine.move_to(MOMENT, tick=False)
    person, tandem = UserFactory(), TandemFactory(status=old)

    changed = change_tandem_status(tandem=tandem, status=new, note="Sofia geht.", by=person)

    assert changed.status == Tandem.objects.get().status == new
    change = StatusChange.objects.get()
    assert (change.subject, change.field, change.old, change.new) == (tandem, "status", old, new)
    assert (change.changed_by, change.changed_at, change.note) == (person, MOMENT, "Sofia geht.")


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), REFUSED)
def test_partnership_refuses_every_other_step_and_writes_nothing(old, new):
    tandem = TandemFactory(status=old)

    with pytest.raises(ValidationError) as refusal:
        change_tandem_status(tandem=tandem, status=new, by=UserFactory())

    assert refusal.value.code == "transition"
    assert Tandem.objects.get().status == old
    assert list(StatusChange.objects.all()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), PROFILE_ALLOWED)
def test_profile_takes_a_step_of_its_table(old, new):
    profile = ProfileVersionFactory(state=old)

    change_status(profile, field="state", new=new, transitions=PROFILE_TRANSITIONS, by=None)

    assert ProfileVersion.objects.get().state == new
    assert list(StatusChange.objects.values_list("field", "old", "new")) == [("state", old, new)]


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), PROFILE_REFUSED)
def test_profile_refuses_every_other_step(old, new):
    profile = ProfileVersionFactory(state=old)

    with pytest.raises(ValidationError):
        change_status(profile, field="state", new=new, transitions=PROFILE_TRANSITIONS, by=None)

    assert ProfileVersion.objects.get().state == old
    assert list(StatusChange.objects.all()) == []


@pytest.mark.django_db
def test_first_release_says_who_and_when(time_machine):
    time_machine.move_to(MOMENT, tick=False)
    person = UserFactory()
    profile = ProfileVersionFactory(state="confirmed", released_at=None)

    released = release_profile(profile=profile, by=person)

    assert released == ProfileVersion.objects.get()
    for version in (released, ProfileVersion.objects.get()):
        assert (version.state, version.released_by, version.released_at) == (
            "released",
            person,
            MOMENT,
        )
    change = StatusChange.objects.get()
    assert (change.subject, change.field, change.old, change.new) == (
        profile,
        "state",
        "confirmed",
        "released",
    )
    assert (change.changed_by, change.changed_at) == (person, MOMENT)


@pytest.mark.django_db
def test_release_supersedes_the_version_that_stood_there(time_machine):
    time_machine.move_to(MOMENT, tick=False)
    first, second = UserFactory(), UserFactory()
    standing = ProfileVersionFactory(released_by=first, released_at=EARLIER)
    next_one = ProfileVersionFactory(
        tandem=standing.tandem, state="confirmed", released_at=None, summary__de="Neu"
    )

    release_profile(profile=next_one, by=second)

    assert list(
        ProfileVersion.objects.order_by("pk").values_list("state", "released_by", "released_at")
    ) == [("superseded", first.pk, EARLIER), ("released", second.pk, MOMENT)]
    assert list(
        StatusChange.objects.order_by("pk").values_list("object_id", "old", "new", "changed_by")
    ) == [
        (standing.pk, "released", "superseded", second.pk),
        (next_one.pk, "confirmed", "released", second.pk),
    ]


@pytest.mark.django_db
def test_release_leaves_other_partnerships_and_older_versions_alone():
    neighbour = ProfileVersionFactory()
    old = ProfileVersionFactory(state="superseded")
    aside = ProfileVersionFactory(tandem=old.tandem, state="set_aside", released_at=None)
    profile = ProfileVersionFactory(tandem=old.tandem, state="confirmed", released_at=None)

    release_profile(profile=profile, by=UserFactory())

    assert {version.pk: version.state for version in ProfileVersion.objects.all()} == {
        neighbour.pk: "released",
        old.pk: "superseded",
        aside.pk: "set_aside",
        profile.pk: "released",
    }
    assert StatusChange.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state for state in ProfileState.values if state != "confirmed"])
def test_release_of_an_unconfirmed_version_keeps_the_one_that_stands_there(state):
    profile = ProfileVersionFactory(state=state)
    standing = (
        ProfileVersionFactory(tandem=profile.tandem, released_at=EARLIER)
        if state != "released"
        else profile
    )

    with pytest.raises(ValidationError) as refusal:
        release_profile(profile=profile, by=UserFactory())

    assert refusal.value.code == "transition"
    assert ProfileVersion.objects.get(pk=profile.pk).state == state
    assert ProfileVersion.objects.get(state="released") == standing
    assert list(StatusChange.objects.all()) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_end_a_partnership_at_once_one_is_told_that_it_ended():
    tandem = TandemFactory(status="active")
    one, two = UserFactory(), UserFactory()

    first, second = act_at_once(
        lambda: change_tandem_status(tandem=tandem, status="ended_early", by=one),
        lambda: change_tandem_status(tandem=tandem, status="completed", by=two),
    )

    assert first == tandem
    assert isinstance(second, ValidationError)
    assert second.code == "transition"
    assert Tandem.objects.get().status == "ended_early"
    assert list(StatusChange.objects.values_list("old", "new", "changed_by")) == [
        ("active", "ended_early", one.pk)
    ]


@pytest.mark.django_db(transaction=True)
def test_a_draft_begun_while_a_version_is_released_follows_the_released_one():
    standing = ProfileVersionFactory(released_at=EARLIER)
    tandem = standing.tandem
    next_one = ProfileVersionFactory(state="confirmed", released_at=None, tandem=tandem)
    person, team = UserFactory(), make_user("coordinator")

    first, second = act_at_once(
        lambda: release_profile(profile=next_one, by=person),
        lambda: start_draft(tandem=tandem, by=team),
    )

    assert first == next_one
    assert second.based_on == next_one
    assert list(ProfileVersion.objects.order_by("pk").values_list("pk", "state")) == [
        (standing.pk, "superseded"),
        (next_one.pk, "released"),
        (second.pk, "draft"),
    ]


@pytest.mark.django_db
def test_of_two_versions_of_a_partnership_only_one_is_on_its_way():
    """Two different versions can therefore never be released at once."""
    one = ProfileVersionFactory(state="confirmed", released_at=None)

    with pytest.raises(ValidationError) as refusal:
        save_new(ProfileVersion(tandem=one.tandem, number=99, state="confirmed"))

    assert refusal.value.messages == [
        "An einer anderen Fassung dieses Profils wird bereits gearbeitet."
    ]


@pytest.mark.django_db(transaction=True)
def test_one_version_released_by_two_people_at_once_is_released_once():
    profile = ProfileVersionFactory(state="confirmed", released_at=None)
    one, two = UserFactory(), UserFactory()

    first, second = act_at_once(
        lambda: release_profile(profile=profile, by=one),
        lambda: release_profile(profile=profile, by=two),
    )

    assert first == profile
    assert isinstance(second, ValidationError)
    assert ProfileVersion.objects.get().released_by == one
    assert list(StatusChange.objects.values_list("new", "changed_by")) == [("released", one.pk)]
