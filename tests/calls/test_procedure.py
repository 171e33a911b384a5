"""The rules of a selection: who changes them, until when, and what is refused."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone, translation

from accounts.models import Organisation
from calls import actions
from calls.content import marks_of
from calls.enums import CallState, SessionState
from calls.models import Call, Procedure, SelectionList, SelectionSession
from calls.queries import rules_of
from core.models import StatusChange
from tests.calls.desk import desk
from tests.factories import make_user
from tests.reading import read
from tests.selection import (
    applications_of,
    assign,
    declare,
    make_call_in_review,
    make_organisation,
    make_reviewer,
)
from vernetzt.procedure_tasks import procedure_tasks

pytestmark = pytest.mark.django_db

ROOM = "/admin/calls/procedure/"


def form_of(procedure, **changes):
    """Return what the form sends when only ``changes`` were typed."""
    values = {
        "readers": 3,
        "review_until": "",
        "disputed_from": "1.5",
        "confirm_days": 14,
        "consent_days": 14,
        "per_country": 1,
        "twinning_allowed": "on",
        **{f"weight_{name}": weight for name, weight in procedure.weights.items()},
        "marks": json.dumps(marks_of(rules_of(procedure))),
    }
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def save(call, client=None, **changes):
    """Send the form of the rules."""
    procedure = Procedure.objects.get(call=call)
    return (client or desk()).post(f"{ROOM}{call.slug}/", form_of(procedure, **changes))


def recommended(call, state=SessionState.RECOMMENDED):
    """Write a session in which the team recommended a list."""
    chosen = SelectionList.objects.create(call=call, name="A")
    moment = timezone.now()
    return SelectionSession.objects.create(
        call=call,
        number=1,
        state=state,
        held_on=moment.date(),
        recommended_list=chosen,
        recommended_at=moment,
        decided_list=chosen if state == SessionState.DECIDED else None,
        decided_at=moment if state == SessionState.DECIDED else None,
        sha256="0" * 64 if state == SessionState.DECIDED else "",
    )


def test_rules_are_saved_on_the_clock_of_the_call_and_each_stands_in_the_history():
    call = make_call_in_review(1, 0, time_zone="Europe/Athens")
    difu = make_organisation("difu")

    answer = save(call, readers=4, review_until="2027-03-01T18:00", organisations=[difu.pk])

    assert answer.status_code == 302
    procedure = Procedure.objects.get()
    assert procedure.readers == 4
    assert procedure.review_until == dt.datetime(2027, 3, 1, 16, tzinfo=dt.UTC)
    assert list(procedure.organisations.all()) == [difu]
    changes = {row.field: (row.old, row.new) for row in StatusChange.objects.of(procedure)}
    assert changes == {
        "readers": ("3", "4"),
        "review_until": ("", "2027-03-01T16:00:00+00:00"),
        "organisations": ("", str(difu.pk)),
    }


def test_form_shows_the_date_as_the_call_reads_it_and_offers_organisations_that_review():
    call = make_call_in_review(1, 0, time_zone="Europe/Athens")
    Procedure.objects.update(review_until=dt.datetime(2027, 3, 1, 16, tzinfo=dt.UTC))
    make_organisation("difu"), make_organisation("bbsr", kind="contracting_authority")

    page = read(desk().get(f"{ROOM}{call.slug}/"))

    assert page.main.one("input", name="review_until")["value"] == "2027-03-01T18:00"
    offered = {box["value"] for box in page.main.all("input", name="organisations")}
    slugs = set(Organisation.objects.filter(pk__in=offered).values_list("slug", flat=True))
    assert "difu" in slugs
    assert "bbsr" not in slugs


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"weight_offer": 60}, "The weights of the fit must add up to 100 per cent."),
        ({"readers": 0}, "greater than or equal to 1"),
        ({"readers": 10}, "less than or equal to 9"),
        ({"disputed_from": "7"}, "less than or equal to 5"),
        ({"per_country": 0}, "greater than or equal to 1"),
        ({"review_until": "gestern"}, "Enter a valid date/time."),
        ({"organisations": [99_999]}, "99999"),
        ({"readers": ""}, "This field is required."),
    ],
)
def test_wrong_rules_are_refused_with_words_and_what_was_typed_stays(typed, words):
    call = make_call_in_review(1, 0)

    answer = save(call, **{"confirm_days": 21, **typed})

    page = read(answer)
    assert words in page.main.one("div", class_="form-errors").text
    assert page.main.one("input", name="confirm_days")["value"] == "21"
    assert Procedure.objects.get().confirm_days == 14


def test_extra_fields_of_the_form_change_nothing():
    call, other = make_call_in_review(1, 0), make_call_in_review(1, 0)

    desk().post(
        f"{ROOM}{call.slug}/",
        form_of(call.procedure, call=other.pk, id=other.procedure.pk, state="decided"),
    )

    assert set(Procedure.objects.values_list("call", flat=True)) == {call.pk, other.pk}


def test_two_tabs_both_changes_stay_and_the_same_rule_is_shown_before_it_is_replaced():
    call, client = make_call_in_review(1, 0), desk()
    opened = form_of(call.procedure)
    save(call, readers=5)

    other_rule = client.post(f"{ROOM}{call.slug}/", {**opened, "readers": 3, "confirm_days": 20})
    page = read(other_rule)

    assert other_rule.status_code == 409
    assert "Somebody else has changed this rule" in page.main.one("div", class_="form-errors").text
    assert Procedure.objects.get().readers == 5
    # Whoever has read it saves again, with the marks of now.
    marks = page.main.one("input", name="marks")["value"]
    again = {**opened, "readers": 3, "confirm_days": 20, "marks": marks}
    assert client.post(f"{ROOM}{call.slug}/", again).status_code == 302
    assert (Procedure.objects.get().readers, Procedure.objects.get().confirm_days) == (3, 20)


@pytest.mark.parametrize("state", [SessionState.RECOMMENDED, SessionState.DECIDED])
def test_after_the_recommendation_only_the_days_to_answer_change(state):
    call = make_call_in_review(1, 0)
    recommended(call, state)

    refused = save(call, weight_offer=40, weight_challenge=25)
    allowed = save(call, confirm_days=10, consent_days=7)

    errors = read(refused).main.one("div", class_="form-errors").text
    assert "The selection was recommended by this rule; it no longer changes." in errors
    assert allowed.status_code == 302
    procedure = Procedure.objects.get()
    assert (procedure.weight_offer, procedure.confirm_days, procedure.consent_days) == (50, 10, 7)


def test_session_that_is_prepared_again_lets_rules_change():
    call = make_call_in_review(1, 0)
    recommended(call)
    SelectionSession.objects.update(state=SessionState.OPEN)

    assert save(call, readers=2).status_code == 302


def test_archived_call_keeps_its_rules():
    call = make_call_in_review(1, 0)
    Call.objects.update(state=CallState.ARCHIVED)

    with pytest.raises(ValidationError):
        actions.change_procedure(
            procedure=call.procedure, changes={"confirm_days": 3}, by=make_reviewer(role="bbsr")
        )
    assert Procedure.objects.get().confirm_days == 14


@pytest.mark.parametrize("role", ["reviewer", "observer", "contact"])
def test_others_change_no_rule(role):
    with pytest.raises(PermissionDenied):
        actions.change_procedure(
            procedure=make_call_in_review(1, 0).procedure, changes={}, by=make_user(role)
        )


def test_saving_what_stands_there_writes_no_history():
    call = make_call_in_review(1, 0)

    assert save(call).status_code == 302
    assert not StatusChange.objects.of(call.procedure).exists()


def test_list_leads_to_the_parts_of_each_procedure():
    call = make_call_in_review(1, 0)

    page = read(desk().get(ROOM))

    hrefs = page.main.hrefs()
    for part in ("", "assignment/", "eligibility/", "standing/"):
        assert f"{ROOM}{call.slug}/{part}" in hrefs


def test_without_a_procedure_the_list_says_when_there_is_one():
    assert "No call is in review yet" in read(desk().get(ROOM)).main.text


@pytest.mark.parametrize("path", ["", "{slug}/"])
def test_pages_open_for_those_who_prepare_the_selection(path):
    address = ROOM + path.format(slug=make_call_in_review(1, 0).slug)

    answers = [
        desk(role).get(address).status_code
        for role in ("coordinator", "bbsr", "reviewer", "observer")
    ]
    assert answers == [200, 200, 403, 403]
    assert Client().get(address).status_code == 302
    assert desk().put(address).status_code == 405
    assert desk().get(f"{ROOM}unknown/").status_code == 404
    assert desk("reviewer").post(address).status_code in {403, 405}


def test_call_in_the_administration_leads_to_its_parts():
    call = make_call_in_review(1, 0)

    hrefs = read(desk().get(f"/admin/calls/call/{call.pk}/change/")).main.hrefs()

    assert f"/admin/calls/application/?call={call.slug}" in hrefs
    assert {f"{ROOM}{call.slug}/{part}" for part in ("", "assignment/", "standing/")} <= set(hrefs)


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_often_for_one_row_as_for_three(rows, django_assert_num_queries):
    for _ in range(rows):
        make_call_in_review(0, 0)
    client = desk()

    with django_assert_num_queries(5):
        client.get(ROOM)


# --- What waits on the dashboard ------------------------------------------------------------------


def test_dashboard_leads_to_applications_gaps_overdue_reviews_and_open_checks():
    call = make_call_in_review(2, 0)
    first, closed = applications_of(call)
    by = make_reviewer("office", role="coordinator")
    assign(first, make_reviewer()), assign(closed, make_reviewer("adelphi"))
    declare(closed, by, "personal")
    Procedure.objects.update(review_until=timezone.now() - dt.timedelta(hours=1))

    with translation.override("en"):
        titles = [str(row[0]) for row in procedure_tasks(by)]

    assert titles[0].endswith(call.title_en)
    assert len(titles) == 4
    # One of each: the second application is closed to this coordinator.
    assert all(title.startswith("1 ") for title in titles[1:])
    assert procedure_tasks(make_reviewer()) == []
