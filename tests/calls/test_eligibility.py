"""The formal check: asked for each application, with a reason, and logged."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from calls import actions
from calls.enums import CallState
from calls.models import Application, Call, EligibilityCheck
from core.models import StatusChange
from tests.calls.desk import desk
from tests.races import act_at_once
from tests.reading import read
from tests.selection import LEAK, applications_of, declare, make_call_in_review, make_reviewer

pytestmark = pytest.mark.django_db


def coordinator(role="coordinator"):
    """Return somebody who prepares the selection."""
    return make_reviewer("office", role=role)


def address(application):
    """Return the page of the check of one application."""
    return f"/admin/calls/procedure/{application.call.slug}/eligibility/{application.key}/"


def listed(call, query="", by=None):
    """Return the list of the checks."""
    client = desk(user=by or coordinator())
    return read(client.get(f"/admin/calls/procedure/{call.slug}/eligibility/{query}"))


def names(document):
    """Return the applications of the list, in its order."""
    table = document.main.all("table")
    return [row.one("bdi").text for row in table[0].all("th", scope="row")] if table else []


def check(application, is_eligible=True, reason="", by=None):
    """Check an application."""
    return actions.check_eligibility(
        application=application, is_eligible=is_eligible, reason=reason, by=by or coordinator()
    )


def test_later_check_replaces_an_earlier_one_and_both_stand_in_the_history():
    (application,) = applications_of(make_call_in_review(1, 0))

    check(application)
    check(application, False, "Ging nach der Frist ein.")

    row = EligibilityCheck.objects.get()
    assert (row.is_eligible, row.reason) == (False, "Ging nach der Frist ein.")
    changes = StatusChange.objects.of(application).filter(field="eligibility").order_by("pk")
    assert [(change.old, change.new, change.note) for change in changes] == [
        ("", "eligible", ""),
        ("eligible", "ineligible", "Ging nach der Frist ein."),
    ]


def test_same_check_twice_is_one():
    (application,), by = applications_of(make_call_in_review(1, 0)), coordinator()

    first, second = check(application, by=by), check(application, by=by)

    assert first.checked_at == second.checked_at
    assert StatusChange.objects.of(application).filter(field="eligibility").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_check_at_once_leave_one_check_and_two_rows_of_history():
    (application,) = applications_of(make_call_in_review(1, 0))
    one, other = coordinator(), coordinator()

    results = act_at_once(
        lambda: check(application, by=one), lambda: check(application, False, "Zu klein.", by=other)
    )

    assert [type(result) for result in results] == [EligibilityCheck, EligibilityCheck]
    assert EligibilityCheck.objects.get().reason == "Zu klein."
    assert StatusChange.objects.of(application).filter(field="eligibility").count() == 2


def test_condition_that_is_not_met_needs_a_reason():
    (application,) = applications_of(make_call_in_review(1, 0))

    with pytest.raises(ValidationError) as refused:
        check(application, False)
    assert list(refused.value.error_dict) == ["reason"]
    assert not EligibilityCheck.objects.exists()


@pytest.mark.parametrize("closed", ["call", "application"])
def test_check_belongs_to_a_sent_application_of_a_call_in_review(closed):
    (application,) = applications_of(make_call_in_review(1, 0))
    if closed == "call":
        Call.objects.update(state=CallState.DECIDED)
    else:
        Application.objects.update(state="withdrawn")

    with pytest.raises(ValidationError):
        check(application)


def test_others_and_those_in_conflict_check_nothing():
    (application,) = applications_of(make_call_in_review(1, 0))
    barred = coordinator()
    declare(application, barred, "personal")

    for person in (barred, make_reviewer(), make_reviewer(role="observer")):
        with pytest.raises(PermissionDenied):
            check(application, by=person)


def test_form_saves_and_leads_to_the_next_open_one():
    call = make_call_in_review(2, 0)
    first, second = applications_of(call)

    answer = desk().post(address(first), {"is_eligible": "yes", "reason": "Frist gewahrt."})

    assert answer.headers["Location"] == address(second)
    assert EligibilityCheck.objects.get().application == first
    last = desk().post(address(second), {"is_eligible": "no", "reason": "Kein Ratsbeschluss."})
    assert last.headers["Location"].endswith("/eligibility/")


def test_form_leads_back_to_the_list_on_wish():
    first, _second = applications_of(make_call_in_review(2, 0))

    answer = desk().post(address(first), {"is_eligible": "yes", "stay": "1"})

    assert answer.headers["Location"].endswith("/eligibility/")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"is_eligible": "no", "reason": " "}, "Say which condition is not met."),
        ({"reason": "Getippt"}, "This field is required."),
        ({"is_eligible": "maybe"}, "Select a valid choice."),
        ({"is_eligible": "no", "reason": "x" * 2_001}, "at most 2000"),
    ],
)
def test_bad_input_is_said_at_the_top_and_what_was_typed_stays(data, words):
    (application,) = applications_of(make_call_in_review(1, 0))

    page = read(desk().post(address(application), data))

    assert words in page.main.one("div", class_="form-errors").text
    assert page.main.one("textarea").text == data.get("reason", "").strip()
    assert not EligibilityCheck.objects.exists()


def test_who_did_not_see_a_later_check_is_told_before_it_is_replaced():
    (application,), client = applications_of(make_call_in_review(1, 0)), desk()
    check(application, False, "Kein Ratsbeschluss.")

    answer = client.post(address(application), {"is_eligible": "yes", "seen": ""})
    page = read(answer)

    assert "Somebody has checked meanwhile" in page.main.one("div", class_="form-errors").text
    assert "Kein Ratsbeschluss." in page.main.text
    assert not EligibilityCheck.objects.get().is_eligible
    seen = page.main.one("input", name="seen")["value"]
    client.post(address(application), {"is_eligible": "yes", "seen": seen})
    assert EligibilityCheck.objects.get().is_eligible


def test_list_shows_open_ones_first_and_is_filtered():
    call = make_call_in_review(3, 0)
    one, two, _three = applications_of(call)
    check(one), check(two, False, "Zu klein.")

    assert names(listed(call))[0] == "Stadt 3"
    assert "1 application was not checked yet." in listed(call).main.text
    assert names(listed(call, "?check=open")) == ["Stadt 3"]
    assert "Zu klein." in listed(call, "?check=ineligible").main.text
    assert "No application matches." in listed(call, "?check=eligible&q=Stadt+3").main.text


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_conflict_closes_check_reason_and_number(role):
    call, by = make_call_in_review(2, 0), coordinator(role)
    closed, shown = applications_of(call)
    check(closed, False, LEAK)
    declare(closed, by, "personal")

    document = listed(call, by=by)

    assert names(document) == [shown.place_name]
    assert document.main.section("Closed to you").texts("bdi") == [closed.place_name]
    assert LEAK not in document.html
    client = desk(user=by)
    assert client.get(address(closed)).status_code == 404
    assert client.post(address(closed), {"is_eligible": "yes"}).status_code == 404


def test_decided_call_shows_the_checks_and_takes_none():
    call = make_call_in_review(1, 0)
    (application,) = applications_of(call)
    check(application, False, "Zu klein.")
    Call.objects.update(state=CallState.DECIDED)

    page = read(desk().get(address(application)))

    assert "Zu klein." in page.main.text
    assert page.main.all("textarea") == []


def test_reason_of_a_stranger_is_text():
    (application,) = applications_of(call := make_call_in_review(1, 0))
    check(application, False, "<script>alert(1)</script>")

    assert listed(call).main.all("script") == []


def test_pages_open_for_those_who_prepare_the_selection():
    (application,) = applications_of(make_call_in_review(1, 0))
    (foreign,) = applications_of(make_call_in_review(1, 0))
    mixed = address(application).replace(str(application.key), str(foreign.key))

    for page in (address(application), address(application).replace(f"{application.key}/", "")):
        answers = [
            desk(role).get(page).status_code
            for role in ("coordinator", "bbsr", "reviewer", "observer")
        ]
        assert answers == [200, 200, 403, 403]
        assert Client().get(page).status_code == 302
        assert desk().put(page).status_code == 405
    assert desk().get(mixed).status_code == 404
    assert desk("reviewer").post(address(application)).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_often_for_one_row_as_for_three(rows, django_assert_num_queries):
    call = make_call_in_review(rows, 0)
    for application in applications_of(call):
        check(application)
    client = desk(user=coordinator())

    with django_assert_num_queries(8):
        client.get(f"/admin/calls/procedure/{call.slug}/eligibility/")
