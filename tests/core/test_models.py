from __future__ import annotations

import datetime as dt
from operator import attrgetter

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils import translation

from core.models import SearchTextField, StatusChange, validate_sources
from municipalities.models import PopulationFigure
from tests.constraints import Case, alone, assert_database_refuses, assert_people_are_told, refusals
from tests.factories import CallFactory, MunicipalityFactory, UserFactory


def make_status_change(**fields) -> StatusChange:
    call = CallFactory()
    return StatusChange.objects.create(
        **{
            "content_type": ContentType.objects.get_for_model(call),
            "object_id": call.pk,
            "field": "state",
            "old": "draft",
            "new": "open",
            **fields,
        }
    )


CASES = [
    Case(
        "status_change_changes_something",
        "The new state equals the old one.",
        alone(make_status_change, refused={"new": "draft"}, allowed={"old": "", "new": "draft"}),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_database_refuses_what_a_constraint_forbids(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_people_read_why_a_constraint_refuses(case):
    assert_people_are_told(case)


@pytest.mark.parametrize(
    "value",
    [
        [],
        ["https://www.bbsr.bund.de/BBSR/DE/forschung/01-start.html"],
        ["http://example.org", "https://wz.de./nrw/krefeld?output=webview"],
        ["http://xn--mxaawaj2bul.gr/tag/%CE%B2%CE%B9/"],
        ["https://user@example.org:8443/#part", "http://[2001:db8::1]/"],
    ],
)
def test_sources_may_be_web_addresses(value):
    assert refusals(validate_sources, value) == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "//example.org",
        "ftp://example.org/file",
        "mailto:office@example.org",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://",
        "https:///path",
        "http://[::1",
        "http://[place]/",
        "https://example.org/\x00",  # PostgreSQL stores no NUL
        42,
        None,
        ["https://example.org"],
    ],
)
def test_sources_refuse_what_is_no_web_address(address):
    with pytest.raises(ValidationError) as refusal:
        validate_sources(["https://example.org", address])

    with translation.override("en"):
        assert refusal.value.messages == [f"“{address}” is not a web address."]


@pytest.mark.parametrize("value", ["https://example.org", {"url": "https://example.org"}, None, 1])
def test_sources_refuse_what_is_no_list(value):
    with pytest.raises(ValidationError) as refusal:
        validate_sources(value)

    with translation.override("en"):
        assert refusal.value.messages == ["Give the sources as a list of web addresses."]


@pytest.mark.django_db
def test_search_text_follows_the_fields_it_copies():
    place = MunicipalityFactory(name_de="Münster", name_en="Munster", local_name="Łódź", slug="m")

    place.local_name = "Πάτρα"
    place.save()

    place.refresh_from_db()
    assert place.search_text == "munster munster πατρα m"


@pytest.mark.django_db
def test_search_text_leaves_out_what_is_empty():
    place = MunicipalityFactory(name_de="Basel", name_en=None, local_name="", slug="basel")

    assert place.search_text == "basel basel"


def test_search_text_goes_into_a_migration_with_its_copies_only():
    field = SearchTextField(copies=("name_de", "slug"))

    _name, path, arguments, options = field.deconstruct()

    assert (path, arguments, options) == (
        "core.models.SearchTextField",
        [],
        {"copies": ("name_de", "slug")},
    )
    assert SearchTextField(*arguments, **options).copies == ("name_de", "slug")


def test_dated_row_prints_its_date_as_documented():
    figure = PopulationFigure(
        earliest=dt.date(2022, 12, 1), latest=dt.date(2022, 12, 31), precision="month"
    )

    assert str(figure.span) == "Dezember 2022"


@pytest.mark.django_db
def test_status_change_outlives_the_account_of_who_made_it():
    person = UserFactory()
    change = make_status_change(changed_by=person)

    person.delete()

    change.refresh_from_db()
    assert (change.changed_by, change.old, change.new) == (None, "draft", "open")


@pytest.mark.django_db
def test_status_changes_come_newest_first(time_machine):
    time_machine.move_to(dt.datetime(2022, 3, 1, tzinfo=dt.UTC), tick=False)
    older = make_status_change()
    twin = make_status_change()
    time_machine.move_to(dt.datetime(2022, 2, 1, tzinfo=dt.UTC), tick=False)
    oldest = make_status_change()

    assert list(StatusChange.objects.all()) == [twin, older, oldest]


@pytest.mark.django_db
def test_status_change_knows_its_subject():
    call = CallFactory()
    change = make_status_change(object_id=call.pk)

    assert change.subject == call
    assert str(change) == "state: draft → open"
