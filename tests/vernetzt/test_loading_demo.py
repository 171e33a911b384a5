"""The invented world for measuring: as large as asked for, once only, whole in both languages."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.utils import translation

from meetings.models import Meeting
from municipalities.models import Municipality, PopulationFigure, Topic, TopicRole
from tandems.models import ProfileEntry, ProfileVersion, Tandem, TandemMember, TandemTopic


@pytest.fixture
def fill(db):
    """Return a function that fills the world and returns what the command says."""

    def fill_world(municipalities: int = 6, tandems: int = 4, meetings: int = 9) -> str:
        output = io.StringIO()
        call_command(
            "fill_demo",
            municipalities=municipalities,
            tandems=tandems,
            meetings=meetings,
            stdout=output,
        )
        return output.getvalue().strip()

    return fill_world


@pytest.fixture
def topics(db):
    """Create four fields of action, as the programme brings them along."""
    for number in range(4):
        Topic.objects.create(key=f"topic-{number}", name_de=f"Thema {number}", name_en="Topic")


def test_world_has_the_numbers_that_are_wanted(fill, topics):
    told = fill()

    assert told == "Filled: 6 municipalities, 4 tandems, 9 meetings"
    sizes = {
        model.__name__: model.objects.count()
        for model in (
            Municipality,
            PopulationFigure,
            TopicRole,
            Tandem,
            TandemMember,
            TandemTopic,
            ProfileVersion,
            ProfileEntry,
            Meeting,
        )
    }
    assert sizes == {
        "Municipality": 6,
        "PopulationFigure": 6,
        "TopicRole": 6,
        "Tandem": 4,
        "TandemMember": 8,
        "TandemTopic": 12,
        "ProfileVersion": 4,
        "ProfileEntry": 8,
        "Meeting": 9,
    }


def test_world_needs_no_topics(fill):
    fill()

    assert (Tandem.objects.count(), TopicRole.objects.count(), TandemTopic.objects.count()) == (
        4,
        0,
        0,
    )


def test_world_is_the_same_every_time(fill, stored):
    def names():
        return list(Municipality.objects.order_by("pk").values_list("name_de", "country"))

    fill()
    first = names()
    for model in (Meeting, ProfileVersion, TandemMember, Tandem, Municipality):
        model.objects.all().delete()
    fill()

    assert names() == first


def test_meetings_go_round_the_partnerships(fill):
    fill(tandems=4, meetings=9)

    counted = Tandem.objects.annotate(held=Count("meetings")).order_by("number")
    assert list(counted.values_list("held", flat=True)) == [3, 2, 2, 2]


def test_meetings_belong_to_the_network_where_there_are_no_partnerships(fill):
    fill(tandems=0, meetings=3)

    assert list(Meeting.objects.values_list("scope", "tandem")) == [("programme", None)] * 3


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Municipality, "description"),
        (Municipality, "name"),
        (Tandem, "name"),
        (Meeting, "title"),
    ],
)
def test_base_column_of_a_translated_field_is_german(fill, model, name):
    with translation.override("en"):
        fill()

    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{name}", "{name}_de" FROM "{model._meta.db_table}"')
        pairs = cursor.fetchall()
    assert len(pairs) >= 4
    assert [pair for pair in pairs if pair[0] != pair[1] or not pair[0]] == []


def test_city_of_the_world_is_found_by_its_name(fill):
    fill()
    city = Municipality.objects.order_by("pk").first()

    assert list(Municipality.objects.found_by(city.name_de.upper())) == [city]


@pytest.mark.parametrize("municipalities", [2, 5, 6, 7, 11])
def test_partnership_has_two_different_cities(fill, municipalities):
    fill(municipalities=municipalities, tandems=12, meetings=0)

    sizes = Tandem.objects.annotate(size=Count("members__municipality", distinct=True))
    assert set(sizes.values_list("size", flat=True)) == {2}


def test_world_in_batches_is_complete(fill, monkeypatch):
    monkeypatch.setattr("vernetzt.management.commands.fill_demo.BATCH", 2)

    fill(municipalities=5, tandems=0, meetings=5)

    assert (Municipality.objects.count(), Meeting.objects.count()) == (5, 5)


def test_second_run_is_refused_and_changes_nothing(fill, stored):
    fill()
    before = stored()

    with pytest.raises(CommandError) as refused:
        fill()

    assert str(refused.value) == "This database is filled already."
    assert stored() == before


def test_second_run_with_meetings_alone_is_refused(fill, stored):
    fill(municipalities=0, tandems=0, meetings=2)
    before = stored()

    with pytest.raises(CommandError) as refused:
        fill(municipalities=0, tandems=0, meetings=2)

    assert str(refused.value) == "This database is filled already."
    assert stored() == before


@pytest.mark.parametrize(("municipalities", "tandems"), [(0, 1), (1, 1)])
def test_partnership_without_two_cities_is_refused(fill, stored, municipalities, tandems):
    before = stored()

    with pytest.raises(CommandError) as refused:
        fill(municipalities=municipalities, tandems=tandems)

    assert str(refused.value) == "Partnerships need at least two municipalities."
    assert stored() == before


@pytest.mark.parametrize(
    "wanted", [{"municipalities": -1, "tandems": 0}, {"tandems": -1}, {"meetings": -1}]
)
def test_negative_number_is_refused(fill, stored, wanted):
    before = stored()

    with pytest.raises(CommandError):
        fill(**wanted)

    assert stored() == before


@pytest.mark.parametrize("wanted", [{"tandems": -1}, {"meetings": -1}])
def test_negative_number_is_refused_for_what_it_is(fill, wanted):
    with pytest.raises(CommandError) as refused:
        fill(**wanted)

    assert str(refused.value) == "Numbers below zero make no sense."


def test_number_of_another_kind_is_refused(db):
    with pytest.raises(CommandError) as refused:
        call_command("fill_demo", "--meetings", "many")

    assert str(refused.value) == "Error: argument --meetings: invalid int value: 'many'"
