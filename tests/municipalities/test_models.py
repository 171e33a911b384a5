from __future__ import annotations

from operator import attrgetter

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from municipalities.models import (
    Municipality,
    Topic,
    TopicRole,
    validate_time_zone,
)
from municipalities.queries import country_choices
from tests.constraints import (
    Arranged,
    Case,
    alone,
    assert_database_refuses,
    assert_people_are_told,
    beside,
    dated,
    refusals,
)
from tests.factories import (
    AreaFigureFactory,
    MunicipalityFactory,
    PopulationFigureFactory,
    StrengthFactory,
    TopicFactory,
    TopicRoleFactory,
)


def two_roles() -> Arranged:
    named = TopicRoleFactory(role="gives")
    other = TopicRoleFactory(municipality=named.municipality, topic=named.topic, role="seeks")
    return Arranged(other, refused={"role": "gives"}, allowed={"role": "mutual"})


CASES = [
    *(
        Case(
            "municipality_lies_on_earth",
            "Latitude or longitude is out of range.",
            alone(MunicipalityFactory, refused={axis: beyond}, allowed={axis: edge}),
        )
        for axis, beyond, edge in [
            ("latitude", 90.001, 90),
            ("latitude", -90.001, -90),
            ("longitude", 180.001, 180),
            ("longitude", -180.001, -180),
        ]
    ),
    Case(
        "municipality_lies_in_europe",
        "Choose a European country.",
        alone(MunicipalityFactory, refused={"country": "US"}, allowed={"country": "GR"}),
    ),
    *dated("populationfigure", PopulationFigureFactory),
    Case(
        "population_figure_has_its_own_position",
        "This position is taken by another figure.",
        beside(PopulationFigureFactory, "municipality"),
    ),
    Case(
        "population_figure_is_positive",
        "Give a number of inhabitants above zero.",
        alone(PopulationFigureFactory, refused={"value": 0}, allowed={"value": 1}),
    ),
    Case(
        "area_figure_has_its_own_position",
        "This position is taken by another figure.",
        beside(AreaFigureFactory, "municipality"),
    ),
    Case(
        "area_figure_is_positive",
        "Give an area above zero.",
        alone(
            AreaFigureFactory,
            refused={"square_kilometres": 0},
            allowed={"square_kilometres": "0.01"},
        ),
    ),
    Case(
        "strength_has_its_own_position",
        "This position is taken by another strength.",
        beside(StrengthFactory, "municipality"),
    ),
    Case("topic_role_is_named_once", "This role is already named for the topic.", two_roles),
    Case(
        "topic_role_is_known",
        "Choose whether the municipality gives or seeks.",
        alone(TopicRoleFactory, refused={"role": "leads"}, allowed={"role": "seeks"}),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_database_refuses_what_a_constraint_forbids(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_people_read_why_a_constraint_refuses(case):
    assert_people_are_told(case)


PLACES = {
    "patras": {"name_de": "Patras", "name_en": "Patras", "local_name": "Πάτρα"},
    "varna": {"name_de": "Warna", "name_en": "Varna", "local_name": "Варна"},
    "lodz": {"name_de": "Lodsch", "name_en": "Łódź", "local_name": "Łódź"},
    "boleslawiec": {"name_de": "Bunzlau", "name_en": "Bolesławiec", "local_name": "Bolesławiec"},
    "strasse": {"name_de": "Neue Straße", "name_en": "New Road", "local_name": "Neue Straße"},
    "freiburg": {
        "name_de": "Freiburg im Breisgau",
        "name_en": "Freiburg im Breisgau",
        "local_name": "Freiburg im Breisgau",
    },
}


@pytest.fixture
def places(db):
    for slug, names in PLACES.items():
        MunicipalityFactory(slug=slug, **names)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("ΠΆΤΡΑ", {"patras"}),
        ("πατρα", {"patras"}),
        ("варна", {"varna"}),
        ("ВАРНА", {"varna"}),
        ("lodz", {"lodz"}),
        ("LODSCH", {"lodz"}),
        ("boleslawiec", {"boleslawiec"}),
        ("Bunzlau", {"boleslawiec"}),
        ("STRASSE", {"strasse"}),
        ("straße", {"strasse"}),
        ("Road neue", {"strasse"}),
        ("  breisgau   FREIBURG ", {"freiburg"}),
        ("im im im im im im im im nowhere", {"freiburg"}),  # eight words count
        ("boles law", {"boleslawiec"}),
        ("freiburg patras", set()),
        ("\x00", set(PLACES)),
        ("lo\x00dz", {"lodz"}),
        ("", set(PLACES)),
        (" \t ", set(PLACES)),
        ("%", set()),
        ("l_dz", set()),
        ("\\", set()),
        ("'; DROP TABLE municipalities_municipality; --", set()),
        ("x" * 10_000, set()),
        ("ß" * 10_000, set()),
        ("lodz " * 2_000, {"lodz"}),
        ("\u0301" * 10_000, set(PLACES)),
        ("\U0010ffff", set()),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_found_by_ignores_case_and_marks_in_every_script(places, question, found):
    rows = Municipality.objects.found_by(question)

    assert set(rows.values_list("slug", flat=True)) == found


@pytest.mark.django_db
def test_by_name_follows_the_readers_language():
    munich = MunicipalityFactory(name_de="Zett", name_en="Alpha")
    basel = MunicipalityFactory(name_de="Basel", name_en="Basel")
    twin = MunicipalityFactory(name_de="Basel", name_en="Basel")

    assert list(Municipality.objects.by_name()) == [basel, twin, munich]
    with translation.override("en"):
        assert list(Municipality.objects.by_name()) == [munich, basel, twin]


@pytest.mark.django_db
def test_on_topic_finds_who_gives_or_seeks_and_names_nobody_twice():
    topic, other = TopicFactory(key="open-data"), TopicFactory(key="mobility")
    gives, seeks, absent = (MunicipalityFactory() for _place in range(3))
    TopicRoleFactory(municipality=gives, topic=topic, role="gives")
    TopicRoleFactory(municipality=gives, topic=topic, role="mutual")
    TopicRoleFactory(municipality=seeks, topic=topic, role="seeks")
    TopicRoleFactory(municipality=absent, topic=other)

    assert list(Municipality.objects.on_topic("open-data").order_by("pk")) == [gives, seeks]
    assert list(Municipality.objects.on_topic("no-such-topic")) == []


@pytest.mark.django_db
def test_roles_come_with_their_topic_by_role_and_key(django_assert_num_queries):
    place = MunicipalityFactory()
    for role, key in [("seeks", "a"), ("gives", "c"), ("gives", "b")]:
        TopicRoleFactory(municipality=place, topic=TopicFactory(key=key), role=role)

    with django_assert_num_queries(1):
        found = [(entry.role, entry.topic.key) for entry in TopicRole.objects.with_topic()]

    assert found == [("gives", "b"), ("gives", "c"), ("seeks", "a")]


@pytest.mark.django_db
def test_topics_come_by_name_in_the_readers_language_without_regard_to_marks():
    for key, german, english in [("a", "Zugang", "Access"), ("b", "Öffnung", "Opening")]:
        TopicFactory(key=key, name_de=german, name_en=english)
    TopicFactory(key="c", name_de="Planung", name_en="Planning")

    assert [topic.key for topic in Topic.objects.all().by_name()] == ["b", "c", "a"]
    with translation.override("en"):
        assert [topic.key for topic in Topic.objects.all().by_name()] == ["a", "b", "c"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Athens", "UTC"])
def test_time_zone_may_be_an_iana_name(zone):
    assert refusals(validate_time_zone, zone) == []


@pytest.mark.parametrize("zone", ["Mars/Olympus", "CET+1", "../etc/passwd", "europe/berlin", ""])
def test_time_zone_refuses_other_names(zone):
    with pytest.raises(ValidationError) as refusal:
        validate_time_zone(zone)

    with translation.override("en"):
        assert refusal.value.messages == [f"“{zone}” is not an IANA time zone."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("country", "EL"),  # the EU's code for Greece; ISO says GR
        ("nuts3_code", "dea14"),
        ("nuts3_code", "DEA1"),
        ("latitude", 91),
        ("longitude", -181),
        ("time_zone", "Krefeld"),
        ("website", "javascript:alert(1)"),
        ("sources", ["krefeld.de"]),
        ("degree_of_urbanisation", 4),
    ],
)
def test_municipality_refuses_a_wrong_value_at_its_field(field, value):
    place = MunicipalityFactory.build(**{field: value})

    with pytest.raises(ValidationError) as refusal:
        place.full_clean()

    assert set(refusal.value.error_dict) - {"__all__"} == {field}


def test_offices_are_the_lines_of_their_field():
    place = Municipality(contact_offices="Digitalamt\n\nAmt für Europa\r\n")

    assert place.offices == ["Digitalamt", "Amt für Europa"]


@pytest.mark.parametrize(("languages", "tag"), [(["el", "en"], "el"), ([], "")])
def test_local_language_is_the_first_one(languages, tag):
    assert Municipality(languages=languages).local_language == tag


def test_local_name_is_another_one_depending_on_the_reader():
    place = Municipality(name_de="München", name_en="Munich", local_name="München")

    assert place.has_other_local_name is False
    with translation.override("en"):
        assert place.has_other_local_name is True


def test_countries_to_choose_stand_by_name_and_without_unknown_codes():
    with translation.override("en"):
        assert country_choices(["UA", "TR", "US", "CH", ""]) == [
            ("CH", "Switzerland"),
            ("TR", "Türkiye"),
            ("UA", "Ukraine"),
        ]
    assert country_choices(["PL", "PT", "AT", "NO"]) == [
        ("NO", "Norwegen"),
        ("AT", "Österreich"),
        ("PL", "Polen"),
        ("PT", "Portugal"),
    ]


def test_figures_print_number_and_date():
    figure = PopulationFigureFactory.build(municipality=None)

    assert str(figure) == "228000 (31. Dezember 2021)"
    assert str(AreaFigureFactory.build(municipality=None)) == "137.78 km²"
