"""Cities and arcs on the map of Europe, in the units of the land shape built at set-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.templatetags.static import static

from municipalities.geography import VIEW_BOX, Label, arc, place_labels, project
from municipalities.models import Municipality


@dataclass(frozen=True, slots=True)
class City:
    """A labelled point; ``style`` is empty, ``left`` or ``guest``."""

    name: str
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str
    partner: bool
    style: str
    url: str


@dataclass(frozen=True, slots=True)
class Arc:
    """A line between two cities; ``style`` is empty, ``ended`` or ``guest``."""

    d: str
    style: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class EuropeMap:
    """What a template needs to draw the map."""

    viewbox: str
    land_url: str
    countries: tuple[str, ...]
    cities: tuple[City, ...]
    arcs: tuple[Arc, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Two places to be joined on the map."""

    first: Municipality
    second: Municipality
    style: str
    name: str
    url: str


@lru_cache(maxsize=64)
def placed(points: tuple[tuple[str, float, float], ...]) -> tuple[Label, ...]:
    """Return the label of each (name, latitude, longitude).

    The same cities are drawn again and again; their labels are placed once.
    """
    flat = [(name, *project(latitude, longitude)) for name, latitude, longitude in points]
    return tuple(place_labels(flat))


def city_map(
    municipalities: Sequence[Municipality],
    lines: Iterable[Line] = (),
    styles: Mapping[int, str] | None = None,
) -> EuropeMap | None:
    """Return the map of these places with the lines between them, or ``None`` for no place.

    ``styles`` names by primary key which places have ``left`` or are a ``guest``.
    """
    if not municipalities:
        return None
    points = tuple((place.name, place.latitude, place.longitude) for place in municipalities)
    cities = tuple(
        City(
            place.name,
            label.x,
            label.y,
            label.text_x,
            label.text_y,
            label.anchor,
            place.country != "DE",
            (styles or {}).get(place.pk, ""),
            place.get_absolute_url(),
        )
        for place, label in zip(municipalities, placed(points), strict=True)
    )
    arcs = tuple(
        Arc(
            arc(
                project(line.first.latitude, line.first.longitude),
                project(line.second.latitude, line.second.longitude),
            ),
            line.style,
            line.name,
            line.url,
        )
        for line in lines
    )
    countries = tuple(sorted({place.country for place in municipalities}))
    return EuropeMap(VIEW_BOX, static("map/europe.svg"), countries, cities, arcs)
