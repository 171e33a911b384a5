"""The invented partnership of the demo: all of it there, seen by every role, made only once."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone, translation
from post_office.models import Email

from accounts.models import User
from core.models import StatusChange
from meetings.enums import MeetingKind, MeetingStatus, MinutesState
from meetings.models import (
    Attendance,
    Commitment,
    Consultation,
    Contribution,
    LearningEntry,
    Meeting,
    Minutes,
    PollReply,
)
from meetings.preparation import QUESTIONS, gaps_of
from municipalities.models import Municipality
from tandems.models import ProfileVersion, Tandem, TandemNotice
from tests.factories import MunicipalityFactory, make_user, sign_in

DATA = Path(__file__).resolve().parents[2] / "data" / "demo_meetings.json"
SLUG = "lindenau-an-der-aue-vale-da-ribeira"
#: A city of another partnership, which may read one of the meetings.
GUEST = "krefeld"
OF_PARTNERSHIP = (
    *("home", "history", "people", "profile", "versions", "topics", "documents", "pictures"),
    *("meetings", "meeting-plan", "commitments", "log", "log-add", "log-network"),
)
OF_MEETING = ("home", "edit", "questions", "agenda", "briefing", "invitations", "commitments")
#: Which of the meetings have more pages: its kind and status → names of pages.
OF_SOME = {
    (MeetingKind.KICK_OFF, MeetingStatus.HELD): ("minutes", "attendance", "entry"),
    (MeetingKind.SITE_VISIT, MeetingStatus.HELD): ("minutes", "minutes-public", "attendance"),
    (MeetingKind.WORKING_MEETING, MeetingStatus.HELD): ("minutes", "minutes-comment", "attendance"),
    (MeetingKind.WORKING_MEETING, MeetingStatus.ANNOUNCED): ("reply", "reminders", "entry"),
    (MeetingKind.RETURN_VISIT, MeetingStatus.PLANNED): ("poll",),
    (MeetingKind.CONSULTATION, MeetingStatus.HELD): ("consultation",),
    (MeetingKind.CONSULTATION, MeetingStatus.PLANNED): ("consultation",),
}


def load(path: Path = DATA) -> str:
    """Return what the command says."""
    output = StringIO()
    call_command("load_demo_meetings", path, stdout=output)
    return output.getvalue()


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Make the partnership once for all tests of the module, inside a transaction around them."""
    # Without the demo its accounts do not sign in.
    with override_settings(DEMO=True):
        with django_db_blocker.unblock(), translation.override("de"):
            around = transaction.atomic()
            around.__enter__()
            make_user("coordinator")
            make_user("contact", MunicipalityFactory(slug=GUEST))
            said = load()
        yield said
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)


def officer(name: str) -> User:
    """Return an officer of one of the cities, ``contact.vale`` for example."""
    return User.objects.get(email=f"{name}@demo.example")


def browser(person: User) -> Client:
    """Return the browser of a person, signed in."""
    client = Client()
    sign_in(client, person)
    return client


def tandem() -> Tandem:
    """Return the invented partnership."""
    return Tandem.objects.get(slug=SLUG)


def the(kind: str, status: str = MeetingStatus.HELD) -> Meeting:
    """Return the one meeting of a kind and status."""
    return Meeting.objects.get(kind=kind, status=status)


def meeting_pages() -> list[str]:
    """Return the internal pages of all meetings of the partnership."""
    return [
        reverse(f"meeting:{page}", args=[row.pk])
        for row in Meeting.objects.filter(tandem=tandem())
        for page in (*OF_MEETING, *OF_SOME[MeetingKind(row.kind), MeetingStatus(row.status)])
    ]


def test_accounts_of_both_cities_are_printed_and_work(demo, db, rf):
    first, *accounts = demo.splitlines()

    assert first.startswith("Demo: Lindenau an der Aue – Vale da Ribeira, 8 meetings.")
    printed = dict(line.split() for line in accounts)
    assert set(printed) == {
        f"{role}.{city}@demo.example"
        for role in ("contact", "deputy", "colleague")
        for city in ("lindenau", "vale")
    }
    assert all(User.objects.get(email=email).check_password(printed[email]) for email in printed)
    assert officer("contact.vale").time_zone == "Europe/Lisbon"


def test_cities_and_partnership_say_that_they_are_invented(demo, db):
    for place in Municipality.objects.filter(memberships__tandem=tandem()):
        assert place.description_de.startswith("Eine erfundene Kommune")
        assert place.description_en.startswith("An invented municipality")
    page = Client().get(tandem().get_absolute_url()).content.decode()
    assert "Eine erfundene Partnerschaft" in page
    assert ProfileVersion.objects.get(tandem=tandem()).state == "released"


def test_every_stage_of_a_meeting_can_be_seen(demo, db):
    found = Meeting.objects.filter(tandem=tandem()).values_list("kind", "status")

    assert Counter(found) == Counter(dict.fromkeys(OF_SOME, 1))
    minutes = Minutes.objects.select_related("meeting")
    assert {
        (row.meeting.kind, row.number, row.state, bool(row.released_at)) for row in minutes
    } == {
        (MeetingKind.KICK_OFF, 1, MinutesState.AGREED, True),
        (MeetingKind.SITE_VISIT, 1, MinutesState.AGREED, True),
        (MeetingKind.SITE_VISIT, 2, MinutesState.DRAFT, False),
        (MeetingKind.WORKING_MEETING, 1, MinutesState.IN_AGREEMENT, False),
    }
    network = the(MeetingKind.NETWORK_MEETING, MeetingStatus.ANNOUNCED)
    assert (network.tandem, network.agenda.count()) == (None, 2)


def test_commitments_have_every_fate(demo, db):
    today = timezone.localdate()
    rows = Commitment.objects.filter(tandem=tandem())

    states = Counter((row.state, row.is_overdue_on(today)) for row in rows)
    assert states == {
        ("kept", False): 3,
        ("dropped", False): 1,
        ("open", False): 3,
        ("open", True): 1,
    }
    # A consultation in English, too: its first step became a commitment.
    assert Counter(rows.values_list("language", flat=True)) == {"de": 4, "en": 4}
    moved = StatusChange.objects.filter(field="due_on")
    assert [row.note for row in moved] == [
        "The operator of the buses changes its screens this month."
    ]
    assert Counter(LearningEntry.objects.values_list("visibility", flat=True)) == {
        **dict.fromkeys(("city", "partnership", "network", "public"), 1)
    }


def test_coming_meetings_wait_for_people(demo, db):
    coming = the(MeetingKind.WORKING_MEETING, MeetingStatus.ANNOUNCED)
    asked = coming.questions.values_list("municipality", flat=True)
    gaps = gaps_of(coming, coming.acting_municipalities, asked)
    assert [gap.what for gap in gaps] == [QUESTIONS]
    replies = Counter(coming.attendances.values_list("reply", flat=True))
    assert replies == {"yes": 2, "maybe": 1, "no": 1, "none": 3}
    visit = the(MeetingKind.RETURN_VISIT, MeetingStatus.PLANNED)
    answered = set(PollReply.objects.values_list("attendance", flat=True))
    assert visit.poll.is_open
    assert (len(answered), Attendance.objects.filter(meeting=visit).count()) == (3, 6)


def test_one_consultation_is_closed_and_one_gathers_advice(demo, db):
    closed, running = Consultation.objects.order_by("state")

    assert (closed.state, closed.commitment.state) == ("closed", "kept")
    assert closed.released_sentence_en in Client().get(
        closed.meeting.get_absolute_url().replace("/de/", "/en/")
    ).content.decode().replace("&#x27;", "'")
    assert (running.state, running.mode, running.phase) == ("running", "written", 5)
    assert running.contributions.filter(kind="advice").count() == 2


def test_everything_happened_before_now_and_the_first_things_long_ago(demo, db):
    now = timezone.now()
    kick_off = the(MeetingKind.KICK_OFF)
    # Also what is written by the default of a column.
    first = Commitment.objects.filter(meeting=kick_off).earliest("made_at")
    assert (now - first.made_at).days > 180
    assert timezone.localdate(first.made_at) == kick_off.earliest
    assert not StatusChange.objects.filter(changed_at__gt=now).exists()
    assert not Contribution.objects.filter(written_at__gt=now).exists()
    assert all(row.since < kick_off.earliest for row in officer("contact.vale").roles)


def test_nobody_gets_a_mail(demo, db):
    assert Email.objects.count() == 0
    assert TandemNotice.objects.count() == 0


@pytest.mark.parametrize("name", ["contact.lindenau", "contact.vale"])
def test_contact_of_each_city_reads_every_page(demo, db, name):
    client = browser(officer(name))
    pages = [reverse(f"workspace:{page}", args=[SLUG]) for page in OF_PARTNERSHIP]
    pages += [row.get_absolute_url() for row in Commitment.objects.filter(tandem=tandem())]
    pages += [reverse("dashboard"), reverse("meeting:list"), *meeting_pages()]

    found = {page: client.get(page).status_code for page in pages}

    assert {page: status for page, status in found.items() if status != 200} == {}


def test_project_team_and_colleagues_read_what_is_theirs(demo, db):
    pages = [
        reverse(f"meeting:{page}", args=[row.pk])
        for row in Meeting.objects.all()
        for page in ("home", "questions", "agenda", "invitations")
    ]
    team = User.objects.get(role_assignments__role="coordinator")

    for person in (team, officer("colleague.lindenau"), officer("colleague.vale")):
        client = browser(person)
        found = {page: client.get(page).status_code for page in pages}
        assert {page: status for page, status in found.items() if status != 200} == {}


def test_guest_reads_the_plan_of_one_meeting_alone(demo, db):
    client = browser(User.objects.get(role_assignments__municipality__slug=GUEST))
    coming = the(MeetingKind.WORKING_MEETING, MeetingStatus.ANNOUNCED)

    assert client.get(reverse("meeting:agenda", args=[coming.pk])).status_code == 200
    assert client.get(reverse("meeting:minutes", args=[coming.pk])).status_code == 403
    assert client.get(reverse("workspace:home", args=[SLUG])).status_code == 404
    other = reverse("meeting:home", args=[the(MeetingKind.SITE_VISIT).pk])
    assert client.get(other).status_code == 404


def test_visitors_read_what_is_public_and_no_link_for_taking_part(demo, db):
    client, shown = Client(), ""
    pages = [reverse("tandems:index"), tandem().get_absolute_url(), reverse("meetings:index")]
    pages += [place.get_absolute_url() for place in Municipality.objects.all()]
    pages += [row.get_absolute_url() for row in Meeting.objects.visible_to(None)]
    for page in [*pages, reverse("meetings:calendar")]:
        answer = client.get(page)
        assert answer.status_code == 200, page
        shown += answer.content.decode()
    assert Meeting.objects.visible_to(None).count() == 6
    assert "Wer Messgeräte an Gartenzäunen will, zeigt sie zuerst am Gartentisch." in shown
    assert "Sensoren gehören an den Rand des Baches" in shown
    assert "video.example" not in shown
    assert "Katharina Vollmer" not in shown
    for row in Meeting.objects.exclude(pk__in=Meeting.objects.visible_to(None)):
        assert client.get(row.get_absolute_url()).status_code == 404


def test_second_run_changes_no_row(demo, stored):
    before = stored()

    said = load().splitlines()

    assert said == ["The invented partnership is there already.", *demo.splitlines()[1:]]
    assert stored() == before
