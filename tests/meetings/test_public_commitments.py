"""A municipality shows its commitments to everybody, or keeps their words to the partnership."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from core.models import StatusChange
from meetings.actions import drop_commitment, make_commitment, show_commitment
from meetings.enums import MeetingStatus
from meetings.models import Commitment, Meeting
from tests.cycle import CheckInAnswerFactory, CheckInFactory, make_cycle
from tests.meetings.commitment_cases import DAY, member_of, promise
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db
WORDS = "We send our guide to level sensors."


def held(**fields):
    """Return a partnership with a public meeting that was held, and a commitment of Hamm."""
    cycle = make_cycle(status=MeetingStatus.HELD, is_public=True)
    given = {"text": WORDS, "language": "en", "meeting": cycle.meeting}
    cycle.promise = promise(cycle, **{**given, **fields})
    return cycle


def address_of(cycle, name="commitment-show"):
    return reverse(f"workspace:{name}", args=[cycle.tandem.slug, cycle.promise.pk])


def read_by_visitors(client, cycle):
    """Return what the pages of the meeting and of the partnership say came of it."""
    pages = (cycle.meeting.get_absolute_url(), cycle.tandem.get_absolute_url())
    return [read(client.get(page)).main.text for page in pages]


def test_words_are_internal_until_the_municipality_shows_them(client):
    cycle = held()

    internal = read_by_visitors(client, cycle)
    show_commitment(commitment=cycle.promise, is_public=True, by=cycle.person("contact"))
    public = read_by_visitors(client, cycle)
    show_commitment(commitment=cycle.promise, is_public=False, by=cycle.person("deputy"))
    again = read_by_visitors(client, cycle)

    assert [WORDS in text for text in (*internal, *public, *again)] == [
        *(False, False),
        *(True, True),
        *(False, False),
    ]
    assert "Der Wortlaut der Zusagen bleibt intern." in internal[0]
    assert "bleibt intern" not in public[0]
    steps = StatusChange.objects.of(cycle.promise).filter(field="is_public")
    assert list(steps.order_by("pk").values_list("old", "new")) == [
        ("internal", "public"),
        ("public", "internal"),
    ]


def test_visitors_read_the_fate_with_its_reason_and_never_the_person(client):
    cycle = held()
    Commitment.objects.update(person=cycle.people["colleague"])
    other = promise(cycle, text="Geheim", meeting=cycle.meeting)
    drop_commitment(commitment=other, note="Auch geheim", by=cycle.person("contact"))
    show_commitment(commitment=cycle.promise, is_public=True, by=cycle.person("contact"))
    drop_commitment(commitment=cycle.promise, note="No money is left.", by=cycle.person("contact"))

    for text in read_by_visitors(client, cycle):
        assert "Fallen gelassen" in text
        assert "No money is left." in text
        assert str(cycle.people["colleague"]) not in text
        assert "geheim" not in text.casefold().replace("der wortlaut der übrigen zusagen", "")
        assert "Der Wortlaut der übrigen Zusagen bleibt intern." in text


@pytest.mark.parametrize("may_publish", [True, False])
def test_answer_of_a_check_in_is_public_only_if_the_city_said_so(client, may_publish):
    cycle = held()
    show_commitment(commitment=cycle.promise, is_public=True, by=cycle.person("contact"))
    drop_commitment(commitment=cycle.promise, note="No money is left.", by=cycle.person("contact"))
    asked = CheckInFactory(tandem=cycle.tandem, municipality=cycle.hamm, may_publish=may_publish)
    CheckInAnswerFactory(
        check_in=asked, commitment=cycle.promise, fate="dropped", note="No money is left."
    )

    for text in read_by_visitors(client, cycle):
        assert ("No money is left." in text) == may_publish


def test_words_carry_their_language(client):
    cycle = held()
    show_commitment(commitment=cycle.promise, is_public=True, by=cycle.person("contact"))

    main = read(client.get(cycle.meeting.get_absolute_url())).main

    assert set(main.languages_of(WORDS)) == {"en"}


@pytest.mark.parametrize("changes", [{"status": "announced"}, {"is_public": False}])
def test_meeting_that_is_to_come_or_internal_shows_nothing(client, changes):
    cycle = held()
    show_commitment(commitment=cycle.promise, is_public=True, by=cycle.person("contact"))
    Meeting.objects.filter(pk=cycle.meeting.pk).update(**changes)

    page = client.get(cycle.meeting.get_absolute_url())

    assert WORDS not in page.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        *(("contact", 302), ("deputy", 302), ("coordinator", 302), ("bbsr", 302)),
        *(("colleague", 403), ("partner", 403), ("partner deputy", 403)),
        *(("neighbour", 404), ("observer", 404), ("visitor", 302)),
    ],
)
def test_who_shows_a_commitment(who, status):
    cycle = held()

    response = cycle.client(who).post(address_of(cycle), {"public": "yes"})

    cycle.promise.refresh_from_db()
    assert response.status_code == status
    assert cycle.promise.is_public == (who in {"contact", "deputy", "coordinator", "bbsr"})


def test_page_says_who_reads_it_and_changes_that_with_one_button():
    cycle = held()
    client = cycle.client("contact")
    page = read(client.get(address_of(cycle, "commitment")))
    form = page.main.one("form", action=address_of(cycle))

    response = client.post(address_of(cycle), {"public": form.one("button")["value"]})
    after = read(client.get(response.url))

    assert "Die Zusage ist jetzt öffentlich." in after.main.text
    section = after.main.section("In der Öffentlichkeit")
    assert "Nicht mehr öffentlich zeigen" in section.text
    assert after.faults == []
    assert client.get(address_of(cycle)).status_code == 405


def test_city_that_has_left_shows_nothing_any_more():
    cycle = held()
    cycle.tandem.members.filter(municipality=cycle.hamm).update(left_on=timezone.localdate() - DAY)

    with pytest.raises(PermissionDenied):
        show_commitment(commitment=cycle.promise, is_public=True, by=cycle.person("contact"))


@pytest.mark.django_db(transaction=True)
def test_two_presses_are_one_step():
    cycle = held()

    def press():
        return show_commitment(
            commitment=cycle.promise, is_public=True, by=cycle.person("contact")
        ).is_public

    assert act_at_once(press, press) == [True, True]
    assert StatusChange.objects.of(cycle.promise).filter(field="is_public").count() == 1


def test_new_commitment_is_internal():
    cycle = held()

    made = make_commitment(
        member=member_of(cycle),
        text="Another one.",
        due_on=timezone.localdate() + 30 * DAY,
        by=cycle.person("contact"),
    )

    assert made.is_public is False


@pytest.mark.parametrize("number", [1, 3])
def test_public_page_asks_as_much_for_one_as_for_three(client, number, django_assert_num_queries):
    cycle = held()
    for position in range(number):
        row = promise(cycle, text=f"Sentence {position}", meeting=cycle.meeting)
        show_commitment(commitment=row, is_public=True, by=cycle.person("contact"))
    page = cycle.meeting.get_absolute_url()
    client.get(page)

    with django_assert_num_queries(5):
        client.get(f"{page}?fresh={number}")
