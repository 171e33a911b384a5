"""A meeting is planned: the pages, what is typed, what is refused, and who is told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import translation

from core.models import StatusChange
from core.text import normalise_for_search
from meetings.actions.plan_content import PlanContent, When
from meetings.actions.planning import plan_meeting
from meetings.models import Meeting
from tandems.models import TandemNotice
from tests.cycle import make_cycle
from tests.factories import TandemTopicFactory, make_pair
from tests.reading import read
from tests.walking import Walker

pytestmark = pytest.mark.django_db
BERLIN = "Europe/Berlin"


def address(slug="hamm-arezzo", code="en"):
    with translation.override(code):
        return reverse("workspace:meeting-plan", args=[slug])


def team_address():
    with translation.override("en"):
        return reverse("meeting:plan")


def sent(**fields):
    """Return what a browser sends of the form."""
    given = {
        "kind": "working_meeting",
        "title_de": "Sensoren",
        "title_en": "Sensors",
        "when": "open",
        "time_zone": BERLIN,
        "format": "virtual",
    }
    return {**given, **fields}


def content(**fields):
    given = {
        **dict.fromkeys(PlanContent.__slots__, ""),
        "kind": "working_meeting",
        "title_de": "Sensoren",
        "title_en": "Sensors",
        "format": "virtual",
        "when": When(),
        "host": None,
        "topics": (),
        "participants": (),
        "partnerships": (),
    }
    return PlanContent(**{**given, **fields})


def planned(cycle):
    return Meeting.objects.exclude(pk=cycle.meeting.pk).get()


def plan(cycle, who="contact", **fields):
    return cycle.client(who).post(address(), sent(**fields))


def errors(response):
    assert response.status_code == 200
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_officer_plans_a_meeting_and_stands_on_its_page():
    cycle = make_cycle()
    topic = TandemTopicFactory(tandem=cycle.tandem).topic
    walker = Walker(cycle.people["contact"])
    walker.open(address())

    page = walker.press(
        "Plan the meeting",
        **sent(
            when="times",
            first_day="2027-02-01",
            start_time="10:00",
            end_time="12:30",
            format="hybrid",
            place="Rathaus",
            host=cycle.hamm.pk,
            language="en",
            topics=topic.pk,
            remote_link="https://meet.example/1",
            description_en="  What we know.  ",
        ),
    )

    meeting = planned(cycle)
    assert walker.url == meeting.internal_url.replace("/de/", "/en/")
    assert page.heading == "Sensors"
    assert (meeting.scope, meeting.tandem, meeting.status) == ("tandem", cycle.tandem, "planned")
    assert (meeting.starts_at, meeting.ends_at) == (
        dt.datetime(2027, 2, 1, 9, tzinfo=dt.UTC),
        dt.datetime(2027, 2, 1, 11, 30, tzinfo=dt.UTC),
    )
    day = dt.date(2027, 2, 1)
    assert (meeting.earliest, meeting.latest, meeting.precision) == (day, day, "day")
    assert (meeting.country, meeting.place, meeting.sequence) == ("DE", "Rathaus", 0)
    assert (meeting.slug, meeting.is_public) == ("sensors", False)
    assert meeting.reference.startswith("sensors-")
    assert meeting.description_en == "What we know."
    assert set(meeting.participants.all()) == {cycle.hamm, cycle.arezzo}
    assert list(meeting.topics.all()) == [topic]
    changes = StatusChange.objects.of(meeting).values_list("field", "old", "new", "changed_by")
    assert list(changes) == [("status", "", "planned", cycle.people["contact"].pk)]


def test_both_cities_but_not_who_planned_are_told():
    cycle = make_cycle()

    plan(cycle)

    told = TandemNotice.objects.filter(event="meeting_planned")
    names = ("deputy", "colleague", "partner", "partner deputy", "partner colleague")
    assert {row.user_id for row in told} == {cycle.people[name].pk for name in names}


@pytest.mark.parametrize("who", ["deputy", "partner", "coordinator", "bbsr"])
def test_others_who_lead_plan_as_well(who):
    cycle = make_cycle()

    assert plan(cycle, who).status_code == 302
    assert planned(cycle).tandem == cycle.tandem


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 302),
        ("nobody", 404),
        ("neighbour", 404),
        ("reviewer", 404),
        ("observer", 404),
        ("colleague", 403),
    ],
)
def test_nobody_else_plans_for_a_partnership(who, status):
    cycle = make_cycle()
    client = cycle.client(who)

    assert client.get(address()).status_code == status
    assert client.post(address(), sent()).status_code == status
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize("url", [address, team_address])
def test_other_methods_are_refused(url):
    assert make_cycle().client("coordinator").delete(url()).status_code == 405


def test_actions_ask_for_the_right_themselves():
    cycle = make_cycle()

    with pytest.raises(PermissionDenied):
        plan_meeting(tandem=cycle.tandem, content=content(), by=cycle.person("colleague"))
    with pytest.raises(PermissionDenied):
        plan_meeting(tandem=None, content=content(), by=cycle.person("contact"))
    other = make_pair()
    with pytest.raises(PermissionDenied):
        plan_meeting(
            tandem=cycle.tandem,
            content=content(partnerships=(other.pk,)),
            by=cycle.person("contact"),
        )
    assert Meeting.objects.count() == 1


def test_button_pressed_twice_plans_one_meeting():
    cycle = make_cycle()

    first, second = plan(cycle), plan(cycle)

    assert first.url == second.url
    assert Meeting.objects.count() == 2


def test_one_title_is_enough_and_shows_in_the_other_language():
    cycle = make_cycle()

    plan(cycle, title_de="Sensoren für Bäume", title_en="")

    meeting = planned(cycle)
    assert meeting.slug == "sensoren-fur-baume"
    with translation.override("en"):
        assert str(meeting) == "Sensoren für Bäume"
    assert TandemNotice.objects.first().facts["meeting_en"] == "Sensoren für Bäume"


@pytest.mark.parametrize(
    ("title", "slug"), [("Internal", "internal-meeting"), ("Αισθητήρες", "meeting")]
)
def test_address_of_the_public_page_is_never_that_of_the_internal_ones(title, slug):
    cycle = make_cycle()

    plan(cycle, title_en=title)

    assert planned(cycle).slug == slug


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title_de": "", "title_en": " "}, {"title_de"}),
        ({"kind": ""}, {"kind"}),
        ({"kind": "hackathon"}, {"kind"}),
        ({"format": "moon"}, {"format"}),
        ({"when": ""}, {"when"}),
        ({"when": "days"}, {"first_day"}),
        ({"first_day": "2027-02-01"}, {"first_day"}),
        ({"when": "days", "first_day": "32.13.2027"}, {"first_day"}),
        ({"when": "days", "first_day": "0027-02-01"}, {"first_day"}),
        ({"when": "days", "first_day": "2027-02-02", "last_day": "2027-02-01"}, {"last_day"}),
        ({"when": "days", "first_day": "2027-02-01", "last_day": "2027-03-03"}, {"last_day"}),
        ({"when": "days", "first_day": "2027-02-01", "start_time": "10:00"}, {"start_time"}),
        ({"when": "times", "first_day": "2027-02-01"}, {"start_time"}),
        (
            {
                "when": "times",
                "first_day": "2027-02-01",
                "start_time": "22:00",
                "end_time": "01:00",
            },
            {"end_time"},
        ),
        (
            {
                "when": "times",
                "first_day": "2027-02-01",
                "last_day": "2027-02-02",
                "start_time": "9:00",
            },
            {"end_time"},
        ),
        ({"time_zone": "Mars/Olympus"}, {"time_zone"}),
        ({"remote_link": "javascript:alert(1)"}, {"remote_link"}),
        ({"remote_link": "ftp://files.example"}, {"remote_link"}),
        ({"host": "999999"}, {"host"}),
        ({"participants": ["999999"]}, {"participants"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_all_is_kept(fields, wrong):
    cycle = make_cycle()

    response = plan(cycle, **{"address": "Marktplatz 1", **fields})

    assert set(errors(response)) == wrong
    assert read(response).main.one("input", name="address")["value"] == "Marktplatz 1"
    assert Meeting.objects.count() == 1


def test_time_that_the_clock_skips_is_refused_in_words():
    """On 28 March 2027 the clocks of Rome go from 2 to 3; those of London an hour of UTC later."""
    cycle = make_cycle()
    fields = {"when": "times", "first_day": "2027-03-28", "start_time": "02:30"}

    response = plan(cycle, **fields, end_time="04:00", time_zone="Europe/Rome")

    assert list(errors(response)) == ["start_time"]
    assert "does not exist on 28 March 2027 in Rome" in read(response).main.text
    assert plan(cycle, **fields, end_time="04:00", time_zone="Europe/London").status_code == 302


def test_meeting_across_midnight_and_over_the_change_of_clocks():
    cycle = make_cycle()

    plan(
        cycle,
        when="times",
        first_day="2027-03-27",
        start_time="22:00",
        last_day="2027-03-28",
        end_time="04:00",
    )

    meeting = planned(cycle)
    assert meeting.ends_at - meeting.starts_at == dt.timedelta(hours=5)
    assert (meeting.earliest, meeting.latest) == (dt.date(2027, 3, 27), dt.date(2027, 3, 28))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2027-02-01", "2027-02-02", 1),
        ("2027-02-01", "2027-02-03", 2),
        # 30 days, until the midnight after the last one.
        ("2027-02-01", "2027-03-03", 30),
    ],
)
def test_midnight_ends_the_day_before_it(first, last, days):
    cycle = make_cycle()
    times = {"start_time": "20:00", "end_time": "00:00"}

    plan(cycle, when="times", first_day=first, last_day=last, **times)

    meeting = planned(cycle)
    assert (meeting.earliest, meeting.latest) == (
        dt.date(2027, 2, 1),
        dt.date(2027, 2, 1) + dt.timedelta(days=days - 1),
    )


def test_several_whole_days_have_no_time_and_keep_the_zone():
    cycle = make_cycle()

    plan(cycle, when="days", first_day="2027-02-01", last_day="2027-02-03", time_zone="Europe/Rome")

    meeting = planned(cycle)
    assert (meeting.starts_at, meeting.time_zone) == (None, "Europe/Rome")
    assert (meeting.earliest, meeting.latest) == (dt.date(2027, 2, 1), dt.date(2027, 2, 3))


def test_zone_of_the_own_city_and_all_cities_are_proposed():
    cycle = make_cycle()

    form = cycle.client("partner").get(address()).context["form"]

    assert form.initial["time_zone"] == "Europe/Rome"
    assert set(form.initial["participants"]) == {cycle.hamm.pk, cycle.arezzo.pk}


@pytest.mark.parametrize("code", ["de", "en"])
def test_countries_and_languages_stand_by_name_in_the_reader_s_language(code):
    cycle = make_cycle()

    form = cycle.client("contact").get(address(code=code)).context["form"]

    with translation.override(code):
        countries = [str(name) for _code, name in form.fields["country"].choices]
        languages = [str(name) for _code, name in form.fields["language"].choices]
    first, last = {"de": ("Albanien", "Zypern"), "en": ("Albania", "United Kingdom")}[code]
    assert (countries[0], countries[1], countries[-1]) == ("–", first, last)
    top = {"de": ["Deutsch", "Englisch"], "en": ["German", "English"]}[code]
    assert languages[:3] == ["–", *top]
    assert languages[3:] == sorted(languages[3:], key=normalise_for_search)


def test_city_outside_the_partnership_is_no_host():
    cycle = make_cycle()
    outside = make_pair().members.first().municipality

    for fields in ({"host": outside.pk}, {"participants": (outside.pk,)}):
        with pytest.raises(ValidationError) as refusal:
            plan_meeting(tandem=cycle.tandem, content=content(**fields), by=cycle.person("contact"))
        assert set(refusal.value.error_dict) == set(fields)


def test_page_says_who_adds_other_partnerships():
    page = read(make_cycle().client("contact").get(address()))

    assert "ask the project team to add them" in page.main.text
    assert page.faults == []


# --- the project team -----------------------------------------------------------------------------


def test_team_plans_for_the_whole_network():
    cycle = make_cycle()

    response = cycle.client("coordinator").post(team_address(), sent(reach="network"))

    meeting = planned(cycle)
    assert response.url.endswith(f"/meetings/{meeting.pk}/internal/")
    assert (meeting.scope, meeting.tandem) == ("programme", None)
    assert {cycle.hamm, cycle.arezzo} < set(meeting.participants.all())


def test_missing_questions_of_many_cities_are_counted_and_the_own_one_is_named():
    cycle = make_cycle()
    for _number in range(3):
        make_pair(status="active")
    answer = cycle.client("coordinator").post(team_address(), sent(reach="network"))

    team, city = (
        read(cycle.client(who).get(answer.url)).main.text for who in ("coordinator", "partner")
    )

    number = planned(cycle).participants.count()
    assert number > 5
    assert f"Guiding questions from {number} municipalities" in team
    assert "Guiding questions from Arezzo" in city
    assert f"Guiding questions from {number - 1} further municipalities" in city


def test_team_plans_for_several_partnerships_whose_cities_then_read_it():
    cycle = make_cycle()
    other = make_pair(status="active")
    chosen = [cycle.tandem.pk, other.pk]

    cycle.client("bbsr").post(team_address(), sent(reach="chosen", partnerships=chosen))

    meeting = planned(cycle)
    assert (meeting.scope, meeting.tandem) == ("several", None)
    assert set(meeting.partnerships.values_list("pk", flat=True)) == set(chosen)
    members = {row.municipality for row in [*cycle.tandem.members.all(), *other.members.all()]}
    assert set(meeting.participants.all()) == members
    assert cycle.client("colleague").get(meeting.internal_url).status_code == 200
    assert cycle.client("neighbour").get(meeting.internal_url).status_code == 404


def test_meeting_of_a_single_chosen_partnership_is_led_by_its_cities():
    cycle = make_cycle()

    cycle.client("coordinator").post(
        team_address(), sent(reach="chosen", partnerships=[cycle.tandem.pk])
    )

    meeting = planned(cycle)
    assert (meeting.scope, meeting.tandem) == ("tandem", cycle.tandem)
    assert not meeting.partnerships.exists()


@pytest.mark.parametrize("reach", ["chosen", "network", ""])
def test_team_is_asked_who_meets(reach):
    cycle = make_cycle()
    chosen = [cycle.tandem.pk] if reach == "network" else []

    response = cycle.client("coordinator").post(
        team_address(), sent(reach=reach, partnerships=chosen)
    )

    assert set(errors(response)) == ({"partnerships"} if reach else {"reach"})


@pytest.mark.parametrize(
    ("who", "status"),
    [("visitor", 302), ("contact", 403), ("colleague", 403), ("observer", 403), ("nobody", 403)],
)
def test_only_the_team_plans_for_others(who, status):
    client = make_cycle().client(who)

    assert client.get(team_address()).status_code == status
    assert client.post(team_address(), sent(reach="network")).status_code == status


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_whole_in_both_languages(language):
    cycle = make_cycle()

    for who, url in (("contact", address()), ("coordinator", team_address())):
        page = read(cycle.client(who).get(url.replace("/en/", f"/{language}/", 1)))
        assert (page.faults, page.language) == ([], language)
