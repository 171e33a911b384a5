"""Calendars of a partnership and of a person: what stands in them, for whom, and for how long."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from icalendar import Calendar

from accounts.actions.people import erase_person
from meetings.actions.inviting import invite_everybody, send_invitations
from meetings.links import feed_link
from meetings.models import Meeting
from tandems.enums import TandemStatus
from tests.cycle import AttendanceFactory, CalendarFeedFactory, make_cycle, plan_for
from tests.factories import MeetingFactory, TandemFactory, make_pair
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NONSENSE = "/de/calendar/bm9uc2Vuc2U:1abc:xyz.ics"


def events(response):
    body = response.getvalue() if response.streaming else response.content
    return Calendar.from_ical(body).walk("VEVENT")


def titles(response):
    return sorted(str(event["summary"]) for event in events(response))


def address_of(person):
    """Return the address of somebody's personal calendar, made anew where there is none."""
    feed = getattr(person, "calendar_feed", None) or CalendarFeedFactory(user=person)
    return feed_link(feed)


def shown_to(cycle, name):
    return titles(Client().get(address_of(cycle.people[name])))


def make_world():
    """Return a partnership with a meeting of each kind that a personal calendar may show."""
    cycle = make_cycle(title_de="Intern", title_en="Internal")
    joint = plan_for(TandemFactory(status="active"), scope="several", title_de="Gemeinsam")
    joint.partnerships.add(cycle.tandem)
    plan_for(None, title_de="Netzwerk")
    foreign = TandemFactory(status="active")
    visited = plan_for(foreign, title_de="Zu Gast")
    MeetingGuestFactory(meeting=visited, municipality=cycle.hamm)
    plan_for(foreign, title_de="Fremd")
    MeetingFactory(scope="tandem", tandem=foreign, title_de="Fremd und öffentlich")
    plan_for(cycle.tandem, title_de="Nur Monat", precision="month", starts_at=None, ends_at=None)
    return cycle


# --- of a partnership -----------------------------------------------------------------------------


def test_partnership_s_calendar_holds_its_public_meetings_and_joint_ones(client):
    pair = make_pair(slug="hamm-arezzo", name_de="Hamm und Arezzo", name_en="Hamm and Arezzo")
    MeetingFactory(tandem=pair, scope="tandem", title_de="Auftakt")
    joint = MeetingFactory(tandem=make_pair(), scope="several", title_de="Gemeinsam")
    joint.partnerships.add(pair, joint.tandem)
    MeetingFactory(tandem=pair, scope="tandem", title_de="Intern", is_public=False)
    MeetingFactory(tandem=make_pair(), scope="tandem", title_de="Fremd")
    MeetingFactory(title_de="Netzwerk")

    response = client.get("/de/tandems/hamm-arezzo/calendar.ics")

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert titles(response) == ["Auftakt", "Gemeinsam"]
    assert Calendar.from_ical(response.content)["name"] == "Hamm und Arezzo: Treffen"


def test_partnership_s_calendar_never_shows_the_link_for_taking_part(client):
    pair = make_pair(slug="hamm-arezzo")
    MeetingFactory(
        tandem=pair, scope="tandem", remote_link="https://video.example/1", remote_note="GEHEIM"
    )

    for path in ("/de/tandems/hamm-arezzo/calendar.ics", "/de/meetings/calendar.ics"):
        body = client.get(path).content
        assert b"video.example" not in body
        assert b"GEHEIM" not in body


@pytest.mark.parametrize("slug", ["planned", "nothing"])
def test_partnership_that_is_not_public_has_no_calendar(client, slug):
    TandemFactory(slug="planned", status=TandemStatus.PLANNED)

    assert client.get(f"/de/tandems/{slug}/calendar.ics").status_code == 404


def test_partnership_s_calendar_answers_unchanged(client):
    pair = make_pair(slug="hamm-arezzo")
    MeetingFactory(tandem=pair, scope="tandem")
    path = "/de/tandems/hamm-arezzo/calendar.ics"
    etag = client.get(path).headers["ETag"]

    unchanged = client.get(path, headers={"if-none-match": etag})
    MeetingFactory(tandem=pair, scope="tandem")
    changed = client.get(path, headers={"if-none-match": etag})

    assert (unchanged.status_code, unchanged.content, changed.status_code) == (304, b"", 200)


@pytest.mark.parametrize("rows", [1, 3])
def test_partnership_s_calendar_asks_three_times_and_then_twice(
    client, rows, django_assert_num_queries
):
    pair = make_pair(slug="hamm-arezzo")
    for _ in range(rows):
        MeetingFactory(tandem=pair, scope="tandem")

    with django_assert_num_queries(3):
        client.get("/de/tandems/hamm-arezzo/calendar.ics")
    # Every event is written by now.
    with django_assert_num_queries(2):
        client.get("/de/tandems/hamm-arezzo/calendar.ics")


# --- of a person: what stands in it ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("contact", ["Gemeinsam", "Intern", "Netzwerk", "Zu Gast"]),
        ("colleague", ["Gemeinsam", "Intern", "Netzwerk", "Zu Gast"]),
        ("partner", ["Gemeinsam", "Intern", "Netzwerk"]),
        ("neighbour", ["Netzwerk"]),
        ("reviewer", []),
        ("observer", []),
        ("nobody", []),
    ],
)
def test_personal_calendar_shows_what_the_person_reads_from_within(name, shown):
    cycle = make_world()

    assert shown_to(cycle, name) == shown


@pytest.mark.parametrize("name", ["coordinator", "bbsr"])
def test_team_s_calendar_shows_everything_that_is_dated(name):
    cycle = make_world()

    shown = set(shown_to(cycle, name))

    assert shown == {"Fremd", "Gemeinsam", "Intern", "Netzwerk", "Zu Gast"}


def test_roles_of_the_moment_decide():
    cycle = make_cycle(title_de="Intern")
    path = address_of(cycle.people["contact"])
    before = Client().get(path)

    cycle.people["contact"].role_assignments.update(until=timezone.localdate() - DAY)
    after = Client().get(path, headers={"if-none-match": before.headers["ETag"]})

    assert (titles(before), after.status_code, titles(after)) == (["Intern"], 200, [])


def test_meeting_becomes_certain_once_people_were_invited():
    cycle = make_cycle()
    path, by = address_of(cycle.people["contact"]), cycle.person("contact")
    before = Client().get(path)

    invite_everybody(meeting=cycle.meeting, by=by)
    send_invitations(meeting=cycle.meeting, by=by)
    after = Client().get(path, headers={"if-none-match": before.headers["ETag"]})

    # It is the same as in the mail, although nothing about the meeting itself has changed.
    stood = [str(event["status"]) for answer in (before, after) for event in events(answer)]
    assert (after.status_code, stood) == (200, ["TENTATIVE", "CONFIRMED"])


def test_city_that_left_keeps_what_was_there():
    cycle = make_cycle(title_de="Danach")
    day = timezone.localdate() - 10 * DAY
    plan_for(cycle.tandem, title_de="Davor", earliest=day, latest=day, starts_at=None, ends_at=None)
    cycle.tandem.members.filter(municipality=cycle.hamm).update(left_on=day + DAY)

    assert shown_to(cycle, "contact") == ["Davor"]
    assert shown_to(cycle, "partner") == ["Danach", "Davor"]


@pytest.mark.parametrize(("days", "shown"), [(365, ["Alt"]), (366, [])])
def test_personal_calendar_looks_back_one_year(days, shown):
    cycle = make_cycle(precision="month", starts_at=None, ends_at=None)
    day = timezone.localdate() - days * DAY
    plan_for(cycle.tandem, title_de="Alt", earliest=day, latest=day, starts_at=None, ends_at=None)

    assert shown_to(cycle, "contact") == shown


def test_internal_meeting_says_how_to_take_part():
    link = "https://video.example/raum?a=1,2;b"
    cycle = make_cycle(
        remote_link=link,
        remote_note="Kenncode 4711",
        access_notes_de="Aufzug im Hof",
        title_de="Werkstatt",
        title_en="Workshop",
    )

    [event] = events(Client().get(address_of(cycle.people["contact"])))

    page = f"http://localhost:8000/de/meetings/{cycle.meeting.pk}/internal/"
    assert str(event["description"]).split("\n") == [
        "Hamm und Arezzo",
        "Anreise und Zugang: Aufzug im Hof",
        f"Online teilnehmen: {link}",
        "Kenncode 4711",
        page,
    ]
    assert (event["location"], str(event["conference"]), event["url"]) == (link, link, page)


def test_cancelled_meeting_is_marked_in_title_and_status():
    cycle = make_cycle(title_de="Werkstatt", status="cancelled")

    [event] = events(Client().get(address_of(cycle.people["contact"])))

    assert (event["summary"], event["status"]) == ("Abgesagt: Werkstatt", "CANCELLED")


def test_personal_calendar_names_nobody():
    cycle = make_cycle()
    for person in cycle.people.values():
        person.name = f"Erika {person.pk} Geheim"
        person.save()
        AttendanceFactory(meeting=cycle.meeting, user=person)

    body = Client().get(address_of(cycle.people["contact"])).content.decode().replace("\r\n ", "")

    assert "Geheim" not in body
    assert not [person for person in cycle.people.values() if person.email in body]


@pytest.mark.parametrize(("language", "title"), [("de", "Intern"), ("en", "Internal")])
def test_personal_calendar_speaks_the_language_of_the_person(language, title):
    cycle = make_cycle(title_de="Intern", title_en="Internal")
    person = cycle.people["contact"]
    person.language = language
    person.save()
    with translation.override("de"):
        path = address_of(person)

    answers = [
        Client().get(path.replace("/de/", f"/{way}/"), headers={"accept-language": "en"})
        for way in ("de", "en")
    ]

    assert [titles(response) for response in answers] == [[title], [title]]
    assert {response.headers["Content-Language"] for response in answers} == {language}
    assert answers[0].content == answers[1].content


# --- of a person: who gets it ---------------------------------------------------------------------


def close(person):
    person.is_active = False
    person.save()


def erase(person):
    erase_person(user=person, by=None)


def replace(person):
    person.calendar_feed.nonce = "another"
    person.calendar_feed.save()


def revoke(person):
    person.calendar_feed.delete()


@pytest.mark.parametrize("end", [close, erase, replace, revoke])
def test_address_that_ended_is_like_one_that_never_was(end):
    cycle = make_cycle()
    path = address_of(cycle.people["contact"])
    alive = Client().get(path)

    end(cycle.people["contact"])
    ended = Client().get(path, headers={"if-none-match": alive.headers["ETag"]})

    nonsense = Client().get(NONSENSE)
    assert [alive.status_code, ended.status_code, nonsense.status_code] == [200, 404, 404]
    for name in ("X-Request-ID", "Content-Security-Policy", "Content-Length"):
        ended.headers.pop(name, None), nonsense.headers.pop(name, None)
    assert dict(ended.headers) == dict(nonsense.headers)
    assert ended.headers["Cache-Control"] == "private, no-store"


def test_address_of_another_kind_opens_no_calendar():
    """What is signed for one purpose is worth nothing for another."""
    cycle = make_cycle()
    attendance = AttendanceFactory(meeting=cycle.meeting, user=cycle.people["contact"])
    with translation.override("de"):
        from_mail = reverse("meetings:answer", args=["x"])
    token = address_of(cycle.people["contact"]).rpartition("/")[2].removesuffix(".ics")

    assert Client().get(from_mail.replace("/x/", f"/{token}/")).status_code in {404, 410}
    assert attendance.user.calendar_feed.nonce not in token


@pytest.mark.parametrize("name", ["visitor", "neighbour", "contact"])
def test_personal_calendar_is_kept_by_nobody_and_sets_no_cookie(settings, name):
    settings.PAGE_CACHE_SECONDS = 60
    cycle = make_cycle()
    path = address_of(cycle.people["contact"])
    client = cycle.client(name)

    for response in (client.get(path), client.get(path)):
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "Content-Encoding" not in response.headers
        assert not response.cookies
    cycle.people["contact"].role_assignments.update(until=timezone.localdate() - DAY)
    assert titles(client.get(path)) == []


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_personal_calendar_is_read_only(method):
    cycle = make_cycle()
    response = getattr(Client(), method)(address_of(cycle.people["contact"]))

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


def test_personal_calendar_answers_unchanged_until_something_changes():
    cycle = make_cycle(title_de="Alt")
    path = address_of(cycle.people["contact"])
    first = Client().get(path)
    known = {"if-none-match": first.headers["ETag"]}

    unchanged = Client().get(path, headers=known)
    meeting = Meeting.objects.get(pk=cycle.meeting.pk)
    meeting.title_de = "Neu"
    meeting.save()
    changed = Client().get(path, headers=known)

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["Cache-Control"] == "private, no-store"
    assert (changed.status_code, titles(changed)) == (200, ["Neu"])
    # Whom roles let in changes no meeting: a moment would promise what it cannot keep.
    assert "Last-Modified" not in first.headers


def test_head_has_the_headers_of_get():
    cycle = make_cycle()
    path = address_of(cycle.people["contact"])
    asked, got = Client().head(path), Client().get(path)

    for response in (asked, got):
        response.headers.pop("X-Request-ID")
    assert (dict(asked.headers), asked.content) == (dict(got.headers), b"")


@pytest.mark.parametrize("rows", [1, 3])
def test_personal_calendar_asks_four_times_and_then_three_times(rows, django_assert_num_queries):
    cycle = make_cycle()
    for _ in range(rows - 1):
        plan_for(cycle.tandem)
    path = address_of(cycle.people["contact"])

    with django_assert_num_queries(4):
        Client().get(path)
    with django_assert_num_queries(3):
        Client().get(path)
