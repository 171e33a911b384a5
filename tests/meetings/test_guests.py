"""Guests of a meeting: who lets them in, what they read, and how it ends."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from meetings.actions.guests import end_meeting_guest, let_into_meeting
from meetings.models import Meeting, MeetingGuest
from tandems.guests import guests_for, meetings_open_to
from tandems.models import Tandem, TandemNotice
from tests.factories import AgendaItemFactory, MeetingFactory, MunicipalityFactory, make_user
from tests.races import act_at_once
from tests.reading import read
from tests.tandems.topic_cases import DAY, entered, history, leave, make_case, page
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db


def with_meeting(**fields):
    """Return a case with an internal meeting of the partnership."""
    case = make_case()
    day = timezone.localdate() + 30 * DAY
    internal = {"scope": "tandem", "status": "planned", "earliest": day, "latest": day}
    case.meeting = MeetingFactory(
        tandem=case.tandem, title_de="Treffen", title_en="Meeting", **{**internal, **fields}
    )
    case.url = page("meeting-guests", case.tandem.slug, case.meeting.pk)
    return case


def person(case, who):
    if who == "left":
        leave(case.theirs, timezone.localdate() - DAY)
        return case.partner
    return getattr(case, who, None) or make_user(None if who == "nobody" else who)


def let_in(case, by=None, **fields):
    data = {"meeting": case.meeting, "municipality": case.outside, **fields}
    return let_into_meeting(**data, by=by or case.contact)


@pytest.mark.parametrize("who", ["contact", "deputy", "partner", "coordinator", "bbsr"])
def test_contact_deputy_and_team_let_a_guest_in_and_end_it(who):
    case = with_meeting()
    by = person(case, who)

    guest = let_in(case, by)

    assert (guest.municipality, guest.let_in_by) == (case.outside, by)
    assert meetings_open_to(case.guest).get() == case.meeting
    end_meeting_guest(guest=guest, by=by)
    assert not meetings_open_to(case.guest).exists()
    assert history(case.meeting) == [
        ("guest", "", "let in", str(case.outside)),
        ("guest", "let in", "ended", str(case.outside)),
    ]


@pytest.mark.parametrize("who", ["colleague", "left", "neighbour", "guest", "observer", "nobody"])
def test_nobody_else_lets_in_or_ends(who):
    case = with_meeting()
    by = person(case, who)
    guest = MeetingGuestFactory(meeting=case.meeting)

    with pytest.raises(PermissionDenied):
        let_in(case, by)
    with pytest.raises(PermissionDenied):
        end_meeting_guest(guest=guest, by=by)
    assert MeetingGuest.objects.count() == 1


def test_members_guests_and_cancelled_meetings_are_refused():
    case = with_meeting()
    let_in(case)

    for place in (case.ours.municipality, case.outside):
        with pytest.raises(ValidationError) as refusal:
            let_in(case, municipality=place)
        assert set(refusal.value.error_dict) == {"municipality"}
    Meeting.objects.filter(pk=case.meeting.pk).update(status="cancelled")
    with pytest.raises(ValidationError):
        let_in(case, municipality=MunicipalityFactory())
    assert MeetingGuest.objects.count() == 1


def past(days=1, **fields):
    day = timezone.localdate() - days * DAY
    return {"earliest": day, "latest": day, **fields}


UNDATED = {"earliest": None, "latest": None, "precision": "unknown"}
#: Meeting → why nobody is let in any more.
CLOSED = (
    ({"status": "cancelled"}, "This meeting was cancelled."),
    (past(status="held"), "This meeting is over."),
    (past(status="announced"), "This meeting is over."),
    (past(0, status="held"), "This meeting is over."),
    ({**UNDATED, "status": "unconfirmed"}, "This meeting is over."),
)


@pytest.mark.parametrize(("fields", "words"), CLOSED)
def test_nobody_is_let_into_a_meeting_that_is_over_or_cancelled(fields, words):
    case = with_meeting(**fields)
    stay = MeetingGuestFactory(meeting=case.meeting)
    client = entered(case.contact)

    shown, sent = client.get(case.url), client.post(case.url, {"municipality": case.outside.pk})

    for answer in (shown, sent):
        document = read(answer)
        assert answer.status_code == 200
        assert words in document.main.text
        assert "Add as a guest" not in document.main.texts("button")
        # Who was let in before is named still, and the access can be ended.
        assert stay.municipality.name_en in document.main.section("Guests").text
    with pytest.raises(ValidationError) as refusal:
        let_in(case)
    assert refusal.value.code == "closed"
    assert MeetingGuest.objects.get() == stay
    end = page("meeting-guest-end", case.tandem.slug, case.meeting.pk, stay.pk)
    assert client.post(end).status_code == 302
    assert not MeetingGuest.objects.exists()


@pytest.mark.parametrize("fields", [past(0, status="announced"), {**UNDATED, "status": "planned"}])
def test_guest_is_let_in_up_to_the_day_of_the_meeting_and_before_there_is_one(fields):
    case = with_meeting(**fields)

    answer = entered(case.contact).post(case.url, {"municipality": case.outside.pk})

    assert answer.status_code == 302
    assert MeetingGuest.objects.get().municipality == case.outside


def test_list_offers_to_let_guests_in_only_where_that_can_be_done():
    case = with_meeting()
    for fields, _words in CLOSED:
        day = case.meeting.earliest
        values = {"earliest": day, "latest": day, **fields}
        meeting = MeetingFactory(tandem=case.tandem, scope="tandem", **values)
        MeetingGuestFactory(meeting=meeting)

    document = read(entered(case.contact).get(page("meetings", case.tandem.slug)))

    offers = [href for href in document.main.hrefs() if href.endswith("/guests/")]
    assert offers == [case.url]
    ends = [href for href in document.main.hrefs() if href.endswith("/end/")]
    assert len(ends) == len(CLOSED)


# --- meetings that the project team leads ---------------------------------------------------------


def with_joint(scope="programme", **fields):
    """Return a case with a meeting to come of the network, or of two partnerships, led by none."""
    case = make_case()
    for tandem in (case.tandem, case.neighbours):
        Tandem.objects.filter(pk=tandem.pk).update(status="active")
    day = timezone.localdate() + 30 * DAY
    known = {"scope": scope, "status": "planned", "earliest": day, "latest": day}
    names = {"title_de": "Treffen", "title_en": "Meeting"}
    case.meeting = MeetingFactory(tandem=None, **{**known, **names, **fields})
    if scope == "several":
        case.meeting.partnerships.set([case.tandem, case.neighbours])
    case.url = f"{inside(case)}guests/"
    return case


def end_of(case, stay):
    return f"{case.url}{stay.pk}/end/"


@pytest.mark.parametrize("scope", ["programme", "several"])
@pytest.mark.parametrize("who", ["coordinator", "bbsr"])
def test_team_lets_a_city_into_a_meeting_that_it_leads_and_ends_it(scope, who):
    case = with_joint(scope)
    client = entered(person(case, who))
    empty = read(client.get(case.url))

    answer = client.post(case.url, {"municipality": case.outside.pk})
    stay = MeetingGuest.objects.get()
    shown = read(client.get(answer.url))

    assert "No municipality is a guest of this meeting" in empty.main.section("Guests").text
    assert (answer.status_code, answer.url) == (302, case.url)
    assert "Venlo can now see this meeting as a guest." in shown.main.text
    assert "Venlo" in shown.main.section("Guests").text
    assert end_of(case, stay) in shown.main.hrefs()
    assert entered(case.guest).get(inside(case)).status_code == 200
    asked = read(client.get(end_of(case, stay)))
    ended = [client.post(end_of(case, stay)) for _ in range(2)]
    assert "Venlo" in asked.main.text
    assert [(one.status_code, one.url) for one in ended] == [(302, case.url)] * 2
    assert not MeetingGuest.objects.exists()
    assert entered(case.guest).get(inside(case)).status_code == 404
    assert [document.faults for document in (empty, shown, asked)] == [[], [], []]
    assert history(case.meeting) == [
        ("guest", "", "let in", str(case.outside)),
        ("guest", "let in", "ended", str(case.outside)),
    ]


def test_guest_of_a_network_meeting_reads_it_and_is_led_to_it_from_the_own_area():
    case = with_joint(place="Rathaus")
    let_in(case, make_user("coordinator"))
    client = entered(case.guest)

    shown, own = read(client.get(inside(case))), read(client.get("/en/dashboard/"))

    assert "Rathaus" in shown.main.text
    assert "as a guest" in shown.main.text
    assert inside(case) in own.main.hrefs()
    assert [document.faults for document in (shown, own)] == [[], []]


@pytest.mark.parametrize("scope", ["programme", "several"])
def test_city_that_takes_part_anyway_is_not_offered_and_is_refused_as_a_guest(scope):
    case = with_joint(scope)
    by = make_user("coordinator")
    client = entered(by)

    answer = client.post(case.url, {"municipality": case.theirs.municipality_id})

    choices = client.get(case.url).context["form"].fields["municipality"].queryset
    assert case.outside in choices
    assert case.theirs.municipality not in choices
    assert list(answer.context["form"].errors) == ["municipality"]
    assert "does not take part in the meeting anyway" in read(answer).main.text
    with pytest.raises(ValidationError) as refusal:
        let_in(case, by, municipality=case.theirs.municipality)
    assert set(refusal.value.error_dict) == {"municipality"}
    assert not MeetingGuest.objects.exists()


def test_partner_city_is_no_guest_of_a_meeting_that_partnerships_hold_together():
    case = with_joint("several")
    Meeting.objects.filter(pk=case.meeting.pk).update(tandem=case.tandem)
    case.meeting = Meeting.objects.get(pk=case.meeting.pk)
    place = case.neighbours.members.first().municipality

    shown = entered(case.contact).get(page("meeting-guests", case.tandem.slug, case.meeting.pk))

    assert place not in shown.context["form"].fields["municipality"].queryset
    with pytest.raises(ValidationError) as refusal:
        let_in(case, municipality=place)
    with translation.override("en"):
        assert "does not take part" in str(refusal.value.message_dict)


def test_partnerships_of_a_joint_meeting_are_told_of_the_guest_in_their_language():
    case = with_joint("several")

    let_in(case, make_user("coordinator"))

    rows = TandemNotice.objects.filter(event="meeting_guest")
    assert {row.tandem_id for row in rows} == {case.tandem.pk, case.neighbours.pk}
    assert {row.path for row in rows} == {inside(case).removeprefix("/en")}
    assert case.contact in {row.user for row in rows}


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coordinator", 200),
        ("bbsr", 200),
        ("contact", 403),
        ("deputy", 403),
        ("colleague", 403),
        ("guest", 403),
        ("reviewer", 404),
        ("observer", 404),
        ("nobody", 404),
        ("visitor", 302),
    ],
)
def test_who_opens_the_pages_of_a_meeting_of_the_network(who, status):
    case = with_joint()
    stay = MeetingGuestFactory(meeting=case.meeting, municipality=case.outside)
    by = None if who == "visitor" else person(case, who)
    client = entered(by)

    assert [client.get(url).status_code for url in (case.url, end_of(case, stay))] == [status] * 2
    sent = client.post(end_of(case, stay))
    assert sent.status_code == (302 if status == 200 else status)
    assert MeetingGuest.objects.exists() is (status != 200)
    assert client.delete(case.url).status_code in {302, 405}
    if status == 403:
        with pytest.raises(PermissionDenied):
            let_in(case, by, municipality=MunicipalityFactory())
        with pytest.raises(PermissionDenied):
            end_meeting_guest(guest=stay, by=by)


@pytest.mark.parametrize(("fields", "words"), CLOSED)
def test_nobody_is_let_into_a_network_meeting_that_is_over_or_cancelled(fields, words):
    case = with_joint(**fields)
    client = entered(make_user("coordinator"))

    for answer in (client.get(case.url), client.post(case.url, {"municipality": case.outside.pk})):
        assert words in read(answer).main.text
        assert "Add as a guest" not in read(answer).main.texts("button")
    assert not MeetingGuest.objects.exists()


def test_own_list_offers_guests_to_the_team_where_no_partnership_leads():
    case = with_joint()
    with_tandem = MeetingFactory(tandem=case.tandem, scope="tandem", status="planned", **past(-3))
    MeetingFactory(scope="programme", **past(-4, status="cancelled"))
    with translation.override("en"):
        own_list = reverse("meeting:list")
    offers = {}
    for who in ("coordinator", "contact"):
        hrefs = read(entered(person(case, who)).get(own_list)).main.hrefs()
        assert with_tandem.internal_url.replace("/de/", "/en/") in hrefs
        offers[who] = [href for href in hrefs if href.endswith("/guests/")]

    assert offers == {"coordinator": [case.url], "contact": []}


def test_pages_of_a_partnership_s_meeting_are_those_of_its_internal_area():
    case = with_meeting()
    stay = MeetingGuestFactory(meeting=case.meeting)
    client = entered(make_user("coordinator"))
    own = f"{inside(case)}guests/"

    led = [client.get(url).url for url in (own, f"{own}{stay.pk}/end/")]

    end = page("meeting-guest-end", case.tandem.slug, case.meeting.pk, stay.pk)
    assert led == [case.url, end]


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_a_network_meeting_asks_the_same_for_one_and_for_three(
    number, django_assert_num_queries
):
    case = with_joint()
    for _ in range(number):
        MeetingGuestFactory(meeting=case.meeting)
    client = entered(make_user("coordinator"))
    client.get(case.url)

    with django_assert_num_queries(7):
        client.get(case.url)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("contact", 200),
        ("deputy", 200),
        ("coordinator", 200),
        ("bbsr", 200),
        ("colleague", 403),
        ("left", 404),
        ("neighbour", 404),
        ("guest", 404),
        ("reviewer", 404),
        ("observer", 404),
        ("nobody", 404),
        ("visitor", 302),
    ],
)
def test_who_opens_the_pages(who, status):
    """The meeting lies behind the last day of the city that left: for it there is none."""
    case = with_meeting()
    stay = MeetingGuestFactory(meeting=case.meeting)
    client = entered(None if who == "visitor" else person(case, who))
    end = page("meeting-guest-end", case.tandem.slug, case.meeting.pk, stay.pk)

    assert [client.get(url).status_code for url in (case.url, end)] == [status, status]
    assert client.post(end).status_code == (302 if status == 200 else status)
    assert MeetingGuest.objects.exists() is (status != 200)
    assert client.delete(case.url).status_code in {302, 405}


def test_city_that_left_changes_nothing_at_meetings_of_its_time():
    past = timezone.localdate() - 30 * DAY
    case = with_meeting(earliest=past, latest=past)

    client = entered(person(case, "left"))

    assert client.get(case.url).status_code == 403
    assert client.post(case.url, {"municipality": case.outside.pk}).status_code == 403


def test_officer_lets_a_guest_in_and_ends_it():
    case = with_meeting()
    client = entered(case.contact)

    answer = client.post(case.url, {"municipality": case.outside.pk})
    assert (answer.status_code, answer.url) == (302, page("meetings", case.tandem.slug))
    assert "Venlo" in read(client.get(case.url)).main.section("Guests").text
    again = client.post(case.url, {"municipality": case.outside.pk})
    assert "is a guest of the meeting already" in read(again).main.text
    stay = MeetingGuest.objects.get()
    end = page("meeting-guest-end", case.tandem.slug, case.meeting.pk, stay.pk)
    assert "Venlo" in read(client.get(end)).main.text
    assert [client.post(end).status_code for _ in range(2)] == [302, 302]

    assert not MeetingGuest.objects.exists()
    assert len(history(case.meeting)) == 2


@pytest.mark.parametrize("wrong", ["", "x", "999999", "member"])
def test_wrong_choice_is_told_at_the_field(wrong):
    case = with_meeting()
    value = case.theirs.municipality_id if wrong == "member" else wrong

    response = entered(case.contact).post(case.url, {"municipality": value})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["municipality"]
    assert not MeetingGuest.objects.exists()


def inside(case):
    """Return the page of the meeting, in English."""
    return f"/en/meetings/{case.meeting.pk}/internal/"


def test_guest_reads_the_meeting_and_nothing_else():
    case = with_meeting(place="Rathaus", description_en="About open data", host=None)
    MeetingGuestFactory(meeting=case.meeting, municipality=case.outside)
    MeetingGuestFactory(meeting=case.meeting, municipality=MunicipalityFactory(name_en="Gent"))
    other = MeetingFactory(tandem=case.tandem, scope="tandem", status="planned")
    AgendaItemFactory(meeting=case.meeting, text_en="Tour of the town hall")
    client = entered(case.guest)

    led = client.get(case.url)
    shown = read(client.get(led.url))

    assert (led.status_code, led.url) == (302, inside(case))
    assert shown.heading == "Meeting"
    for words in (
        "Rathaus",
        "About open data",
        "Tour of the town hall",
        case.ours.municipality.name_en,
    ):
        assert words in shown.main.text
    assert "Gent" not in shown.main.text
    assert not [href for href in shown.main.hrefs() if "/workspace/" in href]
    assert shown.faults == []
    for url in (
        page("meeting-guests", case.tandem.slug, other.pk),
        page("meeting-guests", case.neighbours.slug, case.meeting.pk),
        page("meetings", case.tandem.slug),
        page("home", case.tandem.slug),
        f"/en/meetings/{other.pk}/internal/",
    ):
        assert client.get(url).status_code == 404
    assert client.post(case.url, {"municipality": case.outside.pk}).status_code == 404


def test_guest_whose_stay_ended_and_stranger_read_nothing():
    case = with_meeting()
    guest = let_in(case)
    assert entered(case.guest).get(inside(case)).status_code == 200

    end_meeting_guest(guest=guest, by=case.contact)

    for user in (case.guest, case.neighbour, make_user()):
        for url in (case.url, inside(case)):
            assert entered(user).get(url).status_code == 404
        assert not meetings_open_to(user).exists()


def test_time_stands_on_the_clock_of_the_guest_and_of_the_place():
    start = dt.datetime(2026, 7, 1, 8, tzinfo=dt.UTC)
    case = with_meeting(
        starts_at=start, time_zone="Europe/Sofia", earliest=start.date(), latest=start.date()
    )
    MeetingGuestFactory(meeting=case.meeting, municipality=case.outside)

    text = read(entered(case.guest).get(inside(case))).main.text

    assert "In your time zone 1 July 2026, 10:00" in text
    assert "At the place 1 July 2026, 11:00" in text


@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_the_same_for_one_and_for_three(number, django_assert_num_queries):
    case = with_meeting()
    MeetingGuestFactory(meeting=case.meeting, municipality=case.outside)
    for _ in range(number):
        MeetingGuestFactory(meeting=case.meeting)
        AgendaItemFactory(meeting=case.meeting)
    leader, guest = entered(case.contact), entered(case.guest)
    leader.get(case.url)
    guest.get(inside(case))

    with django_assert_num_queries(11):
        leader.get(case.url)
    with django_assert_num_queries(17):
        guest.get(inside(case))


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_whole_in_both_languages(language):
    case = with_meeting()
    stay = MeetingGuestFactory(meeting=case.meeting)
    client = entered(case.contact)
    end = page("meeting-guest-end", case.tandem.slug, case.meeting.pk, stay.pk)

    for url in (case.url, end):
        document = read(client.get(url.replace("/en/", f"/{language}/", 1)))
        assert (document.faults, document.language) == ([], language)


def test_choices_are_the_cities_outside_the_partnership():
    case = make_case()

    offered = list(guests_for(case.tandem))

    assert case.outside in offered
    assert not {case.ours.municipality, case.theirs.municipality} & set(offered)


@pytest.mark.django_db(transaction=True)
def test_two_let_the_same_guest_in_at_once():
    case = with_meeting()

    results = act_at_once(lambda: let_in(case), lambda: let_in(case, case.partner))

    assert [type(result) for result in results] == [MeetingGuest, ValidationError]


@pytest.mark.django_db(transaction=True)
def test_two_end_the_same_stay_at_once():
    case = with_meeting()
    guest = let_in(case)

    results = act_at_once(
        lambda: end_meeting_guest(guest=MeetingGuest.objects.get(pk=guest.pk), by=case.contact),
        lambda: end_meeting_guest(guest=guest, by=case.partner),
    )

    assert [type(result) for result in results] in (
        [Meeting, ValidationError],
        [Meeting, MeetingGuest.DoesNotExist],
    )
