"""The calendar entry of one meeting for those who take part, and what only they are told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from icalendar import Calendar

from meetings.ical import entry_file, event_of
from tests.cycle import make_cycle
from tests.factories import MeetingFactory, MunicipalityFactory
from tests.workspace import MeetingGuestFactory

LINK = "https://video.example/raum?a=1,2;b=3"
CHANGED = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def make_meeting(**fields):
    """Return a meeting as it comes from the database, without asking one."""
    return MeetingFactory.build(**{"pk": 7, "changed_at": CHANGED, "slug": "meeting", **fields})


def read(body):
    [event] = Calendar.from_ical(body).walk("VEVENT")
    return event


def page(cycle):
    return f"/de/meetings/{cycle.meeting.pk}/internal/meeting.ics"


# --- the file of one meeting ----------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "status"),
    [
        *[(name, 200) for name in ("contact", "deputy", "colleague", "partner")],
        *[(name, 200) for name in ("coordinator", "bbsr")],
        *[(name, 404) for name in ("neighbour", "nobody", "reviewer", "observer")],
        ("visitor", 302),
    ],
)
def test_entry_is_for_those_who_take_part(name, status):
    cycle = make_cycle(remote_link=LINK)

    assert cycle.client(name).get(page(cycle)).status_code == status


@pytest.mark.django_db
def test_guest_saves_the_entry_too():
    cycle = make_cycle(remote_link=LINK)
    neighbour = cycle.person("neighbour").roles[0].municipality
    MeetingGuestFactory(meeting=cycle.meeting, municipality=neighbour)

    response = cycle.client("neighbour").get(page(cycle))

    assert read(response.content)["location"] == LINK


@pytest.mark.django_db
def test_entry_is_a_private_file_with_the_link():
    cycle = make_cycle(slug="werkstatt", remote_link=LINK, place="Rathaus")

    response = cycle.client("colleague").get(page(cycle))

    event = read(response.content)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="werkstatt.ics"'
    assert response.headers["Cache-Control"] == "private, no-store"
    assert (event["uid"], event["location"]) == (
        f"{cycle.meeting.uid}@vernetztineuropa",
        "Rathaus",
    )
    assert str(event["conference"]) == LINK
    assert event["url"].endswith(f"/de/meetings/{cycle.meeting.pk}/internal/")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_entry_is_read_only(method):
    cycle = make_cycle()

    assert getattr(cycle.client("contact"), method)(page(cycle)).status_code == 405


@pytest.mark.django_db
def test_meeting_without_a_day_has_no_entry():
    cycle = make_cycle(precision="month", starts_at=None, ends_at=None)

    assert cycle.client("contact").get(page(cycle)).status_code == 404


@pytest.mark.django_db
def test_public_entry_of_an_announced_meeting_keeps_the_link_back():
    cycle = make_cycle(status="announced", is_public=True, remote_link=LINK, remote_note="GEHEIM")

    body = Client().get(f"/de/meetings/{cycle.meeting.pk}/meeting.ics").content

    assert b"video.example" not in body
    assert b"GEHEIM" not in body


# --- what only those who take part are told -------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "address", "location"),
    [
        ("Rathaus", "", "Rathaus"),
        ("", "Markt 1, 59065 Hamm", "Markt 1, 59065 Hamm"),
        ("Rathaus", "Markt 1, 59065 Hamm", "Rathaus, Markt 1, 59065 Hamm"),
        ("Hamm", "Markt 1, 59065 Hamm", "Markt 1, 59065 Hamm"),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_location_is_place_and_address(inside, place, address, location):
    meeting = make_meeting(place=place, address=address, remote_link=LINK)

    assert read(entry_file(meeting, inside=inside))["location"] == location


def test_without_a_place_the_link_is_the_location_for_those_inside_alone():
    meeting = make_meeting(remote_link=LINK)

    assert read(entry_file(meeting, inside=True))["location"] == LINK
    assert "location" not in read(entry_file(meeting))


def test_conference_is_an_address_and_not_escaped():
    text = entry_file(make_meeting(remote_link=LINK), inside=True).decode()

    assert f"CONFERENCE;VALUE=URI:{LINK}\r\n" in text.replace("\r\n ", "")


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\x0b", "\x85", "\u2028"])
def test_no_sign_in_a_note_begins_a_line_of_its_own(sign):
    meeting = make_meeting(
        remote_link=f"https://x.example/{sign}ATTENDEE:mailto:x@example.org",
        remote_note=f"Kenncode{sign}ATTENDEE:mailto:x@example.org",
        access_notes_de=f"Aufzug{sign}ATTENDEE:mailto:x@example.org",
        address=f"Markt 1{sign}ATTENDEE:mailto:x@example.org",
    )

    rows = entry_file(meeting, inside=True).decode().replace("\r\n ", "").splitlines()

    assert [row for row in rows if row.startswith("ATTENDEE")] == []


def test_long_notes_in_any_script_come_back_whole():
    note = "Είσοδος από την πλατεία 🚪 Вход откъм площада " * 8
    meeting = make_meeting(access_notes_de=note, address="Πλατεία Ελευθερίας 1, Βάρη")

    body = entry_file(meeting, inside=True)

    assert max(len(row) for row in body.split(b"\r\n")) <= 75
    assert note.strip() in str(read(body)["description"])
    assert read(body)["location"] == "Πλατεία Ελευθερίας 1, Βάρη"


def test_planned_and_announced_meetings_are_not_called_undocumented_inside():
    event = event_of(make_meeting(status="announced"), inside=True)

    assert str(event["description"]) == "http://localhost:8000/de/meetings/7/internal/"


@pytest.mark.django_db
def test_participating_people_stand_in_no_entry():
    cycle = make_cycle()
    cycle.meeting.participants.add(MunicipalityFactory())

    body = cycle.client("contact").get(page(cycle)).content

    assert b"ATTENDEE" not in body
    assert b"ORGANIZER" not in body
