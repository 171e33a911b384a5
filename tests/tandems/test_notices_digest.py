"""What waits is told in one digest, when it is due, to who may still read it, and once."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from accounts import actions
from accounts.enums import Notification
from accounts.models import RoleAssignment, User
from tandems.actions.notices import (
    delete_old_notices,
    forget_notices,
    send_due_notices,
    tell_people,
)
from tandems.mails import MOST
from tandems.models import Document, TandemMember, TandemNotice
from tandems.notices import notices_of
from tests.factories import MunicipalityFactory, make_pair, make_user
from tests.races import act_at_once
from tests.reading import read
from tests.workspace import DocumentFactory, TopicGuestFactory

pytestmark = pytest.mark.django_db
TUESDAY = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
MORNING = dt.datetime(2026, 3, 4, 6, 30, tzinfo=dt.UTC)  # 07:30 in Berlin, 08:30 in Sofia
MONDAY = dt.datetime(2026, 3, 9, 6, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def clock():
    with time_machine.travel(TUESDAY, tick=False) as traveller:
        yield traveller


def officer(pair, pace="daily", position=0, **fields):
    place = pair.members.order_by("position")[position].municipality
    user = make_user("colleague", place)
    paces = dict.fromkeys(
        [kind for kind in Notification.values if kind.startswith("tandem_")], pace
    )
    User.objects.filter(pk=user.pk).update(**{"language": "en", "paces": paces, **fields})
    user.refresh_from_db()
    return user


def tell(pair, event="profile_released", **details):
    wanted = {"kind": Notification.TANDEM_PROFILE, "path": "/de/tandems/x/", "by": None, **details}
    return tell_people(tandem=pair, event=event, **wanted)


def tell_of(document):
    return tell(
        document.tandem,
        "document_added",
        kind=Notification.TANDEM_DOCUMENTS,
        facts={"title": document.title},
        document=document,
    )


@pytest.mark.parametrize(
    ("pace", "zone", "moment", "written"),
    [
        ("daily", "Europe/Berlin", TUESDAY, 0),
        ("daily", "Europe/Berlin", TUESDAY + 11 * HOUR + HOUR / 2, 0),
        ("daily", "Europe/Berlin", MORNING - HOUR, 0),
        ("daily", "Europe/Sofia", MORNING - HOUR, 1),
        ("daily", "Europe/Berlin", MORNING, 1),
        ("daily", "Europe/Berlin", MORNING + 5 * DAY, 1),
        ("weekly", "Europe/Berlin", MORNING, 0),
        ("weekly", "Europe/Berlin", MONDAY - HOUR, 0),
        ("weekly", "Europe/Sofia", MONDAY - HOUR, 1),
        ("weekly", "Europe/Berlin", MONDAY, 1),
        ("weekly", "Europe/Berlin", MONDAY + DAY, 1),
    ],
)
def test_digest_comes_on_the_morning_of_the_person(clock, pace, zone, moment, written):
    pair = make_pair()
    officer(pair, pace, time_zone=zone)
    tell(pair)

    clock.move_to(moment)

    assert send_due_notices() == written
    assert (Email.objects.count(), TandemNotice.objects.count()) == (written, 1 - written)


@pytest.mark.parametrize(
    ("happened", "due"),
    [
        # The night in which the clocks go forward, and the one in which they go back.
        (dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC), dt.datetime(2026, 3, 29, 5, tzinfo=dt.UTC)),
        (dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC), dt.datetime(2026, 10, 25, 6, tzinfo=dt.UTC)),
        # Half past midnight in Berlin is still the day before in UTC.
        (dt.datetime(2026, 3, 3, 23, 30, tzinfo=dt.UTC), dt.datetime(2026, 3, 5, 6, tzinfo=dt.UTC)),
    ],
)
def test_morning_is_that_of_the_calendar_of_the_person(clock, happened, due):
    clock.move_to(happened)
    pair = make_pair()
    officer(pair)
    tell(pair)

    clock.move_to(due - dt.timedelta(seconds=1))
    before = send_due_notices()
    clock.move_to(due)

    assert (before, send_due_notices()) == (0, 1)


def test_digest_lists_what_happened_by_partnership_and_comes_once(clock):
    first, second = make_pair(name_en="Alpha – Beta"), make_pair(name_en="Gamma – Delta")
    user = officer(first, name="Ana Ionescu")
    RoleAssignment.objects.create(
        user=user,
        role="colleague",
        municipality=second.members.first().municipality,
        since=dt.date(2022, 6, 1),
    )
    tell(second, "topic_added", kind=Notification.TANDEM_TOPICS, facts={"topic": "Open data"})
    tell(first, "profile_returned", path=f"/de/tandems/{first.slug}/workspace/profile/")
    tell(first)

    clock.move_to(MORNING)
    written = [send_due_notices() for _ in range(3)]

    mail = Email.objects.get()
    assert written == [1, 0, 0]
    assert (mail.to, mail.subject) == ([user.email], "New in your partnerships")
    lines = mail.message.splitlines()
    assert lines[0] == "Hello Ana Ionescu,"
    assert [line for line in lines if line.startswith(("Alpha", "Gamma", "-  ", "- 3"))] == [
        "Alpha – Beta",
        "- 3 March 2026: The profile is a draft again.",
        "- 3 March 2026: A new version of the profile is public.",
        "Gamma – Delta",
        "- 3 March 2026: There is a new topic: “Open data”.",
    ]
    assert f"  http://localhost:8000/en/tandems/{first.slug}/workspace/profile/" in lines
    assert f"http://localhost:8000/en/tandems/{second.slug}/workspace/" in lines
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.headers["List-Unsubscribe"][1:-1] in lines
    user.refresh_from_db()
    assert user.digest_sent_at == MORNING


def test_long_digest_tells_the_newest_and_how_many_more_there_are(clock):
    pair = make_pair()
    officer(pair)
    for number in range(MOST + 2):
        tell(pair, "topic_added", facts={"topic": f"T{number:02d}"})

    clock.move_to(MORNING)
    send_due_notices()

    message = Email.objects.get().message
    assert "and 2 more" in message
    assert "T01" not in message
    assert f"T{MOST + 1}" in message


def test_what_is_not_due_yet_waits_on(clock):
    pair = make_pair()
    user = officer(pair)
    User.objects.filter(pk=user.pk).update(
        paces={"tandem_profile": "daily", "tandem_topics": "weekly"}
    )
    tell(pair)
    tell(pair, "topic_added", kind=Notification.TANDEM_TOPICS, facts={"topic": "Open data"})

    clock.move_to(MORNING)
    send_due_notices()

    assert [row["event"] for row in notices_of(user)] == ["topic_added"]
    assert "Open data" not in Email.objects.get().message


# --- never a mail about what the recipient may not see --------------------------------------------


def leaves(user, pair):
    TandemMember.objects.filter(tandem=pair).update(left_on=dt.date(2026, 3, 3))


def becomes_guest(user, pair):
    TandemMember.objects.filter(tandem=pair).update(role="guest")


def loses_role(user, pair):
    RoleAssignment.objects.filter(user=user).update(until=dt.date(2026, 3, 3))


def moves_elsewhere(user, pair):
    RoleAssignment.objects.filter(user=user).update(municipality=MunicipalityFactory())


def is_blocked(user, pair):
    User.objects.filter(pk=user.pk).update(is_active=False)


def wants_no_more(user, pair):
    User.objects.filter(pk=user.pk).update(muted=["tandem_profile", "tandem_documents"])


@pytest.mark.parametrize(
    "event",
    [leaves, becomes_guest, loses_role, moves_elsewhere, is_blocked, wants_no_more],
)
def test_who_may_no_longer_know_is_told_nothing(clock, event):
    pair = make_pair()
    user = officer(pair)
    tell(pair)
    tell_of(DocumentFactory(tandem=pair, visibility="public"))
    event(user, pair)

    clock.move_to(MORNING)

    assert send_due_notices() == 0
    assert not Email.objects.exists()
    assert not TandemNotice.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"visibility": "team"}, {"removed_at": TUESDAY}],
    ids=["only for the team now", "removed"],
)
def test_document_that_is_closed_in_the_meantime_goes_unsaid(clock, changes):
    pair = make_pair()
    officer(pair)
    document = DocumentFactory(tandem=pair, title="Secret plan")
    tell_of(document)
    tell_of(DocumentFactory(tandem=pair, title="Open plan"))
    Document.objects.filter(pk=document.pk).update(**changes)

    clock.move_to(MORNING)
    send_due_notices()

    message = Email.objects.get().message
    assert "Open plan" in message
    assert "Secret plan" not in message


def test_team_is_told_of_every_partnership_but_not_of_removed_documents(clock):
    make_user("coordinator")
    pair = make_pair()
    document = DocumentFactory(tandem=pair, title="Gone plan")
    for event, facts, about in (
        ("profile_released", {}, None),
        ("document_added", {"title": "Gone plan"}, document),
    ):
        tell(pair, event, facts=facts, document=about, cities=False, team=True)
    Document.objects.update(removed_at=TUESDAY)

    clock.move_to(MONDAY)

    assert send_due_notices() == 1
    assert "Gone plan" not in Email.objects.get().message


def test_guest_of_a_topic_is_told_nothing(clock):
    pair = make_pair()
    guest = TopicGuestFactory(topic__tandem=pair)
    make_user("contact", guest.municipality)

    document = DocumentFactory(tandem=pair, topic=guest.topic)

    assert tell_of(document) == 0


def test_who_chose_at_once_in_the_meantime_is_told_at_once(clock):
    pair = make_pair()
    user = officer(pair)
    tell(pair)
    User.objects.filter(pk=user.pk).update(paces={"tandem_profile": "now"})

    assert send_due_notices() == 1


# --- ends -----------------------------------------------------------------------------------------


def test_link_ends_all_digests_and_nothing_else(clock):
    pair = make_pair()
    user = officer(pair)
    User.objects.filter(pk=user.pk).update(
        paces={"tandem_profile": "daily", "tandem_membership": "now", "tandem_topics": "weekly"}
    )
    tell(pair)
    clock.move_to(MORNING)
    send_due_notices()
    link = Email.objects.get().headers["List-Unsubscribe"][1:-1]
    path = link.removeprefix("http://localhost:8000")
    client = Client(enforce_csrf_checks=True)

    asked = client.get(path)
    user.refresh_from_db()
    assert asked.status_code == 200
    assert user.pace_of("tandem_profile") == "daily"
    assert read(asked).main.one("button").attributes["type"] == "submit"
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    again = read(client.get(path))

    user.refresh_from_db()
    paces = {kind: user.pace_of(kind) for kind in Notification.values if "tandem" in kind}
    assert paces.pop("tandem_membership") == "now"
    assert set(paces.values()) == {"never"}
    assert user.muted == []
    assert again.main.all("button") == []
    assert not client.cookies


@pytest.mark.parametrize("token", ["abc", "WzEsMV0:1abc:x", "x" * 3_000])
def test_forged_link_ends_nothing(token):
    assert Client().post(f"/en/accounts/notices/stop/{token}/").status_code == 410


def test_link_of_another_kind_does_not_end_digests(clock):
    pair = make_pair()
    officer(pair, "now")
    tell(pair)
    token = Email.objects.get().headers["List-Unsubscribe"][1:-1].rstrip("/").rpartition("/")[2]

    assert Client().post(f"/en/accounts/notices/stop/{token}/").status_code == 410


def test_link_of_an_erased_person_is_over(clock):
    pair = make_pair()
    user = officer(pair)
    tell(pair)
    clock.move_to(MORNING)
    send_due_notices()
    path = (
        Email.objects.get().headers["List-Unsubscribe"][1:-1].removeprefix("http://localhost:8000")
    )
    actions.erase_person(user=user, by=user)

    assert Client().post(path).status_code == 410


def test_old_notices_are_deleted(clock):
    pair = make_pair()
    officer(pair)
    tell(pair)
    clock.shift(31 * DAY)
    tell(pair)

    assert delete_old_notices() == 1
    assert TandemNotice.objects.count() == 1


def test_notices_of_an_erased_person_are_deleted(clock):
    pair = make_pair()
    user, other = officer(pair), officer(pair)
    tell(pair)

    forget_notices(user=user, by=user)

    assert [notice.user for notice in TandemNotice.objects.all()] == [other]


def test_unknown_event_of_another_version_stops_nobody(clock):
    pair = make_pair()
    user = officer(pair)
    tell(pair)
    TandemNotice.objects.create(
        user=user, tandem=pair, kind="tandem_profile", event="of_tomorrow", path="/x/"
    )

    clock.move_to(MORNING)

    assert send_due_notices() == 1


def test_fault_after_the_mail_takes_the_mail_back(clock, monkeypatch):
    pair = make_pair()
    officer(pair)
    tell(pair)
    clock.move_to(MORNING)

    def fail(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr("accounts.models.User.save", fail)
    with pytest.raises(RuntimeError):
        send_due_notices()

    assert not Email.objects.exists()
    assert TandemNotice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_write_one_digest():
    pair = make_pair()
    user = officer(pair)
    tell(pair)
    TandemNotice.objects.update(happened_at=timezone.now() - 3 * DAY)

    answers = act_at_once(send_due_notices, send_due_notices)

    assert sorted(answers) == [0, 1]
    assert [mail.to for mail in Email.objects.all()] == [[user.email]]


@pytest.mark.parametrize("number", [1, 3])
def test_number_of_queries_while_nothing_is_due(clock, number, django_assert_num_queries):
    pair = make_pair()
    for _ in range(number):
        officer(pair)
    tell(pair)

    with django_assert_num_queries(3):
        assert send_due_notices() == 0
