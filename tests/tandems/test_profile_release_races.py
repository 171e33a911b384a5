"""Two people who act at once on a profile that is on its way."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.models import StatusChange
from tandems.actions.release import (
    confirm_profile,
    release_version,
    return_profile,
    submit_profile,
)
from tandems.actions.restoring import restore_version
from tandems.content import fingerprint
from tandems.models import ProfileVersion
from tests.factories import TandemMemberFactory, make_user
from tests.races import act_at_once
from tests.tandems.release_cases import make_people

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(version):
    return ProfileVersion.objects.get(pk=version.pk).state


def test_of_two_releasers_one_releases_and_the_other_is_told():
    people = make_people("confirmed")
    version, seen = people.version, people.version.fingerprint

    first, second = act_at_once(
        lambda: release_version(profile=version, seen=seen, by=people.team),
        lambda: release_version(profile=version, seen=seen, by=people.bbsr),
    )

    assert first == version
    assert isinstance(second, ValidationError)
    assert second.code == "state"
    assert ProfileVersion.objects.get(pk=version.pk).released_by == people.team
    assert StatusChange.objects.filter(new="released").count() == 1


@pytest.mark.parametrize("release_first", [True, False])
def test_a_version_that_is_returned_is_not_released_and_the_other_way_round(release_first):
    people = make_people("confirmed")
    version, seen = people.version, people.version.fingerprint

    def release():
        return release_version(profile=version, seen=seen, by=people.bbsr)

    def take_back():
        return return_profile(
            profile=version, member=people.home, note="Doch nicht", by=people.contact
        )

    actions = [release, take_back] if release_first else [take_back, release]
    first, second = act_at_once(*actions)

    assert first == version
    assert isinstance(second, ValidationError)
    assert second.code == "state"
    assert state_of(version) == ("released" if release_first else "draft")
    assert version.confirmations.count() == (2 if release_first else 0)


@pytest.mark.parametrize("confirm_first", [True, False])
def test_a_word_that_comes_after_the_return_counts_for_nothing(confirm_first):
    people = make_people("submitted")
    version, seen = people.version, people.version.fingerprint

    def confirm():
        return confirm_profile(profile=version, member=people.partner, seen=seen, by=people.deputy)

    def take_back():
        return return_profile(
            profile=version, member=people.home, note="Doch nicht", by=people.contact
        )

    _first, second = act_at_once(*([confirm, take_back] if confirm_first else [take_back, confirm]))

    assert isinstance(second, ValidationError) is not confirm_first
    assert state_of(version) == "draft"
    assert version.confirmations.count() == 0


def test_the_last_two_words_at_once_confirm_the_version_once():
    people = make_people()
    third = TandemMemberFactory(tandem=people.tandem, position=9)
    person = make_user("contact", third.municipality)
    draft = people.version
    version = submit_profile(
        profile=draft, member=people.home, seen=fingerprint(draft), by=people.contact
    )
    seen = version.fingerprint

    outcomes = act_at_once(
        lambda: confirm_profile(
            profile=version, member=people.partner, seen=seen, by=people.deputy
        ),
        lambda: confirm_profile(profile=version, member=third, seen=seen, by=person),
    )

    assert outcomes == [version, version]
    assert state_of(version) == "confirmed"
    assert StatusChange.objects.filter(field="state", new="confirmed").count() == 1


def test_of_two_people_of_a_city_one_gives_its_word():
    people = make_people("submitted")
    version, seen = people.version, people.version.fingerprint
    other = make_user("contact", people.partner.municipality)

    _first, second = act_at_once(
        lambda: confirm_profile(
            profile=version, member=people.partner, seen=seen, by=people.deputy
        ),
        lambda: confirm_profile(profile=version, member=people.partner, seen=seen, by=other),
    )

    assert isinstance(second, ValidationError)
    assert second.code == "given"
    assert version.confirmations.count() == 2


def test_two_people_who_submit_at_once_submit_once():
    people = make_people()
    draft, seen = people.version, fingerprint(people.version)

    _first, second = act_at_once(
        lambda: submit_profile(profile=draft, member=people.home, seen=seen, by=people.contact),
        lambda: submit_profile(profile=draft, member=people.partner, seen=seen, by=people.deputy),
    )

    assert isinstance(second, ValidationError)
    assert state_of(draft) == "submitted"
    assert draft.confirmations.get().municipality == people.home.municipality


def test_two_people_who_restore_at_once_leave_one_draft():
    people = make_people("superseded", released_at=timezone.now())
    old = people.version

    first, second = act_at_once(
        lambda: restore_version(source=old, replaces=None, by=people.contact),
        lambda: restore_version(source=old, replaces=None, by=people.deputy),
    )

    assert isinstance(second, ValidationError)
    assert ProfileVersion.objects.filter(state="draft").get() == first
