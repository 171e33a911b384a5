"""The real facts: each record of the file is a row with its texts and sources, whenever loaded."""

from __future__ import annotations

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation
from modeltranslation.translator import translator

from accounts.models import Organisation
from calls.models import Call, CallFact, CallMilestone
from editorial.models import ProgrammeEntry, Resource
from meetings.models import AgendaItem, Meeting
from municipalities.models import AreaFigure, Municipality, PopulationFigure, Strength, Topic
from tandems.models import (
    ProfileEntry,
    ProfileText,
    ProfileVersion,
    Tandem,
    TandemChange,
    TandemTopic,
)

pytestmark = pytest.mark.usefixtures("loaded")


def sourced(records):
    """Return id → both names or titles and sources of the file's records."""
    return {
        record["id"]: (
            record.get("name_de") or record.get("title_de") or record["de"],
            record.get("name_en") or record.get("title_en") or record["en"],
            record["sources"],
        )
        for record in records
    }


def stated(records):
    """Return the texts and sources of statements, in the order of the file."""
    return [(record["de"], record["en"], record.get("sources", [])) for record in records]


def rows(queryset, key, word):
    """Return key → both texts and sources of the rows."""
    values = queryset.values_list(key, f"{word}_de", f"{word}_en", "sources")
    return {row[0]: row[1:] for row in values}


def by_owner(queryset, owner):
    """Return owner → texts and sources of its rows, in order."""
    found = {}
    for key, *values in queryset.order_by("position").values_list(
        owner, "text_de", "text_en", "sources"
    ):
        found.setdefault(key, []).append(tuple(values))
    return found


def test_programme_has_the_documented_size(db):
    sizes = {
        model.__name__: model.objects.count()
        for model in (Municipality, Tandem, Meeting, Organisation, Call, Resource, Topic)
    }

    assert sizes == {
        "Municipality": 16,
        "Tandem": 8,
        "Meeting": 25,
        "Organisation": 9,
        "Call": 1,
        "Resource": 18,
        "Topic": 17,
    }


@pytest.mark.parametrize(
    ("model", "key", "word", "records"),
    [
        (Municipality, "slug", "name", lambda facts: facts["municipalities"]),
        (Tandem, "slug", "name", lambda facts: facts["tandems"]),
        (Meeting, "reference", "title", lambda facts: facts["meetings"]),
        (Organisation, "slug", "name", lambda facts: facts["organisations"]),
        (Resource, "reference", "title", lambda facts: facts["resources"]),
        (Topic, "key", "name", lambda facts: facts["programme"]["themes"]),
        (Call, "slug", "title", lambda facts: [facts["call"]]),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_record_has_a_row_with_its_name_and_sources(db, facts, model, key, word, records):
    assert rows(model.objects.all(), key, word) == sourced(records(facts))


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("aim", "aims"),
        ("activity", "activities"),
        ("phase", "phases"),
        ("method", "methods"),
        ("finding", "overall_findings"),
    ],
)
def test_statement_about_the_programme_has_a_row_with_its_sources(db, facts, section, name):
    found = ProgrammeEntry.objects.filter(section=section).order_by("position")

    assert list(found.values_list("text_de", "text_en", "sources")) == stated(
        facts["programme"][name]
    )


def test_disagreement_of_sources_has_a_row_with_its_sources(db, facts):
    found = ProgrammeEntry.objects.filter(section="disagreement").order_by("position")

    assert list(found.values_list("text_de", "text_en", "sources")) == stated(
        facts["disagreements"]
    )


def test_network_has_a_row_with_its_name_and_sources(db, facts):
    found = ProgrammeEntry.objects.filter(section="network").order_by("position")

    assert list(found.values_list("title_de", "title_en", "text_en", "sources")) == [
        (record["name"], record["name"], record.get("context_en", ""), record["sources"])
        for record in facts["programme"]["networks_and_initiatives_named"]
    ]


def test_summary_of_the_programme_has_name_term_and_sources(db, facts):
    summary = ProgrammeEntry.objects.get(section="summary")

    with translation.override("en"):
        assert str(summary.span) == "June 2021 – December 2024"
    assert (summary.title_de, summary.title_en, summary.text_de, summary.sources) == (
        facts["programme"]["names"]["de"],
        facts["programme"]["names"]["en"],
        facts["programme"]["description_de"],
        facts["programme"]["sources"],
    )


def test_strength_has_a_row_with_its_sources(db, facts):
    assert by_owner(Strength.objects, "municipality__slug") == {
        city["id"]: stated(city["strengths"])
        for city in facts["municipalities"]
        if city["strengths"]
    }


def test_population_figure_has_a_row_with_its_sources(db, facts):
    expected = {}
    for city in facts["municipalities"]:
        figures = [city["population"], *(city.get("population_other") or [])]
        kept = [figure for figure in figures if figure and figure["value"] is not None]
        for position, figure in enumerate(kept):
            expected[city["id"], position] = (figure["value"], figure["sources"])

    found = PopulationFigure.objects.values_list(
        "municipality__slug", "position", "value", "sources"
    )

    assert {row[:2]: row[2:] for row in found} == expected


def test_area_figure_has_a_row_with_its_sources(db, facts):
    expected = {}
    for city in facts["municipalities"]:
        if city["area_km2"] is not None:
            expected[city["id"], 0] = (f"{city['area_km2']:.2f}", city["area_sources"])
        for position, other in enumerate(city.get("area_other") or [], start=1):
            expected[city["id"], position] = (f"{other['value']:.2f}", other["sources"])

    found = AreaFigure.objects.values_list(
        "municipality__slug", "position", "square_kilometres", "sources"
    )

    assert {row[:2]: (str(row[2]), row[3]) for row in found} == expected


def test_learning_flow_has_a_row_with_its_sources(db, facts):
    found = TandemTopic.objects.exclude(focus_en="").order_by("tandem__number", "position")

    assert list(found.values_list("tandem__slug", "focus_de", "focus_en", "stage", "sources")) == [
        (
            tandem["id"],
            flow["topic_de"],
            flow["topic_en"],
            flow["status"].replace("learned_via_krefeld", "learned_via_guest"),
            flow.get("sources", []),
        )
        for tandem in facts["tandems"]
        for flow in tandem["learning_flows"]
    ]


def test_topic_of_a_partnership_has_a_row(db, facts):
    found = {}
    for tandem, topic in TandemTopic.objects.values_list("tandem__slug", "topic__key"):
        found.setdefault(tandem, set()).add(topic)

    assert found == {
        tandem["id"]: {*tandem["themes"], *(f.get("theme") for f in tandem["learning_flows"])}
        for tandem in facts["tandems"]
        if tandem["themes"] or tandem["learning_flows"]
    }


def test_change_in_a_partnership_has_a_row_with_its_sources(db, facts):
    assert by_owner(TandemChange.objects, "tandem__slug") == {
        tandem["id"]: stated(tandem["changes"]) for tandem in facts["tandems"] if tandem["changes"]
    }


def texts_by_owner(**section):
    """Return partnership → texts and sources of the entries of a section, in order."""
    found = {}
    entries = ProfileEntry.objects.filter(**section).select_related("profile__tandem")
    for entry in entries.prefetch_related("texts").order_by("position"):
        texts = {text.language: text.text for text in entry.texts.all()}
        row = (texts["de"], texts["en"], entry.sources)
        found.setdefault(entry.profile.tandem.slug, []).append(row)
    return found


def test_profile_has_a_row_with_its_sources(db, facts):
    found = ProfileVersion.objects.values_list("tandem__slug", "number", "state", "sources")

    assert sorted(found) == sorted(
        (tandem["id"], 1, "released", tandem["sources"]) for tandem in facts["tandems"]
    )


def test_summary_of_a_profile_is_its_first_entry(db, facts):
    assert texts_by_owner(section="summary", is_point=False, position=0) == {
        tandem["id"]: [(tandem["description_de"], tandem["description_en"], [])]
        for tandem in facts["tandems"]
    }


@pytest.mark.parametrize(
    ("section", "name"), [("challenge", "challenges"), ("goal", "goals"), ("result", "results")]
)
def test_entry_of_a_profile_has_a_row_with_its_sources(db, facts, section, name):
    assert texts_by_owner(section=section, is_point=True) == {
        tandem["id"]: stated(tandem[name]) for tandem in facts["tandems"] if tandem[name]
    }


def test_german_text_counts_as_the_original_and_the_english_one_as_translated(db):
    states = ProfileText.objects.values_list("language", "state").distinct()

    assert set(states) == {("de", "original"), ("en", "translated")}


def test_agenda_item_has_a_row(db, facts):
    found = AgendaItem.objects.order_by("meeting", "position")

    assert list(found.values_list("meeting__reference", "text_de", "text_en")) == [
        (meeting["id"], item["de"], item["en"])
        for meeting in facts["meetings"]
        for item in meeting["agenda"]
    ]


def test_fact_of_the_call_has_a_row_with_its_sources(db, facts):
    call = facts["call"]
    named = [
        call["eligible"],
        call["channel"],
        {**call["themes_offered"], "de": call["themes_offered"]["note_de"]},
        *call["benefits"],
        call["matchmaking"],
        call["existing_twin_towns_allowed"],
        call["applicants_note"],
    ]

    found = CallFact.objects.order_by("position").values_list("text_de", "sources")

    assert list(found) == [(fact["de"], fact["sources"]) for fact in named]


def test_step_of_the_timetable_has_a_row_with_its_sources(db, facts):
    assert by_owner(CallMilestone.objects, "call__slug") == {
        facts["call"]["id"]: stated(facts["call"]["timetable"])
    }


def test_base_column_repeats_the_german_text_or_else_the_english_one(db):
    differing = []
    compared = 0
    with connection.cursor() as cursor:
        for model in translator.get_registered_models(abstract=False):
            table = model._meta.db_table
            for name in translator.get_options_for_model(model).all_fields:
                cursor.execute(f'SELECT "{name}", "{name}_de", "{name}_en" FROM "{table}"')
                for base, german, english in cursor.fetchall():
                    compared += 1
                    if base != (german or english or ""):
                        differing.append((table, name, base, german, english))

    assert differing == []
    assert compared > 400


def test_second_run_changes_no_row(stored, programme_path, capsys):
    before = stored()

    with time_machine.travel("2031-01-01"):
        call_command("load_programme", programme_path)

    assert stored() == before
    assert len(before["meetings_meeting"]) == 25
    assert capsys.readouterr().out == (
        "programme.json: 0 created, 0 changed, 0 removed, 474 unchanged\n"
    )


def test_second_run_in_english_changes_no_row(stored, programme_path):
    before = stored()

    with translation.override("en"):
        call_command("load_programme", programme_path)

    assert stored() == before


def test_command_demands_a_file(db):
    with pytest.raises(CommandError) as refused:
        call_command("load_programme")

    assert str(refused.value) == "Error: the following arguments are required: FILE"
