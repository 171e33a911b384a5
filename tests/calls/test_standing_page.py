"""Where applications stand: what the page says, to whom, and what it keeps from whom."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from calls.admin.strictness import Words
from calls.models import Application, EligibilityCheck, Review
from calls.queries import standing_for
from tests.calls.desk import HOSTILE, desk
from tests.factories import RoleAssignmentFactory
from tests.reading import read
from tests.selection import (
    applications_of,
    assign_free,
    declare,
    filed,
    make_call_in_review,
    make_organisation,
    make_reviewer,
)

pytestmark = pytest.mark.django_db


def coordinator(role="coordinator", organisation="office"):
    """Return somebody of the team of an organisation that reviews nothing."""
    return make_reviewer(organisation, role=role)


def coordinator_who_reviews():
    """Return a coordinator who is a reviewer of the same organisation too."""
    person = coordinator(organisation="difu")
    RoleAssignmentFactory(
        user=person, role="reviewer", municipality=None, organisation=make_organisation("difu")
    )
    return User.objects.get(pk=person.pk)


def page(call, query="", by=None):
    """Return the standing as somebody of the team reads it."""
    client = desk(user=by or coordinator())
    return read(client.get(f"/admin/calls/procedure/{call.slug}/standing/{query}"))


def rows(document):
    """Return each row of the list as the texts of its cells by their labels."""
    found = document.main.all("table", class_="places")
    body = found[0].one("tbody") if found else None
    return {
        row.one("bdi").text: {cell["data-label"]: cell.text for cell in row.all("td")}
        for row in (body.all("tr") if body else [])
    }


def order(document):
    """Return the names of the list in its order."""
    return list(rows(document))


def test_row_says_rank_mean_corrected_spread_and_how_many_have_filed():
    call = make_call_in_review(1, 1)
    good, bad = applications_of(call)
    mild, strict = make_reviewer("difu"), make_reviewer("adelphi")
    for application, steps in ((good, (5, 4)), (bad, (3, 1))):
        filed(application, mild, steps[0]), filed(application, strict, steps[1])

    found = rows(page(call))

    assert found["Stadt 1"] == {
        "Rank": "1",
        "Formal check": "Not checked yet",
        "Reviews filed": "2 of 3",
        "Mean": "4.50",
        "Corrected": "4.50",
        "Lowest to highest": "4.00 – 5.00 spread 0.71",
        "Judgement": "not disputed",
    }
    assert (found["City 1"]["Rank"], found["City 1"]["Judgement"]) == ("2", "disputed")


def test_corrected_value_takes_off_a_part_of_what_makes_somebody_strict():
    call = make_call_in_review(3, 0)
    one, two, three = applications_of(call)
    strict, other, third = (make_reviewer(name) for name in ("a", "b", "c"))
    for application in (one, two):
        filed(application, strict, 2), filed(application, other, 4)
    filed(three, strict, 3), filed(three, third, 3)

    document = page(call)
    view = standing_for(call, coordinator())

    # Deviation (-2 - 2 + 0) / 3, of which 3 / 7 is believed; the third person deviates by nothing.
    assert view.reviewers[strict.pk].deviation == pytest.approx(-4 / 3)
    assert rows(document)["Stadt 3"]["Corrected"] == "3.29"
    (people, organisations) = document.main.section(
        "How strict reviewers and organisations are"
    ).all("table")
    assert people.one("tbody").all("tr")[0].texts("td") == ["3", "3", "2.33", "−1.33", "+0.57"]
    assert organisations.one("tbody").all("tr")[0].texts("td") == ["3", "3", "2.33", "−1.33"]


def test_application_without_a_filed_review_comes_last_and_has_no_place():
    call = make_call_in_review(2, 0)
    first, second = applications_of(call)
    Review.objects.create(assignment=assign_free(first, make_reviewer()))
    filed(second, make_reviewer(), 0)

    document = page(call)

    assert order(document) == ["Stadt 2", "Stadt 1"]
    assert rows(document)["Stadt 1"]["Rank"] == "–"
    assert rows(document)["Stadt 1"]["Reviews filed"] == "0 of 3"
    assert rows(document)["Stadt 1"]["Mean"] == "no review filed yet"


def test_formula_and_its_source_stand_on_the_page():
    (details,) = page(make_call_in_review(1, 0)).main.all("details", class_="formula")

    assert "n / (n + 4)" in details.text
    assert "1.5 points between lowest and highest" in details.text
    assert "Calibration with confidence" in details.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Stadt 1", "Stadt 2", "City 1", "City 2"]),
        ("?sort=-rank", ["Stadt 2", "City 1", "Stadt 1", "City 2"]),
        ("?sort=name", ["City 1", "City 2", "Stadt 1", "Stadt 2"]),
        ("?sort=-name", ["Stadt 2", "Stadt 1", "City 2", "City 1"]),
        ("?sort=-spread", ["City 1", "Stadt 1", "Stadt 2", "City 2"]),
        ("?sort=-reviews", ["City 1", "Stadt 1", "Stadt 2", "City 2"]),
        ("?sort=assignments__review__total", ["Stadt 1", "Stadt 2", "City 1", "City 2"]),
        ("?pool=german", ["Stadt 1", "Stadt 2"]),
        ("?country=FR", ["City 1", "City 2"]),
        ("?reviewed=disputed", ["City 1"]),
        ("?reviewed=none", ["City 2"]),
        ("?check=eligible", ["Stadt 1"]),
        ("?check=ineligible", ["Stadt 2"]),
        ("?check=open&pool=european", ["City 1", "City 2"]),
        ("?q=sTädt", ["Stadt 1", "Stadt 2"]),
    ],
)
def test_list_is_filtered_and_ordered_by_its_address(query, expected):
    call = make_call_in_review(2, 2)
    one, two, three, _four = applications_of(call)
    filed(one, make_reviewer("a"), 5)
    filed(two, make_reviewer("a"), 3)
    filed(three, make_reviewer("b"), 5), filed(three, make_reviewer("c"), 1)
    EligibilityCheck.objects.create(application=one, is_eligible=True)
    EligibilityCheck.objects.create(application=two, is_eligible=False, reason="Zu spät.")

    assert order(page(call, query)) == expected


def test_topic_filters_what_is_given_and_sought():
    call = make_call_in_review(1, 0)

    assert order(page(call, f"?topic={call.topics.get().key}")) == ["Stadt 1"]
    Application.objects.get().topics.all().delete()
    assert "No application matches." in page(call, f"?topic={call.topics.get().key}").main.text


def test_hostile_question_is_text_and_odd_values_are_ignored():
    call = make_call_in_review(1, 0)

    document = page(call, "?pool=x&sort=-x&reviewed=%00&q=" + HOSTILE)

    assert document.main.all("script") == []
    assert "does not know (Pool, Reviews, Order)" in document.main.text


def test_withdrawn_application_is_not_in_the_standing():
    call = make_call_in_review(2, 0)
    first, second = applications_of(call)
    filed(first, make_reviewer("a"), 5), filed(second, make_reviewer("b"), 4)
    Application.objects.filter(pk=first.pk).update(state="withdrawn")

    assert {name: row["Rank"] for name, row in rows(page(call)).items()} == {"Stadt 2": "1"}


def test_review_of_somebody_in_conflict_counts_no_more():
    call = make_call_in_review(1, 0)
    (application,), late = applications_of(call), make_reviewer("adelphi")
    filed(application, make_reviewer("difu"), 2)
    review = filed(application, late, 5)
    application.conflicts.filter(person=late).update(kind="other", sentence="Verwandt.")

    assert rows(page(call))["Stadt 1"]["Mean"] == "2.00"
    assert review.assignment.reviewer_id not in standing_for(call, coordinator()).reviewers


# --- What is kept from whom -----------------------------------------------------------------------


def closed_and_open(by):
    """Return a call with two applications, the better one closed to ``by`` by a conflict."""
    call = make_call_in_review(2, 0)
    closed, shown = applications_of(call)
    one, two = make_reviewer("a", name="Anna"), make_reviewer("b", name="Berta")
    filed(closed, one, 5), filed(closed, two, 1)
    filed(shown, one, 3), filed(shown, two, 3)
    declare(closed, by, "personal")
    return call


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_conflict_closes_value_number_and_order(role):
    by = coordinator(role)
    call = closed_and_open(by)

    document = page(call, by=by)

    assert {name: row["Rank"] for name, row in rows(document).items()} == {"Stadt 2": "1"}
    assert document.main.section("Closed to you").texts("bdi") == ["Stadt 1"]
    assert "1 application " in f"{document.main.text} "
    assert "5.00" not in document.main.text
    (people, _organisations) = document.main.section(
        "How strict reviewers and organisations are"
    ).all("table")
    # As if the closed one did not exist: one review each, and no difference.
    assert [row.texts("td") for row in people.one("tbody").all("tr")] == [
        ["1", "1", "3.00", "0.00", "0.00"]
    ] * 2


@pytest.mark.parametrize(
    "query",
    ["?sort=-spread", "?sort=-corrected", "?reviewed=disputed", "?q=Stadt+1", "?pool=german"],
)
def test_no_filter_and_no_order_leads_to_a_closed_application(query):
    by = coordinator()

    document = page(closed_and_open(by), query, by=by)

    assert "Stadt 1" not in order(document)
    assert "2 applications" not in document.main.text


def test_conflict_of_the_organisation_closes_it_to_its_coordinator():
    by = coordinator(organisation="difu")
    call = make_call_in_review(1, 0)
    (application,) = applications_of(call)
    filed(application, make_reviewer("adelphi"), 5)
    declare(application, make_reviewer("difu"), "institutional")

    document = page(call, by=by)

    assert rows(document) == {}
    assert document.main.section("Closed to you").texts("bdi") == ["Stadt 1"]


def test_coordinator_who_reviews_sees_nothing_of_others_before_the_own_review_is_filed():
    call = make_call_in_review(2, 0)
    own, other = applications_of(call)
    by, one, two = coordinator_who_reviews(), make_reviewer("a"), make_reviewer("b")
    assignment = assign_free(own, by)
    filed(own, one, 5), filed(own, two, 1), filed(other, one, 3), filed(other, two, 2)

    before = page(call, by=by)
    view = standing_for(call, by)

    assert {name: row["Rank"] for name, row in rows(before).items()} == {"Stadt 2": "1"}
    assert before.main.section("You review these yourself").texts("bdi") == ["Stadt 1"]
    assert view.rows.keys() == view.applications == {other.pk}
    assert [(row.reviews, row.compared) for row in view.reviewers.values()] == [(1, 1)] * 2
    Review.objects.create(assignment=assignment)
    assert "5.00" not in page(call, by=by).main.text  # a draft opens nothing

    Review.objects.all().filter(assignment=assignment).delete()
    filed(own, by, 4)
    after = page(call, by=by)
    assert rows(after)["Stadt 1"]["Lowest to highest"].startswith("1.00 – 5.00")


def test_reopening_the_own_review_closes_those_of_others_again():
    call = make_call_in_review(1, 0)
    (own,), by = applications_of(call), coordinator_who_reviews()
    review = filed(own, by, 4)
    filed(own, make_reviewer("a"), 5)
    assert order(page(call, by=by)) == ["Stadt 1"]

    Review.objects.filter(pk=review.pk).update(state="draft")

    assert order(page(call, by=by)) == []


def test_reviewer_knows_the_standing_of_own_filed_reviews_only():
    """The page is closed to reviewers; whatever else asks for the standing gets no more."""
    call = make_call_in_review(2, 0)
    first, second = applications_of(call)
    by, other = make_reviewer("difu"), make_reviewer("adelphi")
    filed(first, by, 3), filed(first, other, 5), filed(second, other, 1)
    assign_free(second, by)

    view = standing_for(call, by)

    assert list(view.rows) == [first.pk]
    assert [row.name for row in view.waiting] == ["Stadt 2"]


def test_deleted_account_keeps_its_review_and_loses_its_name():
    call = make_call_in_review(1, 0)
    review = filed(applications_of(call)[0], make_reviewer(), 4)
    review.assignment.reviewer = None
    review.assignment.save()

    document = page(call)

    assert rows(document)["Stadt 1"]["Mean"] == "4.00"
    assert "somebody whose account is gone" in document.main.text


# --- Who opens it, and how often it asks ----------------------------------------------------------


def test_page_opens_for_those_who_prepare_the_selection():
    address = f"/admin/calls/procedure/{make_call_in_review(1, 0).slug}/standing/"

    answers = {
        role: desk(role).get(address).status_code
        for role in ("coordinator", "bbsr", "reviewer", "observer")
    }
    assert answers == {"coordinator": 200, "bbsr": 200, "reviewer": 403, "observer": 403}
    assert Client().get(address).status_code == 302
    assert desk().post(address).status_code == 405
    assert desk().get("/admin/calls/procedure/unknown/standing/").status_code == 404


def test_empty_standing_says_what_it_waits_for():
    assert "No application of this call is shown here" in page(make_call_in_review(0, 0)).main.text


@pytest.mark.parametrize("number", [3, 30])
@pytest.mark.parametrize(("query", "queries"), [("", 11), ("?q=ort&check=open&sort=-spread", 12)])
def test_page_asks_as_often_for_three_applications_as_for_thirty(
    number, query, queries, django_assert_num_queries
):
    call = make_call_in_review(1, 0)
    (first,), reviewers = applications_of(call), [make_reviewer(name) for name in ("a", "b")]
    Application.objects.bulk_create(
        Application(
            call=call,
            state="submitted",
            place_name=f"Ort {position}",
            place_key=f"FR:ort {position}",
            place_country="FR",
            reference=f"R-{position}",
            submitted_at=first.submitted_at,
        )
        for position in range(number)
    )
    submission = first.submissions.get()
    for application in applications_of(call):
        application.submissions.create(
            number=9, document={}, sha256="0" * 64, sent_at=submission.sent_at
        )
        for reviewer in reviewers:
            filed(application, reviewer)
    client = desk(user=coordinator())

    with django_assert_num_queries(queries):
        answer = client.get(f"/admin/calls/procedure/{call.slug}/standing/{query}")

    assert len(rows(read(answer))) == number + (0 if query else 1)


@pytest.mark.parametrize(
    ("value", "words", "signed"),
    [
        (0.0, "0.00", "0.00"),
        (0.004, "0.00", "0.00"),
        (3.125, "3.13", "+3.13"),
        ((314 + 313) / 200, "3.14", "+3.14"),
        (5.0, "5.00", "+5.00"),
    ],
)
def test_values_are_written_with_two_digits_and_halves_rounded_up(value, words, signed):
    with translation.override("en"):
        assert Words().of(value) == words
        assert Words().signed(value) == signed
        assert Words().signed(-value) == signed.replace("+", "−")
