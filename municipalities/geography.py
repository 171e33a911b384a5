"""From degrees to the flat map of Europe: projection, arcs between cities, places for labels.

Pure functions without Django, used both when the land shape is built at set-up and when a page
puts cities on it, so that both always agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Centre of the projection (degrees): 10° E, 52° N, as in ETRS89-LAEA (EPSG:3035).
CENTRE_LATITUDE, CENTRE_LONGITUDE = 52.0, 10.0

#: Size of the map in user units, and how many units one earth radius measures.
WIDTH, HEIGHT, SCALE = 760.0, 800.0, 1820.0

#: Where the centre of the projection lies in the map.
CENTRE_X, CENTRE_Y = 300.0, 270.0

VIEW_BOX = f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"

#: Height of a label and mean width of its letters, in user units, at the theme's font size.
LINE_HEIGHT, LETTER_WIDTH, POINT_RADIUS = 17.0, 7.6, 5.0

Point = tuple[float, float]


def project(latitude: float, longitude: float) -> Point:
    """Return the place of a point (WGS 84, degrees) in the map's user units, y downwards.

    Lambert azimuthal equal-area projection of the sphere: J. P. Snyder, Map Projections – A Working
    Manual, USGS Professional Paper 1395 (1987), equations 22-4, 22-5 and 24-2.
    """
    phi, lam = math.radians(latitude), math.radians(longitude - CENTRE_LONGITUDE)
    phi_1 = math.radians(CENTRE_LATITUDE)
    cosine = math.sin(phi_1) * math.sin(phi) + math.cos(phi_1) * math.cos(phi) * math.cos(lam)
    # The antipode has no place on the map; it is kept far outside of it.
    k = math.sqrt(2 / max(1 + cosine, 1e-9))
    x = k * math.cos(phi) * math.sin(lam)
    y = k * (math.cos(phi_1) * math.sin(phi) - math.sin(phi_1) * math.cos(phi) * math.cos(lam))
    return CENTRE_X + SCALE * x, CENTRE_Y - SCALE * y


def arc(first: Point, second: Point) -> str:
    """Return a gently bent SVG path from one place to another, always bent to the same side.

    A quadratic curve whose control point stands off the middle by a sixth of the distance.
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


def label_box(label: Label) -> Box:
    """Return the rectangle that a label's name covers."""
    width = len(label.name) * LETTER_WIDTH
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

    Greedy and deterministic: the most crowded points choose first, each the candidate that covers
    least of points, earlier labels and the world beyond the frame.
    """
    dots = [
        Box(x - POINT_RADIUS, y - POINT_RADIUS, x + POINT_RADIUS, y + POINT_RADIUS)
        for _name, x, y in points
    ]

    def crowding(index: int) -> float:
        _name, x, y = points[index]
        near = (math.hypot(x - other[1], y - other[2]) for other in points)
        return sum(1 / (1 + distance) for distance in near if distance < 120)

    order = sorted(range(len(points)), key=lambda index: (-crowding(index), index))
    placed: dict[int, Label] = {}
    boxes: list[Box] = []
    for index in order:
        name, x, y = points[index]

        def cost(label: Label) -> float:
            box = label_box(label)
            covered = sum(box.overlap(other) for other in (*boxes, *dots))
            inside = Box(4, 4, WIDTH - 4, HEIGHT - 4).overlap(box)
            beyond = (box.right - box.left) * (box.bottom - box.top) - inside
            return covered + 3 * beyond

        options = candidates(name, round(x, 1), round(y, 1))
        # min() keeps the first of equals, and candidates come best first.
        best = min(options, key=cost)
        placed[index] = best
        boxes.append(label_box(best))
    return [placed[index] for index in range(len(points))]
