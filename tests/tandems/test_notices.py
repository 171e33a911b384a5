"""Who is told at once that something happened in a partnership, in which words, and who is not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from post_office.models import Email

from accounts.enums import Notification
from accounts.models import RoleAssignment, User
from tandems.actions.notices import tell_people
from tandems.models import Document, TandemMember, TandemNotice
from tandems.notices import EVENTS, notices_of, sentence_of, stored_facts, stored_path
from tests.factories import (
    MunicipalityFactory,
    TandemMemberFactory,
    make_pair,
    make_user,
)
from tests.workspace import DocumentFactory

pytestmark = pytest.mark.django_db
#: One value for each fact that a sentence may hold.
FACTS = {
    "day": "2026-12-31",
    "status": "completed",
    "topic": "Open data",
    "meeting": "Kick-off",
    "title": "Guide",
    "text": "We send the guide.",
}


def city_of(pair, position=0):
    return pair.members.order_by("position")[position].municipality


def tell(pair, event="profile_released", **details):
    wanted = {"kind": Notification.TANDEM_PROFILE, "path": "/de/tandems/x/", "by": None, **details}
    return tell_people(tandem=pair, event=event, **wanted)


def told():
    """Return the addresses of those who got a mail or wait for one."""
    mails = {address for mail in Email.objects.all() for address in mail.to}
    return mails | set(TandemNotice.objects.values_list("user__email", flat=True))


def test_who_acts_for_a_current_member_is_told():
    pair = make_pair()
    people = [
        make_user("contact", city_of(pair)),
        make_user("deputy", city_of(pair)),
        make_user("colleague", city_of(pair, 1)),
    ]

    number = tell(pair)

    assert number == 3
    assert told() == {person.email for person in people}


def test_nobody_else_is_told():
    pair = make_pair()
    guest, gone = MunicipalityFactory(), MunicipalityFactory()
    TandemMemberFactory(tandem=pair, municipality=guest, role="guest", position=2)
    left_on = timezone.localdate() - dt.timedelta(days=1)
    TandemMemberFactory(tandem=pair, municipality=gone, left_on=left_on, position=3)
    for place in (guest, gone, MunicipalityFactory(), city_of(make_pair())):
        make_user("contact", place)
    for role in ("reviewer", "observer", "coordinator", "bbsr", None):
        make_user(role)
    blocked, past = make_user("contact", city_of(pair)), make_user("deputy", city_of(pair))
    User.objects.filter(pk=blocked.pk).update(is_active=False)
    RoleAssignment.objects.filter(user=past).update(until=left_on)

    assert tell(pair) == 0
    assert told() == set()


def test_city_is_still_told_on_its_last_day():
    pair = make_pair()
    user = make_user("contact", city_of(pair))
    TandemMember.objects.filter(tandem=pair).update(left_on=timezone.localdate())

    tell(pair)

    assert told() == {user.email}


def test_who_did_it_is_not_told():
    pair = make_pair()
    doer, other = make_user("contact", city_of(pair)), make_user("deputy", city_of(pair))

    tell(pair, by=doer)

    assert told() == {other.email}


@pytest.mark.parametrize("cities", [True, False])
@pytest.mark.parametrize("team", [True, False])
def test_cities_and_team_are_told_as_asked(cities, team):
    pair = make_pair()
    officer = make_user("contact", city_of(pair))
    staff = [make_user("coordinator"), make_user("bbsr")]
    make_user("observer")

    tell(pair, cities=cities, team=team)

    expected = {officer.email} if cities else set()
    assert told() == expected | ({person.email for person in staff} if team else set())


def test_person_with_two_roles_is_told_once():
    pair = make_pair()
    user = make_user("contact", city_of(pair))
    RoleAssignment.objects.create(
        user=user, role="colleague", municipality=city_of(pair, 1), since=dt.date(2022, 6, 1)
    )

    assert tell(pair) == 1
    assert Email.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "paces", "muted", "mails", "waiting"),
    [
        (Notification.TANDEM_PROFILE, {}, [], 1, 0),
        (Notification.TANDEM_DOCUMENTS, {}, [], 0, 1),
        (Notification.TANDEM_DOCUMENTS, {"tandem_documents": "now"}, [], 1, 0),
        (Notification.TANDEM_PROFILE, {"tandem_profile": "weekly"}, [], 0, 1),
        (Notification.TANDEM_PROFILE, {"tandem_profile": "never"}, [], 0, 0),
        (Notification.TANDEM_PROFILE, {"tandem_profile": "now"}, ["tandem_profile"], 0, 0),
        (Notification.TANDEM_PROFILE, {"tandem_topics": "never"}, ["tandem_topics"], 1, 0),
        (Notification.TANDEM_PROFILE, {"tandem_profile": "sometimes"}, [], 1, 0),
    ],
)
def test_choice_decides_how_soon(kind, paces, muted, mails, waiting):
    pair = make_pair()
    user = make_user("contact", city_of(pair))
    User.objects.filter(pk=user.pk).update(paces=paces, muted=muted)

    number = tell(pair, kind=kind)

    assert (Email.objects.count(), TandemNotice.objects.count()) == (mails, waiting)
    assert number == mails + waiting


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
@pytest.mark.parametrize(
    ("event", "paces", "mails"),
    [
        ("profile_ready", {}, 1),
        ("profile_released", {}, 0),
        ("profile_ready", {"tandem_profile": "daily"}, 0),
        ("profile_released", {"tandem_profile": "now"}, 1),
    ],
)
def test_team_hears_weekly_and_at_once_of_what_waits_for_it(role, event, paces, mails):
    user = make_user(role)
    User.objects.filter(pk=user.pk).update(paces=paces)

    tell(make_pair(), event, team=True, cities=False)

    assert (Email.objects.count(), TandemNotice.objects.count()) == (mails, 1 - mails)


def test_mail_speaks_the_language_of_its_recipient_and_can_be_ended():
    pair = make_pair(name_de="Krefeld – Sofia (de)", name_en="Krefeld – Sofia (en)")
    city = MunicipalityFactory(name_de="Mülhausen", name_en="Mulhouse")
    path = reverse("workspace:profile", args=[pair.slug])
    for language in ("de", "en"):
        user = make_user("contact" if language == "de" else "deputy", city_of(pair))
        User.objects.filter(pk=user.pk).update(language=language, name="Ana")

    tell(pair, "profile_confirmed", city=city, path=path)

    german, english = Email.objects.order_by("pk")
    assert english.subject == "Krefeld – Sofia (en): News about the profile"
    assert english.message.startswith("Hello Ana,")
    assert "Mulhouse has confirmed the profile." in english.message
    assert f"/en/tandems/{pair.slug}/workspace/profile/" in english.message
    assert "http://localhost:8000/en/accounts/notices/" in english.message
    assert german.subject.startswith("Krefeld – Sofia (de): ")
    assert german.message.startswith("Guten Tag Ana,")
    assert "Mülhausen" in german.message
    assert f"/de/tandems/{pair.slug}/workspace/profile/" in german.message
    for mail in (german, english):
        link = mail.headers["List-Unsubscribe"][1:-1]
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert link.startswith("http://localhost:8000/")
        assert link in mail.message


def test_link_of_the_mail_ends_its_kind_alone(client):
    pair = make_pair()
    user = make_user("contact", city_of(pair))
    tell(pair)
    link = Email.objects.get().headers["List-Unsubscribe"][1:-1]
    path = link.removeprefix("http://localhost:8000")

    assert client.get(path).status_code == 200
    user.refresh_from_db()
    assert user.muted == []
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200

    user.refresh_from_db()
    assert user.muted == ["tandem_profile"]
    assert tell(pair) == 0
    assert tell(pair, kind=Notification.TANDEM_MEMBERSHIP) == 1


@pytest.mark.parametrize(
    ("visibility", "owner", "readers"),
    [
        ("partnership", 0, ["first", "second", "team"]),
        ("public", 0, ["first", "second", "team"]),
        ("team", 0, ["first", "team"]),
        ("team", 1, ["second", "team"]),
    ],
)
def test_of_a_document_only_its_readers_are_told(visibility, owner, readers):
    pair = make_pair()
    people = {
        "first": make_user("contact", city_of(pair)),
        "second": make_user("contact", city_of(pair, 1)),
        "team": make_user("coordinator"),
    }
    document = DocumentFactory(
        tandem=pair, municipality=city_of(pair, owner), visibility=visibility
    )

    tell(
        pair,
        "document_added",
        kind=Notification.TANDEM_DOCUMENTS,
        facts={"title": "Guide"},
        document=document,
        team=True,
    )

    assert told() == {people[name].email for name in readers}


def test_of_a_removed_document_nobody_is_told():
    pair = make_pair()
    make_user("contact", city_of(pair))
    document = DocumentFactory(tandem=pair, removed_at=timezone.now())

    facts = {"title": "Guide"}
    assert tell(pair, "document_added", facts=facts, document=document, team=True) == 0


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_event_has_its_sentence(event, language):
    facts = stored_facts(FACTS, MunicipalityFactory(name_de="Köln", name_en="Cologne"))

    with translation.override(language):
        sentence = sentence_of(event, facts)

    assert "%" not in sentence
    assert ("%(city)s" in str(EVENTS[event])) == (
        ("Köln" if language == "de" else "Cologne") in sentence
    )


@pytest.mark.parametrize(
    ("event", "facts", "words"),
    [
        ("member_left", {"day": "2026-12-31"}, "Its last day is 31 December 2026."),
        ("member_left", {"day": "end of 2026"}, "Its last day is end of 2026."),
        ("partnership_ended", {"status": "ended_early"}, "new status: ended early."),
        ("commitment_made", {"text": "100 % in\n time"}, "“100 % in time”"),
        ("topic_added", {"topic": "x" * 500}, "x" * 159 + "…”"),
    ],
)
def test_facts_are_told_in_words_of_the_reader(event, facts, words):
    with translation.override("en"):
        sentence = sentence_of(event, stored_facts(facts, MunicipalityFactory()))

    assert words in sentence


@pytest.mark.parametrize(
    ("event", "facts"), [("unheard_of", {}), ("topic_added", {}), ("profile_submitted", {})]
)
def test_slip_of_the_caller_is_found_at_once(event, facts):
    with pytest.raises(KeyError):
        tell(make_pair(), event, facts=facts)


@pytest.mark.parametrize(
    ("path", "stored"),
    [("/de/tandems/a/", "/tandems/a/"), ("/en/a/", "/a/"), ("/tandems/de/", "/tandems/de/")],
)
def test_path_is_kept_without_a_language(path, stored):
    assert stored_path(path) == stored


@pytest.mark.parametrize("number", [1, 4])
def test_number_of_queries_does_not_grow_with_colleagues(number, django_assert_num_queries):
    pair = make_pair()
    for _ in range(number):
        user = make_user("colleague", city_of(pair))
        User.objects.filter(pk=user.pk).update(paces={"tandem_documents": "daily"})
    document = DocumentFactory(tandem=pair, municipality=city_of(pair))

    with django_assert_num_queries(8):
        tell(
            pair,
            "document_added",
            kind=Notification.TANDEM_DOCUMENTS,
            facts={"title": "Guide"},
            document=document,
        )


def waiting(**fields):
    """Return a partnership, somebody of its first city, and what waits for that person."""
    pair = make_pair()
    user = make_user("contact", city_of(pair))
    User.objects.filter(pk=user.pk).update(paces={"tandem_documents": "weekly"})
    document = DocumentFactory(tandem=pair, municipality=city_of(pair, 1), **fields)
    facts = {"title": "Guide"}
    kind = Notification.TANDEM_DOCUMENTS
    tell(pair, "document_added", kind=kind, facts=facts, document=document)
    assert [row["facts"] for row in notices_of(user)] == [facts]
    return pair, user, document


def test_own_data_hold_no_notice_of_a_document_that_was_closed():
    _pair, user, document = waiting()

    Document.objects.filter(pk=document.pk).update(visibility="team")

    assert notices_of(User.objects.get(pk=user.pk)) == []


def test_own_data_hold_no_notice_of_a_partnership_that_the_city_has_left():
    pair, user, _document = waiting()

    left_on = timezone.localdate() - dt.timedelta(days=1)
    TandemMember.objects.filter(municipality=city_of(pair)).update(left_on=left_on)

    assert notices_of(User.objects.get(pk=user.pk)) == []
