"""The day to agree has passed: who leads is told once, and may extend it; silence is no word."""

from __future__ import annotations

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from post_office.models import Email

from accounts.enums import Notification
from accounts.models import RoleAssignment, User
from core.dates import day
from meetings.actions.agreeing import send_minutes
from meetings.actions.extending import extend_agreement
from meetings.actions.minutes_overnight import remind_of_minutes, tell_of_overdue_minutes
from meetings.asked import seal_of
from meetings.models import Minutes, MinutesAgreement
from tests.cycle import MinutesFactory, plan_for
from tests.factories import MunicipalityFactory, RoleAssignmentFactory, make_user
from tests.meetings.minutes_cases import (
    DAY,
    agree,
    begun,
    entered,
    held,
    history,
    page,
    people,
    returned,
    sent,
    told,
)
from tests.reading import read

pytestmark = pytest.mark.django_db

LEADING = ("contact", "deputy", "partner", "partner deputy", "coordinator", "bbsr")


def after(days):
    return time_machine.travel(timezone.now() + days * DAY, tick=False)


def recipients():
    """Return who got the mails that were written since the last call."""
    found = sorted(address for mail in Email.objects.all() for address in mail.to)
    Email.objects.all().delete()
    return found


def addresses(cycle, *names):
    return sorted(cycle.people[name].email for name in names)


def extend(cycle, minutes, days, who="contact"):
    fresh = Minutes.objects.get(pk=minutes.pk)
    later = timezone.localdate() + days * DAY
    return extend_agreement(
        minutes=fresh, agree_by=later, seen=seal_of(fresh), by=cycle.person(who)
    )


# --- who is told ----------------------------------------------------------------------------------


def test_who_leads_and_the_team_are_told_the_day_after_and_once():
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    due = minutes.agree_by

    with after(14):
        assert tell_of_overdue_minutes() == 0
    with after(15):
        assert [tell_of_overdue_minutes() for _ in range(2)] == [6, 0]
        (subject,) = {mail.subject for mail in Email.objects.all()}
        messages = [mail.message for mail in Email.objects.all()]
        assert recipients() == addresses(cycle, *LEADING)
    with after(90):
        assert tell_of_overdue_minutes() == 0

    assert cycle.meeting.title_de in subject
    assert all("Arezzo" in message and "Hamm" not in message for message in messages)
    assert history(minutes)[-1] == ("agree_by", due.isoformat(), "passed")
    minutes.refresh_from_db()
    assert minutes.state == "in_agreement"


def test_job_is_called():
    assert "meetings.actions.minutes_overnight.tell_of_overdue_minutes" in settings.JOBS


def test_mail_is_in_the_language_of_each_and_leads_to_the_minutes():
    cycle = held()
    agree(cycle, sent(cycle))
    User.objects.filter(pk=cycle.people["partner"].pk).update(language="en")
    User.objects.filter(pk=cycle.people["coordinator"].pk).update(language="de")

    with after(15):
        tell_of_overdue_minutes()

    mails = {mail.to[0]: mail for mail in Email.objects.all()}
    english = mails[cycle.people["partner"].email]
    german = mails[cycle.people["coordinator"].email]
    assert english.subject.startswith("The day to agree to the minutes has passed")
    assert "No agreement so far from: Arezzo." in english.message
    assert "Silence does not count as agreement." in english.message
    assert f"/en/meetings/{cycle.meeting.pk}/internal/minutes/" in english.message
    assert f"/de/meetings/{cycle.meeting.pk}/internal/minutes/" in german.message


def test_who_wants_no_mails_about_meetings_gets_none():
    cycle = held()
    sent(cycle)
    muted = [Notification.TANDEM_MEETINGS]
    User.objects.filter(pk=cycle.people["bbsr"].pk).update(muted=muted)

    with after(15):
        tell_of_overdue_minutes()

    assert recipients() == addresses(cycle, *(name for name in LEADING if name != "bbsr"))


@pytest.mark.parametrize("case", ["agreed", "returned"])
def test_nobody_is_told_of_what_waits_no_more(case):
    cycle = held()
    minutes = sent(cycle)
    if case == "agreed":
        agree(cycle, minutes)
        agree(cycle, minutes, "partner")
    else:
        returned(cycle, minutes)

    with after(15):
        assert tell_of_overdue_minutes() == 0


def test_where_nobody_is_there_to_be_told_it_is_tried_again():
    cycle = held()
    minutes = sent(cycle)
    RoleAssignment.objects.all().delete()

    with after(15):
        assert tell_of_overdue_minutes() == 0
        assert history(minutes)[-1] == ("state", "draft", "in_agreement")
        RoleAssignmentFactory(user=cycle.people["nobody"], municipality=cycle.hamm, role="contact")
        assert tell_of_overdue_minutes() == 1

    assert recipients() == addresses(cycle, "nobody")


def test_of_a_network_meeting_the_team_alone_learns_who_is_silent():
    cycle = held()
    yesterday = timezone.localdate() - DAY
    cycle.meeting = plan_for(None, status="held", earliest=yesterday, latest=yesterday)
    minutes = MinutesFactory(meeting=cycle.meeting)
    minutes.entries.create(heading="All", text="Said", changed_by=cycle.people["contact"])
    due = timezone.localdate() + DAY
    send_minutes(minutes=minutes, agree_by=due, by=cycle.person("coordinator"))

    with after(2):
        tell_of_overdue_minutes()

    assert recipients() == addresses(cycle, "bbsr", "coordinator")


def test_reminder_waits_until_somebody_is_in_office():
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    RoleAssignment.objects.filter(municipality=cycle.arezzo).delete()

    with after(12):
        assert remind_of_minutes() == 0
        minutes.refresh_from_db()
        assert minutes.reminded_at is None
        successor = make_user("contact", cycle.arezzo)
        assert [remind_of_minutes() for _ in range(2)] == [1, 0]

    assert recipients() == [successor.email]


# --- more time ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["contact", "partner", "coordinator"])
def test_day_is_extended_and_what_was_agreed_stays(who):
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    old = minutes.agree_by

    with after(15):
        client, url = entered(cycle, who), page(cycle, "minutes-extend")
        shown = read(client.get(url)).main
        form = next(one for one in shown.all("form") if "agree_by" in one.values())
        data = {name: values[0] for name, values in form.values().items()}
        new = timezone.localdate() + 14 * DAY
        assert data["agree_by"] == new.isoformat()
        assert [client.post(url, data).url for _ in range(2)] == [page(cycle)] * 2
        assert "overdue" not in read(client.get(page(cycle))).main.fact("Status")

    minutes.refresh_from_db()
    assert (minutes.state, minutes.agree_by) == ("in_agreement", new)
    assert MinutesAgreement.objects.get().municipality == cycle.hamm
    assert history(minutes)[-1] == ("agree_by", old.isoformat(), new.isoformat())
    assert len(history(minutes)) == 4
    assert told("minutes_extended") == people(cycle, who)
    # A page opened before still agrees to this very text.
    assert agree(cycle, minutes, "partner").state == "agreed"


def test_silent_cities_are_reminded_before_the_new_day_and_overdue_is_told_anew():
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    with after(15):
        assert (remind_of_minutes(), tell_of_overdue_minutes()) == (2, 6)
        extend(cycle, minutes, 10)
        assert (remind_of_minutes(), tell_of_overdue_minutes()) == (0, 0)
    recipients()

    with after(23):
        assert (remind_of_minutes(), tell_of_overdue_minutes()) == (2, 0)
        assert recipients() == addresses(cycle, "partner", "partner deputy")
    with after(26):
        assert [tell_of_overdue_minutes() for _ in range(2)] == [6, 0]

    passed = [row for row in history(minutes) if row[2] == "passed"]
    assert len(passed) == 2


def test_history_of_the_partnership_tells_of_silence_and_of_more_time():
    cycle = held()
    minutes = sent(cycle)
    with after(15):
        tell_of_overdue_minutes()
        more = extend(cycle, minutes, 10)
        with translation.override("en"):
            url = reverse("workspace:history", args=[cycle.tandem.slug])
            moved = f"moved from {day(minutes.agree_by)} to {day(more.agree_by)}"
        shown = read(entered(cycle, "colleague").get(url)).main.text

    assert "The day to agree has passed, and not every city has agreed" in shown
    assert moved in shown


@pytest.mark.parametrize("days", [-1, 0, 13, 14])
def test_day_is_only_put_off(days):
    cycle = held()
    minutes = sent(cycle)
    data = {
        "agree_by": (timezone.localdate() + days * DAY).isoformat(),
        "seen": seal_of(minutes),
    }

    answer = entered(cycle, "contact").post(page(cycle, "minutes-extend"), data)

    assert list(answer.context["form"].errors) == ["agree_by"]
    before = minutes.agree_by
    minutes.refresh_from_db()
    assert minutes.agree_by == before


def test_same_day_of_another_person_is_refused():
    cycle = held()
    minutes = sent(cycle)
    extend(cycle, minutes, 20)

    assert extend(cycle, minutes, 20).agree_by == timezone.localdate() + 20 * DAY
    with pytest.raises(ValidationError):
        extend(cycle, minutes, 20, "partner")
    assert len(told("minutes_extended")) == 5


def test_old_tab_extends_no_other_sending():
    cycle = held()
    minutes = sent(cycle)
    old = seal_of(minutes)
    again = sent(cycle, returned(cycle, minutes))
    data = {"agree_by": (timezone.localdate() + 30 * DAY).isoformat(), "seen": old}

    answer = entered(cycle, "partner").post(page(cycle, "minutes-extend"), data)

    assert "sent out anew" in read(answer).main.text
    minutes.refresh_from_db()
    assert minutes.agree_by == again.agree_by


@pytest.mark.parametrize("case", ["none", "draft"])
def test_where_nothing_is_out_no_day_is_extended(case):
    cycle = held()
    if case == "draft":
        minutes = begun(cycle)
        with pytest.raises(ValidationError):
            extend(cycle, minutes, 20)
    client, url = entered(cycle, "contact"), page(cycle, "minutes-extend")

    assert client.get(url).url == client.post(url).url == page(cycle)


@pytest.mark.parametrize("who", ["colleague", "neighbour", "observer", "nobody"])
def test_nobody_else_extends(who):
    cycle = held()
    minutes = sent(cycle)

    with pytest.raises(PermissionDenied):
        extend(cycle, minutes, 20, who)


def test_contact_of_another_city_does_not_extend():
    cycle = held()
    minutes = sent(cycle)
    later, by = timezone.localdate() + 30 * DAY, make_user("contact", MunicipalityFactory())

    with pytest.raises(PermissionDenied):
        extend_agreement(minutes=minutes, agree_by=later, seen=seal_of(minutes), by=by)


def test_page_says_that_silence_is_no_agreement_and_leads_on():
    cycle = held()
    agree(cycle, sent(cycle))

    with after(15):
        for who, may in (("contact", True), ("colleague", False)):
            shown = read(entered(cycle, who).get(page(cycle))).main
            assert "Silence does not count as agreement" in shown.text
            assert (page(cycle, "minutes-extend") in shown.hrefs()) == may
            assert ("You can extend the day" in shown.text) == may
