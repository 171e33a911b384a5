"""A guest reads the topic that it was let into, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.models import RoleAssignment
from tandems.guests import topics_open_to
from tests.factories import (
    MunicipalityFactory,
    RoleAssignmentFactory,
    TandemMemberFactory,
    TandemTopicFactory,
    make_user,
)
from tests.reading import read
from tests.tandems.topic_cases import DAY, entered, leave, make_case, page
from tests.workspace import DocumentFactory, DocumentVersionFactory, TopicGuestFactory

pytestmark = pytest.mark.django_db


def as_guest(**fields):
    """Return a case in which Venlo is a guest of the topic."""
    case = make_case()
    case.stay = TopicGuestFactory(topic=case.topic, municipality=case.outside, **fields)
    case.url = page("topic", case.tandem.slug, case.topic.pk)
    return case


def document(case, title, **fields):
    row = DocumentFactory(tandem=case.tandem, title=title, **{"topic": case.topic, **fields})
    DocumentVersionFactory(document=row)
    return row


def workspace_addresses(case):
    """Return every address of the internal area, whatever it needs filled with something."""
    fillers = {
        "section": "goal",
        "key": "00000000-0000-0000-0000-000000000000",
        "number": 1,
        "pk": case.topic.pk,
        "guest": case.stay.pk,
    }
    namespaces = get_resolver().url_patterns
    found = {}
    for pattern in walk(namespaces):
        wanted = pattern.pattern.converters
        arguments = {name: fillers[name] for name in wanted if name in fillers}
        found[pattern.name] = "/en" + reverse(
            f"workspace:{pattern.name}", kwargs={"slug": case.tandem.slug, **arguments}
        ).removeprefix("/de").removeprefix("/en")
    return found


def walk(patterns, inside=False):
    for entry in patterns:
        if hasattr(entry, "url_patterns"):
            yield from walk(entry.url_patterns, entry.namespace == "workspace")
        elif inside:
            yield entry


@pytest.mark.parametrize("role", ["contact", "deputy", "colleague"])
def test_every_officer_of_the_guest_reads_the_topic_and_no_other_page(role):
    case = as_guest()
    client = entered(case.guest if role == "contact" else make_user(role, case.outside))

    answers = {name: client.get(url).status_code for name, url in workspace_addresses(case).items()}

    assert {name for name, status in answers.items() if status == 200} == {"topic"}
    # What takes no GET says so before it asks who comes.
    assert set(answers.values()) <= {200, 404, 405}


def test_guest_sends_nothing_anywhere():
    case = as_guest()
    client = entered(case.guest)

    statuses = {
        name: client.post(url, {"municipality": case.outside.pk}).status_code
        for name, url in workspace_addresses(case).items()
    }

    assert set(statuses.values()) <= {404, 405}


def test_guest_reads_topic_documents_and_offices_but_no_people():
    case = as_guest()
    place = case.ours.municipality
    place.contact_offices_en = place.contact_offices_de = "Amt für Digitales"
    place.save()
    case.contact.name = "Erika Beispiel"
    case.contact.save()
    TopicGuestFactory(topic=case.topic, municipality=MunicipalityFactory(name_en="Gent"))
    document(case, "Leitfaden für alle")
    document(case, "Nur fürs Team", visibility="team", municipality=place)
    document(case, "Anderes Thema", topic=TandemTopicFactory(tandem=case.tandem))
    document(case, "Ohne Thema", topic=None)
    document(case, "Entfernt", removed_at=timezone.now())

    shown = read(entered(case.guest).get(case.url))

    text = shown.body.text
    assert shown.heading == "Council hall"
    assert "Amt für Digitales" in text
    assert "Leitfaden für alle" in text
    for secret in ("Team", "Anderes", "Ohne Thema", "Entfernt", "Gent", "Erika", "@"):
        assert secret not in shown.main.text.replace(case.guest.email, "")
    assert not [href for href in shown.main.hrefs() if "/workspace/" in href]
    assert shown.faults == []


def test_documents_lead_to_where_a_guest_may_read_them():
    case = as_guest()
    row = document(case, "Leitfaden")

    hrefs = read(entered(case.guest).get(case.url)).main.hrefs()

    assert any(href.endswith(f"/documents/{row.key}/") for href in hrefs)


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_the_guest_asks_the_same_for_one_and_for_three(number, django_assert_num_queries):
    case = as_guest()
    for _ in range(number):
        document(case, "Leitfaden")
    client = entered(case.guest)
    client.get(case.url)

    with django_assert_num_queries(13):
        client.get(case.url)


@pytest.mark.parametrize(
    ("since", "until", "status"),
    [(-9, None, 200), (0, 0, 200), (-9, 0, 200), (-9, -1, 404), (1, None, 404), (0, 9, 200)],
)
def test_guest_reads_from_the_first_to_the_last_day(since, until, status):
    today = timezone.localdate()
    last = None if until is None else today + until * DAY
    case = as_guest(since=today + since * DAY, until=last)

    assert entered(case.guest).get(case.url).status_code == status
    assert topics_open_to(case.guest).exists() is (status == 200)


@pytest.mark.parametrize("who", ["neighbour", "reviewer", "observer", "nobody"])
def test_others_do_not_read_what_the_guest_reads(who):
    case = as_guest()
    user = {"nobody": make_user()}.get(who) or getattr(case, who, None) or make_user(who)

    assert entered(user).get(case.url).status_code == 404
    assert not topics_open_to(user).exists()


def test_guest_reads_its_topic_only():
    case = as_guest()
    other = TandemTopicFactory(tandem=case.tandem)
    client = entered(case.guest)

    assert client.get(page("topic", case.tandem.slug, other.pk)).status_code == 404
    assert client.get(page("topic", case.neighbours.slug, case.topic.pk)).status_code == 404


def test_docked_guest_of_the_partnership_reads_nothing_by_that_alone():
    case = make_case()
    TandemMemberFactory(tandem=case.tandem, municipality=case.outside, role="guest")
    client = entered(case.guest)

    for url in (
        page("home", case.tandem.slug),
        page("topics", case.tandem.slug),
        page("topic", case.tandem.slug, case.topic.pk),
    ):
        assert client.get(url).status_code == 404


def test_role_that_ended_reads_nothing():
    case = as_guest()
    RoleAssignment.objects.filter(user=case.guest).update(until=dt.date(2023, 1, 1))

    assert entered(case.guest).get(case.url).status_code == 404


def test_member_who_also_acts_for_a_guest_reads_as_a_member():
    case = as_guest()
    RoleAssignmentFactory(user=case.contact, role="deputy", municipality=case.outside)

    shown = entered(case.contact).get(case.url)

    assert "Guests of this topic" in read(shown).main.text


def test_city_that_left_and_came_as_a_guest_reads_the_topic_as_it_is():
    case = make_case()
    leave(case.theirs, timezone.localdate() - 30 * DAY)
    TopicGuestFactory(topic=case.topic, municipality=case.theirs.municipality)
    row = document(case, "Neuer Leitfaden")

    shown = read(entered(case.partner).get(page("topic", case.tandem.slug, case.topic.pk)))

    assert row.title in shown.main.text
    assert "as a guest" in shown.main.text


def test_topics_open_to_a_guest_are_listed_once_with_their_partnership(django_assert_num_queries):
    case = as_guest()
    TopicGuestFactory(topic=case.topic, municipality=case.outside, until=timezone.localdate())
    case.guest = type(case.guest).objects.get(pk=case.guest.pk)
    assert case.guest.roles

    with django_assert_num_queries(1):
        (topic,) = topics_open_to(case.guest)
        assert topic.tandem == case.tandem
        assert str(topic.topic)


def test_team_and_members_are_no_guests():
    case = as_guest()

    for user in (case.contact, make_user("coordinator"), make_user("bbsr"), make_user()):
        assert not topics_open_to(user).exists()


def test_guest_of_a_partnership_that_is_not_public_finds_no_link_to_a_page_that_is_not_there():
    case = as_guest()
    case.tandem.status = "planned"
    case.tandem.save()

    shown = read(entered(case.guest).get(case.url))

    assert case.tandem.get_absolute_url() not in shown.main.hrefs()
    assert shown.heading == "Council hall"
