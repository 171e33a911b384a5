"""The land shape of Europe: one silhouette without inner borders, one path for each country."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from typing import Any

import pytest

from municipalities import geography
from tools import build_map
from tools.build_map import ATLAS, MapError, build, europe_svg, is_up_to_date, simplified

# Positions are kept in tenths of a map unit: whole numbers, so that borders compare exactly.
Ring = list[tuple[int, int]]


def rings_of(data: str) -> list[Ring]:
    """Return the rings of a path that is written in relative steps."""
    rings: list[Ring] = []
    for part in re.findall(r"M([^z]*)z", data):
        numbers = [round(float(number) * 10) for number in re.findall(r"-?[\d.]+", part)]
        x = y = 0
        ring: Ring = []
        for step_x, step_y in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + step_x, y + step_y
            ring.append((x, y))
        rings.append(ring)
    return rings


def shapes_of(svg: str) -> dict[str, list[Ring]]:
    """Return id → rings of every path."""
    return {name: rings_of(data) for name, data in re.findall(r'<path id="(\w+)" d="(.*?)"/>', svg)}


def edges(rings: list[Ring]) -> set[frozenset[tuple[int, int]]]:
    """Return the lines between neighbouring points, whichever way they run."""
    return {
        frozenset(pair)
        for ring in rings
        for pair in zip(ring, [*ring[1:], ring[0]], strict=True)
        if pair[0] != pair[1]
    }


def holds(rings: list[Ring], latitude: float, longitude: float) -> bool:
    """Tell whether a place lies within the rings (rule of odd crossings)."""
    x, y = (10 * value for value in geography.project(latitude, longitude))
    inside = False
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
    return inside


def topology(*countries: tuple[str, str, list[list[int]]], arcs: list[Any]) -> dict[str, Any]:
    """Return a TopoJSON of countries (number, name, rings) whose arcs are given in degrees."""
    steps = []
    for arc in arcs:
        first, *others = arc
        deltas = zip([first, *others[:-1]], others, strict=True)
        steps.append([first, *([b[0] - a[0], b[1] - a[1]] for a, b in deltas)])
    return {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": steps,
        "objects": {
            "countries": {
                "geometries": [
                    {
                        "type": "MultiPolygon",
                        "id": number,
                        "properties": {"name": name},
                        "arcs": [[ring] for ring in rings],
                    }
                    for number, name, rings in countries
                ]
            }
        },
    }


def square(west: float, south: float) -> list[list[float]]:
    """Return a closed square of two degrees."""
    return [
        [west, south],
        [west + 2, south],
        [west + 2, south + 2],
        [west, south + 2],
        [west, south],
    ]


#: Two countries side by side: the common border, the rest of the western, of the eastern one.
NEIGHBOURS = [
    [[10, 50], [10, 52]],
    [[10, 52], [8, 52], [8, 50], [10, 50]],
    [[10, 50], [12, 50], [12, 52], [10, 52]],
]


@pytest.fixture(scope="module")
def svg() -> str:
    """Return the map as set-up builds it from the fetched atlas."""
    return europe_svg(json.loads(ATLAS.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def shapes(svg) -> dict[str, list[Ring]]:
    """Return the shapes of the real map."""
    return shapes_of(svg)


def test_map_has_the_land_and_one_path_for_each_country(svg):
    names = re.findall(r'id="(\w+)"', svg)

    # Iceland, Portugal and Cyprus lie beyond the frame, Monaco is smaller than what is kept.
    shown = {*build_map.COUNTRIES.values(), "XK"} - {"IS", "PT", "CY", "MC"}
    assert names == ["land", *sorted(shown)]


def test_map_draws_no_country_whose_border_the_data_disputes(shapes):
    assert {"RU", "UA", "BY"} & set(shapes) == set()
    assert {"643", "804", "112"} & set(build_map.COUNTRIES) == set()


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(50.45, 30.52), (53.9, 27.56), (54.71, 20.51), (46.48, 30.72)],
    ids=["Kyiv", "Minsk", "Kaliningrad", "Odesa"],
)
def test_undrawn_country_is_part_of_the_land_alone(shapes, latitude, longitude):
    found = {name for name, rings in shapes.items() if holds(rings, latitude, longitude)}

    assert found == {"land"}


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(44.95, 34.1), (45.35, 32.6), (44.5, 33.6)],
    ids=["Simferopol", "west", "south"],
)
def test_crimea_belongs_to_no_country_of_the_map(shapes, latitude, longitude):
    found = {name for name, rings in shapes.items() if holds(rings, latitude, longitude)}

    assert found - {"land"} == set()


def test_land_has_no_inner_borders(shapes):
    drawn = Counter(
        edge for name, rings in shapes.items() if name != "land" for edge in edges(rings)
    )
    inner = {edge for edge, times in drawn.items() if times > 1}
    outer = set(drawn) - inner
    land = edges(shapes["land"])

    assert inner & land == set()
    assert len(inner) > 500
    assert len(outer & land) > 1500


@pytest.mark.parametrize(
    ("code", "latitude", "longitude"),
    [
        ("DE", 51.68, 7.82),
        ("IT", 43.46, 11.88),
        ("NL", 52.09, 5.12),
        ("RO", 46.07, 23.58),
        ("PL", 51.26, 15.57),
        ("BG", 42.7, 23.32),
        ("CH", 47.56, 7.59),
        ("FR", 47.75, 7.34),
        ("GR", 39.64, 22.42),
        ("XK", 42.66, 21.16),
    ],
)
def test_city_lies_in_its_country_and_on_the_land(shapes, code, latitude, longitude):
    found = {name for name, rings in shapes.items() if holds(rings, latitude, longitude)}

    assert found == {"land", code}


def test_sea_is_no_land(shapes):
    sea = [(56.0, 3.0), (42.5, 6.5), (58.5, 20.0), (43.0, 15.5)]

    assert [place for place in sea if holds(shapes["land"], *place)] == []


def test_map_has_the_frame_of_the_projection_and_no_colour(svg):
    assert svg.startswith(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{geography.VIEW_BOX}">\n<path id="land"'
    )
    assert svg.endswith("/>\n</svg>\n")
    assert set(re.findall(r"\b([\w-]+)=", svg)) == {"xmlns", "viewBox", "id", "d"}


def test_map_stays_within_the_frame_and_its_margin(shapes):
    points = [point for rings in shapes.values() for ring in rings for point in ring]

    assert min(x for x, _y in points) >= -120
    assert max(x for x, _y in points) <= 10 * geography.WIDTH + 120
    assert min(y for _x, y in points) >= -120
    assert max(y for _x, y in points) <= 10 * geography.HEIGHT + 120


def test_map_is_small_enough_to_be_sent_with_a_page(svg):
    assert len(svg) < 60_000


def test_map_is_the_same_every_time(svg, tmp_path):
    build(ATLAS, tmp_path / "map" / "europe.svg")

    assert (tmp_path / "map" / "europe.svg").read_text(encoding="utf-8") == svg
    assert [path.name for path in (tmp_path / "map").iterdir()] == ["europe.svg"]


def test_neighbours_are_one_land_and_two_countries():
    drawn = shapes_of(
        europe_svg(
            topology(("276", "Germany", [[0, 1]]), ("250", "France", [[~0, 2]]), arcs=NEIGHBOURS)
        )
    )

    assert list(drawn) == ["land", "DE", "FR"]
    border = edges(drawn["DE"]) & edges(drawn["FR"])
    assert len(border) == 1
    assert edges(drawn["land"]) == (edges(drawn["DE"]) | edges(drawn["FR"])) - border


def test_country_without_a_code_is_land_alone():
    drawn = shapes_of(
        europe_svg(
            topology(("643", "Russia", [[0, 1]]), ("250", "France", [[~0, 2]]), arcs=NEIGHBOURS)
        )
    )

    assert list(drawn) == ["land", "FR"]
    assert holds(drawn["land"], 51, 9)
    assert not holds(drawn["FR"], 51, 9)


def test_kosovo_is_found_by_its_name():
    drawn = shapes_of(europe_svg(topology(("", "Kosovo", [[0]]), arcs=[square(20, 42)])))

    assert list(drawn) == ["land", "XK"]


def test_land_across_the_ocean_is_left_out():
    drawn = shapes_of(
        europe_svg(topology(("250", "France", [[0], [1]]), arcs=[square(2, 46), square(-54, 3)]))
    )

    assert [len(rings) for rings in drawn.values()] == [1, 1]


def test_island_below_the_smallest_area_is_left_out():
    islet = [[5, 50], [5.01, 50], [5.01, 50.01], [5, 50.01], [5, 50]]

    drawn = shapes_of(europe_svg(topology(("276", "Germany", [[0]]), arcs=[islet])))

    assert drawn == {"land": []}


def test_line_is_simplified_within_the_tolerance():
    line = [(0.0, 0.0), (1.0, 0.4), (2.0, 0.0), (3.0, 2.0), (4.0, 0.0)]

    assert simplified(line, 0.5) == [(0.0, 0.0), (2.0, 0.0), (3.0, 2.0), (4.0, 0.0)]


def test_closed_line_stays_closed_when_simplified():
    ring = [(0.0, 0.0), (5.0, 0.1), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]

    assert simplified(ring, 0.5) == [
        (0.0, 0.0),
        (10.0, 0.0),
        (10.0, 10.0),
        (0.0, 10.0),
        (0.0, 0.0),
    ]


def test_atlas_that_is_missing_is_told_in_words(tmp_path):
    with pytest.raises(MapError) as refused:
        build(tmp_path / "countries.json", tmp_path / "europe.svg")

    assert str(refused.value) == "countries.json is missing; run tools/fetch_assets.py first."


@pytest.mark.parametrize("content", ["{", "{}", "[]", "null", '{"transform": 1}', "\ufeff{}"])
def test_atlas_of_another_kind_is_refused_and_the_old_map_stays(tmp_path, content):
    atlas, target = tmp_path / "countries.json", tmp_path / "europe.svg"
    atlas.write_text(content, encoding="utf-8")
    target.write_text("old", encoding="utf-8")

    with pytest.raises(MapError) as refused:
        build(atlas, target)

    assert str(refused.value).startswith("countries.json is no TopoJSON of countries (")
    assert target.read_text(encoding="utf-8") == "old"


def test_command_builds_once_and_is_then_up_to_date(tmp_path, monkeypatch, capsys):
    atlas = tmp_path / "countries.json"
    atlas.write_text(
        json.dumps(topology(("276", "Germany", [[0]]), arcs=[square(8, 50)])), encoding="utf-8"
    )
    monkeypatch.setattr(build_map, "ATLAS", atlas)
    monkeypatch.setattr(build_map, "TARGET", tmp_path / "europe.svg")

    assert (build_map.main(), capsys.readouterr()) == (0, ("Map: built.\n", ""))
    assert (build_map.main(), capsys.readouterr()) == (0, ("Map: up to date.\n", ""))


def test_command_without_an_atlas_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build_map, "ATLAS", tmp_path / "countries.json")
    monkeypatch.setattr(build_map, "TARGET", tmp_path / "europe.svg")

    assert build_map.main() == 1
    assert capsys.readouterr() == (
        "",
        "Map: countries.json is missing; run tools/fetch_assets.py first.\n",
    )


def test_map_that_is_older_than_its_atlas_is_out_of_date(tmp_path):
    atlas, target = tmp_path / "countries.json", tmp_path / "europe.svg"
    atlas.write_text("{}", encoding="utf-8")
    target.write_text("old", encoding="utf-8")

    assert is_up_to_date(atlas, target) is True
    newer = target.stat().st_mtime_ns + 1_000_000_000
    os.utime(atlas, ns=(newer, newer))
    assert is_up_to_date(atlas, target) is False
