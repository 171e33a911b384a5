"""The commitments of one meeting: recorded there, counted, carried on, and who reads them."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from core.dates import day
from meetings.actions import drop_commitment, keep_commitment, move_commitment
from meetings.models import Commitment
from tests.cycle import make_cycle, plan_for
from tests.factories import (
    CommitmentFactory,
    TandemFactory,
    TandemMemberFactory,
    TandemTopicFactory,
    make_user,
)
from tests.meetings.commitment_cases import (
    DAY,
    member_of,
    network_meeting,
    page_of,
    promise,
    typed,
)
from tests.reading import read
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db


def test_colleague_records_a_commitment_at_the_meeting():
    cycle = make_cycle()
    client, url = cycle.client("colleague"), page_of(cycle.meeting)
    assert "0 of 5 commitments" in read(client.get(url)).main.text

    data = typed(cycle, person=cycle.people["contact"].pk)
    answer = client.post(url, data)
    again = client.post(url, data)

    assert [(one.status_code, one.url) for one in (answer, again)] == [(302, url)] * 2
    made = Commitment.objects.get()
    assert (made.meeting, made.municipality, made.person) == (
        cycle.meeting,
        cycle.hamm,
        cycle.people["contact"],
    )
    text = read(client.get(url)).main.text
    assert "1 of 5 commitments" in text
    assert "Of 1 commitment 1 is open." in text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": " "}, "text"),
        ({"due_on": "gestern"}, "due_on"),
        ({"due_on": "2000-01-01"}, "due_on"),
        ({"member": "partner"}, "member"),
        ({"person": "partner"}, "person"),
        ({"person": "x"}, "person"),
        ({"topic": "999999"}, "topic"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_the_rest_stays(wrong, field):
    cycle = make_cycle()
    theirs = {"member": member_of(cycle, cycle.arezzo).pk, "person": cycle.people["partner"].pk}
    wrong = {key: theirs[key] if value == "partner" else value for key, value in wrong.items()}

    response = cycle.client("contact").post(page_of(cycle.meeting), typed(cycle, **wrong))

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    if field != "text":
        assert "We send the guide." in read(response).main.one("textarea", name="text").text
    assert not Commitment.objects.exists()


def test_five_are_enough_and_what_was_typed_meanwhile_is_not_lost():
    cycle = make_cycle()
    for number in range(5):
        promise(cycle, meeting=cycle.meeting, text=f"Zusage {number}")
    client, url = cycle.client("contact"), page_of(cycle.meeting)

    page = read(client.get(url)).main
    sixth = client.post(url, typed(cycle))

    assert "5 of 5 commitments" in page.text
    assert "This meeting has its five commitments." in page.text
    assert not page.all("textarea")
    assert sixth.status_code == 200
    assert "We send the guide." in read(sixth).main.one("textarea", name="text").text
    assert "A meeting takes up to five commitments" in read(sixth).main.text
    assert Commitment.objects.count() == 5


def test_meeting_that_ended_in_nothing_says_so():
    cycle = make_cycle(status="held")

    for who in ("contact", "partner", "coordinator"):
        text = read(cycle.client(who).get(page_of(cycle.meeting))).main.text
        assert "No commitment was recorded." in text


def test_cancelled_meeting_takes_no_commitment():
    cycle = make_cycle(status="cancelled")
    client = cycle.client("contact")

    page = read(client.get(page_of(cycle.meeting))).main
    refused = client.post(page_of(cycle.meeting), typed(cycle))

    assert "This meeting is cancelled" in page.text
    assert not page.all("textarea")
    assert (refused.status_code, Commitment.objects.count()) == (200, 0)


def test_what_earlier_meetings_left_open_is_carried_on():
    cycle = make_cycle()
    day = timezone.localdate() - 40 * DAY
    before = plan_for(cycle.tandem, earliest=day, latest=day, starts_at=None, ends_at=None)
    later = plan_for(cycle.tandem, latest=cycle.meeting.latest + 9 * DAY)
    open_one = promise(cycle, meeting=before, text="Noch offen")
    settled = promise(cycle, meeting=before, text="Erledigt")
    drop_commitment(commitment=settled, note="kein Geld", by=cycle.person("contact"))
    promise(cycle, meeting=later, text="Vom späteren Treffen")
    CommitmentFactory(text="Fremd")
    Commitment.objects.filter(pk=open_one.pk).update(due_on=timezone.localdate() - DAY)

    section = read(cycle.client("partner").get(page_of(cycle.meeting))).main.section(
        "Still open from earlier"
    )

    assert section.texts("h3") == ["Noch offen"]
    assert "overdue" in section.text
    assert f"/workspace/commitments/{open_one.pk}/" in section.hrefs()[0]


def test_other_partnerships_are_counted_and_not_read():
    cycle, meeting = make_cycle(), network_meeting()
    other = TandemMemberFactory(tandem=TandemFactory(status="active"))
    CommitmentFactory(
        tandem=other.tandem, municipality=other.municipality, meeting=meeting, text="FREMD"
    )
    promise(cycle, meeting=meeting, text="Unsere")

    ours = read(cycle.client("contact").get(page_of(meeting))).main
    team = read(cycle.client("bbsr").get(page_of(meeting))).main

    assert "2 of 5 commitments" in ours.text
    assert "1 of them was made by another partnership" in ours.text
    assert "FREMD" not in ours.text
    assert set(team.section("Made at this meeting").texts("h3")) == {"FREMD", "Unsere"}
    assert len(team.one("select", name="member").all("option")) == 4


def test_what_nobody_has_answered_stands_first_and_is_counted():
    cycle = make_cycle()
    late, open_one = promise(cycle, text="Überfällig"), promise(cycle, text="Kommt noch")
    Commitment.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - DAY)
    kept = promise(cycle, text="Erledigt")
    keep_commitment(commitment=kept, note="steht online", by=cycle.person("contact"))
    url = reverse("workspace:commitments", args=[cycle.tandem.slug]).replace("/de/", "/en/")

    page = read(cycle.client("partner").get(url)).main

    assert "Of 3 commitments 1 was kept, 2 are open (1 without an answer)." in page.text
    assert page.section("Without an answer").texts("h3") == [late.text]
    assert page.section("Open").texts("h3") == [open_one.text]
    heads = page.texts("h2")
    assert heads.index("Without an answer") < heads.index("Open")


def test_end_without_a_question_yet_says_what_will_be_asked():
    cycle = make_cycle()
    url = reverse("workspace:commitments", args=[cycle.tandem.slug]).replace("/de/", "/en/")
    client = cycle.client("contact")
    assert "After the end" not in read(client.get(url)).main.texts("h2")

    cycle.tandem.ended_on = timezone.localdate() - DAY
    cycle.tandem.save()

    assert "After 6, 12 and 24 months" in read(client.get(url)).main.section("After the end").text


def test_colleague_reads_who_reports_and_has_no_form():
    cycle = make_cycle()
    url = promise(cycle).get_absolute_url().replace("/de/", "/en/")

    page = read(cycle.client("colleague").get(url)).main

    assert "The contact person and the deputy of the municipality say" in page.text
    assert not page.all("textarea")


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        ("contact", 200, 302),
        ("deputy", 200, 302),
        ("colleague", 200, 302),
        ("coordinator", 200, 302),
        ("bbsr", 200, 302),
        ("guest", 403, 403),
        ("neighbour", 404, 404),
        ("reviewer", 404, 404),
        ("observer", 404, 404),
        ("nobody", 404, 404),
        ("visitor", 302, 302),
    ],
)
def test_who_opens_the_commitments_of_a_meeting(who, reads, writes):
    cycle = make_cycle()
    guest = MeetingGuestFactory(meeting=cycle.meeting)
    cycle.people["guest"] = make_user("contact", guest.municipality)
    client, url = cycle.client(who), page_of(cycle.meeting)

    assert client.get(url).status_code == reads
    assert client.post(url, typed(cycle)).status_code == writes
    assert Commitment.objects.exists() is (writes == 302 and who != "visitor")
    assert client.delete(url).status_code in {302, 405}


def test_city_that_has_left_reads_what_was_there_and_records_nothing():
    past = timezone.localdate() - 30 * DAY
    cycle = make_cycle(status="held", earliest=past, latest=past, starts_at=None, ends_at=None)
    made = promise(cycle, meeting=cycle.meeting, text="Von damals")
    Commitment.objects.update(made_at=timezone.now() - 29 * DAY)
    row = member_of(cycle, cycle.arezzo)
    row.left_on = timezone.localdate() - DAY
    row.save()
    keep_commitment(commitment=made, note="GEHEIM", by=cycle.person("contact"))
    promise(cycle, meeting=cycle.meeting, text="GEHEIM danach")
    client = cycle.client("partner")

    text = read(client.get(page_of(cycle.meeting))).main.text

    assert "Von damals" in text
    assert "GEHEIM" not in text
    assert "Of 1 commitment 1 is open." in text
    data = typed(cycle, member=row.pk)
    assert client.post(page_of(cycle.meeting), data).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_same_for_one_and_for_three(number, django_assert_num_queries):
    cycle = make_cycle()
    topic = TandemTopicFactory(tandem=cycle.tandem).topic
    for count in range(number):
        parts = {"person": cycle.people["contact"], "topic": topic}
        promise(cycle, meeting=cycle.meeting, text=f"Hier {count}", **parts)
        promise(cycle, text=f"Vorher {count}", **parts)
    client = cycle.client("contact")
    client.get(page_of(cycle.meeting))

    with django_assert_num_queries(15):
        client.get(page_of(cycle.meeting))


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_whole_in_both_languages(language):
    cycle = make_cycle()
    made = promise(cycle, meeting=cycle.meeting, person=cycle.people["contact"])
    person = reverse("workspace:commitment-person", args=[cycle.tandem.slug, made.pk])
    settled = promise(cycle, text="Erledigt")
    drop_commitment(commitment=settled, note="kein Geld", by=cycle.person("contact"))
    reopened = reverse("workspace:commitment-reopen", args=[cycle.tandem.slug, settled.pk])

    for url in (page_of(cycle.meeting, "de"), made.get_absolute_url(), person, reopened):
        address = f"/{language}/{url.split('/', 2)[2]}"
        document = read(cycle.client("contact").get(address))
        assert (document.faults, document.language) == ([], language)


def test_list_says_of_a_moved_commitment_for_when_it_was_first_agreed():
    cycle = make_cycle()
    commitment = promise(cycle, meeting=cycle.meeting)
    first, contact = commitment.due_on, cycle.people["contact"]
    client, url = cycle.client("contact"), page_of(cycle.meeting)
    assert "first agreed for" not in read(client.get(url)).main.text

    for days in (10, 20):
        move_commitment(commitment=commitment, due_on=first + days * DAY, note="Ferien", by=contact)
    keep_commitment(commitment=commitment, note="", by=contact)

    with translation.override("en"):
        told = f"by {day(first + 20 * DAY)} first agreed for {day(first)} kept"
    assert told in read(client.get(url)).main.text
