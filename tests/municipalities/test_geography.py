from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from municipalities.geography import (
    CENTRE_X,
    CENTRE_Y,
    HEIGHT,
    POINT_RADIUS,
    SCALE,
    WIDTH,
    Box,
    arc,
    label_box,
    place_labels,
    project,
    text_width,
)

ROOT = Path(__file__).resolve().parents[2]

#: Radius of the sphere with the surface of the GRS 80 ellipsoid, in metres.
AUTHALIC_RADIUS = 6_371_007.181


def along(vector: tuple[float, ...], axis: tuple[float, ...]) -> float:
    return sum(one * two for one, two in zip(vector, axis, strict=True))


def project_by_chord(latitude: float, longitude: float) -> tuple[float, float]:
    """Snyder's definition (USGS 1395, p. 182) instead of his formulas.

    Straight distance through the sphere from the centre (52° N, 10° E), in the true direction.
    """
    phi, lam, centre = (math.radians(angle) for angle in (latitude, longitude - 10, 52))
    place = (math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi))
    middle = (math.cos(centre), 0.0, math.sin(centre))
    east, north = (0.0, 1.0, 0.0), (-math.sin(centre), 0.0, math.cos(centre))
    direction = math.atan2(along(place, east), along(place, north))
    chord = math.dist(place, middle)
    return (
        CENTRE_X + SCALE * chord * math.sin(direction),
        CENTRE_Y - SCALE * chord * math.cos(direction),
    )


def test_centre_of_the_projection_is_the_centre_of_the_map():
    assert project(52, 10) == pytest.approx((300, 270), abs=1e-9)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (51.3333, 6.56),  # Krefeld
        (42.6976, 23.3236),  # Sofia
        (37.8433, 23.7744),  # Voula
        (52.0925, 5.1195),  # Utrecht
        (64.1466, -21.9426),  # Reykjavík
        (35.1856, 33.3823),  # Nicosia
        (71.17, 25.78),  # North Cape
        (90, 0),
        (0, 10),
        (52, -170),
    ],
)
def test_projection_keeps_chord_and_direction_from_the_centre(latitude, longitude):
    assert project(latitude, longitude) == pytest.approx(
        project_by_chord(latitude, longitude), abs=1e-6
    )


@pytest.mark.parametrize(
    ("latitude", "longitude", "easting", "northing"),
    [
        (50, 5, 3_962_799.45, 2_999_718.85),  # EPSG Guidance Note 7-2, 3.4.2
        (60, 5, 4_041_548.13, 4_109_791.66),  # IOGP GIGS test 5110
        (70, 5, 4_127_824.66, 5_214_090.65),
    ],
)
def test_projection_agrees_with_epsg_3035_but_for_the_flattening(
    latitude, longitude, easting, northing
):
    x, y = project(latitude, longitude)

    # One unit of the map is 3.5 km; sphere and ellipsoid differ by less than 4 km up to 70° N.
    assert x == pytest.approx(CENTRE_X + SCALE * (easting - 4_321_000) / AUTHALIC_RADIUS, abs=1.2)
    assert y == pytest.approx(CENTRE_Y - SCALE * (northing - 3_210_000) / AUTHALIC_RADIUS, abs=1.2)


@pytest.mark.parametrize("latitude", [35, 52, 70])
def test_east_and_west_mirror_each_other(latitude):
    east_x, east_y = project(latitude, 10 + 17)
    west_x, west_y = project(latitude, 10 - 17)

    assert east_x - CENTRE_X == pytest.approx(CENTRE_X - west_x, abs=1e-9)
    assert east_y == pytest.approx(west_y, abs=1e-9)
    assert east_x > west_x


def test_north_is_up():
    assert project(60, 10)[1] < project(52, 10)[1] < project(40, 10)[1]


@pytest.mark.parametrize(("latitude", "longitude"), [(36, -9), (52, 10), (43, 24), (69, 30)])
def test_equal_areas_on_earth_are_equal_areas_on_the_map(latitude, longitude):
    side = 0.01
    corners = [
        project(latitude + up * side, longitude + right * side)
        for up, right in [(0, 0), (0, 1), (1, 1), (1, 0)]
    ]
    following = [*corners[1:], corners[0]]
    on_map = (
        sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(corners, following, strict=True)) / 2
    )

    band = math.sin(math.radians(latitude + side)) - math.sin(math.radians(latitude))
    on_sphere = math.radians(side) * band * SCALE**2
    assert abs(on_map) == pytest.approx(on_sphere, rel=1e-5)


def test_antipode_lies_far_beyond_the_map():
    x, y = project(-52, -170)

    assert math.isfinite(x)
    assert math.isfinite(y)
    assert not (0 <= x <= WIDTH and 0 <= y <= HEIGHT)


ARC = re.compile(r"M(\S+) (\S+)Q(\S+) (\S+) (\S+) (\S+)")


def test_arc_is_a_quadratic_curve_bent_upwards():
    assert arc((100, 200), (200, 200)) == "M100.0 200.0Q150.0 180.0 200.0 200.0"


@pytest.mark.parametrize(
    ("first", "second"),
    [((10, 20), (300, 40)), ((300, 500), (10, 20)), ((50, 10), (50, 90)), ((50, 90), (60, 10))],
)
def test_arc_is_the_same_in_both_directions(first, second):
    assert arc(first, second) == arc(second, first)


@pytest.mark.parametrize("angle", range(-90, 90, 15))
def test_arc_always_bends_to_the_same_side(angle):
    start = (380.0, 400.0)
    end = (
        380 + 100 * math.cos(math.radians(angle)),
        400 + 100 * math.sin(math.radians(angle)),
    )

    x1, y1, control_x, control_y, x2, y2 = map(float, ARC.fullmatch(arc(start, end)).groups())

    side = (x2 - x1) * (control_y - y1) - (y2 - y1) * (control_x - x1)
    assert side < 0
    assert math.dist((control_x, control_y), ((x1 + x2) / 2, (y1 + y2) / 2)) == pytest.approx(
        20, abs=0.2
    )


def frame_holds(box: Box) -> bool:
    return 0 <= box.left <= box.right <= WIDTH and 0 <= box.top <= box.bottom <= HEIGHT


@pytest.fixture(scope="module", params=["de", "en"])
def cities(request):
    facts = json.loads((ROOT / "data" / "programme.json").read_text(encoding="utf-8"))
    return [
        (
            place[f"name_{request.param}"],
            *project(place["coordinates"]["lat"], place["coordinates"]["lon"]),
        )
        for place in facts["municipalities"]
    ]


def test_real_cities_lie_on_the_map_with_their_names(cities):
    labels = place_labels(cities)

    assert len(labels) == 16
    assert [label.name for label in labels] == [name for name, _x, _y in cities]
    assert [(label.x, label.y) for label in labels] == [
        (round(x, 1), round(y, 1)) for _name, x, y in cities
    ]
    assert [label.name for label in labels if not frame_holds(label_box(label))] == []


def test_names_of_the_real_cities_do_not_overlap(cities):
    labels = place_labels(cities)

    overlaps = [
        (one.name, two.name)
        for index, one in enumerate(labels)
        for two in labels[:index]
        if label_box(one).overlap(label_box(two)) > 0
    ]
    assert overlaps == []


def test_names_of_the_real_cities_cover_no_point(cities):
    covered = [
        (label.name, name)
        for label in place_labels(cities)
        for name, x, y in cities
        if label_box(label).distance(x, y) < POINT_RADIUS
    ]
    assert covered == []


def test_every_real_city_is_the_nearest_point_to_its_name(cities):
    labels = place_labels(cities)

    nearest = []
    for label in labels:
        box = label_box(label)
        distances = {name: box.distance(x, y) for name, x, y in cities}
        nearest.append(min(distances, key=distances.__getitem__))
    assert nearest == [label.name for label in labels]


def test_labels_are_placed_alike_every_time(cities):
    assert place_labels(cities) == place_labels(list(cities))


def test_no_place_needs_no_label():
    assert place_labels([]) == []


def test_lonely_name_stands_right_of_its_point():
    [label] = place_labels([("Basel", 300.0, 300.0)])

    assert (label.anchor, label.text_x > label.x, frame_holds(label_box(label))) == (
        "start",
        True,
        True,
    )


@pytest.mark.parametrize("x", [8, 380, WIDTH - 8])
@pytest.mark.parametrize("y", [8, 400, HEIGHT - 8])
def test_name_at_the_edge_stays_inside_the_frame(x, y):
    [label] = place_labels([("Vari-Voula-Vouliagmeni", x, y)])

    assert frame_holds(label_box(label))


def test_names_of_neighbours_make_room_for_each_other():
    one, two = place_labels([("Mülhausen", 300.0, 300.0), ("Basel", 304.0, 304.0)])

    assert label_box(one).overlap(label_box(two)) == 0


def test_boxes_that_only_touch_do_not_overlap():
    box = Box(0, 0, 10, 10)

    assert [box.overlap(other) for other in (Box(10, 0, 20, 10), Box(5, 5, 20, 20), box)] == [
        0,
        25,
        100,
    ]
    assert [box.distance(*point) for point in ((5, 5), (13, 14), (-2, 5))] == [0, 5, 2]


def test_marks_above_letters_make_no_name_wider():
    assert text_width("Mu\u0308nchen") == text_width("München")
    assert text_width("iii") < text_width("aaa") < text_width("AAA") < text_width("WWW")
