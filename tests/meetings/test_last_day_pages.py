"""The page of a last day: prefilled, corrected, and taken back."""

from __future__ import annotations

import pytest

from tests.factories import CommitmentFactory
from tests.reading import read
from tests.tandems.membership_cases import (
    DAY,
    END_OF_2023,
    REASONS,
    history,
    krefeld_sofia,
    left,
    member,
    team,
    today,
    url,
)
from tests.tandems.test_membership_pages import entered, post
from tests.walking import Walker

pytestmark = pytest.mark.django_db


def page_of(tandem):
    return url(tandem, "leave", member(tandem, "Sofia").pk).replace("/de/", "/en/")


def with_reason(tandem, on):
    left(tandem, "Sofia", on)
    row = member(tandem, "Sofia")
    row.left_reason_de, row.left_reason_en = REASONS.values()
    row.save()
    return row


def test_public_reason_stays_public_when_the_day_is_moved():
    tandem, on = krefeld_sofia(), today() + 10 * DAY
    row, walker = with_reason(tandem, on), Walker(team())

    page = walker.open(page_of(tandem))
    assert "checked" in page.main.one("input", name="is_public").attributes
    walker.press("Record the last day", left_on=(on + DAY).isoformat())

    row.refresh_from_db()
    assert (row.left_on, row.left_reason_en) == (on + DAY, REASONS["en"])


def test_city_stays_after_all_whatever_else_the_page_says():
    tandem = krefeld_sofia()
    left(tandem, "Sofia", today() + 10 * DAY)
    promise = CommitmentFactory(tandem=tandem, municipality=member(tandem, "Sofia").municipality)
    walker = Walker(team())
    walker.open(page_of(tandem))

    page = walker.press("Record the last day", step="returns", left_on="")
    assert page.main.one(class_="form-errors").texts("li") == [
        "Why does the city stay?: Give the reason in a sentence."
    ]
    page = walker.press("Record the last day", why="Der Rat hat neu entschieden")

    assert "Saved. Sofia stays: no last day is recorded any more." in page.main.text
    assert member(tandem, "Sofia").left_on is None
    promise.refresh_from_db()
    assert promise.state == "open"


def test_second_click_on_staying_only_says_so():
    tandem, client = krefeld_sofia(), entered(team())
    left(tandem, "Sofia", today() + 10 * DAY)
    data = {"step": "returns", "why": "x"}

    answers = [post(client, page_of(tandem), **data) for _click in (1, 2)]

    assert [one.status_code for one in answers] == [302, 302]
    assert len(history(member(tandem, "Sofia"))) == 1


def test_first_last_day_asks_no_question_about_staying():
    page = Walker(team()).open(page_of(krefeld_sofia()))

    assert not page.main.all("input", name="step")
    assert not page.main.all("input", name="why")


def test_mistyped_day_is_corrected_on_the_same_page():
    tandem, walker = krefeld_sofia(), Walker(team())
    with_reason(tandem, END_OF_2023)

    page = walker.open(page_of(tandem))
    assert page.heading == "Correct the last day"
    assert page.main.one("input", name="left_on")["value"] == "2023-12-31"
    page = walker.press("Correct the last day", left_on="2023-12-01")
    assert page.main.one(class_="form-errors").texts("li") == [
        "Why is it corrected?: This field is required."
    ]
    walker.press("Correct the last day", note="Vertippt")

    row = member(tandem, "Sofia")
    assert (row.left_on.isoformat(), row.left_reason_de) == ("2023-12-01", REASONS["de"])
    assert history(row) == [("left_on", "2023-12-31", "2023-12-01", "Vertippt")]


def correction(**fields):
    return {
        "was": "2023-12-31",
        "left_on": "2023-12-01",
        "precision": "day",
        "note": "Vertippt",
        **fields,
    }


def test_second_click_on_a_correction_changes_nothing_more():
    tandem, client = krefeld_sofia(), entered(team())
    left(tandem, "Sofia", END_OF_2023)
    ahead = (today() + 30 * DAY).isoformat()

    answers = [post(client, page_of(tandem), **correction(left_on=ahead)) for _click in (1, 2)]

    assert [one.status_code for one in answers] == [302, 302]
    assert len(history(member(tandem, "Sofia"))) == 1


def test_correction_of_what_somebody_else_has_corrected_is_told_and_keeps_what_was_typed():
    tandem, client = krefeld_sofia(), entered(team())
    left(tandem, "Sofia", END_OF_2023 - 5 * DAY)

    page = read(post(client, page_of(tandem), **correction()))

    assert "26 December 2023" in " ".join(page.main.one(class_="form-errors").texts("li"))
    assert page.main.one("input", name="note")["value"] == "Vertippt"
    assert member(tandem, "Sofia").left_on == END_OF_2023 - 5 * DAY


@pytest.mark.parametrize(
    "fields",
    [
        {"left_on": ""},
        {"left_on": "2023-02-30"},
        {"left_on": "1999-01-01"},
        {"precision": "range"},
        {"was": "gestern"},
        {"note": "x" * 301},
        {"is_public": "on"},
        {"sources": "javascript:alert(1)"},
    ],
)
def test_wrong_correction_is_refused_in_words(fields):
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)

    response = post(entered(team()), page_of(tandem), **correction(**fields))

    assert response.status_code == 200
    assert read(response).main.one(class_="form-errors").texts("li")
    assert member(tandem, "Sofia").left_on == END_OF_2023


def test_reason_of_the_end_stands_in_its_form():
    tandem = krefeld_sofia()
    tandem.status, tandem.ended_on = "completed", END_OF_2023
    tandem.ended_reason_de, tandem.ended_reason_en = REASONS.values()
    tandem.save()

    page = Walker(team()).open(url(tandem, "end").replace("/de/", "/en/"))

    assert page.main.one("input", name="reason_en")["value"] == REASONS["en"]
    assert "checked" in page.main.one("input", name="is_public").attributes
