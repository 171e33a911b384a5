"""Documents of a partnership: put in, renewed, opened, removed."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calls.content import marks_of
from core.files.storage import names_in_use
from core.models import StatusChange
from tandems.actions import documents as actions
from tandems.models import Document, DocumentVersion
from tests.factories import TandemTopicFactory
from tests.races import act_at_once
from tests.reading import read
from tests.tandems.files_cases import (
    ABOUT,
    DAY,
    NEWER,
    PDF,
    Circle,
    checked,
    content_of,
    entered,
    pdf,
    upload,
)

pytestmark = pytest.mark.django_db
TYPED = {
    "title": "Protokoll vom Mai",
    "kind": "minutes",
    "language": "de",
    "dated_on": "2023-05-04",
    "visibility": "partnership",
}


def history(document):
    """Return what was noted after the first line, which says that the document was added."""
    first, *rows = StatusChange.objects.of(document).order_by("pk")
    assert (first.old, first.new) == ("", "added")
    return [(row.field, row.old, row.new, row.note, row.changed_by) for row in rows]


def test_officer_adds_renews_changes_and_removes_a_document():
    circle = Circle()
    client = entered(circle.contact)
    topic = TandemTopicFactory(tandem=circle.tandem)

    answer = client.post(
        circle.url("document-add"),
        {**TYPED, "topic": topic.pk, "file": upload(name="../Protokoll Mai.pdf")},
        follow=True,
    )
    document = Document.objects.get()
    page = read(answer)
    assert answer.redirect_chain == [(circle.url("document", document.key), 302)]
    assert (document.municipality, document.topic) == (circle.ours.municipality, topic)
    assert "Protokoll Mai.pdf" in page.main.text

    client.post(
        circle.url("document-version", document.key),
        {"file": upload(NEWER), "note": "Mit Anlage"},
    )
    assert [row.number for row in document.versions.all()] == [2, 1]
    for number, content in ((1, PDF), (2, NEWER)):
        answer = client.get(circle.url("document-file", document.key, number))
        assert content_of(answer) == content
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Cache-Control"] == "private, no-store"

    page = read(client.get(circle.url("document-edit", document.key)))
    form = next(form for form in page.main.all("form") if "title" in form.values())
    values = {name: value[0] for name, value in form.values().items()}
    assert values["dated_on"] == "2023-05-04"
    client.post(circle.url("document-edit", document.key), {**values, "title": "Neu"})
    document.refresh_from_db()
    assert (document.title, document.topic) == ("Neu", topic)

    assert client.get(circle.url("document-remove", document.key)).status_code == 200
    client.post(circle.url("document-remove", document.key), {"note": "Veraltet"})
    document.refresh_from_db()
    assert document.removed_at is not None
    assert history(document) == [
        ("removed_at", "present", "removed", "Veraltet", circle.contact),
    ]
    assert default_storage.exists(document.versions.first().file.name)
    assert client.get(circle.url("document-file", document.key, 1)).status_code == 404


def test_back_button_after_removing_says_what_happened():
    circle = Circle()
    document = circle.document()
    actions.remove_document(document=document, by=circle.contact)
    client = entered(circle.contact)

    for name in ("", "-edit", "-version", "-visibility", "-remove"):
        answer = client.get(circle.url(f"document{name}", document.key), follow=True)
        assert answer.redirect_chain[-1][0] == circle.url("documents")
        assert read(answer).main.one("div", role="status").text
    for act in (
        lambda: actions.add_document_version(
            document=document, file=checked(NEWER), note="", by=circle.contact
        ),
        lambda: actions.change_visibility(document=document, visibility="team", by=circle.contact),
        lambda: actions.remove_document(document=document, by=circle.contact),
    ):
        with pytest.raises(ValidationError):
            act()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("title", "a\x00b"),
        ("description", "x" * 501),
        ("kind", "novel"),
        ("language", "xx"),
        ("dated_on", "4. Mai"),
        ("dated_on", "2999-01-01"),
        ("topic", "999999"),
        ("topic", "x"),
        ("visibility", "public"),
        ("visibility", "everybody"),
        ("file", None),
        ("file", upload(b"", "a.pdf")),
        ("file", upload(b"MZ\x90\x00", "a.exe")),
        ("file", upload(PDF.replace(b"<<>>", b"<</Encrypt 2 0 R>>"), "a.pdf")),
    ],
)
def test_wrong_input_is_refused_at_its_field_and_the_rest_stays(field, value):
    circle = Circle()
    data = {**TYPED, "description": "Wozu es gut ist", "file": upload(), field: value}
    if value is None:
        del data[field]
    elif field == "file":
        value.seek(0)

    answer = entered(circle.contact).post(circle.url("document-add"), data)

    page = read(answer)
    assert answer.status_code == 200
    assert page.title.startswith("Fehler:")
    assert page.body.one("div", id=f"id_{field}_error").text
    if field != "description":
        assert page.body.one("textarea", name="description").text == "Wozu es gut ist"
    assert not Document.objects.exists()
    assert names_in_use() == set()


def test_topic_of_another_partnership_is_refused():
    circle = Circle()
    foreign = TandemTopicFactory(tandem=Circle().tandem)

    with pytest.raises(ValidationError):
        circle.document(topic_id=foreign.pk)
    assert not Document.objects.exists()


def test_double_click_adds_one_document():
    circle = Circle()
    client = entered(circle.contact)
    for _click in range(2):
        answer = client.post(circle.url("document-add"), {**TYPED, "file": upload()})

    assert answer.status_code == 200
    assert Document.objects.count() == 1
    document = Document.objects.get()
    version = {"file": upload(), "note": ""}
    answer = client.post(circle.url("document-version", document.key), version)
    assert read(answer).body.one("div", id="id_file_error").text
    assert DocumentVersion.objects.count() == 1


def test_copy_of_what_one_may_not_read_is_no_hint():
    circle = Circle()
    circle.document("team")

    circle.document(by=circle.neighbour, member=circle.theirs)

    assert Document.objects.count() == 2


def test_fault_leaves_no_file(monkeypatch):
    circle = Circle()
    document, before = circle.document(), names_in_use()
    written = []
    monkeypatch.setattr(
        actions, "store", lambda file, real=actions.store: written.append(real(file)) or written[-1]
    )
    monkeypatch.setattr(DocumentVersion, "save", lambda self: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        circle.document(content=NEWER)
    with pytest.raises(ZeroDivisionError):
        actions.add_document_version(
            document=document, file=checked(NEWER), note="", by=circle.contact
        )

    assert len(written) == 2
    assert not any(default_storage.exists(name) for name in written)
    assert names_in_use() == before


def test_becoming_public_needs_the_preview_and_a_tick():
    circle = Circle()
    document = circle.document()
    client, url = entered(circle.contact), circle.url("document-visibility", document.key)
    public = reverse("tandems:document", args=[circle.tandem.slug, document.key])
    page = read(client.get(url))
    assert public in page.main.hrefs()
    assert Client().get(public).status_code == 404

    answer = client.post(url, {"visibility": "public"})
    document.refresh_from_db()
    assert read(answer).body.one("div", id="id_sure_error").text
    assert document.visibility == "partnership"

    client.post(url, {"visibility": "public", "sure": "on"})
    client.post(url, {"visibility": "public", "sure": "on"})

    answer = Client().get(public)
    assert content_of(answer) == PDF
    assert not answer.cookies
    assert history(document) == [("visibility", "partnership", "public", "", circle.contact)]
    client.post(url, {"visibility": "team"})
    assert Client().get(public).status_code == 404
    assert history(document)[1:] == [("visibility", "public", "team", "", circle.contact)]
    page = read(client.get(circle.url("document", document.key)))
    (listed,) = [e for e in page.main.all("section") if e["aria-labelledby"] == "history"]
    assert len(listed.all("li")) == 2


def test_new_version_of_a_public_document_needs_a_tick():
    circle = Circle()
    document = circle.document("public")
    client, url = entered(circle.contact), circle.url("document-version", document.key)

    answer = client.post(url, {"file": upload(NEWER)})
    assert read(answer).body.one("div", id="id_sure_error").text
    client.post(url, {"file": upload(NEWER), "sure": "on"})

    assert document.versions.count() == 2


def test_two_editors_see_both_entries_and_choose():
    circle = Circle()
    document = circle.document()
    client, url = entered(circle.contact), circle.url("document-edit", document.key)
    other = entered(circle.colleague)
    marks = read(client.get(url)).main.one("input", name="marks")["value"]
    other.post(url, {**TYPED, "title": "Anderes", "kind": "report", "marks": marks})

    answer = client.post(url, {**TYPED, "title": "Meines", "kind": "concept", "marks": marks})

    page = read(answer)
    document.refresh_from_db()
    assert (answer.status_code, document.title) == (409, "Anderes")
    shown = set(page.main.one("section", role="alert").texts("div"))
    assert {"Meines", "Anderes"} <= shown
    assert len(shown) >= 4
    fresh = page.main.one("input", name="marks")["value"]
    client.post(url, {**TYPED, "title": "Meines", "kind": "concept", "marks": fresh})
    document.refresh_from_db()
    assert (document.title, document.kind) == ("Meines", "concept")


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_same_number_of_questions(number, django_assert_num_queries):
    circle = Circle()
    for row in range(number):
        topic = TandemTopicFactory(tandem=circle.tandem)
        document = circle.document(content=pdf(row), topic_id=topic.pk)
        actions.add_document_version(
            document=document, file=checked(pdf(f"new {row}")), note="", by=circle.contact
        )
    client = entered(circle.contact)
    client.get(circle.url("documents"))

    with django_assert_num_queries(12):
        client.get(circle.url("documents"))


def test_list_is_filtered_and_says_when_nothing_matches():
    circle = Circle()
    topic = TandemTopicFactory(tandem=circle.tandem)
    circle.document(title="Mit Thema", topic_id=topic.pk)
    circle.document("team", content=NEWER, title="Vertraulich", kind="report", language="it")
    client, url = entered(circle.contact), circle.url("documents")

    def titles(query):
        return read(client.get(f"{url}?{query}")).main.texts("h3")

    assert titles("") == ["Vertraulich", "Mit Thema"]
    assert titles(f"topic={topic.pk}") == ["Mit Thema"]
    assert titles("kind=report") == titles("language=it") == ["Vertraulich"]
    assert titles("visibility=team") == ["Vertraulich"]
    assert titles("visibility=public") == []
    assert titles("kind=novel") == ["Vertraulich", "Mit Thema"]
    assert client.get(f"{url}?page=9").status_code == 404


def test_empty_list_tells_what_to_begin_with():
    circle = Circle()

    page = read(entered(circle.contact).get(circle.url("documents")))

    assert circle.url("document-add") in page.main.hrefs()


def test_expired_session_gives_the_form_back():
    circle = Circle()
    document = circle.document()
    client, url = entered(circle.contact), circle.url("document-edit", document.key)
    session = client.session
    session["seen_at"] = session["began_at"] = 0
    session.save()
    client.post(url, {**TYPED, "title": "Lange getippt"})
    client.force_login(circle.contact, backend="accounts.backends.SignInBackend")

    page = read(client.get(url))

    assert page.main.one("input", name="title")["value"] == "Lange getippt"
    document.refresh_from_db()
    assert document.title == ABOUT["title"]


@pytest.mark.django_db(transaction=True)
def test_two_who_add_a_version_at_once_get_two_numbers():
    circle = Circle()
    document = circle.document()

    def renew(content, by):
        return actions.add_document_version(
            document=document, file=checked(content), note="", by=by
        ).number

    results = act_at_once(
        lambda: renew(pdf("a"), circle.contact), lambda: renew(pdf("b"), circle.colleague)
    )

    assert results == [2, 3]


@pytest.mark.django_db(transaction=True)
def test_colleague_who_comes_after_the_opening_changes_nothing_any_more():
    """What was opened to the network meanwhile is for contact and deputy."""
    circle = Circle()
    document = circle.document()
    words = {**ABOUT, "title": "Später"}
    marks = marks_of({name: str(getattr(document, name) or "") for name in actions.WORDS})

    results = act_at_once(
        lambda: actions.change_visibility(
            document=document, visibility="network", by=circle.contact
        ),
        lambda: actions.change_document(
            document=document, words=words, opened=marks, by=circle.colleague
        ),
    )

    assert [type(result) for result in results] == [Document, PermissionDenied]


def test_day_and_date_of_versions_decide_what_a_city_that_left_reads():
    circle = Circle()
    document = circle.document(title="Früh")
    late = circle.document(content=pdf("late"), title="Spät")
    actions.add_document_version(document=document, file=checked(NEWER), note="", by=circle.contact)
    long_ago = timezone.now() - 10 * DAY
    Document.objects.filter(pk=document.pk).update(added_at=long_ago)
    document.versions.filter(number=1).update(uploaded_at=long_ago)
    circle.leave(days=2)
    client = entered(circle.contact)
    outside = reverse("tandems:document", args=[circle.tandem.slug, document.key])

    page = read(client.get(circle.url("documents")))

    assert page.main.texts("h3") == ["Früh"]
    assert client.get(circle.url("document", late.key)).status_code == 404
    detail = read(client.get(circle.url("document", document.key)))
    assert circle.url("document-file", document.key, 1) in detail.main.hrefs()
    assert circle.url("document-file", document.key, 2) not in detail.main.hrefs()
    assert content_of(client.get(circle.url("document-file", document.key, 1))) == PDF
    assert client.get(circle.url("document-file", document.key, 2)).status_code == 404
    assert content_of(client.get(outside)) == PDF
    assert circle.url("document-add") not in page.main.hrefs()
    for name, args in (
        ("document-add", []),
        ("document-edit", [document.key]),
        ("document-version", [document.key]),
        ("document-visibility", [document.key]),
        ("document-remove", [document.key]),
    ):
        assert client.get(circle.url(name, *args)).status_code == 403
