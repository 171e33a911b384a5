"""Documents of those who left, of the team, of planned partnerships; and lists that stay short."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calls.content import marks_of
from core.models import StatusChange
from meetings.models import Commitment
from tandems.actions import documents as actions
from tandems.enums import Visibility
from tandems.models import Document
from tandems.views import home
from tandems.views.topic_reading import SHOWN_DOCUMENTS
from tests.factories import CommitmentFactory, MunicipalityFactory, TandemTopicFactory, make_user
from tests.reading import read
from tests.tandems.files_cases import ABOUT, DAY, NEWER, Circle, checked, content_of, entered, pdf
from tests.workspace import DocumentFactory, DocumentVersionFactory, TopicGuestFactory

pytestmark = pytest.mark.django_db


def long_ago(circle, document, days=30):
    """Let a document be there since so many days, and change nothing since."""
    moment = timezone.now() - days * DAY
    Document.objects.filter(pk=document.pk).update(added_at=moment)
    document.versions.update(uploaded_at=moment)
    StatusChange.objects.of(document).update(changed_at=moment)


def opened(circle, document, *circles, by=None):
    for visibility in circles:
        actions.change_visibility(
            document=document, visibility=visibility, by=by or circle.coordinator
        )


def statuses(circle, document, person):
    """Return what somebody meets on the page, at the file, and at the address outside."""
    client = entered(person)
    outside = reverse("tandems:document", args=[circle.tandem.slug, document.key])
    urls = [
        circle.url("document", document.key),
        circle.url("document-file", document.key, 1),
        outside,
    ]
    answers = [client.get(url) for url in urls]
    for answer in answers[1:]:
        if answer.status_code == 200:
            content_of(answer)
    return [answer.status_code for answer in answers]


# --- a city that has left -------------------------------------------------------------------------


def test_what_was_closed_on_the_last_day_stays_closed_to_who_left():
    circle = Circle()
    document = circle.document("team", by=circle.neighbour, member=circle.theirs)
    long_ago(circle, document)
    circle.leave(days=5)
    opened(circle, document, "partnership")

    assert statuses(circle, document, circle.contact) == [404, 404, 404]
    assert statuses(circle, document, circle.neighbour) == [200, 200, 200]
    for name in ("home", "documents", "history"):
        page = read(entered(circle.contact).get(circle.url(name))).main
        assert document.title not in page.text, name


def test_what_was_open_on_the_last_day_stays_open_through_later_steps():
    circle = Circle()
    document = circle.document("team", by=circle.neighbour, member=circle.theirs)
    opened(circle, document, "partnership")
    long_ago(circle, document)
    circle.leave(days=5)
    opened(circle, document, "network", "partnership", "public")

    assert statuses(circle, document, circle.contact) == [200, 200, 200]
    page = read(entered(circle.contact).get(circle.url("document", document.key))).main
    assert "öffentlich" not in page.text
    page = read(entered(circle.contact).get(circle.url("documents") + "?visibility=public")).main
    assert document.title not in page.text
    page = read(entered(circle.contact).get(circle.url("documents"))).main
    assert document.title in page.text
    assert "öffentlich" not in page.one("ul", class_="list").text


def test_what_is_closed_later_is_closed_to_who_left_too():
    circle = Circle()
    document = circle.document(by=circle.neighbour, member=circle.theirs)
    long_ago(circle, document)
    circle.leave(days=5)
    assert statuses(circle, document, circle.contact) == [200, 200, 200]

    opened(circle, document, "team", by=circle.neighbour)

    assert statuses(circle, document, circle.contact) == [404, 404, 404]


def test_city_that_left_keeps_what_it_had_put_in_for_the_team():
    circle = Circle()
    document = circle.document("team")
    long_ago(circle, document)
    circle.leave(days=5)

    assert statuses(circle, document, circle.contact) == [200, 200, 200]


def test_city_that_came_back_reads_what_was_opened_while_it_was_away():
    circle = Circle()
    document = circle.document("team", by=circle.neighbour, member=circle.theirs)
    long_ago(circle, document)
    circle.leave(days=5)
    opened(circle, document, "partnership")
    circle.tandem.members.create(municipality=circle.ours.municipality, position=7)

    assert statuses(circle, document, circle.contact) == [200, 200, 200]


@pytest.mark.parametrize("days", [0, -3])
def test_last_day_still_counts(days):
    circle = Circle()
    document = circle.document("team", by=circle.neighbour, member=circle.theirs)
    circle.leave(days=days)
    opened(circle, document, "partnership")

    assert statuses(circle, document, circle.contact) == [200, 200, 200]


# --- the team’s own, and those of planned partnerships --------------------------------------------


def test_what_the_team_has_put_in_no_city_changes():
    circle = Circle()
    document = actions.add_document(
        tandem=circle.tandem,
        member=None,
        file=checked(),
        words=ABOUT,
        visibility="partnership",
        by=circle.coordinator,
    )

    assert statuses(circle, document, circle.contact) == [200, 200, 200]
    client = entered(circle.contact)
    page = read(client.get(circle.url("document", document.key))).main
    for name in ("document-edit", "document-version", "document-visibility", "document-remove"):
        url = circle.url(name, document.key)
        assert url not in page.hrefs()
        assert client.get(url).status_code == 403
        assert client.post(url, {"visibility": "public"}).status_code == 403
    for act in (
        lambda by: actions.remove_document(document=document, by=by),
        lambda by: actions.change_visibility(document=document, visibility="team", by=by),
        lambda by: actions.change_visibility(document=document, visibility="public", by=by),
        lambda by: actions.add_document_version(
            document=document, file=checked(NEWER), note="", by=by
        ),
        lambda by: actions.change_document(document=document, words=ABOUT, opened={}, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act(circle.contact)
    actions.remove_document(document=document, by=circle.coordinator)


@pytest.mark.parametrize("visibility", ["network", "public"])
def test_network_reads_nothing_of_a_planned_partnership(visibility):
    circle = Circle(status="planned")
    document = circle.document(visibility)
    outside = reverse("tandems:document", args=[circle.tandem.slug, document.key])

    assert entered(circle.stranger).get(outside).status_code == 404
    assert Client().get(outside).status_code == 404
    assert content_of(entered(circle.neighbour).get(outside))
    assert content_of(entered(circle.coordinator).get(outside))


def test_document_changes_after_the_account_of_who_added_it_was_erased():
    circle = Circle()
    document = circle.document()
    Document.objects.update(added_by=None)

    conflicts = actions.change_document(
        document=document,
        words={**ABOUT, "title": "Neuer Titel"},
        opened=marks_of({"title": ABOUT["title"]}),
        by=circle.contact,
    )
    actions.change_visibility(document=document, visibility="network", by=circle.contact)

    document.refresh_from_db()
    assert conflicts == {}
    assert (document.title, document.visibility) == ("Neuer Titel", Visibility.NETWORK)


# --- the first page and the page of a topic -------------------------------------------------------


def test_home_lists_no_removed_and_no_later_documents():
    circle = Circle()
    gone = circle.document(title="Entfernt")
    long_ago(circle, gone)
    actions.remove_document(document=gone, by=circle.contact)
    old = circle.document(content=pdf(1), title="Früher")
    long_ago(circle, old)
    circle.document(content=pdf(2), by=circle.neighbour, member=circle.theirs, title="Später")

    def listed_for(person):
        page = read(entered(person).get(circle.url("home"))).main
        return page.section("Neueste Dokumente").texts("h3")

    assert listed_for(circle.coordinator) == ["Später", "Früher"]
    circle.leave(days=2)
    assert listed_for(circle.contact) == ["Früher"]


def test_home_loads_five_commitments_and_counts_the_others(monkeypatch):
    circle = Circle()
    due = timezone.localdate() + 30 * DAY
    for number in range(7):
        CommitmentFactory(
            tandem=circle.tandem,
            municipality=circle.theirs.municipality,
            text=f"Zusage {number}",
            due_on=due + number * DAY,
            made_at=timezone.now() - 9 * DAY,
        )

    loaded = []
    from_db = Commitment.from_db
    monkeypatch.setattr(Commitment, "from_db", lambda *row: loaded.append(1) or from_db(*row))

    def shown_for(person):
        section = read(entered(person).get(circle.url("home"))).main.section("Offene Zusagen")
        return section.texts("h3"), "und 2 weitere" in section.text

    five = [f"Zusage {number}" for number in range(5)]
    assert shown_for(circle.contact) == (five, True)
    assert len(loaded) == 5
    monkeypatch.setattr(home, "MOST", 6)
    circle.leave(days=2)
    assert shown_for(circle.contact) == (five, True)
    assert len(loaded) == 5 + 6


def test_topic_shows_the_newest_documents_and_the_way_to_all():
    circle = Circle()
    topic = TandemTopicFactory(tandem=circle.tandem)
    place = MunicipalityFactory()
    TopicGuestFactory(topic=topic, municipality=place)
    for number in range(SHOWN_DOCUMENTS + 1):
        document = DocumentFactory(
            tandem=circle.tandem,
            topic=topic,
            title=f"Dokument {number}",
            added_at=timezone.now() - dt.timedelta(hours=number + 1),
        )
        DocumentVersionFactory(document=document)
    url = circle.url("topic", topic.pk)
    every = f"{circle.url('documents')}?topic={topic.pk}"
    guest = entered(make_user("contact", place))

    page = read(entered(circle.contact).get(url)).main
    assert len(page.section("Dokumente zu diesem Thema").texts("h3")) == SHOWN_DOCUMENTS
    assert every in page.hrefs()
    page = read(guest.get(url)).main
    assert len(page.section("Dokumente zu diesem Thema").texts("h3")) == SHOWN_DOCUMENTS
    assert every not in page.hrefs()
    page = read(guest.get(url, {"page": 2})).main
    assert page.section("Dokumente zu diesem Thema").texts("h3") == [f"Dokument {SHOWN_DOCUMENTS}"]
    Document.objects.filter(title="Dokument 0").update(topic=None)
    assert every not in read(entered(circle.contact).get(url)).main.hrefs()
