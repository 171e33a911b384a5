from __future__ import annotations

from django.utils import translation

from municipalities.geography import arc, project
from municipalities.map import City, Line, city_map
from municipalities.models import Municipality
from tests.factories import MunicipalityFactory


def make_munich() -> Municipality:
    return MunicipalityFactory.build(
        slug="munich", name_de="München", name_en="Munich", latitude=48.1375, longitude=11.5757
    )


def make_utrecht() -> Municipality:
    return MunicipalityFactory.build(
        slug="utrecht", name_de="Utrecht", country="NL", latitude=52.0925, longitude=5.1195
    )


def test_no_place_has_no_map():
    assert city_map([]) is None


def test_map_shows_each_place_at_its_point_and_marks_partners():
    drawn = city_map([make_munich(), make_utrecht()])

    munich, utrecht = drawn.cities
    assert munich == City(
        name="München",
        x=round(project(48.1375, 11.5757)[0], 1),
        y=round(project(48.1375, 11.5757)[1], 1),
        text_x=munich.text_x,
        text_y=munich.text_y,
        anchor=munich.anchor,
        partner=False,
        style="",
        url=make_munich().get_absolute_url(),
    )
    assert (utrecht.name, utrecht.partner) == ("Utrecht", True)
    assert drawn.arcs == ()


def test_map_names_each_country_once_in_a_fixed_order():
    drawn = city_map([make_utrecht(), make_munich(), make_utrecht()])

    assert drawn.countries == ("DE", "NL")


def test_map_speaks_the_readers_language():
    with translation.override("en"):
        drawn = city_map([make_munich()])

    assert [(city.name, city.url) for city in drawn.cities] == [
        ("Munich", "/en/municipalities/munich/")
    ]


def test_lines_join_their_places_in_the_style_of_the_partnership():
    munich, utrecht = make_munich(), make_utrecht()
    curve = arc(project(48.1375, 11.5757), project(52.0925, 5.1195))

    drawn = city_map(
        [munich, utrecht],
        [
            Line(munich, utrecht, "", "München – Utrecht", "/de/tandems/munich/"),
            Line(utrecht, munich, "ended", "Utrecht – München", "/de/tandems/utrecht/"),
        ],
    )

    assert [(line.d, line.style, line.name, line.url) for line in drawn.arcs] == [
        (curve, "", "München – Utrecht", "/de/tandems/munich/"),
        (curve, "ended", "Utrecht – München", "/de/tandems/utrecht/"),
    ]


def test_map_counts_in_the_units_of_the_land_shape():
    drawn = city_map([make_munich()])

    assert (drawn.viewbox, drawn.land_url) == ("0 0 760 800", "/static/map/europe.svg")
