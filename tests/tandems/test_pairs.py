from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from tandems.models import Tandem, TandemMember
from tandems.pairs import pair_of, sides_of, standing
from tests.factories import MunicipalityFactory, TandemFactory, TandemMemberFactory

LEFT = dt.date(2023, 12, 31)
TODAY = dt.date(2026, 11, 25)


def member(name: str, country: str = "DE", **fields) -> TandemMember:
    place = MunicipalityFactory.build(
        slug=name.lower(), name_de=name, name_en=name, local_name=name, country=country
    )
    return TandemMember(municipality=place, **fields)


def test_sides_keep_the_order_of_the_members_and_only_the_first_german_city_is_at_home():
    sides = sides_of(
        [member("Basel", "CH"), member("Freiburg"), member("Mulhouse", "FR"), member("Hamm")],
        TODAY,
    )

    assert [(side.name, side.country, side.partner) for side in sides] == [
        ("Basel", "CH", True),
        ("Freiburg", "DE", False),
        ("Mulhouse", "FR", True),
        ("Hamm", "DE", True),
    ]


def test_without_a_german_city_everybody_is_a_partner():
    sides = sides_of([member("Basel", "CH"), member("Mulhouse", "FR")], TODAY)

    assert [side.partner for side in sides] == [True, True]


def test_side_tells_whether_its_city_is_a_guest_and_when_it_left():
    sofia, krefeld = sides_of(
        [
            member("Sofia", "BG", left_on=LEFT, left_precision="day"),
            member("Krefeld", role="guest"),
        ],
        TODAY,
    )

    assert (sofia.is_guest, bool(sofia.left), str(sofia.left)) == (False, True, "31. Dezember 2023")
    assert (krefeld.is_guest, bool(krefeld.left)) == (True, False)


def test_side_speaks_the_readers_language_and_adds_a_different_local_name():
    place = MunicipalityFactory.build(
        slug="sofia",
        name_de="Sofia",
        name_en="Sofia",
        local_name="София",
        country="BG",
        languages=["bg", "en"],
    )
    munich = MunicipalityFactory.build(name_de="München", name_en="Munich", local_name="München")

    with translation.override("en"):
        sofia, german = sides_of(
            [TandemMember(municipality=place), TandemMember(municipality=munich)],
            TODAY,
        )
        assert (sofia.local_name, sofia.local_language) == ("София", "bg")
        assert (sofia.country_name, sofia.url) == ("Bulgaria", "/en/municipalities/sofia/")
        assert (german.name, german.local_name) == ("Munich", "München")
    assert (german.name, german.local_name, sofia.country_name) == ("München", "", "Bulgarien")


def names(tandem: Tandem) -> list[str]:
    found = Tandem.objects.with_members().get(pk=tandem.pk)
    return [side.name for side in pair_of(found.members.all())]


def enter(tandem: Tandem, name: str, country: str, **fields) -> None:
    TandemMemberFactory(
        tandem=tandem, municipality=MunicipalityFactory(name_de=name, country=country), **fields
    )


@pytest.mark.django_db
def test_pair_leaves_out_guests_beside_two_full_members():
    tandem = TandemFactory()
    enter(tandem, "Utrecht", "NL", position=1)
    enter(tandem, "München", "DE", position=0)
    enter(tandem, "Krefeld", "DE", position=2, role="guest")

    assert names(tandem) == ["München", "Utrecht"]


@pytest.mark.django_db
def test_pair_of_a_guest_exchange_shows_the_guest():
    tandem = TandemFactory(kind="guest_exchange")
    enter(tandem, "Krefeld", "DE", position=0)
    enter(tandem, "Venlo", "NL", position=1, role="guest")

    assert names(tandem) == ["Krefeld", "Venlo"]


@pytest.mark.django_db
def test_pair_of_a_tridem_shows_three_cities():
    tandem = TandemFactory(kind="tridem")
    for position, (name, country) in enumerate(
        [("Basel", "CH"), ("Freiburg", "DE"), ("Mulhouse", "FR")]
    ):
        enter(tandem, name, country, position=position)

    assert names(tandem) == ["Basel", "Freiburg", "Mulhouse"]


@pytest.mark.django_db
def test_pair_goes_on_showing_a_city_that_left():
    tandem = TandemFactory()
    enter(tandem, "Krefeld", "DE", position=0)
    enter(tandem, "Sofia", "BG", position=1, left_on=LEFT)

    assert names(tandem) == ["Krefeld", "Sofia"]


@pytest.mark.django_db
def test_pair_without_members_is_empty():
    assert names(TandemFactory()) == []


@pytest.mark.django_db
def test_pairs_of_a_list_ask_the_database_no_more_than_the_list(django_assert_num_queries):
    for _pair in range(3):
        tandem = TandemFactory()
        enter(tandem, "Hamm", "DE", position=0)
        enter(tandem, "Arezzo", "IT", position=1)

    with django_assert_num_queries(2):
        pairs = [
            [side.name for side in pair_of(tandem.members.all())]
            for tandem in Tandem.objects.with_members()
        ]

    assert pairs == [["Hamm", "Arezzo"]] * 3


@pytest.mark.django_db
def test_city_that_came_back_is_one_city_and_there():
    tandem = TandemFactory()
    place = MunicipalityFactory()
    left = TandemMemberFactory(tandem=tandem, municipality=place, position=0, left_on=LEFT)
    back = TandemMemberFactory(tandem=tandem, municipality=place, position=1)

    assert standing([left, back]) == [back]
    assert standing([back, left]) == [back]


@pytest.mark.django_db
def test_city_that_left_twice_stands_with_its_last_membership():
    tandem = TandemFactory()
    place = MunicipalityFactory()
    first = TandemMemberFactory(tandem=tandem, municipality=place, left_on=LEFT)
    second = TandemMemberFactory(
        tandem=tandem, municipality=place, left_on=LEFT + dt.timedelta(days=300)
    )

    assert standing([second, first]) == [second]


def test_city_that_leaves_later_has_not_left_yet():
    members = [member("Krefeld"), member("Sofia", "BG", left_on=LEFT, left_precision="day")]

    before, after = (sides_of(members, LEFT + dt.timedelta(days=days))[1] for days in (0, 1))

    assert (bool(before.left), bool(after.left)) == (False, True)
