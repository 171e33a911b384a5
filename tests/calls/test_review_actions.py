"""Conflicts of interest and reviews: who writes what, what is locked, who is told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from post_office.models import Email

from accounts.models import RoleAssignment, User
from calls import actions
from calls.content import marks_of
from calls.enums import CallState, ConflictKind, ReviewState
from calls.models import (
    Application,
    Call,
    ConflictDeclaration,
    DiscussionNote,
    Review,
    ReviewAssignment,
    SelectionList,
    SelectionSession,
    values_of_review,
)
from core.models import StatusChange
from tests.applications import editor_of
from tests.factories import CriterionFactory, RoleAssignmentFactory
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


def one_application() -> Application:
    return applications_of(make_call_in_review(1, 0))[0]


def fresh(person: User) -> User:
    """Return the person as the next request reads them."""
    return User.objects.get(pk=person.pk)


def criteria_of(application):
    return list(application.call.criteria.all())


def full(application, step=4, why="Gut belegt."):
    """Return values with which a review can be filed."""
    return {
        name: value
        for row in criteria_of(application)
        for name, value in ((f"step-{row.pk}", step), (f"justification-{row.pk}", why))
    }


def save(assignment, values, by, opened=None):
    """Save values as the form would that was opened with what is stored, or with ``opened``."""
    if opened is None:
        review = Review.objects.filter(assignment=assignment).first()
        opened = marks_of(values_of_review(review, criteria_of(assignment.application)))
    return actions.save_review(assignment=assignment, values=values, opened_with=opened, by=by)


def ready(application=None, reviewer=None):
    """Return an assignment whose draft can be filed, and its reviewer."""
    application, reviewer = application or one_application(), reviewer or make_reviewer()
    assignment = assign_free(application, reviewer)
    save(assignment, full(application), reviewer)
    return assignment, reviewer


def history(subject):
    rows = StatusChange.objects.of(subject).order_by("pk")
    return list(rows.values_list("field", "old", "new", "note", "changed_by"))


def recipients():
    return sorted(address for mail in Email.objects.all() for address in mail.to)


# --- conflicts of interest


def test_reviewer_without_conflict_states_it_for_the_organisation_of_the_assignment():
    application, reviewer = one_application(), make_reviewer("difu")
    RoleAssignmentFactory(
        user=reviewer, role="reviewer", organisation=make_organisation("adelphi"), municipality=None
    )
    assignment = assign(application, fresh(reviewer))
    assignment.organisation = make_organisation("adelphi")
    assignment.save()

    made = actions.declare_conflict(
        application=application, kind="none", sentence="egal", by=fresh(reviewer)
    )

    assert (made.kind, made.sentence, made.organisation.slug) == ("none", "", "adelphi")
    assert history(made) == [("conflict", "", "none", "", reviewer.pk)]
    assert recipients() == []
    assert fresh(reviewer).has_perm("calls.score", Application.objects.get())


def test_member_of_the_team_states_a_conflict_without_an_assignment():
    application, officer = one_application(), make_reviewer("bbsr", role="bbsr")

    actions.declare_conflict(application=application, kind="other", sentence="Ehefrau.", by=officer)

    assert not fresh(officer).has_perm("calls.decide_selection", Application.objects.get())


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_who_neither_reviews_nor_belongs_to_the_team_has_nothing_to_state(role):
    application, person = one_application(), make_reviewer("difu", role=role)

    with pytest.raises(PermissionDenied):
        actions.declare_conflict(application=application, kind="none", by=person)


def test_who_writes_the_application_has_nothing_to_state():
    application = one_application()

    with pytest.raises(PermissionDenied):
        actions.declare_conflict(application=application, kind="none", by=editor_of(application))


def test_reviewer_whose_role_has_ended_states_nothing():
    application, reviewer = one_application(), make_reviewer()
    assign(application, reviewer)
    RoleAssignment.objects.filter(user=reviewer).update(
        until=timezone.localdate() - timezone.timedelta(days=1)
    )

    with pytest.raises(PermissionDenied):
        actions.declare_conflict(application=application, kind="none", by=fresh(reviewer))


@pytest.mark.parametrize("kind", ["personal", "institutional", "twinning", "other"])
def test_conflict_needs_a_sentence(kind):
    application, reviewer = one_application(), make_reviewer()
    assign(application, reviewer)

    with pytest.raises(ValidationError) as error:
        actions.declare_conflict(application=application, kind=kind, by=reviewer)

    assert set(error.value.message_dict) == {"sentence"}
    assert not ConflictDeclaration.objects.exists()


def test_kind_that_does_not_exist_is_refused():
    application, reviewer = one_application(), make_reviewer()
    assign(application, reviewer)

    with pytest.raises(ValidationError):
        actions.declare_conflict(
            application=application, kind="friendly", sentence="x", by=reviewer
        )


def test_conflict_noticed_later_is_logged_and_the_filed_review_no_longer_counts():
    application, reviewer = one_application(), make_reviewer()
    review = filed(application, reviewer)
    declaration = ConflictDeclaration.objects.get()

    actions.declare_conflict(
        application=application, kind="personal", sentence="Meine Schwester.", by=reviewer
    )

    declaration.refresh_from_db()
    assert declaration.kind == ConflictKind.PERSONAL
    assert history(declaration) == [
        ("conflict", "none", "personal", "Meine Schwester.", reviewer.pk)
    ]
    assert Review.objects.get() == review
    assert not Review.objects.counting().exists()


def test_same_statement_again_changes_nothing():
    application, reviewer = one_application(), make_reviewer()
    make_reviewer("adelphi", role="coordinator")
    assign(application, reviewer)
    said = {"application": application, "kind": "other", "sentence": "Ehefrau.", "by": reviewer}

    first, second = actions.declare_conflict(**said), actions.declare_conflict(**said)

    assert first == second
    assert len(history(first)) == len(recipients()) == 1


def test_nobody_takes_back_the_own_conflict():
    application, reviewer = one_application(), make_reviewer()
    assign(application, reviewer)
    declare(application, reviewer, "personal")

    with pytest.raises(ValidationError, match=r"coordinator|Koordin"):
        actions.declare_conflict(application=application, kind="none", by=reviewer)

    assert ConflictDeclaration.objects.get().kind == "personal"


@pytest.mark.parametrize(("kind", "told"), [("personal", 3), ("institutional", 2)])
def test_coordinators_whom_no_conflict_concerns_are_told_by_the_number_alone(kind, told):
    application, reviewer = one_application(), make_reviewer("difu")
    assign(application, reviewer)
    colleague = make_reviewer("difu", role="coordinator")
    free = make_reviewer("adelphi", role="coordinator", language="en")
    bbsr = make_reviewer("bbsr", role="bbsr")
    in_conflict = make_reviewer("steinbeis", role="coordinator")
    declare(application, in_conflict, "twinning")
    gone = make_reviewer("adelphi", role="coordinator")
    RoleAssignment.objects.filter(user=gone).update(until="2023-01-01")
    make_reviewer("adelphi")

    actions.declare_conflict(application=application, kind=kind, sentence=LEAK, by=reviewer)

    expected = [free.email, bbsr.email, *([colleague.email] if told == 3 else [])]
    assert recipients() == sorted(expected)
    for mail in Email.objects.all():
        assert application.reference in mail.subject
        for words in (LEAK, application.place_name, reviewer.name, reviewer.email):
            assert words not in mail.subject + mail.message + mail.html_message
    assert Email.objects.get(to=free.email).subject.startswith("Conflict of interest")


def test_institutional_conflict_closes_the_application_to_the_whole_organisation():
    application = one_application()
    one, colleague, other = make_reviewer("difu"), make_reviewer("difu"), make_reviewer("adelphi")
    for person in (one, colleague, other):
        filed(application, person)

    actions.declare_conflict(
        application=application, kind="institutional", sentence="Wir beraten sie.", by=one
    )

    counted = Review.objects.counting().values_list("assignment__reviewer", flat=True)
    assert list(counted) == [other.pk]
    closed = {person.pk for person in (one, colleague, other) if application.is_closed_to(person)}
    assert closed == {one.pk, colleague.pk}


def test_coordinator_lifts_a_mistake_with_a_reason_that_is_logged():
    application, reviewer = one_application(), make_reviewer()
    declaration = declare(application, reviewer, "institutional")
    coordinator = make_reviewer("adelphi", role="coordinator")

    with pytest.raises(ValidationError) as error:
        actions.lift_conflict(declaration=declaration, note="", by=coordinator)
    lifted = actions.lift_conflict(declaration=declaration, note="Irrtum.", by=coordinator)
    actions.lift_conflict(declaration=declaration, note="Noch einmal.", by=coordinator)

    assert set(error.value.message_dict) == {"note"}
    assert (lifted.kind, lifted.sentence) == ("none", "")
    assert history(declaration) == [
        ("conflict", "institutional", "none", "Irrtum.", coordinator.pk)
    ]


def test_nobody_lifts_a_conflict_that_concerns_them():
    application = one_application()
    coordinator = make_reviewer("difu", role="coordinator")
    own = declare(application, coordinator, "institutional")
    colleague = make_reviewer("difu", role="coordinator")
    reviewer = make_reviewer("adelphi")
    assign_free(application, reviewer)

    for person in (coordinator, colleague, reviewer):
        with pytest.raises(PermissionDenied):
            actions.lift_conflict(declaration=own, note="Irrtum.", by=person)


# --- drafts


def test_draft_keeps_points_justifications_and_comment():
    application, reviewer = one_application(), make_reviewer()
    assignment = assign_free(application, reviewer)
    (criterion,) = criteria_of(application)

    save(assignment, {"comment": "Stark.", f"step-{criterion.pk}": 0, "total": 5}, reviewer)
    save(assignment, {f"justification-{criterion.pk}": "Ohne Plan."}, reviewer)

    review = Review.objects.get()
    assert (review.state, review.comment, review.total) == (ReviewState.DRAFT, "Stark.", None)
    score = review.scores.get()
    assert (score.step, score.justification) == (0, "Ohne Plan.")
    assert history(review) == []


def test_two_windows_never_overwrite_each_other_silently():
    assignment, reviewer = ready()
    (criterion,) = criteria_of(assignment.application)
    name = f"justification-{criterion.pk}"
    opened = marks_of(values_of_review(Review.objects.get(), [criterion]))

    save(assignment, {name: "Erstes Fenster."}, reviewer, opened)
    saved = save(assignment, {name: "Zweites Fenster.", "comment": "Neu."}, reviewer, opened)

    assert saved.conflicts == {name: "Erstes Fenster."}
    assert Review.objects.get().scores.get().justification == "Erstes Fenster."
    assert Review.objects.get().comment == "Neu."


@pytest.mark.parametrize("step", [-1, 6, 2.5])
def test_points_off_the_scale_are_refused(step):
    application, reviewer = one_application(), make_reviewer()
    assignment = assign_free(application, reviewer)
    (criterion,) = criteria_of(application)

    with pytest.raises(ValidationError) as error:
        save(assignment, {f"step-{criterion.pk}": step}, reviewer)

    assert set(error.value.message_dict) == {f"step-{criterion.pk}"}
    assert not Review.objects.exists()


def test_criterion_of_another_call_is_left_out():
    application, reviewer = one_application(), make_reviewer()
    assignment = assign_free(application, reviewer)
    foreign = CriterionFactory()

    save(assignment, {f"step-{foreign.pk}": 3, f"justification-{foreign.pk}": "x"}, reviewer)

    assert not foreign.scores.exists()


def test_only_the_reviewer_who_declared_free_of_conflicts_saves():
    application, reviewer = one_application(), make_reviewer()
    assignment = assign(application, reviewer)
    other = make_reviewer("adelphi")
    assign_free(application, other)
    coordinator = make_reviewer("adelphi", role="coordinator")

    for person in (reviewer, other, coordinator):
        with pytest.raises(PermissionDenied):
            save(assignment, {"comment": "x"}, fresh(person))
    declare(application, reviewer, "personal")
    with pytest.raises(PermissionDenied):
        save(assignment, {"comment": "x"}, fresh(reviewer))
    assert not Review.objects.exists()


def test_who_was_unassigned_in_this_moment_neither_saves_nor_files():
    assignment, reviewer = ready()
    Review.objects.all().delete()
    ReviewAssignment.objects.all().delete()

    for act in (
        lambda: actions.save_review(
            assignment=assignment, values={"comment": "x"}, opened_with={}, by=reviewer
        ),
        lambda: actions.file_review(assignment=assignment, by=reviewer),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_institutional_conflict_of_a_colleague_stops_saving_and_filing():
    assignment, reviewer = ready()
    declare(assignment.application, make_reviewer("difu"), "institutional")

    for act in (
        lambda: save(assignment, {"comment": "x"}, reviewer),
        lambda: actions.file_review(assignment=assignment, by=reviewer),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_coordinator_scores_only_as_a_reviewer_too():
    application, person = one_application(), make_reviewer("difu", role="coordinator")
    assignment = assign_free(application, person)
    with pytest.raises(PermissionDenied):
        save(assignment, {"comment": "x"}, person)
    RoleAssignmentFactory(
        user=person, role="reviewer", organisation=make_organisation("difu"), municipality=None
    )

    save(assignment, {"comment": "Als Gutachterin."}, fresh(person))

    assert Review.objects.get().comment == "Als Gutachterin."


@pytest.mark.parametrize("state", sorted(set(CallState.values) - {"in_review"}))
def test_reviews_are_written_and_filed_while_the_call_is_under_review_only(state):
    assignment, reviewer = ready()
    Call.objects.update(state=state)

    for act in (
        lambda: save(assignment, {"comment": "x"}, reviewer),
        lambda: actions.file_review(assignment=assignment, by=reviewer),
    ):
        with pytest.raises(ValidationError) as error:
            act()
        assert error.value.code == "state"


def test_withdrawn_application_is_not_reviewed():
    assignment, reviewer = ready()
    Application.objects.update(state="withdrawn")

    with pytest.raises(ValidationError):
        actions.file_review(assignment=assignment, by=reviewer)


# --- filing


def test_filing_locks_with_moment_version_and_weighted_mean():
    application, reviewer = one_application(), make_reviewer()
    (first,) = criteria_of(application)
    first.weight = 60
    first.save()
    second = CriterionFactory(call=application.call, weight=40)
    assignment = assign_free(application, reviewer)
    values = full(application) | {f"step-{first.pk}": 5, f"step-{second.pk}": 2}
    save(assignment, values, reviewer)

    review = actions.file_review(assignment=assignment, by=reviewer)

    assert (review.state, review.total) == (ReviewState.FILED, Decimal("3.80"))
    assert review.submission == application.submissions.last()
    assert review.filed_at is not None
    assert history(review) == [("state", "draft", "filed", "", reviewer.pk)]
    with pytest.raises(ValidationError) as error:
        save(assignment, {"comment": "Doch nicht."}, reviewer)
    assert error.value.code == "filed"
    assert Review.objects.get().comment == ""


def test_zero_points_are_points():
    application, reviewer = one_application(), make_reviewer()
    assignment = assign_free(application, reviewer)
    save(assignment, full(application, step=0), reviewer)

    assert actions.file_review(assignment=assignment, by=reviewer).total == 0


@pytest.mark.parametrize("missing", ["step", "justification"])
def test_filing_needs_points_and_justification_of_every_criterion(missing):
    application, reviewer = one_application(), make_reviewer()
    second = CriterionFactory(call=application.call, weight=40)
    assignment = assign_free(application, reviewer)
    values = full(application)
    del values[f"{missing}-{second.pk}"]
    save(assignment, values, reviewer)

    with pytest.raises(ValidationError) as error:
        actions.file_review(assignment=assignment, by=reviewer)

    assert set(error.value.message_dict) == {f"{missing}-{second.pk}"}
    assert Review.objects.get().state == ReviewState.DRAFT


def test_nothing_begun_is_not_filed():
    application, reviewer = one_application(), make_reviewer()
    assignment = assign_free(application, reviewer)

    with pytest.raises(ValidationError):
        actions.file_review(assignment=assignment, by=reviewer)

    assert not Review.objects.exists()


def test_second_click_files_nothing_twice():
    assignment, reviewer = ready()

    first = actions.file_review(assignment=assignment, by=reviewer)
    second = actions.file_review(assignment=assignment, by=reviewer)

    assert first == second
    assert len(history(first)) == 1


# --- reopening


def test_coordinator_reopens_with_a_reason_that_is_logged_and_sent():
    application = one_application()
    reviewer, other = make_reviewer("difu", language="en"), make_reviewer("adelphi")
    review = filed(application, reviewer)
    filed(application, other)
    coordinator = make_reviewer("adelphi", role="coordinator")

    actions.reopen_review(review=review, note="Kriterium 2 verwechselt.", by=coordinator)

    review.refresh_from_db()
    assert (review.state, review.total, review.filed_at) == (ReviewState.DRAFT, None, None)
    assert history(review) == [
        ("state", "filed", "draft", "Kriterium 2 verwechselt.", coordinator.pk)
    ]
    assert recipients() == [reviewer.email]
    mail = Email.objects.get()
    assert mail.subject.startswith("Your review is open again")
    assert "Kriterium 2 verwechselt." in mail.message
    assert f"/admin/calls/review/{application.key}/" in mail.message
    assert list(Review.objects.visible_to(fresh(reviewer))) == [review]
    assert list(Review.objects.counting()) == [Review.objects.get(assignment__reviewer=other)]


def test_reopened_review_is_changed_and_filed_again():
    assignment, reviewer = ready()
    review = actions.file_review(assignment=assignment, by=reviewer)
    coordinator = make_reviewer("adelphi", role="coordinator")
    actions.reopen_review(review=review, note="Tippfehler.", by=coordinator)

    save(assignment, full(assignment.application, step=1), fresh(reviewer))
    again = actions.file_review(assignment=assignment, by=fresh(reviewer))

    assert again.total == 1
    assert [row[1:3] for row in history(review)] == [
        ("draft", "filed"),
        ("filed", "draft"),
        ("draft", "filed"),
    ]


def test_reopening_needs_a_reason():
    review = filed(one_application(), make_reviewer())

    with pytest.raises(ValidationError) as error:
        actions.reopen_review(
            review=review, note="", by=make_reviewer("adelphi", role="coordinator")
        )

    assert set(error.value.message_dict) == {"note"}


def test_only_the_team_reopens_and_nobody_where_a_conflict_concerns_them():
    application, author = one_application(), make_reviewer("difu")
    review = filed(application, author)
    other = make_reviewer("adelphi")
    filed(application, other)
    conflicted = make_reviewer("steinbeis", role="coordinator")
    declare(application, conflicted, "other")
    observer = make_reviewer("bmwsb", role="observer")

    for person in (author, other, conflicted, observer):
        with pytest.raises(PermissionDenied):
            actions.reopen_review(review=review, note="Bitte.", by=person)


def coordinator_who_reviews(organisation="difu"):
    person = make_reviewer(organisation, role="coordinator")
    RoleAssignmentFactory(
        user=person, role="reviewer", organisation=make_organisation(organisation),
        municipality=None,
    )  # fmt: skip
    return fresh(person)


def test_coordinator_reopens_neither_the_own_review_nor_others_before_filing_it():
    application, person = one_application(), coordinator_who_reviews()
    assign_free(application, person)
    others = filed(application, make_reviewer("adelphi"))

    with pytest.raises(PermissionDenied):
        actions.reopen_review(review=others, note="Neugier.", by=person)
    own = filed(application, person)
    with pytest.raises(ValidationError):
        actions.reopen_review(review=own, note="Bitte.", by=fresh(person))


@pytest.mark.parametrize("state", ["recommended", "decided"])
def test_recommendation_freezes_the_reviews(state):
    review = filed(one_application(), make_reviewer())
    call = review.assignment.application.call
    chosen, now = SelectionList.objects.create(call=call, name="Liste"), timezone.now()
    SelectionSession.objects.create(
        call=call, number=1, state=state, held_on=now.date(), sha256="0" * 64,
        recommended_list=chosen, recommended_at=now, decided_list=chosen, decided_at=now,
    )  # fmt: skip

    with pytest.raises(ValidationError):
        actions.reopen_review(
            review=review, note="Zu spät.", by=make_reviewer("adelphi", role="coordinator")
        )

    assert Review.objects.get().state == ReviewState.FILED


@pytest.mark.parametrize("why", ["conflict", "ended"])
def test_review_whose_author_cannot_file_it_again_stays_filed(why):
    application, author = one_application(), make_reviewer()
    review = filed(application, author)
    if why == "conflict":
        ConflictDeclaration.objects.update(kind="other", sentence="Ehefrau.")
    else:
        RoleAssignment.objects.filter(user=author).update(until="2023-01-01")

    with pytest.raises(ValidationError):
        actions.reopen_review(
            review=review, note="Bitte.", by=make_reviewer("adelphi", role="coordinator")
        )


def test_draft_is_not_reopened():
    assignment, _reviewer = ready()

    with pytest.raises(ValidationError):
        actions.reopen_review(
            review=Review.objects.get(),
            note="Bitte.",
            by=make_reviewer("adelphi", role="coordinator"),
        )
    assert not Email.objects.exists()
    assert assignment.review.state == ReviewState.DRAFT


# --- discussion


def test_who_has_filed_and_the_team_discuss_and_nobody_else():
    application = one_application()
    author, waiting = make_reviewer("difu"), make_reviewer("adelphi")
    filed(application, author)
    assign_free(application, waiting)
    coordinator = make_reviewer("adelphi", role="coordinator")
    conflicted = make_reviewer("steinbeis", role="coordinator")
    declare(application, conflicted, "other")
    stranger, observer = make_reviewer("difu"), make_reviewer("bmwsb", role="observer")

    for person in (author, coordinator):
        actions.write_note(application=application, text=f"Von {person.pk}", by=person)
    for person in (waiting, conflicted, stranger, observer, editor_of(application)):
        with pytest.raises(PermissionDenied):
            actions.write_note(application=application, text="Nein", by=person)

    texts = DiscussionNote.objects.values_list("text", flat=True)
    assert list(texts) == [f"Von {author.pk}", f"Von {coordinator.pk}"]


def test_note_says_something_and_a_second_click_says_it_once():
    application, coordinator = one_application(), make_reviewer("difu", role="coordinator")

    with pytest.raises(ValidationError) as error:
        actions.write_note(application=application, text="", by=coordinator)
    for text in ("Ja.", "Ja.", "Nein.", "Ja."):
        actions.write_note(application=application, text=text, by=coordinator)

    assert set(error.value.message_dict) == {"text"}
    assert list(DiscussionNote.objects.values_list("text", flat=True)) == ["Ja.", "Nein.", "Ja."]
