"""What others wrote stays unseen until the own review is filed, and a conflict closes everything.

Each test plants words in what must not be read and looks at every place where they could appear.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from post_office.models import Email

from accounts.models import RoleAssignment, User
from calls import actions
from calls.models import (
    Application,
    DiscussionNote,
    Review,
    ReviewAssignment,
    hidden_subjects,
    reads_reviews,
)
from core.actions import note_change
from core.models import StatusChange
from tests.applications import checked_file, editor_of, make_complete
from tests.calls.desk import LIST, desk
from tests.factories import RoleAssignmentFactory
from tests.reading import read
from tests.selection import (
    LEAK,
    applications_of,
    assign,
    assign_free,
    declare,
    filed,
    make_call_in_review,
    make_organisation,
    make_reviewer,
)

pytestmark = pytest.mark.django_db
DESK = "/admin/calls/review/"
HISTORY = "/admin/core/statuschange/"
#: Part of what every municipality of these tests wrote.
TEXT = "Die Hitze in der Innenstadt"
#: The name of who filed what must not be seen, and a total that no other review has.
NAME, TOTAL, STEPS = "Vorlaut Fremd", "1.00", 1


def names_total(text):
    """Tell whether a page names the mean; the fraction of a second in a time does not count."""
    return re.search(rf"(?<![\d:.,]){re.escape(TOTAL)}(?!\d)", text) is not None


def two_cases():
    """Return two applications; on the first somebody else has filed, written and been logged."""
    one, two = applications_of(make_call_in_review(2, 0))
    other = make_reviewer("adelphi", name=NAME)
    review = filed(one, other, steps=STEPS, text=LEAK)
    note_change(review, old="draft", new="filed", note=f"{LEAK} im Verlauf", by=other)
    DiscussionNote.objects.create(application=one, author=other, text=f"{LEAK} im Gespräch")
    return one, two


def at(application, *parts):
    return "/".join([f"{DESK}{application.key}", *parts, ""])


def coordinator_who_reviews(role="coordinator", organisation="difu"):
    person = make_reviewer(organisation, role=role)
    RoleAssignmentFactory(
        user=person, role="reviewer", municipality=None, organisation=make_organisation("difu")
    )
    return User.objects.get(pk=person.pk)


def pages_about(application):
    """Return every page that could say something about one application."""
    call = application.call.slug
    return [
        DESK,
        *(
            f"{DESK}?{query}"
            for query in ("sort=-points", "sort=state", "state=filed", "q=stadt", f"q={LEAK}")
        ),
        at(application),
        at(application, "file"),
        at(application, "conflict"),
        at(application, "reviews"),
        LIST,
        *(
            f"{LIST}?call={call}&{query}"
            for query in ("state=submitted", "sort=-changed", "q=stadt", f"q={LEAK}", "sort=points")
        ),
        f"{LIST}numbers/?call={call}",
        f"{LIST}{application.key}/",
        HISTORY,
        f"{HISTORY}?new__exact=filed",
        "/admin/",
        "/de/dashboard/",
        "/de/search/?q=stadt",
    ]


def told_by(client, application):
    """Return what all these pages say together."""
    said = []
    for url in pages_about(application):
        answer = client.get(url, follow=True)
        if not answer.streaming:
            said.append(answer.content.decode())
    return "\n".join(said)


# --- before the own review is filed


@pytest.mark.parametrize("state", ["undeclared", "declared", "draft", "reopened"])
@pytest.mark.parametrize("who", ["reviewer", "coordinator", "bbsr"])
def test_nothing_of_other_reviews_is_told_before_the_own_one_is_filed(who, state):
    one, _two = two_cases()
    person = (
        make_reviewer() if who == "reviewer" else coordinator_who_reviews(who, organisation=who)
    )
    if state == "undeclared":
        assign(one, person)
    else:
        assignment = assign_free(one, person)
    if state == "draft":
        actions.save_review(
            assignment=assignment, values={"comment": "Meins."}, opened_with={}, by=person
        )
    if state == "reopened":
        own = filed(one, person, steps=5)
        kai = make_reviewer("steinbeis", role="coordinator")
        actions.reopen_review(review=own, note="Bitte prüfen.", by=kai)

    said = told_by(desk(user=person), one)

    assert LEAK not in said.replace(f"q={LEAK}", "").replace(f'value="{LEAK}"', "")
    assert not names_total(said)
    if who == "reviewer":
        assert NAME not in said
    assert not reads_reviews(User.objects.get(pk=person.pk), one)


def test_list_of_a_reviewer_is_the_same_whatever_others_filed():
    """No count, column, order or search depends on others."""
    one, two = applications_of(make_call_in_review(2, 0))
    reviewer = make_reviewer()
    for application in (one, two):
        assign_free(application, reviewer)
    client = desk(user=reviewer)
    queries = ("", "?sort=state", "?sort=-points", "?sort=points", "?state=read", "?q=stadt")
    before = [read(client.get(DESK + query)).main.text for query in queries]

    filed(two, make_reviewer("adelphi"), steps=5, text=LEAK)
    DiscussionNote.objects.create(application=two, text=LEAK)

    assert [read(client.get(DESK + query)).main.text for query in queries] == before


def test_page_of_a_draft_is_the_same_whatever_others_filed():
    one, _two = applications_of(make_call_in_review(2, 0))
    reviewer = make_reviewer()
    assign_free(one, reviewer)
    client = desk(user=reviewer)
    pages = (at(one), f"{LIST}{one.key}/", LIST, "/admin/")
    before = [read(client.get(url)).main.text for url in pages]

    filed(one, make_reviewer("adelphi"), steps=5, text=LEAK)
    DiscussionNote.objects.create(application=one, text=LEAK)

    assert [read(client.get(url)).main.text for url in pages] == before


def test_page_of_the_team_does_not_tell_its_reviewer_how_far_others_are():
    one, _two = applications_of(make_call_in_review(2, 0))
    person = coordinator_who_reviews()
    assign_free(one, person)
    assign_free(one, make_reviewer("adelphi", name=NAME))
    client = desk(user=person)
    before = read(client.get(f"{LIST}{one.key}/")).main.text

    filed(one, User.objects.get(name=NAME), text=LEAK)

    after = read(client.get(f"{LIST}{one.key}/"))
    assert after.main.text == before
    assert NAME in after.main.section("Who reviews it").text
    assert "stands here once you have filed" in after.main.text


@pytest.mark.parametrize("who", ["reviewer", "coordinator"])
def test_pages_of_reviews_notes_and_reopening_refuse_before_the_own_one_is_filed(who):
    one, _two = two_cases()
    person = make_reviewer() if who == "reviewer" else coordinator_who_reviews()
    assign_free(one, person)
    review = Review.objects.get()
    client = desk(user=person)

    assert client.get(at(one, "reviews")).status_code == 403
    assert client.post(at(one, "note"), {"text": "Na?"}).status_code == 403
    reopen = at(one, "reviews", str(review.pk), "reopen")
    assert client.get(reopen).status_code == 403
    assert client.post(reopen, {"note": "Na?"}).status_code == 403
    assert Review.objects.get().state == "filed"
    assert DiscussionNote.objects.count() == 1


@pytest.mark.parametrize("who", ["reviewer", "coordinator"])
def test_after_filing_others_are_read_on_this_application_alone(who):
    one, two = two_cases()
    person = make_reviewer() if who == "reviewer" else coordinator_who_reviews()
    filed(one, person)
    filed(two, User.objects.get(name=NAME), text=f"{LEAK} zwei")
    assign_free(two, person)
    client = desk(user=person)

    page = read(client.get(at(one)))

    assert LEAK in page.main.section("What others filed").text
    assert f"{LEAK} im Gespräch" in page.main.section("Discussion").text
    assert f"{LEAK} zwei" not in told_by(client, two) + page.html


def test_drafts_of_others_are_read_by_nobody():
    one, _two = applications_of(make_call_in_review(2, 0))
    other, reviewer = make_reviewer("adelphi"), make_reviewer()
    assignment = assign_free(one, other)
    actions.save_review(
        assignment=assignment, values={"comment": LEAK}, opened_with={"comment": ""}, by=other
    )
    Review.objects.update(comment=LEAK)
    filed(one, reviewer)

    for client in (desk(user=reviewer), desk("coordinator"), desk("bbsr")):
        said = told_by(client, one)
        assert LEAK not in said.replace(f"q={LEAK}", "").replace(f'value="{LEAK}"', "")


def test_mails_of_reviews_go_to_their_author_alone():
    one, _two = two_cases()
    reviewer = make_reviewer()
    own = filed(one, reviewer, text="Meins.")
    kai = make_reviewer("steinbeis", role="coordinator")

    actions.reopen_review(review=own, note="Bitte prüfen.", by=kai)
    actions.declare_conflict(application=one, kind="other", sentence=LEAK, by=reviewer)

    told = {mail.to[0]: mail.message + mail.html_message for mail in Email.objects.all()}
    assert set(told) == {reviewer.email, kai.email}
    for text in told.values():
        assert LEAK not in text
        assert NAME not in text
        assert not names_total(text)


# --- the history


def test_history_leaves_out_other_reviews_until_the_own_one_is_filed():
    one, _two = two_cases()
    person = coordinator_who_reviews()
    assignment = assign_free(one, person)
    row = StatusChange.objects.get(note__contains=LEAK)
    client, free = desk(user=person), desk("coordinator")

    hidden = client.get(f"{HISTORY}{row.pk}/change/", follow=True)

    assert LEAK not in hidden.content.decode()
    assert NAME not in read(client.get(HISTORY)).main.text
    assert NAME not in read(client.get(f"{LIST}{one.key}/")).main.section("History").text
    assert LEAK in free.get(f"{HISTORY}{row.pk}/change/").content.decode()
    assert NAME in read(free.get(HISTORY)).main.text
    filed(one, person)
    assert assignment.review.state == "filed"
    assert NAME in read(client.get(HISTORY)).main.text


def test_history_leaves_out_everything_about_what_a_conflict_closes():
    one, two = two_cases()
    reviewer = make_reviewer("steinbeis")
    assign(one, reviewer)
    actions.declare_conflict(application=one, kind="other", sentence=f"{LEAK} Ehe", by=reviewer)
    note_change(one, field="reminder", old="", new="sent", note=LEAK, by=reviewer)
    person = make_reviewer("bbsr", role="bbsr")
    client = desk(user=person)
    assert str(reviewer) in read(client.get(HISTORY)).main.text

    declare(one, person, "personal")

    shown = read(client.get(HISTORY)).main.text
    assert str(reviewer) not in shown
    assert NAME not in shown
    assert str(editor_of(two)) in shown
    kinds = ContentType.objects.get_for_models(Application, Review)
    for model, rows in hidden_subjects(User.objects.get(pk=person.pk)).items():
        if model in kinds:
            assert rows.count() == 1


def test_history_hides_nothing_where_nothing_is_closed():
    two_cases()
    person = make_reviewer("bbsr", role="bbsr")

    assert [rows.count() for rows in hidden_subjects(person).values()] == [0] * len(
        hidden_subjects(person)
    )


# --- conflicts of interest


def with_file(django_capture_on_commit_callbacks):
    """Return an application with a file and a receipt, under review."""
    with django_capture_on_commit_callbacks(execute=True):
        application = make_complete(name="Stadt 1")
        by = editor_of(application)
        actions.attach_file(application=application, file=checked_file(), by=by)
        actions.submit_application(application=application, by=by)
    call = application.call
    call.state, call.closes_at = "in_review", timezone.now() - timezone.timedelta(days=1)
    call.save()
    return Application.objects.get()


def closed_to(person, application, kind):
    """Let a conflict close an application to somebody: an own one, or one of the organisation."""
    if kind == "own":
        declare(application, person, "personal", "Eigene Sache.")
    else:
        slug = next(role.organisation.slug for role in person.roles)
        colleague = make_reviewer(slug)
        declare(application, colleague, "institutional", f"{LEAK} Auftrag")


@pytest.mark.parametrize("kind", ["own", "institutional"])
@pytest.mark.parametrize("who", ["reviewer", "coordinator", "bbsr", "both"])
def test_conflict_closes_text_files_reviews_discussion_and_pages(
    who, kind, django_capture_on_commit_callbacks
):
    application = with_file(django_capture_on_commit_callbacks)
    filed(application, make_reviewer("adelphi", name=NAME), steps=STEPS, text=LEAK)
    note = DiscussionNote.objects.create(application=application, text=LEAK)
    review = Review.objects.get()
    person = coordinator_who_reviews() if who == "both" else make_reviewer("difu", role=who)
    if who in {"reviewer", "both"}:
        # Filed before the conflict was noticed: what could be read then is closed, too.
        assign(application, person)
    closed_to(person, application, kind)
    client, key = desk(user=person), application.attachments.get().key

    for url in (
        f"{LIST}{application.key}/",
        f"{LIST}{application.key}/files/{key}/",
        f"{LIST}{application.key}/receipt-1.pdf",
        at(application, "conflict"),
        at(application, "reviews"),
        at(application, "reviews", str(review.pk), "reopen"),
        at(application, "conflict", str(application.conflicts.closing().get().pk), "lift"),
    ):
        assert client.get(url).status_code == 404, url
    posted = client.post(at(application, "note"), {"text": "Doch."})
    assert posted.status_code == 404
    said = told_by(client, application)
    assert TEXT not in said
    assert LEAK not in said.replace(f"q={LEAK}", "").replace(f'value="{LEAK}"', "")
    assert not names_total(said)
    assert str(application.key) not in said.replace("/admin/calls/review/", "")
    assert list(DiscussionNote.objects.all()) == [note]


@pytest.mark.parametrize("kind", ["own", "institutional"])
def test_list_of_applications_leaves_out_what_is_closed_in_rows_counts_and_filters(kind):
    one, two = two_cases()
    person = make_reviewer("difu", role="coordinator")
    client = desk(user=person)
    queries = ("", "?q=stadt", "?state=submitted", "?sort=-name", "?pool=german")
    assert all(f"{LIST}{one.key}/" in read(client.get(LIST + q)).main.hrefs() for q in queries)

    closed_to(person, one, kind)

    for query in queries:
        page = read(client.get(LIST + query))
        assert f"{LIST}{one.key}/" not in page.main.hrefs()
        assert "1 application" in page.main.text
        assert f"{LIST}{two.key}/" in page.main.hrefs()
    states = read(client.get(LIST)).main.one("ul", class_="applications__states")
    assert states.text.startswith("1 ")


def test_file_is_read_by_its_reviewer_after_the_statement_and_the_receipt_by_the_team_alone(
    django_capture_on_commit_callbacks,
):
    application = with_file(django_capture_on_commit_callbacks)
    reviewer = make_reviewer()
    assign(application, reviewer)
    client, key = desk(user=reviewer), application.attachments.get().key
    file = f"{LIST}{application.key}/files/{key}/"

    before = client.get(file).status_code
    actions.declare_conflict(application=application, kind="none", by=reviewer)
    answer = client.get(file)

    assert before == 404
    assert b"".join(answer) == b"%PDF-1.7 ..."
    assert file in read(client.get(at(application))).main.hrefs()
    assert client.get(f"{LIST}{application.key}/receipt-1.pdf").status_code == 404


def test_reviewer_reads_no_text_before_the_statement_anywhere():
    one, two = two_cases()
    reviewer = make_reviewer()
    assign(one, reviewer)
    assign_free(two, reviewer)
    client = desk(user=reviewer)

    said = told_by(client, one)

    assert TEXT not in said
    assert client.get(f"{LIST}{one.key}/").status_code == 404
    assert f"{LIST}{one.key}/" not in read(client.get(LIST)).main.hrefs()


def test_review_page_says_that_a_conflicted_review_does_not_count():
    one, _two = two_cases()
    declare(one, make_reviewer("adelphi"), "institutional", "Auftrag.")

    page = read(desk("bbsr").get(at(one, "reviews")))

    assert "does not count: conflict of interest" in page.main.text


# --- who reads no longer, or never


def test_ended_role_reads_nothing_any_more():
    one, _two = two_cases()
    reviewer = make_reviewer()
    filed(one, reviewer)
    client = desk(user=reviewer)
    assert LEAK in client.get(at(one)).content.decode()

    RoleAssignment.objects.filter(user=reviewer).update(
        until=timezone.localdate() - timezone.timedelta(days=1)
    )

    for url in (DESK, at(one), at(one, "reviews"), at(one, "file"), LIST, f"{LIST}{one.key}/"):
        assert client.get(url, follow=True).status_code == 403, url
    assert not Review.objects.visible_to(User.objects.get(pk=reviewer.pk)).exists()


def test_reviewer_whose_role_ended_and_who_observes_now_reads_no_text():
    one, _two = two_cases()
    person = make_reviewer()
    filed(one, person)
    RoleAssignment.objects.filter(user=person).update(until="2023-01-01")
    RoleAssignmentFactory(
        user=person, role="observer", municipality=None, organisation=make_organisation("bmwsb")
    )
    client = desk(user=person)

    for url in (DESK, at(one), LIST, f"{LIST}{one.key}/", at(one, "conflict")):
        assert client.get(url).status_code == 403, url


def test_who_is_no_longer_assigned_reads_no_more():
    one, _two = two_cases()
    reviewer = make_reviewer()
    assign_free(one, reviewer)
    client = desk(user=reviewer)
    assert client.get(at(one)).status_code == 200

    ReviewAssignment.objects.filter(reviewer=reviewer).delete()

    assert client.get(at(one)).status_code == 404
    assert client.get(f"{LIST}{one.key}/").status_code == 404


def test_reviewer_of_one_application_reads_no_review_of_another():
    one, two = two_cases()
    reviewer = make_reviewer()
    filed(two, reviewer)
    client = desk(user=reviewer)

    assert client.get(at(one)).status_code == 404
    assert client.get(at(one, "reviews")).status_code == 404
    assert LEAK not in told_by(client, one).replace(f"q={LEAK}", "").replace(f'value="{LEAK}"', "")


def pages_of_selection(call):
    """Return the pages on which the project team prepares the selection."""
    return [
        *(f"/admin/calls/procedure/{call.slug}/{page}" for page in ("", "assignment/")),
        *(f"/admin/calls/procedure/{call.slug}/{page}" for page in ("standing/", "eligibility/")),
        *(f"/admin/calls/{page}/{call.slug}/" for page in ("selectionlist", "pairing")),
    ]


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_pages_of_the_selection_do_not_tell_what_others_filed_before_the_own_one(role):
    one, _two = applications_of(make_call_in_review(2, 0))
    person = coordinator_who_reviews(role, organisation=role)
    assign_free(one, person)
    assign_free(one, make_reviewer("adelphi", name=NAME))
    client = desk(user=person)
    pages = [url for url in pages_of_selection(one.call) if client.get(url).status_code == 200]
    before = {url: read(client.get(url)).main.text for url in pages}

    filed(one, User.objects.get(name=NAME), steps=5, text=LEAK)

    assert len(pages) == 6
    assert {url: read(client.get(url)).main.text for url in pages} == before


@pytest.mark.parametrize("state", ["unfiled", "conflict"])
def test_workbook_of_the_procedure_holds_nothing_of_what_is_closed(state):
    one, two = two_cases()
    person = coordinator_who_reviews()
    if state == "unfiled":
        assign_free(one, person)
    else:
        declare(one, person, "personal")

    told = words_of_workbook(desk(user=person), one.call)
    told_free = words_of_workbook(desk(user=make_reviewer("kts", role="coordinator")), one.call)

    assert NAME not in told
    assert LEAK not in told
    assert two.place_name in told
    assert LEAK in told_free


def words_of_workbook(client, call):
    """Return all that stands in the workbook about the procedure."""
    answer = client.get(f"/admin/calls/selectionlist/{call.slug}/procedure.xlsx")
    with zipfile.ZipFile(BytesIO(b"".join(answer))) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


@pytest.mark.parametrize("kind", ["own", "institutional"])
def test_pages_of_the_selection_do_not_tell_what_a_conflict_closes(kind):
    one, _two = applications_of(make_call_in_review(2, 0))
    person = make_reviewer("difu", role="bbsr")
    assign_free(one, make_reviewer("adelphi", name=NAME))
    closed_to(person, one, kind)
    client = desk(user=person)
    before = {url: read(client.get(url)).main.text for url in pages_of_selection(one.call)}

    filed(one, User.objects.get(name=NAME), steps=5, text=LEAK)

    assert {url: read(client.get(url)).main.text for url in before} == before


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_standing_and_procedure_are_closed_to_reviewers(role):
    one, _two = two_cases()
    person = make_reviewer("difu", role=role)
    if role == "reviewer":
        filed(one, person)
    client = desk(user=person)

    lists = [
        f"/admin/calls/{path}/" for path in ("procedure", "selectionlist", "letter", "pairing")
    ]
    for path in [*lists, *pages_of_selection(one.call)]:
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert NAME not in answer.content.decode()
