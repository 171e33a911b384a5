"""The overview of a meeting, and the list of all meetings that somebody reads from within."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from meetings.actions.inviting import invite_everybody, send_invitations
from meetings.actions.replying import reply_to_meeting
from meetings.models import Meeting
from tests.cycle import (
    AttendanceFactory,
    ConsultationFactory,
    GuidingQuestionFactory,
    MinutesFactory,
    make_cycle,
    plan_for,
)
from tests.factories import AgendaItemFactory, MunicipalityFactory, make_pair, make_user
from tests.reading import read
from tests.tandems.topic_cases import entered, leave
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LINK = "https://meet.example/secret"
UNTIMED = {"starts_at": None, "ends_at": None, "time_zone": ""}
UNDATED = {**UNTIMED, "earliest": None, "latest": None, "precision": "unknown"}


def address(name, *args):
    with translation.override("en"):
        return reverse(f"meeting:{name}", args=args)


def home(meeting):
    return address("home", meeting.pk)


def shown(cycle, who, meeting=None):
    return read(cycle.client(who).get(home(meeting or cycle.meeting)))


def guest_of(meeting):
    """Return an officer of a municipality that was let into the meeting."""
    place = MunicipalityFactory()
    MeetingGuestFactory(meeting=meeting, municipality=place)
    return make_user("contact", place)


def test_meeting_is_not_prepared_and_says_what_is_missing_and_who_can_do_it():
    cycle = make_cycle(remote_link="")
    GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.hamm)

    page = shown(cycle, "partner colleague")

    missing = page.main.section("What is missing")
    assert "Not prepared yet" in page.main.text
    assert [line.partition(" (")[0] for line in missing.texts("li")] == [
        "Guiding questions from Arezzo",
        "The link for taking part remotely",
    ]
    # A colleague asks questions for the own city, and changes no plan.
    assert missing.hrefs() == [address("questions-edit", cycle.meeting.pk, cycle.arezzo.pk)]


def test_questions_of_another_city_are_not_offered():
    cycle = make_cycle(remote_link=LINK)

    missing = shown(cycle, "contact").main.section("What is missing")

    assert missing.hrefs() == [address("questions-edit", cycle.meeting.pk, cycle.hamm.pk)]
    assert "contact person, deputy and colleagues of Arezzo" in missing.text


def test_meeting_with_questions_of_both_cities_is_prepared():
    cycle = make_cycle(remote_link=LINK)
    for city in (cycle.hamm, cycle.arezzo):
        GuidingQuestionFactory(meeting=cycle.meeting, municipality=city)
    AgendaItemFactory(meeting=cycle.meeting, text_en="Tour of the town hall")

    page = shown(cycle, "contact")

    assert "The meeting is prepared" in page.main.texts("h2")
    assert page.main.text.count("Who looks after the sensors?") == 2
    assert "Tour of the town hall" in page.main.section("Agenda").text


def test_meeting_without_a_date_leads_to_the_date_poll():
    cycle = make_cycle(**UNDATED)

    page = shown(cycle, "contact")

    assert "The date is not fixed yet." in page.main.text
    assert page.main.section("What you can do now").hrefs()[0] == address("poll", cycle.meeting.pk)
    assert address("entry", cycle.meeting.pk) not in page.main.hrefs()


def test_time_stands_on_the_own_clock_and_on_those_that_differ():
    start = dt.datetime(2027, 7, 1, 8, tzinfo=dt.UTC)
    cycle = make_cycle(
        starts_at=start,
        ends_at=start + dt.timedelta(hours=2),
        earliest=start.date(),
        latest=start.date(),
        time_zone="Europe/Rome",
    )
    cycle.arezzo.time_zone = "Europe/Sofia"
    cycle.arezzo.save()
    reader = cycle.people["contact"]
    reader.time_zone = "Europe/London"
    reader.save()

    facts = shown(cycle, "contact").main.section("Time and place").text

    assert "In your time zone 1 July 2027, 09:00–11:00" in facts
    assert "(Rome, Berlin)" in facts
    assert "At the place 1 July 2027, 10:00–12:00" in facts
    assert "Sofia 1 July 2027, 11:00–13:00" in facts


@pytest.mark.parametrize("status", ["planned", "announced", "held", "cancelled"])
def test_link_is_for_those_who_take_part_as_long_as_it_is_of_use(status, client):
    over = timezone.now() - dt.timedelta(days=1)
    times = {"starts_at": over - dt.timedelta(hours=1), "ends_at": over} if status == "held" else {}
    cycle = make_cycle(remote_link=LINK, remote_note="PIN 1234", status=status, **times)
    guest = guest_of(cycle.meeting)
    is_coming = status in {"planned", "announced"}

    for person in (cycle.people["colleague"], cycle.people["coordinator"], guest):
        text = read(entered(person).get(home(cycle.meeting))).main.text
        assert (LINK in text, "PIN 1234" in text) == (is_coming, is_coming)
    assert LINK not in client.get(cycle.meeting.get_absolute_url()).content.decode()


def test_guest_reads_the_plan_and_is_offered_nothing_to_do():
    cycle = make_cycle(place="Rathaus")
    GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.hamm)

    page = read(entered(guest_of(cycle.meeting)).get(home(cycle.meeting)))

    assert "as a guest" in page.main.text
    assert "Who looks after the sensors?" in page.main.text
    assert "Who works on it" in page.main.texts("h2")
    assert not {"What is missing", "What you can do now"} & set(page.main.texts("h2"))
    pages = [href for href in page.main.hrefs() if "/internal/" in href]
    assert not [href for href in pages if "minutes" in href or "invitations" in href]
    assert not [href for href in page.main.hrefs() if "/workspace/" in href]


def test_city_that_has_left_reads_and_does_nothing():
    past = timezone.localdate() - 30 * DAY
    cycle = make_cycle(**UNTIMED, earliest=past, latest=past, status="held", remote_link=LINK)
    leave(cycle.tandem.members.get(municipality=cycle.hamm))

    page = shown(cycle, "contact")

    assert "has left this partnership" in page.main.text
    assert LINK not in page.main.text
    assert "What you can do now" not in page.main.texts("h2")
    later = plan_for(cycle.tandem)
    assert cycle.client("contact").get(home(later)).status_code == 404


def test_own_answer_stands_there_with_the_way_to_change_it():
    cycle = make_cycle()
    person = cycle.people["colleague"]
    assert "Your answer" not in shown(cycle, "colleague").main.texts("h2")
    AttendanceFactory(meeting=cycle.meeting, user=person, reply="maybe", replied_at=timezone.now())
    AttendanceFactory(meeting=cycle.meeting, user=cycle.people["partner"])

    section = shown(cycle, "colleague").main.section("Your answer")

    assert "May come" in section.text
    assert section.hrefs() == [address("reply", cycle.meeting.pk)]
    assert "Answer the invitation" in shown(cycle, "partner").main.section("Your answer").text


def test_early_answer_of_one_leaves_the_invitation_of_the_others_to_be_sent():
    cycle = make_cycle()
    reply_to_meeting(meeting=cycle.meeting, reply="yes", by=cycle.person("colleague"))

    assert "Invite people" in shown(cycle, "contact").main.text

    invite_everybody(meeting=cycle.meeting, by=cycle.person("contact"))
    send_invitations(meeting=cycle.meeting, by=cycle.person("contact"))
    text = shown(cycle, "contact").main.text
    assert ("Invite people" in text, "Invitations and answers" in text) == (False, True)


def test_after_the_meeting_come_minutes_and_commitments():
    past = timezone.localdate() - DAY
    cycle = make_cycle(**UNTIMED, earliest=past, latest=past, status="held")

    page = shown(cycle, "contact")

    ways = page.main.section("What you can do now").hrefs()
    names = ("minutes", "commitments", "edit")
    assert ways == [address(name, cycle.meeting.pk) for name in names]


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
@pytest.mark.parametrize("is_public", [True, False])
def test_who_opens_the_overview(who, status, is_public):
    cycle = make_cycle(status="announced" if is_public else "planned")

    client = cycle.client(who)

    assert client.get(home(cycle.meeting)).status_code == status
    assert client.post(home(cycle.meeting)).status_code in {405, 302}


@pytest.mark.parametrize("rows", [1, 3])
def test_overview_asks_as_much_for_one_row_as_for_three(rows, django_assert_num_queries):
    cycle = make_cycle()
    for number in range(rows):
        GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.hamm, position=number + 1)
        AgendaItemFactory(meeting=cycle.meeting)
        AttendanceFactory(meeting=cycle.meeting)
        MeetingGuestFactory(meeting=cycle.meeting)
    client = cycle.client("contact")
    client.get(home(cycle.meeting))

    with django_assert_num_queries(17):
        client.get(home(cycle.meeting))


# --- all of them ----------------------------------------------------------------------------------


def titles(client, **filters):
    page = read(client.get(address("list"), filters))
    return {name: page.main.section(name).texts("h3") for name in ("Coming up", "Past meetings")}


def test_list_holds_what_somebody_reads_from_within_and_no_other_public_meeting():
    cycle = make_cycle(title_en="Sensors")
    past = timezone.localdate() - DAY
    plan_for(cycle.tandem, title_en="Undated", **UNDATED)
    plan_for(cycle.tandem, title_en="Before", **UNTIMED, earliest=past, latest=past)
    plan_for(None, title_en="Network")
    plan_for(make_pair(status="active"), title_en="Foreign", status="announced")
    visited = plan_for(make_pair(status="active"), title_en="Visited")
    MeetingGuestFactory(meeting=visited, municipality=cycle.hamm)

    assert titles(cycle.client("colleague")) == {
        "Coming up": ["Sensors", "Network", "Visited", "Undated"],
        "Past meetings": ["Before"],
    }


def test_list_is_filtered_by_partnership():
    cycle = make_cycle(title_en="Sensors")
    plan_for(None, title_en="Network")
    other = make_pair(status="active")
    joint = plan_for(None, title_en="Joint", scope="several")
    joint.partnerships.set([cycle.tandem, other])
    client = cycle.client("coordinator")

    assert titles(client, partnership="hamm-arezzo")["Coming up"] == ["Sensors", "Joint"]
    assert titles(client, partnership=other.slug)["Coming up"] == ["Joint"]
    assert "It was ignored" in read(client.get(address("list"), {"partnership": "x"})).main.text


@pytest.mark.parametrize(
    ("who", "status", "plans"),
    [
        ("contact", 200, False),
        ("colleague", 200, False),
        ("coordinator", 200, True),
        ("bbsr", 200, True),
        ("reviewer", 403, False),
        ("observer", 403, False),
        ("nobody", 403, False),
        ("visitor", 302, False),
    ],
)
def test_who_opens_the_list(who, status, plans):
    client = make_cycle().client(who)

    answer = client.get(address("list"))

    assert answer.status_code == status
    if status == 200:
        assert (address("plan") in read(answer).main.hrefs()) is plans
    assert client.post(address("list")).status_code in {405, 302}


def test_empty_list_says_what_will_be_here_and_who_can_act():
    cycle = make_cycle()
    Meeting.objects.all().delete()

    text = read(cycle.client("contact").get(address("list"))).main.text

    assert "Contact persons and deputies plan meetings" in text
    assert "No meeting has been recorded so far." in text


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_much_for_one_row_as_for_three(rows, django_assert_num_queries):
    cycle = make_cycle()
    past = timezone.localdate() - DAY
    for _ in range(rows):
        plan_for(cycle.tandem)
        plan_for(cycle.tandem, **UNTIMED, earliest=past, latest=past)
        plan_for(cycle.tandem, **UNDATED)
    client = cycle.client("contact")
    client.get(address("list"))

    with django_assert_num_queries(8):
        client.get(address("list"))


def test_internal_area_lists_joint_and_undated_meetings_and_leads_to_each():
    cycle = make_cycle(title_en="Sensors")
    undated = plan_for(cycle.tandem, title_en="Undated", **UNDATED)
    joint = plan_for(None, title_en="Joint", scope="several")
    joint.partnerships.add(cycle.tandem)
    with translation.override("en"):
        url = reverse("workspace:meetings", args=["hamm-arezzo"])
        plan = reverse("workspace:meeting-plan", args=["hamm-arezzo"])

    coming = read(cycle.client("contact").get(url)).main.section("Coming up")

    assert coming.texts("h3") == ["Sensors", "Joint", "Undated"]
    assert {home(row) for row in (cycle.meeting, undated, joint)} <= set(coming.hrefs())
    for who, may in (("contact", True), ("coordinator", True), ("colleague", False)):
        assert (plan in read(cycle.client(who).get(url)).main.hrefs()) is may


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_whole_in_both_languages(language):
    cycle = make_cycle(remote_link=LINK, place="Rathaus")

    for url in (home(cycle.meeting), address("list"), address("edit", cycle.meeting.pk)):
        page = read(cycle.client("contact").get(url.replace("/en/", f"/{language}/", 1)))
        assert (page.faults, page.language) == ([], language)


@pytest.mark.parametrize(
    ("who", "plans"), [("contact", True), ("partner deputy", True), ("colleague", False)]
)
def test_own_meetings_lead_to_a_new_one_for_who_plans(who, plans):
    cycle = make_cycle()

    page = read(cycle.client(who).get(address("list")))

    with translation.override("en"):
        plan = reverse("workspace:meeting-plan", args=[cycle.tandem.slug])
    assert (plan in page.main.hrefs()) == plans


def test_consultation_that_goes_on_is_told_the_same_everywhere():
    cycle = make_cycle(kind="consultation")
    ConsultationFactory(meeting=cycle.meeting, state="running", phase=1)

    shown_at_home = shown(cycle, "contact").main.text
    listed = read(cycle.client("contact").get(address("list"))).main.text

    assert ("Going on, internal" in shown_at_home, "Going on, internal" in listed) == (True, True)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (None, "Write the minutes"),
        ("draft", "Write the minutes"),
        ("in_agreement", "To the minutes"),
    ],
)
def test_only_minutes_that_are_a_draft_are_to_be_written(state, words):
    cycle = make_cycle(status="held")
    if state:
        by = timezone.localdate() if state == "in_agreement" else None
        MinutesFactory(meeting=cycle.meeting, state=state, agree_by=by)

    ways = shown(cycle, "contact").main.section("What you can do now")

    assert [way for way in ways.texts("a") if "minutes" in way] == [words]
