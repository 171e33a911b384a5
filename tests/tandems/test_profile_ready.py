"""A version of a profile that is ready because a city has left, and one that is not any more."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from post_office.models import Email

from core.models import StatusChange
from tandems.actions.membership import join_partnership
from tandems.actions.readiness import tell_of_ready_profiles
from tandems.actions.release import return_profile, tell_if_ready
from tandems.confirming import cities_missing
from tandems.content import copy_content, fingerprint
from tandems.differences import differences
from tandems.models import ProfileText, ProfileVersion
from tests.factories import MunicipalityFactory, ProfileEntryFactory, ProfileVersionFactory
from tests.tandems.release_cases import make_people

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def has_left(member):
    type(member).objects.filter(pk=member.pk).update(left_on=timezone.localdate() - DAY)


def told():
    """Return who was told that a version waits for its release, and forget it."""
    mails = [mail for mail in Email.objects.order_by("pk") if "Freigabe" in mail.message]
    addresses = sorted(address for mail in mails for address in mail.to)
    Email.objects.all().delete()
    return addresses


def emails(*people):
    return sorted(person.email for person in people)


def state_of(version):
    return ProfileVersion.objects.get(pk=version.pk).state


def joined(people):
    """Let a third city join, after the others have confirmed."""
    return join_partnership(
        tandem=people.tandem,
        municipality=MunicipalityFactory(),
        joined_on=timezone.localdate() - 2 * DAY,
        by=people.team,
    )


def test_the_team_is_told_once_when_the_city_whose_word_was_missing_has_left():
    people = make_people("submitted")
    told()
    has_left(people.partner)

    assert tell_if_ready(tandem=people.tandem, by=people.team)

    assert told() == emails(people.bbsr)
    assert state_of(people.version) == "confirmed"
    change = StatusChange.objects.of(people.version).first()
    assert (change.old, change.new, change.changed_by) == ("submitted", "confirmed", people.team)
    assert not tell_if_ready(tandem=people.tandem, by=people.team)
    assert told() == []


@pytest.mark.parametrize("state", ["draft", "submitted", "confirmed", "released", "set_aside"])
def test_nobody_is_told_of_what_still_waits_or_was_told_already(state):
    people = make_people(state, released_at=timezone.now())
    told()
    if state == "confirmed":
        # Its word is there: nothing waited for it.
        has_left(people.partner)

    assert not tell_if_ready(tandem=people.tandem, by=people.team)

    assert told() == []
    assert state_of(people.version) == state


def test_the_team_is_told_again_when_a_city_that_joined_late_leaves_without_its_word():
    people = make_people("confirmed")
    third = joined(people)
    told()
    assert not tell_if_ready(tandem=people.tandem, by=people.team)
    has_left(third)

    assert tell_if_ready(tandem=people.tandem, by=people.bbsr)

    assert told() == emails(people.team)
    assert state_of(people.version) == "confirmed"


def test_a_last_day_that_has_passed_makes_a_version_ready_overnight():
    people = make_people("submitted")
    people.partner.left_on = timezone.localdate()
    people.partner.save()
    told()
    assert tell_of_ready_profiles() == 0
    has_left(people.partner)

    assert [tell_of_ready_profiles() for _run in range(2)] == [1, 0]

    assert told() == emails(people.team, people.bbsr)
    assert StatusChange.objects.of(people.version).first().changed_by is None


def test_ready_versions_are_those_of_which_no_word_is_missing():
    confirmed, waiting, left = (make_people(state) for state in ("confirmed", *["submitted"] * 2))
    late = make_people("confirmed")
    third = joined(late)
    has_left(left.partner)
    make_people()

    found = list(ProfileVersion.objects.awaiting_release())

    assert found == [confirmed.version, left.version]
    for people in (confirmed, waiting, left, late):
        version = ProfileVersion.objects.get(pk=people.version.pk)
        assert (version in found) == (not cities_missing(version))
    assert cities_missing(late.version) == [third.municipality]


def test_number_of_queries_for_ready_versions_does_not_grow(django_assert_num_queries):
    for _number in range(3):
        make_people("confirmed")

    with django_assert_num_queries(1):
        assert len(ProfileVersion.objects.awaiting_release()) == 3


def test_a_returned_version_is_not_ready():
    people = make_people("submitted")
    return_profile(profile=people.version, member=None, note="Zahl fehlt", by=people.team)
    has_left(people.partner)

    assert not tell_if_ready(tandem=people.tandem, by=people.team)


# --- what a fingerprint seals ---------------------------------------------------------------------


def test_the_fingerprint_covers_the_sources_of_the_version():
    version = ProfileVersionFactory(sources=["https://a.example/"])
    before = fingerprint(version)

    version.sources = ["https://b.example/"]

    assert fingerprint(version) != before


def test_the_fingerprint_covers_the_day_since_when_a_text_is_out_of_date():
    version = ProfileVersionFactory()
    entry = ProfileEntryFactory(profile=version, texts={"de": "Text", "en": "Text"})
    moment = timezone.now()
    seals = []
    for since in (moment - 9 * DAY, moment):
        texts = ProfileText.objects.filter(entry=entry, language="en")
        texts.update(state="translated", outdated_since=since)
        seals.append(fingerprint(version))

    assert seals[0] != seals[1]
    for zone in ("Europe/Sofia", "America/Lima"):
        with timezone.override(zone):
            assert fingerprint(version) == seals[1]


def test_a_copy_has_the_fingerprint_of_its_source():
    version = ProfileVersionFactory(sources=["https://a.example/"])
    entry = ProfileEntryFactory(profile=version, texts={"de": "Text", "en": "Text"})
    texts = ProfileText.objects.filter(entry=entry, language="en")
    texts.update(state="translated", outdated_since=timezone.now())
    copy = ProfileVersionFactory(
        tandem=version.tandem,
        number=version.number + 1,
        state="draft",
        released_at=None,
        sources=version.sources,
    )

    copy.entries.all().delete()

    copy_content(version, copy)

    assert fingerprint(copy) == fingerprint(version)


def test_other_sources_of_the_version_are_a_difference():
    old = ProfileVersionFactory(sources=["https://a.example/"])
    new = ProfileVersionFactory(sources=["https://b.example/"])
    for version in (old, new):
        version.entries.all().delete()

    (found,) = differences(old, new)

    assert found.facts == [("Quellen", "https://a.example/", "https://b.example/")]
    (fresh,) = differences(None, new)
    assert (fresh.heading, fresh.kind) == ("Quellen", "neu")
