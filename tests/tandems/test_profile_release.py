"""Profiles on their way: submitted, confirmed, commented, returned, released, restored."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from post_office.models import Email

from core.models import StatusChange
from tandems.actions.release import (
    comment_profile,
    confirm_profile,
    release_version,
    return_profile,
    set_aside_profile,
    submit_profile,
)
from tandems.actions.restoring import restore_version
from tandems.confirming import cities_missing, is_ready
from tandems.content import fingerprint, values_of
from tandems.models import ProfileText, ProfileVersion, Tandem, TandemMember, TandemNotice
from tandems.notices import sentence_of
from tests.factories import (
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemMemberFactory,
    make_pair,
    make_user,
)
from tests.tandems.release_cases import confirmed, make_people, submitted

pytestmark = pytest.mark.django_db
MOMENT = dt.datetime(2026, 3, 31, 22, 30, tzinfo=dt.UTC)  # 1 April in Berlin


def states():
    return list(ProfileVersion.objects.order_by("number").values_list("state", flat=True))


def history(version, field="state"):
    rows = StatusChange.objects.of(version).filter(field=field).order_by("pk")
    return list(rows.values_list("old", "new"))


def yesterday():
    return timezone.localdate() - dt.timedelta(days=1)


# --- submit ---------------------------------------------------------------------------------------


def test_submitting_seals_what_was_seen_and_counts_as_the_word_of_the_own_city():
    people = make_people()
    seen = fingerprint(people.version)

    sent = submit_profile(profile=people.version, member=people.home, seen=seen, by=people.contact)

    assert (sent.state, sent.fingerprint, sent.submitted_by) == ("submitted", seen, people.contact)
    (given,) = sent.confirmations.all()
    assert (given.municipality, given.given_by) == (people.home.municipality, people.contact)
    assert cities_missing(sent) == [people.partner.municipality]
    assert history(sent) == [("draft", "submitted")]
    assert history(sent, "confirmation") == [("", people.home.municipality.slug)]
    assert Tandem.objects.get(pk=people.tandem.pk).maintained_since


def test_a_city_that_is_alone_needs_nobody_else_s_word():
    people = make_people()
    TandemMember.objects.filter(pk=people.partner.pk).update(left_on=yesterday())

    sent = submitted(people)

    assert sent.state == "confirmed"
    assert history(sent) == [("draft", "confirmed")]


def test_what_the_team_submits_both_cities_confirm():
    people = make_people()
    draft = people.version

    sent = submit_profile(profile=draft, member=None, seen=fingerprint(draft), by=people.team)

    assert sent.state == "submitted"
    assert list(sent.confirmations.all()) == []
    assert cities_missing(sent) == [people.home.municipality, people.partner.municipality]


def test_what_was_changed_after_reading_is_not_submitted():
    people = make_people()
    seen = fingerprint(people.version)
    ProfileText.objects.filter(language="de").update(text="Anders")

    with pytest.raises(ValidationError) as refusal:
        submit_profile(profile=people.version, member=people.home, seen=seen, by=people.contact)

    assert refusal.value.code == "changed"
    assert states() == ["draft"]


def test_an_empty_draft_is_not_submitted():
    tandem = make_pair()
    member = tandem.members.first()
    draft = ProfileVersionFactory(tandem=tandem, state="draft", released_at=None, summary=False)
    person = make_user("contact", member.municipality)

    with pytest.raises(ValidationError, match="nichts zu bestätigen"):
        submit_profile(profile=draft, member=member, seen=fingerprint(draft), by=person)

    assert states() == ["draft"]


@pytest.mark.parametrize(
    "who", ["colleague", "left", "guest", "neighbour", "stranger", "observer", "reviewer"]
)
def test_only_contacts_deputies_and_the_team_submit(who):
    people = make_people()
    seen = fingerprint(people.version)

    for member in (people.home, people.partner, people.gone, None):
        with pytest.raises(PermissionDenied):
            submit_profile(
                profile=people.version, member=member, seen=seen, by=getattr(people, who)
            )

    assert states() == ["draft"]


def test_nobody_submits_for_the_other_city_or_without_naming_the_own_one():
    people = make_people()
    seen = fingerprint(people.version)
    foreign = TandemMemberFactory(municipality=people.home.municipality)

    for member in (people.partner, None, foreign):
        with pytest.raises(PermissionDenied):
            submit_profile(profile=people.version, member=member, seen=seen, by=people.contact)

    assert states() == ["draft"]


# --- confirm --------------------------------------------------------------------------------------


def test_the_last_missing_word_makes_the_version_confirmed():
    people = make_people("submitted")

    version = confirmed(people)

    assert version.state == "confirmed"
    assert is_ready(version)
    assert history(version)[-1] == ("submitted", "confirmed")
    assert history(version, "confirmation")[-1] == ("", people.partner.municipality.slug)


def test_of_three_cities_each_one_is_asked():
    people = make_people()
    third = TandemMemberFactory(tandem=people.tandem, position=9)
    people.version = submitted(people)

    version = confirmed(people)
    assert (version.state, cities_missing(version)) == ("submitted", [third.municipality])

    person = make_user("deputy", third.municipality)
    version = confirm_profile(profile=version, member=third, seen=version.fingerprint, by=person)
    assert (version.state, cities_missing(version)) == ("confirmed", [])


def test_a_city_confirms_once():
    people = make_people("submitted")

    with pytest.raises(ValidationError) as refusal:
        confirm_profile(
            profile=people.version,
            member=people.home,
            seen=people.version.fingerprint,
            by=people.contact,
        )

    assert refusal.value.code == "given"
    assert people.version.confirmations.count() == 1


def test_a_city_confirms_exactly_what_it_has_seen():
    people = make_people("submitted")

    with pytest.raises(ValidationError) as refusal:
        confirm_profile(
            profile=people.version, member=people.partner, seen="0" * 64, by=people.deputy
        )

    assert refusal.value.code == "changed"
    assert states() == ["submitted"]


def test_a_text_that_was_changed_past_the_actions_is_not_confirmed():
    people = make_people("submitted")
    ProfileText.objects.filter(language="de").update(text="Anders")

    for seen in (people.version.fingerprint, fingerprint(people.version)):
        with pytest.raises(ValidationError):
            confirm_profile(
                profile=people.version, member=people.partner, seen=seen, by=people.deputy
            )

    assert states() == ["submitted"]


@pytest.mark.parametrize(
    "who",
    ["contact", "colleague", "left", "guest", "neighbour", "stranger", "team", "bbsr", "observer"],
)
def test_nobody_else_gives_the_word_of_a_city(who):
    people = make_people("submitted")

    with pytest.raises(PermissionDenied):
        confirm_profile(
            profile=people.version,
            member=people.partner,
            seen=people.version.fingerprint,
            by=getattr(people, who),
        )

    assert people.version.confirmations.count() == 1


def test_a_city_that_has_left_is_not_waited_for():
    people = make_people("submitted")

    TandemMember.objects.filter(pk=people.partner.pk).update(left_on=yesterday())

    version = ProfileVersion.objects.get(pk=people.version.pk)
    assert is_ready(version)
    released = release_version(profile=version, seen=version.fingerprint, by=people.bbsr)
    assert released.state == "released"
    assert history(released) == [
        ("draft", "submitted"), ("submitted", "confirmed"), ("confirmed", "released"),
    ]  # fmt: skip


def test_a_city_that_joins_after_the_confirmation_is_asked_too():
    people = make_people("confirmed")
    joined = TandemMemberFactory(tandem=people.tandem, position=9)
    version = ProfileVersion.objects.get(pk=people.version.pk)

    with pytest.raises(ValidationError) as refusal:
        release_version(profile=version, seen=version.fingerprint, by=people.bbsr)
    assert refusal.value.code == "missing"
    assert str(joined.municipality) in refusal.value.messages[0]

    person = make_user("contact", joined.municipality)
    version = confirm_profile(profile=version, member=joined, seen=version.fingerprint, by=person)
    assert is_ready(version)
    assert (
        release_version(profile=version, seen=version.fingerprint, by=people.bbsr).state
        == "released"
    )


# --- who is told ----------------------------------------------------------------------------------


def told(event, **facts):
    """Return the addresses of those who are told of an event, at once or in their next digest."""
    words = sentence_of(event, facts)
    mails = {to for mail in Email.objects.all() if words in mail.message for to in mail.to}
    waiting = TandemNotice.objects.filter(event=event).values_list("user__email", flat=True)
    return mails | set(waiting)


def emails(people, *names):
    return {getattr(people, name).email for name in names}


def test_the_other_people_of_the_cities_are_told_that_a_version_was_submitted():
    people = make_people("submitted")

    city = str(people.home.municipality)
    assert told("profile_submitted", city=city) == emails(people, "colleague", "deputy")
    assert told("profile_ready") == set()


def test_the_team_is_told_what_waits_for_its_release_and_the_cities_are_not():
    people = make_people("confirmed")

    assert told("profile_ready") == emails(people, "team", "bbsr")
    city = str(people.partner.municipality)
    assert told("profile_confirmed", city=city) == emails(people, "contact", "colleague")


def test_cities_and_team_are_told_of_the_release_the_releaser_is_not():
    people = make_people("confirmed")

    release_version(profile=people.version, seen=people.version.fingerprint, by=people.bbsr)

    expected = emails(people, "contact", "deputy", "colleague", "team")
    assert told("profile_released") == expected


def test_what_the_team_submits_is_told_to_all_cities():
    people = make_people()
    draft = people.version

    submit_profile(profile=draft, member=None, seen=fingerprint(draft), by=people.team)

    expected = emails(people, "contact", "colleague", "deputy")
    assert told("profile_submitted", city="#vernetztinEuropa") == expected


# --- comment and return ---------------------------------------------------------------------------


def test_a_colleague_comments_and_a_double_click_leaves_one_comment():
    people = make_people("submitted")

    for _click in range(2):
        comment_profile(
            profile=people.version, member=people.home, text="Bitte kürzen.", by=people.colleague
        )

    (comment,) = people.version.comments.all()
    assert (comment.municipality, comment.written_by) == (
        people.home.municipality,
        people.colleague,
    )


@pytest.mark.parametrize("who", ["left", "guest", "neighbour", "stranger", "observer"])
def test_who_does_not_write_here_does_not_comment(who):
    people = make_people("submitted")

    for member in (people.home, people.gone, None):
        with pytest.raises(PermissionDenied):
            comment_profile(
                profile=people.version, member=member, text="Nein", by=getattr(people, who)
            )

    assert people.version.comments.count() == 0


def test_a_released_version_takes_no_comment():
    people = make_people("released", released_at=timezone.now())

    with pytest.raises(ValidationError, match="nicht mehr in Arbeit"):
        comment_profile(profile=people.version, member=None, text="Spät", by=people.team)


@pytest.mark.parametrize("state", ["submitted", "confirmed"])
def test_a_returned_version_is_a_draft_and_asks_everybody_again(state):
    people = make_people(state)

    draft = return_profile(
        profile=people.version, member=people.partner, note="Die Zahl fehlt.", by=people.deputy
    )

    assert (draft.state, draft.fingerprint, draft.submitted_at) == ("draft", "", None)
    assert draft.confirmations.count() == 0
    assert draft.comments.get().text == "Die Zahl fehlt."
    assert StatusChange.objects.of(draft).filter(new="draft").get().note == "Die Zahl fehlt."
    assert cities_missing(submitted(people)) == [people.partner.municipality]


@pytest.mark.parametrize("who", ["colleague", "left", "guest", "neighbour", "observer"])
def test_only_who_may_submit_returns(who):
    people = make_people("submitted")

    for member in (people.home, people.partner, None):
        with pytest.raises(PermissionDenied):
            return_profile(
                profile=people.version, member=member, note="Nein", by=getattr(people, who)
            )

    assert states() == ["submitted"]


@pytest.mark.parametrize("state", ["draft", "released", "superseded", "set_aside"])
def test_only_a_submitted_version_is_returned(state):
    people = make_people(state, released_at=timezone.now())

    with pytest.raises(ValidationError) as refusal:
        return_profile(profile=people.version, member=None, note="Nein", by=people.team)

    assert refusal.value.code == "state"
    assert states() == [state]


# --- release --------------------------------------------------------------------------------------


def test_the_release_says_how_things_stood_on_the_day_of_the_last_word(time_machine):
    time_machine.move_to(MOMENT, tick=False)
    people = make_people("confirmed")
    standing = ProfileVersionFactory(tandem=people.tandem)
    time_machine.move_to(MOMENT + dt.timedelta(days=9), tick=False)

    released = release_version(
        profile=people.version, seen=people.version.fingerprint, by=people.bbsr
    )

    assert (released.state, released.as_of) == ("released", dt.date(2026, 4, 1))
    assert released.released_by == people.bbsr
    standing.refresh_from_db()
    assert standing.state == "superseded"


@pytest.mark.parametrize("who", ["contact", "deputy", "colleague", "left", "neighbour", "observer"])
def test_only_the_team_and_bbsr_release(who):
    people = make_people("confirmed")

    with pytest.raises(PermissionDenied):
        release_version(
            profile=people.version, seen=people.version.fingerprint, by=getattr(people, who)
        )

    assert states() == ["confirmed"]


@pytest.mark.parametrize(
    ("state", "code"), [("draft", "state"), ("submitted", "missing"), ("superseded", "state")]
)
def test_what_is_not_confirmed_is_not_released(state, code):
    people = make_people(state, released_at=timezone.now())
    seen = fingerprint(people.version)

    with pytest.raises(ValidationError) as refusal:
        release_version(profile=people.version, seen=seen, by=people.bbsr)

    assert refusal.value.code == code
    assert states() == [state]


@pytest.mark.parametrize("seen", ["", "0" * 64])
def test_only_what_was_seen_is_released(seen):
    people = make_people("confirmed")

    with pytest.raises(ValidationError) as refusal:
        release_version(profile=people.version, seen=seen, by=people.bbsr)

    assert refusal.value.code == "changed"
    assert states() == ["confirmed"]


# --- set aside and restore ------------------------------------------------------------------------


def test_a_draft_is_set_aside_by_who_may_submit():
    people = make_people()

    with pytest.raises(PermissionDenied):
        set_aside_profile(profile=people.version, by=people.colleague)
    assert set_aside_profile(profile=people.version, by=people.deputy).state == "set_aside"


def test_a_submitted_version_is_not_set_aside():
    people = make_people("submitted")

    with pytest.raises(ValidationError):
        set_aside_profile(profile=people.version, by=people.contact)


def test_an_old_version_is_restored_with_everything_it_says():
    people = make_people("set_aside")
    ProfileEntryFactory(profile=people.version, texts={"it": "Un testo", "de": "Ein Text"})

    draft = restore_version(source=people.version, replaces=None, by=people.colleague)

    assert (draft.state, draft.number) == ("draft", people.version.number + 1)
    assert (draft.based_on, draft.started_by) == (people.version, people.colleague)
    assert values_of(draft) == values_of(people.version)
    assert history(draft) == [("", "draft")]


def test_restoring_sets_the_known_draft_aside_first():
    people = make_people("superseded", released_at=timezone.now())
    draft = ProfileVersionFactory(tandem=people.tandem, state="draft", released_at=None)

    with pytest.raises(PermissionDenied):
        restore_version(source=people.version, replaces=draft, by=people.colleague)
    restore_version(source=people.version, replaces=draft, by=people.contact)

    assert states() == ["superseded", "set_aside", "draft"]


def test_restoring_refuses_a_draft_that_nobody_has_told_of():
    people = make_people("superseded", released_at=timezone.now())
    ProfileVersionFactory(tandem=people.tandem, state="draft", released_at=None)

    with pytest.raises(ValidationError, match="ein anderer"):
        restore_version(source=people.version, replaces=None, by=people.contact)

    assert states() == ["superseded", "draft"]


def test_restoring_waits_for_a_version_that_waits_itself():
    people = make_people("submitted")
    old = ProfileVersionFactory(tandem=people.tandem, state="superseded")

    with pytest.raises(ValidationError, match="zuerst wieder zum Entwurf"):
        restore_version(source=old, replaces=people.version, by=people.contact)
    with pytest.raises(ValidationError, match="noch in Arbeit"):
        restore_version(source=people.version, replaces=None, by=people.contact)


@pytest.mark.parametrize("who", ["left", "guest", "neighbour", "stranger", "observer"])
def test_who_does_not_write_here_does_not_restore(who):
    people = make_people("superseded", released_at=timezone.now())

    with pytest.raises(PermissionDenied):
        restore_version(source=people.version, replaces=None, by=getattr(people, who))
