"""The jobs around minutes: silent cities are reminded once, last days pass."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone
from post_office.models import Email

from accounts.models import RoleAssignment, User
from meetings.actions.minutes_overnight import count_agreed_minutes, remind_of_minutes
from meetings.models import Minutes
from tandems.models import TandemMember, TandemNotice
from tests.factories import RoleAssignmentFactory
from tests.meetings.minutes_cases import DAY, agree, held, returned, sent

pytestmark = pytest.mark.django_db


def after(days):
    return time_machine.travel(timezone.now() + days * DAY, tick=False)


def recipients():
    return sorted(address for mail in Email.objects.all() for address in mail.to)


def addresses(cycle, *names):
    return sorted(cycle.people[name].email for name in names)


def test_contact_and_deputy_of_silent_cities_get_one_mail():
    cycle = held()
    minutes = sent(cycle, days=14)
    agree(cycle, minutes)

    with after(11):
        assert remind_of_minutes() == 0
    with after(12):
        assert [remind_of_minutes() for _ in range(2)] == [2, 0]
    with after(14):
        assert remind_of_minutes() == 0

    assert recipients() == addresses(cycle, "partner", "partner deputy")
    minutes.refresh_from_db()
    assert minutes.reminded_at is not None


def test_short_time_to_agree_is_reminded_of_on_its_day_and_not_on_the_day_of_sending():
    cycle = held()
    sent(cycle, days=1)

    assert remind_of_minutes() == 0
    with after(1):
        assert remind_of_minutes() == 4


def test_mail_is_in_the_language_of_each_and_leads_to_the_page():
    cycle = held()
    agree(cycle, sent(cycle))
    User.objects.filter(pk=cycle.people["partner"].pk).update(language="en")
    User.objects.filter(pk=cycle.people["partner deputy"].pk).update(language="de")

    with after(14):
        remind_of_minutes()

    mails = {mail.to[0]: mail for mail in Email.objects.all()}
    english = mails[cycle.people["partner"].email]
    german = mails[cycle.people["partner deputy"].email]
    assert cycle.meeting.title_en in english.subject
    assert "agreement of Arezzo" in english.message
    assert f"/en/meetings/{cycle.meeting.pk}/internal/minutes/agree/" in english.message
    assert cycle.meeting.title_de in german.subject
    assert f"/de/meetings/{cycle.meeting.pk}/internal/minutes/agree/" in german.message


def test_person_of_two_silent_cities_gets_one_mail():
    cycle = held()
    sent(cycle)
    RoleAssignment.objects.filter(user=cycle.people["partner"]).delete()
    RoleAssignmentFactory(user=cycle.people["contact"], role="contact", municipality=cycle.arezzo)

    with after(14):
        remind_of_minutes()

    assert recipients() == addresses(cycle, "contact", "deputy", "partner deputy")
    (mail,) = (one for one in Email.objects.all() if one.to == addresses(cycle, "contact"))
    assert "Arezzo, Hamm" in mail.message


def test_agreed_and_returned_minutes_are_not_reminded_of_and_sent_ones_anew():
    cycle = held()
    minutes = sent(cycle)
    with after(14):
        remind_of_minutes()
        Email.objects.all().delete()
        draft = returned(cycle, minutes)
        assert remind_of_minutes() == 0
        sent(cycle, draft)
    with after(28):
        assert remind_of_minutes() == 4
        agree(cycle, minutes)
        agree(cycle, minutes, "partner")
        Minutes.objects.update(reminded_at=None)
        assert remind_of_minutes() == 0


def test_last_day_passes_overnight():
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    TandemMember.objects.filter(municipality=cycle.arezzo).update(left_on=timezone.localdate())

    assert count_agreed_minutes() == 0
    with after(1):
        assert [count_agreed_minutes() for _ in range(2)] == [1, 0]

    minutes.refresh_from_db()
    assert minutes.state == "agreed"
    assert TandemNotice.objects.filter(event="minutes_agreed").count() == 3
