"""A real calendar program, khal, reads the calendars; some over real HTTP, as a subscriber does."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.core.management import call_command
from django.db.models import F

from core.dates import DatePrecision
from meetings.actions import change_meeting_status
from meetings.actions.feeds import make_feed, replace_feed, revoke_feed
from meetings.enums import MeetingStatus
from meetings.links import feed_link
from meetings.models import Meeting
from meetings.views import feeds
from tests.cycle import make_cycle, plan_for
from tests.factories import MeetingFactory

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("de", "en")
DAY = dt.timedelta(days=1)
# The programme with some months around it.
FIRST, LAST = dt.date(2022, 1, 1), dt.date(2025, 12, 31)

CONFIGURATION = """\
[calendars]
[[portal]]
path = {folder}/events
type = calendar
[locale]
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[default]
default_calendar = portal
[sqlite]
path = {folder}/khal.db
"""


@dataclass(frozen=True)
class Khal:
    """khal with a configuration and a calendar of its own."""

    folder: Path

    def run(self, *arguments: object) -> str:
        """Return what khal prints; fail with its words when it refuses."""
        program = Path(sys.executable).with_name("khal")
        if not program.exists():
            pytest.fail("khal is missing beside Python. `make setup-dev` installs it.")
        answer = subprocess.run(
            [program, "--config", self.folder / "config", *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"},
        )
        if answer.returncode:
            pytest.fail(f"khal {arguments[0]} stopped:\n{answer.stdout}{answer.stderr}")
        return answer.stdout

    def take_in(self, feed: bytes) -> None:
        """Import a calendar file."""
        file = self.folder / "feed.ics"
        file.write_bytes(feed)
        self.run("import", "--batch", "--include-calendar", "portal", file)

    def days(
        self, first: dt.date = FIRST, last: dt.date = LAST
    ) -> dict[dt.date, list[dict[str, str]]]:
        """Return what the calendar shows on each day from ``first`` to ``last``."""
        fields = ("title", "start-time", "location", "uid", "status")
        asked = [part for field in fields for part in ("--json", field)]
        lines = self.run("list", *asked, first, last).splitlines()
        assert len(lines) == (last - first).days + 1, "khal no longer prints one line a day"
        return {first + DAY * number: json.loads(line) for number, line in enumerate(lines)}

    def shown_on(self, day: dt.date) -> list[dict[str, str]]:
        """Return what the calendar shows on one day."""
        return self.days(day, day)[day]


@pytest.fixture
def khal(tmp_path):
    (tmp_path / "events").mkdir()
    (tmp_path / "config").write_text(CONFIGURATION.format(folder=tmp_path), encoding="utf-8")
    return Khal(tmp_path)


@pytest.fixture
def download(db, client):
    """Load the real programme and return a function that fetches the feed of a language."""
    call_command("load_programme", ROOT / "data" / "programme.json", verbosity=0)

    def fetch(language):
        response = client.get(f"/{language}/meetings/calendar.ics")
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        return response.content

    return fetch


def events_of(days):
    """Return one entry for each event and day."""
    return [event for events in days.values() for event in events]


@pytest.mark.parametrize(
    ("language", "title"), [("de", "Virtueller Auftakt"), ("en", "Virtual kick-off")]
)
def test_kick_off_stands_on_its_day(khal, download, language, title):
    khal.take_in(download(language))

    shown = khal.shown_on(dt.date(2022, 5, 17))

    assert [event["title"] for event in shown] == [title]
    assert (shown[0]["start-time"], shown[0]["status"].strip()) == ("", "CONFIRMED")


@pytest.mark.parametrize("language", LANGUAGES)
def test_visit_of_several_days_stands_on_each_of_them(khal, download, language):
    exact = Meeting.objects.dated_to_the_day()
    visits = exact.filter(starts_at=None, latest__gt=F("earliest"))
    khal.take_in(download(language))

    days = khal.days()

    assert visits.count() >= 3
    for visit in visits:
        uid = f"{visit.uid}@vernetztineuropa"
        shown = [day for day, events in days.items() if uid in {event["uid"] for event in events}]
        length = (visit.latest - visit.earliest).days + 1
        assert shown == [visit.earliest + DAY * number for number in range(length)], visit.title


def test_time_of_day_is_the_clock_of_the_place(khal, download):
    khal.take_in(download("de"))

    shown = khal.shown_on(dt.date(2024, 10, 22))

    assert [event["start-time"] for event in shown] == ["18:30"]
    assert shown[0]["location"].startswith("Arnsberg")


@pytest.mark.parametrize("language", LANGUAGES)
def test_meeting_without_documented_day_is_absent(khal, download, language):
    exact = set(Meeting.objects.dated_to_the_day().values_list("uid", flat=True))
    vague = Meeting.objects.exclude(precision=DatePrecision.DAY).count()
    khal.take_in(download(language))

    shown = {event["uid"].partition("@")[0] for event in events_of(khal.days())}

    assert vague >= 3
    assert shown == {str(uid) for uid in exact}


def test_cancelled_meeting_is_marked_after_the_next_fetch(khal, download):
    khal.take_in(download("de"))
    meeting = Meeting.objects.get(reference="make-a-thon-2024")
    assert [event["status"].strip() for event in khal.shown_on(meeting.earliest)] == ["TENTATIVE"]

    change_meeting_status(meeting=meeting, status=MeetingStatus.CANCELLED, by=None)
    khal.take_in(download("de"))

    assert [event["status"].strip() for event in khal.shown_on(meeting.earliest)] == ["CANCELLED"]


def test_second_import_doubles_nothing(khal, download):
    khal.take_in(download("de"))
    once = events_of(khal.days())

    khal.take_in(download("de"))

    assert events_of(khal.days()) == once
    assert len(list(khal.folder.glob("events/*.ics"))) == len({event["uid"] for event in once})


def test_feed_of_the_other_language_translates_the_same_events(khal, download):
    khal.take_in(download("de"))
    german = events_of(khal.days())

    khal.take_in(download("en"))

    english = events_of(khal.days())
    assert [event["uid"] for event in english] == [event["uid"] for event in german]
    assert {event["title"] for event in english}.isdisjoint(event["title"] for event in german)


# --- over HTTP ------------------------------------------------------------------------------------


@dataclass
class Subscriber:
    """A program that keeps a calendar and asks for it again, as vdirsyncer and others do."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def sync(self, method: str = "GET") -> int:
        """Ask for what changed, keep it and return the status."""
        try:
            with urlopen(Request(self.url, headers=self.headers, method=method)) as answer:
                self.body = answer.read()
                if answer.headers["Content-Encoding"] == "gzip":
                    self.body = gzip.decompress(self.body)
                self.headers["If-None-Match"] = answer.headers["ETag"]
                return answer.status
        except HTTPError as refusal:
            with refusal:
                return refusal.code


@pytest.fixture
def host(transactional_db, settings, request):
    """Return where a real server answers."""
    # Django's server for tests wants to know where files would be; the portal serves none.
    settings.MEDIA_URL = "/no-media/"
    return request.getfixturevalue("live_server").url


@pytest.fixture
def personal(host):
    """Return a partnership at work and the subscriber of its contact person."""
    cycle = make_cycle(title_de="Werkstatt: Βάρη, Łódź & Видин 🌍", place="Arezzo")
    link = feed_link(make_feed(by=cycle.person("contact")))
    return cycle, Subscriber(f"{host}{link}")


def test_personal_calendar_stands_in_the_program_and_follows(khal, personal):
    cycle, subscriber = personal
    first = cycle.meeting.earliest
    visit = {"earliest": first + 5 * DAY, "latest": first + 7 * DAY, "title_de": "Besuch"}
    plan_for(cycle.tandem, **visit, starts_at=None, ends_at=None, time_zone="")

    assert subscriber.sync() == 200
    khal.take_in(subscriber.body)
    days = khal.days(first, first + 9 * DAY)

    titles = {day: [event["title"] for event in events] for day, events in days.items() if events}
    besuch = {first + number * DAY: ["Besuch"] for number in (5, 6, 7)}
    assert titles == {first: ["Werkstatt: Βάρη, Łódź & Видин 🌍"], **besuch}
    assert days[first][0]["location"].startswith("Arezzo")
    assert (subscriber.sync(), subscriber.sync()) == (304, 304)

    meeting = Meeting.objects.get(pk=cycle.meeting.pk)
    meeting.starts_at += DAY
    meeting.ends_at += DAY
    meeting.earliest = meeting.latest = first + DAY
    meeting.sequence += 1
    meeting.save()
    assert subscriber.sync() == 200
    khal.take_in(subscriber.body)
    assert khal.shown_on(first) == []
    assert [event["title"] for event in khal.shown_on(first + DAY)] == [meeting.title_de]


def test_cancelled_meeting_is_marked_in_the_program(khal, personal):
    cycle, subscriber = personal
    subscriber.sync()
    khal.take_in(subscriber.body)

    change_meeting_status(meeting=cycle.meeting, status=MeetingStatus.CANCELLED, by=None)
    assert subscriber.sync() == 200
    khal.take_in(subscriber.body)

    [event] = khal.shown_on(cycle.meeting.earliest)
    assert (event["title"][:8], event["status"].strip()) == ("Abgesagt", "CANCELLED")


def test_program_finds_nothing_after_the_address_was_replaced_or_ended(personal, host):
    cycle, old = personal
    person = cycle.person("contact")
    assert old.sync() == 200

    feed = replace_feed(nonce=person.calendar_feed.nonce, by=person)
    new = Subscriber(f"{host}{feed_link(feed)}")
    assert (old.sync(), new.sync()) == (404, 200)

    revoke_feed(by=person)
    assert (old.sync(), new.sync()) == (404, 404)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_long_calendar_arrives_whole_and_is_told_unchanged(khal, host, monkeypatch, encoding):
    monkeypatch.setattr(feeds, "LONGEST_WHOLE", 10)
    day = dt.date(2024, 1, 1)
    Meeting.objects.bulk_create(
        MeetingFactory.build(earliest=day + number * DAY, latest=day + number * DAY)
        for number in range(60)
    )
    url = f"{host}/de/meetings/calendar.ics"
    subscriber = Subscriber(url, {"Accept-Encoding": encoding})

    assert subscriber.sync() == 200
    assert subscriber.body.endswith(b"END:VCALENDAR\r\n")
    assert subscriber.sync() == 304
    assert Subscriber(url).sync("HEAD") == 200
    khal.take_in(subscriber.body)

    assert len(events_of(khal.days(day, day + 60 * DAY))) == 60
