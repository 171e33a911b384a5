"""The weekly mail comes on Monday mornings, once, to those who want it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from accounts.enums import Notification
from accounts.models import User
from tests.factories import MeetingFactory, TandemMemberFactory, make_pair, make_user
from tests.reading import read
from vernetzt.summaries import send_weekly_summaries

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 2, 6, 30, tzinfo=dt.UTC)  # 07:30 in Berlin, 08:30 in Sofia
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def officer(**fields):
    user = make_user("contact")
    User.objects.filter(pk=user.pk).update(**fields)
    user.refresh_from_db()
    return user


def test_summary_tells_what_waits_what_is_next_and_what_changed(clock):
    user = officer(name="Ana Ionescu")
    pair = make_pair()
    TandemMemberFactory(tandem=pair, municipality=user.roles[0].municipality, position=2)
    day = MONDAY.date() + dt.timedelta(days=3)
    MeetingFactory(tandem=pair, scope="tandem", status="announced", earliest=day, latest=day)

    assert send_weekly_summaries() == 1

    mail = Email.objects.get()
    assert (mail.to, mail.subject) == ([user.email], "Ihre Woche auf dem Portal")
    assert mail.message.startswith("Guten Tag Ana Ionescu,")
    assert "Vertretung für" in mail.message
    assert "5. März 2026: Arbeitstreffen" in mail.message
    assert "/de/dashboard/" in mail.html_message
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_summary_comes_once_a_week(clock):
    officer()

    written = [send_weekly_summaries() for _ in range(3)]
    clock.shift(6 * 24 * HOUR)
    written.append(send_weekly_summaries())
    clock.shift(24 * HOUR)
    written.append(send_weekly_summaries())

    assert written == [1, 0, 0, 0, 1]


def test_fault_after_the_mail_takes_the_mail_back(clock, monkeypatch):
    officer()

    def fail(**_details):
        raise RuntimeError

    monkeypatch.setattr("accounts.actions.note_summary", fail)
    with pytest.raises(RuntimeError):
        send_weekly_summaries()

    assert not Email.objects.exists()


@pytest.mark.parametrize(
    ("zone", "moment", "written"),
    [
        ("Europe/Sofia", MONDAY - HOUR, 1),
        ("Europe/Berlin", MONDAY - HOUR, 0),
        ("Europe/Berlin", MONDAY - 24 * HOUR, 0),
        ("Europe/Berlin", MONDAY + 12 * HOUR, 1),
    ],
)
def test_summary_comes_on_the_morning_of_the_person(zone, moment, written):
    with time_machine.travel(moment, tick=False):
        officer(time_zone=zone)

        assert send_weekly_summaries() == written


@pytest.mark.parametrize(
    "fields",
    [{"muted": [Notification.WEEKLY_SUMMARY]}, {"is_active": False}],
    ids=["muted", "gone"],
)
def test_who_does_not_want_it_gets_none(clock, fields):
    officer(**fields)

    assert send_weekly_summaries() == 0


def test_who_holds_no_role_gets_none(clock):
    make_user()

    assert send_weekly_summaries() == 0


def test_link_in_the_mail_ends_it_without_signing_in_and_only_by_the_button(clock):
    user = officer()
    send_weekly_summaries()
    link = re.search(r"http://localhost:8000(/de/accounts/mails/\S+)", Email.objects.get().message)[
        1
    ]

    asked = read(Client(enforce_csrf_checks=True).get(link))
    user.refresh_from_db()
    assert user.wants(Notification.WEEKLY_SUMMARY)
    Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})

    user.refresh_from_db()
    assert "Wochenübersicht montags" in asked.main.text
    assert not user.wants(Notification.WEEKLY_SUMMARY)
    assert user.wants(Notification.INVITATION_ACCEPTED)


@pytest.mark.parametrize("token", ["abc", "WzEsMV0:1abc:x"])
def test_forged_link_ends_nothing(token):
    assert Client().post(f"/de/accounts/mails/{token}/").status_code == 410


def test_choice_on_the_own_page_counts(clock):
    user = officer()
    client = Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    page = read(client.get("/de/accounts/notices/"))
    chosen = page.main.one("form", class_="form").values()
    ticked = chosen["wanted"]

    client.post("/de/accounts/notices/", {**chosen, "wanted": ["invitation_accepted"]})

    user.refresh_from_db()
    assert ticked == ["invitation_accepted", "weekly_summary"]
    assert user.muted == ["weekly_summary"]
    assert send_weekly_summaries() == 0
    assert timezone.now() == MONDAY
