"""Meetings of several partnerships and of the network: what stays with one of them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from post_office.models import Email

from meetings.actions.agreeing import send_minutes
from meetings.actions.inviting import send_invitations
from meetings.actions.meeting import announce_meeting
from meetings.actions.minutes import begin_minutes
from meetings.models import Meeting
from tandems.models import TandemMember, TandemNotice
from tests.cycle import (
    AttendanceFactory,
    MinutesEntryFactory,
    MinutesFactory,
    make_cycle,
    plan_for,
)
from tests.factories import (
    CommitmentFactory,
    MunicipalityFactory,
    TandemFactory,
    TandemMemberFactory,
    make_user,
)
from tests.reading import read
from tests.walking import Walker
from vernetzt.changes import changes_for
from vernetzt.meeting_tasks import meeting_tasks

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
SECRET = "We end our contract with the operator"
HEADING = "What became of our commitments"


def tandem_of(person):
    places = [role.municipality for role in person.roles]
    return TandemMember.objects.get(municipality__in=places).tandem


def joint(**fields):
    """Return a cycle whose meeting, yesterday, is one with the partnership of the neighbour."""
    day = timezone.localdate() - DAY
    values = {"scope": "several", "status": "held", "earliest": day, "latest": day}
    cycle = make_cycle(**{**values, "starts_at": None, "ends_at": None, **fields})
    cycle.meeting.partnerships.set([cycle.tandem, tandem_of(cycle.person("neighbour"))])
    return cycle


def promise(cycle):
    return CommitmentFactory(
        tandem=cycle.tandem,
        municipality=cycle.hamm,
        text=SECRET,
        due_on=timezone.localdate() + 30 * DAY,
        made_at=timezone.now() - 60 * DAY,
    )


def with_planned(meeting):
    """Let a partnership that is not public yet meet along; return it."""
    planned = TandemFactory(status="planned")
    TandemMemberFactory(tandem=planned, position=0)
    meeting.partnerships.add(planned)
    return planned


# --- minutes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["contact", "neighbour", "coordinator"])
def test_joint_minutes_copy_no_commitment_whoever_begins_them(who):
    cycle = joint()
    promise(cycle)

    with translation.override("en"):
        minutes = begin_minutes(meeting=cycle.meeting, by=cycle.person(who))

    assert list(minutes.entries.values_list("heading", "text")) == [(HEADING, "")]
    page = read(cycle.client("neighbour").get(reverse("meeting:minutes", args=[cycle.meeting.pk])))
    assert SECRET not in page.main.text


def test_joint_minutes_without_a_commitment_have_no_entry_for_it():
    cycle = joint()

    assert not begin_minutes(meeting=cycle.meeting, by=cycle.person("contact")).entries.exists()


def test_minutes_of_one_partnership_still_list_its_commitments():
    cycle = joint(scope="tandem")
    promise(cycle)

    with translation.override("en"):
        minutes = begin_minutes(meeting=cycle.meeting, by=cycle.person("contact"))

    assert SECRET in minutes.entries.get(heading=HEADING).text


def test_network_minutes_tell_nobody_in_a_partnership_in_preparation():
    cycle = make_cycle()
    day = timezone.localdate() - DAY
    network = plan_for(None, status="held", earliest=day, latest=day, starts_at=None, ends_at=None)
    planned, stranger = TandemFactory(status="planned"), MunicipalityFactory()
    TandemMemberFactory(tandem=planned, municipality=cycle.hamm, position=0)
    TandemMemberFactory(tandem=planned, municipality=stranger, position=1)
    person = make_user("contact", stranger)
    # Hamm was once in this one too; nobody there is asked any more.
    former, other = TandemFactory(status="active"), MunicipalityFactory()
    TandemMemberFactory(tandem=former, municipality=cycle.hamm, position=0, left_on=day)
    TandemMemberFactory(tandem=former, municipality=other, position=1)
    network.participants.add(cycle.hamm)
    minutes = MinutesFactory(meeting=network)
    MinutesEntryFactory(minutes=minutes, text="Said", changed_by=cycle.people["coordinator"])

    send_minutes(
        minutes=minutes,
        agree_by=timezone.localdate() + 5 * DAY,
        by=cycle.person("coordinator"),
    )

    told = TandemNotice.objects.filter(event="minutes_sent")
    assert not told.filter(user=person).exists()
    assert set(told.values_list("tandem", flat=True)) == {cycle.tandem.pk}


# --- public ---------------------------------------------------------------------------------------


def test_public_meeting_waits_until_every_partnership_that_meets_is_public(client):
    cycle = joint(is_public=True, title_de="Gemeinsam")
    url = cycle.meeting.get_absolute_url()
    calendars = ["/de/meetings/calendar.ics", f"/de/tandems/{cycle.tandem.slug}/calendar.ics"]
    assert client.get(url).status_code == 200

    planned = with_planned(cycle.meeting)

    assert client.get(url).status_code == 404
    for path in ("/de/meetings/", *calendars):
        assert b"Gemeinsam" not in client.get(path).content
    cycle.people["planned"] = make_user("contact", planned.members.get().municipality)
    for who in ("contact", "planned", "coordinator"):
        assert cycle.meeting in Meeting.objects.visible_to(cycle.person(who))

    planned.status = "active"
    planned.save()
    assert client.get(url).status_code == 200


def test_announcing_says_that_a_joint_meeting_waits_for_a_partnership():
    day = timezone.localdate() + DAY
    cycle = joint(status="planned", earliest=day, latest=day)
    with translation.override("en"):
        url = reverse("meeting:announce", args=[cycle.meeting.pk])
    words = "becomes public once all of them are"
    before = read(cycle.client("contact").get(url)).main.text

    with_planned(cycle.meeting)

    after = read(cycle.client("contact").get(url)).main.text
    assert [words in text for text in (before, after)] == [False, True]


def waiting_joint():
    """Return a cycle whose joint meeting, tomorrow, can be announced; one partnership waits."""
    day = timezone.localdate() + DAY
    cycle = joint(status="planned", earliest=day, latest=day, title_en="Together")
    with_planned(cycle.meeting)
    return cycle


def in_english(name, meeting):
    with translation.override("en"):
        return reverse(f"meeting:{name}", args=[meeting.pk])


def test_announced_meeting_that_waits_is_not_called_public(client):
    cycle = waiting_joint()
    walker = Walker(cycle.people["contact"])
    walker.open(in_english("announce", cycle.meeting))

    page = walker.press("Announce the meeting")

    assert "becomes public as soon as every partnership" in page.main.text
    assert "now public" not in page.main.text
    events = set(TandemNotice.objects.values_list("event", flat=True))
    assert events == {"meeting_waits"}
    # And there is no way to a page that is not there.
    public = Meeting.objects.get(pk=cycle.meeting.pk).get_absolute_url()
    assert client.get(public).status_code == 404
    for name in ("home", "edit", "questions"):
        page = walker.open(in_english(name, cycle.meeting))
        assert "Public page" not in page.main.texts("a")
        assert "stands on its public page at once" not in page.main.text


def test_meeting_that_every_partnership_shows_leads_to_its_public_page():
    cycle = joint(is_public=True, status="announced", title_en="Together")
    walker = Walker(cycle.people["contact"])

    page = walker.open(in_english("home", cycle.meeting))

    assert "Public page" in page.main.texts("a")
    walker.follow("Public page")
    assert walker.page.main.one("h1").text == "Together"


@pytest.mark.parametrize(("waits", "named"), [(True, False), (False, True)])
def test_invitation_names_a_public_page_only_where_visitors_see_one(waits, named):
    day = timezone.localdate() + DAY
    cycle = joint(status="announced", is_public=True, earliest=day, latest=day, place="Hamm")
    if waits:
        with_planned(cycle.meeting)
    guest = AttendanceFactory(meeting=cycle.meeting, user=None, name="Eva", email="eva@example.org")

    send_invitations(meeting=cycle.meeting, by=cycle.person("contact"))

    mail = Email.objects.get(to="eva@example.org")
    assert guest.user is None
    assert (f"/meetings/{cycle.meeting.pk}/" in mail.message) is named


def test_news_of_a_meeting_that_waits_lead_to_its_internal_page():
    cycle = waiting_joint()
    announce_meeting(meeting=cycle.meeting, by=cycle.person("coordinator"))

    found = changes_for(cycle.person("contact"), timezone.now() - DAY)

    assert [change.url for change in found] == [cycle.meeting.internal_url]


# --- what waits -----------------------------------------------------------------------------------


def test_invitation_waits_only_for_who_can_open_it():
    cycle = make_cycle(status="announced", is_public=True)
    for who in ("nobody", "neighbour", "colleague"):
        AttendanceFactory(meeting=cycle.meeting, user=cycle.people[who], told_sequence=0)
    url = reverse("meeting:reply", args=[cycle.meeting.pk])

    for who, waits in (("nobody", False), ("neighbour", False), ("colleague", True)):
        assert (url in [row[2] for row in meeting_tasks(cycle.person(who))]) == waits
        status = cycle.client(who).get(url).status_code
        assert (status == 200) == waits
