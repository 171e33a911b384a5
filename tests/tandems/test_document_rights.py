"""Who reads a document, who changes it, and who may open it to others."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tandems.actions import documents as actions
from tandems.models import Document, TandemMember, TopicGuest
from tests.factories import TandemTopicFactory, make_user, sign_in
from tests.reading import read
from tests.tandems.files_cases import (
    ABOUT,
    DAY,
    NEWER,
    Circle,
    checked,
    content_of,
    entered,
    upload,
)

pytestmark = pytest.mark.django_db
PAGES = ("document-edit", "document-version", "document-visibility", "document-remove")


def person_of(circle, who):
    """Return somebody by what they are to the partnership."""
    if who == "left":
        circle.leave()
        return circle.contact
    if who == "guest":
        # Docked on, and let into the topic of the document.
        TandemMember.objects.create(
            tandem=circle.tandem,
            municipality=circle.stranger.roles[0].municipality,
            role="guest",
            position=9,
        )
        return circle.stranger
    if who in {"observer", "reviewer"}:
        return make_user(who)
    return getattr(circle, who, None)


@pytest.mark.parametrize(
    ("who", "listing", "adding", "changing"),
    [
        ("contact", 200, 200, 200),
        ("colleague", 200, 200, 200),
        ("coordinator", 200, 200, 200),
        ("neighbour", 200, 200, 403),
        ("left", 200, 403, 403),
        ("stranger", 404, 404, 404),
        ("guest", 404, 404, 404),
        ("observer", 404, 404, 404),
        ("reviewer", 404, 404, 404),
        ("visitor", 302, 302, 302),
    ],
)
def test_who_opens_which_page(who, listing, adding, changing):
    circle = Circle()
    document = circle.document()
    # As if it had been there before a city left.
    Document.objects.update(added_at=timezone.now() - 5 * DAY)
    document.versions.update(uploaded_at=timezone.now() - 5 * DAY)
    client = entered(person_of(circle, who))

    assert client.get(circle.url("documents")).status_code == listing
    assert client.get(circle.url("document", document.key)).status_code == listing
    assert client.get(circle.url("document-add")).status_code == adding
    for name in PAGES:
        assert client.get(circle.url(name, document.key)).status_code == changing, name
        if changing != 200:
            posted = client.post(circle.url(name, document.key), {"visibility": "public"})
            assert posted.status_code == changing, name
    got = client.get(circle.url("document-file", document.key, 1))
    assert got.status_code == listing
    if listing == 200:
        content_of(got)
    document.refresh_from_db()
    assert (document.visibility, document.removed_at) == ("partnership", None)


def test_wrong_method_and_wrong_partnership():
    circle, other = Circle(), Circle()
    document = circle.document()
    client = entered(circle.contact)

    assert client.post(circle.url("documents")).status_code == 405
    assert client.post(circle.url("document", document.key)).status_code == 405
    assert client.post(circle.url("document-file", document.key, 1)).status_code == 405
    assert client.put(circle.url("document-edit", document.key)).status_code == 405
    assert client.get(circle.url("document-file", document.key, 2)).status_code == 404
    assert entered(other.contact).get(other.url("document", document.key)).status_code == 404
    outside = reverse("tandems:document", args=[circle.tandem.slug, document.key])
    assert Client().post(outside).status_code == 405


def test_colleague_opens_to_the_partnership_and_no_further():
    circle = Circle()
    document = circle.document("team")
    client, url = entered(circle.colleague), circle.url("document-visibility", document.key)

    client.post(url, {"visibility": "partnership"})
    answer = client.post(url, {"visibility": "network", "sure": "on"})

    document.refresh_from_db()
    assert document.visibility == "partnership"
    assert read(answer).body.one("div", id="id_visibility_error").text
    for circle_of_readers in ("network", "public"):
        with pytest.raises(PermissionDenied):
            actions.change_visibility(
                document=document, visibility=circle_of_readers, by=circle.colleague
            )
    with pytest.raises(PermissionDenied):
        circle.document("network", content=NEWER, by=circle.colleague)


@pytest.mark.parametrize("visibility", ["network", "public"])
def test_what_is_open_to_others_is_changed_by_contact_and_deputy_only(visibility):
    circle = Circle()
    document = circle.document(visibility)
    client = entered(circle.colleague)

    assert [client.get(circle.url(name, document.key)).status_code for name in PAGES] == [403] * 4
    page = read(client.get(circle.url("document", document.key)))
    assert circle.url("document-edit", document.key) not in page.main.hrefs()
    deputy = make_user("deputy", circle.ours.municipality)
    actions.change_visibility(document=document, visibility="partnership", by=deputy)


def test_nothing_becomes_public_while_it_is_added():
    circle = Circle()

    with pytest.raises(ValidationError):
        actions.add_document(
            tandem=circle.tandem,
            member=circle.ours,
            file=checked(),
            words=ABOUT,
            visibility="public",
            by=circle.contact,
        )


def test_nobody_puts_in_for_the_partner_city_or_for_the_team():
    circle = Circle()

    with pytest.raises(PermissionDenied):
        circle.document(by=circle.neighbour)
    with pytest.raises(PermissionDenied):
        actions.add_document(
            tandem=circle.tandem,
            member=None,
            file=checked(),
            words=ABOUT,
            visibility="partnership",
            by=circle.contact,
        )


def test_neighbour_reads_and_changes_nothing():
    circle = Circle()
    document = circle.document()

    for act in (
        lambda by: actions.add_document_version(
            document=document, file=checked(NEWER), note="", by=by
        ),
        lambda by: actions.change_document(
            document=document, words={**ABOUT, "title": "x"}, opened={}, by=by
        ),
        lambda by: actions.change_visibility(document=document, visibility="team", by=by),
        lambda by: actions.remove_document(document=document, by=by),
    ):
        for person in (circle.neighbour, circle.stranger, make_user("observer")):
            with pytest.raises(PermissionDenied):
                act(person)
    circle.leave()
    with pytest.raises(PermissionDenied):
        actions.remove_document(document=Document.objects.get(pk=document.pk), by=circle.contact)


def test_document_for_the_team_is_seen_by_the_team_and_its_own_city():
    circle = Circle()
    document = circle.document("team")
    url = circle.url("document", document.key)

    for person, status in (
        (circle.contact, 200),
        (circle.colleague, 200),
        (circle.coordinator, 200),
        (circle.neighbour, 404),
    ):
        assert entered(person).get(url).status_code == status
    page = read(entered(circle.neighbour).get(circle.url("documents")))
    assert document.title not in page.main.text


def test_what_the_team_puts_in_for_itself_no_city_sees_or_touches():
    circle = Circle()
    client = entered(circle.coordinator)
    client.post(
        circle.url("document-add"),
        {"title": "Intern", "kind": "other", "language": "de", "visibility": "team"}
        | {"file": upload()},
    )
    document = Document.objects.get()

    assert document.municipality is None
    assert client.get(circle.url("document", document.key)).status_code == 200
    assert entered(circle.contact).get(circle.url("document", document.key)).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.remove_document(document=document, by=circle.contact)


def test_network_reads_from_outside_and_has_no_way_in():
    circle = Circle()
    document = circle.document("network")
    outside = reverse("tandems:document", args=[circle.tandem.slug, document.key])

    assert content_of(entered(circle.stranger).get(outside))
    assert content_of(entered(circle.neighbour).get(outside))
    assert entered(circle.stranger).get(circle.url("document", document.key)).status_code == 404
    for person in (None, make_user(), make_user("contact"), make_user("observer")):
        assert entered(person).get(outside).status_code == 404


def test_guest_of_a_topic_gets_its_documents_and_no_others():
    circle = Circle()
    topic = TandemTopicFactory(tandem=circle.tandem)
    inside = circle.document(topic_id=topic.pk)
    other = circle.document(content=NEWER)
    team = circle.document("team", content=NEWER + b"\n", topic_id=topic.pk)
    guest = TopicGuest.objects.create(
        topic=topic,
        municipality=circle.stranger.roles[0].municipality,
        since=timezone.localdate(),
    )
    client = entered(circle.stranger)

    def status(document):
        url = reverse("tandems:document", args=[circle.tandem.slug, document.key])
        answer = client.get(url)
        if answer.status_code == 200:
            content_of(answer)
        return answer.status_code

    assert [status(row) for row in (inside, other, team)] == [200, 404, 404]
    guest.since -= 3 * DAY
    guest.until = timezone.localdate() - DAY
    guest.save()
    assert status(inside) == 404


def test_public_document_is_for_everybody_unless_the_partnership_is_planned():
    public, planned = Circle(), Circle(status="planned")

    for circle, status in ((public, 200), (planned, 404)):
        document = circle.document("public")
        url = reverse("tandems:document", args=[circle.tandem.slug, document.key])
        answer = Client().get(url)
        assert answer.status_code == status
        if status == 200:
            assert content_of(answer)
            assert not answer.cookies
        assert content_of(entered(circle.contact).get(url))


def test_team_without_second_factor_is_a_visitor():
    circle = Circle()
    document, client = circle.document(), Client()
    sign_in(client, circle.coordinator, second_factor=False)

    url = reverse("tandems:document", args=[circle.tandem.slug, document.key])

    assert client.get(url).status_code == 404


def test_city_that_left_and_is_a_guest_now_gets_the_newest_version():
    circle = Circle()
    topic = TandemTopicFactory(tandem=circle.tandem)
    document = circle.document(topic_id=topic.pk)
    actions.add_document_version(document=document, file=checked(NEWER), note="", by=circle.contact)
    document.versions.filter(number=1).update(uploaded_at=timezone.now() - 10 * DAY)
    Document.objects.update(added_at=timezone.now() - 10 * DAY)
    circle.leave(days=2)
    url = reverse("tandems:document", args=[circle.tandem.slug, document.key])
    client = entered(circle.contact)
    assert content_of(client.get(url)) != NEWER

    TopicGuest.objects.create(
        topic=topic, municipality=circle.ours.municipality, since=timezone.localdate()
    )

    assert content_of(client.get(url)) == NEWER


def test_notices_name_the_document_and_its_page(monkeypatch):
    told = []
    monkeypatch.setattr(actions, "tell_people", lambda **values: told.append(values))
    circle = Circle()
    document = circle.document()
    actions.add_document_version(document=document, file=checked(NEWER), note="", by=circle.contact)
    actions.change_visibility(document=document, visibility="network", by=circle.contact)
    actions.change_visibility(document=document, visibility="network", by=circle.contact)

    assert [one["event"] for one in told] == [
        "document_added",
        "document_version",
        "document_visibility",
    ]
    assert {one["path"] for one in told} == {circle.url("document", document.key)}
    assert {one["document"] for one in told} == {document}
    assert {one["facts"]["title"] for one in told} == {ABOUT["title"]}
