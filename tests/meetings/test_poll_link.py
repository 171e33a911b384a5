"""Answering a date poll by the link in a mail, and what the mails say."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from meetings.actions.poll import close_poll
from meetings.links import attendance_by
from meetings.models import Attendance, PollReply
from meetings.polling import poll_of
from tests.cycle import AttendanceFactory, make_cycle
from tests.meetings.poll_cases import DAY, at, link, of, page, proposed
from tests.reading import read

pytestmark = pytest.mark.django_db


def asked(**person):
    """Return a poll and somebody from outside who is asked."""
    cycle = make_cycle()
    given = {"user": None, "name": "Ada", "email": "ada@example.org", "language": "en"}
    outside = AttendanceFactory(meeting=cycle.meeting, **{**given, **person})
    proposed(cycle)
    return cycle, outside


def choose(cycle, *choices):
    keys = [option.pk for option in poll_of(cycle.meeting).options.all()]
    return {f"option-{key}": choice for key, choice in zip(keys, choices, strict=False)}


def test_opening_the_link_changes_nothing_and_sets_no_cookie():
    cycle, outside = asked()
    client = Client()

    answer = client.get(link(outside))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert not answer.cookies
    assert "You answer as Ada" in read(answer).main.text
    assert not PollReply.objects.exists()
    # The head names no address for search engines either.
    assert "canonical" not in answer.content.decode()
    assert cycle.meeting.status == "planned"


def test_person_from_outside_answers_and_changes_the_answer():
    cycle, outside = asked()
    client = Client(enforce_csrf_checks=True)
    url = link(outside)

    answer = client.post(url, choose(cycle, "yes", "no"))

    assert (answer.status_code, answer.url) == (302, f"{url}?saved=1")
    main = read(client.get(answer.url)).main
    assert "Your answer is saved" in main.one(role="status").text
    assert len(main.one("form", class_="form--wide").values()) == 2
    client.post(url, choose(cycle, "no"))
    rows = PollReply.objects.order_by("option")
    assert [(row.attendance, row.choice) for row in rows] == [(outside, "no"), (outside, "no")]


def test_link_shows_numbers_and_nobodys_name():
    cycle, outside = asked()
    Client().post(link(of(cycle, "deputy")), choose(cycle, "yes"))

    text = read(Client().get(link(outside))).main.text

    assert "suits: 1" in text
    assert not [name for name, one in cycle.people.items() if str(one) in text]


def test_remote_link_is_not_told_here():
    cycle, outside = asked()
    cycle.meeting.remote_link = "https://conference.example.org/secret"
    cycle.meeting.save()

    assert "conference.example.org" not in Client().get(link(outside)).content.decode()


@pytest.mark.parametrize(
    "token",
    ["nonsense", signing.dumps(1, salt="other"), "a:b:c"],
    ids=["nonsense", "another salt", "three parts"],
)
def test_link_that_we_did_not_make_opens_nothing(token):
    assert Client().get(f"/en/meetings/answer/{token}/dates/").status_code == 410


def test_link_ends_with_the_invitation_and_with_the_role():
    cycle, outside = asked()
    partner = link(of(cycle, "partner"))
    assert Client().get(partner).status_code == 200
    gone = link(outside)
    Attendance.objects.filter(pk=outside.pk).delete()
    member = cycle.tandem.members.get(municipality=cycle.arezzo)
    member.left_on = timezone.localdate() - DAY
    member.save()

    for url in (gone, partner):
        assert Client().get(url).status_code == 410
        assert Client().post(url, choose(cycle, "yes")).status_code == 410
    colleague = cycle.people["colleague"]
    colleague.is_active = False
    colleague.save()
    assert Client().get(link(of(cycle, "colleague"))).status_code == 410
    assert not PollReply.objects.exists()


def test_wrong_method_is_refused():
    _cycle, outside = asked()

    assert Client().delete(link(outside)).status_code == 405


def test_answer_needs_a_choice():
    cycle, outside = asked()

    answer = Client().post(link(outside), {})

    assert "at least one date" in read(answer).main.one(class_="form-errors").text
    assert poll_of(cycle.meeting).is_open


def test_closed_poll_shows_how_it_ended_and_takes_nothing():
    cycle, outside = asked()
    close_poll(meeting=cycle.meeting, by=cycle.person("contact"))

    answer = Client().post(link(outside), choose(cycle, "yes"))

    assert answer.status_code == 409
    for page_ in (answer, Client().get(link(outside))):
        main = read(page_).main
        assert "no longer taken" in main.text
        assert "How the poll ended" in main.texts("h2")
    assert not PollReply.objects.exists()


def test_answer_to_dates_that_changed_meanwhile_keeps_the_rest():
    cycle, outside = asked()
    data = choose(cycle, "yes", "yes", "yes")
    proposed(cycle, at(10), at(15))

    answer = Client().post(link(outside), data, follow=True)

    assert "have changed meanwhile" in read(answer).main.text
    assert PollReply.objects.count() == 1


def test_dates_stand_on_the_clock_of_the_person():
    cycle, outside = asked(time_zone="Europe/Sofia")
    start = dt.datetime(2098, 1, 15, 22, 30, tzinfo=dt.UTC)
    proposed(cycle, (start, start + dt.timedelta(hours=2)), answer_by=start - 9 * DAY)

    row = read(Client().get(link(outside))).main.one("table").all("th", scope="row")[0].text

    assert row.startswith("16 January 2098, 00:30–02:30")
    # Another day in Berlin: the time of day alone would mislead.
    assert "15 January 2098, 23:30 to 16 January 2098, 01:30 (Berlin, Rome)" in row


def test_mail_names_the_dates_in_the_language_and_on_the_clock_of_each_person():
    cycle = make_cycle()
    partner = cycle.people["partner"]
    partner.language, partner.time_zone = "en", "Europe/Sofia"
    partner.save()
    start = dt.datetime(2098, 7, 15, 8, tzinfo=dt.UTC)
    answer_by = dt.datetime(2098, 7, 1, 16, tzinfo=dt.UTC)

    proposed(cycle, (start, start + dt.timedelta(hours=2)), answer_by=answer_by, note="Bitte bald")

    english = Email.objects.get(to=partner.email)
    assert english.subject == f"Which date suits you? {cycle.meeting.title_en}"
    assert "- 15 July 2098, 11:00–13:00" in english.message
    assert "1 July 2098, 19:00" in english.message
    assert "(Sofia)" in english.message
    assert "Bitte bald" in english.message
    german = Email.objects.get(to=cycle.people["contact"].email)
    assert "- 15. Juli 2098, 10:00–12:00 Uhr" in german.message
    for mail, language, who in ((english, "en", "partner"), (german, "de", "contact")):
        (token,) = re.findall(rf"/{language}/meetings/answer/(\S+)/dates/", mail.message)
        assert attendance_by(token) == of(cycle, who)
    assert cycle.meeting.title_de in german.subject


def test_page_behind_the_login_is_one_step_away():
    cycle, outside = asked()

    assert page(cycle) in read(Client().get(link(of(cycle, "deputy")))).main.hrefs()
    assert page(cycle) not in read(Client().get(link(outside))).main.hrefs()
