"""The review desk, through HTTP: the list, the statement, the form, filing, what comes after."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.enums import CITY_ROLES, UserRole
from accounts.models import User
from calls import actions
from calls.content import marks_of
from calls.enums import CallState, Step
from calls.models import (
    Application,
    Call,
    ConflictDeclaration,
    DiscussionNote,
    Procedure,
    Review,
    ReviewAssignment,
    values_of_review,
)
from core.models import StatusChange
from tests.applications import editor_of, save
from tests.calls.desk import HOSTILE, desk, names
from tests.factories import CriterionFactory
from tests.reading import read
from tests.selection import (
    applications_of,
    assign,
    assign_free,
    declare,
    filed,
    make_call_in_review,
    make_reviewer,
)
from vernetzt.dashboard import dashboard_of

pytestmark = pytest.mark.django_db
DESK = "/admin/calls/review/"


def at(application, *parts):
    return "/".join([f"{DESK}{application.key}", *parts, ""])


def one_case(kind="none"):
    """Return an application, its reviewer and the reviewer's browser."""
    application, reviewer = applications_of(make_call_in_review(1, 0))[0], make_reviewer()
    assign_free(application, reviewer) if kind else assign(application, reviewer)
    return application, reviewer, desk(user=reviewer)


def typed(page, **values):
    """Return what the form on a page would send, with changed values."""
    marks = page.main.one("input", name="marks")["value"]
    found = {"marks": marks}
    for box in page.main.all("input", type="radio"):
        if "checked" in box.attributes:
            found[box["name"]] = box["value"]
    for area in page.main.all("textarea"):
        found[area["name"]] = "".join(str(child) for child in area.children).strip()
    return found | values


def names_of(application):
    """Return the names of the two fields of its one criterion."""
    (criterion,) = application.call.criteria.all()
    return f"step-{criterion.pk}", f"justification-{criterion.pk}"


# --- who comes in


def test_visitor_is_led_to_the_sign_in():
    assert Client().get(DESK).headers["Location"].startswith("/de/accounts/login/")


@pytest.mark.parametrize("role", [*CITY_ROLES, "coordinator", "bbsr", "observer"])
def test_list_is_for_reviewers_alone(role):
    assert desk(role).get(DESK, follow=True).status_code == 403


@pytest.mark.parametrize("role", UserRole)
def test_start_page_leads_reviewers_to_their_list(role):
    answer = desk(role).get("/admin/")

    assert (DESK in answer.content.decode()) is (role == UserRole.REVIEWER)


@pytest.mark.parametrize("page", ["", "file", "conflict", "reviews"])
def test_application_that_is_not_assigned_does_not_exist(page):
    application, _reviewer, _client = one_case()
    stranger = desk(user=make_reviewer("adelphi"))

    parts = [page] if page else []

    assert stranger.get(at(application, *parts)).status_code == 404


def test_pages_that_change_something_take_posts_alone():
    application, _reviewer, client = one_case()

    assert client.get(at(application, "note")).status_code == 405
    assert client.post(DESK).status_code == 405
    assert client.post(at(application, "reviews")).status_code == 405


# --- the list


def test_nothing_assigned_is_said():
    assert "No application is assigned to you yet." in read(desk("reviewer").get(DESK)).main.text


def test_list_says_what_is_left_and_by_when_on_the_clock_of_the_call():
    call, reviewer = make_call_in_review(4, 1), make_reviewer()
    Call.objects.update(time_zone="Europe/Lisbon")
    until = timezone.datetime(2026, 12, 31, 23, 30, tzinfo=timezone.get_fixed_timezone(0))
    Procedure.objects.update(review_until=until)
    first, second, third, fourth, fifth = applications_of(call)
    assign(first, reviewer)
    for application in (second, third):
        assign_free(application, reviewer)
    Review.objects.create(assignment=third.assignments.get())
    filed(fourth, reviewer, steps=4)
    filed(fifth, reviewer)
    Application.objects.filter(pk=fifth.pk).update(state="withdrawn")

    page = read(desk(user=reviewer).get(DESK))

    text = page.main.text
    assert "3 of 4 are left to review." in text
    assert "31 December 2026, 23:30 (Europe/Lisbon), for you 1 January 2027, 00:30" in text
    rows = {row.one("bdi").text: row.text for row in page.main.one("tbody").all("tr")}
    for name, words in (
        ("Stadt 1", "Conflict of interest to be stated"),
        ("Stadt 2", "To be read"),
        ("Stadt 3", "Draft"),
        ("Stadt 4", "Filed"),
        ("City 1", "Withdrawn by the municipality"),
    ):
        assert words in rows[name]
    assert "4.00" in rows["Stadt 4"]
    assert list(rows) == ["Stadt 1", "Stadt 2", "Stadt 3", "Stadt 4", "City 1"]
    assert page.faults == []


def test_version_sent_after_filing_is_marked_and_said():
    application, reviewer, client = one_case()
    filed(application, reviewer)
    call, by = application.call, editor_of(application)
    Call.objects.update(state="open", closes_at=timezone.now() + timezone.timedelta(days=1))
    fresh = Application.objects.get()
    actions.reopen_application(application=fresh, by=by)
    save(fresh, Step.CHALLENGE, by, challenge="Neu gefasst.")
    actions.submit_application(application=Application.objects.get(), by=by)
    Call.objects.update(state="in_review", closes_at=call.closes_at)

    listed, page = read(client.get(DESK)), read(client.get(at(application)))

    assert "Filed, newer version sent" in listed.main.one("tbody").text
    assert "has sent version 2 after you filed" in page.main.text
    assert "Neu gefasst." in page.main.text


def three_rows():
    call, reviewer = make_call_in_review(2, 1), make_reviewer()
    one, two, three = applications_of(call)
    assign(one, reviewer)
    filed(two, reviewer, steps=2)
    filed(three, reviewer, steps=5)
    return desk(user=reviewer)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?state=filed", ["City 1", "Stadt 2"]),
        ("?state=declare", ["Stadt 1"]),
        ("?q=stadt", ["Stadt 1", "Stadt 2"]),
        ("?q=nirgends", []),
        ("?sort=-name", ["Stadt 2", "Stadt 1", "City 1"]),
        ("?sort=country", ["City 1", "Stadt 1", "Stadt 2"]),
        ("?sort=-points", ["City 1", "Stadt 2", "Stadt 1"]),
        ("?sort=reference", ["Stadt 1", "Stadt 2", "City 1"]),
    ],
)
def test_list_is_filtered_searched_and_ordered(query, expected):
    page = read(three_rows().get(DESK + query))

    assert names(page) == expected


@pytest.mark.parametrize(
    "query",
    [
        "?sort=review__total",
        "?sort=assignment__application__reviews",
        "?state=x",
        "?call=nirgends",
        "?q=%00",
        f"?q={HOSTILE}",
    ],
)
def test_address_with_other_wishes_answers_nothing_else(query):
    answer = three_rows().get(DESK + query)

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_often_for_one_row_as_for_three(rows, django_assert_num_queries):
    call, reviewer = make_call_in_review(3, 0), make_reviewer()
    for application in applications_of(call)[:rows]:
        filed(application, reviewer)
        filed(application, make_reviewer("adelphi"))
    client = desk(user=reviewer)
    client.get(DESK)

    with django_assert_num_queries(8):
        assert client.get(DESK).status_code == 200


def test_call_that_is_decided_is_still_read_by_its_reviewer():
    application, reviewer, client = one_case()
    filed(application, reviewer, text="Mein Urteil.")
    Call.objects.update(state=CallState.DECIDED)

    assert "not under review now" in read(client.get(DESK)).main.text
    assert "Mein Urteil." in read(client.get(at(application))).main.text


# --- the statement before the text opens


def test_before_the_statement_only_name_country_and_number_are_shown():
    application, _reviewer, client = one_case(kind="")

    answer = client.get(at(application), follow=True)

    page = read(answer)
    assert answer.redirect_chain == [(at(application, "conflict"), 302)]
    for words in ("Stadt 1", "Germany", application.reference, "Before the text opens"):
        assert words in page.main.text
    for words in ("Hitze", "Anke Ruland", "Sensoren"):
        assert words not in answer.content.decode()
    assert len(page.main.all("input", type="radio")) == 5


def test_statement_without_choice_or_sentence_keeps_what_was_typed():
    application, _reviewer, client = one_case(kind="")

    empty = read(client.post(at(application, "conflict"), {"sentence": "Ehefrau."}))
    without = read(client.post(at(application, "conflict"), {"kind": "twinning"}))

    assert "Choose whether there is a conflict of interest." in empty.main.text
    assert empty.main.one("input", name="sentence")["value"] == "Ehefrau."
    assert "#id_kind_0" in empty.main.hrefs()
    assert "Explain the conflict of interest in one sentence." in without.main.text
    (chosen,) = [b for b in without.main.all("input", type="radio") if "checked" in b.attributes]
    assert chosen["value"] == "twinning"
    assert empty.title.startswith("Error:")
    assert not ConflictDeclaration.objects.exists()


def test_statement_that_nothing_stands_between_opens_the_text():
    application, _reviewer, client = one_case(kind="")

    page = read(client.post(at(application, "conflict"), {"kind": "none"}, follow=True))

    assert "Die Hitze in der Innenstadt" in page.main.text


def test_conflict_closes_the_text_and_leads_back_to_the_list():
    application, _reviewer, client = one_case(kind="")

    sent = {"kind": "personal", "sentence": "Ich wohne dort."}
    answer = client.post(at(application, "conflict"), sent, follow=True)

    page = read(answer)
    assert answer.redirect_chain == [(DESK, 302)]
    assert "closed to you now" in page.body.text
    assert "Stadt 1" in page.main.section("Closed by a conflict of interest").text
    assert names(page) == ["Stadt 1"]
    assert client.get(at(application)).status_code == 404
    assert client.get(at(application, "conflict")).status_code == 404


def test_conflict_noticed_later_is_stated_on_the_same_page_without_the_choice_of_none():
    application, _reviewer, client = one_case()

    page = read(client.get(at(application, "conflict")))
    refused = client.post(at(application, "conflict"), {"kind": "none"})
    client.post(at(application, "conflict"), {"kind": "institutional", "sentence": "Auftrag."})

    assert len(page.main.all("input", type="radio")) == 4
    assert refused.status_code == 200
    assert ConflictDeclaration.objects.get().kind == "institutional"
    assert client.get(at(application)).status_code == 404


def test_team_states_and_lifts_conflicts_on_the_page_of_the_application():
    application, _reviewer, _client = one_case()
    officer = make_reviewer("bbsr", role="bbsr", name="Ines Reuter")
    client, url = desk(user=officer), f"/admin/calls/application/{application.key}/"

    assert at(application, "conflict") in read(client.get(url)).main.hrefs()
    sent = {"kind": "other", "sentence": "Ehefrau."}
    assert client.post(at(application, "conflict"), sent).headers["Location"] == "/admin/"
    declaration = ConflictDeclaration.objects.get(person=officer)
    lift = at(application, "conflict", str(declaration.pk), "lift")
    assert client.get(url).status_code == client.get(lift).status_code == 404

    coordinator = desk(user=make_reviewer("adelphi", role="coordinator"))
    assert lift in read(coordinator.get(url)).main.hrefs()
    page = read(coordinator.get(lift))
    assert "Ines Reuter (bbsr) stated: other. “Ehefrau.”" in page.main.text
    assert "This field is required" in read(coordinator.post(lift, {"note": " "})).main.text
    lifted = read(coordinator.post(lift, {"note": "Ein anderer Ort."}, follow=True))

    assert "The conflict of interest is lifted." in lifted.body.text
    assert "Ein anderer Ort." in lifted.main.section("History").text
    assert client.get(url).status_code == 200
    assert coordinator.get(lift).status_code == 404


# --- text and form


def test_text_stands_beside_the_form_with_gives_and_seeks_on_top():
    application, _reviewer, client = one_case()

    page = read(client.get(at(application)))

    headings = page.main.texts("h2")
    assert headings[0] == "Gives and seeks"
    assert headings.index("My review") > headings.index("Challenge")
    step, _why = names_of(application)
    labels = [label.text for label in page.main.all("label") if "Step" in label.text]
    assert labels == [f"{number} – Step {number}" for number in range(6)]
    assert len(page.main.all("input", name=step)) == 6
    assert "Points for “Transferability”" in page.main.texts("legend")[0]
    assert page.main.languages_of("Messwerte fehlen uns") == {"de"}
    assert "ruland@woerkheim.example" not in page.html
    assert page.faults == []


def test_draft_is_saved_and_shown_again():
    application, _reviewer, client = one_case()
    step, why = names_of(application)
    page = read(client.get(at(application)))

    sent = typed(page, **{step: "4", why: HOSTILE, "save": "1"})
    again = read(client.post(at(application), sent, follow=True))

    assert "Draft saved. Only you can read it." in again.body.text
    assert typed(again)[step] == "4"
    assert typed(again)[why] == HOSTILE
    assert "<script>alert(1)" not in again.html


def test_second_window_is_shown_both_texts_and_may_take_either():
    application, _reviewer, client = one_case()
    _step, why = names_of(application)
    page = read(client.get(at(application)))
    client.post(at(application), typed(page, **{why: "Erstes Fenster.", "save": "1"}))

    answer = client.post(at(application), typed(page, **{why: "Zweites Fenster.", "save": "1"}))

    both = read(answer)
    assert answer.status_code == 409
    conflict = both.main.one("section", class_="form-errors").text
    assert "Erstes Fenster." in conflict
    assert "Zweites Fenster." in conflict
    assert Review.objects.get().scores.get().justification == "Erstes Fenster."
    taken = read(client.post(at(application), typed(both, use=why)))
    assert typed(taken)[why] == "Erstes Fenster."
    client.post(at(application), typed(both, save="1"))
    assert Review.objects.get().scores.get().justification == "Zweites Fenster."


def test_text_over_the_limit_stays_in_the_form_and_the_rest_is_saved():
    application, _reviewer, client = one_case()
    step, why = names_of(application)
    page = read(client.get(at(application)))

    sent = typed(page, **{step: "2", why: "x" * 2_001, "save": "1"})
    again = read(client.post(at(application), sent))

    assert "This is 1 character too long." in again.main.text
    assert len(typed(again)[why]) == 2_001
    assert Review.objects.get().scores.get().step == 2


def test_points_that_do_not_exist_are_an_error_at_their_field():
    application, _reviewer, client = one_case()
    step, why = names_of(application)
    page = read(client.get(at(application)))

    again = read(client.post(at(application), typed(page, **{step: "9", why: "Weil."})))

    assert f"#id_{step}_0" in again.main.hrefs()
    assert typed(again)[why] == "Weil."


def test_extra_fields_change_nothing():
    application, reviewer, client = one_case()
    other = make_reviewer("adelphi")
    page = read(client.get(at(application)))

    sent = typed(page, comment="Ja.", state="filed", total="5", reviewer=str(other.pk), save="1")
    client.post(at(application), sent)

    review = Review.objects.get()
    assert (review.state, review.total, review.assignment.reviewer) == ("draft", None, reviewer)


def test_form_that_came_after_the_session_ended_is_given_back_filled(time_machine):
    """The portal keeps what was typed while its author signs in again (accounts/sessions.py)."""
    application, reviewer, client = one_case()
    _step, why = names_of(application)
    page = read(client.get(at(application)))
    session = client.session
    fields = "&".join(f"{k}={v}" for k, v in typed(page, **{why: "Lange getippt."}).items())
    session["kept_form"] = {"owner": reviewer.pk, "path": at(application), "fields": fields}
    session.save()

    again = read(client.get(at(application)))

    assert typed(again)[why] == "Lange getippt."
    assert not Review.objects.exists()


# --- filing


def test_filing_with_gaps_saves_and_names_them_at_their_fields():
    application, _reviewer, client = one_case()
    step, why = names_of(application)
    page = read(client.get(at(application)))

    answer = client.post(at(application), typed(page, **{step: "4", "file": "1"}))

    again = read(answer)
    assert "Give reasons for your points." in again.main.text
    assert f"#id_{why}" in again.main.hrefs()
    assert again.main.one("textarea", name=why)["aria-invalid"] == "true"
    assert Review.objects.get().scores.get().step == 4
    assert again.title.startswith("Error:")


def test_filing_takes_a_second_look_and_locks():
    application, _reviewer, client = one_case()
    filed(application, make_reviewer("adelphi"), text="Von anderen.")
    step, why = names_of(application)
    page = read(client.get(at(application)))
    sent = typed(page, **{step: "4", why: "Gut belegt.", "file": "1"})

    look = client.post(at(application), sent, follow=True)
    assert look.redirect_chain == [(at(application, "file"), 302)]
    assert "Gut belegt." in read(look).main.text
    assert "Von anderen." not in look.content.decode()
    assert Review.objects.get(assignment__organisation__slug="difu").state == "draft"

    done = read(client.post(at(application, "file"), follow=True))
    assert "Your review is filed." in done.body.text
    assert "Weighted mean: 4.00." in done.main.section("My review").text
    assert "Von anderen." in done.main.section("What others filed").text
    assert done.main.all("input", type="radio") == []
    again = client.post(at(application, "file"), follow=True)
    assert again.redirect_chain == [(at(application), 302)]
    assert StatusChange.objects.filter(new="filed").count() == 1


def test_filing_page_of_an_incomplete_draft_files_nothing():
    application, reviewer, client = one_case()
    Review.objects.create(assignment=ReviewAssignment.objects.get(reviewer=reviewer))

    page = read(client.post(at(application, "file"), follow=True))

    assert "Not filed: Choose 0 to 5 points." in page.body.text
    assert Review.objects.get().state == "draft"


def test_what_comes_after_filing_is_not_saved_and_not_lost():
    application, reviewer, client = one_case()
    _step, why = names_of(application)
    page = read(client.get(at(application)))
    filed(application, reviewer, text="Steht fest.")

    late = read(client.post(at(application), typed(page, **{why: "Aus dem anderen Fenster."})))

    assert "Aus dem anderen Fenster." in late.main.section("Not saved").text
    assert Review.objects.get().scores.get().justification == "Steht fest."


@pytest.mark.parametrize("state", ["closed", "decided"])
def test_nothing_is_written_while_the_call_is_not_under_review(state):
    application, _reviewer, client = one_case()
    page = read(client.get(at(application)))
    Call.objects.update(state=state)

    late = read(client.post(at(application), typed(page, comment="Zu spät.", save="1")))

    assert "Zu spät." in late.main.section("Not saved").text
    assert "not reviewed now" in late.main.text
    assert not Review.objects.exists()


def test_withdrawn_application_shows_no_text():
    application, _reviewer, client = one_case()
    Application.objects.update(state="withdrawn")

    page = read(client.get(at(application)))

    assert "withdrawn this application" in page.main.text
    assert "Hitze" not in page.html


# --- afterwards


def test_discussion_is_written_and_read_by_reviewer_and_team():
    application, reviewer, client = one_case()
    filed(application, reviewer)
    coordinator = desk(user=make_reviewer("adelphi", role="coordinator", name="Kai Lorenz"))

    mine = read(client.post(at(application, "note"), {"text": "Mutig."}, follow=True))
    answer = coordinator.post(at(application, "note"), {"text": HOSTILE}, follow=True)
    empty = read(coordinator.post(at(application, "note"), {"text": " "}))

    assert "Mutig." in mine.main.section("Discussion").text
    both = read(client.get(at(application))).main.section("Discussion").text
    assert "Kai Lorenz" in both
    assert HOSTILE.split()[0] in both
    assert "<script>alert(1)" not in answer.content.decode()
    assert "Write the note first." in empty.main.text
    assert DiscussionNote.objects.count() == 2


def test_team_sees_who_reviews_reopens_with_a_reason_and_the_reviewer_reads_it():
    application, reviewer, client = one_case()
    review = filed(application, reviewer)
    coordinator = desk(user=make_reviewer("adelphi", role="coordinator"))
    url = f"/admin/calls/application/{application.key}/"

    side = read(coordinator.get(url)).main.section("Who reviews it")
    reopen = at(application, "reviews", str(review.pk), "reopen")
    assert f"{reviewer.name} difu" in side.text
    assert "Filed · 3.00" in side.text
    assert {reopen, at(application, "reviews")} <= set(side.hrefs())
    assert "This field is required" in read(coordinator.post(reopen, {"note": " "})).main.text
    done = read(coordinator.post(reopen, {"note": "Verwechselt."}, follow=True))

    assert "Draft begun" in done.main.section("Who reviews it").text
    assert f"Review ({reviewer.name}): filed → Draft" in done.main.section("History").text
    page = read(client.get(at(application)))
    assert "Verwechselt." in page.main.text
    assert len(page.main.all("input", type="radio")) == 6
    assert coordinator.get(reopen).status_code == 404


@pytest.mark.parametrize("others", [1, 3])
def test_page_asks_as_often_for_one_other_review_as_for_three(others, django_assert_num_queries):
    application, reviewer, client = one_case()
    CriterionFactory(call=application.call, weight=40)
    filed(application, reviewer)
    for number in range(others):
        filed(application, make_reviewer(f"other-{number}"))
    client.get(at(application))

    with django_assert_num_queries(15):
        assert client.get(at(application)).status_code == 200


def test_dashboard_tells_how_many_are_left_and_leads_there():
    call, reviewer = make_call_in_review(3, 0), make_reviewer()
    Procedure.objects.update(review_until=call.closes_at)
    one, two, three = applications_of(call)
    assign(one, reviewer)
    assign_free(two, reviewer)
    assign_free(three, reviewer)

    def titles():
        with translation.override("en"):
            tasks = dashboard_of(User.objects.get(pk=reviewer.pk))["tasks"]
        return [(task.title, task.url) for task in tasks if "review" in task.title]

    assert titles() == [("3 applications to review", f"{DESK}?call={call.slug}")]
    filed(two, reviewer)
    ConflictDeclaration.objects.filter(application=three).update(kind="other", sentence="x")
    assert titles() == [("1 application to review", f"{DESK}?call={call.slug}")]
    declare(one, make_reviewer("difu"), "institutional")
    assert titles() == []


def test_marks_of_the_form_are_those_of_what_is_stored():
    application, _reviewer, client = one_case()

    page = read(client.get(at(application)))

    marks = json.loads(page.main.one("input", name="marks")["value"])
    stored = values_of_review(None, list(application.call.criteria.all()))
    assert marks == marks_of(stored)
