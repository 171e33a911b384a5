"""What waits in the internal areas, on the dashboard of everybody concerned."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.actions import note_change
from tandems.models import Tandem
from tests.factories import (
    CommitmentFactory,
    MeetingFactory,
    ProfileVersionFactory,
    TandemMemberFactory,
    TandemTopicFactory,
    make_pair,
    make_user,
    sign_in,
)
from tests.reading import read
from tests.workspace import MeetingGuestFactory, TopicGuestFactory
from vernetzt.workspace_tasks import workspace_tasks

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
DASHBOARD = "/de/dashboard/"


def city(pair, position=0):
    return pair.members.order_by("position")[position].municipality


def with_date(**fields):
    """Return a partnership with a date, so that nobody asks for one."""
    pair = make_pair(**fields)
    day = timezone.localdate() + 9 * DAY
    MeetingFactory(tandem=pair, scope="tandem", status="announced", earliest=day, latest=day)
    return pair


def tasks(user):
    return workspace_tasks(user, Tandem.objects.with_workspace_for(user).with_members())


def titles(user):
    return [title for title, *_rest in tasks(user)]


def leave(pair, position=0):
    member = pair.members.order_by("position")[position]
    member.left_on = timezone.localdate() - DAY
    member.save()


def dashboard(user):
    client = Client()
    sign_in(client, user)
    return read(client.get(DASHBOARD)).main


def test_city_whose_word_is_missing_is_asked_and_the_other_is_not():
    pair = with_date()
    version = ProfileVersionFactory(tandem=pair, state="submitted", released_at=None)
    version.confirmations.create(municipality=city(pair))
    asked = make_user("deputy", city(pair, 1))

    (task,) = tasks(asked)

    assert task[0] == f"Profil bestätigen: {city(pair, 1)}"
    assert task[2] == reverse("workspace:profile-confirm", args=[pair.slug])
    for other in (make_user("contact", city(pair)), make_user("colleague", city(pair, 1))):
        assert titles(other) == []


def test_draft_that_was_sent_back_waits_for_everybody_who_may_write():
    pair = with_date()
    draft = ProfileVersionFactory(tandem=pair, state="draft", released_at=None)
    note_change(draft, old="submitted", new="draft", note="kürzer", by=None)

    for user in (make_user("colleague", city(pair)), make_user("contact", city(pair, 1))):
        assert titles(user) == ["Profil überarbeiten"]


def test_date_is_asked_of_who_leads_meetings():
    pair = make_pair()

    assert titles(make_user("contact", city(pair))) == ["Nächsten Termin vereinbaren"]
    assert titles(make_user("colleague", city(pair))) == []


def test_profile_that_is_out_of_date_waits():
    pair = with_date()
    ProfileVersionFactory(tandem=pair, as_of=timezone.localdate() - 181 * DAY)

    assert titles(make_user("colleague", city(pair))) == ["Profil aktualisieren"]


def test_city_that_has_left_a_guest_and_a_neighbour_are_asked_for_nothing():
    pair = make_pair()
    own = make_user("contact", city(pair))
    docked = TandemMemberFactory(tandem=pair, role="guest").municipality
    leave(pair)

    assert titles(own) == []
    assert titles(make_user("contact", docked)) == []
    assert titles(make_user("contact", city(with_date()))) == []


def test_release_waits_for_the_team_and_bbsr():
    pair = with_date()
    version = ProfileVersionFactory(
        tandem=pair, state="confirmed", released_at=None, submitted_at=timezone.now()
    )
    for position in (0, 1):
        version.confirmations.create(municipality=city(pair, position))

    for role in ("coordinator", "bbsr"):
        (task,) = tasks(make_user(role))
        assert task[0] == f"Profil freigeben: {pair}"
        assert task[2] == reverse("workspace:profile-release", args=[pair.slug])
    for user in (make_user("observer"), make_user("reviewer"), make_user("contact", city(pair))):
        assert titles(user) == []


def test_release_waits_where_the_city_whose_word_was_missing_has_left():
    pair = with_date()
    version = ProfileVersionFactory(tandem=pair, state="submitted", released_at=None)
    version.confirmations.create(municipality=city(pair))
    team = make_user("coordinator")
    assert titles(team) == []

    leave(pair, 1)

    assert titles(team) == [f"Profil freigeben: {pair}"]


def test_confirmed_version_waits_for_a_city_that_joined_and_not_for_the_team():
    pair = with_date()
    version = ProfileVersionFactory(tandem=pair, state="confirmed", released_at=None)
    for position in (0, 1):
        version.confirmations.create(municipality=city(pair, position))
    third = TandemMemberFactory(tandem=pair, position=2).municipality

    assert titles(make_user("coordinator")) == []
    assert titles(make_user("contact", third)) == [f"Profil bestätigen: {third}"]
    assert titles(make_user("contact", city(pair))) == []


def test_team_is_told_how_many_partnerships_come_to_a_stop():
    make_pair()
    make_pair(status="completed")
    old = make_pair()
    ProfileVersionFactory(tandem=old, as_of=timezone.localdate() - 181 * DAY)
    ProfileVersionFactory(tandem=with_date(), as_of=timezone.localdate() - 180 * DAY)

    assert titles(make_user("coordinator")) == [
        "2 Partnerschaften ohne Termin",
        "1 Profil ist veraltet",
    ]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("role", "queries"), [("contact", 10), ("coordinator", 3)])
def test_tasks_ask_as_much_for_one_row_as_for_three(role, queries, rows, django_assert_num_queries):
    pairs = [make_pair() for _number in range(rows)]
    place = city(pairs[0])
    for pair in pairs[1:]:
        TandemMemberFactory(tandem=pair, municipality=place, position=3)
    for pair in pairs:
        version = ProfileVersionFactory(tandem=pair, state="submitted", released_at=None)
        version.confirmations.create(municipality=city(pair, 1))
    user = make_user(role, place if role == "contact" else None)
    tasks(user)

    with django_assert_num_queries(queries):
        tasks(user)


# --- the dashboard around it ----------------------------------------------------------------------


def test_dashboard_leads_to_the_internal_area():
    pair = make_pair()

    page = dashboard(make_user("contact", city(pair)))

    assert "Nächsten Termin vereinbaren" in page.section("Was auf Sie wartet").text
    assert (
        reverse("workspace:home", args=[pair.slug]) in page.section("Ihre Partnerschaften").hrefs()
    )


def test_dashboard_of_the_team_leads_to_the_overview():
    assert "/admin/tandems/tandem/overview/" in dashboard(make_user("coordinator")).hrefs()
    assert "/admin/tandems/tandem/overview/" not in dashboard(make_user("observer")).hrefs()


def test_guest_finds_what_it_was_let_into_on_the_dashboard():
    pair = make_pair()
    topic = TandemTopicFactory(tandem=pair, focus_de="Bürgerbudget")
    place = TopicGuestFactory(topic=topic).municipality
    day = timezone.localdate() + DAY
    meeting = MeetingFactory(
        tandem=pair, scope="tandem", status="planned", title_de="Besuch", earliest=day, latest=day
    )
    MeetingGuestFactory(meeting=meeting, municipality=place)

    visits = dashboard(make_user("colleague", place)).section("Wo Sie zu Gast sind")

    assert visits.hrefs() == [
        reverse("workspace:topic", args=[pair.slug, topic.pk]),
        meeting.internal_url,
    ]


def test_city_that_has_left_is_asked_for_none_of_its_commitments():
    pair = make_pair()
    user = make_user("contact", city(pair))
    CommitmentFactory(tandem=pair, text="Wir laden ein.", due_on=timezone.localdate())
    assert "Wir laden ein." in dashboard(user).section("Was auf Sie wartet").text

    leave(pair)

    assert "Wir laden ein." not in dashboard(user).section("Was auf Sie wartet").text


def test_meetings_lead_to_their_internal_pages():
    pair = make_pair()
    day = timezone.localdate() + DAY
    for status, title in (("planned", "Besuch"), ("announced", "Forum")):
        MeetingFactory(
            tandem=pair, scope="tandem", status=status, title_de=title, earliest=day, latest=day
        )

    ahead = dashboard(make_user("contact", city(pair))).section("Was als Nächstes kommt")

    assert ahead.texts("a") == ["Alle meine Treffen", "Mein Kalender", "Besuch", "Forum"]
    assert all("/internal/" in href for href in ahead.hrefs()[2:])
