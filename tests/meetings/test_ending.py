"""A partnership ends: what becomes of its coming meetings, and what the page asks about them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from post_office.models import Email

from meetings.actions.ending import end_with_meetings
from meetings.actions.inviting import invite_guest
from meetings.actions.plan_content import PlanContent
from meetings.actions.planning import plan_meeting
from meetings.models import DatePoll, Meeting
from meetings.queries import mark_of, meetings_alone
from tandems.models import Tandem
from tests.cycle import AttendanceFactory, ConsultationFactory, MinutesFactory, make_cycle, plan_for
from tests.factories import TandemFactory
from tests.meetings.inviting_cases import calendar_in, invited, mail_to, mailed_to
from tests.meetings.poll_cases import proposed
from tests.races import act_at_once
from tests.reading import read
from tests.tandems.membership_cases import history
from tests.walking import Walker

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
BUTTON = "End the partnership"
QUESTION = "What becomes of these meetings?"
REASON = "Die Partnerschaft ist beendet. · The partnership has ended."
UNTIMED = {"starts_at": None, "ends_at": None, "time_zone": ""}
UNDATED = {**UNTIMED, "earliest": None, "latest": None, "precision": "unknown"}


def on(days, **fields):
    day = timezone.localdate() + days * DAY
    return {**UNTIMED, "earliest": day, "latest": day, **fields}


def end(cycle, fate="cancelled", by="coordinator", **fields):
    rows = meetings_alone(tandem=cycle.tandem, by=cycle.person("coordinator"))
    data = {
        "status": "completed",
        "ended_on": timezone.localdate(),
        "shown": [mark_of(row) for row in rows],
        **fields,
    }
    return end_with_meetings(tandem=cycle.tandem, fate=fate, **data, by=cycle.person(by))


def statuses(*meetings):
    return [Meeting.objects.get(pk=meeting.pk).status for meeting in meetings]


def called_off():
    """Return whom the mails go to that say why a meeting does not take place."""
    return sorted(mail.to[0] for mail in Email.objects.all() if REASON in mail.message)


def cancellation_to(person):
    (mail,) = (mail for mail in Email.objects.filter(to=person.email) if REASON in mail.message)
    return mail


def tandem_status():
    return Tandem.objects.get(slug="hamm-arezzo").status


def address():
    with translation.override("en"):
        return reverse("workspace:membership-end", args=["hamm-arezzo"])


def at_the_page(cycle):
    walker = Walker(cycle.people["coordinator"])
    walker.open(address())
    return walker


def said(**fields):
    return {"outcome": "completed", "ended_on": timezone.localdate().isoformat(), **fields}


# --- what is done ---------------------------------------------------------------------------------


def test_cancelling_cancels_every_coming_meeting_with_a_reason_in_words():
    cycle = make_cycle()
    today = plan_for(cycle.tandem, **on(0), status="announced", is_public=True)
    undated = plan_for(cycle.tandem, **UNDATED)

    cancelled = end(cycle)

    meetings = [today, cycle.meeting, undated]
    assert cancelled == meetings
    assert statuses(*meetings) == ["cancelled"] * 3
    for meeting in meetings:
        assert history(meeting)[-1][2:] == ("cancelled", REASON)
    assert tandem_status() == "completed"


def test_everybody_invited_is_told_and_the_meeting_leaves_their_calendars():
    cycle = invited()

    end(cycle)

    officers = ("contact", "deputy", "colleague", "partner", "partner deputy", "partner colleague")
    assert called_off() == sorted(cycle.people[name].email for name in officers)
    assert calendar_in(cancellation_to(cycle.people["partner"]))["METHOD"] == "CANCEL"


def test_meetings_that_still_take_place_are_left_alone():
    cycle = invited()

    assert end(cycle, "goes_on") == []

    assert statuses(cycle.meeting) == ["planned"]
    assert tandem_status() == "completed"
    assert called_off() == []


def test_what_is_over_begun_or_held_with_others_is_not_asked_about():
    cycle = make_cycle(status="cancelled")
    others = [
        plan_for(cycle.tandem, **on(-1)),
        plan_for(cycle.tandem, **on(0), status="held"),
        plan_for(None),
        plan_for(TandemFactory(status="active")),
    ]
    joint = plan_for(cycle.tandem, scope="several")
    joint.partnerships.set([cycle.tandem, TandemFactory(status="active")])
    written = plan_for(cycle.tandem, **on(0))
    MinutesFactory(meeting=written)
    before = statuses(*others, joint, written)

    assert end(cycle, "") == []

    assert statuses(*others, joint, written) == before
    assert tandem_status() == "completed"


@pytest.mark.parametrize("fate", ["", "stays", "x"])
def test_partnership_does_not_end_without_a_decision(fate):
    cycle = make_cycle()

    with pytest.raises(ValidationError) as refusal:
        end(cycle, fate)

    assert list(refusal.value.error_dict) == ["meetings"]
    assert (tandem_status(), *statuses(cycle.meeting)) == ("active", "planned")


@pytest.mark.parametrize("fate", ["cancelled", "goes_on"])
def test_meeting_that_nobody_was_shown_is_decided_on_first(fate):
    cycle = make_cycle()
    shown = [mark_of(cycle.meeting)]
    new = plan_for(cycle.tandem)

    with pytest.raises(ValidationError):
        end(cycle, fate, shown=shown)

    assert (tandem_status(), *statuses(cycle.meeting, new)) == ("active", "planned", "planned")


def test_nothing_happens_by_halves():
    cycle = invited()

    with pytest.raises(ValidationError):
        end(cycle, ended_on=timezone.localdate() + DAY)

    assert (tandem_status(), *statuses(cycle.meeting)) == ("active", "planned")
    assert not Email.objects.exists()


@pytest.mark.parametrize("who", ["contact", "colleague", "neighbour", "observer"])
def test_only_the_team_ends_a_partnership(who):
    cycle = make_cycle()

    with pytest.raises(PermissionDenied):
        end(cycle, by=who)

    assert statuses(cycle.meeting) == ["planned"]


def test_open_date_poll_ends_and_who_was_asked_for_dates_is_told_why():
    cycle = make_cycle(**UNDATED)
    guest = {"language": "en", "time_zone": "Europe/Berlin"}
    by = cycle.person("contact")
    invite_guest(meeting=cycle.meeting, name="Eva", email="eva@example.org", **guest, by=by)
    proposed(cycle)
    Email.objects.all().delete()

    end(cycle)

    assert DatePoll.objects.get().closed_at is not None
    mail = mail_to("eva@example.org")
    assert mail.subject.startswith("Meeting cancelled")
    assert REASON in mail.message
    assert cycle.people["partner"].email in called_off()


def test_who_has_a_date_and_is_asked_for_another_one_is_told_once():
    cycle = invited()
    proposed(cycle)
    Email.objects.all().delete()

    end(cycle)

    assert calendar_in(cancellation_to(cycle.people["partner"]))["METHOD"] == "CANCEL"


def test_consultation_stays_as_it_is_and_nobody_writes_in_it_any_more():
    cycle = make_cycle(kind="consultation")
    consultation = ConsultationFactory(
        meeting=cycle.meeting, case_city=cycle.hamm, state="running", phase=5
    )

    end(cycle)

    consultation.refresh_from_db()
    assert (consultation.state, *statuses(cycle.meeting)) == ("running", "cancelled")


@pytest.mark.django_db(transaction=True)
def test_meeting_planned_at_the_same_moment_is_never_cancelled_unseen():
    cycle = make_cycle()
    content = replace(PlanContent.of(cycle.meeting), title_en="Trees")
    planner, shown = cycle.person("contact"), [mark_of(cycle.meeting)]

    planned, refusal = act_at_once(
        lambda: plan_meeting(tandem=cycle.tandem, content=content, by=planner),
        lambda: end(cycle, shown=shown),
    )

    assert isinstance(refusal, ValidationError)
    assert (tandem_status(), *statuses(planned, cycle.meeting)) == ("active", "planned", "planned")


# --- what the page asks ---------------------------------------------------------------------------


def test_page_lists_the_meetings_and_asks_without_suggesting_an_answer():
    cycle = make_cycle(title_en="Trees", **on(9))
    plan_for(cycle.tandem, **UNDATED, title_en="Wells")
    walker = at_the_page(cycle)

    rows = walker.page.main.section("Coming meetings").one("ul", class_="list").texts("li")
    assert [title in row for title, row in zip(("Trees", "Wells"), rows, strict=True)] == [True] * 2
    with translation.override("en"):
        assert str(Meeting.objects.get(pk=cycle.meeting.pk).span) in rows[0]
    assert "date still open" in rows[1]
    radios = walker.page.main.all("input", name="meetings")
    assert [radio["value"] for radio in radios] == ["cancelled", "goes_on"]
    assert not [radio for radio in radios if "checked" in radio.attributes]

    page = walker.press(BUTTON, **said())
    assert any(QUESTION in text for text in page.main.one(class_="form-errors").texts("li"))
    assert tandem_status() == "active"

    page = walker.press(BUTTON, **said(meetings="cancelled"))
    assert "2 meetings are cancelled." in page.main.text
    assert (tandem_status(), *statuses(cycle.meeting)) == ("completed", "cancelled")


def test_other_mistakes_keep_the_answer_about_the_meetings():
    cycle = make_cycle()
    walker = at_the_page(cycle)

    page = walker.press(BUTTON, **said(ended_on="", meetings="goes_on"))

    assert page.main.one("form", class_="form").values()["meetings"] == ["goes_on"]
    walker.press(BUTTON, **said())
    assert (tandem_status(), *statuses(cycle.meeting)) == ("completed", "planned")


@pytest.mark.parametrize("change", ["planned", "moved", "first"])
def test_page_asks_again_where_the_meetings_have_changed_meanwhile(change):
    cycle = make_cycle(**({"status": "cancelled"} if change == "first" else {}))
    walker = at_the_page(cycle)
    if change == "moved":
        changed = cycle.meeting
        Meeting.objects.filter(pk=changed.pk).update(sequence=1, **on(30))
    else:
        changed = plan_for(cycle.tandem, title_en="Trees")
    before = statuses(cycle.meeting, changed)

    page = walker.press(BUTTON, **said(meetings="cancelled"))

    told = "Meanwhile the coming meetings have changed."
    assert any(told in text for text in page.main.one(class_="form-errors").texts("li"))
    # The answer was given about something else: it is not suggested again.
    assert "meetings" not in page.main.one("form", class_="form").values()
    assert (tandem_status(), statuses(cycle.meeting, changed)) == ("active", before)

    walker.press(BUTTON, **said(meetings="cancelled"))
    assert (tandem_status(), *statuses(changed)) == ("completed", "cancelled")


def test_meeting_that_is_off_meanwhile_is_no_reason_to_ask_again():
    cycle = make_cycle()
    other = plan_for(cycle.tandem)
    walker = at_the_page(cycle)
    Meeting.objects.filter(pk=other.pk).update(status="cancelled", sequence=1)

    page = walker.press(BUTTON, **said(meetings="cancelled"))

    assert "One meeting is cancelled." in page.main.text
    assert statuses(cycle.meeting, other) == ["cancelled"] * 2


def test_page_without_coming_meetings_asks_nothing():
    cycle = make_cycle(status="cancelled")
    walker = at_the_page(cycle)

    assert not walker.page.main.all("input", name="meetings")
    assert "Coming meetings" not in walker.page.main.texts("h2")

    walker.press(BUTTON, **said())
    assert tandem_status() == "completed"


def test_page_says_that_joint_meetings_go_on_and_who_leads_them():
    cycle = make_cycle(status="cancelled")
    neighbours = TandemFactory(status="active", name_en="Ahlen – Prato", name_de="Ahlen – Prato")
    for lead, title in ((cycle.tandem, "Trees"), (neighbours, "Wells"), (None, "Roofs")):
        joint = plan_for(lead, scope="several", title_en=title)
        joint.partnerships.set([cycle.tandem, neighbours])
    plan_for(neighbours, scope="several", title_en="Roads").partnerships.set([neighbours])

    section = at_the_page(cycle).page.main.section("Meetings with other partnerships")

    assert "They go on and are led as before." in section.text
    rows = section.one("ul").texts("li")
    assert [row.partition("Led by: ")[2] for row in rows] == [
        "Hamm and Arezzo and the project team",
        "Ahlen – Prato and the project team",
        "the project team",
    ]
    assert "Roads" not in section.text


def test_page_says_what_is_still_asked_and_advised_about_the_meetings():
    cycle = make_cycle(kind="consultation", **on(5))
    ConsultationFactory(meeting=cycle.meeting, case_city=cycle.hamm, state="running", phase=5)
    sought = plan_for(cycle.tandem, **UNDATED)
    cycle.meeting = sought
    proposed(cycle)

    rows = at_the_page(cycle).page.main.section("Coming meetings").one("ul").texts("li")

    assert ["consultation is going on" in row for row in rows] == [True, False]
    assert ["date poll is open" in row for row in rows] == [False, True]


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_same_for_one_and_for_three_meetings(number, django_assert_num_queries):
    cycle = make_cycle()
    cycle.meeting.delete()
    for _ in range(number):
        plan_for(cycle.tandem)
        plan_for(cycle.tandem, scope="several").partnerships.set([cycle.tandem])
    client = cycle.client("coordinator")
    client.get(address())

    with django_assert_num_queries(7):
        client.get(address())


@pytest.mark.parametrize("language", ["de", "en"])
def test_page_is_whole_in_both_languages(language):
    cycle = make_cycle()
    plan_for(cycle.tandem, scope="several").partnerships.set([cycle.tandem])

    page = read(cycle.client("coordinator").get(address().replace("/en/", f"/{language}/", 1)))

    assert (page.faults, page.language) == ([], language)


# --- the page that cancels one meeting ------------------------------------------------------------


def test_cancelling_a_meeting_tells_those_who_were_asked_for_dates():
    cycle = make_cycle(**UNDATED)
    proposed(cycle)
    AttendanceFactory(meeting=cycle.meeting, user=None, name="Eva", email="eva@example.org")
    Email.objects.all().delete()
    walker = Walker(cycle.people["contact"])
    with translation.override("en"):
        walker.open(reverse("meeting:cancel", args=[cycle.meeting.pk]))

    walker.press("Cancel the meeting", note="Kein Geld.")

    assert "Kein Geld." in mail_to("eva@example.org").message
    assert cycle.people["contact"].email not in mailed_to()
    assert DatePoll.objects.get().closed_at is not None
