"""Files that are refused as a whole, at once with all faults, whenever the fault shows."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from municipalities.models import Strength


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"programme": ', "FILE, file: is not valid JSON: Expecting value: line 1 column 15"),
        (b'{"programme": "\xff"}', "FILE, file: is not UTF-8 (byte 15)."),
        (b"[]", "FILE, file: must hold one JSON object."),
        (b'"text"', "FILE, file: must hold one JSON object."),
    ],
    ids=["bad JSON", "not UTF-8", "a list", "a text"],
)
def test_file_that_is_no_object_writes_nothing(stored, refusal, content, fault):
    before = stored()

    faults = refusal(content)

    assert [told[: len(fault)] for told in faults] == [fault]
    assert stored() == before


def test_file_that_is_missing_is_named(stored, tmp_path):
    before = stored()

    with pytest.raises(CommandError) as refused:
        call_command("load_programme", tmp_path / "absent.json")

    path = tmp_path / "absent.json"
    assert str(refused.value) == (
        f"{path} is refused, nothing was written:\n"
        f"- {path}, file: cannot be read (No such file or directory)."
    )
    assert stored() == before


def test_file_without_a_programme_is_refused(stored, refusal):
    before = stored()

    assert refusal({}) == [
        "file, programme: is missing.",
        "programme, names: is missing.",
        "programme, description_de: is missing.",
        "programme, description_en: is missing.",
    ]
    assert stored() == before


def test_all_faults_of_a_file_are_told_at_once(db, facts, refusal):
    facts["municipalities"][0]["area_km2"] = "groß"
    facts["municipalities"][1]["website"] = "sofia.bg"
    facts["meetings"][0]["status"] = "maybe"

    faults = refusal(facts)

    assert [fault.partition(": ")[0] for fault in faults] == [
        "municipalities “krefeld”, area_km2",
        "municipalities “sofia”, website",
        "meetings “kick-off-2022”, status",
    ]


def test_late_fault_takes_back_everything_before_it(loaded, stored, facts, refusal):
    before = stored()
    facts["municipalities"][0]["strengths"][0]["de"] = "Etwas anderes"
    facts["municipalities"][1]["strengths"].pop()
    facts["organisations"][0]["id"] = "another"
    facts["resources"][-1]["url"] = "https://example.org/" + "a" * 500

    faults = refusal(facts)

    assert [fault.partition(": ")[0] for fault in faults] == [
        "resources “arnsberg-participation”, url"
    ]
    assert stored() == before
    assert not Strength.objects.filter(text_de="Etwas anderes").exists()
