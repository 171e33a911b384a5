"""Faults of single records: each is told with record and field, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

KREFELD = "municipalities “krefeld”"
SOFIA = "tandems “krefeld-sofia”, members[1]"
FLOW = "tandems “geestland-vari-voula-vouliagmeni”, learning_flows[0]"
KICK_OFF = "meetings “kick-off-2022”"
FAIR = "meetings “krefeld-business-2022”"
VISIT = "meetings “geestland-vvv-1-2022”"
SHEET = "resources “info-sheet-2022”"


def put(*path: Any) -> Any:
    """Return a change of the facts: the last of ``path`` is set at the place before it."""
    *way, name, value = path

    def change(facts: dict[str, Any]) -> None:
        place: Any = facts
        for step in way:
            place = place[step]
        place[name] = value

    return change


def city(*path: Any) -> Any:
    """Return a change of the first city, Krefeld."""
    return put("municipalities", 0, *path)


def tandem(number: int, *path: Any) -> Any:
    """Return a change of a partnership."""
    return put("tandems", number, *path)


def meeting(number: int, *path: Any) -> Any:
    """Return a change of a meeting: 0 kick-off, 3 with a time, 4 known to the month."""
    return put("meetings", number, *path)


def move_coordinator(facts: dict[str, Any]) -> None:
    """Name a coordinator from a month that no year has."""
    programme = facts["programme"]
    programme["coordinator_from_2023_13"] = programme.pop("coordinator_from_2023_10")


CASES = {
    "unknown city": (
        meeting(0, "municipalities", ["krefeld", "atlantis"]),
        f"{KICK_OFF}, municipalities: names 'atlantis', which is not in the file.",
    ),
    "unknown partnership": (
        meeting(0, "tandem", "atlantis-utopia"),
        f"{KICK_OFF}, tandem: names 'atlantis-utopia', which is not in the file.",
    ),
    "unknown topic": (
        tandem(0, "themes", ["alchemy"]),
        "tandems “krefeld-sofia”, themes: names 'alchemy', which is not in the file.",
    ),
    "unknown member": (
        tandem(0, "members", 1, "municipality", "atlantis"),
        f"{SOFIA}, municipality: names 'atlantis', which is not in the file.",
    ),
    "unknown giver": (
        tandem(2, "learning_flows", 0, "lighthouse", "atlantis"),
        f"{FLOW}, lighthouse: names 'atlantis', which is not in the file.",
    ),
    "unknown leader of a phase": (
        put("programme", "phases", 0, "lead", ["nobody"]),
        "programme, phases[0], lead: names 'nobody', which is not in the file.",
    ),
    "wrong date": (
        tandem(0, "members", 1, "joined", "17.05.2022"),
        f"{SOFIA}, joined: '17.05.2022' is not a date of the form 2022-05-17.",
    ),
    "wrong date of the whole file": (
        put("meta", "as_of", "gestern"),
        "file, meta, as_of: 'gestern' is not a date of the form 2022-05-17.",
    ),
    "wrong partial date": (
        put("resources", 0, "date", "Januar 2022"),
        f"{SHEET}, date: 'Januar 2022' is not a date such as 2022, 2022-05 or 2022-05-17.",
    ),
    "dates in the wrong order": (
        tandem(0, "changes", 0, "date_latest", "2023-10-23"),
        "tandems “krefeld-sofia”, changes[0], date_latest: 2023-10-23 lies before 2023-10-24.",
    ),
    "day that is not there": (
        meeting(0, "date_end", None),
        f"{KICK_OFF}, date_end: is missing beside the other bound.",
    ),
    "left before joining": (
        tandem(0, "members", 1, "left", "2022-05-16"),
        f"{SOFIA}, left: 2022-05-16 lies before the joining.",
    ),
    "reason without leaving": (
        tandem(0, "members", 1, "left", None),
        f"{SOFIA}, left: is missing, although a reason for leaving is given.",
    ),
    "deadline before the opening": (
        put("call", "deadline", "date", "2021-11-30"),
        "call “call-2021-2022”, deadline, date: 2021-11-30 lies before the opening.",
    ),
    "time on no day": (
        meeting(4, "time", "10:00"),
        f"{VISIT}, time: '10:00' is not a time such as 16:00-17:30 on a documented day.",
    ),
    "time of another form": (
        meeting(3, "time", "vier Uhr"),
        f"{FAIR}, time: 'vier Uhr' is not a time such as 16:00-17:30 on a documented day.",
    ),
    "time beyond the clock": (
        meeting(3, "time", "25:00"),
        f"{FAIR}, time: '25:00' is not a time of day.",
    ),
    "missing English": (city("description_en", None), f"{KREFELD}, description_en: is missing."),
    "missing German": (
        city("strengths", 0, "de", ""),
        f"{KREFELD}, strengths[0], de: is missing.",
    ),
    "one language of two": (
        city("region_en", None),
        f"{KREFELD}, region_en: is missing, although the other language is there.",
    ),
    "duplicate id": (
        put("resources", 1, "id", "info-sheet-2022"),
        f"{SHEET}, id: 'info-sheet-2022' is used twice.",
    ),
    "id with other letters": (
        put("resources", 1, "id", "Info Sheet"),
        "resources “Info Sheet”, id: 'Info Sheet' may hold only a-z, 0-9 and hyphens.",
    ),
    "NUL character": (
        city("name_local", "Kre\x00feld"),
        f"{KREFELD}, name_local: holds a NUL character.",
    ),
    "number as text": (
        city("population", "value", "viele"),
        f"{KREFELD}, population, value: 'viele' is not a whole number from 1 up.",
    ),
    "number with a fraction": (
        meeting(0, "participants", 26.5),
        f"{KICK_OFF}, participants: 26.5 is not a whole number from 0 up.",
    ),
    "number below zero": (
        put("call", "places", "partnerships", -6),
        "call “call-2021-2022”, places, partnerships: -6 is not a whole number from 0 up.",
    ),
    "area as text": (city("area_km2", "groß"), f"{KREFELD}, area_km2: 'groß' is not a number."),
    "coordinates beyond the pole": (
        city("coordinates", "lat", 91),
        f"{KREFELD}, coordinates, lat: 91 is not an angle between -90 and 90 degrees.",
    ),
    "coordinates as text": (
        city("coordinates", "lon", "6.56"),
        f"{KREFELD}, coordinates, lon: '6.56' is not an angle between -180 and 180 degrees.",
    ),
    "coordinates that are no number": (
        city("coordinates", "lat", float("nan")),
        f"{KREFELD}, coordinates, lat: nan is not an angle between -90 and 90 degrees.",
    ),
    "coordinates absent": (city("coordinates", None), f"{KREFELD}, coordinates: is missing."),
    "name too long": (
        city("name_de", "K" * 121),
        f"{KREFELD}, name_de: is longer than 120 characters.",
    ),
    "unknown kind of meeting": (
        meeting(0, "kind", "party"),
        f"{KICK_OFF}, kind: 'party' is unknown",
    ),
    "unknown kind of partnership": (
        tandem(0, "kind", "quartet"),
        "tandems “krefeld-sofia”, kind: 'quartet' is unknown",
    ),
    "unknown kind of organisation": (
        put("organisations", 0, "kind", "club"),
        "organisations “bmwsb”, kind: 'club' is unknown",
    ),
    "unknown kind of result": (
        tandem(0, "results", 0, "kind", "miracle"),
        "tandems “krefeld-sofia”, results[0], kind: 'miracle' is unknown",
    ),
    "unknown status": (
        tandem(0, "status", "asleep"),
        "tandems “krefeld-sofia”, status: 'asleep' is unknown",
    ),
    "unknown country": (city("country", "EL"), f"{KREFELD}, country: 'EL' is unknown"),
    "unknown time zone": (
        put("municipalities", 7, "timezone", "Europe/Nowhere"),
        "municipalities “utrecht”, timezone: 'Europe/Nowhere' is not an IANA time zone.",
    ),
    "unknown time zone of a meeting with a time": (
        put("municipalities", 13, "timezone", "Europe/Nowhere"),
        "municipalities “freiburg”, timezone: 'Europe/Nowhere' is not an IANA time zone.",
    ),
    "website of another kind": (
        city("website", "javascript:alert(1)"),
        f"{KREFELD}, website: holds 'javascript:alert(1)', which is no web address.",
    ),
    "source of another kind": (
        city("strengths", 0, "sources", ["krefeld.de"]),
        f"{KREFELD}, strengths[0], sources: holds 'krefeld.de', which is no web address.",
    ),
    "meeting without its partnership": (
        meeting(4, "tandem", None),
        f"{VISIT}, tandem: is missing for a meeting of one partnership.",
    ),
    "giver without seeker": (
        tandem(1, "learning_flows", 0, "follower", None),
        "tandems “hamm-arezzo”, learning_flows[0], follower: is missing beside the other.",
    ),
    "member named twice": (
        tandem(0, "members", 1, "municipality", "krefeld"),
        f"{SOFIA}, municipality: 'krefeld' is named twice.",
    ),
    "unknown coordinator": (
        put("programme", "coordinator_from_2023_10", "nobody"),
        "programme, coordinator_from_2023_10: names 'nobody', which is not in the file.",
    ),
    "coordinator from no month": (
        move_coordinator,
        "programme, coordinator_from_2023_13: names no month.",
    ),
    "list instead of an object": (put("call", []), "file, call: must be an object."),
}


@pytest.mark.parametrize(("change", "fault"), CASES.values(), ids=CASES.keys())
def test_fault_in_the_file_is_named_and_nothing_written(stored, facts, refusal, change, fault):
    before = stored()
    change(facts)

    faults = refusal(facts)

    # The list of what is known instead is told too; it has its own test with the reader.
    assert [told.partition("; known are: ")[0] for told in faults] == [fault]
    assert stored() == before


RULES = {
    "degree of urbanisation": (city("degurba", 9), f"{KREFELD}, degree_of_urbanisation"),
    "NUTS code": (city("nuts3", "code", "Krefeld"), f"{KREFELD}, nuts3_code"),
    "number beyond the database": (
        city("population", "value", 10**30),
        f"{KREFELD}, population, value",
    ),
    "year of twinning": (
        tandem(4, "existing_twinning_since", "früh"),
        "tandems “arnsberg-alba-iulia”, twinning_since",
    ),
    "address beyond the column": (
        put("resources", 17, "url", "https://example.org/" + "a" * 500),
        "resources “arnsberg-participation”, url",
    ),
}


@pytest.mark.parametrize(("change", "place"), RULES.values(), ids=RULES.keys())
def test_fault_against_a_rule_of_the_model_is_named_and_nothing_written(
    stored, facts, refusal, change, place
):
    before = stored()
    change(facts)

    faults = refusal(facts)

    assert [told.partition(": ")[0] for told in faults] == [place]
    assert stored() == before


CONSTRAINTS = {
    "area": (city("area_km2", -1), KREFELD),
    "giver is the seeker": (
        tandem(1, "learning_flows", 0, "follower", "hamm"),
        "tandems “hamm-arezzo”, learning_flows[0]",
    ),
    "end before the start": (meeting(3, "time", "17:30-16:00"), FAIR),
    "months in the wrong order": (
        put("call", "timetable", 4, "date", "2022-12/2022-07"),
        "call “call-2021-2022”, timetable[4]",
    ),
}


@pytest.mark.parametrize(("change", "record"), CONSTRAINTS.values(), ids=CONSTRAINTS.keys())
def test_fault_between_fields_is_told_of_its_record_and_nothing_written(
    stored, facts, refusal, change, record
):
    before = stored()
    change(facts)

    (fault,) = refusal(facts)

    assert fault.startswith(f"{record}, ")
    assert stored() == before


def test_fault_between_fields_is_told_without_names_of_the_program(db, facts, refusal):
    facts["municipalities"][0]["area_km2"] = -1

    (fault,) = refusal(facts)

    assert fault.partition(": ")[0] == f"{KREFELD}, record"
