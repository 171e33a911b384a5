"""Builds the land shape of Europe from Natural Earth data (world-atlas): ``static/map/europe.svg``.

Standard library only. The file holds ``#land``, all land as one silhouette without inner borders,
and one path per country, named by its ISO 3166-1 alpha-2 code; none has a colour, so that a page
that refers to them with ``<use>`` decides.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from municipalities import geography  # noqa: E402 - the project is no installed package

Point = tuple[float, float]
Ring = list[Point]

ATLAS = ROOT / "build" / "atlas" / "countries-50m.json"
TARGET = ROOT / "static" / "map" / "europe.svg"

#: How far (in map units) a line may run beside the real one, and the smallest island kept.
TOLERANCE, SMALLEST = 0.75, 4.0

#: ISO 3166-1 numeric → alpha-2. Russia, Ukraine and Belarus are part of the land alone: the data
#: draws Crimea as Russian, and a border that we do not draw cannot be drawn wrongly.
COUNTRIES = {
    "008": "AL", "020": "AD", "040": "AT", "056": "BE", "070": "BA", "100": "BG", "191": "HR",
    "196": "CY", "203": "CZ", "208": "DK", "233": "EE", "246": "FI", "250": "FR", "276": "DE",
    "300": "GR", "348": "HU", "352": "IS", "372": "IE", "380": "IT", "428": "LV", "438": "LI",
    "440": "LT", "442": "LU", "470": "MT", "492": "MC", "498": "MD", "499": "ME", "528": "NL",
    "578": "NO", "616": "PL", "620": "PT", "642": "RO", "674": "SM", "688": "RS", "703": "SK",
    "705": "SI", "724": "ES", "752": "SE", "756": "CH", "792": "TR", "807": "MK", "826": "GB",
}  # fmt: skip
#: Kosovo has no ISO number in the data; it is found by its name.
NAMES = {"Kosovo": "XK"}


class MapError(Exception):
    """The map cannot be built."""


def decoded_arcs(topology: dict[str, Any]) -> list[Ring]:
    """Return the arcs in degrees (longitude, latitude) from TopoJSON's quantised differences."""
    scale_x, scale_y = topology["transform"]["scale"]
    offset_x, offset_y = topology["transform"]["translate"]
    arcs: list[Ring] = []
    for arc in topology["arcs"]:
        x = y = 0
        points: Ring = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + offset_x, y * scale_y + offset_y))
        arcs.append(points)
    return arcs


def simplified(points: Ring, tolerance: float) -> Ring:
    """Return the line with fewer points, never further off than ``tolerance``.

    D. Douglas and T. Peucker, The Canadian Cartographer 10 (1973) 112-122; without recursion. Arcs
    are simplified before they are joined, so that neighbours keep their common border.
    """
    if len(points) < 3:
        return points
    keep = {0, len(points) - 1}
    stack = [(0, len(points) - 1)]
    if points[0] == points[-1]:
        # A closed line has no direction of its own; its farthest point gives one.
        far = max(range(len(points)), key=lambda i: distance(points[i], points[0], points[0]))
        keep.add(far)
        stack = [(0, far), (far, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        worst, index = 0.0, 0
        for i in range(first + 1, last):
            off = distance(points[i], points[first], points[last])
            if off > worst:
                worst, index = off, i
        if worst > tolerance:
            keep.add(index)
            stack += [(first, index), (index, last)]
    return [points[i] for i in sorted(keep)]


def distance(point: Point, first: Point, last: Point) -> float:
    """Return how far a point lies from the segment between two others."""
    (px, py), (ax, ay), (bx, by) = point, first, last
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else max(0.0, min(1.0, ((px - ax) * dx + (py - ay) * dy) / length))
    return float(((px - ax - share * dx) ** 2 + (py - ay - share * dy) ** 2) ** 0.5)


def arc_numbers(geometry: dict[str, Any]) -> list[list[int]]:
    """Return the rings of a (multi)polygon as lists of arc numbers (``~n``: backwards)."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return [ring for polygon in polygons for ring in polygon]


def joined(numbers: Iterable[int], arcs: list[Ring]) -> Ring:
    """Return the ring that the arcs make one after the other."""
    ring: Ring = []
    for number in numbers:
        points = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring.extend(points if not ring else points[1:])
    return ring


def outline(rings: list[list[int]]) -> list[list[int]]:
    """Return the rings around all shapes together: arcs that two shapes share fall away.

    What is left meets end to end; the remaining arcs are chained until each ring is closed.
    """
    used = Counter(number if number >= 0 else ~number for ring in rings for number in ring)
    return [
        [number for number in ring if used[number if number >= 0 else ~number] == 1]
        for ring in rings
    ]


def chained(pieces: list[list[int]], arcs: list[Ring]) -> list[Ring]:
    """Return closed rings made of the arcs of all pieces, whichever piece they came from."""
    ends: dict[Point, list[int]] = {}
    for number in (number for piece in pieces for number in piece):
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        ends.setdefault(line[0], []).append(number)
    rings: list[Ring] = []
    while ends:
        start, numbers = next(iter(ends.items()))
        ring: Ring = []
        here = start
        while here in ends:
            numbers = ends[here]
            number = numbers.pop()
            if not numbers:
                del ends[here]
            line = arcs[number] if number >= 0 else arcs[~number][::-1]
            ring.extend(line if not ring else line[1:])
            here = line[-1]
            if here == ring[0]:
                break
        rings.append(ring)
    return rings


def clipped(ring: Ring, margin: float = 12.0) -> Ring:
    """Return the part of a ring within the frame and a margin.

    I. Sutherland and G. Hodgman, Communications of the ACM 17 (1974) 32-42.
    """
    left, top = -margin, -margin
    right, bottom = geography.WIDTH + margin, geography.HEIGHT + margin
    for axis, limit, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
        if not ring:
            return []
        result: Ring = []
        previous = ring[-1]
        for point in ring:
            inside = sign * (point[axis] - limit) >= 0
            was_inside = sign * (previous[axis] - limit) >= 0
            if inside != was_inside:
                share = (limit - previous[axis]) / (point[axis] - previous[axis])
                result.append(
                    (
                        previous[0] + share * (point[0] - previous[0]),
                        previous[1] + share * (point[1] - previous[1]),
                    )
                )
            if inside:
                result.append(point)
            previous = point
        ring = result
    return ring


def area(ring: Ring) -> float:
    """Return the area of a ring in square units."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def path_of(rings: Iterable[Ring]) -> str:
    """Return rings as the data of one SVG path, in relative steps of a tenth of a unit."""
    parts: list[str] = []
    for ring in rings:
        shown = clipped(ring)
        if len(shown) < 3 or area(shown) < SMALLEST:
            continue
        points = [(round(x * 10), round(y * 10)) for x, y in shown]
        x, y = points[0]
        text = f"M{x / 10:g} {y / 10:g}l"
        steps: list[str] = []
        for next_x, next_y in points[1:]:
            if (next_x, next_y) != (x, y):
                steps.append(f"{(next_x - x) / 10:g} {(next_y - y) / 10:g}")
                x, y = next_x, next_y
        parts.append(text + " ".join(steps).replace(" -", "-") + "z")
    return "".join(parts)


def near(ring: Ring) -> bool:
    """Tell whether a ring in degrees comes near Europe; the rest of the world is left out."""
    return any(-30 < x < 60 and 25 < y < 75 for x, y in ring)


def europe_svg(topology: dict[str, Any]) -> str:
    """Return the SVG file for a TopoJSON topology of countries."""
    degrees = decoded_arcs(topology)
    flat = [
        simplified(
            [geography.project(latitude, longitude) for longitude, latitude in arc], TOLERANCE
        )
        for arc in degrees
    ]
    geometries = topology["objects"]["countries"]["geometries"]
    shapes: list[tuple[str, list[list[int]]]] = []
    for geometry in geometries:
        if not geometry.get("arcs"):
            continue
        rings = [ring for ring in arc_numbers(geometry) if near(joined(ring, degrees))]
        name = geometry.get("properties", {}).get("name", "")
        shapes.append((COUNTRIES.get(str(geometry.get("id", "")), NAMES.get(name, "")), rings))
    everything = [ring for _code, rings in shapes for ring in rings]
    land = path_of(chained(outline(everything), flat))
    paths = [f'<path id="land" d="{land}"/>']
    for code, rings in sorted(shapes, key=lambda shape: shape[0]):
        data = path_of(joined(ring, flat) for ring in rings)
        if code and data:
            paths.append(f'<path id="{code}" d="{data}"/>')
    view_box = geography.VIEW_BOX
    body = "\n".join(paths)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}">\n{body}\n</svg>\n'


def build(atlas: Path, target: Path) -> None:
    """Write the map.

    Raises :class:`MapError` when the atlas is missing or no TopoJSON of countries.
    """
    try:
        topology = json.loads(atlas.read_text(encoding="utf-8"))
        text = europe_svg(topology)
    except OSError as error:
        raise MapError(f"{atlas.name} is missing; run tools/fetch_assets.py first.") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise MapError(f"{atlas.name} is no TopoJSON of countries ({error!r}).") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(target)


def is_up_to_date(atlas: Path, target: Path) -> bool:
    """Tell whether the map is newer than everything it is made of."""
    sources = [atlas, Path(__file__), Path(geography.__file__)]
    try:
        return target.stat().st_mtime >= max(source.stat().st_mtime for source in sources)
    except OSError:
        return False


def main() -> int:
    """Build the map of this project; print one line; return the exit status."""
    if is_up_to_date(ATLAS, TARGET):
        print("Map: up to date.")
        return 0
    try:
        build(ATLAS, TARGET)
    except (MapError, OSError) as error:
        print(f"Map: {error}", file=sys.stderr)
        return 1
    print("Map: built.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
