"""From degrees to the flat map of Europe: projection, arcs between cities, places for labels.

Pure functions without Django, used both when the land shape is built at set-up and when a page
puts cities on it, so that both always agree.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

#: Centre of the projection (degrees): 10° E, 52° N, as in ETRS89-LAEA (EPSG:3035).
CENTRE_LATITUDE, CENTRE_LONGITUDE = 52.0, 10.0

#: Size of the map in user units, and how many units one earth radius measures.
WIDTH, HEIGHT, SCALE = 760.0, 800.0, 1820.0

#: Where the centre of the projection lies in the map.
CENTRE_X, CENTRE_Y = 300.0, 270.0

VIEW_BOX = f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"

#: Height of a label and radius of a point, in user units, at the theme's font size (16 units).
LINE_HEIGHT, POINT_RADIUS = 17.0, 5.0

#: Advance widths of Fira Sans Bold in user units at that size, rounded up, by groups of letters.
_WIDTHS = dict.fromkeys("iIjlfrt.,:;'’()-–/ ", 5.2) | dict.fromkeys("mwMWÆŒ", 13.6)
LETTER_WIDTH, CAPITAL_WIDTH = 8.9, 9.8

#: What a place for a label costs, in the unit "area covered of another label": covering a point,
#: leaving the frame, each unit by which a foreign point is not clearly farther away than the own
#: one, each step down in the list of candidates; and how often labels may move.
COVERS_POINT, LEAVES_FRAME, DOUBT, CLEARLY_NEARER, PREFERENCE, ROUNDS = 6.0, 3.0, 3.0, 10.0, 5.0, 12

Point = tuple[float, float]


def project(latitude: float, longitude: float) -> Point:
    """Return the place of a point (WGS 84, degrees) in the map's user units, y downwards.

    Lambert azimuthal equal-area projection of the sphere: J. P. Snyder, Map Projections – A Working
    Manual, USGS Professional Paper 1395 (1987), equations 22-4, 22-5 and 24-2.
    """
    phi, lam = math.radians(latitude), math.radians(longitude - CENTRE_LONGITUDE)
    phi_1 = math.radians(CENTRE_LATITUDE)
    cosine = math.sin(phi_1) * math.sin(phi) + math.cos(phi_1) * math.cos(phi) * math.cos(lam)
    if 1 + cosine < 1e-9:
        # The antipode has no place on the map; it is kept far outside of it.
        return CENTRE_X, CENTRE_Y + 2 * SCALE
    k = math.sqrt(2 / (1 + cosine))
    x = k * math.cos(phi) * math.sin(lam)
    y = k * (math.cos(phi_1) * math.sin(phi) - math.sin(phi_1) * math.cos(phi) * math.cos(lam))
    return CENTRE_X + SCALE * x, CENTRE_Y - SCALE * y


def arc(first: Point, second: Point) -> str:
    """Return a gently bent SVG path from one place to another, always bent to the same side.

    A quadratic curve whose control point stands off the middle by a fifth of the distance.
    """
    (x1, y1), (x2, y2) = sorted((first, second))
    bend = 1 / 5
    control_x = (x1 + x2) / 2 + (y2 - y1) * bend
    control_y = (y1 + y2) / 2 - (x2 - x1) * bend
    return f"M{x1:.1f} {y1:.1f}Q{control_x:.1f} {control_y:.1f} {x2:.1f} {y2:.1f}"


@dataclass(frozen=True, slots=True)
class Label:
    """A point with the place of its name; ``anchor`` as SVG's ``text-anchor``."""

    name: str
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in user units."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Return the area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)

    def distance(self, x: float, y: float) -> float:
        """Return how far a point lies from the rectangle; 0 inside."""
        return math.hypot(
            max(self.left - x, x - self.right, 0.0), max(self.top - y, y - self.bottom, 0.0)
        )


def text_width(name: str) -> float:
    """Return about how wide a name is in user units; marks above letters count nothing."""
    letters = (letter for letter in unicodedata.normalize("NFC", name))
    return sum(
        _WIDTHS.get(letter, CAPITAL_WIDTH if letter.isupper() else LETTER_WIDTH)
        for letter in letters
    )


def label_box(label: Label) -> Box:
    """Return the rectangle that a label's name covers."""
    width = text_width(label.name)
    left = {
        "start": label.text_x,
        "end": label.text_x - width,
        "middle": label.text_x - width / 2,
    }[label.anchor]
    return Box(
        left, label.text_y - LINE_HEIGHT * 0.78, left + width, label.text_y + LINE_HEIGHT * 0.22
    )


def candidates(name: str, x: float, y: float) -> list[Label]:
    """Return the places where a name may stand, the best one first."""
    gap, middle = POINT_RADIUS + 4, LINE_HEIGHT * 0.3
    places = [
        (x + gap, y + middle, "start"),
        (x - gap, y + middle, "end"),
        (x + gap - 2, y - gap + 2, "start"),
        (x + gap - 2, y + gap + 9, "start"),
        (x - gap + 2, y - gap + 2, "end"),
        (x - gap + 2, y + gap + 9, "end"),
        (x, y - gap - 1, "middle"),
        (x, y + gap + 12, "middle"),
    ]
    return [Label(name, x, y, round(tx, 1), round(ty, 1), anchor) for tx, ty, anchor in places]


def place_labels(points: Sequence[tuple[str, float, float]]) -> list[Label]:
    """Return a label for each (name, x, y), in the same order, with as little overlap as possible.

    Deterministic: every label starts at its best candidate; then, the most crowded first, each
    moves to the candidate that costs least beside the others, until none wants to move.
    """
    options = [candidates(name, round(x, 1), round(y, 1)) for name, x, y in points]
    boxes = [[label_box(label) for label in choice] for choice in options]
    dots = [
        Box(x - POINT_RADIUS, y - POINT_RADIUS, x + POINT_RADIUS, y + POINT_RADIUS)
        for _name, x, y in points
    ]
    # What does not depend on the other labels: points, the frame, foreign points close by.
    fixed = [
        [
            PREFERENCE * rank + fixed_cost(index, box, points, dots)
            for rank, box in enumerate(choice)
        ]
        for index, choice in enumerate(boxes)
    ]
    near = neighbours(points)
    chosen = [min(range(len(costs)), key=costs.__getitem__) for costs in fixed]
    order = sorted(range(len(points)), key=lambda index: (-len(near[index]), index))
    for _round in range(ROUNDS):
        before = list(chosen)
        for index in order:
            others = [boxes[other][chosen[other]] for other in near[index]]
            costs = [
                fixed[index][place] + sum(box.overlap(other) for other in others)
                for place, box in enumerate(boxes[index])
            ]
            # min() keeps the first of equals, and candidates come best first.
            chosen[index] = min(range(len(costs)), key=costs.__getitem__)
        if chosen == before:
            break
    return [choice[place] for choice, place in zip(options, chosen, strict=True)]


def neighbours(points: Sequence[tuple[str, float, float]]) -> list[list[int]]:
    """Return for each point the others whose label can meet its own."""
    reach = [text_width(name) + 4 * POINT_RADIUS for name, _x, _y in points]
    return [
        [
            other
            for other, (_other, x2, y2) in enumerate(points)
            if other != index
            and abs(x2 - x1) <= reach[index] + reach[other]
            and abs(y2 - y1) <= 4 * LINE_HEIGHT
        ]
        for index, (_name, x1, y1) in enumerate(points)
    ]


def fixed_cost(
    index: int, box: Box, points: Sequence[tuple[str, float, float]], dots: Sequence[Box]
) -> float:
    """Return what a place for the label of point ``index`` costs, whatever the other labels do."""
    covered = sum(box.overlap(dot) for dot in dots)
    inside = Box(4, 4, WIDTH - 4, HEIGHT - 4).overlap(box)
    beyond = (box.right - box.left) * (box.bottom - box.top) - inside
    _name, own_x, own_y = points[index]
    own = box.distance(own_x, own_y)
    # A name must be clearly nearer to its own point than to any other.
    doubt = sum(
        max(own + CLEARLY_NEARER - box.distance(x, y), 0.0)
        for other, (_n, x, y) in enumerate(points)
        if other != index
    )
    return COVERS_POINT * covered + LEAVES_FRAME * beyond + DOUBT * doubt
