"""The plan of a meeting changes: two editors, what people must notice, and the date."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from post_office.models import Email

from core.models import StatusChange
from meetings.actions.plan_content import PlanContent
from meetings.actions.planning import change_plan, set_date
from meetings.actions.poll import fix_date
from meetings.invitation import facts_of
from meetings.models import Meeting
from tandems.models import TandemNotice
from tests.cycle import (
    AttendanceFactory,
    ConsultationFactory,
    MeetingReminderFactory,
    make_cycle,
    plan_for,
)
from tests.factories import make_pair
from tests.meetings.poll_cases import proposed
from tests.reading import read
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2027, 2, 1)
NINE = dt.datetime(2027, 2, 1, 9, tzinfo=dt.UTC)


def address(meeting):
    with translation.override("en"):
        return reverse("meeting:edit", args=[meeting.pk])


def opened(client, meeting):
    """Return what the form sends when nothing is changed."""
    page = read(client.get(address(meeting)))
    form = next(form for form in page.main.all("form") if form.all("input", name="marks"))
    return form.values()


def save(client, meeting, values, **fields):
    return client.post(address(meeting), {**values, **fields})


def invite(cycle):
    """Let the partner be invited, and know of the meeting as it stands."""
    Meeting.objects.filter(pk=cycle.meeting.pk).update(invited_at=timezone.now())
    cycle.meeting.refresh_from_db()
    AttendanceFactory(
        meeting=cycle.meeting,
        user=cycle.people["partner"],
        municipality=cycle.arezzo,
        told_sequence=0,
        told_facts=facts_of(cycle.meeting),
    )


def mailed():
    return [mail.to for mail in Email.objects.all()]


def fresh(meeting):
    return Meeting.objects.get(pk=meeting.pk)


def dated(cycle, by="contact", **fields):
    given = {
        "earliest": DAY,
        "latest": DAY,
        "starts_at": NINE,
        "ends_at": NINE + dt.timedelta(hours=2),
        "time_zone": "Europe/Berlin",
    }
    return set_date(meeting=cycle.meeting, **{**given, **fields}, by=cycle.person(by))


UNTIMED = {"starts_at": None, "ends_at": None, "time_zone": ""}
UNDATED = {**UNTIMED, "earliest": None, "latest": None, "precision": "unknown"}


@pytest.mark.parametrize("fields", [{}, UNTIMED, UNDATED, {"country": "IT", "kind": "workshop"}])
def test_form_that_is_sent_as_it_was_opened_changes_nothing(fields):
    cycle = make_cycle(**fields)
    client, before = cycle.client("contact"), fresh(cycle.meeting)

    assert save(client, cycle.meeting, opened(client, cycle.meeting)).status_code == 302

    after = fresh(cycle.meeting)
    assert PlanContent.of(after) == PlanContent.of(before)
    assert after.sequence == 0
    assert not StatusChange.objects.of(after).exists()


def test_evening_until_midnight_that_the_poll_fixed_is_the_same_in_the_plan():
    cycle = make_cycle(**UNDATED)
    # 20:00 to 00:00 in Berlin.
    start = dt.datetime(2098, 12, 17, 19, tzinfo=dt.UTC)
    option = proposed(cycle, (start, start + dt.timedelta(hours=4))).options.get()
    fix_date(option=option, time_zone="Europe/Berlin", by=cycle.person("contact"))
    before = fresh(cycle.meeting)
    client = cycle.client("contact")
    values = opened(client, before)
    assert (values["first_day"], values["last_day"]) == (["2098-12-17"], ["2098-12-18"])

    answer = save(client, before, values, title_en="Sensors at night")

    meeting = fresh(before)
    assert (answer.status_code, meeting.title_en) == (302, "Sensors at night")
    assert (meeting.earliest, meeting.latest) == (dt.date(2098, 12, 17), dt.date(2098, 12, 17))
    rows = StatusChange.objects.of(meeting)
    assert rows.filter(field="date").count() == 1
    assert rows.get(field="plan").note == "Title in English"


def test_date_that_sources_know_to_the_month_survives_a_correction():
    cycle = make_cycle(
        status="held",
        earliest=dt.date(2022, 5, 1),
        latest=dt.date(2022, 5, 31),
        precision="month",
        starts_at=None,
        ends_at=None,
        time_zone="",
    )
    client = cycle.client("contact")

    save(client, cycle.meeting, opened(client, cycle.meeting), place="Rathaus")

    after = fresh(cycle.meeting)
    assert (after.place, after.precision, after.earliest.day) == ("Rathaus", "month", 1)


@pytest.mark.parametrize(
    ("fields", "noticed"),
    [
        ({"title_en": "Trees", "title_de": "Bäume"}, True),
        ({"place": "Rathaus"}, True),
        ({"remote_link": "https://meet.example/2"}, True),
        ({"format": "hybrid", "place": "Rathaus", "title_en": "Trees"}, True),
        ({"start_time": "09:30"}, True),
        ({"description_de": "Worum es geht"}, False),
        ({"language": "en"}, True),
    ],
)
@pytest.mark.parametrize("is_invited", [True, False])
def test_what_people_must_notice_raises_the_revision_once(fields, noticed, is_invited):
    cycle = make_cycle()
    if is_invited:
        invite(cycle)
    client = cycle.client("contact")

    save(client, cycle.meeting, opened(client, cycle.meeting), **fields)

    after = fresh(cycle.meeting)
    assert after.sequence == int(noticed)
    assert mailed() == ([[cycle.people["partner"].email]] if noticed and is_invited else [])


def test_history_names_the_fields_but_not_the_link():
    cycle = make_cycle()
    client = cycle.client("contact")

    save(client, cycle.meeting, opened(client, cycle.meeting), remote_link="https://secret.example")

    row = StatusChange.objects.of(cycle.meeting).get()
    assert (row.field, row.new) == ("plan", "changed")
    assert "secret" not in row.note


def test_of_two_editors_both_texts_are_shown_and_nothing_is_lost():
    cycle = make_cycle(place="")
    one, two = cycle.client("contact"), cycle.client("partner")
    first, second = (opened(client, cycle.meeting) for client in (one, two))
    save(one, cycle.meeting, first, place="Rathaus", description_de="Von Hamm")

    answer = save(two, cycle.meeting, second, place="Palazzo", title_en="Trees")

    page = read(answer)
    assert answer.status_code == 409
    texts = page.main.texts(class_="conflict__text")
    assert texts == ["Palazzo", "Rathaus"]
    assert page.main.one("input", name="title_en")["value"] == "Trees"
    assert fresh(cycle.meeting).place == "Rathaus"
    form = next(form for form in page.main.all("form") if form.all("input", name="marks"))
    assert save(two, cycle.meeting, form.values()).status_code == 302
    after = fresh(cycle.meeting)
    assert (after.place, after.title_en, after.description_de) == ("Palazzo", "Trees", "Von Hamm")


def test_two_editors_of_different_fields_do_not_disturb_each_other():
    cycle = make_cycle()
    one, two = cycle.client("contact"), cycle.client("partner")
    first, second = (opened(client, cycle.meeting) for client in (one, two))

    save(one, cycle.meeting, first, place="Rathaus")
    save(two, cycle.meeting, second, start_time="07:30")

    after = fresh(cycle.meeting)
    assert (after.place, after.local_start.hour, after.sequence) == ("Rathaus", 7, 2)


def test_address_of_an_announced_meeting_stays_when_its_title_changes():
    cycle = make_cycle(status="announced", slug="sensors")
    client = cycle.client("contact")

    save(client, cycle.meeting, opened(client, cycle.meeting), title_en="Trees")

    assert fresh(cycle.meeting).slug == "sensors"


@pytest.mark.parametrize(
    ("meeting", "fields", "wrong"),
    [
        *(
            ({"status": status}, {"when": "open", "first_day": ""}, "when")
            for status in ("announced", "unconfirmed", "held")
        ),
        ({"status": "announced"}, {"format": "on_site", "place": ""}, "place"),
        ({"invited_at": NINE}, {"format": "hybrid", "place": ""}, "place"),
    ],
)
def test_what_was_promised_is_not_taken_away(meeting, fields, wrong):
    cycle = make_cycle(**meeting)
    client = cycle.client("contact")

    answer = save(client, cycle.meeting, opened(client, cycle.meeting), **fields)

    assert list(answer.context["form"].errors) == [wrong]
    assert fresh(cycle.meeting).sequence == 0


def test_meeting_with_a_consultation_keeps_its_kind():
    cycle = make_cycle(kind="consultation")
    ConsultationFactory(meeting=cycle.meeting)
    client = cycle.client("partner")
    values = opened(client, cycle.meeting)

    answer = save(client, cycle.meeting, values, kind="working_meeting")

    assert list(answer.context["form"].errors) == ["kind"]
    assert save(client, cycle.meeting, values, place="Rathaus").status_code == 302
    assert (fresh(cycle.meeting).kind, fresh(cycle.meeting).place) == ("consultation", "Rathaus")


def test_page_says_that_a_day_ends_the_poll():
    cycle = make_cycle(**UNDATED)
    told = "A date poll is open."
    client = cycle.client("contact")
    assert told not in read(client.get(address(cycle.meeting))).main.text

    proposed(cycle)

    assert told in read(client.get(address(cycle.meeting))).main.text


def test_cancelled_meeting_keeps_its_plan():
    cycle = make_cycle(status="cancelled")
    client = cycle.client("contact")

    assert client.get(address(cycle.meeting)).url == f"/en/meetings/{cycle.meeting.pk}/internal/"
    with pytest.raises(ValidationError) as refusal:
        change_plan(
            meeting=cycle.meeting,
            content=PlanContent.of(cycle.meeting),
            opened={},
            by=cycle.person("contact"),
        )
    assert refusal.value.code == "cancelled"


def test_meeting_that_was_held_does_not_move_into_the_future():
    past = timezone.localdate() - dt.timedelta(days=9)
    cycle = make_cycle(
        status="held", earliest=past, latest=past, starts_at=None, ends_at=None, time_zone=""
    )
    client = cycle.client("contact")
    values = opened(client, cycle.meeting)

    answer = save(client, cycle.meeting, values, first_day="2090-02-01")

    assert list(answer.context["form"].errors) == ["when"]


def test_team_lets_another_partnership_join_and_the_first_goes_on_leading():
    cycle = make_cycle()
    other = make_pair(status="active")
    client = cycle.client("coordinator")
    values = opened(client, cycle.meeting)

    save(client, cycle.meeting, values, partnerships=[other.pk])

    after = fresh(cycle.meeting)
    assert (after.scope, after.tandem) == ("several", cycle.tandem)
    assert set(after.partnerships.all()) == {cycle.tandem, other}
    officer = cycle.client("contact")
    assert "partnerships" not in opened(officer, after)
    save(officer, after, opened(officer, after), place="Rathaus")
    assert fresh(after).partnerships.count() == 2
    save(client, after, opened(client, after), partnerships=[])
    assert (fresh(after).scope, fresh(after).partnerships.count()) == ("tandem", 0)


def test_city_lets_no_other_partnership_join():
    cycle = make_cycle()
    other = make_pair(status="active")
    client = cycle.client("contact")

    save(client, cycle.meeting, opened(client, cycle.meeting), partnerships=[other.pk])

    assert not fresh(cycle.meeting).partnerships.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("deputy", 200),
        ("partner", 200),
        ("coordinator", 200),
        ("bbsr", 200),
        ("colleague", 403),
        ("guest", 403),
        ("neighbour", 404),
        ("nobody", 404),
        ("reviewer", 404),
        ("observer", 404),
        ("visitor", 302),
    ],
)
def test_who_opens_the_page(who, status):
    cycle = make_cycle()
    if who == "guest":
        place = cycle.people["neighbour"].role_assignments.get().municipality
        MeetingGuestFactory(meeting=cycle.meeting, municipality=place)
        who = "neighbour"
    client = cycle.client(who)

    assert client.get(address(cycle.meeting)).status_code == status
    if status != 200:
        assert client.post(address(cycle.meeting), {"title_de": "X"}).status_code == status
    assert client.delete(address(cycle.meeting)).status_code in {302, 405}
    assert fresh(cycle.meeting).sequence == 0


# --- the date -------------------------------------------------------------------------------------


def test_date_is_fixed_told_and_reminded_of_anew():
    cycle = make_cycle()
    invite(cycle)
    reminder = MeetingReminderFactory(meeting=cycle.meeting, sent_at=timezone.now())

    fixed = dated(cycle)

    reminder.refresh_from_db()
    assert (fixed.starts_at, fixed.earliest, fixed.sequence) == (NINE, DAY, 1)
    assert reminder.sent_at is None
    assert mailed() == [[cycle.people["partner"].email]]
    row = StatusChange.objects.of(fixed).get()
    assert (row.field, row.new) == ("date", "2027-02-01 10:00/2027-02-01 12:00")
    notices = TandemNotice.objects.filter(event="meeting_dated")
    assert {row.facts["day"] for row in notices} == {"2027-02-01"}
    assert notices.count() == 5


def test_same_date_twice_is_fixed_once():
    cycle = make_cycle()
    invite(cycle)

    dated(cycle)
    dated(cycle, by="partner")

    assert (fresh(cycle.meeting).sequence, len(mailed())) == (1, 1)


def test_whole_days_take_the_place_of_times():
    cycle = make_cycle()

    fixed = dated(cycle, starts_at=None, ends_at=None, latest=DAY + dt.timedelta(days=1))

    assert (fixed.starts_at, fixed.ends_at, fixed.precision) == (None, None, "day")
    assert StatusChange.objects.of(fixed).get().new == "2027-02-01/2027-02-02"


@pytest.mark.parametrize("who", ["colleague", "neighbour", "reviewer", "observer", "nobody"])
def test_nobody_else_fixes_a_date(who):
    with pytest.raises(PermissionDenied):
        dated(make_cycle(), by=who)


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_date_of_a_meeting_that_is_over_is_not_fixed_anew(status):
    with pytest.raises(ValidationError):
        dated(make_cycle(status=status))


def test_date_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValidationError):
        dated(make_cycle(), ends_at=NINE - dt.timedelta(hours=1))


def test_team_alone_fixes_the_date_of_a_meeting_of_the_network():
    cycle = make_cycle()
    cycle.meeting = plan_for(None)

    with pytest.raises(PermissionDenied):
        dated(cycle)
    assert dated(cycle, by="coordinator").earliest == DAY
