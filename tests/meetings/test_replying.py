"""Invited people answer by the link in their mail, or signed in."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from core.dates import DatePrecision
from meetings.actions.inviting import invite_everybody
from meetings.actions.planning import set_date
from meetings.actions.replying import answer_invitation, reply_to_meeting
from meetings.enums import MeetingStatus, Reply
from meetings.invitation import mark_of_date
from meetings.models import Attendance, Meeting, MeetingGuest
from tests.cycle import AttendanceFactory, DatePollFactory, make_cycle
from tests.meetings.inviting_cases import change, invited, link_of, mailed_to, row_of, url
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
UNDATED = {"precision": DatePrecision.MONTH, "starts_at": None, "ends_at": None}


def outside(cycle):
    return AttendanceFactory(
        meeting=cycle.meeting,
        user=None,
        name="Ada",
        email="ada@example.org",
        language="en",
        time_zone="Europe/Sofia",
        told_sequence=0,
    )


def sent(client, page, fields, shown=None):
    """Send the form of ``page`` as it was ``shown``, by default just now, with what was typed."""
    shown = client.get(page) if shown is None else shown
    marks = read(shown).root.all("input", name="mark") if shown.status_code == 200 else []
    return client.post(page, {**fields, **{one["name"]: one["value"] for one in marks}})


def test_link_shows_the_meeting_and_opening_it_changes_nothing(client):
    cycle = make_cycle(title_en="Sensors", place="Town hall", remote_link="https://meet.example/1")
    row = outside(cycle)

    response = client.get(link_of(row))
    document = read(response)

    assert response.status_code == 200
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert response["X-Robots-Tag"] == "noindex"
    # The head names no address: it ends in the key of one person.
    assert [link for link in document.root.all("link") if "answer" in link["href"]] == []
    text = document.main.text
    assert "Town hall" in text
    assert text.index("(Sofia)") < text.index("(Berlin)")
    assert "meet.example" not in text
    assert document.faults == []
    row.refresh_from_db()
    assert row.reply == Reply.NONE


def test_guest_answers_and_changes_the_answer_until_the_meeting_begins(client):
    cycle = make_cycle()
    row = outside(cycle)
    page = link_of(row)

    first = sent(client, page, {"reply": "yes", "note": "with\x07 Ben"})
    again = sent(client, page, {"reply": "yes", "note": "with Ben"})
    shown = read(client.get(page)).main.text
    row.refresh_from_db()
    answered_at = row.replied_at

    assert [(one.status_code, one.url) for one in (first, again)] == [(302, page)] * 2
    assert (row.reply, row.reply_note) == ("yes", "with Ben")
    assert "Your answer: is coming (with Ben)" in shown
    open_tab = client.get(page)
    sent(client, page, {"reply": "no"})
    row.refresh_from_db()
    assert (row.reply, row.reply_note) == ("no", "")
    assert row.replied_at > answered_at
    assert not Email.objects.exists()
    with time_machine.travel(cycle.meeting.starts_at, tick=False):
        late = sent(client, page, {"reply": "yes"}, open_tab)
    row.refresh_from_db()
    assert late.status_code == 200
    assert "The meeting has begun or is over." in read(late).main.text
    assert row.reply == "no"


@pytest.mark.parametrize("reply", ["", "none", "often"])
def test_wrong_answer_is_told_and_keeps_the_note(client, reply):
    cycle = make_cycle()
    row = outside(cycle)

    response = sent(client, link_of(row), {"reply": reply, "note": "Bin später da"})

    assert response.status_code == 200
    assert "Bin später da" in response.content.decode()
    row.refresh_from_db()
    assert row.reply == Reply.NONE


def test_whole_days_are_answered_until_the_day_begins_at_the_place(client):
    first = dt.date(2036, 7, 1)
    cycle = make_cycle(starts_at=None, ends_at=None, earliest=first, latest=first + DAY)
    row = outside(cycle)
    midnight = dt.datetime(2036, 6, 30, 22, tzinfo=dt.UTC)

    with time_machine.travel(midnight - dt.timedelta(seconds=1), tick=False):
        answer_invitation(attendance=row, reply="yes", by=None)
    with time_machine.travel(midnight, tick=False), pytest.raises(ValidationError) as refusal:
        answer_invitation(attendance=row, reply="no", by=None)

    assert refusal.value.code == "closed"


def test_cancelled_meeting_says_so_and_takes_no_answer(client):
    cycle = make_cycle()
    row = outside(cycle)
    open_tab = client.get(link_of(row))
    change(cycle.meeting, status=MeetingStatus.CANCELLED)

    response = sent(client, link_of(row), {"reply": "yes"}, open_tab)

    assert "This meeting was cancelled." in read(response).main.text
    row.refresh_from_db()
    assert row.reply == Reply.NONE


@pytest.mark.parametrize("what", ["forged", "removed", "role ended", "closed"])
def test_link_that_counts_no_more_tells_nothing(client, what):
    cycle = invited(title_en="Sensors", title_de="Sensoren")
    row = row_of(cycle, "partner")
    page = link_of(row)
    if what == "forged":
        page = page[:-3] + "xx/"
    elif what == "removed":
        row.delete()
    elif what == "role ended":
        row.user.role_assignments.update(until=timezone.localdate() - DAY)
    else:
        row.user.is_active = False
        row.user.save()

    for response in (client.get(page), client.post(page, {"reply": "yes"})):
        assert response.status_code == 410
        assert response["X-Robots-Tag"] == "noindex"
        links = read(response).root.all("link")
        assert [link for link in links if "answer" in link["href"]] == []
        assert "Sensor" not in response.content.decode()
    assert not Attendance.objects.exclude(reply=Reply.NONE).exists()


def test_link_of_a_meeting_without_a_date_leads_to_its_poll(client):
    cycle = make_cycle(**UNDATED)
    row = outside(cycle)
    page = link_of(row)

    without = client.get(page)
    DatePollFactory(meeting=cycle.meeting)
    asked = client.get(page)

    assert "No date is fixed yet." in read(without).main.text
    assert (asked.status_code, asked["X-Robots-Tag"]) == (302, "noindex")
    token = page.strip("/").split("/")[-1]
    assert asked.url.endswith(f"/answer/{token}/dates/")
    for answer in (client.post(page, {"reply": "yes"}),):
        assert answer.status_code == 302
    row.refresh_from_db()
    assert row.reply == Reply.NONE


def test_link_takes_no_other_method(client):
    assert client.delete(link_of(outside(make_cycle()))).status_code == 405


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("contact", 200),
        ("colleague", 200),
        ("partner", 200),
        ("coordinator", 200),
        ("bbsr", 200),
        ("neighbour", 404),
        ("reviewer", 404),
        ("observer", 404),
        ("nobody", 404),
        ("visitor", 302),
    ],
)
def test_who_answers_signed_in(who, status):
    cycle = make_cycle()
    client = cycle.client(who)
    page = url("reply", cycle.meeting.pk)

    assert client.get(page).status_code == status
    answer = sent(client, page, {"reply": "maybe"})

    assert answer.status_code == (302 if status == 200 else status)
    rows = Attendance.objects.filter(meeting=cycle.meeting)
    assert [row.reply for row in rows] == (["maybe"] if status == 200 else [])
    if status == 200:
        assert answer.url == url("home", cycle.meeting.pk)
        city = {"partner": cycle.arezzo, "contact": cycle.hamm, "colleague": cycle.hamm}.get(who)
        assert rows.get().municipality == city
        assert client.delete(page).status_code == 405


def test_answer_without_an_invitation_brings_the_calendar_entry_once():
    cycle = make_cycle()
    by = cycle.person("partner")

    reply_to_meeting(meeting=cycle.meeting, reply="yes", by=by)
    reply_to_meeting(meeting=cycle.meeting, reply="maybe", by=by)

    assert mailed_to() == [by.email]
    assert row_of(cycle, "partner").told_sequence == 0


def test_who_says_no_before_the_invitations_gets_no_mail():
    cycle = make_cycle()
    invite_everybody(meeting=cycle.meeting, by=cycle.person("contact"))

    reply_to_meeting(meeting=cycle.meeting, reply="no", by=cycle.person("partner"))

    assert not Email.objects.exists()
    assert row_of(cycle, "partner").told_sequence == 0


def test_guest_city_answers_for_itself():
    cycle = make_cycle()
    place = cycle.people["neighbour"].roles[0].municipality
    MeetingGuest.objects.create(meeting=cycle.meeting, municipality=place)

    page = url("reply", cycle.meeting.pk)
    answer = sent(cycle.client("neighbour"), page, {"reply": "yes"})

    assert answer.status_code == 302
    assert row_of(cycle, "neighbour").municipality == place


def test_city_that_left_answers_nothing():
    cycle = make_cycle()
    cycle.tandem.members.filter(municipality=cycle.arezzo).update(
        left_on=timezone.localdate() - DAY, left_precision="day"
    )

    with pytest.raises(PermissionDenied):
        reply_to_meeting(meeting=cycle.meeting, reply="yes", by=cycle.person("partner"))


def test_signed_in_without_a_date_leads_to_the_poll():
    cycle = make_cycle(**UNDATED)
    DatePollFactory(meeting=cycle.meeting)

    answer = cycle.client("partner").get(url("reply", cycle.meeting.pk))

    assert (answer.status_code, answer.url) == (302, url("poll", cycle.meeting.pk))


@pytest.mark.parametrize("by_link", [True, False])
def test_question_and_its_answers_come_before_the_note_and_the_button(client, by_link):
    cycle = invited()
    row = row_of(cycle, "partner")
    page = link_of(row) if by_link else url("reply", cycle.meeting.pk)
    browser = client if by_link else cycle.client("partner")

    form = read(browser.get(page)).main.one("form", class_="form")

    asked = [one.attributes.get("value", one.tag) for one in form.all(name="reply")]
    assert form.one("legend").text == "Are you coming?"
    assert asked == ["yes", "maybe", "no"]
    order = [one for one in form.walk() if one.tag in {"legend", "input", "textarea", "button"}]
    shown = [one.tag for one in order if one.attributes.get("type") != "hidden"]
    assert shown == ["legend", *["input"] * 3, "textarea", "button"]
    # Nothing is suggested to who has not answered; who has finds the own answer.
    assert "reply" not in form.values()
    sent(browser, page, {"reply": "maybe"})
    again = read(browser.get(page)).main.one("form", class_="form")
    assert again.values()["reply"] == ["maybe"]


def test_answer_page_keeps_the_note_and_shows_the_answer_so_far():
    cycle = invited()
    client = cycle.client("partner")
    page = url("reply", cycle.meeting.pk)

    sent(client, page, {"reply": "maybe", "note": "Zug um neun"})
    document = read(client.get(page))

    assert "Your answer: may come (Zug um neun)" in document.main.text
    assert document.main.one("form", class_="form").values()["note"] == ["Zug um neun"]
    assert document.faults == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_whole_in_both_languages(client, language):
    cycle = invited()
    row = row_of(cycle, "partner")
    signed_in = cycle.client("partner").get(
        url("reply", cycle.meeting.pk).replace("/en/", f"/{language}/", 1)
    )
    by_link = client.get(link_of(row).replace("/en/", f"/{language}/", 1))
    gone = client.get(reverse("meetings:answer", args=["x"]).replace("/de/", f"/{language}/", 1))

    for response in (signed_in, by_link, gone):
        document = read(response)
        assert (document.faults, document.language) == ([], language)


# --- the date that was answered for ---------------------------------------------------------------


def moved(meeting, by):
    """Move a meeting as the page of its plan does; everybody is told."""
    start = meeting.starts_at + 7 * DAY
    set_date(
        meeting=meeting,
        earliest=start.date(),
        latest=start.date(),
        starts_at=start,
        ends_at=start + dt.timedelta(hours=2),
        time_zone=meeting.time_zone,
        by=by,
    )
    return Meeting.objects.get(pk=meeting.pk)


def ways(cycle, client):
    """Return the two ways to the form of one person: browser and page, by link and signed in."""
    yield client, link_of(row_of(cycle, "partner"))
    yield cycle.client("partner"), url("reply", cycle.meeting.pk)


def test_answer_for_a_date_that_changes_at_this_moment_is_refused():
    cycle = invited()
    row, mark = row_of(cycle, "partner"), mark_of_date(cycle.meeting)
    moved(cycle.meeting, cycle.person("contact"))

    for act in (
        partial(answer_invitation, attendance=row),
        partial(reply_to_meeting, meeting=cycle.meeting),
    ):
        with pytest.raises(ValidationError) as refused:
            act(reply=Reply.YES, mark=mark, by=cycle.person("partner"))
        assert refused.value.code == "moved"
    assert row_of(cycle, "partner").reply == Reply.NONE


@pytest.mark.parametrize("way", [0, 1])
def test_answer_from_a_page_with_another_date_is_asked_for_anew_and_nothing_typed_is_lost(
    client, way
):
    cycle = invited()
    browser, page = list(ways(cycle, client))[way]
    open_tab = browser.get(page)
    typed = {"reply": "yes", "note": "Zug um neun"}
    meeting = moved(cycle.meeting, cycle.person("contact"))

    response = sent(browser, page, typed, open_tab)
    document = read(response)
    before = row_of(cycle, "partner").reply

    assert (response.status_code, before) == (409, Reply.NONE)
    assert "The meeting has been moved since you opened this page." in document.main.text
    shown = [time["datetime"] for time in document.main.all("time")]
    assert meeting.starts_at in [dt.datetime.fromisoformat(moment) for moment in shown]
    form = document.main.one("form", class_="form").values()
    assert (form["reply"], form["note"]) == (["yes"], ["Zug um neun"])
    assert document.faults == []
    # What stands there can be sent as it is: it is about the date that is shown now.
    again = browser.post(page, {name: value for name, (value,) in form.items()})
    row = row_of(cycle, "partner")
    assert again.status_code == 302
    assert (row.reply, row.reply_note) == ("yes", "Zug um neun")


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize(
    "fields",
    [{"title_en": "Renamed"}, {"place": "Elsewhere"}, {"remote_link": "https://x.example"}],
)
def test_answer_holds_when_only_something_else_changed_meanwhile(client, way, fields):
    cycle = invited()
    browser, page = list(ways(cycle, client))[way]
    open_tab = browser.get(page)
    change(cycle.meeting, **fields, sequence=9)

    response = sent(browser, page, {"reply": "yes"}, open_tab)

    assert (response.status_code, row_of(cycle, "partner").reply) == (302, "yes")


@pytest.mark.parametrize("way", [0, 1])
def test_answer_from_a_page_opened_before_the_meeting_was_called_off_says_so(client, way):
    cycle = invited()
    browser, page = list(ways(cycle, client))[way]
    open_tab = browser.get(page)
    change(cycle.meeting, status=MeetingStatus.CANCELLED)

    response = sent(browser, page, {"reply": "yes"}, open_tab)

    assert response.status_code == 409
    text = read(response).main.text
    assert "This meeting was cancelled." in text
    assert "send it again" not in text
    assert row_of(cycle, "partner").reply == Reply.NONE


@pytest.mark.parametrize("way", [0, 1])
def test_form_that_does_not_say_for_which_date_is_shown_once_more(client, way):
    cycle = invited()
    browser, page = list(ways(cycle, client))[way]

    response = browser.post(page, {"reply": "maybe", "note": "Zug"})
    document = read(response)

    assert response.status_code == 409
    assert "moved" not in document.main.text
    assert "Please check the date above" in document.main.text
    assert row_of(cycle, "partner").reply == Reply.NONE
    form = document.main.one("form", class_="form").values()
    browser.post(page, {name: value for name, (value,) in form.items()})
    assert row_of(cycle, "partner").reply == "maybe"


@pytest.mark.django_db(transaction=True)
def test_two_windows_answer_at_once_and_make_one_row():
    cycle = make_cycle()
    by, again = cycle.person("partner"), cycle.person("partner")

    act_at_once(
        lambda: reply_to_meeting(meeting=cycle.meeting, reply="yes", by=by),
        lambda: reply_to_meeting(meeting=cycle.meeting, reply="no", by=again),
    )

    assert [row.reply for row in Attendance.objects.all()] == ["no"]
