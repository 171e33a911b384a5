from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import translation

from core.dates import NO_DATE, DatePrecision, DateSpan
from tandems.models import Tandem
from tandems.pairs import Side
from tandems.templatetags.tandem_tags import cities, pair
from tests.factories import MunicipalityFactory, make_pair

LEFT = DateSpan(dt.date(2023, 12, 31), dt.date(2023, 12, 31), DatePrecision.DAY)
ATTACK = '"><script>alert(1)</script>'
HARMLESS = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def side(name: str, *, guest: bool = False, left: DateSpan = NO_DATE, **place) -> Side:
    municipality = MunicipalityFactory.build(
        **{"slug": "place", "name_en": name, "local_name": name, **place}
    )
    return Side(municipality=municipality, is_guest=guest, left=left, partner=False)


def test_cities_stand_side_by_side_with_country_and_local_name():
    html = cities(
        [
            side("Krefeld"),
            side("Sofia", country="BG", local_name="София", languages=["bg"]),
        ]
    )

    assert html == (
        '<span class="pair__city"><span class="pair__name">Krefeld</span> '
        '<abbr class="cc" title="Germany">DE</abbr></span>'
        '<span class="kern-sr-only"> – </span>'
        '<span class="pair__city"><span class="pair__name">Sofia</span> '
        '<abbr class="cc" title="Bulgaria">BG</abbr>'
        ' <span class="pair__local" lang="bg">София</span></span>'
    )


def test_cities_lead_to_their_pages_where_asked():
    html = Template("{% load tandem_tags %}{{ sides|cities:'link' }}").render(
        Context({"sides": [side("Krefeld", slug="krefeld")]})
    )

    assert html == (
        '<span class="pair__city"><span class="pair__name">'
        '<a href="/en/municipalities/krefeld/">Krefeld</a></span> '
        '<abbr class="cc" title="Germany">DE</abbr></span>'
    )


def test_city_that_left_says_when():
    html = cities([side("Sofia", country="BG", left=LEFT)])

    assert html == (
        '<span class="pair__city pair__city--left"><span class="pair__name">Sofia</span> '
        '<abbr class="cc" title="Bulgaria">BG</abbr>'
        ' <span class="pair__note">left 31 December 2023</span></span>'
    )


@pytest.mark.parametrize(("left", "note"), [(NO_DATE, "guest"), (LEFT, "left 31 December 2023")])
def test_guest_is_called_one_until_it_leaves(left, note):
    html = cities([side("Krefeld", guest=True, left=left)])

    assert html.endswith(f' <span class="pair__note">{note}</span></span>')
    assert html.count("pair__note") == 1


def test_no_cities_are_nothing():
    assert cities([]) == ""


def test_what_somebody_typed_is_escaped_once():
    html = cities([side(ATTACK, local_name=f"{ATTACK}&", languages=[ATTACK])], "link")

    assert html == (
        '<span class="pair__city"><span class="pair__name">'
        f'<a href="/en/municipalities/place/">{HARMLESS}</a></span> '
        '<abbr class="cc" title="Germany">DE</abbr>'
        f' <span class="pair__local" lang="{HARMLESS}">{HARMLESS}&amp;</span></span>'
    )


@pytest.mark.django_db
def test_pair_names_the_kind_of_partnership():
    tandem = Tandem.objects.with_members().get(pk=make_pair(kind="tridem").pk)

    html = pair(tandem)

    assert html.startswith('<span class="pair pair--tridem"><span class="pair__city">')
    assert html.count('class="pair__city"') == 2


@pytest.mark.django_db
def test_partnership_without_members_shows_its_name():
    tandem = Tandem.objects.create(slug="x", number=1, kind="tandem", name_en="<Tandem>")

    html = Template("{% load tandem_tags %}{{ tandem|pair }}").render(Context({"tandem": tandem}))

    assert html == "&lt;Tandem&gt;"
