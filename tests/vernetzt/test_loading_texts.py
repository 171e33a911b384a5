"""Readers of JSON files, texts and web addresses: the value, or a fault that names its place."""

from __future__ import annotations

from typing import Any

import pytest

from vernetzt.loading.faults import Fault, FileRefusedError, read_json
from vernetzt.loading.records import Record


def record(**data: Any) -> Record:
    """Return a record with the label of a city."""
    return Record(data, "place “hamm”")


def told(record: Record) -> list[str]:
    """Return the faults as people read them."""
    return [str(fault) for fault in record.faults]


def test_fault_names_record_field_and_what_to_do():
    assert str(Fault("place “hamm”", "website", "is missing.")) == (
        "place “hamm”, website: is missing."
    )


def test_file_refused_error_lists_all_faults():
    error = FileRefusedError([Fault("a", "b", "c."), Fault("d", "e", "f.")])

    assert str(error) == "a, b: c.\nd, e: f."


def test_json_object_is_read(tmp_path):
    path = tmp_path / "facts.json"
    path.write_text('{"name": "Bolesławiec"}', encoding="utf-8")

    assert read_json(path) == {"name": "Bolesławiec"}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            b'{"name": }',
            "is not valid JSON: Expecting value: line 1 column 10 (char 9).",
        ),
        (b"", "is not valid JSON: Expecting value: line 1 column 1 (char 0)."),
        (b'{"name": "M\xfcnchen"}', "is not UTF-8 (byte 11)."),
        (b'["Hamm"]', "must hold one JSON object."),
        (b"null", "must hold one JSON object."),
    ],
    ids=["bad JSON", "empty", "not UTF-8", "a list", "null"],
)
def test_json_that_is_no_object_is_refused(tmp_path, content, fault):
    path = tmp_path / "facts.json"
    path.write_bytes(content)

    with pytest.raises(FileRefusedError) as refused:
        read_json(path)

    assert str(refused.value) == f"{path}, file: {fault}"


def test_json_nested_beyond_reason_is_refused(tmp_path):
    path = tmp_path / "facts.json"
    path.write_text("[" * 100_000, encoding="utf-8")

    with pytest.raises(FileRefusedError) as refused:
        read_json(path)

    assert [(fault.record, fault.field) for fault in refused.value.faults] == [(str(path), "file")]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("absent.json", "No such file or directory"), ("", "Is a directory")],
    ids=["missing", "a folder"],
)
def test_json_that_cannot_be_opened_is_refused(tmp_path, name, reason):
    with pytest.raises(FileRefusedError) as refused:
        read_json(tmp_path / name)

    assert str(refused.value) == f"{tmp_path / name}, file: cannot be read ({reason})."


@pytest.mark.parametrize("value", ["Hamm", "Βούλα", "a\nb"])
def test_text_is_returned_as_it_stands(value):
    reader = record(name=value)

    assert (reader.text("name"), told(reader)) == (value, [])


@pytest.mark.parametrize("data", [{}, {"name": None}, {"name": ""}])
def test_text_that_is_absent_is_a_fault_only_where_required(data):
    needed, optional = Record(data, "place"), Record(data, "place")

    assert (needed.text("name"), told(needed)) == ("", ["place, name: is missing."])
    assert (optional.text("name", required=False), told(optional)) == ("", [])


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (7, "must be text, found int."),
        (["Hamm"], "must be text, found list."),
        (False, "must be text, found bool."),
        ("Ha\x00mm", "holds a NUL character."),
    ],
)
def test_text_of_the_wrong_kind_is_a_fault(value, fault):
    reader = record(name=value)

    assert (reader.text("name"), told(reader)) == ("", [f"place “hamm”, name: {fault}"])


def test_text_with_half_a_character_is_a_fault():
    reader = record(name="Ha\ud800mm")

    assert reader.text("name") == ""
    assert [fault.field for fault in reader.faults] == ["name"]


def test_text_may_be_as_long_as_allowed_and_no_longer():
    reader = record(short="x" * 5, long="x" * 6)

    assert reader.text("short", longest=5) == "xxxxx"
    assert told(reader) == []
    reader.text("long", longest=5)
    assert told(reader) == ["place “hamm”, long: is longer than 5 characters."]


def test_words_are_read_in_both_languages():
    reader = record(name_de="München", name_en="Munich")

    assert reader.words("name") == {"name_de": "München", "name_en": "Munich"}
    assert told(reader) == []


@pytest.mark.parametrize(
    ("source", "data"),
    [("role", {"role_de": "a", "role_en": "b"}), ("", {"de": "a", "en": "b"})],
)
def test_words_may_have_another_name_in_the_file(source, data):
    assert record(**data).words("text", source) == {"text_de": "a", "text_en": "b"}


def test_words_in_one_language_only_are_a_fault():
    needed, optional = record(name_de="München"), record(name_de="München")

    needed.words("name")
    optional.words("name", required=False)

    assert told(needed) == ["place “hamm”, name_en: is missing."]
    assert told(optional) == [
        "place “hamm”, name_en: is missing, although the other language is there."
    ]


def test_words_in_no_language_are_no_fault_where_not_required():
    reader = record()

    assert reader.words("name", required=False) == {"name_de": "", "name_en": ""}
    assert told(reader) == []


@pytest.mark.parametrize(
    ("data", "german", "english"),
    [
        ({"note_en": "rounded"}, "", "rounded"),
        ({"note_de": "gerundet"}, "gerundet", ""),
        ({"note": "rounded"}, "", "rounded"),
        ({"note": "rounded", "note_de": "gerundet"}, "gerundet", "rounded"),
        ({"note": "other", "note_en": "rounded"}, "", "rounded"),
        ({}, "", ""),
    ],
)
def test_note_may_stand_in_one_language_and_is_english_without_a_name(data, german, english):
    reader = Record(data, "place")

    assert reader.note("note") == {"note_de": german, "note_en": english}
    assert told(reader) == []


def test_note_may_have_another_name_in_the_file():
    reader = record(remark_de="gerundet", remark="rounded")

    assert reader.note("note", "remark") == {"note_de": "gerundet", "note_en": "rounded"}


def test_texts_are_read():
    reader = record(languages=["de", "en"])

    assert (reader.strings("languages"), reader.strings("other")) == (["de", "en"], [])
    assert told(reader) == []


@pytest.mark.parametrize("value", ["de", ["de", 7], {"de": 1}])
def test_texts_of_the_wrong_kind_are_a_fault(value):
    reader = record(languages=value)

    assert reader.strings("languages") == []
    assert told(reader) == ["place “hamm”, languages: must be a list of texts."]


@pytest.mark.parametrize("entry", ["d\x00e", "d\ud800e"], ids=["NUL", "half a character"])
def test_texts_that_no_database_keeps_are_a_fault(entry):
    reader = record(languages=["de", entry])

    assert reader.strings("languages") == []
    assert [fault.field for fault in reader.faults] == ["languages"]


def test_addresses_are_read():
    reader = record(sources=["https://www.hamm.de/a?b=c", "http://hamm.de"], website="https://x.de")

    assert reader.urls() == ["https://www.hamm.de/a?b=c", "http://hamm.de"]
    assert reader.url("website") == "https://x.de"
    assert (reader.urls("other"), reader.url("home")) == ([], "")
    assert told(reader) == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://hamm.de",
        "hamm.de",
        "https://",
        7,
        None,
        pytest.param("https://[::1", id="broken IPv6"),
        pytest.param("https://hamm.de/\x00", id="NUL"),
        pytest.param("https://hamm.de/\ud800", id="half a character"),
    ],
)
def test_source_that_is_no_web_address_is_a_fault(address):
    reader = record(sources=["https://hamm.de", address])

    assert reader.urls() == ["https://hamm.de"]
    assert told(reader) == [f"place “hamm”, sources: holds {address!r}, which is no web address."]


def test_sources_that_are_no_list_are_a_fault():
    reader = record(sources="https://hamm.de")

    assert reader.urls() == []
    assert told(reader) == ["place “hamm”, sources: must be a list of web addresses."]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "hamm.de", "https://", "https://[::1"])
def test_website_that_is_no_web_address_is_a_fault(address):
    reader = record(website=address)

    assert reader.url("website") == ""
    assert told(reader) == [f"place “hamm”, website: holds {address!r}, which is no web address."]
