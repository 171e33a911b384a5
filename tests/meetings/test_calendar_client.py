"""A real calendar program, khal, reads the public feed."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import F

from core.dates import DatePrecision
from meetings.actions import change_meeting_status
from meetings.enums import MeetingStatus
from meetings.models import Meeting

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
