"""Readers of choices, references and nested records: what is known, or a named fault."""

from __future__ import annotations

from typing import Any

import pytest

from vernetzt.loading.records import Record


def record(**data: Any) -> Record:
    """Return a record with the label of a city."""
    return Record(data, "place “hamm”")


def told(record: Record) -> list[str]:
    """Return the faults as people read them."""
    return [str(fault) for fault in record.faults]


def test_choice_is_taken_as_it_is_or_translated():
    reader = record(kind="funder")

    assert reader.choice("kind", ["funder"]) == "funder"
    assert reader.choice("kind", {"funder": "ministry"}) == "ministry"
    assert told(reader) == []


def test_choice_that_is_unknown_names_the_known_ones():
    reader = record(kind="club")

    assert reader.choice("kind", {"funder": "ministry", "coordinator": "coordinator"}) == ""
    assert told(reader) == [
        "place “hamm”, kind: 'club' is unknown; known are: coordinator, funder."
    ]


def test_choice_may_be_absent_where_not_required():
    reader = record()

    assert (reader.choice("kind", ["a"], required=False), told(reader)) == ("", [])


def test_reference_leads_to_a_record_of_the_file():
    reader = record(host="hamm", guest="atlantis")

    assert (reader.reference("host", {"hamm"}), told(reader)) == ("hamm", [])
    assert reader.reference("guest", {"hamm"}) == ""
    assert told(reader) == ["place “hamm”, guest: names 'atlantis', which is not in the file."]


def test_references_keep_what_is_known_and_name_the_rest():
    reader = record(cities=["hamm", "atlantis", "arezzo"])

    assert reader.references("cities", {"hamm", "arezzo"}) == ["hamm", "arezzo"]
    assert told(reader) == ["place “hamm”, cities: names 'atlantis', which is not in the file."]


def test_references_of_the_wrong_kind_are_a_fault():
    reader = record(cities="hamm")

    assert (reader.references("cities", {"hamm"}), told(reader)) == (
        [],
        ["place “hamm”, cities: must be a list of ids."],
    )


@pytest.mark.parametrize("entry", [{}, [], 7, None])
def test_references_to_no_text_are_a_fault(entry):
    reader = record(cities=["hamm", entry])

    assert reader.references("cities", {"hamm": 1}) == ["hamm"]
    assert told(reader) == [f"place “hamm”, cities: names {entry!r}, which is not in the file."]


def test_part_is_named_by_its_place():
    reader = record(population={"value": "many"})

    part = reader.part("population")

    assert part.number("value") is None
    assert told(reader) == [
        "place “hamm”, population, value: 'many' is not a whole number from 0 up."
    ]


def test_part_that_is_absent_or_no_object_is_none():
    reader = record(area=[1])

    assert [reader.part("population"), reader.part("area")] == [None, None]
    assert reader.part("population", required=True) is None
    assert told(reader) == [
        "place “hamm”, area: must be an object.",
        "place “hamm”, population: is missing.",
    ]


def test_parts_are_named_by_their_position():
    reader = record(strengths=[{"de": "a"}, "b", {"de": 7}])

    found = [(position, part.text("de")) for position, part in reader.parts("strengths")]

    assert found == [(0, "a"), (2, "")]
    assert told(reader) == [
        "place “hamm”, strengths[1], record: must be an object.",
        "place “hamm”, strengths[2], de: must be text, found int.",
    ]


def test_parts_that_are_no_list_are_a_fault():
    reader = record(strengths={})

    assert (list(reader.parts("strengths")), list(reader.parts("other"))) == ([], [])
    assert told(reader) == ["place “hamm”, strengths: must be a list."]


def test_identified_records_are_found_by_id():
    reader = record(places=[{"id": "alba-iulia"}, {"id": "hamm_2"}])

    found = reader.identified("places")

    assert {key: part.label for key, part in found.items()} == {
        "alba-iulia": "places “alba-iulia”",
        "hamm_2": "places “hamm_2”",
    }
    assert told(reader) == []


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        ({"id": "hamm"}, "places “hamm”, id: 'hamm' is used twice."),
        ({"id": "Hamm"}, "places “Hamm”, id: 'Hamm' may hold only a-z, 0-9 and hyphens."),
        ({"id": "a--b"}, "places “a--b”, id: 'a--b' may hold only a-z, 0-9 and hyphens."),
        ({"id": "../x"}, "places “../x”, id: '../x' may hold only a-z, 0-9 and hyphens."),
        ({}, "places[1], id: is missing."),
        ({"id": 7}, "places[1], id: must be text, found int."),
    ],
)
def test_identified_record_without_an_id_of_its_own_is_a_fault(second, fault):
    reader = record(places=[{"id": "hamm"}, second])

    assert list(reader.identified("places")) == ["hamm"]
    assert told(reader) == [fault]
