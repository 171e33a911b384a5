"""All partnerships at once, for the project team."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.actions import note_change
from meetings.enums import CommitmentState, MeetingStatus
from tandems import overview
from tandems.enums import TandemStatus
from tandems.models import Tandem
from tandems.next_step import Need
from tests.factories import (
    CommitmentFactory,
    MeetingFactory,
    ProfileEntryFactory,
    ProfileVersionFactory,
    RoleAssignmentFactory,
    TandemFactory,
    TandemMemberFactory,
    TandemTopicFactory,
    make_pair,
    make_user,
    sign_in,
)
from tests.reading import read
from tests.workspace import DocumentFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
URL = "/admin/tandems/tandem/overview/"


def entered(role="coordinator", place=None):
    client = Client()
    sign_in(client, make_user(role, place))
    return client


def standing_of(tandem):
    (found,) = overview.standings_of(Tandem.objects.filter(pk=tandem.pk).with_members())
    return found


def dated(day, **fields):
    return MeetingFactory(scope="tandem", earliest=day, latest=day, **fields)


def test_words_for_states_of_the_floor_above_are_those_of_that_floor():
    assert (overview.HELD, overview.CANCELLED) == (MeetingStatus.HELD, MeetingStatus.CANCELLED)
    assert (overview.OPEN, overview.KEPT) == (CommitmentState.OPEN, CommitmentState.KEPT)


@pytest.mark.parametrize(
    ("days", "status", "counts"),
    [
        (0, "announced", True),
        (9, "planned", True),
        (9, "unconfirmed", True),
        (9, "cancelled", False),
        (-1, "announced", False),
        (0, "held", False),
    ],
)
def test_date_is_ahead_when_a_meeting_is(days, status, counts):
    pair = make_pair()
    dated(timezone.localdate() + days * DAY, tandem=pair, status=status)

    assert (standing_of(pair).facts.coming_on is not None) is counts


def test_meeting_that_lasts_until_today_is_still_ahead():
    pair = make_pair()
    today = timezone.localdate()
    MeetingFactory(
        tandem=pair, scope="tandem", status="announced", earliest=today - DAY, latest=today
    )

    assert standing_of(pair).facts.coming_on == today - DAY


def test_meetings_without_a_date_and_of_the_whole_network_say_nothing():
    pair = make_pair()
    MeetingFactory(tandem=pair, scope="tandem", earliest=None, latest=None, precision="unknown")
    MeetingFactory(earliest=timezone.localdate() + DAY, latest=timezone.localdate() + DAY)

    facts = standing_of(pair).facts

    assert (facts.coming_on, facts.held_on) == (None, None)


def test_word_of_a_city_that_has_left_is_not_waited_for():
    pair = make_pair()
    version = ProfileVersionFactory(tandem=pair, state="submitted", released_at=None)
    ours, theirs = pair.members.order_by("position")
    version.confirmations.create(municipality=ours.municipality)

    assert standing_of(pair).facts.word_of == (theirs.municipality_id,)
    theirs.left_on = timezone.localdate() - DAY
    theirs.save()
    assert standing_of(pair).facts.word_of == ()


def test_word_of_a_city_that_joined_after_the_others_is_waited_for():
    pair = make_pair()
    version = ProfileVersionFactory(tandem=pair, state="confirmed", released_at=None)
    for row in pair.members.all():
        version.confirmations.create(municipality=row.municipality)
    third = TandemMemberFactory(tandem=pair, position=2)

    standing = standing_of(pair)

    assert standing.facts.word_of == (third.municipality_id,)
    assert Need.WORD in {step.need for step in standing.steps}


def test_draft_that_was_sent_back_is_told_from_a_new_one():
    pair, other = make_pair(), make_pair()
    for tandem in (pair, other):
        draft = ProfileVersionFactory(tandem=tandem, state="draft", released_at=None)
        note_change(draft, old="", new="draft", by=None)
        if tandem == pair:
            note_change(draft, old="submitted", new="draft", by=None)

    assert standing_of(pair).facts.is_returned
    assert not standing_of(other).facts.is_returned


def test_offices_count_on_their_days_alone():
    pair = make_pair()
    place = pair.members.first().municipality
    today = timezone.localdate()
    RoleAssignmentFactory(municipality=place, role="contact", until=today - DAY)
    RoleAssignmentFactory(municipality=place, role="deputy", until=today)

    city = standing_of(pair).facts.cities[0]

    assert (city.has_contact, city.has_deputy) == (False, True)


def test_last_activity_is_the_newest_change_of_anything():
    pair = make_pair()
    assert standing_of(pair).last_activity is None

    moment = timezone.now()
    version = ProfileVersionFactory(tandem=pair, state="draft", released_at=None)
    ProfileEntryFactory(profile=version, changed_at=moment - DAY)
    assert standing_of(pair).last_activity == moment - DAY
    for subject in (
        pair,
        pair.members.first(),
        version,
        TandemTopicFactory(tandem=pair),
        DocumentFactory(tandem=pair),
        dated(timezone.localdate(), tandem=pair),
        CommitmentFactory(tandem=pair),
    ):
        before = standing_of(pair).last_activity
        note_change(subject, field="status", old="", new="added", by=None)
        assert standing_of(pair).last_activity > before


def test_activity_of_one_partnership_is_not_that_of_another():
    pair, other = make_pair(), make_pair()
    note_change(other, field="status", old="planned", new="active", by=None)

    assert standing_of(pair).last_activity is None


def test_number_of_queries_does_not_depend_on_the_partnerships(django_assert_num_queries):
    def ask():
        overview.standings_of(Tandem.objects.with_members())

    counts = []
    for _number in range(2):
        for pair in (make_pair(), make_pair()):
            held = dated(timezone.localdate() - DAY, tandem=pair)
            CommitmentFactory(tandem=pair, meeting=held)
            ProfileVersionFactory(tandem=pair, state="draft", released_at=None)
            RoleAssignmentFactory(municipality=pair.members.first().municipality, role="contact")
        ask()
        with django_assert_num_queries(12):
            ask()
        counts.append(Tandem.objects.count())

    assert counts[0] < counts[1]


# --- the page -------------------------------------------------------------------------------------


def test_page_lists_next_step_freshness_and_last_activity():
    pair = make_pair()
    ProfileVersionFactory(tandem=pair, as_of=timezone.localdate() - 200 * DAY)
    note_change(pair, field="status", old="planned", new="active", by=None)

    (row,) = read(entered().get(URL)).main.one("tbody").all("tr")

    assert "Nächsten Termin vereinbaren" in row.text
    assert "Stand vor 200 Tagen" in row.text
    assert "veraltet" in row.text
    assert str(timezone.localdate().year) in row.text
    assert reverse("workspace:home", args=[pair.slug]) in row.hrefs()


def test_what_is_over_is_shown_on_request():
    over = make_pair(status=TandemStatus.COMPLETED)

    shown, everything = (read(entered().get(URL + query)).main for query in ("", "?state=all"))

    assert "Zurzeit ist keine Partnerschaft geplant, und keine läuft." in shown.text
    assert str(over) in everything.text
    assert "beendet" in everything.text


def test_planned_partnership_and_one_without_members_read_well():
    make_pair(status=TandemStatus.PLANNED)
    TandemFactory()

    rows = read(entered("bbsr").get(URL)).main.one("tbody").texts("tr")

    assert "Geplant Nächsten Termin vereinbaren" in rows[0]
    assert "Eine Partnerkommune fehlt" in rows[1]


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_staff_without_the_right_are_refused(role):
    assert entered(role).get(URL).status_code == 403


def test_officers_and_visitors_do_not_come_in():
    pair = make_pair()

    assert entered("contact", pair.members.first().municipality).get(URL).status_code in {302, 403}
    assert Client().get(URL).status_code == 302
    assert entered().post(URL).status_code == 405


@pytest.mark.parametrize("page", ["0", "x", "9"])
def test_page_that_does_not_exist_is_not_found(page):
    assert entered().get(f"{URL}?page={page}").status_code == 404


def test_next_step_of_the_standing_is_the_first_of_its_steps():
    standing = standing_of(make_pair())

    assert standing.next_step is not None
    assert standing.next_step.need == Need.DATE
    assert standing.more == len(standing.steps) - 1
