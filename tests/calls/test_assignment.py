"""Who reads what: by hand, from a proposal, taken back; what is missing is shown."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from accounts.models import User
from calls import actions
from calls.actions import Hindrance
from calls.enums import CallState
from calls.models import Application, Call, Review, ReviewAssignment, Score
from calls.queries import assignment_for, loads
from core.models import StatusChange
from tests.calls.desk import desk
from tests.factories import RoleAssignmentFactory
from tests.races import act_at_once
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


def coordinator():
    """Return a coordinator of an organisation that reviews nothing."""
    return make_reviewer("office", role="coordinator")


def page(call, *parts, query="", by=None):
    """Return a page of the procedure as a coordinator reads it."""
    path = "".join(f"{part}/" for part in ("assignment", *parts))
    address = f"/admin/calls/procedure/{call.slug}/{path}{query}"
    return read(desk(user=by or coordinator()).get(address))


def post(call, *parts, by=None, **data):
    """Send a form of the assignment and return the page that follows."""
    path = "".join(f"{part}/" for part in ("assignment", *parts))
    client = desk(user=by or coordinator())
    return client.post(f"/admin/calls/procedure/{call.slug}/{path}", data, follow=True)


def told(answer):
    """Return what the page says about what was done."""
    return [str(message) for message in answer.context["messages"]]


def mails(name):
    """Return the subjects of mails to somebody."""
    return list(Email.objects.filter(to=name.email).values_list("subject", flat=True))


def names(document):
    """Return the applications of the list, in its order."""
    return [row.one("bdi").text for row in tables(document)[0].all("th", scope="row")]


def tables(document):
    """Return the tables that list applications."""
    return document.main.all("table", class_="applications__table")


# --- By hand --------------------------------------------------------------------------------------


def test_reviewer_is_assigned_for_the_organisation_of_the_role_with_history_and_mail():
    call, reviewer = make_call_in_review(1, 0), make_reviewer("adelphi")
    (application,), by = applications_of(call), coordinator()

    assignment = actions.assign_reviewer(application=application, reviewer=reviewer, by=by)

    assert (assignment.organisation.slug, assignment.assigned_by) == ("adelphi", by)
    change = StatusChange.objects.of(application).get(field="reviewers")
    assert (change.new, change.changed_by) == (f"assigned {reviewer.pk}", by)
    mail = Email.objects.get(to=reviewer.email)
    assert mail.subject.startswith("1 ")
    assert "/admin/calls/review/" in mail.message


def test_who_reads_it_already_stays_and_is_told_nothing_again():
    call, reviewer = make_call_in_review(1, 0), make_reviewer()
    (application,), by = applications_of(call), coordinator()

    first, second = (
        actions.assign_reviewer(application=application, reviewer=reviewer, by=by) for _ in range(2)
    )

    assert first == second
    assert Email.objects.filter(to=reviewer.email).count() == 1


@pytest.mark.parametrize(
    ("obstacle", "reason"),
    [
        ("closed", Hindrance.STATE),
        ("withdrawn", Hindrance.UNSENT),
        ("role over", Hindrance.ROLE),
        ("coordinator only", Hindrance.ROLE),
        ("personal", Hindrance.CONFLICT),
        ("institutional", Hindrance.CONFLICT),
    ],
)
def test_impossible_assignment_is_refused_with_the_reason(obstacle, reason):
    call, reviewer = make_call_in_review(1, 0), make_reviewer("adelphi")
    (application,) = applications_of(call)
    if obstacle == "closed":
        Call.objects.update(state=CallState.DECIDED)
    if obstacle == "withdrawn":
        Application.objects.update(state="withdrawn")
    if obstacle == "role over":
        reviewer.role_assignments.update(until=timezone.localdate() - dt.timedelta(days=1))
    if obstacle == "coordinator only":
        reviewer.role_assignments.update(role="coordinator")
    if obstacle == "personal":
        declare(application, reviewer, "personal")
    if obstacle == "institutional":
        declare(application, make_reviewer("adelphi"), "institutional")

    with pytest.raises(ValidationError, match=str(reason.label)):
        actions.assign_reviewer(application=application, reviewer=reviewer, by=coordinator())

    assert not ReviewAssignment.objects.exists()
    assert not Email.objects.filter(to=reviewer.email).exists()


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_others_assign_nobody(role):
    (application,) = applications_of(make_call_in_review(1, 0))

    with pytest.raises(PermissionDenied):
        actions.assign_reviewer(
            application=application, reviewer=make_reviewer(), by=make_reviewer(role=role)
        )


def test_coordinator_in_conflict_neither_assigns_nor_takes_back():
    (application,), by = applications_of(make_call_in_review(1, 0)), coordinator()
    assignment = assign(application, make_reviewer("adelphi"))
    declare(application, by, "personal")

    with pytest.raises(PermissionDenied):
        actions.assign_reviewer(application=application, reviewer=make_reviewer(), by=by)
    with pytest.raises(PermissionDenied):
        actions.unassign_reviewer(assignment=assignment, by=by)


def test_several_chosen_by_hand_make_one_mail_for_each_reviewer():
    call, reviewer, other = make_call_in_review(2, 0), make_reviewer(), make_reviewer("adelphi")
    first, second = applications_of(call)
    chosen = {f"reader-{first.pk}": reviewer.pk, f"reader-{second.pk}": reviewer.pk}

    answer = post(call, "assign", **chosen, **{"reader-x": "1", f"reader-{first.pk}0": other.pk})

    assert told(answer) == ["2 reviews assigned. 1 mail is on its way."]
    assert ReviewAssignment.objects.filter(reviewer=reviewer).count() == 2
    assert [subject.split()[0] for subject in mails(reviewer)] == ["2"]
    assert mails(other) == []


def test_nothing_chosen_is_said():
    call = make_call_in_review(1, 0)
    field = f"reader-{applications_of(call)[0].pk}"

    assert "Choose a reviewer" in told(post(call, "assign", **{field: ""}))[0]


# --- Taking back ----------------------------------------------------------------------------------


def test_nobody_takes_an_own_assignment_back_to_read_what_others_filed():
    (application,) = applications_of(make_call_in_review(1, 0))
    by = coordinator()
    RoleAssignmentFactory(
        user=by, role="reviewer", municipality=None, organisation=by.roles[0].organisation
    )
    by = User.objects.get(pk=by.pk)
    filed(application, make_reviewer("adelphi"))
    assignment = assign_free(application, by)

    with pytest.raises(ValidationError) as refusal:
        actions.unassign_reviewer(assignment=assignment, by=by)

    assert "eine andere Person der Koordination" in refusal.value.messages[0]
    assert ReviewAssignment.objects.filter(pk=assignment.pk).exists()
    assert not Review.objects.visible_to(by).exists()


def test_untouched_assignment_is_taken_back_and_stays_in_the_history():
    (application,) = applications_of(call := make_call_in_review(1, 0))
    assignment = assign_free(application, make_reviewer())
    Score.objects.create(
        review=Review.objects.create(assignment=assignment), criterion=call.criteria.get()
    )

    answer = post(call, "remove", assignment=assignment.pk)

    assert told(answer) == ["The assignment was withdrawn."]
    assert not ReviewAssignment.objects.exists()
    assert StatusChange.objects.of(application).filter(new="unassigned").count() == 1
    # A second click finds it gone.
    assert "any more" in told(post(call, "remove", assignment=assignment.pk))[0]


@pytest.mark.parametrize("typed", ["comment", "step", "justification", "filed"])
def test_review_that_has_begun_stays_with_its_reviewer(typed):
    (application,), reviewer = applications_of(call := make_call_in_review(1, 0)), make_reviewer()
    criterion = call.criteria.get()
    if typed == "filed":
        review = filed(application, reviewer)
    else:
        review = Review.objects.create(assignment=assign_free(application, reviewer))
    if typed == "comment":
        Review.objects.update(comment="Noch offen.")
    if typed == "step":
        Score.objects.create(review=review, criterion=criterion, step=0)
    if typed == "justification":
        Score.objects.create(review=review, criterion=criterion, justification="Weil.")

    answer = post(call, "remove", assignment=review.assignment_id)

    assert told(answer) == ["The review has begun; what was written stays with its reviewer."]
    assert ReviewAssignment.objects.get() == review.assignment


def test_assignment_of_another_call_is_not_taken_back_here():
    call, other = make_call_in_review(1, 0), make_call_in_review(1, 0)
    assignment = assign(applications_of(other)[0], make_reviewer())

    post(call, "remove", assignment=assignment.pk)

    assert ReviewAssignment.objects.get() == assignment


# --- The proposal ---------------------------------------------------------------------------------


def three_organisations(call):
    """Return one reviewer of each of the three organisations that the procedure names."""
    people = [make_reviewer(name) for name in ("difu", "adelphi", "steinbeis")]
    slugs = ("difu", "adelphi", "steinbeis")
    call.procedure.organisations.set([make_organisation(slug) for slug in slugs])
    return people


def test_proposal_gives_each_application_somebody_of_every_organisation_and_stores_nothing():
    call = make_call_in_review(2, 1)
    people = three_organisations(call)

    document = page(call, "proposal")

    ticked = {box["value"] for box in document.main.all("input", name="pair")}
    assert ticked == {f"{row.pk}-{one.pk}" for row in applications_of(call) for one in people}
    assert "9 readings are proposed" in document.main.text
    assert "None." in document.main.section("Gaps that stay after this proposal").text
    assert not ReviewAssignment.objects.exists()


def test_ticked_pairs_alone_are_assigned_with_one_mail_each():
    call = make_call_in_review(2, 0)
    one, two, _three = three_organisations(call)
    first, second = applications_of(call)
    pairs = [f"{first.pk}-{one.pk}", f"{second.pk}-{one.pk}", f"{first.pk}-{two.pk}"]

    answer = post(call, "proposal", pair=[*pairs, "1-", "x-y", "99999-1"])

    assert told(answer) == ["3 reviews assigned. 2 mails are on their way."]
    assert set(ReviewAssignment.objects.values_list("application", "reviewer")) == {
        (first.pk, one.pk),
        (second.pk, one.pk),
        (first.pk, two.pk),
    }
    assert [subject.split()[0] for subject in mails(one)] == ["2"]


def test_same_proposal_twice_assigns_once():
    call = make_call_in_review(1, 0)
    (application,), people = applications_of(call), three_organisations(call)
    pairs = [(application.pk, one.pk) for one in people]
    by = coordinator()

    first = actions.apply_proposal(call=call, pairs=pairs, by=by)
    second = actions.apply_proposal(call=call, pairs=pairs, by=by)

    assert (len(first.assigned), len(second.assigned), len(second.known)) == (3, 0, 3)
    assert Email.objects.filter(to=people[0].email).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_who_apply_the_same_proposal_at_once_assign_once():
    call = make_call_in_review(1, 0)
    (application,), (one, *_rest) = applications_of(call), three_organisations(call)
    people = [coordinator() for _ in range(2)]

    act_at_once(
        *(
            lambda by=by: actions.apply_proposal(
                call=Call.objects.get(), pairs=[(application.pk, one.pk)], by=by
            )
            for by in people
        )
    )

    assert ReviewAssignment.objects.count() == 1
    assert Email.objects.filter(to=one.email).count() == 1


def test_pair_that_became_impossible_is_refused_and_the_others_are_assigned():
    call = make_call_in_review(1, 0)
    (application,), people = applications_of(call), three_organisations(call)
    declare(application, people[1], "personal")

    answer = post(call, "proposal", pair=[f"{application.pk}-{one.pk}" for one in people])

    name = f"{application.place_name}, {people[1]}"
    assert f"Not assigned: {name}. Has a conflict of interest." in told(answer)
    assert ReviewAssignment.objects.count() == 2


def test_application_that_has_its_number_by_now_gets_nobody_from_an_old_proposal_but_by_hand():
    call = make_call_in_review(1, 0)
    (application,), people = applications_of(call), three_organisations(call)
    for one in people:
        assign(application, one)
    late, by = make_reviewer(), coordinator()
    pairs = [(application.pk, late.pk)]

    outcome = actions.apply_proposal(call=call, pairs=pairs, by=by)

    assert [hindrance for _place, _name, hindrance in outcome.refused] == [Hindrance.ENOUGH]
    assert len(actions.assign_reviewers(call=call, pairs=pairs, by=by).assigned) == 1


def test_who_is_in_conflict_is_proposed_to_nobody_and_makes_a_gap():
    call = make_call_in_review(1, 0)
    (application,), people = applications_of(call), three_organisations(call)
    declare(application, people[0], "institutional")
    make_reviewer("difu")

    document = page(call, "proposal")

    values = {box["value"] for box in document.main.all("input", name="pair")}
    assert values == {f"{application.pk}-{one.pk}" for one in people[1:]}
    gaps = document.main.section("Gaps that stay after this proposal").text
    assert "1 application: nobody of difu" in gaps
    assert "1 application: too few reviewers" in gaps


def test_language_of_the_text_is_respected():
    call = make_call_in_review(1, 0)
    Application.objects.update(working_languages=["bg", "en"])
    call.procedure.readers = 1
    call.procedure.save()
    make_reviewer("difu", reads=["de", "en"])
    reads = make_reviewer("difu", reads=["bg"])

    document = page(call, "proposal")

    (box,) = document.main.all("input", name="pair")
    assert box["value"].endswith(f"-{reads.pk}")


# --- The list -------------------------------------------------------------------------------------


def test_gaps_stand_on_top_and_lead_to_the_applications_that_have_them():
    call = make_call_in_review(2, 0)
    people = three_organisations(call)
    full, bare = applications_of(call)
    for one in people:
        assign(full, one)
    assign(bare, people[0])

    document = page(call)

    gaps = document.main.section("Gaps")
    assert gaps.texts("li") == [
        "1 application: too few reviewers",
        "1 application: nobody of adelphi",
        "1 application: nobody of steinbeis",
    ]
    assert names(document) == [bare.place_name, full.place_name]
    (link,) = [href for href in gaps.hrefs() if href.startswith("?gap=organisation")][:1]
    assert names(page(call, query=link)) == [bare.place_name]


def test_without_gaps_the_page_says_so():
    call = make_call_in_review(1, 0)
    for one in three_organisations(call):
        assign(applications_of(call)[0], one)

    assert "No gap: every application" in page(call).main.section("Gaps").text


def test_reader_in_conflict_or_without_role_is_named_and_leaves_a_gap():
    call = make_call_in_review(1, 0)
    people = three_organisations(call)
    (application,) = applications_of(call)
    for one in people:
        assign(application, one)
    declare(application, people[0], "personal")
    people[1].role_assignments.update(until=timezone.localdate() - dt.timedelta(days=1))

    document = page(call)

    text = tables(document)[0].text
    assert "conflict of interest" in text
    assert "no reviewer any more" in text
    assert f"Conflict of interest: {people[0]}" in text
    assert "2 reviewers are missing" in text


def test_filed_review_counts_after_the_role_has_ended():
    call = make_call_in_review(1, 0)
    (application,), reviewer = applications_of(call), make_reviewer("difu")
    call.procedure.readers = 1
    call.procedure.save()
    filed(application, reviewer)
    reviewer.role_assignments.update(until=timezone.localdate() - dt.timedelta(days=1))

    found = assignment_for(call, coordinator())

    assert found.cases[application.pk].gaps == []


def test_list_offers_who_may_read_and_nobody_else():
    call = make_call_in_review(1, 0)
    (application,) = applications_of(call)
    reads, barred, free = make_reviewer(), make_reviewer("adelphi"), make_reviewer("steinbeis")
    assign(application, reads)
    declare(application, barred, "other")

    options = page(call).main.one("select", name=f"reader-{application.pk}").all("option")

    assert [option["value"] for option in options] == ["", str(free.pk)]


def test_load_counts_people_and_organisations():
    call = make_call_in_review(2, 0)
    first, second = applications_of(call)
    one, two = make_reviewer("difu", name="Anna"), make_reviewer("difu", name="Berta")
    filed(first, one), assign(second, one), assign(second, two)

    people, organisations = loads(assignment_for(call, coordinator()))

    assert [(row.name, row.reads, row.filed) for row in people] == [("Anna", 2, 1), ("Berta", 1, 0)]
    assert [(row.name, row.reads, row.filed) for row in organisations] == [("difu", 3, 1)]


def test_empty_call_says_what_is_missing():
    assert "No application was sent" in page(make_call_in_review(0, 0)).main.text


# --- What a conflict of interest closes -----------------------------------------------------------


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
@pytest.mark.parametrize("parts", [(), ("proposal",)])
def test_closed_application_is_named_apart_and_in_no_number(role, parts):
    call = make_call_in_review(2, 0)
    closed, shown = applications_of(call)
    by, reader = make_reviewer("bbsr", role=role), make_reviewer("adelphi", name=LEAK)
    call.procedure.organisations.set([make_organisation("adelphi")])
    declare(closed, make_reviewer("bbsr", role=role), "institutional")
    filed(closed, reader)

    document = page(call, *parts, by=by)

    assert document.main.section("Closed to you").texts("bdi") == [closed.place_name]
    assert names(document) == [shown.place_name]
    gaps = document.main.all("section", class_="gaps")[0].text
    assert "2 applications" not in gaps
    (load,) = [row for row in document.main.all("tr") if row.text.startswith(LEAK)]
    # Nothing read and nothing filed; of the proposal, the one that is shown.
    assert load.texts("td", class_="figure") == (["0", "1"] if parts else ["0", "0"])


def test_closed_application_is_neither_assigned_nor_taken_back_by_a_forged_form():
    call = make_call_in_review(1, 0)
    (application,), by = applications_of(call), coordinator()
    kept = assign(application, make_reviewer("adelphi"))
    declare(application, by, "personal")
    other = make_reviewer("steinbeis")

    answers = [
        post(call, "proposal", by=by, pair=f"{application.pk}-{other.pk}"),
        post(call, "assign", by=by, **{f"reader-{application.pk}": other.pk}),
        post(call, "remove", by=by, assignment=kept.pk),
    ]

    assert list(ReviewAssignment.objects.all()) == [kept]
    assert application.place_name not in str([told(answer) for answer in answers])


def test_coordinator_who_reviews_does_not_see_whether_others_have_filed():
    call = make_call_in_review(1, 0)
    (application,) = applications_of(call)
    by, other = coordinator(), make_reviewer("adelphi")
    by = make_both(by)
    assign_free(application, by)
    filed(application, other)

    text = page(call, by=by).main.text

    assert "shown once yours is filed" in text
    table = tables(page(call, by=by))[0].text
    assert " filed " not in table.replace("shown once yours is filed", "")


def make_both(person):
    """Return a coordinator who is a reviewer too."""
    RoleAssignmentFactory(
        user=person, role="reviewer", municipality=None, organisation=make_organisation("difu")
    )
    return User.objects.get(pk=person.pk)


# --- Reminding ------------------------------------------------------------------------------------


def test_those_with_open_reviews_are_reminded_once_a_day():
    call = make_call_in_review(2, 0)
    first, second = applications_of(call)
    late, done = make_reviewer(name="Anna Berg"), make_reviewer("adelphi", name="Ole Frank")
    assign(first, late), assign(second, late), filed(first, done)

    answer = post(call, "remind")
    again = post(call, "remind")

    assert told(answer) == ["Reminded: Anna Berg."]
    assert told(again) == ["Not reminded: Anna Berg. Was reminded within the last 24 hours."]
    assert [subject.split()[0] for subject in mails(late)] == ["2"]
    assert mails(done) == []
    StatusChange.objects.filter(field="review_reminder").update(
        changed_at=timezone.now() - dt.timedelta(hours=25)
    )
    assert told(post(call, "remind")) == ["Reminded: Anna Berg."]


@pytest.mark.django_db(transaction=True)
def test_two_who_remind_at_once_remind_once():
    call, late = make_call_in_review(1, 0), make_reviewer()
    assign(applications_of(call)[0], late)
    people = [coordinator() for _ in range(2)]

    act_at_once(*(lambda by=by: actions.remind_reviewers(call=call, by=by) for by in people))

    assert Email.objects.filter(to=late.email).count() == 1


def test_conflict_and_withdrawal_make_nobody_be_reminded():
    call = make_call_in_review(3, 0)
    own, withdrawn, barred = applications_of(call)
    by = coordinator()
    one, two, three = make_reviewer("a"), make_reviewer("b"), make_reviewer("c")
    assign(own, one), assign(withdrawn, two), assign(barred, three)
    declare(own, by, "personal"), declare(barred, three, "personal")
    Application.objects.filter(pk=withdrawn.pk).update(state="withdrawn")

    assert told(post(call, "remind", by=by)) == ["No review is open."]
    assert not Email.objects.exists()


# --- Who opens it ---------------------------------------------------------------------------------

PAGES = ("", "proposal/")
POSTS = ("assign/", "remove/", "remind/", "proposal/")


@pytest.mark.parametrize("path", PAGES)
def test_pages_open_for_those_who_prepare_the_selection(path):
    call = make_call_in_review(1, 0)
    address = f"/admin/calls/procedure/{call.slug}/assignment/{path}"

    assert [desk(role).get(address).status_code for role in ("coordinator", "bbsr")] == [200, 200]
    assert [desk(role).get(address).status_code for role in ("reviewer", "observer")] == [403, 403]
    assert Client().get(address).status_code == 302
    assert desk().get(address.replace(call.slug, "unknown")).status_code == 404


@pytest.mark.parametrize("path", POSTS)
def test_forms_are_closed_to_reviewers_and_take_no_other_method(path):
    call = make_call_in_review(1, 0)
    address = f"/admin/calls/procedure/{call.slug}/assignment/{path}"

    assert desk("reviewer").post(address).status_code == 403
    assert desk().put(address).status_code == 405
    if path != "proposal/":
        assert desk().get(address).status_code == 405


@pytest.mark.parametrize("rows", [3, 30])
@pytest.mark.parametrize("path", PAGES)
def test_pages_ask_as_often_for_three_applications_as_for_thirty(
    path, rows, django_assert_num_queries
):
    call = make_many(rows)
    client = desk(user=coordinator())

    with django_assert_num_queries(12 if path == "" else 11):
        answer = client.get(f"/admin/calls/procedure/{call.slug}/assignment/{path}")

    assert len(tables(read(answer))[0].all("th", scope="row")) == rows


def make_many(rows):
    """Return a call with so many sent applications; two of three people are assigned to each."""
    call = make_call_in_review(1, 0)
    people = three_organisations(call)
    for number in range(rows - 1):
        Application.objects.create(
            call=call,
            state="submitted",
            place_name=f"Ort {number}",
            place_key=f"FR:ort {number}",
            place_country="FR",
            reference=f"R-{number}",
            submitted_at=timezone.now(),
            working_languages=["fr"],
        )
    for application in applications_of(call):
        assign(application, people[0])
        declare(application, people[1], "other")
    return call
