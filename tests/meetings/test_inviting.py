"""The list of invited people: adding, removing and sending, and who may."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from post_office.models import Email

from core.dates import DatePrecision
from meetings.actions.inviting import (
    invite_everybody,
    invite_guest,
    send_invitations,
)
from meetings.actions.replying import reply_to_meeting
from meetings.actions.withdrawing import remove_invitation
from meetings.enums import MeetingStatus
from meetings.models import Attendance, MeetingGuest
from meetings.views import inviting as views
from tests.cycle import AttendanceFactory, make_cycle, plan_for
from tests.factories import MunicipalityFactory, make_user
from tests.meetings.inviting_cases import (
    OFFICERS,
    addresses,
    calendar_in,
    change,
    invited,
    mail_to,
    mailed_to,
    row_of,
    url,
)
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db
GUEST = {
    "what": "guest",
    "name": "Ada Rossi",
    "email": "Ada@Example.org",
    "language": "en",
    "time_zone": "Europe/Rome",
}
PAGES = ("invitations", "invitation-add", "reminders")


def everybody(cycle):
    return [cycle.people[name] for name in OFFICERS]


def test_officer_invites_everybody_and_sends():
    cycle = make_cycle()
    client = cycle.client("contact")
    pk = cycle.meeting.pk
    form = read(client.get(url("invitation-add", pk))).main.all("form", class_="form")[0]

    ticked = form.values()["people"]
    added = client.post(url("invitation-add", pk), {"what": "people", "people": ticked})
    assert (added.status_code, added.url) == (302, url("invitations", pk))
    assert not Email.objects.exists()
    sent = client.post(url("invitations-send", pk))

    assert (sent.status_code, sent.url) == (302, url("invitations", pk))
    assert mailed_to() == addresses(*everybody(cycle))
    rows = Attendance.objects.filter(meeting=cycle.meeting)
    assert {row.municipality for row in rows} == {cycle.hamm, cycle.arezzo}
    assert {row.told_sequence for row in rows} == {0}
    cycle.meeting.refresh_from_db()
    assert cycle.meeting.invited_at is not None
    text = read(client.get(url("invitations", pk))).main.text
    assert "no answer yet: 6" in text
    assert "not sent yet" not in text


def test_second_sending_reaches_only_who_was_not_told():
    cycle = invited()
    client = cycle.client("contact")
    late = make_user("colleague", cycle.hamm)
    first = cycle.meeting.invited_at
    invite_everybody(meeting=cycle.meeting, by=cycle.person("contact"))

    client.post(url("invitations-send", cycle.meeting.pk))
    again = client.post(url("invitations-send", cycle.meeting.pk), follow=True)

    assert mailed_to() == [late.email]
    assert "Everybody on the list has been invited already." in read(again).main.text
    cycle.meeting.refresh_from_db()
    assert cycle.meeting.invited_at == first


def test_only_ticked_people_are_added():
    cycle = make_cycle()
    one = cycle.people["partner"]

    cycle.client("contact").post(
        url("invitation-add", cycle.meeting.pk), {"what": "people", "people": [one.pk]}
    )

    assert [row.user for row in Attendance.objects.all()] == [one]


@pytest.mark.parametrize("people", [[], ["stranger"], ["x"]])
def test_wrong_choice_of_people_is_told_at_the_field(people):
    cycle = make_cycle()
    keys = [cycle.people["neighbour"].pk if key == "stranger" else key for key in people]

    response = cycle.client("contact").post(
        url("invitation-add", cycle.meeting.pk), {"what": "people", "people": keys}
    )

    assert response.status_code == 200
    assert list(response.context["people"].errors) == ["people"]
    assert not Attendance.objects.exists()


def test_people_of_a_guest_city_are_invited_too():
    cycle = make_cycle()
    venlo = MunicipalityFactory(name_en="Venlo")
    guest = make_user("contact", venlo)
    MeetingGuest.objects.create(meeting=cycle.meeting, municipality=venlo)

    invite_everybody(meeting=cycle.meeting, by=cycle.person("contact"))

    assert Attendance.objects.get(user=guest).municipality == venlo


def test_everybody_twice_adds_nobody_and_meeting_of_the_network_takes_its_cities():
    cycle = make_cycle()
    by = cycle.person("contact")

    numbers = [invite_everybody(meeting=cycle.meeting, by=by) for _ in range(2)]

    assert numbers == [6, 0]
    network = plan_for(None)
    assert invite_everybody(meeting=network, by=cycle.person("coordinator")) == 7


def test_outside_guest_is_added_told_why_and_invited_in_the_own_language():
    cycle = make_cycle()
    client = cycle.client("contact")
    page = read(client.get(url("invitation-add", cycle.meeting.pk))).main.text
    assert "deleted twelve months after the meeting" in page

    client.post(url("invitation-add", cycle.meeting.pk), GUEST)
    client.post(url("invitations-send", cycle.meeting.pk))

    row = Attendance.objects.get()
    assert (row.name, row.email, row.user, row.municipality) == (
        "Ada Rossi",
        "ada@example.org",
        None,
        None,
    )
    mail = mail_to("ada@example.org")
    assert "Your name and address were entered in the portal to invite you" in mail.message
    assert "/internal/" not in mail.message
    assert "/en/meetings/answer/" in mail.message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "<b>"),
        ("email", "nobody"),
        # No mail server takes this domain.
        ("email", "x@xn--a.com"),
        ("language", "xx"),
        ("time_zone", "Mars/Base"),
    ],
)
def test_wrong_guest_is_told_at_the_field_and_keeps_the_rest(field, value):
    cycle = make_cycle()

    response = cycle.client("contact").post(
        url("invitation-add", cycle.meeting.pk), {**GUEST, field: value}
    )

    assert list(response.context["guest"].errors) == [field]
    shown = read(response).main.all("form", class_="form")[1].values()
    assert shown["email" if field != "email" else "name"][0] in {"Ada@Example.org", "Ada Rossi"}
    assert not Attendance.objects.exists()


def test_address_is_invited_once_and_that_of_an_officer_as_the_officer():
    cycle = make_cycle()
    by = cycle.person("contact")
    partner = cycle.people["partner"]
    fields = {"name": "X", "language": "de", "time_zone": "Europe/Berlin", "by": by}

    row = invite_guest(meeting=cycle.meeting, email=partner.email.upper(), **fields)
    assert (row.user, row.municipality, row.email) == (partner, cycle.arezzo, "")
    invite_guest(meeting=cycle.meeting, email="ada@example.org", **fields)
    for email in (partner.email, "ADA@example.org", "x@xn--a.com"):
        with pytest.raises(ValidationError) as refusal:
            invite_guest(meeting=cycle.meeting, email=email, **fields)
        assert set(refusal.value.error_dict) == {"email"}


def test_fifty_people_from_outside_are_enough():
    cycle = make_cycle()
    for number in range(50):
        mail = f"a{number}@example.org"
        AttendanceFactory(meeting=cycle.meeting, user=None, name="A", email=mail)

    response = cycle.client("contact").post(url("invitation-add", cycle.meeting.pk), GUEST)
    assert "At most 50 guests from outside" in read(response).main.text
    assert Attendance.objects.count() == 50


def test_removed_person_is_told_and_the_calendar_forgets_the_meeting():
    cycle = invited()
    row = row_of(cycle, "partner")
    client = cycle.client("contact")
    page = url("invitation-remove", cycle.meeting.pk, row.pk)

    assert "The person gets an e-mail" in read(client.get(page)).main.text
    answers = [client.post(page).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert mailed_to() == [cycle.people["partner"].email]
    calendar = calendar_in(Email.objects.get())
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert not Attendance.objects.filter(pk=row.pk).exists()


def test_person_who_was_not_told_is_removed_without_a_word():
    cycle = make_cycle()
    by = cycle.person("contact")
    invite_everybody(meeting=cycle.meeting, by=by)

    remove_invitation(attendance=row_of(cycle, "partner"), by=by)

    assert not Email.objects.exists()
    with pytest.raises(Attendance.DoesNotExist):
        row_of(cycle, "partner")


def test_person_whose_role_ended_is_told_nothing():
    cycle = make_cycle()
    by = cycle.person("contact")
    invite_everybody(meeting=cycle.meeting, by=by)
    gone = cycle.people["partner"]
    gone.role_assignments.update(until=timezone.localdate() - dt.timedelta(days=1))

    send_invitations(meeting=cycle.meeting, by=by)

    assert mailed_to() == addresses(*[one for one in everybody(cycle) if one != gone])
    text = read(cycle.client("contact").get(url("invitations", cycle.meeting.pk))).main.text
    assert "has no role any more, gets nothing" in text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": MeetingStatus.CANCELLED}, "cancelled"),
        ({"precision": DatePrecision.MONTH, "starts_at": None, "ends_at": None}, "undated"),
        (
            {
                "earliest": dt.date(2024, 1, 1),
                "latest": dt.date(2024, 1, 1),
                "starts_at": None,
                "ends_at": None,
            },
            "over",
        ),
    ],
)
def test_invitations_need_a_day_to_come(fields, code):
    cycle = make_cycle()
    by = cycle.person("contact")
    invite_everybody(meeting=cycle.meeting, by=by)
    meeting = change(cycle.meeting, **fields)

    with pytest.raises(ValidationError) as refusal:
        send_invitations(meeting=meeting, by=by)
    answer = cycle.client("contact").post(url("invitations-send", meeting.pk))

    assert (refusal.value.code, answer.status_code) == (code, 302)
    assert not Email.objects.exists()
    meeting.refresh_from_db()
    assert meeting.invited_at is None


@pytest.mark.parametrize(
    ("who", "reads", "leads"),
    [
        ("contact", 200, 200),
        ("deputy", 200, 200),
        ("partner", 200, 200),
        ("coordinator", 200, 200),
        ("bbsr", 200, 200),
        ("colleague", 200, 403),
        ("neighbour", 404, 404),
        ("reviewer", 404, 404),
        ("observer", 404, 404),
        ("nobody", 404, 404),
        ("visitor", 302, 302),
    ],
)
def test_who_opens_the_pages(who, reads, leads):
    cycle = invited()
    row = row_of(cycle, "partner")
    client = cycle.client(who)
    pk = cycle.meeting.pk
    led = (url("invitation-add", pk), url("reminders", pk), url("invitation-remove", pk, row.pk))

    assert client.get(url("invitations", pk)).status_code == reads
    assert [client.get(page).status_code for page in led] == [leads] * 3
    sent = client.post(url("invitations-send", pk)).status_code
    assert sent == (302 if leads == 200 else leads)
    removed = client.post(led[-1]).status_code
    assert removed == (302 if leads == 200 else leads)
    assert Attendance.objects.filter(pk=row.pk).exists() is (leads != 200)


def test_city_that_is_a_guest_sees_no_list():
    cycle = invited()
    MeetingGuest.objects.create(
        meeting=cycle.meeting, municipality=cycle.people["neighbour"].roles[0].municipality
    )
    client = cycle.client("neighbour")

    assert client.get(url("invitations", cycle.meeting.pk)).status_code == 403


@pytest.mark.parametrize("who", ["colleague", "neighbour", "nobody"])
def test_who_does_not_lead_changes_nothing(who):
    cycle = invited()
    by = cycle.person(who)
    row = row_of(cycle, "partner")

    for act in (
        lambda: invite_everybody(meeting=cycle.meeting, by=by),
        lambda: send_invitations(meeting=cycle.meeting, by=by),
        lambda: remove_invitation(attendance=row, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_wrong_methods_are_refused():
    cycle = make_cycle()
    client = cycle.client("contact")
    pk = cycle.meeting.pk

    assert client.get(url("invitations-send", pk)).status_code == 405
    assert client.post(url("invitations", pk)).status_code == 405
    assert client.delete(url("invitation-add", pk)).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_same_for_one_and_for_three(number, django_assert_num_queries):
    cycle = invited()
    for _ in range(number):
        make_user("colleague", cycle.hamm)
    invite_everybody(meeting=cycle.meeting, by=cycle.person("contact"))
    client = cycle.client("contact")
    client.get(url("invitations", cycle.meeting.pk))

    with django_assert_num_queries(13):
        client.get(url("invitations", cycle.meeting.pk))


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_whole_in_both_languages(language):
    cycle = invited()
    client = cycle.client("contact")
    row = row_of(cycle, "partner")
    pages = [url(name, cycle.meeting.pk) for name in PAGES]

    for page in [*pages, url("invitation-remove", cycle.meeting.pk, row.pk)]:
        document = read(client.get(page.replace("/en/", f"/{language}/", 1)))
        assert (document.faults, document.language) == ([], language)


def test_empty_list_says_what_will_be_here_and_who_acts():
    cycle = make_cycle()
    pk = cycle.meeting.pk

    for who, words in (("contact", "Add the people"), ("colleague", "The contact persons")):
        text = read(cycle.client(who).get(url("invitations", pk))).main.text
        assert f"Nobody is on the list yet. {words}" in text


@pytest.mark.django_db(transaction=True)
def test_two_send_at_once_and_everybody_gets_one_mail():
    cycle = make_cycle()
    by, other = cycle.person("contact"), cycle.person("partner")
    invite_everybody(meeting=cycle.meeting, by=by)

    results = act_at_once(
        lambda: send_invitations(meeting=cycle.meeting, by=by),
        lambda: send_invitations(meeting=cycle.meeting, by=other),
    )

    assert results == [6, 0]
    assert mailed_to() == addresses(*everybody(cycle))


def test_many_people_are_added_at_once(monkeypatch):
    cycle = make_cycle()
    client = cycle.client("contact")
    monkeypatch.setattr(views, "MOST_TICKS", 5)
    page = read(client.get(url("invitation-add", cycle.meeting.pk)))

    (form, _guest) = page.main.all("form", class_="form")
    response = client.post(url("invitation-add", cycle.meeting.pk), form.values())

    assert (response.status_code, page.main.all("input", type="checkbox")) == (302, [])
    assert addresses(*everybody(cycle)) == addresses(
        *(row.user for row in cycle.meeting.attendances.all())
    )


def test_address_from_outside_gets_no_more_than_five_mails_an_hour():
    cycle = make_cycle()
    by = cycle.person("contact")
    guest = {key: value for key, value in GUEST.items() if key != "what"}
    for _ in range(2):
        row = invite_guest(meeting=cycle.meeting, **guest, by=by)
        send_invitations(meeting=cycle.meeting, by=by)
        remove_invitation(attendance=row, by=by)
    assert len(mailed_to()) == 4
    row = invite_guest(meeting=cycle.meeting, **guest, by=by)
    send_invitations(meeting=cycle.meeting, by=by)
    remove_invitation(attendance=row, by=by)

    with pytest.raises(ValidationError) as refused:
        invite_guest(meeting=cycle.meeting, **guest, by=by)

    assert refused.value.message_dict.keys() == {"email"}
    Email.objects.update(created=timezone.now() - dt.timedelta(hours=2))
    assert invite_guest(meeting=cycle.meeting, **guest, by=by)


@pytest.mark.parametrize("changes", [{"format": "on_site", "place": ""}, {"format": ""}])
def test_invitations_wait_for_the_place(changes):
    cycle = make_cycle()
    by = cycle.person("contact")
    invite_everybody(meeting=cycle.meeting, by=by)
    change(cycle.meeting, **changes)

    with pytest.raises(ValidationError) as refused:
        send_invitations(meeting=cycle.meeting, by=by)

    assert refused.value.code == "place"
    assert mailed_to() == []
    main = read(cycle.client("contact").get(url("invitations", cycle.meeting.pk))).main
    assert main.all("form", action=url("invitations-send", cycle.meeting.pk)) == []
    assert main.all("a", href=url("edit", cycle.meeting.pk))


def test_early_no_is_no_invitation_of_the_meeting():
    cycle = make_cycle()
    reply_to_meeting(meeting=cycle.meeting, reply="no", by=cycle.person("colleague"))

    cycle.meeting.refresh_from_db()

    assert (cycle.meeting.invited_at, mailed_to()) == (None, [])
