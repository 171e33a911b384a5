"""A released sentence can always be taken back, also by people who read nothing of the room."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core.models import StatusChange
from meetings.actions.consultation_outcome import forget_in_consultations, withdraw_sentence
from meetings.models import Meeting
from tests.cycle import ContributionFactory
from tests.factories import make_user
from tests.meetings.consultation_cases import SEATS, SECRETS, make_case
from tests.reading import read

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
SENTENCE = "Ask first."
#: Who takes it back without a part.
OTHERS = ("contact", "deputy", "coordinator", "bbsr")
PUBLIC = {"status": "held", "is_public": True}


def released(**meeting):
    """Return a case that is over, with a sentence on the public page of its meeting."""
    case = make_case(meeting={**PUBLIC, **meeting})
    case.close(released_at=timezone.now(), released_sentence_en=SENTENCE)
    ContributionFactory(
        consultation=case.consultation, text=SECRETS[1], written_by=case.of("adviser")
    )
    case.cycle.people["other colleague"] = make_user("colleague", case.cycle.hamm)
    return case


def network():
    """Return such a case of a network meeting ten days ago; Hamm has left five days ago."""
    day = timezone.localdate() - 10 * DAY
    times = {"earliest": day, "latest": day, "starts_at": None, "ends_at": None}
    case = released(**times)
    Meeting.objects.filter(pk=case.meeting.pk).update(scope="programme", tandem=None)
    case.meeting.refresh_from_db()
    left_on = timezone.localdate() - 5 * DAY
    case.cycle.tandem.members.filter(municipality=case.cycle.hamm).update(left_on=left_on)
    return case


def public_page(case):
    address = f"/en{case.meeting.get_absolute_url()[3:]}"
    return case.client("visitor").get(address).content.decode()


def secrets_in(case, answer):
    names = [case.of(role).name for role in (*SEATS, "guest")]
    shown = answer.content.decode()
    return [text for text in (*SECRETS, *names) if text in shown]


@pytest.mark.parametrize("who", [*OTHERS, "case_giver"])
def test_city_of_the_case_and_the_team_take_it_back(who):
    case = released()
    assert SENTENCE in public_page(case)

    answers = [case.post(who, "withdraw") for _ in range(2)]

    assert [(answer.status_code, answer.url) for answer in answers] == [(302, case.url())] * 2
    row = case.now()
    assert (row.state, row.released_at, row.released_sentence_en) == ("closed", None, "")
    assert SENTENCE not in public_page(case)
    noted = StatusChange.objects.of(case.consultation).filter(field="sentence")
    assert [(one.old, one.new, one.changed_by) for one in noted] == [
        ("released", "withdrawn", case.of(who))
    ]


def test_second_click_is_told_that_it_is_done():
    case = released()
    client = case.client("contact")

    pages = [read(client.post(case.url("withdraw"), follow=True)).main.text for _ in range(2)]

    assert "The sentence is no longer public." in pages[0]
    assert "No sentence is public any more." in pages[1]
    seen = read(client.get(case.url("withdraw"), follow=True)).main.text
    assert "No sentence is public any more." in seen


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("facilitator", 403),
        ("scribe", 403),
        ("adviser", 403),
        ("other colleague", 403),
        ("guest", 403),
        ("other guest", 403),
        ("neighbour", 404),
        ("reviewer", 404),
        ("observer", 404),
        ("nobody", 404),
        ("visitor", 302),
    ],
)
def test_nobody_else_takes_it_back(who, status):
    case = released()
    client = case.client(who)

    answers = [client.get(case.url("withdraw")), client.post(case.url("withdraw"))]

    assert [answer.status_code for answer in answers] == [status] * 2
    assert case.now().released_at is not None
    if who != "visitor":
        with pytest.raises(PermissionDenied):
            withdraw_sentence(meeting=case.meeting, by=case.of(who))


@pytest.mark.parametrize("who", OTHERS)
def test_who_takes_it_back_reads_the_sentence_and_nothing_of_the_room(who):
    case = released()
    client = case.client(who)

    room, page = client.get(case.url()), client.get(case.url("withdraw"))

    assert case.url("withdraw") in read(room).main.hrefs()
    assert SENTENCE in read(page).main.section("Public now").text
    assert [secrets_in(case, answer) for answer in (room, page)] == [[], []]
    assert client.get(case.url("state")).status_code == 403
    assert client.get(case.url("release")).status_code == 403
    data = {"sentence_en": "Another one.", "step": "release"}
    assert client.post(case.url("release"), data).status_code == 403
    assert case.now().released_sentence_en == SENTENCE


@pytest.mark.parametrize("who", ["other colleague", "partner", "facilitator", "adviser"])
def test_the_way_there_is_shown_to_those_alone_who_may(who):
    case = released()
    if who == "partner":
        case.consultation.members.filter(user=case.of(who)).delete()

    page = read(case.client(who).get(case.url())).main

    assert case.url("withdraw") not in page.hrefs()


def test_case_giver_finds_it_where_the_sentence_was_released():
    case = released()
    client = case.client("case_giver")

    assert case.url("release") in read(client.get(case.url())).main.hrefs()
    page = read(client.get(case.url("release"))).main
    assert "So can the contact and the deputy of your city and the project team" in page.text


def test_nothing_is_offered_where_no_sentence_is_public():
    case = make_case(meeting=PUBLIC)
    case.close()

    assert case.url("withdraw") not in read(case.client("contact").get(case.url())).main.hrefs()
    assert case.client("contact").get(case.url("withdraw")).url == case.url()


@pytest.mark.parametrize("who", OTHERS)
def test_of_an_internal_meeting_even_the_sentence_is_not_read(who):
    case = released()
    Meeting.objects.filter(pk=case.meeting.pk).update(is_public=False)
    client = case.client(who)

    page = client.get(case.url("withdraw"))

    assert SENTENCE not in page.content.decode()
    assert "This meeting has no public page at the moment." in read(page).main.text
    assert client.post(case.url("withdraw")).status_code == 302
    assert case.now().released_at is None


@pytest.mark.parametrize("gone", ["role ended", "moved", "account erased"])
@pytest.mark.parametrize("who", OTHERS)
def test_it_does_not_stay_because_the_case_giver_has_gone(who, gone):
    case = released()
    giver = case.of("case_giver")
    if gone == "account erased":
        forget_in_consultations(user=giver, by=giver)
        type(giver).objects.filter(pk=giver.pk).update(name="", is_active=False)
    else:
        place = {"municipality": case.cycle.arezzo} if gone == "moved" else {}
        until = {} if gone == "moved" else {"until": timezone.localdate() - DAY}
        giver.role_assignments.update(**place, **until)

    assert case.post(who, "withdraw").status_code == 302

    assert case.now().released_at is None
    assert SENTENCE not in public_page(case)


@pytest.mark.parametrize("gone", ["role ended", "moved"])
def test_who_gave_the_case_takes_it_back_also_from_elsewhere(gone):
    case = released()
    roles = case.of("case_giver").role_assignments
    if gone == "moved":
        roles.update(municipality=case.cycle.arezzo)
    else:
        roles.update(until=timezone.localdate() - DAY)
    client = case.client("case_giver")

    page = client.get(case.url("withdraw"))

    assert SENTENCE in read(page).main.section("Public now").text
    assert [text for text in SECRETS if text in page.content.decode()] == []
    assert client.post(case.url("withdraw")).status_code == 302
    assert case.now().released_at is None


@pytest.mark.parametrize("who", ["contact", "deputy", "case_giver"])
def test_city_that_has_left_the_network_takes_back_its_own_sentence(who):
    case = network()
    client = case.client(who)

    room = client.get(case.url())
    page = client.get(case.url("withdraw"))

    assert (room.status_code, room.url) == (302, case.url("withdraw"))
    assert SENTENCE in read(page).main.section("Public now").text
    assert [text for text in SECRETS if text in page.content.decode()] == []
    assert (read(page).faults, case.url() in read(page).main.hrefs()) == ([], False)
    answer = client.post(case.url("withdraw"), follow=True)
    assert "The sentence is no longer public." in read(answer).main.text
    assert case.now().released_at is None
    # From then on there is nothing for it here any more.
    assert client.get(case.url()).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("other colleague", 404), ("partner", 403)])
def test_others_of_the_network_do_not(who, status):
    case = network()
    if who == "partner":
        case.consultation.members.filter(user=case.of(who)).delete()
    client = case.client(who)

    assert client.post(case.url("withdraw")).status_code == status
    assert client.get(case.url()).status_code == (404 if status == 404 else 200)
    assert case.now().released_at is not None


@pytest.mark.parametrize("language", ["de", "en"])
def test_page_is_whole_in_both_languages(language):
    case = released()

    document = read(case.client("contact", language).get(case.url("withdraw", language)))

    assert (document.faults, document.language) == ([], language)
    assert case.client("contact").delete(case.url("withdraw")).status_code == 405
