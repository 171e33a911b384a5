"""What the benchmark of the deadline computes and reads, without server and database."""

from __future__ import annotations

import pytest

from tools import bench_deadline
from tools.bench_deadline import as_fields, as_text, hidden_fields, moments, percentile


@pytest.mark.parametrize(
    ("share", "wanted"), [(0.0, 1.0), (0.5, 2.0), (0.75, 3.0), (0.76, 4.0), (1.0, 4.0)]
)
def test_percentile_is_a_value_that_was_measured(share, wanted):
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == wanted


def test_percentile_of_nothing_is_zero():
    assert percentile([], 0.95) == 0.0


def test_most_moments_lie_in_the_last_twenty_seconds():
    found = moments(60.0, 1.0, 9)

    assert (found[0], found[-1]) == (60.0, 1.0)
    assert found == sorted(found, reverse=True)
    assert sum(before <= 20 for before in found) == 6


def test_hidden_fields_are_those_of_the_form_that_has_the_wanted_one():
    page = """
      <input type="hidden" name="opened" value="outside">
      <form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="a"></form>
      <form method="post"
        data-autosave><input type="hidden" name="csrfmiddlewaretoken" value="b">
        <input type="hidden" name="marks" value="{&quot;x&quot;: &quot;1&amp;2&quot;}">
        <input type="hidden" name="opened" value=""><input type="text" name="x" value="y"></form>
      <form><input type="hidden" name="opened" value="later"></form>"""

    assert hidden_fields(page) == {
        "csrfmiddlewaretoken": "b",
        "marks": '{"x": "1&2"}',
        "opened": "",
    }


def test_page_without_the_form_is_unexpected():
    with pytest.raises(bench_deadline.UnexpectedError, match="no form with the field marks"):
        hidden_fields('<form><input type="hidden" name="opened" value="1"></form>', "marks")


def test_texts_are_signed_and_numbers_are_not():
    typed = as_text({"a": " Umwelt ", "b": 14, "c": True, "d": ["de", "en"], "e": "1"}, "7.")

    assert typed == {"a": "7.Umwelt", "b": "14", "c": "on", "d": ["de", "en"], "e": "1"}


def test_document_is_told_in_the_fields_of_the_form():
    document = {
        "municipality": {"place_population": 20_007},
        "people": {"sponsor": "Rat"},
        "challenge": {"to_learn": ""},
        "cooperation": {"working_languages": ["de"]},
        "topics": [{"side": "gives", "topic": "heat", "level": 2, "sentence": "Messen."}],
        "questions": [{"answer": "Ja."}, {"answer": {"de": "geplant", "en": "planned"}}],
        "consents": [{"text": "Gelesen."}],
        "files": [{"sha256": "abc"}],
    }

    fields = as_fields(
        document, {"answer-1": [""], "answer-2": ["beschlossen", "geplant"]}, ["consent-5"]
    )

    assert fields == {
        "place_population": "20007",
        "sponsor": "Rat",
        "to_learn": "",
        "working_languages": ["de"],
        "gives-heat-level": "2",
        "gives-heat-sentence": "Messen.",
        "answer-1": "Ja.",
        "answer-2": "1",
        "consent-5": "on",
        "files": ["abc"],
    }


def test_consent_that_is_missing_is_missing_in_the_fields():
    steps = ("municipality", "people", "challenge", "cooperation")
    empty = {step: {} for step in steps} | {
        "topics": [],
        "questions": [],
        "consents": [],
        "files": [],
    }

    assert as_fields(empty, {}, ["consent-5"]) == {"files": []}
